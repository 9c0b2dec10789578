#include "autograd/explain/derivation.h"

#include <limits>
#include <optional>

namespace autograd {
namespace {

std::optional<double> only_element(std::span<const double> values) {
  return values.size() == 1 ? std::optional(values[0]) : std::nullopt;
}

// Writes nodes as formulas over the names of others.
class Writer {
 public:
  explicit Writer(const Tape& tape) : tape_(tape) {}

  // A node where it is used: by its name, or written out where it has none.
  [[nodiscard]] Formula use(std::size_t index) const {
    const Node& node = tape_.node(index);
    const auto value = only_element(tape_.values_of(node));
    if (node.name != 0) return Formula::symbol(std::string(tape_.name_of(node)), value);
    if (node.rule != nullptr) return definition(index);
    return value ? Formula(*value) : Formula::symbol("constant " + to_string(tape_.shape_of(node)));
  }

  // A result by the rule that made it.
  [[nodiscard]] Formula definition(std::size_t index) const {
    const Node& node = tape_.node(index);
    return node.rule->formula(operands(node), tape_.geometry_of(node));
  }

  [[nodiscard]] std::vector<Formula> operands(const Node& node) const {
    std::vector<Formula> formulas;
    for (const std::uint32_t operand : node.operand_indices()) formulas.push_back(use(operand));
    return formulas;
  }

 private:
  const Tape& tape_;
};

// Writes adjoints as sums of what each use of a node sends back.
class AdjointWriter {
 public:
  AdjointWriter(const Tape& tape, std::size_t loss)
      : tape_(tape), writer_(tape), loss_(loss), users_(loss + 1) {
    std::vector<bool> reached(loss + 1, false);
    reached[loss] = true;
    for (std::size_t index = loss + 1; index-- > 0;) {
      const Node& node = tape.node(index);
      if (!reached[index]) continue;
      for (std::size_t k = 0; k < node.operand_indices().size(); ++k) {
        const std::size_t operand = node.operands[k];
        if (!node.rule->differentiable[k] || !tape.node(operand).requires_gradient()) continue;
        reached[operand] = true;
        users_[operand].push_back({index, k});
      }
    }
  }

  [[nodiscard]] bool is_reached(std::size_t index) const {
    return index == loss_ || !users_[index].empty();
  }

  // The sum over all uses, the last use first, as the backward pass adds them up.
  [[nodiscard]] Formula definition(std::size_t index) const {
    Formula total(index == loss_ ? 1.0 : 0.0);
    for (const Use& use : users_[index]) {
      const Node& node = tape_.node(use.node);
      total = total + node.rule->pullback_formula(use.operand, writer_.operands(node),
                                                  writer_.use(use.node), upstream(use.node),
                                                  tape_.geometry_of(node));
    }
    return total;
  }

 private:
  struct Use {
    std::size_t node;
    std::size_t operand;
  };

  // A node's own adjoint where it is used: 1 for the loss, dz for z, else written out.
  [[nodiscard]] Formula upstream(std::size_t index) const {
    const Node& node = tape_.node(index);
    if (index == loss_) return {1.0};
    if (node.name == 0) return definition(index);
    return Formula::symbol("d" + std::string(tape_.name_of(node)),
                           only_element(tape_.adjoint_of(node)));
  }

  const Tape& tape_;
  Writer writer_;
  std::size_t loss_;
  std::vector<std::vector<Use>> users_;
};

// Where a line's name has been spelled out, the name again: σ(z) − y is a − y where a = σ(z).
Formula with_names(Formula formula, const Tape& tape, const Writer& writer, std::size_t count) {
  for (std::size_t index = 0; index < count; ++index) {
    const Node& node = tape.node(index);
    if (node.rule == nullptr || node.name == 0) continue;
    formula = formula.substitute(writer.definition(index), writer.use(index));
  }
  return formula;
}

double value_or_nan(std::span<const double> values) {
  return only_element(values).value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

std::vector<DerivationLine> forward_lines(Tape& tape, const Tensor& last) {
  const Node& end = tape.checked(last);
  const Writer writer(tape);
  std::vector<DerivationLine> lines;
  for (std::size_t index = 0; index <= last.index(); ++index) {
    const Node& node = tape.node(index);
    if (node.rule == nullptr || (node.name == 0 && &node != &end)) continue;
    lines.push_back({std::string(tape.name_of(node)), writer.definition(index),
                     value_or_nan(tape.values_of(node))});
  }
  return lines;
}

std::vector<DerivationLine> backward_lines(Tape& tape, const Tensor& loss) {
  if (tape.adjoint_of(tape.checked(loss)).empty()) {
    throw LossError("the backward pass cannot be written down: call backward(loss) first.");
  }
  const Writer writer(tape);
  const AdjointWriter adjoints(tape, loss.index());
  std::vector<DerivationLine> lines;
  const auto add = [&](std::size_t index) {
    const Node& node = tape.node(index);
    if (node.name == 0 || !node.requires_gradient() || !adjoints.is_reached(index)) return;
    lines.push_back({"d" + std::string(tape.name_of(node)),
                     with_names(adjoints.definition(index), tape, writer, loss.index()),
                     value_or_nan(tape.adjoint_of(node))});
  };
  for (std::size_t index = loss.index(); index-- > 0;) {
    if (tape.node(index).rule != nullptr) add(index);
  }
  for (std::size_t index = 0; index < loss.index(); ++index) {
    if (tape.node(index).rule == nullptr) add(index);
  }
  return lines;
}

}  // namespace autograd
