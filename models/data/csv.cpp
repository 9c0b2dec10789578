#include "models/data/csv.h"

#include <algorithm>
#include <thread>
#include <unordered_map>
#include <utility>

#include "autograd/utf8.h"
#include "models/data/csv_rows.h"
#include "models/data/encoding.h"
#include "models/data/errors.h"
#include "models/data/file_contents.h"
#include "models/data/number.h"

namespace models {
namespace {

// Below this, another thread is not worth starting.
constexpr std::size_t bytes_per_thread = std::size_t{1} << 20U;

// What the reading of one file has found so far.
class Reader {
 public:
  Reader(std::string_view bytes, std::string file, const CsvOptions& options)
      : bytes_(bytes),
        options_(options),
        tokens_(options.missing_tokens ? MissingTokens(*options.missing_tokens) : MissingTokens()),
        problems_(file) {
    table_.file = std::move(file);
  }

  Table read() {
    decode();
    table_.dialect = find_dialect(text_, table_.file, options_);
    table_.dialect.encoding = encoding_;
    read_header();
    find_uses();
    std::vector<ColumnPlan> plans = first_plans();
    Rows rows = read_body(plans);
    if (find_out_more(rows, plans)) rows = read_body(plans);
    problems_.append(rows.problems, lines_before_body_);
    problems_.throw_if_any();
    if (rows.lines.empty()) {
      throw DataError(table_.file, {0, 0,
                                    rows.left_out.empty() ? "a header and no rows below it"
                                                          : "no row is left, all are faulty"});
    }
    finish(std::move(rows));
    return std::move(table_);
  }

 private:
  void decode() {
    const std::optional<Encoding> marked = marked_encoding(bytes_);
    encoding_ = options_.encoding.value_or(marked.value_or(Encoding::utf8));
    if (marked && *marked != encoding_) {
      throw DataError(table_.file,
                      {1, 1,
                       "the byte order mark is that of " + std::string(encoding_name(*marked)) +
                           ", not of " + std::string(encoding_name(encoding_))},
                      "Leave --encoding out.");
    }
    text_ = without_mark(bytes_, encoding_);
    if (encoding_ == Encoding::utf8) return;
    decoded_ = to_utf8(text_, encoding_);
    text_ = decoded_;
  }

  void read_header() {
    CsvScanner scanner(text_, table_.dialect);
    do {
      body_ = scanner.rest();
      lines_before_body_ = scanner.next_line() - 1;
      if (!scanner.next_row(row_)) throw DataError(table_.file, {0, 0, "the file is empty"});
    } while (is_blank_line(row_));
    table_.header_line = scanner.line();
    refuse_fault(row_.back());
    if (table_.dialect.has_header) {
      take_names();
      body_ = scanner.rest();
      lines_before_body_ = scanner.next_line() - 1;
    } else {
      for (std::size_t field = 1; field <= row_.size(); ++field) {
        add_column("c" + std::to_string(field));
      }
    }
  }

  void refuse_fault(const Cell& cell) const {
    if (cell.fault == CellFault::none) return;
    throw DataError(table_.file, {cell.line, row_.size(), std::string(fault_text(cell.fault))},
                    fault_hint(cell.fault));
  }

  void add_column(std::string_view name) {
    Column& column = table_.columns.emplace_back();
    column.name = name;
    column.field = table_.columns.size();
  }

  void take_names() {
    std::string room;
    std::unordered_map<std::string, std::size_t> field_of;
    for (const Cell& cell : row_) {
      const std::string name(unescaped(cell, room));
      add_column(name);
      const std::size_t field = table_.columns.size();
      const auto [at, is_new] = field_of.emplace(name, field);
      if (trimmed(name).empty()) {
        problems_.add(cell.line, field, "the header has no name for this column");
        if (field == row_.size()) {
          problems_.hint("Does the header end in a " +
                         std::string(delimiter_name(table_.dialect.delimiter)) + "? Remove it.");
        }
      } else if (!autograd::is_utf8(name)) {
        problems_.add(
            cell.line, field,
            "the name " + in_quotes(name) + " is not " + std::string(encoding_name(encoding_)));
        problems_.hint("Save the file as CSV UTF-8, or read it as it is: --encoding latin-1.");
      } else if (!is_new) {
        problems_.add(cell.line, field,
                      "column " + printable(name) + ": the name is already that of field " +
                          std::to_string(at->second));
      }
    }
    problems_.throw_if_any();
  }

  void find_uses() {
    uses_.assign(table_.columns.size(), options_.other_columns);
    for (const auto& [names, use] : options_.columns) {
      for (const std::string& name : table_.names_in(names)) {
        if (const Column* column = table_.find(name)) uses_[column->field - 1] = use;
      }
    }
  }

  std::vector<ColumnPlan> first_plans() const {
    std::vector<ColumnPlan> plans;
    for (const ColumnUse use : uses_) {
      plans.push_back(use == ColumnUse::text      ? ColumnPlan::text
                      : use == ColumnUse::numbers ? ColumnPlan::numbers
                                                  : ColumnPlan::find_out);
    }
    return plans;
  }

  Rows read_body(const std::vector<ColumnPlan>& plans) const {
    const RowPlan plan{table_, tokens_, plans, uses_, options_.skip_bad_rows};
    return read_rows(body_, plan, stretches());
  }

  std::size_t stretches() const {
    if (options_.threads > 0) return options_.threads;
    return std::clamp<std::size_t>(body_.size() / bytes_per_thread, 1,
                                   std::max(std::thread::hardware_concurrency(), 1U));
  }

  // Whether the rows have to be read again, by plans that leave nothing open.
  bool find_out_more(const Rows& rows, std::vector<ColumnPlan>& plans) const {
    if (!rows.problems.empty()) return false;
    bool again = false;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const ColumnVerdict verdict = rows.columns[i].verdict();
      again = again || verdict != ColumnVerdict::done;
      if (plans[i] != ColumnPlan::find_out) continue;
      const bool faulty =
          verdict == ColumnVerdict::numbers_and_faults && uses_[i] != ColumnUse::none;
      const bool text = !rows.columns[i].is_numeric() && !faulty;
      plans[i] = text ? ColumnPlan::text : ColumnPlan::numbers;
    }
    return again;
  }

  void finish(Rows rows) {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      Column column = std::move(rows.columns[i]).finish();
      column.name = table_.columns[i].name;
      column.field = table_.columns[i].field;
      table_.columns[i] = std::move(column);
    }
    table_.lines = std::move(rows.lines);
    table_.left_out = std::move(rows.left_out);
    if (lines_before_body_ == 0) return;
    for (std::size_t& line : table_.lines) line += lines_before_body_;
    for (Problem& problem : table_.left_out) problem.line += lines_before_body_;
  }

  std::string_view bytes_;
  CsvOptions options_;
  MissingTokens tokens_;
  Problems problems_;
  Encoding encoding_ = Encoding::utf8;
  std::string decoded_;    // where the bytes are not UTF-8
  std::string_view text_;  // all of it, as UTF-8
  std::string_view body_;  // the part of it that holds the rows
  std::size_t lines_before_body_ = 0;
  std::vector<Cell> row_;
  std::vector<ColumnUse> uses_;  // one per column
  Table table_;
};

}  // namespace

Table read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  return parse_csv(file_contents(path.string()), path.string(), options);
}

Table parse_csv(std::string_view text, const std::string& file, const CsvOptions& options) {
  return within_memory(file, [&] { return Reader(text, file, options).read(); });
}

}  // namespace models
