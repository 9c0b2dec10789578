#include "autograd/row_sum.h"

#include <omp.h>

#include <algorithm>
#include <exception>

namespace autograd {
namespace {

// Bytes of a block's tables. With what a block's operations need beside them they stay in the
// second-level cache (512 KiB to 2 MiB a core on the machines of our day).
constexpr Index block_bytes = Index{256} * 1024;
constexpr Index fewest_rows = 64;
constexpr Index most_rows = 4096;
// Enough for the threads of any machine to share the work evenly, few enough to add up quickly.
constexpr Index most_chunks = 64;
// Elements of all tables from which a second thread is worth waking.
constexpr Index elements_for_threads = Index{1} << 16;

Index row_length(const View& table) { return table.shape.size() / table.shape[0]; }

Index elements_per_row(const std::vector<View>& tables) {
  Index total = 0;
  for (const View& table : tables) total += row_length(table);
  return total;
}

Index default_block_rows(const std::vector<View>& tables) {
  const Index rows = block_bytes / (elements_per_row(tables) * Index{sizeof(double)});
  return std::clamp(rows / 8 * 8, fewest_rows, most_rows);
}

Index common_rows(const std::vector<View>& tables) {
  if (tables.empty()) throw ShapeError("a sum over rows needs a table of rows");
  for (const View& table : tables) {
    if (table.shape.rank() == 0) throw ShapeError("a scalar has no rows to sum over");
    if (table.shape[0] != tables[0].shape[0]) {
      throw ShapeError("tables of " + std::to_string(tables[0].shape[0]) + " and " +
                       std::to_string(table.shape[0]) + " rows cannot be summed over together");
    }
  }
  return tables[0].shape[0];
}

View rows_of(const View& table, Index first, Index rows) {
  const Index length = row_length(table);
  return View({table.data + first * length, static_cast<std::size_t>(rows * length)},
              table.shape.with_extent(0, rows));
}

}  // namespace

RowSum::RowSum(std::vector<View> tables, std::vector<View> parameters, const Record& record,
               Options options)
    : tables_(std::move(tables)),
      parameters_(std::move(parameters)),
      rows_(common_rows(tables_)),
      block_rows_(std::min(
          rows_, options.block_rows > 0 ? options.block_rows : default_block_rows(tables_))),
      blocks_((rows_ + block_rows_ - 1) / block_rows_),
      chunks_(std::min(blocks_, most_chunks)) {
  for (const View& table : tables_) row_lengths_.push_back(row_length(table));
  const bool large = rows_ * elements_per_row(tables_) >= elements_for_threads;
  const int offered = options.threads > 0 ? options.threads : large ? omp_get_max_threads() : 1;
  threads_ = static_cast<int>(std::min<Index>(offered, chunks_));

  const Program block = record_rows(record, block_rows_);
  const Index left_over = rows_ % block_rows_;
  const auto rest =
      left_over == 0 ? nullptr : std::make_unique<Program>(record_rows(record, left_over));
  workers_.reserve(static_cast<std::size_t>(threads_));
  for (int t = 0; t < threads_; ++t) {
    workers_.push_back({block, rest == nullptr ? nullptr : std::make_unique<Program>(*rest)});
    // What a program needs beside its values grows when it first runs; which worker meets the rest,
    // and in which epoch, is left to chance later.
    workers_.back().block.evaluate();
    if (rest != nullptr) workers_.back().rest->evaluate();
  }
  std::size_t parameter_count = 0;
  for (const View& parameter : parameters_) {
    parameter_count += static_cast<std::size_t>(parameter.shape.size());
  }
  gradient_.resize(parameter_count);
  partial_losses_.resize(static_cast<std::size_t>(chunks_));
  partial_gradients_.resize(static_cast<std::size_t>(chunks_) * parameter_count);
}

Program RowSum::record_rows(const Record& record, Index rows) const {
  Tape tape;
  std::vector<Tensor> inputs;
  for (const View& table : tables_) inputs.push_back(tape.constant(rows_of(table, 0, rows)));
  for (const View& parameter : parameters_) inputs.push_back(tape.variable(parameter));
  const std::span<const Tensor> all(inputs);
  const Tensor sum = record(all.first(tables_.size()), all.subspan(tables_.size()));
  Program program(sum, all);
  for (std::size_t t = 0; t < tables_.size(); ++t) program.stream(t);
  return program;
}

double RowSum::evaluate() { return run(true); }
void RowSum::differentiate() { run(false); }

double RowSum::run(bool with_loss) {
  if (threads_ == 1) {
    for (Index chunk = 0; chunk < chunks_; ++chunk) run_chunk(workers_[0], chunk, with_loss);
  } else {
    // An exception must not leave the parallel region; the first one is carried out of it.
    std::exception_ptr failure;
#pragma omp parallel num_threads(threads_)
    {
      Worker& worker = workers_[static_cast<std::size_t>(omp_get_thread_num())];
#pragma omp for schedule(dynamic)
      for (Index chunk = 0; chunk < chunks_; ++chunk) {
        try {
          run_chunk(worker, chunk, with_loss);
        } catch (...) {
#pragma omp critical
          if (!failure) failure = std::current_exception();
        }
      }
    }
    if (failure) std::rethrow_exception(failure);
  }
  const std::size_t count = gradient_.size();
  std::copy_n(partial_gradients_.begin(), count, gradient_.begin());
  double loss = partial_losses_[0];
  for (std::size_t chunk = 1; chunk < partial_losses_.size(); ++chunk) {
    loss += partial_losses_[chunk];
    const double* partial = partial_gradients_.data() + chunk * count;
    for (std::size_t k = 0; k < count; ++k) gradient_[k] += partial[k];
  }
  return loss;
}

// Blocks chunk·blocks/chunks up to the next chunk's, into the chunk's partial sums.
void RowSum::run_chunk(Worker& worker, Index chunk, bool with_loss) {
  const Index first = chunk * blocks_ / chunks_;
  const Index last = (chunk + 1) * blocks_ / chunks_;
  const auto c = static_cast<std::size_t>(chunk);
  double* gradient = partial_gradients_.data() + c * gradient_.size();
  std::fill_n(gradient, gradient_.size(), 0.0);
  partial_losses_[c] = 0.0;
  for (Index block = first; block < last; ++block) {
    partial_losses_[c] += run_block(worker, block, with_loss);
    const bool whole = (block + 1) * block_rows_ <= rows_;
    const Program& program = whole ? worker.block : *worker.rest;
    double* to = gradient;
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
      const auto adjoint = program.adjoint(tables_.size() + p);
      for (std::size_t k = 0; k < adjoint.size(); ++k) to[k] += adjoint[k];
      to += parameters_[p].shape.size();
    }
  }
}

double RowSum::run_block(Worker& worker, Index block, bool with_loss) {
  const Index first = block * block_rows_;
  const Index rows = std::min(block_rows_, rows_ - first);
  Program& program = rows == block_rows_ ? worker.block : *worker.rest;
  bind_rows(program, first);
  if (with_loss) return program.evaluate();
  program.differentiate();
  return 0.0;
}

void RowSum::bind_rows(Program& program, Index first) const {
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    program.bind(t, tables_[t].data + first * row_lengths_[t]);
  }
}

}  // namespace autograd
