// Logistic regression. The hours table is H. S. Hersch's, as in Wikipedia's "Logistic regression";
// its coefficients are R's: glm(pass ~ hours, binomial), intercept −4.07771, hours 1.50465,
// log-likelihood −8.02988.
#include "models/logistic_regression.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <vector>

#include "autograd/operations.h"
#include "autograd/verify/expect_gradients.h"
#include "autograd/verify/witness.h"
#include "models/data/number.h"
#include "models/training/mini_batches.h"
#include "tests/models/support.h"

namespace models {
namespace {

using autograd::NonFiniteError;
using autograd::Shape;
using autograd::Tape;
using autograd::Tensor;
using testing::message_of;
using testing::random_rows;
using testing::Rows;
using testing::standardised;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double infinity = std::numeric_limits<double>::infinity();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();

// The recording that training makes, kept so that its adjoints can be looked at.
struct Recording {
  Tape tape;
  Matrix features;
  Eigen::VectorXd labels;
  Tensor w, b, z, a, loss;

  Recording(const Rows& rows, const Eigen::VectorXd& weights, double intercept, CrossEntropy form)
      : features(Eigen::Map<const Matrix>(rows.features.data(),
                                          static_cast<Eigen::Index>(rows.labels.size()),
                                          static_cast<Eigen::Index>(rows.columns))),
        labels(Eigen::Map<const Eigen::VectorXd>(rows.labels.data(), features.rows())) {
    const Tensor X = named(tape.constant(autograd::view(features)), "X");
    const Tensor y = named(tape.constant(autograd::view(labels)), "y");
    w = named(tape.variable(weights), "w");
    b = named(tape.variable(intercept), "b");
    z = named(matmul(X, w) + b, "z");
    a = named(sigmoid(z), "a");
    loss = mean(form == CrossEntropy::fused ? binary_cross_entropy_with_logits(z, y)
                                            : binary_cross_entropy(a, y));
  }
};

class TapeAdjoints : public ::testing::TestWithParam<CrossEntropy> {};

TEST_P(TapeAdjoints, AreTheDocumentedGradient) {
  for (const Rows& rows : {random_rows(1, 40, 3), standardised("breast_cancer.csv", "diagnosis")}) {
    const auto columns = static_cast<Eigen::Index>(rows.columns);
    const Eigen::VectorXd weights = Eigen::VectorXd::LinSpaced(columns, -0.3, 0.4);
    Recording r(rows, weights, 0.2, GetParam());
    r.tape.backward(r.loss);

    const auto m = static_cast<double>(rows.labels.size());
    const Eigen::VectorXd dz = (r.a.vector() - r.labels) / m;
    EXPECT_LE((r.z.adjoint_vector() - dz).cwiseAbs().maxCoeff(), 1e-15);
    const Eigen::VectorXd dw = r.features.transpose() * r.z.adjoint_vector();
    EXPECT_LE((r.w.adjoint_vector() - dw).cwiseAbs().maxCoeff(), 1e-14);
    EXPECT_NEAR(r.b.adjoint_item(), r.z.adjoint_vector().sum(), 1e-15);
    EXPECT_GT(dw.norm(), 1e-3) << "a gradient of 0 would prove nothing";
  }
}

TEST_P(TapeAdjoints, PassTheGradientCheckByEveryParameterInBothOrders) {
  const Rows rows = standardised("breast_cancer.csv", "diagnosis");
  const Eigen::VectorXd weights =
      Eigen::VectorXd::LinSpaced(static_cast<Eigen::Index>(rows.columns), -0.3, 0.4);
  autograd::CheckOptions second;
  second.order = 2;
  const auto loss = [&](std::span<const Tensor> parameters) {
    Tape& tape = *parameters[0].tape();
    const auto m = static_cast<autograd::Index>(rows.labels.size());
    const Tensor X = tape.constant(
        autograd::Values(rows.features, {m, static_cast<autograd::Index>(rows.columns)}));
    const Tensor y = tape.constant(autograd::Values(rows.labels, {m}));
    const Tensor z = matmul(X, parameters[0]) + parameters[1];
    return mean(GetParam() == CrossEntropy::fused ? binary_cross_entropy_with_logits(z, y)
                                                  : binary_cross_entropy(sigmoid(z), y));
  };
  EXPECT_GRADIENTS_OK(loss, {{"w", weights}, {"b", 0.2}}, second);
}

INSTANTIATE_TEST_SUITE_P(Both, TapeAdjoints,
                         ::testing::Values(CrossEntropy::fused, CrossEntropy::textbook),
                         [](const auto& form) {
                           return form.param == CrossEntropy::fused ? "FusedForm" : "TextbookForm";
                         });

const Rows one_row_of_40{{40.0}, {0.0}, 1};

TEST(CrossEntropyForms, FusedGivesOneAtFortyAndLabelZero) {
  Recording r(one_row_of_40, Eigen::VectorXd::Ones(1), 0.0, CrossEntropy::fused);
  r.tape.backward(r.loss);
  EXPECT_EQ(r.loss.item(), 40.0);  // 40 + log1p(e⁻⁴⁰) = 40 + 4.2e-18
  EXPECT_EQ(r.z.adjoint_item(), 1.0);
  EXPECT_EQ(r.w.adjoint_item(), 40.0);
  EXPECT_EQ(r.b.adjoint_item(), 1.0);
}

TEST(CrossEntropyForms, TextbookBlowsUpAtFortyAndLabelZero) {
  Recording r(one_row_of_40, Eigen::VectorXd::Ones(1), 0.0, CrossEntropy::textbook);
  EXPECT_EQ(r.loss.item(), infinity);
  r.tape.backward(r.loss);
  EXPECT_FALSE(std::isfinite(r.z.adjoint_item()));
}

TEST(CrossEntropyForms, TextbookIsBlamedByNameAtFortyAndLabelZero) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor z = named(tape.variable(40.0), "z");
  const Tensor y = named(tape.constant(0.0), "y");
  const Tensor a = named(sigmoid(z), "a");
  const std::string message =
      message_of<NonFiniteError>([&] { return binary_cross_entropy(a, y); });
  EXPECT_TRUE(message.starts_with("binary_cross_entropy(a: scalar, y: scalar): the value is ∞"))
      << message;
  EXPECT_NE(message.find("There a is 1, y is 0."), std::string::npos) << message;
}

// ---- training

// Trains on the raw hours, in the units of the file.
LogisticRegression trained_on_hours(LogisticRegressionOptions options, TrainingResult& result) {
  const Dataset data =
      make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/hours.csv"), "pass");
  LogisticRegression model(options);
  result = model.fit(data.features.values, data.labels);
  return model;
}

TEST(Training, OnHoursReachesTheCoefficientsOfRByGradientDescentAlone) {
  for (const CrossEntropy form : {CrossEntropy::fused, CrossEntropy::textbook}) {
    LogisticRegressionOptions options;
    options.cross_entropy = form;
    TrainingResult result;
    const LogisticRegression model = trained_on_hours(options, result);
    EXPECT_TRUE(result.converged);
    EXPECT_NEAR(model.intercept(), -4.07771, 5e-6);
    EXPECT_NEAR(model.weights()[0], 1.50465, 5e-6);
    EXPECT_NEAR(result.loss, 8.02988 / 20.0, 5e-7);
  }
}

TEST(Training, OfOneEpochIsWeightsMinusLearningRateTimesGradientToTheLastBit) {
  // From weights of 0: a = ½, dz = ½ − 1, dw = dz·x. Every number here is a double.
  LogisticRegressionOptions options;
  options.learning_rate = 0.5;
  options.epochs = 1;
  LogisticRegression model(options);
  const std::vector<double> x{1.0, 2.0};
  const TrainingResult result = model.fit(x, std::vector<double>{1.0});
  EXPECT_EQ(result.epochs, 1);
  EXPECT_EQ(model.weights()[0], 0.25);
  EXPECT_EQ(model.weights()[1], 0.5);
  EXPECT_EQ(model.intercept(), 0.25);
}

TEST(Training, PenalisesTheWeightsAndNotTheInterceptInItsSecondStep) {
  const Rows rows{{1.0, -2.0, 0.5}, {1.0, 0.0, 1.0}, 1};
  LogisticRegressionOptions options;
  options.learning_rate = 0.5;
  options.l2 = 0.75;
  options.epochs = 2;
  options.tolerance = 0.0;
  LogisticRegression model(options);
  model.fit(rows.features, rows.labels);

  double w = 0.0;
  double b = 0.0;
  for (int epoch = 0; epoch < 2; ++epoch) {
    double dw = 0.75 * w;
    double db = 0.0;
    for (std::size_t i = 0; i < 3; ++i) {
      const double dz = (testing::sigmoid(w * rows.features[i] + b) - rows.labels[i]) / 3.0;
      dw += dz * rows.features[i];
      db += dz;
    }
    w -= 0.5 * dw;
    b -= 0.5 * db;
  }
  EXPECT_NEAR(model.weights()[0], w, 1e-15);
  EXPECT_NEAR(model.intercept(), b, 1e-15);
}

// The derivative of the penalised loss by each parameter, by differences of the textbook's loss.
void expect_a_minimum(const Rows& rows, const LogisticRegression& model, double l2) {
  std::vector<double> parameters(model.weights().begin(), model.weights().end());
  parameters.push_back(model.intercept());
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const auto loss = [&](double moved) {
      std::vector<double> at = parameters;
      at[k] = moved;
      return testing::textbook_loss(rows, at, l2);
    };
    const autograd::Difference slope = autograd::ridders(loss, parameters[k], 0.1);
    EXPECT_LE(slope.error, 1e-9);
    EXPECT_NEAR(slope.value, 0.0, 1e-8) << "parameter " << k;
  }
}

