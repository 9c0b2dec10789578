#include "autograd/verify/slope_witness.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "autograd/rules/catalogue.h"

namespace autograd {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

// ---- lines

Line Line::along_entry(const Point& point, std::size_t entry) {
  Line line;
  line.entry = entry;
  line.direction.resize(point.size());
  line.direction[entry] = 1.0;
  line.origin = point[entry];
  const double size = std::abs(point[entry]);
  line.first_step = 0.1 * std::max(1.0, size);
  line.smallest_step =
      size == 0.0 ? 0x1p-60
                  : std::max(4.0 * epsilon * size, std::numeric_limits<double>::denorm_min());
  return line;
}

Line Line::along_random_direction(const Point& point, Random& random) {
  Line line;
  line.smallest_step = 0x1p-48;
  for (const double x : point) {
    const double size = std::max(1.0, std::abs(x));
    line.direction.push_back(random_weight(random) * size);
    if (x != 0.0) {
      line.smallest_step = std::min(line.smallest_step, 4.0 * epsilon * std::abs(x) / size);
    }
  }
  return line;
}

Point Line::at(const Point& from, double s) const {
  if (!entry) return moved(from, direction, s);
  Point to = from;
  to[*entry] = s;
  return to;
}

// ---- the function recorded anew

Prober::Prober(const Subject& subject, const Point& point, const Recording& base,
               std::uint64_t seed)
    : subject_(subject), point_(point), base_(base), seed_(seed) {
  Random random(seed);
  find_moving_constant(random);
  measure_rounding(random);
  if (Replay::is_possible(base)) replay_.emplace(base);
}

Prober::Beside Prober::beside(const Line& line, double step) const {
  try {
    auto recording = std::make_unique<Recording>(subject_, line.at(point_, line.origin + step));
    return std::isfinite(recording->value()) ? std::move(recording) : nullptr;
  } catch (const NonFiniteError&) {  // an operation that has no value there
    return nullptr;
  }
}

double Prober::value_at(const Line& line, double s) const {
  const Beside there = beside(line, s - line.origin);
  return there == nullptr ? unknown : there->value();
}

// Whether the function goes the same way at both ends as in the middle.
bool Prober::is_clear(const Line& line, double step) const {
  const Beside right = beside(line, step);
  if (right == nullptr || !goes_as(base_, *right)) return false;
  const Beside left = beside(line, -step);
  return left != nullptr && goes_as(base_, *left);
}

// The first of 0.1, 0.05, 0.025, … (times the entry's size) that is clear; 0 where none is.
double Prober::room(const Line& line) const {
  double step = line.first_step;
  while (!is_clear(line, step)) {
    step /= 2.0;
    if (step < line.smallest_step) return 0.0;
  }
  return step;
}

// Whether the same way is taken at every branch: of the rules', and of the user's own, which shows
// in what is recorded and with which constants.
bool Prober::goes_as(const Recording& a, const Recording& b) const {
  return same_branches(a, b) && (moving_constant_ || changed_constants(a, b).empty());
}

// All inputs are moved at once, far and then less far. A constant that follows, less far too, was
// computed from them; one that jumps, or no longer moves, was chosen, as branches are.
void Prober::find_moving_constant(Random& random) {
  const Line line = Line::along_random_direction(point_, random);
  for (double step = 0x1p-20; step >= line.smallest_step; step /= 16.0) {
    const Beside far = beside(line, step);
    const Beside near = beside(line, step / 1024.0);
    if (far == nullptr || near == nullptr || !same_operations(base_, *far) ||
        !same_operations(base_, *near)) {
      continue;
    }
    for (const std::size_t index : changed_constants(base_, *near)) {
      const double distance = largest_change(base_, *near, index);
      if (distance < largest_change(base_, *far, index) / 16.0) moving_constant_ = index;
      if (moving_constant_) return;
    }
    return;
  }
}

// What rounding does to the value: no less than to a number of its size or of 1, which rules are
// made of inside; no less than to what it is made of; and no less than the second differences show
// where its entries go by a few dozen ulp, so that only rounding moves it. Source: Hamming,
// "Introduction to Applied Numerical Analysis" (1971), chapter 6.
void Prober::measure_rounding(Random& random) {
  rounding_ = std::max(epsilon * std::max(1.0, std::abs(base_.value())), base_.rounding());
  Line line = Line::along_random_direction(point_, random);
  for (std::size_t i = 0; i < point_.size(); ++i) {
    line.direction[i] /= std::max(1.0, std::abs(point_[i]));
    if (point_[i] != 0.0) line.direction[i] *= std::abs(point_[i]);
  }
  std::array<double, 7> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Beside there = beside(line, 0x1p-46 * (static_cast<double>(i) - 3.0));
    values[i] = there != nullptr && goes_as(base_, *there) ? there->value() : unknown;
  }
  for (std::size_t i = 2; i < values.size(); ++i) {
    const double difference = std::abs(values[i] - 2.0 * values[i - 1] + values[i - 2]) / 2.0;
    if (difference > rounding_) rounding_ = difference;
  }
}

