#include "models/data/csv_rows.h"

#include <algorithm>
#include <future>
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
             ? "Is this a text file? A spreadsheet must be saved as CSV (UTF-8) first."
             : "A cell with quotes in it is written in quotes, its own quotes doubled: "
               R"("6"" nail" stands for 6" nail.)";
}

namespace {

// Reads one stretch.
class RowReader {
 public:
  RowReader(std::string_view text, const RowPlan& plan)
      : plan_(plan),
        scanner_(text, plan.table.dialect),
        rows_(plan),
        is_utf8_(autograd::is_utf8(text)),
        size_(text.size()) {}

  Rows read() {
    while (scanner_.next_row(row_)) {
      if (is_blank_line(row_)) {
        if (plan_.columns.size() == 1) blank_lines_.push_back(scanner_.line());
        continue;
      }
      for (const std::size_t line : blank_lines_) add_missing_row(line);
      blank_lines_.clear();
      read_row();
    }
    rows_.line_breaks = scanner_.next_line() - 1;
    return std::move(rows_);
  }

 private:
  void add_missing_row(std::size_t line) {
    rows_.lines.push_back(line);
    rows_.columns.front().add_missing();
  }

  void read_row() {
    if (row_.back().fault != CellFault::none) {
      report_fault(row_.back());
      return;
    }
    if (row_.size() != plan_.columns.size()) {
      report_field_count();
      return;
    }
    if (has_faults()) return;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      rows_.columns[i].add(row_[i], unescaped(row_[i], room_));
    }
    rows_.lines.push_back(scanner_.line());
    if (rows_.lines.size() == 100) expect_more();
  }

  // Rows like the first hundred until the end; moving columns that grow costs more than their room.
  void expect_more() {
    const std::size_t read = size_ - scanner_.rest().size();
    const std::size_t rows = size_ / std::max<std::size_t>(read / 104, 1) + 1;
    for (ColumnBuilder& column : rows_.columns) column.reserve(rows);
    rows_.lines.reserve(rows);
  }

  void report(std::size_t line, std::size_t field, std::string text, const std::string& hint) {
    if (plan_.skip_bad_rows) {
      rows_.left_out.push_back({line, field, std::move(text)});
      return;
    }
    rows_.problems.add(line, field, std::move(text));
    rows_.problems.hint(hint);
  }

  // What follows a cell that cannot be cut cannot be told apart: unless lines are to be left out,
  // this is the last that is read, in this stretch and behind it.
  void report_fault(const Cell& cell) {
    rows_.is_broken = true;
    report(cell.line, row_.size(), column_prefix(row_.size()) + std::string(fault_text(cell.fault)),
           std::string(fault_hint(cell.fault)));
    if (plan_.skip_bad_rows) scanner_.leave_out_line();
  }

  void report_field_count() {
    const std::size_t expected = plan_.columns.size();
    const std::size_t found = row_.size();
    std::string text = "expected " + std::to_string(expected) +
                       (expected == 1 ? " field" : " fields") + ", found " + std::to_string(found);
    if (found < expected) {
      text += ": nothing for column " + printable(plan_.table.columns[found].name);
      report(scanner_.line(), found + 1, std::move(text), "");
      return;
    }
    const Cell& extra = row_[expected];
    const bool trailing = found == expected + 1 && extra.text.empty() && !extra.quoted;
    const std::string delimiter(delimiter_name(plan_.table.dialect.delimiter));
    text +=
        trailing ? ": the line ends in a " + delimiter : ": no column for " + in_quotes(extra.text);
    report(scanner_.line(), expected + 1, std::move(text),
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
        const NumberStatus status = rows_.columns[i].status_of(cell, text);
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
           encoding == Encoding::utf8
               ? "Save the file as CSV UTF-8, or read it as it is: --encoding latin-1."
               : "Save the file as CSV UTF-8.");
  }

  void report_number(const Cell& cell, std::size_t field, std::string_view text,
                     NumberStatus status) {
    const std::string name = printable(plan_.table.columns[field - 1].name);
    report(cell.line, field,
           column_prefix(field) + in_quotes(text) + " " + std::string(reproach(status)),
           (plan_.uses[field - 1] == ColumnUse::numbers
                ? "The column is to hold numbers"
                : "If " + name + " is no column of numbers, --categorical " + name +
                      " reads it as text") +
               "; --missing-tokens lists what stands for a missing value.");
  }

  std::string column_prefix(std::size_t field) const {
    if (field > plan_.columns.size()) return "";
    return "column " + printable(plan_.table.columns[field - 1].name) + ": ";
  }

  const RowPlan& plan_;
  CsvScanner scanner_;
  Rows rows_;
  std::vector<Cell> row_;
  std::vector<std::size_t> blank_lines_;
  std::string room_;
  bool is_utf8_;
  std::size_t size_;
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

void append(Rows& rows, Rows&& later) {
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    rows.columns[i].append(std::move(later.columns[i]));
  }
  for (const std::size_t line : later.lines) rows.lines.push_back(line + rows.line_breaks);
  rows.problems.append(later.problems, rows.line_breaks);
  for (Problem& problem : later.left_out) {
    problem.line += rows.line_breaks;
    rows.left_out.push_back(std::move(problem));
  }
  rows.line_breaks += later.line_breaks;
  rows.is_broken = rows.is_broken || later.is_broken;
}

std::size_t behind_line_break(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with("\r\n") ? at + 2 : at + 1;
}

}  // namespace

Rows::Rows(const RowPlan& plan) : problems(plan.table.file) {
  for (const ColumnPlan column : plan.columns) {
    columns.emplace_back(column, plan.table.dialect.decimal, plan.tokens);
  }
}

std::vector<std::string_view> cut_between_records(std::string_view text, const Dialect& dialect,
                                                  std::size_t parts) {
  std::vector<std::string_view> cut;
  const char quote = dialect.quote;
  const bool has_quotes = quote != nothing && text.find(quote) != std::string_view::npos;
  if (has_quotes && dialect.comment != nothing) parts = 1;  // Comments may have quotes in them.
  for (; parts > 1; --parts) {
    std::size_t at = text.size() / parts;
    bool inside =
        has_quotes &&
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), quote) % 2 != 0;
    const auto ends_record = [&] { return !inside && (text[at] == '\n' || text[at] == '\r'); };
    for (; at < text.size() && !ends_record(); ++at) {
      if (has_quotes && text[at] == quote) inside = !inside;
    }
    if (at == text.size()) break;
    at = behind_line_break(text, at);
    cut.push_back(text.substr(0, at));
    text.remove_prefix(at);
  }
  cut.push_back(text);
  return cut;
}

Rows read_rows(std::string_view text, const RowPlan& plan, std::size_t stretches) {
  // A blank line of a single column is a row if there are rows before and behind it.
  if (plan.columns.size() == 1) stretches = 1;
  const std::vector<std::string_view> texts =
      cut_between_records(text, plan.table.dialect, stretches);
  std::vector<std::future<Rows>> later;
  for (std::size_t i = 1; i < texts.size(); ++i) {
    later.push_back(started([&plan, part = texts[i]] { return RowReader(part, plan).read(); }));
  }
  Rows rows = RowReader(texts.front(), plan).read();
  for (std::future<Rows>& part : later) {
    Rows read = part.get();
    // Behind a cell that cannot be cut nothing can be told apart.
    if (!rows.is_broken) append(rows, std::move(read));
  }
  if (rows.is_broken && plan.skip_bad_rows && texts.size() > 1) {
    return read_rows(text, plan, 1);
  }
  return rows;
}

}  // namespace models
