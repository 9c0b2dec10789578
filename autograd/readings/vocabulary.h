// The vocabulary rules are written in, and its first reading: plain double.
//
// A rule's value and slope are templates over a type V. What V is decides what comes out: double
// (speed), Complex (the complex step), Formula (the printed rule), Fibre (rules along an axis).
// V offers + − * /, unary −, comparisons (which give a condition), and, in namespace num:
//
//   exp log log1p expm1 sqrt tanh pow abs sigmoid softplus    functions
//   select(condition, a, b)                                   a where the condition holds, else b
//   guard_nan(x, v)                                           v, but NaN where x is NaN
//   gated(y, v)                                               y·v, but 0 where y is 0 (0·∞ = 0)
//
// Rule for callers: write num::exp(x), never std::exp(x), and no `if` on a V: a branch that a
// reading cannot see is a branch that it gets wrong. The list is closed: a new reading is a new
// type with these functions, nothing else.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

namespace autograd {

// Readings whose result is read by people. A rule gives them the textbook form where what is
// computed is a rearrangement of it that keeps digits: a·(1 − a) instead of a·σ(−x).
template <class V>
inline constexpr bool prints_formula = false;

}  // namespace autograd

namespace autograd::num {

inline double exp(double x) { return std::exp(x); }
inline double log(double x) { return std::log(x); }
inline double log1p(double x) { return std::log1p(x); }
inline double expm1(double x) { return std::expm1(x); }
inline double sqrt(double x) { return std::sqrt(x); }
inline double tanh(double x) { return std::tanh(x); }
inline double pow(double x, double p) { return std::pow(x, p); }
inline double abs(double x) { return std::abs(x); }

inline double select(bool condition, double a, double b) { return condition ? a : b; }

inline double guard_nan(double x, double v) { return std::isnan(x) ? x : v; }

inline double gated(double y, double v) { return y == 0.0 ? 0.0 : y * v; }

// σ(x) = 1/(1 + e⁻ˣ), from e^(−|x|), which never overflows.
inline double sigmoid(double x) {
  const double e = std::exp(-std::abs(x));
  return (x >= 0.0 ? 1.0 : e) / (1.0 + e);
}

// ln(1 + eˣ) = max(x, 0) + log1p(e^(−|x|)).
inline double softplus(double x) {
  return (x > 0.0 ? x : 0.0) + std::log1p(std::exp(-std::abs(x)));
}

}  // namespace autograd::num
