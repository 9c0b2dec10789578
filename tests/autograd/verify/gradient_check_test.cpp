// The check of whole functions: right gradients pass, also where a careless check raises an alarm;
// wrong ones fail, as people have written them, and the report names what is guilty.
#include "autograd/verify/gradient_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/custom_operation.h"
#include "autograd/derivatives.h"
#include "autograd/gradient.h"
#include "autograd/random.h"
#include "autograd/rules/activations.h"
#include "autograd/rules/catalogue.h"
#include "autograd/rules/products.h"
#include "autograd/rules/structure.h"
#include "autograd/verify/expect_gradients.h"
#include "autograd/verify/mutation.h"
#include "tests/autograd/support.h"
#include "tests/autograd/verify/wrong_rules.h"
#include "tests/sanitized.h"

namespace autograd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::LeakyReluOfTwoMinds;
using testing::SigmoidThatSaturates;
using ::testing::StartsWith;
using testing::TanhThatSaturates;
using Inputs = std::span<const Tensor>;

std::string line_of_next(SourceLine here = SourceLine::here()) {
  ++here.line;
  return to_string(here);
}

GradientReport check_at(double x, const TensorFunction& f, const CheckOptions& options = {}) {
  return check_gradients(f, {{"x", x}}, options);
}
const EntryReport& only_entry(const GradientReport& report) {
  return report.inputs.at(0).entries.at(0);
}

// ---- what is right passes

// mathematics.md's example: −ln σ(w1·x1 + w2·x2 + b) at y = 1.
TEST(GradientCheck, ShowsEveryWitnessForTheTeachingExample) {
  const GradientReport report = check_gradients(
      [](Inputs x) {
        const Tensor z = x[0] * x[3] + x[1] * x[4] + x[2];
        return log(1.0 + exp(-(x[5] * z)));
      },
      {{"w1", 0.5}, {"w2", -0.25}, {"b", 0.1}, {"x1", 1.0}, {"x2", 2.0}, {"y", 1.0}});
  EXPECT_EQ(report.verdict, Verdict::pass) << report.failure;
  EXPECT_EQ(report.failure, "");
  EXPECT_NEAR(report.taylor_rate, 2.0, 0.02);
  EXPECT_THAT(report.text(), HasSubstr("Taylor rate 2.00, seed 1: PASS"));
  EXPECT_NEAR(report.inputs[0].entries[0].analytic, -0.475021, 1e-6);
  EXPECT_NEAR(report.inputs[1].entries[0].analytic, -0.950042, 1e-6);
  for (const InputReport& input : report.inputs) {
    const EntryReport& entry = input.entries[0];
    const double size = std::abs(entry.analytic);
    EXPECT_EQ(entry.witness, WitnessKind::complex_step);
    EXPECT_LE(std::abs(entry.numeric - entry.analytic), 4e-16 * size) << input.name;
    EXPECT_LE(std::abs(entry.differences - entry.analytic), 1e-11 * size) << input.name;
    EXPECT_LE(std::abs(entry.central_difference - entry.analytic), 1e-9 * size) << input.name;
    EXPECT_GT(std::abs(entry.central_difference - entry.analytic), 1e-13 * size) << input.name;
  }
}

TEST(GradientCheck, PassesBesideKinksAndAtThemWithADocumentedSlope) {
  for (const double x : {-1e-7, 1e-7, -1e-13, 1e-13, -3.0, 3.0}) {
    EXPECT_EQ(check_at(x, [](Inputs v) { return relu(v[0]); }).verdict, Verdict::pass) << x;
    EXPECT_EQ(check_at(1.0 + x, [](Inputs v) { return hard_tanh(v[0]); }).verdict, Verdict::pass)
        << x;
  }
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return relu(v[0]); }).verdict, Verdict::kink);
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return leaky_relu(v[0]); }).verdict, Verdict::kink);
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return abs(v[0]); }).verdict, Verdict::kink);
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return maximum(v[0], 0.0); }).verdict, Verdict::kink);
  EXPECT_EQ(check_at(2.0, [](Inputs v) { return hard_logistic(v[0]); }).verdict, Verdict::kink);
  for (const double x : {-1.0, 1.0}) {
    const GradientReport report = check_at(x, [](Inputs v) { return hard_tanh(v[0]); });
    EXPECT_EQ(report.verdict, Verdict::kink);
    EXPECT_EQ(only_entry(report).witness, WitnessKind::one_sided);
    EXPECT_EQ(only_entry(report).left, x > 0.0 ? 1.0 : 0.0);
    EXPECT_EQ(only_entry(report).right, x > 0.0 ? 0.0 : 1.0);
    EXPECT_TRUE(report.passed());
  }
}

// Along a direction the slopes at two kinks need not add up to one between the sides of the line.
TEST(GradientCheck, PassesAtSeveralKinksAtOnce) {
  const auto f = [](Inputs v) { return sum(hard_tanh(v[0])); };
  for (const Values& x : {Values{-1.0, 1.0}, Values{1.0, 1.0, -1.0, 1.0, -1.0}}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CheckOptions options;
      options.seed = seed;
      const GradientReport report = check_gradients(f, {{"x", x}}, options);
      EXPECT_EQ(report.verdict, Verdict::kink) << report.failure;
    }
  }
}

