// Whether text is UTF-8, the only encoding that is read and written.
//
// Rule for callers: names and labels are checked where they are read, so that nobody finds out
// later.
#pragma once

#include <string_view>

namespace autograd {

// True where all of the text is well-formed (RFC 3629): no byte out of place, no character in a
// longer form than it needs, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace autograd
