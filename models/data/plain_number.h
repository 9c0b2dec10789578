// The numbers that most cells are, read quickly.
//
// Rule for callers: what is not read here may still be a number; ask parse_number() of number.h.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace models {
namespace plain_number {

// The powers of ten that a double holds exactly.
inline constexpr std::array<double, 23> powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
// And those of eight characters at most.
inline constexpr std::array<std::uint64_t, 9> whole_powers{
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
inline constexpr std::size_t digits_at_most = 19;  // more may not fit into 64 bits
inline constexpr std::uint64_t whole_at_most = std::uint64_t{1}
                                               << 53U;  // and are doubles up to here

constexpr std::uint64_t in_each_byte(std::uint64_t byte) { return byte * 0x0101010101010101U; }

// Reads the digits that eight characters begin with, all of them in a few steps instead of one
// after the other: neighbours become numbers of two digits, then of four, then of eight. Returns
// how many there are, and puts them behind those of `whole`.
inline std::size_t read_up_to_eight_digits(const char* at, std::uint64_t& whole) {
  std::uint64_t word = 0;  // the first character in the lowest byte
  std::memcpy(&word, at, sizeof word);
  word ^= in_each_byte('0');  // 0 to 9 where there are digits
  const std::uint64_t others = (word | (word + in_each_byte(0x76))) & in_each_byte(0x80);
  const auto count = static_cast<std::size_t>(std::countr_zero(others)) / 8;
  if (count == 0) return 0;
  word <<= 64 - 8 * count;  // zeros in front, and nothing else behind
  word = (word * 10 + (word >> 8U)) & 0x00FF00FF00FF00FFU;
  word = (word * 100 + (word >> 16U)) & 0x0000FFFF0000FFFFU;
  word = (word * 10000 + (word >> 32U)) & 0x00000000FFFFFFFFU;
  whole = whole * whole_powers[count] + word;
  return count;
}

}  // namespace plain_number

// Reads a number such as -12.25 at the beginning of a text, and is quick about it: digits, a sign
// and a decimal mark, no exponent, so few digits that one division gives the nearest double
// (W. Clinger, How to read floating point numbers accurately, PLDI 1990). The number of characters
// read, and the value; 0 where it is another kind of number, or none.
inline std::size_t read_plain_number(std::string_view text, char decimal, double& value) {
  const char* at = text.data();
  const char* const end = at + text.size();
  // Without a branch, since nothing foretells a sign.
  const char sign = at != end ? *at : '\0';
  const auto negative = static_cast<std::uint64_t>(sign == '-');
  at += negative + static_cast<std::uint64_t>(sign == '+');
  std::uint64_t whole = 0;
  const auto read_digits = [&] {
    const char* const begin = at;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) {
      whole = whole * 10 + static_cast<std::uint64_t>(*at - '0');
    }
    return static_cast<std::size_t>(at - begin);
  };
  const std::size_t before = read_digits();
  std::size_t behind = 0;
  if (at != end && *at == decimal) {
    ++at;
    if (std::endian::native == std::endian::little && end - at >= 8) {
      behind = plain_number::read_up_to_eight_digits(at, whole);
      at += behind;
    }
    if (behind == 0 || behind == 8) behind += read_digits();
  }
  const std::size_t digits = before + behind;
  if (digits == 0 || digits > plain_number::digits_at_most || whole > plain_number::whole_at_most)
    return 0;
  const double magnitude = static_cast<double>(whole) / plain_number::powers[behind];
  value = std::bit_cast<double>(std::bit_cast<std::uint64_t>(magnitude) | (negative << 63U));
  return static_cast<std::size_t>(at - text.data());
}

}  // namespace models
