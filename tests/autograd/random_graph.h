// Random computations for property tests: leaves of shapes that broadcast, and a list of operations
// between whatever has been computed so far, so that nodes are shared.
//
// Rule for callers: a plan is plain numbers, so that RapidCheck can shrink it and print it; the
// same plan records the same computation.
#pragma once

#include <rapidcheck.h>

#include <ostream>
#include <vector>

#include "tests/autograd/support.h"

namespace autograd::testing {

// One operation: which, and on which earlier results, counted from the latest one backwards.
struct PlannedStep {
  int operation = 0;
  int first = 0;
  int second = 0;
};

struct Plan {
  std::vector<Index> extents;  // of the widest shape, three axes
  std::vector<int> leaves;     // which axes a leaf has; bits as in leaf_shape
  std::vector<PlannedStep> steps;
  std::uint64_t seed = 0;  // of the leaves' values

  friend std::ostream& operator<<(std::ostream& out, const Plan& plan) {
    out << "extents";
    for (const Index extent : plan.extents) out << ' ' << extent;
    out << ", leaves";
    for (const int leaf : plan.leaves) out << ' ' << leaf;
    out << ", seed " << plan.seed << ", steps";
    for (const auto& [operation, first, second] : plan.steps) {
      out << " (" << operation << ", " << first << ", " << second << ")";
    }
    return out;
  }
};

// Bits 0 to 2 give an axis its whole extent or 1; bit 3 leaves out leading axes of extent 1.
inline Shape leaf_shape(const Plan& plan, int bits) {
  std::vector<Index> extents;
  for (unsigned axis = 0; axis < 3; ++axis) {
    const bool whole = (static_cast<unsigned>(bits) >> axis & 1U) != 0;
    const bool leading = extents.empty() && (static_cast<unsigned>(bits) & 8U) != 0;
    if (whole) {
      extents.push_back(plan.extents[axis]);
    } else if (!leading) {
      extents.push_back(1);
    }
  }
  return Shape(extents);
}

// What keeps values moderate, so that a long computation stays in range: every result that may grow
// goes through a bounded function.
inline Tensor plain_operation(int operation, const Tensor& x, const Tensor& y) {
  switch (operation) {
    case 0:
      return x + y;
    case 1:
      return x - y;
    case 2:
      return tanh(x) * y;
    case 3:
      return x / (1.5 + square(y));
    case 4:
      return maximum(x, y);
    case 5:
      return minimum(x, y);
    case 6:
      return where(less(x, y), x, tanh(y));
    case 7:
      return power(1.0 + sigmoid(x), tanh(y));
    case 8:
      return prelu(x, tanh(y));
    case 9:
      return generalized_logistic(tanh(x), 0.5 + sigmoid(y));
    case 10:
      // A label beyond 1: σ(z) − y is then no small difference, which rounding would magnify.
      return binary_cross_entropy_with_logits(tanh(x + y), 1.5 + sigmoid(x - y));
    case 11:
      return squared_error(tanh(x + y), sigmoid(x - y));
    case 12:
      return -sigmoid(x);
    case 13:
      return tanh(x);
    case 14:
      return softplus(tanh(x));
    case 15:
      return log(0.5 + sigmoid(x)) + exp(tanh(y));
    case 16:
      return sqrt(0.5 + sigmoid(x)) * relu(y);
    case 17:
      return elu(x) + abs(y);
    case 18:
      return log1p(sigmoid(x)) - expm1(-sigmoid(y));
    default:
      return hard_tanh(x) + hard_logistic(y);
  }
}

// Operations on a tensor with all three axes.
inline Tensor wide_operation(int operation, const Tensor& x, const Tensor& y) {
  const Shape shape = x.shape();
  switch (operation) {
    case 0:
      return softmax(x, 1);
    case 1:
      return tanh(log_softmax(x, 2));
    case 2:
      return log_sum_exp(tanh(x), 0, true);
    case 3:
      return max(x, 1, true);
    case 4:
      return min(x, 2, true);
    case 5:
      return mean(x, {0, 2}, true);
    case 6:
      return tanh(sum(x, {1}));
    case 7:
      return tanh(matmul(matmul(x, permute(tanh(y), {0, 2, 1})), softmax(y, 2)));
    case 8:
      return reshape(permute(reshape(x, {shape[0], shape[1] * shape[2]}), {0, 1}), shape);
    case 9:
      return slice(concatenate({x, tanh(y)}, 1), 1, shape[1] / 2, shape[1] / 2 + shape[1]);
    case 10:
      return gather_rows(x, std::vector<Index>(static_cast<std::size_t>(shape[0]), shape[0] - 1));
    case 11:
      return maxout(concatenate({x, tanh(y)}, 2), 2);
    default:
      return cross_entropy_with_logits(tanh(x), softmax(y, 2), 2);
  }
}

inline constexpr int plain_operations = 20;
inline constexpr int wide_operations = 13;

struct Graph {
  std::vector<Tensor> variables;
  Tensor result;  // what the last operation gave
  Tensor loss;    // what became of all of them, in one number
};

// The leaves of the plan, one after the other.
inline std::vector<Values> leaf_values(const Plan& plan) {
  std::vector<Values> leaves;
  Random random(plan.seed);
  for (const int leaf : plan.leaves) {
    const Shape shape = leaf_shape(plan, leaf);
    leaves.emplace_back(random_values(random, shape.size()), shape);
  }
  return leaves;
}

// Records the plan on its leaves.
inline Graph record(const Plan& plan, std::span<const Tensor> leaves) {
  Graph graph;
  graph.variables.assign(leaves.begin(), leaves.end());
  const Shape whole(plan.extents);
  std::vector<Tensor> made = graph.variables;
  const auto back = [&made](int steps) {
    return made[made.size() - 1 - static_cast<std::size_t>(steps) % made.size()];
  };
  for (const PlannedStep& step : plan.steps) {
    const Tensor x = back(step.first);
    const Tensor y = back(step.second);
    Tensor z = step.operation < plain_operations
                   ? plain_operation(step.operation, x, y)
                   : wide_operation(step.operation - plain_operations, broadcast_to(x, whole),
                                    broadcast_to(y, whole));
    // A reduced axis may leave a shape that no longer broadcasts with the others.
    if (!broadcast(z.shape(), whole) || *broadcast(z.shape(), whole) != whole) z = tanh(mean(z));
    made.push_back(z);
  }
  graph.result = made.back();
  graph.loss = mean(graph.result);
  for (const Tensor& z : made) graph.loss = graph.loss + mean(tanh(z));
  return graph;
}

// Records the plan.
inline Graph record(const Plan& plan, Tape& tape) {
  std::vector<Tensor> variables;
  for (const Values& leaf : leaf_values(plan)) variables.push_back(tape.variable(leaf));
  return record(plan, variables);
}

}  // namespace autograd::testing

