// The solvers, by family, as minimise() calls them. Each goes on from the parameters as they are
// and ends when the run is over, or when nothing it can do helps any further.
//
// Rule for callers: options have been checked.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "models/training/mini_batches.h"
#include "models/training/training_run.h"

namespace models {

// Moves the parameters w against their gradient dw.
using Update = std::function<void(std::span<double> w, std::span<const double> dw, double rate)>;

// The update of a first-order solver, with whatever it remembers from step to step. `l1`: the
// weights of the penalty, empty without one; only gd and nesterov know what to do with it.
Update update_rule(Solver solver, double momentum, std::span<const double> l1);

// What an epoch of batches takes.
struct Batches {
  RowObjective& objective;
  MiniBatches rows;
};

// Epochs of updates, on all rows or on batches, until `epochs` are done.
void descend(TrainingRun& run, const Update& update, long epochs, std::optional<Batches>& batches);

void newton(TrainingRun& run);

void lbfgs(TrainingRun& run);

}  // namespace models
