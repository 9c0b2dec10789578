// The rows of a CSV file below its header, as columns in the making; several pieces of the text are
// read at once, with the same outcome as one after the other.
//
// Rule for callers: the text is UTF-8 or something like it: cells that are not UTF-8 are faults.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/column_builder.h"
#include "models/data/errors.h"
#include "models/data/table.h"
#include "models/data/text_pieces.h"

namespace models {

// What is known before rows are read; what the references lead to must outlive the reading.
struct RowPlan {
  const Table& table;  // its file, dialect, and the names of its columns
  const MissingTokens& tokens;
  const std::vector<ColumnPlan>& columns;
  const std::vector<ColumnUse>& uses;
  bool skip_bad_rows = false;
  // Indices of columns whose cells are kept as they are written, beside what becomes of them.
  std::vector<std::size_t> written = {};
};

struct Rows {
  explicit Rows(const RowPlan& plan);

  std::vector<ColumnBuilder> columns;
  std::vector<std::vector<std::string>> written;  // per column of RowPlan::written, per row
  std::vector<std::size_t> lines;  // per row, where it begins; the text begins on line 1
  Problems problems;               // empty where bad rows are skipped
  std::size_t uneven = 0;          // rows that have more or fewer fields than there are columns
  std::vector<Problem> left_out;   // those, one problem each
  std::size_t size = 0;            // of the text
  std::size_t line_breaks = 0;     // in all of it
  // Blank lines are rows of a single column, but not the last ones, which are not followed by more.
  std::size_t blank_lines_at_end = 0;
  // Some cell cannot be told from the next. Unless bad rows are skipped, it is the last of all that
  // is read, since nothing behind it can be told apart.
  bool broken = false;
};

// Reads all rows from what comes next in the text, so many pieces of it at once. Of a text that is
// to be read again, with another plan, restart() is called before.
Rows read_rows(TextPieces& pieces, const RowPlan& plan, std::size_t threads);

// The same of the next part of a text, which has about so many bytes; the rest is left to the next
// call.
Rows read_some_rows(TextPieces& pieces, const RowPlan& plan, std::size_t threads, std::size_t size);

// How much of a text that goes on is whole records; 0 where none ends. A line break ends a record
// where an even number of quotes is before it; so these are not records where quotes are out of
// place, but behind the first of those, where nothing is read. There must be no comments with
// quotes in them.
std::size_t size_of_records(std::string_view text, const Dialect& dialect);

// What is wrong with a cell or row that cannot be cut: the words, and what to do about it.
std::string_view fault_text(CellFault fault);
std::string_view fault_hint(CellFault fault);
// What to do about bytes that are not of the encoding.
std::string_view encoding_hint(Encoding encoding);

}  // namespace models
