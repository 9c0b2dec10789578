#include "autograd/explain/trace.h"

#include <algorithm>
#include <utility>

#include "autograd/explain/trace_names.h"
#include "autograd/readings/formula_element.h"

namespace autograd {
namespace {

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
  TraceNames lines_;
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
