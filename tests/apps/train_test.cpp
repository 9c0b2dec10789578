// tapewise train, run as a program. Coefficients of the hours table: R's glm(pass ~ hours,
// binomial), intercept −4.07771, hours 1.50465, residual deviance 16.05976 on 20 rows; the digits
// after those by Newton's method with mpmath.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/apps/program.h"
#include "tests/sanitized.h"

namespace apps::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The number behind a name that begins a line of a report.
double number_after(const std::string& report, const std::string& name) {
  const std::size_t at = report.find("\n  " + name + " ");
  if (at == std::string::npos) {
    ADD_FAILURE() << "no line of " << name << " in\n" << report;
    return std::nan("");
  }
  return std::stod(report.substr(at + name.size() + 3));
}

// ---- what it reports

TEST(Train, ReportsTheCoefficientsOfR) {
  const Folder folder;
  const Outcome outcome = folder.run({"train", data_file("hours.csv"), "--target", "pass"});
  expect_quiet_success(outcome);
  EXPECT_NEAR(number_after(outcome.out, "(intercept)"), -4.07771343, 1e-6);
  EXPECT_NEAR(number_after(outcome.out, "hours"), 1.50464543, 1e-6);
  EXPECT_NEAR(number_after(outcome.out, "training loss"), 16.05976 / 40.0, 1e-6);
}

TEST(Train, SaysWhatWasReadAndWhichClassIsPositive) {
  const Folder folder;
  folder.put("d.csv", "h,g,y\n1,2,no\n2,1,yes\n3,2,no\n4,1,yes\n5,3,yes\n");
  const Outcome outcome = folder.run({"train", "d.csv", "--target", "y", "--l2", "0.1"});
  expect_quiet_success(outcome);
  EXPECT_THAT(
      outcome.out,
      StartsWith("Data       d.csv: 5 rows, 2 features, target y\n"
                 "           separated by commas, with a header, "
                 "UTF-8\nClasses    yes (positive): 3 rows; no: 2 rows\n"
                 "           positive: by its name (--positive names another)\n"
                 "Fit        logistic regression by gradient descent, then Newton steps: "));
  EXPECT_THAT(
      outcome.out,
      HasSubstr("\nCoefficients: change in the log-odds of y = yes per unit of the file\n"));
  EXPECT_THAT(outcome.out,
              HasSubstr("\nOn the rows it was trained on (not an estimate for new ones):\n"
                        "  training loss "));
}

TEST(Train, SaysOneRowAndOneFeatureWhereThereIsOne) {
  const Folder folder;
  folder.put("d.csv", "h,y\n1,no\n2,yes\n3,yes\n");
  const Outcome outcome = folder.run({"train", "d.csv", "--target", "y", "--l2", "0.1"});
  EXPECT_THAT(outcome.out, StartsWith("Data       d.csv: 3 rows, 1 feature, target y\n"
                                      "           separated by commas, with a header, "
                                      "UTF-8\nClasses    yes (positive): 2 rows; no: 1 row\n"));
}

TEST(Train, CountsTheRowsItGetsRight) {
  // R: table(fitted(glm(pass ~ hours, binomial)) >= 0.5, pass) has 16 of 20 on its diagonal.
  const Folder folder;
  const Outcome outcome = folder.run({"train", data_file("hours.csv"), "--target", "pass"});
  EXPECT_THAT(outcome.out, HasSubstr("\n  training accuracy  0.8000 (16 of 20 rows)\n"));
}

TEST(Train, SaysSoWhereTheModelIsNotKept) {
  const Folder folder;
  const Outcome outcome = folder.run({"train", data_file("hours.csv"), "--target", "pass"});
  EXPECT_THAT(outcome.out, EndsWith("\nThe model was not kept: -o MODEL.json writes it.\n"));
  EXPECT_EQ(folder.size(), 0);
}

TEST(Train, WritesTheModelAndSaysWhere) {
  const Folder folder;
  const Outcome outcome =
      folder.run({"train", data_file("hours.csv"), "--target", "pass", "-o", "m.json"});
  expect_quiet_success(outcome);
  EXPECT_THAT(outcome.out, EndsWith("\nModel written to m.json\n"));
  EXPECT_EQ(folder.size(), 1);
  EXPECT_THAT(folder.get("m.json"), HasSubstr("\"format\": \"tapewise-model\""));
}

