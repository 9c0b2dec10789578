// tapewise predict, run as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "models/data/csv.h"
#include "models/data/number.h"
#include "models/model.h"
#include "tests/apps/program.h"
#include "tests/sanitized.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A folder with the model m.json of a data set of tests/data.
class Predict : public ::testing::Test {
 protected:
  void train(const std::string& file, const std::string& target) const {
    ASSERT_EQ(
        folder_
            .run({"train", data_file(file), "--target", target, "--epochs", "100", "-o", "m.json"})
            .exit_code,
        0);
  }
  Folder folder_;
};

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

TEST_F(Predict, WritesOneLineForEachRowWithTheNamesOfTheClasses) {
  train("breast_cancer.csv", "diagnosis");
  const Outcome outcome = folder_.run({"predict", "m.json", data_file("breast_cancer.csv")});
  expect_quiet_success(outcome);
  const std::vector<std::string> lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 570U);
  EXPECT_EQ(lines[0], "diagnosis,probability_benign,probability_malignant");
  // The first rows of the file are malignant, the last one is benign.
  EXPECT_THAT(lines[1], StartsWith("malignant,"));
  EXPECT_THAT(lines[569], StartsWith("benign,"));
}

TEST_F(Predict, KnowsTheHeaderByTheNamesOfTheModel) {
  folder_.put("d.csv", "colour,size,y\nred,s,a\nblue,l,b\nred,l,b\nblue,s,a\nred,s,b\nblue,l,a\n");
  EXPECT_EQ(folder_.run({"train", "d.csv", "--target", "y", "-o", "m.json"}).exit_code, 0)
      << "the name of the target is in the first line";
  folder_.put("new.csv", "colour,size\nred,s\nblue,l\n");
  const Outcome outcome = folder_.run({"predict", "m.json", "new.csv"});
  expect_quiet_success(outcome);
  EXPECT_EQ(lines_of(outcome.out).size(), 3U);
}

TEST_F(Predict, ReadsAModelFileOfVersionOne) {
  const Outcome outcome =
      folder_.run({"predict", data_file("golden/hours_model_v1.json"), data_file("hours.csv")});
  expect_quiet_success(outcome);
  const std::vector<std::string> lines = lines_of(outcome.out);
  EXPECT_EQ(lines[0], "pass,probability_0,probability_1");
  const std::vector<std::string> first = fields_of(lines[1]);
  EXPECT_EQ(first[0], "0");
  // With its weights, by the program that wrote it.
  EXPECT_NEAR(models::parse_number(first[2]).value, 0.03471034252415479, 1e-15);
}

// 180 MB of rows, where there is memory for 40 MB of them.
TEST_F(Predict, TakesNoMoreMemoryForALongerFile) {
#ifdef TAPEWISE_SANITIZED
  GTEST_SKIP() << "AddressSanitizer needs more addresses than the limit grants";
#endif
  train("breast_cancer.csv", "diagnosis");
  const std::string cancer = data_file("breast_cancer.csv");
  const Outcome outcome =
      folder_.shell("ulimit -v 450000; (head -n 1 " + cancer + "; yes \"$(tail -n +2 " + cancer +
                    ")\" | head -n 800000) | tapewise predict m.json - | tail -n 569 > end.csv");
  EXPECT_EQ(outcome.err, "");
  const std::string whole = folder_.shell("tapewise predict m.json " + cancer).out;
  EXPECT_EQ(lines_of(folder_.get("end.csv")).size(), 569U);
  for (const std::string& line : lines_of(folder_.get("end.csv"))) {
    ASSERT_THAT(whole, HasSubstr(line + "\n"));
  }
}

TEST_F(Predict, GivesTheClassifiersProbabilitiesToTheLastBit) {
  train("breast_cancer.csv", "diagnosis");
  const std::string file = data_file("breast_cancer.csv");
  const models::Classifier model = models::read_classifier((folder_ / "m.json").string());
  const models::Dataset data = models::make_dataset(models::read_csv(file), "diagnosis");
  const std::vector<double> p = model.probabilities(data.features);
  const std::vector<std::string> lines = lines_of(folder_.run({"predict", "m.json", file}).out);
  ASSERT_EQ(lines.size(), data.rows() + 1);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const std::vector<std::string> fields = fields_of(lines[row + 1]);
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(models::parse_number(fields[2]).value, p[2 * row + 1]);
    EXPECT_EQ(models::parse_number(fields[1]).value, p[2 * row]);
    EXPECT_EQ(fields[0], p[2 * row + 1] >= 0.5 ? "malignant" : "benign");
  }
}

