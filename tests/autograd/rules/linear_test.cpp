// The exact adjoint test ⟨v, L·u⟩ = ⟨Lᵀ·v, u⟩ of every linear rule of the catalogue.
#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

// Whole numbers, so that sums are exact; means divide them once.
std::vector<double> whole_values(Random& random, Index count) {
  std::vector<double> elements(static_cast<std::size_t>(count));
  for (double& e : elements) e = static_cast<double>(random_index(random, -9, 9));
  return elements;
}

std::vector<Tensor> whole_variables(Tape& tape, Random& random, const Example& example) {
  std::vector<Tensor> operands;
  for (const Shape& shape : example.operands) {
    operands.push_back(tape.variable(Values(whole_values(random, shape.size()), shape)));
  }
  return operands;
}

void expect_adjoint(const Rule& rule, const Example& example, Random& random) {
  SCOPED_TRACE(rule.info.name);
  Tape tape;
  const auto at = whole_variables(tape, random, example);
  const auto u = whole_variables(tape, random, example);
  const Tensor Lu = record(rule, u, example.attributes);
  const Tensor y = record(rule, at, example.attributes);
  const Tensor v = tape.constant(Values(whole_values(random, y.size()), y.shape()));
  tape.backward(sum(v * y));
  // Taken at another point than u: the adjoint of a linear rule does not depend on where it is.
  double backwards = 0.0;
  for (std::size_t k = 0; k < u.size(); ++k)
    backwards += dot(at[k].adjoint_values(), u[k].values());
  const double forwards = dot(v.values(), Lu.values());
  EXPECT_NEAR(backwards, forwards, 1e-13 * std::max(1.0, std::abs(forwards)));
}

TEST(LinearRules, PassTheExactAdjointTestOverTheirExamples) {
  Random random(40);
  for (const Rule* rule : catalogue()) {
    if (rule->shape != RuleShape::linear) continue;
    for (const Example& example : rule->examples()) {
      for (int i = 0; i < 5; ++i) expect_adjoint(*rule, example, random);
    }
  }
}

TEST(LinearRules, AreLinear) {
  Random random(41);
  for (const Rule* rule : catalogue()) {
    if (rule->shape != RuleShape::linear) continue;
    for (const Example& example : rule->examples()) {
      Tape tape;
      const auto x = whole_variables(tape, random, example);
      const auto y = whole_variables(tape, random, example);
      std::vector<Tensor> combined;
      for (std::size_t k = 0; k < x.size(); ++k) combined.push_back(2.0 * x[k] - 3.0 * y[k]);
      const Tensor left = record(*rule, combined, example.attributes);
      const Tensor right =
          2.0 * record(*rule, x, example.attributes) - 3.0 * record(*rule, y, example.attributes);
      expect_near(left.values(), right.values(), 1e-14);
    }
  }
}

}  // namespace
}  // namespace autograd::testing
