// The complex step from any value of a recording, beside the adjoints of the backward pass.
#include "autograd/verify/adjoint_witness.h"

#include <gtest/gtest.h>

#include "autograd/errors.h"
#include "autograd/operations.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

TEST(ComplexStepAdjoint, IsThatOfEveryValueOnTheWay) {
  Random random(3);
  Tape tape;
  const Tensor X = tape.variable(Values(random_values(random, 12), {3, 4}));
  const Tensor w = tape.variable(Values(random_values(random, 4), {4}));
  const Tensor z = matmul(X, w);
  const Tensor h = tanh(z) * sigmoid(z) + relu(z);
  const Tensor loss = sum(log_softmax(h) * h);
  tape.backward(loss);
  for (std::size_t index = 0; index <= loss.index(); ++index) {
    const auto adjoint = tape.adjoint_of(tape.node(index));
    for (std::size_t i = 0; i < adjoint.size(); ++i) {
      const auto slope = complex_step_adjoint(tape, loss, index, Index(i));
      ASSERT_TRUE(slope.has_value());
      EXPECT_TRUE(near(*slope, adjoint[i], 1e-13)) << index << ", element " << i;
    }
  }
}

TEST(ComplexStepAdjoint, SeesAWrongSlope) {
  Tape tape;
  const Tensor x = tape.variable(0.3);
  Rule wrong = *find_rule("sigmoid");
  wrong.contribution_block[0] = find_rule("tanh")->contribution_block[0];
  wrong.value_and_slope_block = nullptr;
  const std::vector<Tensor> operands{x};
  const Tensor loss = record(wrong, operands, {});
  tape.backward(loss);
  EXPECT_FALSE(near(*complex_step_adjoint(tape, loss, x.index(), 0), x.adjoint_item(), 1e-3));
}

TEST(ComplexStepAdjoint, KeepsItsDigitsInTheTail) {
  Tape tape;
  const Tensor x = tape.variable(40.0);
  const Tensor a = sigmoid(x);
  // σ'(40), mathematics to 30 digits with mpmath.
  EXPECT_TRUE(near(*complex_step_adjoint(tape, a, x.index(), 0) * 1e18, 4.2483542552915889, 1e-14));
}

TEST(ComplexStepAdjoint, RefusesElementsThatAreNotThere) {
  Tape tape;
  const Tensor x = tape.variable(1.0);
  const Tensor loss = exp(x);
  EXPECT_THROW(static_cast<void>(complex_step_adjoint(tape, loss, x.index(), 1)), ArgumentError);
  EXPECT_THROW(static_cast<void>(complex_step_adjoint(tape, loss, 7, 0)), ArgumentError);
}

}  // namespace
}  // namespace autograd::testing
