// The program as a whole: help, version, and words it does not know.
#include "tests/apps/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace apps::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(Program, SaysItsVersion) {
  const Folder folder;
  const Outcome outcome = folder.run({"--version"});
  expect_quiet_success(outcome);
  EXPECT_THAT(outcome.out, MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Program, ShowsExamplesAndAllCommandsInItsHelp) {
  const Folder folder;
  const Outcome outcome = folder.run({"--help"});
  expect_quiet_success(outcome);
  EXPECT_EQ(outcome.out, folder.run({"-h"}).out);
  const std::size_t example = outcome.out.find("\n  tapewise train data.csv --target ");
  EXPECT_LT(example, outcome.out.find("Usage: ")) << "examples come first";
  for (const char* command : {"describe", "train", "predict", "gradcheck", "explain"}) {
    EXPECT_THAT(outcome.out, HasSubstr(std::string("\n  ") + command + " "));
  }
}

TEST(Program, HasHelpWithAnExampleForEachCommand) {
  const Folder folder;
  for (const std::string command : {"describe", "train", "predict", "gradcheck", "explain"}) {
    const Outcome outcome = folder.run({command, "--help"});
    expect_quiet_success(outcome);
    EXPECT_THAT(outcome.out, HasSubstr("Usage: tapewise " + command));
    EXPECT_THAT(outcome.out, HasSubstr("\nExample: tapewise " + command));
  }
}

TEST(Program, AsksForACommandWhereThereIsNone) {
  const Folder folder;
  expect_wrong_use(folder.run({}), "A subcommand is required");
}

TEST(Program, SaysWhichCommandWasMeant) {
  const Folder folder;
  expect_wrong_use(folder.run({"trian"}), "there is no command \"trian\"; did you mean \"train\"?");
  expect_wrong_use(folder.run({"qqqqqqqqqq", "x.csv"}), "there is no command \"qqqqqqqqqq\"");
  expect_wrong_use(folder.run({""}), "there is no command \"\"");
}

TEST(Program, RefusesAFlagItDoesNotHave) {
  const Folder folder;
  const Outcome outcome = folder.run({"--frobnicate"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, StartsWith("error: "));
  EXPECT_EQ(outcome.out, "");
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
