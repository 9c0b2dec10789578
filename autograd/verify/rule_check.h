// Checks the gradient of one operation against witnesses that share nothing with its slope: the
// complex step of its value, extrapolated differences as well where the value has branches, and at
// a kink the one-sided slopes.
//
// Rule for callers: a check is about the points it looked at; RuleReport says how many.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "autograd/rules/rule.h"

namespace autograd {

struct RuleReport {
  const Rule* rule = nullptr;
  // "complex step", "complex step, differences", or "no gradient" where there is none to check.
  std::string_view witness;
  Index entries = 0;         // derivatives compared with the witness
  Index kinks = 0;           // derivatives at kinks and ties, compared with the one-sided slopes
  double worst_error = 0.0;  // the largest relative error among the entries; NaN where one is
  bool passed = true;
  // There is a gradient, and nothing of it was checked: no pass.
  bool vacuous = false;
  // The first failure, in words, with a guess at the mistake where the ratio of slope and witness
  // suggests one; "" where there is none.
  std::string failure;
};

// Checks a rule at ordinary points, in the tails, at points drawn from the seed on several scales
// and, where it has branches, beside and at them: elementwise rules at points of their domain,
// others at the shapes of their examples. A derivative
// passes within 1e-12 relative of the complex step and within ten times the error estimate of the
// differences; at a kink, if it lies between the one-sided slopes. Entries that are summed up
// (matmul, softmax) are relative to the sum of their absolute parts.
RuleReport check_rule(const Rule& rule, std::uint64_t seed = 1);

}  // namespace autograd
