// How a CSV file is written: its delimiter, its decimal mark, whether it begins with a header.
//
// Rule for callers: a dialect that was found is to be stated before the table is used; described()
// has the words. Nothing is guessed: where two readings are about as likely, there is no dialect
// but a DataError that names the flag that settles it.
//
// The rules look at the first 100 records (lines that are neither blank nor comments; several, if
// quotes hold line breaks).
//
// Delimiter. One *fits* if it cuts each record into the same number of fields, two or more, with no
// quote out of place; runs of blanks fit only if a column below the first record is then all
// numbers, since words have blanks between them, too; and not where a tab is in each record and
// cuts the first one alike.
//  1. Just one fits: that is it.
//  2. Several do: the one of them that leaves nothing but numbers and missing cells below the first
//     record; else the one that is not blanks. Where these are several still, it is asked for.
//  3. None fits: the only one with no quote out of place, if it is in the first record; or the
//     only one that is in the first record at all, so that lines with more or fewer fields can be
//     told from others (blanks only where nothing else is). Where there is none in any record, the
//     file has one column. Otherwise it is asked for.
//
// Decimal mark. A point where the delimiter is a comma. Otherwise each column speaks for the mark
// by which more of its cells are numbers, if that is at least half of them; a comma is the mark if
// one speaks for it and none for the point. It is asked for if there are both, and where all that
// speaks for the comma looks like a thousand: 1,234; between semicolons, which go with decimal
// commas, also where all that speaks for the point does: 1.234. It is asked for, too, once all is
// read, if a column is text by the mark that was found and of numbers by the other.
//
// Header. A first record with all names that somebody knows (those of a model's columns, of a
// target) is the header. Otherwise a column is *of numbers* if at least half of its cells below the
// first record are, and the first record is the header if columns of numbers have text there and
// none has a number; it is not if they have a number and none has text. It is asked for where there
// are both; where the numbers are whole and each is one more than the one before (0, 1, 2; 2019,
// 2020), as numbered columns are; and where ten records or more are below it and a text of it is
// not seen again in its column, but all others there are (label, 400, 402). Without columns of
// numbers the first record is the header if ten records or more are below it, none of its cells is
// seen again in its column, and some column has no cell below that is not seen twice; otherwise
// that is asked for, unless records have more or fewer fields than the first, which is a fault
// either way. A single record is the header unless it has a number in it.
//
// Encoding. UTF-8 unless a byte order mark says UTF-16. Quotes are double quotes and there are no
// comments, unless told otherwise.
#pragma once

#include <string>
#include <string_view>

#include "models/data/csv_options.h"

namespace models {

struct Dialect {
  char delimiter = ',';
  char quote = '"';
  char decimal = '.';
  char comment = nothing;
  bool has_header = true;
  Encoding encoding = Encoding::utf8;
  // Which parts the user gave; the others were found.
  struct Given {
    bool delimiter = false;
    bool quote = false;
    bool decimal = false;
    bool comment = false;
    bool has_header = false;
    bool encoding = false;
  } given = {};
};

// The dialect of a text that is UTF-8 by now; `options` overrule what would be found. Throws
// DataError where something has to be asked for, and where options contradict each other (the
// delimiter is the decimal mark).
Dialect find_dialect(std::string_view text, const std::string& file, const CsvOptions& options);

// Whether a text, with which a longer one begins, has all the records that the rules look at.
bool is_enough_for_dialect(std::string_view text, const CsvOptions& options);

// "comma", "semicolon", "tab", "bar", "blank", or "none".
std::string_view delimiter_name(char delimiter);

// "UTF-8", "UTF-16 (little endian)", "UTF-16 (big endian)", "Latin-1".
std::string_view encoding_name(Encoding encoding);

// For a person: `separated by semicolons, decimal comma (given), header on the first line, UTF-8`.
// What is usual is left out, unless it was given: quotes, no comments, the decimal point.
std::string described(const Dialect& dialect);

}  // namespace models
