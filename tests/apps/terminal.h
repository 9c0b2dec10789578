// The built program on a terminal: a pseudo-terminal that a test reads and types on.
//
// Rule for callers: wait for what the program says before a key is pressed; nothing is known of
// when it does anything.
#pragma once

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {

// What is different from a usual terminal.
struct TerminalOptions {
  unsigned short columns = 80;
  std::vector<std::pair<std::string, std::string>> environment;
};

// Keys are not echoed, and lines end as the program ends them.
class Terminal {
 public:
  // tapewise ARGUMENTS in the folder, with all three streams on the terminal.
  Terminal(const Folder& folder, const std::vector<std::string>& arguments,
           const TerminalOptions& options = {}) {
    std::vector<std::string> words{TAPEWISE_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    start(folder, words, options);
  }
  // What a shell makes of a line, where $TAPEWISE is the program.
  Terminal(const Folder& folder, const std::string& line) {
    start(folder, {"/bin/sh", "-c", line}, {80, {{"TAPEWISE", TAPEWISE_PROGRAM}}});
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
    ::close(descriptor_);
  }

  // Whether the program said this, now or before, within a minute.
  bool says(std::string_view text) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (screen_.find(text) == std::string::npos) {
      if (std::chrono::steady_clock::now() > end || !read_more(1000)) break;
    }
    return screen_.find(text) != std::string::npos;
  }
  // Reads what is said in this time.
  void listen(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end && read_more(10)) {
    }
  }

  void type(std::string_view keys) const {
    while (!keys.empty()) {
      const ssize_t typed = ::write(descriptor_, keys.data(), keys.size());
      if (typed < 0) throw std::runtime_error("the terminal takes no keys");
      keys.remove_prefix(static_cast<std::size_t>(typed));
    }
  }
  void press_control_c() const { type("\x03"); }
  void send(int signal) const { ::kill(process_, signal); }

  // To its end: the exit code, or minus the signal that ended it.
  int ends_with() {
    while (read_more(60000)) {
    }
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  // All that was said so far, with the control characters.
  [[nodiscard]] const std::string& screen() const { return screen_; }

 private:
  void start(const Folder& folder, std::vector<std::string> words, const TerminalOptions& options) {
    termios modes{};
    modes.c_iflag = ICRNL;
    modes.c_cflag = CS8 | CREAD;
    modes.c_lflag = ISIG | ICANON;
    modes.c_cc[VINTR] = 3;
    modes.c_cc[VEOF] = 4;
    winsize size{};
    size.ws_row = 24;
    size.ws_col = options.columns;
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const std::string place = (folder / ".").string();
    process_ = ::forkpty(&descriptor_, nullptr, &modes, &size);
    if (process_ < 0) throw std::runtime_error("there is no pseudo-terminal");
    if (process_ > 0) return;
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    for (const auto& [name, value] : options.environment) {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
    if (::chdir(place.c_str()) == 0) ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }

  // False at the end, or where nothing came in time.
  bool read_more(int milliseconds) {
    pollfd ready{descriptor_, POLLIN, 0};
    const int count = ::poll(&ready, 1, milliseconds);
    if (count == 0) return true;
    char buffer[4096];
    const ssize_t length = ::read(descriptor_, buffer, sizeof buffer);
    if (length <= 0) return length < 0 && errno == EINTR;
    screen_.append(buffer, static_cast<std::size_t>(length));
    return true;
  }

  int descriptor_ = -1;
  pid_t process_ = 0;
  std::string screen_;
};

}  // namespace apps::testing
