// One table, written in many ways, is read as one and the same table.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/csv.h"

namespace models {
namespace {

// How a file is written.
struct Way {
  std::string delimiter = ",";
  std::string line_break = "\n";
  std::string missing = "";
  char decimal = '.';
  bool quotes_all = false;
  bool pads = false;  // blanks around cells
  bool last_line_break = true;
  bool blank_lines = false;
  std::string comment = "";
  char quote = '"';
  Encoding encoding = Encoding::utf8;
  bool marked = false;
};

using Cells = std::vector<std::vector<std::string>>;

// Numbers, a number that is missing, text with delimiters, quotes and umlauts, labels.
Cells table() {
  return {{"größe", "x", "name", "label"},
          {"1.5", "-0.25", "Smith; John", "yes"},
          {"0.1", "", "Müller, \"Ann\"", "no"},
          {"+2.25", "1e-3", "a|b\tc", "yes"},
          {"-0.0", "12345678901234567", "d", "no"}};
}

std::string written(const std::string& cell, const Way& way, bool is_number) {
  std::string text = cell.empty() ? way.missing : cell;
  if (is_number) std::replace(text.begin(), text.end(), '.', way.decimal);
  const bool needs = text.find_first_of(",;|\t \"") != std::string::npos ||
                     text.find(way.quote) != std::string::npos;
  if (way.quotes_all ? !cell.empty() : needs) {
    std::string quoted(1, way.quote);
    for (const char c : text) quoted.append(c == way.quote ? 2 : 1, c);
    text = quoted + way.quote;
  }
  return way.pads ? " " + text + "  " : text;
}

std::string in_encoding(const std::string& text, const Way& way) {
  if (way.encoding == Encoding::utf8) return (way.marked ? "\xEF\xBB\xBF" : "") + text;
  const bool little = way.encoding == Encoding::utf16_le;
  std::string bytes;
  const auto unit = [&](unsigned value) {
    const char low = static_cast<char>(value & 0xFFU);
    const char high = static_cast<char>(value >> 8U);
    if (way.encoding == Encoding::latin1) {
      bytes += low;
    } else {
      bytes += little ? low : high;
      bytes += little ? high : low;
    }
  };
  if (way.marked) unit(0xFEFF);
  for (std::size_t i = 0; i < text.size(); ++i) {  // Two bytes a character at most: up to U+07FF.
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      unit(byte);
    } else {
      unit(((byte & 0x1FU) << 6U) | (static_cast<unsigned char>(text[++i]) & 0x3FU));
    }
  }
  return bytes;
}

std::string file(const Way& way) {
  std::string text;
  const Cells cells = table();
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (!way.comment.empty()) text += way.comment + " it's \"so\"" + way.line_break;
    for (std::size_t i = 0; i < cells[row].size(); ++i) {
      text += (i > 0 ? way.delimiter : "") + written(cells[row][i], way, row > 0 && i < 2);
    }
    if (row + 1 < cells.size() || way.last_line_break) text += way.line_break;
    if (way.blank_lines) text += way.line_break;
  }
  return in_encoding(text, way);
}

CsvOptions options(const Way& way, unsigned threads) {
  CsvOptions options;
  if (way.quote != '"') options.quote = way.quote;
  if (!way.comment.empty()) options.comment = way.comment.front();
  if (!way.marked && way.encoding != Encoding::utf8) options.encoding = way.encoding;
  options.threads = threads;
  return options;
}

std::vector<std::uint64_t> bits(const std::vector<double>& numbers) {
  std::vector<std::uint64_t> bits;
  for (const double number : numbers) bits.push_back(std::bit_cast<std::uint64_t>(number));
  return bits;
}

