#include "models/data/csv.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "models/data/column_builder.h"
#include "models/data/csv_scanner.h"
#include "models/data/dialect.h"
#include "models/data/errors.h"
#include "models/data/file_contents.h"
#include "models/data/number.h"

namespace models {
namespace {

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

// What the reading of one file has found so far.
class Reader {
 public:
  Reader(std::string_view text, std::string file, const CsvOptions& options)
      : text_(text), options_(options), problems_(file) {
    table_.file = std::move(file);
  }

  Table read() {
    refuse_other_encodings();
    table_.dialect = find_dialect(text_, table_.file, options_);
    read_columns(std::vector<bool>());
    std::vector<bool> lost;
    for (const ColumnBuilder& builder : builders_) lost.push_back(builder.spelling_was_lost());
    if (std::find(lost.begin(), lost.end(), true) != lost.end()) read_columns(lost);
    for (std::size_t i = 0; i < builders_.size(); ++i) {
      Column& column = table_.columns[i];
      std::string name = std::move(column.name);
      column = builders_[i].finish();
      column.name = std::move(name);
      column.field = i + 1;
    }
    return std::move(table_);
  }

 private:
  void refuse_other_encodings() const {
    if (!text_.starts_with("\xFF\xFE") && !text_.starts_with("\xFE\xFF")) return;
    throw DataError(table_.file, {1, 1, "the file is UTF-16, not UTF-8"}, "Save it as CSV UTF-8.");
  }

  // One pass over the text. `keep_spelling`, if not empty, says for which columns.
  void read_columns(const std::vector<bool>& keep_spelling) {
    CsvScanner scanner(text_, table_.dialect);
    table_.columns.clear();
    table_.lines.clear();
    read_header(scanner);
    builders_.clear();
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      builders_.emplace_back(!keep_spelling.empty() && keep_spelling[i], table_.dialect.decimal);
    }
    read_rows(scanner);
    problems_.throw_if_any();
    if (table_.rows() == 0) throw DataError(table_.file, {0, 0, "a header and no rows below it"});
  }

  void read_header(CsvScanner& scanner) {
    do {
      if (!scanner.next_row(row_)) throw DataError(table_.file, {0, 0, "the file is empty"});
    } while (is_blank_line(row_));
    table_.header_line = scanner.line();
    refuse_faults();
    if (!table_.dialect.has_header) {
      name_columns_by_number();
      scanner = CsvScanner(text_, table_.dialect);
      return;
    }
    for (const Cell& cell : row_) {
      Column column;
      column.name = unescaped(cell, room_);
      table_.columns.push_back(std::move(column));
    }
    check_names();
    problems_.throw_if_any();
  }

  void name_columns_by_number() {
    for (std::size_t field = 1; field <= row_.size(); ++field) {
      table_.columns.emplace_back().name = "c" + std::to_string(field);
    }
  }

  void check_names() {
    std::unordered_map<std::string_view, std::size_t> field_of;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const std::string& name = table_.columns[i].name;
      if (trimmed(name).empty()) {
        problems_.add(row_[i].line, i + 1, "the header has no name for this column");
        if (i + 1 == row_.size()) {
          problems_.hint("Does the header end in a " + delimiter() + "? Remove it.");
        }
        continue;
      }
      const auto [at, is_new] = field_of.emplace(name, i + 1);
      if (is_new) continue;
      problems_.add(row_[i].line, i + 1,
                    "column " + printable(name) + ": the name is already that of field " +
                        std::to_string(at->second));
    }
  }

  void read_rows(CsvScanner& scanner) {
    std::vector<std::size_t> blank_lines;
    while (scanner.next_row(row_)) {
      if (is_blank_line(row_)) {
        if (builders_.size() == 1) blank_lines.push_back(scanner.line());
        continue;
      }
      for (const std::size_t line : blank_lines) {
        table_.lines.push_back(line);
        builders_.front().add("");
      }
      blank_lines.clear();
      read_row(scanner.line());
    }
  }

  void read_row(std::size_t line) {
    refuse_faults();
    if (row_.size() != builders_.size()) {
      report_field_count(line);
      return;
    }
    table_.lines.push_back(line);
    for (std::size_t i = 0; i < row_.size(); ++i) builders_[i].add(unescaped(row_[i], room_));
  }

  // Where quotes are broken, what follows cannot be told apart: this is the last problem reported.
  void refuse_faults() {
    const Cell& cell = row_.back();
    if (cell.fault == CellFault::none) return;
    problems_.add(cell.line, row_.size(),
                  column_prefix(row_.size()) + std::string(fault_text(cell.fault)));
    problems_.hint(fault_hint(cell.fault));
    problems_.throw_if_any();
  }

  std::string column_prefix(std::size_t field) const {
    if (field > builders_.size()) return "";
    return "column " + printable(table_.columns[field - 1].name) + ": ";
  }

  void report_field_count(std::size_t line) {
    const std::size_t expected = builders_.size();
    const std::size_t found = row_.size();
    std::string text = "expected " + std::to_string(expected) +
                       (expected == 1 ? " field" : " fields") + ", found " + std::to_string(found);
    if (found < expected) {
      text += ": nothing for column " + printable(table_.columns[found].name);
      problems_.add(line, found + 1, std::move(text));
      return;
    }
    const Cell& extra = row_[expected];
    const bool trailing = found == expected + 1 && extra.text.empty() && !extra.quoted;
    text += trailing ? ": the line ends in a " + delimiter()
                     : ": no column for " + in_quotes(extra.text);
    problems_.add(line, expected + 1, std::move(text));
    problems_.hint(trailing ? "Remove the " + delimiter() +
                                  ", or give the last column a name in the header."
                            : "A cell with a " + delimiter() + " in it is written in quotes.");
  }

  std::string delimiter() const { return std::string(delimiter_name(table_.dialect.delimiter)); }

  std::string_view text_;
  CsvOptions options_;
  Problems problems_;
  Table table_;
  std::vector<ColumnBuilder> builders_;
  std::vector<Cell> row_;
  std::string room_;
};

}  // namespace

Table read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  return parse_csv(file_contents(path.string()), path.string(), options);
}

Table parse_csv(std::string_view text, const std::string& file, const CsvOptions& options) {
  return within_memory(file, [&] { return Reader(text, file, options).read(); });
}

}  // namespace models
