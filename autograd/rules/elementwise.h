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

#include <algorithm>
#include <utility>

#include "autograd/readings/pack.h"
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

// What an operand's adjoint receives. A zero upstream adjoint contributes 0 whatever the slope is,
// and an untaken branch whatever the upstream adjoint is: 0·∞ never turns a finite gradient into
// NaN.
template <class R, class V>
V contribution_of(const V& upstream, const V& slope) {
  if constexpr (R::zero_slope_is_untaken) {
    return num::gated_by_both(upstream, slope);
  } else {
    return num::gated(upstream, slope);
  }
}

// Walks n elements in packs: body(inputs, what is there); the rest is a pack whose last lanes are
// not written, so that every element of a run is computed alike.
template <std::size_t inputs, class Body>
void for_each_pack(const std::array<const double*, inputs>& from, double* to, Index n,
                   bool reads_to, Body body) {
  constexpr Index lanes = Pack::lanes;
  std::array<Pack, inputs> x;
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (std::size_t t = 0; t < inputs; ++t) x[t] = Pack::load(from[t] + i);
    body(x, reads_to ? Pack::load(to + i) : Pack(0.0)).store(to + i);
  }
  if (i == n) return;
  const Index rest = n - i;
  for (std::size_t t = 0; t < inputs; ++t) x[t] = Pack::load_first(from[t] + i, rest);
  body(x, reads_to ? Pack::load_first(to + i, rest) : Pack(0.0)).store_first(to + i, rest);
}

template <class R, std::size_t... k>
void value_block(double* result, const double* const* operands, Index n,
                 std::index_sequence<k...> /*operands*/) {
  if (n == 1) {
    *result = R::value(*operands[k]...);
    return;
  }
  const std::array<const double*, sizeof...(k)> from{operands[k]...};
  for_each_pack(from, result, n, false,
                [](const auto& x, const Pack& /*to*/) { return R::value(x[k]...); });
}

template <class R, std::size_t operand, std::size_t... k>
void contribution_block(double* adjoint, const double* upstream, const double* const* operands,
                        const double* result, Index n, std::index_sequence<k...> all) {
  constexpr std::size_t arity = sizeof...(k);
  const auto add = [all]<class V>(const std::array<V, arity + 2>& x, const V& to) {
    const V slope = slope_of<R, operand, V>(x.data(), x[arity], all);
    return to + contribution_of<R>(x[arity + 1], slope);
  };
  if (n == 1) {
    *adjoint = add(std::array{*operands[k]..., *result, *upstream}, *adjoint);
    return;
  }
  const std::array<const double*, arity + 2> from{operands[k]..., result, upstream};
  for_each_pack(from, adjoint, n, true, add);
}

// Value and slope of one pack or number at once, where the rule has a function for it.
template <class R, std::size_t... k>
void value_and_slope_in_one(double* result, double* slope, const double* const* operands, Index n,
                            std::index_sequence<k...> /*operands*/) {
  if (n == 1) {
    const auto both = R::value_and_slope(*operands[k]...);
    *result = both.value;
    *slope = both.slope;
    return;
  }
  constexpr Index lanes = Pack::lanes;
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto both = R::value_and_slope(Pack::load(operands[k] + i)...);
    both.value.store(result + i);
    both.slope.store(slope + i);
  }
  if (i == n) return;
  const auto both = R::value_and_slope(Pack::load_first(operands[k] + i, n - i)...);
  both.value.store_first(result + i, n - i);
  both.slope.store_first(slope + i, n - i);
}

// In two stages, some elements at a time: what value and slope share, then both of them from it. An
// exponential and a logarithm behind it are too long a chain for a processor to work on several
// elements meanwhile; each by itself is not.
template <class R, std::size_t... k>
void value_and_slope_in_stages(double* result, double* slope, const double* const* operands,
                               Index n, std::index_sequence<k...> /*operands*/) {
  if (n == 1) {
    const double shared = R::shared(*operands[k]...);
    *result = R::value_from(*operands[k]..., shared);
    *slope = R::slope_from(*operands[k]..., shared);
    return;
  }
  constexpr std::size_t arity = sizeof...(k);
  constexpr Index stage = 128;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): filled before it is read
  std::array<double, stage> shared;
  for (Index i = 0; i < n; i += stage) {
    const Index count = std::min(stage, n - i);
    for_each_pack<arity>({operands[k] + i...}, shared.data(), count, false,
                         [](const auto& x, const Pack& /*to*/) { return R::shared(x[k]...); });
    const std::array<const double*, arity + 1> from{operands[k] + i..., shared.data()};
    for_each_pack(from, result + i, count, false, [](const auto& x, const Pack& /*to*/) {
      return R::value_from(x[k]..., x[arity]);
    });
    for_each_pack(from, slope + i, count, false, [](const auto& x, const Pack& /*to*/) {
      return R::slope_from(x[k]..., x[arity]);
    });
  }
}

template <class R>
concept ComputesBoth = requires(Pack x) {
  R::value_and_slope(x);
};

template <class R, std::size_t... k>
void value_and_slope_block(double* result, double* slope, const double* const* operands, Index n,
                           std::index_sequence<k...> all) {
  static_assert(!R::zero_slope_is_untaken, "add_gated() would not gate by the slope");
  if constexpr (ComputesBoth<R>) {
    value_and_slope_in_one<R>(result, slope, operands, n, all);
  } else {
    value_and_slope_in_stages<R>(result, slope, operands, n, all);
  }
}

}  // namespace elementwise

