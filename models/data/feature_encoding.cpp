#include "models/data/feature_encoding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "autograd/suggestion.h"
#include "models/data/errors.h"
#include "models/data/large_pages.h"
#include "models/data/number.h"
#include "models/parallel.h"

namespace models {
namespace {

// --- Learning an encoding ---------------------------------------------------------------------

// Of the numbers that are not missing; where their sum overflows, by the update of a running mean.
double mean_of(const std::vector<double>& numbers) {
  double sum = 0.0;
  double count = 0.0;
  for (const double number : numbers) {
    const bool missing = std::isnan(number);
    sum += missing ? 0.0 : number;
    count += missing ? 0.0 : 1.0;
  }
  if (count == 0.0) return 0.0;
  if (std::isfinite(sum)) return sum / count;
  double mean = 0.0;
  count = 0.0;
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    count += 1.0;
    mean += number / count - mean / count;
  }
  return mean;
}

void learn_levels(const Table& table, const Column& column, ColumnEncoding& encoding) {
  std::size_t most = 0;
  for (const LevelCount& level : count_levels(column)) {
    if (level.rows > most) {
      most = level.rows;
      encoding.fill_level = encoding.levels.size();
    }
    encoding.levels.push_back(level.name);
  }
  if (encoding.levels.size() >= 2) return;
  throw DataError(table.file,
                  {table.header_line, column.field,
                   column_prefix(column.name) +
                       (encoding.levels.empty()
                            ? std::string("every cell is missing")
                            : "constant: every row has " + in_quotes(encoding.levels.front()))},
                  "It tells nothing about the target: --drop leaves it out.");
}

// Splits "rank=1" where the front names a column, one with that level if there is one; names may
// have = in them.
ColumnEncoding* column_of_reference(FeatureEncoding& encoding, std::string_view text,
                                    std::string_view& level) {
  ColumnEncoding* first = nullptr;
  for (std::size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const std::string_view behind = text.substr(at + 1);
    for (ColumnEncoding& column : encoding.columns) {
      if (column.name != text.substr(0, at)) continue;
      const bool has_level =
          std::find(column.levels.begin(), column.levels.end(), behind) != column.levels.end();
      if (first == nullptr || has_level) level = behind;
      if (has_level) return &column;
      if (first == nullptr) first = &column;
    }
  }
  return first;
}

// `settled` are the columns that have the reference that was asked for.
void set_reference(const Table& table, std::string_view text, FeatureEncoding& encoding,
                   std::unordered_set<const ColumnEncoding*>& settled) {
  const auto fail = [&](const std::string& what) {
    throw DataError(table.file, {table.header_line, 0, "--reference: " + what});
  };
  std::string_view level;
  ColumnEncoding* const column = column_of_reference(encoding, text, level);
  if (column == nullptr) {
    fail(in_quotes(text) + " is not COLUMN=LEVEL of a column that is used; those are " +
         listed(encoding.column_names()));
  }
  if (!column->is_categorical()) {
    fail(in_quotes(column->name) + " is a column of numbers; --categorical makes it categories");
  }
  const auto at = std::find(column->levels.begin(), column->levels.end(), level);
  if (at == column->levels.end()) {
    fail("the column " + in_quotes(column->name) + " has no level " + in_quotes(level) +
         "; its levels are " + listed(column->levels));
  }
  const auto reference = static_cast<std::size_t>(at - column->levels.begin());
  if (!settled.insert(column).second && column->reference != reference) {
    fail("the column " + in_quotes(column->name) + " is to be compared with " +
         in_quotes(column->levels[column->reference]) + " and with " + in_quotes(level));
  }
  column->reference = reference;
}

void require_different_names(const Table& table, const FeatureEncoding& encoding) {
  std::unordered_set<std::string> seen;
  for (const std::string& name : encoding.feature_names()) {
    if (seen.insert(name).second) continue;
    throw DataError(
        table.file,
        {table.header_line, 0,
         "two features would have the name " + in_quotes(name) + ", made of different columns"},
        "Give a column another name.");
  }
}

// --- Applying it ------------------------------------------------------------------------------

// In the place of the index of a level: no training row had it.
constexpr std::uint32_t unknown_level = Column::missing - 1;

// Finds levels by their spelling, and numbers by their value where just one level has it.
class LevelFinder {
 public:
  LevelFinder(const std::vector<std::string>& levels, char decimal) {
    for (std::uint32_t i = 0; i < levels.size(); ++i) {
      by_name_.emplace(levels[i], i);
      const ParsedNumber parsed = parse_number(levels[i], decimal);
      if (parsed.status != NumberStatus::number) continue;
      const auto [at, is_new] = by_number_.emplace(parsed.value, i);
      if (!is_new) at->second = unknown_level;
    }
  }
  [[nodiscard]] std::uint32_t find(std::string_view name, char decimal) const {
    const auto at = by_name_.find(name);
    if (at != by_name_.end()) return at->second;
    const ParsedNumber parsed = parse_number(name, decimal);
    return parsed.status == NumberStatus::number ? find(parsed.value) : unknown_level;
  }
  [[nodiscard]] std::uint32_t find(double number) const {
    const auto at = by_number_.find(number);
    return at == by_number_.end() ? unknown_level : at->second;
  }

