// The Hessian of a mean of losses whose logits are linear in the parameters, z = XW + b, from the
// tape: the slopes c of dz are recorded (gradient() of a gradient), and what is summed over blocks
// of rows is the bilinear form
//
//   S(M) = mean over rows of Σ_kl c_kl · x̃ᵀ M_kl x̃,  x̃ = (x, 1),
//
// whose derivative by M is the Hessian, one product of matrices a block, and whose derivative by
// the parameters, at M = H⁻¹, is that of ln det H: what Firth's correction adds.
//
// Rule for callers: tables and parameters are read in place at every call and must outlive this.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "autograd/row_sum.h"

namespace models {

class LinearCurvature {
 public:
  // Records Σ loss over some rows of the tables, given their logits [rows] or [rows × outputs].
  using RecordLoss = std::function<autograd::Tensor(std::span<const autograd::Tensor> rows,
                                                    const autograd::Tensor& z)>;

  // tables[0] is X [rows × features]; weights [features] and a scalar intercept, or [features ×
  // outputs] and [outputs].
  LinearCurvature(std::vector<autograd::View> tables, autograd::View weights,
                  autograd::View intercept, RecordLoss loss, int threads);

  // ∂²/∂θ∂θ of the mean, θ = the weights row-major, then the intercepts; n × n, row-major,
  // symmetric. A view that the next call overwrites.
  std::span<const double> hessian();
  // ∂ tr(M·H(θ))/∂θ for a symmetric M, n × n as above: n numbers, a view that the next call
  // overwrites.
  std::span<const double> trace_gradient(std::span<const double> M);

  [[nodiscard]] std::size_t size() const { return columns_ * outputs_; }

 private:
  using Tensors = std::span<const autograd::Tensor>;

  // S(M) times the number of rows.
  [[nodiscard]] autograd::Tensor form(Tensors rows, const autograd::Tensor& w,
                                      const autograd::Tensor& b, Tensors M) const;
  // Where the element (j, l·columns + i) of M_k is in an n × n matrix by parameters.
  [[nodiscard]] std::size_t parameter(std::size_t output, std::size_t column) const;
  [[nodiscard]] std::vector<autograd::View> views_of_bilinear() const;

  std::vector<autograd::View> tables_;
  autograd::View weights_;
  autograd::View intercept_;
  RecordLoss loss_;
  int threads_;
  std::size_t columns_;  // of x̃
  std::size_t outputs_;
  std::vector<double> M_;  // M_k [columns × (k+1)·columns] for each output k, one after the other
  std::optional<autograd::RowSum> by_M_;
  std::optional<autograd::RowSum> by_parameters_;
  std::vector<double> hessian_;
  std::vector<double> trace_gradient_;
};

}  // namespace models
