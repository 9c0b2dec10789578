// What takes long under the sanitizers, and finds nothing about memory that less of it does not.
#pragma once

#include <gtest/gtest.h>

// GCC says it in one way, Clang in another.
#ifdef __SANITIZE_ADDRESS__
#define TAPEWISE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TAPEWISE_SANITIZED
#endif
#endif

namespace tests {

#ifdef TAPEWISE_SANITIZED
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace tests

#define SKIP_IF_SANITIZED(shorter_test) \
  if constexpr (::tests::is_sanitized)  \
  GTEST_SKIP() << "under the sanitizers " shorter_test " runs the same code"
