// Reads values separated by commas, semicolons, tabs, bars or blanks into a Table.
//
// Rule for callers: a Table is returned whole or not at all; every fault of the file ends in one
// DataError that says where it is. Whether a cell *should* be a number is not decided here: a
// column with anything else in it is text, and dataset.h says so where numbers are needed.
//
// What is read (RFC 4180 and what is found in practice):
// - the dialect is found by the rules of dialect.h, and is part of the table;
// - the names of a header are neither empty nor repeated; without one, columns are c1, c2, ...;
// - LF, CRLF or CR end a line, the last one may have none; a UTF-8 byte order mark is skipped;
// - a cell in quotes may hold delimiters, line breaks and, doubled, quotes, and is taken as it is;
//   blanks around a cell (spaces, tabs), and around its quotes, do not belong to it;
// - a cell with nothing in it, quoted or not, is missing;
// - blank lines are skipped; but in a file of one column a blank line between two rows is a row
//   whose cell is missing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/data/csv_options.h"
#include "models/data/table.h"

namespace models {

// Reads a file, or anything that can be read to its end, such as a pipe.
//
// Throws DataError: the file is missing, a directory or unreadable, empty, or a header without
// rows; its dialect cannot be told; a row has more or fewer fields than the header; a name is empty
// or repeated; a quote is never closed, or stands inside an unquoted cell or behind a quoted one; a
// NUL byte; UTF-16; it does not fit into memory.
Table read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

// The same from text in memory; `file` is its name in messages.
Table parse_csv(std::string_view text, const std::string& file, const CsvOptions& options = {});

}  // namespace models
