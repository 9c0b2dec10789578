#include "autograd/verify/mutation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "autograd/operations.h"
#include "autograd/rules/losses.h"
#include "autograd/tape.h"

namespace autograd {
namespace {

constexpr std::array<std::string_view, mutation_count> mutation_names{
    "x 1.0005",     "negated",      "zeroed",      "transposed",   "part dropped", "others dropped",
    "mean for sum", "sum for mean", "overwritten", "said to be 1", "reads unsaid"};
constexpr std::array<std::string_view, mutated_reading_count> reading_names{
    "array reading", "array reading, value and slope at once", "recorded reading", "dual reading"};

// ---- vectors and tensors, mutated alike

using Vector = std::vector<double>;

Vector scaled(Vector v, double factor) {
  for (double& entry : v) entry *= factor;
  return v;
}
Tensor scaled(const Tensor& v, double factor) { return v * factor; }

Vector masked(Vector v, const Vector& mask) {
  for (std::size_t i = 0; i < v.size(); ++i) v[i] *= mask[i];
  return v;
}
Tensor masked(const Tensor& v, const Vector& mask) {
  return v * v.tape()->constant(Values(mask, v.shape()));
}

Vector added(Vector a, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}
Tensor added(const Tensor& a, const Tensor& b) { return a + b; }

Vector in_order(const Vector& v, const std::vector<Index>& order) {
  Vector result;
  result.reserve(v.size());
  for (const Index from : order) result.push_back(v[static_cast<std::size_t>(from)]);
  return result;
}
Tensor in_order(const Tensor& v, const std::vector<Index>& order) {
  return reshape(gather_rows(reshape(v, {v.size()}), order), v.shape());
}

std::span<const double> numbers(const Vector& v) { return v; }
std::span<const double> numbers(const Tensor& v) { return v.values(); }

Shape shape_of(const Vector& /*v*/, const Shape& shape) { return shape; }
// Where an operand was broadcast, what is recorded has the shape of the result.
Shape shape_of(const Tensor& v, const Shape& /*shape*/) { return v.shape(); }

// Where each entry comes from: the transpose of each matrix of the last two axes, written in the
// order of memory; a vector from its end.
std::vector<Index> transposed_order(const Shape& shape) {
  std::vector<Index> order(static_cast<std::size_t>(shape.size()));
  std::iota(order.begin(), order.end(), Index{0});
  if (shape.rank() < 2) {
    std::reverse(order.begin(), order.end());
    return order;
  }
  const Index rows = shape[shape.rank() - 2];
  const Index columns = shape[shape.rank() - 1];
  for (Index i = 0; i < shape.size(); ++i) {
    const Index matrix = i / (rows * columns) * (rows * columns);
    const Index at = i - matrix;
    order[static_cast<std::size_t>(i)] = matrix + at % rows * columns + at / rows;
  }
  return order;
}

// How many parts are summed up: the copies of a repeated operand, the elements of a reduced one or
// of a fibre, the products of a matrix product.
double part_count(const Rule& rule, const Geometry& g, std::size_t operand) {
  const Index own = g.operand(operand).size();
  const Index result = g.result->size();
  if (rule.shape == RuleShape::bilinear) {
    const Shape& left = g.operand(0);
    return static_cast<double>(result * left[left.rank() - 1]) / static_cast<double>(own);
  }
  if (rule.shape == RuleShape::fused && own == result && !g.attributes.empty()) {
    return static_cast<double>(g.result->extents()[static_cast<std::size_t>(g.attributes[0])]);
  }
  return static_cast<double>(std::max(own, result)) / static_cast<double>(std::min(own, result));
}

// A mask that is 1 but for one element, or 0 but for it.
Vector mask_of(Index size, Index element, double there) {
  Vector mask(static_cast<std::size_t>(size), 1.0 - there);
  mask[static_cast<std::size_t>(element)] = there;
  return mask;
}

// Below it a relative error means nothing, here as in the check.
constexpr double smallest = std::numeric_limits<double>::min();

bool is_nothing(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double v) { return std::abs(v) <= smallest; });
}

// Without what the last element of v that contributes anything contributes.
template <class V, class Map>
V without_last(const V& v, Index size, const Map& map) {
  for (Index i = size; i-- > 0;) {
    if (!is_nothing(numbers(map(masked(v, mask_of(size, i, 1.0)))))) {
      return map(masked(v, mask_of(size, i, 0.0)));
    }
  }
  return map(v);
}

// Each element's own part: Σᵢ eᵢ ⊙ L(eᵢ ⊙ v).
template <class V, class Map>
V without_others(const V& v, Index size, const Map& map) {
  const auto own_part = [&](Index i) {
    const Vector mask = mask_of(size, i, 1.0);
    return masked(map(masked(v, mask)), mask);
  };
  V total = own_part(0);
  for (Index i = 1; i < size; ++i) total = added(total, own_part(i));
  return total;
}

