// A cell's text as a number, all of it or nothing.
//
// Rule for callers: look at the status before the value. Half-read numbers (`3.6l`, `1,234`,
// `12abc`, `0x10`) are not numbers, in any locale.
#pragma once

#include <string>
#include <string_view>

#include "models/data/plain_number.h"
#include "models/data/text.h"

namespace models {

enum class NumberStatus {
  number,        // a finite number
  not_a_number,  // the text, or some of it, is something else
  not_finite,    // `nan`, `inf` and their kind
  out_of_range,  // a number that a double cannot hold: 1e400 overflows, 1e-400 would become 0
};

struct ParsedNumber {
  NumberStatus status = NumberStatus::not_a_number;
  double value = 0.0;  // 0 unless the status is `number`
  // A whole number beyond 2^53, written with all its digits, of which a double may not have the
  // last.
  bool is_long = false;
};

// Reads what std::from_chars reads (decimal or scientific notation), with a leading + allowed and
// blanks and tabs around it ignored. The decimal mark is a point or a comma, and no other is read.
// The nearest double, exactly rounded.
ParsedNumber parse_number(std::string_view text, char decimal = '.');

// The end of a sentence about a text that is not a number: "is not a number".
std::string_view reproach(NumberStatus status);

// The shortest text that reads back as the same double: 0.1, 1e+100.
std::string shortest(double number);

}  // namespace models
