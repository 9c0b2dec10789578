// The recorded reading: what is recorded, and what folds.
#include "autograd/readings/recorded.h"

#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

TEST(Recorded, NumbersFoldToANumber) {
  const Recorded two(2.0);
  const Recorded three(3.0);
  EXPECT_TRUE((two * three + 1.0).is(7.0));
  EXPECT_TRUE((-two / 4.0 - three).is(-3.5));
  EXPECT_TRUE((two < three).is(1.0));
  EXPECT_TRUE((two == three).is(0.0));
  EXPECT_TRUE(num::select(two < three, two, three).is(2.0));
  EXPECT_TRUE(num::exp(Recorded(0.0)).is(1.0));
  EXPECT_TRUE(num::pow(two, three).is(8.0));
  EXPECT_TRUE(num::gated(Recorded(0.0), Recorded(infinity)).is(0.0));
}

TEST(Recorded, FactorsOfOneAndTermsOfZeroCostNoOperation) {
  Tape tape;
  const Tensor t = tape.variable({1.0, 2.0});
  const Recorded x(t, SourceLine{});
  for (const Recorded& same : {x * 1.0, 1.0 * x, x + 0.0, 0.0 + x, x - 0.0, x / 1.0,
                               num::gated(x, 1.0), num::gated_by_both(x, 1.0)}) {
    EXPECT_EQ(same.operand().tensor().index(), t.index());
  }
  EXPECT_EQ(tape.size(), 1U);
}

TEST(Recorded, TheVocabularyRecordsTheOperationsOfItsName) {
  Tape tape;
  const Recorded x(tape.variable({-0.5, 0.0, 0.75}), SourceLine{});
  const auto recorded = [](const Recorded& y) { return values(y.operand().tensor()); };
  EXPECT_EQ(recorded(num::exp(x)), values(exp(x.operand())));
  EXPECT_EQ(recorded(num::log1p(x)), values(log1p(x.operand())));
  EXPECT_EQ(recorded(num::expm1(x)), values(expm1(x.operand())));
  EXPECT_EQ(recorded(num::sigmoid(x)), values(sigmoid(x.operand())));
  EXPECT_EQ(recorded(num::softplus(x)), values(softplus(x.operand())));
  EXPECT_EQ(recorded(num::select(x > 0.0, x, 7.0)), (std::vector{7.0, 7.0, 0.75}));
  EXPECT_EQ(recorded(num::select(x > 0.0, 1.0, 0.0)), (std::vector{0.0, 0.0, 1.0}));
  EXPECT_EQ(recorded(num::gated(x, infinity)), (std::vector{-infinity, 0.0, infinity}));
  EXPECT_EQ(recorded(num::gated_by_both(Recorded(infinity), x)),
            (std::vector{-infinity, 0.0, infinity}));
}

TEST(Recorded, ANumberBecomesAConstantOfTheShapeAskedFor) {
  Tape tape;
  const Tensor like = tape.variable({{1.0, 2.0}});
  const Tensor constant = Recorded(3.0).tensor_like(like);
  EXPECT_EQ(constant.shape(), like.shape());
  EXPECT_EQ(values(constant), (std::vector{3.0, 3.0}));
  EXPECT_FALSE(constant.requires_gradient());
}

}  // namespace
}  // namespace autograd::testing
