#include "autograd/verify/rule_check.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "autograd/operations.h"
#include "autograd/random.h"
#include "autograd/verify/witness.h"

namespace autograd {
namespace {

// A rule at one set of operands.
struct Trial {
  std::vector<Shape> shapes;
  std::vector<std::vector<double>> operands;
  std::vector<Index> attributes;
  // How far each entry may move before it meets a branch or leaves the domain, per operand.
  std::vector<std::vector<double>> room;
};

// ---- where to look

constexpr double unlimited = std::numeric_limits<double>::infinity();

std::vector<double> ordinary_points(Domain domain) {
  switch (domain) {
    case Domain::positive:
      return {0.3, 1.1, 2.7, 0.05, 5.5};
    case Domain::above_minus_one:
      return {-0.9, -0.3, 0.2, 1.7, 6.0};
    case Domain::unit_interval:
      return {0.1, 0.35, 0.5, 0.8, 0.99};
    case Domain::nonzero:
      return {-2.2, -0.4, 0.6, 1.9, 7.0};
    case Domain::condition:
      return {0.0, 1.0};
    case Domain::real:
      break;
  }
  return {-3.7, -1.3, -0.4, 0.3, 1.1, 2.7, 5.5, 0.0};
}

std::vector<double> tail_points(Domain domain) {
  switch (domain) {
    case Domain::positive:
      return {1e-12, 20.0, 40.0, 600.0, 1e30};
    case Domain::above_minus_one:
      return {-1.0 + 0x1p-30, 1e-12, 40.0, 1e30};
    case Domain::unit_interval:
      return {1e-12, 1.0 - 0x1p-30};
    case Domain::nonzero:
      return {-1e12, 1e-12, 40.0, 600.0};
    case Domain::condition:
      return {};
    case Domain::real:
      break;
  }
  return {-600.0, -40.0, -20.0, 20.0, 40.0, 600.0};
}

// The distance to the nearest end of a domain.
double room_in_domain(Domain domain, double x) {
  switch (domain) {
    case Domain::positive:
      return x;
    case Domain::above_minus_one:
      return 1.0 + x;
    case Domain::unit_interval:
      return std::min(x, 1.0 - x);
    case Domain::nonzero:
      return std::abs(x);
    case Domain::condition:
    case Domain::real:
      break;
  }
  return unlimited;
}

std::vector<double> first_operand_points(const RuleInfo& info) {
  std::vector<double> points = ordinary_points(info.domain[0]);
  const std::vector<double> tails = tail_points(info.domain[0]);
  points.insert(points.end(), tails.begin(), tails.end());
  for (const double kink : info.kinks) {
    for (const double offset : {-1e-3, -1e-7, 0.0, 1e-7, 1e-3}) points.push_back(kink + offset);
  }
  return points;
}

// How far operand k of an elementwise rule may move at these points.
double room_at(const RuleInfo& info, std::size_t k, const std::array<double, max_operands>& x) {
  double room = room_in_domain(info.domain[k], x[k]);
  if (k == 0) {
    for (const double kink : info.kinks) room = std::min(room, std::abs(x[0] - kink));
  }
  if (info.kink_where_equal && k < 2) room = std::min(room, std::abs(x[0] - x[1]));
  return room;
}

// The real line mapped to a domain; not to the very middle of the unit interval, where a difference
// of two logarithms, each right to the last digit, has none left.
double in_domain(Domain domain, double x) {
  switch (domain) {
    case Domain::positive:
      return std::abs(x);
    case Domain::above_minus_one:
      return std::abs(x) - 1.0;
    case Domain::unit_interval:
      return 1.0 / (1.0 + std::exp(-0.5 * std::clamp(x + std::copysign(0.05, x), -40.0, 40.0)));
    case Domain::condition:
      return x > 0.0 ? 1.0 : 0.0;
    case Domain::nonzero:
    case Domain::real:
      break;
  }
  return x;
}

// One random point in each of 20 equal cells of [−20, 20], so that nothing 4 wide is missed there.
constexpr int cells = 20;
double point_in_cell(int cell, Random& random) {
  return 40.0 * (cell + random.uniform()) / cells - 20.0;
}
// Magnitudes from 10⁻⁴ to 600, one in each of as many steps, either sign; exp(710) is not finite.
double point_on_scale(int step, Random& random) {
  const double magnitude = std::pow(10.0, 6.77 * (step + random.uniform()) / cells - 4.0);
  return random.uniform() < 0.5 ? -magnitude : magnitude;
}

// Every point of the first operand beside every combination of a few points of the others; then
// random points: of each operand over [−20, 20], and of the first one on all scales.
Trial elementwise_trial(const Rule& rule, Random& random) {
  const RuleInfo& info = rule.info;
  Trial trial;
  trial.operands.resize(rule.arity);
  trial.room.resize(rule.arity);
  const auto others = [&](std::size_t k) {
    return k < rule.arity ? ordinary_points(info.domain[k]) : std::vector<double>{0.0};
  };
  const auto add = [&](const std::array<double, max_operands>& x) {
    for (std::size_t k = 0; k < rule.arity; ++k) {
      trial.operands[k].push_back(x[k]);
      trial.room[k].push_back(room_at(info, k, x));
    }
  };
  for (const double x : first_operand_points(info)) {
    for (const double y : others(1)) {
      for (const double z : others(2)) add({x, y, z});
    }
    if (info.kink_where_equal) {
      for (const double offset : {-1e-7, 0.0, 1e-7}) add({x, x + offset, 0.0});
    }
  }
  const auto add_beside_ordinary_ones = [&](std::size_t k, double point) {
    std::array<double, max_operands> x{};
    for (std::size_t other = 0; other < rule.arity; ++other) {
      x[other] = in_domain(info.domain[other], random.uniform(-4.0, 4.0));
    }
    x[k] = in_domain(info.domain[k], point);
    add(x);
  };
  for (int cell = 0; cell < cells; ++cell) {
    for (std::size_t k = 0; k < rule.arity; ++k) {
      add_beside_ordinary_ones(k, point_in_cell(cell, random));
    }
    add_beside_ordinary_ones(0, point_on_scale(cell, random));
  }
  trial.shapes.assign(rule.arity, Shape{static_cast<Index>(trial.operands[0].size())});
  return trial;
}

// An example's shapes filled with numbers around `centre`; with branches, also numbers that meet.
Trial example_trial(const Rule& rule, const Example& example, double centre, double spread,
                    double grid, Random& random) {
  Trial trial;
  trial.shapes = example.operands;
  trial.attributes = example.attributes;
  for (const Shape& shape : example.operands) {
    std::vector<double> values(static_cast<std::size_t>(shape.size()));
    for (double& v : values) {
      v = random.uniform(-spread, spread);
      if (grid > 0.0) v = std::round(v / grid) * grid;
      v += centre;
    }
    std::vector<double> room(values.size(), unlimited);
    for (std::size_t i = 0; rule.piecewise && i < values.size(); ++i) {
      for (std::size_t j = 0; j < values.size(); ++j) {
        if (i != j) room[i] = std::min(room[i], std::abs(values[i] - values[j]));
      }
    }
    trial.operands.push_back(std::move(values));
    trial.room.push_back(std::move(room));
  }
  return trial;
}

// ---- what the tape says

// The adjoints of all operands for the loss Σ weights ⊙ rule(operands).
std::vector<std::vector<double>> adjoints_on_tape(const Rule& rule, const Trial& trial,
                                                  const std::vector<double>& weights) {
  Tape tape;
  std::vector<Operand> operands;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    operands.emplace_back(tape.variable(Values(trial.operands[k], trial.shapes[k])));
  }
  const Tensor result = tape.record(rule, operands, trial.attributes);
  const Tensor loss = sum(result * tape.constant(Values(weights, result.shape())));
  tape.backward(loss);
  std::vector<std::vector<double>> adjoints;
  for (const Operand& operand : operands) {
    const auto adjoint = operand.tensor().adjoint_values();
    adjoints.emplace_back(adjoint.begin(), adjoint.end());
  }
  return adjoints;
}

// ---- what the witnesses say

// Evaluates the value of a rule, in numbers or in complex numbers, outside any tape.
class Evaluation {
 public:
  Evaluation(const Rule& rule, const Trial& trial) : rule_(rule), trial_(trial) {
    for (std::size_t k = 0; k < rule.arity; ++k) geometry_.operands[k] = &trial.shapes[k];
    geometry_.attributes = trial.attributes;
    result_shape_ = rule.result_shape(geometry_);
    geometry_.result = &result_shape_;
  }

