// Makes a Column from its cells, one after the other, finding out on the way whether it is one of
// numbers.
//
// Rule for callers: look at verdict() when all cells are in. Where it is not `done`, the column is
// to be built once more with what is known by then: its spelling was forgotten while it looked like
// one of many numbers, or some of its cells are faults among numbers and have to be found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/data/csv_scanner.h"
#include "models/data/missing_tokens.h"
#include "models/data/number.h"
#include "models/data/table.h"

namespace models {

// What a column is to be.
enum class ColumnPlan : std::uint8_t { find_out, numbers, text };

// What came of it.
enum class ColumnVerdict : std::uint8_t {
  done,                // finish() has the column
  numbers_and_faults,  // at least nine in ten cells are numbers, the others are not or do not fit
  text_without_spelling,
};

class ColumnBuilder {
 public:
  // A numeric column forgets how its numbers were spelled when there are more spellings than this:
  // far more than a target or a category has, few enough to cost nothing.
  static constexpr std::size_t spellings_at_most = 64;

  // The tokens must outlive the builder.
  ColumnBuilder(ColumnPlan plan, char decimal, const MissingTokens& tokens);
  ColumnBuilder(ColumnBuilder&&) = default;
  ColumnBuilder& operator=(ColumnBuilder&&) = default;
  ColumnBuilder(const ColumnBuilder&) = delete;  // code_of_ points into levels_
  ColumnBuilder& operator=(const ColumnBuilder&) = delete;
  ~ColumnBuilder() = default;

  ColumnPlan plan() const noexcept { return plan_; }
  void reserve(std::size_t rows) { numbers_.reserve(rows); }

  // The text is the cell's, unescaped.
  void add(const Cell& cell, std::string_view text);
  void add_missing();
  // The cells that come after these.
  void append(ColumnBuilder&& later);

  // Whether the cell is missing or a number; anything else in a column of numbers is a fault.
  NumberStatus status_of(const Cell& cell, std::string_view text) const;

  ColumnVerdict verdict() const;
  // Whether the column is one of numbers so far.
  bool is_numeric() const;

  // The column, without name and field, and nothing is left of the builder.
  Column finish() &&;

 private:
  struct Level {
    std::string text;
    ParsedNumber number;
  };

  bool is_missing(const Cell& cell, std::string_view text) const;
  bool looks_numeric() const { return number_like_ * 10 >= present_ * 9; }
  void count(const ParsedNumber& parsed, const Cell& cell);
  std::uint32_t code_of(std::string_view text, const ParsedNumber* known);
  void forget_spelling();

  ColumnPlan plan_;
  char decimal_;
  bool take_scanned_;  // numbers that the scanner recognised need no other look
  const MissingTokens* tokens_;
  bool spelled_ = true;
  std::size_t present_ = 0;
  std::size_t numbers_present_ = 0;
  std::size_t number_like_ = 0;  // with those that are out of range, or not finite and not quoted
  std::vector<double> numbers_;  // NaN for what is not a number
  std::vector<std::uint32_t> codes_;
  std::deque<Level> levels_;  // a deque does not move what code_of_ points to
  std::unordered_map<std::string_view, std::uint32_t> code_of_;
};

}  // namespace models
