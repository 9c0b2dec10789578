// Forward and reverse mode as numbers, Jacobians and Hessians.
#include "autograd/derivatives.h"

#include <gtest/gtest.h>

#include "tests/autograd/second_order.h"

namespace autograd::testing {
namespace {

// ---- forward mode

TEST(Jvp, OfTheTextbookExampleIsTheSlopeTimesTheTangent) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor y = square(x) * 3.0;
  EXPECT_EQ(jvp(y, x, std::vector{1.0, -1.0}), (std::vector<double>{6.0, -12.0}));
}

TEST(Jvp, MovesSeveralInputsAtOnceConstantsAmongThem) {
  Tape tape;
  const Tensor x = tape.variable(3.0);
  const Tensor c = tape.constant(5.0);
  const Tensor y = x * c + exp(tape.variable(1.0));
  const std::array inputs{x, c};
  const double dx = 2.0;
  const double dc = 10.0;
  const std::array<std::span<const double>, 2> tangents{{{&dx, 1}, {&dc, 1}}};
  EXPECT_EQ(jvp(y, inputs, tangents), std::vector<double>{2.0 * 5.0 + 3.0 * 10.0});
}

TEST(Jvp, OfAnInputMadeOfAnotherAddsBothMovements) {
  Tape tape;
  const Tensor x = tape.variable(3.0);
  const Tensor y = square(x);
  const std::array inputs{y, x};
  const double one = 1.0;
  const std::array<std::span<const double>, 2> tangents{{{&one, 1}, {&one, 1}}};
  EXPECT_EQ(jvp(2.0 * y, inputs, tangents), std::vector<double>{2.0 * (1.0 + 6.0)});
  EXPECT_EQ(jvp(y, y, {&one, 1}), std::vector<double>{1.0});
}

TEST(Jvp, IsZeroWhereTheOutputDoesNotDependOnTheInput) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor y = tape.variable({4.0, 5.0, 6.0});
  const std::vector<double> v{1.0, 1.0, 1.0};
  EXPECT_EQ(jvp(exp(x), y, v), std::vector<double>(2, 0.0));
  EXPECT_EQ(jvp(x, greater(y, 0.0), v), std::vector<double>(2, 0.0));
  EXPECT_EQ(vjp(exp(x), y, std::vector{1.0, 1.0}), std::vector<double>(3, 0.0));
}

TEST(Jvp, WalksALongChainWithoutRecursion) {
  Tape tape;
  const Tensor x = tape.variable(1.0);
  Tensor y = x;
  for (int i = 0; i < 200000; ++i) y = y + 0.0;
  EXPECT_EQ(jvp(y, x, std::vector{2.0}), std::vector<double>{2.0});
  EXPECT_EQ(vjp(y, x, std::vector{2.0}), std::vector<double>{2.0});
}

TEST(Jvp, SaysWhichSizesDoNotFit) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  const Tensor y = exp(x);
  std::string message = message_of<ShapeError>([&] { jvp(y, x, std::vector{1.0}); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "jvp: 1 numbers for x: [2] (" + line + ").");
  message = message_of<ShapeError>([&] { vjp(y, x, std::vector{1.0}); });
  line = the_line_above();
  EXPECT_EQ(message, "vjp: 1 numbers for exp(x: [2]) (" + line + ").");
  EXPECT_THROW(jvp(y, std::array{x, x}, {}), ArgumentError);
  EXPECT_THROW(jvp(Tensor(), x, std::vector{1.0, 1.0}), StaleTensorError);
  Tape other;
  EXPECT_THROW(jvp(y, other.variable(1.0), std::vector{1.0}), TapeMismatchError);
}

// ---- the dual reading over the catalogue

TEST(Jvp, OverTheCatalogueIsTheComplexStep) {
  Random random(31);
  for_each_smooth_trial([&](const Rule& rule, const Trial& trial) {
    Tape tape;
    const auto operands = variables_of(tape, trial);
    const Tensor y = record(rule, operands, trial.attributes);
    for (std::size_t k = 0; k < operands.size(); ++k) {
      if (!rule.differentiable[k]) continue;
      const auto v = random_values(random, operands[k].size());
      expect_near(jvp(y, operands[k], v), complex_step(y, operands[k], v), 1e-13);
    }
  });
}

// ⟨u, Jv⟩ = ⟨Jᵀu, v⟩, to 1e-13 of the sum of the absolute parts.
void expect_transposed(const Tensor& y, const Tensor& x, Random& random) {
  const auto u = random_values(random, y.size());
  const auto v = random_values(random, x.size());
  const auto back = vjp(y, x, u);
  double scale = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) scale += std::abs(back[i] * v[i]);
  const double forwards = dot(u, jvp(y, x, v));
  const double backwards = dot(back, v);
  EXPECT_TRUE((std::isnan(forwards) && std::isnan(backwards)) ||
              std::abs(forwards - backwards) <= 1e-13 * scale)
      << forwards << " is not " << backwards;
}