  [[nodiscard]] Index result_size() const { return result_shape_.size(); }

  // Σ weights ⊙ rule(operands).
  double loss(const std::vector<std::vector<double>>& operands,
              const std::vector<double>& weights) {
    const std::vector<double> result = run<double>(operands, rule_.forward, scratch_);
    double total = 0.0;
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (weights[i] != 0.0) total += weights[i] * result[i];
    }
    return total;
  }

  // Im Σ weights ⊙ rule(operands + i·step at one entry) / step, and the sum of its absolute parts.
  struct Step {
    double slope = 0.0;
    double scale = 0.0;
  };
  Step complex_step(std::size_t operand, std::size_t entry, double step,
                    const std::vector<double>& weights) {
    std::vector<std::vector<Complex>> operands;
    for (const auto& values : trial_.operands) operands.emplace_back(values.begin(), values.end());
    operands[operand][entry] = Complex(trial_.operands[operand][entry], step);
    const std::vector<Complex> result = run<Complex>(operands, rule_.forward_complex, complex_);
    Step sum;
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (weights[i] == 0.0) continue;
      const double part = weights[i] * (result[i].imaginary() / step);
      sum.slope += part;
      sum.scale += std::abs(part);
    }
    return sum;
  }

 private:
  template <class S>
  std::vector<S> run(const std::vector<std::vector<S>>& operands,
                     void (*forward)(const Rule&, const Call<S>&), Scratch<S>& scratch) const {
    std::vector<S> result(static_cast<std::size_t>(result_shape_.size()));
    Call<S> call{geometry_, {}, result.data(), &scratch};
    for (std::size_t k = 0; k < operands.size(); ++k) call.operands[k] = operands[k].data();
    forward(rule_, call);
    return result;
  }

  const Rule& rule_;
  const Trial& trial_;
  Geometry geometry_;
  Shape result_shape_;
  Scratch<double> scratch_;
  Scratch<Complex> complex_;
};

