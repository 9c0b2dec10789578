#include "autograd/explain/derivation.h"

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace autograd {
namespace {

std::optional<double> only_element(std::span<const double> values) {
  return values.size() == 1 ? std::optional(values[0]) : std::nullopt;
}

double value_or_nan(std::span<const double> values) {
  return only_element(values).value_or(std::numeric_limits<double>::quiet_NaN());
}

// The nodes of a recording up to `last` as formulas over the names of others: each is put together
// once, from the start to the end of the tape, so that nothing recurses and what is used in many
// places is shared.
class Writer {
 public:
  Writer(const Tape& tape, std::size_t last)
      : tape_(tape), names_(last + 1), used_(last + 1), defined_(last + 1) {
    collect_names(last);
    const std::vector<bool> needed = needed_for_lines(last);
    for (std::size_t index = 0; index <= last; ++index) {
      if (needed[index]) write(index, index == last);
    }
  }

  // A node where it is used: by its name, or written out where it has none.
  [[nodiscard]] const Formula& use(std::size_t index) const { return *used_[index]; }
  // A result by the rule that made it, where it has a line of its own.
  [[nodiscard]] const std::optional<Formula>& definition(std::size_t index) const {
    return defined_[index];
  }
  // The tape's name, or the one given to what is too long to have none; "" for what has none.
  [[nodiscard]] const std::string& name(std::size_t index) const { return names_[index]; }

  // A name for a node that has none: v17.
  [[nodiscard]] std::string new_name(std::size_t index) const {
    std::string name = "v" + std::to_string(index);
    while (taken_.contains(name)) name.insert(0, "v");
    return name;
  }

  [[nodiscard]] std::vector<Formula> operands(const Node& node) const {
    std::vector<Formula> formulas;
    for (const std::uint32_t operand : node.operand_indices()) formulas.push_back(use(operand));
    return formulas;
  }

 private:
  void collect_names(std::size_t last) {
    for (std::size_t index = 0; index <= last; ++index) {
      names_[index] = tape_.name_of(tape_.node(index));
      if (!names_[index].empty()) taken_.insert(names_[index]);
    }
  }

  // What a named result or the last node is made of.
  [[nodiscard]] std::vector<bool> needed_for_lines(std::size_t last) const {
    std::vector<bool> needed(last + 1, false);
    for (std::size_t index = last + 1; index-- > 0;) {
      const Node& node = tape_.node(index);
      if (node.name != 0 || index == last) needed[index] = true;
      if (!needed[index]) continue;
      for (const std::uint32_t operand : node.operand_indices()) needed[operand] = true;
    }
    return needed;
  }

  void write(std::size_t index, bool is_last) {
    const Node& node = tape_.node(index);
    const auto value = only_element(tape_.values_of(node));
    if (node.rule != nullptr) {
      Formula formula = node.rule->formula(operands(node), tape_.geometry_of(node));
      if (names_[index].empty() && !is_last) {
        if (formula.size() <= longest_unnamed_formula) {
          used_[index] = std::move(formula);
          return;
        }
        names_[index] = new_name(index);
      }
      defined_[index] = std::move(formula);
    }
    if (!names_[index].empty()) {
      used_[index] = Formula::symbol(names_[index], value);
    } else if (node.rule != nullptr) {
      used_[index] = defined_[index];
    } else {
      used_[index] =
          value ? Formula(*value) : Formula::symbol("constant " + to_string(tape_.shape_of(node)));
    }
  }

  const Tape& tape_;
  std::vector<std::string> names_;
  std::unordered_set<std::string> taken_;
  std::vector<std::optional<Formula>> used_;
  std::vector<std::optional<Formula>> defined_;
};

// Where a line's name has been spelled out, the name again: σ(z) − y is a − y where a = σ(z).
class Names {
 public:
  Names(const Writer& writer, std::size_t count) {
    for (std::size_t index = 0; index < count; ++index) {
      const std::optional<Formula>& definition = writer.definition(index);
      if (!definition || definition->is_symbol() || definition->number()) continue;
      name_of_.try_emplace(*definition, writer.use(index));
    }
  }

  [[nodiscard]] Formula put_into(const Formula& formula) const {
    return formula.rewrite([this](const Formula& part) -> std::optional<Formula> {
      const auto found = name_of_.find(part);
      return found == name_of_.end() ? std::nullopt : std::optional(found->second);
    });
  }

 private:
  struct Hash {
    std::size_t operator()(const Formula& formula) const { return formula.hash(); }
  };
  struct Same {
    bool operator()(const Formula& a, const Formula& b) const { return a.same_as(b); }
  };
  std::unordered_map<Formula, Formula, Hash, Same> name_of_;
};

// Adjoints as sums of what each use of a node sends back, from the loss to the start of the tape.
class AdjointWriter {
 public:
  AdjointWriter(const Tape& tape, std::size_t loss)
      : tape_(tape),
        writer_(tape, loss),
        names_(writer_, loss),
        total_(loss + 1),
        parts_(loss + 1, 0) {
    send_back(loss, 1.0);
    for (std::size_t index = loss; index-- > 0;) {
      if (!total_[index]) continue;
      const Formula upstream = finish(index);
      if (tape.node(index).rule != nullptr) send_back(index, upstream);
    }
  }

  // The lines of results from the loss backwards, then those of variables.
  [[nodiscard]] std::vector<DerivationLine> lines() const {
    std::vector<DerivationLine> all = of_results_;
    for (const auto& [index, lines] : of_variables_) {
      all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
  }

 private:
  void send_back(std::size_t index, const Formula& upstream) {
    const Node& node = tape_.node(index);
    const std::vector<Formula> operands = writer_.operands(node);
    for (std::size_t k = 0; k < operands.size(); ++k) {
      const std::size_t operand = node.operands[k];
      if (!node.rule->differentiable[k] || !tape_.node(operand).requires_gradient()) continue;
      add(operand, node.rule->pullback_formula(k, operands, writer_.use(index), upstream,
                                               tape_.geometry_of(node)));
    }
  }

  // The sum over all uses, the last use first, as the backward pass adds them up. A sum that has
  // grown long gets a line of its own before it goes on.
  void add(std::size_t index, const Formula& part) {
    std::optional<Formula>& total = total_[index];
    if (total && total->size() > 2 * longest_unnamed_formula) {
      const std::string name = "d" + name_of(index) + "." + std::to_string(++parts_[index]);
      const double value = total->evaluate();
      lines_of(index).push_back({name, names_.put_into(*total), value});
      total = Formula::symbol(name, std::isnan(value) ? std::nullopt : std::optional(value));
    }
    total = total ? *total + part : part;
  }

  // A node's adjoint where it is used, once all its uses are known: dz, or written out where the
  // node has no name.
  Formula finish(std::size_t index) {
    const Node& node = tape_.node(index);
    Formula formula = names_.put_into(*total_[index]);
    const bool has_line =
        node.name != 0 || (node.rule != nullptr && formula.size() > longest_unnamed_formula);
    if (!has_line) return formula;
    const std::string name = "d" + name_of(index);
    const auto adjoint = tape_.adjoint_of(node);
    lines_of(index).push_back({name, std::move(formula), value_or_nan(adjoint)});
    return Formula::symbol(name, only_element(adjoint));
  }

  [[nodiscard]] std::string name_of(std::size_t index) const {
    return writer_.name(index).empty() ? writer_.new_name(index) : writer_.name(index);
  }

  std::vector<DerivationLine>& lines_of(std::size_t index) {
    return tape_.node(index).rule != nullptr ? of_results_ : of_variables_[index];
  }

  const Tape& tape_;
  Writer writer_;
  Names names_;
  std::vector<std::optional<Formula>> total_;
  std::vector<int> parts_;  // lines written for sums that go on
  std::vector<DerivationLine> of_results_;
  std::map<std::size_t, std::vector<DerivationLine>> of_variables_;
};

}  // namespace

std::vector<DerivationLine> forward_lines(Tape& tape, const Tensor& last) {
  static_cast<void>(tape.checked(last));
  const Writer writer(tape, last.index());
  std::vector<DerivationLine> lines;
  for (std::size_t index = 0; index <= last.index(); ++index) {
    const std::optional<Formula>& definition = writer.definition(index);
    if (!definition) continue;
    const Node& node = tape.node(index);
    lines.push_back({writer.name(index), *definition, value_or_nan(tape.values_of(node)),
                     node.rule->info.name});
  }
  return lines;
}

std::vector<DerivationLine> backward_lines(Tape& tape, const Tensor& loss) {
  const Node& node = tape.checked(loss);
  const std::optional<std::size_t> last = tape.last_loss();
  if (!last) {
    throw LossError("the backward pass cannot be written down: call backward(loss) first.");
  }
  if (*last != loss.index()) {
    throw LossError("the backward pass of " + tape.describe(node) +
                    " cannot be written down: the adjoints are those of " +
                    tape.describe(tape.node(*last)) + ". Call backward() on this loss first.");
  }
  return AdjointWriter(tape, loss.index()).lines();
}

}  // namespace autograd
