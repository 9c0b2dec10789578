// Random numbers that are the same everywhere. The figures come from std::mt19937_64 written out in
// Python after Nishimura and Matsumoto's reference code, with the same rejection and exchanges.
#include "autograd/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace autograd {
namespace {

std::vector<int> shuffled(Random& random, int count) {
  std::vector<int> items(static_cast<std::size_t>(count));
  std::iota(items.begin(), items.end(), 0);
  random.shuffle(std::span(items));
  return items;
}

// The statistic Σ (seen − expected)²/expected.
double chi_square(const std::vector<long>& seen) {
  const double expected = static_cast<double>(std::accumulate(seen.begin(), seen.end(), 0L)) /
                          static_cast<double>(seen.size());
  double sum = 0.0;
  for (const long count : seen) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

TEST(Random, NormalGivesTheNumbersOfTheSeed) {
  Random random(1);
  for (const double number :
       {0.35099249780849107, 1.0859449105047105, 0.789188776110496, 1.0069829981942957}) {
    EXPECT_NEAR(random.normal(), number, 1e-15);
  }
}

// The moments of the normal distribution are 0, 1, 0 and 3; each bound is five standard deviations
// of the mean of so many powers.
TEST(Random, NormalHasTheMomentsOfTheNormalDistribution) {
  Random random(2);
  constexpr int count = 100000;
  std::array<double, 4> moments{};
  for (int k = 0; k < count; ++k) {
    const double x = random.normal();
    double power = 1.0;
    for (double& moment : moments) moment += (power *= x) / count;
  }
  const double unit = 5.0 / std::sqrt(count);
  EXPECT_NEAR(moments[0], 0.0, unit);
  EXPECT_NEAR(moments[1], 1.0, unit * std::sqrt(2.0));
  EXPECT_NEAR(moments[2], 0.0, unit * std::sqrt(15.0));
  EXPECT_NEAR(moments[3], 3.0, unit * std::sqrt(96.0));
}

TEST(Random, BelowABoundGivesTheNumbersOfTheSeed) {
  Random random(1);
  std::vector<std::uint64_t> numbers(12);
  for (std::uint64_t& number : numbers) number = random.below(10);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{2, 2, 7, 0, 5, 7, 1, 9, 1, 8, 3, 6}));
  Random wide(1);
  constexpr std::uint64_t bound = (std::uint64_t{1} << 63U) + 1;
  EXPECT_EQ(wide.below(bound), 2469588189546311528U);
  EXPECT_EQ(wide.below(bound), 2516265689700432462U);
  EXPECT_EQ(wide.below(bound), 8323445853463659930U) << "what is not below is drawn again";
}

TEST(Random, BelowABoundReachesEveryNumberAndNoOther) {
  Random random(2);
  for (const std::uint64_t bound : {1U, 2U, 3U, 4U, 5U, 16U, 17U}) {
    std::vector<bool> reached(bound);
    for (int k = 0; k < 1000; ++k) {
      const std::uint64_t number = random.below(bound);
      ASSERT_LT(number, bound);
      reached[number] = true;
    }
    EXPECT_EQ(std::count(reached.begin(), reached.end(), true), static_cast<long>(bound));
  }
}

TEST(Random, BelowABoundFavoursNoNumber) {
  // 3·2⁶²: the remainder of 64 bits would fall into the first third half of the time. χ² of 2
  // degrees of freedom, quantile 0.999: 13.816 (R's qchisq).
  constexpr std::uint64_t quarter = std::uint64_t{1} << 62U;
  Random random(3);
  std::vector<long> seen(3);
  for (int k = 0; k < 30000; ++k) ++seen[random.below(3 * quarter) / quarter];
  EXPECT_LT(chi_square(seen), 13.816);
}

TEST(Random, ShufflesInTheOrderOfTheSeed) {
  Random one(1);
  EXPECT_EQ(shuffled(one, 10), (std::vector<int>{4, 1, 5, 6, 7, 8, 0, 3, 9, 2}));
  Random other(42);
  EXPECT_EQ(shuffled(other, 10), (std::vector<int>{7, 8, 5, 0, 3, 6, 9, 4, 1, 2}));
}

TEST(Random, ShufflesIntoAllOrdersAlike) {
  // χ² of 23 degrees of freedom: quantiles 0.001 and 0.999 are 7.529 and 49.728 (R's qchisq).
  Random random(4);
  std::map<std::vector<int>, long> orders;
  for (int k = 0; k < 24000; ++k) ++orders[shuffled(random, 4)];
  ASSERT_EQ(orders.size(), 24U);
  std::vector<long> seen;
  for (const auto& [order, count] : orders) seen.push_back(count);
  EXPECT_LT(chi_square(seen), 49.728);
  EXPECT_GT(chi_square(seen), 7.529) << "more even than chance would have it";
}

TEST(Random, ShufflesNothingAndOneItemToThemselves) {
  Random random(5);
  EXPECT_EQ(shuffled(random, 0), std::vector<int>{});
  EXPECT_EQ(shuffled(random, 1), std::vector<int>{0});
}

}  // namespace
}  // namespace autograd
