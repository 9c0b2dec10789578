// Layout, starting values and gradients of perceptrons, with every activation of the catalogue.
#include "models/multilayer_perceptron.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "autograd/operations.h"
#include "autograd/random.h"
#include "autograd/rules/catalogue.h"
#include "autograd/verify/gradient_check.h"
#include "models/classification_loss.h"
#include "tests/models/support.h"

namespace models {
namespace {

using autograd::Shape;

TEST(Activation, OfTheCatalogueAreAllThere) {
  const std::vector<std::string> names = activation_names();
  EXPECT_EQ(names.size(), 11U);
  for (const std::string& name : names) {
    EXPECT_NE(autograd::find_rule(name), nullptr) << name;
    EXPECT_EQ(parse_activation(name).name, name);
  }
}

TEST(Activation, IsParsedWithTheNumberBehindTheColon) {
  EXPECT_EQ(parse_activation("leaky_relu:0.25"), (Activation{"leaky_relu", {0.25}}));
  EXPECT_EQ(parse_activation("leaky_relu"), (Activation{"leaky_relu", {0.01}}));
  EXPECT_EQ(parse_activation("maxout:3"), (Activation{"maxout", {3.0}}));
  for (const char* text :
       {"tanh", "leaky_relu:0.1", "maxout:3", "generalized_logistic:0.5", "prelu"}) {
    EXPECT_EQ(to_string(parse_activation(text)), text);
  }
}

TEST(Activation, ThatIsNoneIsRefusedWithASuggestion) {
  const auto fault = [](std::string_view text) {
    return testing::message_of<std::invalid_argument>([&] { return parse_activation(text); });
  };
  EXPECT_EQ(fault("leaky_rely"),
            "there is no activation \"leaky_rely\"; did you mean \"leaky_relu\"?");
  EXPECT_EQ(fault("tanh:2"), "tanh has no number behind a colon, such as \"2\"");
  EXPECT_EQ(fault("elu:0"), "elu: its alpha must be a number above 0, not \"0\"");
  EXPECT_EQ(fault("elu:x"), "elu: its alpha must be a number above 0, not \"x\"");
  EXPECT_EQ(fault("maxout:1"),
            "maxout: its pieces must be a whole number from 2 to 100, not \"1\"");
  EXPECT_EQ(fault("maxout:2.5"),
            "maxout: its pieces must be a whole number from 2 to 100, not \"2.5\"");
}

std::vector<Shape> shapes_of(const Architecture& architecture) {
  std::vector<Shape> shapes;
  for (const ParameterBlock& block : parameter_blocks(architecture)) shapes.push_back(block.shape);
  return shapes;
}

TEST(ParameterBlocks, AreThoseOfEachLayer) {
  EXPECT_EQ(shapes_of({3, 1, {}, {}}), (std::vector<Shape>{{3}, {}}));
  EXPECT_EQ(shapes_of({3, 2, {}, {}}), (std::vector<Shape>{{3, 2}, {2}}));
  EXPECT_EQ(shapes_of({3, 1, {4}, {}}), (std::vector<Shape>{{3, 4}, {4}, {4}, {}}));
  EXPECT_EQ(shapes_of({3, 2, {4, 5}, parse_activation("maxout:3")}),
            (std::vector<Shape>{{3, 12}, {12}, {4, 15}, {15}, {5, 2}, {2}}));
  EXPECT_EQ(shapes_of({3, 1, {4}, parse_activation("prelu")}),
            (std::vector<Shape>{{3, 4}, {4}, {4}, {4}, {}}));
  const auto blocks = parameter_blocks({3, 1, {4}, parse_activation("prelu")});
  EXPECT_EQ(blocks[2].name, "slope1");
  EXPECT_TRUE(blocks[0].penalised);
  EXPECT_FALSE(blocks[1].penalised);
  EXPECT_FALSE(blocks[2].penalised);
}

TEST(InitialParameters, KeepTheVarianceTheirActivationAsksFor) {
  const auto largest = [](const char* activation) {
    const auto all = initial_parameters({200, 1, {100}, parse_activation(activation)}, 7);
    return *std::max_element(all.begin(), all.begin() + 20000);
  };
  EXPECT_NEAR(largest("tanh"), std::sqrt(6.0 / 300.0), 1e-4);
  EXPECT_NEAR(largest("sigmoid"), 4.0 * std::sqrt(6.0 / 300.0), 1e-3);
  EXPECT_NEAR(largest("hard_tanh"), 3.0 * std::sqrt(6.0 / 300.0), 1e-3);
  EXPECT_NEAR(largest("relu"), std::sqrt(6.0 / 200.0), 1e-4);
  EXPECT_NEAR(largest("leaky_relu:1"), std::sqrt(3.0 / 200.0), 1e-4);
  EXPECT_EQ(initial_parameters({3, 2, {}, {}}, 7), std::vector<double>(8, 0.0));
  const Architecture small{2, 1, {3}, parse_activation("prelu")};
  const auto one = initial_parameters(small, 1);
  EXPECT_EQ(one, initial_parameters(small, 1));
  EXPECT_NE(one, initial_parameters(small, 2));
  EXPECT_EQ(one[6], 0.0) << "an intercept";
  EXPECT_EQ(one[9], 0.25) << "a slope";
}

class EveryActivation : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryActivation, HasTheGradientOfItsWitnesses) {
  for (const std::size_t outputs : {1U, 3U}) {
    const Architecture architecture{2, outputs, {3, 2}, parse_activation(GetParam())};
    autograd::Random random(5);
    std::vector<double> features(10);
    for (double& x : features) x = random.uniform(-2.0, 2.0);
    const std::vector<double> labels{0.0, 1.0, 0.0, 1.0, 1.0};
    const std::vector<double> classes{0.0, 1.0, 2.0, 1.0, 0.0};
    const AlignedNumbers one_hot = one_hot_rows({features, classes, 3, {}});
    const auto loss = [&](std::span<const autograd::Tensor> parameters) {
      autograd::Tape& tape = *parameters[0].tape();
      const auto X = tape.constant(autograd::view(std::span<const double>(features), Shape{5, 2}));
      const auto y =
          outputs == 1
              ? tape.constant(autograd::view(std::span<const double>(labels)))
              : tape.constant(autograd::view(std::span<const double>(one_hot), Shape{5, 3}));
      return mean(row_losses(logits(architecture, X, parameters), y));
    };
    std::vector<autograd::CheckedInput> inputs;
    const std::vector<double> start = initial_parameters(architecture, 11);
    std::span<const double> rest(start);
    for (const ParameterBlock& block : parameter_blocks(architecture)) {
      const auto size = static_cast<std::size_t>(block.shape.size());
      inputs.push_back({block.name, {rest.first(size), block.shape}});
      rest = rest.subspan(size);
    }
    EXPECT_TRUE(rest.empty());
    EXPECT_TRUE(autograd::check_gradients(loss, inputs).passed()) << outputs;
  }
}

INSTANTIATE_TEST_SUITE_P(ByName, EveryActivation, ::testing::ValuesIn(activation_names()),
                         [](const auto& instance) { return instance.param; });

TEST(Logits, RefuseOtherParametersThanTheirs) {
  autograd::Tape tape;
  const auto X = tape.constant({{1.0, 2.0}});
  EXPECT_THROW(logits({2, 1, {3}, {}}, X, std::vector{tape.variable(1.0)}), std::invalid_argument);
  EXPECT_THROW(parameter_blocks({2, 1, {0}, {}}), std::invalid_argument);
}

}  // namespace
}  // namespace models
