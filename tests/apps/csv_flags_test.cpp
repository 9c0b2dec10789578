// The flags that say how a CSV is written, through the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class CsvFlags : public ::testing::Test {
 protected:
  // train on d.csv with target y, or with the last of the arguments as they are.
  Outcome train(std::vector<std::string> flags, const std::string& target = "y") const {
    std::vector<std::string> words{"train", "d.csv", "--target", target};
    words.insert(words.end(), flags.begin(), flags.end());
    return folder_.run(words);
  }
  Folder folder_;
};

TEST_F(CsvFlags, AreNamedWhereTheyAreNeededAndThenSettleIt) {
  folder_.put("d.csv", "0,1\n0.5,0\n1.5,1\n1.25,0\n");
  const Outcome asked = train({}, "1");
  EXPECT_EQ(asked.exit_code, 4);
  EXPECT_THAT(asked.err, HasSubstr("--header yes or --header no settles it."));
  const Outcome settled = train({"--header", "yes"}, "1");
  EXPECT_EQ(settled.exit_code, 0) << settled.err;
  EXPECT_THAT(settled.out, HasSubstr("separated by commas, with a header (given), UTF-8\n"));
}

TEST_F(CsvFlags, ReachTheReader) {
  folder_.put("d.csv", "#x\nh;y\n1,250;'a;b'\n2,500;c\n1,500;'a;b'\n");
  const Outcome outcome = train({"--delimiter", "semicolon", "--decimal", "comma", "--quote", "'",
                                 "--comment", "#", "--encoding", "utf-8"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("c (positive): 1 row; a;b: 2 rows"));
  EXPECT_THAT(outcome.out, HasSubstr("separated by semicolons (given), decimal comma (given), "
                                     "quotes ' (given), comments after # (given), with a header, "
                                     "UTF-8 (given)\n"));
}

TEST_F(CsvFlags, NameMissingValuesTextAndRowsToBeLeftOut) {
  folder_.put("d.csv", "h,y\n1,1\n2,0\n3,1\n1,2,3\n4,0\n");
  const Outcome outcome =
      train({"--skip-bad-rows", "--categorical", "y", "--missing-tokens", "-9"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("4 rows"));
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(
      outcome.out,
      HasSubstr("           1 faulty row left out (--skip-bad-rows):\n"
                "             d.csv:5:3: expected 2 fields, found 3: no column for \"3\"\n"));
  folder_.put("d.csv", "h,y\n1,1\n2,0\n-9,0\n");
  EXPECT_THAT(train({"--missing-tokens", "-9"}).err,
              HasSubstr("d.csv:4:1: column h: missing value"));
  EXPECT_THAT(train({"--categorical", "k,h"}).err, HasSubstr("no column is named \"k\""));
}

TEST_F(CsvFlags, AreWordsInUpperOrLowerCase) {
  folder_.put("d.csv", "h;y\n1;a\n2;b\n3;a\n");
  EXPECT_EQ(
      train({"--delimiter", "Semicolon", "--header", "YES", "--encoding", "Latin1"}).exit_code, 0);
}

TEST_F(CsvFlags, AreRefusedWhereTheyStandForNothing) {
  folder_.put("d.csv", "h,y\n1,a\n2,b\n");
  const auto refusal = [&](std::vector<std::string> flags) {
    const Outcome outcome = train(std::move(flags));
    EXPECT_EQ(outcome.exit_code, 2);
    return outcome.err;
  };
  EXPECT_THAT(refusal({"--delimiter", "dot"}),
              StartsWith("error: --delimiter: one of bar, blank, comma, none, semicolon, tab is "
                         "expected, not \"dot\"\n"));
  EXPECT_THAT(refusal({"--header", "maybe"}),
              StartsWith("error: --header: one of no, yes is expected, not \"maybe\"\n"));
  EXPECT_THAT(refusal({"--quote", "x"}),
              StartsWith("error: --quote: one character such as \" or #, or none, is expected, not "
                         "\"x\"\n"));
  EXPECT_THAT(refusal({"--delimiter", ",", "--decimal", ","}),
              StartsWith("error: --delimiter and --decimal: the comma cannot be both\n"));
  EXPECT_THAT(refusal({"--comment", "\""}),
              StartsWith("error: --quote and --comment: one character cannot be both\n"));
  EXPECT_THAT(refusal({"--encoding", ""}), HasSubstr("a value is expected, not \"\""));
}

}  // namespace
}  // namespace apps::testing
