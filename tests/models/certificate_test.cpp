// The bound on the distance from the minimum, and Firth's correction, against what is known
// exactly.
#include "models/certificate.h"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <numeric>

#include "autograd/random.h"
#include "models/firth_loss.h"
#include "models/training/minimise.h"

namespace models {
namespace {

// Newton's full steps from where the parameters are.
void minimise_by_newton(RowObjective& loss, int steps) {
  const auto n = static_cast<Eigen::Index>(loss.parameters().size());
  for (int step = 0; step < steps; ++step) {
    loss.evaluate();
    const Eigen::VectorXd g = Eigen::Map<const Eigen::VectorXd>(loss.gradient().data(), n);
    const Eigen::MatrixXd H = Eigen::Map<const Eigen::MatrixXd>(loss.hessian().data(), n, n);
    Eigen::Map<Eigen::VectorXd>(loss.parameters().data(), n) -= H.llt().solve(g);
  }
}

struct Noise {
  Noise(std::size_t m, std::size_t p, std::size_t count) : classes(count) {
    autograd::Random random(3);
    for (std::size_t i = 0; i < m * p; ++i) features.push_back(random.uniform(-2.0, 2.0));
    for (std::size_t i = 0; i < m; ++i) {
      labels.push_back(static_cast<double>(random.below(count)));
    }
  }
  [[nodiscard]] LabelledRows rows() const { return {features, labels, classes, {}}; }

