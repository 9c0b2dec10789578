// The vocabulary of rules, read as formulas.
#include <utility>

#include "autograd/readings/formula_node.h"

namespace autograd::num {

Formula exp(const Formula& x) { return Formula::call("exp", {x}); }
Formula log(const Formula& x) { return Formula::call("log", {x}); }
Formula log1p(const Formula& x) { return Formula::call("log1p", {x}); }
Formula expm1(const Formula& x) { return Formula::call("expm1", {x}); }
Formula sqrt(const Formula& x) { return Formula::call("sqrt", {x}); }
Formula tanh(const Formula& x) { return Formula::call("tanh", {x}); }
Formula pow(const Formula& x, const Formula& p) {
  return is_one(p) ? x : Formula::call("pow", {x, p});
}
Formula abs(const Formula& x) { return Formula::call("abs", {x}); }
Formula sigmoid(const Formula& x) { return Formula::call("sigmoid", {x}); }
Formula softplus(const Formula& x) { return Formula::call("softplus", {x}); }
Formula select(const Formula& condition, const Formula& a, const Formula& b) {
  return Formula::call("select", {condition, a, b});
}
Formula sum(const Formula& x) { return Formula::call("sum", {x}); }
Formula sum_of_others(const Formula& x) { return sum(x) - x; }
Formula max(const Formula& x) { return Formula::call("max", {x}); }
Formula first_maximum(const Formula& x) { return Formula::call("first_maximum", {x}); }
Formula matmul(const Formula& a, const Formula& b) {
  if (is_one(a)) return b;
  return is_one(b) ? a : Formula::call("matmul", {a, b});
}
Formula transpose(const Formula& x) { return Formula::call("transpose", {x}); }

namespace {

Formula list(std::span<const Index> numbers) { return Formula::list(numbers); }

// The axes of `to` along which `from` is repeated.
std::vector<Index> repeated_axes(const Shape& from, const Shape& to) {
  std::vector<Index> axes;
  const int missing = to.rank() - from.rank();
  for (int axis = 0; axis < to.rank(); ++axis) {
    if (axis < missing || (from[axis - missing] == 1 && to[axis] != 1)) axes.push_back(axis);
  }
  return axes;
}

bool turns_a_matrix(std::span<const Index> order) {
  return order.size() == 2 && order[0] == 1 && order[1] == 0;
}

}  // namespace

Formula sum_along(const Formula& x, std::span<const Index> axes) {
  return axes.empty() ? x : Formula::call("sum", {x, list(axes)});
}
Formula sum_over_repeats(const Formula& x, const Shape& from, const Shape& to) {
  return sum_along(x, repeated_axes(from, to));
}
Formula repeat(const Formula& x, std::span<const Index> axes, const Shape& to) {
  return axes.empty() ? x : Formula::call("repeat", {x, list(axes), list(to.extents())});
}
Formula broadcast_to(const Formula& x, const Shape& from, const Shape& to) {
  return repeat(x, repeated_axes(from, to), to);
}
Formula reshape(const Formula& x, const Shape& shape) {
  return Formula::call("reshape", {x, list(shape.extents())});
}
Formula view(const Formula& x, std::span<const Index> extents) {
  return Formula::call("view", {x, list(extents)});
}
Formula total(std::vector<Formula> terms) {
  return terms.size() == 1 ? terms[0] : Formula::call("total", std::move(terms));
}
Formula largest(std::vector<Formula> numbers) {
  return numbers.size() == 1 ? numbers[0] : Formula::call("largest", std::move(numbers));
}
Formula permute(const Formula& x, std::span<const Index> order) {
  return turns_a_matrix(order) ? transpose(x) : Formula::call("permute", {x, list(order)});
}
Formula permute_back(const Formula& x, std::span<const Index> order) {
  return turns_a_matrix(order) ? transpose(x) : Formula::call("permute_back", {x, list(order)});
}
Formula concatenate(const Formula& x, const Formula& z, Index axis) {
  return Formula::call("concatenate", {x, z, static_cast<double>(axis)});
}
Formula part_of(const Formula& x, Index axis, Index start, const Shape& shape) {
  return Formula::call(
      "part_of", {x, static_cast<double>(axis), static_cast<double>(start), list(shape.extents())});
}
Formula slice(const Formula& x, std::span<const Index> window) {
  return Formula::call("slice", {x, list(window.subspan(1))});
}
Formula slice(const Formula& x, std::span<const Index> window, const Shape& shape) {
  std::vector<Index> own(window.begin() + 1, window.begin() + 1 + 2 * window[0]);
  own.insert(own.end(), shape.extents().begin(), shape.extents().end());
  return Formula::call("slice", {x, list(own)});
}
Formula place(const Formula& x, std::span<const Index> window, const Shape& shape) {
  return Formula::call("place", {x, list(window.subspan(1)), list(shape.extents())});
}
Formula gather_rows(const Formula& x, std::span<const Index> rows) {
  return Formula::call("gather_rows", {x, list(rows)});
}
Formula scatter_rows(const Formula& x, std::span<const Index> rows, Index count) {
  return Formula::call("scatter_rows", {x, list(rows), static_cast<double>(count)});
}

}  // namespace autograd::num
