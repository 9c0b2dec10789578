// What a Formula is made of, for the sources of the formula reading alone: nodes, and the operators
// and functions that formulas are worked out and printed by.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/readings/formula.h"

namespace autograd {

struct Formula::Node {
  std::string name;  // an operator's or a function's name, or a symbol
  bool is_symbol = false;
  std::optional<double> value;  // of a number, or of a symbol that has one
  std::vector<Formula> children;
  std::vector<Index> list{};                      // the numbers a symbol such as [0, 2] stands for
  std::shared_ptr<const FormulaTensor> tensor{};  // of a symbol of several elements
  bool has_tensors = false;                       // a symbol of more than one element is in it
  std::size_t depth = 1;
  std::size_t size = 1;  // written out: a part that is used twice counts twice
  std::size_t hash = 0;

  [[nodiscard]] bool is_number() const { return name.empty() && !is_symbol && children.empty(); }
};

// How tightly an operation holds its operands together.
enum class Precedence : std::uint8_t {
  comparison = 1,
  sum = 2,
  product = 3,
  exponentiation = 4,
  atom = 5
};

struct FormulaOperator {
  std::string_view name;
  Precedence precedence;
  std::array<std::string_view, 3> symbol;  // unicode, ascii, latex
  double (*apply)(double, double);
};
// Null where there is none of that name.
const FormulaOperator* find_formula_operator(std::string_view name);

struct FormulaFunction {
  std::string_view name;
  std::array<std::string_view, 3> symbol;  // unicode, ascii, latex
  double (*apply)(double);
};
// Null where there is none of that name.
const FormulaFunction* find_formula_function(std::string_view name);

// 1, also as the one element of a tensor: a factor that goes without saying.
bool is_one(const Formula& f);

}  // namespace autograd
