#include "apps/screen.h"

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cwchar>
#include <stdexcept>

#include "apps/loss_plot.h"

namespace apps {
namespace {

constexpr wint_t control(char letter) { return static_cast<wint_t>(letter - '@'); }

Key function_key(wint_t code) {
  switch (code) {
    case KEY_RIGHT:
    case KEY_DOWN:
      return {Key::Kind::right};
    case KEY_LEFT:
    case KEY_UP:
      return {Key::Kind::left};
    case KEY_HOME:
      return {Key::Kind::home};
    case KEY_END:
      return {Key::Kind::end};
    case KEY_ENTER:
      return {Key::Kind::enter};
    case KEY_BACKSPACE:
    case KEY_DC:
      return {Key::Kind::erase};
    case KEY_RESIZE:
      return {Key::Kind::resized};
    default:
      return {};
  }
}

// As a shell's Ctrl-Z: the terminal is the shell's until it says to go on.
void stop_until_continued() {
  ::endwin();
  std::raise(SIGTSTP);
  ::refresh();
}

Key character_key(wint_t code) {
  if (code == control('C') || code == control('D')) return {Key::Kind::interrupt};
  if (code == L'\n' || code == L'\r') return {Key::Kind::enter};
  if (code == 127 || code == control('H')) return {Key::Kind::erase};
  if (code == 27) return {Key::Kind::escape};
  if (code == control('Z')) {
    stop_until_continued();
    return {Key::Kind::resized};
  }
  if (code < L' ') return {};
  std::array<char, 16> bytes{};
  std::mbstate_t state{};
  const std::size_t count = std::wcrtomb(bytes.data(), static_cast<wchar_t>(code), &state);
  if (count == static_cast<std::size_t>(-1)) return {};
  return {Key::Kind::text, std::string(bytes.data(), count)};
}

// ncurses's screen on this terminal.
SCREEN* opened() {
  // Characters alone; numbers stay as they are.
  std::setlocale(LC_CTYPE, is_utf8_locale() ? "C.UTF-8" : "C");
  ::set_escdelay(25);
  SCREEN* const screen = ::newterm(nullptr, stdout, stdin);
  if (screen != nullptr) return screen;
  const char* const name = std::getenv("TERM");
  throw ScreenError(std::string("nothing can be drawn on a terminal of type ") +
                    (name == nullptr ? "\"\"" : name));
}

}  // namespace

Screen::Screen() : screen_(opened()) {
  ::raw();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
}

Screen::~Screen() {
  ::endwin();
  ::delscreen(static_cast<SCREEN*>(screen_));
}

std::size_t Screen::rows() const {
  return static_cast<std::size_t>(std::max(1, ::getmaxy(stdscr)));
}
std::size_t Screen::columns() const {
  return static_cast<std::size_t>(std::max(1, ::getmaxx(stdscr)));
}

// It draws, whatever it leaves unchanged in memory.
// NOLINTNEXTLINE(readability-make-member-function-const)
void Screen::show(const std::vector<ScreenLine>& lines, bool with_cursor) {
  ::erase();
  int last_column = 0;
  for (std::size_t row = 0; row < std::min(lines.size(), rows()); ++row) {
    const ScreenLine& line = lines[row];
    if (line.bold) ::attron(A_BOLD);
    if (line.dim) ::attron(A_DIM);
    ::mvaddstr(static_cast<int>(row), 0, line.text.c_str());
    last_column = ::getcurx(stdscr);
    ::attroff(A_BOLD | A_DIM);
  }
  ::curs_set(with_cursor ? 1 : 0);
  if (with_cursor) ::move(static_cast<int>(std::min(lines.size(), rows())) - 1, last_column);
  ::refresh();
}

Key Screen::wait_for_key() {
  wint_t code = 0;
  const int kind = ::get_wch(&code);
  if (kind == ERR) return {Key::Kind::interrupt};
  return kind == KEY_CODE_YES ? function_key(code) : character_key(code);
}

}  // namespace apps
