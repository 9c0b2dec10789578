#include "models/data/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

namespace models {
namespace {

bool is_blank(char character) { return character == ' ' || character == '\t'; }

ParsedNumber with_decimal_comma(std::string_view text) {
  if (text.find('.') != std::string_view::npos) return {};
  std::string pointed(text);
  std::replace(pointed.begin(), pointed.end(), ',', '.');
  return parse_number(pointed);
}

// The powers of ten that a double holds exactly.
constexpr std::array<double, 23> powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::size_t digits_at_most = 19;                        // more may not fit into 64 bits
constexpr std::uint64_t whole_at_most = std::uint64_t{1} << 53U;  // and are doubles up to here

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> between_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    parts.emplace_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(comma + 1);
  }
  parts.emplace_back(trimmed(text));
  return parts;
}

std::size_t read_plain_number(std::string_view text, char decimal, double& value) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
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
    behind = read_digits();
  }
  const std::size_t digits = before + behind;
  if (digits == 0 || digits > digits_at_most || whole > whole_at_most) return 0;
  const double magnitude = static_cast<double>(whole) / powers[behind];
  value = negative ? -magnitude : magnitude;
  return static_cast<std::size_t>(at - text.data());
}

ParsedNumber parse_number(std::string_view text, char decimal) {
  text = trimmed(text);
  double plain = 0.0;
  if (!text.empty() && read_plain_number(text, decimal, plain) == text.size()) {
    return {NumberStatus::number, plain};
  }
  if (decimal == ',') return with_decimal_comma(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return {};  // from_chars would take "+-1" for -1 from here on
  }
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || error == std::errc::invalid_argument) return {};
  if (error == std::errc::result_out_of_range) return {NumberStatus::out_of_range, 0.0};
  if (!std::isfinite(value)) return {NumberStatus::not_finite, 0.0};
  return {NumberStatus::number, value};
}

std::string_view reproach(NumberStatus status) {
  switch (status) {
    case NumberStatus::number:
      return "is a number";
    case NumberStatus::not_finite:
      return "is not a finite number";
    case NumberStatus::out_of_range:
      return "is out of the range of a double";
    case NumberStatus::not_a_number:
      break;
  }
  return "is not a number";
}

std::string shortest(double number) {
  std::array<char, 32> text{};  // 24 characters are the longest: -2.2250738585072014e-308
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end};
}

}  // namespace models
