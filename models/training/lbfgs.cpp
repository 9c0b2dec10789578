#include <LBFGS.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "models/training/solvers.h"

namespace models {
namespace {

using Eigen::VectorXd;

Eigen::Map<const VectorXd> vector_of(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

// A change of the loss below this share of it is taken from the slopes: a difference of two losses
// would be their rounding.
constexpr double resolution = 1e-10;

// Changes the sum over rows can resolve are differences; smaller ones are the trapezium rule's from
// the slopes at both ends, exact where the loss is a parabola. With it the first of the Wolfe
// conditions becomes the approximate one of Hager and Zhang, SIAM J. Optim. 16 (2005).
double change_of_loss(double before, double after, double slope_before, double slope_after) {
  const double difference = after - before;
  const bool resolved = std::abs(difference) > resolution * std::abs(before);
  return resolved ? difference : (slope_before + slope_after) / 2.0;
}

// What the library's loop is given: where training is now, and a line search that counts and judges
// the iterations. A gradient of zeros makes the loop end.
class Problem {
 public:
  explicit Problem(TrainingRun& run)
      : run_(run),
        objective_(run.objective()),
        x_(vector_of(objective_.parameters())),
        best_(x_),
        lowest_(run.gradient_norm()) {}

  [[nodiscard]] const VectorXd& x() const { return x_; }
  // Asked once, as the loop begins: the loss and the gradient at x().
  double operator()(const VectorXd& /*x*/, VectorXd& gradient) {
    gradient = vector_of(objective_.gradient());
    return run_.loss();
  }
  // From `start` along `direction` to a point that meets the Wolfe conditions: the step is doubled
  // until it is too long, then the interval that holds a good one is halved. Source: Nocedal and
  // Wright, "Numerical Optimization", 2006, section 3.1, for the conditions and their constants.
  void search(double& loss, VectorXd& x, VectorXd& gradient, double step, const VectorXd& direction,
              const VectorXd& start);

  // Whether the loop ended for want of a step, though not of its first: what it remembers may be to
  // blame, and it is worth beginning again without. Goes back to x().
  bool begin_again();
  // Once within the tolerance, the parameters with the smallest gradient are those that stay.
  void finish();

 private:
  void put(const VectorXd& x) const {
    std::copy(x.begin(), x.end(), objective_.parameters().begin());
  }
  // Counts an iteration, which ended at x; whether there shall be another.
  bool accept(double loss, const VectorXd& x);

  TrainingRun& run_;
  Objective& objective_;
  VectorXd x_;          // where the last iteration ended
  VectorXd best_;       // where the gradient was smallest
  double lowest_;       // the gradient norm there
  int in_vain_ = 0;     // iterations since
  bool stuck_ = false;  // the last search found no step
  bool moved_ = false;  // since the loop began
};

void Problem::search(double& loss, VectorXd& x, VectorXd& gradient, double step,
                     const VectorXd& direction, const VectorXd& start) {
  constexpr double enough_fall = 1e-4;
  constexpr double enough_turn = 0.9;
  constexpr int most_trials = 60;
  const double before = loss;
  const double slope = gradient.dot(direction);
  double low = 0.0;
  double high = std::numeric_limits<double>::infinity();
  for (int trial = 0; slope < 0.0 && trial < most_trials; ++trial) {
    x = start + step * direction;
    put(x);
    loss = loss_or_infinity(objective_);
    gradient = vector_of(objective_.gradient());
    const double slope_there = gradient.dot(direction);
    const double change = change_of_loss(before, loss, step * slope, step * slope_there);
    if (!(change <= enough_fall * step * slope)) {
      high = step;
    } else if (slope_there < enough_turn * slope) {
      low = step;
    } else {
      if (!accept(loss, x)) gradient.setZero();
      return;
    }
    step = std::isfinite(high) ? (low + high) / 2.0 : 2.0 * step;
  }
  stuck_ = true;
  x = start;
  loss = before;
  gradient.setZero();
}

bool Problem::accept(double loss, const VectorXd& x) {
  constexpr int patience = 10;
  constexpr double rounding = 1e-15;
  constexpr double goal = 0.01;  // of the tolerance
  const double before = run_.loss();
  run_.next_epoch();
  run_.take(loss);
  run_.validate();
  x_ = x;
  moved_ = true;
  const bool loss_falls = before - loss > rounding * std::abs(before);
  if (run_.gradient_norm() < lowest_) {
    lowest_ = run_.gradient_norm();
    best_ = x;
    in_vain_ = 0;
  } else if (!loss_falls) {
    ++in_vain_;
  }
  return !run_.exhausted() && in_vain_ < patience && lowest_ > goal * run_.options().tolerance;
}

bool Problem::begin_again() {
  if (!stuck_) return false;
  put(x_);
  run_.look(true);
  stuck_ = false;
  return std::exchange(moved_, false);
}

void Problem::finish() {
  if (lowest_ > run_.options().tolerance || run_.gradient_norm() <= lowest_) return;
  put(best_);
  run_.look(true);
}

// The library calls it by this name.
template <class Scalar>
struct WolfeSearch {
  // NOLINTNEXTLINE(readability-identifier-naming)
  static void LineSearch(Problem& problem, Scalar& loss, VectorXd& x, VectorXd& gradient,
                         Scalar& step, const VectorXd& direction, const VectorXd& start,
                         const LBFGSpp::LBFGSParam<Scalar>& /*parameters*/) {
    problem.search(loss, x, gradient, step, direction, start);
  }
};

}  // namespace

void lbfgs(TrainingRun& run) {
  run.look_once();
  run.validate();
  if (run.over()) return;
  LBFGSpp::LBFGSParam<double> parameters;
  parameters.m = 10;
  parameters.epsilon = 0.0;  // The search says when it is over.
  parameters.epsilon_rel = 0.0;
  LBFGSpp::LBFGSSolver<double, WolfeSearch> solver(parameters);
  Problem problem(run);
  do {
    VectorXd x = problem.x();
    double loss = run.loss();
    solver.minimize(problem, x, loss);
  } while (problem.begin_again());
  problem.finish();
}

}  // namespace models
