// The words of a gradient check: an entry's name, what is wrong with it, and what it looks like.
#pragma once

#include <span>
#include <string>

#include "autograd/verify/gradient_check.h"

namespace autograd {

// A number with all its digits.
std::string exact(double number);
// "w[3, 2]"; "b" for a scalar.
std::string entry_name(const std::string& input, const Shape& shape, Index entry);
// "w[3, 2] = 0.5".
std::string entry_and_value(const InputReport& input, const EntryReport& entry);
// The first entry of an input that failed.
const EntryReport& first_failure(const InputReport& input);
// What an entry is wrong by: slope, witness, distance, ratio.
std::string failure_text(const std::string& what, const EntryReport& entry);
// A guess at the mistake behind an input's failures, as a line of its own, or "". `shapes` are
// those of the values on the way: sums and means ran over their extents.
std::string guess_text(const InputReport& input, std::span<const Shape> shapes);

}  // namespace autograd
