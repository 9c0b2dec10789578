// Two classes in the plane that no straight line separates: two moons and two spirals, from a seed.
//
// Rule for callers: rows of the two classes alternate, as many of one as of the other.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include "tests/models/support.h"

namespace models::testing {

// Calls at(t, side), t uniform in [0, 1) and side 1 or −1, for points of the two classes in turn,
// and moves what it returns by normal numbers of the standard deviation `noise`.
template <class Curve>
Rows noisy_curves(std::uint64_t seed, std::size_t rows, double noise, const Curve& at) {
  autograd::Random random(seed);
  Rows made{{}, {}, 2};
  for (std::size_t row = 0; row < rows; ++row) {
    const double label = row % 2 == 0 ? 0.0 : 1.0;
    const auto [x, y] = at(random.uniform(), 1.0 - 2.0 * label);
    made.features.push_back(x + noise * random.normal());
    made.features.push_back(y + noise * random.normal());
    made.labels.push_back(label);
  }
  return made;
}

struct Point {
  double x = 0.0;
  double y = 0.0;
};

// Half circles of radius 1 about (−1/2, −1/4) and (1/2, 1/4), each ending inside the other.
inline Rows two_moons(std::uint64_t seed, std::size_t rows, double noise) {
  return noisy_curves(seed, rows, noise, [](double t, double side) {
    const double angle = std::numbers::pi * t;
    return Point{side * (std::cos(angle) - 0.5), side * (std::sin(angle) - 0.25)};
  });
}

// Spirals of Archimedes that wind so many times around the origin, from the distance 1/4 to 2; one
// is the other turned by half a turn. The root of t spreads points evenly along the arc.
inline Rows two_spirals(std::uint64_t seed, std::size_t rows, double turns, double noise) {
  return noisy_curves(seed, rows, noise, [turns](double t, double side) {
    const double way = std::sqrt(t);
    const double angle = 2.0 * std::numbers::pi * turns * way;
    const double radius = 0.25 + 1.75 * way;
    return Point{side * radius * std::cos(angle), side * radius * std::sin(angle)};
  });
}

}  // namespace models::testing
