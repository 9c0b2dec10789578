#include "models/data/dialect.h"

#include <gtest/gtest.h>

#include <string>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using testing::message_of;

Dialect found(std::string_view text, const CsvOptions& options = {}) {
  return find_dialect(text, "data.csv", options);
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

TEST(Dialect, HasADecimalCommaWhereColumnsAreNumbersByIt) {
  EXPECT_EQ(found("x;y\n1,5;2\n3;-4,25\n").decimal, ',');
  EXPECT_EQ(found("x|y\n1,5|2\n3|4\n").decimal, ',');
  EXPECT_EQ(found("x\ty\n0,125\t2\n0,250\t4\n").decimal, ',');
  EXPECT_EQ(found("x;y\n1.5;2\n3;4\n").decimal, '.');
  EXPECT_EQ(found("x;y\n1;2\n3;4\n").decimal, '.');
  EXPECT_EQ(found("x,y\n1,5\n").decimal, '.');
  EXPECT_EQ(found("x;y\n1;Smith, John\n2;1,5\n3;Ann\n").decimal, '.');
  EXPECT_EQ(found("x;y\n1,234;2\n30,500;4\n", {.decimal = ','}).decimal, ',');
}

TEST(Dialect, KeepsDelimiterAndDecimalMarkApart) {
  EXPECT_EQ(found("1,5;2,5\n3,0;x\n", {.decimal = ','}).delimiter, ';');
}

TEST(Dialect, AsksWhetherPointsBetweenSemicolonsAreThoseOfThousands) {
  EXPECT_EQ(message_of<DataError>([] { found("x;y\n950;a\n1.250;b\n12.500;c\n"); }),
            "data.csv:3:1: numbers like \"1.250\" may have a decimal point or be thousands\n"
            "--decimal point settles it; thousands are to be written without a mark.");
  EXPECT_EQ(found("x;y\n950;a\n1.250;b\n", {.decimal = '.'}).decimal, '.');
  EXPECT_EQ(found("x;y\n950;a\n1.250;b\n0.125;c\n").decimal, '.');
  EXPECT_EQ(found("x;y\n1.250;0.5\n2.125;0.25\n").decimal, '.');
  EXPECT_EQ(found("x\ty\n1.250\ta\n2.125\tb\n").decimal, '.');
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
}

// Wavelengths, doses, decades: numbers that name columns.
TEST(Dialect, AsksForTheHeaderWhereATextIsLikeANameAndTheRestAreNumbers) {
  std::string rows;
  for (int i = 0; i < 5; ++i) rows += "a,0.5,0.25\nb,0.75,0.5\n";
  EXPECT_EQ(
      message_of<DataError>([&] { found("label,400,402\n" + rows); }),
      "data.csv:1: is this the header? \"label\" is like a name, not seen again below it, but "
      "\"402\" is a number\n--header yes or --header no settles it.");
  EXPECT_FALSE(found("b,400,402\n" + rows).has_header);
  EXPECT_FALSE(found("c,400,402\nd,1,2\n" + rows).has_header);
}

TEST(Dialect, NamesTheLineAboveTheHeaderThatIsNoHeader) {
  for (const char* line : {"sep=;", "\"sep=;\""}) {
    EXPECT_EQ(message_of<DataError>([&] { found(std::string(line) + "\r\na;b\r\n1;2\r\n"); }),
              "data.csv:1: \"sep=;\" is for spreadsheets, and no header\n"
              "Remove the line; what it says is found out, or told by --delimiter.");
  }
  EXPECT_EQ(message_of<DataError>([] { found("\nSales of 2024\n\na,b\n1,2\n"); }),
            "data.csv:2: no delimiter cuts all lines into the same number of fields\n"
            "Is line 2 a title? Lines above the header are to be removed. Otherwise --delimiter "
            "comma, semicolon, tab, bar or blank settles it; none, if the file has one column.");
}

TEST(Dialect, KeepsTheDelimiterApartFromQuotesAndComments) {
  EXPECT_EQ(message_of<DataError>([] { found("a;b\n1;2\n", {.delimiter = ';', .quote = ';'}); }),
            "data.csv: the semicolon cannot be delimiter and mark of quotes\n"
            "--delimiter settles what it is separated by.");
  EXPECT_EQ(message_of<DataError>([] { found("a;b\n1;2\n", {.comment = ';'}); }),
            "data.csv: the semicolon cannot be delimiter and mark of comments\n"
            "--delimiter settles what it is separated by.");
}

TEST(Dialect, LeavesTheHeaderToWhoKnowsIt) {
  EXPECT_TRUE(found("0,1\n0.5,0.25\n", {.has_header = true}).has_header);
  EXPECT_FALSE(found("a,b\n1,2\n", {.has_header = false}).has_header);
}

TEST(Dialect, DoesNotTakeSingleTabsForRunsOfBlanks) {
  EXPECT_EQ(found("id\tgpa\n1\t3.5\t\n2\t2.9\n").delimiter, '\t');
  EXPECT_EQ(found("id\tgpa\n1\t\t3.5\n2\t2.9\n").delimiter, '\t');
  EXPECT_EQ(found("name\t\tx\nAnn\t\t1\nCatherine\t2\n").delimiter, runs_of_blanks);
  EXPECT_EQ(found("id\tgpa\n1 3.5\n2\t2.9\n").delimiter, runs_of_blanks);
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

TEST(Header, HasTheNamesThatSomebodyKnows) {
  const std::string text = "colour,size\nred,s\nblue,l\n";
  EXPECT_THROW(parse_csv(text, "data.csv"), DataError) << "text like all below it";
  const auto has_header = [&](const std::vector<std::string>& names) {
    return parse_csv(text, "data.csv", {.known_names = names}).dialect.has_header;
  };
  EXPECT_TRUE(has_header({"size", "colour"}));
  EXPECT_TRUE(has_header({"size"}));
  EXPECT_THROW(has_header({"size", "shape"}), DataError);
}

}  // namespace
}  // namespace models
