#include "autograd/utf8.h"

#include <algorithm>
#include <cstddef>

namespace autograd {
namespace {

// What may follow a first byte: the number of continuation bytes, and the range of the first of
// them (table 3-7 of the Unicode Standard). The others lie between 80 and BF.
struct Sequence {
  std::size_t continuation = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  bool is_one = true;
};

Sequence sequence_of(unsigned char first) {
  if (first < 0x80) return {};
  if (first >= 0xC2 && first <= 0xDF) return {1};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (first >= 0xE1 && first <= 0xEF) return {2};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {3};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0, false};
}

// How many bytes from `at` on are ASCII: many at a time, for files are mostly that.
std::size_t ascii_run(std::string_view text, std::size_t at) {
  constexpr std::size_t block = 64;
  const std::size_t begin = at;
  for (; text.size() - at >= block; at += block) {
    unsigned char bits = 0;
    for (std::size_t i = 0; i < block; ++i) {
      bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(text[at + i]));
    }
    if (bits >= 0x80) break;
  }
  return at - begin;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = ascii_run(text, 0); at < text.size();) {
    const Sequence sequence = sequence_of(byte(at));
    if (!sequence.is_one || text.size() - at <= sequence.continuation) return false;
    for (std::size_t k = 1; k <= sequence.continuation; ++k) {
      const unsigned char low = k == 1 ? sequence.low : 0x80;
      const unsigned char high = k == 1 ? sequence.high : 0xBF;
      if (byte(at + k) < low || byte(at + k) > high) return false;
    }
    at += sequence.continuation + 1;
    if (sequence.continuation > 0) at += ascii_run(text, at);
  }
  return true;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return width;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, width_of(text)), ' ');
}

}  // namespace autograd
