// Checks the gradient of a function of tensors against witnesses that share nothing with its
// slopes, and says what it saw: a verdict for every entry, and for a failure the operation to
// blame.
//
//   const GradientReport report = check_gradients(
//       [](std::span<const Tensor> x) { return mean(square(x[0])); }, {{"w", {1.0, 2.0}}});
//   report.passed();   // true
//   report.text();     // the table for people
//
// Rule for callers: the function is called many times, each time with tensors of a fresh tape, and
// must compute the same thing from the same numbers. Constants it needs go onto that tape:
// inputs[0].tape()->constant(…).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/shape.h"
#include "autograd/tensor.h"

namespace autograd {

// What is said of an entry, an input and the whole, from best to worst.
enum class Verdict : std::uint8_t {
  pass,
  kink,        // at a kink, and the declared slope lies between the one-sided ones
  convention,  // between them, but neither 0 nor the slope on the ≤ side, as our rules have it
  domain,      // at the edge of the domain, and right as far as it can be seen from inside
  vacuous,     // everything is below the noise, or nothing depends on it: no pass
  fail,
  nondeterministic,  // the same numbers gave other values or slopes the second time
};
// "PASS", "KINK", "CONVENTION", "DOMAIN", "VACUOUS", "FAIL", "NONDETERMINISTIC".
std::string_view to_string(Verdict verdict);

// Where to check: values with their shape, and a name; "" becomes "input 1", "input 2", ….
struct CheckedInput {
  std::string name;
  Values values;
};

// Records a function on the tape of its inputs and returns its value.
using TensorFunction = std::function<Tensor(std::span<const Tensor> inputs)>;

struct CheckOptions {
  std::uint64_t seed = 1;
  double rtol_complex_step = 1e-12;
  double rtol_differences = 1e-6;
  Index all_entries_up_to = 2000;  // of each input
  Index sampled_entries = 64;      // of an input with more
  int projections = 3;             // random directions, where an input has more
  // 2: a Hessian times a random vector is checked as well, at every entry of inputs of up to 100,
  // at as many as above of larger ones.
  int order = 1;
};

// What a slope was compared with.
enum class WitnessKind : std::uint8_t {
  complex_step,  // of the recording, replayed in complex arithmetic
  differences,   // of the function recorded anew, central, extrapolated
  one_sided,     // the slopes from either side of a kink, or from inside the domain
};

struct EntryReport {
  Index entry = 0;  // row-major
  double value = 0.0;
  double analytic = 0.0;  // the slope by the reading that is worst off, backward() if none is
  double numeric = 0.0;
  double error = 0.0;      // estimate of the witness's own
  double tolerance = 0.0;  // the distance of analytic and numeric that passes
  double left = 0.0;       // one-sided slopes; NaN elsewhere than at a kink or an edge
  double right = 0.0;
  // By differences as well, and plainly (f(x + h) − f(x − h))/2h at h = ∛ε·max(1, |x|); NaN where
  // they were not asked: only small checks show all witnesses.
  double differences = 0.0;
  double differences_error = 0.0;
  double central_difference = 0.0;
  WitnessKind witness = WitnessKind::complex_step;
  Verdict verdict = Verdict::pass;
  // Which reading the slope is from: "backward()", "gradient()"; of second order, which order.
  std::string_view reading;
};

struct InputReport {
  std::string name;
  Shape shape;
  Verdict verdict = Verdict::pass;  // the worst of its entries; vacuous only if all of them are
  Index entries_checked = 0;        // of shape.size()
  int projections = 0;              // random directions it moved along; 0 where every entry was
  // Every slope here is 0 within the noise of its parts, as at a minimum; the verdict is that of a
  // point 1/128 beside this one.
  bool verified_beside = false;
  std::vector<EntryReport> entries;
};

struct GradientReport {
  Verdict verdict = Verdict::pass;
  double value = 0.0;  // of the function, or of its weighted sum
  // About 2.00 for a right gradient; NaN where it says nothing.
  double taylor_rate = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t seed = 1;
  std::vector<InputReport> inputs;
  std::vector<InputReport> second_order;  // of the Hessian times a random vector, for order 2
  // What is wrong, where, and what it looks like; "" where all is verified.
  std::string failure;

  // PASS, KINK, CONVENTION and DOMAIN are verified; the others are not.
  [[nodiscard]] bool passed() const;
  // A line for each input, or with `every_entry`, and where there are few, for each entry.
  [[nodiscard]] std::string text(bool every_entry = false) const;
};

// Checks ∂f/∂x for each input at the values given. A function of several elements is checked as
// their sum with weights drawn from the seed, ±0.5 … ±1.5, so that no error cancels out.
//
// Every entry of an input is checked, or of a large one as many as the options say, drawn from the
// seed, and then random directions along which all inputs move. Slopes by backward() and by
// gradient() are compared entry by entry, jvp() along random directions.
//
// The witness is the complex step over the recording, whose branches are those that were taken.
// Where a constant of the recording follows the inputs, so that a replay would not be the function,
// it is differences of the function recorded anew. Checks of up to 20 entries ask both.
//
// An entry passes where |analytic − numeric| ≤ 10·error + rtol·max(|analytic|, |numeric|). The
// error of a complex step is ε times the absolute parts that the slope is the sum of, Σ|v̄·v̇| over
// the values on the way: a slope of 1e-9 between parts of size 1 is known to 1e-16, no better, and
// a slope of 1e-9 by itself to all its digits. That of differences is their own estimate
// (witness.h), the rounding of f among it.
//
// An entry is vacuous where both slopes are below the error but differ; both exactly 0 is
// agreement. An input is vacuous where all of its entries are, here and 1/128 beside, or where no
// operation that carries a gradient leads from it to the value.
//
// At a kink, found from the branches taken a few ulp to either side (those of the rules, and of the
// function's own `if`s, which show in what is recorded), the slope must lie between the one-sided
// ones; where these are one, it must be that one.
//
// Throws ArgumentError for an input that is not finite or a function that returns no tensor of its
// inputs' tape, NonFiniteError naming the operation to blame where the value is not finite, and
// what the function throws.
GradientReport check_gradients(const TensorFunction& f, std::span<const CheckedInput> inputs,
                               const CheckOptions& options = {});
GradientReport check_gradients(const TensorFunction& f, std::initializer_list<CheckedInput> inputs,
                               const CheckOptions& options = {});

}  // namespace autograd
