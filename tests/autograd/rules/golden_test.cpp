// Values and slopes of the elementwise functions against high-precision arithmetic: see
// tests/data/golden/README.md for how the numbers were made.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "autograd/operations/families.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

struct GoldenRow {
  double x = 0.0;
  double value = 0.0;
  double slope = 0.0;
};
// One function at one parameter: "" for functions that have none.
using Key = std::pair<std::string, std::string>;
using Golden = std::map<Key, std::vector<GoldenRow>>;

Golden read_golden() {
  std::ifstream file(TAPEWISE_TEST_DATA "/golden/elementwise.csv");
  Golden golden;
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "function,x,parameter,value,slope,second");
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::array<std::string, 6> cell;
    for (std::string& c : cell) std::getline(cells, c, ',');
    // strtod reads subnormals and inf, which streams refuse.
    const auto number = [&](std::size_t c) { return std::strtod(cell[c].c_str(), nullptr); };
    golden[{cell[0], cell[2]}].push_back({number(1), number(3), number(4)});
  }
  return golden;
}

const Golden& golden() {
  static const Golden all = read_golden();
  return all;
}

// A few units in the last place where numbers are normal, a few of the smallest number below; and
// `scale`, the size of the terms where the result is their difference.
::testing::AssertionResult agrees(double actual, double expected, double ulps, double scale) {
  if (std::isnan(expected)) {
    return std::isnan(actual) ? ::testing::AssertionSuccess()
                              : ::testing::AssertionFailure() << actual << " is not NaN";
  }
  const double allowed =
      ulps * epsilon * std::max(std::abs(expected), std::min(scale, 1e300)) + 8.0 * smallest;
  if (actual == expected || std::abs(actual - expected) <= allowed) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << actual << " is not " << expected << ", off by " << std::abs(actual - expected)
         << " where " << allowed << " is allowed";
}

struct Tolerance {
  double ulps = 4.0;
  double slope_scale = 0.0;
};

Tolerance tolerance_of(const std::string& function, const GoldenRow& row, double parameter) {
  Tolerance tolerance;
  if (function == "binary_cross_entropy_with_logits" && std::isfinite(row.x)) {
    // The slope is (1 − y)σ(z) − yσ(−z), small where σ(z) is close to y.
    tolerance.slope_scale =
        (1.0 - parameter) / (1.0 + std::exp(-row.x)) + parameter / (1.0 + std::exp(row.x));
  }
  return tolerance;
}

Tensor call(const std::string& function, const Tensor& x, const std::string& parameter) {
  const Rule* rule = find_rule(function);
  EXPECT_NE(rule, nullptr) << function;
  if (parameter.empty()) return apply(*rule, {x});
  return apply(*rule, {x, std::strtod(parameter.c_str(), nullptr)});
}

void expect_golden(const Key& key, const GoldenRow& row, double value, double slope) {
  const auto& [function, parameter] = key;
  const Tolerance tolerance = tolerance_of(function, row, std::strtod(parameter.c_str(), nullptr));
  SCOPED_TRACE(function + "(" + std::to_string(row.x) + ") parameter " + parameter);
  EXPECT_TRUE(agrees(value, row.value, tolerance.ulps, 0.0)) << "value at x = " << row.x;
  // −x has the slope −1 whatever x is; nothing of a NaN operand enters it.
  const double expected = function == "negate" ? -1.0 : row.slope;
  EXPECT_TRUE(agrees(slope, expected, tolerance.ulps, tolerance.slope_scale))
      << "slope at x = " << row.x;
}

TEST(Golden, TheFileHasEveryElementaryFunctionAndActivation) {
  for (const auto family : {operations::elementary_rules(), operations::activation_rules()}) {
    for (const Rule* rule : family) {
      if (rule->shape != RuleShape::elementwise) continue;
      const bool there = std::any_of(golden().begin(), golden().end(), [&](const auto& entry) {
        return entry.first.first == rule->info.name && entry.second.size() > 50;
      });
      EXPECT_TRUE(there) << rule->info.name
                         << " has no golden values: add it to tests/data/golden/make_golden.py";
    }
  }
}

TEST(Golden, TheFileHoldsThePointsWhereFormulasBreak) {
  for (const auto& [key, rows] : golden()) {
    for (const double point : {0.0, 0.5, -0.5, 2.0, -2.0, 20.0, -20.0, 40.0, -40.0, 745.0, -745.0,
                               1e308, -1e308, infinity, -infinity}) {
      EXPECT_TRUE(std::any_of(rows.begin(), rows.end(),
                              [&](const GoldenRow& row) { return row.x == point; }))
          << key.first << " at " << point;
    }
    EXPECT_TRUE(std::isnan(rows.back().x)) << key.first;
  }
}

TEST(Golden, ValueAndSlopeOfLongArraysAreRightToAFewUnitsInTheLastPlace) {
  for (const auto& [key, rows] : golden()) {
    std::vector<double> points;
    for (const GoldenRow& row : rows) points.push_back(row.x);
    Tape tape;
    const Tensor x = tape.variable(Values(points, Shape{static_cast<Index>(points.size())}));
    const Tensor y = call(key.first, x, key.second);
    tape.backward(sum(y));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      expect_golden(key, rows[i], y.values()[i], x.adjoint_values()[i]);
    }
  }
}

TEST(Golden, ValueAndSlopeOfScalarsAreRightToAFewUnitsInTheLastPlace) {
  Tape tape;
  for (const auto& [key, rows] : golden()) {
    for (const GoldenRow& row : rows) {
      const Tape::Scope scope = tape.scope();
      const Tensor x = tape.variable(row.x);
      const Tensor y = call(key.first, x, key.second);
      tape.backward(y);
      expect_golden(key, row, y.item(), x.adjoint_item());
    }
  }
}

}  // namespace
}  // namespace autograd::testing
