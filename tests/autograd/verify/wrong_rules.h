// Rules that are wrong on purpose, as people have written them: every check must fail them.
#pragma once

#include "autograd/custom_operation.h"
#include "autograd/rules/activations.h"

namespace autograd::testing {

// The documented texts compute with 0.001 and differentiate with 0.01.
struct LeakyReluOfTwoMinds : Elementwise<1> {
  static constexpr RuleInfo info{
      "leaky_relu_of_two_minds", "max(0.001x, x) beside 0.01", "", {}, rules::kink_at_zero};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::select(x > 0.0, x, 0.001 * x);
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(x > 0.0, V(1.0), V(0.01));
  }
};

struct SigmoidThatSaturates : Elementwise<1> {
  static constexpr RuleInfo info{"sigmoid_that_saturates", "sigmoid with slope 0 beyond 12"};
  template <class V>
  static V value(const V& x) {
    return num::sigmoid(x);
  }
  template <class V>
  static V slope(const V& x, const V& a) {
    return num::select(num::abs(x) > 12.0, V(0.0), a * num::sigmoid(-x));
  }
};

struct TanhThatSaturates : Elementwise<1> {
  static constexpr RuleInfo info{"tanh_that_saturates", "tanh with slope 0 beyond 7"};
  template <class V>
  static V value(const V& x) {
    return num::tanh(x);
  }
  template <class V>
  static V slope(const V& x, const V& t) {
    return num::select(num::abs(x) > 7.0, V(0.0), 1.0 - t * t);
  }
};

}  // namespace autograd::testing
