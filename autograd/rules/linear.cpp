#include "autograd/rules/linear.h"

#include <algorithm>
#include <functional>

namespace autograd::linear {
namespace {

// Whether an element of the operand may receive more than one part, in more than one run.
bool sums_runs(const Transfer& t) {
  if (!t.rows.empty()) {
    return !t.rows_of_result &&
           std::adjacent_find(t.rows.begin(), t.rows.end(), std::greater_equal<>{}) != t.rows.end();
  }
  if (t.walk.rank <= 1) return false;
  const auto* strides = t.walk.strides[1].data();
  return std::find(strides, strides + t.walk.rank, 0) != strides + t.walk.rank;
}

}  // namespace

void pull_back(const Transfer& t, const Geometry& geometry, std::size_t operand,
               const double* upstream, double* adjoint, Scratch<double>& scratch) {
  if (!sums_runs(t)) {
    flow(t, 1, adjoint, upstream);
    return;
  }
  const Index size = geometry.operand(operand).size();
  const auto mark = scratch.mark();
  double* sums = scratch.allocate(static_cast<std::size_t>(size));
  std::fill_n(sums, size, 0.0);
  flow(t, 1, sums, upstream);
  for (Index i = 0; i < size; ++i) adjoint[i] += sums[i];
  scratch.rewind(mark);
}

// The number of operands; of the result and of each operand the rank and the extents; attributes.
std::vector<Index> pack(const Geometry& geometry, std::size_t arity) {
  std::vector<Index> packed{static_cast<Index>(arity)};
  const auto add = [&packed](const Shape& shape) {
    packed.push_back(shape.rank());
    packed.insert(packed.end(), shape.extents().begin(), shape.extents().end());
  };
  add(*geometry.result);
  for (std::size_t k = 0; k < arity; ++k) add(geometry.operand(k));
  packed.insert(packed.end(), geometry.attributes.begin(), geometry.attributes.end());
  return packed;
}

Unpacked::Unpacked(std::span<const Index> packed) {
  const auto shapes = static_cast<std::size_t>(packed[0]) + 1;
  packed = packed.subspan(1);
  for (std::size_t s = 0; s < shapes; ++s) {
    const auto rank = static_cast<std::size_t>(packed[0]);
    shapes_[s] = Shape(packed.subspan(1, rank));
    packed = packed.subspan(1 + rank);
  }
  geometry_.result = shapes_.data();
  for (std::size_t k = 0; k + 1 < shapes; ++k) geometry_.operands[k] = &shapes_[k + 1];
  geometry_.attributes = packed;
}

}  // namespace autograd::linear
