// gradient(): the backward pass on the tape, its errors, and derivatives of derivatives.
#include "autograd/gradient.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "autograd/custom_operation.h"
#include "autograd/derivatives.h"
#include "autograd/verify/rule_check.h"
#include "tests/autograd/second_order.h"

namespace autograd::testing {
namespace {

// ---- the gradient itself

TEST(Gradient, OfTheTextbookExampleIsTheOneOfTheBackwardPass) {
  Tape tape;
  const Tensor w = tape.variable({0.5, -0.25});
  const Tensor b = tape.variable(0.1);
  const Tensor x = tape.constant({1.0, 2.0});
  const Tensor loss = binary_cross_entropy_with_logits(matmul(w, x) + b, 1.0);
  const auto d = gradient(loss, {w, b});
  expect_near(d[0].values(), std::vector{-0.475021, -0.950042}, 1e-6);
  EXPECT_NEAR(d[1].item(), -0.475021, 1e-6);
  tape.backward(loss);
  EXPECT_EQ(values(d[0]), adjoint(w));
  EXPECT_EQ(values(d[1]), adjoint(b));
}

TEST(Gradient, OfAVariableThatTheLossDoesNotReachIsAConstantZeroOfItsShape) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  const Tensor apart = tape.variable({{1.0, 2.0}, {3.0, 4.0}});
  const Tensor loss = square(x);
  const Tensor later = tape.variable({1.0, 2.0, 3.0});
  const auto d = gradient(loss, {apart, later, x});
  EXPECT_EQ(d[0].shape(), (Shape{2, 2}));
  EXPECT_EQ(values(d[0]), std::vector<double>(4, 0.0));
  EXPECT_EQ(values(d[1]), std::vector<double>(3, 0.0));
  EXPECT_FALSE(d[0].requires_gradient());
  EXPECT_EQ(d[2].item(), 4.0);
}

TEST(Gradient, ByATensorOnTheWayIsItsAdjoint) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor y = square(x);
  const Tensor loss = sum(y * y);
  const auto d = gradient(loss, {y, x, loss});
  EXPECT_EQ(values(d[0]), (std::vector<double>{2.0, 8.0}));
  EXPECT_EQ(values(d[1]), (std::vector<double>{4.0, 32.0}));
  EXPECT_EQ(d[2].item(), 1.0);
}

TEST(Gradient, LeavesAdjointsOfTheLastBackwardAsTheyAre) {
  Tape tape;
  const Tensor x = tape.variable(3.0);
  const Tensor loss = square(x);
  tape.backward(loss);
  gradient(exp(x), {x});
  EXPECT_EQ(x.adjoint_item(), 6.0);
}

TEST(Gradient, RecordsNothingForWhatNoVariableIsAskedFor) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  const Tensor w = tape.variable(3.0);
  const Tensor loss = tanh(sigmoid(x)) + w;
  const std::size_t before = tape.size();
  gradient(loss, {w});
  EXPECT_EQ(tape.size(), before + 1);  // the 1 that the loss starts with
}

TEST(Gradient, SaysWhatIsWrongAsTheBackwardPassDoes) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  const Tensor c = named(tape.constant(1.0), "c");
  std::string message = message_of<LossError>([&] { gradient(x, {x}); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "gradient(x: [2]): the loss must be one element, not [2] (" + line +
                         "). Take its sum() or mean() first.");
  message = message_of<LossError>([&] { gradient(c, {x}); });
  line = the_line_above();
  EXPECT_EQ(message, "gradient(c: scalar): it depends on no variable (" + line +
                         "). Make what you differentiate by with tape.variable().");
  message = message_of<LossError>([&] { gradient(sum(x), {c}); });
  line = the_line_above();
  EXPECT_EQ(message, "gradient(sum(x: [2])): c: scalar requires no gradient (" + line +
                         "). Make it with tape.variable(), or of variables.");
  EXPECT_THROW(gradient(Tensor(), {x}), StaleTensorError);
  EXPECT_THROW(gradient(sum(x), {Tensor()}), StaleTensorError);
  Tape other;
  EXPECT_THROW(gradient(sum(x), {other.variable(1.0)}), TapeMismatchError);
}

TEST(Gradient, BlamesTheLineOfTheForwardOperation) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  const Tensor y = tanh(x);
  const std::string line = the_line_above();
  const Tensor d = gradient(y, {x})[0];
  for (std::size_t index = y.index() + std::size_t{1}; index <= d.index(); ++index) {
    EXPECT_EQ(to_string(tape.node(index).where), line) << tape.describe(tape.node(index));
  }
}

