#include "models/data/csv.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using testing::message_of;
using testing::put;
using testing::rows_of;
using testing::TemporaryFolder;
using testing::utf16;

// The table back as text, names and rows.
std::string shown(const Table& table) {
  std::string out;
  for (const std::string& name : table.names()) out.append("|").append(name);
  return out.append(table.rows() > 0 ? "\n" : "").append(rows_of(table));
}

// What became of a text that is read in so small pieces: the table or the fault.
std::string outcome(std::string_view text, CsvOptions options, std::size_t piece_size,
                    unsigned threads) {
  options.piece_size = piece_size;
  options.threads = threads;
  try {
    return shown(parse_csv(text, "data.csv", options));
  } catch (const DataError& error) {
    return error.what();
  }
}

// However a text is cut into pieces and by however many threads they are read, the same becomes of
// it.
void expect_the_same_in_pieces(std::string_view text, const CsvOptions& options = {}) {
  const std::string expected = outcome(text, options, text.size() + 1, 1);
  for (const std::size_t size : {1U, 2U, 3U, 7U, 64U}) {
    if (text.size() / size > 2000) continue;
    for (const unsigned threads : {1U, 2U, 5U}) {
      ASSERT_EQ(outcome(text, options, size, threads), expected)
          << "pieces of " << size << " bytes, " << threads << " threads: " << text;
    }
  }
}

Table parse(std::string_view text) {
  expect_the_same_in_pieces(text);
  return parse_csv(text, "data.csv");
}

std::string shown(std::string_view text) { return shown(parse(text)); }

