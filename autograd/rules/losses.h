// Losses of one element each; mean() or sum() makes a scalar of them.
#pragma once

#include "autograd/rules/elementwise.h"

namespace autograd::rules {

// L(a, y) = −(y ln a + (1 − y) ln(1 − a))      ∂L/∂a = −y/a + (1 − y)/(1 − a)
//                                              ∂L/∂y = −(ln a − ln(1 − a))
// The textbook form, for teaching: it loses its digits from z = 37 on and is ∞ where a sigmoid
// rounds to the wrong label. A term whose label weight is 0 is 0, even where its logarithm is −∞;
// what is not a probability gives NaN.
struct BinaryCrossEntropy : Elementwise<2> {
  static constexpr RuleInfo info{"binary_cross_entropy",
                                 "-(y ln a + (1 - y) ln(1 - a)) of probability a and label y",
                                 "BCELoss",
                                 {Domain::unit_interval, Domain::real}};
  static constexpr bool requires_equal_shapes = true;
  template <class V>
  static V value(const V& a, const V& y) {
    const V loss = -(num::gated(y, num::log(a)) + num::gated(1.0 - y, num::log(1.0 - a)));
    return num::guard_nan(num::log(a) + num::log(1.0 - a), loss);
  }
  template <class V>
  static V slope(Wrt<0> /*a*/, const V& a, const V& y, const V& /*loss*/) {
    if constexpr (prints_formula<V>) {
      return -(y / a) + (1.0 - y) / (1.0 - a);
    } else {
      const V slope = num::gated(1.0 - y, 1.0 / (1.0 - a)) - num::gated(y, 1.0 / a);
      return num::guard_nan(num::log(a) + num::log(1.0 - a), slope);
    }
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& a, const V& /*y*/, const V& /*loss*/) {
    return num::log(1.0 - a) - num::log(a);
  }
};

// L(z, y) = max(z, 0) − z·y + log1p(e)      ∂L/∂z = σ(z) − y      ∂L/∂y = −z      e = exp(−|z|)
// The same loss of a = σ(z), fused: right for every z, from one exponential. Its slope is the
// closed form; differentiating the stable expression term by term would be wrong at z = 0. With s =
// 1/(1 + e), σ(z) − y is s·((1 − y) − y·e) for z ≥ 0 and s·((1 − y)·e − y) below, which keeps its
// digits where σ(z) rounds to the label.
struct BinaryCrossEntropyWithLogits : Elementwise<2> {
  static constexpr RuleInfo info{"binary_cross_entropy_with_logits",
                                 "binary cross-entropy of sigmoid(z) and label y, fused",
                                 "BCEWithLogitsLoss"};
  static constexpr bool branches_are_smooth = true;
  static constexpr bool requires_equal_shapes = true;
  using SlopeSharesWorkIn = BinaryCrossEntropyWithLogits;
  template <class V>
  static V value(const V& z, const V& y) {
    if constexpr (prints_formula<V>) {
      return -(y * num::log(num::sigmoid(z)) + (1.0 - y) * num::log(1.0 - num::sigmoid(z)));
    } else {
      return value_from(z, y, shared(z, y));
    }
  }
  template <class V>
  static V slope(Wrt<0> /*z*/, const V& z, const V& y, const V& /*loss*/) {
    if constexpr (prints_formula<V>) {
      return num::sigmoid(z) - y;
    } else {
      return slope_from(z, y, shared(z, y));
    }
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& z, const V& /*y*/, const V& /*loss*/) {
    return -z;
  }

  // e, by the same choice between z ≥ 0 and z < 0 as where it is used: either side is then right on
  // its own for every z, and so are derivatives at 0, where |z| has none.
  template <class V>
  static V shared(const V& z, const V& /*y*/) {
    return num::exp(num::select(z >= 0.0, -z, z));
  }
  template <class V>
  static V value_from(const V& z, const V& y, const V& e) {
    return num::select(z >= 0.0, num::gated(1.0 - y, z), -num::gated(y, z)) + num::log1p(e);
  }
  template <class V>
  static V slope_from(const V& z, const V& y, const V& e) {
    return num::select(z >= 0.0, (1.0 - y) - y * e, (1.0 - y) * e - y) / (1.0 + e);
  }
};

// L(a, y) = (a − y)²      ∂L/∂a = 2(a − y)      ∂L/∂y = −2(a − y)
struct SquaredError : Elementwise<2> {
  static constexpr RuleInfo info{"squared_error", "(a - y) squared", "MSELoss"};
  static constexpr bool requires_equal_shapes = true;
  template <class V>
  static V value(const V& a, const V& y) {
    return (a - y) * (a - y);
  }
  template <class V>
  static V slope(Wrt<0> /*a*/, const V& a, const V& y, const V& /*loss*/) {
    return 2.0 * (a - y);
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& a, const V& y, const V& /*loss*/) {
    return -2.0 * (a - y);
  }
};

}  // namespace autograd::rules
