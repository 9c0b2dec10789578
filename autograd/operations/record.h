// How a function of operations.h reaches the tape.
#pragma once

#include <algorithm>
#include <array>

#include "autograd/operations.h"

namespace autograd::operations {

// The tape of the first operand that is a tensor.
inline Tape& tape_of(const Rule& rule, Tape::Operands operands) {
  for (const Operand* operand : operands) {
    if (operand->tensor().tape() != nullptr) return *operand->tensor().tape();
  }
  throw StaleTensorError(std::string(rule.info.name) +
                         ": no operand is on a tape: they are numbers, or tensors never recorded");
}

// Operands are handed on where they are: a copy would wait for what has just been written.
inline Tensor record(const Rule& rule, Tape::Operands operands,
                     std::span<const Index> attributes = {}) {
  return tape_of(rule, operands).record(rule, operands, attributes);
}
inline Tensor record(const Rule& rule, const Operand& x, std::span<const Index> attributes = {}) {
  return record(rule, std::array{&x}, attributes);
}
inline Tensor record(const Rule& rule, const Operand& x, const Operand& y,
                     std::span<const Index> attributes = {}) {
  return record(rule, std::array{&x, &y}, attributes);
}

// Turns a negative axis around. One outside the shape stays what it is for a shape of that rank to
// be refused with the operands' names.
[[noreturn]] void refuse_axis(const Rule& rule, const Operand& x, Index axis);
inline int axis_of(const Rule& rule, const Operand& x, Index axis) {
  const auto resolved = resolve_axis(axis, x.is_number() ? 0 : x.tensor().rank());
  if (!resolved) refuse_axis(rule, x, axis);
  return *resolved;
}

}  // namespace autograd::operations
