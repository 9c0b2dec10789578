// Gradient descent as documented: w := w − learning_rate · dw, all parameters at once, on all rows.
//
// Rule for callers: TrainingResult says whether the tolerance was reached; a small loss alone does
// not.
#pragma once

#include <functional>

#include "models/training/objective.h"

namespace models {

struct GradientDescentOptions {
  double learning_rate = 0.1;  // > 0
  long epochs = 10000;         // updates at most, >= 0
  double tolerance = 1e-8;     // on the largest entry of the gradient, >= 0
  long report_every = 1;       // epochs between two calls of the observer, >= 1
};

// What one epoch looked like, before its update.
struct EpochReport {
  long epoch = 0;  // updates done so far
  double loss = 0.0;
  double gradient_norm = 0.0;  // the largest absolute entry of the gradient
};
using EpochObserver = std::function<void(const EpochReport&)>;

// Where training ended: loss and gradient belong to the parameters as they are now.
struct TrainingResult {
  long epochs = 0;          // updates done
  double first_loss = 0.0;  // before the first update
  double loss = 0.0;
  double gradient_norm = 0.0;  // the largest absolute entry of the gradient
  double learning_rate = 0.0;
  bool converged = false;  // gradient_norm <= tolerance
};

// The loss is computed in the first and the last epoch and in those the observer sees; the others
// need the gradient alone.
//
// Throws std::invalid_argument for options outside their ranges, and what the objective throws; the
// parameters are then those of the step that failed.
TrainingResult gradient_descent(Objective& objective, const GradientDescentOptions& options,
                                const EpochObserver& observer = {});

}  // namespace models
