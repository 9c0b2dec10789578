// Softmax and its relatives, maxima and maxout, along every axis.
#include <gtest/gtest.h>

#include <functional>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

// Calls visit(indices of one fibre) for every fibre along the axis, by plain loops.
void for_each_fibre(const Shape& shape, int axis,
                    const std::function<void(const std::vector<std::size_t>&)>& visit) {
  for (Index flat = 0; flat < shape.size(); ++flat) {
    Position position = position_of(shape, flat);
    if (position[static_cast<std::size_t>(axis)] != 0) continue;
    std::vector<std::size_t> fibre;
    for (Index j = 0; j < shape[axis]; ++j) {
      position[static_cast<std::size_t>(axis)] = j;
      fibre.push_back(flat_of(shape, position));
    }
    visit(fibre);
  }
}

TEST(Softmax, IsSharesOfExponentialsAlongEveryAxis) {
  Random random(1);
  const Shape shape{2, 3, 4};
  for (int axis = 0; axis < 3; ++axis) {
    Tape tape;
    const Tensor x = random_variable(tape, random, shape);
    const Tensor s = softmax(x, axis);
    const Tensor t = softmax(x, axis - 3);
    const Tensor l = log_softmax(x, axis);
    EXPECT_EQ(values(s), values(t));
    for_each_fibre(shape, axis, [&](const auto& fibre) {
      double total = 0.0;
      for (const std::size_t i : fibre) total += std::exp(x.values()[i]);
      for (const std::size_t i : fibre) {
        EXPECT_NEAR(s.values()[i], std::exp(x.values()[i]) / total, 4.0 * epsilon);
        EXPECT_NEAR(l.values()[i], x.values()[i] - std::log(total), 8.0 * epsilon);
      }
    });
  }
}

TEST(Softmax, SendsBackItsJacobianTimesTheUpstreamAdjoint) {
  Random random(2);
  const Shape shape{3, 2, 4};
  for (int axis = 0; axis < 3; ++axis) {
    Tape tape;
    const Tensor x = random_variable(tape, random, shape);
    const std::vector<double> g = random_values(random, shape.size());
    const Tensor s = softmax(x, axis);
    const Tensor logs = log_softmax(x, axis);
    const auto check = [&](const Tensor& y, bool logarithm) {
      tape.backward(sum(y * tape.constant(Values(g, shape))));
      for_each_fibre(shape, axis, [&](const auto& fibre) {
        for (const std::size_t i : fibre) {
          double expected = 0.0;
          for (const std::size_t j : fibre) {
            const double si = s.values()[i];
            const double sj = s.values()[j];
            const double same = i == j ? 1.0 : 0.0;
            expected += g[j] * (logarithm ? same - si : sj * (same - si));
          }
          EXPECT_NEAR(x.adjoint_values()[i], expected, 1e-14);
        }
      });
    };
    check(s, false);
    check(logs, true);
  }
}

TEST(Softmax, DoesNotChangeWhenAllLogitsShiftAndGivesTheShiftNoGradient) {
  Tape tape;
  const Tensor shift = tape.variable(0.0);
  const Tensor x = tape.constant({1.0, -2.0, 0.5});
  const Tensor plain = softmax(x);
  for (const double by : {-1e6, 1024.0, 1e300}) {
    const std::array<double, 1> one{by};
    tape.assign(shift, one);
    // Powers of two and small numbers: the shift itself must not round the differences away.
    if (by == 1024.0) expect_near(softmax(x + shift).values(), plain.values(), 1e-12);
    EXPECT_NEAR(sum(softmax(x + shift)).item(), 1.0, 4.0 * epsilon);
  }
  tape.backward(sum(softmax(x + shift) * tape.constant({3.0, 1.0, -2.0})));
  EXPECT_NEAR(shift.adjoint_item(), 0.0, 4.0 * epsilon);
}

