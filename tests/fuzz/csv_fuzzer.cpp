// The CSV reader on any input: a table that keeps its promises, or a message.
//
// The first twelve bytes of an input are its line of options, eleven characters and a line break,
// the rest is the file. A character that is not in the list of its place, such as -, leaves the
// option out:
//   1 delimiter   , ; t(ab) | _(blanks) 0(none)     7 tokens      e(none at all) 9(-999 and NA)
//   2 quote       " ' ; 0(none)                     8 bad rows    s(kipped)
//   3 decimal     . ,                               9 threads     1 2 3
//   4 comment     # ; 0(none)                      10 columns     n(umbers) t(ext) d(ropped)
//   5 header      y n                              11 a and c1    the same, of columns of this name
//   6 encoding    8 l(ittle) b(ig) 1(Latin-1)
#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/utf8.h"
#include "models/data/csv.h"
#include "models/data/errors.h"
#include "models/data/missing_tokens.h"
#include "models/data/number.h"
#include "tests/fuzz/plain_reader.h"
#include "tests/fuzz/property.h"

namespace models {
namespace {

using fuzz::require;
using fuzz::same_bits;

constexpr std::string_view file = "fuzz.csv";
constexpr std::size_t size_of_options = 12;

// The value at the place that the character has in the list.
template <class Value>
std::optional<Value> chosen(char character, std::string_view list,
                            std::initializer_list<Value> values) {
  const std::size_t at = list.find(character);
  if (at == std::string_view::npos) return std::nullopt;
  return values.begin()[at];
}

CsvOptions options_of(std::string_view line) {
  using Tokens = std::vector<std::string>;
  CsvOptions options;
  options.delimiter = chosen(line[0], ",;t|_0", {',', ';', '\t', '|', runs_of_blanks, nothing});
  options.quote = chosen(line[1], "\"';0", {'"', '\'', ';', nothing});
  options.decimal = chosen(line[2], ".,", {'.', ','});
  options.comment = chosen(line[3], "#;0", {'#', ';', nothing});
  options.has_header = chosen(line[4], "yn", {true, false});
  options.encoding = chosen(
      line[5], "8lb1", {Encoding::utf8, Encoding::utf16_le, Encoding::utf16_be, Encoding::latin1});
  options.missing_tokens = chosen(line[6], "e9", {Tokens{}, Tokens{"-999", "NA"}});
  options.skip_bad_rows = line[7] == 's';
  options.threads = chosen(line[8], "123", {1U, 2U, 3U}).value_or(1);
  const auto use = [](char character) {
    return chosen(character, "ntd", {ColumnUse::numbers, ColumnUse::text, ColumnUse::none});
  };
  options.other_columns = use(line[9]).value_or(ColumnUse::open);
  if (const std::optional<ColumnUse> known = use(line[10])) options.columns["a,c1"] = *known;
  // The command line refuses these two.
  if (options.comment == options.quote) options.comment.reset();
  if (options.delimiter == options.decimal) options.decimal.reset();
  return options;
}

struct Outcome {
  std::optional<Table> table;
  std::string message;  // of the error, where there is no table
};

Outcome outcome(std::string_view text, const CsvOptions& options) {
  try {
    return {parse_csv(text, std::string(file), options), ""};
  } catch (const DataError& error) {
    return {std::nullopt, error.what()};
  }
}

bool is_said(const std::string& text) { return !text.empty() && autograd::is_utf8(text); }

void check_message(const std::string& message) {
  require(message.starts_with(std::string(file) + ":"), "a message begins with the file");
  require(message.size() > file.size() + 2, "a message says something");
  require(autograd::is_utf8(message), "a message is UTF-8");
}

// In order of first appearance, none of them missing, none twice, and UTF-8.
void check_levels(const Column& column) {
  std::uint32_t next = 0;
  for (const std::uint32_t code : column.codes) {
    if (code == Column::missing) continue;
    require(code <= next, "levels are in order of first appearance");
    next += code == next ? 1 : 0;
  }
  require(next == column.levels.size(), "a code is that of a level, and each level occurs");
  const std::set<std::string> different(column.levels.begin(), column.levels.end());
  require(different.size() == column.levels.size(), "levels differ");
  for (const std::string& level : column.levels) {
    require(!trimmed(level).empty(), "a level has something in it");
    require(autograd::is_utf8(level), "a level is UTF-8");
  }
}

void check_numbers(const Column& column, std::size_t rows, char decimal) {
  require(column.numbers.size() == rows, "a column of numbers has one per row");
  for (std::size_t row = 0; row < rows; ++row) {
    const double number = column.numbers[row];
    require(std::isfinite(number) || std::isnan(number), "a number is finite, or missing");
    if (column.codes.empty()) continue;
    const std::uint32_t code = column.codes[row];
    require((code == Column::missing) == std::isnan(number), "what is missing has no code");
    if (code == Column::missing) continue;
    const ParsedNumber parsed = parse_number(column.levels[code], decimal);
    require(parsed.status == NumberStatus::number && same_bits(parsed.value, number),
            "a number is what its spelling says");
  }
}

void check_columns(const Table& table) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    require(column.field == i + 1, "columns are in the order of the file");
    require(column.decimal == table.dialect.decimal, "a column has the file's decimal mark");
    require(autograd::is_utf8(column.name), "a name is UTF-8");
    require(!trimmed(column.name).empty(), "a name has something in it");
    require(names.insert(column.name).second, "names differ");
    const bool spelled = !column.codes.empty();
    require(!spelled || column.codes.size() == table.rows(), "a column has one code per row");
    check_levels(column);
    if (column.kind == ColumnKind::numeric) {
      check_numbers(column, table.rows(), table.dialect.decimal);
    } else {
      require(spelled && column.numbers.empty(), "a column of text has its spellings only");
    }
  }
}

