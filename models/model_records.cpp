#include "models/model_records.h"

#include <numeric>

#include "models/model_json.h"

namespace models {
namespace {

using nlohmann::ordered_json;

MeanAndSd spread_in(const ModelReader& reader) {
  return {reader.number("mean"), reader.number_or_null("sd")};
}

std::optional<MeanAndSd> spread_or_null(const ModelReader& reader, const char* name) {
  if (reader.is_null(name)) return std::nullopt;
  return spread_in(reader.inside(name));
}

// From the sorted order of the file to that of the classes.
std::vector<std::vector<double>> confusion_in(const ModelReader& reader, const Classifier& c) {
  const std::vector<std::size_t> order = class_order(c);
  const std::vector<std::vector<double>> told = reader.matrix("confusion");
  std::vector<std::vector<double>> confusion(order.size(), std::vector<double>(order.size()));
  bool fits = told.size() == order.size();
  for (std::size_t i = 0; fits && i < order.size(); ++i) {
    fits = told[i].size() == order.size();
    for (std::size_t k = 0; fits && k < order.size(); ++k) {
      confusion[order[i]][order[k]] = told[i][k];
    }
  }
  if (!fits) reader.fail("a confusion matrix has not a row and a column for each class");
  return confusion;
}

Metrics metrics_in(const ModelReader& reader, const Classifier& c) {
  return {reader.number("accuracy"),    reader.number("log_loss"),   reader.number("brier"),
          reader.number_or_null("auc"), reader.number_or_null("f1"), confusion_in(reader, c)};
}

FoldedMetrics folded_in(const ModelReader& reader, const Classifier& c) {
  return {spread_in(reader.inside("accuracy")), spread_in(reader.inside("log_loss")),
          spread_in(reader.inside("brier")),    spread_or_null(reader, "auc"),
          spread_or_null(reader, "f1"),         confusion_in(reader, c)};
}

Evaluation evaluation_in(const ModelReader& reader, const ModelReader& baseline,
                         const Classifier& c) {
  Evaluation evaluation;
  evaluation.folds = reader.count("folds");
  if (evaluation.folds == 1) evaluation.holdout = reader.number("share");
  evaluation.seed = reader.count("seed");
  evaluation.rows = reader.count("rows");
  evaluation.unknown_rows = reader.count("unknown_rows");
  evaluation.unconverged = reader.count("unconverged");
  evaluation.model = folded_in(reader, c);
  evaluation.baseline = folded_in(baseline, c);
  return evaluation;
}

Role role_in(const ModelReader& reader) {
  const std::string name = reader.text("role");
  for (const Role role : {Role::numeric, Role::boolean, Role::categorical}) {
    if (to_string(role) == name) return role;
  }
  reader.fail("the field \"role\" is not numeric, boolean or categorical");
}

DataRecord data_in(const ModelReader& reader, const Classifier& c) {
  DataRecord data;
  data.file = reader.text("file");
  if (!reader.is_null("sha256")) data.sha256 = reader.text("sha256");
  data.read_as = reader.texts("read_as");
  data.rows = reader.count("rows");
  data.weighted = reader.flag("weighted");
  const ModelReader counts = reader.inside("target").inside("counts");
  for (const std::string& name : c.classes) {
    data.rows_of_classes.push_back(counts.count(name.c_str()));
  }
  for (const ModelReader& feature : reader.all_inside("features")) {
    data.features.push_back({feature.text("name"), role_in(feature)});
  }
  return data;
}

}  // namespace

std::size_t DataRecord::rows_used() const {
  return std::accumulate(rows_of_classes.begin(), rows_of_classes.end(), std::size_t{0});
}

void add_records(ordered_json& root, const Model& model) {
  const std::vector<std::size_t> order = class_order(model.classifier());
  root["data"] = json_of(model.data, model.classifier());
  root["training_metrics"] = json_of(model.fit.training, order);
  root["validation_metrics"] = json_of(model.fit.validation, order);
  if (model.fit.validation) root["validation_metrics"]["rows"] = model.fit.kept_aside;
  root["evaluation"] = model.evaluation ? json_of(*model.evaluation, order) : ordered_json();
  root["baseline"] = model.evaluation ? json_of(model.evaluation->baseline, order) : ordered_json();
  root["test"] = json_of(model.test, order);
  root["warnings"] = json_of(model.warnings);
}

void read_records(const ModelReader& reader, Model& model) {
  const Classifier& c = model.classifier();
  model.command = reader.texts("command");
  model.data = data_in(reader.inside("data"), c);
  if (!reader.is_null("training_metrics")) {
    model.fit.training = metrics_in(reader.inside("training_metrics"), c);
  }
  if (!reader.is_null("validation_metrics")) {
    const ModelReader validation = reader.inside("validation_metrics");
    model.fit.validation = metrics_in(validation, c);
    model.fit.kept_aside = validation.count("rows");
  }
  if (!reader.is_null("evaluation")) {
    model.evaluation = evaluation_in(reader.inside("evaluation"), reader.inside("baseline"), c);
  }
  if (!reader.is_null("test")) {
    const ModelReader test = reader.inside("test");
    model.test = {test.text("file"), test.count("rows"), metrics_in(test, c)};
  }
  for (const ModelReader& warning : reader.all_inside("warnings")) {
    model.warnings.push_back(
        {warning.text("code"), warning.text("message"), warning.texts("columns")});
  }
}

}  // namespace models
