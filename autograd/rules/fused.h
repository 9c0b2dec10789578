// Fused rules: value and closed-form pullback along one axis, written on fibres.
//
//   // s = exp(x − max x) / Σ exp(x − max x)      x̄ = s ⊙ (ḡ − Σ ḡ⊙s)
//   struct Softmax : Fused<1> {
//     template <class V> static V value(const V& x);
//     template <class V> static V pullback(Wrt<0>, const V& x, const V& s, const V& upstream);
//   };
//
// A fibre is the run of elements along the rule's axis. A rule that reduces gives one element a
// fibre. Attribute 0 is the axis (counted from 0); attribute 1 is 1 where a reduced axis is kept
// with extent 1.
// Rule for authors: named intermediate results are welcome; no `if` on a V.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "autograd/rules/rule.h"

namespace autograd {

namespace fused {

// How the fibres lie in memory: element j of fibre (o, i) is at (o·length + j)·inner + i.
struct Fibres {
  Index outer = 1;
  Index length = 1;
  Index inner = 1;
};

// The fibres of a shape along attribute 0.
Fibres along_axis(const Geometry& geometry);
// The shape without that axis, or with extent 1 there (attribute 1).
Shape reduced_shape(const Geometry& geometry);
// An axis along which a shape has these fibres, and the shape; one of three axes where it has none.
struct FibreShape {
  Shape shape;
  int axis = 0;
};
FibreShape shape_along(const Fibres& fibres, const Shape& shape);
// Throws ShapeMismatch where the operands differ in shape.
void require_equal_shapes(std::size_t arity, const Geometry& geometry);

// Reads and writes the fibres of one tensor.
template <class S>
Fibre<S> read(const S* data, const Fibres& fibres, Index outer, Index inner, Scratch<S>& scratch) {
  const S* first = data + outer * fibres.length * fibres.inner + inner;
  if (fibres.inner == 1) return {first, fibres.length, scratch};
  S* copy = scratch.allocate(static_cast<std::size_t>(fibres.length));
  for (Index j = 0; j < fibres.length; ++j) copy[j] = first[j * fibres.inner];
  return {copy, fibres.length, scratch};
}

// Reads a fibre of values with its tangents; null tangents are 0.
inline Fibre<Dual> read(const double* values, const double* tangents, const Fibres& fibres,
                        Index outer, Index inner, Scratch<Dual>& scratch) {
  const Index first = outer * fibres.length * fibres.inner + inner;
  Dual* copy = scratch.allocate(static_cast<std::size_t>(fibres.length));
  for (Index j = 0; j < fibres.length; ++j) {
    const Index at = first + j * fibres.inner;
    copy[j] = {values[at], tangents == nullptr ? 0.0 : tangents[at]};
  }
  return {copy, fibres.length, scratch};
}

// Reads a fibre of values that no choice was made for yet.
inline Fibre<Branches> read(const double* values, const Fibres& fibres, Index outer, Index inner,
                            Scratch<Branches>& scratch) {
  const double* first = values + outer * fibres.length * fibres.inner + inner;
  Branches* copy = scratch.allocate(static_cast<std::size_t>(fibres.length));
  for (Index j = 0; j < fibres.length; ++j) copy[j] = Branches(first[j * fibres.inner]);
  return {copy, fibres.length, scratch};
}

// Calls visit(outer, inner) for each fibre, giving the scratch memory back after each.
template <class S, class Visit>
void for_each_fibre(const Fibres& fibres, Scratch<S>& scratch, Visit visit) {
  for (Index outer = 0; outer < fibres.outer; ++outer) {
    for (Index inner = 0; inner < fibres.inner; ++inner) {
      const auto mark = scratch.mark();
      visit(outer, inner);
      scratch.rewind(mark);
    }
  }
}

}  // namespace fused

template <std::size_t operand_count>
struct Fused {
  static constexpr std::size_t arity = operand_count;
  static constexpr std::array<bool, max_operands> differentiable{true, true, true};
  static constexpr bool piecewise = false;
  static constexpr bool branches_are_smooth = false;  // as in elementwise.h
  // One element a fibre instead of a fibre of the same length.
  static constexpr bool reduces = false;

  // The fibres of the operands, and the shape of the result; a rule may declare its own.
  static fused::Fibres fibres(const Geometry& geometry) { return fused::along_axis(geometry); }
  static Shape reduced(const Geometry& geometry) { return fused::reduced_shape(geometry); }
  // How print names what sums and maxima run along; nothing where there is one axis.
  static std::optional<Formula> axes(const Geometry& geometry) {
    if (geometry.attributes.empty() || geometry.operand(0).rank() < 2) return std::nullopt;
    return Formula::list(geometry.attributes.first(1));
  }
  // The extents a formula sees an operand, or what is shaped like the result, with: an axis that is
  // reduced stays.
  static std::vector<Index> seen(const Geometry& geometry, bool is_result) {
    const Shape& shape = is_result ? *geometry.result : geometry.operand(0);
    std::vector<Index> extents(shape.extents().begin(), shape.extents().end());
    if (is_result && shape.rank() < geometry.operand(0).rank()) {
      extents.insert(extents.begin() + geometry.attributes[0], 1);
    }
    return extents;
  }
  // A reason why the rule has no value at this fibre, or "".
  template <class V>
  static std::string_view refuse(const V& /*x*/) {
    return "";
  }

