// What an expression can call: the functions of operations.h by the names of the catalogue.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/errors.h"
#include "autograd/operations.h"

namespace autograd {

// What a call has between its parentheses: tensors and numbers first, whole numbers last.
struct CallArguments {
  Tape& tape;
  std::span<const Operand> operands;  // one of them at least is a tensor
  std::span<const Index> whole_numbers;
  SourceLine where;

  [[nodiscard]] const Operand& operator[](std::size_t k) const { return operands[k]; }
};

struct CallableFunction {
  static constexpr std::size_t any = 1000;  // as many as one likes

  struct Range {
    std::size_t at_least = 0;
    std::size_t at_most = 0;
  };

  std::string_view usage;  // "leaky_relu(x[, slope])": what may be left out in brackets
  Tensor (*record)(const CallArguments&) = nullptr;
  Range operands{1, 1};
  Range whole_numbers{};
  std::string_view advice{};  // on a whole number that is none

  [[nodiscard]] std::string_view name() const { return usage.substr(0, usage.find('(')); }
  // How many of these arguments are operands; the others are whole numbers.
  [[nodiscard]] std::size_t operand_count(std::size_t arguments) const;
};

// The function of that name, or null.
const CallableFunction* find_function(std::string_view name);

// All names, in the order of operations.h.
std::vector<std::string> function_names();

// `did you mean "log"?` for ln, or nothing.
std::string function_meant(std::string_view name);

}  // namespace autograd
