// The place in a text that a message is about.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace autograd {

// Whether a byte of UTF-8 text is the first one of a character.
inline bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// The character that begins at byte `at`, counted from 1.
std::size_t character_at(std::string_view text, std::size_t at);

// The message, the line of the text that byte `at` is in, and a caret under the character there:
//   there is no function "sigmod"; did you mean "sigmoid"?
//     a = sigmod(z)
//         ^
// Of a long line only the neighbourhood is shown.
std::string with_excerpt(const std::string& message, std::string_view text, std::size_t at);

}  // namespace autograd
