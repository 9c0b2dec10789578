#include "autograd/quotation.h"

#include <cstddef>
#include <cstdint>

#include "autograd/utf8.h"

namespace autograd {
namespace {

constexpr std::size_t longest_quotation = 60;

// Cuts before the lead byte of the character that does not fit; 10xxxxxx are continuation bytes.
std::string_view cut(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

void append_escaped(std::string& out, char character, bool utf8) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(character);
  if (character == '\n') {
    out += "\\n";
  } else if (character == '\r') {
    out += "\\r";
  } else if (character == '\t') {
    out += "\\t";
  } else if (byte < 0x20 || byte == 0x7F || (byte > 0x7F && !utf8)) {
    out += "\\x";
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  } else {
    out += character;
  }
}

// The code point of a character of two or three bytes at the beginning of a text; 0 of any other.
std::uint32_t code_point(std::string_view text) {
  const auto bits = [&](std::size_t at, unsigned mask) {
    const auto byte = static_cast<unsigned char>(at < text.size() ? text[at] : '\0');
    return static_cast<std::uint32_t>(byte & mask);
  };
  if (bits(1, 0xC0) != 0x80) return 0;
  if (bits(0, 0xE0) == 0xC0) return bits(0, 0x1F) << 6U | bits(1, 0x3F);
  if (bits(0, 0xF0) != 0xE0 || bits(2, 0xC0) != 0x80) return 0;
  return bits(0, 0x0F) << 12U | bits(1, 0x3F) << 6U | bits(2, 0x3F);
}

// Control characters, blanks that are none, marks without width, and what turns the order of a
// line.
bool is_unseen(std::uint32_t point) {
  return (point >= 0x80 && point <= 0xA0) || point == 0xAD || point == 0x200B || point == 0x200E ||
         point == 0x200F || (point >= 0x2028 && point <= 0x202F) || point == 0x2060 ||
         (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
}

// Adds the first character, and returns the number of its bytes that were looked at.
std::size_t append_first(std::string& out, std::string_view text, bool utf8) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::uint32_t point = utf8 ? code_point(text) : 0;
  if (!is_unseen(point)) {
    append_escaped(out, text.front(), utf8);
    return 1;
  }
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += digits[(point >> shift) & 0xFU];
  return point < 0x800 ? 2 : 3;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, bool utf8) {
  while (!text.empty()) text.remove_prefix(append_first(out, text, utf8));
}

std::string printable(std::string_view text) {
  const std::string_view kept = cut(text, longest_quotation);
  const bool utf8 = is_utf8(kept);
  std::string out;
  append_escaped(out, kept, utf8);
  if (kept.size() < text.size()) out += "...";
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string_view rest = cut(text, longest_quotation);
  const bool is_cut = rest.size() < text.size();
  const bool utf8 = is_utf8(rest);
  std::string out = "\"";
  while (!rest.empty()) {
    if (rest.front() == '"' || rest.front() == '\\') out += '\\';
    rest.remove_prefix(append_first(out, rest, utf8));
  }
  if (is_cut) out += "...";
  return out + '"';
}

}  // namespace autograd
