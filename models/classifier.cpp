#include "models/classifier.h"

#include <array>
#include <cmath>

#include "models/data/errors.h"
#include "models/data/number.h"
#include "models/prediction.h"

namespace models {
namespace {

constexpr const char* too_far = "Is the value right, and in the units of the training file?";
constexpr std::array<std::string_view, 3> kinds{"logistic", "softmax", "mlp"};

// Calls the network, and turns a row it has no answer for into a fault of that line.
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

Network network_of(const Classifier& classifier) {
  return {classifier.architecture, classifier.parameters, classifier.classes.size()};
}

}  // namespace

std::string_view to_string(ModelKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

std::optional<ModelKind> model_kind_named(std::string_view name) {
  for (const ModelKind kind : {ModelKind::logistic, ModelKind::softmax, ModelKind::mlp}) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

Coefficients Classifier::coefficients(std::size_t cls) const {
  const std::size_t outputs = architecture.outputs;
  std::vector<double> weights(architecture.features);
  for (std::size_t j = 0; j < weights.size(); ++j) weights[j] = parameters[j * outputs + cls - 1];
  return coefficients_in_units_of_the_file(weights, parameters[weights.size() * outputs + cls - 1],
                                           standardisation);
}

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

std::vector<double> Classifier::probabilities(const Features& data) const {
  const AlignedNumbers values = standardised(data);
  return predicted(data, [&] { return class_probabilities(network_of(*this), values); });
}

std::vector<double> Classifier::log_probabilities(const Features& data) const {
  const AlignedNumbers values = standardised(data);
  return predicted(data, [&] { return class_log_probabilities(network_of(*this), values); });
}

}  // namespace models
