#include "models/data/column_builder.h"

#include <iterator>
#include <limits>
#include <utility>

#include "models/data/number.h"

namespace models {

void ColumnBuilder::add(std::string_view cell) {
  if (trimmed(cell).empty()) {
    if (numeric_) numbers_.push_back(std::numeric_limits<double>::quiet_NaN());
    if (spelled_) codes_.push_back(Column::missing);
    return;
  }
  if (numeric_) add_number(cell);
  if (spelled_) add_spelling(cell);
}

void ColumnBuilder::add_number(std::string_view cell) {
  const ParsedNumber parsed = parse_number(cell, decimal_);
  if (parsed.status == NumberStatus::number) {
    numbers_.push_back(parsed.value);
    return;
  }
  numeric_ = false;
  numbers_ = {};
  lost_ = !spelled_;
}

void ColumnBuilder::add_spelling(std::string_view cell) {
  const auto known = code_of_.find(cell);
  if (known != code_of_.end()) {
    codes_.push_back(known->second);
    return;
  }
  if (numeric_ && !keep_spelling_ && levels_.size() == spellings_at_most) {
    forget_spelling();
    return;
  }
  const auto code = static_cast<std::uint32_t>(levels_.size());
  code_of_.emplace(levels_.emplace_back(cell), code);
  codes_.push_back(code);
}

void ColumnBuilder::forget_spelling() {
  spelled_ = false;
  codes_ = {};
  code_of_ = {};
  levels_ = {};
}

Column ColumnBuilder::finish() {
  Column column;
  column.kind = numeric_ ? ColumnKind::numeric : ColumnKind::text;
  column.numbers = std::move(numbers_);
  column.codes = std::move(codes_);
  column.levels.assign(std::make_move_iterator(levels_.begin()),
                       std::make_move_iterator(levels_.end()));
  *this = ColumnBuilder(keep_spelling_, decimal_);
  return column;
}

}  // namespace models
