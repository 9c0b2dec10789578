// Figures from closed forms and from R.
#include "models/evaluation/inference.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace models {
namespace {

// P(X >= x) of one degree is erfc(√(x/2)), of two e^(−x/2), of four e^(−x/2)(1 + x/2).
TEST(ChiSquared, HasItsClosedFormsFarIntoTheTail) {
  for (const double x : {1e-3, 0.5, 3.84, 20.0, 150.0, 600.0}) {
    const double tail = std::exp(-x / 2.0);
    EXPECT_NEAR(chi_squared_survival(x, 1.0) / std::erfc(std::sqrt(x / 2.0)), 1.0, 1e-11) << x;
    EXPECT_NEAR(chi_squared_survival(x, 2.0) / tail, 1.0, 1e-11) << x;
    EXPECT_NEAR(chi_squared_survival(x, 4.0) / (tail * (1.0 + x / 2.0)), 1.0, 1e-11) << x;
  }
}

TEST(ChiSquared, IsOneWhereThereIsNothingToTest) {
  EXPECT_EQ(chi_squared_survival(0.0, 3.0), 1.0);
  EXPECT_EQ(chi_squared_survival(-1e-15, 3.0), 1.0);
  EXPECT_EQ(chi_squared_survival(5.0, 0.0), 1.0);
}

TEST(ChiSquared, OfNoNumberIsNone) {
  EXPECT_TRUE(std::isnan(chi_squared_survival(NAN, 3.0)));
  EXPECT_EQ(chi_squared_survival(HUGE_VAL, 3.0), 0.0);
}

// R: pchisq(x, df, lower.tail = FALSE)
TEST(ChiSquared, IsThatOfRForManyDegreesOfFreedom) {
  EXPECT_NEAR(chi_squared_survival(0.1, 7.0) / 0.99999768858120142, 1.0, 1e-11);
  EXPECT_NEAR(chi_squared_survival(60.0, 31.0) / 0.0013497859785251323, 1.0, 1e-11);
  EXPECT_NEAR(chi_squared_survival(120.0, 60.0) / 6.8762649687320996e-06, 1.0, 1e-11);
  EXPECT_NEAR(chi_squared_survival(700.0, 317.0) / 5.9870125202999106e-31, 1.0, 1e-11);
  EXPECT_NEAR(chi_squared_survival(1000.0, 1000.0) / 0.49405285382923969, 1.0, 1e-11);
  EXPECT_NEAR(chi_squared_survival(1500.0, 1000.0) / 1.0454640385979652e-22, 1.0, 1e-11);
  EXPECT_NEAR(chi_squared_survival(10100.0, 10000.0) / 0.23901532524017516, 1.0, 1e-11);
  EXPECT_NEAR(chi_squared_survival(100000.0, 100000.0) / 0.49940529189520672, 1.0, 1e-10);
}

// R: 2 * pnorm(-1.96), qnorm(0.975)
TEST(Wald, IsTheNormalTest) {
  const Inference i = wald(0.98, 0.5);
  EXPECT_EQ(i.z, 1.96);
  EXPECT_NEAR(i.p, 0.04999579029644087, 1e-15);
  EXPECT_NEAR(i.ci_low, 0.98 - 0.5 * 1.959963984540054, 1e-15);
  EXPECT_NEAR(i.ci_high, 0.98 + 0.5 * 1.959963984540054, 1e-15);
  EXPECT_NEAR(i.odds_ratio, 2.6644562419294169, 1e-14);
  EXPECT_EQ(wald(-0.98, 0.5).p, i.p);
  EXPECT_GT(wald(15.0, 0.5).p, 0.0) << "far in the tail";
}

// Spector and Mazzeo as Greene prints it: −12.88963 and −20.59173 of 32 rows, 4 coefficients.
TEST(FitStatistics, AreThoseOfAPublishedFit) {
  const FitStatistics s = fit_statistics(-12.8896334653335, -20.5917296966173, 32.0, 4, 1);
  EXPECT_NEAR(s.deviance, 25.779266930667, 1e-12);
  EXPECT_NEAR(s.aic, 33.779266930667, 1e-12);
  EXPECT_NEAR(s.bic, 25.779266930667 + 4.0 * std::log(32.0), 1e-12);
  EXPECT_NEAR(s.mcfadden_r2, 0.3740383321246228, 1e-14);
  EXPECT_NEAR(s.lr_chi2, 15.4041924625676, 1e-12);
  EXPECT_EQ(s.lr_df, 3.0);
  EXPECT_NEAR(s.lr_p, 0.001501877611128937, 1e-15);
  EXPECT_EQ(s.df_residual, 28.0);
}

TEST(NullLogLikelihood, IsThatOfTheSharesOfTheClasses) {
  EXPECT_NEAR(null_log_likelihood(std::array{21.0, 11.0}), -20.5917296966173, 1e-12);
  EXPECT_EQ(null_log_likelihood(std::array{3.0, 0.0}), 0.0);
}

}  // namespace
}  // namespace models
