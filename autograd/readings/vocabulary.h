// The vocabulary rules are written in, and its array reading: double, and Pack for long runs.
//
// A rule's value and slope are templates over a type V. What V is decides what comes out: double
// and Pack (speed), Complex (the complex step), Dual (forward mode), Formula (the printed rule),
// Branches (which way it went), Recorded (the slope on the tape), Fibre and RecordedFibre (rules
// along an axis). V offers + − * /, unary −, comparisons (which give a condition), and, in
// namespace num:
//
//   exp log log1p expm1 sqrt tanh pow abs sigmoid softplus    functions
//   select(condition, a, b)                                   a where the condition holds, else b
//   guard_nan(x, v)                                           v, but NaN where x is NaN
//   gated(y, v)                                               y·v, but 0 where y is 0 (0·∞ = 0)
//   gated_by_both(y, v)                                       y·v, but 0 where either is 0
//   product_error(a, b)                                       what rounding took from a·b
//
// Rule for callers: write num::exp(x), never std::exp(x), and no `if` on a V: a branch that a
// reading cannot see is a branch that it gets wrong. The list is closed: a new reading is a new
// type with these functions, nothing else.
#pragma once

#include <cmath>

#include "autograd/readings/kernels.h"
#include "autograd/readings/pack.h"

namespace autograd {

// Readings whose result is read by people. A rule gives them the textbook form where what is
// computed is a rearrangement of it that keeps digits: a·(1 − a) instead of a·σ(−x).
template <class V>
inline constexpr bool prints_formula = false;

}  // namespace autograd

namespace autograd::num {

inline double exp(double x) { return kernels::exp(x); }
inline double log(double x) { return kernels::log(x); }
inline double log1p(double x) { return kernels::log1p(x); }
inline double expm1(double x) { return kernels::expm1(x); }
inline double sqrt(double x) { return std::sqrt(x); }
inline double tanh(double x) { return kernels::tanh(x); }
inline double pow(double x, double p) { return std::pow(x, p); }
inline double abs(double x) { return std::abs(x); }
inline double sigmoid(double x) { return kernels::sigmoid(x); }
inline double softplus(double x) { return kernels::softplus(x); }

inline double select(bool condition, double a, double b) { return condition ? a : b; }
inline double guard_nan(double x, double v) { return std::isnan(x) ? x : v; }
inline double gated(double y, double v) { return y == 0.0 ? 0.0 : y * v; }
inline double gated_by_both(double y, double v) { return v == 0.0 ? 0.0 : gated(y, v); }

// Exact by one fused multiply-add; 0 where the product is not finite and nothing can be put back.
inline double product_error(double a, double b) {
  const double product = a * b;
  return std::isfinite(product) ? std::fma(a, b, -product) : 0.0;
}

inline Pack exp(const Pack& x) { return kernels::exp(x); }
inline Pack log(const Pack& x) { return kernels::log(x); }
inline Pack log1p(const Pack& x) { return kernels::log1p(x); }
inline Pack expm1(const Pack& x) { return kernels::expm1(x); }
inline Pack sqrt(const Pack& x) {
  Pack::Doubles out{};
  for (int lane = 0; lane < Pack::lanes; ++lane) out[lane] = std::sqrt(x[lane]);
  return Pack(out);
}
inline Pack tanh(const Pack& x) { return kernels::tanh(x); }
inline Pack pow(const Pack& x, const Pack& p) {
  Pack::Doubles out{};
  for (int lane = 0; lane < Pack::lanes; ++lane) out[lane] = std::pow(x[lane], p[lane]);
  return Pack(out);
}
inline Pack product_error(const Pack& a, const Pack& b) {
  Pack::Doubles out{};
  for (int lane = 0; lane < Pack::lanes; ++lane) out[lane] = product_error(a[lane], b[lane]);
  return Pack(out);
}
inline Pack abs(const Pack& x) { return kernels::magnitude(x); }
inline Pack sigmoid(const Pack& x) { return kernels::sigmoid(x); }
inline Pack softplus(const Pack& x) { return kernels::softplus(x); }

// x ≠ x holds for NaN alone.
// NOLINTNEXTLINE(misc-redundant-expression)
inline Pack guard_nan(const Pack& x, const Pack& v) { return select(x != x, x, v); }
inline Pack gated(const Pack& y, const Pack& v) { return select(y == Pack(0.0), Pack(0.0), y * v); }
inline Pack gated_by_both(const Pack& y, const Pack& v) {
  return select(v == Pack(0.0), Pack(0.0), gated(y, v));
}

}  // namespace autograd::num
