// Which nodes of a recording have a line of their own in its trace, and how all others are written
// where they are used.
//
// Rule for callers: the tape and the options must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "autograd/explain/trace.h"

namespace autograd {

// A formula over several elements as an operation sees it: with the shape of the tape's value. One
// number stands for all elements; fewer elements are repeated.
Formula shaped_as(const Formula& formula, const Shape& shape);

// A symbol with all its elements, and what the positions along the last axis are called.
Formula symbol_of(const std::string& name, const Shape& shape, std::span<const double> elements,
                  const std::vector<std::string>& labels);

class TraceNames {
 public:
  TraceNames(const Tape& tape, std::size_t last, const TraceOptions& options);

  [[nodiscard]] bool has(std::size_t index) const { return own_[index] != 0; }
  [[nodiscard]] const std::string& name(std::size_t index) const { return names_[index]; }
  // The nodes with a line that a result is made of, one for each use, in their order.
  [[nodiscard]] std::vector<std::size_t> inputs(std::size_t index) const;
  [[nodiscard]] const std::optional<Formula>& definition(std::size_t index) const {
    return definitions_[index];
  }
  // A node where it is used.
  [[nodiscard]] const Formula& written(std::size_t index) const { return *written_[index]; }

  // dz, or what is no value's name.
  [[nodiscard]] std::string adjoint_name(std::size_t index) const;

  // What a node hands back to an operand: of an upstream adjoint 1, its slope.
  [[nodiscard]] Formula part(const Node& node, std::size_t index, std::size_t operand,
                             const Formula& upstream) const;
  // The same of an elementwise operation before it is summed over repeats.
  [[nodiscard]] Formula slope(const Node& node, std::size_t index, std::size_t operand,
                              const Formula& upstream) const;

 private:
  struct Hash {
    std::size_t operator()(const Formula& formula) const { return formula.hash(); }
  };
  struct Same {
    bool operator()(const Formula& a, const Formula& b) const { return a.same_as(b); }
  };

  void find_needed();
  [[nodiscard]] bool has_line_at_once(std::size_t index) const;
  void give_line(std::size_t index);
  void write();
  void write(std::size_t index);
  [[nodiscard]] const std::vector<std::string>& labels_of(std::size_t index) const;
  [[nodiscard]] std::vector<Formula> operands(const Node& node) const;
  bool shorten_adjoints();
  [[nodiscard]] Formula with_names(const Formula& formula) const;

  const Tape& tape_;
  std::size_t last_;
  const TraceOptions& options_;
  std::vector<std::uint8_t> needed_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::uint8_t> own_;
  std::vector<std::string> names_;
  std::unordered_set<std::string_view> of_tape_;
  std::unordered_set<std::string> taken_;
  std::vector<std::optional<Formula>> written_;
  std::vector<std::optional<Formula>> definitions_;
  std::unordered_map<Formula, Formula, Hash, Same> spelled_out_;
};

}  // namespace autograd
