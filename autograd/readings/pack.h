// Pack: several doubles worked on at once, the array reading of elementwise rules over long runs.
//
// It is written in the vector types that GCC and Clang share; only the fused multiply-add is asked
// for by name. Nothing else is fused (-ffp-contract=off), so that a value has the same bits in a
// pack and in a double, computed by itself or beside its slope.
// Rule for callers: a Pack is a register, not storage: load, compute, store. Every element is
// computed alike, wherever it stands in a run, so that results do not depend on how rows are cut
// up.
#pragma once

#if defined(__FMA__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "autograd/shape.h"

namespace autograd {

class Pack {
 public:
  // One register of the machine this is compiled for.
#if defined(__AVX512F__)
  static constexpr int lanes = 8;
#elif defined(__AVX__)
  static constexpr int lanes = 4;
#else
  static constexpr int lanes = 2;
#endif
  using Doubles [[gnu::vector_size(lanes * sizeof(double))]] = double;
  using Integers [[gnu::vector_size(lanes * sizeof(std::int64_t))]] = std::int64_t;

  // What comparisons give: all bits of a lane where they hold.
  struct Mask {
    Integers bits;
  };

  Pack() : v_{} {}
  // The same number in every lane.
  Pack(double number) : v_(number - Doubles{}) {}
  explicit Pack(Doubles v) : v_(v) {}

  static Pack load(const double* from) {
    Pack p;
    std::memcpy(&p.v_, from, sizeof(p.v_));
    return p;
  }
  void store(double* to) const { std::memcpy(to, &v_, sizeof(v_)); }

  // Whether the machine reads and writes the first lanes alone by one instruction.
#if defined(__AVX512F__)
  static constexpr bool has_partial_access = true;
#else
  static constexpr bool has_partial_access = false;
#endif
  // The first `count` lanes, the others 0: nothing behind them is touched in memory.
  static Pack load_first(const double* from, Index count) {
#if defined(__AVX512F__)
    return Pack(Doubles(_mm512_maskz_loadu_pd(first(count), from)));
#else
    std::array<double, lanes> buffer{};
    std::copy_n(from, count, buffer.begin());
    return load(buffer.data());
#endif
  }
  void store_first(double* to, Index count) const {
#if defined(__AVX512F__)
    _mm512_mask_storeu_pd(to, first(count), v_);
#else
    for (Index lane = 0; lane < count; ++lane) to[lane] = v_[lane];
#endif
  }

  [[nodiscard]] Doubles doubles() const { return v_; }
  [[nodiscard]] double operator[](int lane) const { return v_[lane]; }

  friend Pack operator-(const Pack& a) { return Pack(-a.v_); }
  friend Pack operator+(const Pack& a, const Pack& b) { return Pack(a.v_ + b.v_); }
  friend Pack operator-(const Pack& a, const Pack& b) { return Pack(a.v_ - b.v_); }
  friend Pack operator*(const Pack& a, const Pack& b) { return Pack(a.v_ * b.v_); }
  friend Pack operator/(const Pack& a, const Pack& b) { return Pack(a.v_ / b.v_); }

  friend Mask operator<(const Pack& a, const Pack& b) { return {a.v_ < b.v_}; }
  friend Mask operator>(const Pack& a, const Pack& b) { return {a.v_ > b.v_}; }
  friend Mask operator<=(const Pack& a, const Pack& b) { return {a.v_ <= b.v_}; }
  friend Mask operator>=(const Pack& a, const Pack& b) { return {a.v_ >= b.v_}; }
  friend Mask operator==(const Pack& a, const Pack& b) { return {a.v_ == b.v_}; }
  friend Mask operator!=(const Pack& a, const Pack& b) { return {a.v_ != b.v_}; }

 private:
#if defined(__AVX512F__)
  static __mmask8 first(Index count) { return static_cast<__mmask8>((1U << count) - 1U); }
#endif

