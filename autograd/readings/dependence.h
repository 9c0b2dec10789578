// The dependence reading: which values a rule's slope, adjoint or pullback looks at. A replay that
// wants the gradient alone leaves out every value that no one looks at.
//
// Rule for callers: a Dependence is a set of bits, one per operand and one for the result;
// everything computed from values has the union of their sets.
#pragma once

#include <cstdint>

namespace autograd {

struct Dependence {
  std::uint8_t bits = 0;

  constexpr Dependence() = default;
  constexpr Dependence(double /*constant*/) {}
  static constexpr Dependence on(unsigned bit) {
    Dependence d;
    d.bits = static_cast<std::uint8_t>(1U << bit);
    return d;
  }
  // The union of two sets.
  static constexpr Dependence both(const Dependence& a, const Dependence& b) {
    Dependence d;
    d.bits = a.bits | b.bits;
    return d;
  }

  friend constexpr Dependence operator-(const Dependence& a) { return a; }
  friend constexpr Dependence operator+(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator-(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator*(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator/(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator<(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator>(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator<=(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator>=(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator==(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
  friend constexpr Dependence operator!=(const Dependence& a, const Dependence& b) {
    return both(a, b);
  }
};

}  // namespace autograd

namespace autograd::num {

constexpr Dependence exp(const Dependence& x) { return x; }
constexpr Dependence log(const Dependence& x) { return x; }
constexpr Dependence log1p(const Dependence& x) { return x; }
constexpr Dependence expm1(const Dependence& x) { return x; }
constexpr Dependence sqrt(const Dependence& x) { return x; }
constexpr Dependence tanh(const Dependence& x) { return x; }
constexpr Dependence abs(const Dependence& x) { return x; }
constexpr Dependence sigmoid(const Dependence& x) { return x; }
constexpr Dependence softplus(const Dependence& x) { return x; }
constexpr Dependence pow(const Dependence& x, const Dependence& p) { return x + p; }
constexpr Dependence guard_nan(const Dependence& x, const Dependence& v) { return x + v; }
constexpr Dependence gated(const Dependence& y, const Dependence& v) { return y + v; }
constexpr Dependence gated_by_both(const Dependence& y, const Dependence& v) { return y + v; }
constexpr Dependence product_error(const Dependence& a, const Dependence& b) { return a + b; }
constexpr Dependence select(const Dependence& condition, const Dependence& a, const Dependence& b) {
  return condition + a + b;
}
constexpr Dependence sum(const Dependence& x) { return x; }
constexpr Dependence sum_of_others(const Dependence& x) { return x; }
constexpr Dependence max(const Dependence& x) { return x; }
constexpr Dependence exponent_shift(const Dependence& x) { return x; }
constexpr Dependence first_maximum(const Dependence& x) { return x; }

}  // namespace autograd::num
