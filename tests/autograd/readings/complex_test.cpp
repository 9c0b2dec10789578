// The complex reading: Im f(x + ih)/h is the slope, for every function of the vocabulary.
#include "autograd/readings/complex.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

constexpr double step = 1e-20;

struct Known {
  const char* name;
  std::function<Complex(const Complex&)> f;
  std::function<double(double)> value;
  std::function<double(double)> slope;
  std::vector<double> points;
};

const std::vector<Known>& known() {
  using C = const Complex&;
  static const std::vector<Known> all{
      {"exp",
       [](C x) { return num::exp(x); },
       [](double x) { return std::exp(x); },
       [](double x) { return std::exp(x); },
       {-600.0, -1.0, 0.0, 2.0, 700.0}},
      {"log",
       [](C x) { return num::log(x); },
       [](double x) { return std::log(x); },
       [](double x) { return 1.0 / x; },
       {1e-8, 0.5, 1.0, 1e10}},
      {"log1p",
       [](C x) { return num::log1p(x); },
       [](double x) { return std::log1p(x); },
       [](double x) { return 1.0 / (1.0 + x); },
       {-0.5, 1e-17, 0.0, 1e10}},
      {"expm1",
       [](C x) { return num::expm1(x); },
       [](double x) { return std::expm1(x); },
       [](double x) { return std::exp(x); },
       {-30.0, 1e-17, 0.0, 3.0}},
      {"sqrt",
       [](C x) { return num::sqrt(x); },
       [](double x) { return std::sqrt(x); },
       [](double x) { return 0.5 / std::sqrt(x); },
       {1e-8, 1.0, 2.0, 1e100}},
      {"tanh",
       [](C x) { return num::tanh(x); },
       [](double x) { return std::tanh(x); },
       [](double x) { return 1.0 / (std::cosh(x) * std::cosh(x)); },
       {-20.0, -0.3, 0.0, 5.0, 300.0}},
      {"sigmoid",
       [](C x) { return num::sigmoid(x); },
       [](double x) { return num::sigmoid(x); },
       [](double x) { return 1.0 / (2.0 + 2.0 * std::cosh(x)); },
       {-40.0, -0.3, 0.0, 5.0, 600.0}},
      {"softplus",
       [](C x) { return num::softplus(x); },
       [](double x) { return num::softplus(x); },
       [](double x) { return num::sigmoid(x); },
       {-600.0, -0.3, 0.0, 5.0, 700.0}},
      {"abs",
       [](C x) { return num::abs(x); },
       [](double x) { return std::abs(x); },
       [](double x) { return x < 0.0 ? -1.0 : 1.0; },
       {-3.0, 4.0}},
      {"cube",
       [](C x) { return num::pow(x, 3.0); },
       [](double x) { return x * x * x; },
       [](double x) { return 3.0 * x * x; },
       {-2.0, -0.5, 0.25, 100.0}},
      {"exponential to base 2",
       [](C x) { return num::pow(2.0, x); },
       [](double x) { return std::pow(2.0, x); },
       [](double x) { return std::log(2.0) * std::pow(2.0, x); },
       {-3.0, 0.5, 10.0}},
      {"quotient",
       [](C x) { return (x + 1.0) / (x * x + 2.0); },
       [](double x) { return (x + 1.0) / (x * x + 2.0); },
       [](double x) {
         return (x * x + 2.0 - 2.0 * x * (x + 1.0)) / ((x * x + 2.0) * (x * x + 2.0));
       },
       {-3.0, 0.5, 10.0}},
  };
  return all;
}

TEST(Complex, StepGivesTheSlopeOfEveryFunctionToTheLastDigits) {
  for (const Known& k : known()) {
    for (const double x : k.points) {
      const Complex y = k.f(Complex(x, step));
      EXPECT_NEAR(y.real(), k.value(x), 8.0 * epsilon * std::abs(k.value(x)) + step * step)
          << k.name << " " << x;
      EXPECT_NEAR(y.imaginary() / step, k.slope(x), 16.0 * epsilon * std::abs(k.slope(x)))
          << k.name << "' at " << x;
    }
  }
}

TEST(Complex, OutsideTheRealDomainIsNaNNotAnImaginaryValue) {
  EXPECT_TRUE(std::isnan(num::log(Complex(-1.0)).real()));
  EXPECT_TRUE(std::isnan(num::sqrt(Complex(-1.0)).real()));
  EXPECT_TRUE(std::isnan(num::pow(Complex(-1.0), Complex(0.5)).real()));
  EXPECT_TRUE(std::isnan(num::tanh(Complex(not_a_number)).real()));
}

TEST(Complex, ConditionsLookAtTheRealPartAlone) {
  EXPECT_TRUE(Complex(1.0, 5.0) < Complex(2.0, -5.0));
  EXPECT_TRUE(Complex(1.0, 5.0) == Complex(1.0, 0.0));
  EXPECT_FALSE(Complex(1.0) != Complex(1.0, step));
}

TEST(Complex, GateKeepsAStepThroughZero) {
  EXPECT_EQ(num::gated(Complex(0.0), Complex(infinity)).real(), 0.0);
  EXPECT_EQ(num::gated(Complex(0.0, step), Complex(3.0)).imaginary(), 3.0 * step);
}

TEST(Complex, APowerAtZeroMovesWithItsFirstPowerAlone) {
  const auto slope = [](double p) {
    return num::pow(Complex(0.0, step), Complex(p)).imaginary() / step;
  };
  EXPECT_EQ(slope(0.0), 0.0);
  EXPECT_EQ(slope(1.0), 1.0);
  EXPECT_EQ(slope(1.5), 0.0);
  EXPECT_EQ(slope(2.0), 0.0);
  EXPECT_EQ(slope(0.5), infinity);
  EXPECT_EQ(num::pow(Complex(-0.0, step), Complex(2.0)).real(), 0.0);
  EXPECT_EQ(num::pow(Complex(0.0, step), Complex(0.0)).real(), 1.0);
}

}  // namespace
}  // namespace autograd::testing
