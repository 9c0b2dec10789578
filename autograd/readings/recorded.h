// The recorded reading: a rule's slope, adjoint or pullback as operations on the tape, so that it
// can be differentiated again. autograd/gradient.h is made of it.
//
// A Recorded is a tensor or a plain number. Numbers fold: 2·3 is 6, a factor 1 and a term 0 vanish,
// so that a slope of V(1.0) costs no operation. Conditions are tensors of 0 and 1.
// Rule for callers: only the handle of a tensor is known here; what records lies in recorded.cpp,
// above rules and tape.
#pragma once

#include <cmath>
#include <span>

#include "autograd/readings/vocabulary.h"
#include "autograd/shape.h"
#include "autograd/tensor.h"

namespace autograd {

struct Rule;

class Recorded {
 public:
  Recorded(double number) : operand_(number, SourceLine{}) {}
  // What is recorded from it is blamed on the line `where`.
  Recorded(const Tensor& tensor, SourceLine where) : operand_(tensor, where) {}

  [[nodiscard]] bool is_number() const { return operand_.is_number(); }
  [[nodiscard]] bool is(double number) const { return is_number() && operand_.number() == number; }
  [[nodiscard]] bool is_finite_number() const {
    return is_number() && std::isfinite(operand_.number());
  }
  [[nodiscard]] const Operand& operand() const { return operand_; }
  // The tensor; for a number, a constant of the shape and on the tape of `like`.
  [[nodiscard]] Tensor tensor_like(const Tensor& like) const;

  friend Recorded operator-(const Recorded& a);
  friend Recorded operator+(const Recorded& a, const Recorded& b);
  friend Recorded operator-(const Recorded& a, const Recorded& b);
  friend Recorded operator*(const Recorded& a, const Recorded& b);
  friend Recorded operator/(const Recorded& a, const Recorded& b);
  friend Recorded operator<(const Recorded& a, const Recorded& b);
  friend Recorded operator>(const Recorded& a, const Recorded& b);
  friend Recorded operator<=(const Recorded& a, const Recorded& b);
  friend Recorded operator>=(const Recorded& a, const Recorded& b);
  friend Recorded operator==(const Recorded& a, const Recorded& b);
  friend Recorded operator!=(const Recorded& a, const Recorded& b);

 private:
  Operand operand_;
};

// The line of the user's program that recorded a tensor.
SourceLine line_of(const Tensor& tensor);

// A tensor read along an axis. Reductions keep that axis with extent 1, so that broadcasting
// combines them with a whole fibre.
class RecordedFibre {
 public:
  RecordedFibre(const Tensor& tensor, Index axis, SourceLine where)
      : tensor_(tensor), axis_(axis), where_(where) {}

  [[nodiscard]] const Tensor& tensor() const { return tensor_; }
  [[nodiscard]] Index axis() const { return axis_; }
  [[nodiscard]] SourceLine where() const { return where_; }
  // What an operation on it needs: the tensor, and the line to blame.
  [[nodiscard]] Operand operand() const { return {tensor_, where_}; }
  [[nodiscard]] RecordedFibre with(const Tensor& tensor) const { return {tensor, axis_, where_}; }

  friend RecordedFibre operator-(const RecordedFibre& a);
  friend RecordedFibre operator+(const RecordedFibre& a, const RecordedFibre& b);
  friend RecordedFibre operator-(const RecordedFibre& a, const RecordedFibre& b);
  friend RecordedFibre operator*(const RecordedFibre& a, const RecordedFibre& b);
  friend RecordedFibre operator/(const RecordedFibre& a, const RecordedFibre& b);

 private:
  Tensor tensor_;
  Index axis_;
  SourceLine where_;
};

// Records a rule of one operand on the tape of that operand.
Tensor record_on(const Rule& rule, const Tensor& operand, std::span<const Index> attributes,
                 SourceLine where);
// A tensor in another shape of as many elements; itself where it has that shape already.
Tensor reshaped(const Tensor& tensor, const Shape& shape, SourceLine where);
// A tensor repeated to a shape; itself where it has that shape already.
Tensor repeated(const Tensor& tensor, const Shape& shape, SourceLine where);

}  // namespace autograd

namespace autograd::num {

Recorded exp(const Recorded& x);
Recorded log(const Recorded& x);
Recorded log1p(const Recorded& x);
Recorded expm1(const Recorded& x);
Recorded sqrt(const Recorded& x);
Recorded tanh(const Recorded& x);
Recorded pow(const Recorded& x, const Recorded& p);
Recorded abs(const Recorded& x);
Recorded sigmoid(const Recorded& x);
Recorded softplus(const Recorded& x);
Recorded select(const Recorded& condition, const Recorded& a, const Recorded& b);
Recorded guard_nan(const Recorded& x, const Recorded& v);
Recorded gated(const Recorded& y, const Recorded& v);
Recorded gated_by_both(const Recorded& y, const Recorded& v);

// Matrices in the last two axes; batches before them broadcast. One factor is an adjoint: 0·∞ is 0.
Recorded matmul(const Recorded& a, const Recorded& b);
Recorded transpose(const Recorded& x);

RecordedFibre exp(const RecordedFibre& x);
RecordedFibre log(const RecordedFibre& x);
RecordedFibre gated(const RecordedFibre& y, const RecordedFibre& v);
RecordedFibre gated_by_both(const RecordedFibre& y, const RecordedFibre& v);
RecordedFibre sum(const RecordedFibre& x);
RecordedFibre sum_of_others(const RecordedFibre& x);
RecordedFibre max(const RecordedFibre& x);
RecordedFibre exponent_shift(const RecordedFibre& x);
RecordedFibre first_maximum(const RecordedFibre& x);

}  // namespace autograd::num
