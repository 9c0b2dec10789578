// A CSV from a pipe, or from whatever standard input is.
#include <gtest/gtest.h>

#include "tests/apps/program.h"

namespace apps {
namespace {

using testing::data_file;
using testing::expect_refused;
using testing::Folder;
using testing::Outcome;

class StandardInput : public ::testing::Test {
 protected:
  StandardInput() { folder_.put("d.csv", testing::get(data_file("hours.csv"))); }

  // The same but for the name, from the file and from a pipe.
  void expect_the_same(const std::string& before, const std::string& after) const {
    const Outcome file = folder_.shell("tapewise " + before + " d.csv " + after);
    const Outcome pipe = folder_.shell("cat d.csv | tapewise " + before + " - " + after);
    EXPECT_EQ(pipe.exit_code, 0) << pipe.err;
    EXPECT_EQ(pipe.exit_code, file.exit_code);
    EXPECT_EQ(pipe.err, file.err);
    EXPECT_EQ(pipe.out, renamed(file.out));
  }

  static std::string renamed(std::string text) {
    const std::size_t at = text.find("d.csv");
    return at == std::string::npos ? text : text.replace(at, 5, "<stdin>");
  }

  Folder folder_;
};

TEST_F(StandardInput, IsReadWhereverACsvIs) {
  expect_the_same("describe", "--target pass");
  expect_the_same("describe --json", "");
  expect_the_same("train", "--target pass -o m.json");
  ASSERT_TRUE(folder_.has("m.json"));
  expect_the_same("predict m.json", "");
  expect_the_same("gradcheck --model m.json", "");
}

TEST_F(StandardInput, MayBeAFileThatSomebodyHasReadFromBefore) {
  folder_.put("two.csv", "a title\nx,y\n1,a\n2,b\n");
  const Outcome outcome = folder_.shell("{ read title; tapewise describe -; } < two.csv");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.find("Data       <stdin>: 2 rows, 2 columns"), 0U) << outcome.out;
}

TEST_F(StandardInput, IsNamedInFaults) {
  expect_refused(folder_.shell("printf 'x,y\\n1\\n' | tapewise describe -"), 4,
                 "<stdin>:2:2: expected 2 fields, found 1: nothing for column y\n"
                 "--skip-bad-rows leaves rows with faults out and lists them.");
  expect_refused(folder_.shell("tapewise describe - < /dev/null"), 4, "<stdin>: the file is empty");
  expect_refused(folder_.shell("tapewise describe - <&-"), 4,
                 "<stdin>: cannot be read: Bad file descriptor");
  expect_refused(folder_.shell("tapewise describe - < ."), 4,
                 "<stdin>: cannot be read: Is a directory");
}

TEST_F(StandardInput, IsReadTwiceWhereItHasToBe) {
  std::string text = "x,y\n";
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + ".5,1\n";
  folder_.put("faulty.csv", text + "3.6l,1\n");
  const Outcome outcome = folder_.shell("cat faulty.csv | tapewise describe -");
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.err.find("error: <stdin>:1002:1: column x: \"3.6l\" is not a number\n"), 0U);
  expect_refused(folder_.shell("cat faulty.csv | TMPDIR=/no/such tapewise describe -"), 4,
                 "<stdin>: has to be read twice, and cannot be kept in a temporary file: No such "
                 "file or directory\nSave it as a file and name that.");
  EXPECT_EQ(folder_.shell("cat d.csv | TMPDIR=/no/such tapewise describe -").exit_code, 0);
}

TEST_F(StandardInput, IsNotReplacedByTheOutput) {
  const std::string before = folder_.get("d.csv");
  EXPECT_EQ(folder_.shell("tapewise train - --target pass -o d.csv < d.csv").exit_code, 2);
  EXPECT_EQ(folder_.get("d.csv"), before);
}

TEST_F(StandardInput, IsNotAFileOfThatName) {
  folder_.put("-", "a,b\n1,2\n");
  EXPECT_EQ(folder_.shell("tapewise describe ./-").out.find("Data       ./-: 1 row, 2 columns"),
            0U);
  expect_refused(folder_.run({"describe", "-"}), 4, "<stdin>: the file is empty");
}

}  // namespace
}  // namespace apps
