// tapewise export: a model as a program of another kind.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "apps/command.h"
#include "apps/data_flags.h"
#include "models/classifier.h"
#include "models/data/atomic_file.h"
#include "models/data/errors.h"
#include "models/export/c_source.h"
#include "models/export/onnx.h"
#include "models/model.h"

namespace apps {
namespace {

struct ExportFlags {
  std::string model;
  std::string to;
  std::string output;
  std::string name;
  std::string unknown = "error";
};

bool is_to_stdout(const ExportFlags& flags) { return flags.output.empty() || flags.output == "-"; }

// The file's own name without its extension.
std::string default_name(const ExportFlags& flags) {
  return std::filesystem::path(is_to_stdout(flags) ? flags.model : flags.output).stem().string();
}

std::string exported(const ExportFlags& flags, const models::Classifier& model) {
  const std::string name = flags.name.empty() ? default_name(flags) : flags.name;
  const models::UnknownPolicy unknown = unknown_policy(flags.unknown);
  if (flags.to == "onnx") return models::onnx_model(model, {name, unknown, TAPEWISE_VERSION});
  return models::c_source(model, {name, unknown, TAPEWISE_VERSION});
}

int run_export(const ExportFlags& flags) {
  if (flags.to == "onnx" && is_to_stdout(flags) && ::isatty(STDOUT_FILENO) != 0) {
    throw UsageError("ONNX is binary, and standard output is a terminal: -o FILE writes a file");
  }
  require_other_than_inputs("--output", flags.output, {flags.model});
  const std::string text = exported(flags, models::read_classifier(flags.model));
  if (is_to_stdout(flags)) {
    print(text);
  } else {
    models::write_file(flags.output, text);
    if (progress_is_visible()) spdlog::info("written to {}", models::location(flags.output));
  }
  return exit_done;
}

}  // namespace

void add_export(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = app.add_subcommand("export", "The model as C source or as ONNX");
  set_examples(*command, {"tapewise export hours.json --to c -o hours.c",
                          "tapewise export hours.json --to onnx -o hours.onnx"});
  command->add_option("MODEL", flags->model, "Model file that train wrote")->required();
  command
      ->add_option("--to", flags->to,
                   "c: one C99 file that needs nothing but the C library; onnx: for ONNX runtimes")
      ->required()
      ->check(CLI::IsMember({"c", "onnx"}));
  command->add_option("-o,--output", flags->output, "Write to this file [standard output]")
      ->type_name("FILE")
      ->check(fault_of_empty);
  command
      ->add_option("--name", flags->name,
                   "In front of what a C file declares; of ONNX the graph's [that of the file]")
      ->check(fault_of_empty);
  add_unknown_flag(*command, flags->unknown);
  command->callback([flags, &chosen] { chosen = [flags] { return run_export(*flags); }; });
}

}  // namespace apps
