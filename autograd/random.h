// Random numbers that are our own function of the seed: std::mt19937_64 is the same everywhere, the
// standard's distributions are not.
#pragma once

#include <cstdint>
#include <random>

namespace autograd {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // Uniform in [0, 1): the upper 53 bits.
  double uniform() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  // Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace autograd
