// Logistic regression as the benchmarks train it: on one tape, and as a sum over rows.
#pragma once

#include <span>
#include <vector>

#include "autograd/operations.h"
#include "autograd/row_sum.h"
#include "tests/benchmarks/data.h"

namespace benchmarks {

inline autograd::View features_view(std::size_t rows, std::size_t columns) {
  return autograd::View(features(rows, columns), {static_cast<autograd::Index>(rows),
                                                  static_cast<autograd::Index>(columns)});
}

// All rows on one tape: leaves that are recorded once, and the loss to record in each step.
struct OnOneTape {
  std::vector<double> weights;
  std::vector<double> intercept{bias};
  autograd::Tape tape;
  autograd::Tensor X;
  autograd::Tensor y;
  autograd::Tensor w;
  autograd::Tensor b;

  OnOneTape(std::size_t rows, std::size_t columns)
      : weights(parameters(columns)),
        X(tape.constant(features_view(rows, columns))),
        y(tape.constant(autograd::view(labels(rows)))),
        w(tape.variable(autograd::view(weights))),
        b(tape.variable(autograd::view(intercept, autograd::Shape{}))) {}

  [[nodiscard]] autograd::Tensor loss() const {
    return mean(binary_cross_entropy_with_logits(matmul(X, w) + b, y));
  }
  // One step of training without its update: the loss; fills the adjoints of w and b.
  double recorded_step() {
    const autograd::Tape::Scope scope = tape.scope();
    const autograd::Tensor recorded = loss();
    tape.backward(recorded);
    return recorded.item();
  }
  // To be evaluated again and again; dw and db are its adjoints 2 and 3.
  [[nodiscard]] autograd::Program program() const { return {loss(), {X, y, w, b}}; }
};

// Block after block of rows by some threads, and gradient descent.
class OverRows {
 public:
  OverRows(std::size_t rows, std::size_t columns, int threads)
      : weights_(parameters(columns)),
        mean_({features_view(rows, columns), autograd::view(labels(rows))},
              {autograd::view(weights_), autograd::view(intercept_, autograd::Shape{})},
              [m = static_cast<double>(rows)](std::span<const autograd::Tensor> data,
                                              std::span<const autograd::Tensor> of) {
                const autograd::Tensor z = matmul(data[0], of[0]) + of[1];
                return sum(binary_cross_entropy_with_logits(z, data[1])) / m;
              },
              {0, threads}) {}

  void gradient_epoch() {
    mean_.differentiate();
    update();
  }
  double loss_epoch() {
    const double loss = mean_.evaluate();
    update();
    return loss;
  }
  Result result() { return Result(mean_.evaluate()).add(mean_.gradient()); }

 private:
  void update() {
    const auto gradient = mean_.gradient();
    for (std::size_t k = 0; k < weights_.size(); ++k) weights_[k] -= learning_rate * gradient[k];
    intercept_[0] -= learning_rate * gradient.back();
  }

  std::vector<double> weights_;
  std::vector<double> intercept_{bias};
  autograd::RowSum mean_;
};

}  // namespace benchmarks
