// For an operation of your own: a struct in one of the four shapes, called like a built-in one.
//
//   struct Swish : autograd::Elementwise<1> {                       // x·σ(x)
//     static constexpr autograd::RuleInfo info{"swish", "x sigmoid(x)"};
//     template <class V> static V value(const V& x) {
//       return x * autograd::num::sigmoid(x);
//     }
//     template <class V> static V slope(const V& x, const V& y) {
//       return y + autograd::num::sigmoid(x) * (1.0 - y);
//     }
//   };
//   Tensor y = autograd::apply<Swish>(x);
//   autograd::formula_of<Swish>().text();         // x · σ(x)
//   autograd::slope_formula_of<Swish>().text();   // y + σ(x) · (1 − y)
//   autograd::check_rule(autograd::rule_of<Swish>).passed;   // autograd/verify/rule_check.h
//
// A rule with whole-number attributes (an axis, extents) takes them last: apply<Shares>(x, {0}).
// Array, recorded, dual, complex and formula readings, anomaly detection and the gradient check
// follow; nothing of ours is touched. Shapes: rules/elementwise.h, rules/linear.h,
// rules/bilinear.h, rules/fused.h. Vocabulary: readings/vocabulary.h.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "autograd/explain/rule_formula.h"
#include "autograd/operations.h"
#include "autograd/rules/bilinear.h"
#include "autograd/rules/elementwise.h"
#include "autograd/rules/fused.h"
#include "autograd/rules/linear.h"

namespace autograd {

template <class R>
Tensor apply(const Operand& x) {
  return apply(rule_of<R>, {x});
}
template <class R>
Tensor apply(const Operand& x, const Operand& y) {
  return apply(rule_of<R>, {x, y});
}
template <class R>
Tensor apply(const Operand& x, const Operand& y, const Operand& z) {
  return apply(rule_of<R>, {x, y, z});
}

// With the rule's attributes, such as the axis of a fused rule: apply<Shares>(x, {0}).
template <class R>
Tensor apply(const Operand& x, std::initializer_list<Index> attributes) {
  return apply(rule_of<R>, {x}, std::span(attributes.begin(), attributes.size()));
}
template <class R>
Tensor apply(const Operand& x, const Operand& y, std::initializer_list<Index> attributes) {
  return apply(rule_of<R>, {x, y}, std::span(attributes.begin(), attributes.size()));
}

// What the rule computes, over operands x, y, z or the names given.
template <class R>
Formula formula_of(const std::vector<std::string>& names = {}) {
  return formula_of(rule_of<R>, names);
}
// Its slope by an operand, counted from 0; what an adjoint receives where it is not elementwise.
template <class R>
Formula slope_formula_of(std::size_t operand = 0, const std::vector<std::string>& names = {},
                         const std::string& result = "") {
  return slope_formula_of(rule_of<R>, operand, names, result);
}

}  // namespace autograd
