// What takes the place of the gradient where an L1 penalty has a kink.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace models {

// The entry of smallest size among the slopes of g·w + l1·|w| at w: 0 at a kink that holds w at 0.
inline double smallest_slope(double g, double w, double l1) {
  if (w != 0.0) return g + std::copysign(l1, w);
  return std::copysign(std::max(std::abs(g) - l1, 0.0), g);
}

// The same for each parameter; the gradient itself where `l1` is empty (see Objective::l1).
inline std::vector<double> smallest_subgradient(std::span<const double> gradient,
                                                std::span<const double> parameters,
                                                std::span<const double> l1) {
  std::vector<double> result(gradient.begin(), gradient.end());
  for (std::size_t k = 0; k < l1.size(); ++k) {
    result[k] = smallest_slope(gradient[k], parameters[k], l1[k]);
  }
  return result;
}

}  // namespace models
