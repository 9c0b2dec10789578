#include "autograd/verify/trials.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numeric>

#include "autograd/rules/broadcasting.h"

namespace autograd {
namespace {

// ---- points

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

// ---- rooms

// The distance from entry i of operand k, one of the first two, to the nearest entry of the other
// that it meets in an element of the result.
double distance_to_partner(const Rule& rule, const RuleOperands& at, std::size_t k, std::size_t i) {
  const Shape result = result_shape(rule, at);
  const std::array strides{broadcast_strides(at.shapes[0], result),
                           broadcast_strides(at.shapes[1], result)};
  double distance = unlimited;
  for (Index element = 0; element < result.size(); ++element) {
    std::array<Index, 2> from{};
    Index rest = element;
    for (int axis = result.rank(); axis-- > 0; rest /= result[axis]) {
      for (std::size_t operand = 0; operand < 2; ++operand) {
        from[operand] += rest % result[axis] * strides[operand][static_cast<std::size_t>(axis)];
      }
    }
    if (from[k] != static_cast<Index>(i)) continue;
    distance = std::min(distance, std::abs(at.values[0][static_cast<std::size_t>(from[0])] -
                                           at.values[1][static_cast<std::size_t>(from[1])]));
  }
  return distance;
}

double room_of_elementwise(const Rule& rule, const RuleOperands& at, std::size_t k, std::size_t i) {
  const double x = at.values[k][i];
  double room = room_in_domain(rule.info.domain[k], x);
  if (k == 0) {
    for (const double kink : rule.info.kinks) room = std::min(room, std::abs(x - kink));
  }
  if (rule.info.kink_where_equal && k < 2) {
    room = std::min(room, distance_to_partner(rule, at, k, i));
  }
  return room;
}

// ---- trials

std::vector<Index> all_entries(std::size_t n) {
  std::vector<Index> entries(n);
  std::iota(entries.begin(), entries.end(), Index{0});
  return entries;
}

Trial with_all_entries(const Rule& rule, RuleOperands at) {
  Trial trial{std::move(at), {}};
  for (std::size_t k = 0; k < rule.arity; ++k) {
    trial.entries.push_back(rule.differentiable[k] ? all_entries(trial.at.values[k].size())
                                                   : std::vector<Index>());
  }
  return trial;
}

// Every point of the first operand beside every combination of a few points of the others; then
// random points: of each operand over [−20, 20], and of the first one on all scales.
RuleOperands elementwise_operands(const Rule& rule, Random& random) {
  const RuleInfo& info = rule.info;
  RuleOperands at;
  at.values.resize(rule.arity);
  const auto others = [&](std::size_t k) {
    return k < rule.arity ? ordinary_points(info.domain[k]) : std::vector<double>{0.0};
  };
  const auto add = [&](const std::array<double, max_operands>& x) {
    for (std::size_t k = 0; k < rule.arity; ++k) at.values[k].push_back(x[k]);
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
  at.shapes.assign(rule.arity, Shape{static_cast<Index>(at.values[0].size())});
  return at;
}

// Whether a rule takes operands of these shapes.
bool takes(const Rule& rule, const std::vector<Shape>& shapes) {
  try {
    static_cast<void>(result_shape(rule, {shapes, {}, {}}));
    return true;
  } catch (const ShapeMismatch&) {
    return false;
  }
}

// Operands of an elementwise rule that are repeated along an axis, along another one, and one
// number beside many.
void add_broadcast_trials(const Rule& rule, Random& random, std::vector<Trial>& trials) {
  std::vector<std::vector<Shape>> all{{{3, 1}, {4}, {3, 4}}, {{4}, {3, 1}, {1, 4}}};
  for (std::size_t k = 0; k < rule.arity; ++k) {
    all.emplace_back(max_operands, Shape{6});
    all.back()[k] = Shape();
  }
  for (std::vector<Shape>& shapes : all) {
    shapes.resize(rule.arity);
    if (rule.arity < 2 || !takes(rule, shapes)) continue;
    RuleOperands at{shapes, {}, {}};
    for (std::size_t k = 0; k < rule.arity; ++k) {
      at.values.emplace_back();
      for (Index i = 0; i < shapes[k].size(); ++i) {
        at.values[k].push_back(in_domain(rule.info.domain[k], random.uniform(-4.0, 4.0)));
      }
    }
    trials.push_back(with_all_entries(rule, std::move(at)));
  }
}

// An example's shapes filled with numbers around `centre`; on a grid, also numbers that meet.
RuleOperands example_operands(const Example& example, double centre, double spread, double grid,
                              Random& random) {
  RuleOperands at{example.operands, {}, example.attributes};
  for (const Shape& shape : example.operands) {
    std::vector<double> values(static_cast<std::size_t>(shape.size()));
    for (double& v : values) {
      v = random.uniform(-spread, spread);
      if (grid > 0.0) v = std::round(v / grid) * grid;
      v += centre;
    }
    at.values.push_back(std::move(values));
  }
  return at;
}

}  // namespace

bool has_gradient(const Rule& rule) {
  return std::any_of(rule.differentiable.begin(), rule.differentiable.end(),
                     [](bool differentiable) { return differentiable; });
}

std::vector<Trial> trials_of(const Rule& rule, Random& random) {
  std::vector<Trial> trials;
  if (rule.shape == RuleShape::elementwise) {
    trials.push_back(with_all_entries(rule, elementwise_operands(rule, random)));
    add_broadcast_trials(rule, random, trials);
  } else if (rule.examples != nullptr) {
    for (const Example& example : rule.examples()) {
      const auto add = [&](double centre, double spread, double grid) {
        trials.push_back(
            with_all_entries(rule, example_operands(example, centre, spread, grid, random)));
      };
      add(0.0, 2.0, 0.0);
      add(0.0, 40.0, 0.0);
      add(1000.0, 2.0, 0.0);
      add(0.0, 2.0, 1.0);  // on a coarse grid equal numbers meet: ties
    }
  }
  return trials;
}

Trial trial_at(const Rule& rule, const RuleOperands& at, Random& random) {
  constexpr std::size_t all_up_to = 64;
  constexpr std::size_t sampled = 16;
  Trial trial = with_all_entries(rule, at);
  for (std::vector<Index>& entries : trial.entries) {
    if (entries.size() <= all_up_to) continue;
    random.shuffle(std::span(entries));
    entries.resize(sampled);
    std::sort(entries.begin(), entries.end());
  }
  return trial;
}

Shape result_shape(const Rule& rule, const RuleOperands& at) {
  Geometry geometry;
  for (std::size_t k = 0; k < rule.arity; ++k) geometry.operands[k] = &at.shapes[k];
  geometry.attributes = at.attributes;
  return rule.result_shape(geometry);
}

bool is_separable(const Rule& rule, const RuleOperands& at) {
  return rule.shape == RuleShape::elementwise &&
         std::all_of(at.shapes.begin(), at.shapes.end(),
                     [&at](const Shape& shape) { return shape == at.shapes[0]; });
}

RuleOperands element(const RuleOperands& at, std::size_t i) {
  RuleOperands one{std::vector<Shape>(at.shapes.size()), {}, at.attributes};
  for (const std::vector<double>& values : at.values) one.values.push_back({values[i]});
  return one;
}

double room_of(const Rule& rule, const RuleOperands& at, std::size_t k, std::size_t i) {
  if (rule.shape == RuleShape::elementwise) return room_of_elementwise(rule, at, k, i);
  double room = unlimited;
  for (std::size_t j = 0; rule.piecewise && j < at.values[k].size(); ++j) {
    if (j != i) room = std::min(room, std::abs(at.values[k][i] - at.values[k][j]));
  }
  return room;
}

bool is_at_edge(const Rule& rule, const RuleOperands& at, std::size_t k, std::size_t i) {
  return rule.shape == RuleShape::elementwise &&
         !(room_in_domain(rule.info.domain[k], at.values[k][i]) > 0.0);
}

}  // namespace autograd
