// Gradient descent, on the teaching example of logistic regression (numbers: w = (0.5, −0.25),
// b = 0.1, x = (1, 2), y = 1, learning rate 0.1; worked out to 30 digits with mpmath) and on
// parabolas whose every step is known.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "autograd/operations.h"
#include "models/training/mini_batches.h"
#include "models/training/minimise.h"
#include "tests/models/training/objectives.h"

namespace models {
namespace {

using autograd::Tape;
using autograd::Tensor;
using testing::by;
using testing::Centres;
using testing::in_batches;
using testing::message_of;
using testing::Parabola;

// One row of logistic regression, from given parameters.
class TeachingExample : public Objective {
 public:
  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  double evaluate() override {
    Tape tape;
    const std::span<const double> all(parameters_);
    const Tensor w = tape.variable(autograd::view(all.first(2)));
    const Tensor b = tape.variable(autograd::view(all.last(1), autograd::Shape{}));
    const Tensor z = matmul(tape.constant({1.0, 2.0}), w) + b;
    const Tensor loss = binary_cross_entropy(sigmoid(z), tape.constant(1.0));
    tape.backward(loss);
    gradient_ = {w.adjoint_values()[0], w.adjoint_values()[1], b.adjoint_item()};
    return loss.item();
  }

 private:
  std::vector<double> parameters_{0.5, -0.25, 0.1};
  std::vector<double> gradient_ = std::vector<double>(3);
};

TEST(GradientDescent, TakesTheDocumentedStepOfTheTeachingExample) {
  TeachingExample example;
  const TrainingResult result = minimise(example, by(Solver::gd, 0.1, 1, 0.0));
  EXPECT_NEAR(example.parameters()[0], 0.547502081252106001, 1e-15);
  EXPECT_NEAR(example.parameters()[1], -0.154995837495787997, 1e-15);
  EXPECT_NEAR(example.parameters()[2], 0.147502081252106001, 1e-15);
  EXPECT_NEAR(result.first_loss, 0.644396660073570895, 1e-15);
  EXPECT_NEAR(result.loss, 0.519056936838544900, 1e-15);
}

TEST(GradientDescent, MovesAllParametersByTheSameGradient) {
  Parabola parabola({1.0, 0.5, 0.25});
  minimise(parabola, by(Solver::gd, 0.5, 2, 0.0));
  EXPECT_EQ(parabola.parameters()[0], 0.25);      // (1 − 0.5)²
  EXPECT_EQ(parabola.parameters()[1], 0.5625);    // (1 − 0.25)²
  EXPECT_EQ(parabola.parameters()[2], 0.765625);  // (1 − 0.125)²
}

TEST(GradientDescent, ConvergesWhenTheLargestEntryReachesTheTolerance) {
  // Gradients 1, ½, ¼, …: 2⁻¹⁰ is reached after ten updates, to the bit.
  Parabola parabola({1.0});
  const TrainingResult result = minimise(parabola, by(Solver::gd, 0.5, 100, 0x1p-10));
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.epochs, 10);
  EXPECT_EQ(result.gradient_norm, 0x1p-10);
  EXPECT_EQ(result.loss, 0x1p-21);
  EXPECT_EQ(parabola.evaluations, 12) << "one for each update, one for where it ended, and one for "
                                         "the loss there, which the epochs before did without";
}

TEST(GradientDescent, LooksAtTheLargestEntryAndNotAtTheFirst) {
  Parabola parabola({0x1p-20, -1.0});  // the second entry falls away from its maximum
  const TrainingResult result = minimise(parabola, by(Solver::gd, 1.0, 3, 0x1p-10));
  EXPECT_FALSE(result.converged);
  EXPECT_EQ(result.epochs, 3);
  EXPECT_EQ(result.gradient_norm, 8.0);
}

TEST(GradientDescent, OfNoEpochsEvaluatesOnceAndMovesNothing) {
  Parabola parabola({1.0});
  long observed = 0;
  const TrainingResult result =
      minimise(parabola, by(Solver::gd, 0.5, 0, 0.0), [&](const EpochReport& report) {
        ++observed;
        EXPECT_EQ(report.epoch, 0);
        EXPECT_EQ(report.loss, 0.5);
        EXPECT_EQ(report.gradient_norm, 1.0);
      });
  EXPECT_EQ(observed, 1);
  EXPECT_EQ(parabola.parameters()[0], 1.0);
  EXPECT_FALSE(result.converged);
}

TEST(GradientDescent, LetsTheObserverStopItByAnException) {
  Parabola parabola({1.0});
  const auto stop_at_two = [](const EpochReport& report) {
    if (report.epoch == 2) throw std::runtime_error("enough");
  };
  EXPECT_EQ(message_of<std::runtime_error>(
                [&] { minimise(parabola, by(Solver::gd, 0.5, 100, 0.0), stop_at_two); }),
            "enough");
  EXPECT_EQ(parabola.parameters()[0], 0.25);
}

TEST(StochasticGradientDescent, StepsOnceForEachBatchInTheOrderOfTheSeed) {
  const std::vector<double> c{1.0, -2.0, 4.0, 8.0, 16.0};
  Centres centres(c);
  const TrainingResult result = minimise(centres, 5, in_batches(by(Solver::gd, 0.5, 4, 0.0), 2, 3));
  EXPECT_EQ(result.epochs, 4);
  EXPECT_EQ(result.batch_size, 2U);
  EXPECT_EQ(result.learning_rate, 0.5);
  ASSERT_EQ(centres.batches.size(), 12U);

  MiniBatches batches(5, 2, 3);
  double p = 0.0;
  std::size_t step = 0;
  for (int epoch = 0; epoch < 4; ++epoch) {
    batches.shuffle();
    for (std::size_t k = 0; k < batches.count(); ++k, ++step) {
      const std::vector<std::size_t> rows(batches[k].begin(), batches[k].end());
      EXPECT_EQ(centres.batches[step], rows);
      double mean = 0.0;
      for (const std::size_t i : rows) mean += c[i] / static_cast<double>(rows.size());
      p -= 0.5 * (p - mean);
    }
  }
  EXPECT_NEAR(centres.parameter, p, 1e-14);
}

TEST(StochasticGradientDescent, TellsTheLossOfAllRowsAndNotThatOfABatch) {
  // One row a batch, learning rate 1: p is 1 or 3 after each epoch, where the loss of the last
  // batch is 0 and that of both rows ½·(0 + 4)/2 = 1, with the gradient p − 2.
  Centres centres({1.0, 3.0});
  std::vector<EpochReport> seen;
  const TrainingResult result =
      minimise(centres, 2, in_batches(by(Solver::gd, 1.0, 3, 0.0), 1, 1),
               [&](const EpochReport& report) { seen.push_back(report); });
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].loss, 2.5);
  EXPECT_EQ(result.first_loss, 2.5);
  for (std::size_t epoch = 1; epoch < 4; ++epoch) {
    EXPECT_EQ(seen[epoch].epoch, static_cast<long>(epoch));
    EXPECT_EQ(seen[epoch].loss, 1.0);
    EXPECT_EQ(seen[epoch].gradient_norm, 1.0);
  }
  EXPECT_EQ(result.loss, 1.0);
  EXPECT_EQ(result.gradient_norm, 1.0);
  EXPECT_FALSE(result.converged);
}

