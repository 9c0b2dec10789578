// The mean of a loss over rows, and its gradient, on all rows or on a batch of them: what models
// train through. The sums are autograd::RowSum's, and with them the blocks, the threads and the
// order of additions.
//
// Rule for callers: tables and parameters are read in place at every evaluation and must outlive
// this object; what is recorded must be a sum over its rows, each looked at alone.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "autograd/row_sum.h"
#include "models/aligned_numbers.h"

namespace models {

class RowMean {
 public:
  // Records Σ loss over some rows of the tables; returns a scalar.
  using Record = autograd::RowSum::Record;

  // `tables` have one first extent in common, the number of rows. `threads`: 0 for as many as the
  // data deserve. Throws autograd::ShapeError where tables differ in rows, and what recording
  // throws.
  RowMean(std::vector<autograd::View> tables, std::vector<autograd::View> parameters, Record record,
          int threads = 0);
  RowMean(const RowMean&) = delete;
  RowMean& operator=(const RowMean&) = delete;
  ~RowMean() = default;

  // The mean over all rows; fills gradient().
  double evaluate();
  // Fills gradient() alone.
  void differentiate();
  // Fills gradient() with that of the mean over these rows, counted from 0. They are copied into
  // memory that is kept: only the first batch of each size allocates. Throws std::invalid_argument
  // for a batch without rows or with one there is not.
  void differentiate_batch(std::span<const std::size_t> rows);
  // ∂mean/∂parameters of the last evaluation: all parameters one after the other, row-major.
  [[nodiscard]] std::span<const double> gradient() const { return gradient_; }

  // Records all rows once more on a tape that looks for the operation to blame. Throws
  // autograd::NonFiniteError, naming it, where there is one.
  void blame() const;

 private:
  // Copies of some rows, and the mean over them.
  struct Batch {
    Batch(const RowMean& whole, std::span<const std::size_t> rows);

    std::vector<AlignedNumbers> copies;  // one for each table
    autograd::RowSum mean;
  };

  [[nodiscard]] autograd::RowSum mean_over(const std::vector<autograd::View>& tables) const;
  [[nodiscard]] autograd::Tensor share_of(const std::vector<autograd::View>& tables,
                                          std::span<const autograd::Tensor> rows,
                                          std::span<const autograd::Tensor> parameters) const;

  std::vector<autograd::View> tables_;
  std::vector<autograd::View> parameters_;
  Record record_;
  int threads_;
  autograd::RowSum mean_;
  std::map<std::size_t, Batch> batches_;  // by their number of rows
  std::span<const double> gradient_;      // of the mean that was evaluated last
};

}  // namespace models
