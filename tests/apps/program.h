// Runs the built program as a shell would and catches what it says.
//
// Rule for callers: the program runs in a folder of its own, where files have short names; nothing
// it writes is a terminal.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/models/data/support.h"

namespace apps::testing {

using models::testing::get;
using models::testing::put;

struct Outcome {
  int exit_code = -1;  // −1 where a signal ended it
  std::string out;
  std::string err;
};

// What follows every message about wrong use.
inline const std::string usage_hint =
    "info: `tapewise --help` and `tapewise COMMAND --help` show what is possible\n";

// A new folder and the program in it.
class Folder {
 public:
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return folder_ / name;
  }
  void put(std::string_view name, std::string_view text) const {
    models::testing::put(folder_ / name, text);
  }
  [[nodiscard]] std::string get(std::string_view name) const {
    return models::testing::get(folder_ / name);
  }
  [[nodiscard]] bool has(std::string_view name) const {
    return std::filesystem::exists(folder_ / name);
  }
  // The number of files, hidden ones among them.
  [[nodiscard]] std::ptrdiff_t size() const {
    return std::distance(std::filesystem::directory_iterator(folder_.path()),
                         std::filesystem::directory_iterator());
  }

  // tapewise ARGUMENTS, with standard output in a file unless another place is given.
  [[nodiscard]] Outcome run(const std::vector<std::string>& arguments,
                            const std::string& standard_output = "") const {
    std::vector<std::string> words{TAPEWISE_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_words(words, standard_output);
  }

  // What a shell makes of a line, where `tapewise` is the program.
  [[nodiscard]] Outcome shell(const std::string& line) const {
    return run_words({"/bin/sh", "-c", "tapewise() { '" TAPEWISE_PROGRAM "' \"$@\"; }; " + line},
                     "");
  }

 private:
  [[nodiscard]] Outcome run_words(const std::vector<std::string>& words,
                                  const std::string& standard_output) const {
    const models::testing::TemporaryFolder streams;
    const std::string out = standard_output.empty() ? (streams / "out").string() : standard_output;
    const std::string err = (streams / "err").string();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    const int write = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), write, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), write, 0600);
    posix_spawn_file_actions_addchdir_np(&actions, folder_.path().c_str());
    const int status = spawned(words, actions);
    posix_spawn_file_actions_destroy(&actions);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            standard_output.empty() ? models::testing::get(out) : "", models::testing::get(err)};
  }

  static int spawned(std::vector<std::string> words, const posix_spawn_file_actions_t& actions) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t process = 0;
    if (::posix_spawn(&process, words.front().c_str(), &actions, nullptr, pointers.data(),
                      environ) != 0) {
      throw std::runtime_error("the program cannot be started: " + words.front());
    }
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  models::testing::TemporaryFolder folder_;
};

// What a shell prints for a line, and how it ended, as waitpid tells.
struct ShellOutput {
  std::string text;
  int status = -1;
};
inline ShellOutput output_of_shell(const std::string& line) {
  FILE* const pipe = ::popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no shell can be started");
  ShellOutput output;
  std::array<char, 4096> block{};
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), pipe)) {
    output.text.append(block.data(), count);
  }
  output.status = ::pclose(pipe);
  return output;
}

inline std::string data_file(std::string_view name) {
  return std::string(TAPEWISE_TEST_DATA) + "/" + std::string(name);
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// Lines without the blanks that align their columns.
inline std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool after_blank = out.empty() || out.back() == ' ' || out.back() == '\n';
    if (c == '\n' && !out.empty() && out.back() == ' ') out.pop_back();
    if (c != ' ' || !after_blank) out += c;
  }
  return out;
}

// All is well: exit code 0, and not a word on standard error.
inline void expect_quiet_success(const Outcome& outcome) {
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos) << "an escape code, and no terminal";
}

// Wrong use: exit code 2, this message and where to read on, and no result.
inline void expect_wrong_use(const Outcome& outcome, const std::string& message) {
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err, "error: " + message + "\n" + usage_hint);
  EXPECT_EQ(outcome.out, "");
}

// Data that cannot be used: exit code 4 or 5, this message, and no result.
inline void expect_refused(const Outcome& outcome, int exit_code, const std::string& message) {
  EXPECT_EQ(outcome.exit_code, exit_code);
  EXPECT_EQ(outcome.err, "error: " + message + "\n");
  EXPECT_EQ(outcome.out, "");
}

}  // namespace apps::testing
