// A recording as a textbook would write it: the forward and the backward pass, line by line,
// formula beside numbers. The lines come from the tape and the formula reading of its rules.
//
// Named tensors get a line each; what lies between them without a name is written out inside those
// lines. Where that would make a line longer than a person reads, the unnamed operation gets a name
// made of its place on the tape, such as v17, and a line of its own.
// Rule for callers: the time taken is proportional to the recording, whatever its form; adjoints
// belong to the loss that backward() ran on last.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/readings/formula.h"
#include "autograd/tape.h"

namespace autograd {

// "dw1 = dz · x1 = -0.475021 · 1 = -0.475021".
struct DerivationLine {
  std::string name;  // of the value; of an adjoint with a d before it
  Formula formula;   // over other lines' names
  double value;      // what the tape holds; NaN for more than one element
  // The operation that made the value, such as "sigmoid"; "" for an adjoint.
  std::string_view operation{};
};

// A formula of more parts than this (numbers, symbols and operations) is not written out inside
// another one.
inline constexpr std::size_t longest_unnamed_formula = 40;

// The named results up to `last`, in the order they were computed.
std::vector<DerivationLine> forward_lines(Tape& tape, const Tensor& last);

// The adjoints of the named tensors that the loss depends on, as the last backward(loss) left them:
// of results from the loss backwards, then of the variables in the order they were recorded. A sum
// over very many uses is written in parts, such as dx.1. Throws LossError where the last backward()
// ran on another loss, or where there was none.
std::vector<DerivationLine> backward_lines(Tape& tape, const Tensor& loss);

}  // namespace autograd
