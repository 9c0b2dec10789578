// What the fuzzers share.
//
// Rule for callers: a property that does not hold ends the program, as libFuzzer expects of a find.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

// libFuzzer, and replay.cpp, call it with one input after the other; it returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

// Says which property is violated and aborts, unless it holds.
inline void require(bool holds, std::string_view property) {
  if (holds) return;
  std::cerr << "violated: " << property << '\n';
  std::abort();
}

// Whether two numbers have the same bits: unlike ==, this tells -0 from 0 and takes NaN for NaN.
inline bool same_bits(double left, double right) {
  return std::bit_cast<std::uint64_t>(left) == std::bit_cast<std::uint64_t>(right);
}

}  // namespace fuzz
