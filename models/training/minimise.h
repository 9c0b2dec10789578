// The optimisers by their names, and the choice among them.
//
// Rule for callers: TrainingResult says whether the tolerance was reached; a small loss alone does
// not. Every loss and gradient norm that is told is that of all rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "models/training/objective.h"
#include "models/training/training_result.h"

namespace models {

enum class Solver : std::uint8_t {
  automatic,  // the documented gradient descent, finished by Newton steps where there is a Hessian,
              // else by L-BFGS; Adam where the objective is not convex
  gd,         // w := w − learning_rate · dw, on all rows
  sgd,        // the same on one batch after the other
  momentum,   // Δw := momentum · Δw + learning_rate · dw, w := w − Δw
  nesterov,   // the same with the gradient at w − momentum · Δw
  adam,
  lbfgs,
  newton,
};

// "auto", "gd", "sgd", …: the name of the flag.
std::string_view to_string(Solver solver);
std::optional<Solver> solver_named(std::string_view name);

enum class Schedule : std::uint8_t { constant, step, cosine };
std::string_view to_string(Schedule schedule);
std::optional<Schedule> schedule_named(std::string_view name);

// The learning rate over the epochs.
struct LearningRate {
  double rate = 0.1;  // > 0
  Schedule schedule = Schedule::constant;
  long warm_up = 0;      // epochs in which the rate grows linearly to its value
  long step_every = 10;  // step: epochs between two reductions
  double step_factor = 0.1;
};

struct MinimiseOptions {
  Solver solver = Solver::automatic;
  LearningRate learning_rate;
  double momentum = 0.9;
  long epochs = 10000;      // passes over all rows at most; of newton and lbfgs, iterations
  double tolerance = 1e-8;  // on the largest entry of the (sub)gradient
  long report_every = 1;
  long batch_size = 0;     // 0: all rows
  std::uint64_t seed = 0;  // of the order of rows
  bool convex = true;      // what automatic goes by
};

// Early stopping: the loss of rows that are not trained on, at given parameters.
struct Validation {
  std::function<double(std::span<const double> parameters)> loss;
  long patience = 10;  // epochs without a new best loss after which training ends
};

// Minimises from the parameters as they are, which end at the best found. Throws
// std::invalid_argument for options outside their ranges, and what the objective throws.
TrainingResult minimise(RowObjective& objective, std::size_t rows, const MinimiseOptions& options,
                        const EpochObserver& observer = {}, const Validation* validation = nullptr);

}  // namespace models
