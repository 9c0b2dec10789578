// Expressions as text, recorded on a tape: "z = w*x + b; a = sigmoid(z); -log(a)".
//
// Statements are separated by `;`. `name = expression` names an intermediate result; the last
// statement is the value. There are numbers, names, lists of numbers ([1, 2], [[1, 2], [3, 4]]),
// calls of the catalogue's functions by their snake_case names, and, from the one that binds least:
// comparisons, + and −, then * / @ (the matrix product), the sign, ^ (power, from the right). What
// may be written is listed in README.md beside this file.
//
// Rule for callers: an Expression does not change; parse once, record as often as you like. Its
// nodes carry, as their source line, "expression" and the character they were written at.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/errors.h"
#include "autograd/tape.h"
#include "autograd/tensor.h"

namespace autograd {

// Text that cannot be understood. The message quotes the line with a caret under the place.
class ExpressionError : public Error {
 public:
  // `at` is an offset in bytes.
  ExpressionError(const std::string& message, std::string_view text, std::size_t at);
  // The character at fault, counted from 1 and not in bytes; one more than there are at the end.
  [[nodiscard]] std::size_t position() const noexcept { return position_; }

 private:
  std::size_t position_;
};

// An expression after parsing: steps.h.
struct ExpressionSteps;

class Expression {
 public:
  // Throws ExpressionError.
  static Expression parse(std::string_view text);

  // The names that need a value, in the order of their first use.
  [[nodiscard]] const std::vector<std::string>& variables() const;

  // Records the expression and returns its value. `variables` holds a tensor of this tape for every
  // name of variables(); others are not looked at. Variables and intermediate results are named on
  // the tape. Throws ExpressionError where a variable is missing, and what the operations throw,
  // with the expression and a caret under the operation added: ShapeError, NonFiniteError,
  // ArgumentError.
  Tensor record(Tape& tape, const std::map<std::string, Tensor>& variables) const;

  // Throws as record() does where one of variables() is not among these.
  void require_all_in(const std::vector<std::string>& names) const;

 private:
  explicit Expression(std::shared_ptr<const ExpressionSteps> steps) : steps_(std::move(steps)) {}

  std::shared_ptr<const ExpressionSteps> steps_;
};

// A name and what it stands for: a scalar, or a tensor of as many axes as the list is deep.
struct NamedValue {
  std::string name;
  Values values;
};

// "X=[[1,2],[3,4]],v=[0.1,-0.4],b=2", in the order of the text. All numbers are finite. Throws
// ExpressionError, also for a name given twice and for rows of different lengths.
std::vector<NamedValue> parse_assignments(std::string_view text);

}  // namespace autograd
