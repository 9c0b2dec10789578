// From the bytes of a file to UTF-8, whatever they were written in.
//
// Rule for callers: what cannot be decoded comes out as bytes that are not UTF-8, where it was, so
// that whoever reads the text finds it with its line and field. Look for it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "models/data/csv_options.h"

namespace models {

// The encoding whose byte order mark the bytes begin with, if any.
std::optional<Encoding> marked_encoding(std::string_view bytes);

// The bytes without the mark of their encoding, which may be there or not.
std::string_view without_mark(std::string_view bytes, Encoding encoding);

// Bytes of UTF-16 or Latin-1 (as windows-1252 completes it), without mark, as UTF-8, however they
// are cut into pieces. A surrogate without its other half becomes three bytes that UTF-8 does not
// have, and half a unit at the end becomes FF.
class Decoder {
 public:
  explicit Decoder(Encoding encoding = Encoding::utf8) : encoding_(encoding) {}

  // The text of the bytes, which come behind those that were decoded before. It lives until the
  // next call. Bytes of a character that is not complete wait for the others, unless these are the
  // last.
  std::string_view decoded(std::string_view bytes, bool are_last);

 private:
  std::size_t append_utf16(std::string_view bytes, bool are_last);

  Encoding encoding_;
  std::string waiting_;
  std::string text_;
};

}  // namespace models
