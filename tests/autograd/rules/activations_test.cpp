// Identities between activations, their kinks, NaN, and the gradients of learned parameters.
#include <gtest/gtest.h>

#include <functional>

#include "autograd/operations/families.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

using Function = std::function<Tensor(const Tensor&)>;

struct ValueAndSlope {
  double value;
  double slope;
};

ValueAndSlope at(double x, const Function& f) {
  Tape tape;
  const Tensor point = tape.variable(x);
  const Tensor y = f(point);
  tape.backward(y);
  return {y.item(), point.adjoint_item()};
}

double slope_at(double x, const Function& f) { return at(x, f).slope; }

// Points from the middle to where one side of an identity has rounded to its limit.
const std::vector<double>& points() {
  static const std::vector<double> all = [] {
    std::vector<double> p{0.0, 1e-300, 1e-8, 700.0, 745.0, 1e308};
    for (double x = 0.03125; x < 50.0; x *= 1.37) p.push_back(x);
    const std::size_t positive = p.size();
    for (std::size_t i = 0; i < positive; ++i) p.push_back(-p[i]);
    return p;
  }();
  return all;
}

// Values agree to a few units in the last place of 1, slopes relative to their own size.
void expect_same_function(const Function& f, const Function& g, double ulps = 4.0) {
  for (const double x : points()) {
    const ValueAndSlope a = at(x, f);
    const ValueAndSlope b = at(x, g);
    EXPECT_NEAR(a.value, b.value, ulps * epsilon * std::max(1.0, std::abs(b.value))) << "x = " << x;
    EXPECT_NEAR(a.slope, b.slope, ulps * epsilon * std::abs(b.slope) + 8.0 * smallest)
        << "slope at x = " << x;
  }
}

TEST(Identities, TanhIsTwiceTheSigmoidOfTwiceXMinusOne) {
  expect_same_function([](const Tensor& x) { return tanh(x); },
                       [](const Tensor& x) { return 2.0 * sigmoid(2.0 * x) - 1.0; }, 8.0);
}

TEST(Identities, HardTanhIsTwiceTheHardLogisticOfTwiceXMinusOne) {
  expect_same_function([](const Tensor& x) { return hard_tanh(x); },
                       [](const Tensor& x) { return 2.0 * hard_logistic(2.0 * x) - 1.0; }, 1.0);
}

TEST(Identities, SigmoidOfMinusXIsOneMinusSigmoid) {
  expect_same_function([](const Tensor& x) { return sigmoid(-x); },
                       [](const Tensor& x) { return 1.0 - sigmoid(x); });
}

TEST(Identities, GeneralizedLogisticWithAlphaOneIsSigmoid) {
  for (const double x : points()) {
    const ValueAndSlope f = at(x, [](const Tensor& t) { return generalized_logistic(t, 1.0); });
    const ValueAndSlope s = at(x, [](const Tensor& t) { return sigmoid(t); });
    // The exponent −softplus(−x) is about x where x is very negative; its rounding is relative.
    const double allowed = (4.0 + std::min(std::abs(x), 750.0)) * epsilon;
    EXPECT_NEAR(f.value, s.value, allowed * s.value + 8.0 * smallest) << "x = " << x;
    EXPECT_NEAR(f.slope, s.slope, allowed * s.slope + 8.0 * smallest) << "x = " << x;
  }
}

TEST(Identities, SoftmaxOverTwoLogitsIsSigmoidOfTheirDifference) {
  expect_same_function(
      [](const Tensor& x) {
        const Tensor both = concatenate({reshape(x, Shape{1}), reshape(x * 0.0, Shape{1})}, 0);
        return sum(slice(softmax(both), 0, 0, 1));
      },
      [](const Tensor& x) { return sigmoid(x); });
}

