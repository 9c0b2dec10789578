// The bound that the automatic learning rate rests on.
#include "models/curvature_bound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/models/support.h"

namespace models {
namespace {

using testing::message_of;
using testing::random_rows;
using testing::Rows;
using testing::standardised;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

TEST(CurvatureBound, IsTheLargestEigenvalueOfAQuarterOfTheGramMatrix) {
  // X̃ = (3 1; 4 1): X̃ᵀX̃ = (25 7; 7 2), eigenvalues (27 ± √725)/2; m = 2.
  const double by_hand = (27.0 + std::sqrt(725.0)) / 2.0 / 8.0;
  EXPECT_NEAR(curvature_bound(std::vector<double>{3.0, 4.0}, 1), by_hand, 1e-14);
  EXPECT_NEAR(curvature_bound(std::vector<double>{3.0, 4.0}, 1, 0.5), by_hand + 0.5, 1e-14);
  // Standardised columns that are not correlated: ¼.
  EXPECT_NEAR(curvature_bound(std::vector<double>{1.0, -1.0}, 1), 0.25, 1e-15);
}

// The largest eigenvalue of Xᵀdiag(d)X/m, the last column of X being 1, by power iteration.
double largest_eigenvalue(const Rows& rows, const std::function<double(std::size_t)>& d) {
  const auto m = static_cast<Eigen::Index>(rows.labels.size());
  const auto n = static_cast<Eigen::Index>(rows.columns);
  Matrix X(m, n + 1);
  X << Eigen::Map<const Matrix>(rows.features.data(), m, n), Eigen::VectorXd::Ones(m);
  Eigen::VectorXd diagonal(m);
  for (Eigen::Index i = 0; i < m; ++i) diagonal(i) = d(static_cast<std::size_t>(i));
  const Matrix hessian = X.transpose() * diagonal.asDiagonal() * X / static_cast<double>(m);
  Eigen::VectorXd v = Eigen::VectorXd::LinSpaced(n + 1, 1.0, 2.0);
  for (int k = 0; k < 20000; ++k) v = (hessian * v).normalized();
  return v.dot(hessian * v);
}

TEST(CurvatureBound, AgreesWithPowerIteration) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Rows rows = random_rows(seed, 25, 4);
    const double expected = largest_eigenvalue(rows, [](std::size_t) { return 0.25; });
    EXPECT_NEAR(curvature_bound(rows.features, 4), expected, 1e-10);
  }
}

TEST(CurvatureBound, BoundsTheHessianAtAnyWeights) {
  autograd::Random random(9);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Rows rows = random_rows(seed, 25, 3);
    std::vector<double> w(4);
    for (double& weight : w) weight = random.uniform(-0.5, 0.5);
    const auto curvature = [&](std::size_t i) {
      double z = w[3];
      for (std::size_t k = 0; k < 3; ++k) z += w[k] * rows.features[3 * i + k];
      const double a = testing::sigmoid(z);
      return a * (1.0 - a);
    };
    const double hessian = largest_eigenvalue(rows, curvature);
    const double bound = curvature_bound(rows.features, 3);
    EXPECT_LE(hessian, bound);
    EXPECT_GT(hessian, 0.3 * bound) << "a bound that is far off makes training slow";
  }
}

TEST(CurvatureBound, OfFewRowsAndManyColumnsIsThatOfTheSmallerGramMatrix) {
  // Rows of ones and minus ones: X̃X̃ᵀ = (n+1, 1−n; 1−n, n+1), eigenvalues 2 and 2n.
  constexpr std::size_t columns = 100000;
  std::vector<double> features(2 * columns, 1.0);
  std::fill(features.begin() + columns, features.end(), -1.0);
  EXPECT_DOUBLE_EQ(curvature_bound(features, columns), 2.0 * columns / 8.0);
}

// λmax(X̃ᵀX̃)/(4m) by a decomposition of the whole matrix.
double by_decomposition(const Rows& rows) {
  const auto m = static_cast<Eigen::Index>(rows.labels.size());
  const auto n = static_cast<Eigen::Index>(rows.columns);
  Matrix X(m, n + 1);
  X << Eigen::Map<const Matrix>(rows.features.data(), m, n), Eigen::VectorXd::Ones(m);
  const Eigen::MatrixXd gram = X.transpose() * X;
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram, Eigen::EigenvaluesOnly)
             .eigenvalues()
             .maxCoeff() /
         static_cast<double>(m) / 4.0;
}

TEST(CurvatureBound, OfManyRowsAndColumnsIsABoundAndAtMostATenthTooLarge) {
  std::vector<Rows> sets{random_rows(1, 520, 530), random_rows(2, 700, 510)};
  // One direction far above the others, and all directions alike.
  Rows correlated = random_rows(3, 510, 505);
  for (std::size_t i = 0; i < correlated.labels.size(); ++i) {
    for (std::size_t j = 0; j < 505; ++j) {
      double& x = correlated.features[i * 505 + j];
      x = 1e-3 * x + correlated.features[i * 505];
    }
  }
  sets.push_back(correlated);
  Rows diagonal{AlignedNumbers(600 * 600, 0.0), std::vector<double>(600, 0.0), 600};
  for (std::size_t i = 0; i < 600; ++i) diagonal.features[i * 601] = 100.0;
  sets.push_back(diagonal);
  for (const Rows& rows : sets) {
    const double exact = by_decomposition(rows);
    const double bound = curvature_bound(rows.features, rows.columns);
    EXPECT_GE(bound, exact * (1.0 - 1e-12));
    EXPECT_LE(bound, exact * 1.1);
  }
}

