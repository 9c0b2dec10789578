// The kill matrix: every mutant put before a checker, and the table of what it caught.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "autograd/rules/catalogue.h"
#include "autograd/verify/mutation.h"
#include "autograd/verify/slopes.h"

namespace autograd {
namespace {

// ---- what a mutant changes

// Whether two slopes differ by more than rounding; below the smallest normal number a relative
// error means nothing, here as in the check.
bool differ(double a, double b) {
  constexpr double smallest = std::numeric_limits<double>::min();
  return !(std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) + smallest);
}

bool differ(const std::vector<ReadingSlopes>& a, const std::vector<ReadingSlopes>& b) {
  for (std::size_t r = 0; r < a.size(); ++r) {
    for (std::size_t k = 0; k < a[r].of_operand.size(); ++k) {
      const std::vector<double>& ours = a[r].of_operand[k];
      const std::vector<double>& theirs = b[r].of_operand[k];
      for (std::size_t i = 0; i < ours.size(); ++i) {
        if (differ(ours[i], theirs[i])) return true;
      }
    }
  }
  return false;
}

// A trial, and the slopes that the rule as it should be has there.
struct Probe {
  Trial trial;
  std::vector<double> weights;
  std::vector<ReadingSlopes> slopes;
};

std::vector<Probe> probes_of(const Rule& rule, std::uint64_t seed) {
  Random random(seed);
  std::vector<Probe> probes;
  for (Trial& trial : trials_of(rule, random)) {
    std::vector<double> weights(static_cast<std::size_t>(result_shape(rule, trial.at).size()), 1.0);
    for (double& weight : weights) {
      if (!is_separable(rule, trial.at)) weight = random.uniform(0.5, 1.5);
    }
    std::vector<ReadingSlopes> slopes = slopes_by_reading(rule, trial, weights);
    probes.push_back({std::move(trial), std::move(weights), std::move(slopes)});
  }
  return probes;
}

bool changes_something(const Mutant& mutant, const std::vector<Probe>& probes) {
  return std::any_of(probes.begin(), probes.end(), [&mutant](const Probe& probe) {
    return differ(probe.slopes, slopes_by_reading(mutant, probe.trial, probe.weights));
  });
}

// ---- the matrix

// The check fails, and says of what.
bool names(const RuleReport& report, const MutationResult& mutant) {
  const bool of_array = mutant.reading == MutatedReading::array_at_once;
  const std::string_view reading = to_string(of_array ? MutatedReading::array : mutant.reading);
  return !report.passed && report.failure.starts_with(std::string(mutant.rule->info.name) + ": ") &&
         report.failure.find("operand " + std::to_string(mutant.operand + 1)) !=
             std::string::npos &&
         report.failure.find(reading) != std::string::npos;
}

// Every mutant of one rule.
void add_results(const Rule& rule, std::uint64_t seed, const RuleChecker& checker,
                 std::vector<MutationResult>& results) {
  const std::vector<Probe> probes = probes_of(rule, seed);
  for (std::size_t r = 0; r < mutated_reading_count; ++r) {
    for (std::size_t k = 0; k < rule.arity; ++k) {
      for (std::size_t m = 0; m < mutation_count; ++m) {
        MutationResult result{&rule, MutatedReading(r), k, Mutation(m), Outcome::survived, ""};
        if (!has_meaning(rule, result.reading, k, result.mutation)) continue;
        const Mutant mutant = mutant_of(rule, result.reading, k, result.mutation);
        if (changes_something(mutant, probes)) {
          const RuleReport report = checker(mutant, seed);
          result.outcome = names(report, result) ? Outcome::caught : Outcome::survived;
          result.failure = report.failure;
        } else {
          result.outcome = Outcome::not_applicable;
        }
        results.push_back(std::move(result));
      }
    }
  }
}

// ---- the text

// The mutations as heads of columns.
constexpr std::array<std::string_view, mutation_count> heads{
    "x1.0005", "negated", "zeroed", "transp.", "part", "others",
    "mean",    "sum",     "=",      "is 1",    "reads"};
constexpr std::string_view legend =
    "Caught/applicable, over the operands of each operation, where its slope is x1.0005, negated, "
    "zeroed,\ntransposed; part: without what the last element sends back; others: without what the "
    "others of a fibre\nsend; mean: for a sum; sum: for a mean; =: for +=; is 1: it is said to be; "
    "reads: it is not said what.\n\n";

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  result.resize(std::max(width, text.size()), ' ');
  return result;
}

