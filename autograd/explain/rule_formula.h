// The formula of a rule by itself, without a tape: over operands named x, y, z.
//
// Rule for callers: a rule along an axis or about shapes is shown at the first of its examples.
#pragma once

#include <string>
#include <vector>

#include "autograd/readings/formula.h"
#include "autograd/rules/rule.h"

namespace autograd {

// What a rule computes: "x · σ(x)". Names are those of the operands; without them x, y, z.
// Throws ArgumentError for fewer or more names than operands, and for a rule without examples.
Formula formula_of(const Rule& rule, const std::vector<std::string>& names = {});

// The slope by an operand, counted from 0: "a · (1 − a)" for a sigmoid whose result is named a. For
// a rule that is not elementwise, what its adjoint receives of the result's: "(dy − Σ(dy ·
// y))/Σ(x)". The result is named `result`; without that by the letter that follows the operands'.
// Throws ArgumentError as formula_of does, and where there is no such operand or no slope by it.
Formula slope_formula_of(const Rule& rule, std::size_t operand = 0,
                         const std::vector<std::string>& names = {},
                         const std::string& result = "");

}  // namespace autograd
