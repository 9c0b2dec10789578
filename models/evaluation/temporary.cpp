#include <cmath>
#include "models/evaluation/inference.h"
#include "models/evaluation/metrics.h"
namespace models {
Inference wald(double e, double s) { const double z = e / s; return {s, z, std::erfc(std::abs(z) / std::sqrt(2.0)), e - 1.959963984540054 * s, e + 1.959963984540054 * s, std::exp(e)}; }
FitStatistics fit_statistics(double l, double l0, double n, std::size_t k, std::size_t i) {
  FitStatistics s{};
  s.log_likelihood = l; s.null_log_likelihood = l0; s.deviance = -2 * l; s.null_deviance = -2 * l0;
  const double kk = static_cast<double>(k);
  s.aic = -2 * l + 2 * kk; s.bic = -2 * l + kk * std::log(n); s.mcfadden_r2 = 1 - l / l0; s.lr_chi2 = 2 * (l - l0); s.df_residual = n - kk; s.lr_df = kk - static_cast<double>(i); s.lr_p = 0;
  return s;
}
double null_log_likelihood(std::span<const double> w) { double n = 0, l = 0; for (double x : w) n += x; for (double x : w) if (x > 0) l += x * std::log(x / n); return l; }
Metrics metrics_of(std::span<const double> labels, std::span<const double>, std::size_t classes, std::span<const double>) { Metrics m; m.accuracy = static_cast<double>(labels.size()); m.confusion.assign(classes, std::vector<double>(classes, 0)); return m; }
}

#include "models/separation.h"
namespace models { Separation find_separation(std::span<const double>, std::span<const double>, std::size_t, std::span<const double>) { return {}; } }
