// Writing and reading the model file; its fields are described in models/README.md.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "autograd/quotation.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/missing_tokens.h"
#include "models/data/number.h"
#include "models/data/sha256.h"
#include "models/model.h"
#include "models/model_json.h"
#include "models/model_reader.h"
#include "models/model_records.h"

namespace models {
namespace {

using nlohmann::ordered_json;

constexpr const char* format_name = "tapewise-model";
// Version 1 knew columns of numbers alone, none of them ever missing; version 2 two classes alone;
// version 3 had nothing but the classifier.
constexpr int oldest_version = 1;
constexpr int format_version = 4;
void require_format(const ModelReader& reader) {
  if (reader.text("format") != format_name) reader.fail("not a model file of Tapewise");
  const std::size_t version = reader.count("version");
  if (version < oldest_version || version > format_version) {
    reader.fail("the model file has version " + std::to_string(version) +
                    "; this program reads versions " + std::to_string(oldest_version) + " to " +
                    std::to_string(format_version),
                version > format_version
                    ? "A newer program has written it: use that one, or train the model again."
                    : train_again);
  }
}

ModelKind kind_in(const ModelReader& reader) {
  const std::string name = reader.text("model");
  const std::optional<ModelKind> kind = model_kind_named(name);
  if (kind) return *kind;
  reader.fail("a model of kind " + in_quotes(name) +
              "; this program reads logistic, softmax and mlp");
}

void require_consistent_fit(const ModelReader& reader, const FitRecord& fit) {
  if (fit.training.batch_size > fit.rows) reader.fail("its batches have more rows than it had");
  if (fit.penalty.l1 < 0.0 || fit.penalty.l2 < 0.0) reader.fail("its penalty is negative");
  if (fit.total_weight < 0.0) reader.fail("its rows have a negative weight");
}

void require_different_names(const ModelReader& reader, const std::vector<std::string>& all,
                             const std::string& what) {
  std::set<std::string_view> names;
  for (const std::string& name : all) {
    if (trimmed(name).empty()) reader.fail("a " + what + " has no name");
    if (!names.insert(name).second) {
      reader.fail("the " + what + " " + in_quotes(name) + " is named twice");
    }
  }
}

void require_consistent(const ModelReader& reader, const Classifier& c) {
  const std::size_t columns = c.features.size();
  if (columns == 0 || c.standardisation.mean.size() != columns ||
      c.standardisation.scale.size() != columns) {
    reader.fail("features, means and scales differ in number");
  }
  for (const double scale : c.standardisation.scale) {
    if (!(scale > 0.0)) reader.fail("a scale is not positive");
  }
  if (trimmed(c.target).empty()) reader.fail("the target has no name");
  require_different_names(reader, c.classes, "class");
  require_different_names(reader, c.features, "feature");
  require_consistent_fit(reader, c.fit);
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

ordered_json parsed(std::string_view text, const std::string& path) {
  if (text.empty()) throw DataError(path, Problem{0, 0, "the file is empty"}, train_again);
  try {
    return ordered_json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at …": the number is of no use to a user. What
    // was read last is quoted byte by byte.
    const std::string what = error.what();
    std::string message = "not a model file: ";
    autograd::append_escaped(message, std::string_view(what).substr(what.find("] ") + 2), false);
    throw DataError(
        path, Problem{0, 0, message},
        "A model is what `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes, whole; it "
        "stands before the data.");
  }
}

// The classes, the reference first: of two the negative one, which older files tell by the other.
std::vector<std::string> classes_in(const ModelReader& reader, ModelKind kind) {
  std::vector<std::string> classes = reader.texts("classes");
  if (classes.size() < 2) reader.fail("a model has at least two classes");
  if (kind == ModelKind::logistic && classes.size() > 2) {
    reader.fail("a logistic model has two classes");
  }
  if (reader.count("version") > 2) return classes;
  const std::string positive = reader.text("positive");
  if (positive != classes[0] && positive != classes[1]) {
    reader.fail("the positive class " + in_quotes(positive) + " is not one of the classes");
  }
  if (positive == classes[0]) std::swap(classes[0], classes[1]);
  return classes;
}

// The hidden layers; how many outputs the last has is left to the parameters.
Architecture architecture_in(const ModelReader& reader, const Classifier& c) {
  Architecture architecture;
  architecture.features = c.features.size();
  architecture.outputs = c.classes.size() - 1;
  if (c.kind != ModelKind::mlp) return architecture;
  for (const double units : reader.numbers("hidden")) {
    if (!(units >= 1.0 && units <= 1e6) || units != std::floor(units)) {
      reader.fail("a hidden layer has " + shortest(units) + " units");
    }
    architecture.hidden.push_back(static_cast<std::size_t>(units));
  }
  if (architecture.hidden.empty()) reader.fail("a perceptron has no hidden layers");
  try {
    architecture.activation = parse_activation(reader.text("activation"));
  } catch (const std::invalid_argument& error) {
    reader.fail(error.what());
  }
  if (c.classes.size() > 2) architecture.outputs = c.classes.size();
  return architecture;
}

std::vector<double> parameters_in(const ModelReader& reader, const Architecture& architecture) {
  std::vector<double> all;
  if (reader.count("version") < 3) {
    all = reader.numbers("weights");
    all.push_back(reader.number("intercept"));
    if (all.size() != architecture.features + 1) {
      reader.fail("features and weights differ in number");
    }
    return all;
  }
  const ModelReader parameters = reader.inside("parameters");
  for (const ParameterBlock& block : parameter_blocks(architecture)) {
    const std::vector<double> values = parameters.numbers(block.name.c_str());
    if (static_cast<autograd::Index>(values.size()) != block.shape.size()) {
      reader.fail("the parameters " + in_quotes(block.name) + " are " +
                  std::to_string(values.size()) + " numbers, not " +
                  std::to_string(block.shape.size()));
    }
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

std::uint64_t seed_in(const ModelReader& reader) {
  const ModelReader training = reader.inside("training");
  return training.has("seed") ? training.count("seed") : 0;
}

FitRecord fit_in(const ModelReader& reader, std::size_t version) {
  FitRecord fit;
  fit.rows = reader.count("rows");
  fit.training.epochs = reader.epochs("epochs");
  fit.training.learning_rate = reader.number("learning_rate");
  fit.training.first_loss = reader.number("first_loss");
  fit.training.loss = reader.number("loss");
  fit.training.gradient_norm = reader.number("gradient_norm");
  fit.training.converged = reader.flag("converged");
  fit.total_weight = static_cast<double>(fit.rows);
  // Older files lack what is below.
  const bool older = version < 3;
  if (!older || reader.has("batch_size")) fit.training.batch_size = reader.count("batch_size");
  if (!older || reader.has("l2")) fit.penalty.l2 = reader.number("l2");
  if (older) return fit;
  fit.training.solver = reader.text("solver");
  fit.training.stopped_early = reader.flag("stopped_early");
  fit.separated = reader.flag("separated");
  fit.firth = reader.flag("firth");
  fit.penalty.l1 = reader.number("l1");
  fit.total_weight = reader.number("total_weight");
  if (version > 3) fit.training.interrupted = reader.flag("interrupted");
  if (version == 3) fit.optimality_gap = reader.number_or_null("optimality_gap");
  return fit;
}

Classifier classifier_in(const ModelReader& reader) {
  Classifier c;
  c.kind = kind_in(reader);
  c.target = reader.text("target");
  c.classes = classes_in(reader, c.kind);
  c.features = reader.texts("features");
  c.encoding = encoding_in(reader, c.features);
  c.standardisation.mean = reader.inside("standardisation").numbers("mean");
  c.standardisation.scale = reader.inside("standardisation").numbers("scale");
  c.fit = fit_in(reader.inside("training"), reader.count("version"));
  require_consistent(reader, c);
  c.architecture = architecture_in(reader, c);
  c.parameters = parameters_in(reader, c.architecture);
  require_consistent_encoding(reader, c);
  return c;
}

void read_threshold(const ModelReader& reader, Model& model) {
  Classifier& c = model.fit.classifier;
  c.threshold = reader.number("threshold");
  if (!(c.threshold >= 0.0 && c.threshold <= 1.0)) reader.fail("the threshold is no probability");
  try {
    model.threshold = parse_threshold(reader.text("threshold_rule"));
  } catch (const std::invalid_argument& error) {
    reader.fail("the field \"threshold_rule\": " + std::string(error.what()));
  }
}

// The coefficients in the units of the file are there to be read by others; they follow from the
// parameters.
void require_same_coefficients(const ModelReader& reader, const Fit& fit) {
  const std::vector<ModelReader> told = reader.all_inside("coefficients");
  bool same = told.size() == fit.coefficients.size();
  for (std::size_t i = 0; same && i < told.size(); ++i) {
    const double own = fit.coefficients[i].estimate;
    same = told[i].text("name") == fit.coefficients[i].name &&
           std::abs(told[i].number("estimate") - own) <= 1e-6 * std::abs(own);
  }
  if (!same) reader.fail("the coefficients are not those that the parameters give");
}

void read_inference(const ModelReader& reader, Fit& fit) {
  const std::size_t outputs = fit.classifier.architecture.outputs;
  fit.distance = reader.inside("certificate").number_or_null("distance");
  fit.classifier.fit.optimality_gap = reader.inside("certificate").number_or_null("optimality_gap");
  if (!reader.is_null("withheld")) fit.withheld = reader.text("withheld");
  fit.log_likelihood = reader.number("log_likelihood");
  fit.null_log_likelihood = reader.number("null_log_likelihood");
  if (!fit.classifier.is_linear()) return;
  const std::size_t n = fit.classifier.parameters.size();
  if (!reader.is_null("covariance")) {
    fit.covariance = reader.numbers("covariance");
    if (fit.covariance.size() != n * (n + 1) / 2) {
      reader.fail("the covariance has not an entry for each pair of coefficients");
    }
  }
  fit.coefficients = coefficient_estimates(fit.classifier, fit.covariance);
  require_same_coefficients(reader, fit);
  if (!fit.covariance.empty() && !fit.classifier.fit.firth) {
    fit.statistics = fit_statistics(fit.log_likelihood, fit.null_log_likelihood,
                                    fit.classifier.fit.total_weight, n, outputs);
  }
}

// An edited file would be taken for what the program has written.
void require_unchanged(const ModelReader& reader, ordered_json root) {
  const std::string checksum = reader.text("checksum");
  root.erase("checksum");
  if (sha256_of(root.dump()) == checksum) return;
  reader.fail("the file was changed after it was written: its checksum is another one");
}

Model model_in(const ordered_json& root, const std::string& path) {
  const ModelReader reader(path, root);
  require_format(reader);
  Model model;
  model.program_version = reader.has("program_version") ? reader.text("program_version") : "";
  model.fit.classifier = classifier_in(reader);
  model.seed = seed_in(reader);
  if (reader.count("version") < 4) {
    model.fit.coefficients = model.classifier().is_linear()
                                 ? coefficient_estimates(model.classifier(), {})
                                 : std::vector<CoefficientEstimate>();
    model.fit.withheld = "the model was written by a version that did not keep them";
    return model;
  }
  read_threshold(reader, model);
  read_inference(reader, model.fit);
  read_records(reader, model);
  require_unchanged(reader, root);
  return model;
}

ordered_json parameters_of(const Classifier& c) {
  ordered_json parameters;
  auto next = c.parameters.begin();
  for (const ParameterBlock& block : parameter_blocks(c.architecture)) {
    const auto end = next + block.shape.size();
    parameters[block.name] = std::vector<double>(next, end);
    next = end;
  }
  return parameters;
}

ordered_json json_of(const FitRecord& fit, std::uint64_t seed) {
  const TrainingResult& training = fit.training;
  return {{"rows", fit.rows},
          {"total_weight", fit.total_weight},
          {"solver", training.solver},
          {"epochs", training.epochs},
          {"learning_rate", training.learning_rate},
          {"batch_size", training.batch_size},
          {"l1", fit.penalty.l1},
          {"l2", fit.penalty.l2},
          {"firth", fit.firth},
          {"first_loss", training.first_loss},
          {"loss", training.loss},
          {"gradient_norm", training.gradient_norm},
          {"converged", training.converged},
          {"stopped_early", training.stopped_early},
          {"interrupted", training.interrupted},
          {"separated", fit.separated},
          {"seed", seed}};
}

void add_classifier(ordered_json& root, const Classifier& c) {
  root["model"] = to_string(c.kind);
  root["target"] = c.target;
  root["classes"] = c.classes;
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
  if (!c.is_linear()) {
    root["hidden"] = c.architecture.hidden;
    root["activation"] = to_string(c.architecture.activation);
  }
  root["parameters"] = parameters_of(c);
  root["threshold"] = c.threshold;
}

// What the fit is worth.
void add_inference(ordered_json& root, const Fit& fit) {
  root["certificate"] = {{"optimality_gap", or_null(fit.classifier.fit.optimality_gap)},
                         {"distance", or_null(fit.distance)}};
  root["coefficients"] = ordered_json::array();
  for (const CoefficientEstimate& each : fit.coefficients) {
    root["coefficients"].push_back({{"class", fit.classifier.classes[each.cls]},
                                    {"name", each.name},
                                    {"estimate", each.estimate}});
  }
  root["covariance"] = fit.covariance.empty() ? ordered_json() : ordered_json(fit.covariance);
  root["withheld"] = fit.withheld.empty() ? ordered_json() : ordered_json(fit.withheld);
  root["log_likelihood"] = fit.log_likelihood;
  root["null_log_likelihood"] = fit.null_log_likelihood;
}

}  // namespace

std::string to_json(const Model& model) {
  ordered_json root;
  root["format"] = format_name;
  root["version"] = format_version;
  root["program_version"] = model.program_version;
  root["command"] = model.command;
  add_classifier(root, model.classifier());
  root["threshold_rule"] = to_string(model.threshold);
  root["training"] = json_of(model.classifier().fit, model.seed);
  add_inference(root, model.fit);
  add_records(root, model);
  try {
    root["checksum"] = sha256_of(root.dump());
    return root.dump(2) + "\n";
  } catch (const nlohmann::json::type_error& error) {
    throw std::invalid_argument(std::string("a column or class name is not UTF-8: ") +
                                error.what());
  }
}

Model parse_model(std::string_view text, const std::string& file) {
  return model_in(parsed(text, file), file);
}

Model read_model(const std::string& path) {
  return within_memory(path, [&] {
    return parse_model(
        file_contents(
            path,
            "Is the path right? `tapewise train DATA.csv --target COLUMN -o MODEL.json` writes "
            "one."),
        path);
  });
}

Classifier read_classifier(const std::string& path) {
  return std::move(read_model(path).fit.classifier);
}

}  // namespace models
