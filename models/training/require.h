// How options outside their ranges are refused.
//
// Rule for callers: `what` says what the value must be; the message ends with what it is.
#pragma once

#include <stdexcept>
#include <string>

namespace models {

// Throws std::invalid_argument unless it holds: "the epochs must be 0 or more, not -1".
template <class Number>
void require(bool holds, const char* what, Number value) {
  if (!holds) throw std::invalid_argument(std::string(what) + ", not " + std::to_string(value));
}

}  // namespace models
