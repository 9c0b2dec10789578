// How strongly the loss of logistic regression can curve on given rows: what the automatic learning
// rate rests on.
//
// Rule for callers: features are row-major, rows × columns, and read in place.
#pragma once

#include <cstddef>
#include <span>

namespace models {

// An upper bound L of the largest eigenvalue that the Hessian of the mean cross-entropy can have on
// these rows: λmax(X̃ᵀX̃)/(4m) + l2 with X̃ = (X, 1), since a(1 − a) ≤ ¼. Gradient descent with the
// learning rate 1/L never increases the loss. Source: Böhning and Lindsay, "Monotonicity of
// quadratic-approximation algorithms", Annals of the Institute of Statistical Mathematics 40
// (1988).
//
// Up to 500 rows or columns λmax is computed from the smaller of X̃ᵀX̃ and X̃X̃ᵀ, whose eigenvalues
// other than 0 are the same. Beyond, neither is formed: 60 products with X̃ and X̃ᵀ give a bound at
// most a tenth too large.
//
// Throws std::invalid_argument where the features are not whole rows of that many columns, are not
// finite or so large that the sum of their squares is not, or where the penalty is negative.
double curvature_bound(std::span<const double> features, std::size_t columns, double l2 = 0.0);

}  // namespace models
