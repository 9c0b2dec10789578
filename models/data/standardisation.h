// Features brought to mean 0 and standard deviation 1, and coefficients brought back.
//
// Rule for callers: the Standardisation found on the training rows belongs to the model and is
// applied, unchanged, to every row the model ever sees.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/aligned_numbers.h"
#include "models/data/dataset.h"

namespace models {

// One mean and one scale per feature, in the units of the file. Scales are positive.
struct Standardisation {
  std::vector<double> mean;
  std::vector<double> scale;

  // (x - mean) / scale for every value of the row-major matrices `from` and `to`, rows x features;
  // they may be the same. Throws std::invalid_argument if the sizes differ or are not whole rows.
  void apply(std::span<const double> from, std::span<double> to) const;
  // The same into a vector of its own.
  AlignedNumbers apply(std::span<const double> from) const;
};

// The mean and the population standard deviation (divided by the number of rows) of each column,
// rows counted by their weights (>= 0; empty: 1 each), as if they were repeated so often, by the
// corrected two-pass algorithm (Chan, Golub, LeVeque, "Algorithms for computing the sample
// variance", The American Statistician 37, 1983), in units of a power of two near the largest
// value: neither a huge offset nor values near the limits of a double spoil it.
//
// Throws DataError naming the columns: a column is constant, so that it has no scale and tells
// nothing (also a file of one row); or its values are further apart than a double can hold, or so
// close together that their deviation is below the normal numbers (2.2e-308).
Standardisation fit_standardisation(const Features& features, std::span<const double> weights = {});

// z = intercept + sum of weight_j x_j, for x in the units of the file.
struct Coefficients {
  std::vector<double> weights;
  double intercept = 0.0;
};

// The same model in the units of the file: from z = b + sum w_j (x_j - m_j) / s_j follow the
// weights w_j / s_j and the intercept b - sum w_j m_j / s_j. Throws std::invalid_argument if there
// are not as many weights as features.
Coefficients coefficients_in_units_of_the_file(std::span<const double> weights, double intercept,
                                               const Standardisation& standardisation);

}  // namespace models