// ---- what a mistake looks like

// Slopes of one operand beside their witnesses, those that failed and all of them.
struct Evidence {
  std::vector<double> analytic, numeric;
  std::vector<double> ratios;  // of those that failed: slope / witness
};

bool close(double a, double b) { return std::abs(a - b) <= 1e-6 * std::abs(b); }

// The guess for a constant ratio of slope and witness; `counts` are the extents a sum or a mean may
// have run over.
std::string guess_from_ratio(double ratio, const std::vector<Index>& counts) {
  if (ratio == 0.0) return "The slope is never propagated there";
  if (close(ratio, -1.0)) return "The sign is wrong";
  if (close(ratio, 2.0)) return "It is counted twice, or a square's 2 is there once too often";
  if (close(ratio, 0.5)) return "Half of it is missing: is a 2 forgotten, or one of two uses?";
  for (const Index count : counts) {
    const auto n = static_cast<double>(count);
    if (close(ratio, n)) {
      return "It is " + std::to_string(count) + " times too large: a sum where a mean belongs?";
    }
    if (close(ratio, 1.0 / n)) {
      return "It is " + std::to_string(count) + " times too small: a mean where a sum belongs?";
    }
  }
  if (close(ratio, 1.0)) return "";
  return "It is " + format_number(ratio, FormulaStyle::ascii) +
         " times what it should be: a constant factor?";
}