TEST(GradientCheck, FindsTheKinkInsideAComposition) {
  // z = 0 exactly, though no input is.
  const GradientReport report =
      check_gradients([](Inputs v) { return relu(v[0] * v[1] - 1.0); }, {{"w", 0.5}, {"x", 2.0}});
  EXPECT_EQ(report.verdict, Verdict::kink);
  EXPECT_EQ(report.inputs[0].entries[0].right, 2.0);
  EXPECT_EQ(report.inputs[1].entries[0].right, 0.5);
}

TEST(GradientCheck, CallsACuspAKink) {
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return sqrt(abs(v[0])); }).verdict, Verdict::kink);
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return power(abs(v[0]), 1.5); }).verdict, Verdict::pass);
}

TEST(GradientCheck, HasNoTaylorRateOfRoundingFarOut) {
  const GradientReport report = check_at(1e-300, [](Inputs v) { return 1e300 * v[0]; });
  EXPECT_EQ(report.verdict, Verdict::pass);
  EXPECT_TRUE(std::isnan(report.taylor_rate)) << report.taylor_rate;
}

TEST(GradientCheck, TakesABranchWithoutAKinkForWhatItIs) {
  // x·relu(x) has slope 0 from both sides of 0.
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return v[0] * relu(v[0]); }).verdict, Verdict::pass);
}

TEST(GradientCheck, PassesAFourWayTie) {
  const GradientReport report =
      check_gradients([](Inputs v) { return max(v[0], 0); }, {{"x", {2.0, 2.0, 2.0, 2.0}}});
  EXPECT_EQ(report.verdict, Verdict::kink) << report.failure;
  EXPECT_EQ(report.inputs[0].entries[0].analytic, 1.0);
  EXPECT_EQ(report.inputs[0].entries[3].analytic, 0.0);
}

TEST(GradientCheck, PassesBesideAndAtTheEdgeOfTheDomain) {
  for (const double x : {1e-300, 1e-20, 1e-9, 1e-3}) {
    EXPECT_EQ(check_at(x, [](Inputs v) { return log(v[0]); }).verdict, Verdict::pass) << x;
    EXPECT_EQ(check_at(x, [](Inputs v) { return sqrt(v[0]); }).verdict, Verdict::pass) << x;
  }
  const GradientReport report = check_at(0.0, [](Inputs v) { return sqrt(v[0]); });
  EXPECT_EQ(report.verdict, Verdict::domain) << report.failure;
  EXPECT_TRUE(report.passed());
  // √x·x has slope 0 at the edge.
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return power(v[0], 1.5); }).verdict, Verdict::domain);
}

TEST(GradientCheck, ComparesSmallEntriesAmongLargeOnesToTheirOwnDigits) {
  const TensorFunction f = [](Inputs v) {
    return sum(v[0] * v[0].tape()->constant({1e-9, 1.0, 1e5}));
  };
  const GradientReport report = check_gradients(f, {{"x", {3.0, 1.0, 2.0}}});
  EXPECT_EQ(report.verdict, Verdict::pass) << report.failure;
  EXPECT_LE(report.inputs[0].entries[0].tolerance, 1e-20);
}

TEST(GradientCheck, PassesAMeanCrossEntropyWhoseRowsNearlyCancel) {
  Random random(4);
  constexpr Index rows = 200;
  std::vector<double> labels;
  std::vector<double> features;
  double positive = 0.0;
  for (Index r = 0; r < rows; ++r) {
    labels.push_back(random.below(2) == 0 ? 0.0 : 1.0);
    positive += labels.back();
    for (int c = 0; c < 3; ++c) features.push_back(random.uniform(-1.0, 1.0));
  }
  const double share = positive / rows;
  const TensorFunction loss = [&](Inputs v) {
    Tape& tape = *v[0].tape();
    const Tensor x = tape.constant(Values(features, {rows, 3}));
    const Tensor y = tape.constant(Values(labels, {rows}));
    return mean(binary_cross_entropy_with_logits(matmul(x, v[0]) + v[1], y));
  };
  // a = mean y for every row: the slope by b is 0 but for rounding.
  const GradientReport report =
      check_gradients(loss, {{"w", {0.0, 0.0, 0.0}}, {"b", std::log(share / (1.0 - share))}});
  EXPECT_EQ(report.verdict, Verdict::pass) << report.failure;
  EXPECT_FALSE(report.inputs[0].verified_beside);
  EXPECT_TRUE(report.inputs[1].verified_beside);
  EXPECT_LT(std::abs(report.inputs[1].entries[0].analytic), 1e-15);
  EXPECT_THAT(report.text(), HasSubstr("PASS (beside: here it is 0 within rounding)"));
  const GradientReport beside = check_gradients(
      loss, {{"w", {0.0, 0.0, 0.0}}, {"b", std::log(share / (1.0 - share)) + 1e-9}});
  EXPECT_EQ(beside.verdict, Verdict::pass) << beside.failure;
  EXPECT_LT(std::abs(beside.inputs[1].entries[0].analytic), 1e-9);
}

TEST(GradientCheck, PassesSlopesThatCancelInsideOfARule) {
  // σ(z) − y of a label between 0 and 1.
  const GradientReport report =
      check_at(1e-9, [](Inputs v) { return binary_cross_entropy_with_logits(v[0], 0.5); });
  EXPECT_EQ(report.verdict, Verdict::pass) << report.failure;
}

