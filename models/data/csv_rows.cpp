#include "models/data/csv_rows.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <limits>
#include <list>
#include <system_error>
#include <utility>

#include "autograd/utf8.h"

namespace models {

std::string_view fault_text(CellFault fault) {
  switch (fault) {
    case CellFault::none:
      break;
    case CellFault::open_quote:
      return "the quote that opens here is never closed";
    case CellFault::after_quote:
      return "text behind the closing quote";
    case CellFault::quote_inside:
      return "a quote inside a cell that does not begin with one";
    case CellFault::nul_byte:
      return "a NUL byte";
  }
  return "";
}

std::string_view fault_hint(CellFault fault) {
  return fault == CellFault::nul_byte
             ? "Is this a text file? A spreadsheet must be saved as CSV (UTF-8) first; UTF-16 "
               "without "
               "its mark is read by --encoding utf-16le or utf-16be."
             : "A cell with quotes in it is written in quotes, its own quotes doubled: "
               R"("6"" nail" stands for 6" nail. --quote none takes quotes as they are.)";
}

std::string_view encoding_hint(Encoding encoding) {
  return encoding == Encoding::utf8
             ? "Save the file as CSV UTF-8, or read it as it is: --encoding latin-1."
             : "Save the file as CSV UTF-8.";
}

namespace {

// A cell as RFC 4180 has it: in quotes where it was, or has to be.
std::string as_field(std::string_view text, bool quoted) {
  if (!quoted && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) {
    if (c == '"') field += c;
    field += c;
  }
  return field + "\"";
}

// Reads the rows of one text after the other.
class RowReader {
 public:
  explicit RowReader(const RowPlan& plan)
      : plan_(plan),
        has_numbers_(std::find(plan.columns.begin(), plan.columns.end(), ColumnPlan::numbers) !=
                     plan.columns.end()) {}

  // Adds the rows of a text to `rows`, which are empty; where another text comes behind this one,
  // without the record that may go on there.
  void read(std::string_view text, bool is_last, Rows& rows) {
    rows_ = &rows;
    is_utf8_ = autograd::is_utf8(text);
    CsvScanner scanner(text, plan_.table.dialect);
    while (scanner.next_row(row_)) {
      const bool is_broken = row_.back().fault != CellFault::none;
      // A quote that is open here may be closed in what comes.
      if (scanner.at_end() && !is_last) return;
      if (is_broken && plan_.skip_bad_rows) scanner.leave_out_line();
      if (scanner.at_end() && !is_last) return;
      read_row(scanner.line());
      rows.size = scanner.position();
      rows.line_breaks = scanner.next_line() - 1;
      if (is_broken && !plan_.skip_bad_rows) return;
    }
    if (!is_last) return;
    rows.size = text.size();
    rows.line_breaks = scanner.next_line() - 1;
  }

 private:
  void read_row(std::size_t line) {
    line_ = line;
    if (is_blank_line(row_)) {
      if (plan_.columns.size() == 1) add_blank_line();
      return;
    }
    rows_->blank_lines_at_end = 0;
    if (row_.back().fault != CellFault::none) {
      report_fault(row_.back());
      return;
    }
    if (row_.size() != plan_.columns.size()) {
      report_field_count();
      return;
    }
    if ((has_numbers_ || !is_utf8_) && has_faults()) return;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      rows_->columns[i].add(row_[i], unescaped(row_[i], room_));
    }
    for (std::size_t k = 0; k < plan_.written.size(); ++k) {
      const Cell& cell = row_[plan_.written[k]];
      rows_->written[k].push_back(as_field(unescaped(cell, room_), cell.quoted));
    }
    rows_->lines.push_back(line);
  }

  void add_blank_line() {
    rows_->lines.push_back(line_);
    rows_->columns.front().add_missing();
    for (std::vector<std::string>& column : rows_->written) column.emplace_back();
    ++rows_->blank_lines_at_end;
  }

  void report(std::size_t line, std::size_t field, std::string text, const std::string& hint) {
    if (plan_.skip_bad_rows) {
      rows_->left_out.push_back({line, field, std::move(text)});
      return;
    }
    rows_->problems.add(line, field, std::move(text));
    rows_->problems.hint(hint);
  }

  void report_fault(const Cell& cell) {
    rows_->broken = true;
    report(cell.line, row_.size(), column_prefix(row_.size()) + std::string(fault_text(cell.fault)),
           std::string(fault_hint(cell.fault)));
  }

  void report_field_count() {
    ++rows_->uneven;
    const std::size_t expected = plan_.columns.size();
    const std::size_t found = row_.size();
    std::string text = "expected " + std::to_string(expected) +
                       (expected == 1 ? " field" : " fields") + ", found " + std::to_string(found);
    if (found < expected) {
      text += ": nothing for column " + printable(plan_.table.columns[found].name);
      report(line_, found + 1, std::move(text), "");
      return;
    }
    const Cell& extra = row_[expected];
    const bool trailing = found == expected + 1 && extra.text.empty() && !extra.quoted;
    const std::string delimiter(delimiter_name(plan_.table.dialect.delimiter));
    text +=
        trailing ? ": the line ends in a " + delimiter : ": no column for " + in_quotes(extra.text);
    report(line_, expected + 1, std::move(text),
           trailing ? "Remove the " + delimiter + ", or give the last column a name in the header."
                    : "A cell with a " + delimiter + " in it is written in quotes.");
  }

