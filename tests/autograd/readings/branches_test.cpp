// Which way a rule's value went changes across a kink and nowhere else: over every rule of the
// catalogue that has branches.
#include "autograd/readings/branches.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "autograd/rules/rule.h"
#include "tests/autograd/support.h"

namespace autograd {
namespace {

using testing::Random;
using testing::random_values;

// The way a rule goes at operands of the given shapes.
std::uint64_t way(const Rule& rule, const std::vector<Shape>& shapes,
                  const std::vector<std::vector<double>>& values,
                  const std::vector<Index>& attributes = {}) {
  Geometry geometry;
  Call<double> call;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    geometry.operands[k] = &shapes[k];
    call.operands[k] = values[k].data();
  }
  geometry.attributes = attributes;
  const Shape result = rule.result_shape(geometry);
  geometry.result = &result;
  call.geometry = geometry;
  return rule.branches(rule, call);
}
std::uint64_t way(const Rule& rule, double x, double y) {
  return way(rule, {Shape{}, Shape{}}, {{x}, {y}});
}

// So that an author who forgets to say `piecewise` still has the kinks found. A `where` is
// piecewise by its condition alone, which has no slope.
TEST(Branches, AreTakenByEveryPiecewiseRuleAndByNoOther) {
  Random random(3);
  int piecewise = 0;
  for (const Rule* rule : catalogue()) {
    if (rule->branches == nullptr) {
      EXPECT_FALSE(rule->piecewise) << rule->info.name;
      continue;
    }
    const std::vector<Example> examples =
        rule->examples == nullptr
            ? std::vector<Example>{{std::vector<Shape>(rule->arity, Shape{3}), {}}}
            : rule->examples();
    for (const Example& example : examples) {
      std::vector<std::vector<double>> values;
      for (const Shape& shape : example.operands) {
        values.push_back(random_values(random, shape.size()));
      }
      EXPECT_EQ(way(*rule, example.operands, values, example.attributes) != 0,
                rule->piecewise || rule->info.name == "where")
          << rule->info.name;
    }
    piecewise += rule->piecewise ? 1 : 0;
  }
  EXPECT_GE(piecewise, 20);
}

TEST(Branches, ChangeAcrossEveryKinkOfTheElementwiseRulesAndNotBesideIt) {
  int kinks = 0;
  for (const Rule* rule : catalogue()) {
    if (!rule->piecewise || rule->info.kinks.empty()) continue;
    for (const double kink : rule->info.kinks) {
      for (const double step : {1e-15, 1e-7, 0.3}) {
        SCOPED_TRACE(std::string(rule->info.name) + " at " + std::to_string(kink));
        const std::uint64_t below = way(*rule, kink - step, 0.5);
        const std::uint64_t above = way(*rule, kink + step, 0.5);
        EXPECT_NE(below, above);
        EXPECT_EQ(below, way(*rule, kink - 1.1 * step, 0.5));
        EXPECT_EQ(above, way(*rule, kink + 1.1 * step, 0.5));
        // The kink itself goes with one of its sides.
        const std::uint64_t at = way(*rule, kink, 0.5);
        EXPECT_TRUE(at == below || at == above);
      }
      ++kinks;
    }
    // The second operand, a slope, chooses nothing; nor does a slope of 0.
    for (const double slope : {-0.1, 0.0, 0.25}) {
      EXPECT_EQ(way(*rule, -0.7, slope), way(*rule, -0.7, 0.5)) << rule->info.name;
    }
  }
  EXPECT_EQ(kinks, 9);
}

TEST(Branches, ChangeWhereTwoOperandsMeet) {
  for (const char* name :
       {"minimum", "maximum", "less", "less_equal", "greater", "greater_equal"}) {
    const Rule& rule = *find_rule(name);
    EXPECT_NE(way(rule, 1.0, 2.0), way(rule, 2.0, 1.0)) << name;
    EXPECT_EQ(way(rule, 1.0, 2.0), way(rule, 1.5, 1.5 + 1e-15)) << name;
    EXPECT_EQ(way(rule, 2.0, 1.0), way(rule, 1.5 + 1e-15, 1.5)) << name;
  }
  for (const char* name : {"equal", "not_equal"}) {
    const Rule& rule = *find_rule(name);
    EXPECT_NE(way(rule, 1.0, 1.0), way(rule, 1.0, 2.0)) << name;
    EXPECT_EQ(way(rule, 2.0, 1.0), way(rule, 1.0, 2.0)) << name;
  }
}

TEST(Branches, OfRulesAlongAnAxisAreTheIndexOfTheMaximum) {
  Random random(8);
  int rules = 0;
  for (const Rule* rule : catalogue()) {
    if (!rule->piecewise || rule->examples == nullptr) continue;
    const double sign = rule->info.name == "min" ? -1.0 : 1.0;
    for (const Example& example : rule->examples()) {
      SCOPED_TRACE(rule->info.name);
      std::vector<double> x = random_values(random, example.operands[0].size());
      const std::uint64_t before = way(*rule, example.operands, {x}, example.attributes);
      for (double& v : x) v += 0.125;
      EXPECT_EQ(before, way(*rule, example.operands, {x}, example.attributes));
      // The last element of all was not the first of its fibre; now it leads it, then it does not.
      x.back() = sign * 10.0;
      const std::uint64_t leads = way(*rule, example.operands, {x}, example.attributes);
      x.back() = sign * 11.0;
      EXPECT_EQ(leads, way(*rule, example.operands, {x}, example.attributes));
      x.back() = sign * -11.0;
      EXPECT_NE(leads, way(*rule, example.operands, {x}, example.attributes));
    }
    ++rules;
  }
  EXPECT_EQ(rules, 5);
}

TEST(Branches, OfATieAreThoseOfItsLowestIndex) {
  const Rule& rule = *find_rule("max");
  const auto of = [&](const std::vector<double>& x) { return way(rule, {{4}}, {x}, {0, 0}); };
  EXPECT_EQ(of({2.0, 2.0, 2.0, 2.0}), of({2.1, 2.0, 2.0, 2.0}));
  EXPECT_NE(of({2.0, 2.0, 2.0, 2.0}), of({2.0, 2.1, 2.0, 2.0}));
  EXPECT_NE(of({2.0, 2.1, 2.0, 2.0}), of({2.0, 2.0, 2.1, 2.0}));
}

TEST(Branches, TellWhichOfManyElementsChanged) {
  const Rule& rule = *find_rule("relu");
  const auto of = [&](const std::vector<double>& x) { return way(rule, {{3}}, {x}); };
  const std::vector<std::uint64_t> ways{of({1.0, 1.0, 1.0}),   of({-1.0, 1.0, 1.0}),
                                        of({1.0, -1.0, 1.0}),  of({1.0, 1.0, -1.0}),
                                        of({-1.0, -1.0, 1.0}), of({-1.0, -1.0, -1.0})};
  for (std::size_t i = 0; i < ways.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(ways[i], ways[j]) << i << ", " << j;
  }
}

TEST(Branches, AreFoundWhereOperandsAreRepeated) {
  const Rule& rule = *find_rule("maximum");
  const std::vector<Shape> shapes{Shape{2, 2}, Shape{2}};
  const std::uint64_t before = way(rule, shapes, {{1.0, 2.0, 3.0, 4.0}, {2.5, 2.5}});
  EXPECT_EQ(before, way(rule, shapes, {{1.1, 2.1, 3.1, 4.1}, {2.5, 2.5}}));
  EXPECT_NE(before, way(rule, shapes, {{1.0, 2.0, 3.0, 4.0}, {2.5, 1.5}}));
}

TEST(Branches, HaveTheValuesOfTheVocabulary) {
  const Branches x(0.75, 7);
  EXPECT_EQ(num::exp(x).value, num::exp(0.75));
  EXPECT_EQ(num::log(x).value, num::log(0.75));
  EXPECT_EQ(num::log1p(x).value, num::log1p(0.75));
  EXPECT_EQ(num::expm1(x).value, num::expm1(0.75));
  EXPECT_EQ(num::sqrt(x).value, num::sqrt(0.75));
  EXPECT_EQ(num::tanh(x).value, num::tanh(0.75));
  EXPECT_EQ(num::sigmoid(x).value, num::sigmoid(0.75));
  EXPECT_EQ(num::softplus(x).value, num::softplus(0.75));
  EXPECT_EQ(num::pow(x, Branches(3.0)).value, num::pow(0.75, 3.0));
  EXPECT_EQ(num::gated(Branches(0.0), Branches(testing::infinity)).value, 0.0);
  EXPECT_EQ(num::gated_by_both(Branches(testing::infinity), Branches(0.0)).value, 0.0);
  EXPECT_EQ(num::product_error(x, x).value, num::product_error(0.75, 0.75));
  EXPECT_EQ((x / Branches(2.0) - x * Branches(2.0) + -x).value, 0.375 - 1.5 - 0.75);
  EXPECT_EQ(num::exp(x).taken, 7U);
  EXPECT_EQ(num::guard_nan(Branches(1.0), x).taken, 7U);
  EXPECT_TRUE(std::isnan(num::guard_nan(Branches(testing::not_a_number), x).value));
}

}  // namespace
}  // namespace autograd
