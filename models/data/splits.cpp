#include "models/data/splits.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "autograd/random.h"
#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

// The rows of each class in an order drawn at random. Throws where a class has too few of them.
std::vector<std::vector<std::size_t>> shuffled_classes(std::span<const double> labels,
                                                       std::size_t needed, std::uint64_t seed) {
  std::map<double, std::vector<std::size_t>> rows_of;
  for (std::size_t row = 0; row < labels.size(); ++row) rows_of[labels[row]].push_back(row);
  autograd::Random random(seed);
  std::vector<std::vector<std::size_t>> classes;
  for (auto& [label, rows] : rows_of) {
    if (rows.size() < needed) throw TooFewRows(label, rows.size(), needed);
    random.shuffle(std::span(rows));
    classes.push_back(std::move(rows));
  }
  return classes;
}

// Rows whose part is `test` for the test, all others to train on.
Split split_by(std::span<const std::size_t> part_of, std::size_t test) {
  Split split;
  for (std::size_t row = 0; row < part_of.size(); ++row) {
    (part_of[row] == test ? split.test : split.train).push_back(row);
  }
  return split;
}

// Calls for a split, and turns a class that has too few rows into a fault of the file.
template <class Call>
auto named_in(const Dataset& data, const std::string& parts, std::string_view hint,
              const Call& call) {
  try {
    return call();
  } catch (const TooFewRows& few) {
    const std::string& name = data.classes[static_cast<std::size_t>(few.label())];
    throw DataError(data.features.file,
                    {0, 0,
                     "column " + printable(data.target) + ": the class " + in_quotes(name) +
                         " has " + std::to_string(few.rows()) +
                         (few.rows() == 1 ? " row" : " rows") + ", fewer than " + parts},
                    hint);
  }
}

}  // namespace

TooFewRows::TooFewRows(double label, std::size_t rows, std::size_t needed)
    : std::invalid_argument("the class " + shortest(label) + " has " + std::to_string(rows) +
                            (rows == 1 ? " row" : " rows") + ", fewer than the " +
                            std::to_string(needed) + " parts"),
      label_(label),
      rows_(rows),
      needed_(needed) {}

Split stratified_split(std::span<const double> labels, double test_share, std::uint64_t seed) {
  if (!(test_share > 0.0 && test_share < 1.0)) {
    throw std::invalid_argument("stratified_split: the share " + shortest(test_share) +
                                " is not between 0 and 1");
  }
  std::vector<std::size_t> part_of(labels.size(), 0);
  for (const std::vector<std::size_t>& rows : shuffled_classes(labels, 2, seed)) {
    const auto share = std::llround(test_share * static_cast<double>(rows.size()));
    const std::size_t tested =
        std::clamp(static_cast<std::size_t>(share), std::size_t{1}, rows.size() - 1);
    for (std::size_t i = 0; i < tested; ++i) part_of[rows[i]] = 1;
  }
  return split_by(part_of, 1);
}

std::vector<Split> stratified_folds(std::span<const double> labels, std::size_t count,
                                    std::uint64_t seed) {
  if (count < 2) throw std::invalid_argument("stratified_folds: two folds are the least");
  std::vector<std::size_t> part_of(labels.size(), 0);
  std::size_t next = 0;
  for (const std::vector<std::size_t>& rows : shuffled_classes(labels, count, seed)) {
    // The next class goes on where this one ended, which keeps the folds of one size.
    for (const std::size_t row : rows) part_of[row] = next++ % count;
  }
  std::vector<Split> folds;
  for (std::size_t fold = 0; fold < count; ++fold) folds.push_back(split_by(part_of, fold));
  return folds;
}

Split stratified_split(const Dataset& data, double test_share, std::uint64_t seed) {
  return named_in(data, "the 2 parts, one of them kept aside",
                  "Keep none aside, or add rows of that class.",
                  [&] { return stratified_split(data.labels, test_share, seed); });
}

std::vector<Split> stratified_folds(const Dataset& data, std::size_t count, std::uint64_t seed) {
  return named_in(data, "the " + std::to_string(count) + " folds",
                  "Ask for fewer folds or none, or add rows of that class.",
                  [&] { return stratified_folds(data.labels, count, seed); });
}

std::vector<Split> stratified_folds_within(const Dataset& data, std::span<const std::size_t> rows,
                                           std::size_t count, std::uint64_t seed) {
  std::vector<double> labels;
  for (const std::size_t row : rows) labels.push_back(data.labels[row]);
  return named_in(data,
                  "the " + std::to_string(count) + " folds of these " +
                      std::to_string(rows.size()) + " rows of a fold, which choose its threshold",
                  "Ask for fewer folds, or give the threshold as a number.",
                  [&] { return stratified_folds(labels, count, seed); });
}

}  // namespace models
