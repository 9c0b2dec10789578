// How well a kind of model predicts rows that it has not seen: by folds, or by rows kept aside.
//
// Everything that is learned is learned from the training rows of a fold alone: levels, means of
// missing cells, standardisation, the threshold (by folds of those rows) and the parameters. Roles
// of columns are those of the whole file, but that a column which is constant in the training rows
// is left out there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "models/data/dataset.h"
#include "models/data/splits.h"
#include "models/evaluation/metrics.h"
#include "models/evaluation/threshold.h"
#include "models/fit.h"

namespace models {

// Over the folds.
struct MeanAndSd {
  double mean = 0.0;
  std::optional<double> sd;  // of a sample, by n − 1; nothing of one fold
};

// Metrics over the folds, each fold counting once. Those that are not defined in every fold are
// not there. The confusion matrix is the sum.
struct FoldedMetrics {
  MeanAndSd accuracy;
  MeanAndSd log_loss;
  MeanAndSd brier;
  std::optional<MeanAndSd> auc;
  std::optional<MeanAndSd> f1;
  std::vector<std::vector<double>> confusion;
};
FoldedMetrics folded(std::span<const Metrics> folds);

struct EvaluationPlan {
  std::size_t folds = 5;  // of cross-validation, and of what the threshold is learned on
  double holdout = 0.0;   // more than 0: the share of the rows kept aside, in place of folds
  std::uint64_t seed = 0;
  ThresholdRule threshold;
};

struct Evaluation {
  std::size_t folds = 0;  // 1: rows were kept aside
  double holdout = 0.0;   // their share
  std::uint64_t seed = 0;
  std::size_t rows = 0;  // that were predicted
  FoldedMetrics model;
  // Predicts the shares of the classes in the training rows, and so always the most frequent one.
  FoldedMetrics baseline;
  std::size_t unknown_rows = 0;  // with a category no training row of their fold had
  std::size_t unconverged = 0;   // fits of folds that have not converged
};

// Of each row of the data set, as the fold that tests on it saw it.
struct OutOfFold {
  std::vector<std::size_t> fold;          // from 1; 0: no fold tests on it
  std::vector<double> log_probabilities;  // rows × classes
  std::vector<double> thresholds;         // that of the row's fold
};

struct CrossValidation {
  Evaluation evaluation;
  OutOfFold rows;
  // By the rule, on what folds predict of all rows: that of a model fitted to all of them.
  double threshold = 0.5;
};

// A data set with the table it was made of, from which folds learn their encodings.
struct TrainingData {
  const Table& table;
  const Dataset& data;
};

// Called before each fit with the number of those that are done and of all.
using FoldObserver = std::function<void(std::size_t done, std::size_t all)>;

// Fits and predicts fold by fold. Throws DataError naming the class that has too few rows for the
// folds, and what a fit throws, saying in which fold.
CrossValidation cross_validate(const TrainingData& training, const FitOptions& options,
                               const EvaluationPlan& plan, const FoldObserver& observer = {});

// The folds that every class has rows for: as many as asked for, or fewer; 0 where a class has a
// single row.
std::size_t possible_folds(const Dataset& data, std::size_t wanted);

}  // namespace models
