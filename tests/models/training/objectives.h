// What the tests of optimisers minimise: parabolas, rows that pull to their centres, logistic
// regression with the Hessian of the textbook.
//
// Rule for callers: these count what is asked of them in public members.
#pragma once

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "autograd/errors.h"
#include "models/training/minimise.h"
#include "tests/models/support.h"

namespace models::testing {

// ½·Σ c·p² from p = 1: each step of gradient descent multiplies a parameter by
// 1 − learning_rate·c.
class Parabola : public Objective {
 public:
  explicit Parabola(std::vector<double> curvatures)
      : curvatures_(std::move(curvatures)),
        parameters_(curvatures_.size(), 1.0),
        gradient_(curvatures_.size()) {}
  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  double evaluate() override {
    ++evaluations;
    double loss = 0.0;
    for (std::size_t k = 0; k < parameters_.size(); ++k) {
      gradient_[k] = curvatures_[k] * parameters_[k];
      loss += 0.5 * curvatures_[k] * parameters_[k] * parameters_[k];
    }
    return loss;
  }
  [[nodiscard]] bool has_hessian() const override { return true; }
  std::span<const double> hessian() override {
    const std::size_t n = parameters_.size();
    hessian_.assign(n * n, 0.0);
    for (std::size_t k = 0; k < n; ++k) hessian_[k * n + k] = curvatures_[k];
    return hessian_;
  }

  int evaluations = 0;

 private:
  std::vector<double> curvatures_;
  std::vector<double> parameters_;
  std::vector<double> gradient_;
  std::vector<double> hessian_;
};

// The mean of ½(p − cᵢ)² over rows, from p = 0: a batch pulls towards the mean of its c.
class Centres : public RowObjective {
 public:
  explicit Centres(std::vector<double> centres) : centres_(std::move(centres)) {
    for (std::size_t i = 0; i < centres_.size(); ++i) all_.push_back(i);
  }
  std::span<double> parameters() override { return {&parameter, 1}; }
  [[nodiscard]] std::span<const double> gradient() const override { return {&gradient_, 1}; }
  double evaluate() override {
    evaluated_after.push_back(batches.size());
    look_at(all_);
    double sum = 0.0;
    for (const double c : centres_) sum += (parameter - c) * (parameter - c) / 2.0;
    return sum / static_cast<double>(centres_.size());
  }
  void differentiate_batch(std::span<const std::size_t> rows) override {
    batches.emplace_back(rows.begin(), rows.end());
    look_at(rows);
  }

  double parameter = 0.0;
  std::vector<std::vector<std::size_t>> batches;  // as they were asked for
  std::vector<std::size_t> evaluated_after;       // so many batches

 private:
  void look_at(std::span<const std::size_t> rows) {
    double sum = 0.0;
    for (const std::size_t i : rows) sum += parameter - centres_[i];
    gradient_ = sum / static_cast<double>(rows.size());
  }

  std::vector<double> centres_;
  std::vector<std::size_t> all_;
  double gradient_ = 0.0;
};

// The mean cross-entropy of logistic regression from parameters of 0, the intercept last, with the
// gradient X̃ᵀ(a − y)/m and the Hessian X̃ᵀ diag(a(1 − a)) X̃/m of X̃ = (X, 1); and an L1 penalty on
// all but the intercept.
class LogisticFit : public RowObjective {
 public:
  explicit LogisticFit(Rows rows, double l1 = 0.0)
      : rows_(std::move(rows)), parameters_(rows_.columns + 1), gradient_(rows_.columns + 1) {
    for (std::size_t i = 0; i < rows_.labels.size(); ++i) all_.push_back(i);
    if (l1 > 0.0) {
      l1_.assign(rows_.columns, l1);
      l1_.push_back(0.0);
    }
  }
  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  [[nodiscard]] std::span<const double> l1() const override { return l1_; }
  [[nodiscard]] bool has_hessian() const override { return has_a_hessian; }
  [[nodiscard]] std::size_t rows() const { return rows_.labels.size(); }

  double evaluate() override {
    ++evaluations;
    return look_at(all_);
  }
  void differentiate() override {
    ++differentiations;
    look_at(all_);
  }
  void differentiate_batch(std::span<const std::size_t> rows) override { look_at(rows); }
  std::span<const double> hessian() override {
    ++hessians;
    const std::size_t n = parameters_.size();
    hessian_.assign(n * n, 0.0);
    for (const std::size_t i : all_) {
      const double a = sigmoid(logit(i));
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k < n; ++k) {
          hessian_[j * n + k] += a * (1.0 - a) * x(i, j) * x(i, k) / static_cast<double>(rows());
        }
      }
    }
    return hessian_;
  }

  bool has_a_hessian = true;
  int evaluations = 0;
  int differentiations = 0;
  int hessians = 0;

 private:
  [[nodiscard]] double x(std::size_t row, std::size_t column) const {
    return column == rows_.columns ? 1.0 : rows_.features[row * rows_.columns + column];
  }
  [[nodiscard]] double logit(std::size_t row) const {
    double z = 0.0;
    for (std::size_t k = 0; k < parameters_.size(); ++k) z += parameters_[k] * x(row, k);
    return z;
  }
  double look_at(std::span<const std::size_t> rows) {
    const auto m = static_cast<double>(rows.size());
    double loss = 0.0;
    gradient_.assign(parameters_.size(), 0.0);
    for (const std::size_t i : rows) {
      const double z = logit(i);
      // log(1 + eᶻ) − yz
      loss += (std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - rows_.labels[i] * z) / m;
      const double dz = (sigmoid(z) - rows_.labels[i]) / m;
      for (std::size_t k = 0; k < gradient_.size(); ++k) gradient_[k] += dz * x(i, k);
    }
    if (!std::isfinite(loss)) throw autograd::NonFiniteError("the loss is not finite");
    return loss;
  }

  Rows rows_;
  std::vector<std::size_t> all_;
  std::vector<double> parameters_;
  std::vector<double> gradient_;
  std::vector<double> hessian_;
  std::vector<double> l1_;
};

inline MinimiseOptions by(Solver solver, double rate = 0.1, long epochs = 10000,
                          double tolerance = 1e-8, long report_every = 1) {
  MinimiseOptions options;
  options.solver = solver;
  options.learning_rate.rate = rate;
  options.epochs = epochs;
  options.tolerance = tolerance;
  options.report_every = report_every;
  return options;
}

inline MinimiseOptions in_batches(MinimiseOptions options, long batch_size, std::uint64_t seed) {
  options.batch_size = batch_size;
  options.seed = seed;
  return options;
}

}  // namespace models::testing