TEST(Training, EndsWhereThePenalisedLossHasNoSlope) {
  for (const double l2 : {0.0, 0.01, 1.0}) {
    const Rows rows = random_rows(5, 60, 3);
    LogisticRegressionOptions options;
    options.l2 = l2;
    options.epochs = 100000;
    options.tolerance = 1e-10;
    LogisticRegression model(options);
    ASSERT_TRUE(model.fit(rows.features, rows.labels).converged);
    expect_a_minimum(rows, model, l2);
  }
}

TEST(Training, WithAHeavyPenaltyLeavesNothingButTheShareOfThePositiveClass) {
  // w → 0, and the unpenalised intercept tends to the log-odds of the classes: ln(3/1).
  const Rows rows{{1.0, -1.0, 2.0, 0.5}, {1.0, 1.0, 0.0, 1.0}, 1};
  LogisticRegressionOptions options;
  options.l2 = 1000.0;
  options.epochs = 200000;
  options.tolerance = 1e-9;
  LogisticRegression model(options);
  ASSERT_TRUE(model.fit(rows.features, rows.labels).converged);
  EXPECT_NEAR(model.weights()[0], 0.0, 1e-3);
  EXPECT_NEAR(model.intercept(), std::log(3.0), 1e-3);
}

TEST(AutomaticLearningRate, NeverIncreasesTheLoss) {
  std::vector<Rows> sets{standardised("hours.csv", "pass"),
                         standardised("breast_cancer.csv", "diagnosis")};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) sets.push_back(random_rows(seed, 30, 4));
  sets.push_back({{1e3, 1e-3, -2e3, 5e-3, 4e3, 0.0}, {1.0, 0.0, 1.0}, 2});
  sets.push_back(random_rows(6, 10, 3000));  // wide: X̃X̃ᵀ
  sets.push_back(random_rows(7, 620, 600));  // neither is small: Lanczos
  for (const Rows& rows : sets) {
    LogisticRegressionOptions options;
    options.epochs = 300;
    options.threads = 1;
    LogisticRegression model(options);
    double before = infinity;
    long epochs = 0;
    model.fit(rows.features, rows.labels, [&](const EpochReport& report) {
      // Beside the minimum a step changes less than the rounding of the loss.
      EXPECT_LE(report.loss, before * (1.0 + 1e-14));
      before = report.loss;
      epochs = report.epoch;
    });
    EXPECT_GT(epochs, 5);
    EXPECT_LT(before, std::log(2.0));
  }
}

