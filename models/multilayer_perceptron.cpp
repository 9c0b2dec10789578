#include "models/multilayer_perceptron.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "autograd/operations.h"
#include "autograd/random.h"
#include "autograd/suggestion.h"
#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

using autograd::Index;
using autograd::Shape;
using autograd::Tensor;

// What may stand behind the colon.
struct Argument {
  const char* name = "";
  double usual = 0.0;
  double smallest = 0.0;  // and what it must not be below; above 0 where it is 0
  bool whole = false;
};

// How many numbers of a layer go into one unit's activation, and how large weights should be.
struct Kind {
  std::string_view name;
  std::optional<Argument> argument;
  // The bound of uniform weights is gain · √(6/(in + out)) (Glorot and Bengio, "Understanding the
  // difficulty of training deep feedforward neural networks", AISTATS 2010), the gain being the
  // inverse slope at 0: 4 where it is 1/4. Of the hard functions it is three times their kink: up
  // to there they are straight lines, and a network whose units seldom get as far is one, and stays
  // one. 0: √(6/((1 + slope²) · in)) for what is 0, or as good as 0, on one side (He, Zhang, Ren
  // and Sun, "Delving deep into rectifiers", ICCV 2015).
  double gain = 1.0;
  Tensor (*record)(const Tensor& x, const std::vector<double>& arguments);
};

constexpr double slope_of_prelu = 0.25;  // at the start, as He et al. have it

const std::array<Kind, 11>& activation_kinds() {
  using Arguments = const std::vector<double>&;
  static const std::array<Kind, 11> all{{
      {"sigmoid", {}, 4.0, [](const Tensor& x, Arguments) { return sigmoid(x); }},
      {"generalized_logistic", Argument{"alpha", 1.0}, 4.0,
       [](const Tensor& x, Arguments a) { return generalized_logistic(x, a[0]); }},
      {"tanh", {}, 1.0, [](const Tensor& x, Arguments) { return tanh(x); }},
      {"relu", {}, 0.0, [](const Tensor& x, Arguments) { return relu(x); }},
      {"leaky_relu", Argument{"slope", 0.01}, 0.0,
       [](const Tensor& x, Arguments a) { return leaky_relu(x, a[0]); }},
      // Its slopes are parameters: see logits().
      {"prelu", {}, 0.0, [](const Tensor& x, Arguments) { return x; }},
      {"elu", Argument{"alpha", 1.0}, 0.0,
       [](const Tensor& x, Arguments a) { return elu(x, a[0]); }},
      {"hard_logistic", {}, 6.0, [](const Tensor& x, Arguments) { return hard_logistic(x); }},
      {"hard_tanh", {}, 3.0, [](const Tensor& x, Arguments) { return hard_tanh(x); }},
      {"softplus", {}, 0.0, [](const Tensor& x, Arguments) { return softplus(x); }},
      {"maxout", Argument{"pieces", 2.0, 2.0, true}, 0.0,
       [](const Tensor& x, Arguments a) { return maxout(x, static_cast<Index>(a[0])); }},
  }};
  return all;
}

const Kind& kind_of(std::string_view name) {
  const auto* const at = std::find_if(activation_kinds().begin(), activation_kinds().end(),
                                      [&](const Kind& kind) { return kind.name == name; });
  if (at != activation_kinds().end()) return *at;
  const std::vector<std::string> names = activation_names();
  const std::string guess = autograd::did_you_mean(name, names);
  throw std::invalid_argument("there is no activation " + in_quotes(name) + "; " +
                              (guess.empty() ? "they are " + listed(names, names.size()) : guess));
}

double parsed_argument(const Kind& kind, std::string_view text) {
  const std::string name(kind.name);
  if (!kind.argument) {
    throw std::invalid_argument(name + " has no number behind a colon, such as " + in_quotes(text));
  }
  const Argument& argument = *kind.argument;
  const ParsedNumber number = parse_number(text, '.');
  const bool fits =
      number.status == NumberStatus::number && std::isfinite(number.value) &&
      (argument.smallest > 0.0 ? number.value >= argument.smallest : number.value > 0.0) &&
      (!argument.whole || (number.value == std::floor(number.value) && number.value <= 100.0));
  if (fits) return number.value;
  throw std::invalid_argument(name + ": its " + argument.name + " must be a " +
                              (argument.whole
                                   ? "whole number from " + shortest(argument.smallest) + " to 100"
                                   : std::string("number above 0")) +
                              ", not " + in_quotes(text));
}

std::size_t pieces_of(const Activation& activation) {
  return activation.name == "maxout" ? static_cast<std::size_t>(activation.arguments.at(0)) : 1;
}

// A layer of the network: what comes in, and the numbers that go out before the activation.
struct Layer {
  std::size_t in = 0;
  std::size_t out = 0;
  bool hidden = false;
};

