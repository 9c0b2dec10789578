// Text in UTF-8, the only encoding that is read and written: whether it is, and how wide it is.
//
// Rule for callers: names and labels are checked where they are read, so that nobody finds out
// later.
#pragma once

#include <string>
#include <string_view>

namespace autograd {

// True where all of the text is well-formed (RFC 3629): no byte out of place, no character in a
// longer form than it needs, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// The number of characters.
std::size_t width_of(std::string_view text);
// The text with blanks behind it, at least that wide.
std::string padded(const std::string& text, std::size_t width);

}  // namespace autograd
