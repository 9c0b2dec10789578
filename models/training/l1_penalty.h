// The L1 penalty Σ l1ₖ·|wₖ| as optimisers meet it: its value, its proximal operator, and the
// subgradient that tells a minimum.
//
// Rule for callers: weights of the penalty are one for each parameter, or none at all, which is no
// penalty.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace models {

// argminₓ ½(x − v)² + t·|x|, for t >= 0.
inline double soft_threshold(double v, double t) { return v > t ? v - t : v < -t ? v + t : 0.0; }

// Σ l1ₖ·|wₖ|
inline double l1_penalty(std::span<const double> w, std::span<const double> l1) {
  double sum = 0.0;
  for (std::size_t k = 0; k < l1.size(); ++k) sum += l1[k] * std::abs(w[k]);
  return sum;
}

// The entry nearest to 0 of the subdifferential of loss + l1·|w|, where dw is the slope of the
// loss: dw + l1·sign(w), and at w = 0 what of dw exceeds the penalty.
inline double smallest_subgradient(double w, double dw, double l1) {
  return w == 0.0 ? soft_threshold(dw, l1) : dw + std::copysign(l1, w);
}

}  // namespace models
