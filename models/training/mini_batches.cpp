#include "models/training/mini_batches.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace models {

MiniBatches::MiniBatches(std::size_t rows, std::size_t batch_size, std::uint64_t seed)
    : batch_size_(batch_size), random_(seed), order_(rows) {
  if (batch_size < 1 || batch_size > rows) {
    throw std::invalid_argument("a batch must have between 1 and all " + std::to_string(rows) +
                                " rows, not " + std::to_string(batch_size));
  }
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

std::size_t MiniBatches::count() const { return (order_.size() + batch_size_ - 1) / batch_size_; }

std::size_t MiniBatches::smallest() const {
  const std::size_t left_over = order_.size() % batch_size_;
  return left_over == 0 ? batch_size_ : left_over;
}

std::span<const std::size_t> MiniBatches::operator[](std::size_t batch) const {
  const std::size_t first = batch * batch_size_;
  return std::span(order_).subspan(first, std::min(batch_size_, order_.size() - first));
}

}  // namespace models