TEST(Identities, MaxoutWithAZeroSecondPieceIsReluAwayFromTheKink) {
  for (const double x : points()) {
    const ValueAndSlope m = at(x, [](const Tensor& t) {
      const Tensor zero = t.tape()->constant({0.0});
      return sum(maxout(concatenate({reshape(t, Shape{1}), zero}, 0), 2));
    });
    const ValueAndSlope r = at(x, [](const Tensor& t) { return relu(t); });
    EXPECT_EQ(m.value, r.value);
    // At 0 maxout's tie goes to the lowest index, relu's kink to the flat side.
    if (x == 0.0) continue;
    EXPECT_EQ(m.slope, r.slope) << "x = " << x;
  }
}

TEST(Identities, MaxoutWhoseSecondWeightIsAlphaTimesTheFirstIsLeakyRelu) {
  for (const double x : points()) {
    if (x == 0.0) continue;
    const ValueAndSlope m = at(x, [](const Tensor& t) {
      const Tensor weights = t.tape()->constant({1.0, 0.1});
      return sum(maxout(t * weights, 2));
    });
    const ValueAndSlope r = at(x, [](const Tensor& t) { return leaky_relu(t, 0.1); });
    EXPECT_EQ(m.value, r.value);
    EXPECT_EQ(m.slope, r.slope) << "x = " << x;
  }
}

TEST(Identities, SoftplusIsTheIntegralOfSigmoid) {
  for (const double x : points()) {
    EXPECT_EQ(slope_at(x, [](const Tensor& t) { return softplus(t); }),
              at(x, [](const Tensor& t) { return sigmoid(t); }).value);
  }
}

TEST(Sigmoid, SlopeIsRightWhereTheTextbookFormulaRoundsToZero) {
  const double a = at(40.0, [](const Tensor& x) { return sigmoid(x); }).value;
  EXPECT_EQ(a * (1.0 - a), 0.0);
  // mpmath, 50 digits: exp(-40)/(1+exp(-40))^2 = 4.2483542552915889772e-18
  EXPECT_DOUBLE_EQ(slope_at(40.0, [](const Tensor& x) { return sigmoid(x); }),
                   4.2483542552915889772e-18);
}

TEST(Tanh, SlopeIsRightWhereTheTextbookFormulaRoundsToZero) {
  const double t = at(20.0, [](const Tensor& x) { return tanh(x); }).value;
  EXPECT_EQ(1.0 - t * t, 0.0);
  // mpmath, 50 digits: 4 exp(-40)/(1+exp(-40))^2 = 1.6993417021166355909e-17
  EXPECT_DOUBLE_EQ(slope_at(20.0, [](const Tensor& x) { return tanh(x); }),
                   1.6993417021166355909e-17);
}

TEST(GeneralizedLogistic, SlopeIsLargestAtTheLogarithmOfAlpha) {
  const double alpha = 3.0;
  const Function f = [&](const Tensor& x) { return generalized_logistic(x, alpha); };
  const double largest = std::pow(alpha / (1.0 + alpha), alpha + 1.0);
  EXPECT_NEAR(slope_at(std::log(alpha), f), largest, 4.0 * epsilon);
  EXPECT_LT(slope_at(std::log(alpha) - 0.01, f), largest);
  EXPECT_LT(slope_at(std::log(alpha) + 0.01, f), largest);
}

// ---- kinks

TEST(Kinks, BelongToTheFlatOrLowerSideOfEveryActivation) {
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return relu(x); }), 0.0);
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return leaky_relu(x); }), 0.01);
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return leaky_relu(x, 0.3); }), 0.3);
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return prelu(x, 0.25); }), 0.25);
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return elu(x, 0.5); }), 0.5);
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return abs(x); }), 0.0);
  for (const double sign : {-1.0, 1.0}) {
    EXPECT_EQ(slope_at(sign, [](const Tensor& x) { return hard_tanh(x); }), 0.0);
    EXPECT_EQ(slope_at(2.0 * sign, [](const Tensor& x) { return hard_logistic(x); }), 0.0);
  }
}

