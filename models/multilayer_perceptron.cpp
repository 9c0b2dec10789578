#include "models/multilayer_perceptron.h"

#include "autograd/operations.h"
namespace models {
std::vector<ParameterBlock> parameter_blocks(const Architecture& a) {
  using autograd::Index;
  using autograd::Shape;
  const Index p = Index(a.features), k = Index(a.outputs);
  if (k == 1) return {{"w", Shape{p}, true}, {"b", Shape{}, false}};
  return {{"w", Shape{p, k}, true}, {"b", Shape{k}, false}};
}
autograd::Tensor logits(const Architecture&, const autograd::Tensor& X,
                        std::span<const autograd::Tensor> q) {
  return matmul(X, named(q[0], "w")) + named(q[1], "b");
}
std::string to_string(const Activation& a) { return a.name; }
Activation parse_activation(std::string_view t) { return {std::string(t), {}}; }
std::vector<std::string> activation_names() { return {"tanh"}; }
std::vector<double> initial_parameters(const Architecture& a, std::uint64_t) { std::size_t n = 0; for (auto& b : parameter_blocks(a)) n += std::size_t(b.shape.size()); return std::vector<double>(n, 0.0); }
}
