// NumPy's broadcasting of values, and its adjoint, against plain loops over random shapes.
#include "autograd/rules/broadcasting.h"

#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

Shape shape_from(const std::vector<Index>& extents) {
  return Shape(std::span<const Index>(extents));
}

// A shape that broadcasts to `wide`: leading axes missing, extents replaced by 1.
Shape random_narrower(Random& random, const Shape& wide) {
  const Index missing = random_index(random, 0, wide.rank());
  std::vector<Index> extents;
  for (auto axis = static_cast<int>(missing); axis < wide.rank(); ++axis) {
    extents.push_back(random_index(random, 0, 2) == 0 ? 1 : wide[axis]);
  }
  return shape_from(extents);
}
Shape random_shape(Random& random) {
  std::vector<Index> extents;
  const Index rank = random_index(random, 0, 4);
  for (Index axis = 0; axis < rank; ++axis) extents.push_back(random_index(random, 1, 4));
  return shape_from(extents);
}

// z = x·y and w = where(c, x, y), by element, with their adjoints.
void expect_like_a_plain_loop(Random& random, const Shape& c_shape, const Shape& x_shape,
                              const Shape& y_shape) {
  SCOPED_TRACE(to_string(c_shape) + ", " + to_string(x_shape) + ", " + to_string(y_shape));
  Tape tape;
  const Tensor c = tape.constant(Values(random_values(random, c_shape.size()), c_shape));
  const Tensor x = random_variable(tape, random, x_shape);
  const Tensor y = random_variable(tape, random, y_shape);
  const Tensor product = x * y;
  const Tensor z = where(greater(c, 0.0), product, y);
  const Shape shape = *broadcast(c_shape, *broadcast(x_shape, y_shape));
  ASSERT_EQ(z.shape(), shape);
  const std::vector<double> g = random_values(random, shape.size());
  tape.backward(sum(z * tape.constant(Values(g, shape))));
  std::vector<double> dx(x.values().size());
  std::vector<double> dy(y.values().size());
  for (Index flat = 0; flat < shape.size(); ++flat) {
    const Position position = position_of(shape, flat);
    const std::size_t i = broadcast_flat(x_shape, position);
    const std::size_t j = broadcast_flat(y_shape, position);
    const bool taken = c.values()[broadcast_flat(c_shape, position)] > 0.0;
    const double a = x.values()[i];
    const double b = y.values()[j];
    const auto k = static_cast<std::size_t>(flat);
    ASSERT_EQ(z.values()[k], taken ? a * b : b) << "at element " << flat;
    dx[i] += taken ? g[k] * b : 0.0;
    dy[j] += taken ? g[k] * a : g[k];
  }
  expect_near(x.adjoint_values(), dx, 1e-13);
  expect_near(y.adjoint_values(), dy, 1e-13);
}

TEST(Broadcasting, OfRandomShapesIsLikeAPlainLoopInValueAndAdjoint) {
  Random random(20);
  for (int i = 0; i < 400; ++i) {
    const Shape wide = random_shape(random);
    expect_like_a_plain_loop(random, random_narrower(random, wide), random_narrower(random, wide),
                             random_narrower(random, wide));
  }
}

TEST(Broadcasting, OfRunsLongerThanABlockIsLikeAPlainLoop) {
  Random random(21);
  const std::array<Shape, 6> shapes{Shape{},       Shape{1},    Shape{600},
                                    Shape{3, 600}, Shape{3, 1}, Shape{1, 600}};
  for (const Shape& c : shapes) {
    for (const Shape& x : shapes) {
      for (const Shape& y : shapes) expect_like_a_plain_loop(random, c, x, y);
    }
  }
}

// A bias is a row that is repeated; rows of one length and of two, short and longer than half a
// block of 256.
TEST(Broadcasting, OfRepeatedRowsIsLikeAPlainLoop) {
  Random random(24);
  for (const Index length : {2, 3, 16, 100, 128, 129, 300}) {
    const std::array<Shape, 5> shapes{Shape{}, Shape{length}, Shape{1, length}, Shape{5, 1},
                                      Shape{5, length}};
    for (const Shape& c : shapes) {
      for (const Shape& x : shapes) {
        for (const Shape& y : shapes) expect_like_a_plain_loop(random, c, x, y);
      }
    }
  }
  const std::array<Shape, 5> shapes{Shape{4}, Shape{3, 4}, Shape{1, 4}, Shape{2, 3, 4},
                                    Shape{2, 1, 1}};
  for (const Shape& c : shapes) {
    for (const Shape& x : shapes) {
      for (const Shape& y : shapes) expect_like_a_plain_loop(random, c, x, y);
    }
  }
}

TEST(Broadcasting, OfEightAxesIsLikeAPlainLoop) {
  Random random(22);
  expect_like_a_plain_loop(random, Shape{2, 1, 2, 1, 2, 1, 2, 1}, Shape{1, 2, 1, 2, 1, 2, 1, 2},
                           Shape{2, 2, 1, 1, 2, 2, 1});
}

TEST(BroadcastTo, RepeatsAndSumsBack) {
  Random random(23);
  for (int i = 0; i < 100; ++i) {
    const Shape wide = random_shape(random);
    const Shape narrow = random_narrower(random, wide);
    Tape tape;
    const Tensor x = random_variable(tape, random, narrow);
    const Tensor y = broadcast_to(x, wide);
    const std::vector<double> g = random_values(random, wide.size());
    tape.backward(sum(y * tape.constant(Values(g, wide))));
    std::vector<double> dx(x.values().size());
    for (Index flat = 0; flat < wide.size(); ++flat) {
      const std::size_t j = broadcast_flat(narrow, position_of(wide, flat));
      ASSERT_EQ(y.values()[static_cast<std::size_t>(flat)], x.values()[j]);
      dx[j] += g[static_cast<std::size_t>(flat)];
    }
    expect_near(x.adjoint_values(), dx, 1e-13);
  }
}

}  // namespace
}  // namespace autograd::testing
