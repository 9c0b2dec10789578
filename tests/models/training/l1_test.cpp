// L1 penalties: minima that are known, the conditions of Karush, Kuhn and Tucker, and the solvers
// against each other.
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "models/training/l1_penalty.h"
#include "models/training/minimise.h"
#include "tests/models/training/objectives.h"

namespace models {
namespace {

using testing::by;
using testing::LogisticFit;
using testing::message_of;
using testing::Rows;

constexpr std::array proximal{Solver::newton, Solver::gd, Solver::nesterov, Solver::automatic};

// ½·Σ c·(p − a)² + Σ l1·|p|, whose minimum is a, moved towards 0 by l1/c.
class Lasso : public Objective {
 public:
  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  [[nodiscard]] std::span<const double> l1() const override { return l1_; }
  double evaluate() override {
    double loss = 0.0;
    for (std::size_t k = 0; k < 4; ++k) {
      gradient_[k] = c_[k] * (parameters_[k] - a_[k]);
      loss += gradient_[k] * (parameters_[k] - a_[k]) / 2.0;
    }
    return loss;
  }
  [[nodiscard]] bool has_hessian() const override { return true; }
  std::span<const double> hessian() override {
    for (std::size_t k = 0; k < 4; ++k) hessian_[5 * k] = c_[k];
    return hessian_;
  }

 private:
  std::vector<double> c_{1.0, 2.0, 0.5, 1.0};
  std::vector<double> a_{3.0, -2.0, 0.5, 1.0};
  std::vector<double> l1_{1.0, 1.0, 1.0, 0.0};
  std::vector<double> parameters_{0.0, 0.0, 0.0, 0.0};
  std::vector<double> gradient_{0.0, 0.0, 0.0, 0.0};
  std::vector<double> hessian_ = std::vector<double>(16);
};

TEST(L1Penalty, MovesTheMinimumTowardsZeroAndSmallOnesToZero) {
  for (const Solver solver : proximal) {
    Lasso lasso;
    const TrainingResult result = minimise(lasso, by(solver, 0.5, 1000, 1e-12));
    EXPECT_TRUE(result.converged) << to_string(solver);
    EXPECT_NEAR(lasso.parameters()[0], 2.0, 1e-11);
    EXPECT_NEAR(lasso.parameters()[1], -1.5, 1e-11);
    EXPECT_EQ(lasso.parameters()[2], 0.0);
    EXPECT_NEAR(lasso.parameters()[3], 1.0, 1e-11);
    // ½·1 + ½·2·¼ + ½·½·¼ + |2| + |−1.5|
    EXPECT_NEAR(result.loss, 0.5 + 0.25 + 0.0625 + 3.5, 1e-11);
    // ½·9 + ½·2·4 + ½·½·¼ + ½·1
    EXPECT_EQ(result.first_loss, 4.5 + 4.0 + 0.0625 + 0.5);
  }
}

TEST(L1Penalty, LeavesWeightsThatMeetTheConditionsOfKarushKuhnAndTucker) {
  Rows rows = testing::random_rows(21, 300, 10);
  for (std::size_t row = 0; row < 300; ++row) {  // two columns that say nearly the same
    rows.features[10 * row + 1] = rows.features[10 * row] + 0.01 * rows.features[10 * row + 1];
  }
  constexpr double l1 = 0.06;
  std::vector<double> losses;
  for (const Solver solver : proximal) {
    LogisticFit fit(rows, l1);
    const TrainingResult result = minimise(fit, by(solver, 0.15, 50000, 1e-10));
    EXPECT_TRUE(result.converged) << to_string(solver) << " " << result.gradient_norm;
    losses.push_back(result.loss);
    fit.evaluate();
    int zeros = 0;
    for (std::size_t k = 0; k < 10; ++k) {
      const double w = fit.parameters()[k];
      if (w == 0.0) {
        ++zeros;
        EXPECT_LE(std::abs(fit.gradient()[k]), l1 + 1e-10);
      } else {
        EXPECT_NEAR(fit.gradient()[k], std::copysign(l1, -w), 1e-10);
      }
    }
    EXPECT_NEAR(fit.gradient()[10], 0.0, 1e-10) << "the intercept bears no penalty";
    EXPECT_GE(zeros, 1);
    EXPECT_LE(zeros, 8);
  }
  for (const double loss : losses) EXPECT_NEAR(loss, losses[0], 1e-13);
}

TEST(L1Penalty, ThatIsLargeLeavesTheInterceptAlone) {
  LogisticFit fit(testing::random_rows(22, 100, 3), 10.0);
  const TrainingResult result = minimise(fit, by(Solver::automatic, 0.2));
  EXPECT_TRUE(result.converged);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(fit.parameters()[k], 0.0);
  EXPECT_NE(fit.parameters()[3], 0.0);
}

TEST(L1Penalty, IsFinishedByNewtonInFewSteps) {
  LogisticFit fit(testing::random_rows(23, 400, 8), 0.02);
  const TrainingResult result = minimise(fit, by(Solver::newton));
  EXPECT_TRUE(result.converged);
  EXPECT_LE(fit.hessians, 5);
  EXPECT_LE(fit.evaluations + fit.differentiations, 20);
}

TEST(L1Penalty, IsFinishedInFewStepsWhereColumnsAreNearlyAlike) {
  // A millionth apart: one coordinate after the other would take a billion sweeps.
  Rows rows = testing::random_rows(26, 200, 3);
  for (std::size_t row = 0; row < 200; ++row) {
    rows.features[3 * row + 1] = rows.features[3 * row] + 1e-6 * rows.features[3 * row + 1];
  }
  LogisticFit fit(rows, 0.01);
  const TrainingResult result = minimise(fit, by(Solver::newton, 0.1, 100));
  EXPECT_TRUE(result.converged);
  EXPECT_LE(result.epochs, 12);
  EXPECT_TRUE(fit.parameters()[0] == 0.0 || fit.parameters()[1] == 0.0);
}

TEST(L1Penalty, WithoutAHessianIsLeftToNesterov) {
  LogisticFit fit(testing::random_rows(24, 200, 5), 0.05);
  fit.has_a_hessian = false;
  const TrainingResult result = minimise(fit, by(Solver::automatic, 0.15));
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.solver, "gd, then nesterov");
}

TEST(L1Penalty, IsRefusedBySolversThatCannotMinimiseIt) {
  for (const Solver solver : {Solver::sgd, Solver::momentum, Solver::adam, Solver::lbfgs}) {
    Lasso lasso;
    EXPECT_EQ(message_of<std::invalid_argument>([&] { minimise(lasso, by(solver)); }),
              std::string(to_string(solver)) +
                  " cannot minimise an L1 penalty: newton can, and on all rows gd and nesterov");
  }
  LogisticFit fit(testing::random_rows(25, 10, 2), 0.1);
  EXPECT_EQ(message_of<std::invalid_argument>(
                [&] { minimise(fit, 10, testing::in_batches(by(Solver::nesterov), 2, 1)); }),
            "nesterov on batches cannot minimise an L1 penalty: newton can, and on all rows gd and "
            "nesterov");
}

TEST(L1Penalty, HasTheSubgradientThatIsNearestToZero) {
  EXPECT_EQ(smallest_subgradient(2.0, 0.5, 1.0), 1.5);
  EXPECT_EQ(smallest_subgradient(-2.0, 0.5, 1.0), -0.5);
  EXPECT_EQ(smallest_subgradient(0.0, 0.5, 1.0), 0.0);
  EXPECT_EQ(smallest_subgradient(0.0, -1.5, 1.0), -0.5);
}

}  // namespace
}  // namespace models
