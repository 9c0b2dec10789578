// Losses: the textbook's numbers, the fused forms, and where the textbook form breaks down.
#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

// The worked example: w = (0.5, −0.25), b = 0.1, x = (1, 2), y = 1.
TEST(BinaryCrossEntropy, ReproducesTheTeachingExample) {
  Tape tape;
  const Tensor w = tape.variable({0.5, -0.25});
  const Tensor b = tape.variable(0.1);
  const Tensor z = matmul(tape.constant({1.0, 2.0}), w) + b;
  const Tensor a = sigmoid(z);
  const Tensor loss = binary_cross_entropy(a, 1.0);
  tape.backward(loss);
  EXPECT_NEAR(z.item(), 0.1, 1e-15);
  EXPECT_NEAR(a.item(), 0.524979, 5e-7);
  EXPECT_NEAR(loss.item(), 0.644397, 5e-7);
  EXPECT_NEAR(a.adjoint_item(), -1.904837, 5e-7);
  EXPECT_NEAR(z.adjoint_item(), -0.475021, 5e-7);
  EXPECT_NEAR(w.adjoint_values()[0], -0.475021, 5e-7);
  EXPECT_NEAR(w.adjoint_values()[1], -0.950042, 5e-7);
  EXPECT_NEAR(b.adjoint_item(), -0.475021, 5e-7);
}

TEST(BinaryCrossEntropy, OfASigmoidSendsBackAMinusY) {
  Tape tape;
  const Tensor z = tape.variable({-3.0, -0.5, 0.0, 1.0, 4.0});
  const Tensor y = tape.constant({1.0, 0.0, 1.0, 0.3, 0.0});
  const Tensor a = sigmoid(z);
  tape.backward(sum(binary_cross_entropy(a, y)));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(z.adjoint_values()[i], a.values()[i] - y.values()[i], 8.0 * epsilon);
  }
}

TEST(BinaryCrossEntropy, TextbookFormBlowsUpAtFortyWhereTheFusedFormSaysOne) {
  Tape tape;
  const Tensor z = tape.variable(40.0);
  const Tensor textbook = binary_cross_entropy(sigmoid(z), 0.0);
  EXPECT_EQ(textbook.item(), infinity);
  tape.backward(binary_cross_entropy_with_logits(z, 0.0));
  EXPECT_EQ(z.adjoint_item(), 1.0);
}

TEST(BinaryCrossEntropy, ATermWhoseLabelWeightIsZeroIsZero) {
  Tape tape;
  const Tensor a = tape.variable({0.0, 1.0});
  const Tensor loss = binary_cross_entropy(a, tape.constant({0.0, 1.0}));
  tape.backward(sum(loss));
  EXPECT_EQ(values(loss), (std::vector<double>{0.0, 0.0}));
  EXPECT_EQ(adjoint(a), (std::vector<double>{1.0, -1.0}));
}

TEST(BinaryCrossEntropyWithLogits, SlopeAtZeroIsHalfMinusTheLabel) {
  for (const double label : {0.0, 0.25, 1.0}) {
    Tape tape;
    const Tensor z = tape.variable(0.0);
    tape.backward(binary_cross_entropy_with_logits(z, label));
    EXPECT_EQ(z.adjoint_item(), 0.5 - label);
  }
}

TEST(BinaryCrossEntropyWithLogits, LabelReceivesMinusTheLogit) {
  Tape tape;
  const Tensor y = tape.variable(0.25);
  tape.backward(binary_cross_entropy_with_logits(3.5, y));
  EXPECT_EQ(y.adjoint_item(), -3.5);
}

TEST(CrossEntropyWithLogits, SendsBackSoftmaxMinusOneHot) {
  Tape tape;
  Random random(7);
  const Tensor z = random_variable(tape, random, Shape{4, 3});
  const std::vector<Index> labels{2, 0, 1, 1};
  const Tensor y = one_hot(tape, labels, 3);
  const Tensor loss = cross_entropy_with_logits(z, y);
  const Tensor s = softmax(z);
  tape.backward(sum(loss));
  EXPECT_EQ(loss.shape(), Shape{4});
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_NEAR(z.adjoint_values()[i], s.values()[i] - y.values()[i], 4.0 * epsilon);
  }
  for (std::size_t r = 0; r < 4; ++r) {
    const double share = s.values()[3 * r + static_cast<std::size_t>(labels[r])];
    EXPECT_NEAR(loss.values()[r], -std::log(share), 8.0 * epsilon);
  }
}

TEST(CrossEntropyWithLogits, OfTwoClassesIsTheBinaryOne) {
  for (const double logit : {-800.0, -3.0, 0.0, 2.0, 800.0}) {
    Tape tape;
    const Tensor z = tape.variable(logit);
    const Tensor zeros = tape.constant({0.0});
    const Tensor both = concatenate({reshape(z, Shape{1}), zeros}, 0);
    const Tensor multi = cross_entropy_with_logits(both, tape.constant({1.0, 0.0}));
    const Tensor binary = binary_cross_entropy_with_logits(z, 1.0);
    EXPECT_NEAR(multi.item(), binary.item(), 4.0 * epsilon * std::max(1.0, std::abs(logit)));
    tape.backward(multi);
    const double slope = z.adjoint_item();
    tape.backward(binary);
    EXPECT_NEAR(slope, z.adjoint_item(), 4.0 * epsilon);
  }
}

TEST(CrossEntropyWithLogits, AClassOfProbabilityZeroCostsNothingWhereItIsNotTheLabel) {
  Tape tape;
  const Tensor z = tape.variable({-infinity, 1.0, 2.0});
  const Tensor loss = cross_entropy_with_logits(z, tape.constant({0.0, 1.0, 0.0}));
  tape.backward(loss);
  EXPECT_NEAR(loss.item(), std::log1p(std::exp(1.0)), 4.0 * epsilon);
  EXPECT_EQ(z.adjoint_values()[0], 0.0);
}

TEST(CrossEntropyWithLogits, LabelsReceiveMinusLogSoftmax) {
  Tape tape;
  const Tensor z = tape.constant({1.0, 2.0, 3.0});
  const Tensor y = tape.variable({0.2, 0.3, 0.5});
  tape.backward(cross_entropy_with_logits(z, y));
  const Tensor expected = -log_softmax(z);
  expect_near(y.adjoint_values(), expected.values(), 2.0 * epsilon);
}

TEST(OneHot, PutsAOneAtEachLabel) {
  Tape tape;
  const Tensor y = one_hot(tape, std::vector<Index>{2, 0}, 3);
  EXPECT_EQ(y.shape(), (Shape{2, 3}));
  EXPECT_EQ(values(y), (std::vector<double>{0, 0, 1, 1, 0, 0}));
  EXPECT_FALSE(y.requires_gradient());
}

}  // namespace
}  // namespace autograd::testing