void check_table(const Table& table, const CsvOptions& options) {
  require(table.rows() > 0 && !table.columns.empty(), "a table has rows and columns");
  require(table.header_line >= 1 && table.header_line <= table.lines.front(),
          "the header is not below the first row");
  const bool ascend = std::adjacent_find(table.lines.begin(), table.lines.end(),
                                         std::greater_equal<>()) == table.lines.end();
  require(ascend, "each row begins on a later line than the one before");
  require(options.skip_bad_rows || table.left_out.empty(), "no row is left out unasked");
  for (const Problem& problem : table.left_out) {
    require(problem.line > 0 && is_said(problem.text), "a row that is left out has a reason");
  }
  require(is_said(described(table.dialect)), "the dialect has words");
  check_columns(table);
}

void require_same(const Column& left, const Column& right, std::string_view property) {
  require(left.name == right.name && left.field == right.field && left.kind == right.kind,
          property);
  require(left.levels == right.levels && left.codes == right.codes, property);
  require(std::equal(left.numbers.begin(), left.numbers.end(), right.numbers.begin(),
                     right.numbers.end(), same_bits),
          property);
}

void require_same_columns(const Table& left, const Table& right, std::string_view property) {
  require(left.columns.size() == right.columns.size(), property);
  for (std::size_t i = 0; i < left.columns.size(); ++i) {
    require_same(left.columns[i], right.columns[i], property);
  }
}

void require_same(const Outcome& left, const Outcome& right, std::string_view property) {
  if (left.message != right.message) {
    std::cerr << "one: " << left.message << "\nanother: " << right.message << '\n';
  }
  require(left.message == right.message, property);
  if (!left.table) return;
  require(left.table->header_line == right.table->header_line, property);
  require(left.table->lines == right.table->lines, property);
  require(std::equal(left.table->left_out.begin(), left.table->left_out.end(),
                     right.table->left_out.begin(), right.table->left_out.end(),
                     [](const Problem& a, const Problem& b) {
                       return a.line == b.line && a.field == b.field && a.text == b.text;
                     }),
          property);
  require_same_columns(*left.table, *right.table, property);
}

// The rows that make a table: those below the header, blank lines only between rows of one column.
std::vector<fuzz::PlainRow> rows_of(std::string_view text, const Table& table) {
  std::vector<fuzz::PlainRow> rows;
  std::vector<fuzz::PlainRow> blank;
  bool begun = false;
  for (fuzz::PlainRow& row : fuzz::plain_rows(text, table.dialect)) {
    require(std::none_of(row.cells.begin(), row.cells.end(),
                         [](const auto& cell) { return cell.at_fault; }),
            "a table has no cell at fault");
    if (is_blank(row)) {
      if (begun && table.columns.size() == 1) blank.push_back(std::move(row));
      continue;
    }
    rows.insert(rows.end(), blank.begin(), blank.end());
    blank.clear();
    if (begun || !table.dialect.has_header) {
      rows.push_back(std::move(row));
    } else {
      require(std::equal(
                  row.cells.begin(), row.cells.end(), table.columns.begin(), table.columns.end(),
                  [](const auto& cell, const Column& column) { return cell.text == column.name; }),
              "the names are those in the text");
    }
    begun = true;
  }
  return rows;
}

