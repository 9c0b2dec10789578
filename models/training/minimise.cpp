#include "models/training/minimise.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/training/require.h"
#include "models/training/solvers.h"
#include "models/training/training_run.h"

namespace models {
namespace {

constexpr std::array<std::string_view, 8> solver_names{"auto",     "gd",   "sgd",   "momentum",
                                                       "nesterov", "adam", "lbfgs", "newton"};

void require_in_range(const MinimiseOptions& options, const Validation* validation) {
  require_in_range(options.learning_rate);
  require(options.momentum >= 0.0 && options.momentum < 1.0,
          "the momentum must be 0 or more and below 1", options.momentum);
  require(options.epochs >= 0, "the number of epochs must be 0 or more", options.epochs);
  require(options.report_every >= 1, "the epochs between two reports must be 1 or more",
          options.report_every);
  require(options.tolerance >= 0.0, "the tolerance must be 0 or more", options.tolerance);
  require(options.batch_size >= 0, "the batch size must be 0 or more", options.batch_size);
  if (validation == nullptr) return;
  if (!validation->loss) throw std::invalid_argument("early stopping needs a loss to go by");
  require(validation->patience >= 1, "the patience of early stopping must be 1 epoch or more",
          validation->patience);
}

// Throws where the solver cannot do what it is asked to with such an objective.
void require_able(Solver solver, const Abilities& objective, bool in_batches) {
  const std::string name(to_string(solver));
  if (in_batches && !uses_learning_rate(solver)) {
    throw std::invalid_argument(name +
                                " looks at all rows at once: leave the batch size at 0, or take "
                                "sgd, momentum, nesterov or adam");
  }
  const bool proximal =
      solver == Solver::newton || solver == Solver::gd || solver == Solver::nesterov;
  if (objective.has_l1 && (!proximal || in_batches)) {
    throw std::invalid_argument(
        name + (in_batches ? " on batches" : "") + " cannot minimise an L1 penalty: " +
        (objective.has_hessian ? "newton can, and on all rows gd and nesterov"
                               : "on all rows gd and nesterov can"));
  }
  if (solver == Solver::newton && !objective.has_hessian) {
    throw std::invalid_argument(
        "newton needs a Hessian, which this model does not have or has too many parameters for: "
        "take lbfgs");
  }
}

struct Plan {
  Solver first = Solver::gd;
  std::optional<Solver> then = std::nullopt;
};

Plan plan_of(const MinimiseOptions& options, const Abilities& objective) {
  const bool in_batches = options.batch_size > 0;
  if (options.solver == Solver::gd && in_batches) return {Solver::sgd};
  if (options.solver != Solver::automatic) return {options.solver};
  if (!options.convex) return {objective.has_l1 ? Solver::gd : Solver::adam};
  if (in_batches) return {Solver::sgd};
  if (objective.has_hessian) return {Solver::gd, Solver::newton};
  return {Solver::gd, objective.has_l1 ? Solver::nesterov : Solver::lbfgs};
}

// Throws where the plan cannot be carried out.
Plan able_plan_of(const MinimiseOptions& options, const Abilities& objective) {
  const Plan plan = plan_of(options, objective);
  require_able(plan.first, objective, options.batch_size > 0);
  if (plan.then) require_able(*plan.then, objective, options.batch_size > 0);
  return plan;
}

void solve(TrainingRun& run, Solver solver, long epochs, std::optional<Batches>& batches) {
  run.begin(solver);
  if (solver == Solver::newton) return newton(run);
  if (solver == Solver::lbfgs) return lbfgs(run);
  const Update update = update_rule(solver, run.options().momentum, run.objective().l1());
  descend(run, update, epochs, batches);
}

// A few epochs of the first solver, of which a learning rate that is too large is no reason to go
// on from where it led. Whether the second has anything left to do.
bool begin(TrainingRun& run, Solver solver, std::optional<Batches>& batches) {
  // A Newton step costs about four epochs, and more epochs than these spare less than one.
  constexpr long budget = 5;
  const std::span<double> w = run.objective().parameters();
  const std::vector<double> start(w.begin(), w.end());
  solve(run, solver, std::min(budget, run.options().epochs), batches);
  if (run.over()) return false;
  if (!(run.loss() <= run.first_loss())) {
    std::copy(start.begin(), start.end(), w.begin());
    run.look(true);
  }
  return true;
}

TrainingResult minimise(Objective& objective, std::optional<Batches> batches,
                        const MinimiseOptions& options, const EpochObserver& observer,
                        const Validation* validation) {
  const Plan plan = able_plan_of(options, {objective.has_hessian(), !objective.l1().empty()});
  TrainingRun run(objective, options, observer, validation);
  std::string name(to_string(plan.first));
  if (!plan.then) {
    solve(run, plan.first, options.epochs, batches);
  } else if (begin(run, plan.first, batches)) {
    name.append(", then ").append(to_string(*plan.then));
    solve(run, *plan.then, options.epochs, batches);
  }
  TrainingResult result = run.finish();
  result.solver = name;
  if (uses_learning_rate(plan.first)) result.learning_rate = options.learning_rate.rate;
  result.batch_size = static_cast<std::size_t>(options.batch_size);
  return result;
}

}  // namespace

std::string_view to_string(Solver solver) { return solver_names[static_cast<std::size_t>(solver)]; }

std::optional<Solver> solver_named(std::string_view name) {
  const auto* const found = std::find(solver_names.begin(), solver_names.end(), name);
  if (found == solver_names.end()) return std::nullopt;
  return static_cast<Solver>(found - solver_names.begin());
}

bool uses_learning_rate(Solver solver) {
  return solver != Solver::lbfgs && solver != Solver::newton;
}

void require_possible(const MinimiseOptions& options, const Abilities& objective) {
  require_in_range(options, nullptr);
  able_plan_of(options, objective);
}

TrainingResult minimise(RowObjective& objective, std::size_t rows, const MinimiseOptions& options,
                        const EpochObserver& observer, const Validation* validation) {
  if (options.batch_size == 0) return minimise(objective, options, observer, validation);
  require_in_range(options, validation);
  MiniBatches batches(rows, static_cast<std::size_t>(options.batch_size), options.seed);
  return minimise(objective, Batches{objective, std::move(batches)}, options, observer, validation);
}

TrainingResult minimise(Objective& objective, const MinimiseOptions& options,
                        const EpochObserver& observer, const Validation* validation) {
  require_in_range(options, validation);
  if (options.batch_size > 0) {
    throw std::invalid_argument("there are no rows to make batches of");
  }
  return minimise(objective, std::nullopt, options, observer, validation);
}

}  // namespace models
