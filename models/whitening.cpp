#include "models/whitening.h"

#include <Eigen/QR>
#include <cmath>

namespace models {

std::optional<Whitening> whitened(std::span<const double> features, std::size_t columns) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto p = static_cast<Eigen::Index>(columns);
  const auto m = static_cast<Eigen::Index>(features.size()) / p;
  if (m <= p) return std::nullopt;
  const Eigen::Map<const RowMajor> X(features.data(), m, p);
  const Eigen::MatrixXd R =
      Eigen::HouseholderQR<Eigen::MatrixXd>(X).matrixQR().topRows(p).triangularView<Eigen::Upper>();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> rank(R);
  rank.setThreshold(1e-13);
  if (rank.rank() < p) return std::nullopt;
  const auto upper = R.triangularView<Eigen::Upper>();
  const double root = std::sqrt(static_cast<double>(m));
  Whitening whitening;
  whitening.to_weights = upper.solve(Eigen::MatrixXd(Eigen::MatrixXd::Identity(p, p) * root));
  whitening.features.resize(features.size());
  Eigen::Map<RowMajor> V(whitening.features.data(), m, p);
  V = root * X;
  upper.solveInPlace<Eigen::OnTheRight>(V);
  return whitening;
}

}  // namespace models
