#include "autograd/verify/guess.h"

#include <algorithm>
#include <cmath>

#include "autograd/readings/formula.h"

namespace autograd {
namespace {

bool close(double a, double b) { return a == b || std::abs(a - b) <= 1e-6 * std::abs(b); }

std::vector<double> numbers(std::span<const ComparedSlope> slopes, double ComparedSlope::*of) {
  std::vector<double> all;
  all.reserve(slopes.size());
  for (const ComparedSlope& slope : slopes) all.push_back(slope.*of);
  return all;
}

// The entries of every matrix of the last two axes in the order of its transpose.
std::vector<double> transposed(const std::vector<double>& entries, const Shape& shape) {
  const auto rows = static_cast<std::size_t>(shape[shape.rank() - 2]);
  const auto columns = static_cast<std::size_t>(shape[shape.rank() - 1]);
  std::vector<double> result(entries.size());
  for (std::size_t from = 0; from < entries.size(); ++from) {
    const std::size_t matrix = from / (rows * columns) * (rows * columns);
    const std::size_t row = (from - matrix) / columns;
    const std::size_t column = (from - matrix) % columns;
    result[matrix + column * rows + row] = entries[from];
  }
  return result;
}

// Right numbers in wrong places, where all entries are there to be looked for.
std::string guess_from_places(std::span<const ComparedSlope> slopes, const Shape& shape) {
  if (static_cast<Index>(slopes.size()) != shape.size()) return "";
  std::vector<double> analytic = numbers(slopes, &ComparedSlope::analytic);
  std::vector<double> numeric = numbers(slopes, &ComparedSlope::numeric);
  const auto is_nan = [](double v) { return std::isnan(v); };
  if (std::any_of(analytic.begin(), analytic.end(), is_nan)) return "";
  const auto all_close = [&] {
    return std::equal(analytic.begin(), analytic.end(), numeric.begin(), close);
  };
  if (shape.rank() >= 2) {
    const std::vector<double> as_it_is = numeric;
    numeric = transposed(as_it_is, shape);
    if (all_close()) return "It is the transpose of what it should be.";
    numeric = as_it_is;
  }
  std::sort(analytic.begin(), analytic.end());
  std::sort(numeric.begin(), numeric.end());
  return all_close() ? "The right numbers are in the wrong places: transposed, or in another order?"
                     : "";
}

// Every failure has the slope that holds across the kink.
bool is_the_other_branch(const std::vector<ComparedSlope>& failed) {
  return std::all_of(failed.begin(), failed.end(),
                     [](const ComparedSlope& slope) {
                       return close(slope.analytic, slope.other_branch);
                     }) &&
         std::any_of(failed.begin(), failed.end(),
                     [](const ComparedSlope& slope) { return slope.analytic != 0.0; });
}

}  // namespace

std::string guess_from_ratio(double ratio, std::span<const Index> counts) {
  if (ratio == 0.0) return "The slope is never propagated there.";
  if (close(ratio, -1.0)) return "The sign is wrong.";
  if (close(ratio, 2.0)) return "It is counted twice, or a square's 2 is there once too often.";
  if (close(ratio, 0.5)) return "Half of it is missing: is a 2 forgotten, or one of two uses?";
  for (const Index count : counts) {
    const auto n = static_cast<double>(count);
    if (count > 1 && close(ratio, n)) {
      return "It is " + std::to_string(count) + " times too large: a sum where a mean belongs?";
    }
    if (count > 1 && close(ratio, 1.0 / n)) {
      return "It is " + std::to_string(count) + " times too small: a mean where a sum belongs?";
    }
  }
  if (close(ratio, 1.0)) return "";
  return "It is " + format_number(ratio, FormulaStyle::ascii) +
         " times what it should be: a constant factor?";
}

std::string guess_mistake(std::span<const ComparedSlope> slopes, const Shape& shape,
                          std::span<const Index> counts) {
  std::vector<ComparedSlope> failed;
  std::copy_if(slopes.begin(), slopes.end(), std::back_inserter(failed),
               [](const ComparedSlope& slope) { return slope.failed; });
  if (failed.empty()) return "";
  const auto is_nan = [](const ComparedSlope& slope) { return std::isnan(slope.analytic); };
  if (std::all_of(failed.begin(), failed.end(), is_nan)) return "The slope is not a number.";
  if (is_the_other_branch(failed)) {
    return "It is the slope of the other branch: is a condition turned round?";
  }
  const double ratio = failed[0].analytic / failed[0].numeric;
  const bool constant = std::all_of(
      failed.begin(), failed.end(),
      [ratio](const ComparedSlope& slope) { return close(slope.analytic / slope.numeric, ratio); });
  return constant && std::isfinite(ratio) ? guess_from_ratio(ratio, counts)
                                          : guess_from_places(slopes, shape);
}

std::vector<Index> possible_counts(std::span<const Shape> shapes) {
  std::vector<Index> counts;
  for (const Shape& shape : shapes) {
    counts.insert(counts.end(), shape.extents().begin(), shape.extents().end());
    counts.push_back(shape.size());
  }
  return counts;
}

}  // namespace autograd
