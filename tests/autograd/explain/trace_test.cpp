// What happened on a tape, written down: that the lines are the textbook's, that the events are in
// the order in which they happened, and that each of them is true.
// Numbers of the teaching example: worked out to 30 digits with mpmath.
#include "autograd/explain/trace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "autograd/random.h"
#include "tests/autograd/explain/true_lines.h"

namespace autograd::testing {
namespace {

using Lines = std::vector<std::string>;

Lines forward_of(const Trace& trace) {
  Lines lines;
  for (const TracedValue& value : trace.values) {
    if (value.formula) lines.push_back(value.name + " = " + value.formula->text());
  }
  return lines;
}

Lines backward_of(const Trace& trace) {
  Lines lines;
  for (const TracedPart& part : trace.parts) {
    lines.push_back(trace.values[part.to].adjoint_name + " += " + part.rule.text());
  }
  return lines;
}

// One row of logistic regression with the documented names.
struct TeachingExample {
  Tape tape;
  Tensor w1 = named(tape.variable(0.5), "w1");
  Tensor w2 = named(tape.variable(-0.25), "w2");
  Tensor b = named(tape.variable(0.1), "b");
  Tensor x1 = named(tape.constant(1.0), "x1");
  Tensor x2 = named(tape.constant(2.0), "x2");
  Tensor y = named(tape.constant(1.0), "y");
  Tensor first = w1 * x1;
  Tensor second = w2 * x2;
  Tensor z = named(first + second + b, "z");
  Tensor a = named(sigmoid(z), "a");
  Tensor loss = named(binary_cross_entropy(a, y), "L");
};

TEST(Trace, WritesTheForwardPassOfTheTeachingExample) {
  TeachingExample example;
  const Trace trace = trace_of(example.tape, example.loss);
  EXPECT_EQ(forward_of(trace), (Lines{"z = w1 · x1 + w2 · x2 + b", "a = σ(z)",
                                      "L = −(y · ln(a) + (1 − y) · ln(1 − a))"}));
  EXPECT_NEAR(trace.find("z")->value[0], 0.1, 1e-16);
  EXPECT_NEAR(trace.find("a")->value[0], 0.524979187478939986, 1e-15);
  EXPECT_NEAR(trace.find("L")->value[0], 0.644396660073570895, 1e-15);
}

TEST(Trace, WritesTheBackwardPassOfTheTeachingExampleInTheOrderInWhichItRan) {
  TeachingExample example;
  const Trace trace = trace_of(example.tape, example.loss);
  EXPECT_EQ(backward_of(trace), (Lines{"da += −y/a + (1 − y)/(1 − a)", "dz += da · a · (1 − a)",
                                       "db += dz", "dw2 += dz · x2", "dw1 += dz · x1"}));
  EXPECT_NEAR(trace.find("da")->adjoint[0], -1.904837418035959573, 1e-15);
  EXPECT_NEAR(trace.find("dz")->adjoint[0], -0.475020812521060014, 1e-15);
  EXPECT_NEAR(trace.find("dw2")->adjoint[0], -0.950041625042120028, 1e-15);
  EXPECT_EQ(trace.find("x1")->adjoint, std::vector<double>());
}

TEST(Trace, UpdatesTheVariablesWhereThereIsALearningRate) {
  TeachingExample example;
  TraceOptions options;
  options.learning_rate = 0.1;
  const Trace trace = trace_of(example.tape, example.loss, options);
  ASSERT_EQ(trace.updates.size(), 3U);
  EXPECT_EQ(trace.updates[0].rule.text(), "w1 − learning_rate · dw1");
  EXPECT_NEAR(trace.updates[0].after[0], 0.547502081252106001, 1e-15);
  EXPECT_NEAR(trace.updates[2].after[0], 0.147502081252106001, 1e-15);
}

TEST(Trace, OfTheFusedLossIsAMinusYWhereAIsKnown) {
  Tape tape;
  const Tensor z = named(tape.variable(0.1), "z");
  named(sigmoid(z), "a");
  const Tensor y = named(tape.constant(1.0), "y");
  const Trace trace = trace_of(tape, named(binary_cross_entropy_with_logits(z, y), "L"));
  EXPECT_EQ(backward_of(trace), (Lines{"dz += a − y"}));
  EXPECT_EQ(forward_of(trace).back(), "L = −(y · ln(σ(z)) + (1 − y) · ln(1 − σ(z)))");
}

TEST(Trace, ShowsWhyAdjointsAreAddedUp) {
  Tape tape;
  const Tensor a = named(tape.variable(1.5), "a");
  const Tensor b = named(a + a, "b");
  const Trace trace = trace_of(tape, named(b + b, "c"));
  EXPECT_EQ(forward_of(trace), (Lines{"b = a + a", "c = b + b"}));
  EXPECT_EQ(backward_of(trace), (Lines{"db += dc", "db += dc", "da += db", "da += db"}));
  const std::vector<double> before{0.0, 1.0, 0.0, 2.0};
  const std::vector<double> after{1.0, 2.0, 2.0, 4.0};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(trace.parts[k].before[0], before[k]) << k;
    EXPECT_EQ(trace.parts[k].after[0], after[k]) << k;
  }
}

TEST(Trace, WritesOutWhatHasNoNameAndIsUsedOnce) {
  Tape tape;
  const Tensor x = named(tape.variable(0.7), "x");
  const Tensor y = named(exp(x) * 3.0, "y");
  const Tensor loss = named(square(y - 1.0), "L");
  const Trace trace = trace_of(tape, loss);
  EXPECT_EQ(forward_of(trace).at(0), "y = exp(x) · 3");
  EXPECT_EQ(backward_of(trace).back(), "dx += dy · 3 · exp(x)");
  EXPECT_EQ(trace.parts.back().slope->text(), "3 · exp(x)");
  EXPECT_NEAR(trace.parts.back().slope_numbers[0], 3.0 * std::exp(0.7), 1e-14);
}

TEST(Trace, GivesALineToWhatIsUsedTwice) {
  Tape tape;
  const Tensor x = named(tape.variable(0.7), "x");
  const Tensor e = exp(x);
  const Trace trace = trace_of(tape, e * e);
  EXPECT_EQ(forward_of(trace), (Lines{"v1 = exp(x)", "L = v1 · v1"}));
  EXPECT_EQ(backward_of(trace), (Lines{"dv1 += v1", "dv1 += v1", "dx += dv1 · v1"}));
}

TEST(Trace, ForwardLinesAreOverWhatWentIn) {
  Tape tape;
  const Tensor x = named(tape.variable(2.0), "x");
  const Tensor y = named(tape.variable(3.0), "y");
  const Tensor a = named(x * y, "a");
  const Tensor b = named(x * y, "b");
  const Trace trace = trace_of(tape, a + x * y + b);
  EXPECT_EQ(forward_of(trace), (Lines{"a = x · y", "b = x · y", "L = a + x · y + b"}));
}

TEST(Trace, TheLearningRateHasANameOfItsOwn) {
  Tape tape;
  const Tensor x = named(tape.variable(2.0), "learning_rate");
  TraceOptions options;
  options.learning_rate = 0.1;
  EXPECT_EQ(trace_of(tape, square(x), options).updates[0].rule.text(),
            "learning_rate − the_learning_rate · dlearning_rate");
}

TEST(Trace, GivesALineToEveryOperationWhereThatIsAsked) {
  TeachingExample example;
  TraceOptions options;
  options.every_operation = true;
  const Trace trace = trace_of(example.tape, example.loss, options);
  EXPECT_EQ(forward_of(trace).size(), 6U);
  EXPECT_EQ(trace.parts.size(), 8U);
  EXPECT_EQ(false_lines(trace), "");
}

TEST(Trace, LeavesOutWhatTheLossDoesNotDependOn) {
  Tape tape;
  const Tensor x = named(tape.variable(2.0), "x");
  const Tensor idle = named(tape.variable(3.0), "idle");
  named(idle * x, "beside");
  const Tensor loss = named(square(x), "L");
  named(loss + idle, "later");
  const Trace trace = trace_of(tape, loss);
  ASSERT_EQ(trace.parts.size(), 1U) << "what is beside the loss sends nothing back";
  EXPECT_EQ(trace.find("dx")->adjoint[0], 4.0);
  EXPECT_EQ(trace.find("later"), nullptr);
}

TEST(Trace, OfValuesWithoutVariablesIsTheForwardPassAlone) {
  Tape tape;
  const Tensor x = named(tape.constant(2.0), "x");
  const Trace trace = trace_of(tape, square(x));
  EXPECT_EQ(forward_of(trace).size(), 1U);
  EXPECT_TRUE(trace.parts.empty());
}

TEST(Trace, IsOfWholeTensors) {
  Tape tape;
  const Tensor X = named(tape.constant({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}}), "X");
  const Tensor w = named(tape.variable({0.5, -0.5}), "w");
  const Tensor z = named(matmul(X, w), "z");
  const Trace trace = trace_of(tape, sum(z));
  EXPECT_EQ(trace.find("z")->formula->text_with_shapes(), "X[3×2] · w[2×1]");
  EXPECT_EQ(trace.parts.back().rule.text_with_shapes(), "Xᵀ[2×3] · dz[3×1]");
  EXPECT_EQ(trace.parts.back().part, (std::vector<double>{9.0, 12.0}));
  EXPECT_EQ(forward_of(trace).back(), "L = Σ(z)");
}

