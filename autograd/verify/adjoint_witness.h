// The adjoint of any value of a recording by a complex step from there on: what is computed from it
// is computed again in complex arithmetic. No slope, adjoint or pullback is looked at.
#pragma once

#include <cstddef>
#include <optional>

#include "autograd/tape.h"

namespace autograd {

// ∂loss/∂(an element of a node), the node's other elements and all leaves standing still; at a kink
// the slope of the branch that was taken. Nothing where an operation on the way has no complex
// reading. Throws ArgumentError where there is no such element, and as Tape::checked does.
std::optional<double> complex_step_adjoint(const Tape& tape, const Tensor& loss, std::size_t node,
                                           Index element);

}  // namespace autograd
