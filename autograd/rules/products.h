// Products of matrices.
#pragma once

#include "autograd/rules/bilinear.h"

namespace autograd::rules {

// C = A·B      Ā = Ḡ·Bᵀ      B̄ = Aᵀ·Ḡ
struct MatMul : Bilinear {
  static constexpr RuleInfo info{"matmul", "matrix product; batches broadcast", "matmul"};
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

}  // namespace autograd::rules
