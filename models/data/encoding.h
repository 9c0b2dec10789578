// From the bytes of a file to UTF-8, whatever they were written in.
//
// Rule for callers: what cannot be decoded comes out as bytes that are not UTF-8, where it was, so
// that whoever reads the text finds it with its line and field. Look for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/data/csv_options.h"

namespace models {

// The encoding whose byte order mark the bytes begin with, if any.
std::optional<Encoding> marked_encoding(std::string_view bytes);

// The bytes without the mark of their encoding, which may be there or not.
std::string_view without_mark(std::string_view bytes, Encoding encoding);

// Bytes of UTF-16 or Latin-1, without mark, as UTF-8. A surrogate without its other half becomes
// three bytes that UTF-8 does not have, and half a unit at the end becomes FF.
std::string to_utf8(std::string_view bytes, Encoding encoding);

}  // namespace models
