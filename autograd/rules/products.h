// Products of matrices.
#pragma once

#include "autograd/rules/bilinear.h"

namespace autograd::rules {

// C = A·B      Ā = Ḡ·Bᵀ      B̄ = Aᵀ·Ḡ
struct MatMul : Bilinear {
  static constexpr RuleInfo info{"matmul", "matrix product; batches broadcast", "matmul"};
  using BareProduct = MatMul;
  template <class A, class B>
  static auto value(const A& a, const B& b) {
    return num::matmul(a, b);
  }
  template <class A, class B, class G>
  static auto adjoint(Wrt<0> /*a*/, const A& /*a*/, const B& b, const G& upstream) {
    return num::matmul(upstream, num::transpose(b));
  }
  template <class A, class B, class G>
  static auto adjoint(Wrt<1> /*b*/, const A& a, const B& /*b*/, const G& upstream) {
    return num::matmul(num::transpose(a), upstream);
  }
};

// C = A·B with 0·∞ = 0: what a product's adjoint is recorded as, so that a zero adjoint contributes
// 0.
struct GatedMatMul : MatMul {
  static constexpr RuleInfo info{"gated_matmul", "matrix product in which 0 times infinity is 0"};
  using BareProduct = GatedMatMul;
  static constexpr bool gates = true;
};

}  // namespace autograd::rules
