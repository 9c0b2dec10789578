// Rows in a part to train on and a part to test on, each with its share of every class.
//
// Rule for callers: the same labels, count and seed give the same rows, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "models/data/dataset.h"

namespace models {

// Row indices from 0, each list in ascending order; every row is in one of the two.
struct Split {
  std::vector<std::size_t> train;
  std::vector<std::size_t> test;
};

// A class has not a row for every part.
class TooFewRows : public std::invalid_argument {
 public:
  TooFewRows(double label, std::size_t rows, std::size_t needed);

  double label() const noexcept { return label_; }
  std::size_t rows() const noexcept { return rows_; }
  std::size_t needed() const noexcept { return needed_; }

 private:
  double label_;
  std::size_t rows_;
  std::size_t needed_;
};

// Draws a share of each class, to the nearest row, for the test; at least one row of each class is
// on either side. Equal labels are a class.
//
// Throws std::invalid_argument where the share is not between 0 and 1, and TooFewRows where a class
// has a single row.
Split stratified_split(std::span<const double> labels, double test_share, std::uint64_t seed);

// Deals the rows of each class out to `count` folds in an order drawn at random: the folds have the
// same number of rows of a class, and of all rows, to within one. Fold k tests on its own rows and
// trains on those of the others.
//
// Throws std::invalid_argument for less than two folds, and TooFewRows where a class has fewer rows
// than there are folds.
std::vector<Split> stratified_folds(std::span<const double> labels, std::size_t count,
                                    std::uint64_t seed);

// The same for a file. Throw DataError naming the class that has too few rows.
Split stratified_split(const Dataset& data, double test_share, std::uint64_t seed);
std::vector<Split> stratified_folds(const Dataset& data, std::size_t count, std::uint64_t seed);
// Folds of some of the file's rows, those that a fold trains on, to choose a threshold by; what is
// returned are positions in `rows`. Throws as the others do.
std::vector<Split> stratified_folds_within(const Dataset& data, std::span<const std::size_t> rows,
                                           std::size_t count, std::uint64_t seed);

}  // namespace models
