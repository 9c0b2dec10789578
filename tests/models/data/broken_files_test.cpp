// What is said of files that cannot be read as they are: every message whole and word for word, and
// what is left where bad rows may be left out.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using std::string_literals::operator""s;
using testing::message_of;
using testing::put;
using testing::rows_of;
using testing::TemporaryFolder;
using testing::utf16;

struct BrokenFile {
  std::string_view name;
  std::string bytes;
  std::string problems;   // what the message says,
  std::string_view hint;  // and its last line, if any
  std::string kept;       // the rows that --skip-bad-rows leaves; "" where it changes nothing
  CsvOptions options = {};
  std::string left_out = {};  // what it lists, where that is not `problems`
};

constexpr std::string_view no_row_is_left =
    "No row is left: all are faulty, and --skip-bad-rows leaves them out.";
constexpr std::string_view quote_hint =
    "A cell with quotes in it is written in quotes, its own quotes doubled: \"6\"\" nail\" stands "
    "for 6\" nail. --quote none takes quotes as they are.";
constexpr std::string_view nul_hint =
    "Is this a text file? A spreadsheet must be saved as CSV (UTF-8) first; UTF-16 without its "
    "mark is read by --encoding utf-16le or utf-16be.";
constexpr std::string_view skip_hint =
    "--skip-bad-rows leaves rows with faults out and lists them.";
constexpr std::string_view comma_hint = "A cell with a comma in it is written in quotes.";
constexpr std::string_view no_row_fits =
    "No row has as many fields as line 1. Is that the header? Lines above it are to be removed; a "
    "column of row names, and one behind the last comma, need a name in it, too.";
constexpr std::string_view utf8_hint =
    "Save the file as CSV UTF-8, or read it as it is: --encoding latin-1.";
constexpr std::string_view gpa_hint =
    "If gpa is no column of numbers, --categorical gpa reads it as text; --missing-tokens lists "
    "what stands for a missing value.";
constexpr std::string_view token_hint =
    "If gpa is no column of numbers, --categorical gpa reads it as text; without its quotes the "
    "cell is missing.";
constexpr std::string_view header_hint = "--header yes or --header no settles it.";
constexpr std::string_view decimal_hint = "--decimal comma or --decimal point settles it.";

// A column of nine numbers and one cell that is none.
BrokenFile number_fault(std::string_view name, std::string_view cell, std::string_view words,
                        std::string_view hint = gpa_hint, const CsvOptions& options = {}) {
  std::string bytes = "gpa,pass\n";
  std::string kept;
  for (int i = 1; i <= 9; ++i) {
    const std::string gpa = std::to_string(i) + ".5";
    bytes.append(gpa).append(",yes\n");
    kept.append(i > 1 ? "\n" : "").append(std::to_string(i + 1)).append(":|" + gpa + "|yes");
  }
  bytes.append(cell).append(",no\n");
  return {name, bytes, "data.csv:11:1: column gpa: " + std::string(words), hint, kept, options};
}