TEST_F(Predict, NeedsNeitherTheTargetNorTheOrderOfTheTrainingFile) {
  folder_.put("d.csv", "a,b,y\n1,9,no\n2,1,yes\n3,8,no\n4,8.5,yes\n");
  ASSERT_EQ(folder_.run({"train", "d.csv", "--target", "y", "--l2", "0.1", "-o", "m.json"}).err,
            "");
  folder_.put("new.csv", "b,a\n9,1\n1,2\n8,3\n8.5,4\n");
  const Outcome with = folder_.run({"predict", "m.json", "d.csv"});
  const Outcome without = folder_.run({"predict", "m.json", "new.csv"});
  expect_quiet_success(with);
  expect_quiet_success(without);
  EXPECT_EQ(with.out, without.out);
}

TEST_F(Predict, ListsClassesInSortedOrderWhicheverIsPositive) {
  folder_.put("d.csv", "x,y\n1,zero\n2,yes\n3,zero\n4,yes\n");
  ASSERT_EQ(folder_.run({"train", "d.csv", "--target", "y", "-o", "m.json"}).exit_code, 0);
  folder_.put("new.csv", "x\n-1000\n1000\n");
  const std::vector<std::string> lines =
      lines_of(folder_.run({"predict", "m.json", "new.csv"}).out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "y,probability_yes,probability_zero");
  EXPECT_THAT(lines[1], StartsWith("zero,"));
  EXPECT_EQ(lines[2], "yes,1,0");
}

TEST_F(Predict, PutsNamesInQuotesWhereTheyNeedThem) {
  folder_.put("d.csv", "x,\"the, \"\"y\"\"\"\n1,\"a,b\"\n2,c\n3,\"a,b\"\n4,c\n");
  ASSERT_EQ(
      folder_.run({"train", "d.csv", "--target", "the, \"y\"", "--l2", "1", "-o", "m.json"}).err,
      "");
  const Outcome outcome = folder_.run({"predict", "m.json", "d.csv"});
  EXPECT_THAT(outcome.out,
              StartsWith("\"the, \"\"y\"\"\",\"probability_a,b\",probability_c\n\"a,b\",0."));
  folder_.put("p.csv", outcome.out);
  EXPECT_EQ(models::read_csv(folder_ / "p.csv").names(),
            (std::vector<std::string>{"the, \"y\"", "probability_a,b", "probability_c"}));
}

TEST_F(Predict, WritesALabelThatIsNotMissingAsOne) {
  folder_.put("d.csv", "x,y\n1,\"NA\"\n2,ok\n3,\"NA\"\n4,ok\n");
  ASSERT_EQ(folder_.run({"train", "d.csv", "--target", "y", "-o", "m.json"}).exit_code, 0);
  folder_.put("p.csv", folder_.run({"predict", "m.json", "d.csv"}).out);
  const models::Table predictions = models::read_csv(folder_ / "p.csv");
  for (std::size_t row = 0; row < predictions.rows(); ++row) {
    EXPECT_FALSE(predictions.columns[0].is_missing(row));
  }
  EXPECT_EQ(lines_of(folder_.get("p.csv"))[0], "y,probability_NA,probability_ok");
}

TEST_F(Predict, TakesForMissingWhatTrainTook) {
  folder_.put("d.csv", "x,c,y\n1,a,p\n-999,a,q\n3,none,p\n4,none,q\n5,b,p\n7,b,q\n");
  ASSERT_EQ(folder_
                .run({"train", "d.csv", "--target", "y", "--missing", "mean", "--l2", "0.1",
                      "--missing-tokens=-999", "-o", "m.json"})
                .exit_code,
            0);
  folder_.put("new.csv", "x,c\n-999,none\n,none\n4,none\n");
  const Outcome outcome = folder_.run({"predict", "m.json", "new.csv"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "info: column x: 2 missing cells get the mean, 4\n");
  const std::vector<std::string> lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[1], lines[2]) << "-999 is missing";
  EXPECT_EQ(lines[3], lines[2]) << "4 is the mean, and none a category";
  EXPECT_EQ(folder_.run({"predict", "m.json", "new.csv", "--missing-tokens=-999"}).out,
            outcome.out);
  EXPECT_NE(folder_.run({"predict", "m.json", "new.csv", "--missing-tokens", "none"}).out,
            outcome.out)
      << "the flag knows better";
}

