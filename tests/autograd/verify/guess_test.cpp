#include "autograd/verify/guess.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace autograd {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::vector<ComparedSlope> compared(const std::vector<double>& analytic,
                                    const std::vector<double>& numeric) {
  std::vector<ComparedSlope> slopes;
  for (std::size_t i = 0; i < analytic.size(); ++i) {
    slopes.push_back({analytic[i], numeric[i], analytic[i] != numeric[i], unknown});
  }
  return slopes;
}

std::string guess_of(const std::vector<double>& analytic, const std::vector<double>& numeric,
                     const Shape& shape) {
  const std::vector<Shape> shapes{shape};
  return guess_mistake(compared(analytic, numeric), shape, possible_counts(shapes));
}

TEST(Guess, OfAConstantRatio) {
  const std::vector<Index> counts{1, 32, 5};
  EXPECT_EQ(guess_from_ratio(-1.0, counts), "The sign is wrong.");
  EXPECT_EQ(guess_from_ratio(0.0, counts), "The slope is never propagated there.");
  EXPECT_EQ(guess_from_ratio(2.0, counts),
            "It is counted twice, or a square's 2 is there once too often.");
  EXPECT_EQ(guess_from_ratio(32.0, counts),
            "It is 32 times too large: a sum where a mean belongs?");
  EXPECT_EQ(guess_from_ratio(0.2, counts), "It is 5 times too small: a mean where a sum belongs?");
  EXPECT_EQ(guess_from_ratio(10.0, counts), "It is 10 times what it should be: a constant factor?");
  EXPECT_EQ(guess_from_ratio(1.0, counts), "");
}

TEST(Guess, LooksAtWhatFailedAlone) {
  EXPECT_EQ(guess_of({1.0, -2.0, 3.0}, {1.0, 2.0, 3.0}, {3}), "The sign is wrong.");
  EXPECT_EQ(guess_of({1.0, 2.0, 3.0}, {1.0, 2.0, 3.0}, {3}), "");
}

TEST(Guess, OfATransposedMatrix) {
  EXPECT_EQ(guess_of({1, 3, 2, 4}, {1, 2, 3, 4}, {2, 2}),
            "It is the transpose of what it should be.");
  // 1 2 3 / 4 5 6, written down column by column.
  EXPECT_EQ(guess_of({1, 4, 2, 5, 3, 6}, {1, 2, 3, 4, 5, 6}, {2, 3}),
            "It is the transpose of what it should be.");
  EXPECT_EQ(guess_of({6, 5, 4, 3, 2, 1}, {1, 2, 3, 4, 5, 6}, {2, 3}),
            "The right numbers are in the wrong places: transposed, or in another order?");
  EXPECT_EQ(guess_of({1, 4, 2, 5, 3, 6}, {1, 2, 3, 4, 5, 6}, {7}), "")
      << "not all entries were compared";
}

TEST(Guess, OfTheOtherBranch) {
  // A leaky relu whose condition is turned round.
  const std::vector<ComparedSlope> slopes{{0.01, 1.0, true, 0.01}, {1.0, 0.01, true, 1.0}};
  EXPECT_EQ(guess_mistake(slopes, {2}, {}),
            "It is the slope of the other branch: is a condition turned round?");
  // Below its kink a relu has slope 0, too; but a slope that is 0 everywhere is forgotten.
  const std::vector<ComparedSlope> zero{{0.0, 1.0, true, 0.0}, {0.0, 1.0, true, 0.0}};
  EXPECT_EQ(guess_mistake(zero, {2}, {}), "The slope is never propagated there.");
}

TEST(Guess, IsSilentWhereNothingSuggestsItself) {
  EXPECT_EQ(guess_of({1.5, 7.0}, {1.0, 2.0}, {2}), "");
  EXPECT_EQ(guess_of({1.5, 7.0}, {0.0, 0.0}, {2}), "");
  EXPECT_EQ(guess_of({std::nan(""), 1.0}, {2.0, 3.0}, {2}), "");
  EXPECT_EQ(guess_of({std::nan("")}, {2.0}, {1}), "The slope is not a number.");
}

}  // namespace
}  // namespace autograd