TEST(GradientCheck, PassesEveryRuleOfTheCatalogueAtItsExamples) {
  Random random(9);
  for (const Rule* rule : catalogue()) {
    if (rule->examples == nullptr || !rule->differentiable[0]) continue;
    for (const Example& example : rule->examples()) {
      std::vector<CheckedInput> inputs;
      for (const Shape& shape : example.operands) {
        std::vector<double> values(static_cast<std::size_t>(shape.size()));
        for (double& v : values) v = random.uniform(-2.0, 2.0);
        inputs.push_back({"", Values(values, shape)});
      }
      const GradientReport report = check_gradients(
          [&](Inputs x) {
            const std::vector<Operand> operands(x.begin(), x.end());
            return x[0].tape()->record(*rule, operands, example.attributes);
          },
          inputs);
      EXPECT_EQ(report.verdict, Verdict::pass) << rule->info.name << "\n"
                                               << report.failure << report.text(true);
    }
  }
}

TEST(GradientCheck, TakesSlopesOfExactlyZeroForAgreement) {
  EXPECT_EQ(check_at(-2.0, [](Inputs v) { return relu(v[0]); }).verdict, Verdict::pass);
  EXPECT_EQ(check_at(5.0, [](Inputs v) { return hard_tanh(v[0]); }).verdict, Verdict::pass);
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return square(v[0]); }).verdict, Verdict::pass);
  EXPECT_EQ(check_at(0.0, [](Inputs v) { return power(v[0], 2.0); }).verdict, Verdict::pass);
}

TEST(GradientCheck, PassesInTheTailsWhereSlopesAreTiny) {
  for (const double x : {12.5, 40.0, -40.0, 300.0}) {
    const GradientReport report = check_at(x, [](Inputs v) { return sigmoid(v[0]); });
    EXPECT_EQ(report.verdict, Verdict::pass) << x << report.failure;
    EXPECT_GT(only_entry(report).numeric, 0.0);
    EXPECT_LE(only_entry(report).tolerance, 1e-11 * only_entry(report).numeric);
  }
}

TEST(GradientCheck, PassesWhatDifferencesCannotResolve) {
  CheckOptions second;
  second.order = 2;
  // All of the sum's digits are lost to the 1e8.
  EXPECT_EQ(check_at(
                1.0, [](Inputs v) { return (v[0] + 1e8) - 1e8; }, second)
                .verdict,
            Verdict::pass);
  // The loss is 0 to the last bit, its slope 4e-18.
  const GradientReport confident = check_gradients(
      [](Inputs v) {
        return cross_entropy_with_logits(v[0], v[0].tape()->constant({1.0, 0.0, 0.0}));
      },
      {{"x", {40.0, 0.0, -1.0}}}, second);
  EXPECT_EQ(confident.verdict, Verdict::pass) << confident.failure;
  const GradientReport saturated = check_gradients(
      [](Inputs v) { return mean(square(sigmoid(v[0]) - 1.0)); }, {{"x", {30.0, 35.0}}}, second);
  EXPECT_EQ(saturated.verdict, Verdict::pass) << saturated.failure;
  // A pole at a distance of 1e-8, and a function that bends within 1e-3.
  const GradientReport pole =
      check_gradients([](Inputs v) { return v[0] / v[1]; }, {{"x", 1e-3}, {"y", 1e-8}}, second);
  EXPECT_EQ(pole.verdict, Verdict::pass) << pole.failure;
  EXPECT_EQ(check_at(
                0.0005, [](Inputs v) { return tanh(1000.0 * v[0]); }, second)
                .verdict,
            Verdict::pass);
  // A minimum, where every slope is 0.
  EXPECT_EQ(check_at(
                1.0, [](Inputs v) { return square(v[0] - 1.0); }, second)
                .verdict,
            Verdict::pass);
}

struct SquareOfSlopeX : Elementwise<1> {
  static constexpr RuleInfo info{"square_of_slope_x", "x squared, slope x"};
  template <class V>
  static V value(const V& x) {
    return x * x;
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return x;
  }
};

// A step of 1e-199 beside 1e-160 is nothing when squared, and 1e200 times nothing is no witness.
TEST(GradientCheck, KnowsWhatUnderflowTakesFromItsWitness) {
  const GradientReport tiny = check_at(1e-160, [](Inputs v) { return v[0] * v[0] * 1e200; });
  EXPECT_NE(tiny.verdict, Verdict::fail) << tiny.failure;
  EXPECT_EQ(tiny.inputs[0].entries[0].verdict, Verdict::vacuous);
  // A slope of 1.8e-270 has all its digits.
  EXPECT_EQ(
      check_at(25.0, [](Inputs v) { return exp(-square(v[0])); }).inputs[0].entries[0].verdict,
      Verdict::pass);
  const GradientReport wrong =
      check_at(25.0, [](Inputs v) { return exp(apply<SquareOfSlopeX>(v[0]) * -1.0); });
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  for (const auto& f : {TensorFunction([](Inputs v) { return sqrt(v[0]); }),
                        TensorFunction([](Inputs v) { return log(v[0]); })}) {
    EXPECT_NE(check_at(5e-324, f).verdict, Verdict::fail);
  }
}

// ---- what is wrong fails

TEST(GradientCheck, FailsForABackwardOfZeroInTheTails) {
  for (const double x : {-40.0, -12.5, 12.5, 13.0, 20.0, 40.0}) {
    const auto f = [](Inputs v) { return apply<SigmoidThatSaturates>(v[0]); };
    EXPECT_EQ(check_at(x, f).verdict, Verdict::fail) << x;
    EXPECT_THAT(check_at(x, f).failure, HasSubstr("never propagated"));
  }
  for (const double x : {-7.5, 7.5, 18.0, 30.0}) {
    EXPECT_EQ(check_at(x, [](Inputs v) { return apply<TanhThatSaturates>(v[0]); }).verdict,
              Verdict::fail)
        << x;
  }
}

