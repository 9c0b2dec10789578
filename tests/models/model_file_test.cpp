// The model file: what is written comes back to the last bit, and whatever else a file may hold is
// refused with a message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/classifier.h"
#include "models/data/errors.h"
#include "tests/models/support.h"
#include "tests/sanitized.h"

namespace models {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string again = "\nTrain the model again with `tapewise train`, or restore the file.";

Dataset breast_cancer() {
  return make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/breast_cancer.csv"),
                      "diagnosis");
}

Classifier small_model() {
  LogisticRegressionOptions options;
  options.epochs = 7;
  return train(make_dataset(parse_csv("x,x2,y\n1,5,no\n2,3,yes\n4,4,no\n8,1,yes\n", "d.csv"), "y"),
               options);
}

class ModelFile : public ::testing::Test {
 protected:
  std::string text_ = to_json(small_model(), 42, "0.1.0");

  [[nodiscard]] Classifier read(std::string_view text) const {
    testing::put(path(), text);
    return read_model(path());
  }
  [[nodiscard]] std::string path() const { return (folder_ / "model.json").string(); }

  // The message about this text, without the path in front.
  [[nodiscard]] std::string fault(std::string_view text) const {
    const std::string message = testing::message_of<DataError>([&] { return read(text); });
    EXPECT_THAT(message, StartsWith(path() + ": "));
    return message.size() < path().size() + 2 ? message : message.substr(path().size() + 2);
  }
  // The message about the model with one piece of text replaced.
  [[nodiscard]] std::string fault(std::string_view piece, std::string_view by) const {
    std::string changed = text_;
    const std::size_t at = changed.find(piece);
    if (at == std::string::npos) ADD_FAILURE() << piece << " is not in the file";
    changed.replace(at, piece.size(), by);
    return fault(changed);
  }

 private:
  testing::TemporaryFolder folder_;
};

TEST_F(ModelFile, GivesTheSameProbabilitiesToTheLastBit) {
  const Dataset data = breast_cancer();
  LogisticRegressionOptions options;
  options.epochs = 200;
  const Classifier written = train(data, options);
  const Classifier read_back = read(to_json(written, 0, "0.1.0"));
  EXPECT_EQ(read_back.probabilities(data.features.values),
            written.probabilities(data.features.values));
}

TEST_F(ModelFile, KeepsEverythingElseToo) {
  const Classifier written = small_model();
  const Classifier c = read(text_);
  EXPECT_EQ(c.target, "y");
  EXPECT_EQ(c.classes, (std::array<std::string, 2>{"no", "yes"}));
  EXPECT_EQ(c.positive_class(), "yes");
  EXPECT_EQ(c.features, (std::vector<std::string>{"x", "x2"}));
  EXPECT_EQ(c.standardisation.mean, written.standardisation.mean);
  EXPECT_EQ(c.standardisation.scale, written.standardisation.scale);
  EXPECT_EQ(c.weights, written.weights);
  EXPECT_EQ(c.intercept, written.intercept);
  EXPECT_EQ(c.rows, 4U);
  EXPECT_EQ(c.training.epochs, 7);
  EXPECT_EQ(c.training.learning_rate, written.training.learning_rate);
  EXPECT_EQ(c.training.first_loss, written.training.first_loss);
  EXPECT_EQ(c.training.loss, written.training.loss);
  EXPECT_EQ(c.training.gradient_norm, written.training.gradient_norm);
  EXPECT_FALSE(c.training.converged);
  EXPECT_THAT(text_, HasSubstr("\"seed\": 42"));
}

TEST_F(ModelFile, KeepsTheSizeOfBatches) {
  Classifier model = small_model();
  EXPECT_THAT(text_, HasSubstr("\"batch_size\": 0"));
  model.training.batch_size = 3;
  EXPECT_EQ(read(to_json(model, 0, "0.1.0")).training.batch_size, 3U);
}

