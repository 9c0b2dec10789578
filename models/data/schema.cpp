#include "models/data/schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "autograd/suggestion.h"
#include "models/data/errors.h"
#include "models/data/number.h"
#include "models/parallel.h"

namespace models {
namespace {

constexpr std::size_t running_rows_at_least = 20;
constexpr std::size_t levels_never_free_text = 5;
constexpr std::size_t levels_at_most = 100;

// --- What a cell looks like -------------------------------------------------------------------

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a whole number of one to four digits off the front; 0 digits where there is none.
struct DatePart {
  int value = 0;
  std::size_t digits = 0;
};
DatePart take_number(std::string_view& text) {
  DatePart part;
  while (part.digits < 4 && part.digits < text.size() && is_digit(text[part.digits])) {
    part.value = 10 * part.value + (text[part.digits++] - '0');
  }
  text.remove_prefix(part.digits);
  return part;
}

bool is_month_and_day(const DatePart& month, const DatePart& day) {
  const bool short_enough = month.digits <= 2 && day.digits <= 2;
  return short_enough && month.value >= 1 && month.value <= 12 && day.value >= 1 && day.value <= 31;
}

// Nothing, or a time behind a blank or a T: 12:30, 12:30:00.5Z.
bool is_time_or_nothing(std::string_view text) {
  if (text.empty()) return true;
  const bool is_apart = text.front() == ' ' || text.front() == 'T';
  return is_apart && text.size() > 1 && is_digit(text[1]) &&
         text.find(':') != std::string_view::npos &&
         text.substr(1).find_first_not_of("0123456789:.+-Z ") == std::string_view::npos;
}

bool is_date(std::string_view text) {
  const DatePart first = take_number(text);
  if (first.digits == 0 || text.empty()) return false;
  const char separator = text.front();
  if (separator != '-' && separator != '/' && separator != '.') return false;
  text.remove_prefix(1);
  const DatePart second = take_number(text);
  if (second.digits == 0 || text.empty() || text.front() != separator) return false;
  text.remove_prefix(1);
  const DatePart third = take_number(text);
  if (third.digits == 0 || !is_time_or_nothing(text)) return false;
  if (first.digits == 4) return is_month_and_day(second, third);
  const bool has_year = third.digits == 4 || third.digits == 2;
  return has_year && (is_month_and_day(first, second) || is_month_and_day(second, first));
}

bool are_yes_and_no(const std::vector<std::string>& levels) {
  if (levels.size() != 2) return false;
  std::array<std::string, 2> pair{in_lower_case(levels[0]), in_lower_case(levels[1])};
  std::sort(pair.begin(), pair.end());
  static const std::array<std::array<std::string, 2>, 5> known{
      {{"no", "yes"}, {"n", "y"}, {"false", "true"}, {"f", "t"}, {"off", "on"}}};
  return std::find(known.begin(), known.end(), pair) != known.end();
}

// --- What a column looks like -----------------------------------------------------------------

void find_range(const Column& column, ColumnSchema& schema) {
  if (schema.missing == column.numbers.size()) return;
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -smallest;
  for (const double number : column.numbers) {  // NaN is neither smaller nor larger.
    smallest = number < smallest ? number : smallest;
    largest = number > largest ? number : largest;
  }
  schema.smallest = smallest;
  schema.largest = largest;
}

bool is_constant(const Column& column, const ColumnSchema& schema) {
  return column.kind == ColumnKind::numeric ? schema.smallest == schema.largest
                                            : column.levels.size() == 1;
}

// Whether the numbers are those of a range without a gap, each once.
bool is_running_number(const Column& column, const ColumnSchema& schema) {
  const std::size_t rows = column.numbers.size();
  if (schema.missing > 0 || rows < running_rows_at_least) return false;
  if (schema.largest - schema.smallest != static_cast<double>(rows - 1)) return false;
  std::vector<bool> seen(rows, false);
  for (const double number : column.numbers) {
    const double offset = number - schema.smallest;
    if (number != std::floor(number)) return false;
    const auto at = static_cast<std::size_t>(offset);
    if (seen[at]) return false;
    seen[at] = true;
  }
  return true;
}

bool is_zero_or_one(const Column& column) {
  return std::all_of(column.numbers.begin(), column.numbers.end(), [](double number) {
    return std::isnan(number) || number == 0.0 || number == 1.0;
  });
}

// The one text in a column that is not a number, and the row where it is first; nothing where there
// are several, or none.
struct Odd {
  std::size_t row = 0;
  std::size_t cells = 0;
};
std::optional<Odd> the_only_text(const Table& table, const Column& column) {
  Odd odd;
  std::vector<bool> are_numbers;
  for (const std::string& level : column.levels) {
    are_numbers.push_back(parse_number(level, column.decimal).status == NumberStatus::number);
  }
  if (std::count(are_numbers.begin(), are_numbers.end(), false) != 1) return std::nullopt;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (column.is_missing(row) || are_numbers[column.codes[row]]) continue;
    if (odd.cells++ == 0) odd.row = row;
  }
  return odd;
}

// One text among numbers is probably a slip, or stands for what is missing:
// `; all but "3.6l" on line 3 are numbers (--numeric makes that an error)`.
std::string remark_on_numbers(const Table& table, const Column& column) {
  const std::optional<Odd> odd = the_only_text(table, column);
  if (!odd) return "";
  const std::string text = in_quotes(column.cell(odd->row));
  if (odd->cells == 1) {
    return "; all but " + text + " on line " + std::to_string(table.lines[odd->row]) +
           " are numbers (--numeric makes that an error)";
  }
  return "; all but " + counted(odd->cells, "cell") + " with " + text +
         " are numbers (is that a missing value? --missing-tokens lists them)";
}

// Why a column is unusable by rules 1, 2, 4, 5 and 6, or nothing.
std::optional<std::string> fault_of(const Table& table, const Column& column,
                                    const ColumnSchema& schema) {
  const std::size_t cells =
      (column.kind == ColumnKind::numeric ? column.numbers.size() : column.codes.size()) -
      schema.missing;
  if (cells == 0) return "empty: every cell is missing";
  if (column.long_numbers > 0 && column.kind == ColumnKind::numeric) {
    return "an identifier: " + counted(column.long_numbers, "whole number") +
           " with more digits than a double holds";
  }
  if (is_constant(column, schema)) {
    const std::string value = column.kind == ColumnKind::numeric ? shortest(schema.smallest)
                                                                 : in_quotes(column.levels.front());
    return "constant: every " + std::string(schema.missing > 0 ? "other cell" : "cell") + " is " +
           value;
  }
  if (column.kind == ColumnKind::numeric) {
    if (!is_running_number(column, schema)) return std::nullopt;
    return "an identifier: a running number from " + shortest(schema.smallest) + " to " +
           shortest(schema.largest);
  }
  if (schema.role != Role::categorical) return std::nullopt;
  const std::size_t levels = column.levels.size();
  if (std::all_of(column.levels.begin(), column.levels.end(), is_date)) {
    return "a date, such as " + in_quotes(column.levels.front());
  }
  if (levels == cells) {
    return "an identifier: its " + counted(levels, "text") + " all differ" +
           remark_on_numbers(table, column);
  }
  if (levels > levels_never_free_text && 2 * levels > cells) {
    return "free text: " + counted(levels, "different text") + " in " + counted(cells, "cell") +
           remark_on_numbers(table, column);
  }
  if (levels > levels_at_most) {
    return "too many categories: " + std::to_string(levels) + ", more than " +
           std::to_string(levels_at_most) + remark_on_numbers(table, column);
  }
  return std::nullopt;
}

// The role of a column of which nothing is known, the rules of unusable columns left aside.
Role usable_role(const Column& column) {
  if (column.kind == ColumnKind::numeric) {
    return is_zero_or_one(column) ? Role::boolean : Role::numeric;
  }
  return are_yes_and_no(column.levels) ? Role::boolean : Role::categorical;
}

// --- What is known better ---------------------------------------------------------------------

enum class Wish : std::uint8_t { categorical, numeric, drop, keep, weight };

constexpr std::array<std::string_view, 5> flags{"--categorical", "--numeric", "--drop", "--keep",
                                                "--weight"};

std::string_view flag_of(Wish wish) { return flags[static_cast<std::size_t>(wish)]; }

using Wishes = std::map<std::string, Wish, std::less<>>;

void add_wishes(const Table& table, std::string_view target, const std::vector<std::string>& texts,
                Wish wish, Wishes& wishes) {
  const auto fail = [&](const std::string& text) {
    throw DataError(table.file, {table.header_line, 0, std::string(flag_of(wish)) + ": " + text});
  };
  const auto add = [&](const std::string& name) {
    if (table.find(name) == nullptr) {
      const std::string guess = autograd::did_you_mean(name, table.names());
      fail("no column is named " + in_quotes(name) +
           (guess.empty() ? "; the columns are " + listed(table.names()) : "; " + guess));
    }
    if (name == target && wish == Wish::categorical) return;  // as labels always are
    if (name == target) fail(in_quotes(name) + " is the target");
    const auto [at, is_new] = wishes.emplace(name, wish);
    if (is_new || at->second == wish) return;
    fail(in_quotes(name) + " is named by " + std::string(flag_of(at->second)) + " too");
  };
  for (const std::string& text : texts) {
    if (wish == Wish::weight) {
      add(text);  // one column, whatever its name
      continue;
    }
    for (const std::string& name : table.names_in(text)) add(name);
  }
}

Wishes wishes_of(const Table& table, std::string_view target, const SchemaOptions& options) {
  Wishes wishes;
  add_wishes(table, target, options.categorical, Wish::categorical, wishes);
  add_wishes(table, target, options.numeric, Wish::numeric, wishes);
  add_wishes(table, target, options.drop, Wish::drop, wishes);
  add_wishes(table, target, options.keep, Wish::keep, wishes);
  add_wishes(table, target, options.weight, Wish::weight, wishes);
  return wishes;
}

void decide(const Table& table, const Column& column, std::optional<Wish> wish,
            ColumnSchema& schema) {
  schema.role = usable_role(column);
  if (wish == Wish::drop || wish == Wish::weight) {
    schema.role = Role::unusable;
  } else if (wish == Wish::categorical) {
    schema.role = Role::categorical;
  } else if (wish == Wish::numeric) {
    schema.role = Role::numeric;
  } else if (!wish) {
    if (std::optional<std::string> fault = fault_of(table, column, schema)) {
      schema.role = Role::unusable;
      schema.reason = std::move(*fault);
    }
  }
  if (wish) schema.reason = flag_of(*wish);
}

ColumnSchema schema_of(const Table& table, const Column& column, std::optional<Wish> wish) {
  ColumnSchema schema;
  schema.name = column.name;
  schema.missing = column.missing_cells();
  find_range(column, schema);
  decide(table, column, wish, schema);
  if (schema.role == Role::categorical || schema.role == Role::boolean) {
    schema.levels = count_levels(column);
  }
  return schema;
}

}  // namespace

