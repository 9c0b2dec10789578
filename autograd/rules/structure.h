// Linear rules: sums, and everything that moves elements without changing them.
#pragma once

#include "autograd/rules/linear.h"

namespace autograd::rules {

namespace structure {

// Result and operand walked together over `extents`, with the given strides.
Transfer strided(const Shape& over, const std::array<Index, Shape::max_rank>& result_strides,
                 const std::array<Index, Shape::max_rank>& operand_strides);
// Element by element, in memory order.
Transfer same_order(const Shape& shape);
// `narrow` repeated over, or summed from, `wide`; `into_narrow` where the result is the narrow one.
Transfer repeated(const Shape& narrow, const Shape& wide, bool into_narrow);

Shape reduced_shape(const Geometry& g);
Transfer reduction(const Geometry& g, double divisor);
double reduced_count(const Geometry& g);
Shape shape_of_attributes(const Geometry& g);
Shape permuted_shape(const Geometry& g);
Shape concatenated_shape(const Geometry& g);
Shape sliced_shape(const Geometry& g);
Shape placed_shape(const Geometry& g);
Shape gathered_shape(const Geometry& g);
Shape scattered_shape(const Geometry& g);
void require_broadcast(const Geometry& g, const Shape& to);
// A part of `whole` of the extents of `part`, starting at attributes 1 + axis in steps of
// 1 + rank + axis.
Transfer window(const Shape& part, const Shape& whole, std::span<const Index> attributes,
                bool result_is_part);

// What a sum sends back: one number as it is, a tensor repeated along the axes summed over.
inline Formula back_along(const Formula& upstream, const Geometry& g) {
  if (g.result->size() == 1) return upstream;
  std::vector<Index> kept(g.operand(0).extents().begin(), g.operand(0).extents().end());
  for (const Index axis : g.attributes.subspan(1)) kept[static_cast<std::size_t>(axis)] = 1;
  const bool drops = g.result->rank() < g.operand(0).rank();
  return num::repeat(drops ? num::view(upstream, kept) : upstream, g.attributes.subspan(1),
                     g.operand(0));
}

// Over the axes that attributes name, or over all.
inline Formula summed(const Formula& x, const Geometry& g) {
  const bool all = g.attributes.size() == 1 && g.operand(0).rank() > 0;
  return all ? num::sum(x) : num::sum_along(x, g.attributes.subspan(1));
}

}  // namespace structure

// y = Σ x over the axes of attributes 1…; attribute 0 is 1 where they are kept with extent 1.
// x̄ = ḡ broadcast back
struct Sum : Linear<1> {
  static constexpr RuleInfo info{"sum", "sum of all elements, or along axes", "sum"};
  static Shape result_shape(const Geometry& g) { return structure::reduced_shape(g); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    return structure::reduction(g, 1.0);
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return structure::summed(x, g);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return structure::back_along(upstream, g);
  }
  static std::vector<Example> examples() {
    return {{{{3, 4}}, {0, 0, 1}},
            {{{3, 4}}, {0, 0}},
            {{{2, 3, 4}}, {1, 1}},
            {{Shape{}}, {0}},
            {{{3, 4}}, {0}}};
  }
};

// y = Σ x / n over the axes, n elements each      x̄ = ḡ/n broadcast back
struct Mean : Linear<1> {
  static constexpr RuleInfo info{"mean", "mean of all elements, or along axes", "mean"};
  static Shape result_shape(const Geometry& g) { return structure::reduced_shape(g); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    return structure::reduction(g, structure::reduced_count(g));
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return structure::summed(x, g) / V(structure::reduced_count(g));
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return structure::back_along(upstream / V(structure::reduced_count(g)), g);
  }
  static std::vector<Example> examples() { return Sum::examples(); }
};

// y = x repeated to the shape in the attributes      x̄ = Σ ḡ over what was repeated
struct BroadcastTo : Linear<1> {
  static constexpr RuleInfo info{"broadcast_to", "repeated along axes of extent 1", "broadcast_to"};
  static Shape result_shape(const Geometry& g) {
    const Shape to = structure::shape_of_attributes(g);
    structure::require_broadcast(g, to);
    return to;
  }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    return structure::repeated(g.operand(0), *g.result, false);
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return num::broadcast_to(x, g.operand(0), *g.result);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::sum_over_repeats(upstream, g.operand(0), *g.result);
  }
  static std::vector<Example> examples() {
    return {{{{4}}, {3, 4}}, {{{3, 1}}, {3, 4}}, {{Shape{}}, {2, 2}}, {{{2, 1, 4}}, {2, 3, 4}}};
  }
};

// y = x with the same elements in another shape      x̄ = ḡ in the old one
struct Reshape : Linear<1> {
  static constexpr RuleInfo info{"reshape", "the same elements in another shape", "reshape"};
  static Shape result_shape(const Geometry& g) {
    const Shape to = structure::shape_of_attributes(g);
    if (to.size() != g.operand(0).size()) {
      throw ShapeMismatch{"shape " + to_string(to) + " has " + std::to_string(to.size()) +
                              " elements, not " + std::to_string(g.operand(0).size()),
                          ""};
    }
    return to;
  }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    return structure::same_order(*g.result);
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return num::reshape(x, *g.result);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::reshape(upstream, g.operand(0));
  }
  static std::vector<Example> examples() { return {{{{2, 6}}, {3, 4}}, {{{4}}, {2, 2}}}; }
};