TEST_F(Predict, DoesNotTakeTheNameOfTheTargetForThoseOfItsColumns) {
  folder_.put("d.csv", "a,b,\"a,b\"\n1,9,no\n2,1,yes\n3,8,no\n4,8,yes\n");
  ASSERT_EQ(
      folder_.run({"train", "d.csv", "--target", "a,b", "--l2", "0.1", "-o", "m.json"}).exit_code,
      0);
  folder_.put("new.csv", "a,b\n1,9\n2,1\n3,8\n4,8\n");
  const Outcome without = folder_.run({"predict", "m.json", "new.csv"});
  expect_quiet_success(without);
  EXPECT_EQ(without.out, folder_.run({"predict", "m.json", "d.csv"}).out);
}

TEST_F(Predict, WritesAFileWhereOneIsNamed) {
  train("hours.csv", "pass");
  const std::string printed = folder_.run({"predict", "m.json", data_file("hours.csv")}).out;
  const Outcome outcome = folder_.run({"predict", "m.json", data_file("hours.csv"), "-o", "p.csv"});
  expect_quiet_success(outcome);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(folder_.get("p.csv"), printed);
}

TEST_F(Predict, SaysOnStandardErrorWhichColumnsItDoesNotUse) {
  train("hours.csv", "pass");
  folder_.put("new.csv", "name,hours,age\nAnn,2,x\nBob,3,y\n");
  const Outcome outcome = folder_.run({"predict", "m.json", "new.csv"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "info: columns the model does not use: name, age\n");
  EXPECT_EQ(lines_of(outcome.out).size(), 3U);
}

// ---- errors

TEST_F(Predict, RefusesACategoryThatNoTrainingRowHas) {
  folder_.put("d.csv", "rank,x,y\nlow,1,no\nhigh,2,yes\nlow,3,yes\nhigh,1,no\n");
  ASSERT_EQ(
      folder_.run({"train", "d.csv", "--target", "y", "--l2", "0.1", "-o", "m.json"}).exit_code, 0);
  folder_.put("new.csv", "x,rank\n1,low\n2,middle\n");
  expect_refused(folder_.run({"predict", "m.json", "new.csv"}), 5,
                 "new.csv:3:2: column rank: no training row has \"middle\"; they have high, low\n"
                 "--unknown ignore takes such cells for the reference level and counts them.");
  const Outcome ignored = folder_.run({"predict", "m.json", "new.csv", "--unknown", "ignore"});
  EXPECT_EQ(ignored.exit_code, 0);
  EXPECT_EQ(ignored.err,
            "warning: column rank: 1 row with a category no training row has; taken for the "
            "reference\n");
  EXPECT_EQ(lines_of(ignored.out).size(), 3U);
}

TEST_F(Predict, RefusesAFileWithoutTheColumnsOfTheModel) {
  train("hours.csv", "pass");
  folder_.put("new.csv", "houes\n1\n");
  expect_refused(folder_.run({"predict", "m.json", "new.csv"}), 5,
                 "new.csv:1: a column the model was trained on is not in the file: hours (did you "
                 "mean \"houes\"?)");
}

TEST_F(Predict, RefusesACellThatIsNotANumber) {
  train("hours.csv", "pass");
  folder_.put("new.csv", "hours\n1\nlong\n");
  expect_refused(folder_.run({"predict", "m.json", "new.csv"}), 4,
                 "new.csv:3:1: column hours: \"long\" is not a number\n"
                 "The column is to hold numbers; --missing-tokens lists what stands for a missing "
                 "value.");
}

TEST_F(Predict, RefusesAValueTooFarFromTheTrainingRows) {
  train("breast_cancer.csv", "diagnosis");
  const std::string header = lines_of(models::testing::get(data_file("breast_cancer.csv"))).front();
  std::string row = "1e308";
  for (int j = 1; j < 30; ++j) row += ",1e308";
  folder_.put("new.csv", header + "\n" + row + ",benign\n");
  const Outcome outcome = folder_.run({"predict", "m.json", "new.csv"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("error: new.csv:2:"));
  EXPECT_THAT(outcome.err, HasSubstr(": 1e+308 is too far from the mean of the training rows, "));
  EXPECT_THAT(outcome.err,
              HasSubstr("\nIs the value right, and in the units of the training file?\n"));
}

TEST_F(Predict, KeepsTheDigitsOfASmallProbability) {
  folder_.put("d.csv", "x,y\n-1,no\n1,yes\n-1,no\n1,yes\n");
  ASSERT_EQ(folder_.run({"train", "d.csv", "--target", "y", "--l2", "0.1", "-o", "m.json"}).err,
            "warning: column x: it is the target in other words: -1 is no, 1 is yes\n");
  folder_.put("new.csv", "x\n200\n");
  const std::vector<std::string> fields =
      fields_of(lines_of(folder_.run({"predict", "m.json", "new.csv"}).out).at(1));
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0], "yes");
  EXPECT_GT(models::parse_number(fields[1]).value, 0.0) << "1 − p would be 0";
  EXPECT_EQ(fields[2], "1");
}

