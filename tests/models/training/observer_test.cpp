// Who is told of epochs, of what, and that nothing depends on it; how training is interrupted.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "models/fit.h"
#include "tests/models/training/objectives.h"

namespace models {
namespace {

using testing::by;
using testing::LogisticFit;
using testing::Parabola;
using testing::random_rows;

constexpr std::array every_solver{Solver::automatic, Solver::gd,   Solver::sgd,   Solver::momentum,
                                  Solver::nesterov,  Solver::adam, Solver::lbfgs, Solver::newton};

// ---- what an observer is told

TEST(Observer, IsToldTheLossOfTheRowsKeptAsideInTheSameEpoch) {
  // p halves in each epoch.
  Parabola parabola({1.0});
  const Validation validation{[](std::span<const double> p) { return 10.0 * p[0]; }, 4};
  std::vector<double> losses;
  std::vector<double> validation_losses;
  minimise(
      parabola, by(Solver::gd, 0.5, 3, 0.0),
      [&](const EpochReport& report) {
        losses.push_back(report.loss);
        validation_losses.push_back(report.validation_loss.value_or(-1.0));
      },
      &validation);
  EXPECT_EQ(losses, (std::vector{0.5, 0.125, 0.03125, 0.0078125}));
  EXPECT_EQ(validation_losses, (std::vector{10.0, 5.0, 2.5, 1.25}));
}

TEST(Observer, IsToldOfNoValidationWhereThereIsNone) {
  for (const Solver solver : every_solver) {
    Parabola parabola({1.0});
    minimise(parabola, by(solver, 0.5, 3, 0.0), [&](const EpochReport& report) {
      EXPECT_FALSE(report.validation_loss) << to_string(solver);
    });
  }
}

TEST(Observer, IsToldWhichSolverIsAtWork) {
  LogisticFit fit(random_rows(31, 200, 4));
  std::vector<std::string_view> solvers;
  minimise(fit, by(Solver::automatic, 0.2),
           [&](const EpochReport& report) { solvers.push_back(report.solver); });
  ASSERT_GT(solvers.size(), 7U);
  for (std::size_t k = 0; k < solvers.size(); ++k) EXPECT_EQ(solvers[k], k <= 5 ? "gd" : "newton");
}

TEST(Observer, SeesEveryEpochOfEverySolverOnceWithTheLossThere) {
  for (const Solver solver : every_solver) {
    LogisticFit fit(random_rows(33, 60, 2));
    long next = 0;
    double last = 0.0;
    const TrainingResult result =
        minimise(fit, by(solver, 0.3, 40), [&](const EpochReport& report) {
          EXPECT_EQ(report.epoch, next++) << to_string(solver);
          last = report.loss;
        });
    EXPECT_EQ(next, result.epochs + 1) << to_string(solver);
    EXPECT_EQ(last, result.loss) << to_string(solver);
  }
}

// ---- and that nothing depends on it

// The parameters of a fit to tests/data, with or without an observer, as bits.
std::vector<std::uint64_t> fitted(const Dataset& data, const FitOptions& options, bool observed) {
  const EpochObserver observer = observed ? [](const EpochReport&) {} : EpochObserver();
  std::vector<std::uint64_t> bits;
  for (const double parameter : fit(data, options, observer).classifier.parameters) {
    bits.push_back(std::bit_cast<std::uint64_t>(parameter));
  }
  return bits;
}

Dataset dataset(std::string_view file, std::string_view target) {
  return make_dataset(read_csv(TAPEWISE_TEST_DATA "/" + std::string(file)), target);
}

TEST(Observer, ChangesNoBitOfALinearModel) {
  const Dataset two = dataset("breast_cancer.csv", "diagnosis");
  const Dataset three = dataset("iris.csv", "species");
  for (const Solver solver : every_solver) {
    for (const long batch_size : {0, 50}) {
      const bool in_batches = uses_learning_rate(solver);
      if (batch_size > 0 && !in_batches) continue;
      FitOptions options;
      options.minimise.solver = solver;
      options.minimise.batch_size = batch_size;
      options.minimise.epochs = 30;
      options.penalty.l2 = 0.01;
      EXPECT_EQ(fitted(two, options, true), fitted(two, options, false)) << to_string(solver);
      EXPECT_EQ(fitted(three, options, true), fitted(three, options, false)) << to_string(solver);
    }
  }
}

TEST(Observer, ChangesNoBitOfOtherLosses) {
  const Dataset data = dataset("breast_cancer.csv", "diagnosis");
  FitOptions options;
  options.minimise.solver = Solver::gd;
  options.minimise.epochs = 20;
  options.cross_entropy = CrossEntropy::textbook;
  EXPECT_EQ(fitted(data, options, true), fitted(data, options, false)) << "textbook";
  options.cross_entropy = CrossEntropy::fused;
  options.penalty.l1 = 0.01;
  EXPECT_EQ(fitted(data, options, true), fitted(data, options, false)) << "l1";
  options.penalty.l1 = 0.0;
  options.validation_share = 0.25;
  EXPECT_EQ(fitted(data, options, true), fitted(data, options, false)) << "validation";
  options.validation_share = 0.0;
  options.kind = ModelKind::mlp;
  options.hidden = {4};
  options.minimise.convex = false;
  EXPECT_EQ(fitted(data, options, true), fitted(data, options, false)) << "mlp";
}

TEST(Observer, IsWhatLossesAreComputedFor) {
  for (const bool observed : {false, true}) {
    LogisticFit fit(random_rows(34, 40, 2));
    const EpochObserver observer = observed ? [](const EpochReport&) {} : EpochObserver();
    minimise(fit, by(Solver::gd, 0.1, 20, 0.0), observer);
    EXPECT_EQ(fit.evaluations, observed ? 21 : 2);
    EXPECT_EQ(fit.differentiations, observed ? 0 : 19);
  }
}

// ---- interruption

TEST(Interruption, EndsEverySolverAfterTheEpoch) {
  for (const Solver solver : every_solver) {
    LogisticFit fit(random_rows(35, 100, 3));
    MinimiseOptions options = by(solver, 0.1, 1000, 0.0);
    int asked = 0;
    options.interrupted = [&] { return ++asked == 3; };
    const TrainingResult result = minimise(fit, options);
    EXPECT_TRUE(result.interrupted) << to_string(solver);
    EXPECT_EQ(result.epochs, 3) << to_string(solver);
    EXPECT_FALSE(result.converged);
    EXPECT_EQ(result.loss, fit.evaluate()) << "that of the parameters as they are";
  }
}

TEST(Interruption, KeepsTheParametersThatTheSameNumberOfEpochsGives) {
  for (const Solver solver : {Solver::gd, Solver::momentum, Solver::adam, Solver::lbfgs}) {
    LogisticFit interrupted(random_rows(36, 100, 3));
    MinimiseOptions options = by(solver, 0.1, 1000, 0.0);
    int asked = 0;
    options.interrupted = [&] { return ++asked == 7; };
    minimise(interrupted, options);
    LogisticFit whole(random_rows(36, 100, 3));
    minimise(whole, by(solver, 0.1, 7, 0.0));
    for (std::size_t k = 0; k < whole.parameters().size(); ++k) {
      EXPECT_EQ(interrupted.parameters()[k], whole.parameters()[k]) << to_string(solver);
    }
  }
}

TEST(Interruption, IsNotReportedWhereNobodyAsked) {
  LogisticFit fit(random_rows(35, 100, 3));
  MinimiseOptions options = by(Solver::gd, 0.1, 10, 0.0);
  EXPECT_FALSE(minimise(fit, options).interrupted);
  options.interrupted = [] { return false; };
  EXPECT_FALSE(minimise(fit, options).interrupted);
}

TEST(Interruption, LeavesAFitThatIsNotConvergedAndHasNoInference) {
  const Dataset data = dataset("hours.csv", "pass");
  FitOptions options;
  ASSERT_TRUE(fit(data, options).classifier.fit.converged());
  options.minimise.interrupted = [] { return true; };
  const Fit interrupted = fit(data, options);
  const FitRecord& record = interrupted.classifier.fit;
  EXPECT_TRUE(record.training.interrupted);
  EXPECT_FALSE(record.converged());
  EXPECT_EQ(record.training.epochs, 1);
  EXPECT_FALSE(record.optimality_gap);
  EXPECT_EQ(interrupted.withheld, "training was interrupted");
  EXPECT_EQ(interrupted.coefficients.size(), 2U);
  EXPECT_TRUE(std::isfinite(interrupted.training->log_loss));
}

TEST(Interruption, OfTheLastDigitsIsOneOfTheFit) {
  const Dataset data = dataset("hours.csv", "pass");
  FitOptions options;
  const long epochs = fit(data, options).classifier.fit.training.epochs;
  // Whatever the epoch, the result is one or the other.
  for (long epoch = 1; epoch <= epochs; ++epoch) {
    long asked = 0;
    options.minimise.interrupted = [&] { return ++asked >= epoch; };
    const FitRecord record = fit(data, options).classifier.fit;
    EXPECT_TRUE(record.training.interrupted) << epoch;
    EXPECT_FALSE(record.converged()) << epoch;
    EXPECT_EQ(record.training.epochs, epoch);
  }
}

}  // namespace
}  // namespace models
