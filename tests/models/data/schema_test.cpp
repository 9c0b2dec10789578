// The role of each column, by rules and by what somebody knows better.
#include "models/data/schema.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using Strings = std::vector<std::string>;

// A file of a column x with these cells beside a target y.
Table with_cells(const Strings& cells) {
  std::string text = "x,y\n";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += cells[i] + (i % 2 == 0 ? ",a\n" : ",b\n");
  }
  CsvOptions options;
  options.has_header = true;
  return parse_csv(text, "data.csv", options);
}

ColumnSchema schema_of(const Strings& cells, const SchemaOptions& options = {}) {
  return infer_schema(with_cells(cells), "y", options).at(0);
}

// "numeric", or "unusable: a date".
std::string role_of(const Strings& cells, const SchemaOptions& options = {}) {
  const ColumnSchema schema = schema_of(cells, options);
  return std::string(to_string(schema.role)) + (schema.reason.empty() ? "" : ": ") + schema.reason;
}

Strings numbers(int from, int to, int step = 1) {
  Strings cells;
  for (int i = from; i <= to; i += step) cells.push_back(std::to_string(i));
  return cells;
}

TEST(Roles, OfNumbers) {
  EXPECT_EQ(role_of({"1", "2.5", "1", ""}), "numeric");
  const ColumnSchema schema = schema_of({"", "-2.5", "7", "", "3"});
  EXPECT_EQ(schema.smallest, -2.5);
  EXPECT_EQ(schema.largest, 7.0);
  EXPECT_EQ(schema.missing, 2U);
  EXPECT_TRUE(schema.levels.empty());
}

TEST(Roles, OfYesAndNo) {
  for (const auto& [no, yes] : {std::pair<std::string, std::string>{"0", "1"},
                                {"no", "yes"},
                                {"No", "YES"},
                                {"n", "y"},
                                {"false", "True"},
                                {"F", "T"},
                                {"off", "on"}}) {
    EXPECT_EQ(role_of({yes, no, "", yes}), "boolean") << no;
  }
  EXPECT_EQ(role_of({"no", "true", "no"}), "categorical") << "of two ways of writing";
  EXPECT_EQ(role_of({"1", "2", "1"}), "numeric");
  EXPECT_EQ(schema_of({"yes", "no", "yes"}).levels.at(0).name, "no");
  EXPECT_EQ(schema_of({"yes", "no", "yes"}).levels.at(1).rows, 2U);
}

TEST(Roles, OfCategoriesHaveTheirLevelsSorted) {
  const ColumnSchema schema = schema_of({"S", "C", "", "S", "Q", "S"});
  EXPECT_EQ(schema.role, Role::categorical);
  ASSERT_EQ(schema.levels.size(), 3U);
  EXPECT_EQ(schema.levels[0].name, "C");
  EXPECT_EQ(schema.levels[2].name, "S");
  EXPECT_EQ(schema.levels[2].rows, 3U);
  EXPECT_EQ(schema.missing, 1U);
}

TEST(Roles, OfConstants) {
  EXPECT_EQ(role_of({"7", "7.0"}), "unusable: constant: every cell is 7");
  EXPECT_EQ(role_of({"red", "red"}), "unusable: constant: every cell is \"red\"");
  EXPECT_EQ(role_of({"red", "", "red"}), "unusable: constant: every other cell is \"red\"");
  EXPECT_EQ(role_of({"", ""}), "unusable: empty: every cell is missing");
}

TEST(Roles, OfRunningNumbers) {
  EXPECT_EQ(role_of(numbers(1, 20)), "unusable: an identifier: a running number from 1 to 20");
  Strings shuffled = numbers(101, 130);
  std::swap(shuffled.front(), shuffled.back());
  EXPECT_EQ(role_of(shuffled), "unusable: an identifier: a running number from 101 to 130");
  EXPECT_EQ(role_of(numbers(1, 19)), "numeric") << "of 19 rows";
  EXPECT_EQ(role_of(numbers(2, 60, 2)), "numeric") << "with gaps";
  Strings twice = numbers(1, 30);
  twice[5] = "5";
  EXPECT_EQ(role_of(twice), "numeric") << "5 is there twice";
  Strings halves = numbers(1, 30);
  halves[5] = "6.5";
  EXPECT_EQ(role_of(halves), "numeric");
  Strings missing = numbers(1, 30);
  missing[5] = "";
  EXPECT_EQ(role_of(missing), "numeric");
}

TEST(Roles, OfDates) {
  EXPECT_EQ(role_of({"2026-01-31", "2026-01-31", "2025-12-01"}),
            "unusable: a date, such as \"2026-01-31\"");
  for (const char* date : {"31.1.2026", "1/31/2026", "31/01/26", "2026/1/31", "2026-01-31 12:30",
                           "2026-01-31T12:30:00.5Z"}) {
    EXPECT_EQ(role_of({date, "2026-02-01", date}),
              "unusable: a date, such as \"" + std::string(date) + "\"");
  }
  for (const char* other : {"2026-13-31", "31.1.2026x", "2026-01/31", "1.2.3", "2026-01-",
                            "2026-01-31 late", "12345-01-01"}) {
    EXPECT_EQ(role_of({other, "2026-02-01", other}), "categorical") << other;
  }
}

