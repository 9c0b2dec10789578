// From columns to features and back again at prediction: one-hot, missing cells, what is unknown.
#include "models/data/feature_encoding.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "models/classifier.h"
#include "models/data/csv.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using Strings = std::vector<std::string>;
using Values = std::vector<double>;
using testing::message_of;

Table table_of(std::string_view text, const std::string& file = "data.csv") {
  CsvOptions options;
  options.delimiter = ',';
  options.has_header = true;
  return parse_csv(text, file, options);
}

DatasetOptions with_missing(MissingPolicy policy) { return {{}, {policy, {}}, ""}; }

DatasetOptions with_references(const Strings& references) {
  return {{{"rank"}, {}, {}, {}}, {MissingPolicy::error, references}, ""};
}

const std::string ranks = "rank,gpa,y\n2,3.5,a\n10,2.5,b\n1,3,a\n2,2,b\n";

TEST(OneHot, HasAFeaturePerLevelButTheFirstInSortedOrder) {
  const Dataset data = make_dataset(table_of(ranks), "y", with_references({}));
  EXPECT_EQ(data.features.names, (Strings{"rank=2", "rank=10", "gpa"}));
  EXPECT_EQ(data.features.values, (Values{1, 0, 3.5, 0, 1, 2.5, 0, 0, 3, 1, 0, 2}));
  EXPECT_EQ(data.features.fields, (std::vector<std::size_t>{1, 1, 2}));
}

TEST(OneHot, HasTheReferenceThatIsAskedFor) {
  const Dataset data = make_dataset(table_of(ranks), "y", with_references({"rank=2"}));
  EXPECT_EQ(data.features.names, (Strings{"rank=1", "rank=10", "gpa"}));
  EXPECT_EQ(data.features.values, (Values{0, 0, 3.5, 0, 1, 2.5, 1, 0, 3, 0, 0, 2}));
}

TEST(OneHot, SaysWhichReferencesThereAre) {
  const auto fault = [](const std::string& reference) {
    return message_of<DataError>(
        [&] { make_dataset(table_of(ranks), "y", with_references({reference})); });
  };
  EXPECT_EQ(fault("rank=3"),
            "data.csv:1: --reference: the column \"rank\" has no level \"3\"; its levels are 1, "
            "2, 10");
  EXPECT_EQ(fault("gpa=3"),
            "data.csv:1: --reference: \"gpa\" is a column of numbers; --categorical makes it "
            "categories");
  EXPECT_EQ(fault("rnk=3"),
            "data.csv:1: --reference: \"rnk=3\" is not COLUMN=LEVEL of a column that is used; "
            "those are rank, gpa");
}

TEST(OneHot, FindsAReferenceThoughNamesHaveEqualsSigns) {
  const Table table = table_of("a=b,y\nc=d,p\ne,q\nc=d,q\ne,p\n");
  const Dataset data = make_dataset(table, "y", {{}, {MissingPolicy::error, {"a=b=e"}}, ""});
  EXPECT_EQ(data.features.names, Strings{"a=b=c=d"});
}

TEST(OneHot, FindsAReferenceWhereItIsALevel) {
  const Table table = table_of("a,a=b,y\nu,c,p\nv,d,q\nu,d,q\nv,c,p\n");
  const Dataset data = make_dataset(table, "y", {{}, {MissingPolicy::error, {"a=b=d"}}, ""});
  EXPECT_EQ(data.features.names, (Strings{"a=v", "a=b=c"}));
}

TEST(OneHot, HasOneReferencePerColumn) {
  EXPECT_EQ(message_of<DataError>([] {
              make_dataset(table_of(ranks), "y", with_references({"rank=2", "rank=10"}));
            }),
            "data.csv:1: --reference: the column \"rank\" is to be compared with \"2\" and with "
            "\"10\"");
  EXPECT_EQ(
      make_dataset(table_of(ranks), "y", with_references({"rank=2", "rank=2"})).features.names,
      (Strings{"rank=1", "rank=10", "gpa"}));
}

TEST(OneHot, RefusesTwoFeaturesOfOneName) {
  EXPECT_EQ(message_of<DataError>(
                [] { make_dataset(table_of("a,a=q,y\np,1,n\nq,3,m\np,2,m\nq,7,n\n"), "y"); }),
            "data.csv:1: two features would have the name \"a=q\", made of different columns\n"
            "Give a column another name.");
}

TEST(OneHot, OfYesAndNoIsOneFeatureAndOfZeroAndOneTheNumber) {
  const Dataset data = make_dataset(table_of("s,b,y\nyes,1,p\nno,0,q\nno,1,p\nyes,0,q\n"), "y");
  EXPECT_EQ(data.features.names, (Strings{"s=yes", "b"}));
  EXPECT_EQ(data.features.values, (Values{1, 1, 0, 0, 0, 1, 1, 0}));
}

// age is missing twice, port once; S is the most frequent port.
const std::string holes =
    "age,port,fare,y\n30,S,1.5,a\n,C,2.5,b\n20,S,2,a\n25,,7,b\n,S,3,b\n25,C,4,b\n";