void expect_the_table(const Table& table) {
  const Table expected = parse_csv(file({}), "f", {.threads = 1});
  ASSERT_EQ(expected.rows(), 4U);
  ASSERT_EQ(expected.columns[1].numbers[2], 1e-3);
  ASSERT_EQ(table.names(), expected.names());
  ASSERT_EQ(table.rows(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const Column& column = table.columns[i];
    EXPECT_EQ(column.kind, i < 2 ? ColumnKind::numeric : ColumnKind::text);
    EXPECT_EQ(bits(column.numbers), bits(expected.columns[i].numbers));
    EXPECT_EQ(column.codes, expected.columns[i].codes);
    if (i >= 2) {
      EXPECT_EQ(column.levels, expected.columns[i].levels);
    }
  }
}

std::vector<Way> ways() {
  std::vector<Way> ways;
  for (const char* delimiter : {",", ";", "\t", "|", "   "}) {
    for (const char* line_break : {"\n", "\r\n", "\r"}) {
      Way way;
      way.delimiter = delimiter;
      way.line_break = line_break;
      way.missing = "NA";
      ways.push_back(way);
      way.quotes_all = true;
      way.last_line_break = false;
      ways.push_back(way);
    }
  }
  for (const char* delimiter : {";", "\t", "|"}) {
    ways.push_back({.delimiter = delimiter, .decimal = ',', .pads = true});
    ways.push_back({.delimiter = delimiter, .decimal = ',', .quotes_all = true});
  }
  for (const char* missing : {"n/a", "NaN", "null", "None", "?", "-", "."}) {
    ways.push_back({.missing = missing});
  }
  ways.push_back({.blank_lines = true});
  ways.push_back({.comment = "#"});
  ways.push_back({.quote = '\''});
  ways.push_back({.marked = true});
  for (const Encoding encoding : {Encoding::utf16_le, Encoding::utf16_be}) {
    ways.push_back({.encoding = encoding, .marked = true});
    ways.push_back({.delimiter = ";", .decimal = ',', .encoding = encoding});
  }
  ways.push_back({.delimiter = ";", .decimal = ',', .encoding = Encoding::latin1});
  return ways;
}

class CsvDialects : public ::testing::TestWithParam<Way> {};

TEST_P(CsvDialects, GiveOneTable) {
  const std::string bytes = file(GetParam());
  for (const unsigned threads : {1U, 2U, 3U, 7U}) {
    for (const std::size_t size : {1U, 2U, 3U, 7U, 64U, 1000U}) {
      SCOPED_TRACE(bytes + "\nthreads: " + std::to_string(threads) + ", pieces of " +
                   std::to_string(size) + " bytes");
      CsvOptions in_pieces = options(GetParam(), threads);
      in_pieces.piece_size = size;
      const Table table = parse_csv(bytes, "f", in_pieces);
      EXPECT_EQ(table.dialect.delimiter, GetParam().delimiter.front());
      expect_the_table(table);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CsvDialects, ::testing::ValuesIn(ways()));

TEST(CsvWays, AreMany) { EXPECT_GE(ways().size(), 30U); }

// Line breaks and quotes in cells, wherever the text is cut.
TEST(CsvThreads, GiveTheTableOfOne) {
  std::string text = "a,b,c\n";
  for (int i = 0; i < 300; ++i) {
    text += std::to_string(i) + ".5,\"x\ny\"\"" + std::to_string(i % 7) + "\r\n,\"," +
            (i % 3 == 0 ? "" : "z") + "\n";
  }
  const Table one = parse_csv(text, "f", {.threads = 1});
  ASSERT_EQ(one.rows(), 300U);
  for (unsigned threads = 2; threads < 40; ++threads) {
    const Table many = parse_csv(text, "f", {.threads = threads, .piece_size = 50 + 7 * threads});
    ASSERT_EQ(many.lines, one.lines);
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_EQ(bits(many.columns[i].numbers), bits(one.columns[i].numbers));
      ASSERT_EQ(many.columns[i].codes, one.columns[i].codes);
      ASSERT_EQ(many.columns[i].levels, one.columns[i].levels);
    }
  }
}

}  // namespace
}  // namespace models
