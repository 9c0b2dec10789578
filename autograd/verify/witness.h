// Witnesses of a derivative that do not share the rule they check.
#pragma once

#include <functional>

namespace autograd {

// A derivative by differences, and how far off it may be.
struct Difference {
  double value = 0.0;
  double error = 0.0;  // estimate: of the extrapolation, and of the rounding of f
};

// The derivative of f at x by central differences at steps h, h/1.4, h/1.4², …, extrapolated to
// step 0 (Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering
// Software 4 (1982)). Nothing further than `step` from x is looked at. `magnitude` is that of the
// largest intermediate result of f, where f itself does not show it: of the parts of a sum that
// cancel out.
Difference ridders(const std::function<double(double)>& f, double x, double step,
                   double magnitude = 0.0);
// The same from one side, for the slope beside a kink: a negative step looks left.
Difference ridders_one_sided(const std::function<double(double)>& f, double x, double step,
                             double magnitude = 0.0);

// The one-sided difference quotient (f(x + step) − f(x))/step; a negative step looks left.
double one_sided(const std::function<double(double)>& f, double x, double step);

}  // namespace autograd