struct LogWithoutSlope : rules::Log {
  static constexpr RuleInfo info{"log_without_slope", "ln x, slope 0"};
  template <class V>
  static V slope(const V& /*x*/, const V& /*y*/) {
    return V(0.0);
  }
};

TEST(GradientCheck, FailsForASmallSlopeThatIsMissing) {
  // 1e-5: below every absolute tolerance in use.
  const GradientReport report =
      check_at(1.0, [](Inputs v) { return apply<LogWithoutSlope>(v[0] + 100000.0); });
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(report.failure, HasSubstr("The rule log_without_slope (gradient_check_test.cpp:"));
}

TEST(GradientCheck, FailsForTheLeakyReluWithTwoSlopes) {
  const auto f = [](Inputs v) { return apply<LeakyReluOfTwoMinds>(v[0]); };
  EXPECT_EQ(check_at(2.0, f).verdict, Verdict::pass);
  for (const double x : {-1e-7, -0.5, -3.0}) {
    const GradientReport report = check_at(x, f);
    EXPECT_EQ(report.verdict, Verdict::fail) << x;
    EXPECT_THAT(report.failure,
                AllOf(HasSubstr("10 times what it should be"),
                      HasSubstr("The rule leaky_relu_of_two_minds (gradient_check_test.cpp:")));
  }
}

// A Rule holds no state: what it is made from is kept here.
const Rule& mean_rule = rule_of<rules::Mean>;

TEST(GradientCheck, FailsForAMeanWithTheGradientOfASum) {
  static Rule wrong = mean_rule;
  wrong.pullback = [](const Rule&, const Call<double>& call, std::size_t k, const double* upstream,
                      double* adjoint) {
    const double summed = *upstream * static_cast<double>(call.geometry.operand(k).size());
    mean_rule.pullback(mean_rule, call, k, &summed, adjoint);
  };
  std::vector<double> x(32);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.1 * static_cast<double>(i) - 1.5;
  const std::string where = line_of_next();
  const auto f = [](Inputs v) { return apply(wrong, {square(v[0])}, std::vector<Index>{0}); };
  const GradientReport report = check_gradients(f, {{"x", Values(x, {32})}});
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(report.failure, AllOf(HasSubstr("It is 32 times too large: a sum where a mean"),
                                    HasSubstr("The rule mean (" + where + ") is wrong: ")));
}

const Rule& square_rule = rule_of<rules::Square>;

TEST(GradientCheck, FailsForAPullbackThatReplacesWhatWasThere) {
  static Rule wrong = square_rule;
  wrong.pullback = [](const Rule&, const Call<double>& call, std::size_t, const double* upstream,
                      double* adjoint) {
    for (Index i = 0; i < call.geometry.result->size(); ++i) {
      adjoint[i] = upstream[i] * 2.0 * call.operands[0][i];
    }
  };
  const auto f = [](Inputs v) {
    const Tensor y = apply(wrong, {v[0]});
    return sum(y + 3.0 * v[0]);
  };
  const GradientReport report = check_gradients(f, {{"x", {1.0, 2.0}}});
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(report.failure,
              AllOf(HasSubstr("The rule square (gradient_check_test.cpp:"), HasSubstr("= for +=")));
}

TEST(GradientCheck, GuessesATranspose) {
  static Rule wrong = square_rule;
  wrong.pullback = [](const Rule&, const Call<double>& call, std::size_t, const double* upstream,
                      double* adjoint) {
    const Shape& shape = call.geometry.operand(0);
    const Index rows = shape.rank() == 2 ? shape[0] : 1;  // square, or a single number
    for (Index r = 0; r < rows; ++r) {
      for (Index c = 0; c < rows; ++c) {
        adjoint[rows * r + c] += upstream[rows * c + r] * 2.0 * call.operands[0][rows * c + r];
      }
    }
  };
  const GradientReport report = check_gradients([](Inputs v) { return sum(apply(wrong, {v[0]})); },
                                                {{"W", {{1.0, 2.0}, {3.0, 4.0}}}});
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(report.failure, HasSubstr("transpose"));
  EXPECT_THAT(report.failure, StartsWith("FAIL: W[0, 1] = 2\n"));
}

TEST(GradientCheck, SaysWhichReadingIsWrong) {
  static Rule wrong = square_rule;
  wrong.record_pullback = [](std::size_t, std::span<const Tensor> x, const Tensor&,
                             const Tensor& upstream,
                             const Geometry&) { return upstream * x[0] * 4.0; };
  const GradientReport recorded = check_at(3.0, [](Inputs v) { return apply(wrong, {v[0]}); });
  EXPECT_EQ(recorded.verdict, Verdict::fail);
  EXPECT_THAT(recorded.failure,
              AllOf(HasSubstr("analytic 12 by gradient()"), HasSubstr("counted twice")));
  static Rule dual = square_rule;
  dual.forward_dual = [](const Rule&, const TangentCall& call) {
    *call.result = *call.tangents[0];
  };
  const GradientReport forward = check_at(3.0, [](Inputs v) { return apply(dual, {v[0]}); });
  EXPECT_EQ(forward.verdict, Verdict::fail);
  EXPECT_THAT(forward.failure, HasSubstr("by jvp()"));
}