std::vector<BrokenFile> rows_of_another_length() {
  return {
      {"a row with too few fields", "id,gpa,pass\n1,3.5,yes\n2,2.9\n3,2.7,no\n",
       "data.csv:3:3: expected 3 fields, found 2: nothing for column pass", skip_hint,
       "2:|1|3.5|yes\n"
       "4:|3|2.7|no"},
      {"a last line that was cut off", "id,gpa,pass\n1,3.5,yes\n2",
       "data.csv:3:2: expected 3 fields, found 1: nothing for column gpa", skip_hint,
       "2:|1|3.5|yes"},
      {"a row with too many fields", "id,gpa,pass\n1,3.5,yes\n2,2,9,no\n",
       "data.csv:3:4: expected 3 fields, found 4: no column for \"no\"", comma_hint,
       "2:|1|3.5|yes"},
      {"a row with far too many fields", "id;gpa\n1;3,5\n2;3,5;1;2;3\n",
       "data.csv:3:3: expected 2 fields, found 5: no column for \"1\"",
       "A cell with a semicolon in it is written in quotes.", "2:|1|3,5"},
      {"a row with too many fields in a file of one column",
       "gpa\n3.5\n2,9\n",
       "data.csv:3:2: expected 1 field, found 2: no column for \"9\"",
       comma_hint,
       "2:|3.5",
       {.delimiter = ','}},
      {"a row of blanks with too few fields", "a b c\n1 2 3\n4   5\n",
       "data.csv:3:3: expected 3 fields, found 2: nothing for column c", skip_hint, "2:|1|2|3"},
      {"a comma at the end of each row", "id,gpa\n1,3.5,\n2,2.9,\n",
       "data.csv:2:3: expected 2 fields, found 3: the line ends in a comma\n"
       "data.csv:3:3: expected 2 fields, found 3: the line ends in a comma",
       no_row_fits, std::string(no_row_is_left)},
      {"names of rows, of which the header says nothing", "id,gpa\nAnn,1,3.5\nBob,2,2.9\n",
       "data.csv:2:3: expected 2 fields, found 3: no column for \"3.5\"\n"
       "data.csv:3:3: expected 2 fields, found 3: no column for \"2.9\"",
       no_row_fits, std::string(no_row_is_left)},
      {"names of rows in quotes, of which the header says nothing",
       "\"id\" \"gpa\"\n\"Ann\" 1 3.5\n\"Bob\" 2 2.9\n",
       "data.csv:2:3: expected 2 fields, found 3: no column for \"3.5\"\n"
       "data.csv:3:3: expected 2 fields, found 3: no column for \"2.9\"",
       "No row has as many fields as line 1. Is that the header? Lines above it are to be removed; "
       "a "
       "column of row names, and one behind the last blank, need a name in it, too.",
       std::string(no_row_is_left)},
      {"a semicolon at the end of one row", "id;gpa\n1;3,5\n2;2,9;\n",
       "data.csv:3:3: expected 2 fields, found 3: the line ends in a semicolon",
       "Remove the semicolon, or give the last column a name in the header.", "2:|1|3,5"},
      {"a tab at the end of one row", "id\tgpa\n1\t3.5\t\n2\t2.9\n",
       "data.csv:2:3: expected 2 fields, found 3: the line ends in a tab",
       "Remove the tab, or give the last column a name in the header.", "3:|2|2.9"},
      {"a comma in a cell without quotes, behind numbers", "id,name\n1,Ann\n2,Smith, John\n",
       "data.csv:3:3: expected 2 fields, found 3: no column for \"John\"", comma_hint, "2:|1|Ann"},
      {"rows separated by another character", "id;gpa\n1;3\n2,4\n",
       "data.csv:3:2: expected 2 fields, found 1: nothing for column gpa", skip_hint, "2:|1|3"},
  };
}

