// Every rule of the catalogue has all its readings, and the readings agree with each other.
#include <gtest/gtest.h>

#include <set>

#include "autograd/random.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

std::vector<Example> examples_of(const Rule& rule) {
  if (rule.examples != nullptr) return rule.examples();
  return {Example{std::vector<Shape>(rule.arity, Shape{2, 3}), {}}};
}

bool is_word(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && name.back() != '_' &&
         name.find("__") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

TEST(Catalogue, HasEveryOperationTheEnginePromises) {
  for (const char* name : {"add",
                           "subtract",
                           "multiply",
                           "divide",
                           "negate",
                           "power",
                           "exp",
                           "log",
                           "log1p",
                           "expm1",
                           "sqrt",
                           "square",
                           "abs",
                           "minimum",
                           "maximum",
                           "less",
                           "less_equal",
                           "greater",
                           "greater_equal",
                           "equal",
                           "not_equal",
                           "where",
                           "matmul",
                           "permute",
                           "reshape",
                           "broadcast_to",
                           "sum",
                           "mean",
                           "max",
                           "min",
                           "log_sum_exp",
                           "concatenate",
                           "slice",
                           "gather_rows",
                           "sigmoid",
                           "generalized_logistic",
                           "tanh",
                           "relu",
                           "leaky_relu",
                           "prelu",
                           "elu",
                           "hard_logistic",
                           "hard_tanh",
                           "softplus",
                           "softmax",
                           "log_softmax",
                           "maxout",
                           "binary_cross_entropy",
                           "binary_cross_entropy_with_logits",
                           "cross_entropy_with_logits",
                           "squared_error",
                           "guard_nan",
                           "gated_multiply",
                           "gated_by_both",
                           "gated_matmul",
                           "first_maximum",
                           "exponent_shift",
                           "sum_of_others"}) {
    EXPECT_NE(find_rule(name), nullptr) << name;
  }
  EXPECT_EQ(find_rule("no_such_rule"), nullptr);
}

TEST(Catalogue, NamesAreUniqueSnakeCaseAndEveryRuleSaysWhatItComputes) {
  std::set<std::string_view> names;
  for (const Rule* rule : catalogue()) {
    EXPECT_TRUE(names.insert(rule->info.name).second) << rule->info.name;
    EXPECT_TRUE(is_word(rule->info.name)) << rule->info.name;
    EXPECT_FALSE(rule->info.summary.empty()) << rule->info.name;
    EXPECT_EQ(find_rule(rule->info.name), rule);
  }
}

TEST(Catalogue, EveryRuleHasAllItsReadings) {
  for (const Rule* rule : catalogue()) {
    SCOPED_TRACE(rule->info.name);
    EXPECT_NE(rule->result_shape, nullptr);
    EXPECT_NE(rule->forward, nullptr);
    EXPECT_NE(rule->forward_complex, nullptr);
    EXPECT_NE(rule->formula, nullptr);
    EXPECT_NE(rule->forward_dual, nullptr);
    EXPECT_NE(rule->record_pullback, nullptr);
    EXPECT_GE(rule->arity, 1U);
    EXPECT_LE(rule->arity, max_operands);
    const bool differentiable =
        rule->differentiable[0] || rule->differentiable[1] || rule->differentiable[2];
    if (differentiable) {
      EXPECT_NE(rule->pullback, nullptr);
      EXPECT_NE(rule->pullback_formula, nullptr);
    }
    for (std::size_t k = rule->arity; k < max_operands; ++k) EXPECT_FALSE(rule->differentiable[k]);
    if (rule->shape == RuleShape::elementwise) {
      EXPECT_NE(rule->value_block, nullptr);
      EXPECT_NE(rule->complex_element, nullptr);
      EXPECT_NE(rule->dual_element, nullptr);
      for (std::size_t k = 0; k < rule->arity; ++k) {
        EXPECT_EQ(rule->contribution_block[k] != nullptr, rule->differentiable[k]);
      }
    } else {
      EXPECT_NE(rule->examples, nullptr);
      EXPECT_FALSE(rule->examples().empty());
    }
  }
}

// The complex reading of a rule on real operands, through the same call the tape makes.
std::vector<Complex> complex_forward(const Rule& rule, const std::vector<Tensor>& operands,
                                     const Tensor& result, std::span<const Index> attributes) {
  std::vector<std::vector<Complex>> complex_operands;
  std::vector<Shape> shapes;
  for (const Tensor& operand : operands) {
    complex_operands.emplace_back(operand.values().begin(), operand.values().end());
    shapes.push_back(operand.shape());
  }
  const Shape result_shape = result.shape();
  std::vector<Complex> values(static_cast<std::size_t>(result_shape.size()));
  Scratch<Complex> scratch;
  Call<Complex> call;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    call.geometry.operands[k] = &shapes[k];
    call.operands[k] = complex_operands[k].data();
  }
  call.geometry.result = &result_shape;
  call.geometry.attributes = attributes;
  call.result = values.data();
  call.scratch = &scratch;
  rule.forward_complex(rule, call);
  return values;
}