 private:
  std::unordered_map<std::string_view, std::uint32_t> by_name_;
  std::unordered_map<double, std::uint32_t> by_number_;
};

// Per row the index into the levels of the encoding, `missing` or `unknown_level`.
std::vector<std::uint32_t> levels_of(const Column& column, const LevelFinder& finder,
                                     std::size_t rows) {
  std::vector<std::uint32_t> of_code;
  for (const std::string& level : column.levels) {
    of_code.push_back(finder.find(level, column.decimal));
  }
  std::vector<std::uint32_t> found(rows, Column::missing);
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.is_missing(row)) continue;
    found[row] =
        column.codes.empty() ? finder.find(column.numbers[row]) : of_code[column.codes[row]];
  }
  return found;
}

// Encodes one table; collects what is wrong with it.
class Encoder {
 public:
  Encoder(const Table& table, const FeatureEncoding& encoding, UnknownPolicy unknown)
      : table_(table),
        encoding_(encoding),
        unknown_(unknown),
        faults_(table.file),
        unknowns_(table.file) {}

  Encoded encode(std::string_view hint_for_missing) {
    find_columns();
    for (std::size_t i = 0; i < columns_.size(); ++i) check(*columns_[i], encoding_.columns[i]);
    if (missing_ > 0) faults_.hint(hint_for_missing);
    faults_.throw_if_any();
    start_features();
    // A block of rows takes its numbers from all columns while it is in the cache.
    for_each_block(table_.rows(), 512, [&](std::size_t first, std::size_t count) {
      std::size_t at = 0;
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const ColumnEncoding& encoding = encoding_.columns[i];
        if (!encoding.is_categorical()) fill_numbers(*columns_[i], encoding, at, first, count);
        at += encoding.features();
      }
    });
    std::size_t at = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const ColumnEncoding& encoding = encoding_.columns[i];
      if (encoding.is_categorical()) fill_categories(*columns_[i], encoding, at);
      at += encoding.features();
    }
    if (!unknowns_.empty()) throw ModelDataMismatch(unknowns_.message(), unknown_columns_);
    return std::move(encoded_);
  }

 private:
  void find_columns() {
    require_positions();
    require_columns(table_, encoding_.column_names());
    std::unordered_map<std::string_view, const Column*> column_of;
    for (const Column& column : table_.columns) column_of.emplace(column.name, &column);
    for (const ColumnEncoding& column : encoding_.columns) {
      columns_.push_back(column_of.at(column.name));
    }
  }

  // Names that stand for positions mean the same columns in files of the same number of fields. The
  // labels may be missing where they would be the last.
  void require_positions() const {
    if (encoding_.fields == 0 || table_.dialect.has_header) return;
    const std::size_t fields = table_.columns.size();
    const bool is_without_labels =
        fields + 1 == encoding_.fields && encoding_.target_field == encoding_.fields;
    if (fields == encoding_.fields || is_without_labels) return;
    throw ModelDataMismatch(location(table_.file, table_.header_line) +
                                ": without a header columns go by their position, and the file "
                                "has " +
                                std::to_string(fields) + " of them, the training file had " +
                                std::to_string(encoding_.fields),
                            {});
  }

  [[nodiscard]] bool fills() const {
    return encoding_.missing == MissingPolicy::mean ||
           encoding_.missing == MissingPolicy::mean_and_flag;
  }

  void check(const Column& column, const ColumnEncoding& encoding) {
    if (fills()) {
      count_filled(column);
    } else {
      report_missing(column);
    }
    if (!encoding.is_categorical() && column.kind == ColumnKind::text) report_text(column);
  }

  void count_filled(const Column& column) {
    const std::size_t missing = column.missing_cells();
    if (missing > 0) encoded_.filled.push_back({column.name, missing});
  }

  void report_missing(const Column& column) {
    if (column.missing_cells() == 0) return;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      if (!column.is_missing(row)) continue;
      ++missing_;
      faults_.add(table_.lines[row], column.field, column_prefix(column.name) + "missing value");
    }
  }

  // A file that was read with uses_of() has none: the reader names each cell.
  void report_text(const Column& column) {
    faults_.add(table_.header_line, column.field,
                column_prefix(column.name) + "it is text, and the model needs numbers");
  }

  void start_features() {
    Features& features = encoded_.features;
    features.names = encoding_.feature_names();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      features.fields.insert(features.fields.end(), encoding_.columns[i].features(),
                             columns_[i]->field);
    }
    features.file = table_.file;
    features.lines = table_.lines;
    const std::size_t size = table_.rows() * features.columns();
    features.values.reserve(size);
    prefer_large_pages(features.values.data(), size * sizeof(double));
    features.values.resize(size, 0.0);
  }

  double& value(std::size_t row, std::size_t feature) {
    return encoded_.features.values[row * encoded_.features.columns() + feature];
  }

  // A column of nothing but missing cells is one of numbers.
  void fill_numbers(const Column& column, const ColumnEncoding& encoding, std::size_t at,
                    std::size_t first, std::size_t count) {
    for (std::size_t row = first; row < first + count; ++row) {
      const double number = column.numbers[row];
      const bool missing = std::isnan(number);
      value(row, at) = missing ? encoding.fill_number : number;
      if (encoding.flagged && missing) value(row, at + 1) = 1.0;
    }
  }

  void fill_categories(const Column& column, const ColumnEncoding& encoding, std::size_t at) {
    const LevelFinder finder(encoding.levels, encoding_.decimal);
    const std::vector<std::uint32_t> levels = levels_of(column, finder, table_.rows());
    std::size_t unknown = 0;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      std::size_t level = levels[row];
      if (level == unknown_level) {
        ++unknown;
        if (unknown_ == UnknownPolicy::error) report_unknown(column, encoding, row);
        continue;
      }
      if (level == Column::missing) {
        level = encoding.fill_level;
        if (encoding.flagged) value(row, at + encoding.levels.size() - 1) = 1.0;
      }
      if (level == encoding.reference) continue;
      value(row, at + level - (level > encoding.reference ? 1 : 0)) = 1.0;
    }
    if (unknown == 0) return;
    encoded_.unknown.push_back({column.name, unknown});
    unknown_columns_.push_back(column.name);
  }

  void report_unknown(const Column& column, const ColumnEncoding& encoding, std::size_t row) {
    unknowns_.add(table_.lines[row], column.field,
                  column_prefix(column.name) + "no training row has " +
                      in_quotes(column.cell(row)) + "; they have " + listed(encoding.levels));
    unknowns_.hint("--unknown ignore takes such cells for the reference level and counts them.");
  }

  const Table& table_;
  const FeatureEncoding& encoding_;
  UnknownPolicy unknown_;
  Problems faults_;
  Problems unknowns_;
  std::vector<std::string> unknown_columns_;
  std::vector<const Column*> columns_;
  std::size_t missing_ = 0;
  Encoded encoded_;
};

}  // namespace