TEST(Kinks, AreReachedByNoPointBesideThem) {
  const double above = std::nextafter(0.0, 1.0);
  EXPECT_EQ(slope_at(above, [](const Tensor& x) { return relu(x); }), 1.0);
  EXPECT_EQ(slope_at(-above, [](const Tensor& x) { return relu(x); }), 0.0);
  EXPECT_EQ(slope_at(above, [](const Tensor& x) { return prelu(x, 0.25); }), 1.0);
  EXPECT_EQ(slope_at(-above, [](const Tensor& x) { return abs(x); }), -1.0);
  EXPECT_EQ(slope_at(std::nextafter(1.0, 0.0), [](const Tensor& x) { return hard_tanh(x); }), 1.0);
  EXPECT_EQ(slope_at(std::nextafter(2.0, 0.0), [](const Tensor& x) { return hard_logistic(x); }),
            0.25);
}

TEST(Kinks, ReluIsNotTheMaximumOfXAndZero) {
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return maximum(x, 0.0); }), 1.0);
  EXPECT_EQ(slope_at(0.0, [](const Tensor& x) { return maximum(0.0, x); }), 0.0);
}

TEST(Kinks, EveryKinkInTheCatalogueJumpsInSlope) {
  for (const Rule* rule : catalogue()) {
    for (const double kink : rule->info.kinks) {
      const auto slope = [&](double x) {
        return slope_at(x, [&](const Tensor& t) {
          return rule->arity == 1 ? apply(*rule, {t}) : apply(*rule, {t, 0.25});
        });
      };
      EXPECT_NE(slope(kink - 0.125), slope(kink + 0.125)) << rule->info.name << " at " << kink;
      EXPECT_TRUE(rule->piecewise) << rule->info.name;
    }
  }
}

// ---- NaN in, NaN out

// The catalogue's elementwise functions but for comparisons, whose values are 0 or 1 always.
bool has_a_slope(const Rule& rule) {
  return rule.shape == RuleShape::elementwise &&
         (rule.differentiable[0] || rule.differentiable[1] || rule.differentiable[2]);
}

void expect_nan_passes(const Rule& rule, std::size_t operand, Index count) {
  Tape tape;
  std::vector<Tensor> operands;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    // where() reads its first branch, so that NaN is in the branch that is taken.
    const double point = ordinary_points(rule.info.domain[k])[2] + 0.1 * static_cast<double>(k);
    operands.push_back(tape.variable(Values(
        std::vector<double>(static_cast<std::size_t>(count), k == operand ? not_a_number : point),
        Shape{count})));
  }
  const Tensor y = record(rule, operands);
  tape.backward(sum(y));
  for (const double v : y.values()) ASSERT_TRUE(std::isnan(v)) << rule.info.name;
  if (!rule.differentiable[operand]) return;
  const bool has_constant_slope = rule.info.name == "add" || rule.info.name == "subtract" ||
                                  rule.info.name == "negate" || rule.info.name == "where" ||
                                  rule.info.name == "guard_nan";
  // The slope of a product by one factor is the other one.
  const bool is_free_of_itself =
      rule.info.name == "multiply" || rule.info.name.starts_with("gated") ||
      (rule.info.name == "divide" && operand == 0) ||
      (operand == 1 && rule.info.name.starts_with("binary_cross_entropy")) ||
      (operand == 1 && rule.info.name.ends_with("relu")) ||
      (operand == 1 && rule.info.name == "elu");
  if (has_constant_slope || is_free_of_itself) return;
  for (const double g : operands[operand].adjoint_values()) {
    ASSERT_TRUE(std::isnan(g)) << "slope of " << rule.info.name;
  }
}

TEST(NaN, InAnOperandIsNaNInValueAndSlopeOfScalarsAndOfLongArrays) {
  for (const Rule* rule : catalogue()) {
    if (!has_a_slope(*rule)) continue;
    for (std::size_t k = 0; k < rule->arity; ++k) {
      // A rectifier does not read its parameter where x > 0, nor where() the branch not taken.
      const bool unread =
          (k == 1 && (rule->info.name.ends_with("relu") || rule->info.name == "elu")) ||
          (k == 2 && rule->info.name == "where");
      if (unread) continue;
      expect_nan_passes(*rule, k, 1);
      expect_nan_passes(*rule, k, 1000);
    }
  }
}