  // Of cells, each of which can be told from the next.
  bool has_faults() {
    bool found = false;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const Cell& cell = row_[i];
      if (!is_utf8_ && !autograd::is_utf8(cell.text)) {
        report_encoding(cell, i + 1);
      } else if (plan_.columns[i] == ColumnPlan::numbers) {
        const std::string_view text = unescaped(cell, room_);
        const NumberStatus status = rows_->columns[i].status_of(cell, text);
        if (status == NumberStatus::number) continue;
        report_number(cell, i + 1, text, status);
      } else {
        continue;
      }
      found = true;
      if (plan_.skip_bad_rows) break;  // One problem is enough to leave the row out.
    }
    return found;
  }

  void report_encoding(const Cell& cell, std::size_t field) {
    const Encoding encoding = plan_.table.dialect.encoding;
    report(cell.line, field,
           column_prefix(field) + in_quotes(cell.text) + " is not " +
               std::string(encoding_name(encoding)),
           std::string(encoding_hint(encoding)));
  }

  void report_number(const Cell& cell, std::size_t field, std::string_view text,
                     NumberStatus status) {
    const std::string name = printable(plan_.table.columns[field - 1].name);
    const bool quoted_token = cell.quoted && plan_.tokens.contains(text);
    report(cell.line, field,
           column_prefix(field) + in_quotes(text) + " " +
               (quoted_token ? "in quotes is text, and not a missing value"
                             : std::string(reproach(status))),
           (plan_.uses[field - 1] == ColumnUse::numbers
                ? "The column is to hold numbers"
                : "If " + name + " is no column of numbers, --categorical " + name +
                      " reads it as text") +
               (quoted_token ? "; without its quotes the cell is missing."
                             : "; --missing-tokens lists what stands for a missing value."));
  }

  std::string column_prefix(std::size_t field) const {
    if (field > plan_.columns.size()) return "";
    return models::column_prefix(plan_.table.columns[field - 1].name);
  }

  const RowPlan& plan_;
  bool has_numbers_;  // columns where anything else is a fault
  Rows* rows_ = nullptr;
  std::vector<Cell> row_;
  std::size_t line_ = 0;  // of the row
  std::string room_;
  bool is_utf8_ = false;
};

// Calls work() in a thread of its own if the system has one to spare.
template <class Work>
auto started(Work work) {
  try {
    return std::async(std::launch::async, work);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, work);
  }
}

// Goes on behind what was read of a text, which is `before` and what is in `rows`.
void begin_behind(Rows& rows, const Rows& before) {
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    rows.columns[i].begin_behind(before.columns[i]);
  }
  rows.lines.clear();
  for (std::vector<std::string>& column : rows.written) column.clear();
  rows.problems = Problems(rows.problems.file());
  rows.left_out.clear();
  rows.size = rows.line_breaks = rows.blank_lines_at_end = rows.uneven = 0;
  rows.broken = false;
}

// The text has about `text_size` bytes in all; 0 where nobody knows.
void append(Rows& rows, Rows& later, double text_size) {
  rows.size += later.size;
  const auto count = static_cast<double>(rows.lines.size() + later.lines.size());
  const auto expected =
      static_cast<std::size_t>(count * text_size / static_cast<double>(rows.size + 1));
  // For all before the first is filled, so that they lie side by side and share large pages.
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    rows.columns[i].make_room_for(later.columns[i], expected);
  }
  for (std::size_t i = 0; i < rows.columns.size(); ++i) rows.columns[i].append(later.columns[i]);
  for (std::size_t k = 0; k < rows.written.size(); ++k) {
    std::move(later.written[k].begin(), later.written[k].end(),
              std::back_inserter(rows.written[k]));
  }
  make_room(rows.lines, later.lines.size(), expected);
  for (const std::size_t line : later.lines) rows.lines.push_back(line + rows.line_breaks);
  const bool blank_only = later.blank_lines_at_end == later.lines.size();
  rows.blank_lines_at_end = later.blank_lines_at_end + (blank_only ? rows.blank_lines_at_end : 0);
  rows.problems.append(later.problems, rows.line_breaks);
  for (Problem& problem : later.left_out) {
    problem.line += rows.line_breaks;
    rows.left_out.push_back(std::move(problem));
  }
  rows.line_breaks += later.line_breaks;
  rows.uneven += later.uneven;
  rows.broken = rows.broken || later.broken;
}

// One piece after the other: what is a record, the scanner says.
Rows read_one_by_one(TextPieces& pieces, const RowPlan& plan, std::size_t size) {
  Rows rows(plan);
  Rows part(plan);
  RowReader reader(plan);
  // Whether blank lines are rows is known when another one comes.
  while (!pieces.is_done() && (rows.size < size || rows.blank_lines_at_end > 0)) {
    begin_behind(part, rows);
    reader.read(pieces.text(), pieces.has_all(), part);
    pieces.take(part.size);
    append(rows, part, pieces.expected_size());
    if (rows.broken && !plan.skip_bad_rows) break;
    pieces.extend();
  }
  return rows;
}

