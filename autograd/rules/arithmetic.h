// Arithmetic, comparisons and choice. Each rule is preceded by its theorem; x̄, ȳ are slopes.
#pragma once

#include "autograd/rules/elementwise.h"

namespace autograd::rules {

// z = x + y      ∂z/∂x = 1      ∂z/∂y = 1
struct Add : Elementwise<2> {
  static constexpr RuleInfo info{"add", "x + y", "add"};
  static constexpr std::array<bool, max_operands> slope_is_one{true, true};
  using SlopeIsOneIn = Add;
  template <class V>
  static V value(const V& x, const V& y) {
    return x + y;
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& /*x*/, const V& /*y*/, const V& /*z*/) {
    return V(1.0);
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& /*x*/, const V& /*y*/, const V& /*z*/) {
    return V(1.0);
  }
};

// z = x − y      ∂z/∂x = 1      ∂z/∂y = −1
struct Subtract : Elementwise<2> {
  static constexpr RuleInfo info{"subtract", "x - y", "sub"};
  static constexpr std::array<bool, max_operands> slope_is_one{true, false};
  using SlopeIsOneIn = Subtract;
  template <class V>
  static V value(const V& x, const V& y) {
    return x - y;
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& /*x*/, const V& /*y*/, const V& /*z*/) {
    return V(1.0);
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& /*x*/, const V& /*y*/, const V& /*z*/) {
    return V(-1.0);
  }
};

// z = x·y      ∂z/∂x = y      ∂z/∂y = x
struct Multiply : Elementwise<2> {
  static constexpr RuleInfo info{"multiply", "x * y", "mul"};
  template <class V>
  static V value(const V& x, const V& y) {
    return x * y;
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& /*x*/, const V& y, const V& /*z*/) {
    return y;
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& x, const V& /*y*/, const V& /*z*/) {
    return x;
  }
};

// z = x/y      ∂z/∂x = 1/y      ∂z/∂y = −z/y
struct Divide : Elementwise<2> {
  static constexpr RuleInfo info{"divide", "x / y", "div", {Domain::real, Domain::nonzero}};
  template <class V>
  static V value(const V& x, const V& y) {
    return x / y;
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& /*x*/, const V& y, const V& /*z*/) {
    return 1.0 / y;
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& /*x*/, const V& y, const V& z) {
    return -(z / y);
  }
};

// y = −x      y' = −1
struct Negate : Elementwise<1> {
  static constexpr RuleInfo info{"negate", "-x", "neg"};
  template <class V>
  static V value(const V& x) {
    return -x;
  }
  template <class V>
  static V slope(const V& /*x*/, const V& /*y*/) {
    return V(-1.0);
  }
};

// z = x^p      ∂z/∂x = p·x^(p−1), which is 0 for p = 0 whatever x is
//              ∂z/∂p = z·ln x, which tends to 0 at x = 0 for p ≥ 0
struct Power : Elementwise<2> {
  static constexpr RuleInfo info{"power", "x ^ p", "pow", {Domain::positive, Domain::real}};
  template <class V>
  static V value(const V& x, const V& p) {
    return num::pow(x, p);
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& p, const V& /*z*/) {
    return num::gated(p, num::pow(x, p - 1.0));
  }
  template <class V>
  static V slope(Wrt<1> /*p*/, const V& x, const V& p, const V& z) {
    if constexpr (prints_formula<V>) {
      return z * num::log(x);
    } else {
      return num::select(x == 0.0, num::select(p >= 0.0, V(0.0), z * num::log(x)),
                         num::gated(z, num::log(x)));
    }
  }
};

// z = min(x, y), the first of equals      ∂z/∂x = 1 where x ≤ y, else 0; ∂z/∂y the other way
struct Minimum : Elementwise<2> {
  static constexpr RuleInfo info{"minimum", "min(x, y), the first of equals", "minimum", {}, {},
                                 true};
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x, const V& y) {
    return num::guard_nan(y, num::select(y < x, y, x));
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& y, const V& z) {
    return num::guard_nan(z, num::select(y < x, V(0.0), V(1.0)));
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& x, const V& y, const V& z) {
    return num::guard_nan(z, num::select(y < x, V(1.0), V(0.0)));
  }
};

// z = max(x, y), the first of equals      ∂z/∂x = 1 where x ≥ y, else 0; ∂z/∂y the other way.
// At a tie max(x, 0) sends everything to x, relu(x) nothing: relu is its own rule.
struct Maximum : Elementwise<2> {
  static constexpr RuleInfo info{"maximum", "max(x, y), the first of equals", "maximum", {}, {},
                                 true};
  static constexpr bool piecewise = true;
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x, const V& y) {
    return num::guard_nan(y, num::select(y > x, y, x));
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& y, const V& z) {
    return num::guard_nan(z, num::select(y > x, V(0.0), V(1.0)));
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& x, const V& y, const V& z) {
    return num::guard_nan(z, num::select(y > x, V(1.0), V(0.0)));
  }
};

