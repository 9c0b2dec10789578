// A wrong formula cannot be shown: traces of the whole catalogue are true, and breaking any one
// formula of any rule is seen.
#include <gtest/gtest.h>

#include "autograd/operations.h"
#include "autograd/rules/catalogue.h"
#include "tests/autograd/explain/true_lines.h"
#include "tests/autograd/rules/rule_examples.h"

namespace autograd::testing {
namespace {

// The operation on named operands, its result named or not, and a weighted sum of it.
std::string false_lines_of(const Rule& rule, const Example& example, bool is_named) {
  Random random(11);
  Tape tape;
  std::vector<Tensor> operands;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    const Values values(example_values(rule, example, k, random), example.operands[k]);
    operands.push_back(named(tape.variable(values), std::string(1, "xyz"[k])));
  }
  Tensor result = record(rule, operands, example.attributes);
  if (is_named) named(result, "r");
  const Tensor weights =
      named(tape.constant(Values(random_values(random, result.size()), result.shape())), "g");
  return false_lines(trace_of(tape, sum(result * weights)));
}

std::string false_lines_of(const Rule& rule) {
  std::string failures;
  for (const Example& example : broadcast_examples_of(rule)) {
    failures += false_lines_of(rule, example, true) + false_lines_of(rule, example, false);
  }
  return failures;
}

TEST(TraceOfRules, OfTheWholeCatalogueIsTrue) {
  for (const Rule* rule : catalogue()) EXPECT_EQ(false_lines_of(*rule), "") << rule->info.name;
}

const Rule* right = nullptr;
std::size_t broken_operand = 0;
double factor = 1.0;
double offset = 0.0;

Formula broken(const Formula& formula) { return formula * factor + offset; }

// Scaled, negated, shifted: all of it by enough to be seen where a value is 0, too.
const std::vector<std::pair<double, double>> mutations{{1.0001, 1e-5}, {-1.0, 1e-5}, {1.0, 1e-5}};

TEST(TraceOfRules, ABrokenFormulaOfAnyValueIsSeen) {
  for (const Rule* rule : catalogue()) {
    right = rule;
    Rule wrong = *rule;
    wrong.formula = [](std::span<const Formula> x, const Geometry& g) {
      return broken(right->formula(x, g));
    };
    for (const auto& [by, plus] : mutations) {
      factor = by;
      offset = plus;
      EXPECT_NE(false_lines_of(wrong), "") << rule->info.name << " · " << by << " + " << plus;
    }
  }
}

TEST(TraceOfRules, ABrokenFormulaOfAnySlopeIsSeen) {
  for (const Rule* rule : catalogue()) {
    for (broken_operand = 0; broken_operand < rule->arity; ++broken_operand) {
      if (!rule->differentiable[broken_operand]) continue;
      right = rule;
      Rule wrong = *rule;
      wrong.pullback_formula = [](std::size_t k, std::span<const Formula> x, const Formula& result,
                                  const Formula& upstream, const Geometry& g) {
        const Formula part = right->pullback_formula(k, x, result, upstream, g);
        return k == broken_operand ? broken(part) : part;
      };
      for (const auto& [by, plus] : mutations) {
        factor = by;
        offset = plus;
        EXPECT_NE(false_lines_of(wrong), "")
            << rule->info.name << ", operand " << broken_operand << " · " << by << " + " << plus;
      }
    }
  }
}

}  // namespace
}  // namespace autograd::testing
