// The rows of a data set in small batches, every row once in an epoch, in an order that is shuffled
// anew for each.
//
// Rule for callers: the orders depend on the number of rows and the seed alone; batches are views
// that shuffle() overwrites.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "autograd/random.h"
#include "models/training/state.h"

namespace models {

class MiniBatches {
 public:
  // Throws std::invalid_argument unless 1 <= batch_size <= rows.
  MiniBatches(std::size_t rows, std::size_t batch_size, std::uint64_t seed);

  // Begins an epoch: shuffles the order of the last one. Before the first, rows are as they come.
  void shuffle() { random_.shuffle(std::span(order_)); }

  [[nodiscard]] std::size_t batch_size() const { return batch_size_; }
  // Batches of an epoch. The last is smaller where the size does not divide the rows.
  [[nodiscard]] std::size_t count() const;
  // Rows of the smallest batch of an epoch.
  [[nodiscard]] std::size_t smallest() const;
  // The rows of a batch of this epoch, counted from 0.
  [[nodiscard]] std::span<const std::size_t> operator[](std::size_t batch) const;

  // Between two epochs.
  void visit(StateVisitor& state) {
    state.generator("generator", random_);
    state.order("order", order_);
  }

 private:
  std::size_t batch_size_;
  autograd::Random random_;
  std::vector<std::size_t> order_;
};

}  // namespace models
