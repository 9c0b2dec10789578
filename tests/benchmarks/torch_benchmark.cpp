// The same in libtorch, as its users write it: leaves that require a gradient, the graph recorded
// anew in each step, gradients reset by leaving them undefined.
#include <benchmark/benchmark.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <span>
#include <vector>

#include "tests/benchmarks/data.h"

namespace benchmarks {
namespace {

using torch::Tensor;

Tensor copy_of(std::span<const double> values, at::IntArrayRef shape) {
  Tensor result = torch::empty(shape, torch::kDouble);
  std::copy(values.begin(), values.end(), result.data_ptr<double>());
  return result;
}

Tensor variable(std::span<const double> values, at::IntArrayRef shape) {
  return copy_of(values, shape).set_requires_grad(true);
}

void add_gradient(Result& result, const Tensor& parameter) {
  const Tensor gradient = parameter.grad().contiguous();
  result.add({gradient.data_ptr<double>(), static_cast<std::size_t>(gradient.numel())});
}

struct LogisticRegression {
  Tensor X;
  Tensor y;
  Tensor w;
  Tensor b;

  explicit LogisticRegression(const benchmark::State& state) {
    const auto rows = static_cast<std::size_t>(state.range(0));
    const auto columns = static_cast<std::size_t>(state.range(1));
    X = copy_of(features(rows, columns), {state.range(0), state.range(1)});
    y = copy_of(labels(rows), {state.range(0)});
    w = variable(parameters(columns), {state.range(1)});
    b = variable(std::span(&bias, 1), {});
  }

  // The loss; leaves the gradients in w and b.
  double step() {
    w.mutable_grad() = Tensor();
    b.mutable_grad() = Tensor();
    const Tensor loss = torch::binary_cross_entropy_with_logits(torch::matmul(X, w) + b, y);
    loss.backward();
    return loss.item<double>();
  }
  double epoch() {
    const double loss = step();
    const torch::NoGradGuard update;
    w -= learning_rate * w.grad();
    b -= learning_rate * b.grad();
    return loss;
  }
  double result() {
    Result result(step());
    add_gradient(result, w);
    add_gradient(result, b);
    return result.value();
  }
};

void logistic_regression(benchmark::State& state) {
  torch::set_num_threads(1);
  LogisticRegression model(state);
  state.counters["result"] = model.result();
  for (auto _ : state) benchmark::DoNotOptimize(model.step());
}
BENCHMARK(logistic_regression)
    ->Name("libtorch/logistic_regression")
    ->Args({1, 2})
    ->Args({100, 4})
    ->Args({569, 30})
    ->Args({1000, 64});

void epoch(benchmark::State& state) {
  torch::set_num_threads(2);
  LogisticRegression model(state);
  state.counters["result"] = model.result();
  for (auto _ : state) benchmark::DoNotOptimize(model.epoch());
}
BENCHMARK(epoch)->Name("libtorch/epoch")->Args({500'000, 32})->Iterations(1);

void perceptron(benchmark::State& state) {
  torch::set_num_threads(1);
  const Tensor X = copy_of(features(569, 30), {569, 30});
  const Tensor y = copy_of(labels(569), {569});
  std::vector<Tensor> model{variable(parameters(30 * 16), {30, 16}), variable(parameters(16), {16}),
                            variable(parameters(16), {16}), variable(std::span(&bias, 1), {})};
  const auto step = [&] {
    for (Tensor& parameter : model) parameter.mutable_grad() = Tensor();
    const Tensor hidden = torch::tanh(torch::matmul(X, model[0]) + model[1]);
    const Tensor z = torch::matmul(hidden, model[2]) + model[3];
    const Tensor loss = torch::binary_cross_entropy_with_logits(z, y);
    loss.backward();
    return loss.item<double>();
  };
  Result result(step());
  for (const Tensor& parameter : model) add_gradient(result, parameter);
  state.counters["result"] = result.value();
  for (auto _ : state) benchmark::DoNotOptimize(step());
}
BENCHMARK(perceptron)->Name("libtorch/perceptron");

}  // namespace
}  // namespace benchmarks
