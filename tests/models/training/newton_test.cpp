// Newton steps and L-BFGS: parabolas, published fits of logistic regression, functions that are not
// convex, and what happens where no step helps.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "models/training/minimise.h"
#include "tests/models/training/objectives.h"

namespace models {
namespace {

using testing::by;
using testing::LogisticFit;
using testing::Parabola;
using testing::Rows;

constexpr std::array second_order{Solver::newton, Solver::lbfgs};

// Spector and Mazzeo, "Probit analysis and economic education", J. Econ. Educ. 11 (1980), as Greene
// prints it: GPA, TUCE, PSI and whether the grade improved. The published coefficients come from a
// program that kept the table in single precision, which shows in their seventh digit.
Rows spector() {
  constexpr std::array<float, 128> table{
      2.66F, 20, 0, 0, 2.89F, 22, 0, 0, 3.28F, 24, 0, 0, 2.92F, 12, 0, 0, 4.00F, 21, 0, 1,
      2.86F, 17, 0, 0, 2.76F, 17, 0, 0, 2.87F, 21, 0, 0, 3.03F, 25, 0, 0, 3.92F, 29, 0, 1,
      2.63F, 20, 0, 0, 3.32F, 23, 0, 0, 3.57F, 23, 0, 0, 3.26F, 25, 0, 1, 3.53F, 26, 0, 0,
      2.74F, 19, 0, 0, 2.75F, 25, 0, 0, 2.83F, 19, 0, 0, 3.12F, 23, 1, 0, 3.16F, 25, 1, 1,
      2.06F, 22, 1, 0, 3.62F, 28, 1, 1, 2.89F, 14, 1, 0, 3.51F, 26, 1, 0, 3.54F, 24, 1, 1,
      2.83F, 27, 1, 1, 3.39F, 17, 1, 1, 2.67F, 24, 1, 0, 3.65F, 21, 1, 1, 4.00F, 23, 1, 1,
      3.10F, 21, 1, 0, 2.39F, 19, 1, 1};
  Rows rows{{}, {}, 3};
  for (std::size_t row = 0; row < 32; ++row) {
    for (std::size_t k = 0; k < 3; ++k) rows.features.push_back(double{table[4 * row + k]});
    rows.labels.push_back(double{table[4 * row + 3]});
  }
  return rows;
}

void expect_published(std::span<const double> w, std::string_view solver) {
  // Greene, "Econometric Analysis", table of the example; digits of statsmodels' own tests.
  constexpr std::array published{2.82611297201, 0.0951576702557, 2.37868772835, -13.0213483201};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(w[k] / published[k], 1.0, 1e-10) << solver << ", coefficient " << k + 1;
  }
}

TEST(SecondOrderSolvers, FindThePublishedCoefficientsOfSpectorAndMazzeo) {
  // Columns as they are, not on one scale: the Hessian's condition is 1e5.
  for (const Solver solver : second_order) {
    LogisticFit fit(spector());
    const TrainingResult result = minimise(fit, by(solver));
    EXPECT_TRUE(result.converged) << to_string(solver);
    EXPECT_EQ(result.solver, to_string(solver));
    EXPECT_EQ(result.learning_rate, 0.0);
    EXPECT_NEAR(-32.0 * result.loss, -12.8896334653335, 1e-12);
    expect_published(fit.parameters(), to_string(solver));
  }
}

TEST(SecondOrderSolvers, ReachTheMinimumOfAParabola) {
  for (const Solver solver : second_order) {
    Parabola parabola({1.0, 1e-3, 1e3});
    const TrainingResult result = minimise(parabola, by(solver, 0.1, 200, 1e-12));
    EXPECT_TRUE(result.converged) << to_string(solver);
    for (const double p : parabola.parameters()) EXPECT_NEAR(p, 0.0, 1e-9);
    EXPECT_LT(result.loss, 1e-20);
  }
}

TEST(Newton, NeedsOneStepForAParabola) {
  Parabola parabola({4.0, 0.5});
  const TrainingResult result = minimise(parabola, by(Solver::newton));
  EXPECT_EQ(result.epochs, 1);
  EXPECT_LT(result.gradient_norm, 1e-15);
  EXPECT_EQ(parabola.evaluations, 2);
}

TEST(SecondOrderSolvers, AgreeOnOrdinaryFits) {
  for (const Rows& rows : {testing::standardised("hours.csv", "pass"),
                           testing::random_rows(3, 60, 4), testing::random_rows(4, 500, 8)}) {
    std::vector<std::vector<double>> found;
    for (const Solver solver : {Solver::newton, Solver::lbfgs, Solver::automatic, Solver::gd}) {
      LogisticFit fit(rows);
      const TrainingResult result =
          minimise(fit, by(solver, 0.2, 100000, solver == Solver::gd ? 1e-10 : 1e-8));
      EXPECT_TRUE(result.converged) << to_string(solver) << " " << result.gradient_norm;
      found.emplace_back(fit.parameters().begin(), fit.parameters().end());
    }
    for (std::size_t k = 0; k < found[0].size(); ++k) {
      EXPECT_NEAR(found[1][k], found[0][k], 1e-8);
      EXPECT_NEAR(found[2][k], found[0][k], 1e-10);
      EXPECT_NEAR(found[3][k], found[0][k], 1e-7);
    }
  }
}

// (1 − x)² + 100·(y − x²)², from (−1.2, 1): Rosenbrock, "An automatic method for finding the
// greatest or least value of a function", The Computer Journal 3 (1960). Its Hessian is indefinite
// on the way.
class Rosenbrock : public Objective {
 public:
  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  double evaluate() override {
    const double x = parameters_[0];
    const double y = parameters_[1];
    const double off = y - x * x;
    gradient_ = {-2.0 * (1.0 - x) - 400.0 * x * off, 200.0 * off};
    return (1.0 - x) * (1.0 - x) + 100.0 * off * off;
  }
  [[nodiscard]] bool has_hessian() const override { return true; }
  std::span<const double> hessian() override {
    const double x = parameters_[0];
    hessian_ = {2.0 - 400.0 * (parameters_[1] - 3.0 * x * x), -400.0 * x, -400.0 * x, 200.0};
    return hessian_;
  }

