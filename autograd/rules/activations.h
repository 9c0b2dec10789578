// Activation functions. Each rule is preceded by its theorem; e = exp(−|x|).
//
// Kinks: the kink belongs to the ≤ side for one-sided rectifiers (relu, leaky relu, prelu, elu) and
// to the flat side for the hard functions. NaN in, NaN out, in value and slope. Slopes keep their
// digits in the tails, where the textbook form rounds to 0; what is printed is the textbook form.
#pragma once

#include "autograd/rules/elementary.h"
#include "autograd/rules/elementwise.h"

namespace autograd::rules {

inline constexpr std::array<double, 2> kinks_at_two{-2.0, 2.0};
inline constexpr std::array<double, 2> kinks_at_one{-1.0, 1.0};

// a = σ(x) = 1/(1 + e⁻ˣ)      σ'(x) = a(1 − a), computed as a·σ(−x)
struct Sigmoid : Elementwise<1> {
  static constexpr RuleInfo info{"sigmoid", "1/(1 + exp(-x))", "Sigmoid"};
  using SlopeSharesWorkIn = Sigmoid;
  template <class V>
  static V value(const V& x) {
    return num::sigmoid(x);
  }
  template <class V>
  static V slope(const V& x, const V& a) {
    if constexpr (prints_formula<V>) {
      return a * (1.0 - a);
    } else {
      return a * num::sigmoid(-x);
    }
  }
  template <class F>
  static kernels::ValueAndSlope<F> value_and_slope(const F& x) {
    return kernels::sigmoid_and_slope(x);
  }
};

// f = σ(x)^α = exp(−α·softplus(−x))      ∂f/∂x = α·f·(1 − σ(x))      ∂f/∂α = −f·softplus(−x)
struct GeneralizedLogistic : Elementwise<2> {
  static constexpr RuleInfo info{"generalized_logistic",
                                 "sigmoid(x) to the power alpha",
                                 "",
                                 {Domain::real, Domain::positive}};
  // softplus(−x) = m + log1p(e) with m = max(−x, 0). The large part of the exponent, α·m, is taken
  // with the digits its rounding loses: an exponent of 600 would magnify them 600 times. e is
  // chosen as m is: either side holds for every x, so that derivatives are right at 0.
  static constexpr bool branches_are_smooth = true;
  template <class V>
  static V value(const V& x, const V& alpha) {
    if constexpr (prints_formula<V>) {
      return num::exp(-(alpha * num::softplus(-x)));
    } else {
      return value_from(x, alpha, num::select(x < 0.0, -x, V(0.0)));
    }
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& alpha, const V& f) {
    if constexpr (prints_formula<V>) {
      return alpha * f * (1.0 - num::sigmoid(x));
    } else {
      return alpha * f * num::sigmoid(-x);
    }
  }
  template <class V>
  static V slope(Wrt<1> /*alpha*/, const V& x, const V& /*alpha*/, const V& f) {
    return -num::gated(f, num::softplus(-x));
  }

 private:
  template <class V>
  static V value_from(const V& x, const V& alpha, const V& m) {
    const V small =
        num::product_error(alpha, m) + alpha * num::log1p(num::exp(num::select(x < 0.0, x, -x)));
    return num::guard_nan(x, num::exp(-(alpha * m)) * num::exp(-small));
  }
};

// t = tanh x      t' = 1 − t², computed as 4q/(1 + q)² with q = exp(−2|x|)
// |x| is a choice between x and −x, not abs(x): either choice gives t' for every x, so that the
// derivatives of t' are right at 0, where abs has none.
struct Tanh : Elementwise<1> {
  static constexpr RuleInfo info{"tanh", "hyperbolic tangent", "Tanh"};
  using SlopeSharesWorkIn = Tanh;
  template <class V>
  static V value(const V& x) {
    return num::tanh(x);
  }
  template <class V>
  static V slope(const V& x, const V& t) {
    if constexpr (prints_formula<V>) {
      return 1.0 - num::pow(t, V(2.0));
    } else {
      return slope_from(num::exp(num::select(x > 0.0, -2.0 * x, 2.0 * x)));
    }
  }
  template <class F>
  static kernels::ValueAndSlope<F> value_and_slope(const F& x) {
    return kernels::tanh_and_slope(x);
  }