TEST(NaN, PassesThroughARectifierWhoseSlopeIsZero) {
  EXPECT_TRUE(
      std::isnan(at(not_a_number, [](const Tensor& x) { return leaky_relu(x, 0.0); }).value));
  EXPECT_TRUE(std::isnan(at(not_a_number, [](const Tensor& x) { return prelu(x, 0.0); }).value));
}

TEST(NaN, InALearnedParameterReachesTheElementsThatUseItAndNoOthers) {
  Tape tape;
  const Tensor x = tape.constant({-1.0, 2.0});
  const Tensor slope = tape.constant(not_a_number);
  const Tensor y = prelu(x, slope);
  EXPECT_TRUE(std::isnan(y.values()[0]));
  EXPECT_EQ(y.values()[1], 2.0);
}

// ---- gradients of parameters

TEST(Prelu, SharedSlopeGathersWhatItsElementsSendBack) {
  Tape tape;
  const Tensor x = tape.constant({{-1.0, 2.0, -3.0}, {0.0, -5.0, 6.0}});
  const Tensor upstream = tape.constant({{1.0, 10.0, 100.0}, {1000.0, 2.0, 20.0}});
  const Tensor slope = tape.variable(0.25);
  tape.backward(sum(prelu(x, slope) * upstream));
  EXPECT_EQ(slope.adjoint_item(), -1.0 - 300.0 - 10.0);
}

TEST(Prelu, SlopePerFeatureGathersOverTheRowsOfItsColumn) {
  Tape tape;
  const Tensor x = tape.constant({{-1.0, 2.0, -3.0}, {0.0, -5.0, 6.0}});
  const Tensor upstream = tape.constant({{1.0, 10.0, 100.0}, {1000.0, 2.0, 20.0}});
  const Tensor slope = tape.variable({0.1, 0.2, 0.3});
  const Tensor y = prelu(x, slope);
  tape.backward(sum(y * upstream));
  EXPECT_EQ(values(y), (std::vector<double>{-0.1, 2.0, 0.3 * -3.0, 0.0, -1.0, 6.0}));
  EXPECT_EQ(adjoint(slope), (std::vector<double>{-1.0, -10.0, -300.0}));
}

TEST(GeneralizedLogistic, AlphaReceivesMinusValueTimesSoftplusOfMinusX) {
  Tape tape;
  const std::vector<double> x{-2.0, 0.5, 3.0};
  const Tensor alpha = tape.variable(1.5);
  tape.backward(sum(generalized_logistic(tape.constant({-2.0, 0.5, 3.0}), alpha)));
  double expected = 0.0;
  for (const double v : x) {
    const double s = std::log1p(std::exp(-v));
    expected -= std::exp(-1.5 * s) * s;
  }
  EXPECT_NEAR(alpha.adjoint_item(), expected, 8.0 * epsilon);
}

TEST(GeneralizedLogistic, AlphaReceivesZeroWhereTheValueUnderflows) {
  Tape tape;
  const Tensor alpha = tape.variable(2.0);
  tape.backward(sum(generalized_logistic(tape.constant({-1e308, -infinity}), alpha)));
  EXPECT_EQ(alpha.adjoint_item(), 0.0);
}

TEST(Elu, AlphaReceivesExpm1OfTheElementsBelowZero) {
  Tape tape;
  const Tensor alpha = tape.variable(0.7);
  tape.backward(sum(elu(tape.constant({-2.0, -1e-12, 0.0, 3.0}), alpha)));
  EXPECT_DOUBLE_EQ(alpha.adjoint_item(), std::expm1(-2.0) + std::expm1(-1e-12));
}

TEST(Elu, KeepsTheDigitsOfSmallNegativeValues) {
  EXPECT_DOUBLE_EQ(at(-1e-20, [](const Tensor& x) { return elu(x); }).value, -1e-20);
}

}  // namespace
}  // namespace autograd::testing
