#include "autograd/rules/products.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {

Tensor matmul(const Operand& a, const Operand& b) {
  return operations::record(rule_of<rules::MatMul>, a, b);
}

std::span<const Rule* const> operations::product_rules() {
  static constexpr std::array<const Rule*, 1> family{&rule_of<rules::MatMul>};
  return family;
}

}  // namespace autograd
