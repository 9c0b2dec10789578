// Full-batch epochs of logistic regression on data far larger than the caches, two threads, and
// what they are measured against: reading the same features and doing nothing with them.
#include <benchmark/benchmark.h>
#include <omp.h>

#include "tests/benchmarks/logistic_regression.h"

namespace benchmarks {
namespace {

constexpr int threads = 2;

// Each repetition times one pass over the data, the shortest that can be left alone, after one that
// wakes the threads and leaves in the caches what a pass leaves there.
void one_pass(benchmark::internal::Benchmark* benchmark) { benchmark->Iterations(1); }
void sizes_asked(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({500'000, 32})->Args({500'000, 128});
}
void sizes_out_of_cache(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({1'000'000, 32})->Args({2'000'000, 32})->Args({4'000'000, 32});
}
OverRows training_of(const benchmark::State& state) {
  return {static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
          threads};
}

void gradient_epoch(benchmark::State& state) {
  OverRows training = training_of(state);
  training.gradient_epoch();
  for (auto _ : state) training.gradient_epoch();
}
BENCHMARK(gradient_epoch)
    ->Name("epoch/gradient")
    ->Args({10'000, 32})
    ->Args({100'000, 32})
    ->Apply(sizes_asked)
    ->Apply(sizes_out_of_cache)
    ->Apply(one_pass);

void loss_epoch(benchmark::State& state) {
  OverRows training = training_of(state);
  state.counters["result"] = training.result().value();
  for (auto _ : state) benchmark::DoNotOptimize(training.loss_epoch());
}
BENCHMARK(loss_epoch)->Name("epoch/loss")->Args({500'000, 32})->Apply(one_pass);

// Eight numbers wherever they lie.
using Wide [[gnu::vector_size(64), gnu::aligned(8), gnu::may_alias]] = double;
constexpr std::size_t width = 8;

// The sum of `count` numbers, read at `streams` places side by side and, where `ahead` is not 0,
// fetched that many numbers before they are needed. Eight sums do not wait for each other.
template <std::size_t streams, std::size_t ahead>
double sum_of(const double* numbers, std::size_t count) {
  constexpr std::size_t sums = 8 / streams;
  constexpr std::size_t turn = sums * width;
  const std::size_t part = count / streams / turn * turn;
  Wide total[streams][sums] = {};
  for (std::size_t i = 0; i < part; i += turn) {
#pragma GCC unroll 8
    for (std::size_t s = 0; s < streams; ++s) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < sums; ++k) {
        const double* from = numbers + s * part + i + k * width;
        if constexpr (ahead > 0) __builtin_prefetch(from + ahead);
        total[s][k] += *reinterpret_cast<const Wide*>(from);
      }
    }
  }
  double result = 0.0;
  for (const auto& stream : total) {
    for (const Wide& sum : stream) {
      for (std::size_t k = 0; k < width; ++k) result += sum[k];
    }
  }
  for (std::size_t i = part * streams; i < count; ++i) result += numbers[i];
  return result;
}

// Each thread reads its half. Which way is the fastest depends on the machine: the table takes the
// best.
template <std::size_t streams, std::size_t ahead>
void read(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto columns = static_cast<std::size_t>(state.range(1));
  const double* X = features(rows, columns).data();
  const std::size_t half = rows * columns / threads;
  const auto pass = [X, half] {
    double total = 0.0;
#pragma omp parallel num_threads(threads) reduction(+ : total)
    total +=
        sum_of<streams, ahead>(X + half * static_cast<std::size_t>(omp_get_thread_num()), half);
    benchmark::DoNotOptimize(total);
  };
  pass();
  for (auto _ : state) pass();
}
BENCHMARK(read<1, 0>)->Name("read/1_stream")->Apply(sizes_asked)->Apply(one_pass);
BENCHMARK(read<1, 1024>)->Name("read/1_stream_fetched")->Apply(sizes_asked)->Apply(one_pass);
BENCHMARK(read<8, 0>)->Name("read/8_streams")->Apply(sizes_asked)->Apply(one_pass);
BENCHMARK(read<4, 512>)
    ->Name("read/4_streams_fetched")
    ->Apply(sizes_asked)
    ->Apply(sizes_out_of_cache)
    ->Apply(one_pass);

}  // namespace
}  // namespace benchmarks
