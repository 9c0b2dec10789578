// A recording as a textbook would write it: the forward and the backward pass, line by line,
// formula beside numbers. The lines come from the tape and the formula reading of its rules.
//
// Named tensors get a line each; what lies between them without a name is written out inside those
// lines. Rule for callers: meant for recordings that a person reads; it walks the formulas of
// unnamed operations recursively.
#pragma once

#include <string>
#include <vector>

#include "autograd/readings/formula.h"
#include "autograd/tape.h"

namespace autograd {

// "dw1 = dz · x1 = -0.475021 · 1 = -0.475021".
struct DerivationLine {
  std::string name;  // of the value; of an adjoint with a d before it
  Formula formula;   // over other lines' names
  double value;      // what the tape holds; NaN for more than one element
};

// The named results up to `last`, in the order they were computed.
std::vector<DerivationLine> forward_lines(Tape& tape, const Tensor& last);

// The adjoints of the named tensors that the loss depends on, as the last backward(loss) left them:
// of results from the loss backwards, then of the variables in the order they were recorded. Throws
// LossError where there was none.
std::vector<DerivationLine> backward_lines(Tape& tape, const Tensor& loss);

}  // namespace autograd
