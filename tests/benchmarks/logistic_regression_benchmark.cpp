// Loss and gradient of logistic regression on small data, one thread: recorded anew, replayed, and
// by hand.
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <algorithm>
#include <span>
#include <vector>

#include "tests/benchmarks/logistic_regression.h"

namespace benchmarks {
namespace {

using Eigen::Index;

OnOneTape training_of(const benchmark::State& state) {
  return {static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1))};
}

void recording(benchmark::State& state) {
  OnOneTape training = training_of(state);
  Result result(training.recorded_step());
  result.add(training.w.adjoint_values()).add(training.b.adjoint_values());
  state.counters["result"] = result.value();
  for (auto _ : state) benchmark::DoNotOptimize(training.recorded_step());
}

void replay(benchmark::State& state) {
  const OnOneTape training = training_of(state);
  autograd::Program program = training.program();
  Result result(program.evaluate());
  result.add(program.adjoint(2)).add(program.adjoint(3));
  state.counters["result"] = result.value();
  for (auto _ : state) benchmark::DoNotOptimize(program.evaluate());
}

// What one writes with Eigen alone: block after block of rows, so that the second product finds its
// rows in the first-level cache, and one exponential for loss and slope.
class ByHand {
 public:
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  ByHand(Index rows, Index columns)
      : X_(features(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)).data(), rows,
           columns),
        y_(labels(static_cast<std::size_t>(rows)).data(), rows),
        block_(std::min(rows, 4096 / columns / 8 * 8)),  // 32 KiB
        w_(Eigen::Map<const Eigen::VectorXd>(parameters(static_cast<std::size_t>(columns)).data(),
                                             columns)),
        z_(block_),
        e_(block_),
        u_(block_),
        dz_(block_),
        dw_(columns) {}

  double evaluate() {
    double loss = 0.0;
    dw_.setZero();
    db_ = 0.0;
    const double share = 1.0 / static_cast<double>(X_.rows());
    for (Index first = 0; first < X_.rows(); first += block_) {
      const Index rows = std::min(block_, X_.rows() - first);
      const auto X = X_.middleRows(first, rows);
      const auto y = y_.segment(first, rows).array();
      auto z = z_.head(rows).array();
      auto e = e_.head(rows).array();
      auto u = u_.head(rows).array();
      auto dz = dz_.head(rows).array();
      z_.head(rows).noalias() = X * w_;
      z += b_;
      e = (-z.abs()).exp();
      u = 1.0 + e;
      // ln(1 + e), with what rounding took from 1 + e: Eigen's own log1p takes one number at a
      // time.
      loss += (z.max(0.0) - z * y + u.log() + (e - (u - 1.0)) / u).sum();
      dz = ((z >= 0.0).select(1.0, e) / u - y) * share;
      dw_.noalias() += X.transpose() * dz_.head(rows);
      db_ += dz.sum();
    }
    return loss * share;
  }

  [[nodiscard]] std::span<const double> dw() const {
    return {dw_.data(), static_cast<std::size_t>(dw_.size())};
  }
  [[nodiscard]] double db() const { return db_; }

 private:
  Eigen::Map<const Matrix> X_;
  Eigen::Map<const Eigen::VectorXd> y_;
  Index block_;
  Eigen::VectorXd w_;
  double b_ = bias;
  Eigen::VectorXd z_;
  Eigen::VectorXd e_;
  Eigen::VectorXd u_;
  Eigen::VectorXd dz_;
  Eigen::VectorXd dw_;
  double db_ = 0.0;
};

void by_hand(benchmark::State& state) {
  ByHand loop(state.range(0), state.range(1));
  Result result(loop.evaluate());
  result.add(loop.dw()).add(loop.db());
  state.counters["result"] = result.value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(&loop);
    benchmark::DoNotOptimize(loop.evaluate());
    benchmark::ClobberMemory();
  }
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({1, 2})->Args({100, 4})->Args({569, 30})->Args({1000, 64});
}

BENCHMARK(recording)->Name("logistic_regression/recording")->Apply(sizes);
BENCHMARK(replay)->Name("logistic_regression/replay")->Apply(sizes);
BENCHMARK(by_hand)->Name("logistic_regression/by_hand")->Apply(sizes);

}  // namespace
}  // namespace benchmarks
