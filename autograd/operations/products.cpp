#include "autograd/rules/products.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {

Tensor matmul(const Operand& a, const Operand& b) {
  return operations::record(rule_of<rules::MatMul>, a, b);
}

Tensor gated_matmul(const Operand& a, const Operand& b) {
  return operations::record(rule_of<rules::GatedMatMul>, a, b);
}

std::span<const Rule* const> operations::product_rules() {
  static constexpr std::array<const Rule*, 2> family{&rule_of<rules::MatMul>,
                                                     &rule_of<rules::GatedMatMul>};
  return family;
}

}  // namespace autograd
