// Makes a Column from its cells, one after the other, finding out on the way whether it is one of
// numbers.
//
// Rule for callers: if spelling_was_lost(), build the column once more with keep_spelling = true.
// That happens to a column that looked like one of many numbers until a cell was something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/data/table.h"

namespace models {

class ColumnBuilder {
 public:
  // A numeric column forgets how its numbers were spelled when there are more spellings than this:
  // far more than a target or a category has, few enough to cost nothing.
  static constexpr std::size_t spellings_at_most = 64;

  explicit ColumnBuilder(bool keep_spelling = false, char decimal = '.')
      : keep_spelling_(keep_spelling), decimal_(decimal) {}
  ColumnBuilder(ColumnBuilder&&) = default;
  ColumnBuilder& operator=(ColumnBuilder&&) = default;
  ColumnBuilder(const ColumnBuilder&) = delete;  // code_of_ points into levels_
  ColumnBuilder& operator=(const ColumnBuilder&) = delete;
  ~ColumnBuilder() = default;

  // A cell with nothing but blanks in it is missing.
  void add(std::string_view cell);

  bool spelling_was_lost() const noexcept { return lost_; }

  // The column so far, without name and field; the builder is empty afterwards.
  Column finish();

 private:
  void add_number(std::string_view cell);
  void add_spelling(std::string_view cell);
  void forget_spelling();

  bool keep_spelling_;
  char decimal_;
  bool numeric_ = true;
  bool spelled_ = true;
  bool lost_ = false;
  std::vector<double> numbers_;
  std::vector<std::uint32_t> codes_;
  std::deque<std::string> levels_;  // a deque does not move what code_of_ points to
  std::unordered_map<std::string_view, std::uint32_t> code_of_;
};

}  // namespace models
