// A loss that is a sum over rows, and its gradient: recorded on one block of rows, replayed over
// all blocks by all cores. Data is read from memory once, not once per operation.
//
// Rule for callers: the recorded function must be a sum over its rows of terms that each look at
// one row and the parameters; nothing can check that. Partial sums are added in an order that
// depends on the number of rows and columns alone, so that the result has the same bits for any
// number of threads.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "autograd/program.h"

namespace autograd {

class RowSum {
 public:
  // Records Σ over some rows: `rows` are constants [block × …], one for each table, `parameters`
  // variables. Returns a scalar. Called once for the block and once for the rows left over.
  using Record =
      std::function<Tensor(std::span<const Tensor> rows, std::span<const Tensor> parameters)>;

  struct Options {
    Index block_rows = 0;  // 0: as many as stay in the second-level cache
    int threads = 0;       // 0: as many as OpenMP offers; small data uses one
  };

  // Tables have one first extent in common, the number of rows. Tables and parameters are read in
  // place at every evaluation and must outlive this object. Throws ShapeError where tables differ
  // in rows, and what recording throws.
  RowSum(std::vector<View> tables, std::vector<View> parameters, const Record& record,
         Options options);
  RowSum(std::vector<View> tables, std::vector<View> parameters, const Record& record)
      : RowSum(std::move(tables), std::move(parameters), record, Options{}) {}

  // The sum over all rows; fills gradient().
  double evaluate();
  // Fills gradient() alone: without the loss, where no pullback looks at it.
  void differentiate();
  // ∂sum/∂parameters of the last evaluation: all parameters one after the other, row-major.
  [[nodiscard]] std::span<const double> gradient() const { return gradient_; }

 private:
  // Programs and room for partial results of one thread.
  struct Worker {
    Program block;
    std::unique_ptr<Program> rest;  // for the last, shorter block
  };

  [[nodiscard]] Program record_rows(const Record& record, Index rows) const;
  double run(bool with_loss);
  void run_chunk(Worker& worker, Index chunk, bool with_loss);
  double run_block(Worker& worker, Index block, bool with_loss);
  void bind_rows(Program& program, Index first) const;

  std::vector<View> tables_;
  std::vector<View> parameters_;
  std::vector<Index> row_lengths_;  // of the tables, in elements
  Index rows_ = 0;
  Index block_rows_ = 0;
  Index blocks_ = 0;
  Index chunks_ = 0;  // runs of blocks that are summed up one after the other by one thread
  int threads_ = 1;
  std::vector<Worker> workers_;
  std::vector<double> partial_gradients_;  // chunks × parameters
  std::vector<double> partial_losses_;     // chunks
  std::vector<double> gradient_;
};

}  // namespace autograd
