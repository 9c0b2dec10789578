// Writing and reading the model file; its fields are described in models/README.md.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "models/classifier.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/missing_tokens.h"
#include "models/data/number.h"

namespace models {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* format_name = "tapewise-model";
// Version 1 knew columns of numbers alone, none of them ever missing.
constexpr int oldest_version = 1;
constexpr int format_version = 2;
constexpr const char* kind = "logistic";
constexpr const char* train_again =
    "Train the model again with `tapewise train`, or restore the file.";

// Reads fields of one model file and says which one is wrong.
class ModelReader {
 public:
  ModelReader(std::string file, const json& root) : file_(std::move(file)), root_(root) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(file_, Problem{0, 0, what}, train_again);
  }

  [[nodiscard]] bool has(const char* name) const {
    return root_.is_object() && root_.contains(name);
  }
  [[nodiscard]] const json& at(const char* name) const {
    if (!has(name)) {
      fail("not a complete model file: the field " + in_quotes(name) + " is missing");
    }
    return root_.at(name);
  }
  [[nodiscard]] double number(const char* name) const { return number(at(name), name); }
  [[nodiscard]] std::string text(const char* name) const { return text(at(name), name); }
  [[nodiscard]] std::vector<double> numbers(const char* name) const {
    std::vector<double> result;
    for (const json& entry : list(name)) result.push_back(number(entry, name));
    return result;
  }
  [[nodiscard]] std::vector<std::string> texts(const char* name) const {
    std::vector<std::string> result;
    for (const json& entry : list(name)) result.push_back(text(entry, name));
    return result;
  }
  [[nodiscard]] std::size_t count(const char* name) const {
    const json& value = at(name);
    if (!value.is_number_unsigned())
      fail("the field " + in_quotes(name) + " is not a whole number");
    return value.get<std::size_t>();
  }
  [[nodiscard]] long epochs(const char* name) const {
    const std::size_t value = count(name);
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<long>::max());
    if (value > most) fail("the field " + in_quotes(name) + " is out of range");
    return static_cast<long>(value);
  }
  [[nodiscard]] bool flag(const char* name) const {
    const json& value = at(name);
    if (!value.is_boolean()) fail("the field " + in_quotes(name) + " is not true or false");
    return value.get<bool>();
  }
  [[nodiscard]] ModelReader inside(const char* name) const { return {file_, at(name)}; }
  [[nodiscard]] std::vector<ModelReader> all_inside(const char* name) const {
    std::vector<ModelReader> readers;
    for (const json& entry : list(name)) readers.emplace_back(file_, entry);
    return readers;
  }

 private:
  [[nodiscard]] const json& list(const char* name) const {
    const json& value = at(name);
    if (!value.is_array()) fail("the field " + in_quotes(name) + " is not a list");
    return value;
  }
  [[nodiscard]] double number(const json& value, const char* name) const {
    if (!value.is_number()) fail("the field " + in_quotes(name) + " is not a number");
    const auto result = value.get<double>();
    if (!std::isfinite(result)) fail("the field " + in_quotes(name) + " is not finite");
    return result;
  }
  [[nodiscard]] std::string text(const json& value, const char* name) const {
    if (!value.is_string()) fail("the field " + in_quotes(name) + " is not text");
    return value.get<std::string>();
  }

  std::string file_;
  const json& root_;
};

void require_format(const ModelReader& reader) {
  if (reader.text("format") != format_name) reader.fail("not a model file of Tapewise");
  const std::size_t version = reader.count("version");
  if (version < oldest_version || version > format_version) {
    reader.fail("the model file has version " + std::to_string(version) +
                "; this program reads versions " + std::to_string(oldest_version) + " and " +
                std::to_string(format_version));
  }
  if (reader.text("model") != kind) {
    reader.fail("a model of kind " + in_quotes(reader.text("model")) + "; this program reads " +
                in_quotes(kind));
  }
}

