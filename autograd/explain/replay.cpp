#include "autograd/explain/replay.h"

#include <string>

#include "autograd/errors.h"

namespace autograd {
namespace {

void require_edit_of_leaf(const Tape& tape, std::size_t index, std::size_t last,
                          const std::vector<double>& values) {
  if (index > last || tape.node(index).rule != nullptr) {
    throw ArgumentError("replayed: node " + std::to_string(index) +
                        " is no leaf; only the values of leaves can be chosen");
  }
  const Node& node = tape.node(index);
  if (values.size() != static_cast<std::size_t>(tape.shape_of(node).size())) {
    throw ArgumentError("replayed: " + tape.describe(node) + " cannot take " +
                        std::to_string(values.size()) + " numbers");
  }
}

Tensor leaf(const Tape& from, std::size_t index, const Edits& edits, Tape& onto) {
  const Node& node = from.node(index);
  const auto edit = edits.find(index);
  const auto own = from.values_of(node);
  const Values values(edit == edits.end() ? own : std::span<const double>(edit->second),
                      from.shape_of(node));
  return node.requires_gradient() ? onto.variable(values, node.where)
                                  : onto.constant(values, node.where);
}

Tensor operation(const Tape& from, std::size_t index, Tape& onto) {
  const Node& node = from.node(index);
  std::vector<Operand> operands;
  for (const std::uint32_t operand : node.operand_indices()) {
    operands.emplace_back(onto.tensor(operand), node.where);
  }
  return onto.record(*node.rule, operands, from.geometry_of(node).attributes);
}

}  // namespace

Tensor replayed(const Tape& from, std::size_t last, const Edits& edits, Tape& onto) {
  if (onto.size() != 0) throw ArgumentError("replayed: the tape to record on is not empty");
  for (const auto& [index, values] : edits) require_edit_of_leaf(from, index, last, values);
  Tensor result;
  for (std::size_t index = 0; index <= last; ++index) {
    const Node& node = from.node(index);
    result = node.rule == nullptr ? leaf(from, index, edits, onto) : operation(from, index, onto);
    const std::string_view name = from.name_of(node);
    if (!name.empty()) named(result, name);
  }
  return result;
}

}  // namespace autograd
