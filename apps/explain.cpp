// tapewise explain: an expression, a row of data through a model, or the documented example,
// forwards and backwards on the real tape.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <memory>

#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/data_flags.h"
#include "apps/explanation.h"
#include "apps/explanation_text.h"
#include "apps/stepper.h"
#include "autograd/explain/renderers.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/model.h"
#include "models/prediction.h"

namespace apps {
namespace {

using autograd::FormulaStyle;
using models::CrossEntropy;

struct ExplainFlags {
  std::string expression;  // "" where none is given
  std::string at;
  std::string wrt;
  std::vector<std::string> model;  // a model file and its data, or nothing
  std::size_t row = 1;
  std::shared_ptr<CsvFlags> csv;
  std::string unknown = "error";
  std::string weights = "0.5,-0.25";
  std::string bias = "0.1";
  std::string input = "1,2";
  std::string label = "1";
  std::string learning_rate;  // "" where no step is taken, 0.1 in the example
  bool unfused = false;
  bool every_operation = false;
  std::string zoom;
  std::string format;  // "" for text, or the stepper on a terminal
  bool ascii = false;
};

Example example_of(const ExplainFlags& flags) {
  Example example;
  example.weights = parse_numbers("--weights", flags.weights);
  example.bias = parse_number_flag("--bias", flags.bias);
  example.input = parse_numbers("--input", flags.input);
  example.label = parse_number_flag("--label", flags.label);
  if (example.weights.size() != example.input.size()) {
    throw UsageError("--weights has " + std::to_string(example.weights.size()) +
                     " numbers and --input " + std::to_string(example.input.size()) +
                     "; each input needs its weight");
  }
  if (example.label != 0.0 && example.label != 1.0) {
    throw UsageError("--label: must be 0 or 1, not " + flags.label);
  }
  return example;
}

TraceFlags trace_flags(const ExplainFlags& flags) {
  TraceFlags trace{flags.every_operation, std::nullopt};
  const bool is_example = flags.expression.empty() && flags.model.empty();
  const std::string& rate = flags.learning_rate.empty() && is_example ? "0.1" : flags.learning_rate;
  if (rate.empty()) return trace;
  trace.learning_rate = parse_number_flag("--learning-rate", rate);
  if (!(*trace.learning_rate > 0.0)) {
    throw UsageError("--learning-rate: must be greater than 0, not " + rate);
  }
  return trace;
}

// What the model says of the row, and what is true of it.
std::string verdict(const models::Classifier& model, const models::Dataset& data, std::size_t row) {
  models::Features one = data.features;
  one.values.assign(data.features.values.begin() + std::ptrdiff_t(row * one.columns()),
                    data.features.values.begin() + std::ptrdiff_t((row + 1) * one.columns()));
  one.lines = {data.features.lines[row]};
  const std::vector<double> probabilities = model.probabilities(one);
  std::string text = fmt::format("Row {} ({}, line {}): {} is {}; the model gives ", row + 1,
                                 data.features.file, one.lines[0], model.target,
                                 model.classes[static_cast<std::size_t>(data.labels[row])]);
  for (std::size_t k = 0; k < model.classes.size(); ++k) {
    text += fmt::format("{}{} {}", k == 0 ? "" : ", ", model.classes[k],
                        autograd::shown(probabilities[k]));
  }
  return text;
}

std::unique_ptr<Explanation> explanation_of_row(const ExplainFlags& flags) {
  csv_options(*flags.csv);  // Wrong use is said before a file is read.
  const models::Classifier model = models::read_classifier(flags.model[0]);
  if (flags.unfused && model.classes.size() != 2) {
    throw UsageError("--unfused: the textbook's form is of two classes; the model has " +
                     std::to_string(model.classes.size()));
  }
  const std::string file = models::input_name(flags.model[1]);
  return models::within_memory(file, [&] {
    const models::Table table = read_table(flags.model[1], *flags.csv, model);
    warn_of_rows_left_out(table);
    const models::SelectedRows rows = select_rows(table, model.encoding, model.target,
                                                  model.classes, unknown_policy(flags.unknown));
    warn_of_unknown(rows.unknown);
    say_what_was_filled(rows.filled, model.encoding);
    if (flags.row < 1 || flags.row > rows.data.rows()) {
      throw UsageError("--row: " + file + " has " + counted(rows.data.rows(), "row") +
                       ", counted from 1; there is no row " + std::to_string(flags.row));
    }
    auto explanation = explain_row(model, rows.data, flags.row - 1,
                                   flags.unfused ? CrossEntropy::textbook : CrossEntropy::fused,
                                   trace_flags(flags));
    explanation->title = flags.model[0] + " on a row of " + file;
    explanation->notes.push_back(verdict(model, rows.data, flags.row - 1));
    explanation->notes.emplace_back(
        "x is the row on the scale of the weights; L is its cross-entropy, without the penalty");
    return explanation;
  });
}

std::unique_ptr<Explanation> explanation_of(const ExplainFlags& flags) {
  if (!flags.expression.empty()) {
    return explain_expression(flags.expression, flags.at, flags.wrt, trace_flags(flags));
  }
  if (!flags.model.empty()) return explanation_of_row(flags);
  return explain_example(example_of(flags),
                         flags.unfused ? CrossEntropy::textbook : CrossEntropy::fused,
                         trace_flags(flags));
}

int explain(const ExplainFlags& flags) {
  const std::unique_ptr<Explanation> explanation = explanation_of(flags);
  const FormulaStyle style = flags.ascii ? FormulaStyle::ascii : FormulaStyle::unicode;
  if (!flags.zoom.empty()) {
    print(zoom_text(explanation->trace, flags.zoom, style));
  } else if (flags.format.empty() && can_step()) {
    return step_through(*explanation, flags.ascii);
  } else {
    print(rendered(*explanation, flags.format.empty() ? "text" : flags.format, style));
  }
  return exit_done;
}

void add_example_flags(CLI::App& command, ExplainFlags& flags,
                       const std::vector<const CLI::Option*>& others) {
  const InGroup group(command,
                      "The documented example, which is shown without EXPRESSION or --model");
  const std::vector<CLI::Option*> options{
      command.add_option("--weights", flags.weights, "w1,w2,…")->capture_default_str(),
      command.add_option("--bias", flags.bias, "b")->capture_default_str(),
      command.add_option("--input", flags.input, "x1,x2,…")->capture_default_str(),
      command.add_option("--label", flags.label, "y: 0 or 1")->capture_default_str()};
  for (CLI::Option* const option : options) {
    for (const CLI::Option* const other : others) option->excludes(const_cast<CLI::Option*>(other));
  }
}

}  // namespace

void add_explain(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* command = app.add_subcommand(
      "explain",
      "Backpropagation step by step: of an expression, a row through a model, or the textbook's "
      "example");
  set_examples(*command,
               {"tapewise explain \"b = a + a; c = b + b\" --at a=1",
                "tapewise explain --weights 0.5,-0.25 --bias 0.1 --input 1,2 --label 1 --unfused",
                "tapewise explain --model hours.json hours.csv --row 3",
                "tapewise explain \"mean(sigmoid(X @ w))\" --at \"X=[[1,2],[3,4]],w=[0.1,-0.4]\" "
                "--zoom \"dw[1]\""});
  CLI::Option* const expression =
      command->add_option("EXPRESSION", flags->expression, "What to explain")
          ->check(fault_of_empty);
  command->add_option("--at", flags->at, "Values of its variables: \"w=0.5,X=[[1,2],[3,4]]\"")
      ->check(fault_of_empty)
      ->needs(expression);
  command
      ->add_option("--wrt", flags->wrt,
                   "Only these are variables, separated by commas; others are constants [all]")
      ->check(fault_of_empty)
      ->needs(expression);
  CLI::Option* const model =
      command
          ->add_option("--model", flags->model, "A row of a CSV through a model that train wrote")
          ->type_name("MODEL DATA")
          ->expected(2)
          ->excludes(expression);
  command->add_option("--row", flags->row, "Which row of the data, counted from 1")
      ->check(fault_of_count)
      ->needs(model)
      ->capture_default_str();
  command
      ->add_flag("--unfused", flags->unfused,
                 "The textbook's route through da instead of the fused loss of z")
      ->excludes(expression);
  command->add_option("--learning-rate", flags->learning_rate,
                      "Take a step: parameter := parameter - rate * adjoint [0.1 in the example]");
  command->add_flag("--every-operation", flags->every_operation,
                    "A line for operations without a name, too");
  CLI::Option* const zoom = command->add_option(
      "--zoom", flags->zoom, "One element of a value or of an adjoint: \"z\", \"dw[2]\"");
  command->add_option("--format", flags->format, "What to write instead of stepping through")
      ->check(CLI::IsMember({"text", "markdown", "latex", "dot", "json"}))
      ->excludes(zoom);
  command->add_flag("--ascii", flags->ascii, "Nothing but ASCII");
  add_example_flags(*command, *flags, {expression, model});
  flags->csv = add_csv_flags(*command);
  for (CLI::Option* option : command->get_options(
           [](const CLI::Option* option) { return option->get_group() == csv_flag_group; })) {
    option->needs(model);
  }
  add_unknown_flag(*command, flags->unknown)->needs(model);
  name_values(*command, "VALUES", {"--at"});
  name_values(*command, "VARIABLES", {"--wrt"});
  name_values(*command, "NUMBERS", {"--weights", "--input"});
  name_values(*command, "NUMBER", {"--bias", "--label", "--learning-rate", "--row"});
  name_values(*command, "ELEMENT", {"--zoom"});
  command->callback([flags, &chosen] { chosen = [flags] { return explain(*flags); }; });
}

}  // namespace apps
