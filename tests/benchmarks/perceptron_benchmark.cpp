// Loss and gradient of a perceptron, 569×30 → 16 tanh → 1, one thread, recorded anew.
#include <benchmark/benchmark.h>

#include <vector>

#include "autograd/operations.h"
#include "tests/benchmarks/data.h"

namespace benchmarks {
namespace {

using autograd::Index;
using autograd::Shape;
using autograd::Tape;
using autograd::Tensor;
using autograd::view;

constexpr Index rows = 569;
constexpr Index columns = 30;
constexpr Index units = 16;

void perceptron(benchmark::State& state) {
  const std::vector<double> first = parameters(columns * units);
  const std::vector<double> first_bias = parameters(units);
  const std::vector<double> second = parameters(units);
  const double second_bias = bias;
  Tape tape;
  const Tensor X = tape.constant(view(features(rows, columns), Shape{rows, columns}));
  const Tensor y = tape.constant(view(labels(rows)));
  const Tensor W1 = tape.variable(view(first, Shape{columns, units}));
  const Tensor b1 = tape.variable(view(first_bias));
  const Tensor w2 = tape.variable(view(second));
  const Tensor b2 = tape.variable(second_bias);
  const auto step = [&] {
    const Tape::Scope scope = tape.scope();
    const Tensor z = matmul(tanh(matmul(X, W1) + b1), w2) + b2;
    const Tensor loss = mean(binary_cross_entropy_with_logits(z, y));
    tape.backward(loss);
    return loss.item();
  };
  Result result(step());
  for (const Tensor& parameter : {W1, b1, w2, b2}) result.add(parameter.adjoint_values());
  state.counters["result"] = result.value();
  for (auto _ : state) benchmark::DoNotOptimize(step());
}
BENCHMARK(perceptron)->Name("perceptron/recording");

}  // namespace
}  // namespace benchmarks
