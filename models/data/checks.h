// What is suspicious about features before anything is fitted: warnings, each naming columns.
//
// Rule for callers: nothing here is an error. A constant column is left out by its role (schema.h)
// or refused (standardisation.h) before this is asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/data/dataset.h"

namespace models {

enum class Suspicion : std::uint8_t {
  collinear,           // a feature can be computed from others
  separating,          // the classes are apart in one column alone: AUC 1
  target_in_disguise,  // and its values and the classes go with each other one to one
  one_sided,           // all rows of a category, or on either side of a number, have one label
  two_spellings,       // two categories differ in upper and lower case only, or are one number
};

struct Finding {
  Suspicion suspicion = Suspicion::collinear;
  std::vector<std::string> names;  // of the columns or features, the one complained of first
  std::string text;                // a sentence
};

// At most this many features are checked for collinearity; of more a finding says so.
inline constexpr std::size_t collinear_features_at_most = 1000;

// In the order of the features, those that are collinear last.
//
// Collinear are the features that a QR decomposition with column pivoting of the standardised
// features leaves below 1e-8 of the largest pivot (Golub and Van Loan, "Matrix Computations", 4th
// edition, section 5.4.2), or all where there are not more rows than features. Throws what
// fit_standardisation throws.
std::vector<Finding> suspicions_of(const Dataset& data);

}  // namespace models
