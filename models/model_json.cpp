#include "models/model_json.h"

namespace models {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const std::vector<std::vector<double>>& confusion,
                     std::span<const std::size_t> order) {
  ordered_json rows = ordered_json::array();
  for (const std::size_t i : order) {
    ordered_json row = ordered_json::array();
    for (const std::size_t k : order) row.push_back(confusion[i][k]);
    rows.push_back(row);
  }
  return rows;
}

ordered_json json_of(const MeanAndSd& spread) {
  return {{"mean", spread.mean}, {"sd", or_null(spread.sd)}};
}

ordered_json json_of(const std::optional<MeanAndSd>& spread) {
  return spread ? json_of(*spread) : ordered_json(nullptr);
}

ordered_json json_of(const DataRecord::Feature& feature, const FeatureEncoding& encoding) {
  ordered_json json{{"name", feature.name}, {"role", to_string(feature.role)}};
  for (const ColumnEncoding& column : encoding.columns) {
    if (column.name != feature.name || !column.is_categorical()) continue;
    json["levels"] = column.levels;
    json["reference"] = column.levels[column.reference];
  }
  return json;
}

}  // namespace

std::vector<std::size_t> class_order(const Classifier& classifier) {
  return sorted_order(classifier.classes, classifier.encoding.decimal);
}

ordered_json json_of(const Metrics& m, std::span<const std::size_t> order) {
  return {{"accuracy", m.accuracy}, {"log_loss", m.log_loss},
          {"auc", or_null(m.auc)},  {"f1", or_null(m.f1)},
          {"brier", m.brier},       {"confusion", json_of(m.confusion, order)}};
}

ordered_json json_of(const std::optional<Metrics>& metrics, std::span<const std::size_t> order) {
  return metrics ? json_of(*metrics, order) : ordered_json(nullptr);
}

ordered_json json_of(const FoldedMetrics& m, std::span<const std::size_t> order) {
  return {{"accuracy", json_of(m.accuracy)}, {"log_loss", json_of(m.log_loss)},
          {"auc", json_of(m.auc)},           {"f1", json_of(m.f1)},
          {"brier", json_of(m.brier)},       {"confusion", json_of(m.confusion, order)}};
}

ordered_json json_of(const Evaluation& evaluation, std::span<const std::size_t> order) {
  ordered_json json{{"folds", evaluation.folds}};
  if (evaluation.holdout > 0.0) json["share"] = evaluation.holdout;
  json["seed"] = evaluation.seed;
  json["rows"] = evaluation.rows;
  json["unknown_rows"] = evaluation.unknown_rows;
  json["unconverged"] = evaluation.unconverged;
  json.update(json_of(evaluation.model, order));
  return json;
}

ordered_json json_of(const DataRecord& data, const Classifier& classifier) {
  ordered_json features = ordered_json::array();
  for (const DataRecord::Feature& each : data.features) {
    features.push_back(json_of(each, classifier.encoding));
  }
  ordered_json classes = ordered_json::array();
  ordered_json counts = ordered_json::object();
  for (const std::size_t k : class_order(classifier)) {
    classes.push_back(classifier.classes[k]);
    counts[classifier.classes[k]] = k < data.rows_of_classes.size() ? data.rows_of_classes[k] : 0;
  }
  const bool two = classifier.classes.size() == 2;
  return {{"file", data.file},
          {"sha256", data.sha256.empty() ? ordered_json(nullptr) : ordered_json(data.sha256)},
          {"read_as", data.read_as},
          {"rows", data.rows},
          {"rows_used", data.rows_used()},
          {"weighted", data.weighted},
          {"features", features},
          {"target",
           {{"name", classifier.target},
            {"classes", classes},
            {"positive", two ? ordered_json(classifier.positive_class()) : ordered_json(nullptr)},
            {"counts", counts}}}};
}

ordered_json json_of(const std::optional<TestRecord>& test, std::span<const std::size_t> order) {
  if (!test) return nullptr;
  ordered_json json{{"file", test->file}, {"rows", test->rows}};
  json.update(json_of(test->metrics, order));
  return json;
}

ordered_json json_of(std::span<const Warning> warnings) {
  ordered_json json = ordered_json::array();
  for (const Warning& warning : warnings) {
    json.push_back(
        {{"code", warning.code}, {"message", warning.message}, {"columns", warning.columns}});
  }
  return json;
}

}  // namespace models
