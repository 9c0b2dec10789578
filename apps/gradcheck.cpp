// tapewise gradcheck: its flags, and which of its checks they ask for.
#include "apps/gradcheck.h"

#include <memory>

#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/data_flags.h"

namespace apps {
namespace {

double tolerance(const char* flag, const std::string& text) {
  const double value = parse_number_flag(flag, text);
  if (value < 0.0) throw UsageError(std::string(flag) + ": must be 0 or more");
  return value;
}

int gradcheck(const GradcheckFlags& flags) {
  if (!flags.expression.empty()) return check_expression(flags);
  if (!flags.model.empty()) return check_model(flags);
  if (flags.self_test) return check_the_checker(flags);
  return check_catalogue(flags);
}

// What the check of one expression or model has, and the catalogue's has not.
std::vector<CLI::Option*> add_options_of_one_check(CLI::App& command, GradcheckFlags& flags) {
  return {command.add_option("--order", flags.order, "2: the gradient of the gradient as well")
              ->check(CLI::IsMember({1, 2}))
              ->capture_default_str(),
          command.add_option("--rtol", flags.rtol_differences, "Relative tolerance of differences")
              ->capture_default_str(),
          command
              .add_option("--rtol-complex-step", flags.rtol_complex_step,
                          "Relative tolerance of the complex step")
              ->capture_default_str(),
          command.add_flag("-v,--verbose", flags.every_entry, "Every entry of every variable")};
}

}  // namespace

autograd::CheckOptions check_options(const GradcheckFlags& flags) {
  autograd::CheckOptions options;
  options.seed = flags.seed;
  options.order = flags.order;
  options.rtol_complex_step = tolerance("--rtol-complex-step", flags.rtol_complex_step);
  options.rtol_differences = tolerance("--rtol", flags.rtol_differences);
  return options;
}

std::string as_text(const autograd::GradientReport& report, bool every_entry) {
  return report.text(every_entry) + (report.failure.empty() ? "" : "\n" + report.failure + "\n");
}

void add_gradcheck(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<GradcheckFlags>();
  CLI::App* command = app.add_subcommand(
      "gradcheck",
      "Verify a gradient: of an expression, a model, or every operation of the engine");
  set_examples(
      *command,
      {"tapewise gradcheck --op sigmoid",
       "tapewise gradcheck \"z = w*x + b; -log(sigmoid(z))\" --at w=0.5,x=2,b=0.1",
       "tapewise gradcheck \"sum((X @ w - 1)^2)\" --at \"X=[[1,2],[3,4]],w=[0.1,-0.4]\" --wrt w",
       "tapewise gradcheck --model hours.json hours.csv"});
  CLI::Option* expression =
      command->add_option("EXPRESSION", flags->expression, "What to differentiate")
          ->check(fault_of_empty);
  command->add_option("--at", flags->at, "Values of its variables: \"w=0.5,X=[[1,2],[3,4]]\"")
      ->check(fault_of_empty)
      ->needs(expression);
  command->add_option("--wrt", flags->wrt, "Only these variables, separated by commas [all]")
      ->check(fault_of_empty)
      ->needs(expression);
  CLI::Option* model = command
                           ->add_option("--model", flags->model,
                                        "The loss of a model that train wrote, on a CSV with its "
                                        "columns")
                           ->type_name("MODEL DATA")
                           ->expected(2)
                           ->excludes(expression);
  CLI::Option* operation =
      command->add_option("--op", flags->operation, "Only this operation of the engine")
          ->check(fault_of_empty)
          ->excludes(expression)
          ->excludes(model);
  command
      ->add_flag("--self-test", flags->self_test,
                 "Check the checker: wrong rules of every kind, each of which must be caught")
      ->excludes(expression)
      ->excludes(model)
      ->excludes(operation);
  command->add_option("--seed", flags->seed, "Seed of the random points and directions")
      ->check(fault_of_count)
      ->capture_default_str();
  command->add_flag("--json", flags->json, "The report as JSON");
  flags->csv = add_csv_flags(*command);
  for (CLI::Option* option : command->get_options(
           [](const CLI::Option* option) { return option->get_group() == csv_flag_group; })) {
    option->needs(model);
  }
  add_unknown_flag(*command, flags->unknown)->needs(model);
  const std::vector<CLI::Option*> of_one_check = add_options_of_one_check(*command, *flags);
  name_values(*command, "VALUES", {"--at"});
  name_values(*command, "VARIABLES", {"--wrt"});
  name_values(*command, "OPERATION", {"--op"});
  name_values(*command, "NUMBER", {"--rtol", "--rtol-complex-step"});
  command->callback([=, &chosen] {
    for (const CLI::Option* option : of_one_check) {
      if (option->empty() || !expression->empty() || !model->empty()) continue;
      throw UsageError(option->get_name() + ": only for an expression or a model");
    }
    chosen = [flags] { return gradcheck(*flags); };
  });
}

}  // namespace apps
