// Coordinates in which columns that are nearly collinear are orthogonal.
//
// Rule for callers: for fits without a penalty, which do not depend on the coordinates.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <optional>
#include <span>

#include "models/aligned_numbers.h"

namespace models {

struct Whitening {
  AlignedNumbers features;  // V = XA, row-major, whose columns are orthogonal and of length √rows
  Eigen::MatrixXd to_weights;  // A: logits Vv are those of the weights w = Av
};

// With X = QR: A = √m R⁻¹, m the number of rows. A matrix of condition κ keeps 16 − log₁₀ κ digits,
// where the Hessian, made of XᵀX, has lost twice as many. Nothing where the columns are collinear
// but for rounding, or are not fewer than the rows.
std::optional<Whitening> whitened(std::span<const double> features, std::size_t columns);

}  // namespace models
