// What holds for all solvers: their names, what automatic chooses, early stopping, and options that
// are refused.
#include "models/training/minimise.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/models/training/objectives.h"

namespace models {
namespace {

using testing::by;
using testing::Centres;
using testing::in_batches;
using testing::LogisticFit;
using testing::message_of;
using testing::Parabola;
using testing::random_rows;

constexpr std::array all_solvers{Solver::automatic, Solver::gd,   Solver::sgd,   Solver::momentum,
                                 Solver::nesterov,  Solver::adam, Solver::lbfgs, Solver::newton};

TEST(Solver, HasTheNameOfItsFlag) {
  for (const Solver solver : all_solvers) EXPECT_EQ(solver_named(to_string(solver)), solver);
  EXPECT_EQ(to_string(Solver::automatic), "auto");
  EXPECT_EQ(to_string(Solver::newton), "newton");
  EXPECT_EQ(solver_named("saga"), std::nullopt);
  EXPECT_TRUE(uses_learning_rate(Solver::automatic));
  EXPECT_FALSE(uses_learning_rate(Solver::newton));
}

// ---- what automatic chooses

TEST(AutomaticSolver, FinishesConvexObjectivesByTheHessianThereIs) {
  LogisticFit fit(random_rows(31, 200, 4));
  std::vector<long> seen;
  const TrainingResult result =
      minimise(fit, by(Solver::automatic, 0.2),
               [&](const EpochReport& report) { seen.push_back(report.epoch); });
  EXPECT_EQ(result.solver, "gd, then newton");
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.learning_rate, 0.2);
  EXPECT_GT(result.epochs, 5);
  EXPECT_LT(result.epochs, 15);
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(result.epochs) + 1);
  for (std::size_t k = 0; k < seen.size(); ++k) EXPECT_EQ(seen[k], static_cast<long>(k));
}

TEST(AutomaticSolver, LooksAtAllRowsNoMoreOftenThanItSteps) {
  LogisticFit fit(random_rows(31, 200, 4));
  const TrainingResult result = minimise(fit, by(Solver::automatic, 0.2));
  EXPECT_LE(fit.evaluations + fit.differentiations, result.epochs + 2);
  EXPECT_LE(fit.hessians, result.epochs - 5);
}

TEST(AutomaticSolver, FinishesByLbfgsWithoutAHessian) {
  LogisticFit fit(random_rows(31, 200, 4));
  fit.has_a_hessian = false;
  const TrainingResult result = minimise(fit, by(Solver::automatic, 0.2));
  EXPECT_EQ(result.solver, "gd, then lbfgs");
  EXPECT_TRUE(result.converged);
}

TEST(AutomaticSolver, IsGradientDescentWhereThatConverges) {
  Parabola parabola({1.0});
  const TrainingResult result = minimise(parabola, by(Solver::automatic, 1.0 - 0x1p-7));
  EXPECT_EQ(result.solver, "gd");
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.epochs, 4) << "each makes the gradient 128 times smaller";
}

TEST(AutomaticSolver, KeepsToTheEpochsItIsGiven) {
  for (const long epochs : {0L, 3L, 5L, 7L}) {
    LogisticFit fit(random_rows(31, 200, 4));
    const TrainingResult result = minimise(fit, by(Solver::automatic, 0.2, epochs));
    EXPECT_EQ(result.epochs, epochs);
    EXPECT_EQ(result.solver, epochs > 5 ? "gd, then newton" : "gd");
    EXPECT_FALSE(result.converged);
  }
}

TEST(AutomaticSolver, ForgetsGradientDescentAtARateThatIsTooLarge) {
  LogisticFit fit(random_rows(31, 200, 4));
  const TrainingResult result = minimise(fit, by(Solver::automatic, 1000.0));
  EXPECT_EQ(result.solver, "gd, then newton");
  EXPECT_TRUE(result.converged);
}

TEST(AutomaticSolver, TakesAdamWhereTheObjectiveIsNotConvex) {
  Parabola parabola({1.0});
  MinimiseOptions options = by(Solver::automatic, 0.01, 5);
  options.convex = false;
  EXPECT_EQ(minimise(parabola, options).solver, "adam");
}

TEST(AutomaticSolver, OnBatchesIsStochasticGradientDescent) {
  for (const Solver solver : {Solver::automatic, Solver::gd}) {
    Centres centres({1.0, 2.0});
    const TrainingResult result = minimise(centres, 2, in_batches(by(solver, 0.1, 3), 1, 1));
    EXPECT_EQ(result.solver, "sgd");
    EXPECT_EQ(result.batch_size, 1U);
  }
}

// ---- early stopping

TEST(EarlyStopping, RestoresTheParametersOfTheLowestLoss) {
  // p halves in each epoch; the validation rows want 0.3: 0.25 is the best, after two epochs.
  Parabola parabola({1.0});
  const Validation validation{[](std::span<const double> p) { return std::abs(p[0] - 0.3); }, 4};
  const TrainingResult result = minimise(parabola, by(Solver::gd, 0.5, 100, 0.0), {}, &validation);
  EXPECT_TRUE(result.stopped_early);
  EXPECT_FALSE(result.converged);
  EXPECT_EQ(result.epochs, 6);
  EXPECT_EQ(parabola.parameters()[0], 0.25);
  EXPECT_EQ(result.gradient_norm, 0.25);
  EXPECT_EQ(result.loss, 0.03125);
  EXPECT_EQ(result.first_loss, 0.5);
}