TEST(Training, SeesTheObserverBeforeEachUpdateAndAtTheEnd) {
  const Rows rows = random_rows(2, 20, 2);
  LogisticRegressionOptions options;
  options.epochs = 3;
  std::vector<EpochReport> seen;
  LogisticRegression model(options);
  const TrainingResult result =
      model.fit(rows.features, rows.labels, [&](const EpochReport& r) { seen.push_back(r); });
  ASSERT_EQ(seen.size(), 4U);
  for (std::size_t k = 0; k < seen.size(); ++k) EXPECT_EQ(seen[k].epoch, static_cast<long>(k));
  EXPECT_DOUBLE_EQ(seen.front().loss, std::log(2.0));  // all probabilities are ½
  EXPECT_EQ(result.first_loss, seen.front().loss);
  EXPECT_EQ(result.loss, seen.back().loss);
  EXPECT_EQ(result.gradient_norm, seen.back().gradient_norm);
  EXPECT_FALSE(result.converged);
  const std::vector<double> parameters{model.weights()[0], model.weights()[1], model.intercept()};
  EXPECT_NEAR(result.loss, testing::textbook_loss(rows, parameters), 1e-14)
      << "the loss belongs to the parameters as they are at the end";
}

TEST(Training, OfNoEpochsLeavesWeightsOfZero) {
  const Rows rows = random_rows(2, 20, 2);
  LogisticRegressionOptions options;
  options.epochs = 0;
  LogisticRegression model(options);
  const TrainingResult result = model.fit(rows.features, rows.labels);
  EXPECT_EQ(result.epochs, 0);
  EXPECT_DOUBLE_EQ(result.loss, std::log(2.0));
  for (const double a : model.probabilities(rows.features)) EXPECT_EQ(a, 0.5);
}

