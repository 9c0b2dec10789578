#include "autograd/verify/witness.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace autograd {
namespace {

constexpr std::size_t tableau_size = 10;
constexpr double shrink = 1.4;

// A step that x can take exactly: x + h − x = h without rounding.
double exact_step(double x, double step) {
  const volatile double moved = x + step;
  return moved - x;
}

// A difference quotient, and the larger of the values it is made of.
struct Quotient {
  double slope = 0.0;
  double size = 0.0;
};

// Neville's scheme on quotients at steps h, h/1.4, …, whose error falls by `gain` from each step to
// the next, and by another factor of it in each column.
template <class QuotientAt>
Difference extrapolated(const QuotientAt& quotient_at, double x, double step, double gain) {
  std::array<std::array<double, tableau_size>, tableau_size> a{};
  Difference best{std::numeric_limits<double>::quiet_NaN(),
                  std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < tableau_size; ++i) {
    const double h = exact_step(x, step / std::pow(shrink, static_cast<double>(i)));
    if (h == 0.0) break;
    const Quotient quotient = quotient_at(h);
    a[0][i] = quotient.slope;
    // What rounding alone may have done to this quotient, however well the others agree.
    const double noise = 4.0 * std::numeric_limits<double>::epsilon() * quotient.size / std::abs(h);
    double factor = gain;
    for (std::size_t j = 1; j <= i; ++j) {
      a[j][i] = (a[j - 1][i] * factor - a[j - 1][i - 1]) / (factor - 1.0);
      factor *= gain;
      const double error =
          noise + std::max(std::abs(a[j][i] - a[j - 1][i]), std::abs(a[j][i] - a[j - 1][i - 1]));
      if (error <= best.error) best = {a[j][i], error};
    }
  }
  return best;
}

}  // namespace

Difference ridders(const std::function<double(double)>& f, double x, double step,
                   double magnitude) {
  const auto central = [&](double h) {
    const double right = f(x + h);
    const double left = f(x - h);
    return Quotient{(right - left) / (2.0 * h),
                    std::max({std::abs(right), std::abs(left), magnitude})};
  };
  return extrapolated(central, x, step, shrink * shrink);
}

Difference ridders_one_sided(const std::function<double(double)>& f, double x, double step,
                             double magnitude) {
  const double at_x = f(x);
  const auto from_one_side = [&](double h) {
    const double beside = f(x + h);
    return Quotient{(beside - at_x) / h, std::max({std::abs(beside), std::abs(at_x), magnitude})};
  };
  return extrapolated(from_one_side, x, step, shrink);
}

double one_sided(const std::function<double(double)>& f, double x, double step) {
  const double h = exact_step(x, step);
  return (f(x + h) - f(x)) / h;
}

}  // namespace autograd
