#include "models/curvature_bound.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "autograd/random.h"
#include "models/data/number.h"
#include "models/parallel.h"

namespace models {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FeatureTable = Eigen::Map<const Matrix>;
using Eigen::Index;
using Eigen::VectorXd;

constexpr Index largest_gram_matrix = 500;
constexpr Index lanczos_steps = 60;

// X̃ᵀX̃ or X̃X̃ᵀ, X̃ being X with a column of 1, whichever is smaller. Products with it pass through X
// twice; it is formed on request alone.
class Gram {
 public:
  explicit Gram(const FeatureTable& X) : X_(X), over_columns_(X.cols() + 1 <= X.rows()) {}

  [[nodiscard]] Index size() const { return over_columns_ ? X_.cols() + 1 : X_.rows(); }

  [[nodiscard]] Eigen::MatrixXd formed() const {
    Eigen::MatrixXd gram(size(), size());
    if (!over_columns_) {
      gram.noalias() = X_ * X_.transpose();
      gram.array() += 1.0;
      return gram;
    }
    const Index width = X_.cols();
    gram.topLeftCorner(width, width) = product_of_columns();
    gram.topRightCorner(width, 1) = X_.colwise().sum().transpose();
    gram.bottomLeftCorner(1, width) = gram.topRightCorner(width, 1).transpose();
    gram(width, width) = static_cast<double>(X_.rows());
    return gram;
  }

  [[nodiscard]] VectorXd times(const VectorXd& v) const {
    VectorXd product(size());
    if (over_columns_) {
      const Index width = X_.cols();
      const VectorXd rows = ((X_ * v.head(width)).array() + v(width)).matrix();
      product.head(width).noalias() = X_.transpose() * rows;
      product(width) = rows.sum();
    } else {
      const VectorXd columns = X_.transpose() * v;
      product.noalias() = X_ * columns;
      product.array() += v.sum();
    }
    return product;
  }

 private:
  // XᵀX, from shares of the rows.
  [[nodiscard]] Eigen::MatrixXd product_of_columns() const {
    const Index share = std::max<Index>((X_.rows() + 7) / 8, 4096);
    const Index width = X_.cols();
    std::vector<Eigen::MatrixXd> sums(static_cast<std::size_t>((X_.rows() + share - 1) / share),
                                      Eigen::MatrixXd::Zero(width, width));
    for_each_block(
        static_cast<std::size_t>(X_.rows()), static_cast<std::size_t>(share),
        [&](std::size_t first, std::size_t count) {
          sums[first / static_cast<std::size_t>(share)].selfadjointView<Eigen::Lower>().rankUpdate(
              X_.middleRows(static_cast<Index>(first), static_cast<Index>(count)).transpose());
        });
    for (std::size_t k = 1; k < sums.size(); ++k) sums[0] += sums[k];
    sums[0].triangularView<Eigen::StrictlyUpper>() = sums[0].transpose();
    return sums[0];
  }

  const FeatureTable& X_;
  bool over_columns_;
};

double largest_eigenvalue(const Eigen::MatrixXd& symmetric) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(symmetric, Eigen::EigenvaluesOnly)
      .eigenvalues()(symmetric.rows() - 1);
}

// A direction without preference, from a seed of its own.
VectorXd random_direction(Index size) {
  autograd::Random random(1);
  VectorXd v(size);
  for (double& entry : v) entry = random.normal();
  return v.normalized();
}

// The largest Ritz value of gram/unit after k steps of Lanczos, with complete orthogonalisation. It
// is at most λmax/unit.
double largest_ritz_value(const Gram& gram, double unit, Index steps) {
  const Index size = gram.size();
  Eigen::MatrixXd basis(size, steps);
  Eigen::MatrixXd tridiagonal = Eigen::MatrixXd::Zero(steps, steps);
  basis.col(0) = random_direction(size);
  for (Index k = 0;; ++k) {
    VectorXd next = gram.times(basis.col(k)) / unit;
    tridiagonal(k, k) = basis.col(k).dot(next);
    const auto found = basis.leftCols(k + 1);
    for (int twice = 0; twice < 2; ++twice) next -= found * (found.transpose() * next).eval();
    const double length = next.norm();
    // Nothing new: the space found holds an eigenvector of λmax.
    const bool complete = length <= 1e-14;
    if (complete || k + 1 == steps) {
      return largest_eigenvalue(tridiagonal.topLeftCorner(k + 1, k + 1));
    }
    tridiagonal(k, k + 1) = tridiagonal(k + 1, k) = length;
    basis.col(k + 1) = next / length;
  }
}

