#include "autograd/quotation.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace autograd {
namespace {

TEST(Quotation, EscapesWhatWouldSpoilALineOfAMessage) {
  EXPECT_EQ(in_quotes("3.6l"), R"("3.6l")");
  EXPECT_EQ(in_quotes("a\"b\\c\n\t\r"), R"("a\"b\\c\n\t\r")");
  EXPECT_EQ(in_quotes(std::string_view("\0\x1b[31m\x7f", 7)), R"("\x00\x1b[31m\x7f")");
  EXPECT_EQ(printable("a\"b"), "a\"b");
}

TEST(Quotation, ShowsWhatNobodySees) {
  EXPECT_EQ(in_quotes("\uFEFF49.4"), R"("\ufeff49.4")");
  EXPECT_EQ(in_quotes("1\u200B"), R"("1\u200b")");
  EXPECT_EQ(printable("blue\u00A0"), "blue\\u00a0");
  EXPECT_EQ(printable("\u009B31m\u202Eevil"), "\\u009b31m\\u202eevil");
  EXPECT_EQ(printable("\u00A1\u2013\u20AC\U0001F600"), "\u00A1\u2013\u20AC\U0001F600");
}

TEST(Quotation, CutsLongTextBetweenTwoCharacters) {
  EXPECT_EQ(in_quotes(std::string(60, 'x')), '"' + std::string(60, 'x') + '"');
  EXPECT_EQ(in_quotes(std::string(61, 'x')), '"' + std::string(60, 'x') + "...\"");
  EXPECT_EQ(printable(std::string(59, 'x') + "\u00e9\u00e9"), std::string(59, 'x') + "...");
}

TEST(Quotation, ShowBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("n\xE9"), "n\\xe9");
  EXPECT_EQ(in_quotes("n\xE9"), "\"n\\xe9\"");
  EXPECT_EQ(in_quotes("né"), "\"né\"");
}

}  // namespace
}  // namespace autograd