std::string_view to_string(MissingPolicy policy) {
  constexpr std::array<std::string_view, 4> names{"error", "drop", "mean", "mean+flag"};
  return names[static_cast<std::size_t>(policy)];
}

std::vector<std::string> FeatureEncoding::column_names() const {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const ColumnEncoding& column : columns) names.push_back(column.name);
  return names;
}

std::vector<std::string> FeatureEncoding::feature_names() const {
  std::vector<std::string> names;
  for (const ColumnEncoding& column : columns) {
    if (!column.is_categorical()) names.push_back(column.name);
    for (std::size_t level = 0; level < column.levels.size(); ++level) {
      if (level != column.reference) names.push_back(column.name + "=" + column.levels[level]);
    }
    if (column.flagged) names.push_back(column.name + " is missing");
  }
  return names;
}

std::map<std::string, ColumnUse> uses_of(const FeatureEncoding& encoding) {
  std::map<std::string, ColumnUse> uses;
  for (const ColumnEncoding& column : encoding.columns) {
    uses[column.name] = column.is_categorical() ? ColumnUse::text : ColumnUse::numbers;
  }
  return uses;
}

FeatureEncoding encoding_of_numbers(std::span<const std::string> names) {
  FeatureEncoding encoding;
  for (const std::string& name : names) encoding.columns.push_back({name, {}, 0, 0.0, 0, false});
  return encoding;
}

