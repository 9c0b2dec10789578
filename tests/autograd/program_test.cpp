// Replays of a recording, and sums over rows in blocks.
#include "autograd/program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "autograd/custom_operation.h"
#include "autograd/operations.h"
#include "autograd/random.h"
#include "autograd/row_sum.h"
#include "tests/autograd/support.h"

namespace autograd {
namespace {

std::vector<double> uniform(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values(count);
  for (double& v : values) v = random.uniform(-1.0, 1.0);
  return values;
}

std::vector<double> copy_of(std::span<const double> values) {
  return {values.begin(), values.end()};
}

// Logistic regression on outside memory.
struct Logistic {
  std::vector<double> features, labels, weights, intercept;
  Index rows, columns;
  Tape tape;
  Tensor X, y, w, b, loss;

  Logistic(Index m, Index n, std::uint64_t seed = 1)
      : features(uniform(static_cast<std::size_t>(m * n), seed)),
        labels(static_cast<std::size_t>(m)),
        weights(uniform(static_cast<std::size_t>(n), seed + 1)),
        intercept{0.25},
        rows(m),
        columns(n) {
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = features[i] > 0.0 ? 1.0 : 0.0;
    X = named(tape.constant(view(features, Shape{m, n})), "X");
    y = named(tape.constant(view(labels)), "y");
    w = named(tape.variable(view(weights)), "w");
    b = named(tape.variable(view(intercept, Shape{})), "b");
    loss = mean(binary_cross_entropy_with_logits(matmul(X, w) + b, y));
  }

  [[nodiscard]] RowSum row_sum(RowSum::Options options) const {
    const auto m = static_cast<double>(rows);
    return RowSum(
        {view(features, Shape{rows, columns}), view(labels)},
        {view(weights), view(intercept, Shape{})},
        [m](std::span<const Tensor> table, std::span<const Tensor> p) {
          return sum(binary_cross_entropy_with_logits(matmul(table[0], p[0]) + p[1], table[1])) / m;
        },
        options);
  }
};

TEST(Program, GivesTheTapesLossAndAdjointsToTheLastBit) {
  Logistic example(20, 3);
  Program program(example.loss, {example.X, example.y, example.w, example.b});
  example.tape.backward(example.loss);
  EXPECT_EQ(program.evaluate(), example.loss.item());
  EXPECT_EQ(copy_of(program.adjoint(2)), copy_of(example.w.adjoint_values()));
  EXPECT_EQ(copy_of(program.adjoint(3)), copy_of(example.b.adjoint_values()));
  EXPECT_TRUE(program.adjoint(0).empty()) << "data need no gradient";
}

TEST(Program, OutlivesTheTape) {
  std::unique_ptr<Program> program;
  {
    Tape tape;
    const Tensor x = tape.variable({1.0, 2.0, 3.0});
    program = std::make_unique<Program>(sum(square(x) * 2.0), std::initializer_list<Tensor>{x});
  }
  EXPECT_EQ(program->evaluate(), 28.0);
  EXPECT_EQ(copy_of(program->adjoint(0)), (std::vector<double>{4.0, 8.0, 12.0}));
}

TEST(Program, ReplaysOnOtherMemoryOfTheSameShape) {
  Logistic first(20, 3, 1);
  Logistic second(20, 3, 5);
  Program program(first.loss, {first.X, first.y, first.w, first.b});
  program.bind(0, view(second.features, Shape{20, 3}));
  program.bind(1, view(second.labels));
  program.bind(2, view(second.weights));
  second.tape.backward(second.loss);
  EXPECT_EQ(program.evaluate(), second.loss.item());
  EXPECT_EQ(copy_of(program.adjoint(2)), copy_of(second.w.adjoint_values()));
}

TEST(Program, SeesWhatChangedInTheMemoryOfItsInputs) {
  Logistic example(20, 3);
  Program program(example.loss, {example.w});
  const double before = program.forward();
  example.weights[0] += 1.0;
  EXPECT_NE(program.forward(), before);
}

TEST(Program, RefusesAnotherShapeByName) {
  Logistic example(20, 3);
  Program program(example.loss, {example.X, example.w});
  const std::vector<double> more(60);
  try {
    program.bind(0, view(more, Shape{30, 2}));
    FAIL() << "30×2 was bound to an input of 20×3";
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "input X was recorded with shape 20×3 and cannot be replayed with 30×2. Record a "
                 "program for that shape.");
  }
}

TEST(Program, RefusesALossOfMoreThanOneElementAndAnInputThatIsNoLeaf) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor y = square(x);
  EXPECT_THROW(Program(y, {x}), LossError);
  EXPECT_THROW(Program(sum(y), {y}), ArgumentError);
}

