#include "autograd/rules/structure.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {
namespace {

using operations::axis_of;
using operations::record;

// "X: 3×4", as messages name an operand.
std::string described(const Operand& x) {
  if (x.is_number()) return "scalar";
  const Tape& tape = *x.tensor().tape();
  return tape.describe(tape.checked(x.tensor()));
}

// A short list of whole numbers, on the stack: recording must not allocate.
class Attributes {
 public:
  void push(Index value) {
    if (size_ == values_.size()) {
      throw ShapeError("more axes were named than a tensor can have (" +
                       std::to_string(Shape::max_rank) + ")");
    }
    values_[size_++] = value;
  }
  operator std::span<const Index>() const { return {values_.data(), size_}; }

 private:
  std::array<Index, 1 + 3 * Shape::max_rank> values_{};
  std::size_t size_ = 0;
};

Tensor reduce(const Rule& rule, const Operand& x, std::span<const Index> axes, bool keep_axes) {
  Attributes attributes;
  attributes.push(keep_axes ? 1 : 0);
  std::array<bool, Shape::max_rank> seen{};
  for (const Index axis : axes) {
    const int resolved = axis_of(rule, x, axis);
    if (seen[static_cast<std::size_t>(resolved)]) continue;
    seen[static_cast<std::size_t>(resolved)] = true;
    attributes.push(resolved);
  }
  return record(rule, x, attributes);
}

Attributes window(std::span<const Index> starts, std::span<const Index> steps,
                  std::span<const Index> extents) {
  Attributes attributes;
  attributes.push(static_cast<Index>(extents.size()));
  for (const auto part : {starts, steps, extents}) {
    for (const Index value : part) attributes.push(value);
  }
  return attributes;
}

}  // namespace

void operations::refuse_axis(const Rule& rule, const Operand& x, Index axis) {
  throw ShapeError(std::string(rule.info.name) + " of " + described(x) + ": there is no axis " +
                   std::to_string(axis) + " (" + to_string(x.where()) + ").");
}

Tensor sum(const Operand& x) { return reduce(rule_of<rules::Sum>, x, {}, false); }
Tensor mean(const Operand& x) { return reduce(rule_of<rules::Mean>, x, {}, false); }
Tensor sum(const Operand& x, std::span<const Index> axes, bool keep_axes) {
  return reduce(rule_of<rules::Sum>, x, axes, keep_axes);
}
Tensor sum(const Operand& x, std::initializer_list<Index> axes, bool keep_axes) {
  return sum(x, std::span<const Index>(axes.begin(), axes.size()), keep_axes);
}
Tensor mean(const Operand& x, std::span<const Index> axes, bool keep_axes) {
  return reduce(rule_of<rules::Mean>, x, axes, keep_axes);
}
Tensor mean(const Operand& x, std::initializer_list<Index> axes, bool keep_axes) {
  return mean(x, std::span<const Index>(axes.begin(), axes.size()), keep_axes);
}

Tensor transpose(const Operand& x) {
  Attributes order;
  for (int axis = x.is_number() ? 0 : x.tensor().rank(); axis-- > 0;) order.push(axis);
  return record(rule_of<rules::Permute>, x, order);
}

Tensor permute(const Operand& x, std::span<const Index> order) {
  const Rule& rule = rule_of<rules::Permute>;
  Attributes attributes;
  for (const Index axis : order) attributes.push(axis_of(rule, x, axis));
  return record(rule, x, attributes);
}
Tensor permute(const Operand& x, std::initializer_list<Index> order) {
  return permute(x, std::span<const Index>(order.begin(), order.size()));
}

Tensor reshape(const Operand& x, const Shape& shape) {
  return record(rule_of<rules::Reshape>, x, shape.extents());
}

Tensor broadcast_to(const Operand& x, const Shape& shape) {
  return record(rule_of<rules::BroadcastTo>, x, shape.extents());
}