TEST_F(ModelFile, KeepsThePenalty) {
  Classifier model = small_model();
  EXPECT_THAT(text_, HasSubstr("\"l2\": 0.0"));
  model.l2 = 0.25;
  EXPECT_EQ(read(to_json(model, 0, "0.1.0")).l2, 0.25);
}

TEST_F(ModelFile, FromBeforeThePenaltyWasKeptIsRead) {
  std::string old = text_;
  const std::string field = "    \"l2\": 0.0,\n";
  ASSERT_NE(old.find(field), std::string::npos);
  old.erase(old.find(field), field.size());
  EXPECT_EQ(read(old).l2, 0.0);
}

TEST_F(ModelFile, FromBeforeThereWereBatchesIsRead) {
  std::string old = text_;
  const std::string field = "    \"batch_size\": 0,\n";
  ASSERT_NE(old.find(field), std::string::npos);
  old.erase(old.find(field), field.size());
  const Classifier c = read(old);
  EXPECT_EQ(c.training.batch_size, 0U);
  EXPECT_EQ(c.weights, small_model().weights);
}

// A model with categories and filled cells.
Dataset with_categories(MissingPolicy policy) {
  const Table table =
      parse_csv("age,port,y\n30,S,no\n,C,yes\n20,S,yes\n25,,no\n41,Q,no\n25,C,yes\n", "d.csv");
  return make_dataset(table, "y", {{}, {policy, {"port=Q"}}, ""});
}

TEST_F(ModelFile, KeepsHowColumnsBecomeFeatures) {
  const Dataset data = with_categories(MissingPolicy::mean_and_flag);
  LogisticRegressionOptions options;
  options.epochs = 9;
  const Classifier written = train(data, options);
  const Classifier c = read(to_json(written, 0, "0.1.0"));
  EXPECT_EQ(c.features, (std::vector<std::string>{"age", "age is missing", "port=C", "port=S",
                                                  "port is missing"}));
  EXPECT_EQ(c.encoding.missing, MissingPolicy::mean_and_flag);
  const Table more = parse_csv("port,age\nQ,\n,7\nS,1\n", "new.csv");
  const Features features = encode(more, c.encoding).features;
  EXPECT_EQ(features.values, encode(more, written.encoding).features.values);
  EXPECT_EQ(features.values[0], 28.2);
  EXPECT_EQ(features.values[1], 1.0);
}

TEST_F(ModelFile, KeepsThePositionsOfAFileWithoutHeader) {
  EXPECT_EQ(text_.find("\"fields\""), std::string::npos);
  const Dataset data = make_dataset(
      parse_csv("1,5,a\n2,6,b\n3,1,a\n4,4,b\n", "data.csv", {.has_header = false}), "last");
  const Classifier c = read(to_json(train(data, {}), 0, "0.1.0"));
  EXPECT_EQ(c.encoding.fields, 3U);
  EXPECT_EQ(c.encoding.target_field, 3U);
}

TEST_F(ModelFile, OfVersionOneIsReadAsColumnsOfNumbers) {
  std::string old = text_;
  const std::size_t begin = old.find("  \"missing\":");
  const std::size_t end = old.find("  \"standardisation\":");
  ASSERT_LT(begin, end);
  old.erase(begin, end - begin);
  old.replace(old.find("\"version\": 2"), 12, "\"version\": 1");
  const Classifier c = read(old);
  EXPECT_EQ(c.weights, small_model().weights);
  EXPECT_EQ(c.encoding.column_names(), c.features);
  EXPECT_EQ(c.encoding.missing, MissingPolicy::error);
  EXPECT_FALSE(c.encoding.columns[0].is_categorical());
}