// A piece and the rows in it, while a thread reads them and later.
struct Part {
  explicit Part(const RowPlan& plan) : reader(plan), rows(plan) {}

  Piece piece;
  RowReader reader;
  Rows rows;
  std::future<void> done;  // The last: it waits for the thread before all else goes.
};

// The next whole records.
void take_records(TextPieces& pieces, const Dialect& dialect, Piece& piece) {
  std::size_t size = 0;
  do {
    pieces.extend();
    size = pieces.has_all() ? pieces.text().size() : size_of_records(pieces.text(), dialect);
  } while (size == 0 && !pieces.has_all());
  pieces.take(size, piece);
}

// While the threads read pieces, this one puts together what they have read before, in the order
// of the text. There are twice as many pieces as threads, so that none of the processors waits for
// this one: with one piece more than threads, reading takes a quarter longer.
Rows read_at_once(TextPieces& pieces, const RowPlan& plan, std::size_t threads, std::size_t size) {
  Rows rows(plan);
  std::size_t taken = 0;
  std::list<Part> idle;
  std::list<Part> busy;
  while (!rows.broken && !(pieces.is_done() && busy.empty())) {
    if (taken >= size && busy.empty()) {
      if (rows.blank_lines_at_end == 0) break;
      taken = 0;  // Whether blank lines are rows is known when another one comes.
    }
    if (pieces.is_done() || taken >= size || busy.size() >= 2 * threads) {
      Part& part = busy.front();
      part.done.get();
      append(rows, part.rows, pieces.expected_size());
      idle.splice(idle.begin(), busy, busy.begin());
    } else {
      if (idle.empty()) idle.emplace_back(plan);
      Part& part = idle.front();
      take_records(pieces, plan.table.dialect, part.piece);
      taken += part.piece.text().size();
      begin_behind(part.rows, rows);
      part.done = started([&part] { part.reader.read(part.piece.text(), true, part.rows); });
      busy.splice(busy.end(), idle, idle.begin());
    }
  }
  return rows;
}

bool ends_line(char character) { return character == '\n' || character == '\r'; }

}  // namespace

Rows::Rows(const RowPlan& plan) : written(plan.written.size()), problems(plan.table.file) {
  columns.reserve(plan.columns.size());
  for (const ColumnPlan column : plan.columns) {
    columns.emplace_back(column, plan.table.dialect.decimal, plan.tokens);
  }
}

std::size_t size_of_records(std::string_view text, const Dialect& dialect) {
  const char quote = dialect.quote;
  // Most texts have none, and looking for one is quicker than counting them.
  const bool has_quotes = quote != nothing && text.find(quote) != std::string_view::npos;
  bool inside = has_quotes && std::count(text.begin(), text.end(), quote) % 2 != 0;
  for (std::size_t size = text.size(); size > 0; --size) {
    const char last = text[size - 1];
    // A line feed may follow a carriage return at the end, and belong to it.
    const bool is_cut = last == '\r' && size == text.size();
    if (!inside && ends_line(last) && !is_cut) return size;
    if (has_quotes && last == quote) inside = !inside;
  }
  return 0;
}

namespace {

// Quotes in comments hide where records end, and a record that is broken where the next begins.
bool can_read_at_once(const TextPieces& pieces, const RowPlan& plan, std::size_t threads) {
  const Dialect& dialect = plan.table.dialect;
  const bool quotes_in_comments = dialect.comment != nothing && dialect.quote != nothing;
  return threads > 1 && !pieces.has_all() && !quotes_in_comments;
}

void remove_blank_lines_at_end(Rows& rows) {
  if (rows.blank_lines_at_end == 0) return;
  const std::size_t count = rows.lines.size() - rows.blank_lines_at_end;
  rows.lines.resize(count);
  rows.columns.front().remove_missing(rows.blank_lines_at_end);
  for (std::vector<std::string>& column : rows.written) column.resize(count);
}

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

}  // namespace

Rows read_rows(TextPieces& pieces, const RowPlan& plan, std::size_t threads) {
  const bool at_once = can_read_at_once(pieces, plan, threads);
  Rows rows =
      at_once ? read_at_once(pieces, plan, threads, all) : read_one_by_one(pieces, plan, all);
  if (at_once && rows.broken && plan.skip_bad_rows) {
    pieces.restart();
    rows = read_one_by_one(pieces, plan, all);
  }
  remove_blank_lines_at_end(rows);
  return rows;
}

Rows read_some_rows(TextPieces& pieces, const RowPlan& plan, std::size_t threads,
                    std::size_t size) {
  // What is read at once cannot go back to where a record is broken.
  const bool at_once = can_read_at_once(pieces, plan, threads) && !plan.skip_bad_rows;
  Rows rows =
      at_once ? read_at_once(pieces, plan, threads, size) : read_one_by_one(pieces, plan, size);
  remove_blank_lines_at_end(rows);
  return rows;
}

}  // namespace models
