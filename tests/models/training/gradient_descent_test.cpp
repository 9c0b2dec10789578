// Gradient descent, on the teaching example of logistic regression (numbers: w = (0.5, −0.25),
// b = 0.1, x = (1, 2), y = 1, learning rate 0.1; worked out to 30 digits with mpmath) and on
// parabolas whose every step is known.
#include "models/training/gradient_descent.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "autograd/operations.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using autograd::Tape;
using autograd::Tensor;
using testing::message_of;

// One row of logistic regression, from given parameters.
class TeachingExample : public Objective {
 public:
  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return gradient_; }
  double evaluate() override {
    Tape tape;
    const std::span<const double> all(parameters_);
    const Tensor w = tape.variable(autograd::view(all.first(2)));
    const Tensor b = tape.variable(autograd::view(all.last(1), autograd::Shape{}));
    const Tensor z = matmul(tape.constant({1.0, 2.0}), w) + b;
    const Tensor loss = binary_cross_entropy(sigmoid(z), tape.constant(1.0));
    tape.backward(loss);
    gradient_ = {w.adjoint_values()[0], w.adjoint_values()[1], b.adjoint_item()};
    return loss.item();
  }

 private:
  std::vector<double> parameters_{0.5, -0.25, 0.1};
  std::vector<double> gradient_ = std::vector<double>(3);
};

// ½·Σ c·p² from p = 1: each step multiplies a parameter by 1 − learning_rate·c.
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

  int evaluations = 0;

 private:
  std::vector<double> curvatures_;
  std::vector<double> parameters_;
  std::vector<double> gradient_;
};

TEST(GradientDescent, TakesTheDocumentedStepOfTheTeachingExample) {
  TeachingExample example;
  const TrainingResult result = gradient_descent(example, {0.1, 1, 0.0});
  EXPECT_NEAR(example.parameters()[0], 0.547502081252106001, 1e-15);
  EXPECT_NEAR(example.parameters()[1], -0.154995837495787997, 1e-15);
  EXPECT_NEAR(example.parameters()[2], 0.147502081252106001, 1e-15);
  EXPECT_NEAR(result.first_loss, 0.644396660073570895, 1e-15);
  EXPECT_NEAR(result.loss, 0.519056936838544900, 1e-15);
}

TEST(GradientDescent, MovesAllParametersByTheSameGradient) {
  Parabola parabola({1.0, 0.5, 0.25});
  gradient_descent(parabola, {0.5, 2, 0.0});
  EXPECT_EQ(parabola.parameters()[0], 0.25);      // (1 − 0.5)²
  EXPECT_EQ(parabola.parameters()[1], 0.5625);    // (1 − 0.25)²
  EXPECT_EQ(parabola.parameters()[2], 0.765625);  // (1 − 0.125)²
}

TEST(GradientDescent, ConvergesWhenTheLargestEntryReachesTheTolerance) {
  // Gradients 1, ½, ¼, …: 2⁻¹⁰ is reached after ten updates, to the bit.
  Parabola parabola({1.0});
  const TrainingResult result = gradient_descent(parabola, {0.5, 100, 0x1p-10});
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.epochs, 10);
  EXPECT_EQ(result.gradient_norm, 0x1p-10);
  EXPECT_EQ(result.loss, 0x1p-21);
  EXPECT_EQ(parabola.evaluations, 12) << "one for each update, one for where it ended, and one for "
                                         "the loss there, which the epochs before did without";
}

TEST(GradientDescent, LooksAtTheLargestEntryAndNotAtTheFirst) {
  Parabola parabola({0x1p-20, -1.0});  // the second entry falls away from its maximum
  const TrainingResult result = gradient_descent(parabola, {1.0, 3, 0x1p-10});
  EXPECT_FALSE(result.converged);
  EXPECT_EQ(result.epochs, 3);
  EXPECT_EQ(result.gradient_norm, 8.0);
}

TEST(GradientDescent, OfNoEpochsEvaluatesOnceAndMovesNothing) {
  Parabola parabola({1.0});
  long observed = 0;
  const TrainingResult result =
      gradient_descent(parabola, {0.5, 0, 0.0}, [&](const EpochReport& report) {
        ++observed;
        EXPECT_EQ(report.epoch, 0);
        EXPECT_EQ(report.loss, 0.5);
        EXPECT_EQ(report.gradient_norm, 1.0);
      });
  EXPECT_EQ(observed, 1);
  EXPECT_EQ(parabola.parameters()[0], 1.0);
  EXPECT_FALSE(result.converged);
}

TEST(GradientDescent, LetsTheObserverStopItByAnException) {
  Parabola parabola({1.0});
  const auto stop_at_two = [](const EpochReport& report) {
    if (report.epoch == 2) throw std::runtime_error("enough");
  };
  EXPECT_EQ(message_of<std::runtime_error>([&] {
              gradient_descent(parabola, {0.5, 100, 0.0}, stop_at_two);
            }),
            "enough");
  EXPECT_EQ(parabola.parameters()[0], 0.25);
}

TEST(GradientDescent, RefusesOptionsOutOfTheirRanges) {
  const auto message = [](const GradientDescentOptions& options) {
    Parabola parabola({1.0});
    return message_of<std::invalid_argument>([&] { gradient_descent(parabola, options); });
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message({0.0, 1, 0.0}), "the learning rate must be a positive number, not 0.000000");
  EXPECT_EQ(message({nan, 1, 0.0}), "the learning rate must be a positive number, not nan");
  EXPECT_EQ(message({0.1, -1, 0.0}), "the number of epochs must be 0 or more, not -1.000000");
  EXPECT_EQ(message({0.1, 1, -1.0}), "the tolerance must be 0 or more, not -1.000000");
  EXPECT_EQ(message({0.1, 1, nan}), "the tolerance must be 0 or more, not nan");
}

}  // namespace
}  // namespace models
