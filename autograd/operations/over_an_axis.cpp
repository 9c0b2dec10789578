#include "autograd/rules/over_an_axis.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {
namespace {

using operations::axis_of;
using operations::record;

std::array<Index, 2> along(const Rule& rule, const Operand& x, Index axis, bool keep_axis) {
  return {axis_of(rule, x, axis), keep_axis ? 1 : 0};
}

}  // namespace

Tensor max(const Operand& x, Index axis, bool keep_axis) {
  const Rule& rule = rule_of<rules::Max>;
  return record(rule, x, along(rule, x, axis, keep_axis));
}
Tensor min(const Operand& x, Index axis, bool keep_axis) {
  const Rule& rule = rule_of<rules::Min>;
  return record(rule, x, along(rule, x, axis, keep_axis));
}
Tensor log_sum_exp(const Operand& x, Index axis, bool keep_axis) {
  const Rule& rule = rule_of<rules::LogSumExp>;
  return record(rule, x, along(rule, x, axis, keep_axis));
}
Tensor softmax(const Operand& x, Index axis) {
  const Rule& rule = rule_of<rules::Softmax>;
  return record(rule, x, along(rule, x, axis, false));
}
Tensor log_softmax(const Operand& x, Index axis) {
  const Rule& rule = rule_of<rules::LogSoftmax>;
  return record(rule, x, along(rule, x, axis, false));
}
Tensor cross_entropy_with_logits(const Operand& logits, const Operand& labels, Index axis) {
  const Rule& rule = rule_of<rules::CrossEntropyWithLogits>;
  return record(rule, logits, labels, along(rule, logits, axis, false));
}
Tensor first_maximum(const Operand& x, Index axis) {
  const Rule& rule = rule_of<rules::FirstMaximum>;
  return record(rule, x, along(rule, x, axis, false));
}
Tensor exponent_shift(const Operand& x, Index axis, bool keep_axis) {
  const Rule& rule = rule_of<rules::ExponentShift>;
  return record(rule, x, along(rule, x, axis, keep_axis));
}
Tensor sum_of_others(const Operand& x, Index axis) {
  const Rule& rule = rule_of<rules::SumOfOthers>;
  return record(rule, x, along(rule, x, axis, false));
}
Tensor maxout(const Operand& x, Index pieces) {
  return record(rule_of<rules::Maxout>, x, std::array{pieces});
}

std::span<const Rule* const> operations::axis_rules() {
  static constexpr std::array<const Rule*, 10> family{
      &rule_of<rules::Max>,           &rule_of<rules::Min>,
      &rule_of<rules::Maxout>,        &rule_of<rules::FirstMaximum>,
      &rule_of<rules::ExponentShift>, &rule_of<rules::SumOfOthers>,
      &rule_of<rules::LogSumExp>,     &rule_of<rules::Softmax>,
      &rule_of<rules::LogSoftmax>,    &rule_of<rules::CrossEntropyWithLogits>};
  return family;
}

}  // namespace autograd
