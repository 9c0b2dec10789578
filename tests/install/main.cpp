// A program outside this repository: it sees the installed headers and libraries, nothing else.
// It defines an operation of its own, checks and differentiates it, and trains a small classifier.
#include <Eigen/Core>
#include <cmath>
#include <cstdio>
#include <exception>
#include <vector>

#include "autograd/custom_operation.h"
#include "autograd/operations.h"
#include "autograd/verify/rule_check.h"
#include "models/logistic_regression.h"

namespace {

struct Swish : autograd::Elementwise<1> {  // x·σ(x)
  static constexpr autograd::RuleInfo info{"swish", "x sigmoid(x)"};
  template <class V>
  static V value(const V& x) {
    return x * autograd::num::sigmoid(x);
  }
  template <class V>
  static V slope(const V& x, const V& y) {
    return autograd::num::sigmoid(x) + y * autograd::num::sigmoid(-x);
  }
};

bool holds(bool condition, const char* what) {
  std::printf("%s: %s\n", what, condition ? "yes" : "NO");
  return condition;
}

bool is_near(double actual, double expected, double tolerance) {
  return std::abs(actual - expected) <= tolerance;
}

// L = Σ swish(X·w): the adjoint of w against differences of L.
bool gradient_of_swish_is_right() {
  const Eigen::MatrixXd X = Eigen::MatrixXd{{1.0, -2.0}, {0.5, 3.0}, {-1.5, 0.25}};
  const Eigen::VectorXd w = Eigen::Vector2d(0.3, -0.7);
  const auto loss_of = [&X](const Eigen::VectorXd& weights) {
    const Eigen::ArrayXd z = (X * weights).array();
    return (z / (1.0 + (-z).exp())).sum();
  };
  autograd::Tape tape;
  const autograd::Tensor weights = named(tape.variable(w), "w");
  const autograd::Tensor loss = sum(autograd::apply<Swish>(matmul(tape.constant(X), weights)));
  tape.backward(loss);
  const autograd::VectorMap dw = weights.adjoint_vector();
  bool right = is_near(loss.item(), loss_of(w), 1e-14);
  for (Eigen::Index k = 0; k < w.size(); ++k) {
    const Eigen::VectorXd step = 1e-6 * Eigen::VectorXd::Unit(w.size(), k);
    const double slope = (loss_of(w + step) - loss_of(w - step)) / 2e-6;
    right = right && is_near(dw(k), slope, 1e-8);
  }
  return right;
}

// Hours of study and exams passed; the coefficients are R's: glm(pass ~ hours, binomial).
bool training_agrees_with_r() {
  const std::vector<double> hours{0.50, 0.75, 1.00, 1.25, 1.50, 1.75, 1.75, 2.00, 2.25, 2.50,
                                  2.75, 3.00, 3.25, 3.50, 4.00, 4.25, 4.50, 4.75, 5.00, 5.50};
  const std::vector<double> pass{0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1};
  models::LogisticRegression model;
  model.fit(hours, pass);
  std::printf("intercept %.5f, hours %.5f\n", model.intercept(), model.weights()[0]);
  return is_near(model.intercept(), -4.07771, 5e-6) && is_near(model.weights()[0], 1.50465, 5e-6);
}

bool a_mistake_is_an_exception() {
  autograd::Tape tape;
  try {
    matmul(tape.constant({{1.0, 2.0}}), tape.constant({1.0, 2.0, 3.0}));
  } catch (const autograd::ShapeError& error) {
    std::puts(error.what());
    return true;
  }
  return false;
}

}  // namespace

int main() {
  try {
    bool right = holds(autograd::check_rule(autograd::rule_of<Swish>).passed,
                       "swish passes the gradient check");
    right = holds(gradient_of_swish_is_right(), "its gradient agrees with differences") && right;
    right = holds(training_agrees_with_r(), "training agrees with R") && right;
    right = holds(a_mistake_is_an_exception(), "a mistake is an exception") && right;
    return right ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
