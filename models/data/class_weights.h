// How much the rows of each class count.
#pragma once

#include <string_view>
#include <vector>

#include "models/data/dataset.h"

namespace models {

// One factor for each class. "balanced": n/(K · n of the class), n the sum of the rows' weights and
// K the number of classes, so that all classes weigh the same; the heuristic of King and Zeng,
// "Logistic regression in rare events data", Political Analysis 9 (2001), as scikit-learn has it.
// Otherwise factors by the names of classes, "yes=3,no=1"; a class that is not named has 1.
//
// Throws std::invalid_argument, with a suggestion, for a name that is no class or is named twice
// and a factor that is not a positive number.
std::vector<double> class_weights(std::string_view text, const Dataset& data);

}  // namespace models
