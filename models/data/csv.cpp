#include "models/data/csv.h"

#include <algorithm>
#include <array>
#include <thread>
#include <unordered_map>
#include <utility>

#include "autograd/utf8.h"
#include "models/data/csv_rows.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"
#include "models/data/sha256.h"

namespace models {
namespace {

// What the reading of one file has found so far.
class Reader {
 public:
  Reader(Input& input, const std::string& file, const CsvOptions& options)
      : options_(options),
        tokens_(options.missing_tokens.value_or(MissingTokens::usual())),
        problems_(file),
        faults_(file),
        pieces_(input, file, options) {
    table_.file = file;
    table_.missing_tokens = options.missing_tokens.value_or(MissingTokens::usual());
  }

  // The dialect, the header and what becomes of the columns.
  void open() {
    refuse_other_formats();
    while (!pieces_.has_all() && !is_enough_for_dialect(pieces_.text(), options_)) {
      pieces_.extend();
    }
    table_.dialect = find_dialect(pieces_.text(), table_.file, options_);
    table_.dialect.encoding = pieces_.encoding();
    read_header();
    find_uses();
  }

  const Table& table() const { return table_; }

  Table read() {
    open();
    std::vector<ColumnPlan> plans = first_plans();
    Rows rows = read_body(plans);
    if (find_out_more(rows, plans)) {
      rows.columns.clear();  // They would take the memory that others need now.
      pieces_.restart();
      rows = read_body(plans);
    }
    faults_.append(rows.problems, lines_before_body_);
    refuse_faults(faults_, rows.uneven, rows.lines.size());
    finish(std::move(rows), table_);
    if (table_.lines.empty()) refuse_no_rows();
    for (const Column& column : table_.columns) refuse_other_decimal(column);
    return std::move(table_);
  }

  // After open(): some rows, or nothing at the end.
  std::optional<Table> next() {
    constexpr std::size_t part_size = std::size_t{1} << 23U;
    const std::vector<ColumnPlan> plans = first_plans();
    const RowPlan plan = plan_of(plans);
    while (!pieces_.is_done()) {
      Rows rows = read_some_rows(pieces_, plan, threads(), part_size);
      uneven_ += rows.uneven;
      if (!rows.problems.empty() || !faults_.empty()) {
        faults_.append(rows.problems, lines_before_body_);
        lines_before_body_ += rows.line_breaks;
        rows_read_ += rows.lines.size();
        if (rows.broken) break;
        continue;
      }
      const std::size_t line_breaks = rows.line_breaks;
      const bool has_rows = !rows.lines.empty();
      Table part = table_;
      finish(std::move(rows), part);
      lines_before_body_ += line_breaks;
      rows_read_ += part.rows();
      if (has_rows) return part;
      table_.left_out.insert(table_.left_out.end(), part.left_out.begin(), part.left_out.end());
    }
    refuse_faults(faults_, uneven_, rows_read_);
    if (rows_read_ == 0) refuse_no_rows();
    return std::nullopt;
  }

 private:
  // Of so many good rows; lines are those of the file.
  void refuse_faults(const Problems& faults, std::size_t uneven, std::size_t good) {
    if (good == 0 && uneven > 1 && uneven == faults.count()) problems_.hint(doubt_of_header());
    problems_.append(faults, 0);
    problems_.hint("--skip-bad-rows leaves rows with faults out and lists them.");
    problems_.throw_if_any();
  }

  void refuse_other_formats() {
    struct Format {
      std::string_view begin;
      const char* what;
      const char* hint;
    };
    static constexpr std::array<Format, 3> formats{
        {{"\x1F\x8B", "compressed by gzip",
          "Unpack it on the way: gunzip -c FILE | tapewise describe -"},
         {"PK\x03\x04", "a zip file, such as a spreadsheet (xlsx, ods)",
          "Save the sheet as CSV (UTF-8)."},
         {"\xD0\xCF\x11\xE0", "an old spreadsheet (xls)", "Save the sheet as CSV (UTF-8)."}}};
    if (pieces_.encoding() != Encoding::utf8) return;
    // A first piece may be shorter than what is looked for.
    do {
      pieces_.extend();
    } while (pieces_.text().size() < formats.back().begin.size() && !pieces_.has_all());
    for (const Format& format : formats) {
      if (!pieces_.text().starts_with(format.begin)) continue;
      throw DataError(table_.file, {0, 0, "not a CSV but " + std::string(format.what)},
                      format.hint);
    }
  }