TEST(Trace, TellsValuesOfOneNameApart) {
  Tape tape;
  Tensor h = named(tape.variable(0.3), "h");
  for (int k = 0; k < 2; ++k) h = named(tanh(h), "h");
  const Trace trace = trace_of(tape, h);
  EXPECT_EQ(forward_of(trace), (Lines{"h.1 = tanh(h)", "h.2 = tanh(h.1)"}));
  EXPECT_EQ(false_lines(trace), "");
}

TEST(Trace, DoesNotTakeAnAdjointForAValue) {
  Tape tape;
  const Tensor z = named(tape.variable(0.3), "z");
  const Tensor dz = named(exp(z), "dz");
  const Trace trace = trace_of(tape, dz * z);
  EXPECT_EQ(trace.find("z")->adjoint_name, "grad_dz");
  EXPECT_EQ(false_lines(trace), "");
}

TEST(Trace, RefusesALossOfSeveralElements) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  EXPECT_EQ(message_of<LossError>([&] { return trace_of(tape, x); }),
            "the trace of x: [2]: a loss is one element. Take its sum() or mean() first.");
}

TEST(Trace, RefusesTensorsThatAreNoLongerThere) {
  TeachingExample example;
  example.tape.clear();
  EXPECT_THROW(static_cast<void>(trace_of(example.tape, example.loss)), StaleTensorError);
}

