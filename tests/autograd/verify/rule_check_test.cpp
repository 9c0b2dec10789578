// The gradient check checks: it passes the whole catalogue, and it fails for rules that are wrong
// on purpose, as people have written them.
#include "autograd/verify/rule_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/custom_operation.h"
#include "autograd/rules/activations.h"
#include "autograd/rules/catalogue.h"
#include "autograd/rules/over_an_axis.h"
#include "autograd/rules/products.h"
#include "autograd/rules/structure.h"

namespace autograd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

bool has_gradient(const Rule& rule) {
  return std::any_of(rule.differentiable.begin(), rule.differentiable.end(),
                     [](bool differentiable) { return differentiable; });
}

// ---- what is right passes

TEST(RuleCheck, PassesTheWholeCatalogueWithAnySeed) {
  for (const Rule* rule : catalogue()) {
    for (const std::uint64_t seed : {1U, 2U, 3U, 77U}) {
      const RuleReport report = check_rule(*rule, seed);
      EXPECT_TRUE(report.passed) << report.failure << " (seed " << seed << ")";
      EXPECT_EQ(report.failure, "");
      EXPECT_EQ(report.rule, rule);
      EXPECT_EQ(report.entries > 0, has_gradient(*rule)) << rule->info.name;
      EXPECT_LE(report.worst_error, 1e-12) << rule->info.name;
    }
  }
}

TEST(RuleCheck, LooksAtKinksAndTiesWhereThereAreSome) {
  for (const char* name : {"relu", "leaky_relu", "prelu", "elu", "hard_logistic", "hard_tanh",
                           "abs", "minimum", "maximum", "max", "min", "maxout"}) {
    const Rule* rule = find_rule(name);
    ASSERT_NE(rule, nullptr) << name;
    EXPECT_GT(check_rule(*rule).kinks, 0) << name;
    EXPECT_EQ(check_rule(*rule).witness, "complex step, differences");
  }
  EXPECT_EQ(check_rule(*find_rule("sigmoid")).kinks, 0);
  EXPECT_EQ(check_rule(*find_rule("sigmoid")).witness, "complex step");
}

TEST(RuleCheck, SaysThatThereIsNoGradientToCheck) {
  const RuleReport report = check_rule(*find_rule("less"));
  EXPECT_EQ(report.witness, "no gradient");
  EXPECT_EQ(report.entries, 0);
  EXPECT_TRUE(report.passed);
}

TEST(RuleCheck, GivesTheSameReportForTheSameSeed) {
  const RuleReport first = check_rule(*find_rule("matmul"), 5);
  const RuleReport second = check_rule(*find_rule("matmul"), 5);
  EXPECT_EQ(first.entries, second.entries);
  EXPECT_EQ(first.worst_error, second.worst_error);
}

// ---- every rule of the catalogue, spoiled

// What a spoiled rule does with one operand's part; a Rule holds no state, so it is kept here.
struct Spoiling {
  const Rule* rule = nullptr;
  std::size_t operand = 0;
  void (*spoil)(std::vector<double>& part) = nullptr;
};
Spoiling spoiling;

Rule spoiled(const Rule& rule, std::size_t operand, void (*spoil)(std::vector<double>&)) {
  spoiling = {&rule, operand, spoil};
  Rule wrong = rule;
  wrong.pullback = [](const Rule&, const Call<double>& call, std::size_t k, const double* upstream,
                      double* adjoint) {
    std::vector<double> part(static_cast<std::size_t>(call.geometry.operand(k).size()));
    spoiling.rule->pullback(*spoiling.rule, call, k, upstream, part.data());
    if (k == spoiling.operand) spoiling.spoil(part);
    for (std::size_t i = 0; i < part.size(); ++i) adjoint[i] += part[i];
  };
  return wrong;
}

void scale_by(double factor, std::vector<double>& part) {
  for (double& entry : part) entry *= factor;
}

