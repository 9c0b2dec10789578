#include "models/classifier.h"

#include <cmath>
#include <stdexcept>

#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

constexpr const char* too_far = "Is the value right, and in the units of the training file?";

// Calls the model, and turns a row it has no answer for into a fault of that line.
template <class Call>
auto predicted(const Features& features, const Call& call) {
  try {
    return call();
  } catch (const LogOddsOverflow& error) {
    throw DataError(features.file,
                    {features.lines[error.row()], 0,
                     "the values of this row are so far from those of the training rows that no "
                     "probability can be computed"},
                    too_far);
  }
}

// A scale may be so small that a weight divided by it overflows.
void require_finite_coefficients(const Classifier& classifier, const Features& features) {
  const Coefficients coefficients = classifier.coefficients();
  Problems problems(features.file);
  for (std::size_t j = 0; j < features.columns(); ++j) {
    if (std::isfinite(coefficients.weights[j])) continue;
    problems.add(features.lines.front(), features.fields[j],
                 "column " + printable(features.names[j]) +
                     ": its values differ so little that its coefficient is beyond the range of a "
                     "double");
    problems.hint("Write the column in smaller units.");
  }
  problems.throw_if_any();
  if (!std::isfinite(coefficients.intercept)) {
    throw DataError(features.file, {0, 0,
                                    "the intercept in the units of the file is beyond the range of "
                                    "a double"});
  }
}

}  // namespace

AlignedNumbers Classifier::standardised(const Features& data) const {
  AlignedNumbers values = standardisation.apply(data.values);
  Problems problems(data.file);
  const std::size_t columns = data.columns();
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (std::isfinite(values[at])) continue;
    const std::size_t j = at % columns;
    problems.add(data.lines[at / columns], data.fields[j],
                 column_prefix(data.names[j]) + shortest(data.values[at]) +
                     " is too far from the mean of the training rows, " +
                     shortest(standardisation.mean[j]) + ", to compute with");
    problems.hint(too_far);
  }
  problems.throw_if_any();
  return values;
}

ClassProbabilities Classifier::class_probabilities(const Features& data) const {
  const LogisticRegression model(weights, intercept);
  const AlignedNumbers values = standardised(data);
  return predicted(data, [&] { return model.class_probabilities(values); });
}

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
  classifier.encoding = data.encoding;
  classifier.features = data.features.names;
  classifier.standardisation = fit_standardisation(data.features);
  classifier.rows = data.rows();
  classifier.l2 = options.l2;

  LogisticRegression model(options);
  const AlignedNumbers features = classifier.standardisation.apply(data.features.values);
  classifier.training = model.fit(features, data.labels, observer);
  classifier.weights.assign(model.weights().begin(), model.weights().end());
  classifier.intercept = model.intercept();
  require_finite_coefficients(classifier, data.features);
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
  const AlignedNumbers features = classifier.standardised(data.features);
  const std::vector<double> a =
      predicted(data.features, [&] { return model.probabilities(features); });
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