// A rule that counts how often its value is computed, and whose slope looks at nothing.
struct Counted : Elementwise<1> {
  static inline int computed = 0;
  static constexpr RuleInfo info{"counted", "3x, counted"};
  template <class V>
  static V value(const V& x) {
    if constexpr (std::is_same_v<V, double> || std::is_same_v<V, Pack>) ++computed;
    return 3.0 * x;
  }
  template <class V>
  static V slope(const V& /*x*/, const V& /*y*/) {
    return V(3.0);
  }
};

TEST(Program, LeavesOutValuesThatNoPullbackLooksAt) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  Program program(apply(rule_of<Counted>, {square(x)}), {x});
  Counted::computed = 0;
  program.differentiate();
  EXPECT_EQ(Counted::computed, 0) << "the loss is not wanted";
  EXPECT_EQ(program.adjoint(0)[0], 12.0);
  program.evaluate();
  EXPECT_EQ(Counted::computed, 1);
}

TEST(Program, ComputesValuesThatAPullbackLooksAtEvenWithoutTheLoss) {
  Tape tape;
  const Tensor x = tape.variable(0.5);
  // d/dx (3x)² = 18x needs the counted value.
  Program program(square(apply(rule_of<Counted>, {x})), {x});
  std::vector<double> other{2.0};
  program.bind(0, view(other, Shape{}));
  program.differentiate();
  EXPECT_EQ(program.adjoint(0)[0], 36.0);
}

TEST(Program, LetsNothingFlowBackToAVariableThatIsNoInput) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  const Tensor m = tape.variable(0.5);
  // Only the slope by x would look at the counted value of m.
  Program program(square(x) * apply(rule_of<Counted>, {square(m)}), {x});
  Program other(x * apply(rule_of<Counted>, {square(m)}), {m});
  Counted::computed = 0;
  other.differentiate();
  EXPECT_EQ(Counted::computed, 0) << "nobody asks for the slope by x";
  EXPECT_EQ(other.adjoint(0)[0], 2.0 * 3.0 * 2.0 * 0.5);
  program.differentiate();
  EXPECT_EQ(program.adjoint(0)[0], 4.0 * 3.0 * 0.25);
}

TEST(Program, IsCopiedWithMemoryOfItsOwn) {
  Logistic example(20, 3);
  Program original(example.loss, {example.w});
  const double loss = original.evaluate();
  const auto gradient = copy_of(original.adjoint(0));
  Program copy(original);
  const std::vector<double> zeros(3, 0.0);
  copy.bind(0, view(zeros));
  EXPECT_NE(copy.evaluate(), loss);
  EXPECT_EQ(copy_of(original.adjoint(0)), gradient);
  EXPECT_EQ(original.evaluate(), loss);
}

TEST(Program, FindsADecisionThatWasTakenOnAValue) {
  const auto record = [](Tape& tape, double value) {
    const Tensor x = named(tape.variable(value), "x");
    return x.item() > 0.0 ? square(x) : exp(x);
  };
  Tape first;
  const Program program(record(first, 2.0), {});
  Tape same;
  EXPECT_NO_THROW(program.require_same_recording(record(same, 5.0)));
  Tape other;
  try {
    program.require_same_recording(record(other, -1.0));
    FAIL() << "the other branch passed for the same recording";
  } catch (const ArgumentError& error) {
    EXPECT_NE(std::string(error.what()).find("exp(x: scalar)"), std::string::npos) << error.what();
  }
}

TEST(RowSum, EqualsTheSumOverAllRowsForAnyBlock) {
  Logistic example(1003, 5);
  example.tape.backward(example.loss);
  const auto dw = copy_of(example.w.adjoint_values());
  for (const Index block : {1, 7, 64, 500, 1002, 1003, 5000}) {
    RowSum sum = example.row_sum({block, 2});
    EXPECT_NEAR(sum.evaluate(), example.loss.item(), 1e-14) << block;
    ASSERT_EQ(sum.gradient().size(), 6U);
    for (std::size_t k = 0; k < 5; ++k) EXPECT_NEAR(sum.gradient()[k], dw[k], 1e-15) << block;
    EXPECT_NEAR(sum.gradient()[5], example.b.adjoint_item(), 1e-15) << block;
  }
}

TEST(RowSum, HasTheSameBitsForAnyNumberOfThreads) {
  const Logistic example(40001, 7);
  RowSum one = example.row_sum({0, 1});
  const double loss = one.evaluate();
  const auto gradient = copy_of(one.gradient());
  for (const int threads : {2, 3, 8}) {
    RowSum many = example.row_sum({0, threads});
    EXPECT_EQ(many.evaluate(), loss) << threads;
    EXPECT_EQ(copy_of(many.gradient()), gradient) << threads;
    many.differentiate();
    EXPECT_EQ(copy_of(many.gradient()), gradient) << threads << " threads, the gradient alone";
  }
}

