#include "models/classifier.h"

#include <stdexcept>

namespace models {

std::vector<double> Classifier::probabilities(std::span<const double> rows_of_features) const {
  const LogisticRegression model(weights, intercept);
  return model.probabilities(standardisation.apply(rows_of_features));
}

Classifier train(const Dataset& data, const LogisticRegressionOptions& options,
                 const EpochObserver& observer) {
  Classifier classifier;
  classifier.target = data.target;
  classifier.classes = data.classes;
  classifier.positive = data.positive;
  classifier.features = data.features.names;
  classifier.standardisation = fit_standardisation(data.features);
  classifier.rows = data.rows();

  LogisticRegression model(options);
  const std::vector<double> features = classifier.standardisation.apply(data.features.values);
  classifier.training = model.fit(features, data.labels, observer);
  classifier.weights.assign(model.weights().begin(), model.weights().end());
  classifier.intercept = model.intercept();
  return classifier;
}

Accuracy accuracy(const Classifier& classifier, const Dataset& data) {
  if (data.classes != classifier.classes) {
    throw std::invalid_argument("the rows are labelled " + data.classes[0] + " and " +
                                data.classes[1] + ", the classifier knows " +
                                classifier.classes[0] + " and " + classifier.classes[1]);
  }
  if (data.positive != classifier.positive) {
    throw std::invalid_argument("the rows count " + data.positive_class() +
                                " as positive, the classifier " + classifier.positive_class());
  }
  const LogisticRegression model(classifier.weights, classifier.intercept);
  const std::vector<double> features = classifier.standardisation.apply(data.features.values);
  const std::vector<double> a = model.probabilities(features);
  Accuracy result;
  result.rows = a.size();
  result.log_loss = model.loss(features, data.labels);
  for (std::size_t row = 0; row < a.size(); ++row) {
    const bool truth = data.labels[row] == 1.0;
    const bool predicted = a[row] >= 0.5;
    const std::size_t positive = classifier.positive;
    const auto index = [positive](bool is_positive) {
      return is_positive ? positive : 1 - positive;
    };
    ++result.confusion[index(truth)][index(predicted)];
    result.correct += truth == predicted ? 1 : 0;
  }
  return result;
}

}  // namespace models
