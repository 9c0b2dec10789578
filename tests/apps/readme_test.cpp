// README.md shows what the program says: every `$ tapewise …` of its console blocks is run, one
// after the other in one folder, and must print what stands below it.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

const std::filesystem::path data_folder = TAPEWISE_TEST_DATA;

struct Example {
  std::string command;
  std::vector<std::string> output;
};

// The commands of the ```console blocks, each with the lines up to the next one.
std::vector<Example> examples_of(const std::string& readme) {
  std::vector<Example> examples;
  bool inside = false;
  for (const std::string& line : lines_of(readme)) {
    if (line.starts_with("```")) {
      inside = line == "```console";
    } else if (inside && line.starts_with("$ ")) {
      examples.push_back({line.substr(2), {}});
    } else if (inside && !examples.empty()) {
      examples.back().output.push_back(line);
    }
  }
  return examples;
}

// What a shell in the folder shows, with `tapewise` on its PATH.
std::vector<std::string> shown_by_shell(const std::filesystem::path& folder,
                                        const std::string& command) {
  const std::string program = std::filesystem::path(TAPEWISE_PROGRAM).parent_path().string();
  const std::string line = "cd '" + folder.string() + "' && PATH='" + program +
                           "':\"$PATH\" && { " + command + "\n} 2>&1 </dev/null";
  const ShellOutput shown = output_of_shell(line);
  EXPECT_TRUE(WIFEXITED(shown.status)) << command;
  return lines_of(shown.text);
}

// Equal but for the last digits of long numbers, and for how small an error of rounding is: both
// depend on the machine.
bool shows_the_same(const std::string& actual, const std::string& expected) {
  static const std::regex number("-?[0-9]+(\\.[0-9]+)?(e[-+]?[0-9]+)?");
  if (std::regex_replace(actual, number, "#") != std::regex_replace(expected, number, "#")) {
    return false;
  }
  const std::sregex_iterator end;
  std::sregex_iterator left(actual.begin(), actual.end(), number);
  std::sregex_iterator right(expected.begin(), expected.end(), number);
  for (; left != end && right != end; ++left, ++right) {
    const double a = std::stod(left->str());
    const double b = std::stod(right->str());
    const bool near = std::abs(a - b) <= 1e-11 * std::abs(b);
    const bool both_rounding = std::max(std::abs(a), std::abs(b)) < 1e-13;
    if (!near && !both_rounding) return false;
  }
  return left == end && right == end;
}

// "…" stands for any lines.
void expect_shown(const std::vector<std::string>& actual,
                  const std::vector<std::string>& expected) {
  std::size_t at = 0;
  bool skipping = false;
  for (const std::string& line : expected) {
    if (line == "…") {
      skipping = true;
      continue;
    }
    while (skipping && at < actual.size() && !shows_the_same(actual[at], line)) ++at;
    ASSERT_LT(at, actual.size()) << "not shown: " << line;
    ASSERT_TRUE(shows_the_same(actual[at], line)) << actual[at] << "\nis not\n" << line;
    skipping = false;
    ++at;
  }
  EXPECT_TRUE(skipping || at == actual.size()) << "more is shown: " << actual[at];
}

TEST(Readme, ShowsWhatTheProgramSays) {
  const Folder folder;
  std::filesystem::create_directory(folder / "tests");
  std::filesystem::create_directory_symlink(data_folder, folder / "tests" / "data");
  const std::string readme = models::testing::get(data_folder / ".." / ".." / "README.md");
  int run = 0;
  for (const Example& example : examples_of(readme)) {
    SCOPED_TRACE("$ " + example.command);
    ASSERT_THAT(example.command, ::testing::HasSubstr("tapewise "));
    expect_shown(shown_by_shell(folder / ".", example.command), example.output);
    ++run;
  }
  EXPECT_GE(run, 5) << "README.md has lost its examples, or its blocks are not found";
}

TEST(Readme, IsComparedTolerantlyInTheLastDigitsAlone) {
  EXPECT_TRUE(shows_the_same("p 0.9652896574758452", "p 0.9652896574758459"));
  EXPECT_FALSE(shows_the_same("p 0.96528965", "p 0.96528966"));
  EXPECT_FALSE(shows_the_same("p 0.5", "q 0.5"));
  EXPECT_TRUE(shows_the_same("error 2.9e-16", "error 1.1e-16"));
  EXPECT_FALSE(shows_the_same("error 2.9e-1", "error 2.9e-16"));
}

}  // namespace
}  // namespace apps::testing
