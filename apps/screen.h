// A full screen of text and the keys that are pressed on it, by ncurses.
//
// Rule for callers: one at a time; while it lives, nothing else writes to the terminal. What was on
// the terminal before is there again when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace apps {

struct ScreenLine {
  std::string text;  // UTF-8, or ASCII where the terminal has no more
  bool bold = false;
  bool dim = false;
};

struct Key {
  enum class Kind : std::uint8_t {
    text,  // one character
    right,
    left,
    home,
    end,
    enter,
    erase,
    escape,
    resized,
    interrupt,  // Ctrl-C, Ctrl-D, or nobody is there any longer
    other,
  };
  Kind kind = Kind::other;
  std::string text{};
};

class Screen {
 public:
  // Throws std::runtime_error where the terminal cannot be drawn on (TERM).
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t columns() const;
  // From the top; what is too long is cut off. With a cursor behind the last line where something
  // is typed there.
  void show(const std::vector<ScreenLine>& lines, bool with_cursor);
  Key wait_for_key();
};

}  // namespace apps