  Doubles v_;
};

// Calls f with 0, 1, … n − 1 as constants: packs that it indexes stay in registers, where a loop
// would keep an array of them in memory.
template <std::size_t n, class F>
[[gnu::always_inline]] inline void unrolled(F f) {
  [&]<std::size_t... i>(std::index_sequence<i...> /*indices*/) {
    (f(std::integral_constant<std::size_t, i>{}), ...);
  }
  (std::make_index_sequence<n>{});
}

// Sums of neighbouring lanes, of a and of b in turn: a0+a1, b0+b1, a2+a3, …
template <std::size_t... lane>
[[gnu::always_inline]] inline Pack neighbours(const Pack& a, const Pack& b,
                                              std::index_sequence<lane...> /*lanes*/) {
  constexpr std::size_t n = sizeof...(lane);
  return Pack(
      __builtin_shufflevector(a.doubles(), b.doubles(), (lane % 2 == 0 ? lane : n + lane - 1)...) +
      __builtin_shufflevector(a.doubles(), b.doubles(), (lane % 2 == 0 ? lane + 1 : n + lane)...));
}
// Sums of neighbouring lanes in their order, those of a and then those of b: a0+a1, a2+a3, …
template <std::size_t... lane>
[[gnu::always_inline]] inline Pack neighbours_in_order(const Pack& a, const Pack& b,
                                                       std::index_sequence<lane...> /*lanes*/) {
  return Pack(__builtin_shufflevector(a.doubles(), b.doubles(), 2 * lane...) +
              __builtin_shufflevector(a.doubles(), b.doubles(), (2 * lane + 1)...));
}
// Sums of neighbouring pairs of lanes, those of a and then those of b.
template <std::size_t... lane>
[[gnu::always_inline]] inline Pack pairs(const Pack& a, const Pack& b,
                                         std::index_sequence<lane...> /*lanes*/) {
  constexpr std::size_t n = sizeof...(lane);
  return Pack(__builtin_shufflevector(
                  a.doubles(), b.doubles(),
                  ((lane / (n / 2) * n + lane % (n / 2) / 2 * 4 + lane % 2) % (2 * n))...) +
              __builtin_shufflevector(
                  a.doubles(), b.doubles(),
                  ((lane / (n / 2) * n + lane % (n / 2) / 2 * 4 + lane % 2 + 2) % (2 * n))...));
}

// Lane i of the result is the sum of the lanes of packs[i], neighbours first.
[[gnu::always_inline]] inline Pack sums_of(const std::array<Pack, Pack::lanes>& packs) {
  constexpr auto lanes = std::make_index_sequence<Pack::lanes>{};
  std::array<Pack, Pack::lanes / 2> sums;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = neighbours(packs[2 * i], packs[2 * i + 1], lanes);
  }
  for (std::size_t left = sums.size() / 2; left > 0; left /= 2) {
    for (std::size_t i = 0; i < left; ++i) sums[i] = pairs(sums[2 * i], sums[2 * i + 1], lanes);
  }
  return sums[0];
}

}  // namespace autograd

namespace autograd::num {

// a·b + c, rounded once where the machine has an instruction for it and twice elsewhere.
inline double fma(double a, double b, double c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}
inline Pack fma(const Pack& a, const Pack& b, const Pack& c) {
#if defined(__AVX512F__)
  return Pack(Pack::Doubles(_mm512_fmadd_pd(a.doubles(), b.doubles(), c.doubles())));
#elif defined(__FMA__)
  return Pack(Pack::Doubles(_mm256_fmadd_pd(a.doubles(), b.doubles(), c.doubles())));
#else
  Pack::Doubles out{};
  for (int lane = 0; lane < Pack::lanes; ++lane) out[lane] = fma(a[lane], b[lane], c[lane]);
  return Pack(out);
#endif
}

inline Pack select(Pack::Mask condition, const Pack& a, const Pack& b) {
  return Pack(condition.bits ? a.doubles() : b.doubles());
}

}  // namespace autograd::num