void require_consistent(const ModelReader& reader, const Classifier& c) {
  const std::size_t columns = c.features.size();
  if (columns == 0 || c.weights.size() != columns || c.standardisation.mean.size() != columns ||
      c.standardisation.scale.size() != columns) {
    reader.fail("features, weights, means and scales differ in number");
  }
  for (const double scale : c.standardisation.scale) {
    if (!(scale > 0.0)) reader.fail("a scale is not positive");
  }
  if (c.classes[0] == c.classes[1]) reader.fail("the two classes have the same name");
  if (c.training.batch_size > c.rows) reader.fail("its batches have more rows than it had");
  if (c.l2 < 0.0) reader.fail("its penalty is negative");
  if (trimmed(c.target).empty()) reader.fail("the target has no name");
  if (c.classes[0].empty() || c.classes[1].empty()) reader.fail("a class has no name");
  std::set<std::string_view> names;
  for (const std::string& name : c.features) {
    if (trimmed(name).empty()) reader.fail("a feature has no name");
    if (!names.insert(name).second) {
      reader.fail("the feature " + in_quotes(name) + " is named twice");
    }
  }
}

// --- The encoding -----------------------------------------------------------------------------

MissingPolicy missing_policy(const ModelReader& reader) {
  const std::string name = reader.text("missing");
  for (const MissingPolicy policy : {MissingPolicy::error, MissingPolicy::drop, MissingPolicy::mean,
                                     MissingPolicy::mean_and_flag}) {
    if (to_string(policy) == name) return policy;
  }
  reader.fail("the field \"missing\" is not error, drop, mean or mean+flag");
}

// The index of the level that a field of a column names.
std::size_t level_in(const ModelReader& reader, const char* field, const ColumnEncoding& column) {
  const std::string level = reader.text(field);
  const auto at = std::find(column.levels.begin(), column.levels.end(), level);
  if (at == column.levels.end()) {
    reader.fail("the column " + in_quotes(column.name) + " has no level " + in_quotes(level));
  }
  return static_cast<std::size_t>(at - column.levels.begin());
}

ColumnEncoding column_in(const ModelReader& reader) {
  ColumnEncoding column;
  column.name = reader.text("name");
  column.flagged = reader.flag("flagged");
  if (!reader.has("levels")) {
    column.fill_number = reader.number("fill");
    return column;
  }
  column.levels = reader.texts("levels");
  const std::set<std::string_view> different(column.levels.begin(), column.levels.end());
  if (different.size() < 2 || different.size() < column.levels.size()) {
    reader.fail("the column " + in_quotes(column.name) +
                " has less than two levels, or one of them twice");
  }
  column.reference = level_in(reader, "reference", column);
  column.fill_level = level_in(reader, "fill", column);
  return column;
}

FeatureEncoding encoding_in(const ModelReader& reader, const std::vector<std::string>& features) {
  if (reader.count("version") == 1) return encoding_of_numbers(features);
  FeatureEncoding encoding;
  encoding.missing = missing_policy(reader);
  const std::string decimal = reader.text("decimal");
  if (decimal != "." && decimal != ",") reader.fail("the decimal mark is neither . nor ,");
  encoding.decimal = decimal.front();
  encoding.missing_tokens = reader.texts("missing_tokens");
  if (reader.has("fields")) {
    encoding.fields = reader.count("fields");
    encoding.target_field = reader.count("target_field");
  }
  for (const ModelReader& column : reader.all_inside("columns")) {
    encoding.columns.push_back(column_in(column));
  }
  return encoding;
}

// The features must be those that the columns give, and no column may be there twice.
void require_consistent_encoding(const ModelReader& reader, const Classifier& c) {
  std::set<std::string> names;
  for (const ColumnEncoding& column : c.encoding.columns) {
    if (!names.insert(column.name).second) {
      reader.fail("the column " + in_quotes(column.name) + " is named twice");
    }
    if (column.name == c.target) reader.fail("the target is one of its columns");
  }
  if (c.encoding.feature_names() != c.features) {
    reader.fail("the features are not those that the columns give");
  }
}

ordered_json json_of(const ColumnEncoding& column) {
  if (!column.is_categorical()) {
    return {{"name", column.name}, {"fill", column.fill_number}, {"flagged", column.flagged}};
  }
  return {{"name", column.name},
          {"levels", column.levels},
          {"reference", column.levels[column.reference]},
          {"fill", column.levels[column.fill_level]},
          {"flagged", column.flagged}};
}

