#include "models/classification_loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

#include "autograd/errors.h"
#include "autograd/operations.h"
#include "models/data/number.h"
#include "models/prediction.h"

namespace models {
namespace {

using autograd::Index;
using autograd::Shape;
using autograd::Tape;
using autograd::Tensor;

using Tensors = std::span<const Tensor>;

constexpr std::size_t most_parameters_of_a_hessian = 1000;

void require_labels(const LabelledRows& rows) {
  const bool two = rows.classes == 2;
  const double last = static_cast<double>(rows.classes) - 1.0;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const double y = rows.labels[row];
    if (y >= 0.0 && y <= last && (two || y == std::floor(y))) continue;
    throw std::invalid_argument(
        "the label of row " + std::to_string(row + 1) + ", " + shortest(y) +
        (two ? ", is not between 0 and 1" : ", is not one of the classes 0 to " + shortest(last)));
  }
}

void require_weights(const LabelledRows& rows) {
  if (rows.weights.empty()) return;
  if (rows.weights.size() != rows.rows()) {
    throw std::invalid_argument(std::to_string(rows.weights.size()) + " weights for " +
                                std::to_string(rows.rows()) + " rows");
  }
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (std::isfinite(rows.weights[row]) && rows.weights[row] >= 0.0) continue;
    throw std::invalid_argument("the weight of row " + std::to_string(row + 1) + ", " +
                                shortest(rows.weights[row]) + ", is not a number of 0 or more");
  }
  const double total = std::accumulate(rows.weights.begin(), rows.weights.end(), 0.0);
  if (!(total > 0.0) || !std::isfinite(total)) {
    throw std::invalid_argument("the weights of the rows have the sum " + shortest(total));
  }
}

void require_penalty(const char* name, double penalty) {
  if (penalty >= 0.0 && std::isfinite(penalty)) return;
  throw std::invalid_argument("the " + std::string(name) + " penalty must be 0 or more, not " +
                              shortest(penalty));
}

// Weights whose mean is 1, so that a mean over rows is one by weight.
std::vector<double> with_mean_1(std::span<const double> weights) {
  std::vector<double> scaled(weights.begin(), weights.end());
  const double mean = std::accumulate(scaled.begin(), scaled.end(), 0.0) /
                      static_cast<double>(std::max<std::size_t>(scaled.size(), 1));
  for (double& weight : scaled) weight /= mean;
  return scaled;
}

}  // namespace

void require_sound(const LabelledRows& rows) {
  if (rows.rows() == 0 || rows.features.empty() || rows.features.size() % rows.rows() != 0) {
    throw std::invalid_argument(std::to_string(rows.features.size()) + " values do not make " +
                                std::to_string(rows.rows()) + " rows of features");
  }
  if (rows.classes < 2) throw std::invalid_argument("there must be at least two classes");
  require_labels(rows);
  require_finite(rows.features, rows.columns());
  require_weights(rows);
}

AlignedNumbers one_hot_rows(const LabelledRows& rows) {
  if (rows.classes == 2) return {};
  AlignedNumbers table(rows.rows() * rows.classes, 0.0);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    table[row * rows.classes + static_cast<std::size_t>(rows.labels[row])] = 1.0;
  }
  return table;
}

Tensor row_losses(const Tensor& z, const Tensor& y, CrossEntropy form) {
  if (y.shape().rank() == 1) {
    return form == CrossEntropy::fused ? binary_cross_entropy_with_logits(z, y)
                                       : binary_cross_entropy(named(sigmoid(z), "a"), y);
  }
  const Index rows = y.shape()[0];
  if (z.shape() == y.shape()) return cross_entropy_with_logits(z, y);
  const Tensor zero = y.tape()->constant(0.0);
  return cross_entropy_with_logits(
      autograd::concatenate({broadcast_to(zero, Shape{rows, 1}), z}, 1), y);
}

ClassificationLoss::ClassificationLoss(const LabelledRows& rows, const Architecture& architecture,
                                       const Options& options)
    : architecture_(architecture), classes_(rows.classes), options_(options) {
  require_sound(rows);
  require_penalty("l1", options.penalty.l1);
  require_penalty("l2", options.penalty.l2);
  const bool fits =
      architecture.outputs == classes_ - 1 || (classes_ > 2 && architecture.outputs == classes_);
  if (!fits || architecture.features != rows.columns()) {
    throw std::invalid_argument("a network of " + std::to_string(architecture.features) +
                                " features and " + std::to_string(architecture.outputs) +
                                " outputs does not fit " + std::to_string(rows.columns()) +
                                " features and " + std::to_string(classes_) + " classes");
  }
  const std::vector<ParameterBlock> blocks = parameter_blocks(architecture);
  for (const ParameterBlock& block : blocks) {
    const auto size = static_cast<std::size_t>(block.shape.size());
    l1_.insert(l1_.end(), size, block.penalised ? options.penalty.l1 : 0.0);
  }
  parameters_.resize(l1_.size());
  gradient_.resize(l1_.size());
  if (options.penalty.l1 == 0.0) l1_.clear();
  std::span<const double> rest(parameters_);
  for (const ParameterBlock& block : blocks) {
    const auto size = static_cast<std::size_t>(block.shape.size());
    views_.push_back(autograd::view(rest.first(size), block.shape));
    rest = rest.subspan(size);
  }
  weights_ = with_mean_1(rows.weights);
  one_hot_ = one_hot_rows(rows);
  const auto m = static_cast<Index>(rows.rows());
  tables_.push_back(autograd::view(rows.features, Shape{m, static_cast<Index>(rows.columns())}));
  tables_.push_back(classes_ == 2 ? autograd::view(rows.labels)
                                  : autograd::view(std::span<const double>(one_hot_),
                                                   Shape{m, static_cast<Index>(classes_)}));
  if (!weights_.empty()) tables_.push_back(autograd::view(std::span<const double>(weights_)));
  cross_entropy_.emplace(
      tables_, views_,
      [this](Tensors inputs, Tensors parameters) {
        return recorded(inputs, logits(architecture_, named(inputs[0], "X"), parameters));
      },
      options.threads);
  record_penalty(options.penalty.l2);
}

