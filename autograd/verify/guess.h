// Guesses at the mistake behind a wrong gradient, from the ratio of slope and witness: a sign, a
// slope never propagated, a use counted twice, a sum for a mean, a transposed neighbour, the other
// branch.
//
// Rule for callers: a guess is an opinion for people to read; no verdict hangs on it.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "autograd/shape.h"

namespace autograd {

// One entry of a gradient beside its witness.
struct ComparedSlope {
  double analytic = 0.0;
  double numeric = 0.0;
  bool failed = false;
  // The slope on the far side of the nearest kink; NaN where there is none.
  double other_branch = std::numeric_limits<double>::quiet_NaN();
};

// What the ratio slope/witness suggests where it is the same for all entries that failed, as a
// sentence: "The sign is wrong."; "" for the ratio 1. `counts` are the extents that a sum or a mean
// may have run over.
std::string guess_from_ratio(double ratio, std::span<const Index> counts);

// The guess for the entries of one operand or input that were compared, in row-major order; ""
// where nothing suggests itself. Entries in the wrong places are recognised where all of `shape`
// were compared.
std::string guess_mistake(std::span<const ComparedSlope> slopes, const Shape& shape,
                          std::span<const Index> counts);

// Extents that a sum or a mean over these shapes may have run over: of each axis, and of all.
std::vector<Index> possible_counts(std::span<const Shape> shapes);

}  // namespace autograd