void expect_failure_for_every_operand(void (*spoil)(std::vector<double>&)) {
  int checked = 0;
  for (const Rule* rule : catalogue()) {
    for (std::size_t k = 0; k < rule->arity; ++k) {
      if (!rule->differentiable[k]) continue;
      const RuleReport report = check_rule(spoiled(*rule, k, spoil));
      EXPECT_FALSE(report.passed) << rule->info.name << ", operand " << k + 1;
      EXPECT_THAT(report.failure, StartsWith(std::string(rule->info.name) + ": slope of operand " +
                                             std::to_string(k + 1) + " at "));
      ++checked;
    }
  }
  EXPECT_GT(checked, 50);
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsSlightlyOff) {
  expect_failure_for_every_operand([](std::vector<double>& part) { scale_by(1.0005, part); });
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsOffByAPartInABillion) {
  expect_failure_for_every_operand([](std::vector<double>& part) { scale_by(1.0 + 1e-9, part); });
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeHasTheWrongSign) {
  expect_failure_for_every_operand([](std::vector<double>& part) { scale_by(-1.0, part); });
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsForgotten) {
  expect_failure_for_every_operand([](std::vector<double>& part) { scale_by(0.0, part); });
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsCountedTwice) {
  expect_failure_for_every_operand([](std::vector<double>& part) { scale_by(2.0, part); });
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsNotANumber) {
  expect_failure_for_every_operand([](std::vector<double>& part) { scale_by(std::nan(""), part); });
}

TEST(RuleCheck, FailsWhereTheEntriesOfAnAdjointAreInTheWrongPlaces) {
  for (const char* name : {"matmul", "permute", "concatenate", "slice", "place", "gather_rows",
                           "scatter_rows", "softmax", "cross_entropy_with_logits"}) {
    const Rule* rule = find_rule(name);
    ASSERT_NE(rule, nullptr) << name;
    const auto reverse = [](std::vector<double>& part) { std::reverse(part.begin(), part.end()); };
    EXPECT_FALSE(check_rule(spoiled(*rule, 0, reverse)).passed) << name;
  }
}

// ---- mistakes that have been made

// 1 − t² rounds to 0 from |x| = 19.1 on, where the slope is 1.0e-16 and keeps all its digits.
struct TanhThatLosesItsTails : Elementwise<1> {
  static constexpr RuleInfo info{"tanh_that_loses_its_tails", "tanh with the textbook's slope"};
  template <class V>
  static V value(const V& x) {
    return num::tanh(x);
  }
  template <class V>
  static V slope(const V& /*x*/, const V& t) {
    return 1.0 - t * t;
  }
};

TEST(WrongOnPurpose, TanhWhoseSlopeIsOneMinusTSquared) {
  const RuleReport report = check_rule(rule_of<TanhThatLosesItsTails>);
  EXPECT_FALSE(report.passed);
  EXPECT_THAT(report.failure, StartsWith("tanh_that_loses_its_tails: slope of operand 1 at "));
  EXPECT_THAT(report.failure, HasSubstr("; complex step: "));
}

// The documented texts compute with 0.001 and differentiate with 0.01.
struct LeakyReluOfTwoMinds : Elementwise<1> {
  static constexpr RuleInfo info{
      "leaky_relu_of_two_minds", "max(0.001x, x) beside 0.01", "", {}, rules::kink_at_zero};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::select(x > 0.0, x, 0.001 * x);
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(x > 0.0, V(1.0), V(0.01));
  }
};

TEST(WrongOnPurpose, LeakyReluThatComputesWithOneSlopeAndDifferentiatesWithAnother) {
  EXPECT_EQ(
      check_rule(rule_of<LeakyReluOfTwoMinds>).failure,
      "leaky_relu_of_two_minds: slope of operand 1 at -3.7000000000000002 is 0.01 in the array "
      "reading; complex step: 0.001. It is 10 times what it should be: a constant factor?");
}

// {0 for x <= 0; ax for x > 0}, as some texts have it, with the slope of the real one.
struct LeakyReluWithItsBranchesMixed : Elementwise<1> {
  static constexpr RuleInfo info{
      "leaky_relu_mixed", "0 where x <= 0, else 0.01x", "", {}, rules::kink_at_zero};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::select(x > 0.0, 0.01 * x, V(0.0));
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(x > 0.0, V(1.0), V(0.01));
  }
};

