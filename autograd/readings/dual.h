// The dual reading: f(x + ẋε) = f(x) + f'(x)·ẋε with ε² = 0. A rule's value instantiated on Dual
// carries a tangent through every step, exactly: forward mode.
//
// Kinks are those of the slopes: abs has tangent 0 at 0, and select() takes the tangent of the
// branch it takes. A tangent of 0 contributes 0, whatever it is multiplied by (0·∞ = 0), as a zero
// adjoint does backwards.
// Rule for callers: conditions look at the value alone. Each function is headed by its tangent.
#pragma once

#include <cmath>
#include <limits>

#include "autograd/readings/vocabulary.h"

namespace autograd {

struct Dual {
  double value = 0.0;
  double tangent = 0.0;

  // A comparison; with NaN on a side, no branch is the right one.
  struct Condition {
    bool holds = false;
    bool unordered = false;
    operator bool() const { return holds; }
  };

  Dual() = default;
  Dual(double number, double direction = 0.0) : value(number), tangent(direction) {}

  friend Dual operator-(const Dual& a) { return {-a.value, -a.tangent}; }
  friend Dual operator+(const Dual& a, const Dual& b) {
    return {a.value + b.value, a.tangent + b.tangent};
  }
  friend Dual operator-(const Dual& a, const Dual& b) {
    return {a.value - b.value, a.tangent - b.tangent};
  }
  // ȧ·b + a·ḃ
  friend Dual operator*(const Dual& a, const Dual& b) {
    return {a.value * b.value, num::gated(a.tangent, b.value) + num::gated(b.tangent, a.value)};
  }
  // (ȧ − q·ḃ)/b with q = a/b
  friend Dual operator/(const Dual& a, const Dual& b) {
    const double q = a.value / b.value;
    return {q, num::gated(a.tangent, 1.0 / b.value) - num::gated(b.tangent, q / b.value)};
  }
  Dual& operator+=(const Dual& other) { return *this = *this + other; }

  friend Condition operator<(const Dual& a, const Dual& b) {
    return {a.value < b.value, unordered(a, b)};
  }
  friend Condition operator>(const Dual& a, const Dual& b) {
    return {a.value > b.value, unordered(a, b)};
  }
  friend Condition operator<=(const Dual& a, const Dual& b) {
    return {a.value <= b.value, unordered(a, b)};
  }
  friend Condition operator>=(const Dual& a, const Dual& b) {
    return {a.value >= b.value, unordered(a, b)};
  }
  friend Condition operator==(const Dual& a, const Dual& b) {
    return {a.value == b.value, unordered(a, b)};
  }
  friend Condition operator!=(const Dual& a, const Dual& b) {
    return {a.value != b.value, unordered(a, b)};
  }

 private:
  static bool unordered(const Dual& a, const Dual& b) {
    return std::isnan(a.value) || std::isnan(b.value);
  }
};

}  // namespace autograd

namespace autograd::num {

// eˣ·ẋ, and 0 where eˣ is: it falls faster than any x rises
inline Dual exp(const Dual& x) {
  const double y = exp(x.value);
  return {y, gated_by_both(x.tangent, y)};
}

// ẋ/x; NaN left of 0, like the value
inline Dual log(const Dual& x) {
  const double y = log(x.value);
  return {y, gated(x.tangent, guard_nan(y, 1.0 / abs(x.value)))};
}

// ẋ/(1 + x)
inline Dual log1p(const Dual& x) {
  const double y = log1p(x.value);
  return {y, gated(x.tangent, guard_nan(y, 1.0 / (1.0 + x.value)))};
}

// eˣ·ẋ
inline Dual expm1(const Dual& x) { return {expm1(x.value), gated(x.tangent, exp(x.value))}; }

// ẋ/(2√x)
inline Dual sqrt(const Dual& x) {
  const double y = sqrt(x.value);
  return {y, gated(x.tangent, 0.5 / abs(y))};
}

// sign x·ẋ, and 0 at the kink
inline Dual abs(const Dual& x) {
  const double sign = x.value < 0.0 ? -1.0 : x.value > 0.0 ? 1.0 : 0.0;
  return {abs(x.value), gated(x.tangent, guard_nan(x.value, sign))};
}

// (1 − t²)·ẋ, as 4q/(1 + q)² with q = e^(−2|x|)
inline Dual tanh(const Dual& x) {
  const double q = exp(-2.0 * abs(x.value));
  return {tanh(x.value), gated(x.tangent, 4.0 * q / ((1.0 + q) * (1.0 + q)))};
}

// σ(x)·σ(−x)·ẋ
inline Dual sigmoid(const Dual& x) {
  const double a = sigmoid(x.value);
  return {a, gated(x.tangent, a * sigmoid(-x.value))};
}

// σ(x)·ẋ
inline Dual softplus(const Dual& x) {
  return {softplus(x.value), gated(x.tangent, sigmoid(x.value))};
}

// p·x^(p−1)·ẋ + x^p·ln x·ṗ; the second tends to 0 at x = 0 for p ≥ 0
inline Dual pow(const Dual& x, const Dual& p) {
  const double z = pow(x.value, p.value);
  const double by_x = gated(p.value, pow(x.value, p.value - 1.0));
  const double by_p = x.value == 0.0 && p.value >= 0.0 ? 0.0 : gated(z, log(x.value));
  return {z, gated(x.tangent, by_x) + gated(p.tangent, by_p)};
}

// the tangent of the branch taken; NaN where NaN was compared
inline Dual select(Dual::Condition condition, const Dual& a, const Dual& b) {
  const Dual& taken = condition.holds ? a : b;
  return condition.unordered ? Dual(taken.value, std::numeric_limits<double>::quiet_NaN()) : taken;
}

// NaN in value and tangent where x is
inline Dual guard_nan(const Dual& x, const Dual& v) {
  return std::isnan(x.value) ? Dual(x.value, x.value) : v;
}

// ẏ·v + y·v̇: with a tangent, y = 0 is a point that moves and not a gate that is shut
inline Dual gated(const Dual& y, const Dual& v) {
  return {gated(y.value, v.value), gated(y.tangent, v.value) + gated_by_both(v.tangent, y.value)};
}

// What rounding took has no slope of its own.
inline Dual product_error(const Dual& a, const Dual& b) {
  return {product_error(a.value, b.value), 0.0};
}

inline Dual gated_by_both(const Dual& y, const Dual& v) {
  return {gated_by_both(y.value, v.value),
          gated_by_both(y.tangent, v.value) + gated_by_both(v.tangent, y.value)};
}

}  // namespace autograd::num