// ---- array and recorded reading agree

// How far apart the two readings may be.
void expect_alike(const Tensor& loss, std::span<const Tensor> variables, double ulps) {
  Tape& tape = *loss.tape();
  const auto scales = sums_of_absolute_parts(loss);
  const auto recorded = gradient(loss, variables);
  tape.backward(loss);
  for (std::size_t v = 0; v < variables.size(); ++v) {
    ASSERT_EQ(recorded[v].shape(), variables[v].shape());
    const auto array = adjoint(variables[v]);
    for (std::size_t i = 0; i < array.size(); ++i) {
      EXPECT_TRUE(within(recorded[v].values()[i], array[i], ulps, scales[variables[v].index()][i]))
          << "variable " << v << ", element " << i;
    }
  }
}

Tensor weighted_loss(Tape& tape, const Tensor& y) {
  Random random(9);
  return sum(y * tape.constant(Values(random_values(random, y.size()), y.shape())));
}

void expect_alike(const Rule& rule, const Trial& trial, double ulps) {
  Tape tape;
  const auto operands = variables_of(tape, trial);
  const Tensor y = record(rule, operands, trial.attributes);
  if (y.requires_gradient()) expect_alike(weighted_loss(tape, y), operands, ulps);
}

// 0 is bit for bit. Products of matrices add up in another order when a factor is transposed in
// memory.
double ulps_of(const Rule& rule) { return rule.shape == RuleShape::bilinear ? 2.0 : 0.0; }

TEST(Gradient, HasTheBitsOfTheBackwardPassOverTheWholeCatalogue) {
  for_each_smooth_trial(
      [](const Rule& rule, const Trial& trial) { expect_alike(rule, trial, ulps_of(rule)); });
}

TEST(Gradient, HasTheBitsOfTheBackwardPassAtKinksTiesInTheTailsAndAtNaN) {
  Random random(21);
  for (const Rule* rule : catalogue()) {
    SCOPED_TRACE(rule->info.name);
    if (rule->shape != RuleShape::elementwise) {
      for (const Trial& trial : example_trials(*rule, random, true)) {
        expect_alike(*rule, trial, ulps_of(*rule));
        Trial with_nan = trial;
        with_nan.values[0][0] = not_a_number;
        if (rule->shape == RuleShape::fused) expect_alike(*rule, with_nan, 0.0);
      }
      continue;
    }
    for (const double x : {-infinity, -745.0, -40.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 40.0,
                           745.0, infinity, not_a_number}) {
      for (const double y : {-1.0, 0.0, 0.5, 1.0, infinity, not_a_number}) {
        Trial trial;
        trial.shapes.assign(rule->arity, Shape{3});
        trial.values.assign(rule->arity, {y, y, y});
        trial.values[0] = {x, x, 0.25};
        SCOPED_TRACE(std::to_string(x) + ", " + std::to_string(y));
        expect_alike(*rule, trial, ulps_of(*rule));
      }
    }
  }
}

TEST(Gradient, OfALinearRuleRecordsAnAdjointThatPassesTheGradientCheckItself) {
  Random random(22);
  for (const Rule* rule : catalogue()) {
    if (rule->shape != RuleShape::linear) continue;
    SCOPED_TRACE(rule->info.name);
    Tape tape;
    const Trial trial = example_trials(*rule, random, false).front();
    const auto operands = variables_of(tape, trial);
    const Tensor loss = weighted_loss(tape, record(*rule, operands, trial.attributes));
    const auto first = gradient(loss, operands);
    // Twice round is the rule itself, or its part for one of two operands.
    const auto second = gradient(weighted_loss(tape, tanh(loss * first[0])), {operands[0]});
    std::size_t adjoints = 0;
    for (std::size_t index = 0; index < tape.size(); ++index) {
      const Rule* recorded = tape.node(index).rule;
      if (recorded == nullptr || find_rule(recorded->info.name) != nullptr) continue;
      ++adjoints;
      const RuleReport report = check_rule(*recorded);
      EXPECT_TRUE(report.passed) << report.failure;
      EXPECT_GT(report.entries, 0);
      EXPECT_FALSE(tape.describe_operation(tape.node(index)).empty());
    }
    EXPECT_GT(adjoints, 0U);
    EXPECT_EQ(second[0].shape(), operands[0].shape());
  }
}

