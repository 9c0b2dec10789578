// The solvers, by family, as minimise() calls them. Each goes on from the parameters as they are
// and ends when the run is over, or when nothing it can do helps any further.
//
// Rule for callers: options have been checked.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "models/training/mini_batches.h"
#include "models/training/training_run.h"

namespace models {

// The update of a first-order solver, with whatever it remembers from step to step.
class UpdateRule {
 public:
  UpdateRule() = default;
  UpdateRule(const UpdateRule&) = delete;
  UpdateRule& operator=(const UpdateRule&) = delete;
  virtual ~UpdateRule() = default;

  // Moves the parameters w against their gradient dw.
  virtual void step(std::span<double> w, std::span<const double> dw, double rate) = 0;
  virtual void visit(StateVisitor& /*state*/) {}
};

// Of the objective it takes the number of parameters, where they are, and its L1 penalty, which
// only gd and nesterov know what to do with.
std::unique_ptr<UpdateRule> update_rule(Solver solver, double momentum, Objective& objective);

// What an epoch of batches takes.
struct Batches {
  RowObjective& objective;
  MiniBatches rows;
};

// Epochs of updates, on all rows or on batches, until `epochs` are done.
void descend(TrainingRun& run, UpdateRule& rule, long epochs, std::optional<Batches>& batches);

void newton(TrainingRun& run);

void lbfgs(TrainingRun& run);

}  // namespace models