namespace rc {

template <>
struct Arbitrary<autograd::testing::PlannedStep> {
  static Gen<autograd::testing::PlannedStep> arbitrary() {
    using autograd::testing::PlannedStep;
    constexpr int operations =
        autograd::testing::plain_operations + autograd::testing::wide_operations;
    return gen::build<PlannedStep>(gen::set(&PlannedStep::operation, gen::inRange(0, operations)),
                                   gen::set(&PlannedStep::first, gen::inRange(0, 30)),
                                   gen::set(&PlannedStep::second, gen::inRange(0, 30)));
  }
};

// Twenty operations and more: each step is at least one.
template <>
struct Arbitrary<autograd::testing::Plan> {
  static Gen<autograd::testing::Plan> arbitrary() {
    using autograd::Index;
    using autograd::testing::Plan;
    using autograd::testing::PlannedStep;
    return gen::build<Plan>(
        gen::set(&Plan::extents, gen::container<std::vector<Index>>(3, gen::inRange<Index>(1, 4))),
        gen::set(&Plan::leaves, gen::container<std::vector<int>>(4, gen::inRange(0, 16))),
        gen::set(&Plan::steps,
                 gen::container<std::vector<PlannedStep>>(20, gen::arbitrary<PlannedStep>())),
        gen::set(&Plan::seed, gen::inRange<std::uint64_t>(0, 1000000)));
  }
};

}  // namespace rc