// y = x with its axes in the order of the attributes      x̄ = ḡ with them put back
struct Permute : Linear<1> {
  static constexpr RuleInfo info{"permute", "axes in another order; transpose", "permute"};
  static Shape result_shape(const Geometry& g) { return structure::permuted_shape(g); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    const auto own = g.operand(0).strides();
    std::array<Index, Shape::max_rank> strides{};
    for (std::size_t axis = 0; axis < g.attributes.size(); ++axis) {
      strides[axis] = own[static_cast<std::size_t>(g.attributes[axis])];
    }
    return structure::strided(*g.result, g.result->strides(), strides);
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return num::permute(x, g.attributes);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::permute_back(upstream, g.attributes);
  }
  static std::vector<Example> examples() { return {{{{3, 4}}, {1, 0}}, {{{2, 3, 4}}, {2, 0, 1}}}; }
};

// y = x and then z along the axis of attribute 0      x̄, z̄ = their parts of ḡ
struct Concatenate : Linear<2> {
  static constexpr RuleInfo info{"concatenate", "one tensor after the other along an axis", "cat"};
  static Shape result_shape(const Geometry& g) { return structure::concatenated_shape(g); }
  static Transfer transfer(std::size_t operand, const Geometry& g) {
    const Shape& part = g.operand(operand);
    const auto axis = static_cast<std::size_t>(g.attributes[0]);
    const auto strides = g.result->strides();
    Transfer t = structure::strided(part, strides, part.strides());
    if (operand == 1) t.offset[0] = g.operand(0)[static_cast<int>(axis)] * strides[axis];
    return t;
  }
  template <class V>
  static V value(const V& x, const V& z, const Geometry& g) {
    return num::concatenate(x, z, g.attributes[0]);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::part_of(upstream, g.attributes[0], 0, g.operand(0));
  }
  template <class V>
  static V adjoint(Wrt<1> /*z*/, const V& upstream, const Geometry& g) {
    const auto axis = static_cast<int>(g.attributes[0]);
    return num::part_of(upstream, axis, g.operand(0)[axis], g.operand(1));
  }
  static std::vector<Example> examples() {
    return {{{{2, 3}, {2, 4}}, {1}}, {{{2, 3}, {1, 3}}, {0}}, {{{2}, {5}}, {0}}};
  }
};

// y = a window of x: for every axis a start, a step and an extent (attribute 0 is the rank; then
// starts, steps, extents)      x̄ = ḡ placed in zeros
struct Slice : Linear<1> {
  static constexpr RuleInfo info{"slice", "a window: start, step and extent for every axis",
                                 "slice"};
  static Shape result_shape(const Geometry& g) { return structure::sliced_shape(g); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    return structure::window(*g.result, g.operand(0), g.attributes, true);
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return num::slice(x, g.attributes);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::place(upstream, g.attributes, g.operand(0));
  }
  static std::vector<Example> examples() {
    return {{{{4, 5}}, {2, 1, 0, 1, 2, 2, 3}}, {{{6}}, {1, 1, 2, 3}}};
  }
};

// y = zeros with x placed in a window (attribute 0 is the rank; then starts, steps, extents of y)
// x̄ = that window of ḡ
struct Place : Linear<1> {
  static constexpr RuleInfo info{"place", "placed in a window of zeros; the adjoint of slice",
                                 "slice_scatter"};
  static Shape result_shape(const Geometry& g) { return structure::placed_shape(g); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    return structure::window(g.operand(0), *g.result, g.attributes, false);
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return num::place(x, g.attributes, *g.result);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::slice(upstream, g.attributes, g.operand(0));
  }
  static std::vector<Example> examples() {
    return {{{{2, 3}}, {2, 1, 0, 1, 2, 4, 5}}, {{{3}}, {1, 1, 2, 6}}};
  }
};

// y = the rows of x named by the attributes, in their order      x̄ = Σ ḡ back to the rows named
struct GatherRows : Linear<1> {
  static constexpr RuleInfo info{"gather_rows", "the rows named by indices, in their order",
                                 "index_select"};
  static Shape result_shape(const Geometry& g) { return structure::gathered_shape(g); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    Transfer t;
    t.rows = g.attributes;
    t.row_length = g.operand(0).size() / g.operand(0)[0];
    return t;
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return num::gather_rows(x, g.attributes);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::scatter_rows(upstream, g.attributes, g.operand(0)[0]);
  }
  static std::vector<Example> examples() { return {{{{3, 2}}, {2, 0, 2, 1}}, {{{4}}, {3, 3}}}; }
};

// y = zeros of attribute 0 rows, row r of x added to the row named by attribute 1 + r
// x̄ = the rows of ḡ named
struct ScatterRows : Linear<1> {
  static constexpr RuleInfo info{"scatter_rows",
                                 "rows added to the rows of zeros named by indices; the adjoint "
                                 "of gather_rows",
                                 "index_add"};
  static Shape result_shape(const Geometry& g) { return structure::scattered_shape(g); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    Transfer t;
    t.rows = g.attributes.subspan(1);
    t.row_length = g.operand(0).size() / g.operand(0)[0];
    t.rows_of_result = true;
    t.moves = false;
    return t;
  }
  template <class V>
  static V value(const V& x, const Geometry& g) {
    return num::scatter_rows(x, g.attributes.subspan(1), g.attributes[0]);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& g) {
    return num::gather_rows(upstream, g.attributes.subspan(1));
  }
  static std::vector<Example> examples() {
    return {{{{4, 2}}, {3, 2, 0, 2, 1}}, {{{2}}, {4, 3, 3}}};
  }
};

}  // namespace autograd::rules
