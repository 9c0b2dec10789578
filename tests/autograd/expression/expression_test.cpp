// What expressions mean, and what is said of those that mean nothing.
#include "autograd/expression/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "autograd/expression/functions.h"
#include "autograd/operations.h"
#include "autograd/rules/catalogue.h"

namespace autograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// An expression on a tape of its own, with variables as --at writes them.
class Recorded {
 public:
  explicit Recorded(const std::string& text, const std::string& at = "") {
    if (!at.empty()) {
      for (const NamedValue& value : parse_assignments(at)) {
        variables_.emplace(value.name, tape_.variable(value.values));
      }
    }
    result_ = Expression::parse(text).record(tape_, variables_);
  }

  [[nodiscard]] double item() const { return result_.item(); }
  [[nodiscard]] std::vector<double> values() const {
    return {result_.values().begin(), result_.values().end()};
  }
  [[nodiscard]] Tensor result() const { return result_; }
  [[nodiscard]] const Rule* rule() { return tape_.checked(result_).rule; }
  [[nodiscard]] Tape& tape() { return tape_; }
  [[nodiscard]] Tensor variable(const std::string& name) { return variables_.at(name); }

 private:
  Tape tape_;
  std::map<std::string, Tensor> variables_;
  Tensor result_;
};

double value_of(const std::string& text, const std::string& at = "") {
  return Recorded(text, at).item();
}

