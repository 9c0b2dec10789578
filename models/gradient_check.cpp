#include "models/gradient_check.h"

#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include "autograd/operations.h"
#include "models/logistic_regression.h"

namespace models {
namespace {

using autograd::Index;
using autograd::Shape;
using autograd::Tape;
using autograd::Tensor;

// Rows on the standardised scale.
struct Rows {
  AlignedNumbers features;
  std::span<const double> labels;
  std::size_t columns = 0;

  [[nodiscard]] double feature(std::size_t row, std::size_t column) const {
    return features[row * columns + column];
  }
};

// The loss of the training, recorded on the tape of the parameters.
Tensor record_loss(const Rows& rows, double l2, const Tensor& w, const Tensor& b) {
  Tape& tape = *w.tape();
  const Shape shape{static_cast<Index>(rows.labels.size()), static_cast<Index>(rows.columns)};
  const Tensor X = tape.constant(autograd::view(std::span(rows.features), shape));
  const Tensor y = tape.constant(autograd::view(rows.labels));
  const Tensor loss =
      named(summed_cross_entropy(X, y, w, b) / static_cast<double>(rows.labels.size()), "L");
  return l2 == 0.0 ? loss : loss + l2 / 2.0 * sum(square(w));
}

// The weights', then the intercept's.
std::vector<double> analytic_gradient(const Classifier& c, const Rows& rows) {
  Tape tape;
  const Tensor w = tape.variable(autograd::view(std::span(c.weights)));
  const Tensor b = tape.variable(c.intercept);
  tape.backward(record_loss(rows, c.l2, w, b));
  std::vector<double> gradient(w.adjoint_values().begin(), w.adjoint_values().end());
  gradient.push_back(b.adjoint_item());
  return gradient;
}

// A slope, the sum of the absolute parts it is made of, and what the rounding of z moves it by.
struct ClosedForm {
  long double slope = 0.0L;
  long double parts = 0.0L;
  long double rounding = 0.0L;
};

std::vector<ClosedForm> closed_form_of(const Classifier& c, const Rows& rows) {
  std::vector<ClosedForm> all(rows.columns + 1);
  const auto m = static_cast<long double>(rows.labels.size());
  for (std::size_t row = 0; row < rows.labels.size(); ++row) {
    long double z = c.intercept;
    long double size = std::abs(z);
    for (std::size_t j = 0; j < rows.columns; ++j) {
      const long double term = static_cast<long double>(rows.feature(row, j)) * c.weights[j];
      z += term;
      size += std::abs(term);
    }
    const long double a = 1.0L / (1.0L + std::exp(-z));
    const long double rest = 1.0L / (1.0L + std::exp(z));
    // a − y, without the digits that a confident a loses beside its label.
    const long double y = rows.labels[row];
    const long double dz = ((1.0L - y) * a - y * rest) / m;
    const long double moved = a * rest * size / m;
    for (std::size_t j = 0; j <= rows.columns; ++j) {
      const long double x = j < rows.columns ? rows.feature(row, j) : 1.0;
      all[j].slope += x * dz;
      all[j].parts += std::abs(x * dz);
      all[j].rounding += std::abs(x) * moved;
    }
  }
  for (std::size_t j = 0; j < rows.columns; ++j) {
    const long double penalty = static_cast<long double>(c.l2) * c.weights[j];
    all[j].slope += penalty;
    all[j].parts += std::abs(penalty);
  }
  return all;
}

ClosedFormComparison compared(const Classifier& c, const Rows& rows,
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
    worst = {j < rows.columns ? c.features[j] : "(intercept)",
             analytic[j],
             static_cast<double>(form.slope),
             difference,
             tolerance,
             passed};
  }
  return worst;
}

Rows rows_of(const Classifier& classifier, const Dataset& data) {
  if (data.classes != classifier.classes || data.positive != classifier.positive ||
      data.features.names != classifier.features) {
    throw std::invalid_argument("the rows have other classes or features than the classifier");
  }
  return {classifier.standardised(data.features), data.labels, classifier.weights.size()};
}

}  // namespace

ClosedFormComparison compare_with_closed_form(const Classifier& classifier, const Dataset& data,
                                              std::span<const double> gradient) {
  if (gradient.size() != classifier.weights.size() + 1) {
    throw std::invalid_argument("a gradient has a slope for each weight and the intercept");
  }
  return compared(classifier, rows_of(classifier, data), gradient);
}

ModelGradientCheck check_gradient(const Classifier& classifier, const Dataset& data,
                                  const autograd::CheckOptions& options) {
  const Rows rows = rows_of(classifier, data);
  const auto loss = [&](std::span<const Tensor> parameters) {
    return record_loss(rows, classifier.l2, parameters[0], parameters[1]);
  };
  const Shape shape{static_cast<Index>(rows.columns)};
  const std::vector<autograd::CheckedInput> parameters{{"w", {classifier.weights, shape}},
                                                       {"b", classifier.intercept}};
  return {autograd::check_gradients(loss, parameters, options),
          compared(classifier, rows, analytic_gradient(classifier, rows))};
}

}  // namespace models