Tensor concatenate(std::span<const Tensor> tensors, Index axis, SourceLine where) {
  const Rule& rule = rule_of<rules::Concatenate>;
  if (tensors.empty()) {
    throw ArgumentError("concatenate: no tensors were given (" + to_string(where) + ").");
  }
  if (tensors.size() == 1) {
    axis_of(rule, Operand(tensors[0], where), axis);
    return tensors[0];
  }
  // Halves of halves, so that each element is copied log₂ n times, not n.
  const std::size_t half = tensors.size() / 2;
  const Operand left(concatenate(tensors.first(half), axis, where), where);
  const Operand right(concatenate(tensors.subspan(half), axis, where), where);
  return record(rule, left, right, std::array<Index, 1>{axis_of(rule, left, axis)});
}
Tensor concatenate(std::initializer_list<Tensor> tensors, Index axis, SourceLine where) {
  return concatenate(std::span<const Tensor>(tensors.begin(), tensors.size()), axis, where);
}

Tensor slice(const Operand& x, Index axis, Index start, Index stop, Index step) {
  const Rule& rule = rule_of<rules::Slice>;
  const int along = axis_of(rule, x, axis);
  const Shape shape = x.tensor().shape();
  const Index extent = shape[along];
  const Index first = start < 0 ? start + extent : start;
  const Index last = stop < 0 ? stop + extent : stop;
  if (step < 1 || first < 0 || last > extent || first >= last) {
    throw ShapeError("slice of " + described(x) + ": elements " + std::to_string(start) + " to " +
                     std::to_string(stop) + " in steps of " + std::to_string(step) +
                     " are not a part of axis " + std::to_string(along) + " with extent " +
                     std::to_string(extent) + " (" + to_string(x.where()) + ").");
  }
  std::array<Index, Shape::max_rank> starts{};
  std::array<Index, Shape::max_rank> steps{};
  steps.fill(1);
  starts[static_cast<std::size_t>(along)] = first;
  steps[static_cast<std::size_t>(along)] = step;
  const Shape part = shape.with_extent(along, 1 + (last - first - 1) / step);
  const auto rank = static_cast<std::size_t>(shape.rank());
  return record(
      rule, x, window(std::span(starts).first(rank), std::span(steps).first(rank), part.extents()));
}

Tensor place(const Operand& x, const Shape& shape, std::span<const Index> starts,
             std::span<const Index> steps) {
  const auto rank = static_cast<std::size_t>(shape.rank());
  if (starts.size() != rank || steps.size() != rank) {
    throw ShapeError("place into " + to_string(shape) +
                     ": it needs a start and a step for each "
                     "of its axes (" +
                     to_string(x.where()) + ").");
  }
  return record(rule_of<rules::Place>, x, window(starts, steps, shape.extents()));
}

Tensor gather_rows(const Operand& x, std::span<const Index> rows) {
  return record(rule_of<rules::GatherRows>, x, rows);
}
Tensor gather_rows(const Operand& x, std::initializer_list<Index> rows) {
  return gather_rows(x, std::span<const Index>(rows.begin(), rows.size()));
}

Tensor scatter_rows(const Operand& x, std::span<const Index> rows, Index count) {
  std::vector<Index> attributes{count};
  attributes.insert(attributes.end(), rows.begin(), rows.end());
  return record(rule_of<rules::ScatterRows>, x, attributes);
}

Tensor apply(const Rule& rule, std::initializer_list<Operand> operands,
             std::span<const Index> attributes) {
  if (operands.size() != rule.arity) {
    throw ArgumentError(std::string(rule.info.name) + " takes " + std::to_string(rule.arity) +
                        " operands, not " + std::to_string(operands.size()) + ".");
  }
  std::array<const Operand*, max_operands> all{};
  std::size_t count = 0;
  for (const Operand& operand : operands) all[count++] = &operand;
  return record(rule, Tape::Operands(all.data(), count), attributes);
}

std::span<const Rule* const> operations::structure_rules() {
  static constexpr std::array<const Rule*, 10> family{
      &rule_of<rules::Sum>,        &rule_of<rules::Mean>,    &rule_of<rules::BroadcastTo>,
      &rule_of<rules::Reshape>,    &rule_of<rules::Permute>, &rule_of<rules::Concatenate>,
      &rule_of<rules::Slice>,      &rule_of<rules::Place>,   &rule_of<rules::GatherRows>,
      &rule_of<rules::ScatterRows>};
  return family;
}

}  // namespace autograd