TEST(Training, StopsAtTheFirstEpochWhoseGradientIsWithinTheTolerance) {
  const Rows rows = random_rows(3, 50, 2);
  LogisticRegressionOptions options;
  options.tolerance = 1e-3;
  LogisticRegression model(options);
  std::vector<double> norms;
  const TrainingResult result = model.fit(
      rows.features, rows.labels, [&](const EpochReport& r) { norms.push_back(r.gradient_norm); });
  EXPECT_TRUE(result.converged);
  ASSERT_EQ(norms.size(), static_cast<std::size_t>(result.epochs) + 1);
  ASSERT_GT(norms.size(), 2U);
  EXPECT_LE(norms.back(), 1e-3);
  for (std::size_t k = 0; k + 1 < norms.size(); ++k) EXPECT_GT(norms[k], 1e-3);
}

TEST(Training, GivesTheSameBitsForTheSameInput) {
  const Rows rows = standardised("breast_cancer.csv", "diagnosis");
  LogisticRegressionOptions options;
  options.epochs = 50;
  LogisticRegression first(options);
  LogisticRegression second(options);
  const double loss = first.fit(rows.features, rows.labels).loss;
  EXPECT_EQ(second.fit(rows.features, rows.labels).loss, loss);
  for (std::size_t k = 0; k < rows.columns; ++k) {
    EXPECT_EQ(first.weights()[k], second.weights()[k]);
  }
  EXPECT_EQ(first.intercept(), second.intercept());
  first.fit(rows.features, rows.labels);
  EXPECT_EQ(first.intercept(), second.intercept()) << "fit() does not start from the last fit";
}

TEST(Training, TakesLabelsBetweenTheClasses) {
  // The intercept alone: its best value is the log-odds of the mean label, ln(0.7/0.3).
  LogisticRegressionOptions options;
  options.tolerance = 1e-12;
  LogisticRegression model(options);
  model.fit(std::vector<double>{0.0, 0.0}, std::vector<double>{0.9, 0.5});
  EXPECT_NEAR(model.intercept(), std::log(0.7 / 0.3), 1e-10);
}

// ---- mini-batches

// The weights, then the intercept.
std::vector<double> parameters_of(const LogisticRegression& model) {
  std::vector<double> parameters(model.weights().begin(), model.weights().end());
  parameters.push_back(model.intercept());
  return parameters;
}

LogisticRegressionOptions in_batches(long batch_size, long epochs, std::uint64_t seed = 7) {
  LogisticRegressionOptions options;
  options.batch_size = batch_size;
  options.epochs = epochs;
  options.seed = seed;
  options.tolerance = 0.0;
  return options;
}

std::vector<double> fitted(const Rows& rows, const LogisticRegressionOptions& options) {
  LogisticRegression model(options);
  model.fit(rows.features, rows.labels);
  return parameters_of(model);
}

void expect_near(const std::vector<double>& seen, const std::vector<double>& expected,
                 double tolerance) {
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t k = 0; k < seen.size(); ++k) EXPECT_NEAR(seen[k], expected[k], tolerance);
}

// One update of the textbook on some rows: dz = (a − y)/m, dw = Σ dz·x + l2·w, db = Σ dz.
void update_by_hand(const Rows& rows, std::span<const std::size_t> batch, double learning_rate,
                    double l2, std::vector<double>& parameters) {
  std::vector<double> gradient(rows.columns + 1);
  for (std::size_t k = 0; k < rows.columns; ++k) gradient[k] = l2 * parameters[k];
  for (const std::size_t i : batch) {
    const double* x = &rows.features[i * rows.columns];
    double z = parameters.back();
    for (std::size_t k = 0; k < rows.columns; ++k) z += parameters[k] * x[k];
    const double dz = (testing::sigmoid(z) - rows.labels[i]) / static_cast<double>(batch.size());
    for (std::size_t k = 0; k < rows.columns; ++k) gradient[k] += dz * x[k];
    gradient.back() += dz;
  }
  for (std::size_t k = 0; k < gradient.size(); ++k) parameters[k] -= learning_rate * gradient[k];
}