  std::size_t classes;
  std::vector<double> features;
  std::vector<double> labels;
};

TEST(Certificate, IsNeverSmallerThanTheDistanceFromTheMinimumAndCloseToItNearby) {
  for (const std::size_t classes : {2U, 3U}) {
    const Noise noise(80, 2, classes);
    ClassificationLoss loss(noise.rows(), Architecture{2, classes - 1, {}, {}}, {});
    minimise_by_newton(loss, 10);
    const double minimum = loss.evaluate();
    const std::vector<double> best(loss.parameters().begin(), loss.parameters().end());
    autograd::Random random(5);
    int bounds = 0;
    for (const double distance : {1e-4, 1e-3, 1e-2, 0.1, 0.5, 2.0}) {
      for (std::size_t k = 0; k < best.size(); ++k) {
        loss.parameters()[k] = best[k] + random.uniform(-distance, distance);
      }
      const double gap = loss.evaluate() - minimum;
      const std::optional<double> bound = certify(loss, noise.rows()).gap;
      if (!bound) continue;
      ++bounds;
      EXPECT_GE(*bound, gap) << classes << " classes, " << distance;
      if (distance > 1e-2) continue;
      EXPECT_LE(*bound, 1.1 * gap) << classes << " classes, " << distance;
    }
    EXPECT_GE(bounds, 4);
  }
}

TEST(Certificate, IsNeverGivenWhereTheClassesCanBeSeparated) {
  const std::vector<double> features{-1.0, -0.5, 0.25, 1.0};
  const std::vector<double> labels{0.0, 0.0, 1.0, 1.0};
  const LabelledRows rows{features, labels, 2, {}};
  ClassificationLoss loss(rows, Architecture{1, 1, {}, {}}, {});
  for (const double w : {0.0, 1.0, 10.0, 30.0, 60.0}) {
    loss.parameters()[0] = w;
    EXPECT_EQ(certify(loss, rows).gap, std::nullopt) << w;
  }
}

TEST(Certificate, HoldsForAnL1Penalty) {
  const Noise noise(80, 2, 2);
  ClassificationLoss loss(noise.rows(), Architecture{2, 1, {}, {}},
                          {{10.0, 0.0}, CrossEntropy::fused, 0});
  // So large a penalty keeps all weights at 0, and the intercept at the log-odds.
  const double positive = std::accumulate(noise.labels.begin(), noise.labels.end(), 0.0);
  loss.parameters()[2] = std::log(positive / (80.0 - positive));
  const auto gap = certify(loss, noise.rows()).gap;
  ASSERT_TRUE(gap);
  EXPECT_LT(*gap, 1e-15);
}

// With weights, a penalty, and the intercepts' shift pinned, as in the plain case.
TEST(Certificate, HoldsForWeightsAPenaltyAndALogitForEachClass) {
  const Noise noise(80, 2, 3);
  std::vector<double> weights(80);
  autograd::Random random(9);
  for (double& weight : weights) weight = random.uniform(0.1, 3.0);
  const LabelledRows rows{noise.features, noise.labels, 3, weights};
  ClassificationLoss loss(rows, Architecture{2, 3, {}, {}}, {{0.0, 0.1}, CrossEntropy::fused, 0});
  minimise_by_newton(loss, 10);
  const double minimum = loss.evaluate();
  const std::vector<double> best(loss.parameters().begin(), loss.parameters().end());
  for (const double distance : {1e-4, 1e-3, 1e-2}) {
    // Its shift is free: the pin must not count as curvature of the loss, nor spoil the bound.
    for (std::size_t k = 0; k < 6; ++k) {
      loss.parameters()[k] = best[k] + random.uniform(-distance, distance);
    }
    const double gap = loss.evaluate() - minimum;
    const std::optional<double> bound = certify(loss, rows).gap;
    ASSERT_TRUE(bound) << distance;
    EXPECT_GE(*bound, gap) << distance;
    EXPECT_LE(*bound, 1.5 * gap) << distance;
  }
}

// On either side of the minimum of weights that an L1 penalty does not hold at 0.
TEST(Certificate, HoldsAwayFromTheMinimumOfAnL1Penalty) {
  const Noise noise(80, 2, 2);
  ClassificationLoss loss(noise.rows(), Architecture{2, 1, {}, {}},
                          {{0.01, 0.0}, CrossEntropy::fused, 0});
  MinimiseOptions options;
  options.solver = Solver::newton;
  options.tolerance = 1e-13;
  ASSERT_TRUE(minimise(loss, 80, options).converged);
  const std::vector<double> best(loss.parameters().begin(), loss.parameters().end());
  ASSERT_NE(best[0], 0.0);
  const auto penalised = [&] {
    return loss.evaluate() +
           0.01 * (std::abs(loss.parameters()[0]) + std::abs(loss.parameters()[1]));
  };
  const double minimum = penalised();
  for (const double distance : {-5e-3, -1e-3, 1e-3, 5e-3}) {
    loss.parameters()[0] = best[0] + distance;
    const std::optional<double> bound = certify(loss, noise.rows()).gap;
    ASSERT_TRUE(bound) << distance;
    EXPECT_GE(*bound, penalised() - minimum) << distance;
    EXPECT_LE(*bound, 1.5 * (penalised() - minimum)) << distance;
  }
}

// Exact u is above 1 by less than rounding.
TEST(Certificate, IsNeverGivenWhereALevelIsOfOneClass) {
  const std::vector<double> features{0, 0, 0, 0, 1, 1};
  const std::vector<double> labels{0, 1, 0, 1, 1, 1};
  const LabelledRows rows{features, labels, 2, {}};
  ClassificationLoss loss(rows, Architecture{1, 1, {}, {}}, {});
  for (const double w : {5.0, 10.0, 15.0, 20.0, 25.0, 30.0}) {
    loss.parameters()[0] = w;
    EXPECT_EQ(certify(loss, rows).gap, std::nullopt) << w;
  }
}

// A table of two by two has one parameter for each row of it: Firth's estimate adds 1/2 to each
// cell (Firth 1993, section 3.1).
TEST(FirthLoss, AddsHalfARowToEachCellOfATable) {
  const std::vector<double> features{0.0, 0.0, 1.0, 1.0};
  const std::vector<double> labels{0.0, 1.0, 0.0, 1.0};
  const std::vector<double> counts{7.0, 3.0, 5.0, 0.0};  // quasi-complete separation
  const LabelledRows rows{features, labels, 2, counts};
  ClassificationLoss loss(rows, Architecture{1, 1, {}, {}}, {});
  FirthLoss firth(loss, 15.0);
  minimise_by_newton(firth, 40);
  const double b = std::log(3.5 / 7.5);
  EXPECT_NEAR(firth.parameters()[1], b, 1e-10);
  EXPECT_NEAR(firth.parameters()[0], std::log(0.5 / 5.5) - b, 1e-10);
}

TEST(FirthLoss, HasTheGradientOfItsDifferences) {
  const Noise noise(20, 2, 2);
  ClassificationLoss loss(noise.rows(), Architecture{2, 1, {}, {}}, {});
  FirthLoss firth(loss, 20.0);
  const std::vector<double> start{0.5, -0.25, 0.125};
  std::copy(start.begin(), start.end(), firth.parameters().begin());
  firth.evaluate();
  const std::vector<double> gradient(firth.gradient().begin(), firth.gradient().end());
  for (std::size_t k = 0; k < 3; ++k) {
    constexpr double h = 1e-5;
    firth.parameters()[k] = start[k] + h;
    const double above = firth.evaluate();
    firth.parameters()[k] = start[k] - h;
    const double below = firth.evaluate();
    firth.parameters()[k] = start[k];
    EXPECT_NEAR(gradient[k], (above - below) / (2.0 * h), 1e-9) << k;
  }
}

}  // namespace
}  // namespace models
