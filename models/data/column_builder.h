// Makes a Column from its cells, one after the other, finding out on the way whether it is one of
// numbers.
//
// Rule for callers: look at verdict() when all cells are in. Where it is not `done`, the column is
// to be built once more with what is known by then: its spelling was forgotten while it looked like
// one of many numbers, or some of its cells are faults among numbers and have to be found.
//
// A builder holds what the column will have and no more: the values of numbers are gone with the
// first cell that is none, the spelling when there is too much of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/data/csv_scanner.h"
#include "models/data/large_pages.h"
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

// Room for `more` elements, at once for all that are expected: moving a column that grows costs as
// much as its memory. But not for more than a million or sixteen times what there is, since lines
// may get longer from here on.
template <class T>
void make_room(std::vector<T>& column, std::size_t more, std::size_t expected) {
  const std::size_t needed = column.size() + more;
  if (needed <= column.capacity()) return;
  const std::size_t wanted = expected > needed ? expected + expected / 16 : 2 * needed;
  column.reserve(std::min(wanted, std::max(16 * needed, std::size_t{1} << 20U)));
  prefer_large_pages(column.data(), column.capacity() * sizeof(T));
}

class ColumnBuilder {
 public:
  // A numeric column forgets how its numbers were spelled when there are more spellings than this:
  // far more than a target or a category has, few enough to cost nothing.
  static constexpr std::size_t spellings_at_most = 64;

  // The tokens must outlive the builder.
  ColumnBuilder(ColumnPlan plan, char decimal, const MissingTokens& tokens);

  // Begins anew, with the cells that come after those of `before`: what that has forgotten need
  // not be kept. The memory stays.
  void begin_behind(const ColumnBuilder& before);

  // The text is the cell's, unescaped.
  void add(const Cell& cell, std::string_view text) {
    if (cell.is_number && take_scanned_ && !spelled_) {
      add_number(cell.number);
    } else {
      add_other(cell, text);
    }
  }
  void add_missing();
  // Makes room for the cells that come after these. There will be so many in all, or about so many;
  // 0 where nobody knows.
  void make_room_for(const ColumnBuilder& later, std::size_t expected);
  // The cells that come after these, which are gone from `later`.
  void append(ColumnBuilder& later);
  // Takes the last cells back, all of which are missing.
  void remove_missing(std::size_t count);

  // Whether the cell is missing or a number; anything else in a column of numbers is a fault.
  NumberStatus status_of(const Cell& cell, std::string_view text) const;

  ColumnVerdict verdict() const;
  // Whether the column is one of numbers so far.
  bool is_numeric() const { return has_values_; }

  // The column, without name and field, and nothing is left of the builder.
  Column finish() &&;

 private:
  struct Level {
    std::uint32_t code = 0;
    ParsedNumber number;
  };
  // Finds texts that are not std::string without making them so.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Levels = std::unordered_map<std::string, Level, Hash, std::equal_to<>>;

  void add_number(double value) {
    ++numbers_present_;
    if (has_values_) values_.push_back(value);
  }
  void add_other(const Cell& cell, std::string_view text);
  bool is_missing(const Cell& cell, std::string_view text) const;
  bool looks_numeric() const;
  void count(const ParsedNumber& parsed, const Cell& cell);
  const Level& level_of(std::string_view text);
  std::vector<std::uint32_t> take_levels_of(ColumnBuilder& later);
  void forget_values();
  void forget_spelling();
  void forget_too_much_spelling();

  ColumnPlan plan_;
  char decimal_;
  bool take_scanned_;  // numbers that the scanner recognised need no other look
  bool has_values_;    // all cells so far are numbers or missing
  bool spelled_ = true;
  const MissingTokens* tokens_;
  std::size_t numbers_present_ = 0;
  std::size_t like_numbers_ = 0;  // out of range, or not finite and not quoted
  std::size_t others_ = 0;        // nothing like a number
  std::size_t long_numbers_ = 0;  // whole ones beyond what a double holds
  std::vector<double> values_;    // NaN where missing
  std::vector<std::uint32_t> codes_;
  Levels levels_;
};

}  // namespace models
