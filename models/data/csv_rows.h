// The rows of a CSV file below its header, as columns in the making; several stretches of the text
// are read at once, with the same outcome as one.
//
// Rule for callers: the text is that of whole records, in UTF-8 or something like it: cells that
// are not UTF-8 are faults.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "models/data/column_builder.h"
#include "models/data/errors.h"
#include "models/data/table.h"

namespace models {

// What is known before rows are read; what the references lead to must outlive the reading.
struct RowPlan {
  const Table& table;  // its file, dialect, and the names of its columns
  const MissingTokens& tokens;
  const std::vector<ColumnPlan>& columns;
  const std::vector<ColumnUse>& uses;
  bool skip_bad_rows = false;
};

struct Rows {
  explicit Rows(const RowPlan& plan);

  std::vector<ColumnBuilder> columns;
  std::vector<std::size_t> lines;  // per row, where it begins; the text begins on line 1
  Problems problems;               // empty where bad rows are skipped
  std::vector<Problem> left_out;   // those, one problem each
  std::size_t line_breaks = 0;     // in all of the text
  bool is_broken = false;          // some row has a quote out of place, or a NUL byte
};

// Reads `text` in so many stretches, each in a thread of its own.
Rows read_rows(std::string_view text, const RowPlan& plan, std::size_t stretches);

// Where a text can be cut between records: up to `parts` stretches, which make up the text. Lines
// break a record off where an even number of quotes is before them; so these are not boundaries of
// records where quotes are out of place, but behind the first of those, where nothing is read.
std::vector<std::string_view> cut_between_records(std::string_view text, const Dialect& dialect,
                                                  std::size_t parts);

// What is wrong with a cell or row that cannot be cut: the words, and what to do about it.
std::string_view fault_text(CellFault fault);
std::string_view fault_hint(CellFault fault);

}  // namespace models
