// What is seen of a function's slope along a line without looking at any slope, adjoint or pullback
// of a rule: by the complex step, by differences, or from either side of a kink.
//
// Rule for callers: the subject, the point and the recording must outlive the prober; the recording
// has had its backward().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "autograd/verify/recording.h"
#include "autograd/verify/witness.h"

namespace autograd {

// Where a point moves: one entry alone, or all of them along a direction.
struct Line {
  std::optional<std::size_t> entry;
  Point direction;
  double origin = 0.0;         // of the entry; 0 along a direction
  double first_step = 0.1;     // the furthest that is looked at
  double smallest_step = 0.0;  // a few ulp: what changes there is at a kink

  static Line along_entry(const Point& point, std::size_t entry);
  // ±0.5 … ±1.5 for each entry, times the entry where that is larger than 1.
  static Line along_random_direction(const Point& point, Random& random);
  // The point whose entry is s, or that is s along the direction.
  [[nodiscard]] Point at(const Point& from, double s) const;
};

struct SlopeWitness {
  enum class Place : std::uint8_t { smooth, kink, edge };

  Place place = Place::smooth;
  WitnessKind kind = WitnessKind::complex_step;
  double value = 0.0;  // NaN at a kink
  double error = 0.0;
  // At a kink or an edge; NaN on a side outside the domain.
  double left = 0.0;
  double right = 0.0;
  bool jumps = false;      // the value itself is not continuous
  bool unbounded = false;  // at an edge: the slope grows without bound towards it
  // At a kink of a rule that is not the catalogue's: the slope on its ≤ side.
  std::optional<double> lower_side;
};

class Prober {
 public:
  Prober(const Subject& subject, const Point& point, const Recording& base, std::uint64_t seed);

  // The constant of the recording that is not the same when inputs move, which no replay can see:
  // a value that was read outside the tape.
  [[nodiscard]] std::optional<std::size_t> moving_constant() const { return moving_constant_; }
  // Whether slopes can be had from a complex step over the recording.
  [[nodiscard]] bool replays() const { return replay_.has_value() && !moving_constant_; }

  SlopeWitness slope(const Line& line);
  // For a complex step that is doubted: its error, with what cancels out inside of rules.
  double widened_error(const Line& line, const SlopeWitness& witness);
  // By differences of the function recorded anew, as far out as no kink is met.
  Difference differences(const Line& line);
  // How the slope along a direction, by the complex step, changes along a line: what a Hessian
  // times that direction has there.
  Difference second_differences(const Line& line, std::span<const double> direction);
  // (f(x + h) − f(x − h))/2h at h = ∛ε·max(1, |x|).
  double central_difference(const Line& line);
  // The median of log2 R(h)/R(h/2), R(h) = |f(x + hd) − f(x) − h·slope|; NaN where R is rounding.
  double taylor_rate(const Line& line, double slope);

  // How nodes moved along a line; a node that did not is empty.
  Replay& replay() { return *replay_; }

 private:
  using Beside = std::unique_ptr<Recording>;
  // Null where the function has no finite value.
  [[nodiscard]] Beside beside(const Line& line, double step) const;
  [[nodiscard]] double value_at(const Line& line, double s) const;
  [[nodiscard]] bool goes_as(const Recording& a, const Recording& b) const;
  [[nodiscard]] bool is_clear(const Line& line, double step) const;
  [[nodiscard]] double room(const Line& line) const;
  template <class Function>
  [[nodiscard]] Difference converged(const Function& f, const Line& line, double rounding) const;
  [[nodiscard]] double slope_beside(const Line& line, const Beside& side, double step) const;
  [[nodiscard]] double bend(const Line& line, const Recording& side, double step,
                            double slope) const;
  void find_moving_constant(Random& random);
  void measure_rounding(Random& random);
  SlopeWitness at_kink(const Line& line, const Beside& left, const Beside& right) const;
  SlopeWitness at_edge(const Line& line, const Beside& left, const Beside& right) const;
  [[nodiscard]] std::optional<double> lower_side(const SlopeWitness& seen, const Recording& left,
                                                 const Recording& right) const;

  const Subject& subject_;
  const Point& point_;
  const Recording& base_;
  std::uint64_t seed_;
  std::optional<Replay> replay_;
  std::optional<std::size_t> moving_constant_;
  double rounding_ = 0.0;  // of the function's value
};

}  // namespace autograd
