#include "models/data/column_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace models {
namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();

}  // namespace

ColumnBuilder::ColumnBuilder(ColumnPlan plan, char decimal, const MissingTokens& tokens)
    : plan_(plan),
      decimal_(decimal),
      take_scanned_(!tokens.has_numbers()),
      has_values_(plan != ColumnPlan::text),
      tokens_(&tokens) {}

void ColumnBuilder::begin_behind(const ColumnBuilder& before) {
  has_values_ = before.has_values_;
  spelled_ = before.spelled_;
  numbers_present_ = like_numbers_ = others_ = long_numbers_ = 0;
  values_.clear();
  codes_.clear();
  if (!levels_.empty()) levels_.clear();
}

void ColumnBuilder::add_other(const Cell& cell, std::string_view text) {
  if (is_missing(cell, text)) {
    add_missing();
  } else if (spelled_) {
    const Level& level = level_of(text);
    codes_.push_back(level.code);
    count(level.number, cell);
    forget_too_much_spelling();
  } else {
    count(parse_number(text, decimal_), cell);
  }
}

void ColumnBuilder::add_missing() {
  if (has_values_) values_.push_back(not_there);
  if (spelled_) codes_.push_back(Column::missing);
}

// A nan or inf in quotes is text like other words, and not what a computer wrote for a number.
void ColumnBuilder::count(const ParsedNumber& parsed, const Cell& cell) {
  if (parsed.status == NumberStatus::number) {
    add_number(parsed.value);
    long_numbers_ += parsed.is_long ? 1 : 0;
    return;
  }
  const bool is_word = parsed.status == NumberStatus::not_a_number ||
                       (parsed.status == NumberStatus::not_finite && cell.quoted);
  ++(is_word ? others_ : like_numbers_);
  forget_values();
}

const ColumnBuilder::Level& ColumnBuilder::level_of(std::string_view text) {
  const auto at = levels_.find(text);
  if (at != levels_.end()) return at->second;
  const auto code = static_cast<std::uint32_t>(levels_.size());
  return levels_.emplace(text, Level{code, parse_number(text, decimal_)}).first->second;
}

void ColumnBuilder::make_room_for(const ColumnBuilder& later, std::size_t expected) {
  if (has_values_ && later.has_values_) make_room(values_, later.values_.size(), expected);
  if (spelled_ && later.spelled_) make_room(codes_, later.codes_.size(), expected);
}

void ColumnBuilder::append(ColumnBuilder& later) {
  numbers_present_ += later.numbers_present_;
  like_numbers_ += later.like_numbers_;
  others_ += later.others_;
  long_numbers_ += later.long_numbers_;
  if (!later.has_values_) forget_values();
  if (has_values_) values_.insert(values_.end(), later.values_.begin(), later.values_.end());
  if (!later.spelled_) forget_spelling();
  if (!spelled_) return;
  const std::vector<std::uint32_t> code = take_levels_of(later);
  for (const std::uint32_t c : later.codes_) {
    codes_.push_back(c == Column::missing ? c : code[c]);
  }
  forget_too_much_spelling();
}

// The codes that its levels have here; those that are new here move, text and all.
std::vector<std::uint32_t> ColumnBuilder::take_levels_of(ColumnBuilder& later) {
  std::vector<Levels::const_iterator> in_order(later.levels_.size());
  for (auto at = later.levels_.cbegin(); at != later.levels_.cend(); ++at) {
    in_order[at->second.code] = at;
  }
  std::vector<std::uint32_t> codes;
  codes.reserve(in_order.size());
  for (const Levels::const_iterator at : in_order) {
    const auto found = levels_.find(at->first);
    if (found != levels_.end()) {
      codes.push_back(found->second.code);
      continue;
    }
    auto node = later.levels_.extract(at);
    codes.push_back(static_cast<std::uint32_t>(levels_.size()));
    node.mapped().code = codes.back();
    levels_.insert(std::move(node));
  }
  return codes;
}

void ColumnBuilder::remove_missing(std::size_t count) {
  if (has_values_) values_.resize(values_.size() - count);
  if (spelled_) codes_.resize(codes_.size() - count);
}

bool ColumnBuilder::is_missing(const Cell& cell, std::string_view text) const {
  return cell.quoted ? trimmed(text).empty() : tokens_->contains(text);
}

NumberStatus ColumnBuilder::status_of(const Cell& cell, std::string_view text) const {
  if ((cell.is_number && take_scanned_) || is_missing(cell, text)) return NumberStatus::number;
  return parse_number(text, decimal_).status;
}

bool ColumnBuilder::looks_numeric() const {
  const std::size_t like = numbers_present_ + like_numbers_;
  return plan_ != ColumnPlan::text && like * 10 >= (like + others_) * 9;
}

ColumnVerdict ColumnBuilder::verdict() const {
  if (is_numeric()) return ColumnVerdict::done;
  if (looks_numeric()) return ColumnVerdict::numbers_and_faults;
  return spelled_ ? ColumnVerdict::done : ColumnVerdict::text_without_spelling;
}

void ColumnBuilder::forget_values() {
  if (has_values_) values_ = {};
  has_values_ = false;
}

void ColumnBuilder::forget_spelling() {
  if (!spelled_) return;
  spelled_ = false;
  codes_ = {};
  levels_ = {};
}

void ColumnBuilder::forget_too_much_spelling() {
  if (levels_.size() <= spellings_at_most) return;
  if (plan_ == ColumnPlan::numbers || looks_numeric()) forget_spelling();
}

Column ColumnBuilder::finish() && {
  Column column;
  column.decimal = decimal_;
  column.long_numbers = long_numbers_;
  column.kind = is_numeric() ? ColumnKind::numeric : ColumnKind::text;
  if (is_numeric() && levels_.size() > spellings_at_most) forget_spelling();
  column.numbers = std::move(values_);
  column.codes = std::move(codes_);
  column.levels.resize(levels_.size());
  while (!levels_.empty()) {
    auto node = levels_.extract(levels_.begin());
    column.levels[node.mapped().code] = std::move(node.key());
  }
  return column;
}

}  // namespace models
