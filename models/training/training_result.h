// How training ended, and what is told of it on the way.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace models {

// What one epoch looked like, before its updates.
struct EpochReport {
  long epoch = 0;  // epochs done so far
  double loss = 0.0;
  double gradient_norm = 0.0;  // the largest absolute entry of the gradient
  std::optional<double> validation_loss = std::nullopt;  // of the rows kept aside, if there are any
  std::string_view solver;                               // that is at work
};
using EpochObserver = std::function<void(const EpochReport&)>;

// Where training ended: loss and gradient belong to the parameters as they are now.
struct TrainingResult {
  std::string solver = "gd";  // what ran, such as "gd" or "gd, then newton"
  long epochs = 0;            // passes over all rows done; of newton and lbfgs, iterations
  double first_loss = 0.0;    // before the first update
  double loss = 0.0;
  double gradient_norm = 0.0;  // the largest absolute entry of the (sub)gradient
  double learning_rate = 0.0;  // 0 where the solver has none
  std::size_t batch_size = 0;  // rows of an update; 0: all
  bool converged = false;      // gradient_norm <= tolerance
  // The parameters are those of an earlier epoch, where the loss of the validation rows was lowest.
  bool stopped_early = false;
  bool interrupted = false;  // MinimiseOptions::interrupted ended it
};

}  // namespace models
