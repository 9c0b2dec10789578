#include "models/training/gradient_descent.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "autograd/errors.h"

namespace models {
namespace {

void require(bool holds, const char* what, double value) {
  if (!holds) throw std::invalid_argument(std::string(what) + ", not " + std::to_string(value));
}

// Throws where an entry is not finite: a NaN is larger than nothing, and would pass for
// convergence.
double largest_entry(std::span<const double> gradient) {
  double largest = 0.0;
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    if (!std::isfinite(gradient[k])) {
      throw autograd::NonFiniteError("entry " + std::to_string(k + 1) + " of the gradient is " +
                                     std::to_string(gradient[k]) +
                                     ". Is the learning rate too large?");
    }
    largest = std::max(largest, std::abs(gradient[k]));
  }
  return largest;
}

void require_in_range(const GradientDescentOptions& options) {
  require(options.learning_rate > 0.0 && std::isfinite(options.learning_rate),
          "the learning rate must be a positive number", options.learning_rate);
  require(options.epochs >= 0, "the number of epochs must be 0 or more",
          static_cast<double>(options.epochs));
  require(options.report_every >= 1, "the epochs between two reports must be 1 or more",
          static_cast<double>(options.report_every));
  require(options.tolerance >= 0.0, "the tolerance must be 0 or more", options.tolerance);
}

// w := w − learning_rate · dw
void update(Objective& objective, double learning_rate) {
  const std::span<double> parameters = objective.parameters();
  const std::span<const double> gradient = objective.gradient();
  for (std::size_t k = 0; k < parameters.size(); ++k) parameters[k] -= learning_rate * gradient[k];
}

}  // namespace

TrainingResult gradient_descent(Objective& objective, const GradientDescentOptions& options,
                                const EpochObserver& observer) {
  require_in_range(options);
  TrainingResult result;
  result.learning_rate = options.learning_rate;
  while (true) {
    const bool reported = observer && result.epochs % options.report_every == 0;
    const bool with_loss = reported || result.epochs == 0 || result.epochs == options.epochs;
    if (with_loss) {
      result.loss = objective.evaluate();
    } else {
      objective.differentiate();
    }
    if (result.epochs == 0) result.first_loss = result.loss;
    result.gradient_norm = largest_entry(objective.gradient());
    if (reported) observer({result.epochs, result.loss, result.gradient_norm});
    result.converged = result.gradient_norm <= options.tolerance;
    if (result.converged || result.epochs == options.epochs) {
      if (!with_loss) result.loss = objective.evaluate();
      return result;
    }
    update(objective, options.learning_rate);
    ++result.epochs;
  }
}

TrainingResult stochastic_gradient_descent(RowObjective& objective, MiniBatches batches,
                                           const GradientDescentOptions& options,
                                           const EpochObserver& observer) {
  require_in_range(options);
  TrainingResult result;
  result.learning_rate = options.learning_rate;
  result.batch_size = batches.batch_size();
  while (true) {
    const bool reported = result.epochs % options.report_every == 0;
    const bool last = result.epochs == options.epochs;
    if (reported || last) {
      result.loss = objective.evaluate();
      if (result.epochs == 0) result.first_loss = result.loss;
      result.gradient_norm = largest_entry(objective.gradient());
      if (observer && reported) observer({result.epochs, result.loss, result.gradient_norm});
      result.converged = result.gradient_norm <= options.tolerance;
      if (result.converged || last) return result;
    }
    batches.shuffle();
    for (std::size_t batch = 0; batch < batches.count(); ++batch) {
      objective.differentiate_batch(batches[batch]);
      update(objective, options.learning_rate);
    }
    ++result.epochs;
  }
}

}  // namespace models
