// One element of a formula about whole tensors, as a formula about single numbers:
//
//   dw = Xᵀ · dz        element 1:  X[0, 1] · dz[0] + X[1, 1] · dz[1]
//
// Rule for callers: symbols of tensors hold their elements (FormulaTensor), or the element is one
// of symbols without values.
#pragma once

#include <string>

#include "autograd/readings/formula.h"
#include "autograd/shape.h"

namespace autograd {

// The shape of what a formula computes. Sums and maxima along axes keep these with extent 1. Throws
// ArgumentError where its parts do not fit each other.
Shape shape_of(const Formula& formula);

// An element of it, counted in memory order. Of a sum of very many terms all but a few are one
// number. Throws ArgumentError where there is no such element, and as shape_of does.
Formula element_of(const Formula& formula, Index element);

// "X[2, 0]", "w[radius_mean]": an element by its place, or by the label its last axis has there.
std::string element_name(const std::string& name, const FormulaTensor& tensor, Index element);

}  // namespace autograd
