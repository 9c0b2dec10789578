// The vectorised functions against 80-bit long double (GNU libm), 11 bits more than they return.
#include "autograd/readings/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "autograd/random.h"

namespace autograd {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
static_assert(std::numeric_limits<long double>::digits >= 64,
              "the reference needs more digits than a double");

struct Kernel {
  std::string name;
  double (*scalar)(const double&);
  Pack (*pack)(const Pack&);
  long double (*reference)(long double);
  double low, high;  // where the value is finite
};

long double softplus_reference(long double x) {
  return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x)));
}
long double sigmoid_reference(long double x) {
  const long double e = std::exp(-std::abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

std::vector<Kernel> all_kernels() {
  using L = long double;
  return {
      {"exp", kernels::exp, kernels::exp, [](L x) { return std::exp(x); }, -745, 709.7},
      {"expm1", kernels::expm1, kernels::expm1, [](L x) { return std::expm1(x); }, -60, 709.7},
      {"log", kernels::log, kernels::log, [](L x) { return std::log(x); }, 0, 100},
      {"log1p", kernels::log1p, kernels::log1p, [](L x) { return std::log1p(x); }, -1, 100},
      {"tanh", kernels::tanh, kernels::tanh, [](L x) { return std::tanh(x); }, -25, 25},
      {"sigmoid", kernels::sigmoid, kernels::sigmoid, sigmoid_reference, -745, 745},
      {"softplus", kernels::softplus, kernels::softplus, softplus_reference, -745, 745},
  };
}

// The distance in units in the last place of the right answer.
double ulps(double value, long double right) {
  const auto rounded = static_cast<double>(right);
  if (std::isnan(rounded)) return std::isnan(value) ? 0.0 : infinity;
  if (std::isinf(rounded) || value == rounded) return value == rounded ? 0.0 : infinity;
  const double unit = std::nextafter(std::abs(rounded), infinity) - std::abs(rounded);
  return static_cast<double>(std::abs(value - right) / unit);
}

// Points spread evenly, close to 0 on a scale of powers of two, and over all magnitudes.
std::vector<double> points(const Kernel& kernel) {
  autograd::Random random(7);
  std::vector<double> x;
  for (int i = 0; i < 100000; ++i) {
    x.push_back(random.uniform(kernel.low, kernel.high));
    x.push_back(random.uniform(std::max(kernel.low, -2.0), 2.0));
    const double tiny =
        std::ldexp(random.uniform(-1.0, 1.0), -static_cast<int>(random.uniform(0.0, 60.0)));
    x.push_back(kernel.low < 0.0 ? tiny : std::abs(tiny));
  }
  return x;
}

TEST(Kernels, AreWithinTwoUnitsInTheLastPlace) {
  for (const Kernel& kernel : all_kernels()) {
    double worst = 0.0;
    double where = 0.0;
    for (const double x : points(kernel)) {
      const double error = ulps(kernel.pack(Pack(x))[0], kernel.reference(x));
      if (error > worst) {
        worst = error;
        where = x;
      }
    }
    EXPECT_LE(worst, 2.0) << kernel.name << " at " << where;
    RecordProperty(kernel.name, std::to_string(worst));
  }
}

TEST(Kernels, KeepSubnormalNumbers) {
  for (const double x : {-708.5, -720.0, -740.0, -745.1}) {
    const auto right = static_cast<double>(std::exp(static_cast<long double>(x)));
    EXPECT_NEAR(kernels::exp(x), right, 2 * std::numeric_limits<double>::denorm_min()) << x;
    EXPECT_NEAR(kernels::sigmoid(x), right, 2 * std::numeric_limits<double>::denorm_min()) << x;
    EXPECT_NEAR(kernels::softplus(x), right, 2 * std::numeric_limits<double>::denorm_min()) << x;
  }
  for (const double tiny : {5e-324, 1e-320, -1e-320, 1e-310}) {
    EXPECT_EQ(kernels::expm1(tiny), tiny);
    EXPECT_EQ(kernels::log1p(tiny), tiny);
    EXPECT_EQ(kernels::tanh(tiny), tiny);
  }
  EXPECT_LE(ulps(kernels::log(1e-320), std::log(static_cast<long double>(1e-320))), 1.0);
}

TEST(Kernels, RoundSubnormalNumbersAlikeInAPack) {
  for (int i = 0; i < 4000; ++i) {
    const double x = -700.0 - 0.0125 * i;
    ASSERT_EQ(kernels::exp(Pack(x))[0], kernels::exp(x)) << x;
  }
  for (const double x : {709.7, 709.78, 709.79, 1e4, -1e4, infinity, -infinity}) {
    ASSERT_EQ(kernels::exp(Pack(x))[0], kernels::exp(x)) << x;
  }
}

TEST(Kernels, KeepTheEndsOfTheLine) {
  EXPECT_EQ(kernels::exp(infinity), infinity);
  EXPECT_EQ(kernels::exp(-infinity), 0.0);
  EXPECT_EQ(kernels::exp(709.79), infinity);
  EXPECT_EQ(kernels::exp(-746.0), 0.0);
  EXPECT_EQ(kernels::exp(0.0), 1.0);
  EXPECT_EQ(kernels::expm1(infinity), infinity);
  EXPECT_EQ(kernels::expm1(-infinity), -1.0);
  EXPECT_EQ(kernels::log(infinity), infinity);
  EXPECT_EQ(kernels::log(0.0), -infinity);
  EXPECT_EQ(kernels::log(-0.0), -infinity);
  EXPECT_TRUE(std::isnan(kernels::log(-1e-300)));
  EXPECT_EQ(kernels::log1p(-1.0), -infinity);
  EXPECT_EQ(kernels::log1p(infinity), infinity);
  EXPECT_TRUE(std::isnan(kernels::log1p(-1.5)));
  EXPECT_EQ(kernels::tanh(infinity), 1.0);
  EXPECT_EQ(kernels::tanh(-infinity), -1.0);
  EXPECT_EQ(kernels::sigmoid(infinity), 1.0);
  EXPECT_EQ(kernels::sigmoid(-infinity), 0.0);
  EXPECT_EQ(kernels::softplus(infinity), infinity);
  EXPECT_EQ(kernels::softplus(-infinity), 0.0);
  EXPECT_EQ(kernels::softplus(1e308), 1e308);
}

TEST(Kernels, GiveNanForNan) {
  for (const Kernel& kernel : all_kernels()) {
    EXPECT_TRUE(std::isnan(kernel.scalar(nan))) << kernel.name;
    EXPECT_TRUE(std::isnan(kernel.pack(Pack(nan))[0])) << kernel.name;
  }
}

TEST(Kernels, HaveTheSameBitsForAScalarAndInEveryLaneOfAPack) {
  for (const Kernel& kernel : all_kernels()) {
    for (const double x : points(kernel)) {
      const double scalar = kernel.scalar(x);
      const Pack pack = kernel.pack(Pack(x));
      ASSERT_EQ(pack[0], scalar) << kernel.name << x;
      ASSERT_EQ(pack[Pack::lanes - 1], scalar) << kernel.name << x;
    }
  }
}

}  // namespace
}  // namespace autograd