// Ridders' differences, at first as far out as is clear, then closer, for functions that bend
// within the first steps or have a pole behind a few of them, until they are known or rounding
// takes over.
template <class Function>
Difference Prober::converged(const Function& f, const Line& line, double rounding) const {
  Difference best{unknown, std::numeric_limits<double>::infinity()};
  const double middle = f(line.origin);
  for (double step = 0.5 * room(line); step > line.smallest_step; step /= 16.0) {
    const Difference next = ridders(f, line.origin, step, rounding / epsilon);
    const bool closer = next.error * std::abs(best.value) < best.error * std::abs(next.value);
    if (std::isinf(best.error) || closer) best = next;
    // What is flat from here on may be steep in between: then the middle is not between the ends.
    const double ends = f(line.origin + step) + f(line.origin - step);
    const bool straight = std::abs(ends - 2.0 * middle) <= 100.0 * rounding;
    const bool rounded = 4.0 * rounding / step > 1e-3 * std::abs(next.value);
    if (best.error <= 1e-9 * std::abs(best.value) || (rounded && straight)) break;
  }
  return best;
}

Difference Prober::differences(const Line& line) {
  return converged([&](double s) { return value_at(line, s); }, line, rounding_);
}

Difference Prober::second_differences(const Line& line, std::span<const double> direction) {
  if (!replays()) return {unknown, std::numeric_limits<double>::infinity()};
  const auto slope_at = [&](double s) {
    const Beside there = beside(line, s - line.origin);
    return there == nullptr || !Replay::is_possible(*there)
               ? unknown
               : Replay(*there).along(subject_, direction).value;
  };
  Random random(seed_);
  static_cast<void>(replay_->along(subject_, direction));
  const double parts = replay_->parts(subject_, direction, Replay::Nudged::all_values, random);
  return converged(slope_at, line, epsilon * (parts + std::abs(slope_at(line.origin))));
}

double Prober::central_difference(const Line& line) {
  const double h = std::cbrt(epsilon) * std::max(1.0, std::abs(line.origin));
  return (value_at(line, line.origin + h) - value_at(line, line.origin - h)) / (2.0 * h);
}

double Prober::taylor_rate(const Line& line, double slope) {
  std::vector<double> rates;
  double before = unknown;
  double step = room(line);
  for (int halving = 0; halving < 24 && step > line.smallest_step; ++halving, step /= 2.0) {
    const double there = value_at(line, line.origin + step);
    const double remainder = std::abs(there - base_.value() - step * slope);
    // Further out, the values themselves may be larger, and so their rounding.
    const double rounding = std::max(rounding_, epsilon * std::abs(there));
    if (!(remainder > 1e3 * rounding)) break;
    if (before > 0.0) rates.push_back(std::log2(before / remainder));
    before = remainder;
  }
  if (rates.size() < 2) return unknown;
  const auto middle = rates.begin() + static_cast<std::ptrdiff_t>(rates.size() / 2);
  std::nth_element(rates.begin(), middle, rates.end());
  return *middle;
}

// ---- slopes

SlopeWitness Prober::slope(const Line& line) {
  const Beside left = beside(line, -line.smallest_step);
  const Beside right = beside(line, line.smallest_step);
  if (left == nullptr || right == nullptr) return at_edge(line, left, right);
  if (!goes_as(base_, *left) || !goes_as(base_, *right)) {
    return at_kink(line, left, right);
  }
  SlopeWitness seen;
  seen.left = seen.right = unknown;
  if (!replays()) {
    const Difference difference = differences(line);
    seen.kind = WitnessKind::differences;
    seen.value = difference.value;
    seen.error = difference.error;
    return seen;
  }
  const Replay::Slope slope = replay_->along(subject_, line.direction);
  seen.value = slope.value;
  seen.error = slope.rounding;
  return seen;
}

