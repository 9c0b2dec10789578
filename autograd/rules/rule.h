// What the engine knows of an operation: a Rule, made from the operation's struct by one
// of the four shapes (elementwise.h, linear.h, bilinear.h, fused.h).
//
// Rule for callers: a Rule is a constant of the program with static lifetime; nodes of a tape point
// to it. It holds no state and is safe to share between threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/readings/branches.h"
#include "autograd/readings/complex.h"
#include "autograd/readings/dependence.h"
#include "autograd/readings/dual.h"
#include "autograd/readings/fibre.h"
#include "autograd/readings/formula.h"
#include "autograd/readings/recorded.h"
#include "autograd/shape.h"

namespace autograd {

inline constexpr std::size_t max_operands = 3;

// Where an operand may lie. The gradient check takes its points from there.
enum class Domain : std::uint8_t {
  real,
  positive,         // x > 0
  above_minus_one,  // x > −1
  unit_interval,    // 0 < x < 1
  nonzero,          // x ≠ 0
  condition,        // 0 or 1
};

// The face of an operation: its name in messages, in the catalogue and on the command line.
struct RuleInfo {
  std::string_view name;
  std::string_view summary;       // one line: what it computes
  std::string_view torch_name{};  // what PyTorch calls it, "" where it has none
  std::array<Domain, max_operands> domain{};
  // Points of the first operand where the slope jumps, relative to the second operand (or to 0).
  std::span<const double> kinks = {};
  // The slope jumps where the first two operands are equal (minimum, maximum).
  bool kink_where_equal = false;
};

// Selects the operand a slope, an adjoint or a pullback belongs to.
template <std::size_t operand>
struct Wrt {};

enum class RuleShape : std::uint8_t { elementwise, linear, bilinear, fused };

// The shapes a node is made of, and its whole-number attributes (axes, offsets, extents, indices);
// what they mean is said at each rule.
struct Geometry {
  std::array<const Shape*, max_operands> operands{};
  const Shape* result = nullptr;
  std::span<const Index> attributes{};

  [[nodiscard]] const Shape& operand(std::size_t k) const { return *operands[k]; }
};

// One evaluation: shapes, operands' values, room for the result. S is double or Complex.
template <class S>
struct Call {
  Geometry geometry;
  std::array<const S*, max_operands> operands{};
  S* result = nullptr;
  Scratch<S>* scratch = nullptr;
  // Bit k: operand k comes from memory, not from a cache, and so does what follows it.
  std::uint8_t streamed = 0;
};

// One evaluation in forward mode: the operands' values, their tangents (null for an operand that
// does not move), and room for the result's tangent.
struct TangentCall {
  Call<double> values;
  std::array<const double*, max_operands> tangents{};
  double* result = nullptr;
  Scratch<Dual>* scratch = nullptr;
};

// Thrown while a result's shape is worked out; the tape adds operation, operands and source line.
struct ShapeMismatch {
  std::string reason;
  std::string advice;
};

// Thrown by an operation that has no value at its operands; the tape adds the context.
struct NoValue {
  std::string reason;
};

// Operand shapes and attributes that show a rule at work; the gradient check and the tests run
// them.
struct Example {
  std::vector<Shape> operands;
  std::vector<Index> attributes = {};
};

// One operation, all readings. Function pointers a shape does not use are null.
struct Rule {
  RuleInfo info;
  RuleShape shape = RuleShape::elementwise;
  std::size_t arity = 1;
  std::array<bool, max_operands> differentiable{};
  // The value branches on an operand, so that a difference across a branch is not a derivative.
  bool piecewise = false;

  // The result's shape; throws ShapeMismatch.
  Shape (*result_shape)(const Geometry&) = nullptr;

  // Array reading.
  void (*forward)(const Rule&, const Call<double>&) = nullptr;
  // Adds to `adjoint` (shape of the operand) what `upstream` (shape of the result) sends back.
  void (*pullback)(const Rule&, const Call<double>&, std::size_t operand, const double* upstream,
                   double* adjoint) = nullptr;
  // Which values the pullback of an operand looks at: bit k is operand k, bit max_operands the
  // result.
  std::uint8_t (*pullback_reads)(std::size_t operand) = nullptr;
  // The slope by an operand is 1 everywhere: it receives what the result received.
  std::array<bool, max_operands> slope_is_one{};
  // The innermost loops of elementwise rules: n elements, all operands contiguous.
  void (*value_block)(double* result, const double* const* operands, Index n) = nullptr;
  std::array<void (*)(double* adjoint, const double* upstream, const double* const* operands,
                      const double* result, Index n),
             max_operands>
      contribution_block{};
  // Value and slope by the first operand at once, for rules where both need the same work (the
  // exponential of a cross-entropy); null for all others. What the operand receives is then
  // add_gated(upstream, slope), with the bits of contribution_block.
  void (*value_and_slope_block)(double* result, double* slope, const double* const* operands,
                                Index n) = nullptr;

  // Recorded reading: what `upstream` sends back to an operand, as operations on the tape; shaped
  // like the result where the operand was broadcast. Shapes and attributes must not lie on the
  // tape, which grows.
  Tensor (*record_pullback)(std::size_t operand, std::span<const Tensor> operands,
                            const Tensor& result, const Tensor& upstream,
                            const Geometry&) = nullptr;

  // Dual reading: the tangent of the result.
  void (*forward_dual)(const Rule&, const TangentCall&) = nullptr;
  Dual (*dual_element)(const Dual* operands) = nullptr;

  // Complex reading.
  void (*forward_complex)(const Rule&, const Call<Complex>&) = nullptr;
  Complex (*complex_element)(const Complex* operands) = nullptr;

  // Branches reading: which way the value went, over all elements of the result; 0 where it
  // chooses nothing. Null for rules without kinks: linear and bilinear ones, and those whose
  // branches are smooth.
  std::uint64_t (*branches)(const Rule&, const Call<double>&) = nullptr;
  Branches (*branches_element)(const Branches* operands) = nullptr;

  // Formula reading: of the value, and of what an operand's adjoint receives.
  Formula (*formula)(std::span<const Formula> operands, const Geometry&) = nullptr;
  Formula (*pullback_formula)(std::size_t operand, std::span<const Formula> operands,
                              const Formula& result, const Formula& upstream,
                              const Geometry&) = nullptr;

  // Null for elementwise rules, which are shown at points of their domain.
  std::vector<Example> (*examples)() = nullptr;
};

// The rule of an operation's struct, made by the shape it derives from.
template <class R>
inline constexpr Rule rule_of = R::template make<R>();

}  // namespace autograd