TEST(Missing, IsAnErrorWithCountsPerColumn) {
  EXPECT_EQ(
      message_of<DataError>([] { make_dataset(table_of(holes), "y"); }),
      "data.csv:3:1: column age: missing value\n"
      "data.csv:5:2: column port: missing value\n"
      "data.csv:6:1: column age: missing value\n"
      "Missing cells, of 6 rows: age 2, port 1. --missing drop, mean or mean+flag says what "
      "to do with them. A cell such as NA, none or - stands for a missing value, unless it is in "
      "quotes: --missing-tokens lists what does.");
}

TEST(Missing, DropsRows) {
  const Dataset data = make_dataset(table_of(holes), "y", with_missing(MissingPolicy::drop));
  EXPECT_EQ(data.dropped_rows, 3U);
  EXPECT_EQ(data.features.lines, (std::vector<std::size_t>{2, 4, 7}));
  EXPECT_EQ(data.features.names, (Strings{"age", "port=S", "fare"}));
  EXPECT_EQ(data.features.values, (Values{30, 1, 1.5, 20, 1, 2, 25, 0, 4}));
  EXPECT_EQ(data.labels, (Values{0, 0, 1}));
}

TEST(Missing, IsFilledByTheMeanOrTheMostFrequentLevel) {
  const Dataset data = make_dataset(table_of(holes), "y", with_missing(MissingPolicy::mean));
  EXPECT_EQ(data.features.names, (Strings{"age", "port=S", "fare"}));
  EXPECT_EQ(data.features.values, (Values{30, 1, 1.5, 25, 0, 2.5, 20, 1, 2,  //
                                          25, 1, 7, 25, 1, 3, 25, 0, 4}));
}

TEST(Missing, IsFlaggedWhereTrainingRowsHadSuchCells) {
  const Dataset data =
      make_dataset(table_of(holes), "y", with_missing(MissingPolicy::mean_and_flag));
  EXPECT_EQ(data.features.names,
            (Strings{"age", "age is missing", "port=S", "port is missing", "fare"}));
  EXPECT_EQ(Values(data.features.values.begin() + 5, data.features.values.begin() + 10),
            (Values{25, 1, 0, 0, 2.5}));
  EXPECT_EQ(Values(data.features.values.begin() + 15, data.features.values.begin() + 20),
            (Values{25, 0, 1, 1, 7}));
}

TEST(Missing, IsFilledWithWhatTheTrainingRowsHadAtPrediction) {
  const Dataset data = make_dataset(table_of(holes), "y", with_missing(MissingPolicy::mean));
  const Encoded encoded = encode(table_of("fare,age,port\n,,\n9,7,C\n"), data.encoding);
  EXPECT_EQ(encoded.features.values, (Values{25, 1, 20.0 / 6.0, 7, 0, 9}));
}

TEST(Missing, IsAnErrorAtPredictionWhereItIsNotFilled) {
  for (const MissingPolicy policy : {MissingPolicy::error, MissingPolicy::drop}) {
    const Dataset data = make_dataset(table_of("x,y\n1,a\n2,b\n5,a\n"), "y", with_missing(policy));
    EXPECT_EQ(
        message_of<DataError>([&] { encode(table_of("x,z\n1,\n,2\n", "new.csv"), data.encoding); }),
        "new.csv:3:1: column x: missing value\n"
        "Fill them in; a model trained with --missing mean fills such cells itself.");
  }
}

TEST(Missing, InEveryRowLeavesNothingToLearnFrom) {
  const Table table = table_of("x,z,y\n1,,a\n,2,b\n5,,a\n,3,b\n");
  EXPECT_EQ(
      message_of<DataError>([&] { make_dataset(table, "y", with_missing(MissingPolicy::drop)); }),
      "data.csv: every row has a missing cell: x 2, z 2\n"
      "--missing mean fills them; --drop leaves columns out.");
}

TEST(Unusable, ColumnsAreLeftOutAndTheirCellsMayBeAnything) {
  const Table table = table_of("id,day,x,y\np,2026-01-31,1,a\nq,,2,b\n,2026-01-30,5,a\n");
  const Dataset data = make_dataset(table, "y");
  EXPECT_EQ(data.features.names, Strings{"x"});
  ASSERT_EQ(data.schema.size(), 3U);
  EXPECT_EQ(data.schema[0].reason, "an identifier: its 2 texts all differ");
  EXPECT_EQ(message_of<DataError>([] { make_dataset(table_of("id,c,y\np,1,a\nq,1,b\n"), "y"); }),
            "data.csv:1: no column is left to learn from: id (an identifier: its 2 texts all "
            "differ), c (constant: every cell is 1)\n"
            "--keep uses a column all the same, but for a constant one.");
}

