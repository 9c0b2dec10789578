// Elementwise rules: value and slope, one element at a time. JVP and VJP follow.
//
//   // σ(x) = 1/(1 + e⁻ˣ)      σ'(x) = a(1 − a)
//   struct Sigmoid : Elementwise<1> {
//     static constexpr RuleInfo info{"sigmoid", "1/(1 + exp(-x))"};
//     template <class V> static V value(const V& x);
//     template <class V> static V slope(const V& x, const V& a);       // a = value(x)
//   };
//
// With more operands there is one slope for each: slope(Wrt<k>, x, y, …, value).
// Rule for authors: one expression in the vocabulary of readings/vocabulary.h, no `if` on a V.
#pragma once

#include <utility>

#include "autograd/rules/broadcasting.h"
#include "autograd/rules/rule.h"

namespace autograd {

namespace elementwise {

template <class R, std::size_t operand, class V, std::size_t... k>
V slope_of(const V* x, const V& value, std::index_sequence<k...> /*operands*/) {
  if constexpr (sizeof...(k) == 1) {
    return R::slope(x[0], value);
  } else {
    return R::slope(Wrt<operand>{}, x[k]..., value);
  }
}

template <class R, std::size_t... k>
void value_block(double* __restrict__ result, const double* const* operands, Index n,
                 std::index_sequence<k...> /*operands*/) {
  const std::array<const double*, sizeof...(k)> x{operands[k]...};
  for (Index i = 0; i < n; ++i) result[i] = R::value(x[k][i]...);
}

template <class R, std::size_t operand, std::size_t... k>
void contribution_block(double* __restrict__ adjoint, const double* upstream,
                        const double* const* operands, const double* result, Index n,
                        std::index_sequence<k...> all) {
  const std::array<const double*, sizeof...(k)> x{operands[k]...};
  for (Index i = 0; i < n; ++i) {
    const std::array<double, sizeof...(k)> at{x[k][i]...};
    const double slope = slope_of<R, operand, double>(at.data(), result[i], all);
    // A zero upstream adjoint contributes 0 whatever the slope is, and an untaken branch whatever
    // the upstream adjoint is: 0·∞ never turns a finite gradient into NaN.
    const bool off = upstream[i] == 0.0 || (R::zero_slope_is_untaken && slope == 0.0);
    adjoint[i] += off ? 0.0 : upstream[i] * slope;
  }
}

}  // namespace elementwise

template <std::size_t operand_count>
struct Elementwise {
  static constexpr std::size_t arity = operand_count;
  static constexpr std::array<bool, max_operands> differentiable{true, true, true};
  static constexpr bool piecewise = false;
  // A slope of 0 is a branch not taken (relu, where), not a small number rounded down.
  static constexpr bool zero_slope_is_untaken = false;

  template <class R>
  static constexpr Rule make() {
    using All = std::make_index_sequence<arity>;
    Rule rule;
    rule.info = R::info;
    rule.shape = RuleShape::elementwise;
    rule.arity = arity;
    rule.piecewise = R::piecewise;
    rule.result_shape = [](const Geometry& g) { return elementwise_shape(arity, g); };
    rule.forward = elementwise_forward;
    rule.pullback = elementwise_pullback;
    rule.forward_complex = elementwise_forward_complex;
    rule.value_block = [](double* result, const double* const* operands, Index n) {
      elementwise::value_block<R>(result, operands, n, All{});
    };
    rule.complex_element = [](const Complex* x) { return value_of<R>(x, All{}); };
    rule.formula = [](std::span<const Formula> x, const Geometry&) {
      return value_of<R>(x.data(), All{});
    };
    rule.pullback_formula = [](std::size_t operand, std::span<const Formula> x,
                               const Formula& result, const Formula& upstream, const Geometry& g) {
      const Formula part = upstream * slope_formula<R>(operand, x.data(), result, All{});
      return g.operand(operand) == *g.result ? part : num::sum(part);
    };
    add_slopes<R>(rule, All{});
    return rule;
  }

 private:
  template <class R, class V, std::size_t... k>
  static V value_of(const V* x, std::index_sequence<k...> /*operands*/) {
    return R::value(x[k]...);
  }

  template <class R, std::size_t operand>
  static constexpr void add_slope(Rule& rule) {
    if constexpr (R::differentiable[operand]) {
      rule.differentiable[operand] = true;
      rule.contribution_block[operand] = [](double* adjoint, const double* upstream,
                                            const double* const* operands, const double* result,
                                            Index n) {
        elementwise::contribution_block<R, operand>(adjoint, upstream, operands, result, n,
                                                    std::make_index_sequence<arity>{});
      };
    }
  }
  template <class R, std::size_t... k>
  static constexpr void add_slopes(Rule& rule, std::index_sequence<k...> /*operands*/) {
    (add_slope<R, k>(rule), ...);
  }

  template <class R, std::size_t operand, std::size_t... k>
  static Formula slope_or_zero(const Formula* x, const Formula& result,
                               std::index_sequence<k...> all) {
    if constexpr (R::differentiable[operand]) {
      return elementwise::slope_of<R, operand, Formula>(x, result, all);
    } else {
      return Formula(0.0);
    }
  }
  template <class R, std::size_t... k>
  static Formula slope_formula(std::size_t operand, const Formula* x, const Formula& result,
                               std::index_sequence<k...> all) {
    Formula slope(0.0);
    ((k == operand ? void(slope = slope_or_zero<R, k>(x, result, all)) : void()), ...);
    return slope;
  }
};

}  // namespace autograd
