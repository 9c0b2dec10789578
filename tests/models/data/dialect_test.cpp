#include "models/data/dialect.h"

#include <gtest/gtest.h>

#include <string>

#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using testing::message_of;

Dialect found(std::string_view text, const CsvOptions& options = {}) {
  return find_dialect(text, "data.csv", options);
}

std::string question(std::string_view text, const CsvOptions& options = {}) {
  return message_of<DataError>([&] { found(text, options); });
}

TEST(Dialect, HasTheDelimiterThatCutsAllRecordsAlike) {
  EXPECT_EQ(found("a,b\n1,2\n").delimiter, ',');
  EXPECT_EQ(found("a;b\n1;2\n").delimiter, ';');
  EXPECT_EQ(found("a\tb\n1\t2\n").delimiter, '\t');
  EXPECT_EQ(found("a|b\n1|2\n").delimiter, '|');
  EXPECT_EQ(found("a  b\n1 \t 2\n 3 4 \n").delimiter, runs_of_blanks);
}

TEST(Dialect, LooksForDelimitersOutsideQuotesOnly) {
  EXPECT_EQ(found("a;b\n\"1,2\";3\n\"4,5\";6\n").delimiter, ';');
  EXPECT_EQ(found("\"a,x\";\"b,y\"\n1;2\n").delimiter, ';');
  EXPECT_EQ(found("'a,x';'b,y'\n1;2\n", {.quote = '\''}).delimiter, ';');
}

TEST(Dialect, IsNotTakenInByOtherDelimitersInText) {
  EXPECT_EQ(found("when,x\n2020-01-01 12:00;00,5\n2020-01-02 12:00,6\n").delimiter, ',');
  EXPECT_EQ(found("date time,x\n2020-01-01 12:00,5\n2020-01-02 12:00,6\n").delimiter, ',');
  EXPECT_EQ(found("x;y\n1,5;2,5\n3,0;4,5\n").delimiter, ';');
}

TEST(Dialect, PrefersTheReadingThatLeavesNothingButNumbers) {
  EXPECT_EQ(found("1,5;2,5\n3,0;4,5\n").delimiter, ';');
}

TEST(Dialect, TakesWordsForOneColumn) {
  EXPECT_EQ(found("n\nJohn Smith\nMary Jane\n", {.has_header = true}).delimiter, nothing);
  EXPECT_EQ(found("full name\nJohn Smith\nMary Jane\n", {.has_header = true}).delimiter, nothing);
  EXPECT_EQ(found("n\n1\n2\n").delimiter, nothing);
}

TEST(Dialect, LeavesLinesWithTooManyOrTooFewFieldsToTheReader) {
  EXPECT_EQ(found("a,b,c\n1,2,3\n1,2\n").delimiter, ',');
  EXPECT_EQ(found("a;b\n1\n2;3;4\n").delimiter, ';');
}

TEST(Dialect, AsksForTheDelimiter) {
  EXPECT_EQ(question("a,b;c\nx,y;z\n"),
            "data.csv:1: separated by commas or by semicolons? Each cuts all lines into the same "
            "number of fields\n"
            "--delimiter comma or --delimiter semicolon settles it.");
  const std::string settles =
      "--delimiter comma, semicolon, tab, bar or blank settles it; none, if the file has one "
      "column.";
  EXPECT_EQ(question("name\nSmith, John\nMiller, Ann\n"),
            "data.csv:1: no delimiter cuts all lines into the same number of fields\n" + settles);
  EXPECT_EQ(question("#made by hand\na,b\n1,2\n"),
            "data.csv:1: no delimiter cuts all lines into the same number of fields\n"
            "Lines of comments are skipped by --comment \"#\". Otherwise " +
                settles);
}

TEST(Dialect, HasADecimalCommaWhereColumnsAreNumbersByIt) {
  EXPECT_EQ(found("x;y\n1,5;2\n3;-4,25\n").decimal, ',');
  EXPECT_EQ(found("x|y\n1,5|2\n3|4\n").decimal, ',');
  EXPECT_EQ(found("x\ty\n0,125\t2\n0,250\t4\n").decimal, ',');
  EXPECT_EQ(found("x;y\n1.5;2\n3;4\n").decimal, '.');
  EXPECT_EQ(found("x;y\n1;2\n3;4\n").decimal, '.');
  EXPECT_EQ(found("x,y\n1,5\n").decimal, '.');
  EXPECT_EQ(found("x;y\n1;Smith, John\n2;1,5\n3;Ann\n").decimal, '.');
}