std::string guess(const Evidence& evidence, const std::vector<Index>& counts) {
  const std::vector<double>& ratios = evidence.ratios;
  if (ratios.empty()) return "";
  if (std::all_of(ratios.begin(), ratios.end(), [](double r) { return std::isnan(r); })) {
    return "The slope is not a number";
  }
  const bool constant = std::all_of(ratios.begin(), ratios.end(), [&](double r) {
    return r == ratios[0] || close(r, ratios[0]);
  });
  if (constant) return guess_from_ratio(ratios[0], counts);
  std::vector<double> analytic = evidence.analytic;
  std::vector<double> numeric = evidence.numeric;
  const auto is_nan = [](double v) { return std::isnan(v); };
  if (std::any_of(analytic.begin(), analytic.end(), is_nan)) return "";
  std::sort(analytic.begin(), analytic.end());
  std::sort(numeric.begin(), numeric.end());
  const bool same = std::equal(analytic.begin(), analytic.end(), numeric.begin(),
                               [](double a, double b) { return a == b || close(a, b); });
  return same ? "The right numbers are in the wrong places: transposed, or in another order?" : "";
}

// ---- the comparison

class Checker {
 public:
  Checker(const Rule& rule, RuleReport& report) : rule_(rule), report_(report) {}

  void check(const Trial& trial, Random& random) {
    Evaluation evaluation(rule_, trial);
    const bool elementwise = rule_.shape == RuleShape::elementwise;
    std::vector<double> weights(static_cast<std::size_t>(evaluation.result_size()));
    for (double& weight : weights) weight = elementwise ? 1.0 : random.uniform(0.5, 1.5);
    const auto adjoints = adjoints_on_tape(rule_, trial, weights);
    // The other elements of an elementwise rule would only add their rounding to a difference.
    if (elementwise) std::fill(weights.begin(), weights.end(), 0.0);
    for (std::size_t k = 0; k < rule_.arity; ++k) {
      evidence_ = {};
      const bool passed_before = report_.passed;
      for (std::size_t i = 0; rule_.differentiable[k] && i < adjoints[k].size(); ++i) {
        if (elementwise) weights[i] = 1.0;
        check_entry(trial, evaluation, weights, k, i, adjoints[k][i]);
        if (elementwise) weights[i] = 0.0;
      }
      if (passed_before && !report_.passed) add_guess(trial, k, elementwise);
    }
  }

 private:
  void check_entry(const Trial& trial, Evaluation& evaluation, const std::vector<double>& weights,
                   std::size_t k, std::size_t i, double analytic) {
    const double x = trial.operands[k][i];
    const double room = trial.room[k][i];
    auto operands = trial.operands;
    const auto f = [&](double moved) {
      operands[k][i] = moved;
      return evaluation.loss(operands, weights);
    };
    if (rule_.piecewise && room == 0.0) {
      check_kink(k, x, analytic, one_sided(f, x, -1e-6), one_sided(f, x, 1e-6));
      return;
    }
    const double step = 1e-10 * std::min({1.0, room, x == 0.0 ? 1.0 : std::abs(x)});
    const auto witness = evaluation.complex_step(k, i, step, weights);
    ++report_.entries;
    evidence_.analytic.push_back(analytic);
    evidence_.numeric.push_back(witness.slope);
    if (!compare(k, x, analytic, "complex step", {witness.slope, 1e-12 * witness.scale})) {
      evidence_.ratios.push_back(analytic / witness.slope);
    }
    note_error(std::abs(analytic - witness.slope), witness.scale);
    if (!rule_.piecewise) return;
    // A value with branches is watched by differences too: nothing complex about them.
    const Difference difference =
        ridders(f, x, std::min(0.5 * room, 0.1 * std::max(1.0, std::abs(x))));
    compare(k, x, analytic, "differences", {difference.value, 10.0 * difference.error});
  }

