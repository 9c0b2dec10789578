// Arithmetic, comparisons and choice: values, slopes, ties, and 0·∞.
#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

TEST(Arithmetic, ValuesAndSlopesOfTheFourOperations) {
  Tape tape;
  const Tensor x = tape.variable(3.0);
  const Tensor y = tape.variable(-4.0);
  const auto expect = [&](const Tensor& z, double value, double dx, double dy) {
    tape.backward(z);
    EXPECT_EQ(z.item(), value);
    EXPECT_EQ(x.adjoint_item(), dx);
    EXPECT_EQ(y.adjoint_item(), dy);
  };
  expect(x + y, -1.0, 1.0, 1.0);
  expect(x - y, 7.0, 1.0, -1.0);
  expect(x * y, -12.0, -4.0, 3.0);
  expect(x / y, -0.75, -0.25, -0.1875);
  expect(-x + y * 0.0, -3.0, -1.0, 0.0);
  expect(squared_error(x, y), 49.0, 14.0, -14.0);
}

TEST(Arithmetic, NumbersStandOnEitherSide) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  EXPECT_EQ(values(2.0 - x), (std::vector<double>{1.0, 0.0}));
  EXPECT_EQ(values(x - 2), (std::vector<double>{-1.0, 0.0}));
  EXPECT_EQ(values(1.0 / x), (std::vector<double>{1.0, 0.5}));
  EXPECT_EQ(values(power(2.0, x)), (std::vector<double>{2.0, 4.0}));
}

TEST(Power, OfNegativeNumbersHasAValueForWholeExponentsOnly) {
  Tape tape;
  const Tensor x = tape.variable({-2.0, -2.0, -2.0});
  const Tensor y = power(x, tape.constant({3.0, 2.0, 0.5}));
  tape.backward(sum(slice(y, 0, 0, 2)));
  EXPECT_EQ(y.values()[0], -8.0);
  EXPECT_EQ(y.values()[1], 4.0);
  EXPECT_TRUE(std::isnan(y.values()[2]));
  EXPECT_EQ(adjoint(x), (std::vector<double>{12.0, -4.0, 0.0}));
}

TEST(Power, WithExponentZeroHasSlopeZeroEverywhere) {
  Tape tape;
  const Tensor x = tape.variable({0.0, -1.0, infinity});
  tape.backward(sum(power(x, 0.0)));
  EXPECT_EQ(adjoint(x), (std::vector<double>{0.0, 0.0, 0.0}));
}

TEST(Power, ExponentOfZeroReceivesTheLimit) {
  Tape tape;
  const Tensor p = tape.variable({0.0, 0.5, 2.0});
  tape.backward(sum(power(0.0, p)));
  EXPECT_EQ(adjoint(p), (std::vector<double>{0.0, 0.0, 0.0}));
}

TEST(Ties, OfMinimumAndMaximumGoToTheFirstOperandWhole) {
  for (const bool larger : {false, true}) {
    Tape tape;
    const Tensor x = tape.variable({1.0, 2.0, 3.0});
    const Tensor y = tape.variable({2.0, 2.0, 2.0});
    tape.backward(sum(larger ? maximum(x, y) : minimum(x, y)));
    EXPECT_EQ(adjoint(x),
              larger ? (std::vector<double>{0.0, 1.0, 1.0}) : (std::vector<double>{1.0, 1.0, 0.0}));
    EXPECT_EQ(adjoint(y),
              larger ? (std::vector<double>{1.0, 0.0, 0.0}) : (std::vector<double>{0.0, 0.0, 1.0}));
  }
}

TEST(Comparisons, AreOneWhereTheyHoldAndCarryNoGradient) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0, 3.0, not_a_number});
  using Row = std::vector<double>;
  EXPECT_EQ(values(less(x, 2.0)), (Row{1, 0, 0, 0}));
  EXPECT_EQ(values(less_equal(x, 2.0)), (Row{1, 1, 0, 0}));
  EXPECT_EQ(values(greater(x, 2.0)), (Row{0, 0, 1, 0}));
  EXPECT_EQ(values(greater_equal(x, 2.0)), (Row{0, 1, 1, 0}));
  EXPECT_EQ(values(equal(x, 2.0)), (Row{0, 1, 0, 0}));
  EXPECT_EQ(values(not_equal(x, 2.0)), (Row{1, 0, 1, 1}));
  EXPECT_FALSE(less(x, 2.0).requires_gradient());
}

