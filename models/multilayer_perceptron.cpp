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
}  // namespace models
