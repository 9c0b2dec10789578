#include "autograd/rules/arithmetic.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {

using operations::record;

Tensor operator+(const Operand& x, const Operand& y) { return record(rule_of<rules::Add>, x, y); }
Tensor operator-(const Operand& x, const Operand& y) {
  return record(rule_of<rules::Subtract>, x, y);
}
Tensor operator*(const Operand& x, const Operand& y) {
  return record(rule_of<rules::Multiply>, x, y);
}
Tensor operator/(const Operand& x, const Operand& y) {
  return record(rule_of<rules::Divide>, x, y);
}
Tensor operator-(const Operand& x) { return record(rule_of<rules::Negate>, x); }
Tensor power(const Operand& x, const Operand& p) { return record(rule_of<rules::Power>, x, p); }
Tensor minimum(const Operand& x, const Operand& y) { return record(rule_of<rules::Minimum>, x, y); }
Tensor maximum(const Operand& x, const Operand& y) { return record(rule_of<rules::Maximum>, x, y); }
Tensor less(const Operand& x, const Operand& y) { return record(rule_of<rules::Less>, x, y); }
Tensor less_equal(const Operand& x, const Operand& y) {
  return record(rule_of<rules::LessEqual>, x, y);
}
Tensor greater(const Operand& x, const Operand& y) { return record(rule_of<rules::Greater>, x, y); }
Tensor greater_equal(const Operand& x, const Operand& y) {
  return record(rule_of<rules::GreaterEqual>, x, y);
}
Tensor equal(const Operand& x, const Operand& y) { return record(rule_of<rules::Equal>, x, y); }
Tensor not_equal(const Operand& x, const Operand& y) {
  return record(rule_of<rules::NotEqual>, x, y);
}
Tensor where(const Operand& condition, const Operand& x, const Operand& y) {
  return apply(rule_of<rules::Where>, {condition, x, y});
}

Tensor guard_nan(const Operand& x, const Operand& v) {
  return record(rule_of<rules::GuardNan>, x, v);
}
Tensor gated_multiply(const Operand& x, const Operand& y) {
  return record(rule_of<rules::GatedMultiply>, x, y);
}
Tensor gated_by_both(const Operand& x, const Operand& y) {
  return record(rule_of<rules::GatedByBoth>, x, y);
}

std::span<const Rule* const> operations::arithmetic_rules() {
  static constexpr std::array<const Rule*, 18> family{
      &rule_of<rules::Add>,       &rule_of<rules::Subtract>,      &rule_of<rules::Multiply>,
      &rule_of<rules::Divide>,    &rule_of<rules::Negate>,        &rule_of<rules::Power>,
      &rule_of<rules::Minimum>,   &rule_of<rules::Maximum>,       &rule_of<rules::Less>,
      &rule_of<rules::LessEqual>, &rule_of<rules::Greater>,       &rule_of<rules::GreaterEqual>,
      &rule_of<rules::Equal>,     &rule_of<rules::NotEqual>,      &rule_of<rules::Where>,
      &rule_of<rules::GuardNan>,  &rule_of<rules::GatedMultiply>, &rule_of<rules::GatedByBoth>};
  return family;
}

}  // namespace autograd