std::vector<std::size_t> complete_rows(const Table& table, std::span<const ColumnSchema> schema) {
  std::vector<bool> complete(table.rows(), true);
  for (const ColumnSchema& each : schema) {
    if (each.role == Role::unusable || each.missing == 0) continue;
    const Column& column = table.columns[each.index];
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (column.is_missing(row)) complete[row] = false;
    }
  }
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (complete[row]) rows.push_back(row);
  }
  return rows;
}

FeatureEncoding fit_encoding(const Table& table, std::span<const ColumnSchema> schema,
                             const EncodingOptions& options) {
  FeatureEncoding encoding;
  encoding.missing = options.missing;
  encoding.decimal = table.dialect.decimal;
  encoding.missing_tokens = table.missing_tokens;
  std::vector<const ColumnSchema*> used;
  for (const ColumnSchema& each : schema) {
    if (each.role != Role::unusable) used.push_back(&each);
  }
  encoding.columns.resize(used.size());
  for_each_block(used.size(), 1, [&](std::size_t k, std::size_t /*count*/) {
    const ColumnSchema& each = *used[k];
    const Column& column = table.columns[each.index];
    ColumnEncoding& added = encoding.columns[k];
    added.name = each.name;
    added.flagged = options.missing == MissingPolicy::mean_and_flag && each.missing > 0;
    const bool is_number = each.role == Role::numeric ||
                           (each.role == Role::boolean && column.kind == ColumnKind::numeric);
    if (is_number) {
      added.fill_number = mean_of(column.numbers);
    } else {
      learn_levels(table, column, added);
    }
  });
  std::unordered_set<const ColumnEncoding*> settled;
  for (const std::string& reference : options.references) {
    set_reference(table, reference, encoding, settled);
  }
  require_different_names(table, encoding);
  return encoding;
}

void require_columns(const Table& table, std::span<const std::string> names) {
  const std::vector<std::string> present = table.names();
  const std::unordered_set<std::string_view> known(present.begin(), present.end());
  std::vector<std::string> absent;
  for (const std::string& name : names) {
    if (!known.contains(name)) absent.push_back(name);
  }
  if (absent.empty()) return;
  std::string text = location(table.file, table.header_line);
  text += absent.size() == 1 ? ": a column the model was trained on is not in the file: "
                             : ": columns the model was trained on are not in the file: ";
  const std::size_t shown = std::min(absent.size(), Problems::shown_at_most);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string guess = autograd::did_you_mean(absent[i], present);
    text += (i > 0 ? ", " : "") + printable(absent[i]);
    if (!guess.empty()) text += " (" + guess + ")";
  }
  if (shown < absent.size()) text += " and " + std::to_string(absent.size() - shown) + " more";
  throw ModelDataMismatch(text, absent);
}

Encoded encode(const Table& table, const FeatureEncoding& encoding, UnknownPolicy unknown,
               std::string_view hint_for_missing) {
  return Encoder(table, encoding, unknown).encode(hint_for_missing);
}

}  // namespace models