TEST(Jvp, IsTheTransposeOfReverseModeOverTheCatalogue) {
  Random random(32);
  for_each_smooth_trial([&](const Rule& rule, const Trial& trial) {
    Tape tape;
    const auto operands = variables_of(tape, trial);
    const Tensor y = record(rule, operands, trial.attributes);
    for (const Tensor& x : operands) expect_transposed(y, x, random);
  });
}

TEST(Jvp, HasTheSlopesOfReverseModeAtKinksTiesInTheTailsAndAtNaN) {
  for (const Rule* rule : catalogue()) {
    if (rule->shape != RuleShape::elementwise) continue;
    for (const double a : {-infinity, -745.0, -40.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 40.0,
                           745.0, infinity, not_a_number}) {
      for (const double b : {-1.0, 0.0, 0.5, 1.0, not_a_number}) {
        const bool outside = rule->info.domain[1] == Domain::positive && b <= 0.0;
        if (outside || (std::isinf(a) && std::isnan(b))) continue;
        Tape tape;
        const std::array numbers{a, b, b};
        std::vector<Tensor> operands;
        for (std::size_t k = 0; k < rule->arity; ++k) operands.push_back(tape.variable(numbers[k]));
        const Tensor y = record(*rule, operands);
        // Outside its domain a rule has no value, and no slope to agree upon.
        if (std::isnan(y.item()) && !std::isnan(a) && !std::isnan(b)) continue;
        for (std::size_t k = 0; k < rule->arity; ++k) {
          const std::vector<double> one{1.0};
          const double backwards = vjp(y, operands[k], one)[0];
          const double forwards = jvp(y, operands[k], one)[0];
          // The two are written apart: a few units in the last place.
          EXPECT_TRUE(within(forwards, backwards, 16.0, std::abs(backwards) + 1e-290))
              << rule->info.name << ", operand " << k << " at " << a << ", " << b;
        }
      }
    }
  }
}

