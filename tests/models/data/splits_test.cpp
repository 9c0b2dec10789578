// Stratified splits and folds: every row once, every class in its share, the same for a seed.
#include "models/data/splits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using Rows = std::vector<std::size_t>;

// `zeros` labels 0 and then `ones` labels 1.
std::vector<double> labels(std::size_t zeros, std::size_t ones) {
  std::vector<double> made(zeros, 0.0);
  made.insert(made.end(), ones, 1.0);
  return made;
}

std::size_t ones_in(const Rows& rows, const std::vector<double>& labels) {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](std::size_t row) { return labels[row] == 1.0; }));
}

void expect_every_row_once(const Split& split, std::size_t rows) {
  Rows all = split.train;
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), rows);
  for (std::size_t row = 0; row < rows; ++row) EXPECT_EQ(all[row], row);
  EXPECT_TRUE(std::is_sorted(split.train.begin(), split.train.end()));
  EXPECT_TRUE(std::is_sorted(split.test.begin(), split.test.end()));
}

TEST(StratifiedSplit, TakesItsShareOfEachClass) {
  const std::vector<double> y = labels(70, 30);
  const Split split = stratified_split(y, 0.2, 7);
  expect_every_row_once(split, 100);
  EXPECT_EQ(split.test.size(), 20U);
  EXPECT_EQ(ones_in(split.test, y), 6U);
}

TEST(StratifiedSplit, LeavesARowOfEachClassOnEitherSide) {
  const std::vector<double> y = labels(20, 2);
  for (const double share : {0.01, 0.99}) {
    const Split split = stratified_split(y, share, 7);
    EXPECT_EQ(ones_in(split.test, y), 1U) << share;
    EXPECT_EQ(ones_in(split.train, y), 1U) << share;
  }
}

TEST(StratifiedSplit, DependsOnTheSeed) {
  const std::vector<double> y = labels(50, 50);
  EXPECT_EQ(stratified_split(y, 0.3, 7).test, stratified_split(y, 0.3, 7).test);
  EXPECT_NE(stratified_split(y, 0.3, 7).test, stratified_split(y, 0.3, 8).test);
}

TEST(StratifiedSplit, RefusesWhatCannotBeSplit) {
  for (const double share : {0.0, 1.0, -0.5, 2.0}) {
    EXPECT_THROW(stratified_split(labels(5, 5), share, 1), std::invalid_argument) << share;
  }
  EXPECT_EQ(testing::message_of<TooFewRows>([] { stratified_split(labels(5, 1), 0.5, 1); }),
            "the class 1 has 1 row, fewer than the 2 parts");
}

TEST(StratifiedFolds, TestOnEveryRowOnce) {
  const std::vector<double> y = labels(33, 14);
  const std::vector<Split> folds = stratified_folds(y, 5, 7);
  ASSERT_EQ(folds.size(), 5U);
  std::vector<int> tested(y.size(), 0);
  for (const Split& fold : folds) {
    expect_every_row_once(fold, y.size());
    for (const std::size_t row : fold.test) ++tested[row];
    EXPECT_GE(fold.test.size(), 9U);
    EXPECT_LE(fold.test.size(), 10U);
    EXPECT_GE(ones_in(fold.test, y), 2U);
    EXPECT_LE(ones_in(fold.test, y), 3U);
  }
  EXPECT_EQ(tested, std::vector<int>(y.size(), 1));
}

TEST(StratifiedFolds, DependOnTheSeed) {
  const std::vector<double> y = labels(50, 50);
  EXPECT_EQ(stratified_folds(y, 5, 7)[2].test, stratified_folds(y, 5, 7)[2].test);
  EXPECT_NE(stratified_folds(y, 5, 7)[2].test, stratified_folds(y, 5, 8)[2].test);
}

TEST(StratifiedFolds, AreDrawnFromAllRowsOfAClass) {
  // Without the shuffle the rows of a fold would be five apart.
  const std::vector<double> y = labels(100, 100);
  const Rows test = stratified_folds(y, 5, 7)[0].test;
  bool as_dealt = true;
  for (std::size_t i = 0; i < test.size(); ++i) as_dealt = as_dealt && test[i] == 5 * i;
  EXPECT_FALSE(as_dealt);
}

TEST(StratifiedFolds, RefuseAClassWithFewerRowsThanFolds) {
  EXPECT_EQ(testing::message_of<TooFewRows>([] { stratified_folds(labels(9, 4), 5, 1); }),
            "the class 1 has 4 rows, fewer than the 5 parts");
  EXPECT_NO_THROW(stratified_folds(labels(9, 5), 5, 1));
  EXPECT_THROW(stratified_folds(labels(9, 4), 1, 1), std::invalid_argument);
  const Dataset data = make_dataset(parse_csv("x,y\n1,no\n2,no\n5,no\n7,yes\n", "d.csv"), "y");
  EXPECT_EQ(testing::message_of<DataError>([&] { stratified_folds(data, 3, 1); }),
            "d.csv: column y: the class \"yes\" has 1 row, fewer than the 3 folds\n"
            "Ask for fewer folds or none, or add rows of that class.");
}

}  // namespace
}  // namespace models
