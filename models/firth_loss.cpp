#include "models/firth_loss.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <stdexcept>

#include "autograd/errors.h"

namespace models {

FirthLoss::FirthLoss(ClassificationLoss& loss, double total_weight)
    : loss_(loss), total_weight_(total_weight), gradient_(loss.parameters().size()) {
  if (!loss.has_hessian()) {
    throw std::invalid_argument("Firth's correction needs a loss with a Hessian");
  }
}

double FirthLoss::evaluate() {
  const double loss = loss_.evaluate();
  const auto n = static_cast<Eigen::Index>(gradient_.size());
  const auto hessian = loss_.hessian();
  const Eigen::LLT<Eigen::MatrixXd> cholesky(
      Eigen::Map<const Eigen::MatrixXd>(hessian.data(), n, n));
  if (cholesky.info() != Eigen::Success) {
    throw autograd::NonFiniteError(
        "the Fisher information is singular, so that its logarithm is not finite");
  }
  const double half_log_determinant = cholesky.matrixLLT().diagonal().array().log().sum();
  const Eigen::MatrixXd inverse = cholesky.solve(Eigen::MatrixXd::Identity(n, n));
  const auto correction =
      loss_.curvature().trace_gradient({inverse.data(), static_cast<std::size_t>(inverse.size())});
  const auto data = loss_.gradient();
  for (std::size_t k = 0; k < gradient_.size(); ++k) {
    gradient_[k] = data[k] - correction[k] / (2.0 * total_weight_);
  }
  // I = n·H; the determinant of n·H is that of H times a constant.
  const double constant = 0.5 * static_cast<double>(n) * std::log(total_weight_);
  return loss - (half_log_determinant + constant) / total_weight_;
}

void FirthLoss::differentiate_batch(std::span<const std::size_t> /*rows*/) {
  throw std::logic_error("Firth's correction looks at all rows; there is none of a batch");
}

}  // namespace models