TEST(Jvp, SendsTheTangentOfTheLowestIndexThroughATie) {
  Tape tape;
  const Tensor x = tape.variable({{2.0, 5.0, 5.0}, {7.0, 7.0, 1.0}});
  const std::vector<double> v{1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
  EXPECT_EQ(jvp(max(x, 1), x, v), (std::vector<double>{2.0, 4.0}));
  EXPECT_EQ(jvp(maxout(x, 3), x, v), (std::vector<double>{2.0, 4.0}));
  Random random(33);
  for (const Rule* rule : catalogue()) {
    if (rule->shape != RuleShape::fused) continue;
    SCOPED_TRACE(rule->info.name);
    for (Trial trial : example_trials(*rule, random, true)) {
      Tape other;
      const auto operands = variables_of(other, trial);
      expect_transposed(record(*rule, operands, trial.attributes), operands[0], random);
    }
  }
}

TEST(Jvp, IsNaNWhereReverseModeIsAlongAnAxis) {
  for (const char* name : {"max", "min", "softmax", "log_softmax", "log_sum_exp"}) {
    SCOPED_TRACE(name);
    Tape tape;
    const Tensor x = tape.variable({1.0, not_a_number, 0.5});
    const Tensor y = apply(*find_rule(name), {x}, std::array<Index, 2>{0, 0});
    for (const double d : jvp(y, x, std::vector{1.0, 1.0, 1.0})) EXPECT_TRUE(std::isnan(d));
    const std::vector<double> u(static_cast<std::size_t>(y.size()), 1.0);
    for (const double d : vjp(y, x, u)) EXPECT_TRUE(std::isnan(d));
  }
}

// ---- Jacobians

TEST(Jacobian, OfAProductOfMatricesHoldsTheOtherFactor) {
  Tape tape;
  const Tensor a = tape.variable({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  const Tensor x = tape.variable({1.0, 1.0, 1.0});
  const DerivativeMatrix by_x = jacobian(matmul(a, x), x);  // reverse: 2 < 3
  EXPECT_EQ(by_x.rows, 2);
  EXPECT_EQ(by_x.columns, 3);
  EXPECT_EQ(by_x.elements, values(a));
  EXPECT_EQ(by_x(1, 2), 6.0);
  const DerivativeMatrix by_column = jacobian(matmul(transpose(a), slice(x, 0, 0, 2)), x);
  EXPECT_EQ(by_column.elements, (std::vector<double>{1, 4, 0, 2, 5, 0, 3, 6, 0}));
}

TEST(Jacobian, IsTheSameInEitherMode) {
  Tape tape;
  Random random(34);
  const Tensor x = random_variable(tape, random, {2, 3});
  const Tensor s = softmax(x, 1);
  const DerivativeMatrix wide = jacobian(reshape(slice(s, 0, 0, 1), {3}), x);
  const DerivativeMatrix square_one = jacobian(s, x);
  ASSERT_EQ(wide.elements.size(), 18U);
  expect_near(wide.elements, std::span(square_one.elements).first(18), 1e-15);
}

// ---- Hessians

// Logistic regression on random rows, its labels among them.
struct Regression {
  explicit Regression(Index rows, Index features) {
    Random random(35);
    x_values = random_values(random, rows * features);
    x = tape.constant(Values(x_values, Shape{rows, features}));
    w = random_variable(tape, random, {features});
    std::vector<double> labels;
    for (Index r = 0; r < rows; ++r) labels.push_back(static_cast<double>(r % 2));
    y = tape.constant(Values(labels, Shape{rows}));
    z = matmul(x, w);
    loss = mean(binary_cross_entropy_with_logits(z, y));
  }
  [[nodiscard]] Tensor x_w_plus(const Tensor& b) const { return matmul(x, w) + b; }
  Tape tape;
  std::vector<double> x_values;
  Tensor x, w, y, z, loss;
};

TEST(Hessian, OfLogisticRegressionIsTheTextbookOne) {
  constexpr Index m = 40;
  constexpr Index n = 5;
  Regression r(m, n);
  const DerivativeMatrix h = hessian(r.loss, r.w);
  ASSERT_EQ(h.rows, n);
  ASSERT_EQ(h.columns, n);
  // Xᵀ diag(a(1 − a)) X/m
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      double expected = 0.0;
      for (Index row = 0; row < m; ++row) {
        const double z = r.z.values()[static_cast<std::size_t>(row)];
        const double a = 1.0 / (1.0 + std::exp(-z));
        expected += r.x.matrix()(row, i) * a * (1.0 - a) * r.x.matrix()(row, j) / m;
      }
      EXPECT_NEAR(h(i, j), expected, 1e-14) << i << ", " << j;
    }
  }
}

// Weights and intercept at once: what a Newton step and standard errors need.
TEST(Hessian, ByWeightsAndInterceptIsTheOneWithAColumnOfOnes) {
  constexpr Index m = 30;
  constexpr Index n = 4;
  Regression r(m, n);
  const Tensor b = r.tape.variable(0.3);
  const Tensor z = r.x_w_plus(b);
  const Tensor loss = mean(binary_cross_entropy_with_logits(z, r.y));
  const std::array variables{r.w, b};
  const DerivativeMatrix h = hessian(loss, variables);
  ASSERT_EQ(h.rows, n + 1);
  ASSERT_EQ(h.columns, n + 1);
  const auto column = [&](Index row, Index c) { return c == n ? 1.0 : r.x.matrix()(row, c); };
  std::vector<double> direction(n + 1, 0.0);
  for (Index i = 0; i <= n; ++i) {
    for (Index j = 0; j <= n; ++j) {
      double expected = 0.0;
      for (Index row = 0; row < m; ++row) {
        const double a = 1.0 / (1.0 + std::exp(-z.values()[static_cast<std::size_t>(row)]));
        expected += column(row, i) * a * (1.0 - a) * column(row, j) / m;
      }
      EXPECT_NEAR(h(i, j), expected, 1e-14) << i << ", " << j;
    }
    direction[static_cast<std::size_t>(i)] = static_cast<double>(i) - 1.5;
  }
  std::vector<double> product(n + 1, 0.0);
  for (Index i = 0; i <= n; ++i) {
    for (Index j = 0; j <= n; ++j) {
      product[static_cast<std::size_t>(i)] += h(i, j) * direction[static_cast<std::size_t>(j)];
    }
  }
  for (const auto order : {SecondOrder::forward_over_reverse, SecondOrder::reverse_over_reverse}) {
    expect_near(hessian_vector_product(loss, variables, direction, order), product, 1e-14);
  }
}

TEST(Jacobian, BySeveralInputsPutsTheirColumnsSideBySide) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor c = tape.variable(5.0);
  const Tensor y = x * c;  // ∂y/∂x = c·I, ∂y/∂c = x
  EXPECT_EQ(jacobian(y, std::array{x, c}).elements,
            (std::vector<double>{5.0, 0.0, 1.0, 0.0, 5.0, 2.0}));
  EXPECT_EQ(jacobian(concatenate({y, y}, 0), std::array{c, x}).elements,
            (std::vector<double>{1, 5, 0, 2, 0, 5, 1, 5, 0, 2, 0, 5}));
  EXPECT_EQ(vjp(y, std::array{c, x}, std::vector{1.0, 10.0}),
            (std::vector<double>{21.0, 5.0, 50.0}));
}

