// Elementary functions of one operand. Each rule is preceded by its theorem.
#pragma once

#include "autograd/rules/elementwise.h"

namespace autograd::rules {

inline constexpr std::array<double, 1> kink_at_zero{0.0};

// y = eˣ      y' = y
struct Exp : Elementwise<1> {
  static constexpr RuleInfo info{"exp", "e to the x", "exp"};
  template <class V>
  static V value(const V& x) {
    return num::exp(x);
  }
  template <class V>
  static V slope(const V& /*x*/, const V& y) {
    return y;
  }
};

// y = ln x      y' = 1/x, for x ≥ 0; the logarithm of a negative number is NaN, and so is its slope
struct Log : Elementwise<1> {
  static constexpr RuleInfo info{"log", "natural logarithm", "log", {Domain::positive}};
  template <class V>
  static V value(const V& x) {
    return num::log(x);
  }
  template <class V>
  static V slope(const V& x, const V& y) {
    if constexpr (prints_formula<V>) {
      return 1.0 / x;
    } else {
      return num::guard_nan(y, 1.0 / num::abs(x));  // +∞ at −0, too
    }
  }
};

// y = ln(1 + x), with all digits for small x      y' = 1/(1 + x)
struct Log1p : Elementwise<1> {
  static constexpr RuleInfo info{"log1p", "ln(1 + x)", "log1p", {Domain::above_minus_one}};
  template <class V>
  static V value(const V& x) {
    return num::log1p(x);
  }
  template <class V>
  static V slope(const V& x, const V& y) {
    return num::guard_nan(y, 1.0 / (1.0 + x));
  }
};

// y = eˣ − 1, with all digits for small x      y' = eˣ
struct Expm1 : Elementwise<1> {
  static constexpr RuleInfo info{"expm1", "e to the x, minus 1", "expm1"};
  template <class V>
  static V value(const V& x) {
    return num::expm1(x);
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::exp(x);
  }
};

// y = √x      y' = 1/(2y), which is ∞ at 0
struct Sqrt : Elementwise<1> {
  static constexpr RuleInfo info{"sqrt", "square root", "sqrt", {Domain::positive}};
  template <class V>
  static V value(const V& x) {
    return num::sqrt(x);
  }
  template <class V>
  static V slope(const V& /*x*/, const V& y) {
    if constexpr (prints_formula<V>) {
      return 0.5 / y;
    } else {
      return 0.5 / num::abs(y);  // +∞ at −0, too
    }
  }
};

// y = x²      y' = 2x
struct Square : Elementwise<1> {
  static constexpr RuleInfo info{"square", "x times x", "square"};
  template <class V>
  static V value(const V& x) {
    return x * x;
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return 2.0 * x;
  }
};

// y = |x|      y' = −1 for x < 0, 1 for x > 0, and 0 at the kink
struct Abs : Elementwise<1> {
  static constexpr RuleInfo info{"abs", "absolute value; slope 0 at 0", "abs", {}, kink_at_zero};
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x) {
    return num::abs(x);
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::guard_nan(x, num::select(x < 0.0, V(-1.0), num::select(x > 0.0, V(1.0), V(0.0))));
  }
};

}  // namespace autograd::rules