std::vector<BrokenFile> faulty_rows_among_others() {
  return {
      {"more than ten faulty rows",
       "id,gpa\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n2,3\n",
       "data.csv:2:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:3:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:4:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:5:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:6:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:7:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:8:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:9:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:10:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:11:2: expected 2 fields, found 1: nothing for column gpa\n"
       "11 problems in all, the first 10 are shown",
       skip_hint,
       "13:|2|3",
       {},
       "data.csv:2:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:3:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:4:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:5:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:6:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:7:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:8:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:9:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:10:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:11:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:12:2: expected 2 fields, found 1: nothing for column gpa"},
      {"faulty rows behind cells of several lines",
       "id,note\n1,\"two\nlines\"\n2,\"a\r\nb\",3\n4,x\n5\n",
       "data.csv:4:3: expected 2 fields, found 3: no column for \"3\"\n"
       "data.csv:7:2: expected 2 fields, found 1: nothing for column note",
       comma_hint,
       "2:|1|two\n"
       "lines\n"
       "6:|4|x"},
      {"a faulty row between line ends of old", "id,gpa\r1,2\r2\r3,4\r",
       "data.csv:3:2: expected 2 fields, found 1: nothing for column gpa", skip_hint,
       "2:|1|2\n"
       "4:|3|4"},
      {"a faulty row between CRLF", "id,gpa\r\n1,2\r\n2\r\n3,4\r\n",
       "data.csv:3:2: expected 2 fields, found 1: nothing for column gpa", skip_hint,
       "2:|1|2\n"
       "4:|3|4"},
      {"blank lines and comments before a faulty row",
       "# made by hand\n\nid,gpa\n\n# so was this\n1\n2,3\n",
       "data.csv:6:2: expected 2 fields, found 1: nothing for column gpa",
       skip_hint,
       "7:|2|3",
       {.comment = '#'}},
      {"nothing but faulty rows", "id,gpa\n1\n2,3,4\n",
       "data.csv:2:2: expected 2 fields, found 1: nothing for column gpa\n"
       "data.csv:3:3: expected 2 fields, found 3: no column for \"4\"",
       no_row_fits, std::string(no_row_is_left)},
      {"control characters in a cell too many", "\"a\nb\",c\n1\n2,3,\"x\n\x1b[0m\"\n4,5\n",
       "data.csv:3:2: expected 2 fields, found 1: nothing for column c\n"
       "data.csv:4:3: expected 2 fields, found 3: no column for \"x\\n\\x1b[0m\"",
       comma_hint, "6:|4|5"},
  };
}

std::vector<BrokenFile> quotes_out_of_place() {
  return {
      {"a quote in the header that is never closed", "id,\"gpa\n1,3.5\n2,2.9\n",
       "data.csv:1:2: the quote that opens here is never closed", quote_hint, ""},
      {"a quote on the last line that is never closed", "id,name\n1,Ann\n2,\"Bob",
       "data.csv:3:2: column name: the quote that opens here is never closed", quote_hint,
       "2:|1|Ann"},
      {"a quote that opens at the end of the file", "id,name\n1,Ann\n2,\"",
       "data.csv:3:2: column name: the quote that opens here is never closed", quote_hint,
       "2:|1|Ann"},
      {"a quote that takes in the lines below it", "id,name\n1,Ann\n2,\"Bob\n3,Cid\n4,Dan\n",
       "data.csv:3:2: column name: the quote that opens here is never closed", quote_hint,
       "2:|1|Ann\n"
       "4:|3|Cid\n"
       "5:|4|Dan"},
      {"a quote that is closed by the next one", "id,name\n1,\"Ann\n2,\"Bob\"\n3,Cid\n",
       "data.csv:2:2: column name: text behind the closing quote", quote_hint,
       "3:|2|Bob\n"
       "4:|3|Cid"},
      {"text behind a closing quote", "id,name\n1,\"Ann\" Lee\n2,Bob\n",
       "data.csv:2:2: column name: text behind the closing quote", quote_hint, "3:|2|Bob"},
      {"two texts in quotes in one cell", "id,name\n1,\"Ann\" \"Lee\"\n2,Bob\n",
       "data.csv:2:2: column name: text behind the closing quote", quote_hint, "3:|2|Bob"},
      {"a quote for inches", "id,size\n1,6\" nail\n2,7 cm\n",
       "data.csv:2:2: column size: a quote inside a cell that does not begin with one", quote_hint,
       "3:|2|7 cm"},
      {"a quote for inches, in quotes and not doubled", "id,size\n1,\"a 6\" nail\"\n2,7 cm\n",
       "data.csv:2:2: column size: text behind the closing quote", quote_hint, "3:|2|7 cm"},
      {"a single quote out of place, where quotes are single",
       "id,name\n1,'O'Hara'\n2,Bob\n",
       "data.csv:2:2: column name: text behind the closing quote",
       quote_hint,
       "3:|2|Bob",
       {.quote = '\''}},
      {"faulty rows before a broken quote", "id,name\n1\n2,\"Bob\n3,Cid\n",
       "data.csv:2:2: expected 2 fields, found 1: nothing for column name\n"
       "data.csv:3:2: column name: the quote that opens here is never closed",
       quote_hint, "4:|3|Cid"},
  };
}

