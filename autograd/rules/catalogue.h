// The catalogue: every operation of the engine. Tests, the gradient check, formulas and the command
// line iterate it; naming a new rule in its family (operations/) is all it takes to be here.
#pragma once

#include <span>
#include <string_view>

#include "autograd/rules/rule.h"

namespace autograd {

// All rules, family by family.
std::span<const Rule* const> catalogue();

// The rule of that name, or null.
const Rule* find_rule(std::string_view name);

}  // namespace autograd
