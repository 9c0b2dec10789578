// An expression after parsing: steps in the order in which they are recorded.
//
// Rule for readers: a step's arguments come before it, so one loop records them all, however long
// the expression is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "autograd/expression/functions.h"
#include "autograd/tensor.h"

namespace autograd {

struct ExpressionStep {
  std::size_t at = 0;                          // the byte of the text it was written at
  std::uint32_t character = 0;                 // the same in characters, from 1
  const CallableFunction* function = nullptr;  // of a call; operators are calls, too
  // Of a call: where its arguments begin, and how many they are. Of a list: its place.
  std::size_t first = 0;
  std::size_t count = 0;
  bool is_list = false;
  bool is_variable = false;
  double number = 0.0;  // of what is none of them
  std::string name;     // of a variable or an intermediate result

  [[nodiscard]] bool is_number() const { return function == nullptr && !is_list && !is_variable; }
};

struct ExpressionSteps {
  std::string text;
  std::vector<ExpressionStep> steps;
  std::vector<std::size_t> arguments;  // of all calls: places of steps
  std::vector<Values> lists;
  std::vector<std::string> variables;  // in the order of their first use
  std::size_t result = 0;              // the step that is the value
};

}  // namespace autograd
