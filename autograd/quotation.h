// Text of others in messages of ours: whatever it holds, the message stays one line and readable.
//
// Rule for callers: names, labels and pieces of input go into a message through these.
#pragma once

#include <string>
#include <string_view>

namespace autograd {

// `text` fit for a one-line message: characters that nobody sees (control characters, blanks that
// do not break, marks without width) and bytes that are not UTF-8 are escaped, and what is longer
// than 60 bytes is cut, at the border of a UTF-8 character, and ends in "...".
std::string printable(std::string_view text);

// The same between double quotes; a quote or backslash in the text is escaped.
std::string in_quotes(std::string_view text);

// Adds the text to `out`, control characters escaped; bytes above 7F are characters of UTF-8 text,
// and escaped in any other.
void append_escaped(std::string& out, std::string_view text, bool utf8);

}  // namespace autograd
