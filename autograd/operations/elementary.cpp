#include "autograd/rules/elementary.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {

using operations::record;

Tensor exp(const Operand& x) { return record(rule_of<rules::Exp>, x); }
Tensor log(const Operand& x) { return record(rule_of<rules::Log>, x); }
Tensor log1p(const Operand& x) { return record(rule_of<rules::Log1p>, x); }
Tensor expm1(const Operand& x) { return record(rule_of<rules::Expm1>, x); }
Tensor sqrt(const Operand& x) { return record(rule_of<rules::Sqrt>, x); }
Tensor square(const Operand& x) { return record(rule_of<rules::Square>, x); }
Tensor abs(const Operand& x) { return record(rule_of<rules::Abs>, x); }

std::span<const Rule* const> operations::elementary_rules() {
  static constexpr std::array<const Rule*, 7> family{
      &rule_of<rules::Exp>,   &rule_of<rules::Log>,  &rule_of<rules::Log1p>,
      &rule_of<rules::Expm1>, &rule_of<rules::Sqrt>, &rule_of<rules::Square>,
      &rule_of<rules::Abs>};
  return family;
}

}  // namespace autograd
