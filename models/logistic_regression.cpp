#include "models/logistic_regression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "autograd/operations.h"
#include "autograd/program.h"
#include "models/training/mini_batches.h"
#include "models/training/row_mean.h"

namespace models {
namespace {

using autograd::Index;
using autograd::Shape;
using autograd::Tape;
using autograd::Tensor;

using Tensors = std::span<const Tensor>;

// The mean cross-entropy of logistic regression, and the penalty.
class LogisticObjective : public RowObjective {
 public:
  LogisticObjective(std::span<const double> features, std::span<const double> labels,
                    std::size_t columns, const LogisticRegressionOptions& options)
      : parameters_(columns + 1),
        gradient_(columns + 1),
        views_{autograd::view(std::span<const double>(parameters_).first(columns)),
               autograd::view(std::span<const double>(parameters_).last(1), Shape{})},
        cross_entropy_(
            {autograd::view(features,
                            Shape{static_cast<Index>(labels.size()), static_cast<Index>(columns)}),
             autograd::view(labels)},
            views_,
            [form = options.cross_entropy](Tensors rows, Tensors parameters) {
              return summed_cross_entropy(rows[0], rows[1], parameters[0], parameters[1], form);
            },
            options.threads) {
    if (options.l2 != 0.0) {
      Tape tape;
      const Tensor w = named(tape.variable(views_[0]), "w");
      penalty_.emplace(options.l2 / 2.0 * sum(square(w)), std::initializer_list<Tensor>{w});
    }
  }

  // The weights, then the intercept.
  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }

  double evaluate() override {
    double loss = cross_entropy_.evaluate();
    if (penalty_) loss += penalty_->evaluate();
    take_gradient();
    if (!std::isfinite(loss)) blame();
    return loss;
  }

  void differentiate() override {
    cross_entropy_.differentiate();
    if (penalty_) penalty_->differentiate();
    take_gradient();
  }

  void differentiate_batch(std::span<const std::size_t> rows) override {
    cross_entropy_.differentiate_batch(rows);
    if (penalty_) penalty_->differentiate();
    take_gradient();
  }

 private:
  void take_gradient() {
    const auto data = cross_entropy_.gradient();
    std::copy(data.begin(), data.end(), gradient_.begin());
    if (penalty_) {
      const auto penalty = penalty_->adjoint(0);
      for (std::size_t k = 0; k < penalty.size(); ++k) gradient_[k] += penalty[k];
    }
    if (!std::all_of(gradient_.begin(), gradient_.end(),
                     [](double v) { return std::isfinite(v); })) {
      blame();
    }
  }

  [[noreturn]] void blame() const {
    cross_entropy_.blame();
    throw autograd::NonFiniteError(
        "the gradient of the penalty, or a sum over rows, is not finite");
  }

  std::vector<double> parameters_;
  std::vector<double> gradient_;
  std::vector<autograd::View> views_;  // of the weights and of the intercept
  RowMean cross_entropy_;
  std::optional<autograd::Program> penalty_;
};

// The number of columns of row-major values, given the number of rows.
std::size_t columns_of(std::span<const double> features, std::size_t rows) {
  if (rows == 0 || features.empty() || features.size() % rows != 0) {
    throw std::invalid_argument(std::to_string(features.size()) + " values do not make " +
                                std::to_string(rows) + " rows of features");
  }
  return features.size() / rows;
}

void require_labels(std::span<const double> labels) {
  if (!std::all_of(labels.begin(), labels.end(), [](double y) { return y >= 0.0 && y <= 1.0; })) {
    throw std::invalid_argument("labels must lie between 0 and 1");
  }
}

void require_finite(std::span<const double> features, std::size_t columns) {
  const auto bad = std::find_if_not(features.begin(), features.end(),
                                    [](double value) { return std::isfinite(value); });
  if (bad == features.end()) return;
  const auto at = static_cast<std::size_t>(bad - features.begin());
  throw std::invalid_argument("features must be finite: row " + std::to_string(at / columns + 1) +
                              ", column " + std::to_string(at % columns + 1) + " is " +
                              std::to_string(*bad));
}

}  // namespace

LogOddsOverflow::LogOddsOverflow(std::size_t row)
    : NonFiniteError("the log-odds of row " + std::to_string(row + 1) +
                     " are beyond the range of a double"),
      row_(row) {}

Tensor summed_cross_entropy(const Tensor& X, const Tensor& y, const Tensor& w, const Tensor& b,
                            CrossEntropy form) {
  named(X, "X");
  named(y, "y");
  const Tensor z = named(matmul(X, named(w, "w")) + named(b, "b"), "z");
  return sum(form == CrossEntropy::fused ? binary_cross_entropy_with_logits(z, y)
                                         : binary_cross_entropy(named(sigmoid(z), "a"), y));
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
    : weights_(std::move(weights)), intercept_(intercept) {}

TrainingResult LogisticRegression::fit(std::span<const double> features,
                                       std::span<const double> labels,
                                       const EpochObserver& observer) {
  const std::size_t columns = columns_of(features, labels.size());
  require_labels(labels);
  require_finite(features, columns);
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
  LogisticObjective objective(features, labels, columns, options_);
  TrainingResult result = minimise(objective, labels.size(), descent, observer);
  const auto parameters = objective.parameters();
  weights_.assign(parameters.begin(), parameters.end() - 1);
  intercept_ = parameters.back();
  return result;
}

std::size_t LogisticRegression::rows_of(std::span<const double> features) const {
  if (weights_.empty()) throw std::invalid_argument("the model has not been fitted");
  if (features.empty() || features.size() % weights_.size() != 0) {
    throw std::invalid_argument(std::to_string(features.size()) + " values are not rows of " +
                                std::to_string(weights_.size()) + " features");
  }
  require_finite(features, weights_.size());
  return features.size() / weights_.size();
}

// A sum that overflows may be ∞, −∞ or NaN whatever its sign should be: it depends on the order.
Tensor LogisticRegression::logits(Tape& tape, std::span<const double> features) const {
  const Shape shape{static_cast<Index>(rows_of(features)), static_cast<Index>(weights_.size())};
  const Tensor X = tape.constant(autograd::view(features, shape));
  const Tensor w = tape.constant(autograd::view(std::span<const double>(weights_)));
  const Tensor z = matmul(X, w) + intercept_;
  const auto values = z.values();
  const auto bad =
      std::find_if_not(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  if (bad != values.end()) {
    throw LogOddsOverflow(static_cast<std::size_t>(bad - values.begin()));
  }
  return z;
}

ClassProbabilities LogisticRegression::class_probabilities(std::span<const double> features) const {
  Tape tape;
  const Tensor z = logits(tape, features);
  const auto positive = sigmoid(z).values();
  const auto negative = sigmoid(-z).values();
  return {{negative.begin(), negative.end()}, {positive.begin(), positive.end()}};
}

std::vector<double> LogisticRegression::probabilities(std::span<const double> features) const {
  return class_probabilities(features).positive;
}

double LogisticRegression::loss(std::span<const double> features,
                                std::span<const double> labels) const {
  if (rows_of(features) != labels.size()) {
    throw std::invalid_argument(std::to_string(rows_of(features)) + " rows of features and " +
                                std::to_string(labels.size()) + " labels do not belong together");
  }
  require_labels(labels);
  Tape tape;
  const Tensor y = tape.constant(autograd::view(labels));
  const double loss = mean(binary_cross_entropy_with_logits(logits(tape, features), y)).item();
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