TEST(Where, TakesOneBranchAndSendsTheAdjointThereAlone) {
  Tape tape;
  const Tensor c = tape.variable({1.0, 0.0, -0.5});
  const Tensor x = tape.variable({10.0, 20.0, 30.0});
  const Tensor y = tape.variable({1.0, 2.0, 3.0});
  const Tensor z = where(c, x, y);
  tape.backward(sum(z * z));
  EXPECT_EQ(values(z), (std::vector<double>{10.0, 2.0, 30.0}));
  EXPECT_EQ(adjoint(x), (std::vector<double>{20.0, 0.0, 60.0}));
  EXPECT_EQ(adjoint(y), (std::vector<double>{0.0, 4.0, 0.0}));
  EXPECT_EQ(adjoint(c), (std::vector<double>{0.0, 0.0, 0.0}));
}

// ---- 0·∞ never turns a finite gradient into NaN

TEST(ZeroTimesInfinity, TheBranchOfWhereThatIsNotTakenContributesNothing) {
  Tape tape;
  const Tensor x = tape.variable({0.0, 4.0});
  const Tensor safe = where(greater(x, 0.0), sqrt(x), 0.0);
  tape.backward(sum(safe));
  EXPECT_EQ(adjoint(x), (std::vector<double>{0.0, 0.25}));
}

TEST(ZeroTimesInfinity, AnInfiniteUpstreamAdjointStaysInTheBranchThatIsTaken) {
  Tape tape;
  const Tensor x = tape.variable({2.0});
  const Tensor y = tape.variable({3.0});
  // d sqrt(z) at z = 0 is ∞ and reaches x·0 alone.
  tape.backward(sum(sqrt(where(tape.constant({1.0}), x - 2.0, y))));
  EXPECT_EQ(x.adjoint_values()[0], infinity);
  EXPECT_EQ(y.adjoint_values()[0], 0.0);
}

TEST(ZeroTimesInfinity, ARectifierThatIsOffStaysOff) {
  Tape tape;
  const Tensor x = tape.variable(-1.0);
  tape.backward(sqrt(relu(x)));
  EXPECT_EQ(x.adjoint_item(), 0.0);
}

TEST(ZeroTimesInfinity, SqrtAndLogAtZeroWithAZeroUpstreamAdjoint) {
  Tape tape;
  const Tensor x = tape.variable({0.0, 1.0});
  const Tensor keep = tape.constant({0.0, 1.0});
  tape.backward(sum(sqrt(x) * keep));
  EXPECT_EQ(adjoint(x), (std::vector<double>{0.0, 0.5}));
  const Tensor y = tape.variable({0.0, 2.0});
  tape.backward(sum(where(keep, log(y), 0.0)));
  EXPECT_EQ(adjoint(y), (std::vector<double>{0.0, 0.5}));
  const Tensor z = tape.variable({-1.0, 1.0});
  tape.backward(sum(where(keep, log1p(z), 0.0)));
  EXPECT_EQ(adjoint(z), (std::vector<double>{0.0, 0.5}));
}

TEST(ZeroTimesInfinity, TheNormOfZeroHasSlopeZeroWhereNothingAsksForIt) {
  Tape tape;
  const Tensor x = tape.variable({0.0, 0.0});
  const Tensor norm = sqrt(sum(square(x)));
  tape.backward(norm * 0.0);
  EXPECT_EQ(adjoint(x), (std::vector<double>{0.0, 0.0}));
}

TEST(Slopes, OfLogAndSqrtOutsideTheirDomainAreNaN) {
  Tape tape;
  const Tensor x = tape.variable({-1.0});
  tape.backward(sum(log(x)));
  EXPECT_TRUE(std::isnan(x.adjoint_values()[0]));
  tape.backward(sum(sqrt(x)));
  EXPECT_TRUE(std::isnan(x.adjoint_values()[0]));
}

}  // namespace
}  // namespace autograd::testing