std::vector<BrokenFile> bytes_of_something_else() {
  return {
      {"a NUL byte in a cell", "id,gpa\n1,3.5\n2,\0002.9\n"s,
       "data.csv:3:2: column gpa: a NUL byte", nul_hint, "2:|1|3.5"},
      {"a NUL byte in quotes",
       "id,name\n1,Ann\n2,\"B\n\0b\"\n"s,
       "data.csv:4:2: column name: a NUL byte",
       nul_hint,
       "2:|1|Ann",
       {},
       "data.csv:4:2: column name: a NUL byte\n"
       "data.csv:4:1: column id: a NUL byte"},
      {"a NUL byte in the header", "id,g\0pa\n1,2\n"s, "data.csv:1:2: a NUL byte", nul_hint, ""},
      {"a spreadsheet", "PK\3\4\24\0\6\0\10\0\0\0!\0b\n1"s,
       "data.csv: not a CSV but a zip file, such as a spreadsheet (xlsx, ods)",
       "Save the sheet as CSV (UTF-8).", ""},
      {"an old spreadsheet", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s,
       "data.csv: not a CSV but an old spreadsheet (xls)", "Save the sheet as CSV (UTF-8).", ""},
      {"a compressed file", "\x1F\x8B\x08\0"s, "data.csv: not a CSV but compressed by gzip",
       "Unpack it on the way: gunzip -c FILE | tapewise describe -", ""},
      {"UTF-16 without a mark", "i\0d\0,\0x\0\n\0001\0,\0002\0\n\0"s, "data.csv:1:1: a NUL byte",
       nul_hint, ""},
      {"a name in another encoding", "id,na\xEFve\n1,2\n",
       "data.csv:1:2: the name \"na\\xefve\" is not UTF-8", utf8_hint, ""},
      {"cells in another encoding", "id,town\n1,Rome\n2,K\xF6ln\n3,\"Z\n\xFC\"\n4,Bonn\n",
       "data.csv:3:2: column town: \"K\\xf6ln\" is not UTF-8\n"
       "data.csv:4:2: column town: \"Z\\n\\xfc\" is not UTF-8",
       utf8_hint,
       "2:|1|Rome\n"
       "6:|4|Bonn"},
      {"a character cut off at the end", "id,town\n1,Rome\n2,caf\xC3",
       "data.csv:3:2: column town: \"caf\\xc3\" is not UTF-8", utf8_hint, "2:|1|Rome"},
      {"an overlong character", "id,town\n1,Rome\n2,\xC0\xAF\n",
       "data.csv:3:2: column town: \"\\xc0\\xaf\" is not UTF-8", utf8_hint, "2:|1|Rome"},
      {"half a unit of UTF-16 in the last cell", utf16(u"id,x\n1,a\n2,b", true) + "c",
       "data.csv:3:2: column x: \"b\\xff\" is not UTF-16 (little endian)",
       "Save the file as CSV UTF-8.", "2:|1|a"},
      {"half a pair of UTF-16", utf16(u"id,x\n1,a\n2,\xD83Dz\n", false),
       "data.csv:3:2: column x: \"\\xed\\xa0\\xbdz\" is not UTF-16 (big endian)",
       "Save the file as CSV UTF-8.", "2:|1|a"},
      {"half a pair of UTF-16 in a name", utf16(u"id,x\xDC00\n1,a\n", true),
       "data.csv:1:2: the name \"x\\xed\\xb0\\x80\" is not UTF-16 (little endian)",
       "Save the file as CSV UTF-8.", ""},
      {"the mark of UTF-16 in a file said to be UTF-8",
       utf16(u"id,x\n1,2\n", true),
       "data.csv:1:1: the byte order mark is that of UTF-16 (little endian), not of UTF-8",
       "Leave --encoding out.",
       "",
       {.encoding = Encoding::utf8}},
      {"the mark of UTF-8 in a file said to be UTF-16",
       "\xEF\xBB\xBFid,x\n1,2\n",
       "data.csv:1:1: the byte order mark is that of UTF-8, not of UTF-16 (big endian)",
       "Leave --encoding out.",
       "",
       {.encoding = Encoding::utf16_be}},
  };
}

