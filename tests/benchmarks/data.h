// What every benchmark computes with. It includes no part of the library, so that the benchmarks of
// libtorch see the very same numbers.
//
// Rule for callers: all data are the first numbers of one table; what comes back stays valid and
// the same until the program ends.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

#include "autograd/arena.h"
#include "autograd/random.h"

namespace benchmarks {

// The first of a sequence, drawn when they are first asked for. Memory for the longest is set
// aside, but not touched, from the start, so that none ever moves. They begin a cache line, as
// standardised data and libtorch's tensors do.
class Numbers {
 public:
  Numbers(std::uint64_t seed, std::size_t most)
      : random_(seed), most_(most), numbers_(memory_.allocate(most)) {}

  template <class Draw>
  std::span<const double> first(std::size_t count, Draw draw) {
    if (count > most_) throw std::length_error("more numbers than were set aside");
    for (; drawn_ < count; ++drawn_) numbers_[drawn_] = draw(random_.uniform());
    return {numbers_, count};
  }

 private:
  autograd::Random random_;
  autograd::Arena<double> memory_;
  std::size_t most_;
  double* numbers_;
  std::size_t drawn_ = 0;
};

constexpr std::size_t most_rows = 4'000'000;
constexpr std::size_t most_features = most_rows * 32;

// rows × columns, row-major, uniform in [−1, 1).
inline std::span<const double> features(std::size_t rows, std::size_t columns) {
  static Numbers numbers(1, most_features);
  return numbers.first(rows * columns, [](double u) { return 2.0 * u - 1.0; });
}

// 0 or 1, each for one half of the rows.
inline std::span<const double> labels(std::size_t rows) {
  static Numbers numbers(2, most_rows);
  return numbers.first(rows, [](double u) { return u < 0.5 ? 0.0 : 1.0; });
}

// Parameters to begin with: none is 0, none is large.
inline std::vector<double> parameters(std::size_t count) {
  std::vector<double> result(count);
  for (std::size_t k = 0; k < count; ++k) {
    result[k] = 0.1 * std::cos(static_cast<double>(k) + 1.0);
  }
  return result;
}

constexpr double bias = 0.1;
constexpr double learning_rate = 0.01;

// One number made of a loss and its gradient, which a mistake in any entry would change. Two sides
// of a ratio must report the same one.
class Result {
 public:
  explicit Result(double loss) : value_(loss) {}
  Result& add(std::span<const double> gradient) {
    for (const double entry : gradient) value_ += entry * std::cos(++entries_);
    return *this;
  }
  Result& add(double entry) { return add(std::span(&entry, 1)); }
  [[nodiscard]] double value() const { return value_; }

 private:
  double value_;
  double entries_ = 0.0;
};

}  // namespace benchmarks
