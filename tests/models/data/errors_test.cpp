#include "models/data/errors.h"

#include <gtest/gtest.h>

#include "tests/models/data/support.h"

namespace models {
namespace {

TEST(DataError, NamesFileLineAndField) {
  EXPECT_STREQ(DataError("data.csv", {52, 3, "bad"}).what(), "data.csv:52:3: bad");
  EXPECT_STREQ(DataError("data.csv", {52, 0, "bad"}).what(), "data.csv:52: bad");
  EXPECT_STREQ(DataError("data.csv", {0, 0, "bad"}).what(), "data.csv: bad");
}

TEST(DataError, SaysWhatToDoNextOnALineOfItsOwn) {
  EXPECT_STREQ(DataError("data.csv", {1, 2, "bad"}, "Do this.").what(),
               "data.csv:1:2: bad\nDo this.");
}

TEST(Problems, ThrowNothingWhenThereAreNone) {
  EXPECT_NO_THROW(Problems("data.csv").throw_if_any());
}

TEST(Problems, AreReportedInTheOrderOfTheFileWhateverTheOrderTheyWereFoundIn) {
  Problems problems("f");
  problems.add(3, 1, "c");
  problems.add(2, 2, "b");
  problems.add(2, 1, "a");
  problems.hint("first hint");
  problems.hint("second hint");
  try {
    problems.throw_if_any();
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "f:2:1: a\nf:2:2: b\nf:3:1: c\nfirst hint");
  }
}

TEST(Problems, ShowTheFirstTenAndTheCountOfAll) {
  Problems problems("f");
  for (std::size_t line = 1000; line > 0; --line) problems.add(line, 1, "x");
  EXPECT_EQ(problems.count(), 1000U);
  ASSERT_EQ(problems.first().size(), 10U);
  EXPECT_EQ(problems.first().front().line, 1U);
  EXPECT_EQ(problems.first().back().line, 10U);
  try {
    problems.throw_if_any();
    FAIL();
  } catch (const DataError& error) {
    EXPECT_TRUE(std::string(error.what())
                    .ends_with("f:10:1: x\n1000 problems in all, the first 10 are shown"));
  }
}

TEST(List, NamesTheFirstAndCountsTheOthers) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"a"}), "a");
  EXPECT_EQ(listed({"a", "b", "c"}, 2), "a, b and 1 more");
}

TEST(WithinMemory, IsSaidOfTheFileWhereItRanOut) {
  const auto message = [](const auto& work) {
    return testing::message_of<DataError>([&] { within_memory("d.csv", work); });
  };
  EXPECT_EQ(message([] { throw std::bad_alloc(); }), "d.csv: does not fit into memory");
  EXPECT_EQ(message([] { throw std::length_error("a vector"); }),
            "d.csv: does not fit into memory");
  EXPECT_EQ(within_memory("d.csv", [] { return 1; }), 1);
}

}  // namespace
}  // namespace models
