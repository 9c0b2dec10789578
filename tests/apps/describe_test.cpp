// tapewise describe, run as a program: what a person reads, and what a program does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

Outcome describe(const std::string& file, std::vector<std::string> more) {
  const Folder folder;
  std::vector<std::string> words{"describe", data_file(file)};
  words.insert(words.end(), more.begin(), more.end());
  return folder.run(words);
}

TEST(Describe, ReadsThePassengersAsAPersonWould) {
  const Outcome outcome = describe("passengers.csv", {"--target", "survived", "--missing", "mean"});
  expect_quiet_success(outcome);
  const std::string table = squeezed(outcome.out);
  for (const char* line : {"passengers.csv: 28 rows, 11 columns\n",
                           "\nTarget survived: yes (positive): 14 rows; no: 14 rows\n",
                           "\npassenger unusable 1 to 28 0 left out: an identifier: a running "
                           "number from 1 to 28 (--keep)\n",
                           "\nsurvived target no 14, yes 14 0 the labels (--target)\n",
                           "\nclass numeric 1 to 3 0 a number, standardised (--categorical)\n",
                           "\nname unusable 28 different texts 0 left out: an identifier: its 28 "
                           "texts all differ (--keep)\n",
                           "\nsex categorical female 14, male 14 0 a feature per category, "
                           "compared with female (--reference)\n",
                           "\nage numeric 2 to 58 4 missing cells are filled (--missing)\n",
                           "\nticket unusable 25 different texts 0 left out: free text: 25 "
                           "different texts in 28 cells (--keep)\n",
                           "\ncabin unusable 7 different texts 20 left out: free text: 7 different "
                           "texts in 8 cells (--keep)\n",
                           "\nport categorical C 4, Q 3, S 21 0 a feature per category, compared "
                           "with C (--reference)\n"}) {
    EXPECT_THAT(table, HasSubstr(line));
  }
  EXPECT_THAT(table, Not(HasSubstr("Not to be trained on")));
}

TEST(Describe, SaysWhatFlagsChange) {
  const std::string table =
      squeezed(describe("passengers.csv", {"--target", "survived", "--missing", "drop",
                                           "--categorical", "class", "--reference", "class=2",
                                           "--drop", "fare", "--keep", "cabin", "--positive", "no"})
                   .out);
  EXPECT_THAT(table, HasSubstr("\nTarget survived: no (positive): 14 rows; yes: 14 rows\n"
                               "positive: --positive\n"));
  EXPECT_THAT(table, HasSubstr("\nclass categorical 1 6, 2 5, 3 17 0 a feature per category, "
                               "compared with 2 (--reference)\n"));
  EXPECT_THAT(table, HasSubstr("\nage numeric 2 to 58 4 rows with missing cells are left out "
                               "(--missing)\n"));
  EXPECT_THAT(table, HasSubstr("\nfare unusable 7.23 to 263 0 left out (--drop)\n"));
  EXPECT_THAT(table, HasSubstr("\ncabin categorical A6 1, C103 1, C123 1, C85 2 and 3 more 20 "));
}

TEST(Describe, NamesTheReferenceThatTrainTakes) {
  const Folder folder;
  folder.put("d.csv", "a,a=b,x,y\nu,c,1,p\nv,d,2,q\nu,d,,q\nv,c,3,p\n");
  const std::string out =
      squeezed(folder.run({"describe", "d.csv", "--target", "y", "--reference", "a=b=d"}).out);
  EXPECT_THAT(out,
              HasSubstr("\na categorical u 2, v 2 0 a feature per category, compared with u "));
  EXPECT_THAT(out,
              HasSubstr("\na=b categorical c 2, d 2 0 a feature per category, compared with d "))
      << "though cells are missing";
  EXPECT_THAT(folder.run({"describe", "d.csv", "--reference", "b=1"}).out,
              HasSubstr("\nd.csv:1: --reference: \"b=1\" is not COLUMN=LEVEL of a column that"));
  expect_wrong_use(folder.run({"describe", "d.csv", "--positive", "p"}),
                   "--positive: there are no classes without --target");
}

TEST(Describe, SaysWhyTrainWouldNotTakeTheFile) {
  const Outcome iris = describe("iris.csv", {"--target", "species"});
  expect_quiet_success(iris);
  EXPECT_THAT(
      iris.out,
      HasSubstr("\nTarget     species: 3 classes: setosa 50, versicolor 50, virginica 50\n"));
  EXPECT_THAT(squeezed(iris.out), HasSubstr("\npetal_length numeric 1 to 6.9 0 a number, "));
  const Outcome quantity = describe("iris.csv", {"--target", "petal_length"});
  expect_quiet_success(quantity);
  EXPECT_THAT(quantity.out,
              HasSubstr("\nNot to be trained on like this:\n" + data_file("iris.csv") +
                        ":1:3: column petal_length: 43 classes in 150 rows: "));
}