TEST(Catalogue, TheComplexReadingOfRealOperandsIsTheArrayReading) {
  Random random(50);
  for (const Rule* rule : catalogue()) {
    for (const Example& example : examples_of(*rule)) {
      SCOPED_TRACE(rule->info.name);
      Tape tape;
      std::vector<Tensor> operands;
      for (std::size_t k = 0; k < example.operands.size(); ++k) {
        std::vector<double> x = random_values(random, example.operands[k].size());
        const auto points = ordinary_points(rule->info.domain[k]);
        for (std::size_t i = 0; i < x.size(); ++i) {
          // Within the domain, and apart from one another.
          x[i] = points[i % 4] + (rule->info.domain[k] == Domain::condition ? 0.0 : 0.01 * x[i]);
        }
        operands.push_back(tape.constant(Values(x, example.operands[k])));
      }
      const Tensor y = record(*rule, operands, example.attributes);
      const auto z = complex_forward(*rule, operands, y, example.attributes);
      for (std::size_t i = 0; i < z.size(); ++i) {
        EXPECT_TRUE(near(z[i].real(), y.values()[i], 8.0 * epsilon)) << "at element " << i;
        EXPECT_EQ(z[i].imaginary(), 0.0);
      }
    }
  }
}

TEST(Catalogue, TheComplexReadingOfElementwiseRulesIsTheArrayReadingAtOrdinaryPoints) {
  for (const Rule* rule : catalogue()) {
    if (rule->shape != RuleShape::elementwise) continue;
    for_each_ordinary_point(*rule, [&](const std::vector<double>& x) {
      const std::vector<Complex> z(x.begin(), x.end());
      std::array<const double*, max_operands> operands{};
      for (std::size_t k = 0; k < rule->arity; ++k) operands[k] = &x[k];
      double y = 0.0;
      rule->value_block(&y, operands.data(), 1);
      EXPECT_TRUE(near(rule->complex_element(z.data()).real(), y, 8.0 * epsilon))
          << rule->info.name << " at " << x[0];
    });
  }
}

// The geometry of a rule between scalars.
Geometry scalars() {
  static const Shape scalar;
  Geometry geometry;
  geometry.operands.fill(&scalar);
  geometry.result = &scalar;
  return geometry;
}

void expect_formula_is_what_runs(const Rule& rule, const std::vector<double>& x) {
  Tape tape;
  std::vector<Tensor> operands;
  std::vector<Formula> symbols;
  for (std::size_t k = 0; k < x.size(); ++k) {
    operands.push_back(tape.variable(x[k]));
    constexpr std::array<const char*, max_operands> names{"x1", "x2", "x3"};
    symbols.push_back(Formula::symbol(names[k], x[k]));
  }
  const Tensor y = record(rule, operands);
  const Formula value = rule.formula(symbols, scalars());
  EXPECT_TRUE(near(value.evaluate(), y.item(), 1e-14)) << "value: " << value.text();
  if (!y.requires_gradient()) return;
  tape.backward(y);
  const Formula result = Formula::symbol("y", y.item());
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (!rule.differentiable[k]) continue;
    const Formula part =
        rule.pullback_formula(k, symbols, result, Formula::symbol("dy", 1.0), scalars());
    EXPECT_TRUE(near(part.evaluate(), operands[k].adjoint_item(), 1e-14))
        << "operand " << k + 1 << ": " << part.text();
  }
}

TEST(Catalogue, TheFormulaOfEveryElementwiseRuleEvaluatesToWhatRuns) {
  for (const Rule* rule : catalogue()) {
    if (rule->shape != RuleShape::elementwise) continue;
    SCOPED_TRACE(rule->info.name);
    for_each_ordinary_point(
        *rule, [&](const std::vector<double>& x) { expect_formula_is_what_runs(*rule, x); });
  }
}