template <std::size_t operand_count>
struct Elementwise {
  static constexpr std::size_t arity = operand_count;
  static constexpr std::array<bool, max_operands> differentiable{true, true, true};
  static constexpr bool piecewise = false;
  // The value branches where its slope has no kink: for digits, not for shape.
  static constexpr bool branches_are_smooth = false;
  // A slope of 0 is a branch not taken (relu, where), not a small number rounded down.
  static constexpr bool zero_slope_is_untaken = false;
  // Losses: [m×1] beside [m] would broadcast to m×m without a word.
  static constexpr bool requires_equal_shapes = false;
  // Operands by which the slope is 1 everywhere, NaN included; and the rule of which that is said,
  // since a rule derived from it may have other slopes.
  static constexpr std::array<bool, max_operands> slope_is_one{};
  using SlopeIsOneIn = void;
  // The rule itself, where its slope by the first operand repeats most of the value's work: it then
  // has value_and_slope(x) for double and Pack, with the bits of both; or, where that is a long
  // chain, shared(x, …), and value_from(x, …, shared) and slope_from(x, …, shared), of which value
  // and slope are made. Not so for a rule derived from it.
  using SlopeSharesWorkIn = void;

  template <class R>
  static constexpr Rule make() {
    using All = std::make_index_sequence<arity>;
    Rule rule;
    rule.info = R::info;
    rule.shape = RuleShape::elementwise;
    rule.arity = arity;
    rule.piecewise = R::piecewise;
    rule.result_shape = [](const Geometry& g) {
      if constexpr (R::requires_equal_shapes) require_equal_shapes(g);
      return elementwise_shape(arity, g);
    };
    rule.forward = elementwise_forward;
    rule.pullback = elementwise_pullback;
    rule.forward_complex = elementwise_forward_complex;
    rule.value_block = [](double* result, const double* const* operands, Index n) {
      elementwise::value_block<R>(result, operands, n, All{});
    };
    rule.complex_element = [](const Complex* x) { return value_of<R>(x, All{}); };
    rule.forward_dual = elementwise_forward_dual;
    rule.dual_element = [](const Dual* x) { return value_of<R>(x, All{}); };
    if constexpr (!R::branches_are_smooth) {
      rule.branches = elementwise_branches;
      rule.branches_element = [](const Branches* x) { return value_of<R>(x, All{}); };
    }
    rule.record_pullback = [](std::size_t operand, std::span<const Tensor> x, const Tensor& result,
                              const Tensor& upstream, const Geometry&) {
      return record_pullback<R>(operand, x, result, upstream, All{});
    };
    rule.formula = [](std::span<const Formula> x, const Geometry&) {
      return value_of<R>(x.data(), All{});
    };
    rule.pullback_formula = [](std::size_t operand, std::span<const Formula> x,
                               const Formula& result, const Formula& upstream, const Geometry& g) {
      const Formula part = upstream * slope_by<R>(operand, x.data(), result, All{});
      return num::sum_over_repeats(part, g.operand(operand), *g.result);
    };
    rule.pullback_reads = [](std::size_t operand) { return slope_reads<R>(operand, All{}); };
    if constexpr (std::is_same_v<typename R::SlopeSharesWorkIn, R>) {
      rule.value_and_slope_block = [](double* result, double* slope, const double* const* operands,
                                      Index n) {
        elementwise::value_and_slope_block<R>(result, slope, operands, n, All{});
      };
    }
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
      rule.slope_is_one[operand] =
          R::slope_is_one[operand] && std::is_same_v<typename R::SlopeIsOneIn, R>;
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

  template <class R, std::size_t operand, class V, std::size_t... k>
  static V slope_or_zero(const V* x, const V& result, std::index_sequence<k...> all) {
    if constexpr (R::differentiable[operand]) {
      return elementwise::slope_of<R, operand, V>(x, result, all);
    } else {
      return V(0.0);
    }
  }
  // The slope by an operand that is known at run time.
  template <class R, class V, std::size_t... k>
  static V slope_by(std::size_t operand, const V* x, const V& result,
                    std::index_sequence<k...> all) {
    V slope(0.0);
    ((k == operand ? void(slope = slope_or_zero<R, k>(x, result, all)) : void()), ...);
    return slope;
  }
  template <class R, std::size_t... k>
  static Tensor record_pullback(std::size_t operand, std::span<const Tensor> operands,
                                const Tensor& result, const Tensor& upstream,
                                std::index_sequence<k...> all) {
    const SourceLine where = line_of(result);
    const std::array<Recorded, arity> x{Recorded(operands[k], where)...};
    const Recorded slope = slope_by<R>(operand, x.data(), Recorded(result, where), all);
    return elementwise::contribution_of<R>(Recorded(upstream, where), slope).tensor_like(result);
  }
  template <class R, std::size_t... k>
  static std::uint8_t slope_reads(std::size_t operand, std::index_sequence<k...> all) {
    const std::array<Dependence, arity> x{Dependence::on(k)...};
    return slope_by<R>(operand, x.data(), Dependence::on(max_operands), all).bits;
  }
};

}  // namespace autograd
