// The complex reading: f(x + ih) = f(x) + ih·f'(x) + O(h²), so that Im f / h is the slope without a
// difference being taken: exact to the last digits, and blind to the rule's own slope.
//
// Rule for callers: conditions look at the real part alone; imaginary parts are meant to be tiny
// (1e-20) steps beside a real point, which is what the branch cuts here are chosen for.
// Source: Squire and Trapp, "Using complex variables to estimate derivatives of real functions",
// SIAM Review 40 (1998).
#pragma once

#include <cmath>
#include <complex>

#include "autograd/readings/vocabulary.h"

namespace autograd {

class Complex {
 public:
  Complex() = default;
  Complex(double real, double imaginary = 0.0) : z_(real, imaginary) {}
  explicit Complex(std::complex<double> z) : z_(z) {}

  [[nodiscard]] double real() const { return z_.real(); }
  [[nodiscard]] double imaginary() const { return z_.imag(); }
  [[nodiscard]] std::complex<double> standard() const { return z_; }

  friend Complex operator-(const Complex& a) { return Complex(-a.z_); }
  friend Complex operator+(const Complex& a, const Complex& b) { return Complex(a.z_ + b.z_); }
  friend Complex operator-(const Complex& a, const Complex& b) { return Complex(a.z_ - b.z_); }
  // Written out: std::complex's product recovers infinities by a slow path, and its quotient
  // scales.
  friend Complex operator*(const Complex& a, const Complex& b) {
    return {a.real() * b.real() - a.imaginary() * b.imaginary(),
            a.real() * b.imaginary() + a.imaginary() * b.real()};
  }
  // (a + ia')/(b + ib') = q + i(a' − q·b')/b with q = a/b, for b' tiny beside b.
  friend Complex operator/(const Complex& a, const Complex& b) {
    const double q = a.real() / b.real();
    return {q, (a.imaginary() - q * b.imaginary()) / b.real()};
  }
  Complex& operator+=(const Complex& other) { return *this = *this + other; }

  friend bool operator<(const Complex& a, const Complex& b) { return a.real() < b.real(); }
  friend bool operator>(const Complex& a, const Complex& b) { return a.real() > b.real(); }
  friend bool operator<=(const Complex& a, const Complex& b) { return a.real() <= b.real(); }
  friend bool operator>=(const Complex& a, const Complex& b) { return a.real() >= b.real(); }
  friend bool operator==(const Complex& a, const Complex& b) { return a.real() == b.real(); }
  friend bool operator!=(const Complex& a, const Complex& b) { return a.real() != b.real(); }

 private:
  std::complex<double> z_;
};

}  // namespace autograd

namespace autograd::num {

inline Complex exp(const Complex& x) { return Complex(std::exp(x.standard())); }

// ln on the positive axis: ln|x| + i·Im x/Re x. The negative axis is outside the real domain: NaN.
inline Complex log(const Complex& x) {
  return {std::log(x.real()), std::atan(x.imaginary() / x.real())};
}

inline Complex log1p(const Complex& x) {
  return {std::log1p(x.real()), std::atan(x.imaginary() / (1.0 + x.real()))};
}

// e^x − 1 = expm1(r)·cos i − 2 sin²(i/2) + i·e^r sin i.
inline Complex expm1(const Complex& x) {
  const double half = std::sin(x.imaginary() / 2.0);
  return {std::expm1(x.real()) * std::cos(x.imaginary()) - 2.0 * half * half,
          std::exp(x.real()) * std::sin(x.imaginary())};
}

// The negative axis is outside the real domain: NaN, not a value on the imaginary axis.
inline Complex sqrt(const Complex& x) {
  return x.real() < 0.0 ? Complex(std::sqrt(x.real())) : Complex(std::sqrt(x.standard()));
}

inline Complex select(bool condition, const Complex& a, const Complex& b) {
  return condition ? a : b;
}

inline Complex guard_nan(const Complex& x, const Complex& v) {
  return std::isnan(x.real()) ? x : v;
}

// y·v where y has a value or a step; 0 where it has neither, whatever v is.
inline Complex gated(const Complex& y, const Complex& v) {
  return y.real() == 0.0 && y.imaginary() == 0.0 ? Complex(0.0) : y * v;
}

inline Complex gated_by_both(const Complex& y, const Complex& v) {
  return v.real() == 0.0 && v.imaginary() == 0.0 ? Complex(0.0) : gated(y, v);
}

// Of the values; steps are not rounded to matter.
inline Complex product_error(const Complex& a, const Complex& b) {
  return {product_error(a.real(), b.real())};
}

inline Complex abs(const Complex& x) { return x.real() < 0.0 ? -x : x; }

// sinh and cosh from e^(−2|x|): (1 − q)/(1 + q) never overflows.
inline Complex tanh(const Complex& x) {
  const Complex positive = abs(x);
  const Complex q = exp(Complex(-2.0) * positive);
  const Complex t = -expm1(Complex(-2.0) * positive) / (Complex(1.0) + q);
  return x.real() < 0.0 ? -t : t;
}

inline Complex sigmoid(const Complex& x) {
  const Complex e = exp(-abs(x));
  return (x.real() >= 0.0 ? Complex(1.0) : e) / (Complex(1.0) + e);
}

// At 0 both terms take the right-hand branch: mixed branches would differentiate to −½, not ½.
inline Complex softplus(const Complex& x) {
  return (x.real() >= 0.0 ? x : Complex(0.0)) + log1p(exp(-abs(x)));
}

// x^p = e^(p ln x). A negative base has a real power for whole exponents only: (−1)^p·(−x)^p.
inline Complex pow(const Complex& x, const Complex& p) {
  const bool whole = std::trunc(p.real()) == p.real() && p.imaginary() == 0.0;
  if (x.real() == 0.0) {
    // Beside 0 the power moves by p·0^(p − 1): by nothing, by the step itself, or without bound.
    const double slope = p.real() == 0.0 ? 0.0 : p.real() * std::pow(x.real(), p.real() - 1.0);
    return {std::pow(x.real(), p.real()), num::gated(x.imaginary(), slope)};
  }
  if (x.real() > 0.0) {
    // |x|^p from the real power: e^(p ln x) alone would lose digits where p·ln x is large.
    const double value = std::pow(x.real(), p.real());
    return {value,
            value * (p.imaginary() * std::log(x.real()) + p.real() * (x.imaginary() / x.real()))};
  }
  if (!whole) return {std::pow(x.real(), p.real())};
  const Complex value = pow(-x, p);
  return std::fmod(p.real(), 2.0) == 0.0 ? value : -value;
}

}  // namespace autograd::num
