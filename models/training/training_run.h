// A run of training, as all solvers share it: what is known of the parameters as they are, who is
// told, and when it is over.
//
// Rule for callers: a solver that has moved the parameters counts an epoch, then looks (or hands
// over the loss it has computed there), then asks whether training is over.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "models/training/minimise.h"

namespace models {

class TrainingRun {
 public:
  // All arguments must outlive the run. `validation` may be null.
  TrainingRun(Objective& objective, const MinimiseOptions& options, const EpochObserver& observer,
              const Validation* validation)
      : objective_(objective), options_(options), observer_(observer), validation_(validation) {}

  [[nodiscard]] Objective& objective() const { return objective_; }
  [[nodiscard]] const MinimiseOptions& options() const { return options_; }

  // Epochs done so far.
  [[nodiscard]] long epochs() const { return result_.epochs; }
  // Whether the observer is told of this epoch.
  [[nodiscard]] bool observed() const { return observer_ && due(); }
  // Whether this epoch is one of those between which report_every lie.
  [[nodiscard]] bool due() const { return epochs() % options_.report_every == 0; }

  // What the observer is told of the epochs that follow.
  void begin(Solver solver) { solver_ = solver; }
  // Begins the next epoch: the parameters are others now.
  void next_epoch();
  // Computes the gradient of the parameters as they are, and the loss if asked for.
  void look(bool with_loss);
  // The same for a solver that has just evaluated the objective there, to this loss.
  void take(double objective_loss);
  // look(true), unless all of it is known.
  void look_once();
  // Measures the validation rows, where there are any, and tells the observer. Once in an epoch,
  // after the look.
  void validate();

  // Of the last look. The loss of the objective is without what an L1 penalty adds.
  [[nodiscard]] double objective_loss() const { return objective_loss_; }
  [[nodiscard]] double loss() const { return result_.loss; }
  [[nodiscard]] double first_loss() const { return result_.first_loss; }
  [[nodiscard]] double gradient_norm() const { return result_.gradient_norm; }

  [[nodiscard]] bool converged() const { return result_.converged; }
  // Whether the epochs, or the patience with the validation rows, are used up, or somebody asked
  // for an end.
  [[nodiscard]] bool exhausted() const;
  [[nodiscard]] bool over() const { return converged() || exhausted(); }

  // ---- the store of the options, if there is one; `part` is a solver, with a visit()

  // Goes on from what the store has: the parameters and all that is known here. Before anything
  // else; the phase is below `phases`.
  void restore(long phases);
  // What the same store has of a part. Says so once: what follows it begins.
  template <class Part>
  void restore(Part& part) {
    if (!std::exchange(resumed_, false)) return;
    options_.store->restore([&](StateVisitor& state) { part.visit(state); });
  }
  // Offers the state to the store, between two epochs.
  template <class Part>
  void keep(Part& part) {
    offer(part, false);
  }
  // The same at the end: it is taken, unless that of this epoch was.
  template <class Part>
  void keep_last(Part& part) {
    offer(part, true);
  }
  // Which part of a plan of several solvers the run is in, counted from 0.
  [[nodiscard]] long phase() const { return phase_; }
  void next_phase() { ++phase_; }

  // Restores the best parameters where the validation rows chose them. The solver's name, its
  // learning rate and batch size are left to the caller.
  TrainingResult finish();

 private:
  void visit(StateVisitor& state, long phases);
  template <class Part>
  void offer(Part& part, bool last) {
    if (options_.store == nullptr) return;
    options_.store->keep(epochs(), last, [&](StateVisitor& state) {
      visit(state, phase_ + 1);
      part.visit(state);
    });
  }
  void take_gradient();
  void measure_validation_rows();

  Objective& objective_;
  const MinimiseOptions& options_;
  const EpochObserver& observer_;
  const Validation* validation_;
  TrainingResult result_;
  Solver solver_ = Solver::automatic;
  bool resumed_ = false;  // and the solver does not know it yet
  long phase_ = 0;
  double objective_loss_ = 0.0;
  bool knows_loss_ = false;  // of the parameters as they are, and with it the gradient
  long told_ = -1;           // the last epoch the observer was told of
  long validated_ = -1;      // the last epoch the validation rows were measured in
  long best_epoch_ = 0;      // that of their lowest loss
  std::optional<double> validation_loss_;  // of the last epoch measured
  double lowest_ = std::numeric_limits<double>::infinity();
  std::vector<double> best_;  // the parameters there
};

// The loss at the parameters as they are, for a trial step: +∞ where it or the gradient is not
// finite.
double loss_or_infinity(Objective& objective);

// The largest absolute entry of the gradient, or of the subgradient where there is an L1 penalty.
// Throws autograd::NonFiniteError for an entry that is not finite: a NaN is larger than nothing,
// and would pass for convergence.
double gradient_norm(Objective& objective);

}  // namespace models
