// A file of rows as it was understood: columns in the order of the file, each a column of numbers
// or a column of text, and for every row the line it came from.
//
// Rule for callers: a cell may be missing. A missing number is NaN (and only that: a file's own nan
// or inf is never a number), a missing text has the code Column::missing; ask is_missing(). Names
// and texts are UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/dialect.h"
#include "models/data/errors.h"

namespace models {

enum class ColumnKind {
  numeric,  // every cell that is not missing is a finite number
  text,     // at least one is not
};

// One column. A numeric one has `numbers`; as long as it has few different spellings (yes and no
// coded as 1 and 0, a rank, a year) it has those too, so that a label "1.0" can stay "1.0". A text
// column has its spellings only.
struct Column {
  static constexpr std::uint32_t missing = std::numeric_limits<std::uint32_t>::max();

  std::string name;
  std::size_t field = 0;  // position in the line, from 1; 0 for a column not from a file
  ColumnKind kind = ColumnKind::numeric;
  char decimal = '.';                // the decimal mark of its spellings
  std::vector<double> numbers;       // numeric: one per row, NaN where missing; text: empty
  std::size_t long_numbers = 0;      // cells with whole numbers beyond 2^53, whose last digits may
                                     // not be those of `numbers`
  std::vector<std::string> levels;   // the different spellings, in order of first appearance
  std::vector<std::uint32_t> codes;  // one per row: index into levels, or `missing`; may be empty
                                     // in a numeric column: then nothing is known of its spelling

  // One per row, where that was asked for: the cell as a field of RFC 4180, in quotes where it was
  // or has to be.
  std::vector<std::string> written;

  bool is_missing(std::size_t row) const;
  // The number of cells without a value.
  std::size_t missing_cells() const;
  // The cell as it was written, blanks around it removed unless it was quoted; a number whose
  // spelling is not known in its shortest form; empty if missing.
  std::string cell(std::size_t row) const;
};

struct Table {
  std::string file;                         // as it was named by the user; for messages
  Dialect dialect;                          // how the file was read
  std::string sha256;                       // of the file's bytes, where that was asked for
  std::vector<std::string> missing_tokens;  // what stood for a missing value
  std::size_t header_line = 1;              // the line on which the header begins, or the first row
  std::vector<Column> columns;              // all of the same length
  std::vector<std::size_t> lines;           // per row, the line on which it begins, from 1
  std::vector<Problem> left_out;  // what was wrong with each row that was left out, as asked for

  std::size_t rows() const noexcept { return lines.size(); }
  std::vector<std::string> names() const;
  // The column of that name (upper and lower case matter), or nullptr.
  const Column* find(std::string_view name) const;
  // The names that a text stands for: the name of a column, or several separated by commas, whether
  // or not there are columns of these names.
  std::vector<std::string> names_in(std::string_view text) const;
  // A table of some of the rows, given by their indices, in that order. The levels of a column stay
  // all of them, whether or not they occur.
  Table with_rows(std::span<const std::size_t> rows) const;
};

}  // namespace models
