#include "autograd/readings/recorded.h"

#include <cmath>
#include <numeric>

#include "autograd/operations.h"

namespace autograd {
namespace {

SourceLine where_of(const Recorded& a, const Recorded& b) {
  return a.is_number() ? b.operand().where() : a.operand().where();
}

// A number takes the line of the tensor beside it.
Operand at(const Recorded& a, SourceLine where) {
  return a.is_number() ? Operand(a.operand().number(), where) : a.operand();
}

template <class OnNumber, class OnTensor>
Recorded unary(const Recorded& x, OnNumber on_number, OnTensor on_tensor) {
  if (x.is_number()) return Recorded(on_number(x.operand().number()));
  return {on_tensor(x.operand()), x.operand().where()};
}

template <class OnNumbers, class OnTensors>
Recorded binary(const Recorded& a, const Recorded& b, OnNumbers on_numbers, OnTensors on_tensors) {
  if (a.is_number() && b.is_number()) {
    return Recorded(static_cast<double>(on_numbers(a.operand().number(), b.operand().number())));
  }
  const SourceLine where = where_of(a, b);
  return {on_tensors(at(a, where), at(b, where)), where};
}

}  // namespace

Tensor Recorded::tensor_like(const Tensor& like) const {
  if (!is_number()) return operand_.tensor();
  const Shape shape = like.shape();
  const std::vector<double> filled(static_cast<std::size_t>(shape.size()), operand_.number());
  return like.tape()->constant(Values(filled, shape), line_of(like));
}

SourceLine line_of(const Tensor& tensor) {
  const Tape& tape = *tensor.tape();
  return tape.checked(tensor).where;
}

Recorded operator-(const Recorded& a) {
  return unary(
      a, [](double x) { return -x; }, [](const Operand& x) { return -x; });
}
Recorded operator+(const Recorded& a, const Recorded& b) {
  if (a.is(0.0)) return b;
  if (b.is(0.0)) return a;
  return binary(a, b, std::plus<>{}, [](const Operand& x, const Operand& y) { return x + y; });
}
Recorded operator-(const Recorded& a, const Recorded& b) {
  if (b.is(0.0)) return a;
  if (a.is(0.0)) return -b;
  return binary(a, b, std::minus<>{}, [](const Operand& x, const Operand& y) { return x - y; });
}
Recorded operator*(const Recorded& a, const Recorded& b) {
  if (a.is(1.0)) return b;
  if (b.is(1.0)) return a;
  if (a.is(-1.0)) return -b;
  if (b.is(-1.0)) return -a;
  return binary(a, b, std::multiplies<>{},
                [](const Operand& x, const Operand& y) { return x * y; });
}
Recorded operator/(const Recorded& a, const Recorded& b) {
  if (b.is(1.0)) return a;
  return binary(a, b, std::divides<>{}, [](const Operand& x, const Operand& y) { return x / y; });
}
Recorded operator<(const Recorded& a, const Recorded& b) {
  return binary(a, b, std::less<>{}, less);
}
Recorded operator>(const Recorded& a, const Recorded& b) {
  return binary(a, b, std::greater<>{}, greater);
}
Recorded operator<=(const Recorded& a, const Recorded& b) {
  return binary(a, b, std::less_equal<>{}, less_equal);
}
Recorded operator>=(const Recorded& a, const Recorded& b) {
  return binary(a, b, std::greater_equal<>{}, greater_equal);
}
Recorded operator==(const Recorded& a, const Recorded& b) {
  return binary(a, b, std::equal_to<>{}, equal);
}
Recorded operator!=(const Recorded& a, const Recorded& b) {
  return binary(a, b, std::not_equal_to<>{}, not_equal);
}

RecordedFibre operator-(const RecordedFibre& a) { return a.with(-a.operand()); }
RecordedFibre operator+(const RecordedFibre& a, const RecordedFibre& b) {
  return a.with(a.operand() + b.operand());
}
RecordedFibre operator-(const RecordedFibre& a, const RecordedFibre& b) {
  return a.with(a.operand() - b.operand());
}
RecordedFibre operator*(const RecordedFibre& a, const RecordedFibre& b) {
  return a.with(a.operand() * b.operand());
}
RecordedFibre operator/(const RecordedFibre& a, const RecordedFibre& b) {
  return a.with(a.operand() / b.operand());
}

Tensor record_on(const Rule& rule, const Tensor& operand, std::span<const Index> attributes,
                 SourceLine where) {
  const Operand at(operand, where);
  // The tape's own attributes move when it grows.
  const std::vector<Index> copy(attributes.begin(), attributes.end());
  return operand.tape()->record(rule, {&at, 1}, copy);
}

Tensor reshaped(const Tensor& tensor, const Shape& shape, SourceLine where) {
  return tensor.shape() == shape ? tensor : reshape(Operand(tensor, where), shape);
}
Tensor repeated(const Tensor& tensor, const Shape& shape, SourceLine where) {
  return tensor.shape() == shape ? tensor : broadcast_to(Operand(tensor, where), shape);
}

namespace num {

// A number goes the way a double goes; a tensor is an operation of the same name.
Recorded exp(const Recorded& x) {
  return unary(
      x, [](double v) { return exp(v); }, [](const Operand& v) { return autograd::exp(v); });
}
Recorded log(const Recorded& x) {
  return unary(
      x, [](double v) { return log(v); }, [](const Operand& v) { return autograd::log(v); });
}
Recorded log1p(const Recorded& x) {
  return unary(
      x, [](double v) { return log1p(v); }, [](const Operand& v) { return autograd::log1p(v); });
}
Recorded expm1(const Recorded& x) {
  return unary(
      x, [](double v) { return expm1(v); }, [](const Operand& v) { return autograd::expm1(v); });
}
Recorded sqrt(const Recorded& x) {
  return unary(
      x, [](double v) { return sqrt(v); }, [](const Operand& v) { return autograd::sqrt(v); });
}
Recorded tanh(const Recorded& x) {
  return unary(
      x, [](double v) { return tanh(v); }, [](const Operand& v) { return autograd::tanh(v); });
}
Recorded abs(const Recorded& x) {
  return unary(
      x, [](double v) { return abs(v); }, [](const Operand& v) { return autograd::abs(v); });
}
Recorded sigmoid(const Recorded& x) {
  return unary(
      x, [](double v) { return sigmoid(v); },
      [](const Operand& v) { return autograd::sigmoid(v); });
}
Recorded softplus(const Recorded& x) {
  return unary(
      x, [](double v) { return softplus(v); },
      [](const Operand& v) { return autograd::softplus(v); });
}
Recorded pow(const Recorded& x, const Recorded& p) {
  return binary(
      x, p, [](double v, double w) { return pow(v, w); }, power);
}

Recorded select(const Recorded& condition, const Recorded& a, const Recorded& b) {
  if (condition.is_number()) return condition.is(0.0) ? b : a;
  // A condition is 1 where it holds and 0 where not.
  if (a.is(1.0) && b.is(0.0)) return condition;
  const SourceLine where = condition.operand().where();
  return {autograd::where(condition.operand(), at(a, where), at(b, where)), where};
}

Recorded guard_nan(const Recorded& x, const Recorded& v) {
  if (x.is_number()) return std::isnan(x.operand().number()) ? x : v;
  const SourceLine where = x.operand().where();
  return {autograd::guard_nan(x.operand(), at(v, where)), where};
}

Recorded gated(const Recorded& y, const Recorded& v) {
  // A finite number has nothing to gate: its product with 0 is 0.
  if (v.is_finite_number()) return y * v;
  // Nor has a tensor behind a gate that is open or shut for all of it.
  if (y.is_number()) return y.is(0.0) ? Recorded(0.0) : y * v;
  return {gated_multiply(y.operand(), at(v, y.operand().where())), y.operand().where()};
}

Recorded gated_by_both(const Recorded& y, const Recorded& v) {
  if (y.is(0.0) || v.is(0.0)) return {0.0};
  if (y.is_finite_number() || v.is_finite_number()) return y * v;
  return binary(
      y, v, [](double a, double b) { return gated_by_both(a, b); }, autograd::gated_by_both);
}

Recorded matmul(const Recorded& a, const Recorded& b) {
  return {gated_matmul(a.operand(), b.operand()), a.operand().where()};
}

Recorded transpose(const Recorded& x) {
  std::array<Index, Shape::max_rank> order{};
  const auto rank = static_cast<std::size_t>(x.operand().tensor().rank());
  const auto axes = std::span(order).first(rank);
  std::iota(axes.begin(), axes.end(), Index{0});
  if (rank >= 2) std::swap(axes[rank - 2], axes[rank - 1]);
  return {permute(x.operand(), axes), x.operand().where()};
}

RecordedFibre exp(const RecordedFibre& x) { return x.with(autograd::exp(x.operand())); }
RecordedFibre log(const RecordedFibre& x) { return x.with(autograd::log(x.operand())); }
RecordedFibre gated(const RecordedFibre& y, const RecordedFibre& v) {
  return y.with(gated_multiply(y.operand(), v.operand()));
}
RecordedFibre gated_by_both(const RecordedFibre& y, const RecordedFibre& v) {
  return y.with(autograd::gated_by_both(y.operand(), v.operand()));
}
RecordedFibre sum(const RecordedFibre& x) {
  return x.with(autograd::sum(x.operand(), {x.axis()}, true));
}
RecordedFibre sum_of_others(const RecordedFibre& x) {
  return x.with(autograd::sum_of_others(x.operand(), x.axis()));
}
RecordedFibre max(const RecordedFibre& x) {
  return x.with(autograd::max(x.operand(), x.axis(), true));
}
RecordedFibre exponent_shift(const RecordedFibre& x) {
  return x.with(autograd::exponent_shift(x.operand(), x.axis(), true));
}
RecordedFibre first_maximum(const RecordedFibre& x) {
  return x.with(autograd::first_maximum(x.operand(), x.axis()));
}

}  // namespace num
}  // namespace autograd