TEST(StochasticGradientDescent, LooksAtAllRowsInEpochsThatReportAndAtTheEnd) {
  using Steps = std::vector<std::size_t>;
  const auto looked = [](long epochs, long report_every) {
    Centres centres({1.0, -1.0, 3.0});
    long reports = 0;
    minimise(centres, 3, in_batches(by(Solver::gd, 0.1, epochs, 0.0, report_every), 1, 1),
             [&](const EpochReport&) { ++reports; });
    EXPECT_EQ(reports, epochs / report_every + 1);
    return centres.evaluated_after;
  };
  EXPECT_EQ(looked(0, 1), (Steps{0}));
  EXPECT_EQ(looked(2, 1), (Steps{0, 3, 6}));
  EXPECT_EQ(looked(4, 2), (Steps{0, 6, 12}));
  EXPECT_EQ(looked(5, 2), (Steps{0, 6, 12, 15}));
  EXPECT_EQ(looked(5, 100), (Steps{0, 15}));
}

TEST(StochasticGradientDescent, ConvergesWhereItLooksAndWhetherOrNotItIsObserved) {
  // All centres alike: an epoch of two batches at rate ½ leaves a quarter. |p − 1| <= 2⁻⁵ after
  // three epochs, which are looked at after four.
  for (const bool observed : {false, true}) {
    Centres centres({1.0, 1.0, 1.0, 1.0});
    const EpochObserver observer = observed ? [](const EpochReport&) {} : EpochObserver{};
    const TrainingResult result =
        minimise(centres, 4, in_batches(by(Solver::gd, 0.5, 100, 0x1p-5, 2), 2, 1), observer);
    EXPECT_TRUE(result.converged);
    EXPECT_EQ(result.epochs, 4);
    EXPECT_EQ(result.gradient_norm, 0x1p-8);
    EXPECT_EQ(result.loss, 0x1p-17);
  }
}

