// Where a rule is looked at: operands, and which of their entries are moved.
#pragma once

#include <cstdint>
#include <vector>

#include "autograd/random.h"
#include "autograd/rules/rule.h"

namespace autograd {

// What a rule was given: what a node of a tape had.
struct RuleOperands {
  std::vector<Shape> shapes;
  std::vector<std::vector<double>> values;  // row-major, an operand each
  std::vector<Index> attributes;
};

// A rule's operands, and the entries of each, in ascending order, whose derivatives are compared;
// none of an operand it is not differentiable by.
struct Trial {
  RuleOperands at;
  std::vector<std::vector<Index>> entries;
};

// Whether a rule is differentiable by any of its operands.
bool has_gradient(const Rule& rule);

// The points check_rule() looks at, drawn from the seed where they are not fixed.
std::vector<Trial> trials_of(const Rule& rule, Random& random);

// These operands: all entries of small ones, of larger ones some drawn at random.
Trial trial_at(const Rule& rule, const RuleOperands& at, Random& random);

// The shape of the result at these operands. Throws ShapeMismatch.
Shape result_shape(const Rule& rule, const RuleOperands& at);

// An elementwise rule whose operands all have the shape of the result: entry i of it is made of
// entry i of each, and of nothing else.
bool is_separable(const Rule& rule, const RuleOperands& at);
// Those entries, as operands of one element each.
RuleOperands element(const RuleOperands& at, std::size_t i);

// How far entry i of operand k may move before it meets a branch or leaves the domain: 0 at a kink
// or a tie.
double room_of(const Rule& rule, const RuleOperands& at, std::size_t k, std::size_t i);
// Whether it lies where the domain of its operand ends, or beyond.
bool is_at_edge(const Rule& rule, const RuleOperands& at, std::size_t k, std::size_t i);

}  // namespace autograd
