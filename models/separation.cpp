#include "models/separation.h"

#include <ClpSimplex.hpp>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

namespace models {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// What counts as a margin, for directions with entries of at most 1.
constexpr double smallest_margin = 1e-7;
// What a margin may fall short by, of the largest one.
constexpr double shortfall = 1e-7;
// A column has a part in a direction from this share of its largest entry on.
constexpr double negligible = 1e-6;
// Beyond this many columns, all that the sparse direction needs are told.
constexpr std::size_t most_left_out = 50;

// The margins x̃ᵀ(β_k − β_l) of all rows, each row divided by its largest entry. Directions are laid
// out as in Separation.
class Margins {
 public:
  explicit Margins(const LabelledRows& rows)
      : X_(rows.features.data(), static_cast<Index>(rows.rows()),
           static_cast<Index>(rows.columns())),
        outputs_(static_cast<Index>(rows.classes) - 1) {
    for (Index row = 0; row < X_.rows(); ++row) {
      const auto i = static_cast<std::size_t>(row);
      if (!rows.weights.empty() && rows.weights[i] == 0.0) continue;
      const double label = rows.labels[i];
      add_pairs(row, static_cast<Index>(std::floor(label)));
      if (std::floor(label) != label) add_pairs(row, static_cast<Index>(std::ceil(label)));
    }
  }

  [[nodiscard]] Index count() const { return static_cast<Index>(pairs_.size()); }
  [[nodiscard]] Index features() const { return X_.cols(); }
  [[nodiscard]] Index outputs() const { return outputs_; }
  [[nodiscard]] Index weights() const { return X_.cols() * outputs_; }
  [[nodiscard]] Index size() const { return weights() + outputs_; }

  // Calls visit(entry, factor) for the entries of a direction that a margin is made of.
  template <class Visit>
  void visit_factors(Index margin, const Visit& visit) const {
    const Pair& pair = pairs_[static_cast<std::size_t>(margin)];
    for (Index j = 0; j <= features(); ++j) {
      const double x = pair.scale * (j < features() ? X_(pair.row, j) : 1.0);
      if (x == 0.0) continue;
      if (pair.own > 0) visit(j * outputs_ + pair.own - 1, x);
      if (pair.other > 0) visit(j * outputs_ + pair.other - 1, -x);
    }
  }

  [[nodiscard]] VectorXd of(const VectorXd& direction) const {
    const Eigen::Map<const Matrix> W(direction.data(), features(), outputs_);
    Matrix Z(X_.rows(), outputs_ + 1);
    Z.col(0).setZero();
    Z.rightCols(outputs_) = X_.lazyProduct(W);
    Z.rightCols(outputs_).rowwise() += direction.tail(outputs_).transpose();
    VectorXd margins(count());
    for (Index i = 0; i < count(); ++i) {
      const Pair& pair = pairs_[static_cast<std::size_t>(i)];
      margins(i) = pair.scale * (Z(pair.row, pair.own) - Z(pair.row, pair.other));
    }
    return margins;
  }

  // The mean of all margins is this times a direction.
  [[nodiscard]] VectorXd mean() const {
    VectorXd factors = VectorXd::Zero(size());
    for (Index i = 0; i < count(); ++i) {
      visit_factors(i, [&](Index entry, double factor) { factors(entry) += factor; });
    }
    return factors / static_cast<double>(count());
  }

 private:
  struct Pair {
    Index row;
    Index own;
    Index other;
    double scale;
  };

  void add_pairs(Index row, Index own) {
    const double scale = 1.0 / std::max(1.0, X_.row(row).lpNorm<Eigen::Infinity>());
    for (Index other = 0; other <= outputs_; ++other) {
      if (other != own) pairs_.push_back({row, own, other, scale});
    }
  }

