#include "models/data/csv_scanner.h"

#include <algorithm>

#include "models/data/plain_number.h"

namespace models {
namespace {

bool is_line_break(char character) { return character == '\n' || character == '\r'; }

// Kinds of characters.
constexpr std::uint8_t ends = 1;
constexpr std::uint8_t blank = 2;
constexpr std::uint8_t out_of_place = 4;

// The members one by one: of all at once, the compiler makes a copy, which takes longer than the
// rest of the cell.
void begin_cell(Cell& cell, std::size_t line) {
  cell.text = {};
  cell.line = line;
  cell.is_number = cell.quoted = cell.has_doubled_quotes = false;
  cell.quote = nothing;
  cell.fault = CellFault::none;
}

}  // namespace

CsvScanner::CsvScanner(std::string_view text, const Dialect& dialect)
    : text_(text),
      delimiter_(dialect.delimiter),
      quote_(dialect.quote),
      decimal_(dialect.decimal),
      comment_(dialect.comment) {
  const auto set = [this](char character, std::uint8_t kind) {
    kinds_[static_cast<unsigned char>(character)] |= kind;
  };
  set(' ', blank);
  if (delimiter_ != '\t') set('\t', blank);
  for (const char character : {'\n', '\r'}) set(character, ends);
  if (delimiter_ == runs_of_blanks) set('\t', ends);
  if (delimiter_ != nothing) set(delimiter_, ends);
  set('\0', out_of_place);
  if (quote_ != nothing) set(quote_, out_of_place);
}

bool CsvScanner::next_row(std::vector<Cell>& row) {
  skip_comments();
  if (at_end() || broken_) return false;
  row_line_ = line_;
  row_at_ = at_;
  std::size_t cells = 0;
  do {
    cells = plain_numbers(row, cells);
    if (cells == row.size()) row.emplace_back();
    next_cell(row[cells]);
    broken_ = row[cells].fault != CellFault::none;
    ++cells;
  } while (!broken_ && goes_on());
  row.resize(cells);
  return true;
}

// Reads plain numbers with a delimiter right behind them, as many as there are: most cells are
// such. Next_cell() would do the same, but with a position in memory instead of a register, which
// takes twice the time. Returns the number of cells with them.
std::size_t CsvScanner::plain_numbers(std::vector<Cell>& row, std::size_t cells) {
  const std::size_t line = line_;
  const char delimiter = delimiter_;
  const char decimal = decimal_;
  std::string_view rest = text_.substr(at_);
  double number = 0.0;
  while (delimiter != runs_of_blanks && delimiter != nothing) {
    const std::size_t size = read_plain_number(rest, decimal, number);
    if (size == 0 || size == rest.size() || rest[size] != delimiter) break;
    if (cells == row.size()) row.emplace_back();
    Cell& cell = row[cells++];
    begin_cell(cell, line);
    cell.text = rest.substr(0, size);
    cell.number = number;
    cell.is_number = true;
    rest.remove_prefix(size + 1);
  }
  at_ = text_.size() - rest.size();
  return cells;
}

// Behind a cell. True in front of the next one, and false behind the line break or at the end.
bool CsvScanner::goes_on() {
  if (delimiter_ == runs_of_blanks) skip_blanks();
  if (at_end()) return false;
  if (is_line_break(text_[at_])) {
    end_line();
    return false;
  }
  if (delimiter_ != runs_of_blanks) ++at_;
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
  begin_cell(cell, line_);
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
  if (delimiter_ != runs_of_blanks) skip_blanks();
  if (!ends_cell(at_)) cell.fault = CellFault::after_quote;
}

void CsvScanner::plain_cell(Cell& cell) {
  const std::size_t begin = at_;
  while (!at_end() && (kind(at_) & (ends | out_of_place)) == 0) ++at_;
  if (!at_end() && (kind(at_) & out_of_place) != 0) {
    cell.fault = text_[at_] == '\0' ? CellFault::nul_byte : CellFault::quote_inside;
    return;
  }
  std::size_t end = at_;
  while (end > begin && (kind(end - 1) & blank) != 0) --end;
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

void CsvScanner::skip_blanks() {
  while (!at_end() && (kind(at_) & blank) != 0) ++at_;
}

// At a line break: LF, CR, or CR and LF.
void CsvScanner::end_line() {
  const bool two = text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
  at_ += two ? 2 : 1;
  ++line_;
}

bool CsvScanner::ends_cell(std::size_t at) const noexcept {
  return at == text_.size() || (kind(at) & ends) != 0;
}

std::string_view with_single_quotes(const Cell& cell, std::string& room) {
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
