#include "autograd/suggestion.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace autograd {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", "abc"), 0U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("abcd", "abdc"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // 2 if a part could be edited twice
}

TEST(EditDistance, IsTheSameInBothDirections) {
  const std::vector<std::string> words{"", "a", "ab", "ba", "species", "specise", "mean_radius"};
  for (const std::string& left : words) {
    for (const std::string& right : words) {
      EXPECT_EQ(edit_distance(left, right), edit_distance(right, left)) << left << ' ' << right;
    }
  }
}

TEST(Suggestion, PrefersANameThatDiffersInCaseOnly) {
  const std::vector<std::string> names{"specie", "Species"};
  EXPECT_EQ(suggestion("species", names), "Species");
}

TEST(Suggestion, IsTheNearestNameAndTheFirstAmongEquals) {
  const std::vector<std::string> names{"diagnoses", "diagnosis", "radius"};
  EXPECT_EQ(suggestion("diagnosys", names), "diagnoses");
  EXPECT_EQ(suggestion("diagnosi", names), "diagnosis");
  EXPECT_EQ(suggestion("Mean Radius", std::vector<std::string>{"mean_radius"}), "mean_radius");
}

TEST(Suggestion, IsLeftOutWhenNothingIsNear) {
  const std::vector<std::string> names{"diagnosis", "x", "y"};
  EXPECT_EQ(suggestion("target", names), std::nullopt);
  EXPECT_EQ(suggestion("z", names), std::nullopt);
  EXPECT_EQ(suggestion("", names), std::nullopt);
  EXPECT_EQ(suggestion("a", std::vector<std::string>{}), std::nullopt);
}

TEST(Suggestion, DoesNotWasteTimeOnNamesNobodyTypes) {
  const std::vector<std::string> names{std::string(1000000, 'a'), "abc"};
  EXPECT_EQ(suggestion(std::string(999999, 'a'), names), std::nullopt);
  EXPECT_EQ(suggestion(std::string(1000000, 'A'), names), names.front());
}

TEST(Suggestion, ReadsAsAQuestion) {
  const std::vector<std::string> names{"diagnosis"};
  EXPECT_EQ(did_you_mean("diagnosys", names), "did you mean \"diagnosis\"?");
  EXPECT_EQ(did_you_mean("pass", names), "");
}

}  // namespace
}  // namespace autograd
