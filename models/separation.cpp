#include "models/separation.h"

#include <ClpSimplex.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>

namespace models {
namespace {

const double infinity = COIN_DBL_MAX;
// Of a margin of standardised rows: what the simplex method may leave, and what is no margin.
constexpr double programme_tolerance = 1e-9;
constexpr double negligible = 1e-7;
// Margins that are added at a time.
constexpr std::size_t added_at_once = 50;

// The margins of all rows: x̃ᵀ(β_k − β_l) for the row's class k and each other class l.
class Margins {
 public:
  explicit Margins(const LabelledRows& rows) : rows_(rows), counted_() {
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (rows.weights.empty() || rows.weights[row] > 0.0) counted_.push_back(row);
    }
  }

  [[nodiscard]] std::size_t count() const { return counted_.size() * (rows_.classes - 1); }
  [[nodiscard]] std::size_t columns() const { return rows_.columns(); }
  [[nodiscard]] std::size_t outputs() const { return rows_.classes - 1; }
  [[nodiscard]] std::size_t size() const { return (columns() + 1) * outputs(); }

  // Calls visit(parameter, factor) for what the margin is a sum of.
  template <class Visit>
  void for_each_term(std::size_t margin, const Visit& visit) const {
    const std::size_t row = counted_[margin / outputs()];
    const auto k = static_cast<std::size_t>(rows_.labels[row]);
    std::size_t l = margin % outputs();
    if (l >= k) ++l;
    for (std::size_t j = 0; j <= columns(); ++j) {
      const double x = j < columns() ? rows_.features[row * columns() + j] : 1.0;
      if (k > 0) visit(j * outputs() + k - 1, x);
      if (l > 0) visit(j * outputs() + l - 1, -x);
    }
  }

  [[nodiscard]] double of(std::size_t margin, std::span<const double> direction) const {
    double sum = 0.0;
    for_each_term(margin, [&](std::size_t k, double x) { sum += x * direction[k]; });
    return sum;
  }

  // The factors of the sum of all margins.
  [[nodiscard]] std::vector<double> sum() const {
    std::vector<double> sum(size(), 0.0);
    for (std::size_t margin = 0; margin < count(); ++margin) {
      for_each_term(margin, [&](std::size_t k, double x) { sum[k] += x; });
    }
    return sum;
  }

 private:
  const LabelledRows& rows_;
  std::vector<std::size_t> counted_;
};

// Margins that mattered to one programme, with which the next begins.
using Active = std::vector<std::size_t>;

// A linear programme over directions, each weight the difference of two variables of at least 0.
class Programme {
 public:
  // All margins are to be at least `least`, all parameters between −bound and bound, and 0 where
  // their column is not used.
  Programme(const Margins& margins, double least, double bound, const std::vector<bool>& used,
            Active& active)
      : margins_(margins), least_(least), active_(active) {
    const std::size_t weights = margins.columns() * margins.outputs();
    clp_.setLogLevel(0);
    clp_.setPrimalTolerance(programme_tolerance);
    clp_.resize(0, static_cast<int>(2 * weights + margins.outputs()));
    for (std::size_t k = 0; k < 2 * weights + margins.outputs(); ++k) {
      const bool intercept = k >= 2 * weights;
      const double largest = intercept || used[k % weights / margins.outputs()] ? bound : 0.0;
      clp_.setColumnBounds(static_cast<int>(k), intercept ? -largest : 0.0, largest);
    }
    for (const std::size_t margin : active) add(margin);
  }

  void maximise(std::span<const double> factors) {
    const auto [indices, elements] = columns_of(factors);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      clp_.setObjectiveCoefficient(indices[i], -elements[i]);
    }
  }
  void minimise_weights() {
    const std::size_t weights = margins_.columns() * margins_.outputs();
    for (std::size_t k = 0; k < 2 * weights; ++k) {
      clp_.setObjectiveCoefficient(static_cast<int>(k), 1.0);
    }
  }
  void require(std::span<const double> factors, double least) {
    const auto [indices, elements] = columns_of(factors);
    clp_.addRow(static_cast<int>(indices.size()), indices.data(), elements.data(), least, infinity);
  }

  // The best direction; nothing where there is none, or none that the simplex method finds.
  std::optional<std::vector<double>> solve() {
    constexpr int most_rounds = 1000;
    for (int round = 0; round < most_rounds; ++round) {
      clp_.dual();
      if (!clp_.isProvenOptimal()) return std::nullopt;
      std::vector<double> direction = current();
      if (!add_violated(direction)) return direction;
    }
    return std::nullopt;
  }

 private:
  struct Row {
    std::vector<int> indices;
    std::vector<double> elements;
  };

  [[nodiscard]] Row columns_of(std::span<const double> factors) const {
    const std::size_t weights = margins_.columns() * margins_.outputs();
    Row row;
    for (std::size_t k = 0; k < factors.size(); ++k) {
      if (factors[k] == 0.0) continue;
      if (k < weights) {
        row.indices.push_back(static_cast<int>(k));
        row.elements.push_back(factors[k]);
      }
      row.indices.push_back(static_cast<int>(weights + k));
      row.elements.push_back(k < weights ? -factors[k] : factors[k]);
    }
    return row;
  }

