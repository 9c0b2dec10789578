// What the readings of a rule that have a slope say of its derivatives: array, recorded, dual.
#pragma once

#include <string_view>
#include <vector>

#include "autograd/verify/trials.h"

namespace autograd {

// The readings that see a pullback which replaces what the adjoint holds, and one which looks at
// more than it says.
inline constexpr std::string_view array_again = "array reading, onto an adjoint that is not 0";
inline constexpr std::string_view array_as_declared = "array reading, from what it says it reads";

// ∂ Σ weights ⊙ rule(operands), in one reading, by the entries of a trial.
struct ReadingSlopes {
  std::string_view reading;
  std::vector<std::vector<double>> of_operand;  // empty for one it is not differentiable by
};

// The array reading as the tape uses it; each pullback by itself, onto an adjoint that holds
// something already, and from nothing but the values it says it reads; where it is separable, one
// element at a time as well, and 1 where the rule says that its slope is; the recorded reading; and
// the dual one. The weights must be 1 where the trial is separable.
std::vector<ReadingSlopes> slopes_by_reading(const Rule& rule, const Trial& trial,
                                             const std::vector<double>& weights);

// One test of ⟨v, L·u⟩ = ⟨Lᵀ·v, u⟩ for a rule that is linear in an operand, v and u drawn at
// random: L·u is the rule's value, Lᵀ·v what a reading sends back (of the dual reading: L·u once
// more).
struct AdjointTest {
  std::string_view reading;
  std::size_t operand = 0;
  double by_value = 0.0;
  double by_reading = 0.0;
  double tolerance = 0.0;  // for rounding, relative to the sum of the absolute parts

  [[nodiscard]] bool passed() const;
};
// Those of all readings and operands; none where the rule is neither linear nor bilinear.
std::vector<AdjointTest> adjoint_tests(const Rule& rule, const RuleOperands& at, Random& random);

}  // namespace autograd