TEST(Dialect, AsksForTheDecimalMark) {
  EXPECT_EQ(question("x;y\n1,5;2.5\n3,5;4.5\n"),
            "data.csv:1: some columns have numbers with a decimal comma, some with a point\n"
            "--decimal comma or --decimal point settles it.");
  EXPECT_EQ(question("x;y\n1,234;2\n30,500;4\n"),
            "data.csv:1: numbers like 1,234 may have a decimal comma or be thousands\n"
            "--decimal comma or --decimal point settles it.");
  EXPECT_EQ(found("x;y\n1,234;2\n30,500;4\n", {.decimal = ','}).decimal, ',');
}

TEST(Dialect, KeepsDelimiterAndDecimalMarkApart) {
  EXPECT_EQ(question("x;y\n1;2\n", {.delimiter = ',', .decimal = ','}),
            "data.csv: the comma cannot be delimiter and decimal mark\n"
            "--delimiter settles what it is separated by.");
  EXPECT_EQ(found("1,5;2,5\n3,0;x\n", {.decimal = ','}).delimiter, ';');
}

TEST(Dialect, HasAHeaderWhereTextStandsAboveNumbers) {
  EXPECT_TRUE(found("a,b\n1,x\n2,y\n").has_header);
  EXPECT_TRUE(found(",a\n0,1\n1,2\n").has_header);
  EXPECT_TRUE(found("a,b\n1,x\n?,y\n").has_header);
  EXPECT_FALSE(found("5.1,setosa\n4.9,setosa\n").has_header);
  EXPECT_FALSE(found("5.1,NA,x\n4.9,2,y\n").has_header);
}

TEST(Dialect, KnowsTheHeaderOfATextTableByItsRows) {
  std::string text = "class,cap\n";
  for (int i = 0; i < 5; ++i) text += "p,x\ne,b\n";
  EXPECT_TRUE(found(text).has_header);
  EXPECT_EQ(question("p,x\n" + text),
            "data.csv:1: is this the header? It is text, like all below it\n"
            "--header yes or --header no settles it.");
}

TEST(Dialect, AsksForTheHeader) {
  const std::string settles = "\n--header yes or --header no settles it.";
  EXPECT_EQ(question("\na,b\nx,y\n"),
            "data.csv:2: is this the header? It is text, like all below it" + settles);
  EXPECT_EQ(
      question("0,1\n0.5,0.25\n"),
      "data.csv:1: is this the header? Its numbers may be data, or number the columns" + settles);
  EXPECT_EQ(
      question("city,2019,2020\nRome,1,2\n"),
      "data.csv:1: is this the header? Its numbers may be data, or number the columns" + settles);
  EXPECT_EQ(question("id,7.5\n1,2\n"),
            "data.csv:1: is this the header? Some of its cells are numbers, some are text above "
            "numbers" +
                settles);
  EXPECT_TRUE(found("0,1\n0.5,0.25\n", {.has_header = true}).has_header);
}

TEST(Dialect, SkipsCommentsOnRequest) {
  const Dialect dialect = found("# a, b, c\n  #;\na,b\n1,2\n# the end\n", {.comment = '#'});
  EXPECT_EQ(dialect.delimiter, ',');
  EXPECT_TRUE(dialect.has_header);
}

TEST(Dialect, IsToldInWords) {
  EXPECT_EQ(described(found("a,b\n1,2\n")), "separated by commas, with a header, UTF-8");
  EXPECT_EQ(described(found("x;y\n1,5;2\n", {.delimiter = ';', .comment = '#'})),
            "separated by semicolons (given), decimal comma, comments after # (given), with a "
            "header, UTF-8");
  EXPECT_EQ(described(found("1.5\n2\n", {.quote = nothing, .decimal = '.', .has_header = false})),
            "one column, decimal point (given), no quotes (given), without header (given), UTF-8");
}

}  // namespace
}  // namespace models