TEST(Train, WritesTheSameModelTwice) {
  const Folder folder;
  const std::vector<std::string> words{
      "train", data_file("breast_cancer.csv"), "--target", "diagnosis", "--epochs", "30", "-o"};
  for (const char* name : {"one.json", "two.json"}) {
    std::vector<std::string> with_name = words;
    with_name.emplace_back(name);
    EXPECT_EQ(folder.run(with_name).exit_code, 0);
  }
  EXPECT_EQ(folder.get("one.json"), folder.get("two.json"));
}

TEST(Train, WritesTheSameModelForTheSameSeedWhateverTheNumberOfThreads) {
  // Enough rows in a batch for several threads to be woken, and a last batch of fewer.
  std::string rows = "x,y\n";
  for (int i = 0; i < 60000; ++i) {
    rows.append(std::to_string(i * 7919 % 1000)).append(i % 3 == 0 ? ",a\n" : ",b\n");
  }
  const Folder folder;
  folder.put("d.csv", rows);
  const auto model = [&](const std::string& threads, const std::string& seed) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, threads + " threads, seed " + seed);
    ::setenv("OMP_NUM_THREADS", threads.c_str(), 1);
    const Outcome outcome = folder.run({"train", "d.csv", "--target", "y", "--batch-size", "40000",
                                        "--seed", seed, "--epochs", "3", "-o", "m.json"});
    ::unsetenv("OMP_NUM_THREADS");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return folder.get("m.json");
  };
  const std::string expected = model("1", "7");
  EXPECT_THAT(expected, HasSubstr("\"batch_size\": 40000"));
  EXPECT_THAT(expected, HasSubstr("\"seed\": 7"));
  for (const char* threads : {"2", "3", "8"}) EXPECT_EQ(model(threads, "7"), expected);

  // Another seed writes other weights, and not its own number alone.
  std::string other = model("1", "8");
  const std::size_t at = other.find("\"seed\": 8");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(other.replace(at, 9, "\"seed\": 7"), expected);
}

TEST(Train, ReportsItsBatches) {
  const Folder folder;
  const std::vector<std::string> words{
      "train", data_file("hours.csv"), "--target", "pass", "--seed", "7", "--tolerance", "0.01"};
  const auto with_batches_of = [&](const std::string& size) {
    std::vector<std::string> more = words;
    more.insert(more.end(), {"--batch-size", size});
    return folder.run(more);
  };
  const Outcome outcome = with_batches_of("5");
  expect_quiet_success(outcome);
  EXPECT_THAT(outcome.out, HasSubstr(" (automatic)\n"
                                     "           batches of 5 rows, shuffled with seed 7\n"
                                     "           converged: largest entry of the gradient "));
  EXPECT_NEAR(number_after(outcome.out, "hours"), 1.50464543, 0.2);
  EXPECT_THAT(with_batches_of("1").out, HasSubstr("\n           batches of 1 row, shuffled"));
  EXPECT_THAT(with_batches_of("20").out, HasSubstr("\n           batches of 20 rows, shuffled"));
  EXPECT_EQ(with_batches_of("0").out, folder.run(words).out);
  EXPECT_THAT(folder.run(words).out, Not(HasSubstr("batches")));
}

TEST(Train, SaysWhereBatchesEndAndHowToGetNearer) {
  const Folder folder;
  const std::vector<std::string> words{
      "train", data_file("hours.csv"), "--target", "pass", "--batch-size", "5", "--epochs", "50"};
  const std::string advice =
      "Batches at a constant learning rate end near the best, the nearer the smaller "
      "--learning-rate is; without --batch-size training ends on it.\n";
  const Outcome outcome = folder.run(words);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, StartsWith("warning: not converged after 50 epochs: "));
  EXPECT_THAT(outcome.err, EndsWith(advice));

  std::vector<std::string> too_fast = words;
  too_fast.insert(too_fast.end(), {"--learning-rate", "1000"});
  EXPECT_THAT(folder.run(too_fast).err,
              EndsWith(": the learning rate is too large; leave --learning-rate out.\n"));

  // Labels that hardly follow the feature: the first loss is nearly the best, and batches leave it.
  folder.put("d.csv", "x,y\n1,a\n1,b\n2,a\n2,b\n1,a\n1,b\n2,a\n2,b\n1,a\n1,b\n2,a\n2,b\n1.5,a\n");
  const Outcome chance =
      folder.run({"train", "d.csv", "--target", "y", "--batch-size", "1", "--epochs", "10"});
  EXPECT_GT(number_after(chance.out, "training loss"), std::log(2.0));
  EXPECT_THAT(chance.err, EndsWith(advice)) << "there is no learning rate to leave out";
}

