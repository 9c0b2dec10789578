#include "autograd/verify/recording.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "autograd/operations.h"

namespace autograd {
namespace {

bool same_bits(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

bool same_operation(const Recording& a, const Recording& b, std::size_t index) {
  const Node& x = a.tape().node(index);
  const Node& y = b.tape().node(index);
  if (x.rule != y.rule || a.tape().shape_of(x) != b.tape().shape_of(y)) return false;
  const auto attributes = a.tape().geometry_of(x).attributes;
  const auto others = b.tape().geometry_of(y).attributes;
  return std::equal(attributes.begin(), attributes.end(), others.begin(), others.end()) &&
         std::equal(x.operand_indices().begin(), x.operand_indices().end(),
                    y.operand_indices().begin(), y.operand_indices().end());
}

std::size_t nodes_up_to_loss(const Recording& recording) {
  return recording.loss().index() + std::size_t{1};
}

}  // namespace

Point moved(const Point& from, std::span<const double> direction, double t) {
  Point to = from;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (direction[i] != 0.0) to[i] += t * direction[i];
  }
  return to;
}

double random_weight(Random& random) {
  const double size = random.uniform(0.5, 1.5);
  return random.below(2) == 0 ? size : -size;
}

Tensor weighted_sum(const Tensor& y, std::uint64_t seed) {
  if (y.size() == 1) return y;
  Random random(seed);
  std::vector<double> weights(static_cast<std::size_t>(y.size()));
  for (double& weight : weights) weight = random_weight(random);
  return sum(y * y.tape()->constant(Values(weights, y.shape())));
}

// ---- recording

Recording::Recording(const Subject& subject, const Point& point, bool blames) {
  tape_.detect_anomalies(blames);
  for (std::size_t k = 0; k < subject.shapes.size(); ++k) {
    inputs_.push_back(tape_.variable(Values(subject.part(point, k), subject.shapes[k])));
    named(inputs_.back(), subject.names[k]);
  }
  const Tensor y = subject.f(inputs_);
  if (y.tape() != &tape_) {
    throw ArgumentError(
        "check_gradients: the function returns a tensor that is not on its inputs' tape. Record "
        "it from the inputs it is called with.");
  }
  loss_ = weighted_sum(y, subject.seed);
  tape_.detect_anomalies(false);
  find_needed();
  find_branches();
}

void Recording::find_needed() {
  needed_.resize(loss_.index() + std::size_t{1});
  needed_.back() = 1;
  for (std::size_t index = needed_.size(); index-- > 0;) {
    if (needed_[index] == 0) continue;
    for (const std::uint32_t operand : tape_.node(index).operand_indices()) needed_[operand] = 1;
  }
}

void Recording::find_branches() {
  branches_.resize(needed_.size());
  Scratch<double> scratch;
  for (std::size_t index = 0; index < needed_.size(); ++index) {
    const Node& node = tape_.node(index);
    if (needed_[index] == 0 || node.rule == nullptr || node.rule->branches == nullptr) continue;
    branches_[index] = node.rule->branches(*node.rule, tape_.call_of(node, scratch));
  }
}

Point Recording::gradient() {
  tape_.backward(loss_);
  find_adjoint_parts();
  Point all;
  for (const Tensor& input : inputs_) {
    const auto adjoint = input.adjoint_values();
    all.insert(all.end(), adjoint.begin(), adjoint.end());
  }
  return all;
}

void Recording::find_adjoint_parts() {
  adjoint_parts_.assign(needed_.size(), {});
  for (std::size_t index = 0; index < needed_.size(); ++index) {
    if (needed_[index] != 0)
      adjoint_parts_[index].resize(tape_.adjoint_of(tape_.node(index)).size());
  }
  std::fill(adjoint_parts_.back().begin(), adjoint_parts_.back().end(), 1.0);
  Scratch<double> scratch;
  std::vector<double> part;
  for (std::size_t index = 0; index < needed_.size(); ++index) {
    const Node& node = tape_.node(index);
    if (node.rule == nullptr || adjoint_parts_[index].empty()) continue;
    const Call<double> call = tape_.call_of(node, scratch);
    const auto upstream = tape_.adjoint_of(node);
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      std::vector<double>& sum = adjoint_parts_[node.operands[k]];
      if (!node.rule->differentiable[k] || sum.empty()) continue;
      part.assign(sum.size(), 0.0);
      node.rule->pullback(*node.rule, call, k, upstream.data(), part.data());
      for (std::size_t i = 0; i < part.size(); ++i) sum[i] += std::abs(part[i]);
    }
  }
}

