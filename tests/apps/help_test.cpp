// --help of the program and of every command: examples that run, usage, and the flags in groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The lines below a heading, up to an empty one, without the blanks they begin with.
std::vector<std::string> lines_below(const std::string& heading, const std::string& help) {
  std::vector<std::string> found;
  bool inside = false;
  for (const std::string& line : lines_of(help)) {
    if (line.empty()) inside = false;
    if (inside && line.starts_with("  ")) found.push_back(line.substr(2));
    if (line == heading) inside = true;
  }
  return found;
}

std::string help_of(const Folder& folder, const std::string& command) {
  const Outcome outcome =
      command.empty() ? folder.run({"--help"}) : folder.run({command, "--help"});
  expect_quiet_success(outcome);
  return outcome.out;
}

// As the program's own help lists them, so that a new one is tested the moment it is added.
std::vector<std::string> command_names(const Folder& folder) {
  std::vector<std::string> names;
  for (const std::string& line : lines_below("Commands", help_of(folder, ""))) {
    if (!line.starts_with(' ')) names.push_back(line.substr(0, line.find(' ')));
  }
  return names;
}

// Runs a line as somebody in the folder of the data would, with `tapewise` on the PATH.
Outcome run_line(const Folder& folder, const std::string& line) {
  const std::string path = std::filesystem::path(TAPEWISE_PROGRAM).parent_path().string();
  return folder.shell("exec bash -c 'PATH=\"" + path + ":$PATH\"\n" +
                      "command -v man >/dev/null || man() { cat; }\n" + line + "'");
}

TEST(Help, OfTheProgramIsTheSameByEitherFlagAndNamesEveryCommand) {
  const Folder folder;
  const std::string help = help_of(folder, "");
  EXPECT_EQ(help, folder.run({"-h"}).out);
  EXPECT_THAT(help, StartsWith("Examples\n  tapewise "));
  EXPECT_THAT(help, HasSubstr("\nUsage: tapewise COMMAND [FLAGS]\nSmall classifiers from CSV"));
  EXPECT_THAT(command_names(folder),
              ::testing::IsSupersetOf({"describe", "train", "predict", "evaluate", "show",
                                       "gradcheck", "explain", "activations"}));
}

TEST(Help, BeginsWithTwoToFourExamplesOfTheCommand) {
  const Folder folder;
  for (const std::string& command : command_names(folder)) {
    SCOPED_TRACE(command);
    const std::string help = help_of(folder, command);
    EXPECT_THAT(help, StartsWith("Examples\n"));
    EXPECT_THAT(help, HasSubstr("\n\nUsage: tapewise " + command));
    const std::vector<std::string> examples = lines_below("Examples", help);
    EXPECT_GE(examples.size(), 2U);
    EXPECT_LE(examples.size(), 4U);
    for (const std::string& example : examples) {
      EXPECT_THAT(example, HasSubstr("tapewise " + command));
    }
  }
}

TEST(Help, HasExamplesThatRunOneAfterTheOtherOnTheDataOfTheTests) {
  const Folder folder;
  for (const auto& file : std::filesystem::directory_iterator(TAPEWISE_TEST_DATA)) {
    if (file.path().extension() == ".csv") {
      std::filesystem::copy(file.path(), folder / file.path().filename().string());
    }
  }
  std::vector<std::string> commands = command_names(folder);
  commands.insert(commands.begin(), "");
  for (const std::string& command : commands) {
    for (const std::string& example : lines_below("Examples", help_of(folder, command))) {
      ASSERT_EQ(example.find('\''), std::string::npos) << "it is run between such marks";
      const Outcome outcome = run_line(folder, example);
      EXPECT_EQ(outcome.exit_code, 0) << example << "\n" << outcome.err;
      EXPECT_EQ(outcome.err.find("error: "), std::string::npos) << example << "\n" << outcome.err;
    }
  }
}

TEST(Help, FitsEightyColumnsButForExamples) {
  const Folder folder;
  std::vector<std::string> commands = command_names(folder);
  commands.insert(commands.begin(), "");
  for (const std::string& command : commands) {
    const std::string help = help_of(folder, command);
    for (const std::string& line : lines_of(help.substr(help.find("\nUsage: ")))) {
      std::size_t width = 0;
      for (const char c : line) width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
      EXPECT_LE(width, 80U) << line;
    }
  }
}

TEST(Help, GroupsTheFlagsOfTrainAndEndsWithHelpItself) {
  const Folder folder;
  const std::string help = help_of(folder, "train");
  EXPECT_THAT(help, HasSubstr("\nUsage: tapewise train FILE --target COLUMN [FLAGS]\n"));
  std::size_t at = 0;
  for (const std::string group :
       {"Columns\n  --target COLUMN ", "The model\n  --model CHOICE ", "How good it is\n  --cv ",
        "Training\n  --solver CHOICE ", "How the file is written\n  --delimiter CHOICE ",
        "Other flags\n  -o, --output FILE "}) {
    const std::size_t next = help.find("\n\n" + group);
    ASSERT_NE(next, std::string::npos) << group;
    EXPECT_GT(next, at) << group;
    at = next;
  }
  EXPECT_TRUE(help.ends_with("\n  -h, --help                Show this help\n")) << help;
}

TEST(Help, SaysDefaultsInBracketsOnce) {
  const Folder folder;
  const std::string help = squeezed(help_of(folder, "train"));
  EXPECT_THAT(help, HasSubstr("--loss CHOICE fused, or textbook to see where that fails [fused]"));
  EXPECT_THAT(help, HasSubstr("--hidden UNITS Units of the hidden layers of mlp: 16,8 [16]"));
  EXPECT_EQ(help.find("] ["), std::string::npos);
}

TEST(Help, SaysWhatMayBeNamedMoreThanOnce) {
  const Folder folder;
  EXPECT_THAT(help_of(folder, "activations"),
              HasSubstr("\nUsage: tapewise activations [NAME...] [FLAGS]\n"));
}

}  // namespace
}  // namespace apps::testing
