// Pieces of C source: names, strings, numbers, comments.
//
// Rule for callers: text of others (names of columns, levels, classes) goes into a source through
// these, and never as it is.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace models {

// A text as an identifier of C and of C++: letters and digits as they are, one _ for whatever is
// between them. "" becomes `otherwise`, which also goes in front of a digit.
std::string c_identifier(std::string_view text, std::string_view otherwise);

// Identifiers of one scope, each used once: a second `age` becomes age_2. With keywords or macros
// of the usual headers, which get a _ behind them.
class CNames {
 public:
  CNames() = default;
  // With names that are taken.
  explicit CNames(std::set<std::string> taken) : taken_(std::move(taken)) {}

  std::string unique(std::string_view text, std::string_view otherwise);
  // The same behind a beginning that is no keyword's: class_0.
  std::string unique_behind(std::string_view beginning, std::string_view text);

 private:
  std::string take(const std::string& name);

  std::set<std::string> taken_;
};

// "…": printable ASCII, everything else escaped, so that it is the same bytes whatever the compiler
// takes the source's encoding for. No trigraph is formed.
std::string c_string(std::string_view text);

// A constant of type double that is the same double: 0.1, 1.0, -1e+100.
std::string c_number(double number);

// A name for a comment: on one line, between quotes, and not the end of the comment.
std::string c_comment(std::string_view text);

// The items separated by commas, between braces, in lines of at most 100 columns that begin with
// `indent` blanks.
std::string c_list(const std::vector<std::string>& items, std::size_t indent);

}  // namespace models
