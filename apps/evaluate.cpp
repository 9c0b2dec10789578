// tapewise evaluate: how a model does on labelled rows.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/csv_flags.h"
#include "apps/data_flags.h"
#include "apps/fit_report.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/evaluation/calibration.h"
#include "models/evaluation/metrics.h"
#include "models/model.h"
#include "models/model_json.h"

namespace apps {
namespace {

struct EvaluateFlags {
  std::string model;
  std::string file;
  std::shared_ptr<CsvFlags> csv;
  std::vector<std::string> weight;
  std::string unknown = "error";
  bool json = false;
};

std::string calibration_text(const models::Calibration& calibration,
                             const models::Classifier& classifier) {
  const std::string of = classifier.classes.size() == 2
                             ? models::printable(classifier.positive_class())
                             : "the predicted class";
  std::string text = fmt::format(
      "\nCalibration: of rows whose probability of {} is in a range, the share that is of it\n"
      "  {:<12}  {:>8}  {:>9}  {:>8}  {:>16}\n",
      of, "probability", "rows", "predicted", "observed", "95 % interval");
  for (const models::CalibrationBin& bin : calibration.bins) {
    if (!(bin.rows > 0.0)) continue;
    text += fmt::format("  {:<12}  {:>8g}  {:>9.4f}  {:>8.4f}  {:>16}\n",
                        fmt::format("{:.1f} to {:.1f}", bin.from, bin.to), bin.rows,
                        bin.mean_probability, bin.share,
                        fmt::format("{:.3f} to {:.3f}", bin.share_low, bin.share_high));
  }
  return text + fmt::format("  expected calibration error {:.4f}\n", calibration.expected_error);
}

nlohmann::ordered_json json_of(const models::Calibration& calibration) {
  nlohmann::ordered_json bins = nlohmann::ordered_json::array();
  for (const models::CalibrationBin& bin : calibration.bins) {
    const bool empty = !(bin.rows > 0.0);
    const auto known = [&](double value) {
      return empty ? nlohmann::ordered_json() : nlohmann::ordered_json(value);
    };
    bins.push_back({{"from", bin.from},
                    {"to", bin.to},
                    {"rows", bin.rows},
                    {"mean_probability", known(bin.mean_probability)},
                    {"share", known(bin.share)},
                    {"share_low", known(bin.share_low)},
                    {"share_high", known(bin.share_high)}});
  }
  return {{"bins", bins}, {"expected_error", calibration.expected_error}};
}

int evaluate_on_file(const EvaluateFlags& flags, const models::Model& model) {
  const models::Classifier& classifier = model.classifier();
  const std::string weight = flags.weight.empty() ? "" : flags.weight.front();
  const models::Table table = read_table(flags.file, *flags.csv, classifier, weight, true);
  warn_of_rows_left_out(table);
  const models::SelectedRows rows =
      models::select_rows(table, classifier.encoding, classifier.target, classifier.classes,
                          unknown_policy(flags.unknown), weight);
  warn_of_unknown(rows.unknown);
  say_what_was_filled(rows.filled, classifier.encoding);
  const bool trained_on = warn_of_training_file(model.data, table);
  if (model.data.weighted && weight.empty()) {
    spdlog::info("the model was trained with weights; here each row counts as one (--weight)");
  }
  const std::size_t classes = classifier.classes.size();
  const std::vector<double> log_p = classifier.log_probabilities(rows.data.features);
  const models::Metrics metrics =
      models::metrics_of(rows.data.labels, log_p, classes, rows.data.weights, classifier.threshold);
  const models::Calibration calibration =
      models::calibration_of(rows.data.labels, log_p, classes, rows.data.weights);
  if (!flags.json) {
    print(fmt::format("Data       {}: {}, target {}\n{}{}{}",
                      models::location(models::input_name(flags.file)),
                      counted(rows.data.rows(), "row"), models::printable(classifier.target),
                      threshold_text(model), metrics_text(metrics, classifier),
                      calibration_text(calibration, classifier)));
    return exit_done;
  }
  const std::vector<std::size_t> order = models::class_order(classifier);
  nlohmann::ordered_json json{{"file", models::input_name(flags.file)},
                              {"rows", rows.data.rows()},
                              {"trained_on", trained_on}};
  json["classes"] = nlohmann::ordered_json::array();
  for (const std::size_t k : order) json["classes"].push_back(classifier.classes[k]);
  json["threshold"] =
      classes == 2 ? nlohmann::ordered_json(classifier.threshold) : nlohmann::ordered_json();
  json.update(models::json_of(metrics, order));
  json["calibration"] = json_of(calibration);
  print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  return exit_done;
}

int evaluate(const EvaluateFlags& flags) {
  csv_options(*flags.csv);  // Wrong use is said before a large file is read.
  const models::Model model = models::read_model(flags.model);
  return models::within_memory(models::input_name(flags.file),
                               [&] { return evaluate_on_file(flags, model); });
}

}  // namespace

void add_evaluate(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<EvaluateFlags>();
  CLI::App* command = app.add_subcommand("evaluate", "How a model does on labelled rows");
  set_examples(*command, {"tapewise evaluate hours.json hours.csv",
                          "tapewise evaluate hours.json hours.csv --json > figures.json"});
  command->add_option("MODEL", flags->model, "Model file that train wrote")->required();
  command
      ->add_option("FILE", flags->file,
                   "CSV with the model's columns and its target; - is standard input")
      ->required();
  add_weight_flag(*command, flags->weight);
  add_unknown_flag(*command, flags->unknown);
  command->add_flag("--json", flags->json, "For programs");
  flags->csv = add_csv_flags(*command);
  add_log_flags(*command);
  command->callback([flags, &chosen] { chosen = [flags] { return evaluate(*flags); }; });
}

}  // namespace apps
