// What is minimised: parameters, a loss, and its gradient.
//
// Rule for callers: parameters() and gradient() are views into the objective; both keep their place
// and length for its lifetime.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>

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

  // Whether there is a Hessian of a size worth computing.
  [[nodiscard]] virtual bool has_hessian() const { return false; }
  // ∂²loss/∂parameters∂parameters at the parameters as they are, n × n, row-major and symmetric; a
  // view that the next call overwrites. Throws as evaluate() does.
  virtual std::span<const double> hessian() { throw std::logic_error("there is no Hessian"); }

  // What an L1 penalty adds to the loss is Σ l1[k]·|parameters[k]|, which has no gradient at 0 and
  // is left to the optimiser: evaluate(), gradient() and hessian() are of all else. A weight for
  // each parameter, 0 for what is not penalised; empty without a penalty.
  [[nodiscard]] virtual std::span<const double> l1() const { return {}; }
};

// An objective that is a mean over rows, perhaps with a penalty, and can look at a batch of them.
class RowObjective : public Objective {
 public:
  // Fills gradient() with that of the mean over these rows, counted from 0, and of the penalty.
  // Throws as evaluate() does, and std::invalid_argument for rows there are not.
  virtual void differentiate_batch(std::span<const std::size_t> rows) = 0;
};

}  // namespace models