std::vector<BrokenFile> faulty_names() {
  return {
      {"a name that is taken", "\nid,gpa,\"gpa\"\n1,2,3\n",
       "data.csv:2:3: column gpa: the name is already that of field 2",
       "Give each column a name of its own, or say --header no if this line holds data.", ""},
      {"a name that is taken twice", "gpa,gpa, gpa \n1,2,3\n",
       "data.csv:1:2: column gpa: the name is already that of field 1\n"
       "data.csv:1:3: column gpa: the name is already that of field 1",
       "Give each column a name of its own, or say --header no if this line holds data.", ""},
      {"a column without a name", "id,,pass\n1,2,3\n",
       "data.csv:1:2: the header has no name for this column",
       "Give it one, or say --header no if this line holds data.", ""},
      {"a first column without a name", ",x,y\n0,1.5,2\n1,3,4\n",
       "data.csv:1:1: the header has no name for this column",
       "Are these the names of rows? Write the file without them (pandas: index=False, R: "
       "row.names=FALSE), or give the column a name.",
       ""},
      {"a column whose name is blank", "id,\"  \"\n1,2\n",
       "data.csv:1:2: the header has no name for this column",
       "Give it one, or say --header no if this line holds data.", ""},
      {"a comma at the end of every line", "id,gpa,\n1,2,\n",
       "data.csv:1:3: the header has no name for this column",
       "Does the header end in a comma? Remove it there and in the rows.", ""},
  };
}

std::vector<BrokenFile> nothing_to_read() {
  return {
      {"an empty file", "", "data.csv: the file is empty", "", ""},
      {"a byte order mark and nothing else", "\xEF\xBB\xBF", "data.csv: the file is empty", "", ""},
      {"blank lines", "\n \r\n\t\n", "data.csv: nothing but blank lines", "", ""},
      {"comments",
       "# made by hand\n\n# and empty\n",
       "data.csv: nothing but blank lines and comments",
       "",
       "",
       {.comment = '#'}},
      {"a header", "id,gpa\n", "data.csv: a header and no rows below it", "", ""},
      {"a header and blank lines", "gpa\n\n\n", "data.csv: a header and no rows below it", "", ""},
      {"a header and comments",
       "# made by hand\nid,gpa\n# the end\n",
       "data.csv: a header and no rows below it",
       "",
       "",
       {.comment = '#'}},
  };
}

