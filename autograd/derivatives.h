// Derivatives as numbers: forward mode and reverse mode over a recording, Jacobians, Hessians, and
// their products with vectors. For derivatives as tensors see gradient.h.
//
//   hessian_vector_product(loss, w, v);   // H·v, at the cost of a few evaluations of the loss
//   hessian(loss, w);                     // n of them: for small n
//
// Rule for callers: derivatives are taken at the values the tape holds. The tape is left as it was
// found, adjoints of the last backward() included; only memory it has grown by stays with it. Where
// a leaf was assigned after it was read, all of them throw LossError, as backward() does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autograd/errors.h"
#include "autograd/tensor.h"

namespace autograd {

// Row-major: element (r, c) is elements[r · columns + c].
struct DerivativeMatrix {
  Index rows = 0;
  Index columns = 0;
  std::vector<double> elements;

  [[nodiscard]] double operator()(Index row, Index column) const {
    return elements[static_cast<std::size_t>(row * columns + column)];
  }
};

// J·v, forward mode: how the output moves when each input moves along its tangent; as many numbers
// as the output has elements. Inputs may be any tensors, constants too; one that is made of another
// moves along its own tangent and with the other. Throws ShapeError where a tangent has not the
// size of its input, ArgumentError where there are not as many tangents as inputs,
// StaleTensorError, TapeMismatchError.
std::vector<double> jvp(const Tensor& output, std::span<const Tensor> inputs,
                        std::span<const std::span<const double>> tangents,
                        SourceLine where = SourceLine::here());
std::vector<double> jvp(const Tensor& output, const Tensor& input, std::span<const double> tangent,
                        SourceLine where = SourceLine::here());

// uᵀ·J, reverse mode: the adjoint of each input, one after the other, where the output's adjoint is
// `weights`; as many numbers as the inputs have elements. Throws ShapeError where the weights have
// not the size of the output, StaleTensorError, TapeMismatchError.
std::vector<double> vjp(const Tensor& output, std::span<const Tensor> inputs,
                        std::span<const double> weights, SourceLine where = SourceLine::here());
std::vector<double> vjp(const Tensor& output, const Tensor& input, std::span<const double> weights,
                        SourceLine where = SourceLine::here());

// ∂output[r]/∂input[c], a row for each element of the output, a column for each of the inputs, one
// input after the other. In reverse mode where the output has fewer elements than the inputs, else
// in forward mode. Throws StaleTensorError, TapeMismatchError.
DerivativeMatrix jacobian(const Tensor& output, std::span<const Tensor> inputs,
                          SourceLine where = SourceLine::here());
DerivativeMatrix jacobian(const Tensor& output, const Tensor& input,
                          SourceLine where = SourceLine::here());

// How a gradient is differentiated; both give the same numbers to rounding.
enum class SecondOrder : std::uint8_t { forward_over_reverse, reverse_over_reverse };

// H·v for the Hessian H of the loss by some variables; v and the result hold as many numbers as the
// variables have elements, one variable after the other. Throws as gradient() does, ShapeError
// where v has not that size, ArgumentError without variables.
std::vector<double> hessian_vector_product(const Tensor& loss, std::span<const Tensor> variables,
                                           std::span<const double> v,
                                           SecondOrder order = SecondOrder::forward_over_reverse,
                                           SourceLine where = SourceLine::here());
std::vector<double> hessian_vector_product(const Tensor& loss, const Tensor& x,
                                           std::span<const double> v,
                                           SecondOrder order = SecondOrder::forward_over_reverse,
                                           SourceLine where = SourceLine::here());

// ∂²loss/∂x[r]∂x[c], a row and a column for each element of the variables, one variable after the
// other: hessian(loss, std::array{w, b}). Throws as gradient() does, ArgumentError without
// variables.
DerivativeMatrix hessian(const Tensor& loss, std::span<const Tensor> variables,
                         SourceLine where = SourceLine::here());
DerivativeMatrix hessian(const Tensor& loss, const Tensor& x,
                         SourceLine where = SourceLine::here());

}  // namespace autograd
