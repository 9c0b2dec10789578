// A recording written down: that the lines are the textbook's, and that each of them is true.
// Numbers of the teaching example: worked out to 30 digits with mpmath.
#include "autograd/explain/derivation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "autograd/random.h"
#include "tests/autograd/support.h"

namespace autograd {
namespace {

using testing::message_of;

std::vector<std::string> written(const std::vector<DerivationLine>& lines) {
  std::vector<std::string> texts;
  for (const DerivationLine& line : lines) texts.push_back(line.name + " = " + line.formula.text());
  return texts;
}

using Lines = std::vector<std::string>;

// One row of logistic regression with the documented names.
struct TeachingExample {
  Tape tape;
  Tensor w1 = named(tape.variable(0.5), "w1");
  Tensor w2 = named(tape.variable(-0.25), "w2");
  Tensor b = named(tape.variable(0.1), "b");
  Tensor x1 = named(tape.constant(1.0), "x1");
  Tensor x2 = named(tape.constant(2.0), "x2");
  Tensor y = named(tape.constant(1.0), "y");
  Tensor z = named(w1 * x1 + w2 * x2 + b, "z");
  Tensor a = named(sigmoid(z), "a");
  Tensor loss = named(binary_cross_entropy(a, y), "L");
};

TEST(Derivation, WritesTheForwardPassOfTheTeachingExample) {
  TeachingExample example;
  const std::vector<DerivationLine> lines = forward_lines(example.tape, example.loss);
  EXPECT_EQ(written(lines), (Lines{"z = w1 · x1 + w2 · x2 + b", "a = σ(z)",
                                   "L = −(y · ln(a) + (1 − y) · ln(1 − a))"}));
  EXPECT_NEAR(lines[0].value, 0.1, 1e-16);
  EXPECT_NEAR(lines[1].value, 0.524979187478939986, 1e-15);
  EXPECT_NEAR(lines[2].value, 0.644396660073570895, 1e-15);
}

TEST(Derivation, WritesTheBackwardPassOfTheTeachingExample) {
  TeachingExample example;
  example.tape.backward(example.loss);
  const std::vector<DerivationLine> lines = backward_lines(example.tape, example.loss);
  EXPECT_EQ(written(lines), (Lines{"da = −y/a + (1 − y)/(1 − a)", "dz = da · a · (1 − a)",
                                   "dw1 = dz · x1", "dw2 = dz · x2", "db = dz"}));
  const std::vector<double> expected{-1.904837418035959573, -0.475020812521060014,
                                     -0.475020812521060014, -0.950041625042120028,
                                     -0.475020812521060014};
  for (std::size_t k = 0; k < lines.size(); ++k) {
    EXPECT_NEAR(lines[k].value, expected[k], 1e-15) << lines[k].name;
  }
}

TEST(Derivation, PutsNumbersInTheSamePlaces) {
  TeachingExample example;
  example.tape.backward(example.loss);
  const std::vector<DerivationLine> lines = backward_lines(example.tape, example.loss);
  EXPECT_EQ(lines[1].formula.numbers(), "(-1.90484) · 0.524979 · (1 − 0.524979)");
  EXPECT_EQ(lines[3].formula.numbers(), "(-0.475021) · 2");
}

TEST(Derivation, OfTheFusedLossIsAMinusYWhereAIsKnown) {
  TeachingExample example;
  const Tensor fused = named(binary_cross_entropy_with_logits(example.z, example.y), "L_fused");
  example.tape.backward(fused);
  const Lines lines = written(backward_lines(example.tape, fused));
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0], "dz = a − y");
}

TEST(Derivation, AddsUpTheUsesOfAValue) {
  Tape tape;
  const Tensor a = named(tape.variable(1.5), "a");
  const Tensor b = named(a + a, "b");
  const Tensor c = named(b + b, "c");
  tape.backward(c);
  EXPECT_EQ(written(forward_lines(tape, c)), (Lines{"b = a + a", "c = b + b"}));
  EXPECT_EQ(written(backward_lines(tape, c)), (Lines{"db = 1 + 1", "da = db + db"}));
  EXPECT_EQ(a.adjoint_item(), 4.0);
}

