#include "autograd/verify/rule_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "autograd/errors.h"
#include "autograd/verify/evaluation.h"
#include "autograd/verify/guess.h"
#include "autograd/verify/slopes.h"
#include "autograd/verify/witness.h"

namespace autograd {
namespace {

constexpr double complex_step_tolerance = 1e-12;

std::string exact(double number) { return format_number(number, FormulaStyle::ascii, 17); }

// A slope by differences or the complex step, and how far off it may be.
struct Witness {
  std::string_view name;
  double value = 0.0;
  double allowed = 0.0;
  double scale = 0.0;  // what an error is relative to
};

// Where an entry is looked at: alone where the trial is separable, else among all the others.
struct Place {
  Evaluation& evaluation;
  const RuleOperands& at;
  const std::vector<double>& weights;
  std::size_t operand;
  std::size_t entry;

  [[nodiscard]] double x() const { return at.values[operand][entry]; }
};

class Checker {
 public:
  Checker(const Rule& rule, RuleReport& report) : rule_(rule), report_(report) {}

  void check(const Trial& trial, Random& random) {
    Evaluation evaluation(rule_, trial.at);
    const bool separable = is_separable(rule_, trial.at);
    std::vector<double> weights(evaluation.result_size());
    for (double& weight : weights) weight = separable ? 1.0 : random.uniform(0.5, 1.5);
    slopes_ = slopes_by_reading(rule_, trial, weights);
    for (std::size_t k = 0; k < rule_.arity; ++k) check_operand(trial, k, evaluation, weights);
    check_ties(trial, evaluation, weights);
    for (const AdjointTest& test : adjoint_tests(rule_, trial.at, random)) check_adjoint(test);
  }

 private:
  void check_operand(const Trial& trial, std::size_t k, Evaluation& evaluation,
                     const std::vector<double>& weights) {
    compared_.assign(slopes_.size(), {});
    const bool passed_before = report_.passed;
    for (position_ = 0; position_ < trial.entries[k].size(); ++position_) {
      const auto i = static_cast<std::size_t>(trial.entries[k][position_]);
      if (is_separable(rule_, trial.at)) {
        // The other elements would only add their rounding to a difference.
        const RuleOperands one = element(trial.at, i);
        Evaluation alone(rule_, one);
        check_entry({alone, one, {1.0}, k, 0});
      } else {
        check_entry({evaluation, trial.at, weights, k, i});
      }
    }
    if (passed_before && !report_.passed) add_guess(trial.at, k);
  }

  void check_entry(const Place& place) {
    if (is_at_edge(rule_, place.at, place.operand, place.entry)) {
      ++report_.edges;
      return;
    }
    const double x = place.x();
    const double room = room_of(rule_, place.at, place.operand, place.entry);
    auto operands = place.at.values;
    double magnitude = 0.0;  // of what is added up
    const auto f = [&](double moved) {
      operands[place.operand][place.entry] = moved;
      const std::vector<double> result = place.evaluation.value(operands);
      double total = 0.0;
      magnitude = 0.0;
      for (std::size_t i = 0; i < result.size(); ++i) {
        total += place.weights[i] * result[i];
        magnitude += std::abs(place.weights[i] * result[i]);
      }
      return total;
    };
    if (rule_.piecewise && room == 0.0) {
      check_kink(place, one_sided(f, x, -1e-6), one_sided(f, x, 1e-6));
      return;
    }
    check_slope(place, room);
    if (!rule_.piecewise) return;
    // A value with branches is watched by differences too: nothing complex about them.
    static_cast<void>(f(x));
    const double step = std::min(0.5 * room, 0.1 * std::max(1.0, std::abs(x)));
    const Difference difference = ridders(f, x, step, magnitude);
    if (!std::isfinite(difference.error)) return;  // no room for a step
    for (const ReadingSlopes& reading : slopes_) {
      static_cast<void>(
          compare(place, reading, {"differences", difference.value, 10.0 * difference.error, 0.0}));
    }
  }

  // Each reading against the complex step.
  void check_slope(const Place& place, double room) {
    const double step = step_at(place.x(), room);
    const auto slope =
        place.evaluation.complex_step(place.operand, place.entry, step, place.weights);
    Witness witness{"complex step", slope.value, complex_step_tolerance * slope.scale, slope.scale};
    ++report_.entries;
    const double other = slope_of_other_branch(place);
    bool widened = false;
    for (std::size_t r = 0; r < slopes_.size(); ++r) {
      const double analytic = slopes_[r].of_operand[place.operand][position_];
      if (!agrees(analytic, witness) && !widened) {
        widen(place, step, witness);
        widened = true;
      }
      const bool passed = compare(place, slopes_[r], witness);
      compared_[r].push_back({analytic, slope.value, !passed, other});
      note_error(std::abs(analytic - slope.value), witness.scale);
    }
  }

  static double step_at(double x, double room) {
    return 1e-10 * std::min({1.0, room, x == 0.0 ? 1.0 : std::abs(x)});
  }

