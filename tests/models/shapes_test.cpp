// Perceptrons learn what no straight line can: two moons and two spirals, whatever the activation.
#include "tests/models/shapes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "models/classification_loss.h"
#include "models/multilayer_perceptron.h"
#include "models/training/minimise.h"
#include "tests/sanitized.h"

namespace models {
namespace {

using ::models::testing::Rows;
using ::models::testing::two_moons;
using ::models::testing::two_spirals;

// Where Adam ends from the starting values of a seed.
std::vector<double> trained(const Architecture& architecture, const Rows& rows) {
  ClassificationLoss loss({rows.features, rows.labels, 2, {}}, architecture, {});
  const std::vector<double> start = initial_parameters(architecture, 1);
  std::copy(start.begin(), start.end(), loss.parameters().begin());
  MinimiseOptions options;
  options.solver = Solver::adam;
  options.learning_rate.rate = 0.03;
  options.epochs = 2000;
  options.tolerance = 5e-4;
  const TrainingResult result = minimise(loss, rows.labels.size(), options);
  EXPECT_TRUE(result.converged) << "after " << result.epochs << " epochs the gradient was "
                                << result.gradient_norm;
  ::testing::Test::RecordProperty("epochs", static_cast<int>(result.epochs));
  return {loss.parameters().begin(), loss.parameters().end()};
}

// The share of rows whose logit is on the side of their label.
double accuracy(const Architecture& architecture, std::span<const double> parameters,
                const Rows& rows) {
  autograd::Tape tape;
  std::vector<autograd::Tensor> blocks;
  for (const ParameterBlock& block : parameter_blocks(architecture)) {
    const auto size = static_cast<std::size_t>(block.shape.size());
    blocks.push_back(tape.constant(autograd::view(parameters.first(size), block.shape)));
    parameters = parameters.subspan(size);
  }
  const auto count = static_cast<autograd::Index>(rows.labels.size());
  const auto X = tape.constant(
      autograd::view(std::span<const double>(rows.features), autograd::Shape{count, 2}));
  const autograd::Tensor z = logits(architecture, X, blocks);
  std::size_t right = 0;
  for (std::size_t row = 0; row < rows.labels.size(); ++row) {
    if ((z.values()[row] > 0.0) == (rows.labels[row] == 1.0)) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(rows.labels.size());
}

// The catalogue, and what stands behind the colon.
std::vector<std::string> activations() {
  std::vector<std::string> all = activation_names();
  all.insert(all.end(), {"leaky_relu:0.1", "elu:0.5", "generalized_logistic:0.5", "maxout:3"});
  return all;
}

class PerceptronWith : public ::testing::TestWithParam<std::string> {
 protected:
  // Of the rows it is trained on it misses none, of fresh ones next to none: what it has learned is
  // the shape.
  void expect_separates(const std::vector<std::size_t>& hidden, const Rows& rows,
                        const Rows& fresh) const {
    const Architecture architecture{2, 1, hidden, parse_activation(GetParam())};
    const std::vector<double> parameters = trained(architecture, rows);
    EXPECT_EQ(accuracy(architecture, parameters, rows), 1.0);
    EXPECT_GE(accuracy(architecture, parameters, fresh), 0.95);
  }
};

TEST_P(PerceptronWith, SeparatesTwoMoons) {
  expect_separates({16}, two_moons(1, 200, 0.05), two_moons(2, 200, 0.05));
}

TEST_P(PerceptronWith, SeparatesTwoSpirals) {
  SKIP_IF_SANITIZED("SeparatesTwoMoons");
  expect_separates({16, 16}, two_spirals(1, 200, 1.5, 0.02), two_spirals(2, 200, 1.5, 0.02));
}

INSTANTIATE_TEST_SUITE_P(ByName, PerceptronWith, ::testing::ValuesIn(activations()),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           std::replace(name.begin(), name.end(), ':', '_');
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(Shapes, AreBeyondAStraightLine) {
  for (const Rows& rows : {two_moons(1, 200, 0.05), two_spirals(1, 200, 1.5, 0.02)}) {
    const Architecture line{2, 1, {}, {}};
    EXPECT_LT(accuracy(line, trained(line, rows), rows), 0.95);
  }
}

}  // namespace
}  // namespace models
