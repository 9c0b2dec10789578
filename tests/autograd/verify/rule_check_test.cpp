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
#include "autograd/verify/mutation.h"
#include "tests/autograd/verify/wrong_rules.h"

namespace autograd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::LeakyReluOfTwoMinds;
using testing::SigmoidThatSaturates;
using ::testing::StartsWith;
using testing::TanhThatSaturates;

// ---- what is right passes

TEST(RuleCheck, PassesTheWholeCatalogueWithAnySeed) {
  for (const Rule* rule : catalogue()) {
    for (const std::uint64_t seed : {1U, 2U, 3U, 77U}) {
      const RuleReport report = check_rule(*rule, seed);
      EXPECT_TRUE(report.passed) << report.failure << " (seed " << seed << ")";
      EXPECT_EQ(report.failure, "");
      EXPECT_EQ(report.rule, rule);
      EXPECT_EQ(report.readings, has_gradient(*rule) ? "array, recorded, dual" : "");
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

// A sum over random labels may nearly cancel out; what is left has the rounding of its parts.
TEST(RuleCheck, IsNoStricterThanRoundingWhereLabelsCancelOut) {
  for (const std::uint64_t seed : {147U, 151U, 165U, 300U}) {
    EXPECT_EQ(check_rule(*find_rule("cross_entropy_with_logits"), seed).failure, "") << seed;
  }
}

// A program that is replayed for its gradient alone computes nothing else than what a pullback says
// it reads.
TEST(RuleCheck, SeesAPullbackThatReadsMoreThanItSays) {
  Rule wrong = *find_rule("sigmoid");
  wrong.pullback_reads = [](std::size_t) { return std::uint8_t{1}; };  // x, but the result as well
  const RuleReport report = check_rule(wrong);
  EXPECT_FALSE(report.passed);
  EXPECT_EQ(report.failed_reading, "array reading, from what it says it reads");
  EXPECT_THAT(report.failure,
              EndsWith("does it look at a value that pullback_reads does not name?"));
}

TEST(RuleCheck, PutsLinearAndBilinearRulesThroughTheAdjointTest) {
  // Each of the 7 examples of matmul 4 times, 2 operands, 3 readings.
  EXPECT_EQ(check_rule(*find_rule("matmul")).adjoint_tests, 7 * 4 * 2 * 3);
  EXPECT_GT(check_rule(*find_rule("gather_rows")).adjoint_tests, 0);
  EXPECT_EQ(check_rule(*find_rule("matmul")).witness, "complex step, adjoint test");
  EXPECT_EQ(check_rule(*find_rule("softmax")).adjoint_tests, 0);
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

// ---- every rule of the catalogue, spoiled (mutation_test.cpp has the whole matrix)

Mutant scaled_mutant(const Rule& rule, std::size_t operand, double factor) {
  Mutant mutant = mutant_of(rule, MutatedReading::array, operand, Mutation::scaled);
  mutant.factor = factor;
  return mutant;
}

void expect_failure_of_every_slope_times(double factor) {
  int checked = 0;
  for (const Rule* rule : catalogue()) {
    for (std::size_t k = 0; k < rule->arity; ++k) {
      if (!rule->differentiable[k]) continue;
      const Mutant mutant = scaled_mutant(*rule, k, factor);
      const RuleReport report = check_rule(mutant);
      EXPECT_FALSE(report.passed) << rule->info.name << ", operand " << k + 1;
      EXPECT_THAT(report.failure, StartsWith(std::string(rule->info.name) + ": slope of operand " +
                                             std::to_string(k + 1) + " at "));
      EXPECT_EQ(report.failed_operand, k);
      EXPECT_EQ(report.failed_reading, "array reading");
      ++checked;
    }
  }
  EXPECT_GT(checked, 50);
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsOffByAPartInABillion) {
  expect_failure_of_every_slope_times(1.0 + 1e-9);
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsCountedTwice) {
  expect_failure_of_every_slope_times(2.0);
}

TEST(RuleCheck, FailsForEveryRuleWhoseSlopeIsNotANumber) {
  expect_failure_of_every_slope_times(std::nan(""));
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

TEST(WrongOnPurpose, SigmoidWhoseSlopeIsZeroInTheTails) {
  const RuleReport report = check_rule(rule_of<SigmoidThatSaturates>);
  EXPECT_FALSE(report.passed);
  EXPECT_THAT(report.failure, HasSubstr(" is 0 in the array reading; complex step: "));
}

TEST(WrongOnPurpose, TanhWhoseSlopeIsZeroInTheTails) {
  const RuleReport report = check_rule_at(rule_of<TanhThatSaturates>, {{{2}}, {{0.5, 8.0}}, {}});
  EXPECT_THAT(report.failure, StartsWith("tanh_that_saturates: slope of operand 1 at 8 is 0 in the "
                                         "array reading; complex step: 4.5014"));
  EXPECT_FALSE(check_rule(rule_of<TanhThatSaturates>).passed);
}

// Its slope is 1e-5, and 0 passes wherever a tolerance is absolute.
struct LogOfFarAwayForgotten : Elementwise<1> {
  static constexpr RuleInfo info{"log_of_far_away", "log(x + 100000) with slope 0"};
  template <class V>
  static V value(const V& x) {
    return num::log(x + 100000.0);
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return 0.0 * x;
  }
};

TEST(WrongOnPurpose, LogOfFarAwayWhoseSlopeIsForgotten) {
  EXPECT_THAT(check_rule(rule_of<LogOfFarAwayForgotten>).failure,
              EndsWith(". The slope is never propagated there."));
}

struct ReluTurnedRound : ReluOfSlopeTwoAtItsKink {
  static constexpr RuleInfo info{
      "relu_turned_round", "relu with slope 1 below 0", "", {}, rules::kink_at_zero};
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(x > 0.0, V(0.0), V(1.0));
  }
};

TEST(WrongOnPurpose, ReluWhoseConditionIsTurnedRound) {
  EXPECT_THAT(check_rule(rule_of<ReluTurnedRound>).failure,
              EndsWith(". It is the slope of the other branch: is a condition turned round?"));
}

// Each of several equal elements receives the whole adjoint: between the one-sided slopes, all the
// same, and together a multiple of what there is.
TEST(WrongOnPurpose, MaxThatSendsTheAdjointToEveryElementOfATie) {
  const RuleOperands four_way_tie{{{5}}, {{2.0, 2.0, 1.0, 2.0, 2.0}}, {0, 0}};
  EXPECT_EQ(check_rule_at(*find_rule("max"), four_way_tie).failure, "");
  EXPECT_EQ(check_rule_at(*find_rule("max"), four_way_tie).kinks, 4);
  Rule wrong = *find_rule("max");
  wrong.pullback = [](const Rule&, const Call<double>& call, std::size_t, const double* upstream,
                      double* adjoint) {
    for (Index i = 0; i < call.geometry.operand(0).size(); ++i) {
      if (call.operands[0][i] == *call.result) adjoint[i] += *upstream;
    }
  };
  EXPECT_THAT(check_rule_at(wrong, four_way_tie).failure,
              StartsWith("max: slope of operand 1 and of all entries tied with it is "));
}

struct MinimumOfBoth : Elementwise<2> {
  static constexpr RuleInfo info{
      "minimum_of_both", "minimum, slopes 1 and 1 at a tie", "", {}, {}, true};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x, const V& y) {
    return num::select(x <= y, x, y);
  }
  template <class V>
  static V slope(Wrt<0> /*x*/, const V& x, const V& y, const V& /*z*/) {
    return num::select(x <= y, V(1.0), V(0.0));
  }
  template <class V>
  static V slope(Wrt<1> /*y*/, const V& x, const V& y, const V& /*z*/) {
    return num::select(y <= x, V(1.0), V(0.0));
  }
};

TEST(WrongOnPurpose, MinimumThatSendsTheAdjointToBothOfATie) {
  EXPECT_THAT(check_rule(rule_of<MinimumOfBoth>).failure,
              StartsWith("minimum_of_both: slope of operand 1 and of all entries tied with it is 2 "
                         "in the array reading; complex step where they move together: 1"));
}

// What a rule says of its slope to make the engine faster is checked, too.
struct DoubleSaidToBeSlopeOne : Elementwise<1> {
  static constexpr RuleInfo info{"double_said_to_be_slope_one", "2x, said to have slope 1"};
  static constexpr std::array<bool, max_operands> slope_is_one{true};
  using SlopeIsOneIn = DoubleSaidToBeSlopeOne;
  template <class V>
  static V value(const V& x) {
    return 2.0 * x;
  }
  template <class V>
  static V slope(const V& /*x*/, const V& /*y*/) {
    return V(2.0);
  }
};

TEST(WrongOnPurpose, SlopeThatIsSaidToBeOneAndIsNot) {
  EXPECT_THAT(check_rule(rule_of<DoubleSaidToBeSlopeOne>).failure,
              HasSubstr(" is 1 in the array reading, where it is said to be 1; complex step: 2"));
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

std::string failure_of(const char* rule, MutatedReading reading, Mutation mutation) {
  const Mutant mutant = mutant_of(*find_rule(rule), reading, 0, mutation);
  return check_rule(mutant).failure;
}

std::string failure_of(const char* rule, Mutation mutation) {
  return failure_of(rule, MutatedReading::array, mutation);
}

std::string failure_of_scaled(const char* rule, double factor) {
  const Mutant mutant = scaled_mutant(*find_rule(rule), 0, factor);
  return check_rule(mutant).failure;
}

TEST(RuleCheck, GuessesTheMistakeFromTheRatio) {
  EXPECT_THAT(failure_of("tanh", Mutation::negated), EndsWith(". The sign is wrong."));
  EXPECT_THAT(failure_of("matmul", Mutation::zeroed),
              EndsWith(". The slope is never propagated there."));
  EXPECT_THAT(failure_of_scaled("softmax", 2.0), HasSubstr(". It is counted twice"));
  EXPECT_THAT(failure_of_scaled("exp", 0.5), HasSubstr(". Half of it is missing"));
  EXPECT_THAT(failure_of("sum", Mutation::mean_for_sum),
              EndsWith("It is 12 times too small: a mean where a sum belongs?"));
  EXPECT_THAT(failure_of("mean", Mutation::sum_for_mean),
              EndsWith("It is 12 times too large: a sum where a mean belongs?"));
  EXPECT_THAT(failure_of_scaled("sigmoid", std::nan("")), EndsWith(". The slope is not a number."));
  EXPECT_THAT(failure_of("matmul", Mutation::transposed),
              EndsWith(". It is the transpose of what it should be."));
  EXPECT_THAT(failure_of("permute", MutatedReading::recorded, Mutation::transposed),
              HasSubstr(" in the recorded reading; "));
}

TEST(RuleCheck, SeesAPullbackThatReplacesWhatTheAdjointHolds) {
  EXPECT_THAT(failure_of("sigmoid", Mutation::overwritten),
              EndsWith("does the pullback replace what the adjoint holds, = for +=?"));
  EXPECT_THAT(failure_of("matmul", Mutation::overwritten),
              HasSubstr("in the array reading, onto an adjoint that is not 0; "));
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
  const Mutant mutant = scaled_mutant(*find_rule("sigmoid"), 0, std::nan(""));
  const RuleReport report = check_rule(mutant);
  EXPECT_FALSE(report.passed);
  EXPECT_TRUE(std::isnan(report.worst_error));
}

// ---- at given operands

TEST(RuleCheckAt, LooksAtTheOperandsItIsGiven) {
  const RuleReport report =
      check_rule_at(*find_rule("sigmoid"), {{{2, 2}}, {{0.0, 1.0, -40.0, 40.0}}, {}});
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(report.entries, 4);
  EXPECT_EQ(report.readings, "array, recorded, dual");
}

TEST(RuleCheckAt, PassesBesideAndAtKinks) {
  const RuleReport relu =
      check_rule_at(*find_rule("relu"), {{{4}}, {{-1e-7, 0.0, 1e-7, 1e-300}}, {}});
  EXPECT_EQ(relu.failure, "");
  EXPECT_EQ(relu.kinks, 1);
  EXPECT_EQ(relu.entries, 3);
  const RuleReport hard_tanh = check_rule_at(*find_rule("hard_tanh"), {{{2}}, {{-1.0, 1.0}}, {}});
  EXPECT_EQ(hard_tanh.failure, "");
  EXPECT_EQ(hard_tanh.kinks, 2);
}

TEST(RuleCheckAt, CountsEntriesAtTheEdgeOfTheDomain) {
  const RuleReport some = check_rule_at(*find_rule("sqrt"), {{{2}}, {{0.0, 4.0}}, {}});
  EXPECT_EQ(some.failure, "");
  EXPECT_EQ(some.edges, 1);
  EXPECT_EQ(some.entries, 1);
  const RuleReport none = check_rule_at(*find_rule("sqrt"), {{{1}}, {{0.0}}, {}});
  EXPECT_TRUE(none.vacuous);
  EXPECT_THAT(none.failure, HasSubstr("edge of its domain"));
}

RuleOperands random_operands(const std::vector<Shape>& shapes) {
  Random random(11);
  RuleOperands at{shapes, {}, {}};
  for (const Shape& shape : shapes) {
    at.values.emplace_back();
    for (Index i = 0; i < shape.size(); ++i) at.values.back().push_back(random.uniform(-2.0, 2.0));
  }
  return at;
}

TEST(RuleCheckAt, SamplesLargeOperands) {
  const RuleOperands at = random_operands({{70, 30}, {30}});
  const RuleReport report = check_rule_at(*find_rule("matmul"), at);
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(report.entries, 16 + 30);
  const RuleReport again = check_rule_at(*find_rule("matmul"), at);
  EXPECT_EQ(report.worst_error, again.worst_error);
}

TEST(RuleCheckAt, ChecksOperandsThatAreRepeated) {
  const RuleOperands at = random_operands({{20, 3}, {3}});
  for (const char* name : {"add", "multiply", "maximum"}) {
    EXPECT_EQ(check_rule_at(*find_rule(name), at).failure, "") << name;
    const Mutant mutant =
        mutant_of(*find_rule(name), MutatedReading::recorded, 1, Mutation::mean_for_sum);
    EXPECT_THAT(check_rule_at(mutant, at).failure,
                EndsWith("It is 20 times too small: a mean where a sum belongs?"))
        << name;
  }
}

TEST(RuleCheckAt, RefusesOperandsThatDoNotFit) {
  const Rule& add = *find_rule("add");
  const auto refusal = [](const Rule& rule, const RuleOperands& at) -> std::string {
    try {
      static_cast<void>(check_rule_at(rule, at));
    } catch (const ArgumentError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(add, {{{2}}, {{1.0, 2.0}}, {}}),
            "check_rule_at(add): it takes 2 operands; there are 1 shapes and 1 lists of values.");
  EXPECT_EQ(refusal(add, {{{2}, {2}}, {{1.0, 2.0}, {1.0}}, {}}),
            "check_rule_at(add): operand 2 has shape [2] and 1 values.");
  EXPECT_EQ(refusal(add, {{{2}, {3}}, {{1.0, 2.0}, {1.0, 2.0, 3.0}}, {}}),
            "check_rule_at(add): shapes [2] and [3] do not broadcast.");
  EXPECT_EQ(refusal(add, {{{1}, {1}}, {{1.0}, {std::nan("")}}, {}}),
            "check_rule_at(add): operand 2 holds NaN, where there is no derivative to check.");
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
