// A function of tensors recorded at a point, for the gradient check: what was recorded, which way
// it went at its branches, and its slopes by a complex step over the recording.
//
// Rule for callers: the inputs are the first nodes of the tape, in their order. A Recording owns
// its tape and stays where it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "autograd/random.h"
#include "autograd/tape.h"
#include "autograd/verify/gradient_check.h"

namespace autograd {

// All entries of all inputs, one input after the other.
using Point = std::vector<double>;

// A function to check, and how a point becomes its inputs.
struct Subject {
  TensorFunction f;
  std::vector<std::string> names;
  std::vector<Shape> shapes;
  std::vector<std::size_t> starts;  // of each input in a point; the point's size comes last
  std::uint64_t seed = 1;           // of the weights of a function of several elements

  [[nodiscard]] std::size_t size() const { return starts.back(); }
  // The part of a point, or of a direction, that is one input's.
  [[nodiscard]] std::span<const double> part(std::span<const double> point, std::size_t k) const {
    return point.subspan(starts[k], starts[k + 1] - starts[k]);
  }
};

// The input's entries moved along a direction: from + t·direction.
Point moved(const Point& from, std::span<const double> direction, double t);

// ±0.5 … ±1.5: signs and sizes such that neither an error nor a sum of them cancels out.
double random_weight(Random& random);
// A tensor of one element as it is; of several, their sum with random weights.
Tensor weighted_sum(const Tensor& y, std::uint64_t seed);

class Recording {
 public:
  // Records the function, and a weighted sum of it where it has several elements. With `blames`,
  // the first value that is not finite throws NonFiniteError. Throws ArgumentError where the
  // function returns no tensor of this tape, and what the function throws.
  Recording(const Subject& subject, const Point& point, bool blames = false);

  [[nodiscard]] Tape& tape() { return tape_; }
  [[nodiscard]] const Tape& tape() const { return tape_; }
  [[nodiscard]] const Tensor& loss() const { return loss_; }
  [[nodiscard]] std::span<const Tensor> inputs() const { return inputs_; }
  [[nodiscard]] double value() const { return loss_.item(); }
  // The adjoints of all inputs, as long as a point. Runs backward().
  Point gradient();

  // ε·Σ|v̄·v| over all values v the loss is made of: what their rounding may have done to it. 0
  // before gradient().
  [[nodiscard]] double rounding() const;
  // For each element of a node, what its adjoint would be the sum of if no part had a sign: what
  // rounding of the adjoint is relative to. Empty before gradient().
  [[nodiscard]] std::span<const double> adjoint_parts(std::size_t index) const;

  // Whether the loss is made of a node; of nodes recorded after it, never.
  [[nodiscard]] bool needs(std::size_t index) const {
    return index < needed_.size() && needed_[index] != 0;
  }
  // Which way a node went; 0 for rules that have no branches. See readings/branches.h.
  [[nodiscard]] std::uint64_t branches(std::size_t index) const { return branches_[index]; }

 private:
  void find_needed();
  void find_branches();
  void find_adjoint_parts();

  Tape tape_;
  std::vector<Tensor> inputs_;
  Tensor loss_;
  std::vector<std::uint8_t> needed_;
  std::vector<std::uint64_t> branches_;
  std::vector<std::vector<double>> adjoint_parts_;
};

// Whether the same operations were recorded on operands of the same shapes.
bool same_operations(const Recording& a, const Recording& b);
// Whether they also went the same way at every branch.
bool same_branches(const Recording& a, const Recording& b);
// The nodes that went another way, of recordings of the same operations.
std::vector<std::size_t> switched_nodes(const Recording& a, const Recording& b);
// The constants that have other values, of recordings of the same operations; and how far the
// entries of one are apart at most.
std::vector<std::size_t> changed_constants(const Recording& a, const Recording& b);
double largest_change(const Recording& a, const Recording& b, std::size_t index);
// The first node that differs in anything, values to the last bit; nothing where none does.
std::optional<std::size_t> first_difference(const Recording& a, const Recording& b);
// The node furthest from the start whose adjoint differs; of recordings without another difference.
std::optional<std::size_t> differing_adjoint(const Recording& a, const Recording& b);

// A recording in complex arithmetic: its inputs take a tiny imaginary step, and the loss's
// imaginary part tells its slope. Real parts are those of the tape, so that every branch is the one
// that was taken.
class Replay {
 public:
  explicit Replay(const Recording& recording);

  // Whether every rule the loss is made by has a complex reading.
  [[nodiscard]] static bool is_possible(const Recording& recording);

  struct Slope {
    double value = 0.0;
    // ε·Σ|v̄·v̇| over the values that moved, v̄ without signs (adjoint_parts): what rounding, and
    // underflow of the step, may have done to it and to the gradient. 0 before gradient();
    // infinite beside an entry so small that no step is small beside it.
    double rounding = 0.0;
  };
  // How the loss moves along a direction, as long as a point.
  Slope along(const Subject& subject, std::span<const double> direction);

  enum class Nudged : std::uint8_t { leaves, all_values };
  // Σ|∂slope/∂v·v|, roughly: how far the slope along the last direction moves where values are a
  // little off. Of the leaves: what a slope that is a difference inside of one rule (σ(z) − y of a
  // cross-entropy) is the difference of. Of all values: what their rounding does to it.
  [[nodiscard]] double parts(const Subject& subject, std::span<const double> direction,
                             Nudged nudged, Random& random) const;

  // How a node moved along the last direction: an entry for each of its elements; empty where it
  // stood still.
  [[nodiscard]] std::vector<double> movement(std::size_t index) const;

 private:
  void move_inputs(const Subject& subject, std::span<const double> direction);
  void compute(std::size_t index);
  void keep_real_parts(std::size_t index);
  [[nodiscard]] double rounding_at(std::size_t index) const;

  const Recording& recording_;
  std::vector<std::vector<Complex>> values_;
  std::vector<std::size_t> moving_;  // along the last direction, in the order of the tape
  std::vector<std::uint8_t> moves_;
  bool step_is_tiny_ = true;
  double step_ = 1.0;
  Scratch<Complex> scratch_;
};

}  // namespace autograd
