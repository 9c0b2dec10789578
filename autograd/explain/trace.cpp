#include "autograd/explain/trace.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "autograd/readings/formula_element.h"

namespace autograd {
namespace {

// A formula over several elements as an operation sees it: with the shape of the tape's value. One
// number stands for all elements; fewer elements are repeated.
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

// Which nodes there are lines for, and how all others are written where they are used.
class Lines {
 public:
  Lines(const Tape& tape, std::size_t last, const TraceOptions& options)
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

  [[nodiscard]] bool has(std::size_t index) const { return own_[index] != 0; }
  [[nodiscard]] const std::string& name(std::size_t index) const { return names_[index]; }
  // The nodes with a line that a result is made of, one for each use, in their order.
  [[nodiscard]] std::vector<std::size_t> inputs(std::size_t index) const {
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
  [[nodiscard]] const std::optional<Formula>& definition(std::size_t index) const {
    return definitions_[index];
  }
  // A node where it is used.
  [[nodiscard]] const Formula& written(std::size_t index) const { return *written_[index]; }

  // dz, or what is no value's name.
  [[nodiscard]] std::string adjoint_name(std::size_t index) const {
    std::string name("d");
    name += names_[index];
    while (taken_.contains(name)) name.insert(0, "grad_");
    return name;
  }

  // What a node hands back to an operand: of an upstream adjoint 1, its slope.
  [[nodiscard]] Formula part(const Node& node, std::size_t index, std::size_t operand,
                             const Formula& upstream) const {
    return with_names(node.rule->pullback_formula(operand, operands(node), written(index), upstream,
                                                  tape_.geometry_of(node)));
  }
  // The same of an elementwise operation before it is summed over repeats.
  [[nodiscard]] Formula slope(const Node& node, std::size_t index, std::size_t operand,
                              const Formula& upstream) const {
    Geometry geometry = tape_.geometry_of(node);
    geometry.operands[operand] = geometry.result;
    return with_names(
        node.rule->pullback_formula(operand, operands(node), written(index), upstream, geometry));
  }

 private:
  struct Hash {
    std::size_t operator()(const Formula& formula) const { return formula.hash(); }
  };
  struct Same {
    bool operator()(const Formula& a, const Formula& b) const { return a.same_as(b); }
  };

  // What the last node or a named result is made of.
  void find_needed() {
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

  [[nodiscard]] bool has_line_at_once(std::size_t index) const {
    const Node& node = tape_.node(index);
    if (needed_[index] == 0) return false;
    if (index == last_ || node.name != 0) return true;
    if (node.rule == nullptr) return node.requires_gradient() || tape_.shape_of(node).rank() > 0;
    return options_.every_operation || uses_[index] != 1;
  }

  // Under the tape's name. The second value of a name, and what has none, are told apart by their
  // places; an unnamed loss is L.
  void give_line(std::size_t index) {
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

  void write() {
    spelled_out_.clear();
    for (std::size_t index = 0; index <= last_; ++index) {
      if (needed_[index] != 0) write(index);
    }
  }

  void write(std::size_t index) {
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

  [[nodiscard]] const std::vector<std::string>& labels_of(std::size_t index) const {
    static const std::vector<std::string> none;
    for (const TraceOptions::Labels& labels : options_.labels) {
      if (labels.node == index) return labels.names;
    }
    return none;
  }

  [[nodiscard]] std::vector<Formula> operands(const Node& node) const {
    std::vector<Formula> formulas;
    for (const std::uint32_t operand : node.operand_indices()) {
      formulas.push_back(*written_[operand]);
    }
    return formulas;
  }

  // Gives lines to unnamed results whose adjoints would be too long to write out; true where there
  // were any.
  bool shorten_adjoints() {
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
          upstream[operand] = node.rule->pullback_formula(
              k, operands(node), *written_[index], *upstream[index], tape_.geometry_of(node));
        }
      }
    }
    return shortened;
  }

  // Where a value has been spelled out, its name again: σ(z) − y is a − y where a = σ(z).
  [[nodiscard]] Formula with_names(const Formula& formula) const {
    return formula.rewrite([this](const Formula& part) -> std::optional<Formula> {
      const auto found = spelled_out_.find(part);
      return found == spelled_out_.end() ? std::nullopt : std::optional(found->second);
    });
  }

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

// An elementwise operation's slopes by an operand times those so far, shaped like its result.
std::vector<double> slopes_of(const Tape& tape, const Node& node, std::size_t operand,
                              std::span<const double> so_far) {
  const Shape& shape = tape.shape_of(node);
  const Index size = shape.size();
  std::array<std::vector<double>, max_operands> repeated;
  std::array<const double*, max_operands> operands{};
  for (std::size_t k = 0; k < node.rule->arity; ++k) {
    const Node& own = tape.node(node.operands[k]);
    operands[k] = own.value;
    if (tape.shape_of(own) == shape) continue;
    for (Index i = 0; i < size; ++i) {
      repeated[k].push_back(own.value[broadcast_element(tape.shape_of(own), shape, i)]);
    }
    operands[k] = repeated[k].data();
  }
  std::vector<double> slopes(static_cast<std::size_t>(size), 0.0);
  node.rule->contribution_block[operand](slopes.data(), so_far.data(), operands.data(), node.value,
                                         size);
  return slopes;
}

class Tracer : public BackwardWatcher {
 public:
  Tracer(Tape& tape, std::size_t last, const TraceOptions& options)
      : tape_(tape), lines_(tape, last, options), place_(last + 1), inside_(last + 1) {
    for (std::size_t index = 0; index <= last; ++index) {
      if (lines_.has(index)) add_value(index);
    }
    trace_.loss = trace_.values.size() - 1;
  }

  Trace run(const Tensor& loss, const TraceOptions& options) {
    if (!tape_.node(loss.index()).requires_gradient()) return std::move(trace_);
    tape_.backward(loss, *this);
    for (TracedValue& value : trace_.values) {
      if (!value.adjoint_symbol && !value.parts.empty()) finish_adjoint(value);
    }
    if (options.learning_rate) update(*options.learning_rate);
    return std::move(trace_);
  }

  void before(std::size_t node, std::size_t operand) override {
    const std::size_t to = tape_.node(node).operands[operand];
    if (!lines_.has(to)) return;
    const auto adjoint = tape_.adjoint_of(tape_.node(to));
    before_.assign(adjoint.begin(), adjoint.end());
  }

  void after(std::size_t index, std::size_t operand) override {
    const Node& node = tape_.node(index);
    const std::size_t to = node.operands[operand];
    const Flow upstream = flow_at(index);
    Flow flow{upstream.from,
              lines_.part(node, index, operand, as_seen_by(node, operand, upstream.rule)),
              std::nullopt,
              {}};
    if (node.rule->shape == RuleShape::elementwise && upstream.slope) {
      flow.slope = lines_.slope(node, index, operand, *upstream.slope);
      flow.slopes = slopes_of(tape_, node, operand, upstream.slopes);
    }
    if (lines_.has(to)) {
      add_part(std::move(flow), index, operand);
      return;
    }
    if (tape_.shape_of(tape_.node(to)) != tape_.shape_of(node)) flow.slope.reset();
    inside_[to] = std::move(flow);
  }

 private:
  // An upstream adjoint of one number stands for as many as the node has elements: a product with
  // it goes without saying so, a sum does not.
  [[nodiscard]] Formula as_seen_by(const Node& node, std::size_t operand,
                                   const Formula& upstream) const {
    const Shape& shape = tape_.shape_of(node);
    const bool is_product = node.rule->shape == RuleShape::elementwise &&
                            tape_.shape_of(tape_.node(node.operands[operand])) == shape;
    // What broadcasts to the shape does so by itself; a column is not a vector.
    return is_product && broadcast(shape_of(upstream), shape) == shape ? upstream
                                                                       : shaped_as(upstream, shape);
  }

  // What flows back from a value with a line, through operations without.
  struct Flow {
    std::size_t from = 0;
    Formula rule;
    std::optional<Formula> slope;
    std::vector<double> slopes;
  };

  void add_value(std::size_t index) {
    const Node& node = tape_.node(index);
    const auto elements = tape_.values_of(node);
    TracedValue value;
    value.node = index;
    value.name = lines_.name(index);
    value.adjoint_name = lines_.adjoint_name(index);
    if (node.rule != nullptr) value.operation = node.rule->info.name;
    value.differentiable = node.requires_gradient();
    value.where = node.where;
    value.formula = lines_.definition(index);
    value.symbol = lines_.written(index);
    for (const std::size_t input : lines_.inputs(index)) value.inputs.push_back(place_[input]);
    value.shape = tape_.shape_of(node);
    value.value.assign(elements.begin(), elements.end());
    place_[index] = trace_.values.size();
    trace_.values.push_back(std::move(value));
  }

  void finish_adjoint(TracedValue& value) {
    const auto adjoint = tape_.adjoint_of(tape_.node(value.node));
    value.adjoint.assign(adjoint.begin(), adjoint.end());
    const FormulaTensor* const tensor = value.symbol->tensor();
    value.adjoint_symbol =
        symbol_of(value.adjoint_name, value.shape, adjoint,
                  tensor == nullptr ? std::vector<std::string>{} : tensor->labels);
  }

  Flow flow_at(std::size_t index) {
    if (!lines_.has(index)) return *inside_[index];
    TracedValue& from = trace_.values[place_[index]];
    if (!from.adjoint_symbol) finish_adjoint(from);
    const bool is_loss = place_[index] == trace_.loss;
    return {place_[index], is_loss ? Formula(1.0) : *from.adjoint_symbol, Formula(1.0),
            std::vector<double>(from.value.size(), 1.0)};
  }

  void add_part(Flow flow, std::size_t index, std::size_t operand) {
    const Node& node = tape_.node(index);
    const std::size_t to = node.operands[operand];
    const auto adjoint = tape_.adjoint_of(tape_.node(to));
    std::vector<double> part(adjoint.size(), 0.0);
    node.rule->pullback(*node.rule, tape_.call_of(node, scratch_), operand,
                        tape_.adjoint_of(node).data(), part.data());
    // The loss's own adjoint, 1, is left out of products; by itself it is what is handed on.
    if (flow.from == trace_.loss && flow.rule.number()) {
      flow.rule = *trace_.loss_value().adjoint_symbol * flow.rule;
    }
    trace_.values[place_[to]].parts.push_back(trace_.parts.size());
    trace_.parts.push_back({flow.from, place_[to], index, operand, std::move(flow.rule),
                            std::move(flow.slope), std::move(flow.slopes), std::move(part),
                            std::move(before_),
                            std::vector<double>(adjoint.begin(), adjoint.end())});
  }

  void update(double learning_rate) {
    std::string name = "learning_rate";
    while (trace_.find(name) != nullptr) name.insert(0, "the_");
    const Formula rate = Formula::symbol(name, learning_rate);
    for (std::size_t k = 0; k < trace_.values.size(); ++k) {
      const TracedValue& value = trace_.values[k];
      if (!value.is_variable() || !value.adjoint_symbol) continue;
      TracedUpdate update{k, *value.symbol - rate * *value.adjoint_symbol, {}};
      for (std::size_t i = 0; i < value.value.size(); ++i) {
        update.after.push_back(value.value[i] - learning_rate * value.adjoint[i]);
      }
      trace_.updates.push_back(std::move(update));
    }
  }

  Tape& tape_;
  Lines lines_;
  Trace trace_;
  std::vector<std::size_t> place_;           // of a node among the values
  std::vector<std::optional<Flow>> inside_;  // of nodes without a line
  std::vector<double> before_;
  Scratch<double> scratch_;
};

}  // namespace

const TracedValue* Trace::find(std::string_view name) const {
  const auto found = std::find_if(values.begin(), values.end(), [&](const TracedValue& value) {
    return value.name == name || value.adjoint_name == name;
  });
  return found == values.end() ? nullptr : &*found;
}

Trace trace_of(Tape& tape, const Tensor& loss, const TraceOptions& options) {
  const Node& last = tape.checked(loss, "trace_of", SourceLine::here());
  if (tape.shape_of(last).size() != 1) {
    throw LossError("the trace of " + tape.describe(last) +
                    ": a loss is one element. Take its sum() or mean() first.");
  }
  Tracer tracer(tape, loss.index(), options);
  return tracer.run(loss, options);
}

}  // namespace autograd
