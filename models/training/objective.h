// What is minimised: parameters, a loss, and its gradient.
//
// Rule for callers: parameters() and gradient() are views into the objective; both keep their place
// and length for its lifetime.
#pragma once

#include <span>

namespace models {

class Objective {
 public:
  Objective() = default;
  Objective(const Objective&) = delete;
  Objective& operator=(const Objective&) = delete;
  virtual ~Objective() = default;

  // What an optimiser changes.
  virtual std::span<double> parameters() = 0;
  // The loss at the parameters; fills gradient(). Throws autograd::NonFiniteError, naming the
  // operation to blame, where the loss or an entry of the gradient is not finite.
  virtual double evaluate() = 0;
  // Fills gradient() alone, where that is cheaper. Throws as evaluate() does.
  virtual void differentiate() { evaluate(); }
  // ∂loss/∂parameters of the last evaluation, one entry for each.
  [[nodiscard]] virtual std::span<const double> gradient() const = 0;
};

}  // namespace models
