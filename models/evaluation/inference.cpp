#include "models/evaluation/inference.h"

#include <cmath>
#include <numeric>
#include <unsupported/Eigen/SpecialFunctions>

namespace models {

Inference wald(double estimate, double std_error) {
  // The 97.5 % quantile of the standard normal distribution.
  constexpr double quantile = 1.959963984540054;
  Inference result;
  result.std_error = std_error;
  result.z = estimate / std_error;
  result.p = std::erfc(std::abs(result.z) / std::sqrt(2.0));
  result.ci_low = estimate - quantile * std_error;
  result.ci_high = estimate + quantile * std_error;
  result.odds_ratio = std::exp(estimate);
  return result;
}

FitStatistics fit_statistics(double log_likelihood, double null_log_likelihood, double observations,
                             std::size_t coefficients, std::size_t intercepts) {
  const auto k = static_cast<double>(coefficients);
  FitStatistics s;
  s.log_likelihood = log_likelihood;
  s.null_log_likelihood = null_log_likelihood;
  s.deviance = -2.0 * log_likelihood;
  s.null_deviance = -2.0 * null_log_likelihood;
  s.aic = s.deviance + 2.0 * k;
  s.bic = s.deviance + k * std::log(observations);
  s.mcfadden_r2 = 1.0 - log_likelihood / null_log_likelihood;
  s.lr_chi2 = 2.0 * (log_likelihood - null_log_likelihood);
  s.lr_df = k - static_cast<double>(intercepts);
  s.lr_p = chi_squared_survival(s.lr_chi2, s.lr_df);
  s.df_residual = observations - k;
  return s;
}

double null_log_likelihood(std::span<const double> weight_of_class) {
  const double n = std::accumulate(weight_of_class.begin(), weight_of_class.end(), 0.0);
  double sum = 0.0;
  for (const double weight : weight_of_class) {
    if (weight > 0.0) sum += weight * std::log(weight / n);
  }
  return sum;
}

double chi_squared_survival(double x, double df) {
  if (x <= 0.0 || df == 0.0) return 1.0;
  return Eigen::numext::igammac(df / 2.0, x / 2.0);
}

}  // namespace models