std::vector<BrokenFile> cells_that_are_no_numbers() {
  return {
      number_fault("a slip of the keyboard", "3.6l", "\"3.6l\" is not a number"),
      number_fault("thousands", "\"1,234\"", "\"1,234\" is not a number"),
      number_fault("a number with a word", "12abc", "\"12abc\" is not a number"),
      number_fault("a hexadecimal number", "0x10", "\"0x10\" is not a number"),
      number_fault("a price", "$3.60", "\"$3.60\" is not a number"),
      number_fault("two numbers", "3 6", "\"3 6\" is not a number"),
      number_fault("a typographical minus", "\u22123.6", "\"−3.6\" is not a number"),
      number_fault("a number that is too large", "1e400",
                   "\"1e400\" is out of the range of a double"),
      number_fault("a number that is too small", "1e-400",
                   "\"1e-400\" is out of the range of a double"),
      number_fault("infinity", "inf", "\"inf\" is not a finite number"),
      number_fault("a nan with a sign", "-nan", "\"-nan\" is not a finite number"),
      number_fault("a missing value in quotes", "\"NA\"",
                   "\"NA\" in quotes is text, and not a missing value", token_hint),
      number_fault("a nan in quotes", "\"nan\"",
                   "\"nan\" in quotes is text, and not a missing value", token_hint),
      number_fault("a decimal comma among points", "\"3,6\"", "\"3,6\" is not a number"),
      {"a decimal point among commas",
       "x;y\n1,5;0\n2,5;0\n3,5;1\n4.5;1\n5,5;0\n6,5;1\n7,5;0\n8,5;1\n9,5;1\n0,5;1\n",
       "data.csv:5:1: column x: \"4.5\" is not a number",
       "If x is no column of numbers, --categorical x reads it as text; --missing-tokens lists "
       "what stands for a missing value.",
       "2:|1,5|0\n"
       "3:|2,5|0\n"
       "4:|3,5|1\n"
       "6:|5,5|0\n"
       "7:|6,5|1\n"
       "8:|7,5|0\n"
       "9:|8,5|1\n"
       "10:|9,5|1\n"
       "11:|0,5|1"},
      number_fault("a token that the list given does not have", "NA", "\"NA\" is not a number",
                   gpa_hint, {.missing_tokens = {{"-999"}}}),
      {"faults in several columns",
       "x,y\n1,1\n2,2\n3,3\n4,x4\n5,5\n6,6\nl7,7\n8,8\n9,9\n1O,1O\n0,0\n1,1\n1,1\n1,1\n1,1\n1,1\n1,"
       "1\n1,1\n1,1\n1,1\n",
       "data.csv:5:2: column y: \"x4\" is not a number\n"
       "data.csv:8:1: column x: \"l7\" is not a number\n"
       "data.csv:11:1: column x: \"1O\" is not a number\n"
       "data.csv:11:2: column y: \"1O\" is not a number",
       "If y is no column of numbers, --categorical y reads it as text; --missing-tokens lists "
       "what stands for a missing value.",
       "2:|1|1\n"
       "3:|2|2\n"
       "4:|3|3\n"
       "6:|5|5\n"
       "7:|6|6\n"
       "9:|8|8\n"
       "10:|9|9\n"
       "12:|0|0\n"
       "13:|1|1\n"
       "14:|1|1\n"
       "15:|1|1\n"
       "16:|1|1\n"
       "17:|1|1\n"
       "18:|1|1\n"
       "19:|1|1\n"
       "20:|1|1\n"
       "21:|1|1",
       {},
       "data.csv:5:2: column y: \"x4\" is not a number\n"
       "data.csv:8:1: column x: \"l7\" is not a number\n"
       "data.csv:11:1: column x: \"1O\" is not a number"},
      {"a fault behind quoted cells",
       "a,b,c\n1,\"x,y\",1\n2,\"1\n2\",2\n3,\"z\"\"\",3\n\"4\n5\",\"p,\"\"q\n\"\"\",3.6l\n5,,5\n6,,"
       "6\n7,,7\n8,,8\n9,,9\n10,,10\n",
       "data.csv:6:1: column a: \"4\\n5\" is not a number\n"
       "data.csv:8:3: column c: \"3.6l\" is not a number",
       "If a is no column of numbers, --categorical a reads it as text; --missing-tokens lists "
       "what stands for a missing value.",
       "2:|1|x,y|1\n"
       "3:|2|1\n"
       "2|2\n"
       "5:|3|z\"|3\n"
       "9:|5|-|5\n"
       "10:|6|-|6\n"
       "11:|7|-|7\n"
       "12:|8|-|8\n"
       "13:|9|-|9\n"
       "14:|10|-|10",
       {},
       "data.csv:6:1: column a: \"4\\n5\" is not a number"},
  };
}

