// Every rule of the catalogue at work: shapes, among them such that broadcast, and values that suit
// its domain.
#pragma once

#include <algorithm>
#include <vector>

#include "tests/autograd/support.h"

namespace autograd::testing {

inline bool accepts(const Rule& rule, const Example& example) {
  Geometry geometry;
  for (std::size_t k = 0; k < rule.arity; ++k) geometry.operands[k] = &example.operands[k];
  try {
    rule.result_shape(geometry);
    return true;
  } catch (const ShapeMismatch&) {
    return false;
  }
}

// Elementwise rules are shown where their operands broadcast, too.
inline std::vector<Example> broadcast_examples_of(const Rule& rule) {
  if (rule.shape != RuleShape::elementwise) return rule.examples();
  std::vector<Example> all{{std::vector<Shape>(rule.arity, Shape{2, 3}), {}}};
  for (const Shape& narrow : {Shape{3}, Shape{2, 1}, Shape{}}) {
    if (rule.arity == 1) break;
    all.push_back(all.front());
    all.back().operands[1] = narrow;
    all.push_back(all.front());
    all.back().operands[0] = narrow;
  }
  // Losses refuse to broadcast.
  std::erase_if(all, [&](const Example& example) { return !accepts(rule, example); });
  return all;
}

inline std::vector<double> example_values(const Rule& rule, const Example& example, std::size_t k,
                                          Random& random) {
  std::vector<double> x = random_values(random, example.operands[k].size());
  const auto points = ordinary_points(rule.info.domain[k]);
  for (std::size_t i = 0; i < x.size() && rule.shape == RuleShape::elementwise; ++i) {
    x[i] = points[(i + k) % 4] + (rule.info.domain[k] == Domain::condition ? 0.0 : 0.01 * x[i]);
  }
  return x;
}

}  // namespace autograd::testing
