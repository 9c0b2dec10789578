#include "models/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "autograd/operations.h"
#include "models/curvature_bound.h"
#include "models/training/mini_batches.h"

namespace models {
namespace {

using autograd::Tape;
using autograd::Tensor;

// The number of columns of row-major values, given the number of rows.
std::size_t columns_of(std::span<const double> features, std::size_t rows) {
  if (rows == 0 || features.empty() || features.size() % rows != 0) {
    throw std::invalid_argument(std::to_string(features.size()) + " values do not make " +
                                std::to_string(rows) + " rows of features");
  }
  return features.size() / rows;
}

}  // namespace

Tensor summed_cross_entropy(const Tensor& X, const Tensor& y, const Tensor& w, const Tensor& b,
                            CrossEntropy form) {
  named(X, "X");
  named(y, "y");
  const Tensor z = named(matmul(X, named(w, "w")) + named(b, "b"), "z");
  return sum(row_losses(z, y, form));
}

LogisticRegression::LogisticRegression(LogisticRegressionOptions options) : options_(options) {
  if (!(options_.l2 >= 0.0) || !std::isfinite(options_.l2)) {
    throw std::invalid_argument("the l2 penalty must be 0 or more, not " +
                                std::to_string(options_.l2));
  }
  if (options_.batch_size < 0) {
    throw std::invalid_argument("the batch size must be 0 or more, not " +
                                std::to_string(options_.batch_size));
  }
}

LogisticRegression::LogisticRegression(std::vector<double> weights, double intercept)
    : architecture_{weights.size(), 1, {}, {}}, parameters_(std::move(weights)) {
  parameters_.push_back(intercept);
}

TrainingResult LogisticRegression::fit(std::span<const double> features,
                                       std::span<const double> labels,
                                       const EpochObserver& observer) {
  const std::size_t columns = columns_of(features, labels.size());
  const LabelledRows rows{features, labels, 2, {}};
  const Architecture architecture{columns, 1, {}, {}};
  ClassificationLoss loss(rows, architecture,
                          {{0.0, options_.l2}, options_.cross_entropy, options_.threads});
  const auto curvature = [&] {
    if (options_.batch_size == 0) return curvature_bound(features, columns, options_.l2);
    const MiniBatches batches(labels.size(), static_cast<std::size_t>(options_.batch_size),
                              options_.seed);
    return batch_curvature_bound(features, columns, batches.smallest(), options_.l2);
  };
  MinimiseOptions descent;
  descent.solver = Solver::gd;
  descent.learning_rate.rate = options_.learning_rate ? *options_.learning_rate : 1.0 / curvature();
  descent.epochs = options_.epochs;
  descent.tolerance = options_.tolerance;
  descent.report_every = options_.report_every;
  descent.batch_size = options_.batch_size;
  descent.seed = options_.seed;
  TrainingResult result = minimise(loss, labels.size(), descent, observer);
  architecture_ = architecture;
  parameters_.assign(loss.parameters().begin(), loss.parameters().end());
  return result;
}

Network LogisticRegression::network() const {
  if (parameters_.empty()) throw std::invalid_argument("the model has not been fitted");
  return {architecture_, parameters_, 2};
}

ClassProbabilities LogisticRegression::class_probabilities(std::span<const double> features) const {
  const std::vector<double> both = models::class_probabilities(network(), features);
  ClassProbabilities probabilities;
  for (std::size_t row = 0; row < both.size(); row += 2) {
    probabilities.negative.push_back(both[row]);
    probabilities.positive.push_back(both[row + 1]);
  }
  return probabilities;
}

std::vector<double> LogisticRegression::probabilities(std::span<const double> features) const {
  return class_probabilities(features).positive;
}

double LogisticRegression::loss(std::span<const double> features,
                                std::span<const double> labels) const {
  const Network fitted = network();
  require_sound({features, labels, 2, {}});
  Tape tape;
  const Tensor z = checked_logits(tape, fitted, features);
  if (static_cast<std::size_t>(z.size()) != labels.size()) {
    throw std::invalid_argument(std::to_string(z.size()) + " rows of features and " +
                                std::to_string(labels.size()) + " labels do not belong together");
  }
  const double loss = mean(row_losses(z, tape.constant(autograd::view(labels)))).item();
  if (!std::isfinite(loss)) {
    throw autograd::NonFiniteError("the mean cross-entropy of " + std::to_string(labels.size()) +
                                   " rows is beyond the range of a double");
  }
  return loss;
}

std::vector<int> LogisticRegression::labels(std::span<const double> features,
                                            double threshold) const {
  const std::vector<double> a = probabilities(features);
  std::vector<int> labels(a.size());
  std::transform(a.begin(), a.end(), labels.begin(),
                 [threshold](double p) { return p >= threshold ? 1 : 0; });
  return labels;
}

}  // namespace models