std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, 4> names{"numeric", "boolean", "categorical", "unusable"};
  return names[static_cast<std::size_t>(role)];
}

std::vector<LevelCount> count_levels(const Column& column) {
  std::vector<LevelCount> levels;
  if (column.codes.empty()) {
    std::map<double, std::size_t> rows_of;
    for (const double number : column.numbers) {
      if (!std::isnan(number)) ++rows_of[number];
    }
    for (const auto& [number, rows] : rows_of) levels.push_back({shortest(number), rows});
    return levels;
  }
  for (const std::string& level : column.levels) levels.push_back({level, 0});
  for (const std::uint32_t code : column.codes) {
    if (code != Column::missing) ++levels[code].rows;
  }
  std::erase_if(levels, [](const LevelCount& level) { return level.rows == 0; });
  std::vector<std::string> names;
  names.reserve(levels.size());
  for (const LevelCount& level : levels) names.push_back(level.name);
  std::vector<LevelCount> sorted;
  for (const std::size_t at : sorted_order(names, column.decimal)) sorted.push_back(levels[at]);
  return sorted;
}

std::vector<std::size_t> sorted_order(std::span<const std::string> levels, char decimal) {
  std::vector<std::size_t> order(levels.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return levels[a] < levels[b]; });
  std::vector<double> values;
  values.reserve(levels.size());
  for (const std::string& level : levels) {
    const ParsedNumber number = parse_number(level, decimal);
    if (number.status != NumberStatus::number) return order;
    values.push_back(number.value);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

bool is_left_out_by_wish(const ColumnSchema& column) {
  return column.role == Role::unusable &&
         (column.reason == flag_of(Wish::drop) || column.reason == flag_of(Wish::weight));
}

std::map<std::string, ColumnUse> uses_of(const SchemaOptions& options) {
  std::map<std::string, ColumnUse> uses;
  for (const std::string& names : options.drop) uses[names] = ColumnUse::none;
  for (const std::string& names : options.numeric) uses[names] = ColumnUse::numbers;
  for (const std::string& names : options.categorical) uses[names] = ColumnUse::text;
  for (const std::string& name : options.weight) uses[name] = ColumnUse::numbers;
  return uses;
}

std::vector<ColumnSchema> infer_schema(const Table& table, std::string_view target,
                                       const SchemaOptions& options) {
  const Wishes wishes = wishes_of(table, target, options);
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name != target) used.push_back(i);
  }
  std::vector<ColumnSchema> schema(used.size());
  for_each_block(used.size(), 1, [&](std::size_t k, std::size_t /*count*/) {
    const Column& column = table.columns[used[k]];
    const auto at = wishes.find(column.name);
    schema[k] =
        schema_of(table, column, at == wishes.end() ? std::nullopt : std::optional(at->second));
    schema[k].index = used[k];
  });
  return schema;
}

}  // namespace models
