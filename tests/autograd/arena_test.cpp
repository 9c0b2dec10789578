#include "autograd/arena.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace autograd::testing {
namespace {

bool is_aligned(const double* data) { return reinterpret_cast<std::uintptr_t>(data) % 64 == 0; }

TEST(Arena, AlignsWhatFillsACacheLineAndKeepsScalarsDense) {
  Arena<double> arena;
  const double* a = arena.allocate(1);
  const double* b = arena.allocate(1);
  EXPECT_EQ(b, a + 1);
  for (const std::size_t count : {8U, 9U, 100U, 5000U, 8U}) {
    EXPECT_TRUE(is_aligned(arena.allocate(count))) << count;
    arena.allocate(3);
  }
}

TEST(Arena, WhatWasHandedOutStaysWhereItIsWhenMoreIsNeeded) {
  Arena<double> arena;
  double* first = arena.allocate(10);
  first[9] = 42.0;
  for (int i = 0; i < 20; ++i) arena.allocate(4000)[0] = 1.0;
  EXPECT_EQ(first[9], 42.0);
}

TEST(Arena, HandsTheSameMemoryOutAgainAfterARewind) {
  Arena<double> arena;
  arena.allocate(100);
  const auto mark = arena.mark();
  const double* small = arena.allocate(50);
  const double* large = arena.allocate(100000);
  const std::size_t capacity = arena.capacity();
  for (int step = 0; step < 3; ++step) {
    arena.rewind(mark);
    EXPECT_EQ(arena.allocate(50), small);
    EXPECT_EQ(arena.allocate(100000), large);
    EXPECT_EQ(arena.capacity(), capacity);
  }
}

// Steps of different shapes in turn, as training and evaluation are, must come to rest.
TEST(Arena, CapacityStopsGrowingWhenSizesAlternate) {
  Arena<double> arena;
  const auto step = [&](std::initializer_list<std::size_t> sizes) {
    arena.clear();
    for (const std::size_t size : sizes) arena.allocate(size);
  };
  const auto round = [&] {
    step({5000, 200, 30000});
    step({30000, 100000, 10});
    step({10, 6000, 6000, 6000, 6000});
  };
  round();
  round();
  round();
  const std::size_t capacity = arena.capacity();
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(arena.capacity(), capacity);
  EXPECT_LT(capacity, 32U * 130010U);
}

}  // namespace
}  // namespace autograd::testing