TEST(GradientCheck, FailsWhereAValueIsReadOutsideTheTape) {
  const GradientReport report = check_at(3.0, [](Inputs v) { return v[0] * v[0].item(); });
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(only_entry(report).witness, WitnessKind::differences);
  EXPECT_THAT(report.failure,
              AllOf(HasSubstr("Every rule on the way is right by itself"),
                    HasSubstr("read outside the tape"), HasSubstr("gradient_check_test.cpp:")));
}

TEST(GradientCheck, FailsForAValueMadeAnewFromNumbers) {
  const GradientReport report =
      check_at(3.0, [](Inputs v) { return v[0].tape()->constant(v[0].item() * 2.0); });
  EXPECT_EQ(report.verdict, Verdict::fail) << report.text();
}

TEST(GradientCheck, SeesAnIfOfTheUsersOwn) {
  const TensorFunction f = [](Inputs v) { return v[0].item() > 0.0 ? v[0] * 1.0 : v[0] * 0.25; };
  EXPECT_EQ(check_at(1e-7, f).verdict, Verdict::pass);
  EXPECT_EQ(check_at(-1e-7, f).verdict, Verdict::pass);
  const GradientReport report = check_at(0.0, f);
  EXPECT_EQ(report.verdict, Verdict::kink) << report.failure;
  EXPECT_EQ(only_entry(report).left, 0.25);
  EXPECT_EQ(only_entry(report).right, 1.0);
}

TEST(GradientCheck, FailsAtAJump) {
  const GradientReport report = check_at(0.0, [](Inputs v) { return v[0] + less(v[0], 0.0); });
  EXPECT_EQ(report.verdict, Verdict::fail) << report.text();
  EXPECT_EQ(check_at(0.5, [](Inputs v) { return v[0] + less(v[0], 0.0); }).verdict, Verdict::pass);
}

TEST(GradientCheck, SaysWhereASlopeThatIsNotANumberComesFrom) {
  const std::string where = line_of_next();
  const auto norm = [](Inputs v) { return sqrt(sum(square(v[0]))); };
  const GradientReport report = check_gradients(norm, {{"x", {0.0, 0.0}}});
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(report.failure, AllOf(HasSubstr("The slope is not a number"),
                                    HasSubstr("backward of sqrt("), HasSubstr(where)));
}

TEST(GradientCheck, FailsWhereKinksAddUpToASlopeTheFunctionDoesNotHave) {
  // relu(x) − relu(−x) is x; each relu says 0 at its kink.
  const GradientReport report = check_at(0.0, [](Inputs v) { return relu(v[0]) - relu(-v[0]); });
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(report.failure, HasSubstr("Several of them meet at their kinks"));
}

// ---- every rule of the catalogue, wrong on purpose

// Operands at ordinary points of an elementwise rule, four elements each; those of an example else.
// With `repeated`, the second and third operand are one element each.
std::vector<CheckedInput> ordinary_inputs(const Rule& rule, const Example* example,
                                          bool repeated = false) {
  Random random(12);
  std::vector<CheckedInput> inputs;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    if (example == nullptr) {
      std::vector<double> values;
      // Apart from each other: minimum and maximum have their kink where operands are equal.
      for (const double x : testing::ordinary_points(rule.info.domain[k])) {
        const double apart = rule.info.domain[k] == Domain::condition ? 0.0 : 0.03;
        values.insert(k == 1 ? values.begin() : values.end(), x + apart * static_cast<double>(k));
      }
      if (repeated && k > 0) values.resize(1);
      inputs.push_back({"", Values(values, {static_cast<Index>(values.size())})});
    } else {
      std::vector<double> values(static_cast<std::size_t>(example->operands[k].size()));
      for (double& v : values) v = random.uniform(-2.0, 2.0);
      inputs.push_back({"", Values(values, example->operands[k])});
    }
  }
  return inputs;
}

// The rule in the middle of a function in which its operands are used once more.
TensorFunction function_of(const Rule& rule, const std::vector<Index>& attributes) {
  return [&rule, attributes](Inputs x) {
    const std::vector<Operand> operands(x.begin(), x.end());
    const Tensor y = x[0].tape()->record(rule, operands, attributes);
    std::vector<double> weights(static_cast<std::size_t>(y.size()));
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] = 0.8 + 0.3 * std::cos(static_cast<double>(i));
    Tensor total = sum(y * x[0].tape()->constant(Values(weights, y.shape())));
    for (const Tensor& input : x) total = total + 0.37 * sum(input);
    return total;
  };
}

// Calls visit(rule, inputs, attributes) for every rule that has a gradient.
template <class Visit>
void for_each_rule(Visit visit) {
  for (const Rule* rule : catalogue()) {
    if (!rule->differentiable[0] && !rule->differentiable[1]) continue;
    if (rule->examples == nullptr) {
      visit(*rule, ordinary_inputs(*rule, nullptr), std::vector<Index>());
      const bool refuses = rule->info.name.find("cross_entropy") != std::string_view::npos ||
                           rule->info.name == "squared_error";
      if (rule->arity > 1 && !refuses) {
        visit(*rule, ordinary_inputs(*rule, nullptr, true), std::vector<Index>());
      }
      continue;
    }
    const Example example = rule->examples()[0];
    visit(*rule, ordinary_inputs(*rule, &example), example.attributes);
  }
}

TEST(GradientCheck, PassesEveryRuleOfTheCatalogueInAFunction) {
  for_each_rule([](const Rule& rule, const std::vector<CheckedInput>& inputs,
                   const std::vector<Index>& attributes) {
    CheckOptions options;
    options.order = 2;
    const GradientReport report = check_gradients(function_of(rule, attributes), inputs, options);
    EXPECT_TRUE(report.passed()) << rule.info.name << "\n" << report.failure << report.text(true);
  });
}

