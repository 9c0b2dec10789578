// Small things about text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace models {

// The text without the blanks and tabs around it.
std::string_view trimmed(std::string_view text);

// The parts of a text between its commas, one or more, without the blanks and tabs around them.
std::vector<std::string> between_commas(std::string_view text);

// "1 row", "2 rows".
std::string counted(std::size_t count, const std::string& what);

// A to Z as a to z, and all else as it is.
constexpr char in_lower_case(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                              : character;
}
std::string in_lower_case(std::string_view text);

}  // namespace models
