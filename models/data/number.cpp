#include "models/data/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace models {
namespace {

ParsedNumber with_decimal_comma(std::string_view text) {
  if (text.find('.') != std::string_view::npos) return {};
  std::string pointed(text);
  std::replace(pointed.begin(), pointed.end(), ',', '.');
  return parse_number(pointed);
}

}  // namespace

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
  constexpr double all_wholes_up_to = 9007199254740992.0;  // 2^53
  const bool is_long = std::abs(value) >= all_wholes_up_to &&
                       text.find_first_not_of("-0123456789") == std::string_view::npos;
  return {NumberStatus::number, value, is_long};
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