TEST(MiniBatchTraining, IsTheLoopOfTheTextbookEpochByEpoch) {
  const Rows rows = random_rows(11, 23, 3);
  for (const CrossEntropy form : {CrossEntropy::fused, CrossEntropy::textbook}) {
    for (const std::size_t size : {1U, 2U, 5U, 8U, 22U, 23U}) {
      MiniBatches batches(23, size, 7);
      std::vector<double> by_hand(4);
      for (long epochs = 1; epochs <= 6; ++epochs) {
        batches.shuffle();
        for (std::size_t k = 0; k < batches.count(); ++k) {
          update_by_hand(rows, batches[k], 0.125, 0.01, by_hand);
        }
        LogisticRegressionOptions options = in_batches(static_cast<long>(size), epochs);
        options.learning_rate = 0.125;
        options.l2 = 0.01;
        options.cross_entropy = form;
        expect_near(fitted(rows, options), by_hand, 1e-12);
      }
    }
  }
}

TEST(MiniBatchTraining, ReportsTheLossOfAllRows) {
  const Rows rows = random_rows(12, 20, 2);
  LogisticRegressionOptions options = in_batches(3, 5);
  std::vector<EpochReport> seen;
  LogisticRegression model(options);
  const TrainingResult result =
      model.fit(rows.features, rows.labels, [&](const EpochReport& r) { seen.push_back(r); });
  ASSERT_EQ(seen.size(), 6U);
  for (long epochs = 0; epochs <= 5; ++epochs) {
    options.epochs = epochs;
    const EpochReport& report = seen[static_cast<std::size_t>(epochs)];
    EXPECT_EQ(report.epoch, epochs);
    EXPECT_NEAR(report.loss, testing::textbook_loss(rows, fitted(rows, options)), 1e-14);
  }
  EXPECT_EQ(result.loss, seen.back().loss);
  EXPECT_EQ(result.gradient_norm, seen.back().gradient_norm);
  EXPECT_EQ(result.batch_size, 3U);
}

TEST(MiniBatchTraining, WithBatchesOfAllRowsIsTrainingOnAllRows) {
  const Rows rows = standardised("breast_cancer.csv", "diagnosis");
  const auto all = static_cast<long>(rows.labels.size());
  expect_near(fitted(rows, in_batches(all, 50)), fitted(rows, in_batches(0, 50)), 1e-12);
}

TEST(MiniBatchTraining, HasTheSameBitsForAnyNumberOfThreads) {
  // Batches of several blocks of rows, and a last one of fewer.
  const Rows rows = random_rows(13, 30000, 4);
  LogisticRegressionOptions options = in_batches(20000, 3);
  options.threads = 1;
  const std::vector<double> expected = fitted(rows, options);
  for (const int threads : {2, 3, 8}) {
    options.threads = threads;
    EXPECT_EQ(fitted(rows, options), expected) << threads;
  }
}

TEST(MiniBatchTraining, FollowsItsSeed) {
  const Rows rows = random_rows(14, 40, 2);
  EXPECT_EQ(fitted(rows, in_batches(4, 3, 1)), fitted(rows, in_batches(4, 3, 1)));
  EXPECT_NE(fitted(rows, in_batches(4, 3, 1)), fitted(rows, in_batches(4, 3, 2)));
  EXPECT_EQ(fitted(rows, in_batches(0, 3, 1)), fitted(rows, in_batches(0, 3, 2)))
      << "all rows at once have no order";
}

TEST(MiniBatchTraining, EndsNearTheBestCoefficientsAndTheNearerTheSmallerTheRate) {
  // R's coefficients of the hours table; see above.
  const Dataset data =
      make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/hours.csv"), "pass");
  const auto distance = [&](double learning_rate, long epochs) {
    LogisticRegressionOptions options = in_batches(3, epochs);
    options.learning_rate = learning_rate;
    LogisticRegression model(options);
    model.fit(data.features.values, data.labels);
    return std::hypot(model.weights()[0] - 1.50465, model.intercept() + 4.07771);
  };
  const double far = distance(0.1, 2000);
  const double near = distance(0.001, 200000);
  EXPECT_LT(far, 0.5);
  EXPECT_LT(near, 0.005);
  EXPECT_LT(near, far / 10.0);
}