// All that the readings say of a function's slopes: by backward(), gradient() and jvp().
std::vector<double> all_slopes(const TensorFunction& f, const std::vector<CheckedInput>& inputs) {
  Tape tape;
  std::vector<Tensor> variables;
  std::vector<std::vector<double>> tangents;
  for (const CheckedInput& input : inputs) {
    variables.push_back(tape.variable(input.values));
    tangents.emplace_back();
    for (Index i = 0; i < variables.back().size(); ++i) {
      tangents.back().push_back(std::sin(static_cast<double>(i) + 1.0));
    }
  }
  const Tensor loss = f(variables);
  tape.backward(loss);
  std::vector<double> slopes;
  for (const Tensor& variable : variables) {
    const auto adjoint = variable.adjoint_values();
    slopes.insert(slopes.end(), adjoint.begin(), adjoint.end());
  }
  for (const Tensor& slope : gradient(loss, variables)) {
    slopes.insert(slopes.end(), slope.values().begin(), slope.values().end());
  }
  const std::vector<std::span<const double>> spans(tangents.begin(), tangents.end());
  slopes.push_back(jvp(loss, variables, spans)[0]);
  return slopes;
}

// But for the order in which sums were taken.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](double x, double y) { return std::abs(x - y) <= 1e-13 * std::abs(y); });
}

TEST(GradientCheck, FailsForEveryRuleThatIsWrongInAnyReadingAndNamesIt) {
  SKIP_IF_SANITIZED("the kill matrix");
  int mutants = 0;
  for_each_rule([&](const Rule& rule, const std::vector<CheckedInput>& inputs,
                    const std::vector<Index>& attributes) {
    const std::vector<double> right = all_slopes(function_of(rule, attributes), inputs);
    for (std::size_t r = 0; r < mutated_reading_count; ++r) {
      for (std::size_t m = 0; m < mutation_count; ++m) {
        for (std::size_t k = 0; k < rule.arity; ++k) {
          const auto reading = static_cast<MutatedReading>(r);
          const auto mutation = static_cast<Mutation>(m);
          if (!rule.differentiable[k] || !has_meaning(rule, reading, k, mutation)) continue;
          const Mutant mutant = mutant_of(rule, reading, k, mutation);
          const TensorFunction f = function_of(mutant, attributes);
          if (same(all_slopes(f, inputs), right)) continue;  // no mistake with these operands
          const GradientReport report = check_gradients(f, inputs);
          EXPECT_EQ(report.verdict, Verdict::fail)
              << rule.info.name << ", operand " << k + 1 << ", " << to_string(reading) << ", "
              << to_string(mutation);
          // All slopes of negate are one number: by itself it looks right in any order.
          if (rule.info.name == "negate" && mutation == Mutation::transposed) continue;
          EXPECT_THAT(report.failure, HasSubstr("The rule " + std::string(rule.info.name) + " ("))
              << to_string(reading) << ", " << to_string(mutation);
          ++mutants;
        }
      }
    }
  });
  EXPECT_GT(mutants, 500);
}

// ---- conventions

template <int percent>
struct ReluWithSlopeAtZero : Elementwise<1> {
  static constexpr RuleInfo info{"my_relu", "relu", "", {}, rules::kink_at_zero};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& x) {
    return num::select(x > 0.0, x, V(0.0));
  }
  template <class V>
  static V slope(const V& x, const V& /*y*/) {
    return num::select(x > 0.0, V(1.0), num::select(x < 0.0, V(0.0), V(0.01 * percent)));
  }
};

TEST(GradientCheck, TellsAnotherConventionFromOursAndFromAMistake) {
  const auto verdict = [](const TensorFunction& f) { return check_at(0.0, f).verdict; };
  EXPECT_EQ(verdict([](Inputs v) { return apply<ReluWithSlopeAtZero<0>>(v[0]); }), Verdict::kink);
  EXPECT_EQ(verdict([](Inputs v) { return apply<ReluWithSlopeAtZero<50>>(v[0]); }),
            Verdict::convention);
  EXPECT_EQ(verdict([](Inputs v) { return apply<ReluWithSlopeAtZero<100>>(v[0]); }),
            Verdict::convention);
  // −relu(−x): its ≤ side is the steep one, its flat side the other; both are documented choices.
  EXPECT_EQ(verdict([](Inputs v) { return -apply<ReluWithSlopeAtZero<0>>(-v[0]); }), Verdict::kink);
  EXPECT_EQ(verdict([](Inputs v) { return apply<ReluWithSlopeAtZero<110>>(v[0]); }), Verdict::fail);
}

struct ReluThatDoesNotSayItIsPiecewise : ReluWithSlopeAtZero<0> {
  static constexpr RuleInfo info{"my_relu", "relu"};
  static constexpr bool piecewise = false;
};

TEST(GradientCheck, FindsTheKinkOfARuleThatDoesNotSayItHasOne) {
  const auto f = [](Inputs v) { return apply<ReluThatDoesNotSayItIsPiecewise>(v[0]); };
  EXPECT_EQ(check_at(0.0, f).verdict, Verdict::kink);
  EXPECT_EQ(check_at(1e-7, f).verdict, Verdict::pass);
}

// ---- guards

