#include "autograd/rules/structure.h"

namespace autograd {

double linear::sum_of_packs(const double* from, Index n) {
  constexpr Index lanes = Pack::lanes;
  std::array<Pack, 4> sums{};
  Index i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    for (Index p = 0; p < 4; ++p) {
      sums[static_cast<std::size_t>(p)] =
          sums[static_cast<std::size_t>(p)] + Pack::load(from + i + p * lanes);
    }
  }
  const Pack all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  double total = 0.0;
  for (int lane = 0; lane < Pack::lanes; ++lane) total += all[lane];
  for (; i < n; ++i) total += from[i];
  return total;
}

}  // namespace autograd

namespace autograd::rules::structure {
namespace {

using Strides = std::array<Index, Shape::max_rank>;

// Whoever calls a rule by hand may have forgotten its attributes.
void require_attributes(const Geometry& g, std::size_t least) {
  if (g.attributes.size() < least) {
    throw ShapeMismatch{std::to_string(g.attributes.size()) + " attributes, where at least " +
                            std::to_string(least) + " are needed",
                        "Call the operation by its function in operations.h."};
  }
}

// Sum's attributes: whether axes are kept, then the axes; without axes, all of them.
bool is_reduced(const Geometry& g, int axis) {
  const auto axes = g.attributes.subspan(1);
  return axes.empty() || std::find(axes.begin(), axes.end(), Index{axis}) != axes.end();
}

// The operand's shape with extent 1 along every reduced axis.
Shape kept_shape(const Geometry& g) {
  Shape shape = g.operand(0);
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (is_reduced(g, axis)) shape = shape.with_extent(axis, 1);
  }
  return shape;
}

struct Window {
  std::span<const Index> starts;
  std::span<const Index> steps;
  std::span<const Index> extents;
};

Window window_of(std::span<const Index> attributes) {
  const auto rank = attributes.empty() ? 0 : static_cast<std::size_t>(attributes[0]);
  if (rank > Shape::max_rank || attributes.size() != 1 + 3 * rank) {
    throw ShapeMismatch{"a window needs its rank, then starts, steps and extents", ""};
  }
  return {attributes.subspan(1, rank), attributes.subspan(1 + rank, rank),
          attributes.subspan(1 + 2 * rank, rank)};
}

// Throws ShapeMismatch where a window of extents `part` leaves `whole`.
void require_inside(const Window& window, const Shape& part, const Shape& whole) {
  if (window.starts.size() != static_cast<std::size_t>(whole.rank()) ||
      part.rank() != whole.rank()) {
    throw ShapeMismatch{"a window of " + std::to_string(window.starts.size()) +
                            " axes does not fit a tensor of " + std::to_string(whole.rank()),
                        ""};
  }
  for (int axis = 0; axis < whole.rank(); ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    const Index start = window.starts[a];
    const Index step = window.steps[a];
    // Compared by division: start + step · extent could overflow.
    if (start < 0 || step < 1 || start >= whole[axis] ||
        (part[axis] - 1) > (whole[axis] - 1 - start) / step) {
      throw ShapeMismatch{"axis " + std::to_string(axis) + ": " + std::to_string(part[axis]) +
                              " elements from " + std::to_string(start) + " in steps of " +
                              std::to_string(step) + " leave the extent " +
                              std::to_string(whole[axis]),
                          ""};
    }
  }
}

void require_row(Index row, Index rows) {
  if (row < 0 || row >= rows) {
    throw ShapeMismatch{
        "row " + std::to_string(row) + " is not one of the rows 0 to " + std::to_string(rows - 1),
        ""};
  }
}

}  // namespace

Transfer strided(const Shape& over, const Strides& result_strides, const Strides& operand_strides) {
  Transfer t;
  for (int axis = 0; axis < over.rank(); ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    t.walk.append(over[axis], {result_strides[a], operand_strides[a]});
  }
  return t;
}

Transfer same_order(const Shape& shape) { return strided(shape, shape.strides(), shape.strides()); }

Transfer repeated(const Shape& narrow, const Shape& wide, bool into_narrow) {
  const Strides narrow_strides = broadcast_strides(narrow, wide);
  return into_narrow ? strided(wide, narrow_strides, wide.strides())
                     : strided(wide, wide.strides(), narrow_strides);
}

Transfer reduction(const Geometry& g, double divisor) {
  Transfer t;
  if (g.result->size() == 1) {
    t.walk.append(g.operand(0).size(), {0, 1});
  } else {
    t = repeated(kept_shape(g), g.operand(0), true);
  }
  t.divisor = divisor;
  t.moves = false;
  return t;
}

double reduced_count(const Geometry& g) {
  return static_cast<double>(g.operand(0).size()) / static_cast<double>(g.result->size());
}

