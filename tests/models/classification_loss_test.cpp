// The loss of classifiers: its gradient and Hessian against differences and the tape's own, weights
// against repeated rows, the penalty, several classes against two.
#include "models/classification_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "autograd/derivatives.h"
#include "autograd/operations.h"
#include "autograd/random.h"

namespace models {
namespace {

// Rows of noise with labels that depend on them a little.
struct NoisyRows {
  NoisyRows(std::size_t m, std::size_t p, std::size_t count, std::uint64_t seed) : classes(count) {
    autograd::Random random(seed);
    for (std::size_t i = 0; i < m * p; ++i) features.push_back(random.uniform(-2.0, 2.0));
    for (std::size_t i = 0; i < m; ++i) {
      labels.push_back(static_cast<double>(random.below(classes)));
      weights.push_back(random.uniform(0.5, 2.0));
    }
  }
  [[nodiscard]] LabelledRows view(bool weighted = false) const {
    return {features, labels, classes,
            weighted ? std::span<const double>(weights) : std::span<const double>()};
  }

  std::size_t classes;
  std::vector<double> features;
  std::vector<double> labels;
  std::vector<double> weights;
};

void set_parameters(ClassificationLoss& loss, std::uint64_t seed) {
  autograd::Random random(seed);
  for (double& parameter : loss.parameters()) parameter = random.uniform(-1.0, 1.0);
}

// The derivative of f by parameter k.
template <class Function>
double difference(ClassificationLoss& loss, std::size_t k, const Function& f) {
  constexpr double h = 1e-5;
  double& parameter = loss.parameters()[k];
  const double at = parameter;
  parameter = at + h;
  const double above = f();
  parameter = at - h;
  const double below = f();
  parameter = at;
  return (above - below) / (2.0 * h);
}

struct Case {
  std::size_t classes;
  std::size_t outputs;
  bool weighted;
};

class Loss : public testing::TestWithParam<Case> {
 protected:
  // 150 rows are more than one block and less than two.
  NoisyRows rows{150, 3, GetParam().classes, 7};
  ClassificationLoss loss{rows.view(GetParam().weighted),
                          Architecture{3, GetParam().outputs, {}, {}},
                          {{0.0, 0.3}, CrossEntropy::fused, 0}};
};

TEST_P(Loss, HasTheGradientOfItsDifferences) {
  set_parameters(loss, 1);
  loss.evaluate();
  const std::vector<double> gradient(loss.gradient().begin(), loss.gradient().end());
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    EXPECT_NEAR(gradient[k], difference(loss, k, [&] { return loss.evaluate(); }), 1e-9) << k;
  }
}

TEST_P(Loss, HasTheHessianOfTheGradientsDifferences) {
  set_parameters(loss, 2);
  const std::size_t n = loss.parameters().size();
  const std::vector<double> hessian(loss.hessian().begin(), loss.hessian().end());
  const std::size_t first_intercept = 3 * GetParam().outputs;
  const bool symmetric = GetParam().outputs == GetParam().classes;
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t l = 0; l < n; ++l) {
      const double expected = difference(loss, k, [&] {
        loss.differentiate();
        return loss.gradient()[l];
      });
      const bool pinned = symmetric && k >= first_intercept && l >= first_intercept;
      const double pin = pinned ? 1.0 / static_cast<double>(GetParam().classes) : 0.0;
      EXPECT_NEAR(hessian[k * n + l], expected + pin, 1e-9) << k << ", " << l;
    }
  }
}

