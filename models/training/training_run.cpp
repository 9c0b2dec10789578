#include "models/training/training_run.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "autograd/errors.h"
#include "models/training/l1_penalty.h"

namespace models {

double gradient_norm(Objective& objective) {
  const std::span<const double> w = objective.parameters();
  const std::span<const double> dw = objective.gradient();
  const std::span<const double> l1 = objective.l1();
  double largest = 0.0;
  for (std::size_t k = 0; k < dw.size(); ++k) {
    if (!std::isfinite(dw[k])) {
      throw autograd::NonFiniteError("entry " + std::to_string(k + 1) + " of the gradient is " +
                                     std::to_string(dw[k]) + ". Is the learning rate too large?");
    }
    const double entry = l1.empty() ? dw[k] : smallest_subgradient(w[k], dw[k], l1[k]);
    largest = std::max(largest, std::abs(entry));
  }
  return largest;
}

double loss_or_infinity(Objective& objective) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  try {
    const double loss = objective.evaluate();
    const auto dw = objective.gradient();
    const bool finite = std::isfinite(loss) && std::all_of(dw.begin(), dw.end(), [](double slope) {
                          return std::isfinite(slope);
                        });
    return finite ? loss : infinity;
  } catch (const autograd::NonFiniteError&) {
    return infinity;
  }
}

void TrainingRun::next_epoch() {
  ++result_.epochs;
  knows_loss_ = false;
  result_.converged = false;
  result_.interrupted = options_.interrupted && options_.interrupted();
}

void TrainingRun::look(bool with_loss) {
  if (with_loss) {
    take(objective_.evaluate());
  } else {
    objective_.differentiate();
    take_gradient();
  }
}

void TrainingRun::look_once() {
  if (!knows_loss_) look(true);
}

void TrainingRun::take(double objective_loss) {
  objective_loss_ = objective_loss;
  result_.loss = objective_loss + l1_penalty(objective_.parameters(), objective_.l1());
  knows_loss_ = true;
  if (epochs() == 0) result_.first_loss = result_.loss;
  take_gradient();
}

void TrainingRun::take_gradient() {
  result_.gradient_norm = models::gradient_norm(objective_);
  result_.converged = result_.gradient_norm <= options_.tolerance;
}

void TrainingRun::validate() {
  measure_validation_rows();
  if (!observed() || !knows_loss_ || told_ == epochs()) return;
  told_ = epochs();
  observer_({epochs(), result_.loss, result_.gradient_norm, validation_loss_, to_string(solver_)});
}

void TrainingRun::measure_validation_rows() {
  if (validation_ == nullptr || validated_ == epochs()) return;
  validated_ = epochs();
  const std::span<const double> w = objective_.parameters();
  const double loss = validation_->loss(w);
  validation_loss_ = loss;
  if (!best_.empty() && !(loss < lowest_)) return;
  if (!std::isnan(loss)) lowest_ = loss;
  best_epoch_ = epochs();
  best_.assign(w.begin(), w.end());
}

void TrainingRun::restore(long phases) {
  if (options_.store == nullptr) return;
  resumed_ = options_.store->restore([&](StateVisitor& state) { visit(state, phases); });
}

// Loss, gradient and what follows from them are computed anew.
void TrainingRun::visit(StateVisitor& state, long phases) {
  const std::span<double> w = objective_.parameters();
  state.count("phase", phase_, phases - 1);
  state.count("epochs", result_.epochs, options_.epochs);
  state.numbers("parameters", w);
  state.number("first_loss", result_.first_loss);
  state.count("best_epoch", best_epoch_, result_.epochs);
  state.number("lowest_validation_loss", lowest_);
  state.rows("best_parameters", best_, w.size(), 1);
}

bool TrainingRun::exhausted() const {
  return result_.interrupted || epochs() >= options_.epochs ||
         (validation_ != nullptr && epochs() - best_epoch_ >= validation_->patience);
}

TrainingResult TrainingRun::finish() {
  if (validation_ != nullptr && best_epoch_ < epochs()) {
    std::copy(best_.begin(), best_.end(), objective_.parameters().begin());
    knows_loss_ = false;
    result_.stopped_early = true;
  }
  look_once();
  return result_;
}

}  // namespace models
