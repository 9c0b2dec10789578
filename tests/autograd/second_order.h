// What the tests of gradients, Jacobians and Hessians share: operands for every rule of the
// catalogue, the complex step over a whole recording, and the size a gradient's parts have.
//
// Rule for callers: the witness here is the complex reading of the values on a tape, which shares
// neither slopes nor pullbacks nor tangents with what it is compared to.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "autograd/derivatives.h"
#include "autograd/gradient.h"
#include "tests/autograd/support.h"

namespace autograd::testing {

// Operands of one rule.
struct Trial {
  std::vector<Shape> shapes;
  std::vector<std::vector<double>> values;
  std::vector<Index> attributes;
};

// Every operand a variable of its own.
inline std::vector<Tensor> variables_of(Tape& tape, const Trial& trial) {
  std::vector<Tensor> variables;
  for (std::size_t k = 0; k < trial.shapes.size(); ++k) {
    variables.push_back(tape.variable(Values(trial.values[k], trial.shapes[k])));
  }
  return variables;
}

// Ordinary points of an elementwise rule's domain, every combination in one long tensor.
inline Trial ordinary_trial(const Rule& rule) {
  Trial trial;
  trial.values.resize(rule.arity);
  for_each_ordinary_point(rule, [&](const std::vector<double>& x) {
    for (std::size_t k = 0; k < rule.arity; ++k) trial.values[k].push_back(x[k]);
  });
  trial.shapes.assign(rule.arity, Shape{static_cast<Index>(trial.values[0].size())});
  return trial;
}

// The same rule between operands that broadcast: 2×3, 3 and 2×1.
inline Trial broadcast_trial(const Rule& rule, Random& random) {
  Trial trial;
  const std::array<Shape, max_operands> shapes{Shape{2, 3}, Shape{3}, Shape{2, 1}};
  for (std::size_t k = 0; k < rule.arity; ++k) {
    const auto points = ordinary_points(rule.info.domain[k]);
    std::vector<double> values;
    for (Index i = 0; i < shapes[k].size(); ++i) {
      const double apart = rule.info.domain[k] == Domain::condition ? 0.0 : 0.03;
      const auto point = static_cast<std::size_t>(random_index(random, 0, 3));
      values.push_back(points[point] + apart * static_cast<double>(k));
    }
    trial.shapes.push_back(shapes[k]);
    trial.values.push_back(values);
  }
  return trial;
}

// The examples of a rule that is not elementwise; on a grid, equal numbers meet.
inline std::vector<Trial> example_trials(const Rule& rule, Random& random, bool grid) {
  std::vector<Trial> trials;
  for (const Example& example : rule.examples()) {
    Trial trial{example.operands, {}, example.attributes};
    for (const Shape& shape : example.operands) {
      trial.values.push_back(random_values(random, shape.size()));
      for (double& v : trial.values.back()) v = grid ? std::round(v) : v;
    }
    trials.push_back(trial);
  }
  return trials;
}

// Losses refuse to broadcast.
inline bool accepts(const Rule& rule, const Trial& trial) {
  Geometry g;
  for (std::size_t k = 0; k < rule.arity; ++k) g.operands[k] = &trial.shapes[k];
  g.attributes = trial.attributes;
  try {
    rule.result_shape(g);
    return true;
  } catch (const ShapeMismatch&) {
    return false;
  }
}

// A rule's trials away from kinks and ties.
inline std::vector<Trial> smooth_trials(const Rule& rule, Random& random) {
  if (rule.shape != RuleShape::elementwise) return example_trials(rule, random, false);
  std::vector<Trial> trials{ordinary_trial(rule)};
  for (int i = 0; i < 2; ++i) {
    const Trial trial = broadcast_trial(rule, random);
    if (accepts(rule, trial)) trials.push_back(trial);
  }
  return trials;
}

// Calls visit(rule, trial) over the whole catalogue.
template <class Visit>
void for_each_smooth_trial(Visit visit) {
  Random random(20);
  for (const Rule* rule : catalogue()) {
    for (const Trial& trial : smooth_trials(*rule, random)) {
      SCOPED_TRACE(rule->info.name);
      visit(*rule, trial);
    }
  }
}

// How `output` moves along a tangent of the leaf `input`, by a complex step over all that was
// recorded.
inline std::vector<double> complex_step(const Tensor& output, const Tensor& input,
                                        std::span<const double> tangent) {
  constexpr double step = 1e-30;
  const Tape& tape = *output.tape();
  std::vector<std::vector<Complex>> values(output.index() + std::size_t{1});
  Scratch<Complex> scratch;
  for (std::size_t index = 0; index < values.size(); ++index) {
    const Node& node = tape.node(index);
    const auto real = tape.values_of(node);
    values[index].assign(real.begin(), real.end());
    if (index == input.index()) {
      for (std::size_t i = 0; i < tangent.size(); ++i) {
        values[index][i] = Complex(real[i], step * tangent[i]);
      }
    } else if (node.rule != nullptr) {
      Call<Complex> call{tape.geometry_of(node), {}, values[index].data(), &scratch};
      for (std::size_t k = 0; k < node.rule->arity; ++k) {
        call.operands[k] = values[node.operands[k]].data();
      }
      node.rule->forward_complex(*node.rule, call);
    }
  }
  std::vector<double> slope;
  for (const Complex& z : values.back()) slope.push_back(z.imaginary() / step);
  return slope;
}

// For every node of a tape the adjoint that backward() would give if no part had a sign: what a
// gradient's rounding errors are measured by.
inline std::vector<std::vector<double>> sums_of_absolute_parts(const Tensor& loss) {
  const Tape& tape = *loss.tape();
  std::vector<std::vector<double>> sums(loss.index() + std::size_t{1});
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i].resize(tape.values_of(tape.node(i)).size());
  sums.back().assign(1, 1.0);
  Scratch<double> scratch;
  for (std::size_t index = sums.size(); index-- > 0;) {
    const Node& node = tape.node(index);
    if (node.rule == nullptr || !node.requires_gradient()) continue;
    Call<double> call{tape.geometry_of(node), {}, node.value, &scratch};
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      call.operands[k] = tape.node(node.operands[k]).value;
    }
    std::vector<double> upstream(sums[index].size());
    for (std::size_t i = 0; i < upstream.size(); ++i) {
      if (sums[index][i] == 0.0) continue;
      upstream[i] = sums[index][i];
      for (std::size_t k = 0; k < node.rule->arity; ++k) {
        if (!node.rule->differentiable[k]) continue;
        std::vector<double> part(sums[node.operands[k]].size());
        node.rule->pullback(*node.rule, call, k, upstream.data(), part.data());
        for (std::size_t j = 0; j < part.size(); ++j) {
          sums[node.operands[k]][j] += std::abs(part[j]);
        }
      }
      upstream[i] = 0.0;
    }
  }
  return sums;
}

// Equal bits, both NaN, or apart by at most `ulps` of `scale`.
inline ::testing::AssertionResult within(double actual, double expected, double ulps,
                                         double scale) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected)) ||
      std::abs(actual - expected) <= ulps * epsilon * scale) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure()
         << actual << " is not " << expected << ": apart by "
         << std::abs(actual - expected) / (epsilon * scale) << " ulp of " << scale;
}

}  // namespace autograd::testing