TEST(Gradient, OfANodeUsedTwiceAddsUpInTheOrderOfTheBackwardPass) {
  Tape tape;
  const Tensor x = tape.variable({0.1, 0.7, -1.3});
  const Tensor y = x * x;
  const Tensor loss = sum(y * tanh(x) + x / (2.0 + y) + exp(x) * x);
  const Tensor d = gradient(loss, {x})[0];
  tape.backward(loss);
  EXPECT_EQ(values(d), adjoint(x));
}

TEST(Gradient, ZeroTimesInfinityIsZeroInARecordedGradientToo) {
  Tape tape;
  const Tensor x = tape.variable({0.0, 4.0});
  const Tensor loss = sum(where(greater(x, 0.0), sqrt(x), 0.0));
  const Tensor d = gradient(loss, {x})[0];
  EXPECT_EQ(values(d), (std::vector<double>{0.0, 0.25}));
  const Tensor second = gradient(sum(d), {x})[0];
  EXPECT_EQ(second.values()[0], 0.0);
  EXPECT_DOUBLE_EQ(second.values()[1], -0.25 / 8.0);
}

TEST(Gradient, AZeroAdjointOrTangentTimesAnInfiniteFactorOfAProductIsZero) {
  Tape tape;
  const Tensor a = tape.variable({{1.0, infinity}, {3.0, 4.0}});
  const Tensor b = tape.variable({{1.0, 2.0}, {3.0, 4.0}});
  const Tensor loss = sum(matmul(a, b) * tape.constant({{0.0, 0.0}, {1.0, 1.0}}));
  const auto d = gradient(loss, {a, b});
  tape.backward(loss);
  EXPECT_EQ(adjoint(b), (std::vector<double>{3.0, 3.0, 4.0, 4.0}));
  EXPECT_EQ(values(d[1]), adjoint(b));
  EXPECT_EQ(values(d[0]), adjoint(a));
  EXPECT_EQ(jvp(matmul(a, b), b, std::vector{1.0, 1.0, 0.0, 0.0}),
            (std::vector<double>{1.0, 1.0, 3.0, 3.0}));
}

// ---- second derivatives

struct GoldenSecond {
  std::string function;
  std::string parameter;
  double x = 0.0;
  double slope = 0.0;
  double second = 0.0;
};

std::vector<GoldenSecond> golden_seconds() {
  std::ifstream file(TAPEWISE_TEST_DATA "/golden/elementwise.csv");
  std::vector<GoldenSecond> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::array<std::string, 6> cell;
    for (std::string& c : cell) std::getline(cells, c, ',');
    const auto number = [&](std::size_t c) { return std::strtod(cell[c].c_str(), nullptr); };
    rows.push_back({cell[0], cell[2], number(1), number(4), number(5)});
  }
  return rows;
}

// The derivative of a gradient that may depend on nothing any more.
double derivative_of(const Tensor& slope, const Tensor& x) {
  return slope.requires_gradient() ? gradient(slope, {x})[0].item() : 0.0;
}

TEST(SecondDerivative, OfEveryElementwiseFunctionIsTheGoldenOne) {
  Tape tape;
  std::size_t compared = 0;
  for (const GoldenSecond& row : golden_seconds()) {
    if (!std::isfinite(row.x) || !std::isfinite(row.second)) continue;
    SCOPED_TRACE(row.function + " " + row.parameter);
    const Tape::Scope scope = tape.scope();
    const Tensor x = tape.variable(row.x);
    const Rule& rule = *find_rule(row.function);
    const Tensor y = row.parameter.empty()
                         ? apply(rule, {x})
                         : apply(rule, {x, std::strtod(row.parameter.c_str(), nullptr)});
    const double second = derivative_of(gradient(y, {x})[0], x);
    // Where a second derivative passes through 0 it is a difference of terms as large as the slope.
    const bool crosses_zero = row.function == "generalized_logistic" || row.function == "sigmoid" ||
                              row.function == "tanh";
    const double scale = std::max(std::abs(row.second), crosses_zero ? std::abs(row.slope) : 0.0);
    EXPECT_NEAR(second, row.second, 1e-10 * scale + 1e-306) << "at " << row.x;
    ++compared;
  }
  EXPECT_GT(compared, 1500U);
}

