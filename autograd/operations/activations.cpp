#include "autograd/rules/activations.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {

using operations::record;

Tensor sigmoid(const Operand& x) { return record(rule_of<rules::Sigmoid>, x); }
Tensor generalized_logistic(const Operand& x, const Operand& alpha) {
  return record(rule_of<rules::GeneralizedLogistic>, x, alpha);
}
Tensor tanh(const Operand& x) { return record(rule_of<rules::Tanh>, x); }
Tensor relu(const Operand& x) { return record(rule_of<rules::Relu>, x); }
Tensor leaky_relu(const Operand& x, const Operand& slope) {
  return record(rule_of<rules::LeakyRelu>, x, slope);
}
Tensor prelu(const Operand& x, const Operand& slope) {
  return record(rule_of<rules::Prelu>, x, slope);
}
Tensor elu(const Operand& x, const Operand& alpha) { return record(rule_of<rules::Elu>, x, alpha); }
Tensor hard_logistic(const Operand& x) { return record(rule_of<rules::HardLogistic>, x); }
Tensor hard_tanh(const Operand& x) { return record(rule_of<rules::HardTanh>, x); }
Tensor softplus(const Operand& x) { return record(rule_of<rules::Softplus>, x); }

std::span<const Rule* const> operations::activation_rules() {
  static constexpr std::array<const Rule*, 10> family{
      &rule_of<rules::Sigmoid>, &rule_of<rules::GeneralizedLogistic>, &rule_of<rules::Tanh>,
      &rule_of<rules::Relu>,    &rule_of<rules::LeakyRelu>,           &rule_of<rules::Prelu>,
      &rule_of<rules::Elu>,     &rule_of<rules::HardLogistic>,        &rule_of<rules::HardTanh>,
      &rule_of<rules::Softplus>};
  return family;
}

}  // namespace autograd