TEST(Trace, OutlivesItsTape) {
  Trace trace;
  {
    TeachingExample example;
    trace = trace_of(example.tape, example.loss);
  }
  EXPECT_EQ(false_lines(trace), "");
}

TEST(Trace, LeavesTheAdjointsOfItsLossOnTheTape) {
  TeachingExample example;
  const Trace trace = trace_of(example.tape, example.loss);
  EXPECT_EQ(example.tape.last_loss(), example.loss.index());
  EXPECT_EQ(example.b.adjoint_item(), trace.find("db")->adjoint[0]);
}

TEST(Trace, TheTapeKnowsTheLossOfItsAdjointsWhileItIsThere) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  EXPECT_EQ(tape.last_loss(), std::nullopt);
  const Tensor loss = square(x);
  tape.backward(loss);
  EXPECT_EQ(tape.last_loss(), loss.index());
  {
    const auto scope = tape.scope();
    const Tensor inner = exp(x);
    tape.backward(inner);
    EXPECT_EQ(tape.last_loss(), inner.index());
  }
  EXPECT_EQ(tape.last_loss(), std::nullopt);
}

// ---- long ones

TEST(Trace, NamesWhatWouldBeTooLongToWriteOut) {
  Tape tape;
  Tensor y = named(tape.variable(0.5), "x");
  for (int k = 0; k < 100; ++k) y = tanh(y);
  const Trace trace = trace_of(tape, y);
  EXPECT_GT(forward_of(trace).size(), 3U);
  EXPECT_LT(forward_of(trace).size(), 60U);
  EXPECT_EQ(false_lines(trace), "");
  for (const TracedPart& part : trace.parts) EXPECT_LE(part.rule.size(), 200U);
}