TEST(Softmax, ARowWithSomeMinusInfinityIsFine) {
  Tape tape;
  const Tensor x = tape.variable({{-infinity, 0.0, 0.0}, {1.0, -infinity, -infinity}});
  const Tensor s = softmax(x);
  EXPECT_EQ(values(s), (std::vector<double>{0.0, 0.5, 0.5, 1.0, 0.0, 0.0}));
  tape.backward(sum(s * tape.constant({{5.0, 1.0, 3.0}, {2.0, 7.0, 7.0}})));
  EXPECT_EQ(adjoint(x), (std::vector<double>{0.0, -0.5, 0.5, 0.0, 0.0, 0.0}));
  const Tensor l = log_softmax(x);
  EXPECT_EQ(l.values()[0], -infinity);
  tape.backward(sum(slice(l, 1, 0, 2) * tape.constant({{0.0, 1.0}, {1.0, 0.0}})));
  for (const double g : x.adjoint_values()) EXPECT_TRUE(std::isfinite(g));
}

TEST(Softmax, ARowOfOnlyMinusInfinityIsAnErrorThatNamesIt) {
  Tape tape;
  const Tensor x = named(tape.constant({{0.0, 1.0}, {-infinity, -infinity}}), "x");
  const Tensor y = named(tape.constant({{1.0, 0.0}, {0.0, 1.0}}), "y");
  std::string message = message_of<NonFiniteError>([&] { softmax(x); });
  const std::string line = the_line_above();
  EXPECT_EQ(message,
            "softmax(x: 2×2): every element along the axis is −∞ (fibre 1) (" + line + ").");
  message = message_of<NonFiniteError>([&] { log_softmax(x); });
  EXPECT_TRUE(message.starts_with("log_softmax(x: 2×2): every element")) << message;
  message = message_of<NonFiniteError>([&] { cross_entropy_with_logits(x, y); });
  EXPECT_TRUE(message.starts_with("cross_entropy_with_logits(x: 2×2, y: 2×2): every element"))
      << message;
}

TEST(Softmax, AnErrorLeavesTheTapeAsItWas) {
  Tape tape;
  const Tensor x = tape.variable({-infinity, -infinity});
  const std::size_t size = tape.size();
  for (int i = 0; i < 3; ++i) EXPECT_THROW(softmax(x), NonFiniteError);
  EXPECT_EQ(tape.size(), size);
  EXPECT_EQ(x.values()[0], -infinity);
}

TEST(LogSumExp, OfHugeValuesIsTheLargestPlusTheLogarithmOfTheRest) {
  Tape tape;
  EXPECT_DOUBLE_EQ(log_sum_exp(tape.constant({1000.0, 1000.0})).item(), 1000.0 + std::log(2.0));
  EXPECT_DOUBLE_EQ(log_sum_exp(tape.constant({-1000.0, -1000.0})).item(), -1000.0 + std::log(2.0));
  EXPECT_EQ(log_sum_exp(tape.constant({1e308, 1e308})).item(), 1e308);
  EXPECT_EQ(log_sum_exp(tape.constant({infinity, 0.0})).item(), infinity);
  EXPECT_EQ(log_sum_exp(tape.constant({-infinity, -infinity})).item(), -infinity);
  EXPECT_EQ(log_sum_exp(tape.constant({-infinity, 3.0})).item(), 3.0);
}

TEST(LogSumExp, SendsBackSoftmax) {
  Tape tape;
  const Tensor x = tape.variable({{1000.0, 1001.0}, {-1.0, 2.0}});
  tape.backward(sum(log_sum_exp(x, 1)));
  expect_near(x.adjoint_values(), softmax(x).values(), 4.0 * epsilon);
}

