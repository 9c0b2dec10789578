#include "autograd/verify/slopes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/gradient.h"
#include "autograd/operations.h"
#include "autograd/verify/evaluation.h"

namespace autograd {
namespace {

constexpr std::string_view array_reading = "array reading";
constexpr std::string_view array_singly = "array reading, one element at a time";
constexpr std::string_view array_at_once_singly =
    "array reading, value and slope at once, one element at a time";
constexpr std::string_view array_said_to_be_one = "array reading, where it is said to be 1";
constexpr std::string_view recorded_reading = "recorded reading";
constexpr std::string_view dual_reading = "dual reading";

using Vectors = std::vector<std::vector<double>>;

// Σ weights ⊙ rule(operands) on a tape, the operands variables.
struct WeightedCall {
  Tape tape;
  std::vector<Tensor> operands;
  Tensor loss;

  WeightedCall(const Rule& rule, const RuleOperands& at, const std::vector<double>& weights) {
    std::vector<Operand> given;
    for (std::size_t k = 0; k < rule.arity; ++k) {
      operands.push_back(tape.variable(Values(at.values[k], at.shapes[k])));
      given.emplace_back(operands.back());
    }
    const Tensor result = tape.record(rule, given, at.attributes);
    loss = sum(result * tape.constant(Values(weights, result.shape())));
  }
};

// What `of(k)` gives for each operand that has a gradient.
template <class Of>
Vectors for_each_gradient(const Rule& rule, Of of) {
  Vectors adjoints(rule.arity);
  for (std::size_t k = 0; k < rule.arity; ++k) {
    if (rule.differentiable[k]) adjoints[k] = of(k);
  }
  return adjoints;
}

// The adjoints of all operands, by backward(); empty where there is none.
Vectors array_adjoints(const Rule& rule, const RuleOperands& at,
                       const std::vector<double>& weights) {
  WeightedCall recording(rule, at, weights);
  recording.tape.backward(recording.loss);
  return for_each_gradient(rule, [&](std::size_t k) {
    const auto adjoint = recording.operands[k].adjoint_values();
    return std::vector<double>(adjoint.begin(), adjoint.end());
  });
}

// The same by gradient().
Vectors recorded_adjoints(const Rule& rule, const RuleOperands& at,
                          const std::vector<double>& weights) {
  WeightedCall recording(rule, at, weights);
  return for_each_gradient(rule, [&](std::size_t k) {
    const Tensor slope = gradient(recording.loss, {recording.operands[k]})[0];
    return std::vector<double>(slope.values().begin(), slope.values().end());
  });
}

// The same by two calls of each pullback. The second one finds the parts of the first, or 1 where
// they are 0, so that one that replaces instead of adding is seen, and no digit is lost.
Vectors adjoints_added_twice(const Rule& rule, const RuleOperands& at,
                             const std::vector<double>& weights) {
  Evaluation evaluation(rule, at);
  return for_each_gradient(rule, [&](std::size_t k) {
    std::vector<double> before(at.values[k].size());
    evaluation.pull_back(k, weights, before);
    std::replace(before.begin(), before.end(), 0.0, 1.0);
    std::vector<double> adjoint = before;
    evaluation.pull_back(k, weights, adjoint);
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (std::isfinite(before[i])) adjoint[i] -= before[i];
    }
    return adjoint;
  });
}

// The same by each pullback when all that it says it does not look at is gone: a program that is
// replayed for its gradient alone does not compute that.
Vectors adjoints_from_what_is_read(const Rule& rule, const RuleOperands& at,
                                   const std::vector<double>& weights) {
  Evaluation evaluation(rule, at);
  return for_each_gradient(rule, [&](std::size_t k) {
    std::vector<double> adjoint(at.values[k].size());
    evaluation.pull_back_from_what_is_read(k, weights, adjoint);
    return adjoint;
  });
}

// The adjoints of each element by itself, as adjoints_of(element) has them.
template <class AdjointsOf>
Vectors adjoints_one_by_one(const Rule& rule, const RuleOperands& at, AdjointsOf adjoints_of) {
  Vectors adjoints(rule.arity);
  for (std::size_t i = 0; i < at.values[0].size(); ++i) {
    const Vectors of_element = adjoints_of(element(at, i));
    for (std::size_t k = 0; k < rule.arity; ++k) {
      if (rule.differentiable[k]) adjoints[k].push_back(of_element[k][0]);
    }
  }
  return adjoints;
}

// What the engine takes for granted where a rule says so (Rule::slope_is_one); elsewhere what it
// computes.
Vectors adjoints_said_to_be_one(const Rule& rule, Vectors adjoints) {
  for (std::size_t k = 0; k < rule.arity; ++k) {
    if (rule.slope_is_one[k]) std::fill(adjoints[k].begin(), adjoints[k].end(), 1.0);
  }
  return adjoints;
}

ReadingSlopes selected(std::string_view reading, const Vectors& adjoints, const Trial& trial) {
  ReadingSlopes slopes{reading, Vectors(adjoints.size())};
  for (std::size_t k = 0; k < adjoints.size(); ++k) {
    for (const Index i : trial.entries[k]) {
      slopes.of_operand[k].push_back(adjoints[k][static_cast<std::size_t>(i)]);
    }
  }
  return slopes;
}

// What can be looked at where no element looks at another one.
void add_separable(const Rule& rule, const Trial& trial, const Vectors& by_tape,
                   std::vector<ReadingSlopes>& all) {
  const auto added_twice = [&rule](const RuleOperands& one) {
    return adjoints_added_twice(rule, one, {1.0});
  };
  const auto by_its_tape = [&rule](const RuleOperands& one) {
    return array_adjoints(rule, one, {1.0});
  };
  all.push_back(selected(array_singly, adjoints_one_by_one(rule, trial.at, added_twice), trial));
  if (rule.value_and_slope_block != nullptr) {
    all.push_back(
        selected(array_at_once_singly, adjoints_one_by_one(rule, trial.at, by_its_tape), trial));
  }
  all.push_back(selected(array_said_to_be_one, adjoints_said_to_be_one(rule, by_tape), trial));
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double total = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

// By the tangent along each entry; all entries at once where they do not mix.
ReadingSlopes dual_slopes(const Rule& rule, const Trial& trial,
                          const std::vector<double>& weights) {
  Evaluation evaluation(rule, trial.at);
  const bool separable = is_separable(rule, trial.at);
  ReadingSlopes slopes{dual_reading, Vectors(rule.arity)};
  for (std::size_t k = 0; k < rule.arity; ++k) {
    const std::size_t size = trial.at.values[k].size();
    const std::vector<double> together = separable && !trial.entries[k].empty()
                                             ? evaluation.tangent(k, std::vector<double>(size, 1.0))
                                             : std::vector<double>();
    std::vector<double> direction(size);
    for (const Index entry : trial.entries[k]) {
      const auto i = static_cast<std::size_t>(entry);
      direction[i] = 1.0;
      slopes.of_operand[k].push_back(separable ? together[i]
                                               : dot(evaluation.tangent(k, direction), weights));
      direction[i] = 0.0;
    }
  }
  return slopes;
}

std::vector<double> random_vector(std::size_t size, Random& random) {
  std::vector<double> values(size);
  for (double& v : values) v = random.uniform(-1.0, 1.0);
  return values;
}

void take_absolute(std::vector<double>& values) {
  for (double& v : values) v = std::abs(v);
}

// ⟨v, L·u⟩ for operand k of a rule, L what it is with its other operands as they are, or 0 where it
// is linear in all of them together; and the sum of its absolute parts.
struct Product {
  double value = 0.0;
  double scale = 0.0;
};
Product product_by_value(const Rule& rule, const RuleOperands& at, std::size_t k,
                         const std::vector<double>& v, const std::vector<double>& u) {
  Evaluation evaluation(rule, at);
  Vectors operands = at.values;
  for (std::vector<double>& others : operands) {
    if (rule.shape == RuleShape::linear) std::fill(others.begin(), others.end(), 0.0);
  }
  operands[k] = u;
  Product product{dot(v, evaluation.value(operands)), 0.0};
  for (std::vector<double>& values : operands) take_absolute(values);
  std::vector<double> parts = evaluation.value(operands);
  std::vector<double> weights = v;
  take_absolute(parts);
  take_absolute(weights);
  product.scale = dot(weights, parts);
  return product;
}

}  // namespace

std::vector<ReadingSlopes> slopes_by_reading(const Rule& rule, const Trial& trial,
                                             const std::vector<double>& weights) {
  const Vectors by_tape = array_adjoints(rule, trial.at, weights);
  std::vector<ReadingSlopes> all{
      selected(array_reading, by_tape, trial),
      selected(array_again, adjoints_added_twice(rule, trial.at, weights), trial),
      selected(array_as_declared, adjoints_from_what_is_read(rule, trial.at, weights), trial)};
  if (is_separable(rule, trial.at)) add_separable(rule, trial, by_tape, all);
  all.push_back(selected(recorded_reading, recorded_adjoints(rule, trial.at, weights), trial));
  all.push_back(dual_slopes(rule, trial, weights));
  return all;
}

bool AdjointTest::passed() const { return std::abs(by_reading - by_value) <= tolerance; }

std::vector<AdjointTest> adjoint_tests(const Rule& rule, const RuleOperands& at, Random& random) {
  if (rule.shape != RuleShape::linear && rule.shape != RuleShape::bilinear) return {};
  const std::size_t size = static_cast<std::size_t>(result_shape(rule, at).size());
  const std::vector<double> v = random_vector(size, random);
  const Vectors array = array_adjoints(rule, at, v);
  const Vectors recorded = recorded_adjoints(rule, at, v);
  Evaluation evaluation(rule, at);
  std::vector<AdjointTest> tests;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    if (!rule.differentiable[k]) continue;
    const std::vector<double> u = random_vector(at.values[k].size(), random);
    const Product expected = product_by_value(rule, at, k, v, u);
    // Rounding of n additions grows like √n.
    const double tolerance = 4.0 * std::numeric_limits<double>::epsilon() * expected.scale *
                             (1.0 + std::sqrt(static_cast<double>(size + u.size())));
    const auto add = [&](std::string_view reading, double by_reading) {
      tests.push_back({reading, k, expected.value, by_reading, tolerance});
    };
    add(array_reading, dot(array[k], u));
    add(recorded_reading, dot(recorded[k], u));
    add(dual_reading, dot(v, evaluation.tangent(k, u)));
  }
  return tests;
}

}  // namespace autograd