// What a mutant makes of a linear map: of a pullback, which takes the upstream adjoint, or of a
// tangent, which takes the operand's.
enum class Direction : std::uint8_t { backwards, forwards };
template <class V, class Map>
V mutated(const Mutant& mutant, const Geometry& g, Direction direction, const V& v,
          const Map& map) {
  const bool back = direction == Direction::backwards;
  const double count = part_count(*mutant.original, g, mutant.operand);
  switch (mutant.mutation) {
    case Mutation::scaled:
      return scaled(map(v), mutant.factor);
    case Mutation::negated:
      return scaled(map(v), -1.0);
    case Mutation::zeroed:
      return scaled(map(v), 0.0);
    case Mutation::mean_for_sum:
      return scaled(map(v), 1.0 / count);
    case Mutation::sum_for_mean:
      return scaled(map(v), count);
    case Mutation::part_dropped:
      return back ? without_last(v, g.result->size(), map)
                  : without_last(map(v), g.result->size(), [](const V& part) { return part; });
    case Mutation::others_dropped:
      return without_others(v, g.result->size(), map);
    case Mutation::transposed: {
      const V part = map(v);
      const Shape& shape = back ? g.operand(mutant.operand) : *g.result;
      return in_order(part, transposed_order(shape_of(part, shape)));
    }
    case Mutation::overwritten:
    case Mutation::said_to_be_one:
    case Mutation::reads_unsaid:
      break;  // not of the map
  }
  return map(v);
}

// ---- the functions of a mutant

Vector copied(const double* from, const Shape& shape) { return {from, from + shape.size()}; }

void pull_back(const Rule& rule, const Call<double>& call, std::size_t k, const double* upstream,
               double* adjoint) {
  const auto& mutant = static_cast<const Mutant&>(rule);
  const Rule& original = *mutant.original;
  if (k != mutant.operand) {
    original.pullback(original, call, k, upstream, adjoint);
    return;
  }
  const Geometry& g = call.geometry;
  const auto map = [&](const Vector& weights) {
    Vector part(static_cast<std::size_t>(g.operand(k).size()));
    original.pullback(original, call, k, weights.data(), part.data());
    return part;
  };
  const Vector part = mutated(mutant, g, Direction::backwards, copied(upstream, *g.result), map);
  const bool adds = mutant.mutation != Mutation::overwritten;
  for (std::size_t i = 0; i < part.size(); ++i) adjoint[i] = (adds ? adjoint[i] : 0.0) + part[i];
}

Tensor record_pullback(std::size_t k, std::span<const Tensor> operands, const Tensor& result,
                       const Tensor& upstream, const Geometry& g) {
  // The node knows its rule, which is the mutant.
  const auto& mutant = static_cast<const Mutant&>(*result.tape()->node(result.index()).rule);
  const auto map = [&](const Tensor& weights) {
    return mutant.original->record_pullback(k, operands, result, weights, g);
  };
  return k == mutant.operand ? mutated(mutant, g, Direction::backwards, upstream, map)
                             : map(upstream);
}

void forward_dual(const Rule& rule, const TangentCall& call) {
  const auto& mutant = static_cast<const Mutant&>(rule);
  const Rule& original = *mutant.original;
  const std::size_t k = mutant.operand;
  const Geometry& g = call.values.geometry;
  const Index size = g.result->size();
  TangentCall others = call;
  others.tangents[k] = nullptr;
  std::fill_n(call.result, size, 0.0);
  if (std::any_of(others.tangents.begin(), others.tangents.end(),
                  [](const double* tangent) { return tangent != nullptr; })) {
    original.forward_dual(original, others);
  }
  if (call.tangents[k] == nullptr) return;
  const auto map = [&](const Vector& tangent) {
    Vector result(static_cast<std::size_t>(size));
    TangentCall alone = call;
    alone.tangents = {};
    alone.tangents[k] = tangent.data();
    alone.result = result.data();
    original.forward_dual(original, alone);
    return result;
  };
  const Vector part =
      mutated(mutant, g, Direction::forwards, copied(call.tangents[k], g.operand(k)), map);
  for (std::size_t i = 0; i < part.size(); ++i) call.result[i] += part[i];
}

// Nothing of one operand's pullback, everything of the others'.
template <std::size_t operand>
std::uint8_t reads_nothing_for(std::size_t k) {
  return k == operand ? 0x00 : 0xFF;
}
constexpr std::array reads_nothing{reads_nothing_for<0>, reads_nothing_for<1>,
                                   reads_nothing_for<2>};
