// From a dataset to a classifier that can be trusted: the fit, how far it is from the best there
// is, whether there is a best at all, and what the coefficients are worth.
//
// Rule for callers: say what `withheld` and `separation` say before any coefficient is shown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/classifier.h"
#include "models/evaluation/inference.h"
#include "models/evaluation/metrics.h"
#include "models/separation.h"
#include "models/training/checkpoint.h"
#include "models/training/minimise.h"

namespace models {

struct FitOptions {
  std::optional<ModelKind> kind;  // logistic of two classes, softmax of more
  std::vector<std::size_t> hidden;
  Activation activation;
  Penalty penalty;
  bool firth = false;
  std::string class_weight;  // "", "balanced" or "yes=3,no=1"
  CrossEntropy cross_entropy = CrossEntropy::fused;
  // 1/L of a linear model where there is none, L the largest curvature the data allow
  // (curvature_bound.h); 0.01 of a perceptron.
  std::optional<double> learning_rate;
  MinimiseOptions minimise;       // its learning rate and convexity are set by fit()
  double validation_share = 0.0;  // of the rows, kept aside for early stopping; 0: none
  long patience = 10;
  int threads = 0;
  CheckpointOptions checkpoint;  // of fit()
};

// Throws std::invalid_argument, in a user's words, where the options contradict each other,
// whatever the data are, and what minimise() throws of them.
void require_consistent(const FitOptions& options);

// A coefficient in the units of the file.
struct CoefficientEstimate {
  std::size_t cls = 1;  // of which class's log-odds against class 0
  std::string name;     // of the feature, or "(intercept)"
  double estimate = 0.0;
  std::optional<Inference> inference;
};

struct Fit {
  Classifier classifier;
  Separation separation;  // of linear models without penalty
  // About how many standard errors any combination of coefficients is off at most; nothing where
  // there is no Hessian, or columns are collinear.
  std::optional<double> distance;
  // In the units of the file, class by class, the intercept first.
  std::vector<CoefficientEstimate> coefficients;
  // Of these coefficients, the lower triangle row by row; empty where inference is withheld.
  std::vector<double> covariance;
  std::string withheld;                     // why there is no inference; "" where there is
  double log_likelihood = 0.0;              // Σ weight · ln P(label), over the rows trained on
  double null_log_likelihood = 0.0;         // of the intercepts alone
  std::optional<FitStatistics> statistics;  // where there is inference
  std::optional<Metrics> training;          // on the rows trained on; earlier model files lack it
  std::optional<Metrics> validation;        // on those kept aside
  std::size_t kept_aside = 0;               // how many they are
};

// Standardises the features and fits. Where MinimiseOptions::interrupted asks for an end, the
// result is what there is by then, not converged. Throws DataError for a column without a scale,
// one whose coefficient in the units of the file is beyond the range of a double, a class without
// rows to train on; std::invalid_argument where options and classes do not fit; and what the loss
// and the checkpoint throw.
Fit fit(const Dataset& data, const FitOptions& options, const EpochObserver& observer = {});
// Gives the classifier another threshold, and the metrics of the rows it was fitted to, which are
// told by the data and the options, what follows from it.
void set_threshold(Fit& fit, const Dataset& data, const FitOptions& options, double threshold);
// The same classifier to the last bit, without a word on what its coefficients are worth, whether
// the classes can be separated and how it does on the rows it was trained on. It has no checkpoint.
Classifier fit_classifier(const Dataset& data, const FitOptions& options,
                          const EpochObserver& observer = {});

// What is known of each coefficient, by their covariance, if there is one (see Fit).
std::vector<CoefficientEstimate> coefficient_estimates(const Classifier& classifier,
                                                       std::span<const double> covariance);

}  // namespace models
