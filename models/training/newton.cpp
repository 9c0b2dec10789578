#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "autograd/errors.h"
#include "models/training/l1_penalty.h"
#include "models/training/solvers.h"

namespace models {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// What a step must at least bring, as a share of what the gradient promises (Armijo, "Minimization
// of functions having Lipschitz continuous first partial derivatives", Pacific J. Math. 16, 1966).
constexpr double least_share = 1e-4;
// A promise below this share of the loss drowns in the rounding of a sum over rows: then it is the
// gradient that must fall.
constexpr double loss_resolution = 1e-12;

Eigen::Map<const VectorXd> as_vector(std::span<const double> values) {
  return {values.data(), static_cast<Index>(values.size())};
}

// The quadratic model of the loss, q(x) = gᵀ(x − w) + ½(x − w)ᵀH(x − w), and the point where it and
// the penalty are lowest.
class QuadraticModel {
 public:
  // With the diagonal of H made larger, by as little as lets its factors be trusted, where it is
  // not positive definite (Marquardt, J. SIAM 11, 1963): a step is then downhill, if shorter.
  // Throws autograd::NonFiniteError where an entry is not finite.
  explicit QuadraticModel(std::span<const double> hessian, Index n);

  // The lowest point of the model at w with this gradient; `l1` may be empty. `norm`: the size of
  // the subgradient at w, to which the answer is compared.
  [[nodiscard]] VectorXd minimum(const VectorXd& w, const VectorXd& gradient,
                                 std::span<const double> l1, double norm) const;

 private:
  // What is added to the diagonal is a share of it, so that the units of parameters do not matter.
  bool factorise(double share);
  [[nodiscard]] VectorXd by_coordinates(const VectorXd& w, VectorXd gradient,
                                        std::span<const double> l1, double enough) const;
  bool solve_on_support(VectorXd& x, const VectorXd& gradient, std::span<const double> l1) const;

  MatrixXd H_;
  VectorXd scale_;  // √|Hₖₖ|: H is factorised with a diagonal of ones
  Eigen::LLT<MatrixXd> factors_;
};

QuadraticModel::QuadraticModel(std::span<const double> hessian, Index n)
    : H_(Eigen::Map<const MatrixXd>(hessian.data(), n, n)), scale_(n) {
  if (!H_.allFinite()) throw autograd::NonFiniteError("an entry of the Hessian is not finite");
  for (Index k = 0; k < n; ++k) {
    scale_[k] = H_(k, k) == 0.0 ? 1.0 : std::sqrt(std::abs(H_(k, k)));
  }
  double share = 0.0;
  while (!factorise(share)) share = share == 0.0 ? 1e-12 : 10.0 * share;
  H_.diagonal().array() += share * scale_.array().square();
}

bool QuadraticModel::factorise(double share) {
  const VectorXd inverse = scale_.cwiseInverse();
  MatrixXd scaled = inverse.asDiagonal() * H_ * inverse.asDiagonal();
  scaled.diagonal().array() += share;
  factors_.compute(scaled);
  return factors_.info() == Eigen::Success && factors_.rcond() > 1e-14;
}

VectorXd QuadraticModel::minimum(const VectorXd& w, const VectorXd& gradient,
                                 std::span<const double> l1, double norm) const {
  if (l1.empty()) {
    return w - factors_.solve(gradient.cwiseQuotient(scale_)).cwiseQuotient(scale_);
  }
  VectorXd x = by_coordinates(w, gradient, l1, 1e-3 * norm);
  while (!solve_on_support(x, gradient + H_ * (x - w), l1)) {
  }
  return x;
}

// Coordinate descent: each coordinate in turn to where the model is lowest, until none changes its
// slope by more than `enough`.
VectorXd QuadraticModel::by_coordinates(const VectorXd& w, VectorXd gradient,
                                        std::span<const double> l1, double enough) const {
  constexpr int most_sweeps = 1000;
  VectorXd x = w;
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    double largest = 0.0;
    for (Index k = 0; k < x.size(); ++k) {
      const double h = H_(k, k);
      const double to = soft_threshold(x[k] - gradient[k] / h, l1[static_cast<std::size_t>(k)] / h);
      const double move = to - x[k];
      if (move == 0.0) continue;
      gradient += move * H_.col(k);
      x[k] = to;
      largest = std::max(largest, h * std::abs(move));
    }
    if (largest <= enough) break;
  }
  return x;
}

