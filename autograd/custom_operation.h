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
//
// Array, complex and formula readings, anomaly detection and the gradient check follow; nothing of
// ours is touched. Shapes: rules/elementwise.h, rules/linear.h, rules/bilinear.h, rules/fused.h.
// Vocabulary: readings/vocabulary.h.
#pragma once

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

}  // namespace autograd
