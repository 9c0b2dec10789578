// tapewise gradcheck: every operation of the catalogue against independent witnesses.
#include <spdlog/fmt/fmt.h>

#include <memory>

#include "apps/command.h"
#include "autograd/rules/catalogue.h"
#include "autograd/suggestion.h"
#include "autograd/verify/rule_check.h"

namespace apps {
namespace {

struct GradcheckFlags {
  std::string operation;
  std::uint64_t seed = 1;
};

std::vector<const autograd::Rule*> chosen_rules(const GradcheckFlags& flags) {
  const auto all = autograd::catalogue();
  if (flags.operation.empty()) return {all.begin(), all.end()};
  if (const autograd::Rule* rule = autograd::find_rule(flags.operation)) return {rule};
  std::vector<std::string> names;
  for (const autograd::Rule* rule : all) names.emplace_back(rule->info.name);
  const std::string guess = autograd::did_you_mean(flags.operation, names);
  throw UsageError("--op: there is no operation \"" + flags.operation + "\"" +
                   (guess.empty() ? "" : "; " + guess));
}

std::string_view verdict_of(const autograd::RuleReport& report) {
  if (report.vacuous) return "vacuous";
  if (!report.passed) return "FAIL";
  return report.entries + report.kinks > 0 ? "pass" : "-";
}

int gradcheck(const GradcheckFlags& flags) {
  const std::vector<const autograd::Rule*> rules = chosen_rules(flags);
  std::string table = fmt::format("{:<34} {:<26} {:>7} {:>5} {:>11}  {}\n", "operation", "witness",
                                  "entries", "kinks", "worst error", "verdict");
  std::string failures;
  int passed = 0;
  int without_gradient = 0;
  for (const autograd::Rule* rule : rules) {
    const autograd::RuleReport report = autograd::check_rule(*rule, flags.seed);
    const bool checked = report.entries + report.kinks > 0;
    table +=
        fmt::format("{:<34} {:<26} {:>7} {:>5} {:>11}  {}\n", rule->info.name, report.witness,
                    report.entries, report.kinks,
                    checked ? fmt::format("{:.1e}", report.worst_error) : "-", verdict_of(report));
    if (!checked && report.passed) ++without_gradient;
    if (checked && report.passed) ++passed;
    if (!report.passed) failures += report.failure + "\n";
  }
  const int failed = static_cast<int>(rules.size()) - passed - without_gradient;
  print(table +
        fmt::format("\n{} operations verified, {} failed, {} without a gradient (seed {}). Errors "
                    "are relative to the complex step;\nat kinks and ties the slope lies between "
                    "the one-sided ones.\n",
                    passed, failed, without_gradient, flags.seed) +
        (failures.empty() ? "" : "\n" + failures));
  return failed == 0 ? exit_done : exit_check_failed;
}

}  // namespace

void add_gradcheck(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<GradcheckFlags>();
  CLI::App* command =
      app.add_subcommand("gradcheck", "Verify the gradient of every operation of the engine");
  command->footer("Example: tapewise gradcheck --op sigmoid");
  command->add_option("--op", flags->operation, "Only this operation")->check(fault_of_empty);
  command->add_option("--seed", flags->seed, "Seed of the random points")
      ->check(fault_of_count)
      ->capture_default_str();
  command->callback([flags, &chosen] { chosen = [flags] { return gradcheck(*flags); }; });
}

}  // namespace apps