// After k steps from a random direction in d dimensions, the Ritz value θ falls short of (1 −
// ε)λmax with a probability below 1.648 √d exp(−(2k − 1)√ε), whatever the matrix. Source: Kuczyński
// and Woźniakowski, "Estimating the largest eigenvalue by the power and Lanczos algorithms with a
// random start", SIAM Journal on Matrix Analysis and Applications 13 (1992), theorem 4.2. With ε
// such that this is 10⁻¹², θ/(1 − ε) is an upper bound; to make gradient descent diverge it would
// have to be too small by the factor 2, which has a probability below 10⁻³⁰.
double bound_by_lanczos(const Gram& gram, double trace) {
  const double ritz = largest_ritz_value(gram, trace, lanczos_steps);
  const double root = std::log(1.648e12 * std::sqrt(static_cast<double>(gram.size()))) /
                      static_cast<double>(2 * lanczos_steps - 1);
  return trace * std::min(1.0, ritz / (1.0 - root * root));
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument("curvature_bound: " + what);
}

FeatureTable checked_table(std::span<const double> features, std::size_t columns, double l2) {
  require(columns > 0 && !features.empty() && features.size() % columns == 0,
          std::to_string(features.size()) + " values do not make rows of " +
              std::to_string(columns) + " features");
  require(std::isfinite(l2) && l2 >= 0.0, "the l2 penalty must be 0 or more, not " + shortest(l2));
  const auto width = static_cast<Index>(columns);
  const FeatureTable X(features.data(), static_cast<Index>(features.size()) / width, width);
  return X;
}

// The sum of all eigenvalues of the Gram matrix: each is at most that, and so is every entry.
double require_finite_trace(const FeatureTable& X, double trace) {
  require(std::isfinite(trace) || X.allFinite(), "features must be finite");
  require(std::isfinite(trace), "features as large as " + shortest(X.cwiseAbs().maxCoeff()) +
                                    " have squares beyond the range of a double; bring them to one "
                                    "scale first");
  return trace;
}

// Trace and largest eigenvalue of the Gram matrix.
struct Spectrum {
  double trace = 0.0;
  double largest = 0.0;
};

Spectrum spectrum_of(const FeatureTable& X) {
  const Gram gram(X);
  if (gram.size() <= largest_gram_matrix) {
    const Eigen::MatrixXd formed = gram.formed();
    const double trace = require_finite_trace(X, formed.trace());
    return {trace, largest_eigenvalue(formed)};
  }
  const double trace = require_finite_trace(X, X.squaredNorm() + static_cast<double>(X.rows()));
  return {trace, bound_by_lanczos(gram, trace)};
}

// The sum of the largest ‖x̃‖² of so many rows.
double sum_of_largest_rows(const FeatureTable& X, Index rows) {
  VectorXd squares = X.rowwise().squaredNorm();
  squares.array() += 1.0;
  std::partial_sort(squares.begin(), squares.begin() + rows, squares.end(), std::greater<>());
  return squares.head(rows).sum();
}

}  // namespace

double curvature_bound(std::span<const double> features, std::size_t columns, double l2) {
  const FeatureTable X = checked_table(features, columns, l2);
  return spectrum_of(X).largest / static_cast<double>(X.rows()) / 4.0 + l2;
}

double batch_curvature_bound(std::span<const double> features, std::size_t columns,
                             std::size_t batch_rows, double l2) {
  const FeatureTable X = checked_table(features, columns, l2);
  const auto rows = static_cast<Index>(batch_rows);
  require(rows >= 1 && rows <= X.rows(), "a batch must have between 1 and all " +
                                             std::to_string(X.rows()) + " rows, not " +
                                             std::to_string(batch_rows));
  const double largest = std::min(spectrum_of(X).largest, sum_of_largest_rows(X, rows));
  return largest / static_cast<double>(rows) / 4.0 + l2;
}

}  // namespace models
