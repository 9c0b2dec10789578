// The built program in a terminal multiplexer, which shows what is on the screen as a person would
// see it: through a pseudo-terminal, with a terminal's size, row by row.
//
// Rule for callers: wait for what the screen shows before the next key is pressed.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {

struct TmuxOptions {
  int columns = 80;
  int rows = 24;
  std::string environment = "LC_ALL=C.UTF-8";
};

class Tmux {
 public:
  // `tapewise ARGUMENTS` as a shell takes them, in the folder. Its exit code is shown at its end.
  Tmux(const Folder& folder, const std::string& arguments, const TmuxOptions& options = {})
      : socket_((sockets_ / "socket").string()) {
    const std::string line = "cd '" + (folder / ".").string() + "' && env " + options.environment +
                             " '" TAPEWISE_PROGRAM "' " + arguments +
                             "; echo exit code $?; sleep 600";
    run("-u -f /dev/null new-session -d -x " + std::to_string(options.columns) + " -y " +
        std::to_string(options.rows) + " " + quoted(line));
  }
  Tmux(const Tmux&) = delete;
  Tmux& operator=(const Tmux&) = delete;
  ~Tmux() {
    try {
      run("kill-server 2>/dev/null");
    } catch (const std::exception&) {
      // It has ended by itself.
    }
  }

  // Characters as they are typed.
  void type(const std::string& text) const { run("send-keys -l -- " + quoted(text)); }
  // A key by its name: Enter, Right, Home, BSpace, Escape, C-c.
  void press(const std::string& key) const { run("send-keys " + key); }
  void resize(int columns, int rows) const {
    run("resize-window -x " + std::to_string(columns) + " -y " + std::to_string(rows));
  }

  [[nodiscard]] std::string screen() const { return run("capture-pane -p"); }
  // The rows from the top, also empty ones.
  [[nodiscard]] std::vector<std::string> rows() const { return lines_of(screen()); }

  // Whether the screen shows this within twenty seconds; and what it shows then. Blanks at the end
  // of a row are not seen.
  [[nodiscard]] ::testing::AssertionResult shows(std::string_view text) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (true) {
      const std::string now = screen();
      if (now.find(text) != std::string::npos) return ::testing::AssertionSuccess();
      if (std::chrono::steady_clock::now() > end) {
        return ::testing::AssertionFailure() << "\"" << text << "\" is not on the screen:\n" << now;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

 private:
  static std::string quoted(const std::string& text) {
    std::string out("'");
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
  }

  std::string run(const std::string& command) const {
    const std::string line = "tmux -S '" + socket_ + "' " + command;
    const ShellOutput output = output_of_shell(line);
    if (output.status != 0) throw std::runtime_error("tmux has failed: " + command);
    return output.text;
  }

  models::testing::TemporaryFolder sockets_;
  std::string socket_;
};

}  // namespace apps::testing
