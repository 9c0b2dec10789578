#include "models/data/encoding.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace models {
namespace {

std::string_view mark_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8:
      return "\xEF\xBB\xBF";
    case Encoding::utf16_le:
      return "\xFF\xFE";
    case Encoding::utf16_be:
      return "\xFE\xFF";
    case Encoding::latin1:
      break;
  }
  return "";
}

// One code point as UTF-8 (RFC 3629, section 3); surrogates too, by the same pattern.
void append(std::string& text, std::uint32_t point) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0U | (point >> 6U));
    add(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    add(0xE0U | (point >> 12U));
    add(0x80U | ((point >> 6U) & 0x3FU));
    add(0x80U | (point & 0x3FU));
  } else {
    add(0xF0U | (point >> 18U));
    add(0x80U | ((point >> 12U) & 0x3FU));
    add(0x80U | ((point >> 6U) & 0x3FU));
    add(0x80U | (point & 0x3FU));
  }
}

// What windows-1252 has where Latin-1 has nothing to see (https://encoding.spec.whatwg.org, index
// windows-1252): a file that is called Latin-1 and uses these bytes means them.
constexpr std::array<std::uint16_t, 32> from_0x80{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

std::uint32_t point_of_latin1(unsigned char byte) {
  return byte >= 0x80 && byte < 0xA0 ? from_0x80[byte - 0x80U] : byte;
}

}  // namespace

std::optional<Encoding> marked_encoding(std::string_view bytes) {
  for (const Encoding encoding : {Encoding::utf8, Encoding::utf16_le, Encoding::utf16_be}) {
    if (bytes.starts_with(mark_of(encoding))) return encoding;
  }
  return std::nullopt;
}

std::string_view without_mark(std::string_view bytes, Encoding encoding) {
  if (bytes.starts_with(mark_of(encoding))) bytes.remove_prefix(mark_of(encoding).size());
  return bytes;
}

std::string_view Decoder::decoded(std::string_view bytes, bool are_last) {
  text_.clear();
  if (encoding_ == Encoding::utf8) return bytes;
  if (encoding_ == Encoding::latin1) {
    for (const char byte : bytes) append(text_, point_of_latin1(static_cast<unsigned char>(byte)));
    return text_;
  }
  if (!waiting_.empty()) {
    waiting_ += bytes;
    bytes = waiting_;
  }
  waiting_ = std::string(bytes.substr(append_utf16(bytes, are_last)));
  return text_;
}

// The number of bytes that are done with.
std::size_t Decoder::append_utf16(std::string_view bytes, bool are_last) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(encoding_ == Encoding::utf16_le ? first | (second << 8U)
                                                                      : (first << 8U) | second);
  };
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    std::uint32_t point = unit(at);
    const bool high = point >= 0xD800 && point < 0xDC00;
    if (high && at + 3 < bytes.size()) {
      const std::uint32_t low = unit(at + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        at += 2;
      }
    } else if (high && !are_last) {
      return at;
    }
    append(text_, point);
  }
  if (at == bytes.size() || !are_last) return at;
  text_ += '\xFF';
  return bytes.size();
}

}  // namespace models
