// Work on blocks of rows, shared by all cores.
//
// Rule for callers: blocks are the same for any number of threads; what a call writes belongs to
// its rows alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>

namespace models {

// Calls f(first, count) for blocks of `block` rows, the last one shorter. Of exceptions, that of
// the first block is thrown, when all calls have ended.
template <class Function>
void for_each_block(std::size_t rows, std::size_t block, const Function& f) {
  const std::size_t blocks = (rows + block - 1) / block;
  std::exception_ptr failure;
  std::size_t failed = blocks;
#pragma omp parallel for schedule(dynamic) if (blocks > 1)
  for (std::size_t b = 0; b < blocks; ++b) {
    try {
      f(b * block, std::min(block, rows - b * block));
    } catch (...) {
#pragma omp critical(models_for_each_block)
      if (b < failed) {
        failed = b;
        failure = std::current_exception();
      }
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace models
