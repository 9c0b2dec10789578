#include "models/evaluation/calibration.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/evaluation/metrics.h"

namespace models {
namespace {

void set_interval(CalibrationBin& bin) {
  constexpr double z = 1.959963984540054;  // Φ⁻¹(0.975)
  const double n = bin.rows;
  const double middle = (bin.share + z * z / (2.0 * n)) / (1.0 + z * z / n);
  const double half =
      z / (1.0 + z * z / n) * std::sqrt(bin.share * (1.0 - bin.share) / n + z * z / (4.0 * n * n));
  bin.share_low = std::max(0.0, middle - half);
  bin.share_high = std::min(1.0, middle + half);
}

}  // namespace

Calibration calibration_of(std::span<const double> labels,
                           std::span<const double> log_probabilities, std::size_t classes,
                           std::span<const double> weights, std::size_t bins) {
  if (bins == 0 || labels.empty() || log_probabilities.size() != labels.size() * classes ||
      (!weights.empty() && weights.size() != labels.size())) {
    throw std::invalid_argument("labels, probabilities and weights do not belong together");
  }
  Calibration result;
  const auto count = static_cast<double>(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    result.bins.push_back({static_cast<double>(b) / count, static_cast<double>(b + 1) / count});
  }
  double total = 0.0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const double weight = weights.empty() ? 1.0 : weights[row];
    const auto log_p = log_probabilities.subspan(row * classes, classes);
    const std::size_t cls = classes == 2 ? 1 : predicted_class(log_p);
    const double p = std::exp(log_p[cls]);
    CalibrationBin& bin = result.bins[std::min(bins - 1, static_cast<std::size_t>(p * count))];
    bin.rows += weight;
    bin.mean_probability += weight * p;
    bin.share += labels[row] == static_cast<double>(cls) ? weight : 0.0;
    total += weight;
  }
  for (CalibrationBin& bin : result.bins) {
    if (!(bin.rows > 0.0)) continue;
    bin.mean_probability /= bin.rows;
    bin.share /= bin.rows;
    set_interval(bin);
    result.expected_error += bin.rows / total * std::abs(bin.share - bin.mean_probability);
  }
  return result;
}

}  // namespace models
