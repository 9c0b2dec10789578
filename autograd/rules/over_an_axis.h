// Rules along an axis: softmax and its relatives, maxima, cross-entropy over classes.
//
// Ties: the whole adjoint goes to the lowest index among equals. NaN in, NaN out.
#pragma once

#include "autograd/rules/fused.h"

namespace autograd::rules {

// y = max x      x̄ = ḡ at the lowest index that holds the maximum, 0 elsewhere
struct Max : Fused<1> {
  static constexpr RuleInfo info{"max", "largest element along an axis", "amax"};
  static constexpr bool reduces = true;
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::max(x);
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& x, const V& /*y*/, const V& upstream) {
    return num::gated(num::first_maximum(x), upstream);
  }
};

// y = min x = −max(−x)      x̄ = ḡ at the lowest index that holds the minimum, 0 elsewhere
struct Min : Fused<1> {
  static constexpr RuleInfo info{"min", "smallest element along an axis", "amin"};
  static constexpr bool reduces = true;
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return -num::max(-x);
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& x, const V& /*y*/, const V& upstream) {
    return num::gated(num::first_maximum(-x), upstream);
  }
};

// y = max over each k neighbours of the last axis: k affine pieces w_jᵀx + b_j beside each other
// make one unit. Only the winning piece receives the adjoint. Attribute 0 is k.
struct Maxout : Max {
  static constexpr RuleInfo info{"maxout", "largest of each k neighbours on the last axis"};
  static fused::Fibres fibres(const Geometry& geometry) {
    const Index pieces = geometry.attributes[0];
    return {geometry.operand(0).size() / pieces, pieces, 1};
  }
  static std::optional<Formula> axes(const Geometry& geometry) {
    return Formula::symbol("units of " + std::to_string(geometry.attributes[0]));
  }
  // The pieces of a unit have an axis of their own.
  static std::vector<Index> seen(const Geometry& geometry, bool is_result) {
    const Index pieces = is_result ? 1 : geometry.attributes[0];
    const Shape& shape = is_result ? *geometry.result : geometry.operand(0);
    std::vector<Index> extents(shape.extents().begin(), shape.extents().end());
    extents.back() /= pieces;
    extents.push_back(pieces);
    return extents;
  }
  static Shape reduced(const Geometry& geometry) {
    const Shape& x = geometry.operand(0);
    const Index pieces = geometry.attributes.empty() ? 0 : geometry.attributes[0];
    if (x.rank() == 0 || pieces < 1 || x[x.rank() - 1] % pieces != 0) {
      throw ShapeMismatch{
          "the last axis does not divide into units of " + std::to_string(pieces) + " pieces",
          "Give units × pieces columns, the pieces of a unit beside each other."};
    }
    return x.with_extent(x.rank() - 1, x[x.rank() - 1] / pieces);
  }
  static std::vector<Example> examples() { return {{{{3, 6}}, {2}}, {{{12}}, {3}}}; }
};

// y = 1 at the lowest index that holds the maximum, 0 elsewhere. It carries no gradient.
struct FirstMaximum : Fused<1> {
  static constexpr RuleInfo info{"first_maximum", "1 at the first largest element, else 0"};
  static constexpr std::array<bool, max_operands> differentiable{};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::first_maximum(x);
  }
};

// m = max x, or 0 where that is infinite: what exponents are shifted by. What is computed with it
// does not depend on it, so it carries no gradient.
struct ExponentShift : Fused<1> {
  static constexpr RuleInfo info{"exponent_shift", "largest element, or 0 where it is infinite"};
  static constexpr std::array<bool, max_operands> differentiable{};
  static constexpr bool reduces = true;
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::exponent_shift(x);
  }
};

// y[i] = Σ of x[j] over j ≠ i      x̄[i] = Σ of ḡ[j] over j ≠ i: its own adjoint
struct SumOfOthers : Fused<1> {
  static constexpr RuleInfo info{"sum_of_others", "sum of all other elements along an axis"};
  template <class V>
  static V value(const V& x) {
    return num::sum_of_others(x);
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& /*x*/, const V& /*y*/, const V& upstream) {
    return num::sum_of_others(upstream);
  }
};