TEST(StochasticGradientDescent, OfBatchesOfAllRowsIsGradientDescent) {
  // c that are exact in any order of additions.
  Centres by_batches({1.0, -2.0, 4.0, 8.0});
  Centres by_all({1.0, -2.0, 4.0, 8.0});
  const TrainingResult result =
      minimise(by_batches, 4, in_batches(by(Solver::gd, 0.25, 7, 0.0), 4, 1));
  const TrainingResult expected = minimise(by_all, by(Solver::gd, 0.25, 7, 0.0));
  EXPECT_EQ(by_batches.parameter, by_all.parameter);
  EXPECT_EQ(result.loss, expected.loss);
  EXPECT_EQ(result.gradient_norm, expected.gradient_norm);
  EXPECT_EQ(expected.batch_size, 0U);
}

TEST(StochasticGradientDescent, RefusesOptionsOutOfTheirRanges) {
  const auto message = [](const MinimiseOptions& options) {
    Centres centres({1.0});
    return message_of<std::invalid_argument>(
        [&] { minimise(centres, 1, in_batches(options, 1, 0)); });
  };
  EXPECT_EQ(message(by(Solver::gd, 0.0, 1, 0.0)),
            "the learning rate must be a positive number, not 0.000000");
  EXPECT_EQ(message(by(Solver::gd, 0.1, -1, 0.0)),
            "the number of epochs must be 0 or more, not -1");
  EXPECT_EQ(message(by(Solver::gd, 0.1, 1, -1.0)),
            "the tolerance must be 0 or more, not -1.000000");
  EXPECT_EQ(message(by(Solver::gd, 0.1, 1, 0.0, 0)),
            "the epochs between two reports must be 1 or more, not 0");
}

TEST(GradientDescent, RefusesOptionsOutOfTheirRanges) {
  const auto message = [](const MinimiseOptions& options) {
    Parabola parabola({1.0});
    return message_of<std::invalid_argument>([&] { minimise(parabola, options); });
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message(by(Solver::gd, 0.0, 1, 0.0)),
            "the learning rate must be a positive number, not 0.000000");
  EXPECT_EQ(message(by(Solver::gd, nan, 1, 0.0)),
            "the learning rate must be a positive number, not nan");
  EXPECT_EQ(message(by(Solver::gd, 0.1, -1, 0.0)),
            "the number of epochs must be 0 or more, not -1");
  EXPECT_EQ(message(by(Solver::gd, 0.1, 1, -1.0)),
            "the tolerance must be 0 or more, not -1.000000");
  EXPECT_EQ(message(by(Solver::gd, 0.1, 1, nan)), "the tolerance must be 0 or more, not nan");
}

// ---- the other updates, on ½p² from p = 1, whose gradient is p

std::vector<double> path_of(const MinimiseOptions& options) {
  Parabola parabola({1.0});
  std::vector<double> path;
  minimise(parabola, options,
           [&](const EpochReport&) { path.push_back(parabola.parameters()[0]); });
  return path;
}

TEST(Momentum, TakesTheDocumentedSteps) {
  MinimiseOptions options = by(Solver::momentum, 0.25, 3, 0.0);
  options.momentum = 0.5;
  // Δ = ¼, then ⅛ + 3/16 = 5/16, then 5/32 + 7/64 = 17/64.
  EXPECT_EQ(path_of(options), (std::vector<double>{1.0, 0.75, 0.4375, 0.171875}));
}

TEST(Momentum, RemembersStepsAndNotGradientsWhereTheRateFalls) {
  MinimiseOptions options = by(Solver::momentum, 0.5, 2, 0.0);
  options.momentum = 0.5;
  options.learning_rate.schedule = Schedule::step;
  options.learning_rate.step_every = 1;
  options.learning_rate.step_factor = 0.5;
  // Δ = ½, then ½·½ + ¼·½ = 3/8; a buffer of gradients would give ¼·(½·1 + ½) = ¼.
  EXPECT_EQ(path_of(options), (std::vector<double>{1.0, 0.5, 0.125}));
}