TEST(CsvReader, ReadsColumnsOfNumbersAndOfText) {
  const Table table = parse("a,b\n1,x\n2.50,y\n");
  ASSERT_EQ(table.columns.size(), 2U);
  EXPECT_EQ(table.columns[0].name, "a");
  EXPECT_EQ(table.columns[0].field, 1U);
  EXPECT_EQ(table.columns[0].kind, ColumnKind::numeric);
  EXPECT_EQ(table.columns[0].numbers, (std::vector<double>{1.0, 2.5}));
  EXPECT_EQ(table.columns[1].kind, ColumnKind::text);
  EXPECT_EQ(table.columns[1].levels, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(table.columns[1].field, 2U);
  EXPECT_EQ(table.lines, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(table.file, "data.csv");
  EXPECT_EQ(table.find("b"), &table.columns[1]);
  EXPECT_EQ(table.find("B"), nullptr);
}

TEST(CsvReader, TakesEveryLineBreakAndNeedsNoneAtTheEnd) {
  const std::string expected = "|a|b\n2:|1|x\n3:|2|y";
  EXPECT_EQ(shown("a,b\n1,x\n2,y\n"), expected);
  EXPECT_EQ(shown("a,b\n1,x\n2,y"), expected);
  EXPECT_EQ(shown("a,b\r\n1,x\r\n2,y\r\n"), expected);
  EXPECT_EQ(shown("a,b\r\n1,x\r\n2,y"), expected);
  EXPECT_EQ(shown("a,b\r1,x\r2,y\r"), expected);
  EXPECT_EQ(shown("a,b\r1,x\n2,y\r\n"), expected);
}

TEST(CsvReader, SkipsAByteOrderMark) {
  EXPECT_EQ(shown("\xEF\xBB\xBF"
                  "a,b\n1,2\n"),
            "|a|b\n2:|1|2");
  EXPECT_EQ(shown("\xEF\xBB\xBF\"a\",b\n1,2\n"), "|a|b\n2:|1|2");
}

TEST(CsvReader, ReadsQuotedCellsByRfc4180) {
  EXPECT_EQ(shown("a,b\n\"x, y\",\"1\"\n"), "|a|b\n2:|x, y|1");
  EXPECT_EQ(shown(parse_csv("a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", "f", {.has_header = true})),
            "|a|b\n2:|say \"hi\"|\"");
  EXPECT_EQ(shown("\"a,1\",\"b\"\"\"\n1,2\n"), "|a,1|b\"\n2:|1|2");
  EXPECT_EQ(shown("a,b\n1,\"x\""), "|a|b\n2:|1|x");
}

TEST(CsvReader, CountsTheLinesInsideQuotes) {
  EXPECT_EQ(shown("a,b\n1,\"x\ny\"\n2,\"p\r\n\r\nq\"\n3,z\n"),
            "|a|b\n2:|1|x\ny\n4:|2|p\r\n\r\nq\n7:|3|z");
}

TEST(CsvReader, AsksForADecimalMarkThatTheFirstRecordsDoNotShow) {
  std::string text = "x;y\n";
  for (int i = 0; i < 120; ++i) text += ";1\n";
  for (int i = 0; i < 60; ++i) text += std::to_string(i % 7) + ",5;2\n";
  EXPECT_EQ(
      message_of<DataError>([&] { parse_csv(text, "data.csv"); }),
      "data.csv:122:1: column x: numbers like \"0,5\" have a decimal comma, which those on the "
      "first lines do not show\n--decimal comma or --decimal point settles it.");
  EXPECT_EQ(parse_csv(text, "data.csv", {.decimal = ','}).columns[0].kind, ColumnKind::numeric);
  EXPECT_EQ(parse_csv(text, "data.csv", {.decimal = '.'}).columns[0].kind, ColumnKind::text);
  std::string skipped = "x;z;y\n";
  for (int i = 0; i < 20; ++i) skipped += std::to_string(i) + ";" + std::to_string(i % 3) + ";a\n";
  for (int i = 0; i < 3; ++i) skipped += "u;v;a\n";
  skipped += "1;w;a\n1;w;a\n";
  EXPECT_NO_THROW(parse_csv(skipped, "data.csv", {.skip_bad_rows = true}));
}

TEST(CsvReader, KeepsBlanksInsideQuotesOnly) {
  EXPECT_EQ(shown(" a , \"b\" ,c\n x\t,\" y \",  1 \n"), "|a|b|c\n2:|x| y |1");
  EXPECT_EQ(parse("a\n\" 1 \"\n").columns[0].kind, ColumnKind::numeric);
}

TEST(CsvReader, TakesAnEmptyCellQuotedOrNotForMissing) {
  const Table table = parse("a,b,c\n1,x,\n,,2\n\"\",\"\",\"  \"\n");
  EXPECT_EQ(shown(table), "|a|b|c\n2:|1|x|-\n3:|-|-|2\n4:|-|-|-");
  EXPECT_EQ(table.columns[0].kind, ColumnKind::numeric);
  EXPECT_TRUE(std::isnan(table.columns[0].numbers[1]));
  EXPECT_EQ(table.columns[1].codes[1], Column::missing);
}

TEST(CsvReader, TakesAColumnWithNothingInItForNumbersThatAreMissing) {
  const Table table = parse("a,b\n1,\n2,\n");
  EXPECT_EQ(table.columns[1].kind, ColumnKind::numeric);
  EXPECT_TRUE(table.columns[1].is_missing(0));
}

TEST(CsvReader, SkipsBlankLinesBeforeBetweenAndAfterRows) {
  EXPECT_EQ(shown("\n \na,b\n\n1,x\n  \t \n2,y\n\n\n"), "|a|b\n5:|1|x\n7:|2|y");
  EXPECT_EQ(parse("\n\na,b\n1,2\n").header_line, 3U);
}

TEST(CsvReader, TakesABlankLineBetweenTheRowsOfASingleColumnForAMissingCell) {
  EXPECT_EQ(shown("a\n1\n\n2\n\n\n"), "|a\n2:|1\n3:|-\n4:|2");
  EXPECT_EQ(shown("a\n\"\"\n2\n"), "|a\n2:|-\n3:|2");
}

TEST(CsvReader, KeepsTheSpellingOfNumbersThatMayBeLabels) {
  const Table table = parse("x,y\n1.0,+1\n1,01\n1.0,1\n");
  EXPECT_EQ(shown(table), "|x|y\n2:|1.0|+1\n3:|1|01\n4:|1.0|1");
  EXPECT_EQ(table.columns[0].kind, ColumnKind::numeric);
  EXPECT_EQ(table.columns[0].levels, (std::vector<std::string>{"1.0", "1"}));
}

std::string many_numbers(std::size_t rows) {
  std::string text = "a,b\n";
  for (std::size_t i = 0; i < rows; ++i) text += std::to_string(i) + ".50,1\n";
  return text;
}

TEST(CsvReader, ForgetsTheSpellingOfManyNumbers) {
  const Table kept = parse(many_numbers(64));
  EXPECT_EQ(kept.columns[0].cell(63), "63.50");
  const Table forgotten = parse(many_numbers(65));
  EXPECT_TRUE(forgotten.columns[0].codes.empty());
  EXPECT_TRUE(forgotten.columns[0].levels.empty());
  EXPECT_EQ(forgotten.columns[0].cell(63), "63.5");
  EXPECT_EQ(forgotten.columns[0].numbers.size(), 65U);
  EXPECT_EQ(forgotten.columns[1].codes.size(), 65U);
}

TEST(CsvReader, FindsTheSpellingAgainWhenManyNumbersTurnOutToBeText) {
  std::string text = many_numbers(1000);
  for (int i = 0; i < 200; ++i) text += "3.6l,1\n";
  const Table table = parse(text);
  const Column& column = table.columns[0];
  EXPECT_EQ(column.kind, ColumnKind::text);
  EXPECT_TRUE(column.numbers.empty());
  ASSERT_EQ(column.codes.size(), 1200U);
  EXPECT_EQ(column.cell(0), "0.50");
  EXPECT_EQ(column.cell(999), "999.50");
  EXPECT_EQ(column.cell(1000), "3.6l");
  EXPECT_EQ(table.rows(), 1200U);
  EXPECT_EQ(table.columns[1].codes.size(), 1200U);
}

TEST(CsvReader, TakesForTextWhatIsNoNumber) {
  for (const char* cell : {"+-1", "0x10", "\"1,234\"", "3.6l"}) {
    EXPECT_EQ(parse(std::string("a,b\n1,2\n") + cell + ",2\n").columns[0].kind, ColumnKind::text)
        << cell;
  }
}

TEST(CsvReader, TakesAnotherDelimiterOnRequest) {
  EXPECT_EQ(shown(parse_csv("a;b\n1;\"x;y\"\n", "f", {.delimiter = ';'})), "|a|b\n2:|1|x;y");
  EXPECT_EQ(shown(parse_csv("a\tb\n\t2\n", "f", {.delimiter = '\t'})), "|a|b\n2:|-|2");
}

TEST(CsvReader, ReadsLongLinesAndManyColumns) {
  std::string header = "c0";
  std::string row = "0";
  for (std::size_t i = 1; i < 20000; ++i) {
    header.append(",c").append(std::to_string(i));
    row.append(",").append(std::to_string(i));
  }
  const Table wide = parse(header + "\n" + row + "\n");
  ASSERT_EQ(wide.columns.size(), 20000U);
  EXPECT_EQ(wide.columns[19999].numbers, std::vector<double>{19999.0});
  const std::string million(1000000, 'x');
  EXPECT_EQ(parse("a,b\n1,\"" + million + "\"\n").columns[1].cell(0), million);
}

TEST(CsvReader, NumbersTheColumnsOfAFileWithoutHeader) {
  const Table table = parse("5.1,3.5,a\n4.9,3.0,b\n");
  EXPECT_EQ(shown(table), "|c1|c2|c3\n1:|5.1|3.5|a\n2:|4.9|3.0|b");
  EXPECT_FALSE(table.dialect.has_header);
  EXPECT_EQ(table.header_line, 1U);
}

TEST(CsvReader, TakesNumbersForNamesWhereItIsTold) {
  EXPECT_EQ(shown(parse_csv("1,2\n3,4\n", "f", {.has_header = true})), "|1|2\n2:|3|4");
  EXPECT_EQ(shown(parse_csv("a,b\n", "f", {.has_header = false})), "|c1|c2\n1:|a|b");
}

TEST(CsvReader, ReadsUtf16AndLatin1) {
  const std::string expected = "|größe|€😀\n2:|1|é";
  EXPECT_EQ(shown(utf16(u"größe,€😀\n1,é\n", true)), expected);
  const Table table = parse(utf16(u"größe,€😀\n1,é\n", false));
  EXPECT_EQ(shown(table), expected);
  EXPECT_EQ(table.dialect.encoding, Encoding::utf16_be);
  EXPECT_EQ(shown(parse_csv("gr\xF6\xDF"
                            "e,a\n1,\xE9\n",
                            "f", {.encoding = Encoding::latin1})),
            "|größe|a\n2:|1|é");
  const std::string unmarked = utf16(u"a,b\n1,2\n", true).substr(2);
  EXPECT_EQ(shown(parse_csv(unmarked, "f", {.encoding = Encoding::utf16_le})), "|a|b\n2:|1|2");
}

TEST(CsvReader, TakesTheTokensOfMissingValuesUnlessTheyAreQuoted) {
  EXPECT_EQ(shown("a,b\n1,na\nN/A,NaN\nNULL,None\n?,-\n.,x\n 2 , NA \n"),
            "|a|b\n2:|1|-\n3:|-|-\n4:|-|-\n5:|-|-\n6:|-|x\n7:|2|-");
  EXPECT_EQ(shown("a,b\n1,\"NA\"\n2,x\n"), "|a|b\n2:|1|NA\n3:|2|x");
  EXPECT_EQ(shown(parse_csv("a,b\n-999,NA\n2,\n", "f", {.missing_tokens = {{"-999", "n.d."}}})),
            "|a|b\n2:|-|NA\n3:|2|-");
}

TEST(CsvReader, KnowsTokensThatAreNumbersInLongColumnsToo) {
  const Table table =
      parse_csv(many_numbers(200) + "-999,1\n", "f", {.missing_tokens = {{"-999"}}});
  EXPECT_TRUE(table.columns[0].is_missing(200));
}

TEST(CsvReader, ReadsNamesThatBeginLikeAZipFile) {
  EXPECT_EQ(parse("PK,x\n1,2\n").columns[0].name, "PK");
}

TEST(CsvReader, TakesLatin1WithTheCharactersOfWindows) {
  const Table table = parse_csv("price,x\n5 \x80,1\n\xE9t\xE9,2\n\x93q\x94 \x96,3\n", "data.csv",
                                {.has_header = true, .encoding = Encoding::latin1});
  EXPECT_EQ(table.columns[0].cell(0), "5 €");
  EXPECT_EQ(table.columns[0].cell(1), "été");
  EXPECT_EQ(table.columns[0].cell(2), "“q” –");
}

TEST(CsvReader, DrawsTheLineAtNineInTen) {
  EXPECT_EQ(parse(many_numbers(8) + "x,1\n").columns[0].kind, ColumnKind::text);
  EXPECT_THROW(parse(many_numbers(9) + "x,1\n"), DataError);
}

TEST(CsvReader, TakesNanAndInfForTextInQuotesAndForNumbersThatWillNotDoOtherwise) {
  for (const char* word : {"nan", "NaN", "inf", "NA"}) {
    const std::string quoted = std::string("\"") + word + "\"";
    const Table table = parse("a,b\n1,x\n" + quoted + ",y\n");
    EXPECT_EQ(table.columns[0].kind, ColumnKind::text) << word;
    EXPECT_EQ(table.columns[0].cell(1), word);
    EXPECT_THROW(parse(many_numbers(9) + quoted + ",1\n"), DataError) << word;
  }
  EXPECT_TRUE(parse("a,b\n1,x\nnan,y\n").columns[0].is_missing(1));
  EXPECT_THROW(parse("a,b\n1,x\ninf,y\n"), DataError);
  EXPECT_THROW(parse("a,b\n1,x\n-nan,y\n"), DataError);
}

TEST(CsvReader, ReadsColumnsAsTextOnRequest) {
  const std::string text = "a,zip,\"b,c\"\n1,01234,1\n2,,2\n";
  const auto read_as_text = [&](const std::string& names) {
    const Table table = parse_csv(text, "f", {.columns = {{names, ColumnUse::text}}});
    std::vector<std::string> columns;
    for (const Column& column : table.columns) {
      if (column.kind == ColumnKind::text) columns.push_back(column.name);
    }
    return columns;
  };
  EXPECT_EQ(read_as_text("zip"), std::vector<std::string>{"zip"});
  EXPECT_EQ(read_as_text("a, zip"), (std::vector<std::string>{"a", "zip"}));
  EXPECT_EQ(read_as_text("b,c"), std::vector<std::string>{"b,c"}) << "a name, not a list";
  EXPECT_EQ(read_as_text("zap"), std::vector<std::string>{}) << "schema.h says so";
  EXPECT_EQ(parse_csv(text, "f", {.columns = {{"zip", ColumnUse::text}}}).columns[1].cell(0),
            "01234");
}

TEST(CsvReader, FindsFaultAmongNumbersWhereItMatters) {
  const std::string text = many_numbers(19) + "x,1\n";
  EXPECT_THROW(parse(text), DataError);
  const Table table = parse_csv(text, "f", {.columns = {{"a", ColumnUse::none}}});
  EXPECT_EQ(table.columns[0].kind, ColumnKind::text);
  EXPECT_EQ(table.columns[1].kind, ColumnKind::numeric);
  EXPECT_EQ(parse_csv(text, "f", {.other_columns = ColumnUse::none}).columns[0].cell(19), "x");
  EXPECT_EQ(message_of<DataError>([] {
              parse_csv("a,b\n1,x\n2,y\n", "f", {.columns = {{"b", ColumnUse::numbers}}});
            }),
            "f:2:2: column b: \"x\" is not a number\n"
            "f:3:2: column b: \"y\" is not a number\n"
            "The column is to hold numbers; --missing-tokens lists what stands for a missing "
            "value.");
}

TEST(CsvReader, LeavesBadRowsOutOnRequestAndListsThem) {
  std::string text = "a,b\n1,2\n1,2,3\n\"x\"y,1\n2,\"p\n\xFF\"\n";
  for (int i = 0; i < 10; ++i) text += "5,6\n";
  text += "n,7\n8,\"open\n9,10\n";
  expect_the_same_in_pieces(text, {.skip_bad_rows = true});
  const Table table = parse_csv(text, "f", {.skip_bad_rows = true});
  EXPECT_EQ(table.rows(), 12U);
  EXPECT_EQ(table.columns[0].numbers.front(), 1.0);
  EXPECT_EQ(table.columns[0].numbers.back(), 9.0);
  EXPECT_EQ(table.lines.back(), 19U);
  std::string left_out;
  for (const Problem& problem : table.left_out) {
    left_out += location("f", problem.line, problem.field) + ": " + problem.text + "\n";
  }
  EXPECT_EQ(left_out,
            "f:3:3: expected 2 fields, found 3: no column for \"3\"\n"
            "f:4:1: column a: text behind the closing quote\n"
            "f:5:2: column b: \"p\\n\\xff\" is not UTF-8\n"
            "f:17:1: column a: \"n\" is not a number\n"
            "f:18:2: column b: the quote that opens here is never closed\n");
}

// Any bytes at all end in a table or in a DataError, the same in pieces of a byte.
TEST(CsvReader, SurvivesEveryTextOfUpToFiveNastyCharacters) {
  constexpr std::string_view alphabet("a1,\"\n\r ", 7);
  std::size_t tables = 0;
  for (std::size_t length = 0; length <= 5; ++length) {
    std::size_t texts = 1;
    for (std::size_t i = 0; i < length; ++i) texts *= alphabet.size();
    for (std::size_t n = 0; n < texts; ++n) {
      std::string text = "h,";
      for (std::size_t i = 0, rest = n; i < length; ++i, rest /= alphabet.size()) {
        text += alphabet[rest % alphabet.size()];
      }
      const std::string whole = outcome(text, {}, 100, 1);
      if (!whole.starts_with("data.csv")) ++tables;
      ASSERT_EQ(outcome(text, {}, 1, 1), whole) << text;
      if (length < 4) expect_the_same_in_pieces(text, {.has_header = true, .skip_bad_rows = true});
    }
  }
  EXPECT_GT(tables, 500U);
}

// --- Files ------------------------------------------------------------------------------------

TEST(CsvFile, IsReadFromDisk) {
  const TemporaryFolder folder;
  put(folder / "t.csv", "a,b\n1,2\n");
  const Table table = read_csv(folder / "t.csv");
  EXPECT_EQ(shown(table), "|a|b\n2:|1|2");
  EXPECT_EQ(table.file, (folder / "t.csv").string());
}

TEST(CsvFile, MayBeAPipe) {
  const TemporaryFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string text = many_numbers(100000);
  std::thread writer([&] { put(path, text); });
  const Table table = read_csv(path);
  writer.join();
  EXPECT_EQ(table.rows(), 100000U);
  EXPECT_EQ(table.columns[0].numbers.back(), 99999.5);
}

TEST(CsvFile, OfTheRepositoryHasTheDocumentedShape) {
  const std::string data = TAPEWISE_TEST_DATA;
  const Table iris = read_csv(data + "/iris.csv");
  EXPECT_EQ(iris.rows(), 150U);
  EXPECT_EQ(iris.names(), (std::vector<std::string>{"sepal_length", "sepal_width", "petal_length",
                                                    "petal_width", "species"}));
  EXPECT_EQ(iris.columns[4].levels,
            (std::vector<std::string>{"setosa", "versicolor", "virginica"}));
  const Table cancer = read_csv(data + "/breast_cancer.csv");
  EXPECT_EQ(cancer.rows(), 569U);
  EXPECT_EQ(cancer.columns.size(), 31U);
  EXPECT_EQ(cancer.columns.front().name, "mean_radius");
  EXPECT_EQ(cancer.columns.back().name, "diagnosis");
  const Table hours = read_csv(data + "/hours.csv");
  EXPECT_EQ(hours.rows(), 20U);
  EXPECT_EQ(hours.columns[0].cell(0), "0.50");
}

}  // namespace
}  // namespace models
