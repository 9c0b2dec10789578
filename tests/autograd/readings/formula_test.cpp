// How formulas print and evaluate.
#include "autograd/readings/formula.h"

#include <gtest/gtest.h>

#include "autograd/rules/catalogue.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

const Formula a = Formula::symbol("a", 0.524979);
const Formula y = Formula::symbol("y", 1.0);
const Formula x = Formula::symbol("x", -2.0);

std::string ascii(const Formula& f) { return f.text(FormulaStyle::ascii); }
std::string latex(const Formula& f) { return f.text(FormulaStyle::latex); }

TEST(Formula, PrintsTheTextbookCrossEntropySlope) {
  const Formula da = -(y / a) + (1.0 - y) / (1.0 - a);
  EXPECT_EQ(da.text(), "−y/a + (1 − y)/(1 − a)");
  EXPECT_EQ(ascii(da), "-y/a + (1 - y)/(1 - a)");
  EXPECT_EQ(latex(da), R"(-\frac{y}{a} + \frac{1 - y}{1 - a})");
}

TEST(Formula, BracketsARightOperandThatWouldReadDifferently) {
  EXPECT_EQ((a - (y - a)).text(), "a − (y − a)");
  EXPECT_EQ((a - y - a).text(), "a − y − a");
  EXPECT_EQ((a - (y + a)).text(), "a − (y + a)");
  EXPECT_EQ((a / (y * x)).text(), "a/(y · x)");
  EXPECT_EQ((a / (y / x)).text(), "a/(y/x)");
  EXPECT_EQ((a / y / x).text(), "a/y/x");
  EXPECT_EQ((a * (y / x)).text(), "a · (y/x)");
  EXPECT_EQ((a * y * x).text(), "a · y · x");
  EXPECT_EQ((a * (y * x)).text(), "a · y · x");
}

TEST(Formula, BracketsSumsInsideProductsAndNothingElse) {
  EXPECT_EQ((a * (1.0 - a)).text(), "a · (1 − a)");
  EXPECT_EQ(((1.0 - a) * a).text(), "(1 − a) · a");
  EXPECT_EQ((a * y + x).text(), "a · y + x");
  EXPECT_EQ(((a + y) / x).text(), "(a + y)/x");
  EXPECT_EQ((a * num::sigmoid(a / y)).text(), "a · σ(a/y)");
}

TEST(Formula, BracketsSigns) {
  EXPECT_EQ((-(a * y)).text(), "−a · y");
  EXPECT_EQ((-(a + y)).text(), "−(a + y)");
  EXPECT_EQ((a * -y).text(), "a · (−y)");
  EXPECT_EQ((a - Formula(-0.5)).text(), "a − (-0.5)");
  EXPECT_EQ((a * Formula(-0.5)).text(), "a · (-0.5)");
  EXPECT_EQ(num::pow(Formula(-2.0), a).text(), "(-2)^a");
  EXPECT_EQ(num::pow(-a, Formula(2.0)).text(), "(−a)^2");
  EXPECT_EQ((-num::pow(a, Formula(2.0))).text(), "−a^2");
  EXPECT_EQ((a + -y).text(), "a − y");
  EXPECT_EQ((-(-a)).text(), "a");
}

TEST(Formula, BracketsPowers) {
  const Formula two(2.0);
  EXPECT_EQ(num::pow(a, two).text(), "a^2");
  EXPECT_EQ(num::pow(a + y, two).text(), "(a + y)^2");
  EXPECT_EQ(num::pow(a, y - 1.0).text(), "a^(y − 1)");
  EXPECT_EQ(num::pow(num::pow(a, y), two).text(), "(a^y)^2");
  EXPECT_EQ(num::pow(a, num::pow(y, two)).text(), "a^(y^2)");
  EXPECT_EQ(latex(num::pow(a, y - 1.0)), "a^{y - 1}");
  EXPECT_EQ(latex(num::pow(a + y, two)), R"(\left(a + y\right)^{2})");
}

TEST(Formula, LeavesOutWhatAPersonWould) {
  EXPECT_EQ((1.0 * a).text(), "a");
  EXPECT_EQ((a * 1.0).text(), "a");
  EXPECT_EQ((a + 0.0).text(), "a");
  EXPECT_EQ((0.0 - a).text(), "−a");
  EXPECT_EQ((-1.0 * a).text(), "−a");
  EXPECT_EQ((a / 1.0).text(), "a");
}