TEST(SecondDerivative, OverTheCatalogueIsTheComplexStepOfTheRecordedGradient) {
  Random random(23);
  for_each_smooth_trial([&](const Rule& rule, const Trial& trial) {
    Tape tape;
    const auto operands = variables_of(tape, trial);
    const Tensor y = record(rule, operands, trial.attributes);
    if (!y.requires_gradient()) return;
    const Tensor loss = weighted_loss(tape, y);
    for (const Tensor& x : operands) {
      const Tensor slope = gradient(loss, {x})[0];
      if (!slope.requires_gradient()) continue;
      const auto scale = sums_of_absolute_parts(sum(slope));
      const Tensor second = gradient(sum(slope), {x})[0];
      for (Index i = 0; i < x.size(); ++i) {
        std::vector<double> direction(static_cast<std::size_t>(x.size()));
        direction[static_cast<std::size_t>(i)] = 1.0;
        double witness = 0.0;
        for (const double part : complex_step(slope, x, direction)) witness += part;
        const auto at = static_cast<std::size_t>(i);
        EXPECT_NEAR(second.values()[at], witness, 1e-10 * (scale[x.index()][at] + 1e-300));
      }
    }
  });
}

TEST(SecondDerivative, IsTheOneOfTheOtherBranchBeyondAKink) {
  Tape tape;
  const Tensor x = tape.variable({-1.0, 0.0, 1.0});
  const Tensor d = gradient(sum(elu(x, 2.0)), {x})[0];
  const Tensor second = gradient(sum(d), {x})[0];
  expect_near(second.values(), std::vector{2.0 * std::exp(-1.0), 2.0, 0.0}, 1e-15);
}

TEST(SecondDerivative, ByALearnedSlopeOfZeroIsTheSameInEitherOrder) {
  Tape tape;
  const Tensor x = tape.variable({-2.0, 0.0, 3.0});
  const Tensor s = tape.variable(0.0);
  const auto d = gradient(sum(prelu(x, s)), {x, s});
  const Tensor by_x_then_s = gradient(sum(d[0]), {s})[0];
  const Tensor by_s_then_x = gradient(d[1], {x})[0];
  EXPECT_EQ(by_x_then_s.item(), 2.0);
  EXPECT_EQ(values(by_s_then_x), (std::vector<double>{1.0, 1.0, 0.0}));
}

// ---- third derivatives

TEST(ThirdDerivative, OfExpTanhSigmoidAndAProductIsTheTextbookOne) {
  for (const double at : {-20.0, -1.5, -0.3, 0.0, 0.7, 2.0, 20.0}) {
    SCOPED_TRACE(at);
    Tape tape;
    const Tensor x = tape.variable(at);
    const auto third = [&](const Tensor& y) {
      const Tensor first = gradient(y, {x})[0];
      return gradient(gradient(first, {x})[0], {x})[0].item();
    };
    const double t = std::tanh(at);
    const double q = 1.0 / (std::cosh(at) * std::cosh(at));
    const double a = 1.0 / (1.0 + std::exp(-at));
    const double slope = a * (1.0 / (1.0 + std::exp(at)));
    EXPECT_TRUE(within(third(exp(x)), std::exp(at), 4.0, std::exp(at)));
    EXPECT_NEAR(third(tanh(x)), q * (6.0 * t * t - 2.0), 1e-13 * q);
    EXPECT_NEAR(third(sigmoid(x)), slope * (1.0 - 6.0 * slope), 1e-13 * slope);
    EXPECT_EQ(third(x * x * x), 6.0);
    EXPECT_NEAR(third(x * exp(x)), (at + 3.0) * std::exp(at),
                1e-13 * (3.0 + std::abs(at)) * std::exp(at));
  }
}

TEST(ThirdDerivative, OfAProductOfMatricesMixesItsFactors) {
  Tape tape;
  Random random(25);
  const Tensor a = random_variable(tape, random, {2, 3});
  const Tensor b = random_variable(tape, random, {3, 2});
  const Tensor c = random_variable(tape, random, {2, 2});
  const Tensor da = gradient(sum(matmul(a, b) * c), {a})[0];
  const Tensor db = gradient(sum(da), {b})[0];
  const Tensor dc = gradient(sum(db), {c})[0];
  // Σ C·Bᵀ by B is the column sums of C in every row; by C it is the number of rows of B.
  EXPECT_EQ(values(dc), std::vector<double>(4, 3.0));
}