TEST(Hessian, OfLogisticRegressionAtZeroWeightsIsAQuarterOfTheGram) {
  Tape tape;
  const Tensor x = tape.constant({{1.0, 2.0}, {3.0, -1.0}});
  const Tensor w = tape.variable({0.0, 0.0});
  const Tensor y = tape.constant({1.0, 0.0});
  const DerivativeMatrix h = hessian(sum(binary_cross_entropy_with_logits(matmul(x, w), y)), w);
  EXPECT_EQ(h.elements, (std::vector<double>{2.5, -0.25, -0.25, 1.25}));
}

TEST(Hessian, IsZeroOfALinearLossAndOfOneThatDoesNotReachTheVariable) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor w = tape.variable({3.0, 4.0});
  EXPECT_EQ(hessian(sum(x * 3.0), x).elements, std::vector<double>(4, 0.0));
  EXPECT_EQ(hessian(sum(square(w)), x).elements, std::vector<double>(4, 0.0));
  EXPECT_EQ(hessian(sum(square(w)), w).elements, (std::vector<double>{2.0, 0.0, 0.0, 2.0}));
}

TEST(Hessian, LeavesTheTapeAsItWas) {
  Regression r(6, 3);
  r.tape.backward(r.loss);
  const auto before = adjoint(r.w);
  const std::size_t nodes = r.tape.size();
  hessian(r.loss, r.w);
  hessian_vector_product(r.loss, r.w, std::vector{1.0, 2.0, 3.0});
  jacobian(r.z, r.w);
  EXPECT_EQ(r.tape.size(), nodes);
  EXPECT_EQ(adjoint(r.w), before);
  EXPECT_NO_THROW(static_cast<void>(r.loss.item()));
}

TEST(HessianVectorProduct, IsTheSameForwardOverReverseAndReverseOverReverse) {
  Tape tape;
  Random random(36);
  const Tensor x = random_variable(tape, random, {4, 3});
  const Tensor w = random_variable(tape, random, {3, 5});
  const Tensor v = random_variable(tape, random, {5});
  const Tensor hidden = tanh(matmul(x, w) + v);
  const Tensor loss = mean(log_sum_exp(hidden * softplus(hidden), 1)) + sum(square(softmax(w, 0)));
  for (const Tensor& by : {x, w, v}) {
    const auto direction = random_values(random, by.size());
    const auto forward = hessian_vector_product(loss, by, direction);
    const auto reverse =
        hessian_vector_product(loss, by, direction, SecondOrder::reverse_over_reverse);
    expect_near(forward, reverse, 1e-12);
    // And the reverse one recorded, and a complex step of the gradient.
    const Tape::Scope scope = tape.scope();
    const Tensor slope = gradient(loss, {by})[0];
    const Tensor along = tape.constant(Values(direction, by.shape()));
    expect_near(gradient(sum(slope * along), {by})[0].values(), reverse, 1e-12);
    expect_near(forward, complex_step(slope, by, direction), 1e-12);
  }
}

TEST(HessianVectorProduct, OverTheCatalogueAgreesToTwelveDigitsInBothOrders) {
  Random random(37);
  for_each_smooth_trial([&](const Rule& rule, const Trial& trial) {
    Tape tape;
    const auto operands = variables_of(tape, trial);
    const Tensor y = record(rule, operands, trial.attributes);
    if (!y.requires_gradient()) return;
    const Tensor loss = sum(square(y));
    for (const Tensor& x : operands) {
      const auto v = random_values(random, x.size());
      const auto forward = hessian_vector_product(loss, x, v);
      const auto reverse = hessian_vector_product(loss, x, v, SecondOrder::reverse_over_reverse);
      double scale = 1.0;
      for (const double h : reverse) scale = std::max(scale, std::abs(h));
      for (std::size_t i = 0; i < forward.size(); ++i) {
        EXPECT_NEAR(forward[i], reverse[i], 1e-12 * scale);
      }
    }
  });
}

TEST(HessianVectorProduct, SaysWhatIsWrong) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  const std::string message =
      message_of<ShapeError>([&] { hessian_vector_product(sum(square(x)), x, std::vector{1.0}); });
  EXPECT_TRUE(message.starts_with("hessian_vector_product: 1 numbers for x: [2] (")) << message;
  EXPECT_THROW(hessian(square(x), x), LossError);
  const std::array twice{x, x};
  const std::string several = message_of<ShapeError>(
      [&] { hessian_vector_product(sum(square(x)), twice, std::vector{1.0}); });
  EXPECT_TRUE(several.starts_with(
      "hessian_vector_product: 1 numbers for 2 variables of 4 elements in all ("))
      << several;
  EXPECT_THROW(hessian(sum(x), std::span<const Tensor>()), ArgumentError);
  EXPECT_THROW(hessian(sum(x), tape.constant(1.0)), LossError);
}

}  // namespace
}  // namespace autograd::testing
