// The fixture of tests that count requests for memory (allocation_count.h).
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "tests/allocation_count.h"

namespace tests {

class Allocations : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!counts_allocations()) {
      GTEST_SKIP() << "the sanitizer's malloc (or a C library other than glibc) is in the place "
                      "where allocations would be counted";
    }
  }

  // Runs `step` once, and then says how often the second to the tenth allocate.
  static long after_the_first(const std::function<void()>& step) {
    step();
    return allocations_of([&] {
      for (int i = 0; i < 9; ++i) step();
    });
  }
};

}  // namespace tests
