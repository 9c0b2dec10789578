// The parser of numbers on any input, against std::from_chars, and against std::strtod, which
// shares nothing with it. The program stays in the locale "C", where strtod's mark is the point.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "models/data/number.h"
#include "tests/fuzz/property.h"

namespace models {
namespace {

using fuzz::require;
using fuzz::same_bits;

// What from_chars makes of all of a text that has a decimal point.
ParsedNumber read_by_from_chars(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return {};
  }
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::invalid_argument || stop != end) return {};
  if (error == std::errc::result_out_of_range) return {NumberStatus::out_of_range, 0.0};
  if (!std::isfinite(value)) return {NumberStatus::not_finite, 0.0};
  return {NumberStatus::number, value};
}

// Text without blanks around it and with a point where the mark is a comma; nothing where there is
// a point beside that.
std::string as_from_chars_reads(std::string_view text, char decimal) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t") + 1;
  std::string pointed(text.substr(begin, std::max(begin, end) - begin));
  if (decimal == '.') return pointed;
  if (pointed.find('.') != std::string::npos) return "";
  std::replace(pointed.begin(), pointed.end(), ',', '.');
  return pointed;
}

// Of digits, signs, points and exponents strtod reads what from_chars reads, and a leading +.
void check_against_strtod(const std::string& text, const ParsedNumber& parsed) {
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return;
  errno = 0;
  char* stop = nullptr;
  const double value = std::strtod(text.c_str(), &stop);
  const bool is_read = !text.empty() && stop == text.c_str() + text.size();
  require(is_read == (parsed.status != NumberStatus::not_a_number), "strtod reads the same texts");
  if (parsed.status == NumberStatus::number) {
    require(same_bits(parsed.value, value), "strtod reads the same number");
  } else if (is_read) {
    require(parsed.status == NumberStatus::out_of_range, "what has digits is not infinite");
    require(errno == ERANGE && (value == 0.0 || std::isinf(value)), "strtod finds it out of range");
  }
}

void check_number(std::string_view text, char decimal) {
  const ParsedNumber parsed = parse_number(text, decimal);
  const std::string pointed = as_from_chars_reads(text, decimal);
  const ParsedNumber expected = read_by_from_chars(pointed);
  require(parsed.status == expected.status, "from_chars reads the same texts");
  require(same_bits(parsed.value, expected.value), "from_chars reads the same number");
  check_against_strtod(pointed, parsed);
  if (parsed.status == NumberStatus::number) {
    require(same_bits(parse_number(shortest(parsed.value)).value, parsed.value),
            "the shortest text reads back");
  }
}

void check_plain_number(std::string_view text, char decimal) {
  double value = 0.0;
  const std::size_t size = read_plain_number(text, decimal, value);
  require(size <= text.size(), "no more is read than there is");
  if (size == 0) return;
  const ParsedNumber expected =
      read_by_from_chars(as_from_chars_reads(text.substr(0, size), decimal));
  require(expected.status == NumberStatus::number, "a plain number is a number");
  require(same_bits(value, expected.value), "a plain number is the nearest double");
}

}  // namespace
}  // namespace models

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char decimal : {'.', ','}) {
    models::check_number(text, decimal);
    models::check_plain_number(text, decimal);
  }
  return 0;
}