 private:
  std::vector<double> parameters_{-1.2, 1.0};
  std::vector<double> gradient_{0.0, 0.0};
  std::vector<double> hessian_;
};

TEST(SecondOrderSolvers, FollowRosenbrocksValley) {
  for (const Solver solver : second_order) {
    for (const double x : {-1.2, 0.0}) {  // at (0, 1) the Hessian is indefinite
      Rosenbrock valley;
      valley.parameters()[0] = x;
      double last = std::numeric_limits<double>::infinity();
      const TrainingResult result =
          minimise(valley, by(solver, 0.1, 200, 1e-10), [&](const EpochReport& report) {
            EXPECT_LE(report.loss, last) << "an iteration never raises the loss";
            last = report.loss;
          });
      EXPECT_TRUE(result.converged) << to_string(solver);
      EXPECT_NEAR(valley.parameters()[0], 1.0, 1e-9);
      EXPECT_NEAR(valley.parameters()[1], 1.0, 1e-9);
    }
  }
}

// −log(x) + x where x > 0, not a number elsewhere: from far away the first steps leave the domain.
class Barrier : public Parabola {
 public:
  Barrier() : Parabola({1.0}) { parameters()[0] = 10.0; }
  [[nodiscard]] std::span<const double> gradient() const override { return {&slope_, 1}; }
  double evaluate() override {
    const double x = parameters()[0];
    if (!(x > 0.0)) throw autograd::NonFiniteError("log of a negative number");
    slope_ = 1.0 - 1.0 / x;
    return x - std::log(x);
  }
  std::span<const double> hessian() override {
    curvature_ = 1.0 / (parameters()[0] * parameters()[0]);
    return {&curvature_, 1};
  }

