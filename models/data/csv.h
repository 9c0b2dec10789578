// Reads values separated by commas, semicolons, tabs, bars or blanks into a Table.
//
// Rule for callers: a Table is returned whole or not at all, unless bad rows are to be skipped;
// every fault of the file ends in one DataError that says where it is.
//
// What is read (RFC 4180 and what is found in practice):
// - the dialect is found by the rules of dialect.h, and is part of the table;
// - UTF-8, and UTF-16 with a byte order mark, which is skipped; other encodings when told so;
// - the names of a header are neither empty nor repeated; without one, columns are c1, c2, ...;
// - LF, CRLF or CR end a line, the last one may have none;
// - a cell in quotes may hold delimiters, line breaks and, doubled, quotes, and is taken as it is;
//   blanks around a cell (spaces, tabs), and around its quotes, do not belong to it;
// - a cell with nothing in it, quoted or not, is missing; so is a token of missing_tokens.h that is
//   not quoted;
// - blank lines and lines of comments are skipped; but in a file of one column a blank line between
//   two rows is a row whose cell is missing.
//
// A column is numeric where all cells that are not missing are numbers. Where at least nine in ten
// are (those that no double can hold among them), the others are faults; otherwise it is text.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "models/data/csv_options.h"
#include "models/data/input.h"
#include "models/data/table.h"

namespace models {

// Reads a file, or anything that can be read to its end, such as a pipe; `-` is standard input,
// which messages and the table call <stdin>. Beside the table, a few pieces of the text are in
// memory, however long it is (a record that is longer than a piece is in memory as a whole). Where
// columns are not what they seemed to be at first, everything is read a second time.
//
// Throws DataError: the file is missing, a directory or unreadable, changes while it is read, is
// empty, or a header without rows; its dialect cannot be told; a row has more or fewer fields than
// the header; a name is empty or repeated; a quote is never closed, or stands inside an unquoted
// cell or behind a quoted one; a NUL byte, or bytes that are not of the encoding; cells that are no
// numbers in a column that is numbers otherwise; it does not fit into memory.
Table read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

// The same from any input; `file` is its name in messages.
Table read_csv(Input& input, const std::string& file, const CsvOptions& options = {});

// The same from text in memory.
Table parse_csv(std::string_view text, const std::string& file, const CsvOptions& options = {});

// Reads a file part by part, in memory that does not grow with it, by the same rules. What becomes
// of every column is known beforehand: one whose use is `none` is left empty, and `open` is none.
class CsvStream {
 public:
  // Reads the header. Throws what read_csv throws of it. `-` is standard input.
  explicit CsvStream(const std::filesystem::path& path, const CsvOptions& options = {});
  CsvStream(const CsvStream&) = delete;
  CsvStream& operator=(const CsvStream&) = delete;
  ~CsvStream();

  // The file without its rows.
  [[nodiscard]] const Table& header() const;
  // The next rows, one at least; nothing at the end. A fault ends in the DataError that read_csv
  // would have thrown: the rest of the file is read for more of them.
  std::optional<Table> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace models
