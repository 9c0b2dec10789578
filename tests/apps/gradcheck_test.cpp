// tapewise gradcheck, run as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "autograd/rules/catalogue.h"
#include "tests/apps/program.h"

namespace apps::testing {
namespace {

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
              HasSubstr("\n1 operations verified, 0 failed, 0 without a gradient (seed 7)"));
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

}  // namespace
}  // namespace apps::testing
