// How probabilities fare against labels: the figures of training and of new rows alike.
//
// Rule for callers: log-probabilities are row-major, rows × classes, and labels the index of each
// row's class; weights are one a row and >= 0, or empty: 1 each.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace models {

// The most probable class of a row, the first of equals; of two classes the second where its
// probability is at least the threshold, of 1/2 where it is at least that of the first.
std::size_t predicted_class(std::span<const double> p, double threshold = 0.5);

struct Metrics {
  double accuracy = 0.0;  // the share of rows, by weight, that are of their predicted class
  double log_loss = 0.0;  // −Σ weight · ln P(label) / Σ weight
  double brier = 0.0;  // the mean of (P(1) − label)²; of several classes of Σ (P − label)²
  // Under the ROC curve, where rows of all classes count; of several classes the mean of each
  // against the others.
  std::optional<double> auc;
  // 2 TP / (2 TP + FP + FN) of class 1 of two; of several classes the mean of all where that is a
  // number.
  std::optional<double> f1;
  std::vector<std::vector<double>> confusion;  // [true class][predicted class]: weight of the rows
};

// Throws std::invalid_argument where sizes do not fit or a label is no class.
Metrics metrics_of(std::span<const double> labels, std::span<const double> log_probabilities,
                   std::size_t classes, std::span<const double> weights = {},
                   double threshold = 0.5);

// The area under the ROC curve: the probability that a row of class 1 has a larger score than one
// of class 0, equal scores counting half (Hanley and McNeil, "The meaning and use of the area under
// a receiver operating characteristic (ROC) curve", Radiology 143, 1982). Nothing where one of the
// classes has no weight. Throws std::invalid_argument where sizes do not fit or a score is NaN.
std::optional<double> roc_auc(std::span<const double> labels, std::span<const double> scores,
                              std::span<const double> weights = {});

}  // namespace models