// What is said of a text that cannot be understood, or not be recorded.
std::string fault_of(const std::string& text, const std::string& at = "") {
  try {
    const Recorded recorded(text, at);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// The message, and the caret's character counted from 1.
void expect_fault(const std::string& text, const std::string& message, std::size_t character) {
  try {
    Expression::parse(text);
    ADD_FAILURE() << text << " was understood";
  } catch (const ExpressionError& error) {
    EXPECT_EQ(error.position(), character) << text;
    EXPECT_EQ(std::string(error.what()),
              message + "\n  " + text + "\n  " + std::string(character - 1, ' ') + "^");
  }
}

TEST(Expression, BindsAsTheTextbookDoes) {
  EXPECT_EQ(value_of("2 + 3 * 4"), 14);
  EXPECT_EQ(value_of("(2 + 3) * 4"), 20);
  EXPECT_EQ(value_of("10 - 4 - 3"), 3);
  EXPECT_EQ(value_of("24 / 4 / 3"), 2);
  EXPECT_EQ(value_of("24 / 4 * 3"), 18);
  EXPECT_EQ(value_of("2 ^ 3 ^ 2"), 512);
  EXPECT_EQ(value_of("2 * 3 ^ 2"), 18);
  EXPECT_EQ(value_of("1 + 2 < 2 * 2"), 1);
}

TEST(Expression, TakesThePowerBeforeTheSign) {
  EXPECT_EQ(value_of("-x^2", "x=3"), -9);
  EXPECT_EQ(value_of("-3^2"), -9);
  EXPECT_EQ(value_of("(-3)^2"), 9);
  EXPECT_EQ(value_of("2^-x", "x=1"), 0.5);
  EXPECT_EQ(value_of("2^-1"), 0.5);
  EXPECT_EQ(value_of("2^-2^2"), 1.0 / 16);
  EXPECT_EQ(value_of("2 - -3"), 5);
  EXPECT_EQ(value_of("--x", "x=3"), 3);
  EXPECT_EQ(value_of("-+-+-x", "x=3"), -3);
  EXPECT_EQ(value_of("2 * -x", "x=3"), -6);
}

TEST(Expression, KeepsASignedNumberOneConstant) {
  Recorded recorded("x * -2", "x=3");
  EXPECT_EQ(recorded.item(), -6);
  EXPECT_EQ(recorded.tape().size(), 3U) << "x, -2 and their product";
}

TEST(Expression, ReadsNumbersOfEveryKind) {
  EXPECT_EQ(value_of("0.1"), 0.1);
  EXPECT_EQ(value_of(".5 + 2."), 2.5);
  EXPECT_EQ(value_of("1e3 + 1.5E-3 + 2e+1"), 1020.0015);
}

TEST(Expression, ComparesTensors) {
  EXPECT_EQ(value_of("x < 2", "x=2"), 0);
  EXPECT_EQ(value_of("x <= 2", "x=2"), 1);
  EXPECT_EQ(value_of("x > 2", "x=2"), 0);
  EXPECT_EQ(value_of("x >= 2", "x=2"), 1);
  EXPECT_EQ(value_of("x == 2", "x=2"), 1);
  EXPECT_EQ(value_of("x != 2", "x=2"), 0);
  EXPECT_EQ(value_of("(1 < 2) < 3"), 1);
}

TEST(Expression, MultipliesMatricesLikeNumbersFromTheLeft) {
  const std::string at = "X=[[1,2],[3,4]],v=[1,10]";
  EXPECT_THAT(Recorded("X @ v", at).values(), ElementsAre(21, 43));
  EXPECT_THAT(Recorded("2 * X @ v + 1", at).values(), ElementsAre(43, 87));
  EXPECT_EQ(value_of("v @ X @ v", at), 1 * 31 + 10 * 42);
}

TEST(Expression, TakesListsAsConstants) {
  EXPECT_THAT(Recorded("x * [1, -2]", "x=3").values(), ElementsAre(3, -6));
  const Recorded matrix("[[1, 2, 3], [4, 5, 6]]");
  EXPECT_EQ(matrix.result().shape(), (Shape{2, 3}));
  EXPECT_THAT(matrix.values(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_FALSE(matrix.result().requires_gradient());
}

TEST(Expression, IsOfSeveralStatementsTheLast) {
  const std::string at = "w=0.5,x=2,b=0.1";
  EXPECT_DOUBLE_EQ(value_of("z = w*x + b; a = sigmoid(z); -log(a)", at),
                   std::log1p(std::exp(-1.1)));
  EXPECT_DOUBLE_EQ(value_of("z = w*x + b;\n a = sigmoid(z);\n L = -log(a);\n", at),
                   std::log1p(std::exp(-1.1)));
}

TEST(Expression, NamesVariablesAndIntermediateResultsOnTheTape) {
  Recorded recorded("z = w*x; a = sigmoid(z); L = -log(a)", "w=0.5,x=2");
  EXPECT_EQ(recorded.variable("w").name(), "w");
  EXPECT_EQ(recorded.result().name(), "L");
  std::vector<std::string> names;
  for (std::size_t k = 0; k < recorded.tape().size(); ++k) {
    names.emplace_back(recorded.tape().tensor(k).name());
  }
  EXPECT_THAT(names, ElementsAre("w", "x", "z", "a", "", "L"));
}

TEST(Expression, LeavesTheNameOfWhatGetsASecondOne) {
  Recorded recorded("v = w; u = v * 2; t = u; t + v", "w=3");
  EXPECT_EQ(recorded.item(), 9);
  EXPECT_EQ(recorded.variable("w").name(), "w");
}

TEST(Expression, ListsItsVariablesInTheOrderOfTheirFirstUse) {
  EXPECT_THAT(Expression::parse("b + a*x1; ").variables(), ElementsAre("b", "a", "x1"));
  EXPECT_THAT(Expression::parse("z = y + x; z*x*θ").variables(), ElementsAre("y", "x", "θ"));
  EXPECT_TRUE(Expression::parse("1 + 2").variables().empty());
}

TEST(Expression, RecordsAnEqualResultEachTimeOnItsOwnTape) {
  const Expression expression = Expression::parse("sum(exp(x) * 2)");
  for (int time = 0; time < 2; ++time) {
    Tape tape;
    const Tensor x = tape.variable({0.0, 1.0});
    const Tensor loss = expression.record(tape, {{"x", x}, {"unused", x}});
    tape.backward(loss);
    EXPECT_DOUBLE_EQ(x.adjoint_values()[1], 2 * std::exp(1.0));
  }
}

TEST(Expression, HasTheDefaultsOfTheFunctionsInC) {
  EXPECT_EQ(value_of("leaky_relu(x)", "x=-2"), -0.02);
  EXPECT_EQ(value_of("leaky_relu(x, 0.1)", "x=-2"), -0.2);
  EXPECT_EQ(value_of("elu(x)", "x=-1"), std::expm1(-1));
  EXPECT_EQ(value_of("elu(x, 2)", "x=-1"), 2 * std::expm1(-1));
  const std::string at = "x=[[1,2],[3,5]]";
  EXPECT_EQ(Recorded("softmax(x)", at).values(), Recorded("softmax(x, -1)", at).values());
  EXPECT_NE(Recorded("softmax(x)", at).values(), Recorded("softmax(x, 0)", at).values());
  EXPECT_EQ(value_of("sum(x)", at), 11);
  EXPECT_THAT(Recorded("sum(x, 0)", at).values(), ElementsAre(4, 7));
  EXPECT_EQ(value_of("mean(x, 0, 1)", at), 2.75);
  EXPECT_THAT(Recorded("max(x, -1)", at).values(), ElementsAre(2, 5));
  EXPECT_THAT(Recorded("min(x, 0)", at).values(), ElementsAre(1, 2));
}

TEST(Expression, TakesWholeNumbersForAxesAndExtents) {
  const std::string at = "x=[[1,2,3],[4,5,6]]";
  EXPECT_EQ(Recorded("reshape(x, 3, 2)", at).result().shape(), (Shape{3, 2}));
  EXPECT_EQ(Recorded("rows = 3; reshape(x, rows, 2)", at).result().shape(), (Shape{3, 2}));
  EXPECT_THAT(Recorded("slice(x, 1, 0, 3, 2)", at).values(), ElementsAre(1, 3, 4, 6));
  EXPECT_THAT(Recorded("slice(x, 1, -2, 3)", at).values(), ElementsAre(2, 3, 5, 6));
  EXPECT_THAT(Recorded("gather_rows(x, 1, 1)", at).values(), ElementsAre(4, 5, 6, 4, 5, 6));
  EXPECT_THAT(Recorded("concatenate(x, [[7,8,9]], 0)", at).result().shape(), (Shape{3, 3}));
  EXPECT_THAT(Recorded("transpose(x)", at).values(), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(Recorded("scatter_rows([1, 2], 2, 0, 3)").values(), ElementsAre(2, 0, 1));
  EXPECT_THAT(Recorded("place([1, 2], 4, 1, 2)").values(), ElementsAre(0, 1, 0, 2));
}

// An expression of every rule that takes more than its operands.
const std::map<std::string_view, std::string> with_whole_numbers{
    {"maxout", "maxout(X, 2)"},
    {"max", "max(X, 1)"},
    {"min", "min(X, 1)"},
    {"permute", "permute(X, 1, 0)"},
    {"reshape", "reshape(X, 4)"},
    {"broadcast_to", "broadcast_to(X, 3, 2, 2)"},
    {"concatenate", "concatenate(X, X, 0)"},
    {"slice", "slice(X, 0, 0, 1)"},
    {"place", "place(X, 3, 3, 1, 1, 1, 1)"},
    {"gather_rows", "gather_rows(X, 1)"},
    {"scatter_rows", "scatter_rows(X, 1, 0, 3)"},
};

TEST(Expression, ReachesEveryRuleOfTheCatalogueByItsName) {
  for (const Rule* rule : catalogue()) {
    std::string text(rule->info.name);
    if (const auto found = with_whole_numbers.find(text); found != with_whole_numbers.end()) {
      text = found->second;
    } else {
      text += rule->arity == 1 ? "(X)" : rule->arity == 2 ? "(X, X)" : "(X, X, X)";
    }
    Recorded recorded(text, "X=[[0.1,0.2],[0.3,0.4]]");
    EXPECT_EQ(recorded.rule(), rule) << text;
  }
}

TEST(Expression, CallsEachFunctionByTheNameOfItsRule) {
  for (const std::string& name : function_names()) {
    EXPECT_TRUE(find_rule(name) != nullptr || name == "transpose") << name;
    EXPECT_THAT(std::string(find_function(name)->usage), StartsWith(name + "("));
  }
}

TEST(Expression, PointsAtWhatIsNotUnderstood) {
  expect_fault("", "an expression is expected, not the end", 1);
  expect_fault("1 +", "an expression is expected, not the end", 4);
  expect_fault("(1 + 2", "an operator or \")\" is expected, not the end", 7);
  expect_fault("1 + * 2", "an expression is expected, not \"*\"", 5);
  expect_fault("f = ; f", "an expression is expected, not \";\"", 5);
  expect_fault("x y", "an operator, \";\" or the end is expected, not \"y\"", 3);
  expect_fault("x)", "an operator, \";\" or the end is expected, not \")\"", 2);
  expect_fault("exp(x y)", "an operator, \",\" or \")\" is expected, not \"y\"", 7);
  expect_fault("a = x;; y", "an expression is expected, not \";\"", 7);
  expect_fault("2*x = 3", "only a single name can be given a value; a comparison is written ==", 5);
  expect_fault("a < b < c",
               "comparisons do not follow each other: set parentheses, or multiply two of them", 7);
  expect_fault("x + 1; y",
               "only the last statement is a value: name this one, as in a = ..., to use it", 1);
  expect_fault("x & y", "the character \"&\" has no meaning here", 3);
  expect_fault("x ** 2", "write ^ for **", 3);
  expect_fault("[1, 2", "\",\" or \"]\" is expected, not the end", 6);
  expect_fault("[1, x]", "a number is expected, not \"x\"", 5);
  expect_fault("[]", "a number is expected, not \"]\"", 2);
  expect_fault("[[1, 2], [3]]",
               "all rows must be alike: this is a list of 1, the first one is a list of 2", 10);
  expect_fault("[1, [3]]", "all rows must be alike: this is a list of 1, the first one is a number",
               5);
  expect_fault("[[[[[[[[[1]]]]]]]]]", "lists are at most 8 deep", 9);
}

TEST(Expression, ReadsNoNumberByHalf) {
  expect_fault("2x + 1", "\"2x\" is not a number; a product is written 2*x", 1);
  expect_fault("1 + 0x10", "\"0x10\" is not a number; a product is written 0*x10", 5);
  expect_fault("1.2.3", "\"1.2.3\" is not a number", 1);
  expect_fault("1e400", "\"1e400\" is beyond the range of a double", 1);
  expect_fault("1e-400", "\"1e-400\" is beyond the range of a double", 1);
  expect_fault("2e-x", "\"2e\" is not a number; a product is written 2*e", 1);
}

TEST(Expression, CountsCharactersNotBytes) {
  expect_fault("θ·x", "write * for ·", 2);
  expect_fault("α + é − 1", "write - for −", 7);
  expect_fault("日", "the character \"日\" has no meaning here", 1);
}

TEST(Expression, ShowsOnlyTheLineAndTheNeighbourhoodOfAFault) {
  EXPECT_EQ(fault_of("a = 1;\n\tb = a a;\nb"),
            "an operator, \";\" or the end is expected, not \"a\"\n   b = a a;\n         ^");
  const std::string sum = "x" + [] {
    std::string more;
    for (int k = 0; k < 100; ++k) more += "+x";
    return more;
  }();
  const std::string before = (sum + " ").substr(sum.size() + 1 - 50);
  EXPECT_EQ(fault_of(sum + " ! " + sum), "the character \"!\" has no meaning here\n  …" + before +
                                             "! " + sum.substr(0, 24) + "…\n  " +
                                             std::string(51, ' ') + "^");
  EXPECT_EQ(fault_of("\x1b[31m\xFF"),
            "the character \"\\x1b\" has no meaning here\n  \uFFFD[31m\uFFFD\n  ^");
}

TEST(Expression, GuessesWhichFunctionWasMeant) {
  expect_fault("a = sigmod(z)", "there is no function \"sigmod\"; did you mean \"sigmoid\"?", 5);
  expect_fault("ln(x)", "there is no function \"ln\"; did you mean \"log\"?", 1);
  expect_fault("pow(x, 2)", "there is no function \"pow\"; did you mean \"power\"?", 1);
  expect_fault("hardtanh(x)", "there is no function \"hardtanh\"; did you mean \"hard_tanh\"?", 1);
  expect_fault("qqqqqq(x)", "there is no function \"qqqqqq\"", 1);
  expect_fault("w + w(x)", "\"w\" is not a function; a product is written w * (...)", 5);
  expect_fault("exp + 1", "\"exp\" is a function: exp(x)", 1);
}

TEST(Expression, SaysHowAFunctionIsCalled) {
  expect_fault("1 + sigmoid(x, y)", "sigmoid takes 1 argument, not 2: sigmoid(x)", 5);
  expect_fault("sigmoid()", "sigmoid takes 1 argument, not 0: sigmoid(x)", 1);
  expect_fault("leaky_relu(x, 1, 2)",
               "leaky_relu takes 1 or 2 arguments, not 3: leaky_relu(x[, slope])", 1);
  expect_fault("where(x)", "where takes 3 arguments, not 1: where(condition, x, y)", 1);
  expect_fault("gather_rows(x)",
               "gather_rows takes at least 2 arguments, not 1: "
               "gather_rows(x, row…)",
               1);
  expect_fault("concatenate(x)",
               "concatenate takes at least 2 arguments, not 1: "
               "concatenate(x, y…, axis)",
               1);
}

TEST(Expression, WantsWholeNumbersForAxes) {
  expect_fault("softmax(x, 0.5)", "a whole number is expected here: softmax(x[, axis])", 12);
  expect_fault("reshape(x, n)", "a whole number is expected here: reshape(x, extent…)", 12);
  expect_fault("maxout(x, 1 + 1)", "a whole number is expected here: maxout(x, pieces)", 11);
  expect_fault("max(x, y)",
               "a whole number is expected here: max(x, axis). The larger of two tensors is "
               "maximum(x, y).",
               8);
  expect_fault("concatenate(x, y)", "a whole number is expected here: concatenate(x, y…, axis)",
               16);
}

TEST(Expression, GivesANameOnce) {
  expect_fault("z = 1; z = 2; z", "\"z\" has a value already: names are given once", 8);
  expect_fault("a = z; z = 2; a", "\"z\" was used before it has a value: it would be two things",
               8);
  expect_fault("z = z + 1", "\"z\" was used before it has a value: it would be two things", 1);
  expect_fault("sum = 2; sum", "\"sum\" is the name of a function: take another one", 1);
}

TEST(Expression, PointsAtAVariableWithoutAValue) {
  EXPECT_EQ(fault_of("w1*x + w2*x", "w1=1,x=2"),
            "\"w2\" has no value; did you mean \"w1\"?\n  w1*x + w2*x\n         ^");
  EXPECT_EQ(fault_of("lr * 2"), "\"lr\" has no value\n  lr * 2\n  ^");
}

TEST(Expression, PointsAtTheOperatorThatShapesDoNotFit) {
  const std::string at = "X=[[1,2],[3,4]],w=[1,2,3]";
  EXPECT_EQ(fault_of("1 + X @ w", at),
            "matmul(X: 2×2, w: [3]): inner dimensions 2 and 3 differ (expression:7). Is there a "
            "bias column too many or too few?\n  1 + X @ w\n        ^");
  EXPECT_THROW(Recorded("X @ w", at), ShapeError);
  EXPECT_THROW(Recorded("X + w", at), ShapeError);
  EXPECT_THAT(fault_of("θ = 2; θ*sum(X, 2)", at),
              ::testing::EndsWith("\n  θ = 2; θ*sum(X, 2)\n           ^"));
  EXPECT_THROW(Recorded("sum(X, 2)", at), ShapeError);
  EXPECT_THROW(Recorded("reshape(X, 0)", at), ShapeError);
  EXPECT_THROW(Recorded("slice(2, 0, 0, 1)"), ShapeError);
  EXPECT_THROW(Recorded("place(w, 4, 0)", at), ArgumentError);
}

TEST(Expression, BlamesTheCharacterOfAValueThatIsNotFinite) {
  Tape tape;
  tape.detect_anomalies(true);
  const Expression expression = Expression::parse("1 + log(x)");
  try {
    expression.record(tape, {{"x", tape.variable(-1.0)}});
    ADD_FAILURE() << "log(-1) has a value";
  } catch (const NonFiniteError& error) {
    EXPECT_THAT(error.what(), HasSubstr("expression:5"));
    EXPECT_THAT(error.what(), ::testing::EndsWith("\n  1 + log(x)\n      ^"));
  }
}

TEST(Expression, TakesALongChainAndRefusesADeepNest) {
  constexpr int length = 100000;
  std::string chain = "x";
  for (int k = 0; k < length; ++k) chain += " + x";
  EXPECT_EQ(value_of(chain, "x=1"), length + 1);
  EXPECT_EQ(value_of(std::string(length, '-') + "x", "x=1"), 1);
  const std::string deep = std::string(length, '(') + "x" + std::string(length, ')');
  EXPECT_THAT(fault_of(deep), StartsWith("nested more than 500 deep"));
  std::string powers = "x";
  for (int k = 0; k < length; ++k) powers += "^x";
  EXPECT_THAT(fault_of(powers), StartsWith("nested more than 500 deep"));
  EXPECT_EQ(value_of(std::string(400, '(') + "x" + std::string(400, ')'), "x=1"), 1);
}

TEST(Assignments, AreScalarsVectorsAndMatrices) {
  const auto all = parse_assignments("X=[[1,2],[3,4]], v=[0.1, -0.4],b=+2");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "X");
  EXPECT_EQ(all[0].values.shape(), (Shape{2, 2}));
  EXPECT_THAT(all[0].values.elements(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(all[1].values.shape(), (Shape{2}));
  EXPECT_THAT(all[1].values.elements(), ElementsAre(0.1, -0.4));
  EXPECT_EQ(all[2].name, "b");
  EXPECT_EQ(all[2].values.shape(), Shape{});
}

TEST(Assignments, SayWhatIsWrongWithThem) {
  const auto fault = [](const std::string& text) {
    try {
      parse_assignments(text);
    } catch (const ExpressionError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(fault(""), "a name is expected, not the end\n  \n  ^");
  EXPECT_EQ(fault("w=1,"), "a name is expected, not the end\n  w=1,\n      ^");
  EXPECT_EQ(fault("w"), "\"=\" is expected, not the end\n  w\n   ^");
  EXPECT_EQ(fault("w==1"), "\"=\" is expected, not \"==\"\n  w==1\n   ^");
  EXPECT_EQ(fault("w=nan"), "a number is expected, not \"nan\"\n  w=nan\n    ^");
  EXPECT_EQ(fault("w=-inf"), "a number is expected, not \"inf\"\n  w=-inf\n     ^");
  EXPECT_EQ(fault("w=1e999"), "\"1e999\" is beyond the range of a double\n  w=1e999\n    ^");
  EXPECT_EQ(fault("w=1 2"), "\",\" or the end is expected, not \"2\"\n  w=1 2\n      ^");
  EXPECT_EQ(fault("w=1,v=2,w=3"), "\"w\" has a value already\n  w=1,v=2,w=3\n          ^");
  EXPECT_EQ(fault("X=[[1,2],[3]]"),
            "all rows must be alike: this is a list of 1, the first one is a list of 2\n"
            "  X=[[1,2],[3]]\n           ^");
}

}  // namespace
}  // namespace autograd