  // The names, or numbers in their place. Behind it pieces_ begin with the first row.
  void read_header() {
    CsvScanner scanner(pieces_.text(), table_.dialect);
    do {
      if (!scanner.next_row(row_)) throw DataError(table_.file, {0, 0, no_record()});
    } while (is_blank_line(row_));
    table_.header_line = scanner.line();
    refuse_fault(row_.back());
    if (table_.dialect.has_header) {
      take_names();
    } else {
      for (std::size_t field = 1; field <= row_.size(); ++field) {
        add_column("c" + std::to_string(field));
      }
    }
    const bool has_header = table_.dialect.has_header;
    lines_before_body_ = (has_header ? scanner.next_line() : scanner.line()) - 1;
    pieces_.take(has_header ? scanner.position() : scanner.row_position());
    pieces_.set_start();
  }

  const char* no_record() const {
    if (pieces_.text().empty()) return "the file is empty";
    return table_.dialect.comment == nothing ? "nothing but blank lines"
                                             : "nothing but blank lines and comments";
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
        const std::string delimiter(delimiter_name(table_.dialect.delimiter));
        const bool at_end = field == row_.size() && !cell.quoted;
        problems_.hint(
            at_end ? "Does the header end in a " + delimiter + "? Remove it there and in the rows."
            : field == 1
                ? "Are these the names of rows? Write the file without them (pandas: index=False, "
                  "R: row.names=FALSE), or give the column a name."
                : "Give it one, or say --header no if this line holds data.");
      } else if (!autograd::is_utf8(name)) {
        problems_.add(cell.line, field,
                      "the name " + in_quotes(name) + " is not " +
                          std::string(encoding_name(pieces_.encoding())));
        problems_.hint(encoding_hint(pieces_.encoding()));
      } else if (!is_new) {
        problems_.add(cell.line, field,
                      column_prefix(name) + "the name is already that of field " +
                          std::to_string(at->second));
        problems_.hint(
            "Give each column a name of its own, or say --header no if this line holds data.");
      }
    }
    problems_.throw_if_any();
  }

  // Where no row of several has as many fields as the header.
  std::string doubt_of_header() const {
    return "No row has as many fields as line " + std::to_string(table_.header_line) +
           ". Is that the header? Lines above it are to be removed; a column of row names, and one "
           "behind the last " +
           std::string(delimiter_name(table_.dialect.delimiter)) + ", need a name in it, too.";
  }

  void find_uses() {
    uses_.assign(table_.columns.size(), options_.other_columns);
    for (const auto& [names, use] : options_.columns) {
      for (const std::string& name : table_.names_in(names)) set_use(name, use);
    }
    for (const auto& [name, use] : options_.columns) set_use(name, use);
    for (const std::string& names : options_.written) {
      for (const std::string& name : table_.names_in(names)) {
        const Column* const column = table_.find(name);
        if (column == nullptr) continue;
        if (std::find(written_.begin(), written_.end(), column->field - 1) == written_.end()) {
          written_.push_back(column->field - 1);
        }
      }
    }
  }

  void set_use(const std::string& name, ColumnUse use) {
    if (const Column* column = table_.find(name)) uses_[column->field - 1] = use;
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

  std::size_t threads() const {
    return options_.threads > 0 ? options_.threads : std::thread::hardware_concurrency();
  }

  RowPlan plan_of(const std::vector<ColumnPlan>& plans) const {
    return {table_, tokens_, plans, uses_, options_.skip_bad_rows, written_};
  }

  Rows read_body(const std::vector<ColumnPlan>& plans) {
    return read_rows(pieces_, plan_of(plans), threads());
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

  [[noreturn]] void refuse_no_rows() const {
    if (table_.left_out.empty()) {
      throw DataError(table_.file, {0, 0, "a header and no rows below it"});
    }
    Problems faults(table_.file);
    for (const Problem& fault : table_.left_out) faults.add(fault.line, fault.field, fault.text);
    throw DataError(table_.file, faults.first(), faults.count(),
                    "No row is left: all are faulty, and --skip-bad-rows leaves them out.");
  }

  void finish(Rows rows, Table& table) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      Column& column = table.columns[i];
      if (uses_[i] == ColumnUse::none && rows.columns[i].verdict() != ColumnVerdict::done) continue;
      Column finished = std::move(rows.columns[i]).finish();
      finished.name = column.name;
      finished.field = column.field;
      column = std::move(finished);
    }
    for (std::size_t k = 0; k < written_.size(); ++k) {
      table.columns[written_[k]].written = std::move(rows.written[k]);
    }
    table.lines = std::move(rows.lines);
    table.left_out = std::move(rows.left_out);
    if (lines_before_body_ == 0) return;
    for (std::size_t& line : table.lines) line += lines_before_body_;
    for (Problem& problem : table.left_out) problem.line += lines_before_body_;
  }

