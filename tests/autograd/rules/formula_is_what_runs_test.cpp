// What a rule prints is what it computes: the formulas of value and pullback of the whole
// catalogue, worked out on small tensors by plain loops, beside the tape's numbers.
#include <gtest/gtest.h>

#include "autograd/custom_operation.h"
#include "tests/autograd/readings/whole_tensor.h"
#include "tests/autograd/rules/rule_examples.h"

namespace autograd::testing {
namespace {

Position extents_of(const Shape& shape) { return {shape.extents().begin(), shape.extents().end()}; }

struct Comparison {
  std::string failure;  // "" where every formula is what runs

  void compare(const Formula& formula, const WholeTensors& tensors,
               std::span<const double> expected, const std::string& what) {
    const Array computed = tensors.evaluate(formula);
    const bool repeats = computed.elements.size() == 1;
    if (!repeats && computed.elements.size() != expected.size()) {
      failure += what + ": another number of elements: " + formula.text() + "\n";
      return;
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (near(computed.elements[repeats ? 0 : i], expected[i], 1e-11)) continue;
      failure += what + ": " + formula.text() + "\n";
      return;
    }
  }
};

std::string where_the_formula_is_not_what_runs(const Rule& rule, const Example& example,
                                               Random& random) {
  Tape tape;
  Comparison comparison;
  WholeTensors tensors;
  std::vector<Tensor> operands;
  std::vector<Formula> symbols;
  Geometry g;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    const std::vector<double> x = example_values(rule, example, k, random);
    operands.push_back(tape.variable(Values(x, example.operands[k])));
    const std::string name(1, "XYZ"[k]);
    symbols.push_back(Formula::symbol(name));
    tensors.set(name, {extents_of(example.operands[k]), x});
    g.operands[k] = &example.operands[k];
  }
  const Tensor result = record(rule, operands, example.attributes);
  const Shape shape = result.shape();
  g.result = &shape;
  g.attributes = example.attributes;
  const Position extents = extents_of(shape);
  const std::string name = std::string(rule.info.name) + " of " + to_string(example.operands[0]);
  comparison.compare(rule.formula(symbols, g), tensors, result.values(), name);
  if (!result.requires_gradient()) return comparison.failure;
  const std::vector<double> upstream = random_values(random, shape.size());
  tape.backward(sum(result * tape.constant(Values(upstream, shape))));
  tensors.set("R", {extents, values(result)});
  tensors.set("G", {extents, upstream});
  for (std::size_t k = 0; k < rule.arity; ++k) {
    if (!rule.differentiable[k]) continue;
    const Formula part =
        rule.pullback_formula(k, symbols, Formula::symbol("R"), Formula::symbol("G"), g);
    comparison.compare(part, tensors, operands[k].adjoint_values(),
                       name + ", operand " + std::to_string(k + 1));
  }
  return comparison.failure;
}

std::string failures_of(const Rule& rule) {
  Random random(7);
  std::string failures;
  for (const Example& example : broadcast_examples_of(rule)) {
    failures += where_the_formula_is_not_what_runs(rule, example, random);
  }
  return failures;
}

TEST(FormulaIsWhatRuns, ForValueAndPullbackOfTheWholeCatalogue) {
  for (const Rule* rule : catalogue()) {
    SCOPED_TRACE(rule->info.name);
    EXPECT_EQ(failures_of(*rule), "");
  }
}

// Every formula of a rule, spoiled: the comparison has to see it.
TEST(FormulaIsWhatRuns, AWrongFormulaOfAnyRuleIsSeen) {
  for (const Rule* rule : catalogue()) {
    Rule wrong = *rule;
    static const Rule* right = nullptr;
    right = rule;
    wrong.formula = [](std::span<const Formula> x, const Geometry& g) {
      return right->formula(x, g) * 1.001 + 0.001;
    };
    EXPECT_NE(failures_of(wrong), "") << rule->info.name;
    if (rule->pullback_formula == nullptr || !rule->differentiable[rule->arity - 1]) continue;
    wrong = *rule;
    wrong.pullback_formula = [](std::size_t k, std::span<const Formula> x, const Formula& result,
                                const Formula& upstream, const Geometry& g) {
      return right->pullback_formula(k, x, result, upstream, g) * 1.001 + 0.001;
    };
    EXPECT_NE(failures_of(wrong), "") << rule->info.name;
  }
}

// Sums over another axis than the one it prints.
TEST(FormulaIsWhatRuns, AWrongAxisIsSeen) {
  Rule wrong = *find_rule("sum");
  wrong.formula = [](std::span<const Formula> x, const Geometry& g) {
    if (g.attributes.size() < 2) return x[0];
    const std::array<Index, 1> other{g.attributes[1] == 0 ? 1 : 0};
    return num::sum_along(x[0], std::span(other));
  };
  EXPECT_NE(failures_of(wrong), "");
}

}  // namespace
}  // namespace autograd::testing
