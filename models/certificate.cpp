#include "models/certificate.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "models/training/l1_penalty.h"

namespace models {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
// Below this, of the largest, an eigenvalue has lost its digits to rounding.
constexpr double rounding_of_eigenvalues = 1e-10;

using FeatureTable =
    Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

FeatureTable table_of(const LabelledRows& rows) {
  return {rows.features.data(), static_cast<Index>(rows.rows()),
          static_cast<Index>(rows.columns())};
}

// The largest ‖x̃‖², x̃ = (x, 1), of rows that count.
double largest_row(const LabelledRows& rows) {
  return table_of(rows).rowwise().squaredNorm().maxCoeff() + 1.0;
}

// P with x̃ᵀPx̃ = (d ⊗ x̃)ᵀ H⁻¹ (d ⊗ x̃), d = e_k − e_l, or e_k where l is not an output.
MatrixXd of_difference(const MatrixXd& inverse, Index outputs, Index k, Index l) {
  const Index columns = inverse.rows() / outputs;
  MatrixXd P(columns, columns);
  for (Index j = 0; j < columns; ++j) {
    for (Index i = 0; i < columns; ++i) {
      const Index a = j * outputs;
      const Index b = i * outputs;
      P(j, i) = inverse(a + k, b + k);
      if (l < outputs) {
        P(j, i) += inverse(a + l, b + l) - inverse(a + k, b + l) - inverse(a + l, b + k);
      }
    }
  }
  return P;
}

// The largest x̃ᵀPx̃ of a row.
double largest_form(const LabelledRows& rows, const MatrixXd& P) {
  constexpr Index block = 512;
  const FeatureTable X = table_of(rows);
  const Index columns = X.cols();
  double largest = 0.0;
  for (Index first = 0; first < X.rows(); first += block) {
    const Index count = std::min(block, X.rows() - first);
    MatrixXd x(count, columns + 1);
    x << X.middleRows(first, count), VectorXd::Ones(count);
    largest = std::max(largest, (x * P).cwiseProduct(x).rowwise().sum().maxCoeff());
  }
  return largest;
}

// R² over all rows and pairs of classes.
double largest_leverage(const LabelledRows& rows, const MatrixXd& inverse) {
  const Index outputs = inverse.rows() / static_cast<Index>(rows.columns() + 1);
  const auto classes = static_cast<Index>(rows.classes);
  double largest = 0.0;
  for (Index k = 0; k < outputs; ++k) {
    // One output less than classes: the last l is the class whose logit is 0.
    for (Index l = k + 1; l < classes; ++l) {
      largest = std::max(largest, largest_form(rows, of_difference(inverse, outputs, k, l)));
    }
  }
  return largest;
}

double largest_fall(double nu, double R_squared) {
  const double u = nu * std::sqrt(R_squared);
  if (u < 1e-4) return nu * nu / 2.0 * (1.0 + u / 2.0);  // the series, rounded up
  return (u + (1.0 - u) * std::log1p(-u)) / R_squared;
}

// The smallest subgradient where the loss was evaluated last.
VectorXd slopes_of(ClassificationLoss& loss) {
  VectorXd slopes = Eigen::Map<const VectorXd>(loss.gradient().data(),
                                               static_cast<Index>(loss.gradient().size()));
  for (std::size_t k = 0; k < loss.l1().size(); ++k) {
    double& slope = slopes[static_cast<Index>(k)];
    slope = smallest_subgradient(loss.parameters()[k], slope, loss.l1()[k]);
  }
  return slopes;
}

}  // namespace

Certificate certify(ClassificationLoss& loss, const LabelledRows& rows) {
  if (!loss.has_hessian()) return {};
  const auto n = static_cast<Index>(loss.parameters().size());
  const double value = loss.evaluate();
  const VectorXd g = slopes_of(loss);
  const MatrixXd hessian = Eigen::Map<const MatrixXd>(loss.hessian().data(), n, n);
  const VectorXd eigenvalues =
      Eigen::SelfAdjointEigenSolver<MatrixXd>(hessian, Eigen::EigenvaluesOnly).eigenvalues();
  if (!(eigenvalues[0] > rounding_of_eigenvalues * eigenvalues[n - 1])) return {};
  const Eigen::LLT<MatrixXd> cholesky(hessian);
  const double nu = std::sqrt(g.dot(cholesky.solve(g)));
  // ‖(e_k − e_l) ⊗ x̃‖² is at most twice ‖x̃‖². Only where this is too coarse are all rows looked at.
  double R_squared = (rows.classes == 2 ? 1.0 : 2.0) * largest_row(rows) / eigenvalues[0];
  if (!(nu * std::sqrt(R_squared) < 0.1)) {
    R_squared = largest_leverage(rows, cholesky.solve(MatrixXd::Identity(n, n)));
  }
  if (!(nu * std::sqrt(R_squared) <= 0.5)) return {nu, std::nullopt};
  const double rounding = std::numeric_limits<double>::epsilon() * std::abs(value);
  return {nu, std::max(largest_fall(nu, R_squared), rounding)};
}

}  // namespace models
