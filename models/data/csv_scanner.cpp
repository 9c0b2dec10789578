#include "models/data/csv_scanner.h"

#include <algorithm>

#include "models/data/number.h"

namespace models {
namespace {

bool is_line_break(char character) { return character == '\n' || character == '\r'; }

}  // namespace

CsvScanner::CsvScanner(std::string_view text, const Dialect& dialect)
    : text_(text),
      delimiter_(dialect.delimiter),
      quote_(dialect.quote),
      decimal_(dialect.decimal),
      comment_(dialect.comment) {}

bool CsvScanner::next_row(std::vector<Cell>& row) {
  row.clear();
  skip_comments();
  if (at_end() || broken_) return false;
  row_line_ = line_;
  row_at_ = at_;
  while (true) {
    next_cell(row.emplace_back());
    if (row.back().fault != CellFault::none) {
      broken_ = true;
      return true;
    }
    if (delimiter_ == runs_of_blanks) skip_blanks();
    if (at_end()) return true;
    if (is_line_break(text_[at_])) break;
    if (delimiter_ != runs_of_blanks) ++at_;
  }
  end_line();
  return true;
}

void CsvScanner::leave_out_line() {
  broken_ = false;
  line_ = row_line_;
  at_ = std::min(text_.find_first_of("\r\n", row_at_), text_.size());
  if (!at_end()) end_line();
}

void CsvScanner::next_cell(Cell& cell) {
  skip_blanks();
  cell.line = line_;
  if (!at_end() && is_quote(text_[at_])) {
    quoted_cell(cell);
  } else if (!plain_number(cell)) {
    plain_cell(cell);
  }
}

bool CsvScanner::plain_number(Cell& cell) {
  const std::size_t size = read_plain_number(text_.substr(at_), decimal_, cell.number);
  cell.is_number = size > 0 && ends_cell(at_ + size);
  if (!cell.is_number) return false;
  cell.text = text_.substr(at_, size);
  at_ += size;
  return true;
}

// At the opening quote. Afterwards at the delimiter, the line break or the end.
void CsvScanner::quoted_cell(Cell& cell) {
  cell.quoted = true;
  cell.quote = quote_;
  const std::size_t begin = ++at_;
  while (true) {
    if (at_end()) {
      cell.fault = CellFault::open_quote;
      return;
    }
    const char character = text_[at_];
    if (character == quote_) {
      if (at_ + 1 == text_.size() || text_[at_ + 1] != quote_) break;
      cell.has_doubled_quotes = true;
      at_ += 2;
    } else if (is_line_break(character)) {
      end_line();
    } else if (character == '\0') {
      cell.fault = CellFault::nul_byte;
      cell.line = line_;
      return;
    } else {
      ++at_;
    }
  }
  cell.text = text_.substr(begin, at_ - begin);
  ++at_;
  skip_blanks();
  if (!ends_cell(at_)) cell.fault = CellFault::after_quote;
}

void CsvScanner::plain_cell(Cell& cell) {
  const std::size_t begin = at_;
  for (; !ends_cell(at_); ++at_) {
    if (is_quote(text_[at_])) cell.fault = CellFault::quote_inside;
    if (text_[at_] == '\0') cell.fault = CellFault::nul_byte;
    if (cell.fault != CellFault::none) return;
  }
  std::size_t end = at_;
  while (end > begin && is_blank(text_[end - 1])) --end;
  cell.text = text_.substr(begin, end - begin);
}

// At the beginning of a line.
void CsvScanner::skip_comments() {
  while (comment_ != nothing) {
    const std::size_t begin = text_.find_first_not_of(" \t", at_);
    if (begin == std::string_view::npos || text_[begin] != comment_) return;
    at_ = std::min(text_.find_first_of("\r\n", begin), text_.size());
    if (at_end()) return;
    end_line();
  }
}

bool CsvScanner::is_quote(char character) const noexcept {
  return character == quote_ && quote_ != nothing;
}

void CsvScanner::skip_blanks() {
  while (!at_end() && is_blank(text_[at_])) ++at_;
}

// At a line break: LF, CR, or CR and LF.
void CsvScanner::end_line() {
  const bool two = text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
  at_ += two ? 2 : 1;
  ++line_;
}

bool CsvScanner::ends_cell(std::size_t at) const noexcept {
  if (at == text_.size()) return true;
  const char character = text_[at];
  if (is_line_break(character) || (delimiter_ == runs_of_blanks && is_blank(character)))
    return true;
  return character == delimiter_ && delimiter_ != nothing;
}

bool CsvScanner::is_blank(char character) const noexcept {
  return character == ' ' || (character == '\t' && delimiter_ != '\t');
}

std::string_view unescaped(const Cell& cell, std::string& room) {
  if (!cell.has_doubled_quotes) return cell.text;
  room.clear();
  for (std::size_t i = 0; i < cell.text.size(); ++i) {
    room += cell.text[i];
    if (cell.text[i] == cell.quote) ++i;  // inside quotes, quotes come in pairs
  }
  return room;
}

bool is_blank_line(const std::vector<Cell>& row) {
  return row.size() == 1 && !row.front().quoted && row.front().text.empty() &&
         row.front().fault == CellFault::none;
}

}  // namespace models
