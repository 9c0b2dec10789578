// The array reading of rules along an axis: a fibre is the run of elements one softmax, one maximum
// or one cross-entropy is taken over.
//
// Fibre<double> computes, Fibre<Complex> takes the complex step, Fibre<Dual> carries tangents, and
// Fibre<Branches> remembers which way maxima went. Reductions give a fibre of one element, and a
// fibre of one element combines with any other, so that a rule reads like its formula:
// exp(x − max(x)) / sum(exp(x − max(x))).
// Rule for callers: a Fibre points into a Scratch and is dead once that is rewound.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/arena.h"
#include "autograd/readings/branches.h"
#include "autograd/readings/complex.h"
#include "autograd/readings/dual.h"
#include "autograd/readings/vocabulary.h"
#include "autograd/shape.h"

namespace autograd {

template <class S>
using Scratch = Arena<S>;

template <class S>
class Fibre {
 public:
  Fibre(const S* data, Index size, Scratch<S>& scratch)
      : data_(data), size_(size), scratch_(&scratch) {}

  [[nodiscard]] Index size() const { return size_; }
  // Element i; a fibre of one element repeats it.
  [[nodiscard]] const S& operator[](Index i) const { return data_[size_ == 1 ? 0 : i]; }

  // f(a[i]) for every element.
  template <class F>
  friend Fibre map(const Fibre& a, F f) {
    S* out = a.scratch_->allocate(static_cast<std::size_t>(a.size_));
    for (Index i = 0; i < a.size_; ++i) out[i] = f(a.data_[i]);
    return {out, a.size_, *a.scratch_};
  }
  // f(a[i], b[i]) for every element of the longer one.
  template <class F>
  friend Fibre map(const Fibre& a, const Fibre& b, F f) {
    const Index size = std::max(a.size_, b.size_);
    S* out = a.scratch_->allocate(static_cast<std::size_t>(size));
    const Index step_a = a.size_ == 1 ? 0 : 1;
    const Index step_b = b.size_ == 1 ? 0 : 1;
    for (Index i = 0; i < size; ++i) out[i] = f(a.data_[i * step_a], b.data_[i * step_b]);
    return {out, size, *a.scratch_};
  }
  // f(f(start, a[0]), a[1]) … as a fibre of one element.
  template <class F>
  friend Fibre fold(const Fibre& a, S start, F f) {
    S* out = a.scratch_->allocate(1);
    *out = start;
    for (Index i = 0; i < a.size_; ++i) *out = f(*out, a.data_[i]);
    return {out, 1, *a.scratch_};
  }

  // left[i] + Σ of a[j] over j > i.
  friend Fibre add_from_the_right(const Fibre& left, const Fibre& a) {
    S* out = a.scratch_->allocate(static_cast<std::size_t>(a.size_));
    S after(0.0);
    for (Index i = a.size_; i-- > 0;) {
      out[i] = left.data_[i] + after;
      after = after + a.data_[i];
    }
    return {out, a.size_, *a.scratch_};
  }

  friend Fibre operator-(const Fibre& a) {
    return map(a, [](const S& x) { return -x; });
  }
  friend Fibre operator+(const Fibre& a, const Fibre& b) {
    return map(a, b, [](const S& x, const S& y) { return x + y; });
  }
  friend Fibre operator-(const Fibre& a, const Fibre& b) {
    return map(a, b, [](const S& x, const S& y) { return x - y; });
  }
  friend Fibre operator*(const Fibre& a, const Fibre& b) {
    return map(a, b, [](const S& x, const S& y) { return x * y; });
  }
  friend Fibre operator/(const Fibre& a, const Fibre& b) {
    return map(a, b, [](const S& x, const S& y) { return x / y; });
  }

 private:
  const S* data_;
  Index size_;
  Scratch<S>* scratch_;
};

}  // namespace autograd

namespace autograd::num {

inline double real_part(double x) { return x; }
inline double real_part(const Complex& x) { return x.real(); }
inline double real_part(const Dual& x) { return x.value; }
inline double real_part(const Branches& x) { return x.value; }

template <class S>
Fibre<S> exp(const Fibre<S>& a) {
  return map(a, [](const S& x) { return num::exp(x); });
}
template <class S>
Fibre<S> log(const Fibre<S>& a) {
  return map(a, [](const S& x) { return num::log(x); });
}
template <class S>
Fibre<S> gated(const Fibre<S>& a, const Fibre<S>& b) {
  return map(a, b, [](const S& y, const S& v) { return num::gated(y, v); });
}
template <class S>
Fibre<S> gated_by_both(const Fibre<S>& a, const Fibre<S>& b) {
  return map(a, b, [](const S& y, const S& v) { return num::gated_by_both(y, v); });
}
template <class S>
Fibre<S> sum(const Fibre<S>& a) {
  return fold(a, S(0.0), [](const S& total, const S& x) { return total + x; });
}
// For every element the sum of all others, added up from both ends: Σx − x[i] would lose all digits
// where x[i] outweighs the rest.
template <class S>
Fibre<S> sum_of_others(const Fibre<S>& a) {
  S before(0.0);
  const Fibre<S> left = map(a, [&before](const S& x) {
    const S sum = before;
    before = before + x;
    return sum;
  });
  return add_from_the_right(left, a);
}
// The largest element, the first of equals; NaN where there is one, in the tangent too.
template <class S>
Fibre<S> max(const Fibre<S>& a) {
  return fold(a, num::guard_nan(a[0], a[0]), [](const S& best, const S& x) {
    const bool takes = (x > best || std::isnan(real_part(x))) && !std::isnan(real_part(best));
    return takes ? num::guard_nan(x, x) : best;
  });
}
// The maximum, or 0 where it is infinite: what exponents are shifted by. ∞ − ∞ is not a shift.
template <class S>
Fibre<S> exponent_shift(const Fibre<S>& a) {
  return map(max(a), [](const S& m) { return std::isinf(real_part(m)) ? S(0.0) : m; });
}
// 1 at the lowest index that holds the maximum and 0 elsewhere; NaN throughout where there is one.
template <class S>
Fibre<S> first_maximum(const Fibre<S>& a) {
  const S best = max(a)[0];
  bool found = false;
  return map(a, [best, found](const S& x) mutable {
    if (std::isnan(real_part(best))) return best;
    const bool here = !found && x == best;
    found = found || here;
    return S(here ? 1.0 : 0.0);
  });
}

// The way a maximum went is the index it was found at.
template <>
inline Fibre<Branches> max(const Fibre<Branches>& a) {
  Index found = 0;
  std::uint64_t before = a[0].taken;
  for (Index i = 1; i < a.size(); ++i) {
    before = Branches::joined(before, a[i].taken);
    const bool takes = a[i].value > a[found].value || std::isnan(a[i].value);
    if (takes && !std::isnan(a[found].value)) found = i;
  }
  const Branches best(a[found].value, Branches::decided(before, static_cast<std::uint64_t>(found)));
  return fold(a, best, [](const Branches& kept, const Branches&) { return kept; });
}

template <>
inline Fibre<Branches> first_maximum(const Fibre<Branches>& a) {
  const Branches best = max(a)[0];
  bool found = false;
  return map(a, [best, found](const Branches& x) mutable {
    const bool here = !found && x.value == best.value;
    found = found || here;
    return Branches(std::isnan(best.value) ? best.value : (here ? 1.0 : 0.0), best.taken);
  });
}

}  // namespace autograd::num