TEST(Nesterov, TakesTheStepsOfTheTextbookAtThePointAhead) {
  MinimiseOptions options = by(Solver::nesterov, 0.25, 20, 0.0);
  options.momentum = 0.5;
  const std::vector<double> path = path_of(options);
  double v = 1.0;
  double delta = 0.0;
  for (const double w : path) {
    EXPECT_NEAR(w, v - 0.5 * delta, 1e-15);
    delta = 0.5 * delta + 0.25 * (v - 0.5 * delta);
    v -= delta;
  }
}

TEST(Adam, BeginsWithStepsOfTheLearningRateWhateverTheGradient) {
  // m̂ = g and v̂ = g²: the step is rate·g/(|g| + 1e-8).
  for (const double curvature : {1e-3, 1.0, 1e6}) {
    Parabola parabola({curvature});
    minimise(parabola, by(Solver::adam, 0.125, 1, 0.0));
    EXPECT_NEAR(parabola.parameters()[0], 1.0 - 0.125 * curvature / (curvature + 1e-8), 1e-15);
  }
}

TEST(Adam, TakesTheDocumentedSecondStep) {
  const std::vector<double> path = path_of(by(Solver::adam, 0.5, 2, 0.0));
  const double p = path[1];
  const double m = 0.9 * 0.1 + 0.1 * p;
  const double v = 0.999 * 0.001 + 0.001 * p * p;
  EXPECT_NEAR(path[2], p - 0.5 * (m / (1.0 - 0.81)) / (std::sqrt(v / (1.0 - 0.998001)) + 1e-8),
              1e-14);
}

TEST(FirstOrderSolvers, ReachTheMinimumOfAParabola) {
  for (const Solver solver : {Solver::gd, Solver::sgd, Solver::momentum, Solver::nesterov}) {
    Parabola parabola({1.0, 0.5, 0.01});
    const TrainingResult result = minimise(parabola, by(solver, 1.0, 10000, 1e-10));
    EXPECT_TRUE(result.converged) << to_string(solver);
    EXPECT_EQ(result.solver, to_string(solver));
    EXPECT_EQ(result.learning_rate, 1.0);
  }
  MinimiseOptions options = by(Solver::adam, 0.1, 1000, 1e-8);
  options.learning_rate.schedule = Schedule::cosine;
  Parabola parabola({1.0, 0.5, 0.01});
  EXPECT_TRUE(minimise(parabola, options).converged);
}

TEST(FirstOrderSolvers, StepOnBatchesByTheirGradients) {
  const std::vector<double> c{1.0, -2.0, 4.0};
  Centres centres(c);
  MinimiseOptions options = in_batches(by(Solver::momentum, 0.5, 3, 0.0), 1, 7);
  options.momentum = 0.25;
  const TrainingResult result = minimise(centres, 3, options);
  EXPECT_EQ(result.solver, "momentum");
  double p = 0.0;
  double delta = 0.0;
  MiniBatches batches(3, 1, 7);
  for (int epoch = 0; epoch < 3; ++epoch) {
    batches.shuffle();
    for (std::size_t k = 0; k < 3; ++k) {
      delta = 0.25 * delta + 0.5 * (p - c[batches[k][0]]);
      p -= delta;
    }
  }
  EXPECT_EQ(centres.parameter, p);
  EXPECT_NEAR(result.gradient_norm, std::abs(p - 1.0), 1e-15);
}

TEST(FirstOrderSolvers, ComputeTheLossInTheEpochsThatTellIt) {
  testing::LogisticFit fit(testing::random_rows(1, 20, 2));
  minimise(fit, by(Solver::adam, 0.1, 10, 0.0));
  EXPECT_EQ(fit.evaluations, 2);
  EXPECT_EQ(fit.differentiations, 9);
}

TEST(FirstOrderSolvers, ThrowWhereTheLossLeavesTheNumbers) {
  Parabola parabola({1.0});
  EXPECT_THROW(minimise(parabola, by(Solver::gd, 1e10, 1000, 0.0)), autograd::NonFiniteError);
}

}  // namespace
}  // namespace models