  Eigen::Map<const Matrix> X_;
  Index outputs_;
  std::vector<Pair> pairs_;
};

// A linear programme over directions in a box: the least Σ cost of entries, with each margin at
// least what is required of it. Of the margins it knows those alone that a solution has fallen
// short of. An entry is the difference of two columns of 0 or more, so that |entry| can have a
// cost.
class Programme {
 public:
  Programme(const Margins& margins, const VectorXd& required, double bound)
      : margins_(margins),
        required_(required),
        bound_(bound),
        known_(static_cast<std::size_t>(margins.count()), false) {
    clp_.setLogLevel(0);
    clp_.setPrimalTolerance(1e-9);
    clp_.setDualTolerance(1e-9);
    clp_.resize(0, static_cast<int>(2 * margins.size()));
    for (Index entry = 0; entry < margins.size(); ++entry) allow(entry, true);
    add(0);  // Clp 1.17 reads through a null pointer where it has no rows
  }

  void set_cost(Index entry, double of_positive, double of_negative) {
    clp_.setObjectiveCoefficient(positive(entry), of_positive);
    clp_.setObjectiveCoefficient(negative(entry), of_negative);
  }

  void allow_feature(Index feature, bool allowed) {
    for (Index k = 0; k < margins_.outputs(); ++k) allow(feature * margins_.outputs() + k, allowed);
  }

  // Nothing where no direction is good enough, or the simplex method fails.
  std::optional<VectorXd> solve() {
    while (true) {
      clp_.dual();
      if (!clp_.isProvenOptimal()) return std::nullopt;
      const VectorXd direction = solution();
      const std::vector<Index> broken = most_broken(direction);
      if (broken.empty()) return direction;
      for (const Index margin : broken) add(margin);
    }
  }

 private:
  [[nodiscard]] int positive(Index entry) const { return static_cast<int>(entry); }
  [[nodiscard]] int negative(Index entry) const {
    return static_cast<int>(margins_.size() + entry);
  }

  void allow(Index entry, bool allowed) {
    clp_.setColumnBounds(positive(entry), 0.0, allowed ? bound_ : 0.0);
    clp_.setColumnBounds(negative(entry), 0.0, allowed ? bound_ : 0.0);
  }

  [[nodiscard]] VectorXd solution() const {
    const Eigen::Map<const VectorXd> columns(clp_.getColSolution(), 2 * margins_.size());
    return columns.head(margins_.size()) - columns.tail(margins_.size());
  }

  // As many as a direction has entries, twice over: a vertex is made of no more than that many.
  [[nodiscard]] std::vector<Index> most_broken(const VectorXd& direction) const {
    const VectorXd missing = required_ - margins_.of(direction);
    const double rounding = 1e-12 * std::max(1.0, direction.lpNorm<Eigen::Infinity>());
    std::vector<Index> broken;
    for (Index i = 0; i < margins_.count(); ++i) {
      if (missing(i) > rounding && !known_[static_cast<std::size_t>(i)]) broken.push_back(i);
    }
    const Index most = std::min<Index>(std::ssize(broken), 2 * margins_.size());
    std::partial_sort(broken.begin(), broken.begin() + most, broken.end(), [&](Index a, Index b) {
      return std::pair(-missing(a), a) < std::pair(-missing(b), b);
    });
    broken.resize(static_cast<std::size_t>(most));
    return broken;
  }

  void add(Index margin) {
    std::vector<int> columns;
    std::vector<double> factors;
    margins_.visit_factors(margin, [&](Index entry, double factor) {
      columns.insert(columns.end(), {positive(entry), negative(entry)});
      factors.insert(factors.end(), {factor, -factor});
    });
    clp_.addRow(static_cast<int>(columns.size()), columns.data(), factors.data(), required_(margin),
                COIN_DBL_MAX);
    known_[static_cast<std::size_t>(margin)] = true;
  }

