// A chain of 3000 scalar operations, v := tanh(v·x + x) a thousand times, forward and backward:
// nothing but the cost of an operation that does next to nothing.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "autograd/operations.h"
#include "autograd/program.h"
#include "tests/benchmarks/data.h"

namespace benchmarks {
namespace {

using autograd::Program;
using autograd::Tape;
using autograd::Tensor;

constexpr int links = 1000;
constexpr double start = 0.3;

Tensor record(const Tensor& x) {
  Tensor v = x;
  for (int i = 0; i < links; ++i) v = tanh(v * x + x);
  return v;
}

void recording(benchmark::State& state) {
  Tape tape;
  const Tensor x = tape.variable(start);
  const auto step = [&] {
    const Tape::Scope scope = tape.scope();
    const Tensor v = record(x);
    tape.backward(v);
    return v.item();
  };
  const double value = step();
  state.counters["result"] = Result(value).add(x.adjoint_item()).value();
  for (auto _ : state) benchmark::DoNotOptimize(step());
}
BENCHMARK(recording)->Name("chain/recording");

void replay(benchmark::State& state) {
  Tape tape;
  const Tensor x = tape.variable(start);
  Program program(record(x), {x});
  const double value = program.evaluate();
  state.counters["result"] = Result(value).add(program.adjoint(0)).value();
  for (auto _ : state) benchmark::DoNotOptimize(program.evaluate());
}
BENCHMARK(replay)->Name("chain/replay");

// Forward, keeping each v; backward with tanh' = 1 − v². Returns v and dx.
struct ValueAndSlope {
  double value;
  double slope;
};
ValueAndSlope chain(double x, std::vector<double>& v) {
  v[0] = x;
  for (std::size_t i = 0; i < links; ++i) v[i + 1] = std::tanh(v[i] * x + x);
  double dv = 1.0;
  double dx = 0.0;
  for (std::size_t i = links; i > 0; --i) {
    const double ds = dv * (1.0 - v[i] * v[i]);
    dx += ds * (v[i - 1] + 1.0);
    dv = ds * x;
  }
  return {v[links], dx + dv};
}

void by_hand(benchmark::State& state) {
  std::vector<double> v(links + 1);
  double x = start;
  const auto [value, slope] = chain(x, v);
  state.counters["result"] = Result(value).add(slope).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(x);
    benchmark::DoNotOptimize(chain(x, v));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(by_hand)->Name("chain/by_hand");

}  // namespace
}  // namespace benchmarks
