// Numbers and lists of them, as expressions and assignments write constants.
#pragma once

#include "autograd/expression/lexer.h"
#include "autograd/tensor.h"

namespace autograd {

// "[1, -2]" or "[[1, 2], [3, 4]]", to as many axes as a tensor can have. The lexer is at the
// bracket and ends behind the list. Throws ExpressionError, also where rows differ in length.
Values parse_list(Lexer& lexer);

// "2", "-0.5" or "+3".
double parse_signed_number(Lexer& lexer);

}  // namespace autograd
