// Rows as a tape likes to read them.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace models {

// Numbers that begin where a register of the machine would: products read rows of 64 of them a
// quarter faster (tests/benchmarks/). Otherwise a vector like any other.
using AlignedNumbers = std::vector<double, Eigen::aligned_allocator<double>>;

}  // namespace models
