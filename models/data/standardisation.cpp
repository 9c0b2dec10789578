#include "models/data/standardisation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

// Per column, what the passes over the rows find.
struct Range {
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
};

// Calls visit(column, value) for all values, row after row: memory is read in its order.
template <class Visit>
void for_each_value(const Features& features, Visit visit) {
  const std::size_t columns = features.columns();
  for (std::size_t row = 0; row < features.rows(); ++row) {
    for (std::size_t j = 0; j < columns; ++j) visit(j, features.values[row * columns + j]);
  }
}

std::vector<Range> ranges_of(const Features& features) {
  std::vector<Range> ranges(features.columns());
  for_each_value(features, [&](std::size_t j, double value) {
    ranges[j].smallest = std::min(ranges[j].smallest, value);
    ranges[j].largest = std::max(ranges[j].largest, value);
  });
  return ranges;
}

void refuse_what_has_no_scale(const Features& features, const std::vector<Range>& ranges) {
  Problems problems(features.file);
  for (std::size_t j = 0; j < ranges.size(); ++j) {
    const auto [smallest, largest] = ranges[j];
    const std::string prefix = column_prefix(features.names[j]);
    const std::size_t line = features.lines.front();
    if (smallest == largest) {
      problems.add(line, features.fields[j],
                   prefix + "constant: every value is " + shortest(smallest));
      problems.hint("A constant tells nothing about the target: --drop leaves its column out.");
    } else if (!std::isfinite(largest - smallest)) {
      problems.add(line, features.fields[j],
                   prefix + "the values from " + shortest(smallest) + " to " + shortest(largest) +
                       " are too far apart for a double");
      problems.hint("Write the column in larger units.");
    }
  }
  problems.throw_if_any();
}

// Below the normal numbers a scale has lost its digits, and values divided by it overflow.
void refuse_scales_without_inverse(const Features& features, const Standardisation& fitted) {
  Problems problems(features.file);
  for (std::size_t j = 0; j < features.columns(); ++j) {
    if (fitted.scale[j] >= std::numeric_limits<double>::min()) continue;
    problems.add(features.lines.front(), features.fields[j],
                 "column " + printable(features.names[j]) +
                     ": the values differ by less than a double can be divided by");
    problems.hint("Write the column in smaller units.");
  }
  problems.throw_if_any();
}

// The power of two above the values of a column: |x| < 2^exponent. Not below 2^-1022, so that its
// inverse is a double.
int exponent_of(const Range& range) {
  int exponent = 0;
  std::frexp(std::max(std::abs(range.smallest), std::abs(range.largest)), &exponent);
  return std::max(exponent, std::numeric_limits<double>::min_exponent - 1);
}

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

}  // namespace

Standardisation fit_standardisation(const Features& features) {
  const std::size_t columns = features.columns();
  const auto rows = static_cast<double>(features.rows());
  require(features.rows() > 0 && columns > 0, "fit_standardisation: no values");
  const std::vector<Range> ranges = ranges_of(features);
  refuse_what_has_no_scale(features, ranges);
  std::vector<int> exponent(columns);
  std::transform(ranges.begin(), ranges.end(), exponent.begin(), exponent_of);

  std::vector<double> inverse_unit(columns);
  std::transform(exponent.begin(), exponent.end(), inverse_unit.begin(),
                 [](int e) { return std::ldexp(1.0, -e); });

  // First pass: the mean, but for rounding. Everything in units of 2^exponent, which is exact.
  std::vector<double> rough(columns, 0.0);
  for_each_value(features,
                 [&](std::size_t j, double value) { rough[j] += value * inverse_unit[j]; });
  for (double& sum : rough) sum /= rows;

  // Second pass: deviations from it. Their sum would be 0 but for the rounding it corrects.
  std::vector<double> sum(columns, 0.0);
  std::vector<double> sum_of_squares(columns, 0.0);
  for_each_value(features, [&](std::size_t j, double value) {
    const double deviation = value * inverse_unit[j] - rough[j];
    sum[j] += deviation;
    sum_of_squares[j] += deviation * deviation;
  });

  Standardisation fitted{std::vector<double>(columns), std::vector<double>(columns)};
  for (std::size_t j = 0; j < columns; ++j) {
    const double correction = sum[j] / rows;
    const double variance = sum_of_squares[j] / rows - correction * correction;
    fitted.mean[j] = std::ldexp(rough[j] + correction, exponent[j]);
    fitted.scale[j] = std::ldexp(std::sqrt(variance), exponent[j]);
  }
  refuse_scales_without_inverse(features, fitted);
  return fitted;
}

void Standardisation::apply(std::span<const double> from, std::span<double> to) const {
  const std::size_t columns = mean.size();
  require(scale.size() == columns, "Standardisation: not as many scales as means");
  require(from.size() == to.size(), "Standardisation::apply: from and to differ in size");
  require(columns > 0 && from.size() % columns == 0, "Standardisation::apply: not whole rows");
  for (std::size_t begin = 0; begin < from.size(); begin += columns) {
    for (std::size_t j = 0; j < columns; ++j) {
      to[begin + j] = (from[begin + j] - mean[j]) / scale[j];
    }
  }
}

AlignedNumbers Standardisation::apply(std::span<const double> from) const {
  AlignedNumbers to(from.size());
  apply(from, to);
  return to;
}

Coefficients coefficients_in_units_of_the_file(std::span<const double> weights, double intercept,
                                               const Standardisation& standardisation) {
  require(weights.size() == standardisation.mean.size() &&
              weights.size() == standardisation.scale.size(),
          "coefficients_in_units_of_the_file: not as many weights as features");
  Coefficients coefficients{std::vector<double>(weights.size()), intercept};
  for (std::size_t j = 0; j < weights.size(); ++j) {
    coefficients.weights[j] = weights[j] / standardisation.scale[j];
    coefficients.intercept -= coefficients.weights[j] * standardisation.mean[j];
  }
  return coefficients;
}

}  // namespace models
