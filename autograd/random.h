// Random numbers that are our own function of the seed: std::mt19937_64 is the same everywhere, the
// standard's distributions are not.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <numbers>
#include <ostream>
#include <random>
#include <span>
#include <utility>

namespace autograd {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // Uniform in [0, 1): the upper 53 bits.
  double uniform() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  // Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // Normal with the mean 0 and the variance 1. Source: Box and Muller, "A note on the generation of
  // random normal deviates", Annals of Mathematical Statistics 29 (1958).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  // Uniform in 0, 1, …, bound − 1, for a bound of 1 or more: the upper bits, as many as bound − 1
  // has, drawn until they are below the bound. A remainder would favour small numbers.
  std::uint64_t below(std::uint64_t bound) {
    const int unused = std::countl_zero((bound - 1) | 1U);
    while (true) {
      const std::uint64_t drawn = engine_() >> static_cast<unsigned>(unused);
      if (drawn < bound) return drawn;
    }
  }

  // Puts the items into an order drawn from all with equal probability. Source: Durstenfeld,
  // "Algorithm 235: random permutation", Communications of the ACM 7 (1964), after Fisher and
  // Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t left = items.size(); left > 1; --left) {
      std::swap(items[left - 1], items[below(left)]);
    }
  }

  // Where the generator is, as text, and back.
  friend std::ostream& operator<<(std::ostream& out, const Random& random) {
    return out << random.engine_;
  }
  friend std::istream& operator>>(std::istream& in, Random& random) { return in >> random.engine_; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace autograd
