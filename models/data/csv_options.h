// What the user may say of a CSV file that is otherwise found out from it.
//
// Rule for callers: what is left out is found by the rules of dialect.h, or asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace models {

enum class Encoding : std::uint8_t { utf8, utf16_le, utf16_be, latin1 };

// What is known of a column before it is read.
enum class ColumnUse : std::uint8_t {
  open,     // it is found out whether it is one of numbers, by the rule of csv.h
  numbers,  // every cell is a number or missing; anything else is a fault
  text,     // its cells are text, whatever they look like
  none,     // nobody needs it: what is in it is found out, and nothing in it is a fault
};

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
  // By name, or by several names separated by commas where no column has such a name; what is said
  // of one column by its name holds for it before what is said of several. Names that
  // the file does not have are somebody else's business (schema.h, feature_encoding.h).
  std::map<std::string, ColumnUse> columns = {};
  ColumnUse other_columns = ColumnUse::open;
  // Names of columns that somebody knows: a first record with all of them is the header.
  std::vector<std::string> known_names = {};
  // Leave out rows that are faulty, and list them in the table, instead of throwing.
  bool skip_bad_rows = false;
  // Columns whose cells are kept as they are written (Column::written): a name, or several with
  // commas, as in `columns`.
  std::vector<std::string> written = {};
  // Put the SHA-256 of all bytes into the table.
  bool digest = false;
  // How many pieces of the text are read at once, and how many bytes a piece has; 0: as the machine
  // suggests. The table is the same.
  unsigned threads = 0;
  std::size_t piece_size = 0;
};

}  // namespace models
