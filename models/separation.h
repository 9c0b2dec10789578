// Whether linear logits can separate the classes: then the likelihood has no maximum, and
// coefficients grow for as long as a fit goes on.
//
// Rule for callers: features are to be on one scale (standardised). It solves linear programmes:
// ask where a fit looks as if it had no end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/classification_loss.h"

namespace models {

enum class SeparationKind : std::uint8_t {
  none,            // the classes overlap: there is a maximum
  quasi_complete,  // a direction has no row on the wrong side, but some can only be on the boundary
  complete,        // a direction has every row on its own side
};

struct Separation {
  SeparationKind kind = SeparationKind::none;
  // The features that separate, ascending: without any of them, the others of these do not.
  std::vector<std::size_t> columns;
  // Along it the loss falls without end: weights, row-major [features × (classes − 1)], then
  // intercepts, its largest entry ±1. Empty where there is none.
  std::vector<double> direction;
};

// A direction β separates where every margin x̃ᵀ(β_k − β_l), of a row x̃ = (x, 1) of class k and each
// other class l, is at least 0 and some are above; β_0 = 0. It is complete where all of them can be
// above. Source: Albert and Anderson, "On the existence of maximum likelihood estimates in logistic
// regression models", Biometrika 71 (1984).
//
// Three linear programmes. Does any direction separate? The largest sum of margins in the box
// −1 ≤ β ≤ 1 is 0 unless one does (Konis, "Linear programming algorithms for detecting separated
// data in binary logistic regression models", thesis, Oxford, 2007). Can all margins be 1 or more?
// Which few columns do it? The smallest Σ|weight| with margins of 1 or more where the classes can
// be separated; then columns are left out one by one as long as that remains possible.
//
// A direction is returned only where the margins, worked out in plain arithmetic, hold for all
// rows: with entries of at most 1 and rows divided by their largest entry (1 at least), those that
// count are above 10⁻⁷, and none is below 0 by more than 10⁻⁷ of the largest. Separation by less is
// not seen. Exact copies and sums of columns do not matter.
//
// Rows of weight 0 are left out. A row whose label lies between 0 and 1 is of both classes. A class
// without rows is separated by its intercept alone: `columns` may be empty. Throws
// std::invalid_argument where the rows are not sound (require_sound).
Separation find_separation(const LabelledRows& rows);

}  // namespace models
