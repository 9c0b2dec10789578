#include "autograd/quotation.h"

#include <cstddef>

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

}  // namespace

void append_escaped(std::string& out, std::string_view text, bool utf8) {
  for (const char character : text) append_escaped(out, character, utf8);
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
  const std::string_view kept = cut(text, longest_quotation);
  const bool utf8 = is_utf8(kept);
  std::string out = "\"";
  for (const char character : kept) {
    if (character == '"' || character == '\\') out += '\\';
    append_escaped(out, character, utf8);
  }
  if (kept.size() < text.size()) out += "...";
  return out + '"';
}

}  // namespace autograd
