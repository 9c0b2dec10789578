// How often a program asks for memory on the heap: counted, not assumed.
//
// Rule for callers: what this is linked into has its malloc and relatives replaced by ones that
// count where counting is on and hand everything to the C library; operator new and Eigen's
// temporaries arrive there too. AddressSanitizer brings its own malloc, so that there is nothing to
// count with.
#pragma once

namespace tests {

// Whether this build can count at all.
bool counts_allocations();

// Requests of all threads since the last start_counting(), until stop_counting().
void start_counting();
long stop_counting();

template <class Call>
long allocations_of(Call call) {
  start_counting();
  call();
  return stop_counting();
}

}  // namespace tests
