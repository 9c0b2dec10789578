// A classifier as it is kept and shipped: a logistic regression with everything it takes to read a
// file as the training file was read.
//
// Rule for callers: weights are on the standardised scale; coefficients() are in the units of the
// file.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/dataset.h"
#include "models/data/standardisation.h"
#include "models/logistic_regression.h"

namespace models {

struct Classifier {
  std::string target;
  std::array<std::string, 2> classes;  // sorted, as written in the training file
  std::size_t positive = 1;            // index of the positive class
  FeatureEncoding encoding;            // from the columns of a file to the features
  std::vector<std::string> features;   // in the order of the weights
  Standardisation standardisation;
  std::vector<double> weights;  // on the standardised scale
  double intercept = 0.0;       // on the standardised scale
  TrainingResult training;
  std::size_t rows = 0;  // of the training file
  double l2 = 0.0;       // of the penalty it was trained with, l2/2 · Σ weight²

  [[nodiscard]] Coefficients coefficients() const {
    return coefficients_in_units_of_the_file(weights, intercept, standardisation);
  }
  [[nodiscard]] const std::string& positive_class() const { return classes[positive]; }
  [[nodiscard]] const std::string& negative_class() const { return classes[1 - positive]; }
  // The features on the scale of the weights. Throws DataError, naming line and column, for a value
  // that overflows on the way.
  [[nodiscard]] AlignedNumbers standardised(const Features& data) const;
  // P(class) for each row of features in the units of their file. Throws DataError, naming line and
  // column, for a value that is so far from the training rows that no probability can be computed.
  [[nodiscard]] ClassProbabilities class_probabilities(const Features& data) const;
  // P(positive class) for rows of features in the units of the file, row-major. Throws as
  // LogisticRegression::probabilities does.
  [[nodiscard]] std::vector<double> probabilities(std::span<const double> rows) const;
};

// Standardises the features and fits. Throws DataError for a column without a scale, or whose
// coefficient in the units of the file is beyond the range of a double, and what
// LogisticRegression::fit throws.
Classifier train(const Dataset& data, const LogisticRegressionOptions& options,
                 const EpochObserver& observer = {});

// How a classifier does on labelled rows.
struct Accuracy {
  double log_loss = 0.0;    // mean cross-entropy
  std::size_t correct = 0;  // rows whose label is the more probable class
  std::size_t rows = 0;
  // confusion[true label][predicted label], by index into the classes.
  std::array<std::array<std::size_t, 2>, 2> confusion{};
};
// Throws std::invalid_argument where the rows have other classes, or another positive one, and what
// Classifier::class_probabilities throws.
Accuracy accuracy(const Classifier& classifier, const Dataset& data);

// The model file: JSON, described in models/README.md. Throws std::invalid_argument where a name is
// not UTF-8; those of a Dataset are.
std::string to_json(const Classifier& classifier, std::uint64_t seed,
                    std::string_view program_version);
// Reads what to_json wrote. Throws DataError, naming the file and what is wrong, for anything else.
Classifier read_model(const std::string& path);

}  // namespace models
