// A full screen of text and the keys that are pressed on it, by ncurses.
//
// Rule for callers: one at a time; while it lives, nothing else writes to the terminal. What was on
// the terminal before is there again when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
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

// The terminal (TERM) is none that can be drawn on.
class ScreenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Screen {
 public:
  // Throws ScreenError.
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

 private:
  void* screen_ = nullptr;  // ncurses's own
};

}  // namespace apps
