// What must not go wrong without a word: leaves changed under a recording, losses that broadcast,
// infinities times zero, rules called by hand without what they need.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "autograd/rules/catalogue.h"

namespace autograd {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class Exception, class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Backward, RefusesALeafThatWasAssignedAfterItWasRead) {
  Tape tape;
  const Tensor w = named(tape.variable(3.0), "w");
  const Tensor cube = w * w * w;
  const std::vector<double> ten{10.0};
  tape.assign(w, ten);
  const std::string message = message_of<LossError>([&] { tape.backward(cube); });
  EXPECT_NE(message.find("w: scalar was changed after multiply("), std::string::npos) << message;
  const Tensor again = w * w * w;
  tape.backward(again);
  EXPECT_EQ(w.adjoint_item(), 300.0);
}

TEST(Backward, RefusesAChangedViewWhereAnomaliesAreLookedFor) {
  std::vector<double> memory{3.0};
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor w = named(tape.variable(view(memory, Shape{})), "w");
  const Tensor squared = w * w;
  tape.backward(squared);
  EXPECT_EQ(w.adjoint_item(), 6.0);
  memory[0] = 10.0;
  EXPECT_THROW(tape.backward(squared), LossError);
  tape.backward(w * w);
  EXPECT_EQ(w.adjoint_item(), 20.0);
}

TEST(Backward, LeavesNoAdjointsBehindWhereItFailed) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor x = tape.variable(0.0);
  const Tensor fine = x * 2.0;
  tape.backward(fine);
  const Tensor root = sqrt(x) * 1.0;
  EXPECT_THROW(tape.backward(root), NonFiniteError);
  EXPECT_THROW((void)x.adjoint_item(), LossError);
}

TEST(Losses, RefuseAPredictionAndALabelOfDifferentShapes) {
  Tape tape;
  const Tensor z = named(tape.variable({{1.0}, {2.0}, {3.0}}), "z");
  const Tensor y = named(tape.constant({1.0, 0.0, 1.0}), "y");
  EXPECT_NE(message_of<ShapeError>([&] {
              binary_cross_entropy_with_logits(z, y);
            }).find("binary_cross_entropy_with_logits(z: 3×1, y: [3]): shapes 3×1 and [3] differ"),
            std::string::npos);
  EXPECT_THROW(binary_cross_entropy(sigmoid(z), y), ShapeError);
  EXPECT_THROW(squared_error(z, y), ShapeError);
  EXPECT_NO_THROW(squared_error(z, 1.0)) << "one label for all";
}

TEST(Matmul, AnInfiniteOperandTimesAZeroUpstreamAdjointContributesZero) {
  Tape tape;
  const Tensor X = tape.constant({{1.0}, {infinity}});
  const Tensor w = tape.variable({2.0});
  const Tensor taken = tape.constant({1.0, 0.0});
  tape.backward(sum(where(taken, matmul(X, w), 0.0)));
  EXPECT_EQ(w.adjoint_item(), 1.0);
}

TEST(Matmul, PassesANanOn) {
  Tape tape;
  const Tensor X = tape.constant({{1.0}, {std::numeric_limits<double>::quiet_NaN()}});
  const Tensor w = tape.variable({2.0});
  tape.backward(sum(matmul(X, w)));
  EXPECT_TRUE(std::isnan(w.adjoint_item()));
}

TEST(MovingOperations, KeepTheSignOfZero) {
  Tape tape;
  const Tensor x = tape.variable({-0.0, 1.0});
  EXPECT_TRUE(std::signbit(reshape(x, Shape{2, 1}).values()[0]));
  EXPECT_TRUE(std::signbit(slice(x, 0, 0, 1).values()[0]));
  EXPECT_TRUE(std::signbit(broadcast_to(x, Shape{3, 2}).values()[4]));
  EXPECT_TRUE(std::signbit(gather_rows(x, {0}).values()[0]));
}

TEST(Sums, AreAddedUpPairwise) {
  Tape tape;
  const std::vector<double> tenths(10'000'000, 0.1);
  // The sum of the doubles nearest 0.1 is 10⁷ times that double: its error is one rounding a level.
  EXPECT_NEAR(sum(tape.constant(view(tenths))).item(), 1e6, 1e-8);
  const std::vector<double> ones(49, 1.0);
  EXPECT_EQ(mean(tape.constant(view(ones))).item(), 1.0);
}

TEST(Rules, AScalarHasTheBitsOfTheSameNumberInAnArray) {
  for (const double x : {-7.3, -0.41, 0.2, 1.9, 33.3}) {
    Tape tape;
    const Tensor one = tape.variable(x);
    const Tensor many = tape.variable(Values(std::vector<double>(11, x), Shape{11}));
    for (const auto f : {sigmoid, tanh, exp, expm1, softplus}) {
      EXPECT_EQ(f(one).item(), f(many).values()[10]) << x;
    }
  }
}

TEST(BinaryCrossEntropy, OfWhatIsNoProbabilityIsNanAndSoIsItsSlope) {
  for (const double label : {0.0, 1.0}) {
    Tape tape;
    const Tensor a = tape.variable(1.5);
    const Tensor loss = binary_cross_entropy(a, label);
    tape.backward(loss);
    EXPECT_TRUE(std::isnan(loss.item())) << label;
    EXPECT_TRUE(std::isnan(a.adjoint_item())) << label;
  }
}

TEST(Record, RefusesTooFewOperandsAndAttributesThatAreMissing) {
  Tape tape;
  const Tensor x = tape.variable({{1.0, 2.0}, {3.0, 4.0}});
  const Operand only(x);
  EXPECT_THROW(tape.record(*find_rule("multiply"), {&only, 1}), ArgumentError);
  for (const char* name : {"sum", "mean", "maxout", "slice", "place", "scatter_rows", "max",
                           "softmax", "gather_rows", "permute"}) {
    EXPECT_THROW(apply(*find_rule(name), {x}), ShapeError) << name;
  }
  EXPECT_THROW(apply(*find_rule("concatenate"), {x, x}), ShapeError);
  EXPECT_THROW(apply(*find_rule("sum"), {x}, std::vector<Index>{0, 99}), ShapeError);
  EXPECT_THROW(apply(*find_rule("slice"), {x}, std::vector<Index>{-1}), ShapeError);
}

TEST(Structure, RefusesWhatWouldOverflow) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0, 3.0});
  EXPECT_EQ(slice(x, 0, 0, 3, std::numeric_limits<Index>::max()).size(), 1);
  EXPECT_THROW(permute(x, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                           0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
               ShapeError);
  const std::vector<Index> labels{0};
  EXPECT_THROW(one_hot(tape, labels, Index{1} << 62), ShapeError);
  EXPECT_THROW(concatenate({x}, 99), ShapeError);
}

}  // namespace
}  // namespace autograd
