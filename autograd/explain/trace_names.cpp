#include "autograd/explain/trace_names.h"

#include <algorithm>
#include <memory>

#include "autograd/readings/formula_element.h"

namespace autograd {

Formula shaped_as(const Formula& formula, const Shape& shape) {
  const Shape own = shape_of(formula);
  if (own == shape) return formula;
  const bool views = own.size() == 1 || own.size() == shape.size();
  return views ? num::view(formula, shape.extents()) : num::broadcast_to(formula, own, shape);
}

Formula symbol_of(const std::string& name, const Shape& shape, std::span<const double> elements,
                  const std::vector<std::string>& labels) {
  if (elements.size() == 1 && shape.rank() == 0) return Formula::symbol(name, elements[0]);
  return Formula::symbol(name, std::make_shared<const FormulaTensor>(FormulaTensor{
                                   shape, {elements.begin(), elements.end()}, labels}));
}

TraceNames::TraceNames(const Tape& tape, std::size_t last, const TraceOptions& options)
    : tape_(tape),
      last_(last),
      options_(options),
      needed_(last + 1, 0),
      uses_(last + 1, 0),
      own_(last + 1, 0),
      names_(last + 1),
      written_(last + 1),
      definitions_(last + 1) {
  find_needed();
  for (std::size_t index = 0; index <= last; ++index) {
    of_tape_.insert(tape.name_of(tape.node(index)));
  }
  for (std::size_t index = 0; index <= last; ++index) {
    if (has_line_at_once(index)) give_line(index);
  }
  // Lines only become more, and formulas shorter: twice is what it takes in practice.
  do {
    write();
  } while (shorten_adjoints());
}

std::vector<std::size_t> TraceNames::inputs(std::size_t index) const {
  std::vector<std::size_t> found;
  std::vector<std::size_t> open{index};
  while (!open.empty()) {
    const Node& node = tape_.node(open.back());
    if (own_[open.back()] != 0 && open.back() != index) found.push_back(open.back());
    const bool goes_on = own_[open.back()] == 0 || open.back() == index;
    open.pop_back();
    if (!goes_on) continue;
    const auto operands = node.operand_indices();
    open.insert(open.end(), operands.rbegin(), operands.rend());
  }
  return found;
}

std::string TraceNames::adjoint_name(std::size_t index) const {
  std::string name("d");
  name += names_[index];
  while (taken_.contains(name)) name.insert(0, "grad_");
  return name;
}

Formula TraceNames::part(const Node& node, std::size_t index, std::size_t operand,
                         const Formula& upstream) const {
  return with_names(node.rule->pullback_formula(operand, operands(node), written(index), upstream,
                                                tape_.geometry_of(node)));
}
Formula TraceNames::slope(const Node& node, std::size_t index, std::size_t operand,
                          const Formula& upstream) const {
  Geometry geometry = tape_.geometry_of(node);
  geometry.operands[operand] = geometry.result;
  return with_names(
      node.rule->pullback_formula(operand, operands(node), written(index), upstream, geometry));
}

// What the last node or a named result is made of.
void TraceNames::find_needed() {
  for (std::size_t index = last_ + 1; index-- > 0;) {
    const Node& node = tape_.node(index);
    if (index == last_ || (node.rule != nullptr && node.name != 0)) needed_[index] = 1;
    if (needed_[index] == 0) continue;
    for (const std::uint32_t operand : node.operand_indices()) {
      needed_[operand] = 1;
      ++uses_[operand];
    }
  }
}

bool TraceNames::has_line_at_once(std::size_t index) const {
  const Node& node = tape_.node(index);
  if (needed_[index] == 0) return false;
  if (index == last_ || node.name != 0) return true;
  if (node.rule == nullptr) return node.requires_gradient() || tape_.shape_of(node).rank() > 0;
  return options_.every_operation || uses_[index] != 1;
}

// Under the tape's name. The second value of a name, and what has none, are told apart by their
// places; an unnamed loss is L.
void TraceNames::give_line(std::size_t index) {
  std::string name(tape_.name_of(tape_.node(index)));
  if (index == last_ && name.empty() && !of_tape_.contains("L")) name = "L";
  const bool is_unnamed = name.empty();
  if (is_unnamed || taken_.contains(name)) {
    name.append(is_unnamed ? "v" : ".").append(std::to_string(index));
    while (taken_.contains(name) || of_tape_.contains(name)) name.insert(0, "v");
  }
  taken_.insert(name);
  names_[index] = std::move(name);
  own_[index] = 1;
}

void TraceNames::write() {
  spelled_out_.clear();
  for (std::size_t index = 0; index <= last_; ++index) {
    if (needed_[index] != 0) write(index);
  }
}

void TraceNames::write(std::size_t index) {
  const Node& node = tape_.node(index);
  const Shape& shape = tape_.shape_of(node);
  const std::span<const double> value = tape_.values_of(node);
  if (node.rule != nullptr) {
    Formula formula = node.rule->formula(operands(node), tape_.geometry_of(node));
    if (own_[index] == 0 && formula.size() > longest_unnamed_formula) give_line(index);
    if (own_[index] == 0) {
      written_[index] = shaped_as(formula, shape);
      return;
    }
    definitions_[index] = std::move(formula);
  }
  written_[index] = own_[index] != 0 ? symbol_of(names_[index], shape, value, labels_of(index))
                                     : Formula(value[0]);
  const std::optional<Formula>& definition = definitions_[index];
  if (!definition || definition->is_symbol() || definition->number() || index == last_) return;
  spelled_out_.try_emplace(*definition, *written_[index]);
}

const std::vector<std::string>& TraceNames::labels_of(std::size_t index) const {
  static const std::vector<std::string> none;
  for (const TraceOptions::Labels& labels : options_.labels) {
    if (labels.node == index) return labels.names;
  }
  return none;
}

std::vector<Formula> TraceNames::operands(const Node& node) const {
  std::vector<Formula> formulas;
  for (const std::uint32_t operand : node.operand_indices()) {
    formulas.push_back(*written_[operand]);
  }
  return formulas;
}

// Gives lines to unnamed results whose adjoints would be too long to write out; true where there
// were any.
bool TraceNames::shorten_adjoints() {
  std::vector<std::optional<Formula>> upstream(last_ + 1);
  bool shortened = false;
  for (std::size_t index = last_ + 1; index-- > 0;) {
    const Node& node = tape_.node(index);
    if (needed_[index] == 0 || node.rule == nullptr || !node.requires_gradient()) continue;
    if (own_[index] != 0) upstream[index] = Formula::symbol("d");
    if (!upstream[index]) continue;
    if (upstream[index]->size() > longest_unnamed_formula) {
      give_line(index);
      shortened = true;
      upstream[index] = Formula::symbol("d");
    }
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      const std::size_t operand = node.operands[k];
      const bool inside = own_[operand] == 0 && tape_.node(operand).requires_gradient();
      if (inside && node.rule->differentiable[k]) {
        upstream[operand] = node.rule->pullback_formula(k, operands(node), *written_[index],
                                                        *upstream[index], tape_.geometry_of(node));
      }
    }
  }
  return shortened;
}

// Where a value has been spelled out, its name again: σ(z) − y is a − y where a = σ(z).
Formula TraceNames::with_names(const Formula& formula) const {
  return formula.rewrite([this](const Formula& part) -> std::optional<Formula> {
    const auto found = spelled_out_.find(part);
    return found == spelled_out_.end() ? std::nullopt : std::optional(found->second);
  });
}

}  // namespace autograd