  // Keeps the worst relative error; not a number is worse than any.
  void note_error(double error, double scale) {
    if (error <= std::numeric_limits<double>::min()) return;  // relative error means nothing
    const double relative = error / scale;
    if (!std::isnan(report_.worst_error) && !(relative <= report_.worst_error))
      report_.worst_error = relative;
  }

  void add_guess(const Trial& trial, std::size_t k, bool elementwise) {
    std::vector<Index> counts;
    for (int axis = 0; !elementwise && axis < trial.shapes[k].rank(); ++axis) {
      counts.push_back(trial.shapes[k][axis]);
    }
    if (!elementwise) counts.push_back(trial.shapes[k].size());
    const std::string text = guess(evidence_, counts);
    if (!text.empty()) report_.failure += ". " + text + (text.back() == '?' ? "" : ".");
  }

  // Whether the slope is within the witness's error of it.
  bool compare(std::size_t k, double x, double analytic, std::string_view witness,
               const Difference& numeric) {
    // Below the smallest normal number relative error means nothing.
    const double allowed = numeric.error + std::numeric_limits<double>::min();
    if (analytic == numeric.value || std::abs(analytic - numeric.value) <= allowed) return true;
    fail(k, x, analytic, witness, format_number(numeric.value, FormulaStyle::ascii, 17));
    return false;
  }

  void check_kink(std::size_t k, double x, double analytic, double left, double right) {
    ++report_.kinks;
    constexpr double tolerance = 1e-5;
    if (!(analytic >= std::min(left, right) - tolerance &&
          analytic <= std::max(left, right) + tolerance)) {
      fail(k, x, analytic, "one-sided slopes",
           format_number(left, FormulaStyle::ascii, 9) + " and " +
               format_number(right, FormulaStyle::ascii, 9));
    }
  }

  void fail(std::size_t k, double x, double analytic, std::string_view witness,
            const std::string& seen) {
    report_.passed = false;
    if (!report_.failure.empty()) return;
    report_.failure = std::string(rule_.info.name) + ": slope of operand " + std::to_string(k + 1) +
                      " at " + format_number(x, FormulaStyle::ascii, 17) + " is " +
                      format_number(analytic, FormulaStyle::ascii, 17) + "; " +
                      std::string(witness) + ": " + seen;
  }

  const Rule& rule_;
  RuleReport& report_;
  Evidence evidence_;  // of the operand being checked
};

void check_all_examples(const Rule& rule, Checker& checker, Random& random) {
  if (rule.examples == nullptr) return;
  for (const Example& example : rule.examples()) {
    checker.check(example_trial(rule, example, 0.0, 2.0, 0.0, random), random);
    checker.check(example_trial(rule, example, 0.0, 40.0, 0.0, random), random);
    checker.check(example_trial(rule, example, 1000.0, 2.0, 0.0, random), random);
    // On a coarse grid equal numbers meet: ties.
    checker.check(example_trial(rule, example, 0.0, 2.0, 1.0, random), random);
  }
}

}  // namespace

RuleReport check_rule(const Rule& rule, std::uint64_t seed) {
  RuleReport report;
  report.rule = &rule;
  const bool has_gradient = std::any_of(rule.differentiable.begin(), rule.differentiable.end(),
                                        [](bool differentiable) { return differentiable; });
  report.witness = !has_gradient    ? "no gradient"
                   : rule.piecewise ? "complex step, differences"
                                    : "complex step";
  if (!has_gradient) return report;
  Random random(seed);
  Checker checker(rule, report);
  if (rule.shape == RuleShape::elementwise) {
    checker.check(elementwise_trial(rule, random), random);
  } else {
    check_all_examples(rule, checker, random);
  }
  if (report.entries + report.kinks == 0) {
    report.passed = false;
    report.vacuous = true;
    report.failure = std::string(rule.info.name) +
                     ": nothing was checked, which is no pass: its examples() show no shapes to "
                     "check it at. Give it some.";
  }
  return report;
}

}  // namespace autograd
