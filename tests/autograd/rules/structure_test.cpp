// Sums and everything that moves elements, against plain loops.
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

// Where an element of the result comes from, or nothing where it is 0.
using SourceOf = std::function<std::optional<Position>(const Position&)>;

// Checks y's values against x's by `source`, and x's adjoint against the same loop backwards.
void expect_moves(const Tensor& x, const Tensor& y, const Shape& shape, const SourceOf& source) {
  ASSERT_EQ(y.shape(), shape);
  Random random(5);
  const std::vector<double> g = random_values(random, shape.size());
  x.tape()->backward(sum(y * x.tape()->constant(Values(g, shape))));
  std::vector<double> dx(x.values().size());
  for (Index flat = 0; flat < shape.size(); ++flat) {
    const auto k = static_cast<std::size_t>(flat);
    const auto from = source(position_of(shape, flat));
    ASSERT_EQ(y.values()[k], from ? x.values()[flat_of(x.shape(), *from)] : 0.0) << "at " << flat;
    if (from) dx[flat_of(x.shape(), *from)] += g[k];
  }
  expect_near(x.adjoint_values(), dx, 1e-14);
}

class Moves : public ::testing::Test {
 protected:
  Tensor variable(const Shape& shape) { return random_variable(tape, random, shape); }

  Tape tape;
  Random random{11};
};

TEST_F(Moves, TransposeReversesTheAxes) {
  const Tensor x = variable({2, 3, 4});
  expect_moves(x, transpose(x), {4, 3, 2}, [](const Position& p) {
    return Position{p[2], p[1], p[0]};
  });
  const Tensor m = variable({5, 7});
  expect_moves(m, transpose(m), {7, 5}, [](const Position& p) { return Position{p[1], p[0]}; });
  const Tensor v = variable({5});
  expect_moves(v, transpose(v), {5}, [](const Position& p) { return p; });
}

TEST_F(Moves, PermutePutsTheAxesInTheOrderGiven) {
  const Tensor x = variable({2, 3, 4, 5});
  expect_moves(x, permute(x, {2, 0, 3, 1}), {4, 2, 5, 3}, [](const Position& p) {
    return Position{p[1], p[3], p[0], p[2]};
  });
  expect_moves(x, permute(x, {0, -1, 1, -2}), {2, 5, 3, 4}, [](const Position& p) {
    return Position{p[0], p[2], p[3], p[1]};
  });
}

TEST_F(Moves, ReshapeKeepsTheOrderOfElements) {
  const Tensor x = variable({2, 6});
  expect_moves(x, reshape(x, {3, 4}), {3, 4}, [](const Position& p) {
    const Index flat = 4 * p[0] + p[1];
    return Position{flat / 6, flat % 6};
  });
  const Tensor s = variable({1, 1});
  EXPECT_EQ(reshape(s, Shape{}).rank(), 0);
}

TEST_F(Moves, SliceTakesStartStopAndStepAlongOneAxis) {
  const Tensor x = variable({3, 7, 2});
  expect_moves(x, slice(x, 1, 1, 6, 2), {3, 3, 2}, [](const Position& p) {
    return Position{p[0], 1 + 2 * p[1], p[2]};
  });
  expect_moves(x, slice(x, -2, -4, -1), {3, 3, 2}, [](const Position& p) {
    return Position{p[0], 3 + p[1], p[2]};
  });
  expect_moves(x, slice(x, 0, 2, 3), {1, 7, 2}, [](const Position& p) {
    return Position{2 + p[0], p[1], p[2]};
  });
  // Steps that do not end on the last element, and one larger than the extent.
  expect_moves(x, slice(x, 1, 0, 7, 4), {3, 2, 2}, [](const Position& p) {
    return Position{p[0], 4 * p[1], p[2]};
  });
  expect_moves(x, slice(x, 1, 2, 7, 100), {3, 1, 2}, [](const Position& p) {
    return Position{p[0], 2 + p[1], p[2]};
  });
}

TEST_F(Moves, PlaceSurroundsWithZeros) {
  const Tensor x = variable({2, 3});
  const std::array<Index, 2> starts{1, 0};
  const std::array<Index, 2> steps{2, 2};
  expect_moves(x, place(x, Shape{4, 6}, starts, steps), {4, 6},
               [](const Position& p) -> std::optional<Position> {
                 if (p[0] % 2 != 1 || p[1] % 2 != 0 || p[1] / 2 >= 3) return std::nullopt;
                 return Position{p[0] / 2, p[1] / 2};
               });
}

TEST_F(Moves, GatherRowsRepeatsRowsAndGathersTheirAdjoints) {
  const Tensor x = variable({3, 2, 2});
  const std::vector<Index> rows{2, 0, 2, 2};
  expect_moves(x, gather_rows(x, rows), {4, 2, 2}, [&](const Position& p) {
    return Position{rows[static_cast<std::size_t>(p[0])], p[1], p[2]};
  });
  const Tensor v = variable({3});
  EXPECT_EQ(values(gather_rows(v, {1, 1})), (std::vector<double>{v.values()[1], v.values()[1]}));
}

