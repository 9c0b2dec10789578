// Counts how often a test asks for memory on the heap.
//
// Rule for callers: included by one source file of a test program, no more. malloc and its
// relatives are replaced for the whole program by ones that count where counting is on and hand
// everything to the C library; operator new and Eigen's temporaries arrive there too.
// AddressSanitizer brings its own malloc, so that there is nothing to count with.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <functional>

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define TAPEWISE_COUNTS_ALLOCATIONS 0
#else
#define TAPEWISE_COUNTS_ALLOCATIONS 1
#endif

namespace tests {

inline bool counting = false;
inline long allocations = 0;

inline void count() {
  if (counting) ++allocations;
}

}  // namespace tests

#if TAPEWISE_COUNTS_ALLOCATIONS

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
  tests::count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  tests::count();
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  tests::count();
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  tests::count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  tests::count();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  tests::count();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#endif

namespace tests {

inline void start_counting() {
  allocations = 0;
  counting = true;
}

// How often memory on the heap was asked for since start_counting().
inline long stop_counting() {
  counting = false;
  return allocations;
}

// How often `call` asks for it.
template <class Call>
long allocations_of(Call call) {
  start_counting();
  call();
  return stop_counting();
}

class Allocations : public ::testing::Test {
 protected:
  void SetUp() override {
    if (TAPEWISE_COUNTS_ALLOCATIONS == 0) {
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