 private:
  double slope_ = 0.0;
  double curvature_ = 0.0;
};

TEST(SecondOrderSolvers, ShortenStepsThatLeaveTheNumbers) {
  for (const Solver solver : second_order) {
    Barrier barrier;
    EXPECT_TRUE(minimise(barrier, by(solver)).converged) << to_string(solver);
    EXPECT_NEAR(barrier.parameters()[0], 1.0, 1e-8);
  }
}

TEST(SecondOrderSolvers, EndHonestlyWhereRoundingLetsNothingFall) {
  for (const Solver solver : second_order) {
    LogisticFit fit(testing::random_rows(5, 100, 3));
    const TrainingResult result = minimise(fit, by(solver, 0.1, 10000, 0.0));
    EXPECT_FALSE(result.converged && result.gradient_norm > 0.0);
    EXPECT_LT(result.epochs, 60) << to_string(solver);
    EXPECT_LT(result.gradient_norm, 1e-14) << to_string(solver);
    fit.evaluate();
    double norm = 0.0;
    for (const double slope : fit.gradient()) norm = std::max(norm, std::abs(slope));
    EXPECT_EQ(result.gradient_norm, norm) << "that of the parameters as they were left";
  }
}

// Claims a slope that the loss does not have: nothing ever falls.
class Liar : public Parabola {
 public:
  Liar() : Parabola({1.0}) {}
  double evaluate() override {
    Parabola::evaluate();
    return 1.0 + std::abs(parameters()[0] - 1.0);
  }
};

TEST(SecondOrderSolvers, StopWithTheParametersTheyHadWhereNoStepHelps) {
  for (const Solver solver : second_order) {
    Liar liar;
    const TrainingResult result = minimise(liar, by(solver));
    EXPECT_FALSE(result.converged);
    EXPECT_EQ(result.epochs, 0);
    EXPECT_EQ(liar.parameters()[0], 1.0);
    EXPECT_EQ(result.loss, 1.0);
    EXPECT_EQ(result.gradient_norm, 1.0);
    EXPECT_LT(liar.evaluations, 130);
  }
}

TEST(SecondOrderSolvers, StopAfterTheirIterations) {
  for (const Solver solver : second_order) {
    LogisticFit fit(testing::random_rows(6, 100, 3));
    std::vector<long> seen;
    const TrainingResult result = minimise(
        fit, by(solver, 0.1, 3), [&](const EpochReport& report) { seen.push_back(report.epoch); });
    EXPECT_EQ(seen, (std::vector<long>{0, 1, 2, 3})) << to_string(solver);
    EXPECT_EQ(result.epochs, 3);
    EXPECT_FALSE(result.converged);
  }
}

TEST(SecondOrderSolvers, LetTheObserverStopThemByAnException) {
  for (const Solver solver : second_order) {
    LogisticFit fit(testing::random_rows(6, 100, 3));
    const auto stop = [](const EpochReport& report) {
      if (report.epoch == 2) throw std::runtime_error("enough");
    };
    EXPECT_THROW(minimise(fit, by(solver), stop), std::runtime_error) << to_string(solver);
  }
}

TEST(Newton, FitsWhereColumnsAreAlike) {
  // The second column is the first: the Hessian is singular, the loss has a valley of minima.
  Rows rows = testing::random_rows(7, 80, 2);
  for (std::size_t row = 0; row < 80; ++row) rows.features[2 * row + 1] = rows.features[2 * row];
  LogisticFit fit(rows);
  const TrainingResult result = minimise(fit, by(Solver::newton));
  EXPECT_TRUE(result.converged);
  EXPECT_LT(result.epochs, 15);
  EXPECT_NEAR(fit.parameters()[0], fit.parameters()[1], 1e-3);
}

TEST(SecondOrderSolvers, FitWhereColumnsAreNearlyAlike) {
  // A millionth apart: the curvatures of the loss lie 12 decades apart.
  Rows rows = testing::random_rows(1, 200, 3);
  for (std::size_t row = 0; row < 200; ++row) {
    rows.features[3 * row + 1] = rows.features[3 * row] + 1e-6 * rows.features[3 * row + 1];
  }
  std::vector<double> losses;
  for (const Solver solver : second_order) {
    LogisticFit fit(rows);
    const TrainingResult result = minimise(fit, by(solver, 0.1, 200));
    EXPECT_TRUE(result.converged) << to_string(solver) << " " << result.gradient_norm;
    losses.push_back(result.loss);
  }
  EXPECT_NEAR(losses[0], losses[1], 1e-9);
}

TEST(Newton, GoesOnByGradientsOnDataThatAreSeparated) {
  const Rows rows{{-2.0, -1.0, 1.0, 2.0}, {0.0, 0.0, 1.0, 1.0}, 1};
  LogisticFit fit(rows);
  const TrainingResult result = minimise(fit, by(Solver::newton, 0.1, 100));
  EXPECT_TRUE(result.converged) << "the gradient vanishes, far out";
  EXPECT_GT(fit.parameters()[0], 15.0);
}

TEST(Newton, EvaluatesOnceForEachStepAndKeepsTheHessianWhileItServes) {
  LogisticFit fit(testing::random_rows(8, 400, 5));
  const TrainingResult result = minimise(fit, by(Solver::newton));
  EXPECT_TRUE(result.converged);
  EXPECT_LT(result.gradient_norm, 1e-13) << "goes on beyond the tolerance, where that costs little";
  EXPECT_LE(fit.evaluations, result.epochs + 2) << "the start, the steps, a last one in vain";
  EXPECT_LE(fit.hessians, 5);
}

}  // namespace
}  // namespace models
