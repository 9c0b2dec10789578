#include "autograd/verify/blame.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "autograd/verify/rule_check.h"

namespace autograd {
namespace {

std::string place_of(const Node& node) {
  const std::string where = to_string(node.where);
  return where.empty() ? "" : " (" + where + ")";
}

// What a node did with the movement of its operands beside what its pullback made of its adjoint:
// v̄·v̇ of the result and the sum of those of the operands are equal where the pullback is right.
class Flow {
 public:
  Flow(const Recording& recording, const Replay& replay) : recording_(recording), replay_(replay) {}

  // How far they are apart; 0 where they agree up to rounding or nothing is known.
  double discrepancy(std::size_t index) {
    const Tape& tape = recording_.tape();
    const Node& node = tape.node(index);
    const auto upstream = tape.adjoint_of(node);
    const std::vector<double> movement = replay_.movement(index);
    if (upstream.empty() || movement.empty()) return 0.0;
    parts_ = 0.0;
    double difference = product(upstream, movement);
    Call<double> call{tape.geometry_of(node), {}, node.value, &scratch_};
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      call.operands[k] = tape.node(node.operands[k]).value;
    }
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      const std::vector<double> moved = replay_.movement(node.operands[k]);
      if (moved.empty() || !node.rule->differentiable[k]) continue;
      std::vector<double> adjoint(moved.size());
      node.rule->pullback(*node.rule, call, k, upstream.data(), adjoint.data());
      difference -= product(adjoint, moved);
    }
    return std::abs(difference) > 1e-11 * parts_ ? std::abs(difference) : 0.0;
  }

 private:
  double product(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum += a[i] * b[i];
      parts_ += std::abs(a[i] * b[i]);
    }
    return sum;
  }

  const Recording& recording_;
  const Replay& replay_;
  Scratch<double> scratch_;
  double parts_ = 0.0;
};

bool is_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

struct Suspect {
  std::size_t index = 0;
  double lost = 0.0;  // Flow::discrepancy()
};

// The operations on the way from what moves to the loss: those that lost most of it first, then the
// others from the loss backwards.
std::vector<Suspect> suspects(const Recording& recording, Prober& prober) {
  std::vector<Suspect> ordered;
  for (std::size_t index = recording.loss().index() + std::size_t{1}; index-- > 0;) {
    const Node& node = recording.tape().node(index);
    if (!recording.needs(index) || node.rule == nullptr || !node.requires_gradient()) continue;
    const double lost =
        prober.replays() ? Flow(recording, prober.replay()).discrepancy(index) : 0.0;
    ordered.push_back({index, lost});
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Suspect& a, const Suspect& b) { return a.lost > b.lost; });
  constexpr std::size_t most = 200;  // operations looked at
  if (ordered.size() > most) ordered.resize(most);
  return ordered;
}

// The failure of a rule at the operands a node has; "" where it is right, or cannot be asked.
std::string failure_at(const Tape& tape, const Node& node, std::uint64_t seed) {
  RuleOperands at;
  for (const std::uint32_t operand : node.operand_indices()) {
    const Node& of = tape.node(operand);
    const auto values = tape.values_of(of);
    if (!is_finite(values)) return "";
    at.shapes.push_back(tape.shape_of(of));
    at.values.emplace_back(values.begin(), values.end());
  }
  const auto attributes = tape.geometry_of(node).attributes;
  at.attributes.assign(attributes.begin(), attributes.end());
  const RuleReport report = check_rule_at(*node.rule, at, seed);
  return report.passed || report.vacuous ? "" : report.failure;
}

std::string accusation(const Node& node, const std::string& how, std::string failure) {
  const std::string name(node.rule->info.name);
  if (failure.starts_with(name + ": ")) failure.erase(0, name.size() + 2);
  return "The rule " + name + place_of(node) + " is wrong" + how + ": " + failure;
}

// First at the values each has; then anywhere, since some mistakes show with other adjoints alone;
// then by what it made of its own.
std::string guilty(const Recording& recording, const std::vector<Suspect>& all,
                   std::uint64_t seed) {
  for (const Suspect& suspect : all) {
    const Node& node = recording.tape().node(suspect.index);
    const std::string failure = failure_at(recording.tape(), node, seed);
    if (!failure.empty()) return accusation(node, "", failure);
  }
  std::set<const Rule*> seen;
  for (const Suspect& suspect : all) {
    const Node& node = recording.tape().node(suspect.index);
    if (!seen.insert(node.rule).second) continue;
    const RuleReport report = check_rule(*node.rule, seed);
    if (!report.passed && !report.vacuous) return accusation(node, "", report.failure);
  }
  if (all.empty() || all.front().lost == 0.0) return "";
  return accusation(recording.tape().node(all.front().index), " here",
                    "what it sends back to its operands is not what its adjoint is worth.");
}

// The operation that an infinite or missing slope comes from, as anomaly detection tells it.
std::string non_finite_adjoint(const Subject& subject, const Recording& recording) {
  Point point;
  for (const Tensor& input : recording.inputs()) {
    point.insert(point.end(), input.values().begin(), input.values().end());
  }
  Recording again(subject, point);
  try {
    again.tape().detect_anomalies(true);
    static_cast<void>(again.gradient());
  } catch (const NonFiniteError& error) {
    return error.what();
  }
  return "";
}

std::string every_rule_is_right(const Recording& recording, const Prober& prober,
                                const EntryReport& entry) {
  const std::string right = "Every rule on the way is right by itself. ";
  if (prober.moving_constant()) {
    const Node& constant = recording.tape().node(*prober.moving_constant());
    return right + "But the constant " + recording.tape().describe(constant) + place_of(constant) +
           " changes with the inputs: a value was read outside the tape, where no gradient flows. "
           "Compute it with operations, or make it an input.";
  }
  if (entry.witness == WitnessKind::one_sided) {
    return right +
           "Several of them meet at their kinks here, or the value jumps: what each takes for its "
           "slope does not add up to one that the function has.";
  }
  return right + "Is a tensor used that is not made of these inputs?";
}

}  // namespace

std::string blame(const Recording& recording, const Subject& subject, Prober& prober,
                  const Line& line, const EntryReport& entry) {
  if (!std::isfinite(entry.analytic)) {
    std::string source = non_finite_adjoint(subject, recording);
    if (!source.empty()) return source;
  }
  if (prober.replays()) static_cast<void>(prober.replay().along(subject, line.direction));
  const std::string found = guilty(recording, suspects(recording, prober), subject.seed);
  return found.empty() ? every_rule_is_right(recording, prober, entry) : found;
}

}  // namespace autograd
