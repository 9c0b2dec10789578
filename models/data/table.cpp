#include "models/data/table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/data/number.h"

namespace models {
namespace {

template <class T>
void keep_rows(std::vector<T>& all, std::span<const std::size_t> rows) {
  if (all.empty()) return;
  std::vector<T> kept;
  kept.reserve(rows.size());
  for (const std::size_t row : rows) kept.push_back(all[row]);
  all = std::move(kept);
}

}  // namespace

bool Column::is_missing(std::size_t row) const {
  return kind == ColumnKind::numeric ? std::isnan(numbers[row]) : codes[row] == missing;
}

std::size_t Column::missing_cells() const {
  const auto cells = kind == ColumnKind::numeric
                         ? std::count_if(numbers.begin(), numbers.end(),
                                         [](double number) { return std::isnan(number); })
                         : std::count(codes.begin(), codes.end(), missing);
  return static_cast<std::size_t>(cells);
}

std::string Column::cell(std::size_t row) const {
  if (is_missing(row)) return {};
  return codes.empty() ? shortest(numbers[row]) : levels[codes[row]];
}

std::vector<std::string> Table::names() const {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

const Column* Table::find(std::string_view name) const {
  const auto at = std::find_if(columns.begin(), columns.end(),
                               [name](const Column& column) { return column.name == name; });
  return at == columns.end() ? nullptr : &*at;
}

std::vector<std::string> Table::names_in(std::string_view text) const {
  if (find(text) != nullptr) return {std::string(text)};
  return between_commas(text);
}

Table Table::with_rows(std::span<const std::size_t> rows) const {
  Table some = *this;
  keep_rows(some.lines, rows);
  for (Column& column : some.columns) {
    keep_rows(column.numbers, rows);
    keep_rows(column.codes, rows);
  }
  return some;
}

}  // namespace models