TEST(EarlyStopping, RestoresThemWhereTrainingEndsBeforeThePatience) {
  Parabola parabola({1.0});
  const Validation validation{[](std::span<const double> p) { return std::abs(p[0] - 0.3); }, 50};
  const TrainingResult result =
      minimise(parabola, by(Solver::gd, 0.5, 100, 0x1p-6), {}, &validation);
  EXPECT_EQ(result.epochs, 6);
  EXPECT_TRUE(result.stopped_early);
  EXPECT_FALSE(result.converged) << "the parameters are not those that did";
  EXPECT_EQ(parabola.parameters()[0], 0.25);
}

TEST(EarlyStopping, LeavesTrainingAloneWhoseValidationLossFallsToTheEnd) {
  Parabola parabola({1.0});
  const Validation validation{[](std::span<const double> p) { return p[0]; }, 1};
  const TrainingResult result =
      minimise(parabola, by(Solver::gd, 0.5, 100, 0x1p-6), {}, &validation);
  EXPECT_FALSE(result.stopped_early);
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(parabola.parameters()[0], 0x1p-6);
}

TEST(EarlyStopping, StopsEverySolverAtItsStartWhereNothingHelps) {
  for (const Solver solver : all_solvers) {
    LogisticFit fit(random_rows(32, 50, 2));
    const Validation validation{
        [](std::span<const double> w) { return std::abs(w[0]) + std::abs(w[1]); }, 2};
    std::vector<long> seen;
    const TrainingResult result = minimise(
        fit, by(solver, 0.1, 1000, 1e-12),
        [&](const EpochReport& report) { seen.push_back(report.epoch); }, &validation);
    EXPECT_EQ(result.epochs, 2) << to_string(solver);
    EXPECT_TRUE(result.stopped_early);
    EXPECT_EQ(fit.parameters()[0], 0.0);
    EXPECT_EQ(result.loss, result.first_loss);
    EXPECT_EQ(seen, (std::vector<long>{0, 1, 2}));
  }
}

TEST(EarlyStopping, MeasuresEveryEpochOfBatchesWhetherOrNotAllRowsAreLookedAt) {
  Centres centres({1.0, 2.0, 3.0});
  int measured = 0;
  const Validation validation{[&](std::span<const double>) { return -(++measured); }, 3};
  minimise(centres, 3, in_batches(by(Solver::sgd, 0.1, 7, 0.0, 100), 1, 1), {}, &validation);
  EXPECT_EQ(measured, 8);
  EXPECT_EQ(centres.evaluated_after, (std::vector<std::size_t>{0, 21}));
}

TEST(EarlyStopping, TakesALossThatIsNotANumberForNoBetter) {
  Parabola parabola({1.0});
  const Validation validation{
      [](std::span<const double>) { return std::numeric_limits<double>::quiet_NaN(); }, 3};
  const TrainingResult result = minimise(parabola, by(Solver::gd, 0.5, 100, 0.0), {}, &validation);
  EXPECT_EQ(result.epochs, 3);
  EXPECT_EQ(parabola.parameters()[0], 1.0);
}

// ---- options

TEST(Minimise, RefusesOptionsOutOfTheirRanges) {
  const auto message = [](auto change) {
    MinimiseOptions options;
    change(options);
    Centres centres({1.0, 2.0});
    return message_of<std::invalid_argument>([&] { minimise(centres, 2, options); });
  };
  EXPECT_EQ(message([](auto& o) { o.momentum = 1.0; }),
            "the momentum must be 0 or more and below 1, not 1.000000");
  EXPECT_EQ(message([](auto& o) { o.batch_size = -1; }),
            "the batch size must be 0 or more, not -1");
  EXPECT_EQ(message([](auto& o) { o.batch_size = 3; }),
            "a batch must have between 1 and all 2 rows, not 3");
  EXPECT_EQ(message([](auto& o) { o.learning_rate.warm_up = -2; }),
            "the epochs of warm-up must be 0 or more, not -2");
  EXPECT_EQ(message([](auto& o) { o.solver = Solver::newton; }),
            "newton needs a Hessian, which this model does not have or has too many parameters "
            "for: take lbfgs");
  EXPECT_EQ(message([](auto& o) {
              o.solver = Solver::lbfgs;
              o.batch_size = 1;
            }),
            "lbfgs looks at all rows at once: leave the batch size at 0, or take sgd, momentum, "
            "nesterov or adam");
}

TEST(Minimise, RefusesBatchesOfWhatHasNoRows) {
  Parabola parabola({1.0});
  MinimiseOptions options;
  options.batch_size = 1;
  EXPECT_EQ(message_of<std::invalid_argument>([&] { minimise(parabola, options); }),
            "there are no rows to make batches of");
}

TEST(Minimise, RefusesEarlyStoppingByNothing) {
  const auto message = [](const Validation& validation) {
    Parabola parabola({1.0});
    return message_of<std::invalid_argument>([&] { minimise(parabola, {}, {}, &validation); });
  };
  EXPECT_EQ(message({}), "early stopping needs a loss to go by");
  EXPECT_EQ(message({[](std::span<const double>) { return 0.0; }, 0}),
            "the patience of early stopping must be 1 epoch or more, not 0");
}

TEST(Minimise, HasTheSameBitsForTheSameSeed) {
  const auto fitted = [](std::uint64_t seed) {
    LogisticFit fit(random_rows(33, 40, 3));
    minimise(fit, fit.rows(), in_batches(by(Solver::adam, 0.05, 5), 7, seed));
    return std::vector<double>(fit.parameters().begin(), fit.parameters().end());
  };
  EXPECT_EQ(fitted(1), fitted(1));
  EXPECT_NE(fitted(1), fitted(2));
}

}  // namespace
}  // namespace models