TEST(Unknown, CategoriesAreNamedWithTheirLine) {
  const FeatureEncoding encoding = make_dataset(table_of(ranks), "y", with_references({})).encoding;
  const Table table = table_of("gpa,rank\n3,2\n2,7\n1,x\n", "new.csv");
  EXPECT_EQ(message_of<ModelDataMismatch>([&] { encode(table, encoding); }),
            "new.csv:3:2: column rank: no training row has \"7\"; they have 1, 2, 10\n"
            "new.csv:4:2: column rank: no training row has \"x\"; they have 1, 2, 10\n"
            "--unknown ignore takes such cells for the reference level and counts them.");
  const Encoded ignored = encode(table, encoding, UnknownPolicy::ignore);
  EXPECT_EQ(ignored.features.values, (Values{1, 0, 3, 0, 0, 2, 0, 0, 1}));
  ASSERT_EQ(ignored.unknown.size(), 1U);
  EXPECT_EQ(ignored.unknown[0].name, "rank");
  EXPECT_EQ(ignored.unknown[0].rows, 2U);
}

TEST(Unknown, IsNoNumberThatIsSpelledInAnotherWay) {
  const FeatureEncoding encoding = make_dataset(table_of(ranks), "y", with_references({})).encoding;
  EXPECT_EQ(encode(table_of("rank,gpa\n2.0,1\n+10,1\n"), encoding).features.values,
            (Values{1, 0, 1, 0, 1, 1}));
  std::string many = "rank,gpa\n";  // of so many numbers that their spelling is forgotten
  for (int i = 0; i < 100; ++i) many += std::to_string(i) + ",1\n";
  const Encoded encoded = encode(table_of(many), encoding, UnknownPolicy::ignore);
  EXPECT_EQ(encoded.unknown.at(0).rows, 97U);
  EXPECT_EQ(encoded.features.values[3 * 10 + 1], 1.0);
}

TEST(Unknown, IsANumberThatTwoLevelsHave) {
  const FeatureEncoding encoding =
      make_dataset(table_of("rank,gpa,y\n1.1,3.5,a\n1.10,2.5,b\n2,3,a\n2,2,b\n"), "y",
                   with_references({}))
          .encoding;
  EXPECT_EQ(encode(table_of("rank,gpa\n1.10,1\n1.1,1\n2.0,1\n"), encoding).features.values,
            (Values{1, 0, 1, 0, 0, 1, 0, 1, 1}));
  EXPECT_EQ(message_of<ModelDataMismatch>([&] {
              encode(table_of("rank,gpa\n1.100,1\n"), encoding);
            }).substr(0, 62),
            "data.csv:2:1: column rank: no training row has \"1.100\"; they h");
}

TEST(Unknown, ColumnsOfTheFileAreIgnoredAndThoseOfTheModelMissed) {
  const FeatureEncoding encoding = make_dataset(table_of(ranks), "y", with_references({})).encoding;
  EXPECT_EQ(select_features(table_of("x,gpa,rank\n1,1,1\n"), encoding).ignored, Strings{"x"});
  EXPECT_EQ(message_of<ModelDataMismatch>(
                [&] { encode(table_of("gpa,rnak\n1,1\n"), encoding, UnknownPolicy::ignore); }),
            "data.csv:1: a column the model was trained on is not in the file: rank (did you mean "
            "\"rnak\"?)");
}

TEST(Target, IsAlsoAPositionOrTheLastColumn) {
  const Table table = table_of("y,x,z\na,1,p\nb,2,q\na,4,q\nb,1,p\n");
  EXPECT_EQ(make_dataset(table, "last").target, "z");
  EXPECT_EQ(make_dataset(table, "1").target, "y");
  EXPECT_EQ(make_dataset(table, "3").target, "z");
  EXPECT_EQ(message_of<DataError>([&] { make_dataset(table, "4"); }),
            "data.csv:1: no column is named \"4\", and there are 3; the columns are y, x, z");
  EXPECT_EQ(message_of<DataError>([&] { make_dataset(table, "0"); }),
            "data.csv:1: no column is named \"0\", and there are 3; the columns are y, x, z");
  const Table named = table_of("last,1,z\na,7,p\nb,9,p\na,7,q\n");
  EXPECT_EQ(make_dataset(named, "last").target, "last") << "a name goes first";
  EXPECT_EQ(make_dataset(named, "1").target, "1");
}

TEST(PositiveClass, IsTheOneAskedFor) {
  const Table table = table_of("x,y\n1,no\n2,yes\n4,yes\n");
  EXPECT_EQ(make_dataset(table, "y", {{}, {}, "no"}).labels, (Values{1, 0, 0}));
  EXPECT_EQ(message_of<DataError>([&] {
              make_dataset(table, "y", {{}, {}, "No"});
            }),
            "data.csv:1:2: column y: --positive: no class is \"No\"; they are \"no\" and \"yes\"");
}

TEST(Categories, ThatAreLeftWithOneLevelAreRefused) {
  const Table table = table_of("c,x,y\np,1,a\nq,,b\np,4,b\n");
  EXPECT_EQ(message_of<DataError>([&] {
              make_dataset(table, "y", {{{"c"}, {}, {}, {}}, {MissingPolicy::drop, {}}, ""});
            }),
            "data.csv:1:1: column c: constant: every row has \"p\"\n"
            "It tells nothing about the target: --drop leaves it out.\n"
            "This is said of the 2 rows without missing cells, which --missing drop keeps of 3.");
}

}  // namespace
}  // namespace models
