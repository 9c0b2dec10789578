// The manual page: groff finds nothing to warn of, and every flag of every command is in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;

// The page as it is read, without the marks of bold and italic; "" where there is no groff.
std::string rendered(const Folder& folder) {
  const Outcome outcome =
      folder.shell("tapewise manual | groff -man -Tutf8 -P-c -P-b -P-u -rLL=200n -rHY=0");
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

bool has_groff(const Folder& folder) { return folder.shell("command -v groff").exit_code == 0; }

// The part of the text from the one line to the other.
std::string section(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find("\n" + from + "\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find("\n" + to + "\n", begin) - begin);
}

TEST(Manual, HasNothingThatGroffWarnsOf) {
  const Folder folder;
  if (!has_groff(folder)) GTEST_SKIP() << "groff is not installed";
  const Outcome outcome = folder.shell("tapewise manual | groff -man -Tutf8 -ww -z");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST(Manual, IsPlainAsciiWithItsSectionsInTheirOrder) {
  const Folder folder;
  const Outcome outcome = folder.run({"manual"});
  expect_quiet_success(outcome);
  for (const char c : outcome.out) ASSERT_GE(c, 0);
  std::size_t at = 0;
  for (const std::string name :
       {"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES"}) {
    const std::size_t next = outcome.out.find("\n.SH " + name + "\n");
    ASSERT_NE(next, std::string::npos) << name;
    EXPECT_GT(next, at) << name;
    at = next;
  }
}

TEST(Manual, HasWhatTheHelpOfEveryCommandSays) {
  const Folder folder;
  if (!has_groff(folder)) GTEST_SKIP() << "groff is not installed";
  const std::string page = squeezed(rendered(folder));
  const std::string program = folder.run({"--help"}).out;
  int commands = 0;
  for (const std::string& line : lines_of(program.substr(program.find("\nCommands\n") + 10))) {
    if (line.empty()) break;
    if (line.starts_with("   ")) continue;
    const std::string command = line.substr(2, line.find(' ', 2) - 2);
    ++commands;
    SCOPED_TRACE(command);
    const std::string help = folder.run({command, "--help"}).out;
    const std::size_t usage = help.find("\nUsage: ") + 8;
    const std::string usage_line = help.substr(usage, help.find('\n', usage) - usage);
    EXPECT_THAT(page, HasSubstr("\n" + usage_line + "\n"));
    for (const std::string& entry : lines_of(help.substr(usage))) {
      if (!entry.starts_with("  -")) continue;
      // The flag as it stands in the help, up to its description.
      const std::string name = entry.substr(2, entry.find("  ", 2) - 2);
      EXPECT_THAT(page, HasSubstr("\n" + name)) << name;
    }
    for (const std::string& example : lines_of(help.substr(9, help.find("\n\n") - 9))) {
      EXPECT_THAT(page, HasSubstr(squeezed(example.substr(2)))) << example;
    }
  }
  EXPECT_GE(commands, 9);
}

TEST(Manual, HasTheExitCodesOfTheReadme) {
  const Folder folder;
  const std::string page = folder.run({"manual"}).out;
  const std::string readme = get(data_file("../../apps/README.md"));
  const std::string table = readme.substr(readme.find("| exit code |"),
                                          readme.find("\n## ") - readme.find("| exit code |"));
  const std::string status = section(page, ".SH EXIT STATUS", ".SH ENVIRONMENT");
  std::size_t codes = 0;
  for (const std::string& line : lines_of(table)) {
    const std::string code = line.substr(0, line.find(" |", 2));
    if (code.find_first_not_of("| 0123456789") != std::string::npos || code.size() < 3) continue;
    EXPECT_THAT(status, HasSubstr("\n.TP\n\\fB" + code.substr(2) + "\\fR\n")) << line;
    ++codes;
  }
  EXPECT_GE(codes, 8U);
}

TEST(Manual, WritesWhatGroffWouldTakeForSomethingElseByName) {
  const Folder folder;
  if (!has_groff(folder)) GTEST_SKIP() << "groff is not installed";
  const std::string page = rendered(folder);
  EXPECT_THAT(page, HasSubstr("sum((X @ w - 1)^2)"));
  EXPECT_THAT(page, HasSubstr("Firth's correction"));
  EXPECT_THAT(page, HasSubstr("w1,w2,…"));
}

}  // namespace
}  // namespace apps::testing