TEST_F(Predict, RefusesAModelThatIsNotOne) {
  expect_refused(folder_.run({"predict", "m.json", data_file("hours.csv")}), 4,
                 "m.json: cannot be read: No such file or directory\n"
                 "Is the path right? `tapewise train DATA.csv --target COLUMN -o MODEL.json` "
                 "writes one.");
  folder_.put("m.json", "");
  expect_refused(folder_.run({"predict", "m.json", data_file("hours.csv")}), 4,
                 "m.json: the file is empty\n"
                 "Train the model again with `tapewise train`, or restore the file.");
  folder_.put("m.json", "x,y\n");
  EXPECT_THAT(folder_.run({"predict", "m.json", data_file("hours.csv")}).err,
              StartsWith("error: m.json: not a model file: parse error at line 1, column 1"));
}

TEST_F(Predict, KeepsAnOldFileWhenSomethingFailed) {
  train("hours.csv", "pass");
  folder_.put("new.csv", "hours\nlong\n");
  folder_.put("p.csv", "old");
  EXPECT_EQ(folder_.run({"predict", "m.json", "new.csv", "-o", "p.csv"}).exit_code, 4);
  EXPECT_EQ(folder_.get("p.csv"), "old");
}

TEST_F(Predict, NeverReplacesItsModelOrItsData) {
  train("hours.csv", "pass");
  folder_.put("new.csv", "hours\n1\n");
  const std::string model = folder_.get("m.json");
  std::filesystem::create_hard_link(folder_ / "m.json", folder_ / "hard.json");
  std::filesystem::create_symlink("new.csv", folder_ / "soft.csv");
  for (const std::string name : {"m.json", "new.csv", "./m.json", "hard.json", "soft.csv"}) {
    expect_wrong_use(folder_.run({"predict", "m.json", "new.csv", "-o", name}),
                     "--output: \"" + name + "\" is a file that is read; it would be lost");
  }
  EXPECT_EQ(folder_.get("m.json"), model);
  EXPECT_EQ(folder_.get("new.csv"), "hours\n1\n");
}

TEST_F(Predict, FailsWhereItsOutputCannotBeWritten) {
  train("hours.csv", "pass");
  const std::string hours = data_file("hours.csv");
  expect_refused(folder_.run({"predict", "m.json", hours, "-o", "no/p.csv"}), 4,
                 "no/p.csv: cannot be written: No such file or directory");
  expect_refused(folder_.run({"predict", "m.json", hours}, "/dev/full"), 4,
                 "standard output cannot be written: No space left on device");
}

TEST_F(Predict, DoesNotTakeAnEmptyOutputForStandardOutput) {
  expect_wrong_use(folder_.run({"predict", "m.json", "d.csv", "-o", ""}),
                   "--output: a value is expected, not \"\"");
}

TEST_F(Predict, NamesWhatItsCommandLineLacks) {
  const std::string example = ", as in `tapewise predict hours.json hours.csv -o predictions.csv`";
  expect_wrong_use(folder_.run({"predict"}), "predict: MODEL and FILE are missing" + example);
  expect_wrong_use(folder_.run({"predict", "m.json"}), "predict: FILE is missing" + example);
}

}  // namespace
}  // namespace apps::testing