TEST(Describe, NeedsNoTarget) {
  const Outcome outcome = describe("hours.csv", {});
  expect_quiet_success(outcome);
  EXPECT_THAT(
      outcome.out,
      HasSubstr("\nTarget     none; --target COLUMN names it (or its position, or last)\n"));
  EXPECT_THAT(squeezed(outcome.out),
              EndsWith("\npass boolean 0 10, 1 10 0 a feature of 0 and 1 (--drop)\n"));
}

TEST(Describe, WarnsOfColumnsThatKnowTheTarget) {
  const Folder folder;
  folder.put("d.csv", "h,g,y\n1,2,no\n2,1,no\n3,2,yes\n4,1,yes\n");
  EXPECT_THAT(
      folder.run({"describe", "d.csv", "--target", "y"}).out,
      EndsWith("\nWarnings\n  column h: it separates the classes alone (AUC 1): up to 2 all "
               "are no, from 3 on yes\n"));
}

TEST(Describe, WritesForPrograms) {
  const Outcome outcome =
      describe("passengers.csv", {"--target", "survived", "--missing", "mean", "--json"});
  expect_quiet_success(outcome);
  const nlohmann::json root = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(root["rows"], 28);
  EXPECT_EQ(root["dialect"],
            nlohmann::json::parse(R"({"delimiter": "comma", "header": true, "decimal": ".",
                                      "quote": "\"", "comment": null, "encoding": "UTF-8",
                                      "given": []})"));
  EXPECT_TRUE(root["left_out"].empty());
  EXPECT_EQ(root["target"]["positive"], "yes");
  EXPECT_EQ(root["target"]["classes"][0]["rows"], 14);
  ASSERT_EQ(root["columns"].size(), 10U);
  EXPECT_EQ(root["columns"][0]["reason"], "an identifier: a running number from 1 to 28");
  EXPECT_EQ(root["columns"][3]["role"], "categorical");
  EXPECT_EQ(root["columns"][3]["levels"][1]["name"], "male");
  EXPECT_EQ(root["columns"][4]["missing"], 4);
  EXPECT_EQ(root["columns"][4]["largest"], 58.0);
  EXPECT_EQ(root["columns"][4]["changed_by"], "--missing");
  EXPECT_EQ(root["error"], "");
  const nlohmann::json iris =
      nlohmann::json::parse(describe("iris.csv", {"--target", "petal_length", "--json"}).out);
  EXPECT_TRUE(iris["target"]["positive"].is_null());
  EXPECT_THAT(iris["error"].get<std::string>(), HasSubstr("43 classes in 150 rows"));
}

TEST(Describe, ListsTheRowsThatWereLeftOut) {
  const Folder folder;
  std::string text = "x;y\n1;a\n2;b\n3;a\n";
  for (int i = 0; i < 11; ++i) text += "1;2;3\n";
  folder.put("d.csv", text);
  const std::vector<std::string> words{"describe", "d.csv", "--skip-bad-rows"};
  const Outcome outcome = folder.run(words);
  expect_quiet_success(outcome);
  EXPECT_THAT(
      outcome.out,
      HasSubstr("           11 faulty rows left out (--skip-bad-rows), the first 10 of them:\n"
                "             d.csv:5:3: expected 2 fields, found 3: no column for \"3\"\n"));
  EXPECT_THAT(outcome.out, HasSubstr("d.csv:14:3: "));
  EXPECT_THAT(outcome.out, Not(HasSubstr("d.csv:15:3: ")));
  EXPECT_THAT(outcome.out, HasSubstr("\n             `tapewise describe --json` lists them all\n"));
  std::vector<std::string> for_programs = words;
  for_programs.insert(for_programs.end(), {"--json", "--delimiter", "semicolon"});
  const nlohmann::json root = nlohmann::json::parse(folder.run(for_programs).out);
  ASSERT_EQ(root["left_out"].size(), 11U);
  EXPECT_EQ(root["left_out"][10]["line"], 15);
  EXPECT_EQ(root["dialect"]["given"], nlohmann::json::parse(R"(["delimiter"])"));
}

TEST(Describe, RefusesWhatItCannotRead) {
  const Folder folder;
  expect_refused(folder.run({"describe", "no.csv"}), 4,
                 "no.csv: cannot be read: No such file or directory");
  expect_wrong_use(
      folder.run({"describe"}),
      "describe: FILE is missing, as in `tapewise describe passengers.csv --target survived`");
  folder.put("d.csv", "x,y\n1,a\n2,b\n");
  expect_refused(folder.run({"describe", "d.csv", "--target", "z"}), 4,
                 "d.csv:1: no column is named \"z\"; the columns are x, y");
  expect_refused(folder.run({"describe", "d.csv", "--drop", "z"}), 4,
                 "d.csv:1: --drop: no column is named \"z\"; the columns are x, y");
}

}  // namespace
}  // namespace apps::testing