std::vector<BrokenFile> unclear_dialects() {
  return {
      {"two delimiters that fit", "a,b;c\nx,y;z\n",
       "data.csv:1: separated by commas or by semicolons? Each cuts all lines into the same number "
       "of fields",
       "--delimiter comma or --delimiter semicolon settles it.", ""},
      {"three delimiters that fit", "a,b;c|d\nx,y;z|d\n",
       "data.csv:1: separated by commas or by semicolons or by bars? Each cuts all lines into the "
       "same number of fields",
       "--delimiter comma or --delimiter semicolon or --delimiter bar settles it.", ""},
      {"no delimiter that fits", "name\nSmith, John\nMiller, Ann\n",
       "data.csv:1: no delimiter cuts all lines into the same number of fields",
       "Is line 1 a title? Lines above the header are to be removed. Otherwise --delimiter comma, "
       "semicolon, tab, bar or blank settles it; none, if the file has one column.",
       ""},
      {"no delimiter that fits, below a comment", "#made by hand\na,b\n1,2\n",
       "data.csv:1: no delimiter cuts all lines into the same number of fields",
       "Lines of comments are skipped by --comment \"#\". Otherwise --delimiter comma, semicolon, "
       "tab, bar or blank settles it; none, if the file has one column.",
       ""},
      {"a delimiter that is the decimal mark",
       "x;y\n1;2\n",
       "data.csv: the comma cannot be delimiter and decimal mark",
       "--delimiter settles what it is separated by.",
       "",
       {.delimiter = ',', .decimal = ','}},
      {"decimal commas and points", "x;y\n1;5.5\n1,5;2.5\n3,5;4.5\n",
       "data.csv:3:1: numbers like \"1,5\" have a decimal comma, those like \"5.5\" a point",
       decimal_hint, ""},
      {"commas that may be of thousands", "x;y\n1,234;2\n30,500;4\n",
       "data.csv:2:1: numbers like \"1,234\" may have a decimal comma or be thousands",
       decimal_hint, ""},
  };
}

std::vector<BrokenFile> unclear_headers() {
  return {
      {"a first line of text above text", "\ntown,land\nRome,Italy\nBonn,Germany\n",
       "data.csv:2: is this the header? It is text, like all below it", header_hint, ""},
      {"a first line of text above text, repeated below",
       "p,x\nclass,cap\np,x\ne,b\np,x\ne,b\np,x\ne,b\np,x\ne,b\np,x\ne,b\n",
       "data.csv:1: is this the header? It is text, like all below it", header_hint, ""},
      {"a first line of running numbers", "0,1\n0.5,0.25\n",
       "data.csv:1: is this the header? Its numbers may be data, or number the columns",
       header_hint, ""},
      {"a first line of a name and years", "city,2019,2020\nRome,1,2\n",
       "data.csv:1: is this the header? Its numbers may be data, or number the columns",
       header_hint, ""},
      {"a first line of a name and a number", "id,7.5\n1,2\n",
       "data.csv:1: is this the header? \"id\" is text above numbers, but \"7.5\" is a number",
       header_hint, ""},
      {"two comments", "# made by hand\n# last year\n",
       "data.csv:1: is this the header? It is text, like all below it",
       "Lines of comments are skipped by --comment \"#\". Otherwise --header yes or --header no "
       "settles it.",
       ""},
  };
}

