// What tells one run of training from another: the data, as they are in memory, and the options.
//
// Rule for authors: a new option that the parameters depend on has its line here.
#pragma once

#include "models/fit.h"
#include "models/training/checkpoint.h"

namespace models {

// Two runs with the same identity, in one version of the program, end with the same bits.
RunIdentity identity_of(const Dataset& data, const FitOptions& options);

}  // namespace models