TEST(MiniBatchTraining, ConvergesByTheGradientOfAllRows) {
  // Rows that are all alike: every batch is the whole, and its gradient vanishes with it.
  const Rows rows{AlignedNumbers(8, 0.0), std::vector<double>(8, 0.75), 1};
  LogisticRegressionOptions options = in_batches(3, 10000);
  options.tolerance = 1e-10;
  LogisticRegression model(options);
  const TrainingResult result = model.fit(rows.features, rows.labels);
  EXPECT_TRUE(result.converged);
  EXPECT_LT(result.epochs, 100);
  EXPECT_NEAR(model.intercept(), std::log(3.0), 1e-8);
}

TEST(MiniBatchTraining, HasTheAutomaticLearningRateOfItsSmallestBatch) {
  // ‖x‖² + 1 is 10 and three times 2. A batch of 3 leaves one of 1 row, a batch of 2 leaves none.
  const Rows rows{{3.0, 1.0, -1.0, 1.0}, {1.0, 0.0, 1.0, 0.0}, 1};
  const auto rate = [&](long batch_size) {
    return LogisticRegression(in_batches(batch_size, 1))
        .fit(rows.features, rows.labels)
        .learning_rate;
  };
  EXPECT_DOUBLE_EQ(rate(1), 4.0 / 10.0);
  EXPECT_DOUBLE_EQ(rate(2), 4.0 / (12.0 / 2.0));
  EXPECT_DOUBLE_EQ(rate(3), 4.0 / 10.0);
  EXPECT_DOUBLE_EQ(rate(4), rate(0));
}

TEST(MiniBatchTraining, NeedsNoLearningRateForBatchesOfAnySize) {
  Rows raw = random_rows(15, 30, 3);
  for (std::size_t k = 0; k < 3; ++k) raw.features[k] *= 100.0;  // one row far from the others
  for (const Rows& rows : {raw, standardised("breast_cancer.csv", "diagnosis")}) {
    const auto all = static_cast<long>(rows.labels.size());
    for (const long size : {1L, 2L, 7L, all / 2, all - 1, all}) {
      LogisticRegressionOptions options = in_batches(size, 30);
      double highest = 0.0;
      double last = 0.0;
      const TrainingResult result =
          LogisticRegression(options).fit(rows.features, rows.labels, [&](const EpochReport& r) {
            highest = std::max(highest, r.loss);
            last = r.loss;
          });
      EXPECT_EQ(highest, result.first_loss) << size;
      EXPECT_LT(last, result.first_loss) << size;
    }
  }
}

// ---- predictions

TEST(Predictions, AreTheSigmoidOfTheLinearPart) {
  const LogisticRegression model({0.5, -0.25}, 0.1);
  const std::vector<double> rows{1.0, 2.0, 0.0, 0.4, 3000.0, 0.0};
  const std::vector<double> a = model.probabilities(rows);
  ASSERT_EQ(a.size(), 3U);
  EXPECT_NEAR(a[0], 0.524979187478939986, 1e-16);  // σ(0.1), mpmath to 30 digits
  EXPECT_EQ(a[1], 0.5);
  EXPECT_EQ(a[2], 1.0);
  EXPECT_EQ(model.labels(rows), (std::vector<int>{1, 1, 1})) << "½ belongs to the positive class";
  EXPECT_EQ(model.labels(rows, 0.6), (std::vector<int>{0, 0, 1}));
}

TEST(Predictions, HaveALossThatIsRightHoweverSureTheModelIs) {
  const LogisticRegression teaching({0.5, -0.25}, 0.1);
  EXPECT_NEAR(teaching.loss(std::vector<double>{1.0, 2.0}, std::vector<double>{1.0}),
              0.644396660073570895, 1e-15);  // −ln σ(0.1), mpmath
  const LogisticRegression sure({1000.0}, 0.0);
  EXPECT_EQ(sure.loss(std::vector<double>{1.0, 1.0}, std::vector<double>{0.0, 1.0}), 500.0);
}

TEST(Predictions, GiveTheSmallerProbabilityItsDigitsOnBothSides) {
  // σ(−40) = 4.248354255291588995e-18 (mpmath); 1 − σ(40) is 0.
  const LogisticRegression model({1.0}, 0.0);
  const ClassProbabilities p = model.class_probabilities(std::vector<double>{40.0, -40.0});
  EXPECT_DOUBLE_EQ(p.negative[0], 4.248354255291588995e-18);
  EXPECT_DOUBLE_EQ(p.positive[1], 4.248354255291588995e-18);
  EXPECT_EQ(p.positive[0], 1.0);
  EXPECT_EQ(p.negative[1], 1.0);
}

// ---- errors

std::string message_of_fit(LogisticRegressionOptions options, const std::vector<double>& features,
                           const std::vector<double>& labels) {
  return message_of<std::invalid_argument>(
      [&] { LogisticRegression(options).fit(features, labels); });
}

