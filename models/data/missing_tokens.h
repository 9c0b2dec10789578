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
  // NA, N/A, NaN, null, none, ?, - and a point.
  MissingTokens();
  // These and no others.
  explicit MissingTokens(const std::vector<std::string>& tokens);

  // True for nothing but blanks, and for a token in upper or lower case, blanks around it ignored.
  bool contains(std::string_view cell) const;

 private:
  std::vector<std::string> tokens_;  // in lower case
  std::size_t longest_ = 0;
};

}  // namespace models
