// Broadcasting and its adjoint, in one place: rules see runs of equal length, never shapes.
//
// Rule for callers: these are the engine's; a rule never calls them.
#pragma once

#include <array>
#include <cstddef>

#include "autograd/rules/rule.h"
#include "autograd/shape.h"

namespace autograd {

// The common iteration space of several tensors, with axes that can be walked as one merged. An
// operand that is repeated along an axis has stride 0 there.
template <std::size_t tensors>
struct Walk {
  int rank = 0;
  std::array<Index, Shape::max_rank> extents{};
  std::array<std::array<Index, Shape::max_rank>, tensors> strides{};

  // Appends an axis on the inner side; merges it with the one before where strides allow.
  void append(Index extent, const std::array<Index, tensors>& stride) {
    if (extent == 1) return;
    if (rank > 0) {
      const auto last = static_cast<std::size_t>(rank - 1);
      bool merges = true;
      for (std::size_t t = 0; t < tensors; ++t) {
        merges = merges && strides[t][last] == stride[t] * extent;
      }
      if (merges) {
        extents[last] *= extent;
        for (std::size_t t = 0; t < tensors; ++t) strides[t][last] = stride[t];
        return;
      }
    }
    const auto next = static_cast<std::size_t>(rank++);
    extents[next] = extent;
    for (std::size_t t = 0; t < tensors; ++t) strides[t][next] = stride[t];
  }

  // Calls visit(offsets, length, inner strides) for every innermost run.
  template <class Visit>
  void for_each_run(const Visit& visit) const {
    std::array<Index, tensors> offsets{};
    if (rank == 0) {
      visit(offsets, Index{1}, std::array<Index, tensors>{});
      return;
    }
    const auto inner = static_cast<std::size_t>(rank - 1);
    std::array<Index, tensors> step{};
    for (std::size_t t = 0; t < tensors; ++t) step[t] = strides[t][inner];
    std::array<Index, Shape::max_rank> position{};
    while (true) {
      visit(offsets, extents[inner], step);
      int axis = rank - 2;
      for (; axis >= 0; --axis) {
        const auto a = static_cast<std::size_t>(axis);
        for (std::size_t t = 0; t < tensors; ++t) offsets[t] += strides[t][a];
        if (++position[a] < extents[a]) break;
        for (std::size_t t = 0; t < tensors; ++t) offsets[t] -= strides[t][a] * extents[a];
        position[a] = 0;
      }
      if (axis < 0) return;
    }
  }
};

// Readings of an elementwise rule over operands of any shapes that broadcast.
// Throws ShapeMismatch where a loss's two operands differ in shape; one label for all is allowed.
void require_equal_shapes(const Geometry& geometry);
Shape elementwise_shape(std::size_t arity, const Geometry& geometry);
void elementwise_forward(const Rule& rule, const Call<double>& call);
void elementwise_forward_complex(const Rule& rule, const Call<Complex>& call);
void elementwise_forward_dual(const Rule& rule, const TangentCall& call);
std::uint64_t elementwise_branches(const Rule& rule, const Call<double>& call);
void elementwise_pullback(const Rule& rule, const Call<double>& call, std::size_t operand,
                          const double* upstream, double* adjoint);
// adjoint += upstream·slope, 0 where upstream is 0: n elements.
void add_gated(double* adjoint, const double* upstream, const double* slope, Index n);

// Whether a rule's innermost loops are all there is to it: false for a rule that brings a forward
// or a pullback of its own.
inline bool is_plain_elementwise(const Rule& rule) {
  return rule.forward == elementwise_forward && rule.pullback == elementwise_pullback;
}

}  // namespace autograd
