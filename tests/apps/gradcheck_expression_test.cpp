// tapewise gradcheck "EXPRESSION", run as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::string textbook = "log(1 + exp(-y*(w1*x1 + w2*x2 + b)))";
const std::string textbook_point = "w1=0.5,w2=-0.25,b=0.1,x1=1,x2=2,y=1";

Outcome check(const std::string& expression, const std::string& at,
              const std::vector<std::string>& more = {}) {
  const Folder folder;
  std::vector<std::string> words{"gradcheck", expression, "--at", at};
  words.insert(words.end(), more.begin(), more.end());
  return folder.run(words);
}

// The report of a check that ended with this exit code.
json report_of(const std::string& expression, const std::string& at,
               std::vector<std::string> more = {}, int exit_code = 0) {
  more.emplace_back("--json");
  const Outcome outcome = check(expression, at, more);
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  return json::parse(outcome.out);
}

TEST(GradcheckExpression, VerifiesTheTextbookLossByTheBit) {
  const json report = report_of(textbook, textbook_point, {"-v"});
  EXPECT_EQ(report.at("verdict"), "PASS");
  EXPECT_NEAR(report.at("value").get<double>(), 0.644397, 1e-6);
  EXPECT_NEAR(report.at("taylor_rate").get<double>(), 2.0, 0.01);
  EXPECT_EQ(report.at("failure"), "");
  ASSERT_EQ(report.at("inputs").size(), 6U);
  const json& w2 = report.at("inputs")[1];
  EXPECT_EQ(w2.at("name"), "w2");
  EXPECT_EQ(w2.at("shape"), json::array());
  ASSERT_EQ(w2.at("entries").size(), 1U);
  const json& entry = w2.at("entries")[0];
  EXPECT_EQ(entry.at("verdict"), "PASS");
  EXPECT_EQ(entry.at("witness"), "complex step");
  EXPECT_NEAR(entry.at("analytic").get<double>(), -0.950042, 1e-6);
  EXPECT_NEAR(entry.at("analytic").get<double>(), entry.at("numeric").get<double>(), 2.3e-16);
  EXPECT_NEAR(entry.at("analytic").get<double>(), entry.at("differences").get<double>(), 1e-12);
  EXPECT_TRUE(entry.at("left").is_null()) << "there is no kink";
}

TEST(GradcheckExpression, ShowsATableToPeople) {
  const Outcome outcome = check(textbook, textbook_point);
  expect_quiet_success(outcome);
  for (const char* shown : {"w1", "w2", "x1", "PASS", "Taylor rate 2"}) {
    EXPECT_THAT(outcome.out, HasSubstr(shown));
  }
}

TEST(GradcheckExpression, KeepsToItselfWhatWasNotAskedFor) {
  const json report = report_of(textbook, textbook_point, {"--wrt", "b, w1", "--seed", "7"});
  EXPECT_EQ(report.at("seed"), 7);
  ASSERT_EQ(report.at("inputs").size(), 2U);
  EXPECT_EQ(report.at("inputs")[0].at("name"), "b");
  EXPECT_EQ(report.at("inputs")[1].at("name"), "w1");
  EXPECT_FALSE(report.at("inputs")[0].contains("entries"));
  EXPECT_FALSE(report.contains("second_order"));
}

TEST(GradcheckExpression, TakesMatricesAndIntermediateResults) {
  const json report = report_of("z = X @ v; a = sigmoid(z); -log(a)",
                                "X=[[1,2],[3,4]],v=[0.1,-0.4]", {"--order", "2"});
  EXPECT_EQ(report.at("verdict"), "PASS");
  EXPECT_EQ(report.at("inputs")[0].at("shape"), json({2, 2}));
  EXPECT_EQ(report.at("inputs")[0].at("entries_checked"), 4);
  EXPECT_EQ(report.at("inputs")[1].at("shape"), json({2}));
  EXPECT_EQ(report.at("second_order").size(), 2U);
}

TEST(GradcheckExpression, TakesAnExpressionThatBeginsWithAMinus) {
  EXPECT_EQ(report_of("-log(sigmoid(x))", "x=2").at("verdict"), "PASS");
  EXPECT_EQ(report_of("-x", "x=2").at("value"), -2);
  EXPECT_EQ(report_of("-v*2", "v=2").at("value"), -4);
}