// Comparisons are 1 where they hold and 0 where not; a comparison with NaN does not hold, but for
// "not equal". They carry no gradient.
struct Comparison : Elementwise<2> {
  static constexpr std::array<bool, max_operands> differentiable{};
  static constexpr bool piecewise = true;

 protected:
  template <class V, class Condition>
  static V one_where(const Condition& condition) {
    return num::select(condition, V(1.0), V(0.0));
  }
};

// z = 1 where x < y, else 0
struct Less : Comparison {
  static constexpr RuleInfo info{"less", "1 where x < y, else 0", "lt"};
  template <class V>
  static V value(const V& x, const V& y) {
    return one_where<V>(x < y);
  }
};

// z = 1 where x ≤ y, else 0
struct LessEqual : Comparison {
  static constexpr RuleInfo info{"less_equal", "1 where x <= y, else 0", "le"};
  template <class V>
  static V value(const V& x, const V& y) {
    return one_where<V>(x <= y);
  }
};

// z = 1 where x > y, else 0
struct Greater : Comparison {
  static constexpr RuleInfo info{"greater", "1 where x > y, else 0", "gt"};
  template <class V>
  static V value(const V& x, const V& y) {
    return one_where<V>(x > y);
  }
};

// z = 1 where x ≥ y, else 0
struct GreaterEqual : Comparison {
  static constexpr RuleInfo info{"greater_equal", "1 where x >= y, else 0", "ge"};
  template <class V>
  static V value(const V& x, const V& y) {
    return one_where<V>(x >= y);
  }
};

// z = 1 where x = y, else 0
struct Equal : Comparison {
  static constexpr RuleInfo info{"equal", "1 where x = y, else 0", "eq"};
  template <class V>
  static V value(const V& x, const V& y) {
    return one_where<V>(x == y);
  }
};

// z = 1 where x ≠ y, else 0
struct NotEqual : Comparison {
  static constexpr RuleInfo info{"not_equal", "1 where x != y, else 0", "ne"};
  template <class V>
  static V value(const V& x, const V& y) {
    return one_where<V>(x != y);
  }
};

// z = x where c ≠ 0, else y      ∂z/∂x = 1 where c ≠ 0, else 0; ∂z/∂y the other way
struct Where : Elementwise<3> {
  static constexpr RuleInfo info{"where",
                                 "x where c is not 0, else y",
                                 "where",
                                 {Domain::condition, Domain::real, Domain::real}};
  static constexpr std::array<bool, max_operands> differentiable{false, true, true};
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& c, const V& x, const V& y) {
    return num::guard_nan(c, num::select(c != 0.0, x, y));
  }
  template <class V>
  static V slope(Wrt<1> /*x*/, const V& c, const V& /*x*/, const V& /*y*/, const V& /*z*/) {
    return num::guard_nan(c, num::select(c != 0.0, V(1.0), V(0.0)));
  }
  template <class V>
  static V slope(Wrt<2> /*y*/, const V& c, const V& /*x*/, const V& /*y*/, const V& /*z*/) {
    return num::guard_nan(c, num::select(c != 0.0, V(0.0), V(1.0)));
  }
};

// z = v, but NaN where x is NaN      ∂z/∂v = 1. There is no slope by x, which is only looked at.
struct GuardNan : Elementwise<2> {
  static constexpr RuleInfo info{"guard_nan", "v, but NaN where x is NaN"};
  static constexpr std::array<bool, max_operands> differentiable{false, true, false};
  template <class V>
  static V value(const V& x, const V& v) {
    if constexpr (prints_formula<V>) {
      return num::select(x != x, x, v);  // NOLINT(misc-redundant-expression): NaN is not itself
    } else {
      return num::guard_nan(x, v);
    }
  }
  template <class V>
  static V slope(Wrt<1> /*v*/, const V& x, const V& /*v*/, const V& /*z*/) {
    return num::guard_nan(x, V(1.0));
  }
};

// z = x·y, and 0 where x is 0, whatever y is      ∂z/∂x = y      ∂z/∂y = x
// What an adjoint hands on through a slope that may be infinite.
struct GatedMultiply : Elementwise<2> {
  static constexpr RuleInfo info{"gated_multiply", "x * y, and 0 where x is 0"};
  static constexpr bool zero_slope_is_untaken = true;
  template <class V>
  static V value(const V& x, const V& y) {
    return num::gated(x, y);
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& /*x*/, const V& y, const V& /*z*/) {
    return y;
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& x, const V& /*y*/, const V& /*z*/) {
    return x;
  }
};

// z = x·y, and 0 where either is 0, whatever the other is      ∂z/∂x = y      ∂z/∂y = x
// What an adjoint hands on where a slope of 0 is a branch not taken.
struct GatedByBoth : GatedMultiply {
  static constexpr RuleInfo info{"gated_by_both", "x * y, and 0 where either is 0"};
  template <class V>
  static V value(const V& x, const V& y) {
    return num::gated_by_both(x, y);
  }
};

}  // namespace autograd::rules
