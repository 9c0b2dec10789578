// Firth's correction of logistic regression: the mean cross-entropy − (1/2n)·ln det I(θ), I = n·H
// the Fisher information of all n = Σ weight rows. Its minimum is finite also where the classes can
// be separated, and its estimates are less biased in small samples. Source: Firth, "Bias reduction
// of maximum likelihood estimates", Biometrika 80 (1993); Heinze and Schemper, "A solution to the
// problem of separation in logistic regression", Statistics in Medicine 21 (2002).
//
// Rule for callers: the loss is kept by reference; it is of two classes and without a penalty.
#pragma once

#include <span>
#include <vector>

#include "models/classification_loss.h"
#include "models/training/objective.h"

namespace models {

class FirthLoss : public RowObjective {
 public:
  // `total_weight` is n. Throws std::invalid_argument where the loss has no Hessian.
  FirthLoss(ClassificationLoss& loss, double total_weight);

  std::span<double> parameters() override { return loss_.parameters(); }
  // Throws NonFiniteError where the Fisher information is singular, and what the loss throws.
  double evaluate() override;
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  // Throws std::logic_error: the correction looks at all rows.
  void differentiate_batch(std::span<const std::size_t> rows) override;
  [[nodiscard]] bool has_hessian() const override { return true; }
  // The Fisher information of a row on average, by which Firth's scores are solved; the exact
  // second derivative of the correction, which is smaller by 1/n, is left out.
  std::span<const double> hessian() override { return loss_.hessian(); }

 private:
  ClassificationLoss& loss_;
  double total_weight_;
  std::vector<double> gradient_;
};

}  // namespace models
