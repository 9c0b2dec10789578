#include "autograd/rules/losses.h"

#include "autograd/operations/families.h"
#include "autograd/operations/record.h"

namespace autograd {

using operations::record;

Tensor binary_cross_entropy(const Operand& probability, const Operand& label) {
  return record(rule_of<rules::BinaryCrossEntropy>, probability, label);
}
Tensor binary_cross_entropy_with_logits(const Operand& logit, const Operand& label) {
  return record(rule_of<rules::BinaryCrossEntropyWithLogits>, logit, label);
}
Tensor squared_error(const Operand& prediction, const Operand& label) {
  return record(rule_of<rules::SquaredError>, prediction, label);
}

Tensor one_hot(Tape& tape, std::span<const Index> labels, Index classes, SourceLine where) {
  const Shape shape{static_cast<Index>(labels.size()), classes};
  std::vector<double> rows(static_cast<std::size_t>(shape.size()));
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if (labels[r] < 0 || labels[r] >= classes) {
      throw ArgumentError("one_hot: label " + std::to_string(labels[r]) + " of row " +
                          std::to_string(r) + " is not one of the classes 0 to " +
                          std::to_string(classes - 1) + " (" + to_string(where) + ").");
    }
    rows[r * static_cast<std::size_t>(classes) + static_cast<std::size_t>(labels[r])] = 1.0;
  }
  return tape.constant(Values(rows, shape), where);
}

std::span<const Rule* const> operations::loss_rules() {
  static constexpr std::array<const Rule*, 3> family{&rule_of<rules::BinaryCrossEntropy>,
                                                     &rule_of<rules::BinaryCrossEntropyWithLogits>,
                                                     &rule_of<rules::SquaredError>};
  return family;
}

}  // namespace autograd