// ---- operations of a user

// y = x·σ(x)      y' = y + σ(x)(1 − y)
struct Swish : Elementwise<1> {
  static constexpr RuleInfo info{"swish", "x sigmoid(x)"};
  template <class V>
  static V value(const V& x) {
    return x * num::sigmoid(x);
  }
  template <class V>
  static V slope(const V& x, const V& y) {
    return y + num::sigmoid(x) * (1.0 - y);
  }
};

// y = x read backwards; its own adjoint, which the vocabulary has no word for.
struct Reverse : Linear<1> {
  static constexpr RuleInfo info{"reverse", "the elements of a vector in reverse order"};
  static Shape result_shape(const Geometry& g) { return g.operand(0); }
  static Transfer transfer(std::size_t /*operand*/, const Geometry& g) {
    Transfer t;
    t.walk.append(g.result->size(), {1, -1});
    t.offset[1] = g.result->size() - 1;
    return t;
  }
  template <class V>
  static V value(const V& x, const Geometry& /*g*/) {
    return num::transpose(x);
  }
  template <class V>
  static V adjoint(Wrt<0> /*x*/, const V& upstream, const Geometry& /*g*/) {
    return num::transpose(upstream);
  }
  static std::vector<Example> examples() { return {{{{5}}}}; }
};

// y = x/Σx      x̄ = (ḡ − Σ ḡ⊙y)/Σx
struct Shares : Fused<1> {
  static constexpr RuleInfo info{"shares", "x as shares of its sum along an axis"};
  template <class V>
  static V value(const V& x) {
    return x / num::sum(x);
  }
  template <class V>
  static V pullback(Wrt<0> /*x*/, const V& x, const V& y, const V& upstream) {
    return (upstream - num::sum(upstream * y)) / num::sum(x);
  }
};

TEST(Gradient, OfAnOperationOfTheUsersOwnNeedsNothingMore) {
  Tape tape;
  const Tensor x = tape.variable({0.5, 1.5, 3.0});
  const Tensor along = apply(rule_of<Shares>, {x}, std::array<Index, 1>{0});
  const Tensor loss = sum(square(apply<Reverse>(apply<Swish>(x))) * (along + x));
  const std::array variables{x};
  expect_alike(loss, variables, 2.0);
  const Tensor d = gradient(loss, {x})[0];
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<double> direction(3);
    direction[i] = 1.0;
    expect_near(jvp(d, x, direction), complex_step(d, x, direction), 1e-12);
  }
}

// ---- what backward() refuses, too

TEST(Gradient, OfALeafThatWasAssignedAfterItWasReadIsRefused) {
  Tape tape;
  const Tensor x = named(tape.variable(2.0), "x");
  const Tensor loss = x * exp(x);
  tape.assign(x, std::array{1.0});
  const std::string message = message_of<LossError>([&] { gradient(loss, {x}); });
  EXPECT_TRUE(message.starts_with("gradient: x: scalar was changed after ")) << message;
  EXPECT_THROW(jvp(loss, x, std::array{1.0}), LossError);
  EXPECT_THROW(vjp(loss, x, std::array{1.0}), LossError);
  EXPECT_THROW(jacobian(loss, x), LossError);
  EXPECT_THROW(hessian(loss, x), LossError);
}

TEST(Gradient, ThatFailsLeavesNothingBehind) {
  Tape tape;
  const Tensor x = tape.variable(0.0);
  const Tensor loss = sqrt(x);
  const std::size_t size = tape.size();
  tape.detect_anomalies(true);
  EXPECT_THROW(gradient(loss, {x}), NonFiniteError);
  EXPECT_EQ(tape.size(), size);
  EXPECT_EQ(loss.item(), 0.0);
}

TEST(Gradient, NamesWhatIsOnAnotherTape) {
  Tape tape;
  Tape other;
  const Tensor x = tape.variable(2.0);
  std::string message =
      message_of<TapeMismatchError>([&] { gradient(x * x, {other.variable(1.0)}); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "gradient: a variable lives on another tape (" + line + ").");
  message = message_of<TapeMismatchError>([&] { jacobian(x * x, other.variable(1.0)); });
  line = the_line_above();
  EXPECT_EQ(message, "jacobian: an input lives on another tape (" + line + ").");
}

}  // namespace
}  // namespace autograd::testing
