// tapewise gradcheck, run as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "autograd/rules/catalogue.h"
#include "tests/apps/program.h"
#include "tests/sanitized.h"

namespace apps::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Gradcheck, PassesAndListsEveryRuleOfTheCatalogueOnce) {
  const Folder folder;
  const Outcome outcome = folder.run({"gradcheck"});
  expect_quiet_success(outcome);
  const std::vector<std::string> lines = lines_of(outcome.out);
  const auto rules = autograd::catalogue();
  ASSERT_GT(lines.size(), rules.size());
  EXPECT_THAT(lines[0], StartsWith("operation "));
  int with_gradient = 0;
  for (std::size_t k = 0; k < rules.size(); ++k) {
    const autograd::Rule& rule = *rules[k];
    EXPECT_THAT(lines[k + 1], StartsWith(std::string(rule.info.name) + " "));
    const bool differentiable = rule.differentiable[0] || rule.differentiable[1];
    EXPECT_THAT(lines[k + 1], ::testing::EndsWith(differentiable ? "  pass" : "  -"));
    with_gradient += differentiable ? 1 : 0;
  }
  EXPECT_GT(with_gradient, 40);
  const std::string verified =
      std::to_string(with_gradient).append(" operations verified, 0 failed, ");
  EXPECT_THAT(lines, ::testing::Contains(StartsWith(verified)));
}

TEST(Gradcheck, ChecksOneOperationBySeed) {
  const Folder folder;
  const Outcome one = folder.run({"gradcheck", "--op", "matmul", "--seed", "7"});
  expect_quiet_success(one);
  EXPECT_THAT(one.out, HasSubstr("\nmatmul "));
  EXPECT_THAT(one.out,
              HasSubstr("\n1 operation verified, 0 failed, 0 without a gradient (seed 7)"));
  EXPECT_EQ(folder.run({"gradcheck", "--op", "matmul", "--seed", "7"}).out, one.out);
}

TEST(Gradcheck, DoesNotCountAnOperationWithoutAGradientAsVerified) {
  const Folder folder;
  const Outcome outcome = folder.run({"gradcheck", "--op", "less"});
  expect_quiet_success(outcome);
  EXPECT_THAT(outcome.out, HasSubstr("\n0 operations verified, 0 failed, 1 without a gradient"));
}

TEST(Gradcheck, SaysWhichOperationWasMeant) {
  const Folder folder;
  expect_wrong_use(folder.run({"gradcheck", "--op", "sigmod"}),
                   "--op: there is no operation \"sigmod\"; did you mean \"sigmoid\"?");
  expect_wrong_use(folder.run({"gradcheck", "--op", "qqqqqqqqqq"}),
                   "--op: there is no operation \"qqqqqqqqqq\"");
}

TEST(Gradcheck, SaysWhatIsWrongWithASeed) {
  const Folder folder;
  for (const std::string wrong : {"x", "-1"}) {
    expect_wrong_use(folder.run({"gradcheck", "--seed", wrong}),
                     "--seed: a whole number, 0 or more, is expected, not \"" + wrong + "\"");
  }
}

TEST(Gradcheck, FailsWhereItsOutputCannotBeWritten) {
  const Folder folder;
  expect_refused(folder.run({"gradcheck", "--op", "add"}, "/dev/full"), 4,
                 "standard output cannot be written: No space left on device");
}

TEST(Gradcheck, DoesNotTakeAnEmptyNameForAllOperations) {
  const Folder folder;
  expect_wrong_use(folder.run({"gradcheck", "--op", ""}), "--op: a value is expected, not \"\"");
}

TEST(Gradcheck, WritesTheCatalogueForPrograms) {
  const Folder folder;
  const Outcome outcome = folder.run({"gradcheck", "--op", "relu", "--json", "--seed", "3"});
  expect_quiet_success(outcome);
  const json report = json::parse(outcome.out);
  EXPECT_EQ(report.at("verdict"), "PASS");
  EXPECT_EQ(report.at("seed"), 3);
  ASSERT_EQ(report.at("operations").size(), 1U);
  EXPECT_EQ(report.at("operations")[0].at("name"), "relu");
  EXPECT_EQ(report.at("operations")[0].at("verdict"), "PASS");
  EXPECT_GT(report.at("operations")[0].at("kinks"), 0);
  const json none = json::parse(folder.run({"gradcheck", "--op", "less", "--json"}).out);
  EXPECT_EQ(none.at("operations")[0].at("verdict"), "NO GRADIENT");
}

TEST(Gradcheck, ChecksTheChecker) {
  SKIP_IF_SANITIZED("KillMatrix.HasEveryRuleInEveryReadingAndEveryMutantIsCaughtByName");
  const Folder folder;
  const Outcome outcome = folder.run({"gradcheck", "--self-test"});
  expect_quiet_success(outcome);
  EXPECT_THAT(outcome.out, HasSubstr(" mutants, "));
  EXPECT_THAT(outcome.out, HasSubstr("(100 %)"));
  const json report = json::parse(folder.run({"gradcheck", "--self-test", "--json"}).out);
  EXPECT_EQ(report.at("verdict"), "PASS");
  EXPECT_GT(report.at("mutants"), 1000);
  EXPECT_EQ(report.at("mutants"), report.at("caught"));
  EXPECT_TRUE(report.at("survived").empty());
}

TEST(Gradcheck, ChecksOneThingAtATime) {
  const Folder folder;
  expect_wrong_use(folder.run({"gradcheck", "x", "--at", "x=1", "--op", "exp"}),
                   "EXPRESSION and --op: only one of them can be given");
  expect_wrong_use(folder.run({"gradcheck", "--self-test", "--op", "exp"}),
                   "--op and --self-test: only one of them can be given");
  expect_wrong_use(folder.run({"gradcheck", "--at", "x=1"}), "--at: only together with EXPRESSION");
  expect_wrong_use(folder.run({"gradcheck", "--wrt", "x"}), "--wrt: only together with EXPRESSION");
  for (const std::string flag : {"--order", "--rtol", "--rtol-complex-step"}) {
    expect_wrong_use(folder.run({"gradcheck", flag, "1"}),
                     flag + ": only for an expression or a model");
  }
  expect_wrong_use(folder.run({"gradcheck", "-v"}), "--verbose: only for an expression or a model");
}

}  // namespace
}  // namespace apps::testing
