// One rule evaluated outside any tape, in numbers, in complex numbers and in tangents.
//
// Rule for callers: the operands and the rule must outlive it.
#pragma once

#include <vector>

#include "autograd/verify/trials.h"

namespace autograd {

class Evaluation {
 public:
  Evaluation(const Rule& rule, const RuleOperands& at);
  // The geometry of a call points into it.
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;
  ~Evaluation() = default;

  [[nodiscard]] std::size_t result_size() const { return result_.size(); }

  // The rule's value at other operands of the same shapes.
  std::vector<double> value(const std::vector<std::vector<double>>& operands);
  // Adds to `adjoint` what operand k receives where the result's adjoint is `upstream`.
  void pull_back(std::size_t k, const std::vector<double>& upstream, std::vector<double>& adjoint);
  // The same where the values that Rule::pullback_reads does not name are not there: they are NaN.
  void pull_back_from_what_is_read(std::size_t k, const std::vector<double>& upstream,
                                   std::vector<double>& adjoint);
  // The tangent of the result where operand k alone moves.
  std::vector<double> tangent(std::size_t k, const std::vector<double>& direction);

  // Im Σ weights ⊙ rule(operands + i·step at entry i of operand k) / step, and the sum of its
  // absolute parts.
  struct Slope {
    double value = 0.0;
    double scale = 0.0;
  };
  Slope complex_step(std::size_t k, std::size_t i, double step, const std::vector<double>& weights);
  // The same where every entry of every operand the rule is differentiable by moves by i·step: ties
  // stay ties.
  Slope complex_step_of_all(double step, const std::vector<double>& weights);

 private:
  void prepare_complex();
  Slope slope_of_complex(double step, const std::vector<double>& weights);
  template <class S>
  Call<S> call_of(const std::vector<std::vector<S>>& operands, S* result, Scratch<S>& scratch);

  const Rule& rule_;
  const RuleOperands& at_;
  Shape result_shape_;
  Geometry geometry_;
  std::vector<double> result_;                 // at the operands themselves
  std::vector<std::vector<Complex>> complex_;  // the operands, once they are asked for
  Scratch<double> scratch_;
  Scratch<Complex> complex_scratch_;
  Scratch<Dual> dual_scratch_;
};

}  // namespace autograd
