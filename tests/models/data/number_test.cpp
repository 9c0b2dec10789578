#include "models/data/number.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include "autograd/random.h"

namespace models {
namespace {

double value_of(std::string_view text) {
  const ParsedNumber parsed = parse_number(text);
  EXPECT_EQ(parsed.status, NumberStatus::number) << text;
  return parsed.value;
}

TEST(Number, IsReadFromDecimalAndScientificNotation) {
  EXPECT_EQ(value_of("0"), 0.0);
  EXPECT_EQ(value_of("12"), 12.0);
  EXPECT_EQ(value_of("00012"), 12.0);
  EXPECT_EQ(value_of("-0.5"), -0.5);
  EXPECT_EQ(value_of("5."), 5.0);
  EXPECT_EQ(value_of(".5"), 0.5);
  EXPECT_EQ(value_of("1e5"), 1e5);
  EXPECT_EQ(value_of("1E-5"), 1e-5);
  EXPECT_EQ(value_of("+1"), 1.0);
  EXPECT_TRUE(std::signbit(value_of("-0")));
}

TEST(Number, MayHaveBlanksAroundIt) {
  EXPECT_EQ(value_of("  7\t"), 7.0);
  EXPECT_EQ(value_of("\t+7 "), 7.0);
}

TEST(Number, IsTheNearestDouble) {
  EXPECT_EQ(value_of("0.1"), 0.1);
  // 2^53 + 1 lies between two doubles; the even one is taken, unless anything follows.
  EXPECT_EQ(value_of("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(value_of("9007199254740993.00000000000000000000000000000000000001"),
            9007199254740994.0);
  EXPECT_EQ(value_of("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(value_of("4.9406564584124654e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(value_of("1" + std::string(300, '0')), 1e300);
  EXPECT_EQ(value_of("0." + std::string(300, '0') + "1"), 1e-301);
}

TEST(Number, IsNeverHalfRead) {
  for (const char* text :
       {"3.6l",  "1,234", "12abc", "0x10",  "1_000", "1 2", "1e",  "1e+", "1d5",   "1.5f",
        "1.2.3", "1-",    "--1",   "++1",   "+-1",   "-+1", "+ 1", "- 1", "+",     "-",
        ".",     "e5",    "abc",   "\"1\"", "1\n",   "\n1", "$1",  "50%", "\u0661"}) {
    EXPECT_EQ(parse_number(text).status, NumberStatus::not_a_number) << text;
  }
  EXPECT_EQ(parse_number("").status, NumberStatus::not_a_number);
  EXPECT_EQ(parse_number("  ").status, NumberStatus::not_a_number);
  EXPECT_EQ(parse_number(std::string_view("1\0", 2)).status, NumberStatus::not_a_number);
}

TEST(Number, OutOfTheRangeOfADoubleIsToldFromTextInBothDirections) {
  for (const char* text : {"1e400", "-1e400", "1e-400", "-1e-400", "1e99999999999", "2e-324"}) {
    EXPECT_EQ(parse_number(text).status, NumberStatus::out_of_range) << text;
  }
  EXPECT_EQ(value_of("0e-400"), 0.0);
  EXPECT_EQ(value_of("0.0e99999"), 0.0);
}

TEST(Number, IsFinite) {
  for (const char* text : {"nan", "NaN", "-nan", "inf", "INF", "+inf", "-Infinity"}) {
    EXPECT_EQ(parse_number(text).status, NumberStatus::not_finite) << text;
  }
}

// --- At random --------------------------------------------------------------------------------

// Texts that are numbers, most of them, of every kind that is hard to read.
class RandomText {
 public:
  explicit RandomText(std::uint64_t seed) : random_(seed) {}

  const std::string& next() {
    constexpr std::array<std::string_view, 8> signs{"", "", "", "", "-", "-", "+", "+-"};
    text_ = signs[random_.below(random_.below(16) == 0 ? signs.size() : signs.size() - 1)];
    switch (random_.below(256)) {
      case 0:
        add_near_midpoint();
        break;
      case 1:
      case 2:
      case 3:
        add_any_double();
        break;
      default:
        add_digits(1 + random_.below(25));
        if (random_.below(2) == 0) add_exponent();
    }
    if (random_.below(32) == 0) spoil();
    if (random_.below(32) == 0) text_.insert(0, " \t");
    return text_;
  }

 private:
  // With a point before, behind or between them, or none.
  void add_digits(std::size_t count) {
    const std::size_t point = random_.below(2 * count + 2);
    for (std::size_t i = 0; i <= count; ++i) {
      if (i == point) text_ += '.';
      if (i < count) text_ += static_cast<char>('0' + random_.below(10));
    }
  }

  // Small, or where doubles end and subnormals begin.
  void add_exponent() {
    constexpr std::array<int, 4> centres{0, 0, 300, -315};
    const int exponent = centres[random_.below(4)] + static_cast<int>(random_.below(51)) - 25;
    text_ += random_.below(2) == 0 ? 'e' : 'E';
    if (exponent >= 0 && random_.below(2) == 0) text_ += '+';
    text_ += std::to_string(exponent);
  }

  double any_double() {
    while (true) {
      const double value = std::bit_cast<double>((random_.below(std::uint64_t{1} << 32U) << 32U) |
                                                 random_.below(std::uint64_t{1} << 32U));
      if (std::isfinite(value)) return std::abs(value);
    }
  }

  void add_any_double() {
    std::array<char, 400> text{};
    const auto [end, error] =
        random_.below(2) == 0 ? std::to_chars(text.data(), text.data() + text.size(), any_double())
                              : std::to_chars(text.data(), text.data() + text.size(), any_double(),
                                              std::chars_format::scientific, 16);
    text_.append(text.data(), end);
  }

  // All the digits of the middle between two doubles, or a little less or more than it.
  void add_near_midpoint() {
    static_assert(std::numeric_limits<long double>::digits > 53, "it is no double");
    const double below = any_double() * (random_.below(4) == 0 ? 0x1p-1000 : 1.0);
    const double above = std::nextafter(below, std::numeric_limits<double>::infinity());
    const long double step = std::isfinite(above)
                                 ? static_cast<long double>(above) - below
                                 : static_cast<long double>(below) - std::nextafter(below, 0.0);
    std::array<char, 1000> text{};
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), below + step / 2.0L,
                      std::chars_format::scientific, 780);
    const std::string_view digits(text.data(), end);
    const std::size_t exponent = digits.find('e');
    const std::size_t begin = text_.size();
    text_ += digits.substr(0, exponent);
    const std::uint64_t side = random_.below(3);
    if (side == 1) text_ += '1';
    const std::size_t last = text_.find_last_not_of(".0");
    if (side == 2 && last != std::string::npos && last >= begin) --text_[last];
    text_ += digits.substr(exponent);
  }

  void spoil() {
    constexpr std::array<std::string_view, 16> junk{"l", "f", "e",  "e+", ".",  "..", "-", "+",
                                                    "x", "_", " 1", ",5", "e5", "%",  "'", "d0"};
    text_ += junk[random_.below(junk.size())];
  }

  autograd::Random random_;
  std::string text_;
};

bool same_bits(double one, double other) {
  return std::bit_cast<std::uint64_t>(one) == std::bit_cast<std::uint64_t>(other);
}

// What C makes of a text without blanks around it.
ParsedNumber by_strtod(const std::string& text) {
  const bool plain = text.find_first_not_of("0123456789.eE+-") == std::string::npos;
  const std::size_t digit = text.find_first_of("0123456789");
  if (!plain || digit == std::string::npos) return {};
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return {};
  const bool is_zero =
      text.substr(0, text.find_first_of("eE")).find_first_of("123456789") == std::string::npos;
  if (std::isinf(value) || (value == 0.0 && !is_zero)) return {NumberStatus::out_of_range, 0.0};
  return {NumberStatus::number, value};
}

double by_from_chars(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = std::numeric_limits<double>::quiet_NaN();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_same(const ParsedNumber& one, const ParsedNumber& other) {
  return one.status == other.status && same_bits(one.value, other.value);
}

// With points and commas in each other's place.
void exchange_marks(std::string_view text, std::string& exchanged) {
  exchanged = text;
  for (char& c : exchanged) c = c == '.' ? ',' : c == ',' ? '.' : c;
}

TEST(Number, IsWhatCMakesOfAMillionTextsWithAPointOrAComma) {
  RandomText texts(1);
  std::string comma;
  std::array<int, 4> seen{};
  for (int i = 0; i < 1'000'000; ++i) {
    const std::string& text = texts.next();
    const ParsedNumber expected = by_strtod(std::string(trimmed(text)));
    ++seen[static_cast<std::size_t>(expected.status)];
    ASSERT_TRUE(is_same(parse_number(text), expected)) << text;
    exchange_marks(text, comma);
    ASSERT_TRUE(is_same(parse_number(comma, ','), expected)) << comma;
  }
  EXPECT_GT(seen[static_cast<std::size_t>(NumberStatus::number)], 800'000);
  EXPECT_GT(seen[static_cast<std::size_t>(NumberStatus::not_a_number)], 20'000);
  EXPECT_GT(seen[static_cast<std::size_t>(NumberStatus::out_of_range)], 20'000);
}

TEST(PlainNumber, IsTheNearestDoubleWhereverItIsTaken) {
  RandomText texts(2);
  int taken = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::string_view text = trimmed(texts.next());
    double value = 0.0;
    const std::size_t size = read_plain_number(text, '.', value);
    if (size == 0) continue;
    ++taken;
    ASSERT_TRUE(same_bits(value, by_from_chars(text.substr(0, size)))) << text;
  }
  EXPECT_GT(taken, 400'000);
}

TEST(Number, HasAShortestTextThatReadsBackTheSame) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(5.0), "5");
  EXPECT_EQ(shortest(1e100), "1e+100");
  EXPECT_EQ(shortest(-std::numeric_limits<double>::min()), "-2.2250738585072014e-308");
}

TEST(Number, IsMissedInWordsThatSayWhy) {
  EXPECT_EQ(reproach(NumberStatus::not_a_number), "is not a number");
  EXPECT_EQ(reproach(NumberStatus::not_finite), "is not a finite number");
  EXPECT_EQ(reproach(NumberStatus::out_of_range), "is out of the range of a double");
}

}  // namespace
}  // namespace models
