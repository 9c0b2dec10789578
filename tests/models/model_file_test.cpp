// The model file: what is written comes back to the last bit, and whatever else a file may hold is
// refused with a message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/classifier.h"
#include "models/data/errors.h"
#include "models/fit.h"
#include "models/model.h"
#include "tests/models/support.h"
#include "tests/sanitized.h"

namespace models {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string again = "\nTrain the model again with `tapewise train`, or restore the file.";

Classifier small_model() {
  return testing::fit_by_descent(
      make_dataset(parse_csv("x,x2,y\n1,5,no\n2,3,yes\n4,4,no\n8,1,yes\n", "d.csv"), "y"), 7);
}

std::string text_of(const Classifier& classifier, std::uint64_t seed = 0) {
  Model model;
  model.fit.classifier = classifier;
  if (classifier.is_linear()) {
    model.fit.coefficients = coefficient_estimates(classifier, {});
  }
  model.data.rows_of_classes.assign(classifier.classes.size(), 0);
  model.fit.training.emplace().confusion.assign(
      classifier.classes.size(), std::vector<double>(classifier.classes.size(), 0.0));
  model.program_version = "0.1.0";
  model.seed = seed;
  return to_json(model);
}

class ModelFile : public ::testing::Test {
 protected:
  std::string text_ = text_of(small_model(), 42);