  template <class R>
  static constexpr Rule make() {
    using All = std::make_index_sequence<arity>;
    Rule rule;
    rule.info = R::info;
    rule.shape = RuleShape::fused;
    rule.arity = arity;
    rule.piecewise = R::piecewise;
    rule.differentiable = R::differentiable;
    for (std::size_t k = arity; k < max_operands; ++k) rule.differentiable[k] = false;
    rule.result_shape = [](const Geometry& g) {
      fused::require_equal_shapes(arity, g);
      const Shape result = R::reduces ? R::reduced(g) : g.operand(0);
      static_cast<void>(R::fibres(g));  // refuses an axis that is not there
      return result;
    };
    rule.forward = [](const Rule&, const Call<double>& call) { forward<R>(call, All{}); };
    rule.forward_complex = [](const Rule&, const Call<Complex>& call) { forward<R>(call, All{}); };
    rule.pullback = [](const Rule&, const Call<double>& call, std::size_t operand,
                       const double* upstream,
                       double* adjoint) { pullback<R>(call, operand, upstream, adjoint, All{}); };
    rule.forward_dual = [](const Rule&, const TangentCall& call) { forward_dual<R>(call, All{}); };
    if constexpr (!R::branches_are_smooth) {
      rule.branches = [](const Rule&, const Call<double>& call) {
        return branches<R>(call, All{});
      };
    }
    rule.record_pullback = [](std::size_t operand, std::span<const Tensor> x, const Tensor& result,
                              const Tensor& upstream, const Geometry& g) {
      return record_pullback<R>(operand, x, result, upstream, g, All{});
    };
    rule.formula = [](std::span<const Formula> x, const Geometry& g) {
      const std::vector<Formula> seen = fused_view<R>(x, g, false);
      return along<R>(value_of<R>(seen.data(), All{}), seen, g);
    };
    rule.pullback_formula = [](std::size_t operand, std::span<const Formula> x,
                               const Formula& result, const Formula& upstream, const Geometry& g) {
      std::vector<Formula> parts = fused_view<R>(x, g, false);
      const std::vector<Formula> others = fused_view<R>(std::array{result, upstream}, g, true);
      parts.insert(parts.end(), others.begin(), others.end());
      return along<R>(pullback_of<R>(operand, parts.data(), others[0], others[1], All{}), parts, g);
    };
    rule.pullback_reads = [](std::size_t operand) { return pullback_reads<R>(operand, All{}); };
    rule.examples = R::examples;
    return rule;
  }

  // Shapes that show a rule along its axis: the last, the first, and one in the middle.
  static std::vector<Example> examples() {
    const auto example = [](const Shape& shape, Index axis) {
      return Example{std::vector<Shape>(arity, shape), {axis, 0}};
    };
    return {example({5}, 0), example({3, 4}, 1), example({3, 4}, 0), example({2, 3, 4}, 1)};
  }

 private:
  template <class R>
  static std::vector<Formula> fused_view(std::span<const Formula> x, const Geometry& g,
                                         bool is_result) {
    const Shape& shape = is_result ? *g.result : g.operand(0);
    const std::vector<Index> extents = R::seen(g, is_result);
    std::vector<Formula> seen(x.begin(), x.end());
    if (extents.size() == static_cast<std::size_t>(shape.rank())) return seen;
    for (Formula& one : seen) one = num::view(one, extents);
    return seen;
  }

  // A rule is written for one fibre; its formula is about whole tensors, and says along which axis.
  template <class R>
  static Formula along(const Formula& formula, std::span<const Formula> operands,
                       const Geometry& g) {
    const std::optional<Formula> axes = R::axes(g);
    return axes ? formula.along(*axes, operands) : formula;
  }

  template <class R, class V, std::size_t... k>
  static V value_of(const V* x, std::index_sequence<k...> /*operands*/) {
    return R::value(x[k]...);
  }

  template <class R, class V, std::size_t... k>
  static V pullback_of(std::size_t operand, const V* x, const V& result, const V& upstream,
                       std::index_sequence<k...> /*operands*/) {
    V part = upstream;
    const std::index_sequence<k...> all;
    ((k == operand ? void(part = pullback_at<R, k>(x, result, upstream, all)) : void()), ...);
    return part;
  }
  template <class R, std::size_t operand, class V, std::size_t... k>
  static V pullback_at(const V* x, const V& result, const V& upstream,
                       std::index_sequence<k...> /*operands*/) {
    if constexpr (R::differentiable[operand]) {
      return R::pullback(Wrt<operand>{}, x[k]..., result, upstream);
    } else {
      return upstream;  // never asked for
    }
  }