 private:
  template <class V>
  static V slope_from(const V& q) {
    return 4.0 * q / ((1.0 + q) * (1.0 + q));
  }
};

// y = x > 0 ? x : 0      y' = x > 0 ? 1 : 0
struct Relu : Elementwise<1> {
  static constexpr RuleInfo info{"relu", "x where x > 0, else 0", "ReLU", {}, kink_at_zero};
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x) {
    return num::guard_nan(x, num::select(x > 0.0, x, V(0.0)));
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::guard_nan(x, num::select(x > 0.0, V(1.0), V(0.0)));
  }
};

// y = x > 0 ? x : s·x      ∂y/∂x = x > 0 ? 1 : s      ∂y/∂s = x > 0 ? 0 : x
struct RectifierWithSlope : Elementwise<2> {
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x, const V& s) {
    return num::guard_nan(x, num::select(x > 0.0, x, num::gated(s, x)));
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& s, const V& /*y*/) {
    return num::guard_nan(x, num::select(x > 0.0, V(1.0), s));
  }
  template <class V>
  static V slope(Wrt<1> /*s*/, const V& x, const V& /*s*/, const V& /*y*/) {
    return num::select(x > 0.0, V(0.0), x);
  }
};

// Its slope is a constant by habit, 0.01 by default.
struct LeakyRelu : RectifierWithSlope {
  static constexpr RuleInfo info{"leaky_relu",
                                 "x where x > 0, else slope times x",
                                 "LeakyReLU",
                                 {Domain::real, Domain::real},
                                 kink_at_zero};
};

// Its slope is learned: one for all elements or one per feature, 0.25 at first by habit.
struct Prelu : RectifierWithSlope {
  static constexpr RuleInfo info{"prelu",
                                 "x where x > 0, else a learned slope times x",
                                 "PReLU",
                                 {Domain::real, Domain::real},
                                 kink_at_zero};
};

// y = x > 0 ? x : α(eˣ − 1)      ∂y/∂x = x > 0 ? 1 : α·eˣ      ∂y/∂α = x > 0 ? 0 : eˣ − 1
struct Elu : Elementwise<2> {
  static constexpr RuleInfo info{"elu",
                                 "x where x > 0, else alpha (exp(x) - 1)",
                                 "ELU",
                                 {Domain::real, Domain::positive},
                                 kink_at_zero};
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x, const V& alpha) {
    return num::select(x > 0.0, x, alpha * num::expm1(x));
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& alpha, const V& /*y*/) {
    return num::select(x > 0.0, V(1.0), alpha * num::exp(x));
  }
  template <class V>
  static V slope(Wrt<1> /*alpha*/, const V& x, const V& /*alpha*/, const V& /*y*/) {
    return num::select(x > 0.0, V(0.0), num::expm1(x));
  }
};

// y = clip(x/4 + ½, 0, 1): σ's tangent at 0, clipped      y' = |x| < 2 ? ¼ : 0
struct HardLogistic : Elementwise<1> {
  static constexpr RuleInfo info{
      "hard_logistic", "x/4 + 1/2 clipped to 0 and 1", "", {}, kinks_at_two};
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x) {
    return num::select(x <= -2.0, V(0.0), num::select(x >= 2.0, V(1.0), 0.25 * x + 0.5));
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::guard_nan(x, num::select(num::abs(x) < 2.0, V(0.25), V(0.0)));
  }
};

// y = clip(x, −1, 1): tanh's tangent at 0, clipped      y' = |x| < 1 ? 1 : 0
struct HardTanh : Elementwise<1> {
  static constexpr RuleInfo info{
      "hard_tanh", "x clipped to -1 and 1", "Hardtanh", {}, kinks_at_one};
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x) {
    return num::select(x <= -1.0, V(-1.0), num::select(x >= 1.0, V(1.0), x));
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::guard_nan(x, num::select(num::abs(x) < 1.0, V(1.0), V(0.0)));
  }
};

// y = ln(1 + eˣ) = max(x, 0) + log1p(e)      y' = σ(x)
struct Softplus : Elementwise<1> {
  static constexpr RuleInfo info{"softplus", "ln(1 + exp(x))", "Softplus"};
  template <class V>
  static V value(const V& x) {
    return num::softplus(x);
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::sigmoid(x);
  }
};

}  // namespace autograd::rules