  // Where the slope is itself a sum over the other operands (of labels, in a cross-entropy), its
  // parts may cancel out. They show in how far it moves with each entry of them.
  void widen(const Place& place, double step, Witness& witness) {
    if (rule_.shape != RuleShape::fused) return;
    constexpr double nudge = 0x1p-20;
    double moved = 0.0;
    RuleOperands at = place.at;
    for (std::size_t other = 0; other < rule_.arity; ++other) {
      for (std::size_t j = 0; other != place.operand && j < at.values[other].size(); ++j) {
        at.values[other][j] *= 1.0 + nudge;
        Evaluation beside(rule_, at);
        const auto slope = beside.complex_step(place.operand, place.entry, step, place.weights);
        moved += std::abs(slope.value - witness.value) / nudge;
        at.values[other][j] = place.at.values[other][j];
      }
    }
    witness.scale = std::max(witness.scale, moved);
    witness.allowed = complex_step_tolerance * witness.scale;
  }

  // The slope as far beyond the nearest kink as this point is before it.
  double slope_of_other_branch(const Place& place) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    const auto kinks = rule_.info.kinks;
    if (kinks.empty() || place.operand != 0 || place.at.values[0].size() != 1) return none;
    const double x = place.x();
    const double kink = *std::min_element(kinks.begin(), kinks.end(), [x](double a, double b) {
      return std::abs(a - x) < std::abs(b - x);
    });
    RuleOperands beyond = place.at;
    beyond.values[0][0] = 2.0 * kink - x;
    return Evaluation(rule_, beyond)
        .complex_step(0, 0, 1e-10 * std::min(1.0, std::abs(x - kink)), place.weights)
        .value;
  }

  static bool agrees(double analytic, const Witness& witness) {
    // Below the smallest normal number relative error means nothing.
    const double allowed = witness.allowed + std::numeric_limits<double>::min();
    return analytic == witness.value || std::abs(analytic - witness.value) <= allowed;
  }

  bool compare(const Place& place, const ReadingSlopes& reading, const Witness& witness) {
    const double analytic = reading.of_operand[place.operand][position_];
    if (agrees(analytic, witness)) return true;
    fail(place, reading.reading, analytic, witness.name, exact(witness.value));
    return false;
  }

  void check_kink(const Place& place, double left, double right) {
    ++report_.kinks;
    constexpr double tolerance = 1e-5;
    for (const ReadingSlopes& reading : slopes_) {
      const double analytic = reading.of_operand[place.operand][position_];
      if (analytic >= std::min(left, right) - tolerance &&
          analytic <= std::max(left, right) + tolerance) {
        continue;
      }
      fail(place, reading.reading, analytic, "one-sided slopes",
           format_number(left, FormulaStyle::ascii, 9) + " and " +
               format_number(right, FormulaStyle::ascii, 9));
    }
  }

  // At a tie any slope between the one-sided ones will do, for each entry by itself. But entries
  // that move together stay tied, and there is one slope in that direction: what they receive
  // together.
  void check_ties(const Trial& trial, Evaluation& evaluation, const std::vector<double>& weights) {
    if (!rule_.piecewise) return;
    if (rule_.info.kink_where_equal && is_separable(rule_, trial.at)) {
      for (std::size_t i = 0; i < trial.at.values[0].size(); ++i) {
        const RuleOperands one = element(trial.at, i);
        if (one.values[0] != one.values[1]) continue;
        Evaluation alone(rule_, one);
        check_sums(alone.complex_step_of_all(1e-10, {1.0}), [i](const auto& of_operand) {
          return of_operand.empty() ? 0.0 : of_operand[i];
        });
      }
    } else if (rule_.shape == RuleShape::fused && all_entries_compared(trial)) {
      check_sums(evaluation.complex_step_of_all(1e-10, weights), [](const auto& of_operand) {
        return std::accumulate(of_operand.begin(), of_operand.end(), 0.0);
      });
    }
  }

  bool all_entries_compared(const Trial& trial) const {
    for (std::size_t k = 0; k < rule_.arity; ++k) {
      if (rule_.differentiable[k] && trial.entries[k].size() != trial.at.values[k].size()) {
        return false;
      }
    }
    return true;
  }

  template <class Part>
  void check_sums(const Evaluation::Slope& together, Part part) {
    for (const ReadingSlopes& reading : slopes_) {
      double sum = 0.0;
      for (const auto& of_operand : reading.of_operand) sum += part(of_operand);
      const Witness witness{"complex step", together.value, complex_step_tolerance * together.scale,
                            together.scale};
      if (agrees(sum, witness)) continue;
      fail(0, reading.reading,
           "slope of operand 1 and of all entries tied with it is " + exact(sum) + " in the " +
               std::string(reading.reading) + "; " + std::string(witness.name) +
               " where they move together: " + exact(witness.value) +
               ". Does each of them receive what belongs to one?");
    }
  }

  void check_adjoint(const AdjointTest& test) {
    ++report_.adjoint_tests;
    if (test.passed()) return;
    fail(test.operand, test.reading,
         "slope of operand " + std::to_string(test.operand + 1) + " in the " +
             std::string(test.reading) + " is not that of the value; adjoint test: " +
             exact(test.by_reading) + " where the value gives " + exact(test.by_value));
  }