static_assert(reads_nothing.size() == max_operands);

// ---- value and slope at once: a function that is given neither rule nor shapes

using Block = decltype(Rule::value_and_slope_block);

template <const Rule& original, Mutation mutation>
void value_and_slope(double* result, double* slope, const double* const* operands, Index n) {
  original.value_and_slope_block(result, slope, operands, n);
  if constexpr (mutation == Mutation::transposed) {
    std::reverse(slope, slope + n);
  } else if constexpr (mutation == Mutation::part_dropped) {
    slope[n - 1] = 0.0;
  } else {
    constexpr double factor = mutation == Mutation::scaled    ? Mutant{}.factor
                              : mutation == Mutation::negated ? -1.0
                                                              : 0.0;
    for (Index i = 0; i < n; ++i) slope[i] *= factor;
  }
}

template <const Rule& original>
Block mutated_block(Mutation mutation) {
  switch (mutation) {
    case Mutation::scaled:
      return value_and_slope<original, Mutation::scaled>;
    case Mutation::negated:
      return value_and_slope<original, Mutation::negated>;
    case Mutation::zeroed:
      return value_and_slope<original, Mutation::zeroed>;
    case Mutation::transposed:
      return value_and_slope<original, Mutation::transposed>;
    case Mutation::part_dropped:
      return value_and_slope<original, Mutation::part_dropped>;
    default:
      return nullptr;
  }
}

// The rules that have such a function, each of which is mutated by one of its own.
Block mutated_block(const Rule& rule, Mutation mutation) {
  if (rule.value_and_slope_block ==
      rule_of<rules::BinaryCrossEntropyWithLogits>.value_and_slope_block) {
    return mutated_block<rule_of<rules::BinaryCrossEntropyWithLogits>>(mutation);
  }
  throw ArgumentError("mutant_of(" + std::string(rule.info.name) +
                      "): its value_and_slope_block has no mutants. Name the rule in "
                      "autograd/verify/mutation.cpp.");
}

}  // namespace

std::string_view to_string(Mutation mutation) {
  return mutation_names[static_cast<std::size_t>(mutation)];
}

std::string_view to_string(MutatedReading reading) {
  return reading_names[static_cast<std::size_t>(reading)];
}

bool has_meaning(const Rule& rule, MutatedReading reading, std::size_t operand, Mutation mutation) {
  if (operand >= rule.arity || !rule.differentiable[operand]) return false;
  if (reading == MutatedReading::array_at_once) {
    return operand == 0 && rule.value_and_slope_block != nullptr &&
           mutation <= Mutation::part_dropped;
  }
  switch (mutation) {
    case Mutation::others_dropped:
      return rule.shape == RuleShape::fused && !rule.examples().empty() &&
             result_shape(rule, {rule.examples()[0].operands, {}, rule.examples()[0].attributes}) ==
                 rule.examples()[0].operands[operand];
    case Mutation::overwritten:
      return reading == MutatedReading::array;
    case Mutation::reads_unsaid:
      return reading == MutatedReading::array && rule.pullback_reads(operand) != 0;
    case Mutation::said_to_be_one:
      return reading == MutatedReading::array && rule.shape == RuleShape::elementwise &&
             !rule.slope_is_one[operand];
    case Mutation::mean_for_sum:
    case Mutation::sum_for_mean:
      return rule.shape != RuleShape::elementwise || rule.arity > 1;
    default:
      return true;
  }
}

Mutant mutant_of(const Rule& rule, MutatedReading reading, std::size_t operand, Mutation mutation) {
  if (!has_meaning(rule, reading, operand, mutation)) {
    throw ArgumentError("mutant_of(" + std::string(rule.info.name) +
                        "): " + std::string(to_string(mutation)) + " has no meaning in the " +
                        std::string(to_string(reading)) + " by operand " +
                        std::to_string(operand + 1) + ".");
  }
  Mutant mutant{rule, &rule, reading, mutation, operand};
  switch (reading) {
    case MutatedReading::array:
      if (mutation == Mutation::said_to_be_one) {
        mutant.slope_is_one[operand] = true;
      } else if (mutation == Mutation::reads_unsaid) {
        mutant.pullback_reads = reads_nothing[operand];
      } else {
        mutant.pullback = pull_back;
      }
      break;
    case MutatedReading::array_at_once:
      mutant.value_and_slope_block = mutated_block(rule, mutation);
      break;
    case MutatedReading::recorded:
      mutant.record_pullback = record_pullback;
      break;
    case MutatedReading::dual:
      mutant.forward_dual = forward_dual;
      break;
  }
  return mutant;
}

}  // namespace autograd
