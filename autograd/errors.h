// Errors of the engine, and the place in the user's program they point to.
//
// Rule for callers: every mistake of a user ends in one of these exceptions, never in an abort; the
// message quotes the operation, the operands' names and shapes, and the line of the user's call.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace autograd {

// File and line of a call in the user's program. A default argument of type SourceLine = here()
// names the caller. (std::source_location does the same; clang 14 does not have it.)
struct SourceLine {
  const char* file = "";
  std::uint32_t line = 0;

  static constexpr SourceLine here(const char* file = __builtin_FILE(),
                                   std::uint32_t line = __builtin_LINE()) {
    return {file, line};
  }
};

// "train.cpp:31": the file's name without its folders; "" where nothing is known.
std::string to_string(SourceLine where);

// Base of everything the engine throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Shapes that do not fit each other, or an axis or index outside a shape.
class ShapeError : public Error {
 public:
  using Error::Error;
};

// A Tensor used after its tape was cleared or rewound, or a Tensor that never was on a tape.
class StaleTensorError : public Error {
 public:
  using Error::Error;
};

// Operands of one operation that live on two tapes.
class TapeMismatchError : public Error {
 public:
  using Error::Error;
};

// backward() of a tensor that is not a scalar, or that depends on no variable.
class LossError : public Error {
 public:
  using Error::Error;
};

// The first value or adjoint that is not finite (anomaly detection), or an operation without a
// value at its operands, such as softmax of a row of only −∞.
class NonFiniteError : public Error {
 public:
  using Error::Error;
};

// An argument outside what a function accepts, where no better class fits.
class ArgumentError : public Error {
 public:
  using Error::Error;
};

}  // namespace autograd
