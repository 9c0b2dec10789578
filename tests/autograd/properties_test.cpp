// Properties that hold for every computation, tried on random ones: at least twenty operations,
// shapes that broadcast, nodes used more than once. A failure prints the plan it shrank to, and the
// RC_PARAMS that repeat it.
#include <gtest/gtest.h>

#include "autograd/program.h"
#include "autograd/verify/gradient_check.h"
#include "tests/autograd/random_graph.h"
#include "tests/autograd/second_order.h"

namespace autograd::testing {
namespace {

// The largest error of a gradient, in ulp of the sum of its absolute parts.
double worst_ulps(std::span<const double> actual, std::span<const double> expected,
                  std::span<const double> scale) {
  double worst = 0.0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == expected[i]) continue;
    worst = std::max(worst, std::abs(actual[i] - expected[i]) / (epsilon * scale[i]));
  }
  return worst;
}

double sum_of_absolute_products(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] * b[i]);
  return sum;
}

// Rule by rule they have the same bits (gradient_test.cpp), but for products of matrices.
TEST(Property, RecordedAndArrayReadingOfAGradientAgreeToTwoUnitsInTheLastPlace) {
  EXPECT_TRUE(rc::check("recorded and array reading agree", [](const Plan& plan) {
    Tape tape;
    const Graph graph = record(plan, tape);
    RC_ASSERT(tape.size() >= 20U);
    const auto scales = sums_of_absolute_parts(graph.loss);
    const auto recorded = gradient(graph.loss, graph.variables);
    tape.backward(graph.loss);
    for (std::size_t v = 0; v < recorded.size(); ++v) {
      const Tensor& x = graph.variables[v];
      RC_ASSERT(recorded[v].shape() == x.shape());
      RC_ASSERT(worst_ulps(recorded[v].values(), x.adjoint_values(), scales[x.index()]) <= 2.0);
    }
  }));
}

// On the numbers it was recorded with, and bound to those of another recording of the same plan.
TEST(Property, AProgramHasTheBitsOfTheTape) {
  EXPECT_TRUE(rc::check("a program is the tape", [](Plan plan) {
    Tape tape;
    const Graph graph = record(plan, tape);
    Program program(graph.loss, graph.variables);
    plan.seed += 1;
    Tape other_tape;
    const Graph other = record(plan, other_tape);
    for (const Graph* now : {&graph, &other}) {
      for (std::size_t v = 0; v < now->variables.size(); ++v) {
        const Tensor& x = now->variables[v];
        program.bind(v, View(x.values(), x.shape()));
      }
      now->loss.tape()->backward(now->loss);
      RC_ASSERT(program.evaluate() == now->loss.item());
      for (const bool alone : {false, true}) {
        if (alone) program.differentiate();
        for (std::size_t v = 0; v < now->variables.size(); ++v) {
          RC_ASSERT(copy(program.adjoint(v)) == adjoint(now->variables[v]));
        }
      }
    }
  }));
}

TEST(Property, TheGradientCheckVerifiesWhatIsRight) {
  EXPECT_TRUE(rc::check("the gradient check passes", [](const Plan& plan) {
    std::vector<CheckedInput> inputs;
    for (const Values& leaf : leaf_values(plan)) inputs.push_back({"", leaf});
    const GradientReport report = check_gradients(
        [&](std::span<const Tensor> leaves) { return record(plan, leaves).loss; }, inputs);
    // Sums may cancel so that nothing but noise is left of an input's slope, wherever it is asked.
    if (!report.passed() && report.verdict != Verdict::vacuous) {
      RC_FAIL(report.failure + "\n" + report.text());
    }
  }));
}

TEST(Property, ForwardModeIsTheTransposeOfReverseMode) {
  EXPECT_TRUE(rc::check("<u, Jv> = <J'u, v>", [](const Plan& plan) {
    Tape tape;
    const Graph graph = record(plan, tape);
    Random random(plan.seed + 1);
    for (const Tensor& x : graph.variables) {
      const auto u = random_values(random, graph.result.size());
      const auto v = random_values(random, x.size());
      const auto back = vjp(graph.result, x, u);
      const auto forth = jvp(graph.result, x, v);
      const double scale = sum_of_absolute_products(back, v) + sum_of_absolute_products(u, forth);
      RC_ASSERT(std::abs(dot(u, forth) - dot(back, v)) <= 1e-12 * (scale + 1.0));
    }
  }));
}

TEST(Property, ForwardModeIsTheComplexStep) {
  EXPECT_TRUE(rc::check("jvp is the complex step", [](const Plan& plan) {
    Tape tape;
    const Graph graph = record(plan, tape);
    Random random(plan.seed + 2);
    for (const Tensor& x : graph.variables) {
      const auto v = random_values(random, x.size());
      const double forward = jvp(graph.loss, x, v)[0];
      RC_ASSERT(std::abs(forward - complex_step(graph.loss, x, v)[0]) <=
                1e-12 * (std::abs(forward) + 1.0));
    }
  }));
}

TEST(Property, ForwardOverReverseIsReverseOverReverse) {
  EXPECT_TRUE(rc::check("both orders of a Hessian-vector product", [](const Plan& plan) {
    Tape tape;
    const Graph graph = record(plan, tape);
    Random random(plan.seed + 3);
    for (const Tensor& x : graph.variables) {
      const auto v = random_values(random, x.size());
      const auto forward = hessian_vector_product(graph.loss, x, v);
      const auto reverse =
          hessian_vector_product(graph.loss, x, v, SecondOrder::reverse_over_reverse);
      double scale = 1.0;
      for (const double h : reverse) scale = std::max(scale, std::abs(h));
      for (std::size_t i = 0; i < v.size(); ++i) {
        RC_ASSERT(std::abs(forward[i] - reverse[i]) <= 1e-12 * scale);
      }
    }
  }));
}

TEST(Property, AHessianIsSymmetricAndTheComplexStepOfTheGradient) {
  EXPECT_TRUE(rc::check("Hessian", [](const Plan& plan) {
    Tape tape;
    const Graph graph = record(plan, tape);
    const Tensor& x = graph.variables[0];
    const DerivativeMatrix h = hessian(graph.loss, x);
    double scale = 1.0;
    for (const double entry : h.elements) scale = std::max(scale, std::abs(entry));
    Random random(plan.seed + 4);
    const auto v = random_values(random, x.size());
    const Tensor slope = gradient(graph.loss, {x})[0];
    const auto witness = complex_step(slope, x, v);
    for (Index i = 0; i < h.rows; ++i) {
      double product = 0.0;
      for (Index j = 0; j < h.columns; ++j) {
        RC_ASSERT(std::abs(h(i, j) - h(j, i)) <= 1e-12 * scale);
        product += h(i, j) * v[static_cast<std::size_t>(j)];
      }
      RC_ASSERT(std::abs(product - witness[static_cast<std::size_t>(i)]) <= 1e-10 * scale);
    }
  }));
}

}  // namespace
}  // namespace autograd::testing