TEST_F(Moves, ScatterRowsAddsRowsThatMeet) {
  const Tensor x = tape.variable({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  const std::vector<Index> rows{2, 0, 2};
  const Tensor y = scatter_rows(x, rows, 4);
  EXPECT_EQ(values(y), (std::vector<double>{3, 4, 0, 0, 6, 8, 0, 0}));
  tape.backward(sum(y * tape.constant({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}, {7.0, 8.0}})));
  EXPECT_EQ(adjoint(x), (std::vector<double>{5, 6, 1, 2, 5, 6}));
}

TEST_F(Moves, ConcatenateLaysOneAfterTheOtherAlongEveryAxis) {
  for (int axis = 0; axis < 3; ++axis) {
    const Shape common{2, 3, 4};
    std::vector<Tensor> parts;
    for (const Index extent : {1, 3, 2, 5, 1}) {
      parts.push_back(variable(common.with_extent(axis, extent)));
    }
    const Tensor y = concatenate(parts, axis - 3);
    const Shape shape = common.with_extent(axis, 12);
    Index start = 0;
    for (const Tensor& part : parts) {
      const Index extent = part.shape()[axis];
      const auto inside = slice(y, axis, start, start + extent);
      EXPECT_EQ(values(inside), values(part));
      expect_moves(part, inside, part.shape(), [](const Position& p) { return p; });
      start += extent;
    }
    EXPECT_EQ(y.shape(), shape);
  }
}

TEST_F(Moves, ConcatenateOfOneTensorIsThatTensor) {
  const Tensor x = variable({2});
  EXPECT_EQ(concatenate({x}, 0).index(), x.index());
}

TEST_F(Moves, TheSameTensorTwiceReceivesBothAdjoints) {
  const Tensor x = tape.variable({1.0, 2.0});
  tape.backward(sum(concatenate({x, x}, 0) * tape.constant({1.0, 2.0, 10.0, 20.0})));
  EXPECT_EQ(adjoint(x), (std::vector<double>{11.0, 22.0}));
}

// ---- sums and means

struct Axes {
  std::vector<Index> given;
  std::vector<bool> summed;  // for each of the three axes
};

void expect_sums(const Tensor& x, const Axes& axes, bool keep) {
  Shape kept = x.shape();
  for (int axis = 0; axis < 3; ++axis) {
    if (axes.summed[static_cast<std::size_t>(axis)]) kept = kept.with_extent(axis, 1);
  }
  Shape shape = kept;
  for (int axis = 2; !keep && axis >= 0; --axis) {
    if (axes.summed[static_cast<std::size_t>(axis)]) shape = shape.without(axis);
  }
  const Tensor total = sum(x, axes.given, keep);
  const Tensor average = mean(x, axes.given, keep);
  ASSERT_EQ(total.shape(), shape);
  ASSERT_EQ(average.shape(), shape);
  std::vector<double> expected(static_cast<std::size_t>(kept.size()));
  for (Index flat = 0; flat < x.size(); ++flat) {
    expected[broadcast_flat(kept, position_of(x.shape(), flat))] +=
        x.values()[static_cast<std::size_t>(flat)];
  }
  expect_near(total.values(), expected, 1e-14);
  const double count = static_cast<double>(x.size()) / static_cast<double>(kept.size());
  for (double& e : expected) e /= count;
  expect_near(average.values(), expected, 1e-14);
  Random random(6);
  const std::vector<double> g = random_values(random, shape.size());
  x.tape()->backward(sum(average * x.tape()->constant(Values(g, shape))));
  for (Index flat = 0; flat < x.size(); ++flat) {
    const double share = g[broadcast_flat(kept, position_of(x.shape(), flat))] / count;
    EXPECT_NEAR(x.adjoint_values()[static_cast<std::size_t>(flat)], share, 1e-15);
  }
}

TEST_F(Moves, SumAndMeanReduceTheAxesGivenOnceEachAndKeepThemWhereAsked) {
  const Tensor x = variable({2, 3, 4});
  const std::array<Axes, 8> cases{
      Axes{{0}, {true, false, false}},     Axes{{1}, {false, true, false}},
      Axes{{-1}, {false, false, true}},    Axes{{0, 2}, {true, false, true}},
      Axes{{2, -3}, {true, false, true}},  Axes{{1, 1, -2}, {false, true, false}},
      Axes{{0, 1, 2}, {true, true, true}}, Axes{{}, {true, true, true}}};
  for (const Axes& axes : cases) {
    expect_sums(x, axes, false);
    expect_sums(x, axes, true);
  }
}

TEST_F(Moves, SumAndMeanOfEverythingAreScalars) {
  const Tensor x = tape.variable({{1.0, 2.0}, {3.0, 6.0}});
  EXPECT_EQ(sum(x).item(), 12.0);
  EXPECT_EQ(sum(x).rank(), 0);
  EXPECT_EQ(mean(x).item(), 3.0);
  tape.backward(mean(x));
  EXPECT_EQ(adjoint(x), (std::vector<double>{0.25, 0.25, 0.25, 0.25}));
  EXPECT_EQ(sum(tape.variable(3.0)).item(), 3.0);
}

}  // namespace
}  // namespace autograd::testing
