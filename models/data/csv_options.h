// What the user may say of a CSV file that is otherwise found out from it.
//
// Rule for callers: what is left out is found by the rules of dialect.h, or asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace models {

enum class Encoding : std::uint8_t { utf8, utf16_le, utf16_be, latin1 };

// What stands for more than one character, or for none, where a delimiter, a quote or a mark of
// comments is expected.
constexpr char runs_of_blanks = ' ';  // as a delimiter: one or more spaces and tabs
constexpr char nothing = '\0';        // as a delimiter: the file has one column

struct CsvOptions {
  // , ; | or a tab, runs_of_blanks, or nothing.
  std::optional<char> delimiter = {};
  std::optional<char> quote = {};    // or nothing: quotes are characters like others
  std::optional<char> decimal = {};  // the decimal mark: a point or a comma
  std::optional<char> comment = {};  // lines that begin with it are skipped
  std::optional<bool> has_header = {};
  std::optional<Encoding> encoding = {};

  // Instead of the list of missing_tokens.h.
  std::optional<std::vector<std::string>> missing_tokens = {};
  // Columns that are text whatever is in them.
  std::vector<std::string> text_columns = {};
  // Leave out rows that are faulty, and list them in the table, instead of throwing.
  bool skip_bad_rows = false;
  // How many pieces of the text are read at once, and how many bytes a piece has; 0: as the machine
  // suggests. The table is the same.
  unsigned threads = 0;
  std::size_t piece_size = 0;
};

}  // namespace models