TEST(Train, LearnsBreastCancerInBatches) {
  const Folder folder;
  const Outcome outcome = folder.run({"train", data_file("breast_cancer.csv"), "--target",
                                      "diagnosis", "--epochs", "100", "--batch-size", "32"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_GT(number_after(outcome.out, "training accuracy"), 0.96);
}

TEST(Train, LearnsBreastCancer) {
  const Folder folder;
  const Outcome outcome = folder.run(
      {"train", data_file("breast_cancer.csv"), "--target", "diagnosis", "--epochs", "300"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out,
              HasSubstr("569 rows, 30 features, target diagnosis\n"
                        "           separated by commas, with a header, UTF-8\nClasses    "
                        "malignant (positive): 212 rows; benign: 357 rows"));
  // The share of the larger class is 0.627; Wolberg's 1995 study reached 0.975 on new rows.
  EXPECT_GT(number_after(outcome.out, "training accuracy"), 0.96);
  EXPECT_THAT(outcome.out, HasSubstr("\nCoefficients: not shown"));
  EXPECT_THAT(outcome.err, HasSubstr("the classes can be separated completely by "));
}

TEST(Train, WarnsOnStandardErrorWhereItDidNotConverge) {
  const Folder folder;
  const Outcome outcome = folder.run(
      {"train", data_file("hours.csv"), "--target", "pass", "--solver", "gd", "--epochs", "3"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, StartsWith("warning: not converged after 3 epochs: the largest entry of "
                                      "the gradient is "));
  EXPECT_THAT(outcome.err, EndsWith("--solver auto ends on the best in a few steps.\n"));
  EXPECT_THAT(outcome.out, HasSubstr("NOT CONVERGED"));
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("\x1b")));
}

TEST(Train, SaysThatALearningRateIsTooLargeWhereTheLossRose) {
  const Folder folder;
  const Outcome outcome =
      folder.run({"train", data_file("hours.csv"), "--target", "pass", "--solver", "gd",
                  "--learning-rate", "1000", "--epochs", "50"});
  EXPECT_THAT(outcome.err, StartsWith("warning: not converged after 50 epochs: "));
  EXPECT_THAT(outcome.err, HasSubstr("The loss rose from 0.693147 to "));
  EXPECT_THAT(outcome.err,
              EndsWith(": the learning rate is too large; leave --learning-rate out.\n"));
}

TEST(Train, GivesUpWithTheOperationToBlameWhereTheTextbookLossIsInfinite) {
  const Folder folder;
  const Outcome outcome = folder.run({"train", data_file("hours.csv"), "--target", "pass", "--loss",
                                      "textbook", "--learning-rate", "1000", "-o", "m.json"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, StartsWith("error: training left the numbers: binary_cross_entropy(a: "
                                      "[20], y: [20]): the value at ["));
  EXPECT_THAT(outcome.err, HasSubstr(" is ∞ (classification_loss.cpp:"));
  EXPECT_FALSE(folder.has("m.json"));
}

// ---- columns of all kinds

TEST(TrainColumns, AreLeftOutEncodedAndFilledAloud) {
  const Folder folder;
  const Outcome outcome =
      folder.run({"train", data_file("passengers.csv"), "--target", "survived", "--missing",
                  "mean+flag", "--categorical", "class", "--reference", "class=3", "--drop",
                  "name,ticket", "--l2", "0.01", "-o", "m.json"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(
      outcome.err,
      StartsWith(
          "info: column class: categories 1, 2, compared with 3 (--reference)\n"
          "info: column sex: categories male, compared with female (--reference)\n"
          "info: column age: 4 missing cells get the mean, 27.2083, and a feature of their own\n"
          "info: column port: categories Q, S, compared with C (--reference)\n"
          "warning: column passenger is left out: an identifier: a running number from 1 to 28\n"
          "warning: column cabin is left out: free text: 7 different texts in 8 cells\n"));
  EXPECT_THAT(outcome.out, HasSubstr("28 rows, 9 features, target survived\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\n  age is missing "));
  EXPECT_LT(number_after(outcome.out, "sex=male"), -1.0);
  EXPECT_THAT(outcome.out,
              HasSubstr("\n  (of a category: compared with class=3, sex=female, port=C)\n"));

  const Outcome predicted = folder.run({"predict", "m.json", data_file("passengers.csv")});
  EXPECT_EQ(predicted.exit_code, 0);
  EXPECT_EQ(
      predicted.err,
      "info: columns the model does not use: passenger, name, ticket, cabin\n"
      "info: column age: 4 missing cells get the mean, 27.2083, and a feature of their own\n");
  EXPECT_EQ(lines_of(predicted.out).size(), 29U);
}

TEST(TrainColumns, WithMissingCellsAreCounted) {
  const Folder folder;
  const std::string file = data_file("passengers.csv");
  expect_refused(
      folder.run({"train", file, "--target", "survived"}), 4,
      file + ":7:6: column age: missing value\n" + file + ":19:6: column age: missing value\n" +
          file + ":21:6: column age: missing value\n" + file +
          ":28:6: column age: missing value\n"
          "Missing cells, of 28 rows: age 4. --missing drop, mean or mean+flag says "
          "what to do with them. A cell such as NA, none or - stands for a missing value, "
          "unless it is in quotes: --missing-tokens lists what does.");
  const Outcome dropped =
      folder.run({"train", file, "--target", "survived", "--missing", "drop", "--l2", "0.1"});
  EXPECT_THAT(dropped.err,
              HasSubstr("\nwarning: 4 rows with missing cells left out, 24 rows used\n"));
  EXPECT_THAT(dropped.out, HasSubstr(": 24 rows, "));
}

TEST(TrainColumns, ThatKnowTheTargetAreWarnedOf) {
  const Folder folder;
  folder.put("d.csv", "h,g,y\n1,2,no\n2,1,no\n3,2,yes\n4,1,yes\n");
  EXPECT_THAT(folder.run({"train", "d.csv", "--target", "last", "--l2", "0.1"}).err,
              StartsWith("warning: column h: it separates the classes alone (AUC 1): up to 2 all "
                         "are no, from 3 on yes\n"));
}

TEST(TrainColumns, OfTheTargetHaveThePositiveClassThatIsAskedFor) {
  const Folder folder;
  const std::vector<std::string> words{"train", data_file("hours.csv"), "--target", "2",
                                       "--positive"};
  std::vector<std::string> zero = words;
  zero.emplace_back("0");
  const Outcome outcome = folder.run(zero);
  EXPECT_THAT(outcome.out, HasSubstr("Classes    0 (positive): 10 rows; 1: 10 rows\n"));
  EXPECT_NEAR(number_after(outcome.out, "hours"), -1.50464543, 1e-6);
  std::vector<std::string> two = words;
  two.emplace_back("2");
  expect_refused(folder.run(two), 4,
                 data_file("hours.csv") +
                     ":1:2: column pass: --positive: no class is \"2\"; they are \"0\" and "
                     "\"1\"");
}

// ---- wrong use of its flags

class TrainFlags : public ::testing::Test {
 protected:
  // tapewise train hours.csv --target pass MORE
  [[nodiscard]] Outcome with(std::vector<std::string> more) const {
    std::vector<std::string> words{"train", data_file("hours.csv"), "--target", "pass"};
    words.insert(words.end(), more.begin(), more.end());
    return folder_.run(words);
  }
  Folder folder_;
};

TEST_F(TrainFlags, ThatAreMissingAreNamed) {
  const std::string example = ", as in `tapewise train hours.csv --target pass -o hours.json`";
  expect_wrong_use(folder_.run({"train"}), "train: FILE and --target COLUMN are missing" + example);
  expect_wrong_use(folder_.run({"train", "d.csv"}), "train: --target COLUMN is missing" + example);
  expect_wrong_use(folder_.run({"train", "--target", "pass"}), "train: FILE is missing" + example);
}

TEST_F(TrainFlags, ThatDoNotExistAreNamed) {
  expect_wrong_use(with({"--frobnicate"}), "train has no flag --frobnicate");
  expect_wrong_use(with({"more.csv"}),
                   "train: \"more.csv\" is one word too many; it takes FILE and flags");
}

TEST_F(TrainFlags, WithoutTheirValueAreNamed) {
  expect_wrong_use(with({"--learning-rate"}), "--learning-rate: NUMBER is expected behind it");
  expect_wrong_use(with({"-o"}), "--output: FILE is expected behind it");
}

TEST_F(TrainFlags, ThatAreEmptyAreNotTakenForLeftOut) {
  const std::string expected = ": a value is expected, not \"\"";
  expect_wrong_use(with({"--learning-rate", ""}), "--learning-rate" + expected);
  EXPECT_EQ(with({"--learning-rate="}).exit_code, 2);
  expect_wrong_use(with({"-o", ""}), "--output" + expected);
  expect_wrong_use(with({"--l2", ""}), "--l2: \"\" is not a number");
}

TEST_F(TrainFlags, SayWhatIsWrongWithALearningRate) {
  expect_wrong_use(with({"--learning-rate", "fast"}), "--learning-rate: \"fast\" is not a number");
  expect_wrong_use(with({"--learning-rate", "0"}),
                   "--learning-rate: must be greater than 0, not 0");
  expect_wrong_use(with({"--learning-rate", "-1"}),
                   "--learning-rate: must be greater than 0, not -1");
  expect_wrong_use(with({"--learning-rate", "nan"}),
                   "--learning-rate: \"nan\" is not a finite number");
  expect_wrong_use(with({"--learning-rate", "inf"}),
                   "--learning-rate: \"inf\" is not a finite number");
  expect_wrong_use(with({"--learning-rate", "1e999"}),
                   "--learning-rate: \"1e999\" is out of the range of a double");
  expect_wrong_use(with({"--learning-rate", "0,5"}),
                   "--learning-rate: one number is expected, not 2");
}

TEST_F(TrainFlags, SayWhatIsWrongWithANumberOfEpochs) {
  const std::string expected = "--epochs: a whole number, 0 or more, is expected, not ";
  for (const std::string wrong : {"many", "-1", "1.5"}) {
    expect_wrong_use(with({"--epochs", wrong}), expected + "\"" + wrong + "\"");
  }
}

TEST_F(TrainFlags, SayWhatIsWrongWithASeed) {
  const std::string expected = "--seed: a whole number, 0 or more, is expected, not ";
  for (const std::string wrong : {"x", "-1", "0.5", "-99999999999999999999"}) {
    expect_wrong_use(with({"--seed", wrong}), expected + "\"" + wrong + "\"");
  }
}

TEST_F(TrainFlags, SayWhichNumberIsTooLarge) {
  for (const std::string flag : {"--epochs", "--seed", "--batch-size"}) {
    expect_wrong_use(with({flag, "99999999999999999999"}),
                     flag +
                         ": 99999999999999999999 is more than the largest number taken, "
                         "9223372036854775807");
  }
}

TEST_F(TrainFlags, SayWhatIsWrongWithABatchSize) {
  const std::string expected = "--batch-size: a whole number, 0 or more, is expected, not ";
  for (const std::string wrong : {"all", "-1", "1.5", ""}) {
    expect_wrong_use(with({"--batch-size", wrong}), expected + "\"" + wrong + "\"");
  }
  expect_wrong_use(with({"--batch-size", "21"}),
                   "--batch-size: 21 is more than the 20 rows of " + data_file("hours.csv"));
  EXPECT_EQ(with({"--batch-size", "20", "--epochs", "1"}).exit_code, 0);
}

TEST_F(TrainFlags, SayWhatIsWrongWithTolerancesAndPenalties) {
  expect_wrong_use(with({"--tolerance=-1"}), "--tolerance: must be 0 or more, not -1");
  expect_wrong_use(with({"--tolerance", "tight"}), "--tolerance: \"tight\" is not a number");
  expect_wrong_use(with({"--l2", "-0.5"}), "--l2: must be 0 or more, not -0.5");
  expect_wrong_use(with({"--l2", "nan"}), "--l2: \"nan\" is not a finite number");
}

TEST_F(TrainFlags, SayWhichLossesThereAre) {
  expect_wrong_use(with({"--loss", "hinge"}),
                   "--loss: one of fused, textbook is expected, not \"hinge\"");
}

TEST_F(TrainFlags, AreLookedAtBeforeTheFile) {
  expect_wrong_use(folder_.run({"train", "no.csv", "--target", "y", "--l2", "-1"}),
                   "--l2: must be 0 or more, not -1");
}

// ---- files that cannot be used

class TrainData : public ::testing::Test {
 protected:
  // What `train d.csv --target y -o m.json` says of these contents; an old model stays as it is.
  [[nodiscard]] Outcome of(std::string_view contents, const std::string& target = "y") const {
    folder_.put("d.csv", contents);
    folder_.put("m.json", "the old model");
    const Outcome outcome = folder_.run({"train", "d.csv", "--target", target, "-o", "m.json"});
    EXPECT_EQ(folder_.get("m.json"), "the old model");
    EXPECT_EQ(folder_.size(), 2) << "a temporary file was left behind";
    return outcome;
  }
  Folder folder_;
};

TEST_F(TrainData, ThatIsMissingOrAFolderIsRefused) {
  expect_refused(folder_.run({"train", "no.csv", "--target", "y"}), 4,
                 "no.csv: cannot be read: No such file or directory");
  expect_refused(folder_.run({"train", ".", "--target", "y"}), 4,
                 ".: cannot be read: Is a directory");
}

TEST_F(TrainData, ThatIsEmptyOrOnlyAHeaderIsRefused) {
  expect_refused(of(""), 4, "d.csv: the file is empty");
  expect_refused(of("x,y\n"), 4, "d.csv: a header and no rows below it");
}

TEST_F(TrainData, WithoutTheTargetIsRefusedWithAGuess) {
  const std::string rows = "hours,passed\n1,0\n2,1\n";
  expect_refused(of(rows, "pased"), 4,
                 "d.csv:1: no column is named \"pased\"; did you mean \"passed\"?");
}

TEST_F(TrainData, WithACellThatIsNotANumberIsRefusedWhereItStands) {
  const std::string rows = "x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n7,a\n8,b\n9,a\n";
  expect_refused(of(rows + "3.6l,b\n"), 4,
                 "d.csv:11:1: column x: \"3.6l\" is not a number\n"
                 "If x is no column of numbers, --categorical x reads it as text; "
                 "--missing-tokens lists what stands for a missing value.");
}

TEST_F(TrainData, WithNanOrInfinityIsRefusedWhereItStands) {
  expect_refused(of("w,x,y\n1,nan,a\n2,1,b\n3,2,b\n"), 4,
                 "d.csv:2:2: column x: missing value\n"
                 "Missing cells, of 3 rows: x 1. --missing drop, mean or mean+flag says what to do "
                 "with them. A cell such as NA, none or - stands for a missing value, unless it is "
                 "in quotes: --missing-tokens lists what does.");
  expect_refused(of("w,x,y\n1,1,a\n2,-inf,b\n3,2,b\n"), 4,
                 "d.csv:3:2: column x: \"-inf\" is not a finite number\n"
                 "If x is no column of numbers, --categorical x reads it as text; "
                 "--missing-tokens lists what stands for a missing value.");
}

TEST_F(TrainData, WithRowsOfTheWrongLengthIsRefusedWithAllOfThem) {
  expect_refused(of("x,y\n1,a\n1,2,b\n3\n"), 4,
                 "d.csv:3:3: expected 2 fields, found 3: no column for \"b\"\n"
                 "d.csv:4:2: expected 2 fields, found 1: nothing for column y\n"
                 "A cell with a comma in it is written in quotes.");
}

TEST_F(TrainData, OfASingleClassIsRefused) {
  expect_refused(of("x,y\n1,a\n2,a\n"), 4,
                 "d.csv:1:2: column y: the only class is \"a\" (2 rows)\n"
                 "A classifier needs rows of at least two classes to tell apart.");
}

TEST_F(TrainData, WithNothingButAConstantColumnIsRefusedBeforeAnythingIsReported) {
  expect_refused(of("x,y\n7,a\n7,b\n"), 4,
                 "d.csv:1: no column is left to learn from: x (constant: every cell is 7)\n"
                 "--keep uses a column all the same, but for a constant one.");
}

TEST_F(TrainData, WithANameOrLabelThatIsNotUtf8IsRefusedBeforeTraining) {
  expect_refused(of("gr\xF6\xDF"
                    "e,y\n1,a\n2,b\n"),
                 4,
                 "d.csv:1:1: the name \"gr\\xf6\\xdfe\" is not UTF-8\nSave the file as CSV UTF-8, "
                 "or read it as it is: --encoding latin-1.");
}

TEST_F(TrainData, WithAColumnOfTheSmallestDoublesIsRefused) {
  EXPECT_EQ(of("x,y\n5e-324,a\n1e-323,b\n5e-324,a\n1e-323,b\n").err,
            "error: d.csv:2:1: column x: the values differ by less than a double can be divided "
            "by\nWrite the column in smaller units.\n");
}

TEST_F(TrainData, ThatDoesNotFitIntoMemoryIsRefused) {
  folder_.put("d.csv", "x,y\n");
  folder_.put("m.json", "{}");
  std::error_code not_here;
  std::filesystem::resize_file(folder_ / "m.json", std::uintmax_t{1} << 42U, not_here);
  if (not_here) GTEST_SKIP() << "no files of this size here: " << not_here.message();
  expect_refused(folder_.run({"predict", "m.json", "d.csv"}), 4,
                 "m.json: does not fit into memory");
}

TEST_F(TrainData, WithAClassOfOneRowHasNothingForOutOfFold) {
  folder_.put("lone.csv", "x,y\n1,a\n2,a\n3,b\n");
  const Outcome outcome = folder_.run({"train", "lone.csv", "--target", "y", "--l2", "1",
                                       "--out-of-fold", "f.csv", "-o", "m.json"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_NE(
      outcome.err.find("error: lone.csv: a class has a single row, and --out-of-fold has what "
                       "folds predict\nLeave it out, or add rows of that class.\n"),
      std::string::npos)
      << outcome.err;
  EXPECT_EQ(outcome.out.find("Fit  "), std::string::npos) << "it is said before training";
}

TEST_F(TrainData, GivesTheSameModelFileWhateverIsShownAndWhereverItGoes) {
  folder_.put("d.csv", "x,y\n1,a\n2,b\n3,a\n4,b\n");
  const std::string train = "tapewise train d.csv --target y --l2 1 --cv none ";
  ASSERT_EQ(folder_.shell(train + "-o m.json").exit_code, 0);
  for (const std::string flags :
       {"-q -o n.json", "-on.json", "--quiet --output=n.json", "-v --plot --history h -o n.json",
        "--json --checkpoint c --every 2 -o n.json"}) {
    ASSERT_EQ(folder_.shell(train + flags).exit_code, 0) << flags;
    EXPECT_EQ(folder_.get("n.json"), folder_.get("m.json")) << flags;
  }
}

TEST_F(TrainData, OfManyColumnsIsLearnedAndPredicted) {
  constexpr int columns = tests::is_sanitized ? 2000 : 20000;
  std::string contents;
  for (int j = 0; j < columns; ++j) contents.append("x").append(std::to_string(j)).append(",");
  contents += "y\n";
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < columns; ++j)
      contents.append(std::to_string((j % 12 + 1) * (i + 1) % 13)).append(",");
    contents += i % 2 == 0 ? "a\n" : "b\n";
  }
  folder_.put("d.csv", contents);
  const Outcome outcome =
      folder_.run({"train", "d.csv", "--target", "y", "--epochs", "20", "-o", "m.json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err.substr(0, 1000);
  EXPECT_EQ(outcome.out.find("Data       d.csv: 10 rows, " + std::to_string(columns) + " features"),
            0U);
  EXPECT_LT(number_after(outcome.out, "training loss"), 0.5);
  EXPECT_EQ(lines_of(folder_.run({"predict", "m.json", "d.csv"}).out).size(), 11U);
}

// The same where the system grants little memory, as in a container.
TEST_F(TrainData, WithoutAnEndIsRefusedWhereMemoryIsShort) {
#ifdef TAPEWISE_SANITIZED
  GTEST_SKIP() << "AddressSanitizer needs more addresses than the limit grants";
#endif
  const Outcome outcome =
      folder_.shell("ulimit -v 262144; tr '\\0' x < /dev/zero | tapewise train - --target y");
  expect_refused(outcome, 4, "<stdin>: does not fit into memory");
}

TEST_F(TrainData, OfAnEndlessDeviceIsNoText) {
  EXPECT_TRUE(folder_.run({"train", "/dev/zero", "--target", "y"})
                  .err.starts_with("error: /dev/zero:1:1: a NUL byte\n"));
}

// ---- output that cannot be written

TEST(TrainOutput, InAFolderThatIsNotThereIsAnError) {
  const Folder folder;
  const Outcome outcome =
      folder.run({"train", data_file("hours.csv"), "--target", "pass", "-o", "no/m.json"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.err, "error: no/m.json: cannot be written: No such file or directory\n");
}

TEST(TrainOutput, ThatMayNotBeReplacedIsKept) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const Folder folder;
  folder.put("m.json", "the old model");
  ASSERT_EQ(::chmod((folder / "m.json").c_str(), 0400), 0);
  const Outcome outcome =
      folder.run({"train", data_file("hours.csv"), "--target", "pass", "-o", "m.json"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.err, "error: m.json: cannot be written: Permission denied\n");
  EXPECT_EQ(folder.get("m.json"), "the old model");
}

TEST(TrainOutput, NeverReplacesTheDataItWasTrainedOn) {
  const Folder folder;
  const std::string rows = "x,y\n1,a\n2,b\n";
  folder.put("d.csv", rows);
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::create_hard_link(folder / "d.csv", folder / "hard.csv");
  std::filesystem::create_symlink("d.csv", folder / "soft.csv");
  std::filesystem::create_symlink("soft.csv", folder / "softer.csv");
  for (const std::string name :
       {"d.csv", "./d.csv", "sub/../d.csv", "hard.csv", "soft.csv", "softer.csv"}) {
    expect_wrong_use(folder.run({"train", "d.csv", "--target", "y", "-o", name}),
                     "--output: \"" + name + "\" is a file that is read; it would be lost");
  }
  expect_wrong_use(folder.run({"train", "soft.csv", "--target", "y", "-o", "hard.csv"}),
                   "--output: \"hard.csv\" is a file that is read; it would be lost");
  EXPECT_EQ(folder.get("d.csv"), rows);
}

TEST(TrainOutput, OnAFullDeviceIsAnError) {
  const Folder folder;
  const std::vector<std::string> words{"train", data_file("hours.csv"), "--target", "pass"};
  const Outcome outcome = folder.run(words, "/dev/full");
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.err, "error: standard output cannot be written: No space left on device\n");
}

// ---- names

TEST(TrainNames, OfFilesColumnsAndLabelsReachTheTerminalEscaped) {
  const Folder folder;
  const std::string file = "d\n\x1b[31m.csv";
  folder.put(file, "\"x\ny\x1b[1m\",\"l\x07\"\n1,\"p\x1b\"\n2,q\n3,\"p\x1b\"\n4,q\n");
  for (const std::string& out : {folder.run({"train", file, "--target", "last", "-o", "m"}).out,
                                 folder.run({"describe", file, "--target", "last"}).out}) {
    EXPECT_THAT(out, StartsWith("Data       d\\n\\x1b[31m.csv: 4 rows"));
    EXPECT_EQ(out.find_first_of("\x1b\x07"), std::string::npos) << out;
  }
  const std::string out = folder.run({"train", file, "--target", "last"}).out;
  EXPECT_THAT(out, HasSubstr("\n  x\\ny\\x1b[1m  "));
  EXPECT_THAT(out, HasSubstr("log-odds of l\\x07 = q per unit"));
}

}  // namespace
}  // namespace apps::testing