std::span<const double> Recording::adjoint_parts(std::size_t index) const {
  return index < adjoint_parts_.size() ? std::span<const double>(adjoint_parts_[index])
                                       : std::span<const double>();
}

double Recording::rounding() const {
  double parts = 0.0;
  for (std::size_t index = 0; index < adjoint_parts_.size(); ++index) {
    const auto adjoint = adjoint_parts(index);
    for (std::size_t i = 0; i < adjoint.size(); ++i) {
      const double part = std::abs(adjoint[i] * tape_.node(index).value[i]);
      if (std::isfinite(part)) parts += part;
    }
  }
  return std::numeric_limits<double>::epsilon() * parts;
}

// ---- comparing

bool same_operations(const Recording& a, const Recording& b) {
  if (a.loss().index() != b.loss().index()) return false;
  for (std::size_t index = 0; index < nodes_up_to_loss(a); ++index) {
    if (a.needs(index) != b.needs(index)) return false;
    if (a.needs(index) && !same_operation(a, b, index)) return false;
  }
  return true;
}

bool same_branches(const Recording& a, const Recording& b) {
  return same_operations(a, b) && switched_nodes(a, b).empty();
}

std::vector<std::size_t> switched_nodes(const Recording& a, const Recording& b) {
  std::vector<std::size_t> nodes;
  for (std::size_t index = 0; index < nodes_up_to_loss(a); ++index) {
    if (a.branches(index) != b.branches(index)) nodes.push_back(index);
  }
  return nodes;
}

std::vector<std::size_t> changed_constants(const Recording& a, const Recording& b) {
  std::vector<std::size_t> nodes;
  for (std::size_t index = a.inputs().size(); index < nodes_up_to_loss(a); ++index) {
    const Node& node = a.tape().node(index);
    if (!a.needs(index) || node.rule != nullptr) continue;
    if (!same_bits(a.tape().values_of(node), b.tape().values_of(b.tape().node(index)))) {
      nodes.push_back(index);
    }
  }
  return nodes;
}

double largest_change(const Recording& a, const Recording& b, std::size_t index) {
  const auto x = a.tape().values_of(a.tape().node(index));
  const auto y = b.tape().values_of(b.tape().node(index));
  double largest = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] - y[i]));
  return largest;
}

std::optional<std::size_t> first_difference(const Recording& a, const Recording& b) {
  const std::size_t count = std::min(nodes_up_to_loss(a), nodes_up_to_loss(b));
  for (std::size_t index = 0; index < count; ++index) {
    if (!same_operation(a, b, index) || !same_bits(a.tape().values_of(a.tape().node(index)),
                                                   b.tape().values_of(b.tape().node(index)))) {
      return index;
    }
  }
  if (nodes_up_to_loss(a) == nodes_up_to_loss(b)) return std::nullopt;
  return count - 1;  // one of them stopped here
}

std::optional<std::size_t> differing_adjoint(const Recording& a, const Recording& b) {
  for (std::size_t index = nodes_up_to_loss(a); index-- > 0;) {
    if (!same_bits(a.tape().adjoint_of(a.tape().node(index)),
                   b.tape().adjoint_of(b.tape().node(index)))) {
      return index;
    }
  }
  return std::nullopt;
}

// ---- the complex step

Replay::Replay(const Recording& recording)
    : recording_(recording),
      values_(nodes_up_to_loss(recording)),
      moves_(nodes_up_to_loss(recording)) {
  for (std::size_t index = 0; index < values_.size(); ++index) {
    if (!recording.needs(index)) continue;
    const auto real = recording.tape().values_of(recording.tape().node(index));
    values_[index].assign(real.begin(), real.end());
  }
}

bool Replay::is_possible(const Recording& recording) {
  for (std::size_t index = 0; index < nodes_up_to_loss(recording); ++index) {
    const Rule* rule = recording.tape().node(index).rule;
    if (recording.needs(index) && rule != nullptr && rule->forward_complex == nullptr) return false;
  }
  return true;
}

