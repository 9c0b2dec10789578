#include "models/data/dataset.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using testing::message_of;

Table parsed(std::string_view text) { return parse_csv(text, "data.csv"); }

Dataset dataset(std::string_view text, std::string_view target = "y") {
  return make_dataset(parsed(text), target);
}

std::string fault_of(std::string_view text, std::string_view target = "y") {
  return message_of<DataError>([&] { dataset(text, target); });
}

// A file with these labels, one per row.
std::string labelled(const std::vector<std::string>& labels) {
  std::string text = "x,y\n";
  for (std::size_t i = 0; i < labels.size(); ++i)
    text += std::to_string(i) + "," + labels[i] + "\n";
  return text;
}

std::vector<std::string> classes_and_positive(const std::vector<std::string>& labels) {
  const Dataset data = dataset(labelled(labels));
  std::vector<std::string> all;
  for (const std::size_t k : sorted_order(data.classes, '.')) all.push_back(data.classes[k]);
  all.push_back(data.positive_class());
  return all;
}

using Strings = std::vector<std::string>;

FeatureEncoding of_numbers(const Strings& names) { return encoding_of_numbers(names); }

TEST(Dataset, HasRowMajorFeaturesInTheOrderOfTheFileWithoutTheTarget) {
  const Dataset data = dataset("a,y,b\n1,no,2\n3,yes,4\n5,no,6\n");
  EXPECT_EQ(data.features.names, (Strings{"a", "b"}));
  EXPECT_EQ(data.features.values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(data.features.rows(), 3U);
  EXPECT_EQ(data.features.columns(), 2U);
  EXPECT_EQ(data.labels, (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(data.rows_of_classes()[1], 1U);
  EXPECT_EQ(data.target, "y");
}

TEST(Dataset, KnowsWhereAValueCameFrom) {
  const Dataset data = dataset("a,y,b\n\n1,no,2\n3,\"y\nes\",4\n5,no,6\n");
  EXPECT_EQ(data.features.where(0, 0), "data.csv:3:1: column a");
  EXPECT_EQ(data.features.where(1, 1), "data.csv:4:3: column b");
  EXPECT_EQ(data.features.where(2, 1), "data.csv:6:3: column b");
}

TEST(Classes, KeepTheSpellingOfTheFile) {
  EXPECT_EQ(classes_and_positive({"1.0", "0.0"}), (Strings{"0.0", "1.0", "1.0"}));
  EXPECT_EQ(classes_and_positive({"1", "0"}), (Strings{"0", "1", "1"}));
  EXPECT_EQ(classes_and_positive({"\" b \"", "a"}), (Strings{" b ", "a", "a"}));
}

TEST(Classes, AreSortedAsNumbersIfBothAreNumbersAndAsTextOtherwise) {
  EXPECT_EQ(classes_and_positive({"10", "9"}), (Strings{"9", "10", "10"}));
  EXPECT_EQ(classes_and_positive({"-1", "+1"}), (Strings{"-1", "+1", "+1"}));
  EXPECT_EQ(classes_and_positive({"10", "9a"}), (Strings{"10", "9a", "9a"}));
  EXPECT_EQ(classes_and_positive({"no", "Ja"}), (Strings{"Ja", "no", "no"}));
}

TEST(PositiveClass, IsTheOneSpelledYesTrueOneOrPositive) {
  EXPECT_EQ(classes_and_positive({"Yes", "zero"}), (Strings{"Yes", "zero", "Yes"}));
  EXPECT_EQ(classes_and_positive({"TRUE", "unknown"}), (Strings{"TRUE", "unknown", "TRUE"}));
  EXPECT_EQ(classes_and_positive({"1", "2"}), (Strings{"1", "2", "1"}));
  EXPECT_EQ(classes_and_positive({"positive", "zero"}), (Strings{"positive", "zero", "positive"}));
}

TEST(PositiveClass, IsTheLastInSortedOrderOtherwise) {
  EXPECT_EQ(classes_and_positive({"benign", "malignant"}).back(), "malignant");
  EXPECT_EQ(classes_and_positive({"true", "yes"}).back(), "yes");
  EXPECT_EQ(classes_and_positive({"0", "100"}).back(), "100");
}

TEST(PositiveClass, DoesNotDependOnTheOrderOfRows) {
  for (const auto& [a, b] : {std::pair<std::string, std::string>{"yes", "zero"},
                             {"benign", "malignant"},
                             {"9", "10"},
                             {"1", "2"}}) {
    EXPECT_EQ(classes_and_positive({a, b}), classes_and_positive({b, a}));
  }
}

TEST(Labels, ThatSpellOneNumberInTwoWaysAreNotTwoClasses) {
  EXPECT_EQ(fault_of(labelled({"1", "1.0"})),
            "data.csv:1:2: column y: \"1\" and \"1.0\" are two spellings of one number\n"
            "Labels are compared as text: write each class in one way.");
}

TEST(Labels, ThatAreMissingAreNamed) {
  EXPECT_EQ(
      fault_of("x,y\n1,a\n2,\n3,b\n4,\"\"\n"),
      "data.csv:3:2: column y: missing label\n"
      "data.csv:5:2: column y: missing label\n"
      "Fill the labels in, or remove their rows from the file. A cell such as NA, none or - "
      "stands for a missing value, unless it is in quotes: --missing-tokens lists what does.");
  EXPECT_TRUE(fault_of("x,y\n1,0\n2,\n").starts_with("data.csv:3:2: column y: missing label"));
}

TEST(Labels, OfASingleClassAreRefusedByItsName) {
  EXPECT_EQ(fault_of(labelled({"no", "no"})),
            "data.csv:1:2: column y: the only class is \"no\" (2 rows)\n"
            "A classifier needs rows of at least two classes to tell apart.");
  EXPECT_EQ(fault_of(labelled({"0"})),
            "data.csv:1:2: column y: the only class is \"0\" (1 row)\n"
            "A classifier needs rows of at least two classes to tell apart.");
}

TEST(Labels, OfSeveralClassesAreIndicesIntoTheSortedOnes) {
  const Dataset data = dataset(labelled({"b", "a", "c", "b", "a", "c"}));
  EXPECT_EQ(data.classes, (Strings{"a", "b", "c"}));
  EXPECT_EQ(data.labels, (std::vector<double>{1, 0, 2, 1, 0, 2}));
  EXPECT_EQ(data.rows_of_classes(), (std::vector<std::size_t>{2, 2, 2}));
  const Dataset numbers = dataset(labelled({"10", "9", "-1", "10", "9", "-1"}));
  EXPECT_EQ(numbers.classes, (Strings{"-1", "9", "10"}));
}

TEST(Labels, OfNearlyAsManyClassesAsRowsAreRefusedWithTheirCounts) {
  EXPECT_EQ(fault_of(labelled({"g", "f", "e", "d", "c", "b", "a"})),
            "data.csv:1:2: column y: 7 classes in 7 rows: \"a\" (1 row), \"b\" (1 row), "
            "\"c\" (1 row), \"d\" (1 row), \"e\" (1 row) and 2 more\n"
            "A classifier needs several rows of each class: is another column the target?");
}

TEST(Labels, OfSeveralClassesHaveNoPositiveOne) {
  DatasetOptions options;
  options.positive = "b";
  const Table table = parsed(labelled({"b", "a", "c", "b", "a", "c"}));
  EXPECT_EQ(message_of<DataError>([&] { make_dataset(table, "y", options); }),
            "data.csv:1:2: column y: --positive names one of two classes, and there are 3\n"
            "Leave it out: each class gets a probability.");
}

TEST(Labels, OfSeveralClassesAreNotTwoSpellingsOfANumber) {
  EXPECT_EQ(fault_of(labelled({"1", "2", "2.0", "1", "2", "2.0"})),
            "data.csv:1:2: column y: \"2\" and \"2.0\" are two spellings of one number\n"
            "Labels are compared as text: write each class in one way.");
}

Dataset weighted(const std::string& text) {
  DatasetOptions options;
  options.columns.weight = {"n"};
  return make_dataset(parsed(text), "y", options);
}

TEST(Weights, AreAColumnThatIsNoFeature) {
  const Dataset data = weighted("x,n,y\n1,2,a\n2,0,b\n3,0.5,b\n");
  EXPECT_EQ(data.weights, (std::vector<double>{2, 0, 0.5}));
  EXPECT_EQ(data.features.names, Strings{"x"});
  EXPECT_TRUE(is_left_out_by_wish(data.schema[1]));
  EXPECT_TRUE(dataset("x,n,y\n1,2,a\n2,0,b\n").weights.empty());
}

TEST(Weights, ThatAreNoneAreRefusedWithTheirPlace) {
  const auto fault = [](const std::string& text) {
    return message_of<DataError>([&] { weighted(text); });
  };
  const std::string hint = "\n--weight names the column that says how often each row counts.";
  EXPECT_EQ(fault("x,n,y\n1,2,a\n2,-1,b\n"),
            "data.csv:3:2: column n: \"-1\" is not a weight, a number of 0 or more" + hint);
  EXPECT_EQ(fault("x,n,y\n1,,a\n2,1,b\n"), "data.csv:2:2: column n: missing weight" + hint);
  EXPECT_EQ(fault("x,n,y\n1,1,a\n2,two,b\n"),
            "data.csv:2:2: column n: \"1\" is not a weight, a number of 0 or more\n"
            "data.csv:3:2: column n: \"two\" is not a weight, a number of 0 or more" +
                hint);
  EXPECT_EQ(fault("x,n,y\n1,0,a\n2,1,b\n"),
            "data.csv:1:2: column n: the weights of class \"a\" have the sum 0\n"
            "Each class needs a row that counts.");
  EXPECT_EQ(fault("x,m,y\n1,0,a\n2,1,b\n"),
            "data.csv:1: --weight: no column is named \"n\"; the columns are x, m, y");
}

TEST(Labels, ThatAreAQuantityAreRefusedWithAHint) {
  for (const int rows : {21, 100}) {  // with their spelling kept, and not
    Strings labels;
    for (int i = 0; i < rows; ++i) labels.push_back(std::to_string(rows - i));
    EXPECT_EQ(fault_of(labelled(labels)),
              "data.csv:1:2: column y: " + std::to_string(rows) + " classes in " +
                  std::to_string(rows) +
                  " rows: \"1\" (1 row), \"2\" (1 row), \"3\" (1 row), "
                  "\"4\" (1 row), \"5\" (1 row) and " +
                  std::to_string(rows - 5) +
                  " more\nA column of many numbers is a quantity, not a class: is another column "
                  "the target?");
  }
}

TEST(Labels, OfTwoNumbersInVeryManySpellingsAreRefused) {
  Strings labels;
  for (std::size_t i = 0; i < 70; ++i) labels.push_back("1." + std::string(i, '0'));
  EXPECT_TRUE(fault_of(labelled(labels)).starts_with("data.csv:1:2: column y: the only class is"));
  labels.emplace_back("0");
  EXPECT_EQ(fault_of(labelled(labels)),
            "data.csv:1:2: column y: one number has too many spellings\n"
            "Labels are compared as text: write each class in one way.");
}

TEST(Target, ThatIsUnknownIsAnsweredWithASuggestionOrTheNames) {
  EXPECT_EQ(fault_of("x,diagnosis\n1,a\n2,b\n", "diagnosys"),
            "data.csv:1: no column is named \"diagnosys\"; did you mean \"diagnosis\"?");
  EXPECT_EQ(fault_of("x,Y\n1,a\n2,b\n", "y"),
            "data.csv:1: no column is named \"y\"; did you mean \"Y\"?");
  EXPECT_EQ(fault_of("\nx,diagnosis\n1,a\n2,b\n", "pass"),
            "data.csv:2: no column is named \"pass\"; the columns are x, diagnosis");
}

TEST(Target, ThatIsTheOnlyColumnLeavesNothingToLearnFrom) {
  EXPECT_EQ(fault_of("y\n0\n1\n"),
            "data.csv:1:1: column y: the only column is the target\n"
            "There is nothing to learn it from: add columns of features.");
}

// A file of `rows` rows whose column gpa has this in the row that begins on `line`.
std::string with_cell(std::size_t rows, std::size_t line, const std::string& cell) {
  std::string text = "gre,rank,gpa,y\n";
  for (std::size_t i = 0; i < rows; ++i) {
    text += "1,2," + (i + 2 == line ? cell : "3." + std::to_string(i)) + "," +
            std::to_string(i % 2) + "\n";
  }
  return text;
}

const std::string ways_out =
    "\nIf gpa is no column of numbers, --categorical gpa reads it as text; --missing-tokens lists "
    "what stands for a missing value.";

TEST(Features, NameTheCellThatIsNotANumber) {
  EXPECT_EQ(fault_of(with_cell(100, 52, "3.6l")),
            "data.csv:52:3: column gpa: \"3.6l\" is not a number" + ways_out);
  EXPECT_EQ(fault_of(with_cell(20, 5, "\"1,234\"")),
            "data.csv:5:3: column gpa: \"1,234\" is not a number" + ways_out);
  for (const char* cell : {"+-1", "0x10", "12abc", "1e"}) {
    EXPECT_EQ(fault_of(with_cell(20, 5, cell)),
              "data.csv:5:3: column gpa: \"" + std::string(cell) + "\" is not a number" + ways_out);
  }
}

TEST(Features, AreFiniteAndInRange) {
  EXPECT_EQ(fault_of(with_cell(20, 5, "-inf")),
            "data.csv:5:3: column gpa: \"-inf\" is not a finite number" + ways_out);
  EXPECT_EQ(fault_of(with_cell(20, 5, "1e400")),
            "data.csv:5:3: column gpa: \"1e400\" is out of the range of a double" + ways_out);
  EXPECT_EQ(fault_of(with_cell(20, 5, "1e-400")),
            "data.csv:5:3: column gpa: \"1e-400\" is out of the range of a double" + ways_out);
}

TEST(Features, NameTheCellThatIsMissing) {
  EXPECT_EQ(fault_of(with_cell(20, 5, "")),
            "data.csv:5:3: column gpa: missing value\n"
            "Missing cells, of 20 rows: gpa 1. --missing drop, mean or mean+flag says what to do "
            "with them. A cell such as NA, none or - stands for a missing value, unless it is in "
            "quotes: --missing-tokens lists what does.");
}

TEST(Features, ReportTheFirstTenFaultsOfAllColumnsAndTheCount) {
  std::string text = "a,b,y\n";
  for (int i = 0; i < 200; ++i) {
    text += std::string(i % 20 == 3 ? "" : std::to_string(i % 9)) + "," +
            (i % 40 == 3 ? "" : std::to_string(i % 7)) + "," + std::to_string(i % 2) + "\n";
  }
  const std::string message = fault_of(text);
  EXPECT_TRUE(
      message.starts_with("data.csv:5:1: column a: missing value\n"
                          "data.csv:5:2: column b: missing value\n"
                          "data.csv:25:1: column a: missing value\n"
                          "data.csv:45:1: "))
      << message;
  EXPECT_TRUE(
      message.ends_with("\n15 problems in all, the first 10 are shown\n"
                        "Missing cells, of 200 rows: a 10, b 5. --missing drop, mean or mean+flag "
                        "says what to do with them. A cell such as NA, none or - stands for a "
                        "missing value, unless it is in quotes: --missing-tokens lists what "
                        "does."))
      << message;
}

TEST(Features, NameAColumnOfTextThatWasReadWithoutTheWishForNumbers) {
  const std::string text = "x,name,y\n1,Ann,0\n2,Bob,1\n3,17,1\n";
  const DatasetOptions numeric{{{}, {"name"}, {}, {}}, {}, ""};
  EXPECT_EQ(message_of<DataError>([&] { make_dataset(parsed(text), "y", numeric); }),
            "data.csv:1:2: column name: it is text, and the model needs numbers");
}

TEST(SelectedFeatures, ComeInTheOrderOfTheModelAndNameWhatIsIgnored) {
  const Table table = parsed("id,b,y,a\np,1,?,2\nq,3,,4\n");
  const SelectedFeatures selected = select_features(table, of_numbers({"a", "b"}));
  EXPECT_EQ(selected.features.names, (Strings{"a", "b"}));
  EXPECT_EQ(selected.features.values, (std::vector<double>{2, 1, 4, 3}));
  EXPECT_EQ(selected.features.where(1, 0), "data.csv:3:4: column a");
  EXPECT_EQ(selected.ignored, (Strings{"id", "y"}));
}

TEST(SelectedFeatures, ThatAreNotInTheFileDoNotMatchTheModel) {
  const Table table = parsed("mean radius,b\n1,2\n");
  EXPECT_EQ(message_of<ModelDataMismatch>([&] {
              select_features(table, of_numbers({"b", "gpa"}));
            }),
            "data.csv:1: a column the model was trained on is not in the file: gpa");
  try {
    select_features(table, of_numbers({"mean_radius", "b", "gpa"}));
    FAIL();
  } catch (const ModelDataMismatch& error) {
    EXPECT_STREQ(error.what(),
                 "data.csv:1: columns the model was trained on are not in the file: "
                 "mean_radius (did you mean \"mean radius\"?), gpa");
    EXPECT_EQ(error.columns(), (Strings{"mean_radius", "gpa"}));
  }
}

TEST(SelectedFeatures, ThatAreMissingByTheDozenAreListedUpToTen) {
  Strings names;
  for (int i = 10; i < 22; ++i) names.push_back("feature" + std::to_string(i));
  EXPECT_EQ(
      message_of<ModelDataMismatch>([&] { select_features(parsed("a\n1\n"), of_numbers(names)); }),
      "data.csv:1: columns the model was trained on are not in the file: feature10, "
      "feature11, feature12, feature13, feature14, feature15, feature16, feature17, "
      "feature18, feature19 and 2 more");
}

TEST(SelectedFeatures, AreNumbersLikeThoseOfTheTraining) {
  const Table table = parsed("a,b\n1,x\n,2\n");
  EXPECT_EQ(message_of<DataError>([&] {
              select_features(table, of_numbers({"a", "b"}));
            }),
            "data.csv:1:2: column b: it is text, and the model needs numbers\n"
            "data.csv:3:1: column a: missing value\n"
            "Fill them in; a model trained with --missing mean fills such cells itself.");
}

SelectedRows rows_of(std::string_view text, const Strings& classes = {"a", "b"}) {
  return select_rows(parsed(text), of_numbers({"u", "v"}), "y", classes);
}

TEST(SelectedRows, HaveTheFeaturesAndTheClassesOfTheModel) {
  const SelectedRows rows = rows_of("id,v,y,u\n7,1,b,2\n8,3,a,4\n9,5,b,6\n");
  EXPECT_EQ(rows.data.features.names, (Strings{"u", "v"}));
  EXPECT_EQ(rows.data.features.values, (std::vector<double>{2, 1, 4, 3, 6, 5}));
  EXPECT_EQ(rows.data.labels, (std::vector<double>{1, 0, 1}));
  EXPECT_EQ(rows.data.positive_class(), "b");
  EXPECT_EQ(rows.ignored, (Strings{"id"}));
  EXPECT_EQ(rows_of("u,v,y\n1,2,a\n", {"b", "a"}).data.labels, (std::vector<double>{1}))
      << "one class will do, and the model says which one is positive";
}

TEST(SelectedRows, WithoutTheColumnsOfTheModelDoNotMatchIt) {
  EXPECT_EQ(message_of<ModelDataMismatch>([] { rows_of("u,w\n1,2\n"); }),
            "data.csv:1: columns the model was trained on are not in the file: y, "
            "v");
  EXPECT_EQ(message_of<ModelDataMismatch>([] { rows_of("u,y\n1,a\n"); }),
            "data.csv:1: a column the model was trained on is not in the file: v");
}

TEST(SelectedRows, WithAnotherClassDoNotMatchTheModel) {
  EXPECT_EQ(
      message_of<ModelDataMismatch>([] { rows_of("u,v,y\n1,2,a\n1,2,c\n"); }),
      "data.csv:3:3: column y: \"c\" is neither of the classes of the model, \"a\" and \"b\"");
  EXPECT_EQ(message_of<ModelDataMismatch>([] {
              rows_of("u,v,y\n1,2,1.0\n", {"0", "1"});
            }),
            "data.csv:2:3: column y: \"1.0\" is neither of the classes of the model, \"0\" and "
            "\"1\"");
}

TEST(SelectedRows, WithoutALabelAreAFaultOfTheFile) {
  EXPECT_EQ(
      message_of<DataError>([] { rows_of("u,v,y\n1,2,a\n1,2,\n"); }),
      "data.csv:3:3: column y: missing label\n"
      "Fill the labels in, or remove their rows from the file. A cell such as NA, none or - "
      "stands for a missing value, unless it is in quotes: --missing-tokens lists what does.");
}

TEST(Dataset, OfTheRepositoryHasTheDocumentedClasses) {
  const std::string data = TAPEWISE_TEST_DATA;
  const Dataset cancer = make_dataset(read_csv(data + "/breast_cancer.csv"), "diagnosis");
  EXPECT_EQ(cancer.rows(), 569U);
  EXPECT_EQ(cancer.features.columns(), 30U);
  EXPECT_EQ(cancer.positive_class(), "malignant");
  EXPECT_EQ(cancer.rows_of_classes()[1], 212U);
  EXPECT_EQ(cancer.features.values.front(), 17.99);
  EXPECT_EQ(cancer.features.values.back(), 0.07039);
  const Dataset hours = make_dataset(read_csv(data + "/hours.csv"), "pass");
  EXPECT_EQ(hours.positive_class(), "1");
  EXPECT_EQ(hours.rows_of_classes()[1], 10U);
  const Dataset iris = make_dataset(read_csv(data + "/iris.csv"), "species");
  EXPECT_EQ(iris.classes, (Strings{"setosa", "versicolor", "virginica"}));
}

TEST(Dataset, NamesWhatIsNotUtf8) {
  EXPECT_EQ(message_of<DataError>([] {
              dataset(
                  "gr\xF6\xDF"
                  "e,a,y\n1,2,ja\n2,3,n\xE9\n");
            }),
            "data.csv:1:1: the name \"gr\\xf6\\xdfe\" is not UTF-8\n"
            "Save the file as CSV UTF-8, or read it as it is: --encoding latin-1.");
  EXPECT_NO_THROW(dataset("größe,a,y\n1,2,ja\n2,3,né\n"));
}

Table without_header(std::string_view text) {
  return parse_csv(text, "data.csv", {.has_header = false});
}

TEST(SelectedFeatures, OfFilesWithoutHeaderMustStandWhereTheyStood) {
  const std::string rows = "a,1,5\nb,2,6\na,3,9\nb,5,7\n";
  const Dataset first = make_dataset(without_header(rows), "1");
  EXPECT_EQ(first.encoding.fields, 3U);
  EXPECT_EQ(first.encoding.target_field, 1U);
  EXPECT_EQ(select_features(without_header(rows), first.encoding).features.values,
            first.features.values);
  // c2 and c3 are others here.
  EXPECT_EQ(
      message_of<ModelDataMismatch>([&] {
        select_features(without_header("1,5,0\n2,6,0\n").with_rows(std::vector<std::size_t>{0}),
                        make_dataset(without_header("a,1,5,8\nb,2,6,9\n"), "1").encoding);
      }),
      "data.csv:1: without a header columns go by their position, and the file has 3 of them, "
      "the training file had 4");
  EXPECT_NO_THROW(select_features(parsed("c2,c3\n1,5\n"), first.encoding)) << "names are names";
  const Dataset last = make_dataset(without_header("1,5,a\n2,6,b\n"), "last");
  EXPECT_EQ(select_features(without_header("3,4\n"), last.encoding).features.values,
            (std::vector<double>{3, 4}));
}

TEST(Dataset, SaysOfWhichRowsItSpeaksWhereRowsWereDropped) {
  EXPECT_EQ(message_of<DataError>([] {
              make_dataset(parsed("x,y\n1,a\n2,a\n,b\n"), "y", {{}, {MissingPolicy::drop, {}}, ""});
            }),
            "data.csv:1:2: column y: the only class is \"a\" (2 rows)\n"
            "A classifier needs rows of at least two classes to tell apart.\n"
            "This is said of the 2 rows without missing cells, which --missing drop keeps of 3.");
}

TEST(SelectedFeatures, OfManyThousandColumnsTakeNoTime) {
  Table table;
  table.file = "wide.csv";
  table.lines = {2};
  std::vector<std::string> names;
  for (std::size_t j = 0; j < 100000; ++j) {
    Column column;
    column.name = names.emplace_back("a column with a long name " + std::to_string(j));
    column.field = j + 1;
    column.numbers = {1.0};
    table.columns.push_back(std::move(column));
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(select_features(table, of_numbers(names)).features.values.size(), names.size());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace models