TEST_F(ModelFile, WithColumnsThatMakeNoSenseIsRefused) {
  const std::string columns = "\"columns\": [\n    {\n      \"name\": \"x\",";
  EXPECT_EQ(fault(columns, "\"columns\": [\n    {\n      \"name\": \"x2\","),
            "the column \"x2\" is named twice" + again);
  EXPECT_EQ(fault(columns, "\"columns\": [\n    {\n      \"name\": \"z\","),
            "the features are not those that the columns give" + again);
  EXPECT_EQ(fault(columns, "\"columns\": [\n    {\n      \"name\": \"y\","),
            "the target is one of its columns" + again);
  EXPECT_EQ(fault("\"missing\": \"error\"", "\"missing\": \"median\""),
            "the field \"missing\" is not error, drop, mean or mean+flag" + again);
  text_ = to_json(train(with_categories(MissingPolicy::mean), {}), 0, "0.1.0");
  EXPECT_EQ(fault("\"reference\": \"Q\"", "\"reference\": \"q\""),
            "the column \"port\" has no level \"q\"" + again);
  EXPECT_EQ(fault("\"fill\": \"C\"", "\"fill\": \"\""),
            "the column \"port\" has no level \"\"" + again);
  EXPECT_EQ(fault("\"Q\",", "\"S\","),
            "the column \"port\" has less than two levels, or one of them twice" + again);
}

TEST_F(ModelFile, KeepsAPositiveClassThatIsTheFirst) {
  Classifier model = small_model();
  model.positive = 0;
  const Classifier c = read(to_json(model, 0, "0.1.0"));
  EXPECT_EQ(c.positive, 0U);
  EXPECT_EQ(c.positive_class(), "no");
}

TEST_F(ModelFile, KeepsNumbersAndNamesThatAreHardToWrite) {
  Classifier model = small_model();
  model.weights = {-0.0, 0x1.fffffffffffffp-1022};
  model.standardisation.scale = {5e-324, 1.7976931348623157e308};
  model.features = {"größe, \"in\" cm\n", "日本"};
  model.encoding = encoding_of_numbers(model.features);
  const Classifier c = read(to_json(model, 0, "0.1.0"));
  EXPECT_TRUE(std::signbit(c.weights[0]));
  EXPECT_EQ(c.weights, model.weights);
  EXPECT_EQ(c.standardisation.scale, model.standardisation.scale);
  EXPECT_EQ(c.features, model.features);
}

TEST_F(ModelFile, CannotHoldANameThatIsNotUtf8) {
  Classifier model = small_model();
  model.features[0] =
      "gr\xF6\xDF"
      "e";
  const std::string message =
      testing::message_of<std::invalid_argument>([&] { return to_json(model, 0, "0.1.0"); });
  EXPECT_THAT(message, HasSubstr("a column or class name is not UTF-8"));
}

TEST_F(ModelFile, ThatIsMissingIsSaidToBe) {
  EXPECT_EQ(testing::message_of<DataError>([&] { return read_model("no/model.json"); }),
            "no/model.json: cannot be read: No such file or directory\n"
            "Is the path right? `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes "
            "one.");
}

TEST_F(ModelFile, ThatIsAFolderIsSaidToBe) {
  EXPECT_THAT(testing::message_of<DataError>([&] { return read_model("/tmp"); }),
              StartsWith("/tmp: cannot be read: Is a directory\n"));
}

TEST_F(ModelFile, ThatIsEmptyIsSaidToBe) { EXPECT_EQ(fault(""), "the file is empty" + again); }

TEST_F(ModelFile, ThatIsSomethingElseIsRefusedWithWhereItStopsBeingOne) {
  EXPECT_THAT(fault("hours,pass\n0.5,0\n"),
              StartsWith("not a model file: parse error at line 1, column 1"));
  EXPECT_THAT(fault("\x89PNG\r\n\x1a\n"), StartsWith("not a model file: parse error"));
  EXPECT_EQ(fault("[]"), "not a complete model file: the field \"format\" is missing" + again);
  EXPECT_EQ(fault("{}"), "not a complete model file: the field \"format\" is missing" + again);
  EXPECT_EQ(fault("null"), "not a complete model file: the field \"format\" is missing" + again);
  EXPECT_THAT(fault(std::string(100000, '[')), StartsWith("not a model file: parse error"));
}

