// Checks the gradient of one operation, in every reading that has a slope, against witnesses that
// share nothing with it: the complex step of its value, extrapolated differences as well where the
// value has branches, at a kink the one-sided slopes, and the adjoint test where it is linear.
//
// Rule for callers: a check is about the points it looked at; RuleReport says how many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "autograd/rules/rule.h"
#include "autograd/verify/trials.h"

namespace autograd {

struct RuleReport {
  const Rule* rule = nullptr;
  // "complex step", "complex step, differences", "complex step, adjoint test", or "no gradient"
  // where there is none to check.
  std::string_view witness;
  // Whose slopes were compared: "array, recorded, dual"; "" where there is none.
  std::string_view readings;
  Index entries = 0;         // derivatives compared with the witness, in each reading
  Index kinks = 0;           // derivatives at kinks and ties, compared with the one-sided slopes
  Index edges = 0;           // entries at the edge of the domain, where there is no derivative
  Index adjoint_tests = 0;   // of ⟨v, L·u⟩ = ⟨Lᵀ·v, u⟩, for linear and bilinear rules
  double worst_error = 0.0;  // the largest relative error among the entries; NaN where one is
  bool passed = true;
  // There is a gradient, and nothing of it was checked: no pass.
  bool vacuous = false;
  // The first failure, in words: rule, operand (from 1), point, reading, witness, with a guess at
  // the mistake where the ratio of slope and witness suggests one; "" where there is none.
  std::string failure;
  // Where that failure was: the operand (from 0), and the reading, such as "recorded reading".
  std::optional<std::size_t> failed_operand;
  std::string_view failed_reading;
};

// Checks a rule at ordinary points, in the tails, at points drawn from the seed on several scales
// and, where it has branches, beside and at them; with operands repeated by broadcasting:
// elementwise rules at points of their domain, others at the shapes of their examples. A derivative
// passes within 1e-12 relative of the complex step and within ten times the error estimate of the
// differences; at a kink, if it lies between the one-sided slopes. Entries that are summed up
// (matmul, softmax) are relative to the sum of their absolute parts.
//
// Readings: array (the tape, and each pullback by itself onto an adjoint that holds something
// already), recorded (gradient()), dual (the tangent).
RuleReport check_rule(const Rule& rule, std::uint64_t seed = 1);

// The same at these operands alone: what a node of a tape was given. Of an operand of more than 64
// entries, 16 are looked at, drawn from the seed. Entries at the edge of the domain are counted and
// left out. Throws ArgumentError where the operands do not fit the rule, or are not finite.
RuleReport check_rule_at(const Rule& rule, const RuleOperands& at, std::uint64_t seed = 1);

}  // namespace autograd
