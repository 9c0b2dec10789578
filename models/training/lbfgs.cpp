#include <LBFGSpp/BFGSMat.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

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

class QuasiNewton {
 public:
  // Where the loss and the gradient are known.
  explicit QuasiNewton(TrainingRun& run)
      : run_(run),
        objective_(run.objective()),
        x_(vector_of(objective_.parameters())),
        best_(x_),
        lowest_(run.gradient_norm()) {}

  // Whether there shall be another iteration.
  bool goes_on();
  // From x along the quasi-Newton direction.
  void iterate();
  // Once within the tolerance, the parameters with the smallest gradient are those that stay.
  void finish();
  void visit(StateVisitor& state);

 private:
  static constexpr std::size_t memory = 10;
  static constexpr long patience = 10;

  // To a point along `direction` that meets the Wolfe conditions: the step is doubled until it is
  // too long, then the interval that holds a good one is halved. False where there is none. Source:
  // Nocedal and Wright, "Numerical Optimization", 2006, section 3.1, for the conditions and their
  // constants.
  bool search(double step, const VectorXd& direction, const VectorXd& gradient);
  // Counts an iteration, which ended where the parameters are.
  void accept(double loss);
  void remember(const VectorXd& step, const VectorXd& change_of_gradient);
  [[nodiscard]] VectorXd direction(const VectorXd& gradient);
  void put(const VectorXd& x) const {
    std::copy(x.begin(), x.end(), objective_.parameters().begin());
  }

  TrainingRun& run_;
  Objective& objective_;
  VectorXd x_;          // where the last iteration ended
  VectorXd best_;       // where the gradient was smallest
  double lowest_;       // the gradient norm there
  long in_vain_ = 0;    // iterations since
  long begun_ = 0;      // 1: there was something to do
  bool stuck_ = false;  // there is no step from x
  // The last steps, the oldest first, each with the change of the gradient behind it.
  std::vector<double> steps_;
  LBFGSpp::BFGSMat<double> inverse_;
};

void QuasiNewton::visit(StateVisitor& state) {
  const auto n = static_cast<std::size_t>(x_.size());
  state.count("begun", begun_, 1);
  state.numbers("flattest_parameters", {best_.data(), n});
  state.number("smallest_gradient", lowest_);
  state.count("in_vain", in_vain_, patience);
  state.rows("steps", steps_, 2 * n, memory);
}

bool QuasiNewton::goes_on() {
  constexpr double goal = 0.01;  // of the tolerance
  if (begun_ == 0) {
    if (run_.over()) return false;
    begun_ = 1;
  }
  return !stuck_ && !run_.exhausted() && in_vain_ < patience &&
         lowest_ > goal * run_.options().tolerance;
}

void QuasiNewton::iterate() {
  const VectorXd start = x_;
  const VectorXd gradient = vector_of(objective_.gradient());
  const VectorXd downhill = direction(gradient);
  if (search(steps_.empty() ? 1.0 / gradient.norm() : 1.0, downhill, gradient)) {
    remember(x_ - start, vector_of(objective_.gradient()) - gradient);
    return;
  }
  // What it remembers may be to blame, and it is worth beginning again without.
  stuck_ = steps_.empty();
  steps_.clear();
  put(x_);
  run_.look(true);
}

// The library's matrix is made anew each time, so that it does not matter since when it has been
// there.
VectorXd QuasiNewton::direction(const VectorXd& gradient) {
  if (steps_.empty()) return -gradient;
  const auto n = static_cast<int>(x_.size());
  inverse_.reset(n, static_cast<int>(memory));
  for (auto at = steps_.begin(); at != steps_.end(); at += 2L * n) {
    const Eigen::Map<const VectorXd> step(&*at, n);
    inverse_.add_correction(step, Eigen::Map<const VectorXd>(&*at + n, n));
  }
  VectorXd result;
  inverse_.apply_Hv(gradient, -1.0, result);
  return result;
}

void QuasiNewton::remember(const VectorXd& step, const VectorXd& change_of_gradient) {
  const auto row = static_cast<std::size_t>(2 * step.size());
  if (steps_.size() == memory * row) {
    steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(row));
  }
  steps_.insert(steps_.end(), step.begin(), step.end());
  steps_.insert(steps_.end(), change_of_gradient.begin(), change_of_gradient.end());
}

bool QuasiNewton::search(double step, const VectorXd& direction, const VectorXd& gradient) {
  constexpr double enough_fall = 1e-4;
  constexpr double enough_turn = 0.9;
  constexpr int most_trials = 60;
  const double before = run_.loss();
  const double slope = gradient.dot(direction);
  double low = 0.0;
  double high = std::numeric_limits<double>::infinity();
  for (int trial = 0; slope < 0.0 && trial < most_trials; ++trial) {
    put(x_ + step * direction);
    const double loss = loss_or_infinity(objective_);
    const double slope_there = vector_of(objective_.gradient()).dot(direction);
    const double change = change_of_loss(before, loss, step * slope, step * slope_there);
    if (!(change <= enough_fall * step * slope)) {
      high = step;
    } else if (slope_there < enough_turn * slope) {
      low = step;
    } else {
      accept(loss);
      return true;
    }
    step = std::isfinite(high) ? (low + high) / 2.0 : 2.0 * step;
  }
  return false;
}

void QuasiNewton::accept(double loss) {
  constexpr double rounding = 1e-15;
  const double before = run_.loss();
  run_.next_epoch();
  run_.take(loss);
  run_.validate();
  x_ = vector_of(objective_.parameters());
  const bool loss_falls = before - loss > rounding * std::abs(before);
  if (run_.gradient_norm() < lowest_) {
    lowest_ = run_.gradient_norm();
    best_ = x_;
    in_vain_ = 0;
  } else if (!loss_falls) {
    ++in_vain_;
  }
}

void QuasiNewton::finish() {
  if (lowest_ > run_.options().tolerance || run_.gradient_norm() <= lowest_) return;
  put(best_);
  run_.look(true);
}

}  // namespace

void lbfgs(TrainingRun& run) {
  run.look_once();
  run.validate();
  QuasiNewton search(run);
  run.restore(search);
  while (search.goes_on()) {
    run.keep(search);
    search.iterate();
  }
  run.keep_last(search);
  search.finish();
}

}  // namespace models
