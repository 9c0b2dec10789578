// For long tests of judgement, which find nothing about memory that a shorter one does not.
#pragma once

#include <gtest/gtest.h>

#ifdef __SANITIZE_ADDRESS__
#define SKIP_IF_SANITIZED(shorter_test) \
  GTEST_SKIP() << "under the sanitizers " shorter_test " runs the same code"
#else
#define SKIP_IF_SANITIZED(shorter_test) static_cast<void>(0)
#endif
