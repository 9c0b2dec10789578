#include "models/training/row_mean.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "autograd/operations.h"

namespace models {
namespace {

using autograd::Index;
using autograd::RowSum;
using autograd::Tensor;
using autograd::View;

using Tensors = std::span<const Tensor>;

std::size_t row_length(const View& table) {
  return static_cast<std::size_t>(table.shape.size() / table.shape[0]);
}

void require_rows(std::span<const std::size_t> rows, const View& table) {
  if (rows.empty()) throw std::invalid_argument("a batch needs at least one row");
  const std::size_t last = *std::max_element(rows.begin(), rows.end());
  if (last >= static_cast<std::size_t>(table.shape[0])) {
    throw std::invalid_argument("a batch cannot have row " + std::to_string(last + 1) + " of " +
                                std::to_string(table.shape[0]));
  }
}

// Copies the rows of each table into the memory of a batch.
void gather(std::span<const View> tables, std::span<const std::size_t> rows,
            std::vector<AlignedNumbers>& copies) {
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const std::size_t length = row_length(tables[t]);
    double* to = copies[t].data();
    for (const std::size_t row : rows) to = std::copy_n(tables[t].data + row * length, length, to);
  }
}

std::vector<AlignedNumbers> copies_of(std::span<const View> tables,
                                      std::span<const std::size_t> rows) {
  std::vector<AlignedNumbers> copies;
  for (const View& table : tables) copies.emplace_back(rows.size() * row_length(table));
  gather(tables, rows, copies);
  return copies;
}

// Copies of so many rows, shaped as their tables are.
std::vector<View> views_of(const std::vector<AlignedNumbers>& copies, std::span<const View> tables,
                           std::size_t rows) {
  std::vector<View> views;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    views.emplace_back(std::span<const double>(copies[t]),
                       tables[t].shape.with_extent(0, static_cast<Index>(rows)));
  }
  return views;
}

}  // namespace

RowMean::RowMean(std::vector<View> tables, std::vector<View> parameters, Record record, int threads)
    : tables_(std::move(tables)),
      parameters_(std::move(parameters)),
      record_(std::move(record)),
      threads_(threads),
      mean_(mean_over(tables_)),
      gradient_(mean_.gradient()) {}

RowSum RowMean::mean_over(const std::vector<View>& tables) const {
  return RowSum(
      tables, parameters_,
      [&](Tensors rows, Tensors parameters) { return share_of(tables, rows, parameters); },
      {0, threads_});
}

// Σ loss / m: what some rows add to the mean over the m rows of the tables.
Tensor RowMean::share_of(const std::vector<View>& tables, Tensors rows, Tensors parameters) const {
  return named(record_(rows, parameters) / static_cast<double>(tables[0].shape[0]), "L");
}

double RowMean::evaluate() {
  gradient_ = mean_.gradient();
  return mean_.evaluate();
}

void RowMean::differentiate() {
  gradient_ = mean_.gradient();
  mean_.differentiate();
}

void RowMean::differentiate_batch(std::span<const std::size_t> rows) {
  require_rows(rows, tables_[0]);
  const auto [found, is_new] = batches_.try_emplace(rows.size(), *this, rows);
  Batch& batch = found->second;
  if (!is_new) gather(tables_, rows, batch.copies);
  gradient_ = batch.mean.gradient();
  batch.mean.differentiate();
}

RowMean::Batch::Batch(const RowMean& whole, std::span<const std::size_t> rows)
    : copies(copies_of(whole.tables_, rows)),
      mean(whole.mean_over(views_of(copies, whole.tables_, rows.size()))) {}

void RowMean::blame() const {
  autograd::Tape tape;
  std::vector<Tensor> rows;
  std::vector<Tensor> parameters;
  for (const View& table : tables_) rows.push_back(tape.constant(table));
  for (const View& parameter : parameters_) parameters.push_back(tape.variable(parameter));
  tape.detect_anomalies(true);  // After the leaves: an operation is to blame, not a weight.
  tape.backward(share_of(tables_, rows, parameters));
}

}  // namespace models
