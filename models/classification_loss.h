// What a classifier is trained on: the mean cross-entropy of its logits over labelled rows, and a
// penalty; with a Hessian where the logits are linear in the parameters.
//
// Rule for callers: rows are read in place at every evaluation and must outlive the loss.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "autograd/program.h"
#include "models/aligned_numbers.h"
#include "models/linear_curvature.h"
#include "models/multilayer_perceptron.h"
#include "models/training/objective.h"
#include "models/training/row_mean.h"

namespace models {

enum class CrossEntropy : std::uint8_t {
  fused,     // of the logits: dz = (a − y)/m directly, right for every z
  textbook,  // of the probabilities: da, then dz = da · a(1 − a); for teaching, fails at |z| > 36
};

// Features and labels as a loss reads them.
struct LabelledRows {
  std::span<const double> features;  // row-major, rows × columns, on one scale
  std::span<const double> labels;    // the index of each row's class; of two, any number in [0, 1]
  std::size_t classes = 2;
  std::span<const double> weights;  // of each row, >= 0; empty: 1 each

  [[nodiscard]] std::size_t rows() const { return labels.size(); }
  [[nodiscard]] std::size_t columns() const { return features.size() / labels.size(); }
};

// Throws std::invalid_argument, naming row and column, where the features are not whole rows of
// finite numbers, a label is no class, or a weight is negative, not finite or all are 0.
void require_sound(const LabelledRows& rows);

// The classes of more than two, [rows × classes]: 1 at each label, 0 elsewhere. Nothing of two.
AlignedNumbers one_hot_rows(const LabelledRows& rows);

// What is added to the mean cross-entropy: l2/2 · Σ w² + l1 · Σ |w|, over weights, never over
// intercepts or the parameters of activations.
struct Penalty {
  double l1 = 0.0;
  double l2 = 0.0;

  bool operator==(const Penalty&) const = default;
  [[nodiscard]] bool none() const { return l1 == 0.0 && l2 == 0.0; }
};

// (1/Σ weight) · Σ weight · cross-entropy + penalty.
//
// Outputs of the architecture are classes − 1, the logit of class 0 being 0, or as many as classes:
// then the penalty treats all classes alike. Of linear logits the common shift of all intercepts is
// then without effect; the Hessian is given the curvature 1 along it, where the gradient is 0, so
// that it can be inverted.
class ClassificationLoss : public RowObjective {
 public:
  struct Options {
    Penalty penalty;
    CrossEntropy form = CrossEntropy::fused;  // textbook: of two classes
    int threads = 0;                          // 0: as the data deserve; same bits for any number
  };

  // Throws std::invalid_argument for rows that are not sound, outputs that do not fit the classes,
  // or a penalty that is negative or not finite.
  ClassificationLoss(const LabelledRows& rows, const Architecture& architecture,
                     const Options& options);

  std::span<double> parameters() override { return parameters_; }
  // Loss and Hessian that are asked for twice at the same parameters are computed once.
  double evaluate() override;
  void differentiate() override;
  void differentiate_batch(std::span<const std::size_t> rows) override;
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  // Of linear logits with at most 1000 parameters.
  [[nodiscard]] bool has_hessian() const override;
  std::span<const double> hessian() override;
  [[nodiscard]] std::span<const double> l1() const override { return l1_; }

  // The logits' share of hessian() as a function on the tape. Throws std::logic_error without
  // has_hessian().
  [[nodiscard]] LinearCurvature& curvature();

 private:
  [[nodiscard]] autograd::Tensor recorded(std::span<const autograd::Tensor> rows,
                                          const autograd::Tensor& z) const;
  void take_gradient();
  [[noreturn]] void blame() const;
  void record_penalty(double l2);

  Architecture architecture_;
  std::size_t classes_;
  Options options_;
  std::vector<double> parameters_;
  std::vector<double> gradient_;
  std::vector<double> l1_;
  std::vector<autograd::View> views_;  // of the blocks of parameters
  std::vector<double> weights_;        // of the rows, with the mean 1; empty: 1 each
  AlignedNumbers one_hot_;             // of more than two classes, rows × classes
  std::vector<autograd::View> tables_;
  std::optional<RowMean> cross_entropy_;
  std::optional<autograd::Program> penalty_;
  std::unique_ptr<LinearCurvature> curvature_;
  std::vector<double> hessian_;
  std::vector<double> hessian_at_;    // the parameters it belongs to
  std::vector<double> evaluated_at_;  // those of value_ and gradient_, where evaluate() was last
  double value_ = 0.0;
};

// Records the cross-entropy of each row: logits z [rows] or [rows × outputs]; y [rows] of one
// output, else the classes one-hot [rows × classes].
autograd::Tensor row_losses(const autograd::Tensor& z, const autograd::Tensor& y,
                            CrossEntropy form = CrossEntropy::fused);

}  // namespace models
