#pragma once
#include <cstddef>
#include <span>
namespace models {
struct Inference { double std_error = 0, z = 0, p = 0, ci_low = 0, ci_high = 0, odds_ratio = 0; };
Inference wald(double estimate, double std_error);
struct FitStatistics { double log_likelihood, null_log_likelihood, deviance, null_deviance, aic, bic, mcfadden_r2, lr_chi2, lr_p; double df_residual; double lr_df; };
FitStatistics fit_statistics(double log_likelihood, double null_log_likelihood, double observations, std::size_t coefficients, std::size_t intercepts);
double null_log_likelihood(std::span<const double> weight_of_class);
}
