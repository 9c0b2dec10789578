#include "autograd/verify/witness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace autograd {
namespace {

struct KnownDerivative {
  std::string name;
  std::function<double(double)> f;
  double x;
  double step;
  double derivative;
};

// Derivatives from calculus; irrational ones to 20 digits with mpmath.
const std::vector<KnownDerivative>& known_derivatives() {
  static const std::vector<KnownDerivative> all{
      {"exp at 1", [](double x) { return std::exp(x); }, 1.0, 0.1, 2.7182818284590452354},
      {"sin at 1", [](double x) { return std::sin(x); }, 1.0, 0.1, 0.54030230586813971740},
      {"sin of 100x at 1", [](double x) { return std::sin(100 * x); }, 1.0, 0.1,
       86.231887228768393410},
      {"log at 2", [](double x) { return std::log(x); }, 2.0, 0.2, 0.5},
      {"cube at 2", [](double x) { return x * x * x; }, 2.0, 0.2, 12.0},
      {"cube at 0", [](double x) { return x * x * x; }, 0.0, 0.2, 0.0},
      {"1/x at 0.1", [](double x) { return 1.0 / x; }, 0.1, 0.01, -100.0},
      {"sqrt at 1e-6", [](double x) { return std::sqrt(x); }, 1e-6, 1e-7, 500.0},
      {"linear at 1e6", [](double x) { return 3.0 * x; }, 1e6, 1e5, 3.0},
      {"1e12 + x at 1", [](double x) { return 1e12 + x; }, 1.0, 0.1, 1.0},
      {"a constant", [](double) { return 5.0; }, 1.0, 0.1, 0.0},
      {"abs beside its kink", [](double x) { return std::abs(x); }, 1e-3, 5e-4, 1.0},
  };
  return all;
}

TEST(Ridders, FindsKnownDerivativesWithinTheErrorItStates) {
  for (const KnownDerivative& known : known_derivatives()) {
    const Difference d = ridders(known.f, known.x, known.step);
    EXPECT_LE(std::abs(d.value - known.derivative), d.error) << known.name;
  }
}

TEST(Ridders, StatesAnErrorThatIsOfUse) {
  for (const KnownDerivative& known : known_derivatives()) {
    if (known.name == "1e12 + x at 1") continue;
    const Difference d = ridders(known.f, known.x, known.step);
    EXPECT_LE(d.error, 1e-9 * std::max(1.0, std::abs(known.derivative))) << known.name;
  }
}

TEST(Ridders, StatesALargeErrorWhereRoundingHidesTheSlope) {
  // The numbers beside 1e12 are 1.2e-4 apart.
  const Difference d = ridders([](double x) { return 1e12 + x; }, 1.0, 0.1);
  EXPECT_GT(d.error, 1e-4);
}

TEST(Ridders, StatesALargeErrorAcrossAKink) {
  const Difference d = ridders([](double x) { return std::abs(x); }, 0.05, 0.1);
  EXPECT_TRUE(std::abs(d.value - 1.0) <= d.error || d.error > 0.1) << d.value << " ± " << d.error;
}

TEST(Ridders, LooksNoFurtherThanItsStep) {
  double furthest = 0.0;
  double nearest = 1.0;
  ridders(
      [&](double x) {
        furthest = std::max(furthest, std::abs(x - 1.0));
        nearest = std::min(nearest, std::abs(x - 1.0));
        return x;
      },
      1.0, 0.25);
  EXPECT_EQ(furthest, 0.25);
  EXPECT_GT(nearest, 0.0);
}

TEST(Ridders, AdmitsThatItKnowsNothingWhereXCannotMove) {
  const Difference d = ridders([](double x) { return x; }, 1e20, 1.0);
  EXPECT_TRUE(std::isnan(d.value));
  EXPECT_EQ(d.error, std::numeric_limits<double>::infinity());
}

TEST(Ridders, AdmitsThatItKnowsNothingOfAFunctionThatIsNotANumber) {
  const Difference d = ridders([](double) { return std::nan(""); }, 1.0, 0.1);
  EXPECT_EQ(d.error, std::numeric_limits<double>::infinity());
}

TEST(OneSided, SeesOneSideOfAKink) {
  const auto leaky = [](double x) { return x > 0.0 ? x : 0.01 * x; };
  EXPECT_DOUBLE_EQ(one_sided(leaky, 0.0, 1e-6), 1.0);
  EXPECT_DOUBLE_EQ(one_sided(leaky, 0.0, -1e-6), 0.01);
}

TEST(OneSided, UsesAStepThatXCanTake) {
  // 0.1 + 1e-6 is not 1e-6 away from 0.1; the quotient of x itself is 1 all the same.
  EXPECT_EQ(one_sided([](double x) { return x; }, 0.1, 1e-6), 1.0);
  EXPECT_EQ(one_sided([](double x) { return x; }, 0.1, -1e-6), 1.0);
}

TEST(OneSided, IsOffByHalfTheCurvatureTimesTheStep) {
  EXPECT_NEAR(one_sided([](double x) { return x * x; }, 3.0, 1e-3), 6.001, 1e-9);
  EXPECT_NEAR(one_sided([](double x) { return x * x; }, 3.0, -1e-3), 5.999, 1e-9);
}

TEST(RiddersOneSided, SeesTheSlopeOnOneSideOfAKinkToManyDigits) {
  const auto bent = [](double x) { return x > 0.0 ? std::exp(2.0 * x) : std::cos(x) + 0.5 * x; };
  const Difference right = ridders_one_sided(bent, 0.0, 0.1);
  EXPECT_NEAR(right.value, 2.0, 1e-9);
  EXPECT_LE(std::abs(right.value - 2.0), 10.0 * right.error);
  const Difference left = ridders_one_sided(bent, 0.0, -0.1);
  EXPECT_NEAR(left.value, 0.5, 1e-9);
  EXPECT_LE(std::abs(left.value - 0.5), 10.0 * left.error);
}

TEST(RiddersOneSided, LooksAtNothingOnTheOtherSide) {
  const auto root = [](double x) { return x * std::sqrt(x); };  // NaN on the left of 0
  EXPECT_NEAR(ridders_one_sided(root, 0.0, 0.1).value, 0.0, 1e-1);
  EXPECT_EQ(ridders_one_sided(root, 0.0, -0.1).error, std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace autograd
