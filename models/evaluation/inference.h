// What coefficients of a maximum-likelihood fit are worth: Wald tests of each, and the fit against
// the intercepts alone.
//
// Rule for callers: none of it means anything where there is no maximum, or where a penalty has
// moved it; say so instead of calling.
#pragma once

#include <cstddef>
#include <span>

namespace models {

// Of one coefficient. Source of all of it: Hosmer, Lemeshow and Sturdivant, "Applied logistic
// regression", 3rd edition (2013), chapters 1 to 3.
struct Inference {
  double std_error = 0.0;
  double z = 0.0;       // estimate / std_error
  double p = 0.0;       // P(|Z| >= |z|), Z standard normal
  double ci_low = 0.0;  // of the interval that holds the coefficient in 95 % of samples
  double ci_high = 0.0;
  double odds_ratio = 0.0;  // e^estimate; infinite beyond the range of a double
};

Inference wald(double estimate, double std_error);

// Of the whole fit; deviances are −2 log-likelihoods.
struct FitStatistics {
  double log_likelihood = 0.0;
  double null_log_likelihood = 0.0;
  double deviance = 0.0;
  double null_deviance = 0.0;
  double aic = 0.0;          // −2 ln L + 2k (Akaike 1974)
  double bic = 0.0;          // −2 ln L + k ln n (Schwarz 1978)
  double mcfadden_r2 = 0.0;  // 1 − ln L / ln L₀ (McFadden 1974)
  double lr_chi2 = 0.0;      // 2 (ln L − ln L₀)
  double lr_df = 0.0;
  double lr_p = 0.0;
  double df_residual = 0.0;  // n − k
};

// `observations` is n, the sum of the rows' weights; `coefficients` is k with the intercepts.
FitStatistics fit_statistics(double log_likelihood, double null_log_likelihood, double observations,
                             std::size_t coefficients, std::size_t intercepts);

// The log-likelihood of the intercepts alone: Σ n_k ln(n_k/n), n_k the weight of the rows of a
// class. A class without rows adds nothing.
double null_log_likelihood(std::span<const double> weight_of_class);

// P(X >= x) of a chi-squared variable with `df` degrees of freedom: the regularised incomplete
// gamma function Q(df/2, x/2), with its digits far in the tail. 1 for x <= 0 or no degrees of
// freedom, NaN for NaN.
double chi_squared_survival(double x, double df);

}  // namespace models