void check_cell(const fuzz::PlainCell& cell, const Column& column, std::size_t row,
                const MissingTokens& tokens, char decimal) {
  const bool missing = cell.quoted ? trimmed(cell.text).empty() : tokens.contains(cell.text);
  require(column.is_missing(row) == missing, "what is missing in the text is missing in the table");
  if (missing) return;
  if (column.codes.empty()) {
    require(same_bits(column.numbers[row], parse_number(cell.text, decimal).value),
            "a number is the one in the text");
  } else {
    require(column.levels[column.codes[row]] == cell.text, "a cell is the one in the text");
  }
}

// Another reader finds the same cells.
void check_against_text(std::string_view bytes, const Table& table, const CsvOptions& options) {
  if (!table.left_out.empty()) return;
  const std::string text = fuzz::plain_text(bytes, table.dialect.encoding);
  const std::vector<fuzz::PlainRow> rows = rows_of(text, table);
  require(rows.size() == table.rows(), "the table has the rows of the text");
  const MissingTokens tokens =
      options.missing_tokens ? MissingTokens(*options.missing_tokens) : MissingTokens();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    require(rows[row].line == table.lines[row], "a row is on its line");
    require(rows[row].cells.size() == table.columns.size(), "a row has a cell for each column");
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      check_cell(rows[row].cells[i], table.columns[i], row, tokens, table.dialect.decimal);
    }
  }
}

CsvOptions in_pieces(CsvOptions options, unsigned threads, std::size_t piece_size) {
  options.threads = threads;
  options.piece_size = piece_size;
  return options;
}

// The options that leave nothing of a dialect to be found.
CsvOptions with_dialect(CsvOptions options, const Dialect& dialect) {
  options.delimiter = dialect.delimiter;
  options.quote = dialect.quote;
  options.decimal = dialect.decimal;
  options.comment = dialect.comment;
  options.has_header = dialect.has_header;
  options.encoding = dialect.encoding;
  return options;
}

// As RFC 4180 has it, but for the delimiter where the comma is the decimal mark. Every cell is in
// quotes, so that blanks and tokens stay what they are.
std::string written(const Table& table, char delimiter) {
  std::string text;
  const auto write = [&](std::string_view cell) {
    text += '"';
    for (const char character : cell) text.append(character == '"' ? 2 : 1, character);
    text += '"';
  };
  const auto write_row = [&](const auto& cell_of) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (i > 0) text += delimiter;
      write(cell_of(table.columns[i]));
    }
    text += "\r\n";
  };
  if (table.dialect.has_header) write_row([](const Column& column) { return column.name; });
  for (std::size_t row = 0; row < table.rows(); ++row) {
    write_row([&](const Column& column) {
      std::string cell = column.cell(row);
      // A number whose spelling is not known comes with a point.
      const bool comma = column.kind == ColumnKind::numeric && table.dialect.decimal == ',';
      if (comma) std::replace(cell.begin(), cell.end(), '.', ',');
      return cell;
    });
  }
  return text;
}

void check_writing(const Table& table, const CsvOptions& options) {
  // A row that was left out may have been the one that made its other columns text.
  if (!table.left_out.empty()) return;
  Dialect dialect = table.dialect;
  dialect.delimiter = dialect.decimal == ',' ? ';' : ',';
  dialect.quote = '"';
  dialect.comment = nothing;
  dialect.encoding = Encoding::utf8;
  Outcome again = outcome(written(table, dialect.delimiter), with_dialect(options, dialect));
  require(again.table.has_value(), "what is written as RFC 4180 can be read");
  require(again.table->columns.size() == table.columns.size(), "there are as many columns");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    // Numbers written in one way each may have few enough spellings to be kept.
    if (!table.columns[i].codes.empty()) continue;
    again.table->columns[i].codes.clear();
    again.table->columns[i].levels.clear();
  }
  require_same_columns(table, *again.table, "what is written as RFC 4180 is read as it was");
}

void check(std::string_view text, const CsvOptions& options) {
  const Outcome found = outcome(text, options);
  if (found.table) {
    check_table(*found.table, options);
    check_against_text(text, *found.table, options);
    require_same(found, outcome(text, with_dialect(options, found.table->dialect)),
                 "the dialect that was found, when given, gives the same");
    check_writing(*found.table, options);
  } else {
    check_message(found.message);
  }
  for (const unsigned threads : {1U, 3U}) {
    for (const std::size_t piece_size : {1U, 7U, 64U}) {
      require_same(found, outcome(text, in_pieces(options, threads, piece_size)),
                   "pieces, and threads, give the same as all of the text at once");
    }
  }
}

}  // namespace
}  // namespace models

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < models::size_of_options) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  models::check(input.substr(models::size_of_options), models::options_of(input));
  return 0;
}