Shape reduced_shape(const Geometry& g) {
  require_attributes(g, 1);
  for (const Index axis : g.attributes.subspan(1)) {
    if (axis < 0 || axis >= g.operand(0).rank()) {
      throw ShapeMismatch{"there is no axis " + std::to_string(axis), ""};
    }
  }
  if (g.attributes.size() == 1 && g.attributes[0] == 0) return {};
  const Shape kept = kept_shape(g);
  if (g.attributes[0] != 0) return kept;
  Shape shape = kept;
  for (int axis = kept.rank() - 1; axis >= 0; --axis) {
    if (is_reduced(g, axis)) shape = shape.without(axis);
  }
  return shape;
}

Shape shape_of_attributes(const Geometry& g) { return Shape(g.attributes); }

void require_broadcast(const Geometry& g, const Shape& to) {
  const auto wider = broadcast(g.operand(0), to);
  if (!wider || *wider != to) {
    throw ShapeMismatch{
        "shape " + to_string(g.operand(0)) + " does not broadcast to " + to_string(to),
        "From the last axis backwards, extents must be equal or 1."};
  }
}

Shape permuted_shape(const Geometry& g) {
  const Shape& x = g.operand(0);
  std::array<Index, Shape::max_rank> extents{};
  std::array<bool, Shape::max_rank> seen{};
  bool valid = g.attributes.size() == static_cast<std::size_t>(x.rank());
  for (std::size_t k = 0; valid && k < g.attributes.size(); ++k) {
    const Index axis = g.attributes[k];
    valid = axis >= 0 && axis < x.rank() && !seen[static_cast<std::size_t>(axis)];
    if (!valid) break;
    seen[static_cast<std::size_t>(axis)] = true;
    extents[k] = x[static_cast<int>(axis)];
  }
  if (!valid) {
    throw ShapeMismatch{
        "the order does not name each of the " + std::to_string(x.rank()) + " axes once", ""};
  }
  return Shape(std::span<const Index>(extents.data(), g.attributes.size()));
}

Shape concatenated_shape(const Geometry& g) {
  const Shape& x = g.operand(0);
  const Shape& z = g.operand(1);
  require_attributes(g, 1);
  const auto axis = static_cast<int>(g.attributes[0]);
  if (x.rank() != z.rank() || axis < 0 || axis >= x.rank() ||
      x.with_extent(axis, 1) != z.with_extent(axis, 1)) {
    throw ShapeMismatch{"shapes " + to_string(x) + " and " + to_string(z) +
                            " must agree but for axis " + std::to_string(axis),
                        ""};
  }
  return x.with_extent(axis, x[axis] + z[axis]);
}

Shape sliced_shape(const Geometry& g) {
  const Window window = window_of(g.attributes);
  const Shape part(window.extents);
  require_inside(window, part, g.operand(0));
  return part;
}

Shape placed_shape(const Geometry& g) {
  const Window window = window_of(g.attributes);
  const Shape whole(window.extents);
  require_inside(window, g.operand(0), whole);
  return whole;
}

Transfer window(const Shape& part, const Shape& whole, std::span<const Index> attributes,
                bool result_is_part) {
  const Window window = window_of(attributes);
  Strides strides = whole.strides();
  Index offset = 0;
  for (std::size_t axis = 0; axis < window.starts.size(); ++axis) {
    offset += window.starts[axis] * strides[axis];
    strides[axis] *= window.steps[axis];
  }
  Transfer t = result_is_part ? strided(part, part.strides(), strides)
                              : strided(part, strides, part.strides());
  t.offset[result_is_part ? 1 : 0] = offset;
  return t;
}

Shape gathered_shape(const Geometry& g) {
  const Shape& x = g.operand(0);
  if (x.rank() == 0) throw ShapeMismatch{"a scalar has no rows", ""};
  if (g.attributes.empty()) throw ShapeMismatch{"no rows are named", ""};
  for (const Index row : g.attributes) require_row(row, x[0]);
  return x.with_extent(0, static_cast<Index>(g.attributes.size()));
}

Shape scattered_shape(const Geometry& g) {
  require_attributes(g, 1);
  const Shape& x = g.operand(0);
  const auto rows = g.attributes.subspan(1);
  if (x.rank() == 0) throw ShapeMismatch{"a scalar has no rows", ""};
  if (static_cast<Index>(rows.size()) != x[0]) {
    throw ShapeMismatch{
        std::to_string(rows.size()) + " row numbers for " + std::to_string(x[0]) + " rows", ""};
  }
  for (const Index row : rows) require_row(row, g.attributes[0]);
  return x.with_extent(0, g.attributes[0]);
}

}  // namespace autograd::rules::structure
