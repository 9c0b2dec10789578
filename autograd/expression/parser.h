// From text to steps: precedence, names, and the arguments of functions.
#pragma once

#include <string_view>

#include "autograd/expression/steps.h"

namespace autograd {

// Throws ExpressionError.
ExpressionSteps parse_expression(std::string_view text);

}  // namespace autograd