  // The decimal mark was found in the first records, where a column may have no numbers yet.
  void refuse_other_decimal(const Column& column) const {
    const Dialect& dialect = table_.dialect;
    if (dialect.given.decimal || dialect.delimiter == ',' || column.levels.empty()) return;
    if (column.kind != ColumnKind::text || uses_[column.field - 1] != ColumnUse::open) return;
    const char other = dialect.decimal == ',' ? '.' : ',';
    for (const std::string& level : column.levels) {
      if (parse_number(level, other).status != NumberStatus::number) return;
    }
    const auto level =
        std::find_if(column.levels.begin(), column.levels.end(), [&](const std::string& text) {
          return parse_number(text, dialect.decimal).status != NumberStatus::number;
        });
    if (level == column.levels.end()) return;  // The row of its text was left out.
    const auto row = std::find(column.codes.begin(), column.codes.end(),
                               static_cast<std::uint32_t>(level - column.levels.begin()));
    const std::size_t line = table_.lines[static_cast<std::size_t>(row - column.codes.begin())];
    throw DataError(
        table_.file,
        {line, column.field,
         column_prefix(column.name) + "numbers like " + in_quotes(*level) + " have a decimal " +
             (other == ',' ? "comma" : "point") + ", which those on the first lines do not show"},
        "--decimal comma or --decimal point settles it.");
  }

  CsvOptions options_;
  MissingTokens tokens_;
  Problems problems_;
  Problems faults_;  // of rows
  TextPieces pieces_;
  std::size_t lines_before_body_ = 0;  // or, of a stream, before what comes next
  std::size_t rows_read_ = 0;          // of a stream
  std::size_t uneven_ = 0;
  std::vector<Cell> row_;
  std::vector<ColumnUse> uses_;       // one per column
  std::vector<std::size_t> written_;  // indices of columns
  Table table_;
};

}  // namespace

Table read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  const std::string name = input_name(path.string());
  return within_memory(name, [&] {
    FileInput file = path == "-" ? FileInput::standard_input() : FileInput(path.string());
    if (file.can_rewind()) return read_csv(file, name, options);
    KeptInput kept(file);
    return read_csv(kept, name, options);
  });
}

Table read_csv(Input& input, const std::string& file, const CsvOptions& options) {
  return within_memory(file, [&] {
    if (!options.digest) return Reader(input, file, options).read();
    DigestedInput digested(input);
    Table table = Reader(digested, file, options).read();
    table.sha256 = digested.digest();
    return table;
  });
}

Table parse_csv(std::string_view text, const std::string& file, const CsvOptions& options) {
  TextInput input(text);
  return read_csv(input, file, options);
}

struct CsvStream::State {
  State(const std::filesystem::path& path, const std::string& name, const CsvOptions& options)
      : input(path == "-" ? FileInput::standard_input() : FileInput(path.string())),
        reader(input, name, options) {}

  FileInput input;
  Reader reader;
};

CsvStream::CsvStream(const std::filesystem::path& path, const CsvOptions& options) {
  const std::string name = input_name(path.string());
  state_ = std::make_unique<State>(path, name, options);
  state_->reader.open();
}

CsvStream::~CsvStream() = default;

const Table& CsvStream::header() const { return state_->reader.table(); }

std::optional<Table> CsvStream::next() { return state_->reader.next(); }

}  // namespace models