TEST(GradientCheck, IsVacuousWhereNothingDependsOnAnInput) {
  const GradientReport unused =
      check_gradients([](Inputs v) { return square(v[0]); }, {{"x", 2.0}, {"unused", 1.0}});
  EXPECT_EQ(unused.inputs[0].verdict, Verdict::pass);
  EXPECT_EQ(unused.inputs[1].verdict, Verdict::vacuous);
  EXPECT_FALSE(unused.passed());
  EXPECT_THAT(unused.failure, AllOf(StartsWith("VACUOUS: unused: "), HasSubstr("does not depend")));
  const GradientReport constant =
      check_at(2.0, [](Inputs v) { return v[0].tape()->constant(3.0); });
  EXPECT_EQ(constant.verdict, Verdict::vacuous);
  EXPECT_EQ(check_at(2.0, [](Inputs v) { return less(v[0], 3.0); }).verdict, Verdict::vacuous);
}

TEST(GradientCheck, IsVacuousWhereTheFunctionHasNoValueOnEitherSide) {
  const GradientReport report =
      check_gradients([](Inputs v) { return power(v[0], v[1]); }, {{"x", -2.0}, {"p", 2.0}});
  EXPECT_EQ(report.inputs[0].verdict, Verdict::pass);
  EXPECT_EQ(report.inputs[1].verdict, Verdict::vacuous);
  EXPECT_THAT(report.failure,
              AllOf(StartsWith("VACUOUS: p: "), HasSubstr("a little to either side")));
}

TEST(GradientCheck, NamesWhatIsNotDeterministic) {
  double calls = 0.0;
  const std::string where = line_of_next();
  const auto f = [&](Inputs v) { return square(v[0]) * (calls += 1.0); };
  const GradientReport report = check_at(2.0, f);
  EXPECT_EQ(report.verdict, Verdict::nondeterministic);
  EXPECT_EQ(report.inputs[0].verdict, Verdict::nondeterministic);
  EXPECT_TRUE(std::isnan(report.taylor_rate));
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(report.failure, AllOf(StartsWith("NONDETERMINISTIC: "), HasSubstr(where)));
}

int pullbacks = 0;

TEST(GradientCheck, NamesAPullbackThatIsNotDeterministic) {
  static Rule wrong = square_rule;
  wrong.pullback = [](const Rule&, const Call<double>& call, std::size_t, const double* upstream,
                      double* adjoint) {
    adjoint[0] += upstream[0] * call.operands[0][0] * ++pullbacks;
  };
  const GradientReport report = check_at(2.0, [](Inputs v) { return apply(wrong, {v[0]}); });
  EXPECT_EQ(report.verdict, Verdict::nondeterministic);
  EXPECT_THAT(report.failure, HasSubstr("adjoint"));
}

