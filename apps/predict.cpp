// tapewise predict: labels and probabilities for the rows of a CSV.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <span>
#include <vector>

#include "apps/command.h"
#include "apps/csv_flags.h"
#include "apps/data_flags.h"
#include "models/data/atomic_file.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"
#include "models/evaluation/metrics.h"
#include "models/model.h"

namespace apps {
namespace {

struct PredictFlags {
  std::string model;
  std::string file;
  std::shared_ptr<CsvFlags> csv;
  std::string output;
  std::string unknown = "error";
};

// The label, then a probability for each class in sorted order.
std::string predictions_csv(const models::Classifier& model, std::span<const double> p) {
  const std::size_t classes = model.classes.size();
  const std::vector<std::size_t> order =
      models::sorted_order(model.classes, model.encoding.decimal);
  std::string text = csv_field(model.target);
  for (const std::size_t k : order) {
    text.append(",").append(csv_field("probability_" + model.classes[k]));
  }
  text += "\n";
  std::vector<std::string> labels;
  for (const std::string& name : model.classes) labels.push_back(csv_field(name));
  for (std::size_t row = 0; row < p.size(); row += classes) {
    text += labels[models::predicted_class(p.subspan(row, classes), model.threshold)];
    for (const std::size_t k : order) text.append(",").append(models::shortest(p[row + k]));
    text += "\n";
  }
  return text;
}

int predict_file(const PredictFlags& flags, const models::Classifier& model) {
  const models::Table table = read_table(flags.file, *flags.csv, model);
  warn_of_rows_left_out(table);
  models::SelectedFeatures selected =
      models::select_features(table, model.encoding, unknown_policy(flags.unknown));
  std::erase(selected.ignored, model.target);
  if (!selected.ignored.empty()) {
    spdlog::info("columns the model does not use: {}", models::listed(selected.ignored));
  }
  warn_of_unknown(selected.unknown);
  say_what_was_filled(selected.filled, model.encoding);
  const std::string text = predictions_csv(model, model.probabilities(selected.features));
  if (flags.output.empty()) {
    print(text);
  } else {
    models::write_file(flags.output, text);
    // Success is silent in scripts; standard output may be where the predictions went.
    if (progress_is_visible()) {
      spdlog::info("{} predictions written to {}", selected.features.rows(),
                   models::location(flags.output));
    }
  }
  return exit_done;
}

int predict(const PredictFlags& flags) {
  csv_options(*flags.csv);  // Wrong use is said before a large file is read.
  require_other_than_inputs("--output", flags.output, {flags.model, flags.file});
  const models::Classifier model = models::read_classifier(flags.model);
  return models::within_memory(models::input_name(flags.file),
                               [&] { return predict_file(flags, model); });
}

}  // namespace

void add_predict(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<PredictFlags>();
  CLI::App* command = app.add_subcommand("predict", "Labels and probabilities for new rows");
  command->footer("Example: tapewise predict model.json more.csv -o predictions.csv");
  command->add_option("MODEL", flags->model, "Model file that train wrote")->required();
  command->add_option("FILE", flags->file, "CSV with the model's columns; - is standard input")
      ->required();
  command->add_option("-o,--output", flags->output, "Write to this file [standard output]")
      ->check(fault_of_empty);
  flags->csv = add_csv_flags(*command);
  add_log_flags(*command);
  add_unknown_flag(*command, flags->unknown);
  command->callback([flags, &chosen] { chosen = [flags] { return predict(*flags); }; });
}

}  // namespace apps