// A row of only −∞ has no largest element to measure the others by.
template <std::size_t operand_count>
struct NeedsALargestElement : Fused<operand_count> {
  static constexpr bool branches_are_smooth = true;  // what is measured from cancels out
  template <class V>
  static std::string_view refuse(const V& x) {
    return num::real_part(num::max(x)[0]) == -std::numeric_limits<double>::infinity()
               ? "every element along the axis is −∞"
               : "";
  }
};

// s = e^(x − m) / Σ e^(x − m), m = max x      x̄ = s ⊙ (ḡ − Σ ḡ⊙s). The shift has no gradient.
struct Softmax : NeedsALargestElement<1> {
  static constexpr RuleInfo info{"softmax", "exp(x) as shares of their sum along an axis",
                                 "Softmax"};
  template <class V>
  static V value(const V& x) {
    const V e = num::exp(x - num::exponent_shift(x));
    return e / num::sum(e);
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& /*x*/, const V& s, const V& upstream) {
    if constexpr (prints_formula<V>) {
      return s * (upstream - num::sum(s * upstream));
    } else {
      // Shifted by the largest share's adjoint, which cancels because Σs = 1: the difference keeps
      // its digits where that share is close to 1.
      const V shifted = upstream - num::sum(num::gated(num::first_maximum(s), upstream));
      return num::gated(s, shifted - num::sum(num::gated(s, shifted)));
    }
  }
};

// y = ln Σ eˣ = m + ln Σ e^(x − m), m = max x      x̄ = ḡ·softmax(x)
struct LogSumExp : Fused<1> {
  static constexpr RuleInfo info{"log_sum_exp", "ln of the sum of exp(x) along an axis",
                                 "logsumexp"};
  static constexpr bool reduces = true;
  static constexpr bool branches_are_smooth = true;  // as above
  template <class V>
  static V value(const V& x) {
    const V shift = num::exponent_shift(x);
    return shift + num::log(num::sum(num::exp(x - shift)));
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& x, const V& /*y*/, const V& upstream) {
    return num::gated(upstream, Softmax::value(x));
  }
};

// y = x − m − ln Σ e^(x − m), m = max x      x̄ = ḡ − s·Σ ḡ, s = softmax(x)
struct LogSoftmax : NeedsALargestElement<1> {
  static constexpr RuleInfo info{"log_softmax", "logarithm of softmax along an axis", "LogSoftmax"};
  template <class V>
  static V value(const V& x) {
    const V shifted = x - num::exponent_shift(x);
    return shifted - num::log(num::sum(num::exp(shifted)));
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& x, const V& /*y*/, const V& upstream) {
    return cross_difference(upstream, Softmax::value(x));
  }
  // g·Σs − s·Σg, for shares s with Σs = 1, without the term g[i]·s[i] that is in both parts: 1 − s
  // rounds to 0 long before the sum of the other shares does.
  template <class V>
  static V cross_difference(const V& g, const V& s) {
    if constexpr (prints_formula<V>) {
      return g - s * num::sum(g);
    } else {
      return num::gated(g, num::sum_of_others(s)) - num::gated(s, num::sum_of_others(g));
    }
  }
};

// L(z, y) = −Σ y⊙log_softmax(z)      z̄ = ḡ·(softmax(z)·Σy − y)      ȳ = −ḡ·log_softmax(z)
// For labels y that sum to 1, one-hot ones among them, dz = s − y.
struct CrossEntropyWithLogits : NeedsALargestElement<2> {
  static constexpr RuleInfo info{"cross_entropy_with_logits",
                                 "-sum of y log_softmax(z) along an axis", "CrossEntropyLoss"};
  static constexpr bool reduces = true;
  template <class V>
  static V value(const V& z, const V& y) {
    return -num::sum(num::gated(y, LogSoftmax::value(z)));
  }
  template <class V>
  static V pullback(Wrt<0> /*z*/, const V& z, const V& y, const V& /*loss*/, const V& upstream) {
    if constexpr (prints_formula<V>) {
      return upstream * (Softmax::value(z) * num::sum(y) - y);
    } else {
      return num::gated(upstream, -LogSoftmax::cross_difference(y, Softmax::value(z)));
    }
  }
  template <class V>
  static V pullback(Wrt<1> /*y*/, const V& z, const V& /*y*/, const V& /*loss*/,
                    const V& upstream) {
    return num::gated(upstream, -LogSoftmax::value(z));
  }
};

}  // namespace autograd::rules