TEST(Roles, OfIdentifiersAndFreeText) {
  EXPECT_EQ(role_of({"Ann", "Bob", "", "Cid"}), "unusable: an identifier: its 3 texts all differ");
  const Strings few{"a", "b", "c", "d", "e", "a"};
  EXPECT_EQ(role_of(few), "categorical") << "five levels are categories";
  const Strings many{"a", "b", "c", "d", "e", "f", "a", "b", "c", "d", "e"};
  EXPECT_EQ(role_of(many), "unusable: free text: 6 different texts in 11 cells");
  Strings enough = many;
  enough.emplace_back("f");
  EXPECT_EQ(role_of(enough), "categorical") << "each level twice";
  Strings levels;
  for (int i = 0; i < 303; ++i) levels.push_back("level" + std::to_string(i % 101));
  EXPECT_EQ(role_of(levels), "unusable: too many categories: 101, more than 100");
}

TEST(Roles, OfNumbersThatADoubleCannotTellApartAreIdentifiers) {
  const Strings ids{"12345678901234567890123", "12345678901234567890124",
                    "12345678901234567890125"};
  EXPECT_EQ(role_of(ids),
            "unusable: an identifier: 3 whole numbers with more digits than a double holds");
  EXPECT_EQ(role_of({"9007199254740993", "1", "2"}),
            "unusable: an identifier: 1 whole number with more digits than a double holds");
  EXPECT_EQ(role_of({"9007199254740991", "1", "2"}), "numeric");
  EXPECT_EQ(role_of({"1e300", "12345678901234567890.5", "2"}), "numeric")
      << "not counted, measured";
  EXPECT_EQ(role_of({"9007199254740993", "1", "2"}, {{}, {}, {}, {"x"}}), "numeric: --keep");
}

TEST(Roles, NameTheCellThatKeepsAColumnFromBeingNumbers) {
  EXPECT_EQ(role_of({"3.2", "3.6l", "2.9", "3.1"}),
            "unusable: an identifier: its 4 texts all differ; all but \"3.6l\" on line 3 are "
            "numbers (--numeric makes that an error)");
  EXPECT_EQ(role_of({"3.2", "3.6l", "2.g", "3.1"}),
            "unusable: an identifier: its 4 texts all differ");
  EXPECT_EQ(role_of({"3", "few", "3", "3"}), "categorical");
  EXPECT_EQ(role_of({"1", "\\N", "2", "3", "4", "5", "\\N"}),
            "unusable: free text: 6 different texts in 7 cells; all but 2 cells with \"\\\\N\" are "
            "numbers (is that a missing value? --missing-tokens lists them)");
}

TEST(Roles, AreOverruled) {
  const SchemaOptions categorical{{"x"}, {}, {}, {}};
  const SchemaOptions numeric{{}, {"x"}, {}, {}};
  const SchemaOptions drop{{}, {}, {"x"}, {}};
  const SchemaOptions keep{{}, {}, {}, {"x"}};
  EXPECT_EQ(role_of({"10", "2", "10"}, categorical), "categorical: --categorical");
  EXPECT_EQ(schema_of({"10", "2", "10"}, categorical).levels.at(0).name, "2");
  EXPECT_EQ(schema_of(numbers(1, 90), categorical).levels.size(), 90U)
      << "of numbers whose spelling was forgotten";
  EXPECT_EQ(role_of({"Ann", "Bob", "Cid"}, categorical), "categorical: --categorical");
  EXPECT_EQ(role_of({"1", "red", "blue"}, numeric), "numeric: --numeric");
  EXPECT_EQ(role_of({"1", "2", "3"}, drop), "unusable: --drop");
  EXPECT_EQ(role_of(numbers(1, 20), keep), "numeric: --keep");
  EXPECT_EQ(role_of({"Ann", "Bob", "Cid"}, keep), "categorical: --keep");
}

TEST(Roles, AreNotOverruledByNamesThatMakeNoSense) {
  const Table table = parse_csv("red,blue,y\n1,2,a\n2,3,b\n", "data.csv");
  const auto fault = [&](const SchemaOptions& options) {
    return testing::message_of<DataError>([&] { infer_schema(table, "y", options); });
  };
  EXPECT_EQ(fault({{"blu"}, {}, {}, {}}),
            "data.csv:1: --categorical: no column is named \"blu\"; did you mean \"blue\"?");
  EXPECT_EQ(fault({{}, {"green"}, {}, {}}),
            "data.csv:1: --numeric: no column is named \"green\"; the columns are red, blue, y");
  EXPECT_EQ(fault({{}, {}, {"y"}, {}}), "data.csv:1: --drop: \"y\" is the target");
  EXPECT_EQ(fault({{"red"}, {}, {}, {"red"}}),
            "data.csv:1: --keep: \"red\" is named by --categorical too");
  EXPECT_NO_THROW(infer_schema(table, "y", {{"red", "red"}, {}, {"blue"}, {}}));
}

TEST(Roles, AreInTheOrderOfTheFileWithoutTheTarget) {
  const auto schema = infer_schema(parse_csv("a,y,b\n1,no,2\n3,yes,4\n", "data.csv"), "y");
  ASSERT_EQ(schema.size(), 2U);
  EXPECT_EQ(schema[1].name, "b");
  EXPECT_EQ(schema[1].index, 2U);
  EXPECT_EQ(infer_schema(parse_csv("a,y\n1,no\n3,yes\n", "data.csv")).size(), 2U);
}

}  // namespace
}  // namespace models