TEST(RowSum, RefusesTablesOfDifferentLength) {
  const std::vector<double> ten(10);
  const std::vector<double> nine(9);
  const auto record = [](std::span<const Tensor> rows, std::span<const Tensor>) {
    return sum(rows[0]);
  };
  EXPECT_THROW(RowSum({view(ten), view(nine)}, {}, record), ShapeError);
  EXPECT_THROW(RowSum({}, {}, record), ShapeError);
}

TEST(RowSum, CarriesAnExceptionOutOfItsThreads) {
  // A row of only −∞, far from the block that is recorded.
  std::vector<double> logits(40000, 1.0);
  logits[30000] = logits[30001] = -std::numeric_limits<double>::infinity();
  const std::vector<double> factor{1.0};
  RowSum sums({view(logits, Shape{20000, 2})}, {view(factor, Shape{})},
              [](std::span<const Tensor> rows, std::span<const Tensor> parameters) {
                return sum(softmax(rows[0] * parameters[0]));
              },
              {100, 2});
  EXPECT_ANY_THROW(sums.evaluate());
}

// ---- adjoints that are handed on as they are

TEST(Program, AddsUpWhatASumSendsToAnOperandThatIsUsedMoreThanOnce) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  Program twice(sum(x + x), {x});
  twice.evaluate();
  EXPECT_EQ(copy_of(twice.adjoint(0)), (std::vector<double>{2.0, 2.0}));
  const Tensor y = x + 1.0;
  Program both(sum((y + x) * y), {x});  // (2x + 1)(x + 1), slope 4x + 3
  both.evaluate();
  EXPECT_EQ(copy_of(both.adjoint(0)), (std::vector<double>{7.0, 11.0}));
}

TEST(Program, GivesEveryOperandOfAChainOfSumsItsAdjoint) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor y = tape.variable({3.0, 4.0});
  const Tensor z = tape.variable({5.0, 6.0});
  Program program(sum(square((x + y) - z)), {x, y, z});
  program.evaluate();
  EXPECT_EQ(copy_of(program.adjoint(0)), (std::vector<double>{-2.0, 0.0}));
  EXPECT_EQ(copy_of(program.adjoint(1)), (std::vector<double>{-2.0, 0.0}));
  EXPECT_EQ(copy_of(program.adjoint(2)), (std::vector<double>{2.0, 0.0}));
}

TEST(Program, ReadsAnInputThatIsUsedTwiceFromItsNewMemoryEverywhere) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  Program program(sum(exp(x)) + sum(x), {x});
  const std::array<double, 2> memory{0.0, 0.0};
  program.stream(0);
  program.bind(0, memory.data());
  EXPECT_EQ(program.evaluate(), 2.0);
  EXPECT_EQ(copy_of(program.adjoint(0)), (std::vector<double>{2.0, 2.0}));
}

TEST(Program, NamesAnInputThatIsNotOnItsTape) {
  Tape tape;
  Tape other;
  const Tensor x = tape.variable(1.0);
  EXPECT_EQ(testing::message_of<TapeMismatchError>([&] { Program(x * x, {other.variable(1.0)}); }),
            "a program: an input lives on another tape.");
}

// ---- decisions between leaves

TEST(Program, FindsADecisionBetweenTwoNumbers) {
  const auto recorded = [](Tape& tape, double value) {
    const Tensor x = tape.variable(value);
    return std::pair(x.item() > 0.0 ? 2.0 * x : 3.0 * x, x);
  };
  Tape first;
  Tape second;
  Tape third;
  const auto [loss, x] = recorded(first, 1.0);
  const Program program(loss, {x});
  EXPECT_THROW(program.require_same_recording(recorded(second, -1.0).first), ArgumentError);
  EXPECT_NO_THROW(program.require_same_recording(recorded(third, 5.0).first));
}

TEST(Program, FindsADecisionBetweenTwoInputs) {
  const auto recorded = [](Tape& tape, double value) {
    const std::array inputs{tape.variable(value), tape.variable(7.0)};
    return std::pair(exp(value > 0.0 ? inputs[0] : inputs[1]), inputs);
  };
  Tape first;
  Tape second;
  Tape third;
  const auto [loss, inputs] = recorded(first, 1.0);
  const Program program(loss, inputs);
  const auto [other, its_inputs] = recorded(second, -1.0);
  EXPECT_THROW(program.require_same_recording(other, its_inputs), ArgumentError);
  const auto [same, same_inputs] = recorded(third, 2.0);
  EXPECT_NO_THROW(program.require_same_recording(same, same_inputs));
  EXPECT_THROW(program.require_same_recording(same, {same_inputs[0]}), ArgumentError);
}

}  // namespace
}  // namespace autograd