  // Keeps the worst relative error; not a number is worse than any.
  void note_error(double error, double scale) {
    if (error <= std::numeric_limits<double>::min()) return;  // relative error means nothing
    const double relative = error / scale;
    if (!std::isnan(report_.worst_error) && !(relative <= report_.worst_error)) {
      report_.worst_error = relative;
    }
  }

  void add_guess(const RuleOperands& at, std::size_t k) {
    std::string text;
    if (report_.failed_reading == array_again) {
      text = "By itself it is right: does the pullback replace what the adjoint holds, = for +=?";
    } else if (report_.failed_reading == array_as_declared) {
      text = "By itself it is right: does it look at a value that pullback_reads does not name?";
    } else {
      const bool separable = is_separable(rule_, at);
      const std::vector<Index> counts =
          separable ? std::vector<Index>() : possible_counts(at.shapes);
      for (std::size_t r = 0; r < slopes_.size(); ++r) {
        if (slopes_[r].reading == report_.failed_reading) {
          text = guess_mistake(compared_[r], at.shapes[k], counts);
        }
      }
    }
    if (!text.empty()) report_.failure += ". " + text;
  }

  void fail(const Place& place, std::string_view reading, double analytic, std::string_view witness,
            const std::string& seen) {
    fail(place.operand, reading,
         "slope of operand " + std::to_string(place.operand + 1) + " at " + exact(place.x()) +
             " is " + exact(analytic) + " in the " + std::string(reading) + "; " +
             std::string(witness) + ": " + seen);
  }

  void fail(std::size_t operand, std::string_view reading, const std::string& what) {
    report_.passed = false;
    if (!report_.failure.empty()) return;
    report_.failure = std::string(rule_.info.name) + ": " + what;
    report_.failed_operand = operand;
    report_.failed_reading = reading;
  }

  const Rule& rule_;
  RuleReport& report_;
  // Of the trial being checked; and of its operand, for each reading, what was compared so far.
  std::vector<ReadingSlopes> slopes_;
  std::vector<std::vector<ComparedSlope>> compared_;
  std::size_t position_ = 0;  // of the entry among those that are looked at
};

RuleReport begun(const Rule& rule) {
  RuleReport report;
  report.rule = &rule;
  const bool has_adjoint_test =
      rule.shape == RuleShape::linear || rule.shape == RuleShape::bilinear;
  report.witness = !has_gradient(rule) ? "no gradient"
                   : has_adjoint_test  ? "complex step, adjoint test"
                   : rule.piecewise    ? "complex step, differences"
                                       : "complex step";
  report.readings = has_gradient(rule) ? "array, recorded, dual" : "";
  return report;
}

RuleReport checked(const Rule& rule, const std::vector<Trial>& trials, Random& random,
                   const std::string& why_nothing) {
  RuleReport report = begun(rule);
  if (report.readings.empty()) return report;
  Checker checker(rule, report);
  for (const Trial& trial : trials) checker.check(trial, random);
  if (report.entries + report.kinks == 0) {
    report.passed = false;
    report.vacuous = true;
    report.failure =
        std::string(rule.info.name) + ": nothing was checked, which is no pass: " + why_nothing;
  }
  return report;
}

[[noreturn]] void refuse(const Rule& rule, const std::string& reason) {
  throw ArgumentError("check_rule_at(" + std::string(rule.info.name) + "): " + reason + ".");
}

void require_operands_of(const Rule& rule, const RuleOperands& at) {
  if (at.shapes.size() != rule.arity || at.values.size() != rule.arity) {
    refuse(rule, "it takes " + std::to_string(rule.arity) + " operands; there are " +
                     std::to_string(at.shapes.size()) + " shapes and " +
                     std::to_string(at.values.size()) + " lists of values");
  }
  for (std::size_t k = 0; k < rule.arity; ++k) {
    const std::string operand = "operand " + std::to_string(k + 1);
    if (static_cast<Index>(at.values[k].size()) != at.shapes[k].size()) {
      refuse(rule, operand + " has shape " + to_string(at.shapes[k]) + " and " +
                       std::to_string(at.values[k].size()) + " values");
    }
    for (const double value : at.values[k]) {
      if (!std::isfinite(value)) {
        refuse(rule, operand + " holds " + format_number(value, FormulaStyle::ascii) +
                         ", where there is no derivative to check");
      }
    }
  }
  try {
    static_cast<void>(result_shape(rule, at));
  } catch (const ShapeMismatch& mismatch) {
    refuse(rule, mismatch.reason);
  }
}

}  // namespace

RuleReport check_rule(const Rule& rule, std::uint64_t seed) {
  Random random(seed);
  return checked(rule, trials_of(rule, random), random,
                 "its examples() show no shapes to check it at. Give it some.");
}

RuleReport check_rule_at(const Rule& rule, const RuleOperands& at, std::uint64_t seed) {
  require_operands_of(rule, at);
  Random random(seed);
  return checked(rule, {trial_at(rule, at, random)}, random,
                 "all of its operands lie at the edge of its domain.");
}

}  // namespace autograd
