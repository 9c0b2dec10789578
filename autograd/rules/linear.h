// Linear rules: how the elements of the result are made of the operand's, and the operation that is
// the adjoint (sum ↔ broadcast, slice ↔ place, permute ↔ permute, reshape ↔ reshape,
// gather_rows ↔ scatter_rows). The JVP is the operation itself.
//
//   // y = Σ x over some axes      x̄ = ḡ broadcast back
//   struct Sum : Linear<1> {
//     static Shape result_shape(const Geometry&);
//     static Transfer transfer(std::size_t operand, const Geometry&);
//     template <class V> static V value(const V& x, const Geometry&);
//     template <class V> static V adjoint(Wrt<0>, const V& upstream, const Geometry&);
//   };
//
// A Transfer says which elements flow where: result[i] += scale · operand[j] over pairs (i, j).
// Forwards it is read as written and backwards with the sides exchanged, so that the array reading
// of the adjoint cannot disagree with the value.
#pragma once

#include <utility>

#include "autograd/rules/broadcasting.h"
#include "autograd/rules/rule.h"

namespace autograd {

struct Transfer {
  // Tensor 0 is the result's side, tensor 1 the operand's.
  Walk<2> walk;
  std::array<Index, 2> offset{};
  double scale = 1.0;
  // Where given, row r on the operand's side is row rows[r], `row_length` elements each, instead of
  // walk; `rows_of_result` exchanges the sides.
  std::span<const Index> rows{};
  Index row_length = 0;
  bool rows_of_result = false;
};

namespace linear {

template <class S>
void add_scaled(S* __restrict__ to, Index to_step, const S* __restrict__ from, Index from_step,
                Index n, double scale) {
  if (to_step == 0) {
    S total(0.0);
    for (Index i = 0; i < n; ++i) total += from[i * from_step];
    *to += S(scale) * total;
  } else {
    for (Index i = 0; i < n; ++i) to[i * to_step] += S(scale) * from[i * from_step];
  }
}

// to += what flows into side `into` (0: the result, 1: the operand) from the other side.
template <class S>
void flow(const Transfer& t, std::size_t into, S* to, const S* from) {
  const std::size_t out_of = 1 - into;
  if (!t.rows.empty()) {
    const bool selected_is_target = t.rows_of_result == (into == 0);
    for (std::size_t r = 0; r < t.rows.size(); ++r) {
      const Index selected = t.rows[r] * t.row_length;
      const Index counted = static_cast<Index>(r) * t.row_length;
      add_scaled(to + (selected_is_target ? selected : counted), 1,
                 from + (selected_is_target ? counted : selected), 1, t.row_length, t.scale);
    }
    return;
  }
  t.walk.for_each_run([&](const auto& offsets, Index length, const auto& step) {
    add_scaled(to + t.offset[into] + offsets[into], step[into],
               from + t.offset[out_of] + offsets[out_of], step[out_of], length, t.scale);
  });
}

}  // namespace linear

template <std::size_t operand_count>
struct Linear {
  static constexpr std::size_t arity = operand_count;

  template <class R>
  static constexpr Rule make() {
    Rule rule;
    rule.info = R::info;
    rule.shape = RuleShape::linear;
    rule.arity = arity;
    for (std::size_t k = 0; k < arity; ++k) rule.differentiable[k] = true;
    rule.result_shape = R::result_shape;
    rule.forward = [](const Rule&, const Call<double>& call) { forward<R>(call); };
    rule.forward_complex = [](const Rule&, const Call<Complex>& call) { forward<R>(call); };
    rule.pullback = [](const Rule&, const Call<double>& call, std::size_t operand,
                       const double* upstream, double* adjoint) {
      linear::flow(R::transfer(operand, call.geometry), 1, adjoint, upstream);
    };
    rule.formula = [](std::span<const Formula> x, const Geometry& g) {
      if constexpr (arity == 1) {
        return R::value(x[0], g);
      } else {
        return R::value(x[0], x[1], g);
      }
    };
    rule.pullback_formula = [](std::size_t operand, std::span<const Formula>, const Formula&,
                               const Formula& upstream, const Geometry& g) {
      if constexpr (arity == 2) {
        if (operand == 1) return R::adjoint(Wrt<1>{}, upstream, g);
      }
      return R::adjoint(Wrt<0>{}, upstream, g);
    };
    rule.pullback_reads = [](std::size_t) { return std::uint8_t{0}; };
    rule.examples = R::examples;
    return rule;
  }

 private:
  template <class R, class S>
  static void forward(const Call<S>& call) {
    std::fill_n(call.result, call.geometry.result->size(), S(0.0));
    for (std::size_t k = 0; k < arity; ++k) {
      linear::flow(R::transfer(k, call.geometry), 0, call.result, call.operands[k]);
    }
  }
};

}  // namespace autograd