TEST(Errors, SayWhichSizesDoNotFit) {
  EXPECT_EQ(message_of_fit({}, {1.0, 2.0, 3.0}, {0.0, 1.0}),
            "3 values do not make 2 rows of features");
  EXPECT_EQ(message_of_fit({}, {1.0, 2.0}, {}), "2 values do not make 0 rows of features");
  EXPECT_EQ(message_of_fit({}, {}, {1.0}), "0 values do not make 1 rows of features");
  const LogisticRegression model({1.0, 2.0}, 0.0);
  EXPECT_EQ(message_of<std::invalid_argument>(
                [&] { return model.probabilities(std::vector<double>(3)); }),
            "3 values are not rows of 2 features");
}

TEST(Errors, SayThatLabelsMustLieBetweenZeroAndOne) {
  for (const double label : {-0.1, 1.1, 2.0, not_a_number, infinity}) {
    EXPECT_EQ(message_of_fit({}, {1.0, 2.0}, {0.0, label}),
              "the label of row 2, " + shortest(label) + ", is not between 0 and 1");
  }
}

TEST(Errors, SayWhichOptionIsOutOfItsRange) {
  const auto with_rate = [](double rate) {
    LogisticRegressionOptions options;
    options.learning_rate = rate;
    return message_of_fit(options, {1.0, 2.0}, {0.0, 1.0});
  };
  const std::string rate = "the learning rate must be a positive number, not ";
  EXPECT_EQ(with_rate(0.0), rate + "0.000000");
  EXPECT_EQ(with_rate(-0.5), rate + "-0.500000");
  EXPECT_EQ(with_rate(infinity), rate + "inf");
  EXPECT_EQ(with_rate(not_a_number), rate + "nan");
  for (const double l2 : {-1.0, infinity, not_a_number}) {
    LogisticRegressionOptions options;
    options.l2 = l2;
    EXPECT_EQ(message_of<std::invalid_argument>([&] { LogisticRegression{options}; }),
              "the l2 penalty must be 0 or more, not " + std::to_string(l2));
  }
}

TEST(Errors, SayWhichBatchesThereCannotBe) {
  EXPECT_EQ(message_of<std::invalid_argument>([] { LogisticRegression{in_batches(-1, 1)}; }),
            "the batch size must be 0 or more, not -1");
  EXPECT_EQ(message_of_fit(in_batches(3, 1), {1.0, 2.0}, {0.0, 1.0}),
            "a batch must have between 1 and all 2 rows, not 3");
}

TEST(Errors, BlameTheOperationAndItsRowInABatchToo) {
  LogisticRegressionOptions options = in_batches(1, 10);
  options.learning_rate = 100.0;
  options.cross_entropy = CrossEntropy::textbook;
  LogisticRegression model(options);
  const std::vector<double> features{10.0, -10.0, 9.0};
  const std::vector<double> labels{1.0, 0.0, 0.0};
  const std::string message = message_of<NonFiniteError>([&] { model.fit(features, labels); });
  EXPECT_NE(message.find("binary_cross_entropy(a: [3], y: [3]): the value at [0] is ∞"),
            std::string::npos)
      << message;
  EXPECT_TRUE(model.weights().empty()) << "a fit that failed leaves the model as it was";
}

TEST(Errors, SayThatAModelHasNotBeenFitted) {
  const LogisticRegression model;
  const std::vector<double> row{1.0};
  const std::string expected = "the model has not been fitted";
  EXPECT_EQ(message_of<std::invalid_argument>([&] { return model.probabilities(row); }), expected);
  EXPECT_EQ(message_of<std::invalid_argument>([&] { return model.labels(row); }), expected);
  EXPECT_EQ(message_of<std::invalid_argument>([&] { return model.loss(row, row); }), expected);
}

TEST(Errors, NameTheFeatureThatIsNotFinite) {
  for (const double bad : {not_a_number, infinity, -infinity}) {
    EXPECT_EQ(message_of_fit({}, {1.0, 2.0, bad, 4.0}, {0.0, 1.0}),
              "features must be finite: row 2, column 1 is " + std::to_string(bad));
  }
}

TEST(Errors, BlameTheOperationWhereALearningRateIsFarTooLarge) {
  LogisticRegressionOptions options;
  options.learning_rate = 1e308;
  LogisticRegression model(options);
  const std::vector<double> features{100.0, -100.0, 50.0};
  const std::string message = message_of<NonFiniteError>([&] {
    model.fit(features, std::vector<double>{1.0, 0.0, 0.0});
  });
  EXPECT_NE(message.find("matmul(X: 3×1, w: [1])"), std::string::npos) << message;
}

