// What the tests of the engine share: messages of errors, random tensors, and plain loops over
// every element of a shape to compare with.
//
// Rule for callers: everything random starts from a seed given by the test, so that a failure can
// be had again.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "autograd/rules/catalogue.h"

namespace autograd::testing {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double epsilon = std::numeric_limits<double>::epsilon();
inline constexpr double smallest = std::numeric_limits<double>::denorm_min();
inline const double not_a_number = std::numeric_limits<double>::quiet_NaN();

// The message of the error that `call` throws; a test failure and "" if it throws none.
template <class Error, class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

// "tape_test.cpp:31": the line before the one this is called on.
inline std::string the_line_above(SourceLine here = SourceLine::here()) {
  --here.line;
  return to_string(here);
}

inline std::vector<double> copy(std::span<const double> elements) {
  return {elements.begin(), elements.end()};
}
inline std::vector<double> values(const Tensor& x) { return copy(x.values()); }
inline std::vector<double> adjoint(const Tensor& x) { return copy(x.adjoint_values()); }

// Equal up to `tolerance` of the magnitude, or 1 where that is larger; NaN equals NaN.
inline ::testing::AssertionResult near(double actual, double expected, double tolerance) {
  const bool both_nan = std::isnan(actual) && std::isnan(expected);
  const double scale = std::max(1.0, std::abs(expected));
  if (both_nan || actual == expected || std::abs(actual - expected) <= tolerance * scale) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << actual << " is not " << expected;
}

inline void expect_near(std::span<const double> actual, std::span<const double> expected,
                        double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_TRUE(near(actual[i], expected[i], tolerance)) << "at element " << i;
  }
}

using Random = std::mt19937_64;

inline std::vector<double> random_values(Random& random, Index count) {
  std::uniform_real_distribution<double> between(-2.0, 2.0);
  std::vector<double> elements(static_cast<std::size_t>(count));
  for (double& element : elements) element = between(random);
  return elements;
}
inline Tensor random_variable(Tape& tape, Random& random, const Shape& shape) {
  return tape.variable(Values(random_values(random, shape.size()), shape));
}
inline Index random_index(Random& random, Index low, Index high) {
  return std::uniform_int_distribution<Index>(low, high)(random);
}

// Where an element is along each axis.
using Position = std::vector<Index>;

inline Position position_of(const Shape& shape, Index flat) {
  Position position(static_cast<std::size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    position[static_cast<std::size_t>(axis)] = flat % shape[axis];
    flat /= shape[axis];
  }
  return position;
}
inline std::size_t flat_of(const Shape& shape, const Position& position) {
  Index flat = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    flat = flat * shape[axis] + position[static_cast<std::size_t>(axis)];
  }
  return static_cast<std::size_t>(flat);
}

// What NumPy reads of a tensor of shape `shape` at a position of the result: axes are matched from
// the last one backwards, and an extent of 1 is repeated.
inline std::size_t broadcast_flat(const Shape& shape, const Position& position) {
  Position own(static_cast<std::size_t>(shape.rank()));
  const std::size_t missing = position.size() - own.size();
  for (std::size_t axis = 0; axis < own.size(); ++axis) {
    own[axis] = shape[static_cast<int>(axis)] == 1 ? 0 : position[axis + missing];
  }
  return flat_of(shape, own);
}

// Ordinary points of a domain, away from kinks.
inline std::array<double, 4> ordinary_points(Domain domain) {
  switch (domain) {
    case Domain::positive:
      return {0.3, 0.9, 1.7, 4.2};
    case Domain::above_minus_one:
      return {-0.6, -0.1, 0.8, 3.1};
    case Domain::unit_interval:
      return {0.1, 0.35, 0.6, 0.85};
    case Domain::nonzero:
      return {-1.5, -0.4, 0.6, 2.1};
    case Domain::condition:
      return {0.0, 1.0, 1.0, 0.0};
    case Domain::real:
      break;
  }
  return {-2.3, -0.7, 0.4, 1.9};
}

// Calls visit(operands) with every combination of ordinary points of an elementwise rule's domain.
template <class Visit>
void for_each_ordinary_point(const Rule& rule, Visit visit) {
  std::size_t combinations = 1;
  for (std::size_t k = 0; k < rule.arity; ++k) combinations *= 4;
  for (std::size_t c = 0; c < combinations; ++c) {
    std::vector<double> operands;
    for (std::size_t k = 0, rest = c; k < rule.arity; ++k, rest /= 4) {
      // No two operands are equal: minimum and maximum have their kink there.
      const double apart = rule.info.domain[k] == Domain::condition ? 0.0 : 0.03;
      operands.push_back(ordinary_points(rule.info.domain[k])[rest % 4] +
                         apart * static_cast<double>(k));
    }
    visit(operands);
  }
}

inline double dot(std::span<const double> a, std::span<const double> b) {
  double total = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

// Records any rule on any number of tensors.
inline Tensor record(const Rule& rule, std::span<const Tensor> operands,
                     std::span<const Index> attributes = {}) {
  const std::vector<Operand> all(operands.begin(), operands.end());
  return operands[0].tape()->record(rule, all, attributes);
}

}  // namespace autograd::testing
