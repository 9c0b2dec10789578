// The rules of each family, instantiated once in the family's source file.
#pragma once

#include <span>

#include "autograd/rules/rule.h"

namespace autograd::operations {

std::span<const Rule* const> arithmetic_rules();
std::span<const Rule* const> elementary_rules();
std::span<const Rule* const> activation_rules();
std::span<const Rule* const> axis_rules();
std::span<const Rule* const> structure_rules();
std::span<const Rule* const> product_rules();
std::span<const Rule* const> loss_rules();

}  // namespace autograd::operations
