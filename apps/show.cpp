// tapewise show: what a model is, and what was found out when it was trained.
#include <spdlog/fmt/fmt.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/fit_report.h"
#include "models/data/errors.h"
#include "models/model.h"

namespace apps {
namespace {

struct ShowFlags {
  std::string model;
  bool json = false;
};

// A word as a shell takes it.
std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyz"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-+=:,./@%") == std::string::npos;
  if (plain) return word;
  return shell_quoted(word);
}

std::string origin_text(const models::Model& model) {
  std::string text;
  if (!model.program_version.empty()) {
    text += fmt::format("Written by tapewise {}\n", models::printable(model.program_version));
  }
  if (!model.command.empty()) {
    text += "Command    tapewise";
    for (const std::string& word : model.command) text += " " + models::printable(shell_word(word));
    text += "\n";
  }
  if (!model.data.sha256.empty()) text += "SHA-256    " + model.data.sha256 + " (of the data)\n";
  return text;
}

// Where the positive class is another than the rule's, somebody has chosen it.
DataFlags flags_of(const models::Classifier& classifier) {
  DataFlags flags;
  if (classifier.classes.size() > 2) return flags;
  std::vector<std::string> sorted = classifier.classes;
  if (models::sorted_order(sorted, classifier.encoding.decimal)[0] == 1) {
    std::swap(sorted[0], sorted[1]);
  }
  if (sorted[models::positive_of(sorted)] != classifier.positive_class()) {
    flags.positive = classifier.positive_class();
  }
  return flags;
}

int show(const ShowFlags& flags) {
  const models::Model model = models::read_model(flags.model);
  if (flags.json) {
    nlohmann::ordered_json json = as_json(model);
    json["seed"] = model.seed;
    json["program_version"] = model.program_version;
    json["command"] = model.command;
    print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return exit_done;
  }
  const models::Classifier& classifier = model.classifier();
  std::string text = origin_text(model);
  const bool knows_data = !model.data.rows_of_classes.empty();
  if (knows_data) {
    text += data_text(model.data, classifier.target, classifier.classes, classifier.features.size(),
                      flags_of(classifier));
  }
  for (const models::Warning& warning : model.warnings) {
    text += fmt::format("Warning    {}\n", warning.message);
  }
  print(text + report_text(model));
  return exit_done;
}

}  // namespace

void add_show(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<ShowFlags>();
  CLI::App* command = app.add_subcommand("show", "The report of a model again");
  set_examples(*command, {"tapewise show hours.json", "tapewise show hours.json --json"});
  command->add_option("MODEL", flags->model, "Model file that train wrote")->required();
  command->add_flag("--json", flags->json, "For programs");
  command->callback([flags, &chosen] { chosen = [flags] { return show(*flags); }; });
}

}  // namespace apps