TEST(Catalogue, EveryRuleThatIsNotElementwisePrintsItsFormulasOverItsExamples) {
  for (const Rule* rule : catalogue()) {
    if (rule->shape == RuleShape::elementwise) continue;
    for (const Example& example : rule->examples()) {
      SCOPED_TRACE(rule->info.name);
      Geometry g;
      for (std::size_t k = 0; k < rule->arity; ++k) g.operands[k] = &example.operands[k];
      g.attributes = example.attributes;
      const Shape result = rule->result_shape(g);
      g.result = &result;
      const std::array<Formula, 2> x{Formula::symbol("X"), Formula::symbol("Z")};
      const auto operands = std::span(x).first(rule->arity);
      for (const auto style : {FormulaStyle::unicode, FormulaStyle::ascii, FormulaStyle::latex}) {
        EXPECT_NE(rule->formula(operands, g).text(style).find('X'), std::string::npos);
        for (std::size_t k = 0; k < rule->arity; ++k) {
          const Formula part =
              rule->pullback_formula(k, operands, Formula::symbol("Y"), Formula::symbol("G"), g);
          EXPECT_NE(part.text(style).find('G'), std::string::npos) << part.text(style);
        }
      }
    }
  }
}

// Reporting the loss must not change a bit of a model.
TEST(Catalogue, ValueAndSlopeAtOnceHaveTheBitsOfEachByItself) {
  std::set<std::string_view> names;
  for (const Rule* rule : catalogue()) {
    if (rule->value_and_slope_block == nullptr) continue;
    names.insert(rule->info.name);
    autograd::Random random(31);
    std::vector<double> x{0.0,    -0.0,  infinity, -infinity, not_a_number,
                          1e-300, -30.0, 373.0,    746.0};
    while (x.size() < 20003) {
      x.push_back(random.uniform(-5.0, 5.0));
      x.push_back(random.uniform(-800.0, 800.0));
    }
    std::vector<double> y(x.size());
    for (double& label : y) label = random.uniform();
    const std::array<const double*, max_operands> operands{x.data(), y.data()};
    const auto n = static_cast<Index>(x.size());
    std::vector<double> value(x.size()), slope(x.size()), both_value(x.size()), both(x.size());
    const std::vector<double> ones(x.size(), 1.0);
    rule->value_block(value.data(), operands.data(), n);
    rule->contribution_block[0](slope.data(), ones.data(), operands.data(), value.data(), n);
    rule->value_and_slope_block(both_value.data(), both.data(), operands.data(), n);
    for (std::size_t i = 0; i < x.size(); ++i) {
      SCOPED_TRACE(x[i]);
      ASSERT_TRUE(value[i] == both_value[i] || (std::isnan(value[i]) && std::isnan(both_value[i])));
      ASSERT_TRUE(slope[i] == both[i] || (std::isnan(slope[i]) && std::isnan(both[i])));
      const std::array<const double*, max_operands> one{&x[i], &y[i]};
      double alone = 0.0;
      double alone_slope = 0.0;
      rule->value_and_slope_block(&alone, &alone_slope, one.data(), 1);
      ASSERT_TRUE(alone == value[i] || std::isnan(value[i]));
      ASSERT_TRUE(alone_slope == slope[i] || std::isnan(slope[i]));
    }
  }
  EXPECT_EQ(names,
            (std::set<std::string_view>{"binary_cross_entropy_with_logits", "sigmoid", "tanh"}));
}

TEST(Catalogue, NoOperandWithoutAGradientIsReachedByTheBackwardPass) {
  for (const Rule* rule : catalogue()) {
    for (const Example& example : examples_of(*rule)) {
      Tape tape;
      std::vector<Tensor> operands;
      for (std::size_t k = 0; k < example.operands.size(); ++k) {
        const double point = ordinary_points(rule->info.domain[k])[2];
        const auto n = static_cast<std::size_t>(example.operands[k].size());
        operands.push_back(
            tape.constant(Values(std::vector<double>(n, point), example.operands[k])));
      }
      EXPECT_FALSE(record(*rule, operands, example.attributes).requires_gradient())
          << rule->info.name;
    }
  }
}

}  // namespace
}  // namespace autograd::testing