double Prober::widened_error(const Line& line, const SlopeWitness& witness) {
  if (witness.kind != WitnessKind::complex_step) return witness.error;
  Random random(seed_);
  static_cast<void>(replay_->along(subject_, line.direction));
  return witness.error +
         epsilon * replay_->parts(subject_, line.direction, Replay::Nudged::leaves, random);
}

// On one side of a kink, where `side` was recorded: by the complex step just there, or by
// differences as far as the same way is taken.
double Prober::slope_beside(const Line& line, const Beside& side, double step) const {
  if (replays() && Replay::is_possible(*side)) {
    return Replay(*side).along(subject_, line.direction).value;
  }
  double furthest = std::copysign(line.first_step, step);
  for (; std::abs(furthest) > std::abs(step); furthest /= 2.0) {
    const Beside there = beside(line, furthest);
    if (there != nullptr && goes_as(*side, *there)) break;
  }
  return ridders_one_sided([&](double s) { return value_at(line, s); }, line.origin, 0.5 * furthest,
                           rounding_ / epsilon)
      .value;
}

// What a slope beside a kink may be off by because it is not the slope just at it. One that grows
// without bound towards it has no slope there that it could be off by.
double Prober::bend(const Line& line, const Recording& side, double step, double slope) const {
  const Beside further = beside(line, 2.0 * step);
  if (further == nullptr || !goes_as(side, *further)) return 0.0;
  const double slope_there = slope_beside(line, further, 2.0 * step);
  if (std::abs(slope) > 1.25 * std::abs(slope_there)) return 0.0;
  const double difference = std::abs(slope_there - slope);
  return std::isfinite(difference) ? difference : 0.0;
}

SlopeWitness Prober::at_kink(const Line& line, const Beside& left, const Beside& right) const {
  SlopeWitness seen;
  seen.place = SlopeWitness::Place::kink;
  seen.kind = WitnessKind::one_sided;
  seen.value = unknown;
  const double step = line.smallest_step;
  seen.left = slope_beside(line, left, -step);
  seen.right = slope_beside(line, right, step);
  const double size = std::max(std::abs(seen.left), std::abs(seen.right));
  seen.error = 8.0 * epsilon * size + bend(line, *left, -step, seen.left) +
               bend(line, *right, step, seen.right);
  const double rise = std::abs(right->value() - left->value());
  seen.jumps = rise > 8.0 * step * size + 100.0 * rounding_;
  seen.lower_side = lower_side(seen, *left, *right);
  return seen;
}

SlopeWitness Prober::at_edge(const Line& line, const Beside& left, const Beside& right) const {
  SlopeWitness seen;
  seen.place = SlopeWitness::Place::edge;
  seen.kind = WitnessKind::one_sided;
  seen.left = seen.right = seen.value = unknown;
  if (left == nullptr && right == nullptr) return seen;
  const double step = right != nullptr ? line.smallest_step : -line.smallest_step;
  seen.value = slope_beside(line, right != nullptr ? right : left, step);
  (right != nullptr ? seen.right : seen.left) = seen.value;
  const Beside further = beside(line, 16.0 * step);
  if (further != nullptr) {
    const double slope = slope_beside(line, further, 16.0 * step);
    seen.unbounded = std::abs(seen.value) > 1.5 * std::abs(slope) && seen.value * slope > 0.0;
    // Over a step as small as this, a slope that has a limit hardly moves.
    seen.error = seen.unbounded ? 0.0 : std::abs(seen.value - slope);
  }
  return seen;
}

// The catalogue's rules have documented slopes at their kinks; others are asked for the same
// convention, which needs to know on which side the operand of the node that switched is smaller.
std::optional<double> Prober::lower_side(const SlopeWitness& seen, const Recording& left,
                                         const Recording& right) const {
  if (!same_operations(left, right)) return std::nullopt;
  for (const std::size_t index : switched_nodes(left, right)) {
    const Node& node = base_.tape().node(index);
    if (find_rule(node.rule->info.name) == node.rule) continue;
    const Node& on_left = left.tape().node(node.operands[0]);
    const Node& on_right = right.tape().node(node.operands[0]);
    const auto a = left.tape().values_of(on_left);
    const auto b = right.tape().values_of(on_right);
    const auto moved = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (moved.first == a.end()) return std::nullopt;
    return *moved.first < *moved.second ? seen.left : seen.right;
  }
  return std::nullopt;
}

}  // namespace autograd
