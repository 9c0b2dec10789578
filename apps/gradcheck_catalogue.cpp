// tapewise gradcheck, tapewise gradcheck --op NAME: operations of the engine against independent
// witnesses.
#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/gradcheck.h"
#include "autograd/rules/catalogue.h"
#include "autograd/suggestion.h"
#include "autograd/verify/rule_check.h"

namespace apps {
namespace {

using autograd::RuleReport;
using Reports = std::vector<RuleReport>;

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

bool has_gradient(const RuleReport& report) {
  return report.vacuous || report.entries + report.kinks > 0;
}

std::string_view verdict_of(const RuleReport& report) {
  if (report.vacuous) return "vacuous";
  if (!report.passed) return "FAIL";
  return has_gradient(report) ? "pass" : "-";
}

std::string table_of(const Reports& reports) {
  std::string table = fmt::format("{:<34} {:<26} {:>7} {:>5} {:>11}  {}\n", "operation", "witness",
                                  "entries", "kinks", "worst error", "verdict");
  for (const RuleReport& report : reports) {
    const bool checked = report.entries + report.kinks > 0;
    table +=
        fmt::format("{:<34} {:<26} {:>7} {:>5} {:>11}  {}\n", report.rule->info.name,
                    report.witness, report.entries, report.kinks,
                    checked ? fmt::format("{:.1e}", report.worst_error) : "-", verdict_of(report));
  }
  return table;
}

std::string text_of(const Reports& reports, std::uint64_t seed) {
  std::string failures;
  int passed = 0;
  int failed = 0;
  int without_gradient = 0;
  for (const RuleReport& report : reports) {
    if (!report.passed) {
      ++failed;
      failures += report.failure + "\n";
    } else {
      ++(has_gradient(report) ? passed : without_gradient);
    }
  }
  return table_of(reports) +
         fmt::format(
             "\n{} operation{} verified, {} failed, {} without a gradient (seed {}). Errors "
             "are relative to the complex step;\nat kinks and ties the slope lies between "
             "the one-sided ones.\n",
             passed, passed == 1 ? "" : "s", failed, without_gradient, seed) +
         (failures.empty() ? "" : "\n" + failures);
}

std::string json_of(const Reports& reports, std::uint64_t seed, bool all_passed) {
  nlohmann::ordered_json root{{"verdict", all_passed ? "PASS" : "FAIL"}, {"seed", seed}};
  root["operations"] = nlohmann::ordered_json::array();
  for (const RuleReport& report : reports) {
    const std::string_view verdict = report.vacuous         ? "VACUOUS"
                                     : !report.passed       ? "FAIL"
                                     : has_gradient(report) ? "PASS"
                                                            : "NO GRADIENT";
    root["operations"].push_back({{"name", report.rule->info.name},
                                  {"verdict", verdict},
                                  {"witness", report.witness},
                                  {"readings", report.readings},
                                  {"entries", report.entries},
                                  {"kinks", report.kinks},
                                  {"worst_error", report.worst_error},
                                  {"failure", report.failure}});
  }
  return root.dump(2) + "\n";
}

}  // namespace

int check_catalogue(const GradcheckFlags& flags) {
  Reports reports;
  for (const autograd::Rule* rule : chosen_rules(flags)) {
    reports.push_back(autograd::check_rule(*rule, flags.seed));
  }
  const bool all_passed = std::all_of(reports.begin(), reports.end(),
                                      [](const RuleReport& report) { return report.passed; });
  print(flags.json ? json_of(reports, flags.seed, all_passed) : text_of(reports, flags.seed));
  return all_passed ? exit_done : exit_check_failed;
}

}  // namespace apps
