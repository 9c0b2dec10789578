// Requests for heap memory in a step of training, and memory held while training: counted, not
// timed.
#include <benchmark/benchmark.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "models/logistic_regression.h"
#include "tests/allocation_count.h"
#include "tests/benchmarks/logistic_regression.h"

namespace benchmarks {
namespace {

constexpr int threads = 2;

// Of a hundred steps after the first.
template <class Step>
void count_allocations(benchmark::State& state, Step step) {
  step();
  long requests = 0;
  for (auto _ : state) requests += tests::allocations_of(step);
  state.counters["allocations"] = static_cast<double>(requests);
}

void recording(benchmark::State& state) {
  OnOneTape training(569, 30);
  count_allocations(state, [&] { training.recorded_step(); });
}
BENCHMARK(recording)->Name("allocations/recording")->Iterations(100)->Repetitions(1);

void replay(benchmark::State& state) {
  const OnOneTape training(569, 30);
  autograd::Program program = training.program();
  count_allocations(state, [&] { program.evaluate(); });
}
BENCHMARK(replay)->Name("allocations/replay")->Iterations(100)->Repetitions(1);

void over_rows(benchmark::State& state) {
  OverRows training(100'000, 32, threads);
  count_allocations(state, [&] {
    training.gradient_epoch();
    training.loss_epoch();
  });
}
BENCHMARK(over_rows)->Name("allocations/over_rows")->Iterations(100)->Repetitions(1);

// A line of /proc/self/status, in MiB.
double mebibytes(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what + ":")) return std::stod(line.substr(what.size() + 1)) / 1024.0;
  }
  throw std::runtime_error("/proc/self/status does not tell " + what);
}

// The peak of what is resident while training, beyond what was before: the data. Means something
// only in a process that has run nothing else.
void training(benchmark::State& state) {
  const std::size_t rows = 500'000;
  const std::size_t columns = 32;
  const auto X = features(rows, columns);
  const auto y = labels(rows);
  const double before = mebibytes("VmRSS");
  std::ofstream("/proc/self/clear_refs") << 5 << std::flush;  // the peak begins anew
  for (auto _ : state) {
    models::LogisticRegressionOptions options;
    options.epochs = 20;
    options.threads = threads;
    models::LogisticRegression model(options);
    benchmark::DoNotOptimize(model.fit(X, y));
  }
  state.counters["MiB"] = mebibytes("VmHWM") - before;
}
BENCHMARK(training)->Name("memory/training")->Iterations(1)->Repetitions(1);

}  // namespace
}  // namespace benchmarks