TEST(Formula, PrintsFunctionsInEveryStyle) {
  EXPECT_EQ((num::log(a) + num::sqrt(y)).text(), "ln(a) + √(y)");
  EXPECT_EQ(ascii(num::log(a) + num::sqrt(y)), "ln(a) + sqrt(y)");
  EXPECT_EQ(latex(num::log(a) + num::sqrt(y)), R"(\ln\left(a\right) + \sqrt{y})");
  EXPECT_EQ(num::abs(a).text(), "|a|");
  EXPECT_EQ(latex(num::log1p(a)), R"(\operatorname{log1p}\left(a\right))");
  const Formula relu = num::select(x > 0.0, x, 0.0);
  EXPECT_EQ(relu.text(), "(x if x > 0 else 0)");
  EXPECT_EQ(latex(relu),
            R"(\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases})");
  EXPECT_EQ((x <= 0.0).text(), "x ≤ 0");
  EXPECT_EQ(ascii(x != 0.0), "x != 0");
}

TEST(Formula, PrintsProductsOfMatrices) {
  const Formula X = Formula::symbol("X");
  const Formula dZ = Formula::symbol("dZ");
  const Formula dw = num::matmul(num::transpose(X), dZ);
  EXPECT_EQ(dw.text(), "Xᵀ · dZ");
  EXPECT_EQ(ascii(dw), "X' @ dZ");
  EXPECT_EQ(latex(dw), R"(X^{\top} \cdot dZ)");
  EXPECT_EQ(num::transpose(X + dZ).text(), "(X + dZ)ᵀ");
}

TEST(Formula, PrintsNamesInLatexWithSubscripts) {
  EXPECT_EQ(latex(Formula::symbol("w1")), "w_{1}");
  EXPECT_EQ(latex(Formula::symbol("w_1")), "w_{1}");
  EXPECT_EQ(latex(Formula::symbol("dw12")), "dw_{12}");
  EXPECT_EQ(latex(Formula::symbol("z")), "z");
  EXPECT_EQ(latex(Formula::symbol("loss")), R"(\mathit{loss})");
  EXPECT_EQ(latex(Formula::symbol("learning_rate")), R"(\mathit{learning\_rate})");
  EXPECT_EQ(latex(Formula::symbol("layer_1_w2")), R"(\mathit{layer\_1\_w}_{2})");
  EXPECT_EQ(Formula::symbol("learning_rate").text(), "learning_rate");
}

TEST(Formula, PrintsNumbersInPlaceOfSymbols) {
  const Formula dz = Formula::symbol("da", -1.904837) * a * (1.0 - a);
  EXPECT_EQ(dz.text(), "da · a · (1 − a)");
  EXPECT_EQ(dz.numbers(), "(-1.90484) · 0.524979 · (1 − 0.524979)");
  EXPECT_EQ(dz.numbers(FormulaStyle::ascii, 3), "(-1.9) * 0.525 * (1 - 0.525)");
  EXPECT_EQ((Formula::symbol("unknown") + a).numbers(), "unknown + 0.524979");
}

TEST(Formula, NumbersPrintShortAndInEveryStyle) {
  EXPECT_EQ(format_number(1.5), "1.5");
  EXPECT_EQ(format_number(-0.25), "-0.25");
  EXPECT_EQ(format_number(-0.25, FormulaStyle::ascii), "-0.25");
  EXPECT_EQ(format_number(0.0), "0");
  EXPECT_EQ(format_number(-0.0), "0");
  EXPECT_EQ(format_number(4.2483542552915889e-18), "4.24835e-18");
  EXPECT_EQ(format_number(4.25e-18, FormulaStyle::latex), R"(4.25 \cdot 10^{-18})");
  EXPECT_EQ(format_number(0.1, FormulaStyle::unicode, 17), "0.10000000000000001");
  EXPECT_EQ(format_number(infinity), "∞");
  EXPECT_EQ(format_number(-infinity), "-∞");
  EXPECT_EQ(format_number(-infinity, FormulaStyle::latex), R"(-\infty)");
  EXPECT_EQ(format_number(not_a_number), "NaN");
}

TEST(Formula, APowerOfTenInLatexIsBracketedUnderAnExponent) {
  EXPECT_EQ(latex(num::pow(Formula(1e-5), a)), R"(\left(1 \cdot 10^{-5}\right)^{a})");
  EXPECT_EQ((a * Formula(-0.0)).text(), "a · 0");
}

TEST(Formula, EvaluatesToWhatItPrints) {
  const Formula f = -(y / a) + (1.0 - y) / (1.0 - a);
  EXPECT_DOUBLE_EQ(f.evaluate(), -1.0 / 0.524979);
  EXPECT_EQ(num::select(x > 0.0, x, 7.0).evaluate(), 7.0);
  EXPECT_EQ(num::abs(x).evaluate(), 2.0);
  EXPECT_EQ(num::pow(x, Formula(3.0)).evaluate(), -8.0);
  EXPECT_EQ((x == -2.0).evaluate(), 1.0);
  EXPECT_TRUE(std::isnan(Formula::symbol("u").evaluate()));
  EXPECT_TRUE(std::isnan(num::sum(x).evaluate()));
  EXPECT_TRUE(std::isnan(num::matmul(x, y).evaluate()));
}

