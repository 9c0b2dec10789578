// The rows of an epoch in batches.
#include "models/training/mini_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tests/models/data/support.h"

namespace models {
namespace {

using RowNumbers = std::vector<std::size_t>;

// The rows of an epoch, batch after batch.
RowNumbers order_of(const MiniBatches& batches) {
  RowNumbers order;
  for (std::size_t k = 0; k < batches.count(); ++k) {
    order.insert(order.end(), batches[k].begin(), batches[k].end());
  }
  return order;
}

std::vector<std::size_t> sizes_of(const MiniBatches& batches) {
  std::vector<std::size_t> sizes;
  for (std::size_t k = 0; k < batches.count(); ++k) sizes.push_back(batches[k].size());
  return sizes;
}

TEST(MiniBatches, HoldEveryRowOnceInEachEpoch) {
  for (std::size_t size = 1; size <= 13; ++size) {
    MiniBatches batches(13, size, 7);
    for (int epoch = 0; epoch < 5; ++epoch) {
      batches.shuffle();
      RowNumbers order = order_of(batches);
      std::sort(order.begin(), order.end());
      EXPECT_EQ(order, (RowNumbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})) << size;
    }
  }
}

TEST(MiniBatches, AreOfTheirSizeButForASmallerLastOne) {
  EXPECT_EQ(sizes_of(MiniBatches(10, 4, 0)), (RowNumbers{4, 4, 2}));
  EXPECT_EQ(sizes_of(MiniBatches(12, 4, 0)), (RowNumbers{4, 4, 4}));
  EXPECT_EQ(sizes_of(MiniBatches(3, 1, 0)), (RowNumbers{1, 1, 1}));
  EXPECT_EQ(sizes_of(MiniBatches(3, 3, 0)), (RowNumbers{3}));
  EXPECT_EQ(sizes_of(MiniBatches(3, 2, 0)), (RowNumbers{2, 1}));
  EXPECT_EQ(MiniBatches(10, 4, 0).smallest(), 2U);
  EXPECT_EQ(MiniBatches(12, 4, 0).smallest(), 4U);
}

TEST(MiniBatches, HaveTheOrdersOfTheSeed) {
  // Made outside our code: see tests/autograd/random_test.cpp.
  MiniBatches batches(10, 3, 1);
  batches.shuffle();
  EXPECT_EQ(order_of(batches), (RowNumbers{4, 1, 5, 6, 7, 8, 0, 3, 9, 2}));
  batches.shuffle();
  EXPECT_EQ(order_of(batches), (RowNumbers{5, 4, 8, 7, 3, 6, 2, 0, 9, 1}));
}

TEST(MiniBatches, HaveAnotherOrderInEachEpochAndForEachSeed) {
  MiniBatches one(100, 10, 1);
  MiniBatches two(100, 10, 2);
  one.shuffle();
  two.shuffle();
  const RowNumbers first = order_of(one);
  EXPECT_NE(first, order_of(two));
  one.shuffle();
  EXPECT_NE(first, order_of(one));
}

TEST(MiniBatches, HaveOrdersThatDoNotDependOnTheirSize) {
  MiniBatches small(100, 7, 1);
  MiniBatches large(100, 60, 1);
  for (int epoch = 0; epoch < 3; ++epoch) {
    small.shuffle();
    large.shuffle();
    EXPECT_EQ(order_of(small), order_of(large));
  }
}

TEST(MiniBatches, OfNoRowOrMoreThanThereAreAreRefused) {
  const auto fault = [](std::size_t rows, std::size_t size) {
    return testing::message_of<std::invalid_argument>([&] { MiniBatches(rows, size, 0); });
  };
  EXPECT_EQ(fault(20, 0), "a batch must have between 1 and all 20 rows, not 0");
  EXPECT_EQ(fault(20, 21), "a batch must have between 1 and all 20 rows, not 21");
  EXPECT_EQ(fault(0, 1), "a batch must have between 1 and all 0 rows, not 1");
}

}  // namespace
}  // namespace models
