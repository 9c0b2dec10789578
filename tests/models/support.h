// What the tests of models/ share: the data sets of tests/data, and data made from a seed.
//
// Rule for callers: features are row-major, rows × columns.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/random.h"
#include "models/data/csv.h"
#include "models/data/dataset.h"
#include "models/data/standardisation.h"
#include "models/fit.h"
#include "tests/models/data/support.h"

namespace models::testing {

struct Rows {
  AlignedNumbers features;
  std::vector<double> labels;
  std::size_t columns = 1;
};

// A data set of tests/data with its features standardised.
inline Rows standardised(std::string_view file, std::string_view target) {
  std::string path = TAPEWISE_TEST_DATA;
  path.append("/").append(file);
  const Dataset data = make_dataset(read_csv(path), target);
  return {fit_standardisation(data.features).apply(data.features.values), data.labels,
          data.features.columns()};
}

// Features between −3 and 3, labels that follow them only loosely.
inline Rows random_rows(std::uint64_t seed, std::size_t rows, std::size_t columns) {
  autograd::Random random(seed);
  Rows made{{}, {}, columns};
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0.0;
    for (std::size_t k = 0; k < columns; ++k) {
      made.features.push_back(random.uniform(-3.0, 3.0));
      sum += made.features.back();
    }
    made.labels.push_back(random.uniform(-4.0, 4.0) < sum ? 1.0 : 0.0);
  }
  return made;
}

inline double sigmoid(double z) { return 1.0 / (1.0 + std::exp(-z)); }

// The mean cross-entropy of logistic regression as the textbook has it, plus l2/2 · Σ w². The last
// parameter is the intercept.
inline double textbook_loss(const Rows& rows, const std::vector<double>& parameters,
                            double l2 = 0.0) {
  double total = 0.0;
  for (std::size_t row = 0; row < rows.labels.size(); ++row) {
    double z = parameters.back();
    for (std::size_t k = 0; k < rows.columns; ++k) {
      z += parameters[k] * rows.features[row * rows.columns + k];
    }
    const double a = sigmoid(z);
    total -= rows.labels[row] * std::log(a) + (1.0 - rows.labels[row]) * std::log(1.0 - a);
  }
  double penalty = 0.0;
  for (std::size_t k = 0; k < rows.columns; ++k) penalty += parameters[k] * parameters[k];
  return total / static_cast<double>(rows.labels.size()) + l2 / 2.0 * penalty;
}

inline Dataset breast_cancer() {
  return make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/breast_cancer.csv"),
                      "diagnosis");
}

// By so many epochs of gradient descent, whatever it has come to by then.
inline Classifier fit_by_descent(const Dataset& data, long epochs, double l2 = 0.0) {
  FitOptions options;
  options.minimise.solver = Solver::gd;
  options.minimise.epochs = epochs;
  options.penalty.l2 = l2;
  return fit(data, options).classifier;
}

}  // namespace models::testing