template <class Error>
std::string message_of(double x, const TensorFunction& f) {
  try {
    static_cast<void>(check_at(x, f));
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(GradientCheck, RefusesWhatIsNotFinite) {
  EXPECT_THAT(message_of<ArgumentError>(std::nan(""), [](Inputs v) { return v[0]; }),
              StartsWith("check_gradients: x is NaN"));
  const std::string where = line_of_next();
  const auto f = [](Inputs v) { return 2.0 * log(v[0]); };
  EXPECT_THAT(message_of<NonFiniteError>(-1.0, f),
              AllOf(StartsWith("log(x: scalar): the value is NaN"), HasSubstr(where)));
  EXPECT_THAT(message_of<NonFiniteError>(0.0, f), HasSubstr("log"));
  Tape other;
  const Tensor elsewhere = other.variable(1.0);
  EXPECT_THAT(message_of<ArgumentError>(1.0, [&](Inputs) { return elsewhere; }),
              HasSubstr("not on its inputs' tape"));
  EXPECT_THROW(check_gradients([](Inputs) { return Tensor(); }, std::span<const CheckedInput>()),
               ArgumentError);
}

TEST(GradientCheck, GivesInputsWithoutANameOne) {
  const GradientReport report =
      check_gradients([](Inputs v) { return v[0] * v[1]; }, {{"", 1.0}, {"", 2.0}});
  EXPECT_EQ(report.inputs[0].name, "input 1");
  EXPECT_EQ(report.inputs[1].name, "input 2");
}

// ---- coverage

TEST(GradientCheck, SamplesLargeInputsAndMovesThemAlongDirections) {
  std::vector<double> x(3000);
  Random random(3);
  for (double& v : x) v = random.uniform(-1.0, 1.0);
  const TensorFunction f = [](Inputs v) { return mean(exp(v[0])) + square(v[1]); };
  const GradientReport report = check_gradients(f, {{"x", Values(x, {3000})}, {"b", 0.5}});
  EXPECT_EQ(report.verdict, Verdict::pass) << report.failure;
  EXPECT_EQ(report.inputs[0].entries_checked, 64);
  EXPECT_EQ(report.inputs[0].projections, 3);
  EXPECT_EQ(report.inputs[1].entries_checked, 1);
  EXPECT_EQ(report.inputs[1].projections, 0);
  EXPECT_THAT(report.text(), AllOf(HasSubstr("64 of 3000 + 3 directions"), HasSubstr("seed 1")));
  const GradientReport again = check_gradients(f, {{"x", Values(x, {3000})}, {"b", 0.5}});
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_EQ(report.inputs[0].entries[i].entry, again.inputs[0].entries[i].entry);
  }
  CheckOptions all;
  all.all_entries_up_to = 3000;
  EXPECT_EQ(
      check_gradients(f, {{"x", Values(x, {3000})}, {"b", 0.5}}, all).inputs[0].entries_checked,
      3000);
}

// The square whose entry 1234 has a slope 0.05 % too large.
const Rule& square_with_a_wrong_entry() {
  static Rule wrong = square_rule;
  wrong.pullback = [](const Rule&, const Call<double>& call, std::size_t, const double* upstream,
                      double* adjoint) {
    for (Index i = 0; i < call.geometry.result->size(); ++i) {
      const double slope = i == 1234 ? 2.001 : 2.0;
      adjoint[i] += upstream[i] * slope * call.operands[0][i];
    }
  };
  return wrong;
}

TEST(GradientCheck, FindsOneWrongEntryAmongMany) {
  std::vector<double> x(2500, 0.75);
  const GradientReport report =
      check_gradients([](Inputs v) { return sum(apply(square_with_a_wrong_entry(), {v[0]})); },
                      {{"x", Values(x, {2500})}});
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(report.inputs[0].verdict, Verdict::fail);
  EXPECT_THAT(report.failure, HasSubstr("random direction"));
}

// The slopes on the two sides of a direction that meets a kink leave room for it.
TEST(GradientCheck, FindsOneWrongEntryAmongManyOfWhichSomeAreAtKinks) {
  const auto verdict = [](const Rule& squared) {
    std::vector<double> x(2500, 0.75);
    x[7] = x[700] = 0.0;
    return check_gradients(
               [&](Inputs v) { return sum(apply(squared, {v[0]})) + 10.0 * sum(abs(v[0])); },
               {{"x", Values(x, {2500})}})
        .verdict;
  };
  EXPECT_EQ(verdict(square_rule), Verdict::pass);
  EXPECT_EQ(verdict(square_with_a_wrong_entry()), Verdict::fail);
}

TEST(GradientCheck, WeighsTheElementsOfAFunctionOfSeveral) {
  // Their plain sum has slope 0.
  const GradientReport report = check_at(0.7, [](Inputs v) {
    return concatenate({reshape(v[0], {1}), reshape(-v[0], {1})}, 0);
  });
  EXPECT_EQ(report.verdict, Verdict::pass) << report.failure;
  EXPECT_GT(std::abs(only_entry(report).analytic), 1e-3);
}

// ---- second order

TEST(GradientCheck, ChecksTheGradientOfTheGradient) {
  CheckOptions second;
  second.order = 2;
  const TensorFunction f = [](Inputs v) { return sum(sigmoid(matmul(v[0], v[1])) * exp(v[1])); };
  const std::vector<CheckedInput> inputs{{"A", {{0.3, -0.2}, {0.5, 0.9}}}, {"x", {0.4, -1.1}}};
  const GradientReport report = check_gradients(f, inputs, second);
  EXPECT_EQ(report.verdict, Verdict::pass) << report.failure;
  ASSERT_EQ(report.second_order.size(), 2U);
  EXPECT_EQ(report.second_order[0].entries_checked, 4);
  EXPECT_THAT(report.text(), HasSubstr("second order"));
  // A linear function has no second derivative, which is no alarm.
  EXPECT_EQ(check_at(
                2.0, [](Inputs v) { return 3.0 * v[0]; }, second)
                .verdict,
            Verdict::pass);
  EXPECT_EQ(check_at(
                0.5, [](Inputs v) { return relu(v[0]) * v[0]; }, second)
                .verdict,
            Verdict::pass);
}

TEST(GradientCheck, ChecksTheSecondOrderBesideAnInfiniteSlope) {
  CheckOptions second;
  second.order = 2;
  const auto f = [](Inputs v) { return sum(sqrt(v[0])); };
  const GradientReport report = check_gradients(f, {{"x", {0.0, 1.0}}}, second);
  EXPECT_EQ(report.verdict, Verdict::domain) << report.failure;
  EXPECT_EQ(report.second_order.at(0).entries.at(1).verdict, Verdict::pass);
}

struct SlopeRightAtOnePoint : Elementwise<1> {  // x², whose slope is recorded as a constant
  static constexpr RuleInfo info{"slope_right_at_one_point", "x squared; slope 6"};
  template <class V>
  static V value(const V& x) {
    return x * x;
  }
  template <class V>
  static V slope(const V& /*x*/, const V& /*y*/) {
    return V(6.0);
  }
};

TEST(GradientCheck, FailsInSecondOrderForASlopeThatIsRightHereAlone) {
  CheckOptions second;
  const auto f = [](Inputs v) { return apply<SlopeRightAtOnePoint>(v[0]); };
  EXPECT_EQ(check_at(3.0, f, second).verdict, Verdict::pass);
  second.order = 2;
  const GradientReport report = check_at(3.0, f, second);
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(report.failure, StartsWith("Second order: "));
}

// ---- GoogleTest

TEST(ExpectGradientsOk, IsTrueForRightGradientsAndElseShowsTheReport) {
  EXPECT_GRADIENTS_OK([](Inputs v) { return sum(v[0] * v[1]); }, {{"w", {1.0, 2.0}}, {"b", 0.5}});
  const auto wrong =
      gradients_ok([](Inputs v) { return apply<LeakyReluOfTwoMinds>(v[0]); }, {{"x", -1.0}});
  EXPECT_FALSE(wrong);
  EXPECT_THAT(wrong.message(), AllOf(HasSubstr("leaky_relu_of_two_minds"), HasSubstr("FAIL")));
}

}  // namespace
}  // namespace autograd
