// Whether probabilities mean what they say: of rows that get a probability near p, a share of p
// should be of that class.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace models {

// Rows whose probability is at least `from` and below `to`; the last bin takes 1 in.
struct CalibrationBin {
  double from = 0.0;
  double to = 1.0;
  double rows = 0.0;              // their weight
  double mean_probability = 0.0;  // as predicted; 0 where there are no rows
  double share = 0.0;             // as observed; 0 where there are no rows
  // That holds the share of all such rows in 95 % of samples (Wilson, "Probable inference, the law
  // of succession, and statistical inference", JASA 22, 1927).
  double share_low = 0.0;
  double share_high = 1.0;
};

struct Calibration {
  std::vector<CalibrationBin> bins;  // of equal width
  // The mean over the rows of |share − mean probability| of their bin (Naeini, Cooper and
  // Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015).
  double expected_error = 0.0;
};

// Of two classes the probability is that of class 1; of several that of the most probable one, and
// the share that of rows which are of it. Throws std::invalid_argument where sizes do not fit;
// arguments are as in metrics.h.
Calibration calibration_of(std::span<const double> labels,
                           std::span<const double> log_probabilities, std::size_t classes,
                           std::span<const double> weights = {}, std::size_t bins = 10);

}  // namespace models