std::vector<Layer> layers_of(const Architecture& architecture) {
  std::vector<Layer> layers;
  std::size_t in = architecture.features;
  for (const std::size_t units : architecture.hidden) {
    if (units == 0) throw std::invalid_argument("a hidden layer needs at least one unit");
    layers.push_back({in, units * pieces_of(architecture.activation), true});
    in = units;
  }
  layers.push_back({in, architecture.outputs, false});
  return layers;
}

double bound_of(const Layer& layer, const Activation& activation) {
  const auto in = static_cast<double>(layer.in);
  const auto out = static_cast<double>(layer.out);
  const double gain = layer.hidden ? kind_of(activation.name).gain : 1.0;
  if (gain > 0.0) return gain * std::sqrt(6.0 / (in + out));
  const double slope = activation.name == "prelu"        ? slope_of_prelu
                       : activation.name == "leaky_relu" ? activation.arguments.at(0)
                                                         : 0.0;
  return std::sqrt(6.0 / ((1.0 + slope * slope) * in));
}

}  // namespace

Activation parse_activation(std::string_view text) {
  const std::size_t colon = text.find(':');
  const Kind& kind = kind_of(text.substr(0, colon));
  Activation activation{std::string(kind.name), {}};
  if (colon != std::string_view::npos) {
    activation.arguments = {parsed_argument(kind, text.substr(colon + 1))};
  } else if (kind.argument) {
    activation.arguments = {kind.argument->usual};
  }
  return activation;
}

std::string to_string(const Activation& activation) {
  std::string text = activation.name;
  for (const double argument : activation.arguments) text.append(":").append(shortest(argument));
  return text;
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const Kind& kind : activation_kinds()) names.emplace_back(kind.name);
  return names;
}

std::vector<ParameterBlock> parameter_blocks(const Architecture& architecture) {
  std::vector<ParameterBlock> blocks;
  const std::vector<Layer> layers = layers_of(architecture);
  const bool linear = layers.size() == 1;
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const std::string number = std::to_string(k + 1);
    const auto in = static_cast<Index>(layers[k].in);
    const auto out = static_cast<Index>(layers[k].out);
    const bool one = !layers[k].hidden && out == 1;
    blocks.push_back({linear ? "w" : "W" + number, one ? Shape{in} : Shape{in, out}, true});
    blocks.push_back({linear ? "b" : "b" + number, one ? Shape{} : Shape{out}, false});
    if (layers[k].hidden && architecture.activation.name == "prelu") {
      blocks.push_back({"slope" + number, Shape{out}, false});
    }
  }
  return blocks;
}

std::vector<double> initial_parameters(const Architecture& architecture, std::uint64_t seed) {
  const std::vector<Layer> layers = layers_of(architecture);
  std::vector<double> parameters;
  if (layers.size() == 1) {
    parameters.assign((layers[0].in + 1) * layers[0].out, 0.0);
    return parameters;
  }
  autograd::Random random(seed);
  for (const Layer& layer : layers) {
    const double bound = bound_of(layer, architecture.activation);
    for (std::size_t k = 0; k < layer.in * layer.out; ++k) {
      parameters.push_back(random.uniform(-bound, bound));
    }
    parameters.insert(parameters.end(), layer.out, 0.0);
    if (layer.hidden && architecture.activation.name == "prelu") {
      parameters.insert(parameters.end(), layer.out, slope_of_prelu);
    }
  }
  return parameters;
}

Tensor logits(const Architecture& architecture, const Tensor& X,
              std::span<const Tensor> parameters) {
  return logits(architecture, X, parameters,
                [](const Tensor& x, const Tensor& W, const Tensor& b) { return matmul(x, W) + b; });
}

Tensor logits(const Architecture& architecture, const Tensor& X, std::span<const Tensor> parameters,
              const AffineMap& affine) {
  const std::vector<ParameterBlock> blocks = parameter_blocks(architecture);
  if (parameters.size() != blocks.size()) {
    throw std::invalid_argument("the network has " + std::to_string(blocks.size()) +
                                " blocks of parameters, not " + std::to_string(parameters.size()));
  }
  const bool learned = architecture.activation.name == "prelu";
  Tensor x = X;
  std::size_t at = 0;
  const auto next = [&] {
    const Tensor block = named(parameters[at], blocks[at].name);
    ++at;
    return block;
  };
  for (std::size_t layer = 0; layer < architecture.hidden.size(); ++layer) {
    const Tensor W = next();
    const Tensor z = affine(x, W, next());
    x = learned
            ? prelu(z, next())
            : kind_of(architecture.activation.name).record(z, architecture.activation.arguments);
  }
  const Tensor W = next();
  return affine(x, W, next());
}

}  // namespace models