TEST(WrongOnPurpose, LeakyReluWithItsBranchesMixed) {
  EXPECT_FALSE(check_rule(rule_of<LeakyReluWithItsBranchesMixed>).passed);
}

struct ReluOfSlopeTwoAtItsKink : Elementwise<1> {
  static constexpr RuleInfo info{
      "relu_of_slope_two", "relu with slope 2 at 0", "", {}, rules::kink_at_zero};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::select(x > 0.0, x, V(0.0));
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(x == 0.0, V(2.0), num::select(x > 0.0, V(1.0), V(0.0)));
  }
};

TEST(WrongOnPurpose, ReluWhoseSlopeAtTheKinkLiesOutsideTheOneSidedOnes) {
  EXPECT_EQ(
      check_rule(rule_of<ReluOfSlopeTwoAtItsKink>).failure,
      "relu_of_slope_two: slope of operand 1 at 0 is 2 in the array reading; one-sided slopes: 0 "
      "and 1");
}

// Any slope from 0 to 1 is one of relu at 0; ½ is what max(x, 0) of a tie shared out would give.
struct ReluOfSlopeHalfAtItsKink : ReluOfSlopeTwoAtItsKink {
  static constexpr RuleInfo info{
      "relu_of_slope_half", "relu with slope 1/2 at 0", "", {}, rules::kink_at_zero};
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(x == 0.0, V(0.5), num::select(x > 0.0, V(1.0), V(0.0)));
  }
};

TEST(RuleCheck, AllowsAnySubgradientAtAKink) {
  EXPECT_EQ(check_rule(rule_of<ReluOfSlopeHalfAtItsKink>).failure, "");
}

struct SigmoidThatSaturates : Elementwise<1> {
  static constexpr RuleInfo info{"sigmoid_that_saturates", "sigmoid with slope 0 beyond 12"};
  template <class V>
  static V value(const V& x) {
    return num::sigmoid(x);
  }
  template <class V>
  static V slope(const V& x, const V& a) {
    return num::select(num::abs(x) > 12.0, V(0.0), a * num::sigmoid(-x));
  }
};

TEST(WrongOnPurpose, SigmoidWhoseSlopeIsZeroInTheTails) {
  const RuleReport report = check_rule(rule_of<SigmoidThatSaturates>);
  EXPECT_FALSE(report.passed);
  EXPECT_THAT(report.failure, HasSubstr(" is 0 in the array reading; complex step: "));
}

struct SoftmaxWithoutTheSum : rules::Softmax {
  static constexpr RuleInfo info{"softmax_without_the_sum", "softmax with pullback s g"};
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& /*x*/, const V& s, const V& upstream) {
    return s * upstream;
  }
};

TEST(WrongOnPurpose, SoftmaxWhosePullbackForgetsTheSum) {
  EXPECT_FALSE(check_rule(rule_of<SoftmaxWithoutTheSum>).passed);
}

// B̄ = Ḡ instead of Aᵀ·Ḡ would not even fit; a forgotten minus does.
struct MatMulWithAWrongSign : rules::MatMul {
  static constexpr RuleInfo info{"matmul_with_a_wrong_sign", "matmul"};
  using rules::MatMul::adjoint;
  template <class A, class B, class G>
  static auto adjoint(Wrt<1> /*b*/, const A& a, const B& /*b*/, const G& upstream) {
    return -num::matmul(num::transpose(a), upstream);
  }
};

TEST(WrongOnPurpose, MatMulWithOneOperandsAdjointNegated) {
  const RuleReport report = check_rule(rule_of<MatMulWithAWrongSign>);
  EXPECT_FALSE(report.passed);
  EXPECT_THAT(report.failure, StartsWith("matmul_with_a_wrong_sign: slope of operand 2 at "));
}

// ---- what a failure guesses

