// The cells of a CSV file once more, a character at a time: slow, short, and nothing in common with
// the reader in models/data.
//
// Rule for callers: where a cell is at fault, what comes behind it has no meaning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/dialect.h"

namespace fuzz {

// The bytes of a file as UTF-8, without byte order mark.
std::string plain_text(std::string_view bytes, models::Encoding encoding);

struct PlainCell {
  std::string text;  // without quotes, and without the blanks around it
  bool quoted = false;
  bool at_fault = false;  // a NUL byte, a quote out of place, or text behind the closing one
};

struct PlainRow {
  std::size_t line = 1;
  std::vector<PlainCell> cells;
};

// All lines of the text, the header and blank ones too, but no comments.
std::vector<PlainRow> plain_rows(std::string_view text, const models::Dialect& dialect);

// Whether a line holds blanks at most.
bool is_blank(const PlainRow& row);

}  // namespace fuzz
