#include "autograd/verify/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace autograd {

Evaluation::Evaluation(const Rule& rule, const RuleOperands& at)
    : rule_(rule), at_(at), result_shape_(result_shape(rule, at)) {
  for (std::size_t k = 0; k < rule.arity; ++k) geometry_.operands[k] = &at.shapes[k];
  geometry_.attributes = at.attributes;
  geometry_.result = &result_shape_;
  result_ = value(at.values);
}

template <class S>
Call<S> Evaluation::call_of(const std::vector<std::vector<S>>& operands, S* result,
                            Scratch<S>& scratch) {
  Call<S> call{geometry_, {}, result, &scratch};
  for (std::size_t k = 0; k < rule_.arity; ++k) call.operands[k] = operands[k].data();
  return call;
}

std::vector<double> Evaluation::value(const std::vector<std::vector<double>>& operands) {
  std::vector<double> result(static_cast<std::size_t>(result_shape_.size()));
  rule_.forward(rule_, call_of(operands, result.data(), scratch_));
  return result;
}

void Evaluation::pull_back(std::size_t k, const std::vector<double>& upstream,
                           std::vector<double>& adjoint) {
  rule_.pullback(rule_, call_of(at_.values, result_.data(), scratch_), k, upstream.data(),
                 adjoint.data());
}

void Evaluation::pull_back_from_what_is_read(std::size_t k, const std::vector<double>& upstream,
                                             std::vector<double>& adjoint) {
  const unsigned reads = rule_.pullback_reads(k);
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::vector<double>> operands = at_.values;
  std::vector<double> result = result_;
  for (std::size_t j = 0; j < rule_.arity; ++j) {
    if ((reads >> j & 1U) == 0U) std::fill(operands[j].begin(), operands[j].end(), nothing);
  }
  if ((reads >> max_operands & 1U) == 0U) std::fill(result.begin(), result.end(), nothing);
  rule_.pullback(rule_, call_of(operands, result.data(), scratch_), k, upstream.data(),
                 adjoint.data());
}

std::vector<double> Evaluation::tangent(std::size_t k, const std::vector<double>& direction) {
  std::vector<double> result(result_.size());
  TangentCall call{
      call_of(at_.values, result_.data(), scratch_), {}, result.data(), &dual_scratch_};
  call.tangents[k] = direction.data();
  rule_.forward_dual(rule_, call);
  return result;
}

void Evaluation::prepare_complex() {
  if (!complex_.empty()) return;
  for (const auto& values : at_.values) complex_.emplace_back(values.begin(), values.end());
}

Evaluation::Slope Evaluation::complex_step(std::size_t k, std::size_t i, double step,
                                           const std::vector<double>& weights) {
  prepare_complex();
  complex_[k][i] = Complex(at_.values[k][i], step);
  const Slope slope = slope_of_complex(step, weights);
  complex_[k][i] = Complex(at_.values[k][i]);
  return slope;
}

Evaluation::Slope Evaluation::complex_step_of_all(double step, const std::vector<double>& weights) {
  prepare_complex();
  const auto move_all = [&](double imaginary) {
    for (std::size_t k = 0; k < rule_.arity; ++k) {
      if (!rule_.differentiable[k]) continue;
      for (Complex& x : complex_[k]) x = Complex(x.real(), imaginary);
    }
  };
  move_all(step);
  const Slope slope = slope_of_complex(step, weights);
  move_all(0.0);
  return slope;
}

Evaluation::Slope Evaluation::slope_of_complex(double step, const std::vector<double>& weights) {
  std::vector<Complex> result(result_.size());
  rule_.forward_complex(rule_, call_of(complex_, result.data(), complex_scratch_));
  Slope sum;
  for (std::size_t j = 0; j < result.size(); ++j) {
    if (weights[j] == 0.0) continue;
    const double part = weights[j] * (result[j].imaginary() / step);
    sum.value += part;
    sum.scale += std::abs(part);
  }
  return sum;
}

}  // namespace autograd
