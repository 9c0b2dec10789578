// Logistic regression on the tape: z = Xw + b, a = σ(z), the mean cross-entropy of a and y, and the
// documented gradient descent, w := w − learning_rate · dw, b := b − learning_rate · db, on all
// rows or on mini-batches.
//
// Rule for callers: fit() and the predictions read features in place, row-major, rows × features;
// they keep no reference to them afterwards. Bring features to one scale first
// (data/standardisation.h): gradient descent is slow otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "autograd/tensor.h"
#include "models/classification_loss.h"
#include "models/prediction.h"
#include "models/training/minimise.h"

namespace models {

struct LogisticRegressionOptions {
  // Automatic without a value: 1/L, L the largest curvature the data allow (see curvature_bound),
  // with which the loss falls in every epoch; with mini-batches, the largest that any batch of the
  // data can have (see batch_curvature_bound), with which no order of rows makes training diverge.
  std::optional<double> learning_rate;
  long epochs = 10000;      // passes over all rows at most
  double tolerance = 1e-8;  // on the largest entry of the gradient
  double l2 = 0.0;          // adds l2/2 · Σ w²; the intercept is not penalised
  CrossEntropy cross_entropy = CrossEntropy::fused;
  int threads = 0;  // 0: as the data deserve; the result has the same bits for any number
  // Epochs between two calls of the observer; with mini-batches, between two looks at all rows, and
  // so between two checks of the tolerance.
  long report_every = 1;
  long batch_size = 0;     // rows of an update, at most all there are; 0: all, in their order
  std::uint64_t seed = 0;  // of the order of rows in mini-batches
};

// P(y = 0) and P(y = 1) for each row: σ(−z) and σ(z). Each keeps its digits where the other is so
// near to 1 that their difference would be 0.
struct ClassProbabilities {
  std::vector<double> negative;
  std::vector<double> positive;
};

// Records Σ over rows of the cross-entropy of a = σ(Xw + b) and y: what fit() descends, but for the
// mean over rows and the penalty. X: rows × features, y: [rows], w: [features], b: a scalar.
autograd::Tensor summed_cross_entropy(const autograd::Tensor& X, const autograd::Tensor& y,
                                      const autograd::Tensor& w, const autograd::Tensor& b,
                                      CrossEntropy form = CrossEntropy::fused);

class LogisticRegression {
 public:
  // Throws std::invalid_argument for a negative penalty or batch size.
  explicit LogisticRegression(LogisticRegressionOptions options = {});
  // A fitted model from its coefficients.
  LogisticRegression(std::vector<double> weights, double intercept);

  // Fits from weights of 0. `labels` are one per row, between 0 and 1 (1 is the positive class).
  // Throws std::invalid_argument where sizes do not fit, a batch is larger than the data, a feature
  // is not finite or too large for the automatic learning rate, or options are out of range; and
  // autograd::NonFiniteError, naming the operation, where the loss leaves the numbers (a learning
  // rate too large; the textbook form far from 0).
  TrainingResult fit(std::span<const double> features, std::span<const double> labels,
                     const EpochObserver& observer = {});

  // What is predicted for rows. All of these throw std::invalid_argument where sizes do not fit, a
  // feature is not finite or the model has not been fitted, and LogOddsOverflow for a row whose
  // log-odds overflow: never is a NaN taken for a class.
  [[nodiscard]] ClassProbabilities class_probabilities(std::span<const double> features) const;
  // P(y = 1) for each row.
  [[nodiscard]] std::vector<double> probabilities(std::span<const double> features) const;
  // The mean cross-entropy on these rows, from the logits: right however sure the model is. Labels
  // as for fit(). Throws autograd::NonFiniteError where it is beyond the range of a double.
  [[nodiscard]] double loss(std::span<const double> features, std::span<const double> labels) const;
  // 1 where the probability is at least the threshold, else 0.
  [[nodiscard]] std::vector<int> labels(std::span<const double> features,
                                        double threshold = 0.5) const;

  // Empty, and 0, of a model that has not been fitted.
  [[nodiscard]] std::span<const double> weights() const {
    return std::span(parameters_).first(architecture_.features);
  }
  [[nodiscard]] double intercept() const { return parameters_.empty() ? 0.0 : parameters_.back(); }

 private:
  // Throws where the model has not been fitted.
  [[nodiscard]] Network network() const;

  LogisticRegressionOptions options_;
  Architecture architecture_;
  std::vector<double> parameters_;  // the weights, then the intercept
};

}  // namespace models
