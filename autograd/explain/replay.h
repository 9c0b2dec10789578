// A recording with other values of some leaves: the same operations, computed anew.
//
// Rule for callers: where your own code looked at a value and took a branch while it recorded, the
// branch taken then is taken again, as in a Program.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "autograd/tape.h"

namespace autograd {

// The new values of leaves, by their places on the tape, as many as the leaf has elements.
using Edits = std::map<std::size_t, std::vector<double>>;

// Records the nodes of a tape up to `last`, which is returned, on an empty one: at the same places,
// under the same names. Throws ArgumentError for an edit that is of no leaf or has another number
// of elements, and what the operations throw.
Tensor replayed(const Tape& from, std::size_t last, const Edits& edits, Tape& onto);

}  // namespace autograd