TEST_P(Loss, KnowsHowATraceOfItsHessianMoves) {
  set_parameters(loss, 3);
  const std::size_t n = loss.parameters().size();
  std::vector<double> M(n * n);
  autograd::Random random(4);
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t c = 0; c <= r; ++c) M[r * n + c] = M[c * n + r] = random.uniform(-1.0, 1.0);
  }
  const auto trace = [&] {
    const auto hessian = loss.curvature().hessian();
    double sum = 0.0;
    for (std::size_t i = 0; i < n * n; ++i) sum += M[i] * hessian[i];
    return sum;
  };
  const auto result = loss.curvature().trace_gradient(M);
  const std::vector<double> gradient(result.begin(), result.end());
  for (std::size_t k = 0; k < n; ++k) {
    EXPECT_NEAR(gradient[k], difference(loss, k, trace), 1e-8) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(OfClasses, Loss,
                         testing::Values(Case{2, 1, false}, Case{2, 1, true}, Case{3, 2, false},
                                         Case{4, 3, true}, Case{3, 3, false}),
                         [](const auto& instance) {
                           return std::to_string(instance.param.classes) + "With" +
                                  std::to_string(instance.param.outputs) + "Outputs" +
                                  (instance.param.weighted ? "Weighted" : "");
                         });

TEST(ClassificationLoss, HasTheHessianThatTheTapeHasOfTheWholeLoss) {
  const NoisyRows rows(40, 2, 2, 5);
  ClassificationLoss loss(rows.view(), Architecture{2, 1, {}, {}}, {});
  set_parameters(loss, 6);
  autograd::Tape tape;
  const auto parameters = loss.parameters();
  const auto X =
      tape.constant(autograd::view(std::span<const double>(rows.features), autograd::Shape{40, 2}));
  const auto y = tape.constant(autograd::view(std::span<const double>(rows.labels)));
  const auto w = tape.variable(autograd::view(std::span<const double>(parameters).first(2)));
  const auto b = tape.variable(parameters[2]);
  const auto expected = autograd::hessian(mean(row_losses(matmul(X, w) + b, y)), std::array{w, b});
  const auto hessian = loss.hessian();
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(hessian[i], expected.elements[i], 1e-15) << i;
}

TEST(ClassificationLoss, CountsARowOfWeightTwoAsTwoRows) {
  NoisyRows once(5, 2, 3, 8);
  once.labels = {0.0, 1.0, 2.0, 0.0, 1.0};
  once.weights = {2.0, 1.0, 1.0, 0.0, 1.0};
  NoisyRows twice = once;
  twice.features.insert(twice.features.end(), once.features.begin(), once.features.begin() + 2);
  twice.labels.push_back(0.0);
  twice.features.erase(twice.features.begin() + 6, twice.features.begin() + 8);
  twice.labels.erase(twice.labels.begin() + 3);
  const Architecture architecture{2, 2, {}, {}};
  ClassificationLoss weighted(once.view(true), architecture, {});
  ClassificationLoss repeated(twice.view(), architecture, {});
  set_parameters(weighted, 9);
  set_parameters(repeated, 9);
  EXPECT_NEAR(weighted.evaluate(), repeated.evaluate(), 1e-15);
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(weighted.gradient()[k], repeated.gradient()[k], 1e-15);
  }
}

TEST(ClassificationLoss, OfTwoClassesIsThatOfSeveral) {
  const NoisyRows rows(30, 2, 2, 10);
  LabelledRows padded = rows.view();
  padded.classes = 3;  // a third that no row has, with logits far down
  ClassificationLoss two(rows.view(), Architecture{2, 1, {}, {}}, {});
  ClassificationLoss three(padded, Architecture{2, 2, {}, {}}, {});
  set_parameters(two, 11);
  const auto w = two.parameters();
  const std::vector<double> same{w[0], 0.0, w[1], 0.0, w[2], -800.0};
  std::copy(same.begin(), same.end(), three.parameters().begin());
  EXPECT_NEAR(two.evaluate(), three.evaluate(), 1e-15);
}

TEST(ClassificationLoss, LeavesTheL1PenaltyToTheOptimiser) {
  const NoisyRows rows(30, 2, 2, 12);
  ClassificationLoss loss(rows.view(), Architecture{2, 1, {}, {}},
                          {{0.25, 0.0}, CrossEntropy::fused, 0});
  ClassificationLoss plain(rows.view(), Architecture{2, 1, {}, {}}, {});
  const std::vector<double> expected{0.25, 0.25, 0.0};
  EXPECT_EQ(std::vector<double>(loss.l1().begin(), loss.l1().end()), expected);
  set_parameters(loss, 13);
  set_parameters(plain, 13);
  EXPECT_EQ(loss.evaluate(), plain.evaluate());
}

TEST(ClassificationLoss, RefusesRowsThatAreNotSound) {
  const std::vector<double> features{1.0, 2.0};
  const std::vector<double> labels{0.0, 1.0};
  const Architecture one{1, 1, {}, {}};
  const auto message = [&](const LabelledRows& rows,
                           const Architecture& architecture = {1, 1, {}, {}},
                           Penalty penalty = {}) -> std::string {
    try {
      ClassificationLoss(rows, architecture, {penalty, CrossEntropy::fused, 0});
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "none";
  };
  const std::vector<double> infinite{1.0, INFINITY};
  const std::vector<double> two{0.0, 2.0};
  const std::vector<double> half{0.0, 0.5};
  const std::vector<double> negative{1.0, -1.0};
  const std::vector<double> zero{0.0, 0.0};
  EXPECT_EQ(message({features, labels, 2, {}}), "none");
  EXPECT_EQ(message({infinite, labels, 2, {}}), "features must be finite: row 2, column 1 is inf");
  EXPECT_EQ(message({features, two, 2, {}}), "the label of row 2, 2, is not between 0 and 1");
  EXPECT_EQ(message({features, half, 3, {}}, {1, 2, {}, {}}),
            "the label of row 2, 0.5, is not one of the classes 0 to 2");
  EXPECT_EQ(message({features, labels, 2, negative}),
            "the weight of row 2, -1, is not a number of 0 or more");
  EXPECT_EQ(message({features, labels, 2, zero}), "the weights of the rows have the sum 0");
  EXPECT_EQ(message({features, labels, 2, {}}, {1, 2, {}, {}}),
            "a network of 1 features and 2 outputs does not fit 1 features and 2 classes");
  EXPECT_EQ(message({features, labels, 2, {}}, one, {-1.0, 0.0}),
            "the l1 penalty must be 0 or more, not -1");
}

}  // namespace
}  // namespace models
