#include "models/linear_curvature.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "autograd/gradient.h"
#include "autograd/operations.h"

namespace models {
namespace {

using autograd::Index;
using autograd::RowSum;
using autograd::Shape;
using autograd::Tensor;
using autograd::View;

Index as_index(std::size_t n) { return static_cast<Index>(n); }

}  // namespace

LinearCurvature::LinearCurvature(std::vector<View> tables, View weights, View intercept,
                                 RecordLoss loss, int threads)
    : tables_(std::move(tables)),
      weights_(weights),
      intercept_(intercept),
      loss_(std::move(loss)),
      threads_(threads),
      columns_(static_cast<std::size_t>(weights_.shape[0]) + 1),
      outputs_(static_cast<std::size_t>(intercept_.shape.size())) {
  M_.resize(columns_ * columns_ * outputs_ * (outputs_ + 1) / 2);
  hessian_.resize(size() * size());
}

// M_k [columns × (k+1)·columns]: the blocks left of the diagonal and on it, as M is symmetric.
std::vector<View> LinearCurvature::views_of_bilinear() const {
  std::vector<View> views;
  std::span<const double> rest(M_);
  for (std::size_t k = 0; k < outputs_; ++k) {
    const std::size_t length = columns_ * columns_ * (k + 1);
    views.emplace_back(rest.first(length), Shape{as_index(columns_), as_index(columns_ * (k + 1))});
    rest = rest.subspan(length);
  }
  return views;
}

std::size_t LinearCurvature::parameter(std::size_t output, std::size_t column) const {
  return column * outputs_ + output;  // the intercepts are the last row of [weights; intercepts]
}

Tensor LinearCurvature::form(Tensors rows, const Tensor& w, const Tensor& b, Tensors M) const {
  const Index m = rows[0].shape()[0];
  const Index outputs = as_index(outputs_);
  const Index columns = as_index(columns_);
  const Tensor z = matmul(rows[0], w) + b;
  const Tensor dz = reshape(gradient(loss_(rows, z), {z})[0], Shape{m, outputs});
  const Tensor one = rows[0].tape()->constant(1.0);
  const Tensor X = autograd::concatenate({rows[0], broadcast_to(one, Shape{m, 1})}, 1);
  std::optional<Tensor> total;
  for (Index k = 0; k < outputs; ++k) {
    const Tensor slopes = reshape(gradient(sum(slice(dz, 1, k, k + 1)), {z})[0], Shape{m, outputs});
    const Tensor c = reshape(slice(slopes, 1, 0, k + 1), Shape{m, k + 1, 1});
    const Tensor cX = reshape(c * reshape(X, Shape{m, 1, columns}), Shape{m, (k + 1) * columns});
    const Tensor part = sum(matmul(X, M[static_cast<std::size_t>(k)]) * cX);
    total = total ? *total + part : part;
  }
  return *total;
}

std::span<const double> LinearCurvature::hessian() {
  if (!by_M_) {
    by_M_.emplace(
        tables_, views_of_bilinear(),
        [this](Tensors tables, Tensors M) {
          autograd::Tape& tape = *tables[0].tape();
          return form(tables, tape.variable(weights_), tape.variable(intercept_), M);
        },
        RowSum::Options{0, threads_});
  }
  by_M_->differentiate();
  const auto rows = static_cast<double>(tables_[0].shape[0]);
  const double* block = by_M_->gradient().data();
  const std::size_t n = size();
  for (std::size_t k = 0; k < outputs_; ++k) {
    for (std::size_t j = 0; j < columns_; ++j) {
      for (std::size_t l = 0; l <= k; ++l) {
        for (std::size_t i = 0; i < columns_; ++i, ++block) {
          const std::size_t r = parameter(k, j);
          const std::size_t c = parameter(l, i);
          if (l == k && c > r) continue;  // The block on the diagonal: its lower triangle twice.
          hessian_[r * n + c] = hessian_[c * n + r] = *block / rows;
        }
      }
    }
  }
  return hessian_;
}

std::span<const double> LinearCurvature::trace_gradient(std::span<const double> M) {
  const std::size_t n = size();
  if (M.size() != n * n) {
    throw std::invalid_argument("a matrix of " + std::to_string(n) + " × " + std::to_string(n) +
                                " numbers is needed, not " + std::to_string(M.size()));
  }
  const auto rows = static_cast<double>(tables_[0].shape[0]);
  double* block = M_.data();
  for (std::size_t k = 0; k < outputs_; ++k) {
    for (std::size_t j = 0; j < columns_; ++j) {
      for (std::size_t l = 0; l <= k; ++l) {
        // The blocks right of the diagonal are those left of it once more.
        const double times = l == k ? 1.0 : 2.0;
        for (std::size_t i = 0; i < columns_; ++i, ++block) {
          *block = times * M[parameter(k, j) * n + parameter(l, i)] / rows;
        }
      }
    }
  }
  if (!by_parameters_) {
    by_parameters_.emplace(
        tables_, std::vector<View>{weights_, intercept_},
        [this](Tensors tables, Tensors parameters) {
          std::vector<Tensor> fixed;
          for (const View& view : views_of_bilinear())
            fixed.push_back(tables[0].tape()->constant(view));
          return form(tables, parameters[0], parameters[1], fixed);
        },
        RowSum::Options{0, threads_});
  }
  by_parameters_->differentiate();
  const auto gradient = by_parameters_->gradient();
  trace_gradient_.assign(gradient.begin(), gradient.end());
  return trace_gradient_;
}

}  // namespace models