TEST(Errors, BlameTheTextbookLossFarFromZero) {
  LogisticRegressionOptions options;
  options.learning_rate = 100.0;
  options.cross_entropy = CrossEntropy::textbook;
  LogisticRegression model(options);
  const std::vector<double> features{10.0, -10.0, 9.0};
  const std::vector<double> labels{1.0, 0.0, 0.0};
  const std::string message = message_of<NonFiniteError>([&] { model.fit(features, labels); });
  EXPECT_NE(message.find("binary_cross_entropy(a: [3], y: [3]): the value at [2] is ∞"),
            std::string::npos)
      << message;
  EXPECT_TRUE(model.weights().empty()) << "a fit that failed leaves the model as it was";

  options.cross_entropy = CrossEntropy::fused;
  EXPECT_NO_THROW(LogisticRegression(options).fit(features, labels));
}

TEST(Errors, SayThatTheLossOfSomeRowsNeedsALabelForEach) {
  const LogisticRegression model({1.0}, 0.0);
  const auto loss = [&](const std::vector<double>& features, const std::vector<double>& labels) {
    return message_of<std::invalid_argument>([&] { return model.loss(features, labels); });
  };
  EXPECT_EQ(loss({1.0, 2.0, 3.0}, {1.0}), "3 rows of features and 1 labels do not belong together");
  EXPECT_EQ(loss({1.0}, {1.0, 0.0}), "1 values do not make 2 rows of features");
  EXPECT_EQ(loss({1.0, 2.0}, {0.0, 7.0}), "the label of row 2, 7, is not between 0 and 1");
}

TEST(Errors, SayWhereARowHasNoProbability) {
  // 1e308·10 − 1e308·10 is ∞ − ∞, or ∞ where products are not rounded, and never 0 as it should be.
  const LogisticRegression model({10.0, -10.0}, 0.0);
  const std::vector<double> rows{1.0, 1.0, 1e308, 1e308};
  const auto expect_blamed = [](const auto& call) {
    try {
      static_cast<void>(call());
      ADD_FAILURE() << "a NaN was taken for a prediction";
    } catch (const LogOddsOverflow& error) {
      EXPECT_EQ(error.row(), 1U);
      EXPECT_NE(
          std::string(error.what()).find("the log-odds of row 2 are beyond the range of a double"),
          std::string::npos);
    }
  };
  expect_blamed([&] { return model.probabilities(rows); });
  expect_blamed([&] { return model.labels(rows); });
  expect_blamed([&] { return model.loss(rows, std::vector<double>{0.0, 1.0}); });
  for (const double bad : {not_a_number, infinity}) {
    EXPECT_EQ(message_of<std::invalid_argument>([&] {
                return model.labels(std::vector<double>{1.0, bad});
              }),
              "features must be finite: row 1, column 2 is " + std::to_string(bad));
  }
}

TEST(Errors, SayThatALossIsBeyondTheRangeOfADouble) {
  const LogisticRegression model({1.0}, 0.0);
  const std::vector<double> rows(3, 1e308);
  EXPECT_EQ(model.probabilities(rows), std::vector<double>(3, 1.0));
  EXPECT_EQ(message_of<NonFiniteError>([&] { return model.loss(rows, std::vector<double>(3)); }),
            "the mean cross-entropy of 3 rows is beyond the range of a double");
}

TEST(Errors, BlameAPenaltyThatOverflows) {
  LogisticRegressionOptions options;
  options.learning_rate = 1.0;
  options.l2 = 1e308;
  LogisticRegression model(options);
  EXPECT_THROW(model.fit(std::vector<double>{1.0, -1.0, 2.0}, std::vector<double>{1.0, 0.0, 0.0}),
               NonFiniteError);
}

TEST(Errors, SayThatFeaturesAreTooLargeForTheAutomaticLearningRateAndNoOther) {
  const std::vector<double> features{1e200, -1e200};
  const std::vector<double> labels{1.0, 0.0};
  EXPECT_EQ(message_of_fit({}, features, labels),
            "curvature_bound: features as large as 1e+200 have squares beyond the range of a "
            "double; bring them to one scale first");
  LogisticRegressionOptions options;
  options.learning_rate = 1e-300;
  options.epochs = 1;
  EXPECT_NO_THROW(LogisticRegression(options).fit(features, labels));
}

}  // namespace
}  // namespace models
