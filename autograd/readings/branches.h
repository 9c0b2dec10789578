// The branches reading: which way a rule's value went at each choice, beside the value itself. Two
// evaluations that went the same way everywhere have no kink between them; the gradient check
// finds kinks by that, instead of guessing them from numbers.
//
// Rule for callers: `taken` is 0 where nothing was chosen, and else a number that is equal where
// the same choices were made in the same order. It is compared, never read. A choice in a branch
// that was not taken does not count, nor do the gates that keep NaN and 0·∞ in order: what they do
// is no kink.
#pragma once

#include <cmath>
#include <cstdint>

#include "autograd/readings/vocabulary.h"

namespace autograd {

struct Branches {
  double value = 0.0;
  std::uint64_t taken = 0;

  // A comparison, and the choices that its two sides were made by.
  struct Condition {
    bool holds = false;
    std::uint64_t taken = 0;
    operator bool() const { return holds; }
  };

  Branches() = default;
  Branches(double number, std::uint64_t choices = 0) : value(number), taken(choices) {}

  // Choices made one after the other; none before and none after is none.
  static constexpr std::uint64_t joined(std::uint64_t a, std::uint64_t b) {
    return a == 0 ? b : b == 0 ? a : mixed(mixed(a) + b);
  }
  // What was chosen before, and then one of several ways.
  static constexpr std::uint64_t decided(std::uint64_t before, std::uint64_t way) {
    return mixed(mixed(before) + way + 1);
  }
  // Spreads every bit over all. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number
  // generators", OOPSLA (2014).
  static constexpr std::uint64_t mixed(std::uint64_t bits) {
    bits += 0x9e3779b97f4a7c15U;
    bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
    return bits ^ (bits >> 31U);
  }

  friend Branches operator-(const Branches& a) { return {-a.value, a.taken}; }
  friend Branches operator+(const Branches& a, const Branches& b) {
    return {a.value + b.value, joined(a.taken, b.taken)};
  }
  friend Branches operator-(const Branches& a, const Branches& b) {
    return {a.value - b.value, joined(a.taken, b.taken)};
  }
  friend Branches operator*(const Branches& a, const Branches& b) {
    return {a.value * b.value, joined(a.taken, b.taken)};
  }
  friend Branches operator/(const Branches& a, const Branches& b) {
    return {a.value / b.value, joined(a.taken, b.taken)};
  }

  friend Condition operator<(const Branches& a, const Branches& b) {
    return {a.value < b.value, joined(a.taken, b.taken)};
  }
  friend Condition operator>(const Branches& a, const Branches& b) {
    return {a.value > b.value, joined(a.taken, b.taken)};
  }
  friend Condition operator<=(const Branches& a, const Branches& b) {
    return {a.value <= b.value, joined(a.taken, b.taken)};
  }
  friend Condition operator>=(const Branches& a, const Branches& b) {
    return {a.value >= b.value, joined(a.taken, b.taken)};
  }
  friend Condition operator==(const Branches& a, const Branches& b) {
    return {a.value == b.value, joined(a.taken, b.taken)};
  }
  friend Condition operator!=(const Branches& a, const Branches& b) {
    return {a.value != b.value, joined(a.taken, b.taken)};
  }
};

}  // namespace autograd

namespace autograd::num {

inline Branches exp(const Branches& x) { return {exp(x.value), x.taken}; }
inline Branches log(const Branches& x) { return {log(x.value), x.taken}; }
inline Branches log1p(const Branches& x) { return {log1p(x.value), x.taken}; }
inline Branches expm1(const Branches& x) { return {expm1(x.value), x.taken}; }
inline Branches sqrt(const Branches& x) { return {sqrt(x.value), x.taken}; }
inline Branches tanh(const Branches& x) { return {tanh(x.value), x.taken}; }
inline Branches sigmoid(const Branches& x) { return {sigmoid(x.value), x.taken}; }
inline Branches softplus(const Branches& x) { return {softplus(x.value), x.taken}; }
inline Branches pow(const Branches& x, const Branches& p) {
  return {pow(x.value, p.value), Branches::joined(x.taken, p.taken)};
}
inline Branches guard_nan(const Branches& x, const Branches& v) {
  return {guard_nan(x.value, v.value), Branches::joined(x.taken, v.taken)};
}
inline Branches gated(const Branches& y, const Branches& v) {
  return {gated(y.value, v.value), Branches::joined(y.taken, v.taken)};
}
inline Branches gated_by_both(const Branches& y, const Branches& v) {
  return {gated_by_both(y.value, v.value), Branches::joined(y.taken, v.taken)};
}
inline Branches product_error(const Branches& a, const Branches& b) {
  return {product_error(a.value, b.value), Branches::joined(a.taken, b.taken)};
}

inline Branches select(const Branches::Condition& condition, const Branches& a, const Branches& b) {
  const Branches& chosen = condition.holds ? a : b;
  const std::uint64_t way = Branches::decided(condition.taken, condition.holds ? 1 : 0);
  return {chosen.value, Branches::joined(way, chosen.taken)};
}

// At 0 as on the right of it: the other branch begins on the left.
inline Branches abs(const Branches& x) {
  return {abs(x.value), Branches::decided(x.taken, x.value < 0.0 ? 1 : 0)};
}

}  // namespace autograd::num