TEST(Formula, OfAnUnknownOrEmptyCallPrintsAndEvaluatesToNaN) {
  EXPECT_EQ(Formula::call("f", {}).text(), "f()");
  EXPECT_TRUE(std::isnan(Formula::call("f", {}).evaluate()));
  EXPECT_TRUE(std::isnan(Formula::call("f", {a}).evaluate()));
  EXPECT_EQ(Formula::call("f", {a, y}).text(), "f(a, y)");
  EXPECT_EQ(Formula::symbol("").text(), "");
  EXPECT_EQ(latex(Formula::symbol("")), "");
}

TEST(Formula, SubstitutesEveryPartThatReadsTheSame) {
  const Formula f = num::sigmoid(a) * (1.0 - num::sigmoid(a));
  EXPECT_EQ(f.substitute(num::sigmoid(a), y).text(), "y · (1 − y)");
  EXPECT_EQ(f.substitute(Formula::symbol("unused"), y).text(), f.text());
  EXPECT_TRUE((a + y).same_as(a + y));
  EXPECT_FALSE((a + y).same_as(y + a));
  EXPECT_FALSE(Formula(1.0).same_as(Formula(2.0)));
}

TEST(Formula, IsRefusedWhereNobodyCouldReadIt) {
  const auto nested = [] {
    Formula chain = a;
    for (int k = 0; k < 200'000; ++k) chain = num::exp(chain);
    return chain;
  };
  EXPECT_EQ(message_of<ArgumentError>(nested),
            "a formula is too large to be written down: it is nested more than 1000 deep. Give a "
            "part of it a name with Formula::symbol() and go on from there.");
  const auto doubled = [] {
    Formula graph = a;
    for (int k = 0; k < 64; ++k) graph = graph + graph;
    return graph;
  };
  EXPECT_EQ(message_of<ArgumentError>(doubled),
            "a formula is too large to be written down: it has more than 100000 parts. Give a part "
            "of it a name with Formula::symbol() and go on from there.");
}

TEST(Formula, OfTheLargestSizePrintsEvaluatesAndCompares) {
  Formula chain = a;
  Formula other = a;
  for (std::size_t k = 1; k < Formula::max_depth; ++k) {
    chain = num::tanh(chain);
    other = num::tanh(other);
  }
  EXPECT_TRUE(chain.same_as(other));
  EXPECT_EQ(chain.text().size(), 6 * (Formula::max_depth - 1) + 1);
  EXPECT_GT(chain.evaluate(), 0.0);
  EXPECT_EQ(chain.substitute(a, y).size(), Formula::max_depth);
}

TEST(Formula, SaysAlongWhichAxesItSums) {
  const Formula X = Formula::symbol("X");
  const std::array<Index, 1> columns{1};
  const std::array<Index, 2> both{0, 1};
  EXPECT_EQ(num::sum_along(X, columns).text(), "Σⱼ(X)");
  EXPECT_EQ(ascii(num::sum_along(X, columns)), "sum(X, axis 1)");
  EXPECT_EQ(latex(num::sum_along(X, columns)), R"(\sum_{j}\left(X\right))");
  EXPECT_EQ(num::sum_along(X, both).text(), "Σᵢⱼ(X)");
  EXPECT_EQ(ascii(num::sum_along(X, both)), "sum(X, axes 0, 1)");
  EXPECT_EQ(num::sum_over_repeats(X, Shape{4}, Shape{3, 4}).text(), "Σᵢ(X)");
  EXPECT_EQ(num::sum_over_repeats(X, Shape{3, 4}, Shape{3, 4}).text(), "X");
  EXPECT_EQ(num::broadcast_to(X, Shape{3, 1}, Shape{3, 4}).text(), "repeatⱼ(X)");
}

TEST(Formula, OfRulesAlongAnAxisNamesIt) {
  const auto shown = [](const char* name, std::size_t example, FormulaStyle style) {
    const Rule* rule = find_rule(name);
    const Example at = rule->examples()[example];
    Geometry g;
    g.operands[0] = &at.operands[0];
    g.attributes = at.attributes;
    const Shape result = rule->result_shape(g);
    g.result = &result;
    const std::array<Formula, 1> X{Formula::symbol("X")};
    return rule->formula(X, g).text(style) + "; " +
           rule->pullback_formula(0, X, Formula::symbol("Y"), Formula::symbol("dY"), g).text(style);
  };
  EXPECT_EQ(shown("softmax", 1, FormulaStyle::unicode),
            "exp(X − maxⱼ(X))/Σⱼ(exp(X − maxⱼ(X))); Y · (dY − Σⱼ(Y · dY))");
  EXPECT_EQ(shown("max", 2, FormulaStyle::unicode), "maxᵢ(X); [X is the first maxᵢ(X)] · dY");
  EXPECT_EQ(shown("max", 1, FormulaStyle::ascii),
            "max(X, axis 1); [X is the first max(X, axis 1)] * dY");
  EXPECT_EQ(shown("max", 1, FormulaStyle::latex),
            R"(\max_{j}\left(X\right); \mathbf{1}\left[X \text{ is the first } )"
            R"(\max_{j}\left(X\right)\right] \cdot dY)");
  EXPECT_EQ(shown("maxout", 0, FormulaStyle::unicode),
            "max(X, units of 2); [X is the first max(X, units of 2)] · dY");
  EXPECT_EQ(shown("mean", 2, FormulaStyle::unicode), "Σⱼ(X)/3; repeatⱼ(dY/3)");
  EXPECT_EQ(shown("broadcast_to", 0, FormulaStyle::unicode), "repeatᵢ(X); Σᵢ(dY)");
}

TEST(Formula, BracketsAFractionBehindAFactorAndNoOther) {
  EXPECT_EQ((a * (y / x * a)).text(), "a · (y/x · a)");
  EXPECT_EQ((a * (y * num::exp(y / x))).text(), "a · y · exp(y/x)");
  EXPECT_EQ((a * Formula::symbol("km/h")).text(), "a · km/h");
  EXPECT_EQ((a * (y * (x / a))).text(), "a · y · (x/a)");
  EXPECT_EQ((a + y / x).text(), "a + y/x");
}

// What the rules of the worked example print.
std::string backward_text(const char* rule, std::size_t operand, std::vector<const char*> names,
                          const char* result, const char* upstream) {
  static const Shape scalar;
  Geometry g;
  g.operands.fill(&scalar);
  g.result = &scalar;
  std::vector<Formula> operands;
  for (const char* name : names) operands.push_back(Formula::symbol(name));
  return find_rule(rule)
      ->pullback_formula(operand, operands, Formula::symbol(result), Formula::symbol(upstream), g)
      .text();
}

TEST(Formula, OfTheRulesIsTheTextbooks) {
  EXPECT_EQ(backward_text("sigmoid", 0, {"z"}, "a", "da"), "da · a · (1 − a)");
  EXPECT_EQ(backward_text("tanh", 0, {"z"}, "t", "dt"), "dt · (1 − t^2)");
  EXPECT_EQ(backward_text("relu", 0, {"z"}, "a", "da"), "da · (1 if z > 0 else 0)");
  EXPECT_EQ(backward_text("multiply", 1, {"x", "w"}, "z", "dz"), "dz · x");
  EXPECT_EQ(backward_text("matmul", 1, {"X", "w"}, "Z", "dZ"), "Xᵀ · dZ");
  EXPECT_EQ(backward_text("binary_cross_entropy", 0, {"a", "y"}, "L", "dL"),
            "dL · (−y/a + (1 − y)/(1 − a))");
  EXPECT_EQ(backward_text("binary_cross_entropy_with_logits", 0, {"z", "y"}, "L", "dL"),
            "dL · (σ(z) − y)");
}

Formula tensor(const std::string& name, const Shape& shape) {
  const std::vector<double> elements(static_cast<std::size_t>(shape.size()), 0.5);
  return Formula::symbol(name,
                         std::make_shared<const FormulaTensor>(FormulaTensor{shape, elements, {}}));
}

TEST(Formula, TellsProductsOfElementsFromThoseOfMatrices) {
  const Formula X = tensor("X", {2, 3});
  const Formula H = tensor("H", {2, 2});
  const Formula W = tensor("W", {3, 2});
  const Formula s = Formula::symbol("s", 2.0);
  EXPECT_EQ((H * H).text(), "H ⊙ H");
  EXPECT_EQ((s * H).text(), "s · H");
  EXPECT_EQ((H * num::matmul(X, W)).text(), "H ⊙ (X · W)");
  EXPECT_EQ((num::matmul(X, W) * H).text(), "(X · W) ⊙ H");
  EXPECT_EQ(num::matmul(num::transpose(X), H * (1.0 - H)).text(), "Xᵀ · (H ⊙ (1 − H))");
  EXPECT_EQ(num::matmul(s * H, num::matmul(X, W)).text(), "s · H · X · W");
  EXPECT_EQ((s * num::matmul(X, W) * H).text(), "(s · X · W) ⊙ H");
  EXPECT_EQ((num::sum(H) * H * H).text(), "Σ(H) · H ⊙ H");
  EXPECT_EQ((H * num::matmul(X, W)).text(FormulaStyle::ascii), "H * (X @ W)");
  EXPECT_EQ((H * H).text(FormulaStyle::latex), R"(H \odot H)");
}

}  // namespace
}  // namespace autograd::testing