TEST(MaxAndMin, ReduceEveryAxisWithAndWithoutKeepingIt) {
  Random random(3);
  const Shape shape{2, 3, 4};
  for (int axis = 0; axis < 3; ++axis) {
    Tape tape;
    const Tensor x = random_variable(tape, random, shape);
    const Tensor largest = max(x, axis);
    const Tensor least = min(x, axis - 3, true);
    EXPECT_EQ(largest.shape(), shape.without(axis));
    EXPECT_EQ(least.shape(), shape.with_extent(axis, 1));
    EXPECT_EQ(log_sum_exp(x, axis, true).shape(), shape.with_extent(axis, 1));
    std::size_t next = 0;
    for_each_fibre(shape, axis, [&](const auto& fibre) {
      double high = -infinity;
      double low = infinity;
      for (const std::size_t i : fibre) {
        high = std::max(high, x.values()[i]);
        low = std::min(low, x.values()[i]);
      }
      EXPECT_EQ(largest.values()[next], high);
      EXPECT_EQ(least.values()[next], low);
      ++next;
    });
  }
}

TEST(Ties, OfMaxAndMinAlongAnAxisGoToTheLowestIndexWhole) {
  Tape tape;
  const Tensor x = tape.variable({{1.0, 3.0, 3.0}, {2.0, 2.0, 2.0}});
  tape.backward(sum(max(x, 1) * tape.constant({5.0, 7.0})));
  EXPECT_EQ(adjoint(x), (std::vector<double>{0, 5, 0, 7, 0, 0}));
  tape.backward(sum(min(x, 0)));
  EXPECT_EQ(adjoint(x), (std::vector<double>{1, 0, 0, 0, 1, 1}));
}

TEST(Ties, OfMaxoutGoToTheLowestIndexWhole) {
  Tape tape;
  const Tensor x = tape.variable({{4.0, 4.0, 1.0, 2.0}});
  const Tensor y = maxout(x, 2);
  tape.backward(sum(y));
  EXPECT_EQ(y.shape(), (Shape{1, 2}));
  EXPECT_EQ(values(y), (std::vector<double>{4.0, 2.0}));
  EXPECT_EQ(adjoint(x), (std::vector<double>{1.0, 0.0, 0.0, 1.0}));
}

TEST(Maxout, OnlyTheWinningPieceAndTheInputThroughItReceiveTheAdjoint) {
  Tape tape;
  const Tensor x = tape.variable({{1.0, 2.0}});
  // One unit of three pieces: columns are w1, w2, w3.
  const Tensor w = tape.variable({{1.0, 0.0, -1.0}, {0.0, 3.0, 1.0}});
  const Tensor b = tape.variable({0.5, -0.5, 0.0});
  const Tensor y = maxout(matmul(x, w) + b, 3);
  tape.backward(sum(y));
  EXPECT_EQ(y.item(), 5.5);
  EXPECT_EQ(adjoint(w), (std::vector<double>{0, 1, 0, 0, 2, 0}));
  EXPECT_EQ(adjoint(b), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(adjoint(x), (std::vector<double>{0, 3}));
}

TEST(NaN, InAFibreIsNaNInItsResultAndAdjointsAndNowhereElse) {
  const std::array<std::function<Tensor(const Tensor&)>, 5> functions{
      [](const Tensor& x) { return max(x, 1); }, [](const Tensor& x) { return min(x, 1); },
      [](const Tensor& x) { return log_sum_exp(x, 1); },
      [](const Tensor& x) { return softmax(x, 1); },
      [](const Tensor& x) { return log_softmax(x, 1); }};
  for (const auto& f : functions) {
    for (const std::size_t at : {std::size_t{0}, std::size_t{2}}) {
      std::vector<double> elements{1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
      elements[at] = not_a_number;
      Tape tape;
      const Tensor x = tape.variable(Values(elements, Shape{2, 3}));
      const Tensor y = f(x);
      tape.backward(sum(y));
      const std::size_t half = y.values().size() / 2;
      for (std::size_t i = 0; i < half; ++i) {
        EXPECT_TRUE(std::isnan(y.values()[i]));
        EXPECT_TRUE(std::isfinite(y.values()[half + i]));
      }
      EXPECT_TRUE(std::isnan(x.adjoint_values()[at]));
      for (std::size_t i = 3; i < 6; ++i) EXPECT_TRUE(std::isfinite(x.adjoint_values()[i]));
    }
  }
}

}  // namespace
}  // namespace autograd::testing
