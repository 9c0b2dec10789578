// Affine maps computed as if with twice the digits of a double: the predictions of a model are the
// same on every machine and in every order of rows, and another program can arrive at them.
//
// Rule for callers: matrices are row-major; nothing is checked, sizes must fit.
#pragma once

#include <cstddef>
#include <span>

namespace models {

// z = b + xW for rows x [rows × in], W [in × out] and b [out]; z is [rows × out]. Each sum begins
// with its intercept and goes through the inputs in their order; what rounding took from products
// and sums is added up beside it and put back at the end (Ogita, Rump and Oishi, "Accurate sum and
// dot product", SIAM Journal on Scientific Computing 26, 2005: Dot2). Not finite where a sum or a
// product is beyond the range of a double on the way.
void accurate_affine(std::span<const double> rows, std::span<const double> weights,
                     std::span<const double> intercepts, std::span<double> z);

}  // namespace models