ordered_json json_of(const FeatureEncoding& encoding) {
  ordered_json columns = ordered_json::array();
  for (const ColumnEncoding& column : encoding.columns) columns.push_back(json_of(column));
  return columns;
}

// --- The file ---------------------------------------------------------------------------------

json parsed(const std::string& path) {
  const std::string text = file_contents(
      path,
      "Is the path right? `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes one.");
  if (text.empty()) throw DataError(path, Problem{0, 0, "the file is empty"}, train_again);
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    // "[json.exception.parse_error.101] parse error at …": the number is of no use to a user.
    const std::string what = error.what();
    const std::size_t reason = what.find("] ");
    throw DataError(path, Problem{0, 0,
                                  "not a model file: " +
                                      what.substr(reason == std::string::npos ? 0 : reason + 2)});
  }
}

Classifier model_at(const std::string& path) {
  const json root = parsed(path);
  const ModelReader reader(path, root);
  require_format(reader);
  Classifier c;
  c.target = reader.text("target");
  const std::vector<std::string> classes = reader.texts("classes");
  if (classes.size() != 2) reader.fail("a logistic model has two classes");
  c.classes = {classes[0], classes[1]};
  const std::string positive = reader.text("positive");
  if (positive != classes[0] && positive != classes[1]) {
    reader.fail("the positive class " + in_quotes(positive) + " is not one of the classes");
  }
  c.positive = positive == classes[1] ? 1 : 0;
  c.features = reader.texts("features");
  c.encoding = encoding_in(reader, c.features);
  c.standardisation.mean = reader.inside("standardisation").numbers("mean");
  c.standardisation.scale = reader.inside("standardisation").numbers("scale");
  c.weights = reader.numbers("weights");
  c.intercept = reader.number("intercept");
  const ModelReader training = reader.inside("training");
  c.rows = training.count("rows");
  c.training.epochs = training.epochs("epochs");
  c.training.learning_rate = training.number("learning_rate");
  c.training.first_loss = training.number("first_loss");
  c.training.loss = training.number("loss");
  c.training.gradient_norm = training.number("gradient_norm");
  c.training.converged = training.flag("converged");
  // Older files have neither batches nor the penalty.
  if (training.has("batch_size")) c.training.batch_size = training.count("batch_size");
  if (training.has("l2")) c.l2 = training.number("l2");
  require_consistent(reader, c);
  require_consistent_encoding(reader, c);
  return c;
}

}  // namespace

std::string to_json(const Classifier& c, std::uint64_t seed, std::string_view program_version) {
  ordered_json root;
  root["format"] = format_name;
  root["version"] = format_version;
  root["program_version"] = program_version;
  root["model"] = kind;
  root["target"] = c.target;
  root["classes"] = c.classes;
  root["positive"] = c.positive_class();
  root["features"] = c.features;
  root["missing"] = to_string(c.encoding.missing);
  root["missing_tokens"] = c.encoding.missing_tokens.value_or(MissingTokens::usual());
  if (c.encoding.fields > 0) {
    root["fields"] = c.encoding.fields;
    root["target_field"] = c.encoding.target_field;
  }
  root["decimal"] = std::string(1, c.encoding.decimal);
  root["columns"] = json_of(c.encoding);
  root["standardisation"] = {{"mean", c.standardisation.mean}, {"scale", c.standardisation.scale}};
  root["weights"] = c.weights;
  root["intercept"] = c.intercept;
  root["training"] = {{"rows", c.rows},
                      {"epochs", c.training.epochs},
                      {"learning_rate", c.training.learning_rate},
                      {"batch_size", c.training.batch_size},
                      {"l2", c.l2},
                      {"first_loss", c.training.first_loss},
                      {"loss", c.training.loss},
                      {"gradient_norm", c.training.gradient_norm},
                      {"converged", c.training.converged},
                      {"seed", seed}};
  try {
    return root.dump(2) + "\n";
  } catch (const json::type_error& error) {
    throw std::invalid_argument(std::string("a column or class name is not UTF-8: ") +
                                error.what());
  }
}

Classifier read_model(const std::string& path) {
  return within_memory(path, [&] { return model_at(path); });
}

}  // namespace models
