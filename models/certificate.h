// How far a loss is from its minimum at most: a bound from gradient and Hessian that holds whatever
// the rows are, where it can be given.
//
// Rule for callers: a bound is of the loss that was minimised, penalty included.
#pragma once

#include <optional>

#include "models/classification_loss.h"

namespace models {

struct Certificate {
  // ν: how far the parameters are from the minimum, in the norm of the Hessian; √n·ν, n the weight
  // of all rows, is about the largest number of standard errors by which any combination of
  // coefficients is off. Nothing where there is no Hessian or it is singular but for rounding.
  std::optional<double> decrement;
  // How far the loss is from its minimum at most, in its units; nothing also where the parameters
  // are so far from a minimum, if there is one, that nothing is known. Where there is a bound,
  // there is a minimum: the classes cannot be separated. So that rounding cannot make up a minimum,
  // u below must be at most 1/2.
  std::optional<double> gap;
};

// What is known at the parameters as they are.
//
// With ν² = gᵀH⁻¹g (g the gradient; with an L1 penalty the smallest subgradient) and R the largest
// √(x̃ᵀH⁻¹x̃) of a row x̃ (of several classes, of x̃ times the difference of two classes): along any
// direction d the loss has |f'''| <= R‖d‖·f'', ‖d‖² = dᵀHd, as |ℓ'''| <= |slope of z|·ℓ'' holds for
// the logistic loss and, between any two logits, for the cross-entropy of several. So f falls from
// here by no more than [u + (1 − u) ln(1 − u)]/R², u = νR, if u < 1; about ν²/2. Source: Bach,
// "Self-concordant analysis for logistic regression", Electronic Journal of Statistics 4 (2010),
// whose proposition 1 is integrated here along the best d. The bound is never told smaller than
// the rounding of the loss.
Certificate certify(ClassificationLoss& loss, const LabelledRows& rows);

}  // namespace models
