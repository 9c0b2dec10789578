// What a lesson is written with: paragraphs, tables, lines of a trace. Each block stands below an
// empty line, and nothing is wider than 80 columns, but for a table or a formula that is.
//
// Rule for authors: write in Unicode; what is ASCII is made of it here. Numbers come from a
// computation and become text by shown() or as a Cell, never by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/explain/trace_lines.h"

namespace apps {

// Text as it is, or a number, which stands with its decimal point below the others of its column.
struct Cell {
  Cell(const char* words) : text(words) {}
  Cell(std::string words) : text(std::move(words)) {}
  Cell(double number) : text(autograd::shown(number)), is_number(true) {}

  std::string text;
  bool is_number = false;
};
using Row = std::vector<Cell>;

class LessonText {
 public:
  static constexpr std::size_t columns = 80;

  explicit LessonText(autograd::FormulaStyle style) : style_(style) {}

  // A paragraph, broken between words.
  void say(std::string_view paragraph);
  // What somebody else says, set in; a line break stays one.
  void quote(std::string_view message);
  // A line below the last one.
  void add_line(std::string_view line);
  // Lines as they are, set in by two blanks.
  void show(const std::vector<std::string>& lines);
  // The lines of a section of a trace. What is wider than the page goes on below its sign.
  void show(std::vector<autograd::TraceLine> lines);
  // The first row has the headings.
  void table(const std::vector<Row>& rows);
  // How a lesson ends: commands that run, and something to think about.
  void try_this(const std::vector<std::string>& commands, std::string_view question);

  [[nodiscard]] autograd::FormulaStyle style() const { return style_; }
  [[nodiscard]] const std::string& str() const { return text_; }

 private:
  void begin_block();
  void add_wrapped(std::string_view text, const std::string& margin);
  [[nodiscard]] std::string in_style(std::string_view unicode) const;

  autograd::FormulaStyle style_;
  std::string text_;
};

// The lines of a trace's section whose title begins like this: "Forward", "Backward", "Update".
std::vector<autograd::TraceLine> lines_of(const std::vector<autograd::TraceSection>& sections,
                                          std::string_view title);

// Formula and value alone, where numbers in between would make them too wide.
std::vector<autograd::TraceLine> without_numbers(std::vector<autograd::TraceLine> lines);

// To four decimals: of what differs further on from machine to machine.
double rounded(double number);

// The smallest power of ten that is larger: of a rounding error, whose digits mean nothing.
double decade_above(double size);

}  // namespace apps