TEST(GradcheckExpression, CountsAKinkAsVerified) {
  EXPECT_EQ(report_of("relu(x)", "x=0").at("verdict"), "KINK");
  EXPECT_EQ(report_of("hard_tanh(x)", "x=[-1,1]").at("verdict"), "KINK");
}

TEST(GradcheckExpression, FailsWhereNothingDependsOnTheVariable) {
  const json report = report_of("x < 2", "x=1", {}, 1);
  EXPECT_EQ(report.at("verdict"), "VACUOUS");
  const auto failure = report.at("failure").get<std::string>();
  EXPECT_NE(failure, "");
  const Outcome outcome = check("x < 2", "x=1");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, ::testing::EndsWith("\n" + failure + "\n"));
}

TEST(GradcheckExpression, TakesATolerance) {
  EXPECT_EQ(report_of("exp(x)", "x=1", {"--rtol", "1e-3", "--rtol-complex-step", "0"})
                .at("inputs")
                .size(),
            1U);
  const Folder folder;
  expect_wrong_use(check("exp(x)", "x=1", {"--rtol", "-1"}), "--rtol: must be 0 or more");
  expect_wrong_use(check("exp(x)", "x=1", {"--rtol-complex-step", "x"}),
                   "--rtol-complex-step: \"x\" is not a number");
  expect_wrong_use(check("exp(x)", "x=1", {"--order", "3"}),
                   "--order: one of 1, 2 is expected, not \"3\"");
}

TEST(GradcheckExpression, PointsAtWhatItDoesNotUnderstand) {
  expect_wrong_use(check("a = sigmod(x)", "x=1"),
                   "there is no function \"sigmod\"; did you mean \"sigmoid\"?\n"
                   "  a = sigmod(x)\n"
                   "      ^");
  expect_wrong_use(check("w1*x + w2", "w1=1,x=2"),
                   "\"w2\" has no value; did you mean \"w1\"?\n"
                   "  w1*x + w2\n"
                   "         ^");
  expect_wrong_use(check("x", "x=1,"),
                   "--at: a name is expected, not the end\n"
                   "  x=1,\n"
                   "      ^");
  expect_wrong_use(check("x", "x=nan"),
                   "--at: a number is expected, not \"nan\"\n"
                   "  x=nan\n"
                   "    ^");
}

TEST(GradcheckExpression, PointsAtShapesThatDoNotFit) {
  expect_wrong_use(check("sum(X @ w)", "X=[[1,2],[3,4]],w=[1,2,3]"),
                   "matmul(X: 2×2, w: [3]): inner dimensions 2 and 3 differ (expression:7). Is "
                   "there a bias column too many or too few?\n"
                   "  sum(X @ w)\n"
                   "        ^");
}

TEST(GradcheckExpression, WantsAValueForEachVariableAndNothingElse) {
  const Folder folder;
  expect_wrong_use(folder.run({"gradcheck", "w*x"}),
                   "--at is required: the values of the variables, as in --at w=0.5");
  expect_wrong_use(check("w*x", "w=1,x=2,ww=3"),
                   "--at: the expression has no variable \"ww\"; did you mean \"w\"?");
  expect_wrong_use(check("2*3", "x=2"),
                   "the expression has no variables, and so no gradient to check");
  expect_wrong_use(check("", "x=2"), "EXPRESSION: a value is expected, not \"\"");
  expect_wrong_use(check("w1*x", "w1=1,x=2", {"--wrt", "w2"}),
                   "--wrt: there is no variable \"w2\"; did you mean \"w1\"?");
  expect_wrong_use(check("w1*x", "w1=1,x=2", {"--wrt", "x,"}), "--wrt: there is no variable \"\"");
  expect_wrong_use(check("w1*x", "w1=1,x=2", {"--wrt", "x,x"}), "--wrt: \"x\" is named twice");
}

TEST(GradcheckExpression, BlamesTheOperationOfAValueThatIsNotFinite) {
  const Outcome outcome = check("1 + log(x - 2)", "x=1");
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("log("));
  EXPECT_THAT(outcome.err, HasSubstr("expression:5"));
  EXPECT_THAT(outcome.err, ::testing::Not(HasSubstr("bug")));
}

}  // namespace
}  // namespace apps::testing