std::string failure_of(const char* rule, void (*spoil)(std::vector<double>&)) {
  return check_rule(spoiled(*find_rule(rule), 0, spoil)).failure;
}

TEST(RuleCheck, GuessesTheMistakeFromTheRatio) {
  using Part = std::vector<double>;
  EXPECT_THAT(failure_of("tanh", [](Part& p) { scale_by(-1.0, p); }),
              EndsWith(". The sign is wrong."));
  EXPECT_THAT(failure_of("matmul", [](Part& p) { scale_by(0.0, p); }),
              EndsWith(". The slope is never propagated there."));
  EXPECT_THAT(failure_of("softmax", [](Part& p) { scale_by(2.0, p); }),
              HasSubstr(". It is counted twice"));
  EXPECT_THAT(failure_of("exp", [](Part& p) { scale_by(0.5, p); }),
              HasSubstr(". Half of it is missing"));
  EXPECT_THAT(failure_of("sum", [](Part& p) { scale_by(1.0 / double(p.size()), p); }),
              EndsWith("It is 12 times too small: a mean where a sum belongs?"));
  EXPECT_THAT(failure_of("mean", [](Part& p) { scale_by(double(p.size()), p); }),
              EndsWith("It is 12 times too large: a sum where a mean belongs?"));
  EXPECT_THAT(failure_of("sigmoid", [](Part& p) { scale_by(std::nan(""), p); }),
              EndsWith(". The slope is not a number."));
  EXPECT_THAT(failure_of("permute", [](Part& p) { std::reverse(p.begin(), p.end()); }),
              HasSubstr(". The right numbers are in the wrong places"));
}

// ---- nothing checked, nothing passed

struct SumWithoutExamples : rules::Sum {
  static constexpr RuleInfo info{"sum_without_examples", "sum with a wrong adjoint"};
  static std::vector<Example> examples() { return {}; }
};

TEST(RuleCheck, OfNothingIsNoPass) {
  const RuleReport report = check_rule(rule_of<SumWithoutExamples>);
  EXPECT_EQ(report.entries, 0);
  EXPECT_FALSE(report.passed);
  EXPECT_TRUE(report.vacuous);
  EXPECT_THAT(report.failure, StartsWith("sum_without_examples: nothing was checked"));
  EXPECT_FALSE(check_rule(*find_rule("less")).vacuous) << "there is nothing to check";
}

struct SoftplusWrongBetweenTenAndFifteen : Elementwise<1> {
  static constexpr RuleInfo info{"softplus_wrong_between", "softplus, slope 0 between 10 and 15"};
  template <class V>
  static V value(const V& x) {
    return num::softplus(x);
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(num::abs(x - 12.5) < 2.5, V(0.0), num::sigmoid(x));
  }
};

TEST(WrongOnPurpose, SlopeThatIsWrongWhereNoFixedPointLies) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_FALSE(check_rule(rule_of<SoftplusWrongBetweenTenAndFifteen>, seed).passed) << seed;
  }
}

TEST(RuleCheck, ShowsASlopeThatIsNotANumberAsTheWorstError) {
  const auto spoil = [](std::vector<double>& part) { part[part.size() / 2] = std::nan(""); };
  const RuleReport report = check_rule(spoiled(*find_rule("sigmoid"), 0, spoil));
  EXPECT_FALSE(report.passed);
  EXPECT_TRUE(std::isnan(report.worst_error));
}

// ---- a user's own rule

struct Swish : Elementwise<1> {  // x·σ(x)
  static constexpr RuleInfo info{"swish", "x sigmoid(x)"};
  template <class V>
  static V value(const V& x) {
    return x * num::sigmoid(x);
  }
  template <class V>
  static V slope(const V& x, const V& y) {
    return num::sigmoid(x) + y * num::sigmoid(-x);
  }
};

TEST(RuleCheck, PassesAnOperationOfTheUsers) {
  const RuleReport report = check_rule(rule_of<Swish>);
  EXPECT_EQ(report.failure, "");
  EXPECT_GT(report.entries, 10);
}

}  // namespace
}  // namespace autograd
