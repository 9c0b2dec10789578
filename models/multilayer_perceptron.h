// The multilayer perceptron: hidden layers with an activation, then logits. Without hidden layers
// it is what logistic and softmax regression compute, z = XW + b.
//
// Rule for callers: parameters are one flat list of numbers; parameter_blocks() says what is where.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/tensor.h"

namespace models {

// An activation of the catalogue by its name, with what stands behind the colon: `leaky_relu:0.1`,
// `prelu` (learned, one slope a unit), `maxout:3` (pieces), `generalized_logistic:0.5`, `elu:1`.
struct Activation {
  std::string name = "tanh";
  std::vector<double> arguments;  // as given, or the defaults

  bool operator==(const Activation&) const = default;
};
// Throws std::invalid_argument, with a suggestion, for what is no activation.
Activation parse_activation(std::string_view text);
std::string to_string(const Activation& activation);
// The names of all activations.
std::vector<std::string> activation_names();

struct Architecture {
  std::size_t features = 0;
  std::size_t outputs = 1;          // logits of a row: classes − 1, the first class having 0
  std::vector<std::size_t> hidden;  // units of each hidden layer
  Activation activation;

  bool operator==(const Architecture&) const = default;
};

struct ParameterBlock {
  std::string name;        // "W1", "b1", "slope1", …; without hidden layers "w" and "b"
  autograd::Shape shape;   // of one output, W is [in] and b a scalar, and z is [rows]
  bool penalised = false;  // weights are, intercepts and parameters of activations are not
};
std::vector<ParameterBlock> parameter_blocks(const Architecture& architecture);

// Weights that suit the activation, drawn with the seed; intercepts 0; zeros without hidden layers.
std::vector<double> initial_parameters(const Architecture& architecture, std::uint64_t seed);

// How a layer records xW + b.
using AffineMap = std::function<autograd::Tensor(
    const autograd::Tensor& x, const autograd::Tensor& W, const autograd::Tensor& b)>;

// Records the logits of rows X [rows × features]: [rows × outputs], or [rows] of one output.
autograd::Tensor logits(const Architecture& architecture, const autograd::Tensor& X,
                        std::span<const autograd::Tensor> parameters);
autograd::Tensor logits(const Architecture& architecture, const autograd::Tensor& X,
                        std::span<const autograd::Tensor> parameters, const AffineMap& affine);

}  // namespace models