  const Margins& margins_;
  const VectorXd& required_;
  double bound_;
  std::vector<bool> known_;
  ClpSimplex clp_;
};

// The direction with a largest entry of 1, if its margins hold in plain arithmetic: above 0 where 1
// is required, at some row at least, and nowhere below 0.
std::optional<VectorXd> checked(const Margins& margins, const VectorXd& direction,
                                const VectorXd& required) {
  const double largest_entry = direction.lpNorm<Eigen::Infinity>();
  if (!(largest_entry > 0.0)) return std::nullopt;
  VectorXd scaled = direction / largest_entry;
  const VectorXd values = margins.of(scaled);
  const double largest = values.maxCoeff();
  if (largest < smallest_margin || values.minCoeff() < -shortfall * largest) return std::nullopt;
  for (Index i = 0; i < values.size(); ++i) {
    if (required(i) > 0.0 && values(i) < 0.5 * smallest_margin) return std::nullopt;
  }
  return scaled;
}

// The direction with the largest sum of margins in the box.
std::optional<VectorXd> widest_direction(const Margins& margins) {
  const VectorXd required = VectorXd::Zero(margins.count());
  const VectorXd mean = margins.mean();
  Programme programme(margins, required, 1.0);
  for (Index i = 0; i < mean.size(); ++i) programme.set_cost(i, -mean(i), mean(i));
  const auto direction = programme.solve();
  return direction ? checked(margins, *direction, required) : std::nullopt;
}

// The largest entry of each feature's weights.
VectorXd sizes_of_features(const Margins& margins, const VectorXd& direction) {
  return Eigen::Map<const Matrix>(direction.data(), margins.features(), margins.outputs())
      .cwiseAbs()
      .rowwise()
      .maxCoeff();
}

std::vector<std::size_t> columns_of(const Margins& margins, const VectorXd& direction) {
  const VectorXd sizes = sizes_of_features(margins, direction);
  std::vector<std::size_t> columns;
  for (Index j = 0; j < sizes.size(); ++j) {
    if (sizes(j) > negligible * sizes.maxCoeff()) columns.push_back(static_cast<std::size_t>(j));
  }
  return columns;
}

// Leaves out the columns that the direction does without, then, from the smallest part in it on,
// each that the rest can replace.
VectorXd with_fewest_columns(const Margins& margins, const VectorXd& required, Programme& programme,
                             VectorXd direction) {
  std::vector<std::size_t> columns = columns_of(margins, direction);
  if (columns.size() > most_left_out) return direction;
  for (Index j = 0; j < margins.features(); ++j) programme.allow_feature(j, false);
  for (const std::size_t j : columns) programme.allow_feature(static_cast<Index>(j), true);
  const VectorXd sizes = sizes_of_features(margins, direction);
  std::stable_sort(columns.begin(), columns.end(), [&](std::size_t a, std::size_t b) {
    return sizes(static_cast<Index>(a)) < sizes(static_cast<Index>(b));
  });
  for (const std::size_t j : columns) {
    programme.allow_feature(static_cast<Index>(j), false);
    const auto without = programme.solve();
    const auto kept = without ? checked(margins, *without, required) : std::nullopt;
    if (kept) direction = *kept;
    if (!kept) programme.allow_feature(static_cast<Index>(j), true);
  }
  return direction;
}

// A direction of few columns whose margins are above 0 where 1 is required, and nowhere below.
std::optional<VectorXd> sparse_direction(const Margins& margins, const VectorXd& required) {
  Programme programme(margins, required, 1.0 / smallest_margin);
  for (Index i = 0; i < margins.weights(); ++i) programme.set_cost(i, 1.0, 1.0);
  const auto direction = programme.solve();
  const auto found = direction ? checked(margins, *direction, required) : std::nullopt;
  if (!found) return std::nullopt;
  return with_fewest_columns(margins, required, programme, *found);
}

}  // namespace

Separation find_separation(const LabelledRows& rows) {
  require_sound(rows);
  const Margins margins(rows);
  const auto result = [&](SeparationKind kind, const VectorXd& direction) {
    return Separation{kind, columns_of(margins, direction), {direction.begin(), direction.end()}};
  };
  const auto widest = widest_direction(margins);
  if (!widest) return {};
  const VectorXd all = VectorXd::Ones(margins.count());
  if (const auto direction = sparse_direction(margins, all)) {
    return result(SeparationKind::complete, *direction);
  }
  const VectorXd some = (margins.of(*widest).array() > smallest_margin).cast<double>();
  return result(SeparationKind::quasi_complete, sparse_direction(margins, some).value_or(*widest));
}

}  // namespace models