TEST(Derivation, WritesOutWhatHasNoName) {
  Tape tape;
  const Tensor x = named(tape.variable(0.7), "x");
  const Tensor y = named(exp(x) * 3.0, "y");
  const Tensor loss = named(square(y - 1.0), "L");
  tape.backward(loss);
  EXPECT_EQ(written(forward_lines(tape, loss))[0], "y = exp(x) · 3");
  const Lines backward = written(backward_lines(tape, loss));
  ASSERT_EQ(backward.size(), 2U);
  EXPECT_EQ(backward[1], "dx = dy · 3 · exp(x)");
}

TEST(Derivation, LeavesOutWhatTheLossDoesNotDependOn) {
  Tape tape;
  const Tensor x = named(tape.variable(2.0), "x");
  const Tensor idle = named(tape.variable(3.0), "idle");
  named(idle * x, "unused");
  const Tensor loss = named(square(x), "L");
  named(loss + idle, "later");
  tape.backward(loss);
  const std::vector<DerivationLine> lines = backward_lines(tape, loss);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].name, "dx");
  EXPECT_EQ(lines[0].formula.evaluate(), 4.0) << "what is beside the loss sends nothing back";
}

TEST(Derivation, GivesNoNumberForWholeTensors) {
  Tape tape;
  const Tensor X = named(tape.constant({{1.0, 2.0}, {3.0, 4.0}}), "X");
  const Tensor w = named(tape.variable({0.5, -0.5}), "w");
  const Tensor z = named(matmul(X, w), "z");
  const Tensor loss = named(sum(z), "L");
  tape.backward(loss);
  const std::vector<DerivationLine> forward = forward_lines(tape, loss);
  EXPECT_TRUE(std::isnan(forward[0].value));
  EXPECT_EQ(forward[1].value, -1.0);
  EXPECT_EQ(written(backward_lines(tape, loss)).back(), "dw = Xᵀ · dz");
}

TEST(Derivation, AsksForABackwardPassWhereThereWasNone) {
  TeachingExample example;
  EXPECT_EQ(message_of<LossError>([&] { return backward_lines(example.tape, example.loss); }),
            "the backward pass cannot be written down: call backward(loss) first.");
}

TEST(Derivation, RefusesAnotherLossThanTheOneBackwardRanOn) {
  Tape tape;
  const Tensor x = named(tape.variable(2.0), "x");
  const Tensor p = named(x * 3.0, "p");
  const Tensor q = named(x * 5.0, "q");
  tape.backward(q);
  EXPECT_EQ(message_of<LossError>([&] { return backward_lines(tape, p); }),
            "the backward pass of p: scalar cannot be written down: the adjoints are those of q: "
            "scalar. Call backward() on this loss first.");
  EXPECT_EQ(written(backward_lines(tape, q)), (Lines{"dx = 5"}));
}

TEST(Derivation, TheTapeKnowsTheLossOfItsAdjointsWhileItIsThere) {
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
  tape.backward(loss);
  tape.clear();
  EXPECT_EQ(tape.last_loss(), std::nullopt);
}

// ---- long ones

void expect_true(const std::vector<DerivationLine>& lines, const std::string& what);

TEST(Derivation, NamesWhatWouldBeTooLongToWriteOut) {
  Tape tape;
  Tensor y = named(tape.variable(0.5), "x");
  for (int k = 0; k < 100; ++k) y = tanh(y);
  tape.backward(y);
  const std::vector<DerivationLine> forward = forward_lines(tape, y);
  ASSERT_EQ(forward.size(), 3U);
  EXPECT_EQ(forward[0].name, "v40");
  EXPECT_TRUE(forward[1].formula.text().starts_with("tanh(tanh("));
  EXPECT_EQ(forward[2].name, "");
  expect_true(forward, "forward");
  expect_true(backward_lines(tape, y), "backward");
}

TEST(Derivation, AChosenNameIsNoneThatIsTaken) {
  Tape tape;
  Tensor y = named(tape.variable(0.5), "v40");
  for (int k = 0; k < 60; ++k) y = tanh(y);
  EXPECT_EQ(forward_lines(tape, y)[0].name, "vv40");
}

