// EXPECT_GRADIENTS_OK(f, {{"w", {1, 2}}, {"b", 0.5}}): a GoogleTest expectation whose failure text
// is the report of check_gradients(). The only header of the engine that needs GoogleTest; include
// it in tests alone.
#pragma once

#include <gtest/gtest.h>

#include "autograd/verify/gradient_check.h"

namespace autograd {

inline ::testing::AssertionResult gradients_ok(const TensorFunction& f,
                                               std::initializer_list<CheckedInput> inputs,
                                               const CheckOptions& options = {}) {
  const GradientReport report = check_gradients(f, inputs, options);
  if (report.passed()) return ::testing::AssertionSuccess() << report.text();
  return ::testing::AssertionFailure() << report.failure << "\n" << report.text();
}

}  // namespace autograd

// Variadic, since the commas of braces would split the inputs. Options may come last.
#define EXPECT_GRADIENTS_OK(...) EXPECT_TRUE(::autograd::gradients_ok(__VA_ARGS__))
#define ASSERT_GRADIENTS_OK(...) ASSERT_TRUE(::autograd::gradients_ok(__VA_ARGS__))
