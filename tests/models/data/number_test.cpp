#include "models/data/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

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
