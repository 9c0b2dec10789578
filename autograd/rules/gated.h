// A number whose product with 0 is 0 even where it is infinite, for Eigen's matrices.
//
// Rule for callers: slow, and only for adjoints that came out as NaN.
#pragma once

#include <Eigen/Core>
#include <cmath>

namespace autograd::bilinear {

struct Gated {
  double v = 0.0;

  Gated() = default;
  Gated(double number) : v(number) {}
  explicit operator double() const { return v; }
  Gated& operator+=(const Gated& other) {
    v += other.v;
    return *this;
  }
  friend Gated operator-(const Gated& a) { return {-a.v}; }
  friend Gated operator-(const Gated& a, const Gated& b) { return {a.v - b.v}; }
  friend Gated operator/(const Gated& a, const Gated& b) { return {a.v / b.v}; }
  friend Gated operator+(const Gated& a, const Gated& b) { return {a.v + b.v}; }
  friend Gated operator*(const Gated& a, const Gated& b) {
    const bool off = (a.v == 0.0 && std::isinf(b.v)) || (b.v == 0.0 && std::isinf(a.v));
    return {off ? 0.0 : a.v * b.v};
  }
  friend bool operator==(const Gated& a, const Gated& b) { return a.v == b.v; }
  friend bool operator!=(const Gated& a, const Gated& b) { return a.v != b.v; }
};

}  // namespace autograd::bilinear

// What Eigen wants to know of a number type.
template <>
struct Eigen::NumTraits<autograd::bilinear::Gated> : Eigen::NumTraits<double> {
  using Real = autograd::bilinear::Gated;
  using NonInteger = autograd::bilinear::Gated;
  using Nested = autograd::bilinear::Gated;
};
