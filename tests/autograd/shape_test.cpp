#include "autograd/shape.h"

#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

TEST(Shape, OfAScalarHasNoAxesAndOneElement) {
  const Shape scalar;
  EXPECT_EQ(scalar.rank(), 0);
  EXPECT_EQ(scalar.size(), 1);
  EXPECT_EQ(to_string(scalar), "scalar");
}

TEST(Shape, PrintsAsItIsWritten) {
  EXPECT_EQ(to_string(Shape{5}), "[5]");
  EXPECT_EQ(to_string(Shape{150, 4}), "150×4");
  EXPECT_EQ(to_string(Shape{2, 3, 4}), "2×3×4");
}

TEST(Shape, StridesAreRowMajor) {
  const auto strides = Shape{2, 3, 4}.strides();
  EXPECT_EQ(strides[0], 12);
  EXPECT_EQ(strides[1], 4);
  EXPECT_EQ(strides[2], 1);
}

TEST(Shape, HasAtMostEightAxes) {
  EXPECT_EQ((Shape{1, 2, 1, 2, 1, 2, 1, 2}).size(), 16);
  EXPECT_EQ(message_of<ShapeError>([] {
              Shape({1, 1, 1, 1, 1, 1, 1, 1, 1});
            }),
            "shape 1×1×1×1×1×1×1×1×1 has 9 axes; a tensor has at most 8");
}

TEST(Shape, HasExtentsOfAtLeastOne) {
  EXPECT_EQ(message_of<ShapeError>([] {
              Shape({3, 0});
            }),
            "shape 3×0: every extent must be at least 1");
  EXPECT_EQ(message_of<ShapeError>([] { Shape({-2}); }),
            "shape -2: every extent must be at least 1");
}

TEST(Shape, WithMoreElementsThanMemoryIsRefusedBeforeItOverflows) {
  constexpr Index large = Index{1} << 31;
  EXPECT_EQ(message_of<ShapeError>([] {
              Shape({large, large});
            }),
            "shape 2147483648×2147483648 has more elements than memory can address");
  EXPECT_THROW(Shape({large, large, large, large}), ShapeError);
  EXPECT_EQ((Shape{large, 2}).size(), large * 2);
}

TEST(Shape, BroadcastsAsNumPyDoes) {
  EXPECT_EQ(*broadcast(Shape{3, 1}, Shape{4}), (Shape{3, 4}));
  EXPECT_EQ(*broadcast(Shape{}, Shape{2, 2}), (Shape{2, 2}));
  EXPECT_EQ(*broadcast(Shape{5, 1, 3}, Shape{1, 4, 1}), (Shape{5, 4, 3}));
  EXPECT_FALSE(broadcast(Shape{3}, Shape{4}).has_value());
  EXPECT_FALSE(broadcast(Shape{3, 2}, Shape{3}).has_value());
}

TEST(Shape, ComparesExtentsAndRank) {
  EXPECT_EQ(Shape({2, 3}), Shape({2, 3}));
  EXPECT_NE(Shape({2, 3}), Shape({3, 2}));
  EXPECT_NE(Shape({1}), Shape());
  EXPECT_EQ((Shape{2, 3, 4}.without(1)), (Shape{2, 4}));
  EXPECT_EQ((Shape{2, 3, 4}.with_extent(2, 9)), (Shape{2, 3, 9}));
}

TEST(Shape, AxesCountFromTheEndWhereNegative) {
  EXPECT_EQ(resolve_axis(-1, 3), 2);
  EXPECT_EQ(resolve_axis(-3, 3), 0);
  EXPECT_FALSE(resolve_axis(3, 3).has_value());
  EXPECT_FALSE(resolve_axis(-4, 3).has_value());
  EXPECT_FALSE(resolve_axis(0, 0).has_value());
}

}  // namespace
}  // namespace autograd::testing
