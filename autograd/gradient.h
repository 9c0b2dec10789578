// Gradients as tensors: the backward pass recorded on the tape with the same rules, so that it can
// be differentiated again, to any order.
//
//   const auto [dw, db] = … gradient(loss, {w, b});        // ∂loss/∂w, ∂loss/∂b
//   const Tensor curvature = gradient(sum(dw * v), {w})[0];  // its gradient: a Hessian times v
//
// Rule for callers: the gradient is recorded after the loss and stays until its tape is cleared or
// its scope ends; for adjoints that nothing is made of, tape.backward() is cheaper. With anomaly
// detection every value on the way is looked at, infinite slopes behind zero adjoints among them.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "autograd/errors.h"
#include "autograd/tensor.h"

namespace autograd {

// ∂loss/∂v for each variable v, shaped like v; a constant 0 where the loss does not depend on it. A
// variable may be any tensor of the tape that requires a gradient, not a leaf alone; the others are
// then differentiated through it. Parts are added up in the order of tape.backward().
// Throws LossError where the loss is not one element, or the loss or a variable requires no
// gradient, or a leaf was assigned after it was read; StaleTensorError, TapeMismatchError;
// NonFiniteError with anomaly detection.
std::vector<Tensor> gradient(const Tensor& loss, std::span<const Tensor> variables,
                             SourceLine where = SourceLine::here());
std::vector<Tensor> gradient(const Tensor& loss, std::initializer_list<Tensor> variables,
                             SourceLine where = SourceLine::here());

}  // namespace autograd
