// Gradients of what people build from the operations, entry by entry against witnesses that share
// nothing with the rules.
#include <gtest/gtest.h>

#include <string>

#include "autograd/operations.h"
#include "autograd/random.h"
#include "autograd/verify/expect_gradients.h"

namespace autograd {
namespace {

using Inputs = std::span<const Tensor>;

Values random(std::uint64_t seed, const Shape& shape) {
  Random numbers(seed);
  std::vector<double> elements(static_cast<std::size_t>(shape.size()));
  for (double& element : elements) element = numbers.uniform(-1.0, 1.0);
  return {elements, shape};
}

Tensor constant(Inputs x, const Values& values) { return x[0].tape()->constant(values); }

CheckOptions both_orders() {
  CheckOptions options;
  options.order = 2;
  return options;
}

TEST(Gradients, OfLogisticRegressionWithAPenalty) {
  const auto loss = [](Inputs p) {
    const Tensor X = constant(p, random(1, {12, 3}));
    const Tensor y = greater(constant(p, random(2, {12})), 0.0);
    return mean(binary_cross_entropy_with_logits(matmul(X, p[0]) + p[1], y)) +
           0.05 * sum(square(p[0]));
  };
  EXPECT_GRADIENTS_OK(loss, {{"w", random(3, {3})}, {"b", 0.3}}, both_orders());
}

TEST(Gradients, OfSoftmaxRegression) {
  const auto loss = [](Inputs p) {
    const Tensor X = constant(p, random(4, {7, 2}));
    const Tensor y = one_hot(*p[0].tape(), std::vector<Index>{0, 2, 1, 1, 0, 2, 2}, 3);
    return mean(cross_entropy_with_logits(matmul(X, p[0]) + p[1], y));
  };
  EXPECT_GRADIENTS_OK(loss, {{"W", random(5, {2, 3})}, {"b", random(6, {3})}}, both_orders());
}

Tensor activated(const std::string& name, const Tensor& z, const Tensor& parameter) {
  if (name == "sigmoid") return sigmoid(z);
  if (name == "generalized_logistic") return generalized_logistic(z, square(parameter) + 0.1);
  if (name == "tanh") return tanh(z);
  if (name == "relu") return relu(z);
  if (name == "leaky_relu") return leaky_relu(z, 0.1);
  if (name == "prelu") return prelu(z, parameter);
  if (name == "elu") return elu(z, parameter);
  if (name == "hard_logistic") return hard_logistic(z);
  if (name == "hard_tanh") return hard_tanh(z);
  if (name == "softplus") return softplus(z);
  return maxout(z, 2);
}

TEST(Gradients, OfPerceptronsWithEveryActivation) {
  for (const std::string name :
       {"sigmoid", "generalized_logistic", "tanh", "relu", "leaky_relu", "prelu", "elu",
        "hard_logistic", "hard_tanh", "softplus", "maxout"}) {
    SCOPED_TRACE(name);
    const Index units = name == "maxout" ? 2 : 4;
    const auto loss = [name](Inputs p) {
      const Tensor X = constant(p, random(7, {9, 3}));
      const Tensor y = constant(p, random(8, {9}));
      const Tensor hidden = activated(name, matmul(X, p[0]) + p[1], p[4]);
      const Tensor used = mean(square(p[4]));  // by those without a parameter, too
      return mean(squared_error(matmul(hidden, p[2]) + p[3], y)) + used;
    };
    EXPECT_GRADIENTS_OK(loss,
                        {{"W", random(9, {3, 4})},
                         {"b", random(10, {4})},
                         {"v", random(11, {units})},
                         {"c", 0.2},
                         {"parameter", 0.7}},
                        both_orders());
  }
}

TEST(Gradients, OfAttention) {
  const auto attention = [](Inputs p) {
    const Tensor scores = matmul(p[0], permute(p[1], {0, 2, 1})) / 2.0;
    return mean(square(matmul(softmax(scores), p[2])));
  };
  EXPECT_GRADIENTS_OK(
      attention,
      {{"Q", random(12, {2, 3, 4})}, {"K", random(13, {2, 5, 4})}, {"V", random(14, {2, 5, 3})}},
      both_orders());
}

TEST(Gradients, OfNormalisedLayers) {
  const auto normalised = [](Inputs p) {
    const Tensor centred = p[0] - mean(p[0], {-1}, true);
    const Tensor deviation = sqrt(mean(square(centred), {-1}, true) + 1e-5);
    return sum(power(centred / deviation * p[1] + p[2], 3.0));
  };
  EXPECT_GRADIENTS_OK(
      normalised, {{"x", random(15, {4, 6})}, {"gain", random(16, {6})}, {"bias", random(17, {6})}},
      both_orders());
}

TEST(Gradients, ThroughEveryChangeOfShape) {
  const auto shuffled = [](Inputs p) {
    const Tensor rows = gather_rows(concatenate({p[0], p[1]}, 0), {3, 0, 0, 2});
    const Tensor part = slice(transpose(rows), 0, 0, -1);
    return sum(exp(reshape(part, {4, 2})) * broadcast_to(log_sum_exp(p[1]), {4, 2}) -
               reshape(max(rows, 1), {4, 1}));
  };
  EXPECT_GRADIENTS_OK(shuffled, {{"a", random(18, {2, 3})}, {"b", random(19, {2, 3})}});
}

TEST(Gradients, OfARecurrentNetworkThatSharesItsWeights) {
  const auto loss = [](Inputs p) {
    Tensor state = constant(p, random(20, {3}));
    for (int step = 0; step < 6; ++step) {
      state = tanh(matmul(p[0], state) + p[1]);
    }
    return sum(square(state));
  };
  EXPECT_GRADIENTS_OK(loss, {{"W", random(21, {3, 3})}, {"b", random(22, {3})}}, both_orders());
}

}  // namespace
}  // namespace autograd