// The step is so small that its square is lost beside every entry that moves, and no smaller, so
// that slopes far below 1 stay above underflow.
void Replay::move_inputs(const Subject& subject, std::span<const double> direction) {
  double smallest_entry = 1.0;
  for (std::size_t k = 0; k < subject.shapes.size(); ++k) {
    if (!recording_.needs(k)) continue;
    const auto part = subject.part(direction, k);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const double size = std::abs(values_[k][i].real());
      if (part[i] != 0.0 && size != 0.0) smallest_entry = std::min(smallest_entry, size);
    }
  }
  const int exponent = std::ilogb(smallest_entry);
  step_ = std::ldexp(1.0, std::max(exponent - 130, -1050));
  step_is_tiny_ = exponent >= -1050 + 60;
  for (std::size_t k = 0; k < subject.shapes.size(); ++k) {
    const auto part = subject.part(direction, k);
    const bool moves = std::any_of(part.begin(), part.end(), [](double d) { return d != 0.0; });
    if (!moves || !recording_.needs(k)) continue;
    for (std::size_t i = 0; i < part.size(); ++i) {
      values_[k][i] = Complex(values_[k][i].real(), step_ * part[i]);
    }
    moves_[k] = 1;
    moving_.push_back(k);
  }
}

void Replay::compute(std::size_t index) {
  const Tape& tape = recording_.tape();
  const Node& node = tape.node(index);
  Call<Complex> call{tape.geometry_of(node), {}, values_[index].data(), &scratch_};
  for (std::size_t k = 0; k < node.rule->arity; ++k) {
    call.operands[k] = values_[node.operands[k]].data();
  }
  node.rule->forward_complex(*node.rule, call);
}

void Replay::keep_real_parts(std::size_t index) {
  const auto real = recording_.tape().values_of(recording_.tape().node(index));
  for (std::size_t i = 0; i < real.size(); ++i) {
    values_[index][i] = Complex(real[i], values_[index][i].imaginary());
  }
}

Replay::Slope Replay::along(const Subject& subject, std::span<const double> direction) {
  for (const std::size_t index : moving_) {
    for (Complex& value : values_[index]) value = Complex(value.real());
    moves_[index] = 0;
  }
  moving_.clear();
  move_inputs(subject, direction);
  for (std::size_t index = recording_.inputs().size(); index < values_.size(); ++index) {
    const auto operands = recording_.tape().node(index).operand_indices();
    const bool moves = std::any_of(operands.begin(), operands.end(),
                                   [&](std::uint32_t operand) { return moves_[operand] != 0; });
    if (!moves || !recording_.needs(index)) continue;
    compute(index);
    keep_real_parts(index);
    moves_[index] = 1;
    moving_.push_back(index);
  }
  Slope slope{values_.back()[0].imaginary() / step_, 0.0};
  for (const std::size_t index : moving_) slope.rounding += rounding_at(index);
  if (!step_is_tiny_) slope.rounding = std::numeric_limits<double>::infinity();
  return slope;
}

double Replay::parts(const Subject& subject, std::span<const double> direction, Nudged nudged,
                     Random& random) const {
  constexpr double nudge = 0x1p-30;
  const double slope = values_.back()[0].imaginary() / step_;
  double parts = 0.0;
  for (int draw = 0; draw < 4; ++draw) {
    Replay off(recording_);
    off.move_inputs(subject, direction);
    for (std::size_t index = 0; index < values_.size(); ++index) {
      if (!recording_.needs(index)) continue;
      const bool is_leaf = recording_.tape().node(index).rule == nullptr;
      if (!is_leaf) off.compute(index);
      if (!is_leaf && nudged == Nudged::leaves) continue;
      for (Complex& value : off.values_[index]) {
        const double sign = random.below(2) == 0 ? 1.0 : -1.0;
        value = Complex(value.real() * (1.0 + sign * nudge), value.imaginary());
      }
    }
    const double moved = std::abs(off.values_.back()[0].imaginary() / step_ - slope);
    if (std::isfinite(moved)) parts = std::max(parts, moved / nudge);
  }
  return parts;
}

std::vector<double> Replay::movement(std::size_t index) const {
  std::vector<double> movement;
  if (index >= moves_.size() || moves_[index] == 0) return movement;
  for (const Complex& value : values_[index]) movement.push_back(value.imaginary() / step_);
  return movement;
}

// A part that is too small for all its digits, or for any, may be off by the smallest number.
double Replay::rounding_at(std::size_t index) const {
  const auto adjoint = recording_.adjoint_parts(index);
  const double smallest = std::numeric_limits<double>::denorm_min() / step_;
  double rounding = 0.0;
  for (std::size_t i = 0; i < adjoint.size(); ++i) {
    const double moved = std::abs(values_[index][i].imaginary() / step_);
    const double part =
        std::abs(adjoint[i]) * (std::numeric_limits<double>::epsilon() * moved + smallest);
    if (std::isfinite(part)) rounding += part;
  }
  return rounding;
}

}  // namespace autograd