  template <class R, std::size_t... k>
  static std::uint8_t pullback_reads(std::size_t operand, std::index_sequence<k...> all) {
    const std::array<Dependence, arity> x{Dependence::on(k)...};
    return pullback_of<R>(operand, x.data(), Dependence::on(max_operands), Dependence(), all).bits;
  }

  template <class R, class S, std::size_t... k>
  static void forward(const Call<S>& call, std::index_sequence<k...> all) {
    const fused::Fibres fibres = R::fibres(call.geometry);
    fused::for_each_fibre(fibres, *call.scratch, [&](Index outer, Index inner) {
      const std::array<Fibre<S>, arity> x{
          fused::read(call.operands[k], fibres, outer, inner, *call.scratch)...};
      if (const std::string_view reason = R::refuse(x[0]); !reason.empty()) {
        throw NoValue{std::string(reason) + " (fibre " +
                      std::to_string(outer * fibres.inner + inner) + ")"};
      }
      const Fibre<S> y = value_of<R>(x.data(), all);
      const Index length = R::reduces ? 1 : fibres.length;
      S* first = call.result + outer * length * fibres.inner + inner;
      for (Index j = 0; j < length; ++j) first[j * fibres.inner] = y[j];
    });
  }

  template <class R, std::size_t... k>
  static void forward_dual(const TangentCall& call, std::index_sequence<k...> all) {
    const fused::Fibres fibres = R::fibres(call.values.geometry);
    const Index length = R::reduces ? 1 : fibres.length;
    fused::for_each_fibre(fibres, *call.scratch, [&](Index outer, Index inner) {
      const std::array<Fibre<Dual>, arity> x{fused::read(call.values.operands[k], call.tangents[k],
                                                         fibres, outer, inner, *call.scratch)...};
      const Fibre<Dual> y = value_of<R>(x.data(), all);
      double* first = call.result + outer * length * fibres.inner + inner;
      for (Index j = 0; j < length; ++j) first[j * fibres.inner] = y[j].tangent;
    });
  }

  template <class R, std::size_t... k>
  static std::uint64_t branches(const Call<double>& call, std::index_sequence<k...> all) {
    const fused::Fibres fibres = R::fibres(call.geometry);
    Scratch<Branches> scratch;
    std::uint64_t taken = 0;
    fused::for_each_fibre(fibres, scratch, [&](Index outer, Index inner) {
      const std::array<Fibre<Branches>, arity> x{
          fused::read(call.operands[k], fibres, outer, inner, scratch)...};
      const Fibre<Branches> y = value_of<R>(x.data(), all);
      for (Index j = 0; j < y.size(); ++j) taken = Branches::joined(taken, y[j].taken);
    });
    return taken;
  }

  template <class R, std::size_t... k>
  static Tensor record_pullback(std::size_t operand, std::span<const Tensor> operands,
                                const Tensor& result, const Tensor& upstream, const Geometry& g,
                                std::index_sequence<k...> all) {
    const SourceLine where = line_of(result);
    const auto [whole, axis] = fused::shape_along(R::fibres(g), g.operand(0));
    const Shape results = R::reduces ? whole.with_extent(axis, 1) : whole;
    const std::array<RecordedFibre, arity> x{
        RecordedFibre(reshaped(operands[k], whole, where), axis, where)...};
    const RecordedFibre y(reshaped(result, results, where), axis, where);
    const RecordedFibre g_of_y(reshaped(upstream, results, where), axis, where);
    const RecordedFibre part = pullback_of<R>(operand, x.data(), y, g_of_y, all);
    return reshaped(repeated(part.tensor(), whole, where), g.operand(operand), where);
  }

  template <class R, std::size_t... k>
  static void pullback(const Call<double>& call, std::size_t operand, const double* upstream,
                       double* adjoint, std::index_sequence<k...> all) {
    const fused::Fibres fibres = R::fibres(call.geometry);
    fused::Fibres results = fibres;
    if (R::reduces) results.length = 1;
    Scratch<double>& scratch = *call.scratch;
    fused::for_each_fibre(fibres, scratch, [&](Index outer, Index inner) {
      const std::array<Fibre<double>, arity> x{
          fused::read(call.operands[k], fibres, outer, inner, scratch)...};
      const Fibre<double> y = fused::read<double>(call.result, results, outer, inner, scratch);
      const Fibre<double> g = fused::read(upstream, results, outer, inner, scratch);
      const Fibre<double> part = pullback_of<R>(operand, x.data(), y, g, all);
      double* first = adjoint + outer * fibres.length * fibres.inner + inner;
      for (Index j = 0; j < fibres.length; ++j) first[j * fibres.inner] += part[j];
    });
  }
};

}  // namespace autograd
