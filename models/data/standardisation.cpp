#include "models/data/standardisation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

#include "models/data/errors.h"
#include "models/data/large_pages.h"
#include "models/data/number.h"
#include "models/parallel.h"

namespace models {
namespace {

// Per column, what the passes over the rows find.
struct Bounds {
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
};

constexpr std::size_t block_rows = 4096;

// What all rows of some weight come to: visit(state[column], column, value, weight) for the values
// of a block of rows in a state of its own, which starts as State{}; blocks are added up by
// merge(all, of_block) in their order.
template <class State, class Visit, class Merge>
std::vector<State> reduced(const Features& features, std::span<const double> weights,
                           const Visit& visit, const Merge& merge) {
  const std::size_t columns = features.columns();
  const std::size_t blocks = (features.rows() + block_rows - 1) / block_rows;
  std::vector<State> partial(blocks * columns);
  for_each_block(features.rows(), block_rows, [&](std::size_t first, std::size_t count) {
    State* const state = partial.data() + first / block_rows * columns;
    const double* value = features.values.data() + first * columns;
    for (std::size_t row = 0; row < count; ++row, value += columns) {
      const double weight = weights.empty() ? 1.0 : weights[first + row];
      if (weight == 0.0) continue;
      for (std::size_t j = 0; j < columns; ++j) visit(state[j], j, value[j], weight);
    }
  });
  std::vector<State> all(partial.begin(), partial.begin() + static_cast<std::ptrdiff_t>(columns));
  for (std::size_t k = columns; k < partial.size(); ++k) merge(all[k % columns], partial[k]);
  return all;
}

std::vector<Bounds> ranges_of(const Features& features, std::span<const double> weights) {
  return reduced<Bounds>(
      features, weights,
      [](Bounds& range, std::size_t /*column*/, double value, double /*weight*/) {
        range.smallest = value < range.smallest ? value : range.smallest;
        range.largest = value > range.largest ? value : range.largest;
      },
      [](Bounds& all, const Bounds& of_block) {
        all.smallest = std::min(all.smallest, of_block.smallest);
        all.largest = std::max(all.largest, of_block.largest);
      });
}

// Sums of deviations and of their squares.
struct Sums {
  double values = 0.0;
  double squares = 0.0;
};

void refuse_what_has_no_scale(const Features& features, const std::vector<Bounds>& ranges) {
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
int exponent_of(const Bounds& range) {
  int exponent = 0;
  std::frexp(std::max(std::abs(range.smallest), std::abs(range.largest)), &exponent);
  return std::max(exponent, std::numeric_limits<double>::min_exponent - 1);
}

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

}  // namespace

Standardisation fit_standardisation(const Features& features, std::span<const double> weights) {
  const std::size_t columns = features.columns();
  require(features.rows() > 0 && columns > 0, "fit_standardisation: no values");
  require(weights.empty() || weights.size() == features.rows(),
          "fit_standardisation: not as many weights as rows");
  const double rows = weights.empty() ? static_cast<double>(features.rows())
                                      : std::accumulate(weights.begin(), weights.end(), 0.0);
  require(rows > 0.0, "fit_standardisation: no row has a weight");
  const std::vector<Bounds> ranges = ranges_of(features, weights);
  refuse_what_has_no_scale(features, ranges);
  std::vector<int> exponent(columns);
  std::transform(ranges.begin(), ranges.end(), exponent.begin(), exponent_of);

  std::vector<double> inverse_unit(columns);
  std::transform(exponent.begin(), exponent.end(), inverse_unit.begin(),
                 [](int e) { return std::ldexp(1.0, -e); });

  const auto add = [](Sums& all, const Sums& of_block) {
    all.values += of_block.values;
    all.squares += of_block.squares;
  };
  // First pass: the mean, but for rounding. Everything in units of 2^exponent, which is exact.
  const std::vector<Sums> rough = reduced<Sums>(
      features, weights,
      [&](Sums& sums, std::size_t j, double value, double weight) {
        sums.values += weight * (value * inverse_unit[j]);
      },
      add);
  // Second pass: deviations from it. Their sum would be 0 but for the rounding it corrects.
  const std::vector<Sums> deviations = reduced<Sums>(
      features, weights,
      [&](Sums& sums, std::size_t j, double value, double weight) {
        const double deviation = value * inverse_unit[j] - rough[j].values / rows;
        sums.values += weight * deviation;
        sums.squares += weight * (deviation * deviation);
      },
      add);

  Standardisation fitted{std::vector<double>(columns), std::vector<double>(columns)};
  for (std::size_t j = 0; j < columns; ++j) {
    const double correction = deviations[j].values / rows;
    const double variance = deviations[j].squares / rows - correction * correction;
    fitted.mean[j] = std::ldexp(rough[j].values / rows + correction, exponent[j]);
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
  for_each_block(from.size() / columns, block_rows, [&](std::size_t first, std::size_t count) {
    for (std::size_t at = first * columns; at < (first + count) * columns; at += columns) {
      for (std::size_t j = 0; j < columns; ++j) to[at + j] = (from[at + j] - mean[j]) / scale[j];
    }
  });
}

AlignedNumbers Standardisation::apply(std::span<const double> from) const {
  AlignedNumbers to;
  to.reserve(from.size());
  prefer_large_pages(to.data(), from.size() * sizeof(double));
  to.resize(from.size());
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