  [[nodiscard]] Classifier read(std::string_view text) const {
    return parse_model(text, path()).fit.classifier;
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
  const Dataset data = testing::breast_cancer();
  const Classifier written = testing::fit_by_descent(data, 200);
  const Classifier read_back = read(text_of(written));
  EXPECT_EQ(read_back.probabilities(data.features), written.probabilities(data.features));
}

TEST_F(ModelFile, KeepsSoftmaxRegressionAndPerceptrons) {
  const Dataset iris =
      make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/iris.csv"), "species");
  for (const bool hidden : {false, true}) {
    FitOptions options;
    options.minimise.epochs = 3;
    options.penalty = {0.0, 0.125};
    if (hidden) {
      options.kind = ModelKind::mlp;
      options.hidden = {3, 2};
      options.activation = parse_activation("leaky_relu:0.25");
    }
    const Classifier written = fit(iris, options).classifier;
    const std::string text = text_of(written);
    const Classifier c = read(text);
    EXPECT_EQ(c.kind, hidden ? ModelKind::mlp : ModelKind::softmax);
    EXPECT_EQ(c.classes, (std::vector<std::string>{"setosa", "versicolor", "virginica"}));
    EXPECT_EQ(c.architecture, written.architecture);
    EXPECT_EQ(c.parameters, written.parameters);
    EXPECT_EQ(c.fit.penalty, written.fit.penalty);
    EXPECT_EQ(c.fit.optimality_gap, written.fit.optimality_gap);
    EXPECT_EQ(c.fit.training.solver, written.fit.training.solver);
    EXPECT_EQ(c.probabilities(iris.features), written.probabilities(iris.features));
    EXPECT_EQ(text_of(c), text);
  }
}

TEST_F(ModelFile, KeepsEverythingElseToo) {
  const Classifier written = small_model();
  const Classifier c = read(text_);
  EXPECT_EQ(c.target, "y");
  EXPECT_EQ(c.classes, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(c.positive_class(), "yes");
  EXPECT_EQ(c.features, (std::vector<std::string>{"x", "x2"}));
  EXPECT_EQ(c.standardisation.mean, written.standardisation.mean);
  EXPECT_EQ(c.standardisation.scale, written.standardisation.scale);
  EXPECT_EQ(c.parameters, written.parameters);
  EXPECT_EQ(c.fit.rows, 4U);
  EXPECT_EQ(c.fit.training.epochs, 7);
  EXPECT_EQ(c.fit.training.learning_rate, written.fit.training.learning_rate);
  EXPECT_EQ(c.fit.training.first_loss, written.fit.training.first_loss);
  EXPECT_EQ(c.fit.training.loss, written.fit.training.loss);
  EXPECT_EQ(c.fit.training.gradient_norm, written.fit.training.gradient_norm);
  EXPECT_FALSE(c.fit.training.converged);
  EXPECT_THAT(text_, HasSubstr("\"seed\": 42"));
}

TEST_F(ModelFile, KeepsTheSizeOfBatches) {
  Classifier model = small_model();
  EXPECT_THAT(text_, HasSubstr("\"batch_size\": 0"));
  model.fit.training.batch_size = 3;
  EXPECT_EQ(read(text_of(model)).fit.training.batch_size, 3U);
}

TEST_F(ModelFile, KeepsThePenalty) {
  Classifier model = small_model();
  EXPECT_THAT(text_, HasSubstr("\"l2\": 0.0"));
  model.fit.penalty = {0.5, 0.25};
  EXPECT_EQ(read(text_of(model)).fit.penalty, (Penalty{0.5, 0.25}));
}

// Version 3 had the classifier alone, with the bound among the figures of training.
nlohmann::ordered_json as_version_3(const std::string& text) {
  nlohmann::ordered_json root = nlohmann::ordered_json::parse(text);
  root["version"] = 3;
  root["training"]["optimality_gap"] = root["certificate"]["optimality_gap"];
  for (const char* field :
       {"command", "threshold", "threshold_rule", "certificate", "coefficients", "covariance",
        "withheld", "log_likelihood", "null_log_likelihood", "data", "training_metrics",
        "validation_metrics", "evaluation", "baseline", "test", "warnings", "checksum"}) {
    EXPECT_EQ(root.erase(field), 1U) << field;
  }
  EXPECT_EQ(root["training"].erase("interrupted"), 1U);
  return root;
}

// Version 2 had two classes in sorted order and named the positive one.
std::string as_version_2(const std::string& text) {
  nlohmann::ordered_json root = as_version_3(text);
  root["version"] = 2;
  root["positive"] = "yes";
  root["weights"] = root["parameters"]["w"];
  root["intercept"] = root["parameters"]["b"][0];
  root.erase("parameters");
  for (const char* field :
       {"total_weight", "solver", "l1", "firth", "optimality_gap", "stopped_early", "separated"}) {
    EXPECT_EQ(root["training"].erase(field), 1U) << field;
  }
  return root.dump(2) + "\n";
}

TEST_F(ModelFile, OfVersionThreeIsRead) {
  nlohmann::ordered_json old = as_version_3(text_);
  old["training"]["optimality_gap"] = 0.25;
  testing::put(path(), old.dump(2));
  const Model model = read_model(path());
  EXPECT_EQ(model.classifier().parameters, small_model().parameters);
  EXPECT_EQ(model.classifier().fit.optimality_gap, 0.25);
  EXPECT_EQ(model.classifier().threshold, 0.5);
  EXPECT_EQ(model.seed, 42U);
  EXPECT_FALSE(model.evaluation);
  EXPECT_EQ(model.fit.coefficients.size(), 3U);
}

TEST_F(ModelFile, OfVersionTwoIsRead) {
  const std::string old = as_version_2(text_);
  const Classifier c = read(old);
  EXPECT_EQ(c.parameters, small_model().parameters);
  EXPECT_EQ(c.classes, small_model().classes);
  EXPECT_EQ(c.fit.total_weight, 4.0);
  EXPECT_EQ(c.fit.training.solver, "gd");
  std::string turned = old;
  turned.replace(turned.find("\"positive\": \"yes\""), 17, "\"positive\": \"no\"");
  EXPECT_EQ(read(turned).classes, (std::vector<std::string>{"yes", "no"}));
}

TEST_F(ModelFile, FromBeforePenaltyAndBatchesWereKeptIsRead) {
  std::string old = as_version_2(text_);
  for (const std::string field : {"    \"l2\": 0.0,\n", "    \"batch_size\": 0,\n"}) {
    ASSERT_NE(old.find(field), std::string::npos);
    old.erase(old.find(field), field.size());
  }
  const Classifier c = read(old);
  EXPECT_TRUE(c.fit.penalty.none());
  EXPECT_EQ(c.fit.training.batch_size, 0U);
}

// A model with categories and filled cells.
Dataset with_categories(MissingPolicy policy) {
  const Table table =
      parse_csv("age,port,y\n30,S,no\n,C,yes\n20,S,yes\n25,,no\n41,Q,no\n25,C,yes\n", "d.csv");
  return make_dataset(table, "y", {{}, {policy, {"port=Q"}}, ""});
}

TEST_F(ModelFile, KeepsHowColumnsBecomeFeatures) {
  const Dataset data = with_categories(MissingPolicy::mean_and_flag);
  const Classifier written = testing::fit_by_descent(data, 9);
  const Classifier c = read(text_of(written));
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
  const Classifier c = read(text_of(testing::fit_by_descent(data, 9)));
  EXPECT_EQ(c.encoding.fields, 3U);
  EXPECT_EQ(c.encoding.target_field, 3U);
}

TEST_F(ModelFile, OfVersionOneIsReadAsColumnsOfNumbers) {
  std::string old = as_version_2(text_);
  const std::size_t begin = old.find("  \"missing\":");
  const std::size_t end = old.find("  \"standardisation\":");
  ASSERT_LT(begin, end);
  old.erase(begin, end - begin);
  old.replace(old.find("\"version\": 2"), 12, "\"version\": 1");
  const Classifier c = read(old);
  EXPECT_EQ(c.parameters, small_model().parameters);
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
  text_ = text_of(testing::fit_by_descent(with_categories(MissingPolicy::mean), 9));
  EXPECT_EQ(fault("\"reference\": \"Q\"", "\"reference\": \"q\""),
            "the column \"port\" has no level \"q\"" + again);
  EXPECT_EQ(fault("\"fill\": \"C\"", "\"fill\": \"\""),
            "the column \"port\" has no level \"\"" + again);
  EXPECT_EQ(fault("\"Q\",", "\"S\","),
            "the column \"port\" has less than two levels, or one of them twice" + again);
}

TEST_F(ModelFile, KeepsAPositiveClassThatIsTheFirst) {
  Classifier model = small_model();
  std::swap(model.classes[0], model.classes[1]);
  const Classifier c = read(text_of(model));
  EXPECT_EQ(c.positive_class(), "no");
}

TEST_F(ModelFile, KeepsNumbersAndNamesThatAreHardToWrite) {
  Classifier model = small_model();
  model.parameters = {-0.0, 0x1.fffffffffffffp-1022, 1.5};
  model.standardisation.scale = {5e-324, 1.7976931348623157e308};
  model.features = {"größe, \"in\" cm\n", "日本"};
  model.encoding = encoding_of_numbers(model.features);
  const Classifier c = read(text_of(model));
  EXPECT_TRUE(std::signbit(c.parameters[0]));
  EXPECT_EQ(c.parameters, model.parameters);
  EXPECT_EQ(c.standardisation.scale, model.standardisation.scale);
  EXPECT_EQ(c.features, model.features);
}

TEST_F(ModelFile, CannotHoldANameThatIsNotUtf8) {
  Classifier model = small_model();
  model.features[0] =
      "gr\xF6\xDF"
      "e";
  const std::string message =
      testing::message_of<std::invalid_argument>([&] { return text_of(model); });
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
  const std::string reads = "; this program reads versions 1 to 4";
  EXPECT_EQ(fault("\"version\": 4", "\"version\": 0"),
            "the model file has version 0" + reads + again);
  EXPECT_EQ(fault("\"version\": 4", "\"version\": 5"),
            "the model file has version 5" + reads +
                "\nA newer program has written it: use that one, or train the model again.");
  EXPECT_EQ(fault("\"version\": 4", "\"version\": 1.5"),
            "the field \"version\" is not a whole number" + again);
  EXPECT_EQ(fault("\"version\": 4", "\"version\": -1"),
            "the field \"version\" is not a whole number" + again);
  EXPECT_EQ(fault("\"logistic\"", "\"tree\""),
            "a model of kind \"tree\"; this program reads logistic, softmax and mlp" + again);
}

// With everything that a model can have.
Model whole_model() {
  const Table table = read_csv(std::string(TAPEWISE_TEST_DATA) + "/spector.csv");
  const Dataset data = make_dataset(table, "GRADE");
  FitOptions options;
  Model model;
  model.fit = fit(data, options);
  const CrossValidation cv = cross_validate({table, data}, options, {4, 0.0, 3, {}});
  model.evaluation = cv.evaluation;
  model.fit.classifier.threshold = 0.25;
  model.threshold = parse_threshold("f1");
  model.fit.validation = model.fit.training;
  model.fit.kept_aside = 3;
  model.test = TestRecord{"test.csv", 5, model.fit.training.value()};
  model.data = {"spector.csv",
                std::string(64, 'a'),
                {"separated by commas"},
                33,
                {21, 11},
                true,
                {{"GPA", Role::numeric}, {"TUCE", Role::numeric}}};
  model.warnings = {{"collinear", "nearly", {"GPA", "TUCE"}}};
  model.seed = 18446744073709551615U;
  model.command = {"train", "a b.csv"};
  model.program_version = "0.1.0";
  return model;
}

TEST_F(ModelFile, KeepsEverythingThatWasFoundOut) {
  const Model written = whole_model();
  const std::string text = to_json(written);
  testing::put(path(), text);
  const Model read_back = read_model(path());
  EXPECT_EQ(to_json(read_back), text);
  ASSERT_TRUE(read_back.fit.coefficients[1].inference);
  EXPECT_EQ(read_back.fit.coefficients[1].inference->std_error,
            written.fit.coefficients[1].inference->std_error);
  EXPECT_EQ(read_back.fit.statistics->aic, written.fit.statistics->aic);
  EXPECT_EQ(read_back.fit.distance, written.fit.distance);
  EXPECT_EQ(read_back.classifier().threshold, 0.25);
  EXPECT_EQ(read_back.evaluation->model.confusion, written.evaluation->model.confusion);
}

TEST_F(ModelFile, ThatWasEditedIsRefused) {
  const std::string changed =
      "the file was changed after it was written: its checksum is another one" + again;
  text_ = to_json(whole_model());
  EXPECT_EQ(fault("\"threshold\": 0.25", "\"threshold\": 0.26"), changed);
  EXPECT_EQ(fault("\"separated\": false", "\"separated\": true"), changed);
  EXPECT_EQ(fault("\"target\": \"GRADE\"", "\"target\": \"Grade\""), changed);
  EXPECT_EQ(fault("\"estimate\": 2.8", "\"estimate\": 2.7"),
            "the coefficients are not those that the parameters give" + again);
  testing::put(path(), nlohmann::ordered_json::parse(text_).dump());
  EXPECT_EQ(to_json(read_model(path())), text_) << "line breaks are no change";
}

// Takes each field away, wherever it is, and gives it another type.
void for_each_damage(const nlohmann::ordered_json& at,
                     const nlohmann::ordered_json::json_pointer& path,
                     const std::function<void(const nlohmann::ordered_json::json_pointer&)>& f) {
  if (!at.is_object()) return;
  for (const auto& [name, value] : at.items()) {
    f(path / name);
    for_each_damage(value, path / name, f);
  }
}

TEST_F(ModelFile, WithAnyFieldGoneOrOfAnotherTypeIsRefused) {
  const auto root = nlohmann::ordered_json::parse(to_json(whole_model()));
  std::size_t tried = 0;
  for_each_damage(root, nlohmann::ordered_json::json_pointer(),
                  [&](const nlohmann::ordered_json::json_pointer& field) {
                    ++tried;
                    nlohmann::ordered_json without = root;
                    without[field.parent_pointer()].erase(field.back());
                    EXPECT_THROW(parse_model(without.dump(), "m.json"), DataError) << field;
                    for (const char* other : {"null", "-1", "[[]]", "{}", "\"\"", "1e308"}) {
                      nlohmann::ordered_json changed = root;
                      changed[field] = nlohmann::ordered_json::parse(other);
                      if (changed == root) continue;
                      EXPECT_THROW(parse_model(changed.dump(), "m.json"), DataError)
                          << field << other;
                    }
                  });
  EXPECT_GT(tried, 100U);
}

TEST_F(ModelFile, WithoutAnyOneOfItsFieldsIsRefused) {
  for (const std::string field : {"format",
                                  "version",
                                  "model",
                                  "target",
                                  "classes",
                                  "features",
                                  "standardisation",
                                  "mean",
                                  "scale",
                                  "parameters",
                                  "w",
                                  "b",
                                  "training",
                                  "rows",
                                  "total_weight",
                                  "solver",
                                  "epochs",
                                  "learning_rate",
                                  "batch_size",
                                  "l1",
                                  "l2",
                                  "firth",
                                  "first_loss",
                                  "loss",
                                  "gradient_norm",
                                  "optimality_gap",
                                  "converged",
                                  "stopped_early",
                                  "separated",
                                  "missing",
                                  "columns",
                                  "name",
                                  "fill",
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
  EXPECT_EQ(fault("\"w\": [", "\"w\": 7, \"rest\": ["), wrong("w", "a list"));
  EXPECT_EQ(fault("\"w\": [", "\"w\": [\"1\","), wrong("w", "a number"));
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
  const std::string expected = "features, means and scales differ in number" + again;
  for (const std::string list : {"mean", "scale"}) {
    EXPECT_EQ(fault("\"" + list + "\": [", "\"" + list + "\": [1.5,"), expected);
  }
  EXPECT_EQ(fault("\"features\": [", "\"features\": [\"x3\","), expected);
  EXPECT_EQ(fault("\"w\": [", "\"w\": [1.5,"), "the parameters \"w\" are 3 numbers, not 2" + again);
}

TEST_F(ModelFile, WithNumbersNoModelCanHaveIsRefused) {
  EXPECT_EQ(fault("\"scale\": [", "\"scale\": [0.0], \"s\": ["),
            "features, means and scales differ in number" + again);
  Classifier model = small_model();
  model.standardisation.scale[1] = 0.0;
  EXPECT_EQ(fault(text_of(model)), "a scale is not positive" + again);
  model.standardisation.scale[1] = -1.0;
  EXPECT_EQ(fault(text_of(model)), "a scale is not positive" + again);
  model = small_model();
  model.parameters[0] = std::nan("");
  EXPECT_EQ(fault(text_of(model)), "the field \"w\" is not a number" + again);
  EXPECT_THAT(fault("\"b\": [", "\"b\": [1e999, "),
              StartsWith("not a model file: number overflow"));
  EXPECT_THAT(fault("\"b\": [", "\"b\": [NaN, "), StartsWith("not a model file: parse error"));
}

TEST_F(ModelFile, WithClassesThatMakeNoSenseIsRefused) {
  text_ = as_version_2(text_);
  EXPECT_EQ(fault("\"positive\": \"yes\"", "\"positive\": \"maybe\""),
            "the positive class \"maybe\" is not one of the classes" + again);
  EXPECT_EQ(fault("\"classes\": [", "\"classes\": [\"perhaps\","),
            "a logistic model has two classes" + again);
  EXPECT_EQ(fault("\"no\",", "\"yes\","), "the class \"yes\" is named twice" + again);
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