// Σ weight · loss over some rows, given their logits.
Tensor ClassificationLoss::recorded(Tensors rows, const Tensor& z) const {
  const Tensor losses = row_losses(named(z, "z"), named(rows[1], "y"), options_.form);
  return sum(rows.size() > 2 ? named(rows[2], "weight") * losses : losses);
}

void ClassificationLoss::record_penalty(double l2) {
  if (l2 == 0.0) return;
  const std::vector<ParameterBlock> blocks = parameter_blocks(architecture_);
  Tape tape;
  std::vector<Tensor> inputs;
  std::optional<Tensor> squares;
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    inputs.push_back(named(tape.variable(views_[k]), blocks[k].name));
    if (!blocks[k].penalised) continue;
    const Tensor part = sum(square(inputs.back()));
    squares = squares ? *squares + part : part;
  }
  penalty_.emplace(l2 / 2.0 * *squares, inputs);
}

double ClassificationLoss::evaluate() {
  if (evaluated_at_ == parameters_) return value_;
  double loss = cross_entropy_->evaluate();
  if (penalty_) loss += penalty_->evaluate();
  take_gradient();
  if (!std::isfinite(loss)) blame();
  evaluated_at_ = parameters_;
  value_ = loss;
  return loss;
}

void ClassificationLoss::differentiate() {
  evaluated_at_.clear();
  cross_entropy_->differentiate();
  if (penalty_) penalty_->differentiate();
  take_gradient();
}

void ClassificationLoss::differentiate_batch(std::span<const std::size_t> rows) {
  evaluated_at_.clear();
  cross_entropy_->differentiate_batch(rows);
  if (penalty_) penalty_->differentiate();
  take_gradient();
}

void ClassificationLoss::take_gradient() {
  const auto data = cross_entropy_->gradient();
  std::copy(data.begin(), data.end(), gradient_.begin());
  std::size_t start = 0;
  for (std::size_t k = 0; k < views_.size(); ++k) {
    const auto penalty = penalty_ ? penalty_->adjoint(k) : std::span<const double>();
    for (std::size_t i = 0; i < penalty.size(); ++i) gradient_[start + i] += penalty[i];
    start += static_cast<std::size_t>(views_[k].shape.size());
  }
  if (!std::all_of(gradient_.begin(), gradient_.end(), [](double v) { return std::isfinite(v); })) {
    blame();
  }
}

void ClassificationLoss::blame() const {
  cross_entropy_->blame();
  throw autograd::NonFiniteError("the gradient of the penalty, or a sum over rows, is not finite");
}

bool ClassificationLoss::has_hessian() const {
  return architecture_.hidden.empty() && parameters_.size() <= most_parameters_of_a_hessian;
}

LinearCurvature& ClassificationLoss::curvature() {
  if (!has_hessian()) throw std::logic_error("there is no Hessian");
  if (!curvature_) {
    curvature_ = std::make_unique<LinearCurvature>(
        tables_, views_[0], views_[1],
        [this](Tensors rows, const Tensor& z) { return recorded(rows, z); }, options_.threads);
  }
  return *curvature_;
}

std::span<const double> ClassificationLoss::hessian() {
  if (hessian_at_ == parameters_) return hessian_;
  const auto data = curvature().hessian();
  hessian_.assign(data.begin(), data.end());
  if (!std::all_of(hessian_.begin(), hessian_.end(), [](double v) { return std::isfinite(v); })) {
    blame();
  }
  const std::size_t n = parameters_.size();
  const auto weights = static_cast<std::size_t>(views_[0].shape.size());
  for (std::size_t k = 0; k < weights; ++k) hessian_[k * n + k] += options_.penalty.l2;
  if (architecture_.outputs == classes_) {
    for (std::size_t k = weights; k < n; ++k) {
      for (std::size_t l = weights; l < n; ++l) {
        hessian_[k * n + l] += 1.0 / static_cast<double>(classes_);
      }
    }
  }
  hessian_at_ = parameters_;
  return hessian_;
}

}  // namespace models
