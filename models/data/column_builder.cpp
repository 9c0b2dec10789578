#include "models/data/column_builder.h"

#include <limits>
#include <utility>

namespace models {
namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();

}  // namespace

ColumnBuilder::ColumnBuilder(ColumnPlan plan, char decimal, const MissingTokens& tokens)
    : plan_(plan), decimal_(decimal), take_scanned_(!tokens.has_numbers()), tokens_(&tokens) {}

void ColumnBuilder::add(const Cell& cell, std::string_view text) {
  if (cell.is_number && take_scanned_ && !spelled_) {
    count({NumberStatus::number, cell.number});
    return;
  }
  if (is_missing(cell, text)) {
    add_missing();
    return;
  }
  if (!spelled_) {
    count(parse_number(text, decimal_));
    return;
  }
  const std::uint32_t code = code_of(text, nullptr);
  codes_.push_back(code);
  count(levels_[code].number);
  const bool forgets =
      plan_ == ColumnPlan::numbers || (plan_ == ColumnPlan::find_out && looks_numeric());
  if (levels_.size() > spellings_at_most && forgets) forget_spelling();
}

void ColumnBuilder::add_missing() {
  if (plan_ != ColumnPlan::text) numbers_.push_back(not_there);
  if (spelled_) codes_.push_back(Column::missing);
}

void ColumnBuilder::count(const ParsedNumber& parsed) {
  const bool is_number = parsed.status == NumberStatus::number;
  ++present_;
  numbers_present_ += is_number ? 1 : 0;
  number_like_ += parsed.status != NumberStatus::not_a_number ? 1 : 0;
  if (plan_ != ColumnPlan::text) numbers_.push_back(is_number ? parsed.value : not_there);
}

std::uint32_t ColumnBuilder::code_of(std::string_view text, const ParsedNumber* known) {
  const auto at = code_of_.find(text);
  if (at != code_of_.end()) return at->second;
  const auto code = static_cast<std::uint32_t>(levels_.size());
  const Level& level = levels_.emplace_back(
      Level{std::string(text), known != nullptr ? *known : parse_number(text, decimal_)});
  code_of_.emplace(level.text, code);
  return code;
}

void ColumnBuilder::append(ColumnBuilder&& later) {
  present_ += later.present_;
  numbers_present_ += later.numbers_present_;
  number_like_ += later.number_like_;
  numbers_.insert(numbers_.end(), later.numbers_.begin(), later.numbers_.end());
  if (spelled_ && later.spelled_) {
    std::vector<std::uint32_t> code;
    for (const Level& level : later.levels_) code.push_back(code_of(level.text, &level.number));
    for (const std::uint32_t c : later.codes_) {
      codes_.push_back(c == Column::missing ? c : code[c]);
    }
  } else {
    forget_spelling();
  }
  later = ColumnBuilder(later.plan_, later.decimal_, *later.tokens_);
}

bool ColumnBuilder::is_missing(const Cell& cell, std::string_view text) const {
  return cell.quoted ? trimmed(text).empty() : tokens_->contains(text);
}

NumberStatus ColumnBuilder::status_of(const Cell& cell, std::string_view text) const {
  if ((cell.is_number && take_scanned_) || is_missing(cell, text)) return NumberStatus::number;
  return parse_number(text, decimal_).status;
}

bool ColumnBuilder::is_numeric() const {
  return plan_ != ColumnPlan::text && numbers_present_ == present_;
}

ColumnVerdict ColumnBuilder::verdict() const {
  if (is_numeric()) return ColumnVerdict::done;
  if (plan_ != ColumnPlan::text && looks_numeric()) return ColumnVerdict::numbers_and_faults;
  return spelled_ ? ColumnVerdict::done : ColumnVerdict::text_without_spelling;
}

void ColumnBuilder::forget_spelling() {
  spelled_ = false;
  codes_ = {};
  code_of_ = {};
  levels_ = {};
}

Column ColumnBuilder::finish() && {
  Column column;
  column.decimal = decimal_;
  column.kind = is_numeric() ? ColumnKind::numeric : ColumnKind::text;
  if (is_numeric()) {
    column.numbers = std::move(numbers_);
    if (levels_.size() > spellings_at_most) forget_spelling();
  }
  numbers_ = {};
  column.codes = std::move(codes_);
  for (Level& level : levels_) column.levels.push_back(std::move(level.text));
  return column;
}

}  // namespace models
