// Cuts text into the lines and cells of a CSV file, and nothing more: what a cell means is
// csv.cpp's business.
//
// Rule for callers: cells are views of the scanned text and live as long as that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/dialect.h"

namespace models {

enum class CellFault : std::uint8_t {
  none,
  open_quote,    // the text ended before the closing quote
  after_quote,   // something other than blanks between the closing quote and the delimiter
  quote_inside,  // a quote in a cell that does not begin with one
  nul_byte,
};

struct Cell {
  std::string_view text;  // without its quotes or the blanks around it; of a fault, nothing certain
  double number = 0.0;    // where is_number
  std::size_t line = 1;   // the line on which the cell begins
  bool is_number = false;  // a plain number by the dialect's decimal mark, not quoted; others may
                           // be numbers, too
  bool quoted = false;
  bool has_doubled_quotes = false;  // text still has them doubled: see unescaped()
  char quote = nothing;             // the quote it is in
  CellFault fault = CellFault::none;
};

class CsvScanner {
 public:
  // Of the dialect, the delimiter, the quote, the decimal mark and the mark of comments count.
  CsvScanner(std::string_view text, const Dialect& dialect);

  // Reads one line, or several if quotes say so, into `row` (at least one cell). False at the end
  // of the text. Lines of comments are skipped. After a cell with a fault, which is the last of its
  // row, nothing more can be read.
  bool next_row(std::vector<Cell>& row);

  // After a cell with a fault: goes on behind the line on which its row begins.
  void leave_out_line();

  // How much has been read, and the number of the line that comes next.
  std::size_t position() const noexcept { return at_; }
  std::size_t next_line() const noexcept { return line_; }
  // Whether that is all of the text. If the text goes on, then so may what was read last.
  bool at_end() const noexcept { return at_ == text_.size(); }

  // Where the row read last begins, and on which line.
  std::size_t row_position() const noexcept { return row_at_; }
  std::size_t line() const noexcept { return row_line_; }

 private:
  std::size_t plain_numbers(std::vector<Cell>& row, std::size_t cells);
  void next_cell(Cell& cell);
  bool goes_on();
  bool plain_number(Cell& cell);
  void quoted_cell(Cell& cell);
  void plain_cell(Cell& cell);
  void skip_comments();
  void skip_blanks();
  void end_line();
  std::uint8_t kind(std::size_t at) const noexcept {
    return kinds_[static_cast<unsigned char>(text_[at])];
  }
  bool ends_cell(std::size_t at) const noexcept;
  bool is_quote(char character) const noexcept { return character == quote_ && quote_ != nothing; }

  std::string_view text_;
  std::array<std::uint8_t, 256> kinds_{};  // of the characters: what they do to a plain cell
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t row_at_ = 0;
  std::size_t row_line_ = 1;
  char delimiter_;
  char quote_;
  char decimal_;
  char comment_;
  bool broken_ = false;
};

// The text of a cell, doubled quotes made single; `room` holds it where it had to be changed.
std::string_view with_single_quotes(const Cell& cell, std::string& room);
inline std::string_view unescaped(const Cell& cell, std::string& room) {
  return cell.has_doubled_quotes ? with_single_quotes(cell, room) : cell.text;
}

// Whether a row is a blank line: one cell, not quoted, with nothing in it.
bool is_blank_line(const std::vector<Cell>& row);

}  // namespace models
