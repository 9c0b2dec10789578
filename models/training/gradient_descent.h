// Gradient descent as documented: w := w − learning_rate · dw, all parameters at once, with dw of
// all rows or of one batch after the other.
//
// Rule for callers: TrainingResult says whether the tolerance was reached; a small loss alone does
// not. Every loss and gradient norm that is told is that of all rows.
#pragma once

#include "models/training/mini_batches.h"
#include "models/training/objective.h"
#include "models/training/training_result.h"

namespace models {

struct GradientDescentOptions {
  double learning_rate = 0.1;  // > 0
  long epochs = 10000;         // passes over all rows at most, >= 0
  double tolerance = 1e-8;     // on the largest entry of the gradient, >= 0
  long report_every = 1;       // epochs between two calls of the observer, >= 1
};

// One update in an epoch, on all rows.
//
// The loss is computed in the first and the last epoch and in those the observer sees; the others
// need the gradient alone.
//
// Throws std::invalid_argument for options outside their ranges, and what the objective throws; the
// parameters are then those of the step that failed.
TrainingResult gradient_descent(Objective& objective, const GradientDescentOptions& options,
                                const EpochObserver& observer = {});

// Stochastic gradient descent: one update for each batch of an epoch, with the gradient of the
// batch.
//
// The loss and the gradient of all rows cost about as much as an epoch's updates. They are computed
// every `report_every` epochs, from the first on, and after the last; convergence is judged there
// and nowhere else, whether or not somebody observes. With a constant learning rate the parameters
// end in a neighbourhood of the minimum whose size shrinks with the rate, seldom within a tight
// tolerance.
//
// Throws as above.
TrainingResult stochastic_gradient_descent(RowObjective& objective, MiniBatches batches,
                                           const GradientDescentOptions& options,
                                           const EpochObserver& observer = {});

}  // namespace models