TEST(Derivation, OfALongChainOfUnnamedOperationsTakesLinearTime) {
  Tape tape;
  const Tensor x = named(tape.variable(0.5), "x");
  Tensor y = x;
  for (int k = 0; k < 100'000; ++k) y = y + x;
  tape.backward(y);
  const std::vector<DerivationLine> forward = forward_lines(tape, y);
  EXPECT_GT(forward.size(), 1000U);
  const std::vector<DerivationLine> backward = backward_lines(tape, y);
  EXPECT_EQ(backward.back().name, "dx");
  EXPECT_EQ(backward.back().value, 100'001.0);
  expect_true(backward, "backward");
}

TEST(Derivation, OfAGraphThatDoublesSixtyFourTimesEnds) {
  Tape tape;
  Tensor y = named(tape.variable(1.0), "x");
  for (int k = 0; k < 64; ++k) y = y + y;
  tape.backward(y);
  const std::vector<DerivationLine> forward = forward_lines(tape, y);
  EXPECT_GT(forward.size(), 5U);
  EXPECT_LT(forward.size(), 65U);
  expect_true(forward, "forward");
  const std::vector<DerivationLine> backward = backward_lines(tape, y);
  EXPECT_EQ(backward.back().value, 0x1p64);
  expect_true(backward, "backward");
}

TEST(Derivation, SaysWhichOperationMadeAValue) {
  TeachingExample example;
  const std::vector<DerivationLine> lines = forward_lines(example.tape, example.loss);
  EXPECT_EQ(lines[1].operation, "sigmoid");
  EXPECT_EQ(lines[2].operation, "binary_cross_entropy");
}

TEST(Derivation, RefusesTensorsThatAreNoLongerThere) {
  TeachingExample example;
  example.tape.clear();
  EXPECT_THROW(static_cast<void>(forward_lines(example.tape, example.loss)), StaleTensorError);
  EXPECT_THROW(static_cast<void>(backward_lines(example.tape, example.loss)), StaleTensorError);
}

// ---- every line is true

void expect_true(const std::vector<DerivationLine>& lines, const std::string& what) {
  for (const DerivationLine& line : lines) {
    EXPECT_TRUE(testing::near(line.formula.evaluate(), line.value, 1e-11))
        << what << ": " << line.name << " = " << line.formula.text() << " = "
        << line.formula.numbers();
  }
}

TEST(Derivation, EveryLineOfTheTeachingExampleEvaluatesToItsValue) {
  TeachingExample example;
  example.tape.backward(example.loss);
  expect_true(forward_lines(example.tape, example.loss), "forward");
  expect_true(backward_lines(example.tape, example.loss), "backward");
}

// One operation, picked at random, on values around 1 that are fit for all of them.
Tensor random_operation(Random& random, const Tensor& x, const Tensor& y) {
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

std::string numbered(std::string_view name, int number) {
  return std::string(name).append(std::to_string(number));
}

TEST(Derivation, EveryLineOfRandomScalarGraphsEvaluatesToItsValue) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    Tape tape;
    std::vector<Tensor> values;
    for (int k = 0; k < 3; ++k) {
      values.push_back(named(tape.variable(random.uniform(-1.5, 1.5)), numbered("v", k)));
    }
    for (int k = 0; k < 8; ++k) {
      const auto pick = [&] {
        return values[static_cast<std::size_t>(random.uniform() * double(values.size()))];
      };
      Tensor result = random_operation(random, pick(), pick());
      if (random.uniform() < 0.6) named(result, numbered("r", k));
      values.push_back(result);
    }
    const Tensor loss = named(values[8] + values[9] * values[10] + values[0], "L");
    tape.backward(loss);
    const std::string what = numbered("seed ", static_cast<int>(seed));
    expect_true(forward_lines(tape, loss), what);
    const std::vector<DerivationLine> backward = backward_lines(tape, loss);
    EXPECT_FALSE(backward.empty());
    expect_true(backward, what);
  }
}

}  // namespace
}  // namespace autograd
