// The sequences are those of table 3-7 of the Unicode Standard and of its neighbours.
#include "autograd/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace autograd {
namespace {

TEST(Utf8, IsWhatHasEachCharacterInItsShortestForm) {
  for (const char* text :
       {"", "abc", "größe", "日本", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a😀b"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, IsNothingElse) {
  for (const char* text :
       {"\x80", "\xBF", "a\xF6", "gr\xF6\xDF-", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2-",
        "\xE0\x9F\xBF", "\xE1\x80", "\xE1\x80-", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xFE\xFF"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace autograd