TEST(CurvatureBound, IsRightFromTheSmallestToTheLargestFeatures) {
  Rows rows = random_rows(4, 510, 505);
  const double ordinary = curvature_bound(rows.features, rows.columns);
  for (double& x : rows.features) x *= 1e150;
  // Beside these the column of ones is nothing.
  EXPECT_NEAR(curvature_bound(rows.features, rows.columns) / 1e300 / ordinary, 1.0, 0.1);
  for (double& x : rows.features) x *= 1e-320;
  EXPECT_NEAR(curvature_bound(rows.features, rows.columns), 0.25, 0.025);
}

// The rows whose bit is set.
Rows some_of(const Rows& rows, unsigned chosen) {
  Rows some{{}, {}, rows.columns};
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    if ((chosen >> i & 1U) == 0) continue;
    const auto row = rows.features.begin() + static_cast<std::ptrdiff_t>(i * rows.columns);
    some.features.insert(some.features.end(), row, row + static_cast<std::ptrdiff_t>(rows.columns));
    some.labels.push_back(rows.labels[i]);
  }
  return some;
}

TEST(BatchCurvatureBound, HoldsForEveryBatchOfSoManyRowsOrMore) {
  for (const std::size_t columns : {1U, 3U, 20U}) {
    Rows rows = random_rows(columns, 9, columns);
    for (std::size_t k = 0; k < columns; ++k) rows.features[k] *= 10.0;  // one row above the others
    for (std::size_t size = 1; size <= 9; ++size) {
      const double bound = batch_curvature_bound(rows.features, columns, size, 0.5);
      double largest = 0.0;
      for (unsigned chosen = 1; chosen < 1U << 9U; ++chosen) {
        if (static_cast<std::size_t>(std::popcount(chosen)) < size) continue;
        largest = std::max(largest, by_decomposition(some_of(rows, chosen)) + 0.5);
      }
      EXPECT_LE(largest, bound * (1.0 + 1e-12)) << columns << " columns, batches of " << size;
      EXPECT_GE(largest, 0.5 * bound) << "a bound that is far off makes training slow";
    }
  }
}

TEST(BatchCurvatureBound, OfOneRowIsThatOfTheLongestRow) {
  const std::vector<double> features{3.0, 4.0, -5.0, 12.0, 0.0, 1.0};
  EXPECT_DOUBLE_EQ(batch_curvature_bound(features, 2, 1), (169.0 + 1.0) / 4.0);
  EXPECT_DOUBLE_EQ(batch_curvature_bound(features, 2, 1, 2.0), (169.0 + 1.0) / 4.0 + 2.0);
}

TEST(BatchCurvatureBound, OfAllRowsIsTheCurvatureBound) {
  for (const Rows& rows : {random_rows(1, 25, 4), random_rows(2, 10, 300), random_rows(3, 1, 1),
                           standardised("breast_cancer.csv", "diagnosis")}) {
    const double of_all = curvature_bound(rows.features, rows.columns, 0.25);
    const double of_batch =
        batch_curvature_bound(rows.features, rows.columns, rows.labels.size(), 0.25);
    EXPECT_NEAR(of_batch / of_all, 1.0, 1e-12);
  }
}

TEST(BatchCurvatureBound, RefusesABatchOfNoRowOrOfMoreThanThereAre) {
  const auto fault = [](const std::vector<double>& features, std::size_t rows) {
    return message_of<std::invalid_argument>(
        [&] { return batch_curvature_bound(features, 1, rows); });
  };
  const std::string begin = "curvature_bound: ";
  EXPECT_EQ(fault({1.0, 2.0}, 0), begin + "a batch must have between 1 and all 2 rows, not 0");
  EXPECT_EQ(fault({1.0, 2.0}, 3), begin + "a batch must have between 1 and all 2 rows, not 3");
  EXPECT_EQ(fault({1e200}, 1), begin +
                                   "features as large as 1e+200 have squares beyond the range of a "
                                   "double; bring them to one scale first");
  EXPECT_EQ(fault({1.0, std::nan("")}, 1), begin + "features must be finite");
}

TEST(CurvatureBound, RefusesWhatIsNotATableOfFiniteNumbers) {
  const auto fault = [](const std::vector<double>& features, std::size_t columns, double l2 = 0.0) {
    return message_of<std::invalid_argument>(
        [&] { return curvature_bound(features, columns, l2); });
  };
  const std::string begin = "curvature_bound: ";
  EXPECT_EQ(fault({1.0, 2.0}, 0), begin + "2 values do not make rows of 0 features");
  EXPECT_EQ(fault({}, 1), begin + "0 values do not make rows of 1 features");
  EXPECT_EQ(fault({1.0, 2.0, 3.0}, 2), begin + "3 values do not make rows of 2 features");
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(fault({1.0, std::nan("")}, 1), begin + "features must be finite");
  EXPECT_EQ(fault({1.0, infinity}, 1), begin + "features must be finite");
  EXPECT_EQ(fault({1.0}, 1, -1.0), begin + "the l2 penalty must be 0 or more, not -1");
  EXPECT_EQ(fault({1e200}, 1), begin +
                                   "features as large as 1e+200 have squares beyond the range of a "
                                   "double; bring them to one scale first");
}

}  // namespace
}  // namespace models