std::string cell(const KillMatrix& matrix, const Rule& rule, MutatedReading reading,
                 Mutation mutation) {
  int applicable = 0;
  int caught = 0;
  bool any = false;
  for (const MutationResult& result : matrix.results) {
    if (result.rule != &rule || result.reading != reading || result.mutation != mutation) continue;
    any = true;
    if (result.outcome != Outcome::not_applicable) ++applicable;
    if (result.outcome == Outcome::caught) ++caught;
  }
  if (!any) return "";
  return applicable == 0 ? "-" : std::to_string(caught) + "/" + std::to_string(applicable);
}

std::string table_of(const KillMatrix& matrix, MutatedReading reading) {
  std::vector<const Rule*> rules;
  std::size_t width = 0;
  for (const MutationResult& result : matrix.results) {
    if (result.reading != reading || (!rules.empty() && rules.back() == result.rule)) continue;
    rules.push_back(result.rule);
    width = std::max(width, result.rule->info.name.size() + 2);
  }
  std::vector<Mutation> columns;
  for (std::size_t m = 0; m < mutation_count; ++m) {
    const auto shown = [&](const MutationResult& result) {
      return result.reading == reading && result.mutation == Mutation(m);
    };
    if (std::any_of(matrix.results.begin(), matrix.results.end(), shown)) {
      columns.push_back(Mutation(m));
    }
  }
  std::string text = std::string(to_string(reading)) + "\n" + padded("operation", width);
  const auto finish_line = [&text] { text.erase(text.find_last_not_of(' ') + 1) += "\n"; };
  const auto add = [&text](Mutation column, std::string_view content) {
    constexpr std::size_t narrowest = 5;
    const std::size_t head = heads[static_cast<std::size_t>(column)].size() + 2;
    text += padded(content, std::max(narrowest, head));
  };
  for (const Mutation column : columns) add(column, heads[static_cast<std::size_t>(column)]);
  finish_line();
  for (const Rule* rule : rules) {
    text += padded(rule->info.name, width);
    for (const Mutation column : columns) add(column, cell(matrix, *rule, reading, column));
    finish_line();
  }
  return text + "\n";
}

// The results of one outcome: a line for each rule, operand and mutation, with the readings.
std::string list_of(const KillMatrix& matrix, Outcome outcome, const std::string& title) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const MutationResult& result : matrix.results) {
    if (result.outcome != outcome) continue;
    const std::string what = "  " + std::string(result.rule->info.name) + ", operand " +
                             std::to_string(result.operand + 1) + ", " +
                             std::string(to_string(result.mutation)) + ": ";
    const std::string where = std::string(to_string(result.reading)) +
                              (result.failure.empty() ? "" : " (\"" + result.failure + "\")");
    const auto same = std::find_if(lines.begin(), lines.end(),
                                   [&what](const auto& line) { return line.first == what; });
    if (same == lines.end()) {
      lines.emplace_back(what, where);
    } else {
      same->second += ", " + where;
    }
  }
  std::string text;
  for (const auto& [what, where] : lines) text += what + where + "\n";
  return text.empty() ? "" : title + "\n" + text + "\n";
}

std::size_t count(const KillMatrix& matrix, Outcome outcome) {
  return static_cast<std::size_t>(
      std::count_if(matrix.results.begin(), matrix.results.end(),
                    [outcome](const MutationResult& r) { return r.outcome == outcome; }));
}

}  // namespace

std::size_t KillMatrix::mutants() const {
  return results.size() - count(*this, Outcome::not_applicable);
}

std::size_t KillMatrix::caught() const { return count(*this, Outcome::caught); }

std::string KillMatrix::text() const {
  std::string text(legend);
  for (std::size_t r = 0; r < mutated_reading_count; ++r) {
    text += table_of(*this, MutatedReading(r));
  }
  text += list_of(*this, Outcome::not_applicable, "Not applicable, for they change nothing:");
  text += list_of(*this, Outcome::survived, "Survived:");
  const std::size_t percent = mutants() == 0 ? 0 : 100 * caught() / mutants();
  return text + std::to_string(mutants()) + " mutants, " + std::to_string(caught()) + " caught (" +
         std::to_string(percent) + " %)\n";
}

KillMatrix kill_matrix(std::uint64_t seed) { return kill_matrix(seed, check_rule); }

KillMatrix kill_matrix(std::uint64_t seed, const RuleChecker& checker) {
  KillMatrix matrix{seed, {}};
  for (const Rule* rule : catalogue()) {
    if (has_gradient(*rule)) add_results(*rule, seed, checker, matrix.results);
  }
  return matrix;
}

}  // namespace autograd
