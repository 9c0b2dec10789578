// Which cells stand for a value that is not there.
//
// Rule for callers: ask only about cells that are not quoted; a quoted "NA" is text. An empty cell
// is missing whatever the list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace models {

class MissingTokens {
 public:
  MissingTokens() : MissingTokens(usual()) {}
  // These and no others.
  explicit MissingTokens(const std::vector<std::string>& tokens);

  // NA, N/A, NaN, null, none, ?, - and a point.
  static const std::vector<std::string>& usual();

  // True for nothing but blanks, and for a token in upper or lower case, blanks around it ignored.
  bool contains(std::string_view cell) const;

  // Whether one of them would be a number if it were not a token: -999.
  bool has_numbers() const noexcept { return has_numbers_; }

 private:
  std::vector<std::string> tokens_;  // in lower case
  std::size_t longest_ = 0;
  bool has_numbers_ = false;
};

}  // namespace models