TEST_F(ModelFile, ThatIsCutOffIsRefusedWhereverTheCutIs) {
  ASSERT_TRUE(text_.ends_with("}\n"));
  for (std::size_t length = 0; length + 1 < text_.size(); ++length) {
    EXPECT_THROW(static_cast<void>(read(text_.substr(0, length))), DataError) << length;
  }
  EXPECT_NO_THROW(static_cast<void>(read(text_.substr(0, text_.size() - 1))));
}

TEST_F(ModelFile, WithAnyByteChangedIsReadOrRefusedAndNothingElse) {
  int refused = 0;
  int changes = 0;
  const int step = tests::is_sanitized ? 6 : 3;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    for (const char byte : {'0', '-', '"', '}', ',', '\xff', '\0'}) {
      // Each byte is changed all the same, the next one to others.
      if (changes++ % step != 0) continue;
      std::string changed = text_;
      changed[at] = byte;
      try {
        static_cast<void>(read(changed));
      } catch (const DataError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, static_cast<int>(text_.size()) / step);
}

TEST_F(ModelFile, OfAnotherFormatOrVersionIsRefused) {
  EXPECT_EQ(fault("tapewise-model", "other-model"), "not a model file of Tapewise" + again);
  for (const std::string version : {"0", "3"}) {
    EXPECT_EQ(
        fault("\"version\": 2", "\"version\": " + version),
        "the model file has version " + version + "; this program reads versions 1 and 2" + again);
  }
  EXPECT_EQ(fault("\"version\": 2", "\"version\": 1.5"),
            "the field \"version\" is not a whole number" + again);
  EXPECT_EQ(fault("\"version\": 2", "\"version\": -1"),
            "the field \"version\" is not a whole number" + again);
  EXPECT_EQ(fault("\"logistic\"", "\"softmax\""),
            "a model of kind \"softmax\"; this program reads \"logistic\"" + again);
}

TEST_F(ModelFile, WithoutAnyOneOfItsFieldsIsRefused) {
  for (const std::string field : {"format",     "version",  "model",         "target",
                                  "classes",    "positive", "features",      "standardisation",
                                  "mean",       "scale",    "weights",       "intercept",
                                  "training",   "rows",     "epochs",        "learning_rate",
                                  "first_loss", "loss",     "gradient_norm", "converged",
                                  "missing",    "columns",  "name",          "fill",
                                  "flagged"}) {
    EXPECT_EQ(fault("\"" + field + "\":", "\"not_" + field + "\":"),
              "not a complete model file: the field \"" + field + "\" is missing" + again);
  }
}

TEST_F(ModelFile, WithAFieldOfTheWrongTypeIsRefused) {
  const auto wrong = [](const std::string& field, const std::string& what) {
    return "the field \"" + field + "\" is not " + what + again;
  };
  EXPECT_EQ(fault("\"target\": \"y\"", "\"target\": 1"), wrong("target", "text"));
  EXPECT_EQ(fault("\"no\",", "false,"), wrong("classes", "text"));
  EXPECT_EQ(fault("\"x\",", "null,"), wrong("features", "text"));
  EXPECT_EQ(fault("\"weights\": [", "\"weights\": 7, \"rest\": ["), wrong("weights", "a list"));
  EXPECT_EQ(fault("\"weights\": [", "\"weights\": [\"1\","), wrong("weights", "a number"));
  EXPECT_EQ(fault("\"mean\": [", "\"mean\": [[],"), wrong("mean", "a number"));
  EXPECT_EQ(fault("\"rows\": 4", "\"rows\": \"4\""), wrong("rows", "a whole number"));
  EXPECT_EQ(fault("\"batch_size\": 0", "\"batch_size\": -1"),
            wrong("batch_size", "a whole number"));
  EXPECT_EQ(fault("\"l2\": 0.0", "\"l2\": \"0\""), wrong("l2", "a number"));
  EXPECT_EQ(fault("\"converged\": false", "\"converged\": 0"), wrong("converged", "true or false"));
}

TEST_F(ModelFile, WithANegativePenaltyIsRefused) {
  EXPECT_EQ(fault("\"l2\": 0.0", "\"l2\": -0.5"), "its penalty is negative" + again);
}

TEST_F(ModelFile, WithBatchesLargerThanItsDataIsRefused) {
  EXPECT_EQ(fault("\"batch_size\": 0", "\"batch_size\": 5"),
            "its batches have more rows than it had" + again);
}

TEST_F(ModelFile, WithListsOfDifferentLengthsIsRefused) {
  const std::string expected = "features, weights, means and scales differ in number" + again;
  for (const std::string list : {"mean", "scale", "weights"}) {
    EXPECT_EQ(fault("\"" + list + "\": [", "\"" + list + "\": [1.5,"), expected);
  }
  EXPECT_EQ(fault("\"features\": [", "\"features\": [\"x3\","), expected);
}

TEST_F(ModelFile, WithNumbersNoModelCanHaveIsRefused) {
  EXPECT_EQ(fault("\"scale\": [", "\"scale\": [0.0], \"s\": ["),
            "features, weights, means and scales differ in number" + again);
  Classifier model = small_model();
  model.standardisation.scale[1] = 0.0;
  EXPECT_EQ(fault(to_json(model, 0, "0.1.0")), "a scale is not positive" + again);
  model.standardisation.scale[1] = -1.0;
  EXPECT_EQ(fault(to_json(model, 0, "0.1.0")), "a scale is not positive" + again);
  model = small_model();
  model.weights[0] = std::nan("");
  EXPECT_EQ(fault(to_json(model, 0, "0.1.0")), "the field \"weights\" is not a number" + again);
  EXPECT_THAT(fault("\"intercept\": ", "\"intercept\": 1e999, \"i\": "),
              StartsWith("not a model file: number overflow"));
  EXPECT_THAT(fault("\"intercept\": ", "\"intercept\": NaN, \"i\": "),
              StartsWith("not a model file: parse error"));
}

TEST_F(ModelFile, WithClassesThatMakeNoSenseIsRefused) {
  EXPECT_EQ(fault("\"positive\": \"yes\"", "\"positive\": \"maybe\""),
            "the positive class \"maybe\" is not one of the classes" + again);
  EXPECT_EQ(fault("\"classes\": [", "\"classes\": [\"perhaps\","),
            "a logistic model has two classes" + again);
  EXPECT_EQ(fault("\"no\",", "\"yes\","), "the two classes have the same name" + again);
}

TEST_F(ModelFile, WithMoreEpochsThanCanBeCountedIsRefused) {
  EXPECT_EQ(fault("\"epochs\": 7", "\"epochs\": 18446744073709551615"),
            "the field \"epochs\" is out of range" + again);
}

TEST_F(ModelFile, WithoutANameWhereOneIsNeededIsRefused) {
  EXPECT_EQ(fault("\"x2\"", "\"\""), "a feature has no name" + again);
  EXPECT_EQ(fault("\"x2\"", "\" \""), "a feature has no name" + again);
  EXPECT_EQ(fault("\"target\": \"y\"", "\"target\": \"\""), "the target has no name" + again);
  EXPECT_EQ(fault("\"no\",", "\"\","), "a class has no name" + again);
}

TEST_F(ModelFile, WithAFeatureNamedTwiceIsRefused) {
  EXPECT_EQ(fault("\"x2\"", "\"x\""), "the feature \"x\" is named twice" + again);
}

}  // namespace
}  // namespace models