TEST(Trace, AChosenNameIsNoneThatIsTaken) {
  Tape tape;
  const Tensor x = named(tape.variable(0.5), "v1");
  const Tensor e = exp(x);
  EXPECT_EQ(forward_of(trace_of(tape, e * e)).at(0), "vv1 = exp(v1)");
}

TEST(Trace, OfALongChainTakesLinearTime) {
  Tape tape;
  const Tensor x = named(tape.variable(0.5), "x");
  Tensor y = x;
  for (int k = 0; k < 100'000; ++k) y = y + x;
  const Trace trace = trace_of(tape, y);
  EXPECT_EQ(trace.find("dx")->adjoint[0], 100'001.0);
  EXPECT_EQ(trace.find("dx")->parts.size(), 100'001U);
  EXPECT_EQ(false_lines(trace), "");
}

TEST(Trace, OfAGraphThatDoublesSixtyFourTimesEnds) {
  Tape tape;
  Tensor y = named(tape.variable(1.0), "x");
  for (int k = 0; k < 64; ++k) y = y + y;
  const Trace trace = trace_of(tape, y);
  EXPECT_EQ(trace.parts.size(), 128U);
  EXPECT_EQ(trace.find("dx")->adjoint[0], 0x1p64);
  EXPECT_EQ(false_lines(trace), "");
}

// ---- every line is true

TEST(TraceLines, OfTheTeachingExampleAreTrue) {
  TeachingExample example;
  TraceOptions options;
  options.learning_rate = 0.1;
  EXPECT_EQ(false_lines(trace_of(example.tape, example.loss, options)), "");
}

// One operation, picked at random, on values around 1 that are fit for all of them.
Tensor random_operation(autograd::Random& random, const Tensor& x, const Tensor& y) {
  static const std::vector<std::function<Tensor(const Tensor&, const Tensor&)>> operations{
      [](const Tensor& p, const Tensor& q) { return p + q; },
      [](const Tensor& p, const Tensor& q) { return p - q * 0.5; },
      [](const Tensor& p, const Tensor& q) { return p * q; },
      [](const Tensor& p, const Tensor& q) { return p / (square(q) + 1.0); },
      [](const Tensor& p, const Tensor&) { return -p; },
      [](const Tensor& p, const Tensor&) { return tanh(p); },
      [](const Tensor& p, const Tensor&) { return sigmoid(p); },
      [](const Tensor& p, const Tensor&) { return softplus(p); },
      [](const Tensor& p, const Tensor&) { return exp(tanh(p)); },
      [](const Tensor& p, const Tensor&) { return log(square(p) + 0.5); },
      [](const Tensor& p, const Tensor&) { return leaky_relu(p, 0.1); },
      [](const Tensor& p, const Tensor&) { return elu(p); },
      [](const Tensor& p, const Tensor& q) { return generalized_logistic(p, softplus(q)); },
      [](const Tensor& p, const Tensor& q) { return maximum(p, q); },
      [](const Tensor& p, const Tensor& q) { return squared_error(tanh(p), tanh(q)); },
      [](const Tensor& p, const Tensor& q) {
        return binary_cross_entropy_with_logits(tanh(p), sigmoid(q));
      },
  };
  const auto pick = static_cast<std::size_t>(random.uniform() * double(operations.size()));
  return tanh(operations[pick](x, y)) * 1.5;
}

TEST(TraceLines, OfRandomExpressionsAreTrue) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    autograd::Random random(seed);
    Tape tape;
    std::vector<Tensor> values;
    for (int k = 0; k < 3; ++k) {
      values.push_back(named(tape.variable(random.uniform(-1.5, 1.5)), "v" + std::to_string(k)));
    }
    for (int k = 0; k < 8; ++k) {
      const auto pick = [&] {
        return values[static_cast<std::size_t>(random.uniform() * double(values.size()))];
      };
      const Tensor result = random_operation(random, pick(), pick());
      if (random.uniform() < 0.6) named(result, "r" + std::to_string(k));
      values.push_back(result);
    }
    TraceOptions options;
    options.learning_rate = 0.01;
    options.every_operation = seed % 3 == 0;
    const Tensor loss = named(values[8] + values[9] * values[10] + values[0], "L");
    EXPECT_EQ(false_lines(trace_of(tape, loss, options)), "") << "seed " << seed;
  }
}

// Shapes at which a rule sees more elements than flow back, or an axis of extent 1 that a number
// lacks: what a fuzz found.
TEST(TraceLines, OfAwkwardShapesAreTrue) {
  Tape tape;
  const auto leaf = [&](const char* name, const Shape& shape) {
    Random elements(5);
    return named(tape.variable(Values(random_values(elements, shape.size()), shape)), name);
  };
  const Tensor s = leaf("s", {});
  const Tensor one = leaf("one", {1});
  const Tensor one_by_one = leaf("one_by_one", {1, 1});
  const Tensor c = leaf("c", {2, 1});
  const Tensor X = leaf("X", {2, 3});
  const Tensor y = leaf("y", {3, 1});
  const Tensor B = leaf("B", {2, 1, 3});
  const Tensor v = leaf("v", {2});
  const std::vector<Tensor> losses{
      sum(s + one),
      sum(s - one_by_one),
      sum(exp(one) - s),
      mean(s + one),
      sum(s + transpose(one_by_one)),
      sum(sum(v) + one),
      sum(matmul(v, v) - one),
      sum((c - s) * (0.5 / c + X)),
      sum(((c - s) + (c - s)) * (0.5 / c + -2.5 * X)),
      sum((y / s) * (B * y)),
      mean((reshape(v, {2, 1, 1}) + B) * (leaky_relu(X, 0.1) * sigmoid(c))),
      sum(mean(transpose(X - c), {0})),
  };
  for (std::size_t k = 0; k < losses.size(); ++k) {
    for (const bool every : {false, true}) {
      TraceOptions options;
      options.every_operation = every;
      EXPECT_EQ(false_lines(trace_of(tape, losses[k], options)), "") << k;
    }
  }
}

// A matrix, a row, a column and a number that broadcast, and what is reduced, moved and multiplied.
TEST(TraceLines, OfRandomTensorsThatBroadcastAreTrue) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    autograd::Random random(seed);
    Random elements(seed);
    Tape tape;
    const auto leaf = [&](const char* name, const Shape& shape) {
      return named(tape.variable(Values(random_values(elements, shape.size()), shape)), name);
    };
    const std::vector<Tensor> leaves{leaf("X", {3, 4}), leaf("r", {4}), leaf("c", {3, 1}),
                                     leaf("s", {})};
    const auto any = [&] { return leaves[static_cast<std::size_t>(random.uniform() * 4.0)]; };
    const Tensor X = leaves[0];
    Tensor h = random_operation(random, X, X * any());
    if (random.uniform() < 0.5) named(h, "h");
    h = random_operation(random, h + any(), any() / X);
    const std::vector<Tensor> ends{
        mean(matmul(h, leaves[1])),
        sum(softmax(h, seed % 2 == 0 ? 0 : 1) * X),
        sum(max(h, 1) * sum(X, {1})),
        sum(square(matmul(transpose(X), h))),
        mean(log_softmax(h + leaves[1], 1)),
        sum(matmul(concatenate({reshape(h, {1, 3, 4}), reshape(X, {1, 3, 4})}, 0),
                   relu(leaves[1]))),
        log_sum_exp(reshape(h, {12}), 0) + max(sum(X, {0}), 0),
        cross_entropy_with_logits(sum(h, {0}), softmax(leaves[1]), 0),
        sum(matmul(sum(h, {1}), reshape(leaves[2], {3, 1}))),
        sum(slice(h, 1, 1, 3) * slice(gather_rows(X, {0, 2, 0}), 1, 0, 2)),
    };
    const Tensor end = ends[seed % ends.size()];
    TraceOptions options;
    options.learning_rate = 0.01;
    options.every_operation = seed % 3 == 0;
    EXPECT_EQ(false_lines(trace_of(tape, end, options)), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace autograd::testing
