// Prints, as JSON, where the first-order optimisers go step by step on two small problems, with all
// it takes for other software to go the same way. optimisers.py compares.
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "autograd/random.h"
#include "models/logistic_regression.h"
#include "models/training/minimise.h"
#include "models/training/row_mean.h"

namespace {

using autograd::Shape;
using autograd::Tensor;
using autograd::View;
using nlohmann::json;

using Tensors = std::span<const Tensor>;

constexpr std::size_t rows = 40;

// The mean of a loss over rows, which notes where it was asked for the gradient of which batch.
class Problem : public models::RowObjective {
 public:
  Problem(const std::vector<View>& tables, std::vector<double>& parameters,
          const std::vector<View>& views, const models::RowMean::Record& record)
      : parameters_(parameters), mean_(tables, views, record) {}

  std::span<double> parameters() override { return parameters_; }
  [[nodiscard]] std::span<const double> gradient() const override { return mean_.gradient(); }
  double evaluate() override { return mean_.evaluate(); }
  void differentiate() override { mean_.differentiate(); }
  void differentiate_batch(std::span<const std::size_t> batch) override {
    note();
    batches.emplace_back(batch.begin(), batch.end());
    mean_.differentiate_batch(batch);
  }
  void note() { path.push_back(parameters_); }

  std::vector<std::vector<double>> path;
  std::vector<std::vector<std::size_t>> batches;

 private:
  std::vector<double>& parameters_;
  models::RowMean mean_;
};

struct Table {
  std::vector<double> X;  // rows × 3
  std::vector<double> y;
};

Table random_table() {
  autograd::Random random(7);
  Table table;
  for (std::size_t row = 0; row < rows; ++row) {
    double z = 0.0;
    for (int k = 0; k < 3; ++k) {
      table.X.push_back(random.uniform(-2.0, 2.0));
      z += table.X.back();
    }
    table.y.push_back(random.uniform(-3.0, 3.0) < z ? 1.0 : 0.0);
  }
  return table;
}

// 200 steps or more.
json trajectory(const std::string& problem_name, Problem& problem,
                models::MinimiseOptions options) {
  const bool in_batches = options.batch_size > 0;
  options.epochs = in_batches ? 34 : 200;
  options.tolerance = 0.0;
  options.seed = 3;
  models::minimise(problem, rows, options, [&](const models::EpochReport&) {
    if (!in_batches) problem.note();
  });
  if (in_batches) problem.note();
  json batches = json::array();
  for (const auto& batch : problem.batches) batches.push_back(batch);
  return {{"problem", problem_name},
          {"solver", models::to_string(options.solver)},
          {"rate", options.learning_rate.rate},
          {"schedule", models::to_string(options.learning_rate.schedule)},
          {"step_every", options.learning_rate.step_every},
          {"step_factor", options.learning_rate.step_factor},
          {"momentum", options.momentum},
          {"epochs", options.epochs},
          {"batches", batches},
          {"path", problem.path}};
}

// Logistic regression, w and b from 0.
json logistic(const Table& table, const models::MinimiseOptions& options) {
  std::vector<double> p(4, 0.0);
  Problem problem({autograd::view(table.X, Shape{static_cast<autograd::Index>(rows), 3}),
                   autograd::view(table.y)},
                  p,
                  {autograd::view(std::span<const double>(p).first(3)),
                   autograd::view(std::span<const double>(p).last(1), Shape{})},
                  [](Tensors data, Tensors parameters) {
                    return models::summed_cross_entropy(data[0], data[1], parameters[0],
                                                        parameters[1]);
                  });
  return trajectory("logistic", problem, options);
}

// The smallest network: (v · tanh(u · x) − y)², which is not convex in u and v, from (1.5, −0.5).
json network(const Table& table, const models::MinimiseOptions& options) {
  std::vector<double> p{1.5, -0.5};
  std::vector<double> x;
  for (std::size_t row = 0; row < rows; ++row) x.push_back(table.X[3 * row]);
  Problem problem({autograd::view(x), autograd::view(table.y)}, p,
                  {autograd::view(std::span<const double>(p).first(1), Shape{}),
                   autograd::view(std::span<const double>(p).last(1), Shape{})},
                  [](Tensors data, Tensors parameters) {
                    return sum(square(parameters[1] * tanh(parameters[0] * data[0]) - data[1]));
                  });
  return trajectory("network", problem, options);
}

}  // namespace

int main() {
  using models::Schedule;
  using models::Solver;
  const Table table = random_table();
  json cases = json::array();
  for (const Solver solver : {Solver::sgd, Solver::momentum, Solver::nesterov, Solver::adam}) {
    for (const long batch_size : {0L, 7L}) {
      for (const Schedule schedule : {Schedule::constant, Schedule::step, Schedule::cosine}) {
        // PyTorch's buffer of momentum holds gradients, ours steps: alike at a constant rate only.
        const bool has_buffer = solver == Solver::momentum || solver == Solver::nesterov;
        if (has_buffer && schedule != Schedule::constant) continue;
        models::MinimiseOptions options;
        options.solver = solver;
        options.batch_size = batch_size;
        options.learning_rate = {0.05, schedule, 0, 9, 0.5};
        cases.push_back(logistic(table, options));
        cases.push_back(network(table, options));
      }
    }
  }
  std::cout << json{{"X", table.X}, {"y", table.y}, {"cases", cases}} << '\n';
}