std::vector<BrokenFile> broken_files() {
  std::vector<BrokenFile> all;
  for (const auto& some :
       {rows_of_another_length(), faulty_rows_among_others(), quotes_out_of_place(),
        bytes_of_something_else(), faulty_names(), nothing_to_read(), cells_that_are_no_numbers(),
        unclear_dialects(), unclear_headers()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::string with(const std::string& problems, std::string_view hint) {
  return hint.empty() ? problems : std::string(problems).append("\n").append(hint);
}

std::string listed_faults(const Table& table) {
  std::string text;
  for (const Problem& fault : table.left_out) {
    if (!text.empty()) text += "\n";
    text += location(table.file, fault.line, fault.field) + ": " + fault.text;
  }
  return text;
}

// How a file is read; what becomes of it must not depend on that.
struct Reading {
  unsigned threads;
  std::size_t piece_size;

  // For GoogleTest, which would print the bytes.
  friend void PrintTo(const Reading& reading, std::ostream* out) {
    *out << reading.threads << " threads, pieces of " << reading.piece_size;
  }
};

class BrokenFiles : public ::testing::TestWithParam<Reading> {
 protected:
  // All of them, to be read as the parameter says.
  static std::vector<BrokenFile> files() {
    std::vector<BrokenFile> all = broken_files();
    for (BrokenFile& file : all) {
      file.options.threads = GetParam().threads;
      file.options.piece_size = GetParam().piece_size;
    }
    return all;
  }

  static std::string message(const BrokenFile& file, const CsvOptions& options) {
    return message_of<DataError>([&] { parse_csv(file.bytes, "data.csv", options); });
  }
};

TEST_P(BrokenFiles, AreRefusedWithWhereAndWhyAndWhatToDo) {
  for (const BrokenFile& file : files()) {
    EXPECT_EQ(message(file, file.options), with(file.problems, file.hint)) << file.name;
  }
}

TEST_P(BrokenFiles, LoseTheirBadRowsOnRequestAndNothingElse) {
  for (BrokenFile& file : files()) {
    file.options.skip_bad_rows = true;
    if (file.kept.empty() || file.kept == no_row_is_left) {
      const std::string_view hint = file.kept.empty() ? file.hint : file.kept;
      EXPECT_EQ(message(file, file.options), with(file.problems, hint)) << file.name;
      continue;
    }
    const Table table = parse_csv(file.bytes, "data.csv", file.options);
    EXPECT_EQ(rows_of(table), file.kept) << file.name;
    EXPECT_EQ(listed_faults(table), file.left_out.empty() ? file.problems : file.left_out)
        << file.name;
  }
}

INSTANTIATE_TEST_SUITE_P(InPieces, BrokenFiles,
                         ::testing::Values(Reading{1, 1000000}, Reading{1, 1}, Reading{2, 7},
                                           Reading{3, 1}, Reading{5, 64}));

// Faulty rows settle that the first line is the header, but not where they are to be left out.
TEST(BrokenFile, IsReadWithAHeaderWhereTheOtherRowsAreFaultyEitherWay) {
  const std::string text = "name,age\nSmith, John,20\n";
  EXPECT_EQ(message_of<DataError>([&] { parse_csv(text, "data.csv"); }),
            with("data.csv:2:3: expected 2 fields, found 3: no column for \"20\"", comma_hint));
  EXPECT_EQ(message_of<DataError>([&] { parse_csv(text, "data.csv", {.skip_bad_rows = true}); }),
            with("data.csv:1: is this the header? It is text, like all below it", header_hint));
}

TEST(BrokenFile, MayBeMissingADirectoryOrUnreadable) {
  EXPECT_EQ(message_of<DataError>([] { read_csv("no/such.csv"); }),
            "no/such.csv: cannot be read: No such file or directory");
  EXPECT_EQ(message_of<DataError>([] { read_csv(""); }),
            "\"\": cannot be read: No such file or directory");
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<DataError>([&] { read_csv(folder.path()); }),
            folder.path().string() + ": cannot be read: Is a directory");
  put(folder / "secret.csv", "a\n1\n");
  std::filesystem::permissions(folder / "secret.csv", std::filesystem::perms::none);
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  EXPECT_EQ(message_of<DataError>([&] { read_csv(folder / "secret.csv"); }),
            (folder / "secret.csv").string() + ": cannot be read: Permission denied");
}

}  // namespace
}  // namespace models