// Coordinates close in on the lowest point slowly where features are alike. Which parameters are 0,
// and the signs of the others, are found early; with these the model is a system of equations. x
// goes to its solution, or to where the first parameter on the way becomes 0, and then says false.
bool QuadraticModel::solve_on_support(VectorXd& x, const VectorXd& gradient,
                                      std::span<const double> l1) const {
  const auto penalty = [&](Index k) { return l1[static_cast<std::size_t>(k)]; };
  std::vector<Index> support;
  for (Index k = 0; k < x.size(); ++k) {
    if (x[k] != 0.0 || penalty(k) == 0.0) support.push_back(k);
  }
  VectorXd slope(static_cast<Index>(support.size()));
  for (Index s = 0; s < slope.size(); ++s) {
    const Index k = support[static_cast<std::size_t>(s)];
    slope[s] = smallest_subgradient(x[k], gradient[k], penalty(k));
  }
  const MatrixXd on_support = H_(support, support);
  const VectorXd solved = x(support) - on_support.ldlt().solve(slope);
  double share = 1.0;  // of the way
  Index first = -1;
  for (Index s = 0; s < slope.size(); ++s) {
    const Index k = support[static_cast<std::size_t>(s)];
    if (penalty(k) == 0.0 || solved[s] * x[k] > 0.0) continue;
    const double to_zero = x[k] / (x[k] - solved[s]);
    if (first < 0 || to_zero < share) {
      share = to_zero;
      first = k;
    }
  }
  if (first < 0) {
    x(support) = solved;
    return true;
  }
  x(support) += share * (solved - x(support));
  x[first] = 0.0;
  return false;
}

class Newton {
 public:
  explicit Newton(TrainingRun& run) : run_(run), objective_(run.objective()) {}

  // One iteration; false where nothing falls any further.
  bool step() {
    model_.emplace(objective_.hessian(), static_cast<Index>(objective_.parameters().size()));
    return walk(std::numeric_limits<int>::max());
  }

  // One more with the factors of the last, which were taken near here: it costs an evaluation and
  // no Hessian. False where the full step does not help.
  bool repeat() { return walk(1); }

 private:
  void start() {
    from_ = as_vector(objective_.parameters());
    const VectorXd gradient = as_vector(objective_.gradient());
    to_ = model_->minimum(from_, gradient, objective_.l1(), run_.gradient_norm());
    promised_ = gradient.dot(to_ - from_) + penalty_change(to_);
  }

  // Halves the step until the loss falls by its share of what is promised, so many times at most.
  bool walk(int most_trials) {
    start();
    const double resolved = loss_resolution * std::abs(run_.loss());
    const bool by_loss = -promised_ > resolved;
    double step = 1.0;
    for (int trial = 0; promised_ < 0.0 && trial < most_trials; ++trial, step /= 2.0) {
      const double loss = try_step(step);
      if (by_loss ? falls(loss, step) : turns_flatter(loss)) {
        accept(loss);
        return true;
      }
      if (!(-step * promised_ > resolved)) break;
    }
    go_back();
    return false;
  }

  // The loss after a step of this length, all the way to the lowest point of the model at 1: the
  // zeros of an L1 penalty are then zeros.
  double try_step(double step) {
    const std::span<double> w = objective_.parameters();
    for (std::size_t k = 0; k < w.size(); ++k) {
      const auto i = static_cast<Index>(k);
      w[k] = step == 1.0 ? to_[i] : from_[i] + step * (to_[i] - from_[i]);
    }
    return loss_or_infinity(objective_);
  }

  [[nodiscard]] bool falls(double loss, double step) const {
    const double change =
        loss - run_.objective_loss() + penalty_change(as_vector(objective_.parameters()));
    return change <= least_share * step * promised_;
  }

  [[nodiscard]] bool turns_flatter(double loss) const {
    return std::isfinite(loss) && gradient_norm(objective_) < run_.gradient_norm();
  }

  [[nodiscard]] double penalty_change(const VectorXd& x) const {
    const std::span<const double> l1 = objective_.l1();
    double change = 0.0;
    for (std::size_t k = 0; k < l1.size(); ++k) {
      const auto i = static_cast<Index>(k);
      change += l1[k] * (std::abs(x[i]) - std::abs(from_[i]));
    }
    return change;
  }

  void accept(double loss) {
    run_.next_epoch();
    run_.take(loss);
    run_.validate();
  }

  void go_back() {
    std::copy(from_.begin(), from_.end(), objective_.parameters().begin());
    objective_.differentiate();  // What gradient() shows is of these.
  }

  TrainingRun& run_;
  Objective& objective_;
  std::optional<QuadraticModel> model_;
  VectorXd from_;
  VectorXd to_;
  double promised_ = 0.0;  // the change of the loss, were it and the step to go on as they begin
};

}  // namespace

void newton(TrainingRun& run) {
  constexpr double fast = 0.1;    // of the gradient: the model fits so well that it may be kept
  constexpr double small = 1e-6;  // of the tolerance: there is no use in less
  run.look_once();
  run.validate();
  Newton newton(run);
  while (!run.over()) {
    double before = run.gradient_norm();
    if (!newton.step()) return;
    // Beyond the tolerance, too: each costs an evaluation, and may be worth several digits.
    while (!run.exhausted() && run.gradient_norm() > small * run.options().tolerance &&
           run.gradient_norm() <= fast * before) {
      before = run.gradient_norm();
      if (!newton.repeat()) break;
    }
  }
}

}  // namespace models
