#include "models/training/gradient_descent.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace models {
namespace {

void require(bool holds, const char* what, double value) {
  if (!holds) throw std::invalid_argument(std::string(what) + ", not " + std::to_string(value));
}

double largest_entry(std::span<const double> gradient) {
  double largest = 0.0;
  for (const double entry : gradient) largest = std::max(largest, std::abs(entry));
  return largest;
}

}  // namespace

TrainingResult gradient_descent(Objective& objective, const GradientDescentOptions& options,
                                const EpochObserver& observer) {
  require(options.learning_rate > 0.0 && std::isfinite(options.learning_rate),
          "the learning rate must be a positive number", options.learning_rate);
  require(options.epochs >= 0, "the number of epochs must be 0 or more",
          static_cast<double>(options.epochs));
  require(options.report_every >= 1, "the epochs between two reports must be 1 or more",
          static_cast<double>(options.report_every));
  require(options.tolerance >= 0.0, "the tolerance must be 0 or more", options.tolerance);

  const std::span<double> parameters = objective.parameters();
  TrainingResult result;
  result.learning_rate = options.learning_rate;
  const std::span<const double> gradient = objective.gradient();
  while (true) {
    const bool reported = observer && result.epochs % options.report_every == 0;
    const bool with_loss = reported || result.epochs == 0 || result.epochs == options.epochs;
    if (with_loss) {
      result.loss = objective.evaluate();
    } else {
      objective.differentiate();
    }
    if (result.epochs == 0) result.first_loss = result.loss;
    result.gradient_norm = largest_entry(gradient);
    if (reported) observer({result.epochs, result.loss, result.gradient_norm});
    result.converged = result.gradient_norm <= options.tolerance;
    if (result.converged || result.epochs == options.epochs) {
      if (!with_loss) result.loss = objective.evaluate();
      return result;
    }
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      parameters[k] -= options.learning_rate * gradient[k];
    }
    ++result.epochs;
  }
}

}  // namespace models