  [[nodiscard]] std::vector<double> current() const {
    const std::size_t weights = margins_.columns() * margins_.outputs();
    const double* const solution = clp_.getColSolution();
    std::vector<double> direction(margins_.size());
    for (std::size_t k = 0; k < direction.size(); ++k) {
      direction[k] = solution[weights + k];
      if (k < weights) direction[k] = solution[k] - direction[k];
    }
    return direction;
  }

  // Adds the margins that are violated most. Whether there was one.
  bool add_violated(const std::vector<double>& direction) {
    std::vector<std::pair<double, std::size_t>> violated;
    for (std::size_t margin = 0; margin < margins_.count(); ++margin) {
      const double value = margins_.of(margin, direction);
      if (value < least_ - negligible) violated.emplace_back(value, margin);
    }
    const std::size_t added = std::min(violated.size(), added_at_once);
    std::partial_sort(violated.begin(), violated.begin() + static_cast<std::ptrdiff_t>(added),
                      violated.end());
    for (std::size_t i = 0; i < added; ++i) {
      add(violated[i].second);
      active_.push_back(violated[i].second);
    }
    return added > 0;
  }

  void add(std::size_t margin) {
    std::vector<double> factors(margins_.size(), 0.0);
    margins_.for_each_term(margin, [&](std::size_t k, double x) { factors[k] += x; });
    require(factors, least_);
  }

  const Margins& margins_;
  double least_;
  Active& active_;
  ClpSimplex clp_;
};

// Whether the direction keeps every row on its side, and moves one off the boundary.
bool separates(const Margins& margins, const std::vector<double>& direction) {
  double largest = 0.0;
  for (std::size_t margin = 0; margin < margins.count(); ++margin) {
    const double value = margins.of(margin, direction);
    if (value < -negligible) return false;
    largest = std::max(largest, value);
  }
  // What rounding and the tolerance of a thousand constraints come to stays far below.
  constexpr double smallest_margin = 1e-4;
  return largest > smallest_margin;
}

// Looks for directions that use some columns alone.
class Search {
 public:
  explicit Search(const Margins& margins) : margins_(margins), sum_(margins.sum()) {
    // Some from all over the rows: without any Clp has nothing to solve.
    const std::size_t step = std::max<std::size_t>(margins.count() / added_at_once, 1);
    for (std::size_t margin = 0; margin < margins.count(); margin += step)
      active_.push_back(margin);
  }

  // The direction of that kind whose weights are smallest, or that goes furthest in a box.
  std::optional<std::vector<double>> find(SeparationKind kind, const std::vector<bool>& used) {
    if (kind == SeparationKind::complete) {
      Programme programme(margins_, 1.0, infinity, used, active_);
      programme.minimise_weights();
      return programme.solve();
    }
    Programme programme(margins_, 0.0, 1.0, used, active_);
    programme.maximise(sum_);
    auto direction = programme.solve();
    if (direction && !separates(margins_, *direction)) direction.reset();
    return direction;
  }

 private:
  const Margins& margins_;
  std::vector<double> sum_;
  Active active_;
};

// The size of a column's weights.
double size_of(const std::vector<double>& direction, std::size_t column, std::size_t outputs) {
  double largest = 0.0;
  for (std::size_t k = 0; k < outputs; ++k) {
    largest = std::max(largest, std::abs(direction[column * outputs + k]));
  }
  return largest;
}

// Leaves out one column after the other, those of the smallest weights first, as long as the others
// do without it.
Separation with_few_columns(Search& search, const Margins& margins, SeparationKind kind,
                            std::vector<double> direction) {
  std::vector<bool> used(margins.columns(), true);
  std::vector<std::size_t> order(margins.columns());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return size_of(direction, a, margins.outputs()) < size_of(direction, b, margins.outputs());
  });
  for (const std::size_t column : order) {
    used[column] = false;
    if (size_of(direction, column, margins.outputs()) == 0.0) continue;
    if (auto without = search.find(kind, used)) {
      direction = std::move(*without);
    } else {
      used[column] = true;
    }
  }
  Separation separation{kind, {}, std::move(direction)};
  for (std::size_t j = 0; j < used.size(); ++j) {
    if (used[j]) separation.columns.push_back(j);
  }
  return separation;
}

}  // namespace

Separation find_separation(const LabelledRows& rows) {
  require_sound(rows);
  const Margins margins(rows);
  Search search(margins);
  const std::vector<bool> all(margins.columns(), true);
  auto direction = search.find(SeparationKind::quasi_complete, all);
  if (!direction) return {};
  SeparationKind kind = SeparationKind::quasi_complete;
  if (auto complete = search.find(SeparationKind::complete, all)) {
    kind = SeparationKind::complete;
    direction = std::move(complete);
  }
  return with_few_columns(search, margins, kind, std::move(*direction));
}

}  // namespace models
