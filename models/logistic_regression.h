// Logistic regression on the tape: z = Xw + b, a = σ(z), the mean cross-entropy of a and y, and the
// documented gradient descent, w := w − learning_rate · dw, b := b − learning_rate · db.
//
// Rule for callers: fit() and the predictions read features in place, row-major, rows × features;
// they keep no reference to them afterwards. Bring features to one scale first
// (data/standardisation.h): gradient descent is slow otherwise.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "autograd/tensor.h"
#include "models/training/gradient_descent.h"

namespace models {

enum class CrossEntropy {
  fused,     // of the logits: dz = (a − y)/m directly, right for every z
  textbook,  // of the probabilities: da, then dz = da · a(1 − a); for teaching, fails at |z| > 36
};

struct LogisticRegressionOptions {
  // Automatic without a value: 1/L, L the largest curvature the data allow (see curvature_bound),
  // with which the loss falls in every epoch.
  std::optional<double> learning_rate;
  long epochs = 10000;      // updates at most
  double tolerance = 1e-8;  // on the largest entry of the gradient
  double l2 = 0.0;          // adds l2/2 · Σ w²; the intercept is not penalised
  CrossEntropy cross_entropy = CrossEntropy::fused;
  int threads = 0;        // 0: as the data deserve; the result has the same bits for any number
  long report_every = 1;  // epochs between two calls of the observer
};

class LogisticRegression {
 public:
  // Throws std::invalid_argument for a negative penalty.
  explicit LogisticRegression(LogisticRegressionOptions options = {});
  // A fitted model from its coefficients.
  LogisticRegression(std::vector<double> weights, double intercept);

  // Fits from weights of 0. `labels` are one per row, between 0 and 1 (1 is the positive class).
  // Throws std::invalid_argument where sizes do not fit, a feature is not finite or options are out
  // of range, and
  // autograd::NonFiniteError, naming the operation, where the loss leaves the numbers (a learning
  // rate too large; the textbook form far from 0).
  TrainingResult fit(std::span<const double> features, std::span<const double> labels,
                     const EpochObserver& observer = {});

  // P(y = 1) for each row.
  [[nodiscard]] std::vector<double> probabilities(std::span<const double> features) const;
  // The mean cross-entropy on these rows, from the logits: right however sure the model is.
  [[nodiscard]] double loss(std::span<const double> features, std::span<const double> labels) const;
  // 1 where the probability is at least the threshold, else 0.
  [[nodiscard]] std::vector<int> labels(std::span<const double> features,
                                        double threshold = 0.5) const;

  [[nodiscard]] std::span<const double> weights() const { return weights_; }
  [[nodiscard]] double intercept() const { return intercept_; }

 private:
  // z = Xw + b for each row.
  [[nodiscard]] autograd::Tensor logits(autograd::Tape& tape,
                                        std::span<const double> features) const;

  LogisticRegressionOptions options_;
  std::vector<double> weights_;
  double intercept_ = 0.0;
};

// The largest eigenvalue that the Hessian of the mean cross-entropy can have on these rows,
// λmax(X̃ᵀX̃)/(4m) + l2 with X̃ = (X, 1), since a(1 − a) ≤ ¼. Gradient descent with the learning rate
// 1/L never increases the loss. Source: Böhning and Lindsay, "Monotonicity of
// quadratic-approximation algorithms", Annals of the Institute of Statistical Mathematics 40
// (1988).
double curvature_bound(std::span<const double> features, std::size_t columns, double l2 = 0.0);

}  // namespace models
