#include "models/gradient_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "autograd/operations.h"

namespace models {
namespace {

using autograd::Index;
using autograd::Shape;
using autograd::Tape;
using autograd::Tensor;

// Rows on the standardised scale.
struct StandardisedRows {
  AlignedNumbers features;
  std::span<const double> labels;
  std::size_t columns = 0;
  AlignedNumbers one_hot;  // of more than two classes

  [[nodiscard]] double feature(std::size_t row, std::size_t column) const {
    return features[row * columns + column];
  }
};

// The penalty that is part of the loss of the parameters as the model has them.
Penalty penalty_of(const Classifier& c) {
  return c.is_linear() && c.classes.size() > 2 ? Penalty{} : c.fit.penalty;
}

// The loss of the training, recorded on the tape of the parameters.
Tensor record_loss(const Classifier& c, const StandardisedRows& rows,
                   std::span<const Tensor> parameters) {
  Tape& tape = *parameters[0].tape();
  const auto m = static_cast<Index>(rows.labels.size());
  const Tensor X = tape.constant(
      autograd::view(std::span(rows.features), Shape{m, static_cast<Index>(rows.columns)}));
  const Tensor y = tape.constant(
      rows.one_hot.empty() ? autograd::view(rows.labels)
                           : autograd::view(std::span(rows.one_hot),
                                            Shape{m, static_cast<Index>(c.classes.size())}));
  const Tensor z = named(logits(c.architecture, named(X, "X"), parameters), "z");
  Tensor loss = named(sum(row_losses(z, named(y, "y"))) / static_cast<double>(m), "L");
  const Penalty penalty = penalty_of(c);
  const std::vector<ParameterBlock> blocks = parameter_blocks(c.architecture);
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    if (!blocks[k].penalised) continue;
    if (penalty.l2 != 0.0) loss = loss + penalty.l2 / 2.0 * sum(square(parameters[k]));
    if (penalty.l1 != 0.0) loss = loss + penalty.l1 * sum(abs(parameters[k]));
  }
  return loss;
}

std::vector<autograd::CheckedInput> inputs_of(const Classifier& c) {
  std::vector<autograd::CheckedInput> inputs;
  std::span<const double> rest(c.parameters);
  for (const ParameterBlock& block : parameter_blocks(c.architecture)) {
    const auto size = static_cast<std::size_t>(block.shape.size());
    inputs.push_back({block.name, {rest.first(size), block.shape}});
    rest = rest.subspan(size);
  }
  return inputs;
}

// In the order of the parameters.
std::vector<double> analytic_gradient(const Classifier& c, const StandardisedRows& rows) {
  Tape tape;
  std::vector<Tensor> parameters;
  for (const autograd::CheckedInput& input : inputs_of(c)) {
    parameters.push_back(tape.variable(input.values));
  }
  tape.backward(record_loss(c, rows, parameters));
  std::vector<double> gradient;
  for (const Tensor& parameter : parameters) {
    const auto adjoints = parameter.adjoint_values();
    gradient.insert(gradient.end(), adjoints.begin(), adjoints.end());
  }
  return gradient;
}

// A slope, the sum of the absolute parts it is made of, and what the rounding of z moves it by.
struct ClosedForm {
  long double slope = 0.0L;
  long double parts = 0.0L;
  long double rounding = 0.0L;
};

// The logits of a row, that of class 0 first, and the sum of the absolute terms of the largest.
struct Logits {
  std::vector<long double> z;
  long double size = 0.0L;
};

Logits logits_of(const Classifier& c, const StandardisedRows& rows, std::size_t row) {
  const std::size_t outputs = c.architecture.outputs;
  Logits logits{std::vector<long double>(outputs + 1, 0.0L), 0.0L};
  for (std::size_t k = 0; k < outputs; ++k) {
    long double z = c.parameters[rows.columns * outputs + k];
    long double size = std::abs(z);
    for (std::size_t j = 0; j < rows.columns; ++j) {
      const long double term =
          static_cast<long double>(rows.feature(row, j)) * c.parameters[j * outputs + k];
      z += term;
      size += std::abs(term);
    }
    logits.z[k + 1] = z;
    logits.size = std::max(logits.size, size);
  }
  return logits;
}

// P(class k) of a row less what its label is of it, 1 − P as the sum of the others, so that no
// digits are lost; and P(1 − P).
std::pair<long double, long double> residual(const std::vector<long double>& z, std::size_t k,
                                             long double label) {
  long double others = 0.0L;
  for (std::size_t l = 0; l < z.size(); ++l) {
    if (l != k) others += std::exp(z[l] - z[k]);
  }
  const long double a = 1.0L / (1.0L + others);
  const long double rest = std::isinf(others) ? 1.0L : others / (1.0L + others);
  return {(1.0L - label) * a - label * rest, a * rest};
}

std::vector<ClosedForm> closed_form_of(const Classifier& c, const StandardisedRows& rows) {
  const std::size_t outputs = c.architecture.outputs;
  std::vector<ClosedForm> all((rows.columns + 1) * outputs);
  const auto m = static_cast<long double>(rows.labels.size());
  for (std::size_t row = 0; row < rows.labels.size(); ++row) {
    const Logits logits = logits_of(c, rows, row);
    for (std::size_t k = 0; k < outputs; ++k) {
      const long double label =
          outputs == 1 ? static_cast<long double>(rows.labels[row])
                       : static_cast<long double>(rows.labels[row] == static_cast<double>(k + 1));
      const auto [difference, slope] = residual(logits.z, k + 1, label);
      const long double dz = difference / m;
      const long double moved = slope * logits.size / m;
      for (std::size_t j = 0; j <= rows.columns; ++j) {
        const long double x = j < rows.columns ? rows.feature(row, j) : 1.0;
        ClosedForm& form = all[j * outputs + k];
        form.slope += x * dz;
        form.parts += std::abs(x * dz);
        form.rounding += std::abs(x) * moved;
      }
    }
  }
  const Penalty penalty = penalty_of(c);
  for (std::size_t j = 0; j < rows.columns * outputs; ++j) {
    const long double w = c.parameters[j];
    const long double sign = w > 0.0L ? 1.0L : w < 0.0L ? -1.0L : 0.0L;
    const long double added = penalty.l2 * w + penalty.l1 * sign;
    all[j].slope += added;
    all[j].parts += std::abs(added);
  }
  return all;
}

std::string name_of(const Classifier& c, std::size_t parameter) {
  const std::size_t outputs = c.architecture.outputs;
  const std::size_t column = parameter / outputs;
  const std::string name = column < c.features.size() ? c.features[column] : "(intercept)";
  return outputs == 1 ? name : c.classes[parameter % outputs + 1] + ": " + name;
}

ClosedFormComparison compared(const Classifier& c, const StandardisedRows& rows,
                              std::span<const double> analytic) {
  const std::vector<ClosedForm> expected = closed_form_of(c, rows);
  constexpr long double epsilon = std::numeric_limits<double>::epsilon();
  const auto terms = static_cast<long double>(rows.columns + 2);
  ClosedFormComparison worst;
  worst.passed = true;
  for (std::size_t j = 0; j < analytic.size(); ++j) {
    const ClosedForm& form = expected[j];
    const auto difference = static_cast<double>(std::abs(analytic[j] - form.slope));
    // A sum of n rows in blocks, and the few roundings of each of its terms.
    const auto tolerance =
        static_cast<double>(1e-12L * form.parts + terms * epsilon * form.rounding);
    const bool passed = difference <= tolerance;
    const bool is_worst = worst.passed == passed ? !(difference <= worst.difference) : !passed;
    if (!is_worst && j > 0) continue;
    worst = {name_of(c, j), analytic[j], static_cast<double>(form.slope),
             difference,    tolerance,   passed};
  }
  return worst;
}

StandardisedRows rows_of(const Classifier& classifier, const Dataset& data) {
  if (data.classes != classifier.classes || data.features.names != classifier.features) {
    throw std::invalid_argument("the rows have other classes or features than the classifier");
  }
  return {classifier.standardised(data.features), data.labels, classifier.features.size(),
          one_hot_rows({data.features.values, data.labels, data.classes.size(), {}})};
}

}  // namespace

std::optional<ClosedFormComparison> compare_with_closed_form(const Classifier& classifier,
                                                             const Dataset& data,
                                                             std::span<const double> gradient) {
  if (gradient.size() != classifier.parameters.size()) {
    throw std::invalid_argument("a gradient has a slope for each parameter");
  }
  const StandardisedRows rows = rows_of(classifier, data);
  if (!classifier.is_linear()) return std::nullopt;
  return compared(classifier, rows, gradient);
}

ModelGradientCheck check_gradient(const Classifier& classifier, const Dataset& data,
                                  const autograd::CheckOptions& options) {
  const StandardisedRows rows = rows_of(classifier, data);
  const auto loss = [&](std::span<const Tensor> parameters) {
    return record_loss(classifier, rows, parameters);
  };
  ModelGradientCheck check;
  check.report = autograd::check_gradients(loss, inputs_of(classifier), options);
  if (classifier.is_linear()) {
    check.closed_form = compared(classifier, rows, analytic_gradient(classifier, rows));
  }
  return check;
}

}  // namespace models
