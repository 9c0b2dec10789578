// The program as a whole: version, and words it does not know.
#include "tests/apps/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace apps::testing {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(Program, SaysItsVersion) {
  const Folder folder;
  const Outcome outcome = folder.run({"--version"});
  expect_quiet_success(outcome);
  EXPECT_THAT(outcome.out, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Program, AsksForACommandWhereThereIsNone) {
  const Folder folder;
  const Outcome outcome = folder.run({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, StartsWith("error: a command is missing: one of describe, train, "));
  EXPECT_EQ(outcome.out, "");
}

TEST(Program, SaysWhichCommandWasMeant) {
  const Folder folder;
  expect_wrong_use(folder.run({"trian"}), "there is no command \"trian\"; did you mean \"train\"?");
  expect_wrong_use(folder.run({"qqqqqqqqqq", "x.csv"}), "there is no command \"qqqqqqqqqq\"");
  expect_wrong_use(folder.run({""}), "there is no command \"\"");
}

TEST(Program, SaysThatFlagsStandBehindTheCommand) {
  const Folder folder;
  expect_wrong_use(folder.run({"--frobnicate"}), "tapewise has no flag --frobnicate");
  expect_wrong_use(folder.run({"--verson"}),
                   "tapewise has no flag --verson; did you mean \"--version\"?");
  expect_wrong_use(folder.run({"--json", "train"}),
                   "tapewise has no flag --json; flags stand behind the command");
}

TEST(Program, FailsWhereItsHelpCannotBeWritten) {
  const Folder folder;
  for (const char* flag : {"--help", "--version"}) {
    expect_refused(folder.run({flag}, "/dev/full"), 4,
                   "standard output cannot be written: No space left on device");
  }
}

// The reader is gone for certain: the loop before the command wrote until it could not.
TEST(Program, EndsWithoutAWordWhereNobodyReadsItsPipeAnyLonger) {
  const Folder folder;
  const std::string hours = data_file("hours.csv");
  ASSERT_EQ(folder.run({"train", hours, "--target", "pass", "-o", "m.json"}).exit_code, 0);
  for (const std::string& command :
       {std::string("--help"), "train '" + hours + "' --target pass", "describe '" + hours + "'",
        "predict m.json '" + hours + "'", "predict m.json '" + hours + "' -o /dev/stdout",
        std::string("gradcheck 'x*x' --at x=1"), std::string("explain")}) {
    const Outcome outcome =
        folder.shell("{ trap '' PIPE; while echo; do :; done 2>/dev/null; tapewise " + command +
                     "; echo $? >&2; } | true");
    EXPECT_EQ(outcome.err, "141\n") << command;
  }
  EXPECT_EQ(folder.size(), 1) << "a temporary file is left";
}

}  // namespace
}  // namespace apps::testing
