// exp, log, log1p, expm1, tanh, sigmoid and softplus for double and for Pack, from one source.
//
// Each is branch-free, right to 2 ulp (tests/autograd/readings/kernels_test.cpp measures it), and
// keeps the special values: NaN in, NaN out; infinities, zeros and subnormal results as they should
// be. They are always inlined: a call for each pack would load the constants anew and keep value
// and slope from sharing an exponential. Coefficients are those of Taylor's series, taken far
// enough for the reduced interval.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "autograd/readings/pack.h"

namespace autograd::kernels {

// ---- the bits of a number, alike for double and Pack

// Unsigned, so that no sum of bits is an overflow.
using PackBits [[gnu::vector_size(sizeof(Pack::Integers))]] = std::uint64_t;

inline std::uint64_t bits_of(double x) { return std::bit_cast<std::uint64_t>(x); }
inline double from_bits(std::uint64_t bits) { return std::bit_cast<double>(bits); }
inline PackBits bits_of(const Pack& x) { return std::bit_cast<PackBits>(x.doubles()); }
inline Pack from_bits(PackBits bits) { return Pack(std::bit_cast<Pack::Doubles>(bits)); }

inline double choose(bool condition, double a, double b) { return condition ? a : b; }
inline Pack choose(Pack::Mask condition, const Pack& a, const Pack& b) {
  return num::select(condition, a, b);
}

template <class F>
[[gnu::always_inline]] inline F magnitude(const F& x) {
  return from_bits(bits_of(x) & 0x7FFFFFFFFFFFFFFFU);
}

// c[0] + c[1] x + c[2] x² + …, pairs of terms first (Estrin): the parts do not wait for each other.
template <class F, class C, std::size_t n>
[[gnu::always_inline]] inline F polynomial(const F& x, const std::array<C, n>& c) {
  if constexpr (n == 1) {
    return F(c[0]);
  } else {
    std::array<F, (n + 1) / 2> pairs{};
    for (std::size_t i = 0; i < n / 2; ++i) pairs[i] = num::fma(F(c[2 * i + 1]), x, F(c[2 * i]));
    if constexpr (n % 2 == 1) pairs[n / 2] = F(c[n - 1]);
    return polynomial(x * x, pairs);
  }
}

// ---- constants

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double log2_of_e = 0x1.71547652b82fep+0;
// ln 2 in two parts; the first has 33 bits, so that its product with an exponent is exact.
inline constexpr double ln2_high = 0x1.62e42feep-1;
inline constexpr double ln2_low = 0x1.a39ef35793c76p-33;
// Adding it rounds to a whole number and leaves that in the low bits.
inline constexpr double rounder = 0x1.8p52;

// ---- e^x

// x = n·ln 2 + r + c with |r| ≤ ½ ln 2; c is what rounding took from r.
template <class F>
struct Reduced {
  F n;  // a whole number
  F r;
  F c;
};
template <class F>
[[gnu::always_inline]] inline Reduced<F> reduce(const F& x) {
  const F n = num::fma(x, F(log2_of_e), F(rounder)) - rounder;
  const F high = num::fma(-n, F(ln2_high), x);
  const F low = n * ln2_low;
  const F r = high - low;
  return {n, r, (high - r) - low};
}

// 2^n for whole n from −1022 to 1023.
template <class F>
[[gnu::always_inline]] inline F power_of_two(const F& n) {
  return from_bits((bits_of(n + rounder) + 1023U) << 52U);
}

// x·2^n for whole n, rounded once: 2^n in two factors, of which the first loses nothing.
template <class F>
[[gnu::always_inline]] inline F scaled(const F& x, const F& n) {
  const F half = num::fma(n, F(0.5), F(rounder)) - rounder;
  return x * power_of_two(half) * power_of_two(n - half);
}
#if defined(__AVX512F__)
inline Pack scaled(const Pack& x, const Pack& n) {
  return Pack(Pack::Doubles(_mm512_scalef_pd(x.doubles(), n.doubles())));
}
#endif

// (e^r − 1 − r)/r² for |r| ≤ ½ ln 2: Taylor to r^11/13!, the next term is below 2^-57.
template <class F>
[[gnu::always_inline]] inline F exp_tail(const F& r) {
  return polynomial(r, std::array{1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040,
                                  1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800,
                                  1.0 / 479001600, 1.0 / 6227020800});
}

// e^x. Clamped where the result is 0 or ∞ anyway.
template <class F>
[[gnu::always_inline]] inline F exp(const F& x) {
  const F high = choose(x > F(710.0), F(710.0), x);
  const F clamped = choose(high < F(-746.0), F(-746.0), high);
  const auto [n, r, c] = reduce(clamped);
  return scaled((num::fma(r * r, exp_tail(r), c) + r) + 1.0, n);
}

// e^x − 1 = 2((t − ½) + t·(e^r − 1)) with t = 2^(n−1).
template <class F>
[[gnu::always_inline]] inline F expm1(const F& x) {
  const F high = choose(x > F(710.0), F(710.0), x);
  const F clamped = choose(high < F(-60.0), F(-60.0), high);
  const auto [n, r, c] = reduce(clamped);
  const F tail = num::fma(r * r, exp_tail(r), c);
  const F e = r + tail;  // e^r − 1
  const F e_lost = (r - e) + tail;
  const F t = power_of_two(n - 1.0);
  const F whole = t - 0.5;
  const F sum = num::fma(t, e, whole);
  const F sum_lost = num::fma(t, e, whole - sum) + t * e_lost;
  const F result = 2.0 * sum + 2.0 * sum_lost;
  // For n = 0 the result is e itself, so that tiny x come out as they are; ∞ has lost nothing.
  const F large = choose(2.0 * sum == F(infinity), F(infinity), result);
  return choose(n == F(0.0), e + e_lost, large);
}

// ---- ln x

// ln(u + u·c) for positive u and a tiny correction c: u = 2^k·(1 + f) with 1 + f in [√½, √2),
// ln(1 + f) = 2 artanh s, s = f/(2 + f), |s| < 0.172; the series to s^22/23, the next term below
// 2^-60.
template <class F>
[[gnu::always_inline]] inline F log_of_normal(const F& u, const F& c, const F& exponent_offset) {
  constexpr std::uint64_t sqrt_half = 0x3FE6A09E667F3BCD;
  constexpr std::uint64_t bias = std::uint64_t{1024} << 52U;
  const auto shifted = (bits_of(u) - sqrt_half + bias) >> 52U;
  const F f = from_bits(bits_of(u) - ((shifted << 52U) - bias)) - 1.0;
  const F k = (from_bits(shifted | 0x4330000000000000U) - (0x1p52 + 1024.0)) + exponent_offset;
  const F s = f / (2.0 + f);
  const F z = s * s;
  const F series = polynomial(z, std::array{2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13,
                                            2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23});
  const F half_square = 0.5 * f * f;
  const F small = num::fma(s, num::fma(series, z, half_square), num::fma(k, F(ln2_low), c));
  return num::fma(k, F(ln2_high), f - (half_square - small));
}

// Subnormal x are brought up by 2^54 first.
template <class F>
[[gnu::always_inline]] inline F log(const F& x) {
  const auto subnormal = x < F(0x1p-1022);
  const F scaled = choose(subnormal, x * 0x1p54, x);
  const F result = log_of_normal(scaled, F(0.0), choose(subnormal, F(-54.0), F(0.0)));
  const F finite = choose(x == F(infinity), F(infinity), result);
  const F defined = choose(x == F(0.0), F(-infinity), finite);
  return choose(x >= F(0.0), defined, F(std::numeric_limits<double>::quiet_NaN()));
}

// ln(1 + x) = ln u + (1 + x − u)/u, u the rounded 1 + x: what rounding took is put back.
template <class F>
[[gnu::always_inline]] inline F log1p(const F& x) {
  const F u = 1.0 + x;
  const F back = u - 1.0;
  const F lost = (1.0 - (u - back)) + (x - back);
  const F result = log_of_normal(u, lost / u, F(0.0));
  const F finite = choose(x == F(infinity), F(infinity), result);
  const F defined = choose(x == F(-1.0), F(-infinity), finite);
  // ln(1 + x) is x itself for tiny x, subnormal ones among them.
  const F tiny = choose(magnitude(x) < F(0x1p-54), x, defined);
  return choose(x >= F(-1.0), tiny, F(std::numeric_limits<double>::quiet_NaN()));
}

// ---- what is made of them

// A value and its slope, from the same exponential.
template <class F>
struct ValueAndSlope {
  F value;
  F slope;
};

// tanh|x| = −t/(2 + t) with t = e^(−2|x|) − 1 = (2ⁿ − 1) + 2ⁿ·(e^r − 1). What rounding took from t
// and from 2 + t is put back, with 1/(2 + t) = (1 + tanh)/2. `scale` is 2ⁿ, or anything as tiny.
template <class F>
[[gnu::always_inline]] inline F tanh_from(const F& x, const F& e, const F& e_lost, const F& scale) {
  const F whole = scale - 1.0;
  const F t = num::fma(scale, e, whole);
  const F t_lost = num::fma(scale, e, whole - t) + scale * e_lost;
  const F d = 2.0 + t;
  const F d_lost = (t - (d - 2.0)) + t_lost;
  const F q = -t / d;
  const F positive = num::fma(-num::fma(q, d_lost, t_lost), num::fma(F(0.5), q, F(0.5)), q);
  return from_bits(bits_of(positive) | (bits_of(x) & 0x8000000000000000U));
}

// n ≤ 0, so that 2ⁿ never overflows; from |x| = 30 on the result is 1.
template <class F>
[[gnu::always_inline]] inline F tanh(const F& x) {
  const F size = magnitude(x);
  const auto [n, r, c] = reduce(-2.0 * choose(size > F(30.0), F(30.0), size));
  const F tail = num::fma(r * r, exp_tail(r), c);
  const F e = r + tail;
  return tanh_from(x, e, (r - e) + tail, power_of_two(n));
}

// The slope is 4q/(1 + q)² with q = e^(−2|x|), which has digits where 1 − tanh² has none left: q is
// 0 from |x| = 373 on.
template <class F>
[[gnu::always_inline]] inline ValueAndSlope<F> tanh_and_slope(const F& x) {
  const F size = magnitude(x);
  const auto [n, r, c] = reduce(-2.0 * choose(size > F(373.0), F(373.0), size));
  const F tail = num::fma(r * r, exp_tail(r), c);
  const F e = r + tail;
  const F scale = power_of_two(choose(n > F(-1000.0), n, F(-1000.0)));
  const F q = scaled(e + 1.0, n);
  return {tanh_from(x, e, (r - e) + tail, scale), 4.0 * q / ((1.0 + q) * (1.0 + q))};
}

// 1/(1 + e⁻ˣ), from e = e^(−|x|), which never overflows. What rounding took from 1 + e is put back,
// with 1/(1 + e) = σ(|x|).
template <class F>
[[gnu::always_inline]] inline F sigmoid(const F& x) {
  const F e = kernels::exp(-magnitude(x));
  const F d = 1.0 + e;
  const F lost = e - (d - 1.0);
  const auto right = x >= F(0.0);
  const F q = choose(right, F(1.0), e) / d;
  return num::fma(-(q * lost), choose(right, q, 1.0 - q), q);
}

// The slope is σ(x)·σ(−x).
template <class F>
[[gnu::always_inline]] inline ValueAndSlope<F> sigmoid_and_slope(const F& x) {
  const F e = kernels::exp(-magnitude(x));
  const F d = 1.0 + e;
  const F lost = e - (d - 1.0);
  const F a = 1.0 / d;
  const F b = e / d;
  const F larger = num::fma(-(a * lost), a, a);
  const F smaller = num::fma(-(b * lost), 1.0 - b, b);
  return {choose(x >= F(0.0), larger, smaller), larger * smaller};
}

// ln(1 + eˣ) = max(x, 0) + log1p(e^(−|x|)).
template <class F>
[[gnu::always_inline]] inline F softplus(const F& x) {
  return choose(x > F(0.0), x, F(0.0)) + kernels::log1p(kernels::exp(-magnitude(x)));
}

}  // namespace autograd::kernels
