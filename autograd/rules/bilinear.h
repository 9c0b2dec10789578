// Bilinear rules: products of matrices. Value, and one adjoint for each operand; the JVP follows.
//
//   // C = A·B      Ā = Ḡ·Bᵀ      B̄ = Aᵀ·Ḡ
//   struct MatMul : Bilinear {
//     template <class A, class B> static auto value(const A& a, const B& b);
//     template <class A, class B, class G> static auto adjoint(Wrt<0>, …);
//     template <class A, class B, class G> static auto adjoint(Wrt<1>, …);
//   };
//
// NumPy's matmul: the last two axes are matrices and the others are batches that broadcast; a
// vector on the left is a row, on the right a column, and its axis is dropped from the result.
// Rule for authors: one expression, no named locals, so that Eigen's lazy products never dangle.
#pragma once

#include <Eigen/Core>
#include <complex>

#include "autograd/rules/broadcasting.h"
#include "autograd/rules/rule.h"

namespace autograd {

namespace bilinear {

template <class S>
using Scalar = std::conditional_t<std::is_same_v<S, Complex>, std::complex<double>, S>;
template <class S>
using MatrixOf =
    Eigen::Map<const Eigen::Matrix<Scalar<S>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
template <class S>
using ColumnOf = Eigen::Map<const Eigen::Matrix<Scalar<S>, Eigen::Dynamic, 1>>;
template <class S>
using RowOf = Eigen::Map<const Eigen::Matrix<Scalar<S>, 1, Eigen::Dynamic>>;

// The matrices of a product: rows × inner times inner × columns, once for every batch.
struct Product {
  Index rows = 1;
  Index inner = 1;
  Index columns = 1;
  Walk<3> batches;  // of matrices of the result, the left and the right operand
};

Shape result_shape(const Geometry& geometry);
Product product_of(const Geometry& geometry);

// The memory of S as what Eigen computes with. A Complex is nothing but its std::complex.
inline const double* raw(const double* data) { return data; }
inline const std::complex<double>* raw(const Complex* data) {
  static_assert(sizeof(Complex) == sizeof(std::complex<double>));
  return reinterpret_cast<const std::complex<double>*>(data);
}

// A map that can be written to, of the same kind as a const one.
template <class ConstMap>
struct Mutable;
template <class M>
struct Mutable<Eigen::Map<const M>> {
  using type = Eigen::Map<M>;
};

// Calls visit(result offset, left offset, right offset) for each batch.
template <class Visit>
void for_each_batch(const Product& p, Visit visit) {
  p.batches.for_each_run([&](const auto& offsets, Index length, const auto& step) {
    for (Index i = 0; i < length; ++i) {
      visit((offsets[0] + i * step[0]) * p.rows * p.columns,
            (offsets[1] + i * step[1]) * p.rows * p.inner,
            (offsets[2] + i * step[2]) * p.inner * p.columns);
    }
  });
}

template <class R, class Left, class Right, class Result, class S>
void forward(const Product& p, const Call<S>& call) {
  using Target = typename Mutable<Result>::type;
  using T = typename Target::Scalar;
  for_each_batch(p, [&](Index to, Index left, Index right) {
    Target(const_cast<T*>(raw(call.result + to)), p.rows, p.columns).noalias() =
        R::value(Left(raw(call.operands[0] + left), p.rows, p.inner),
                 Right(raw(call.operands[1] + right), p.inner, p.columns));
  });
}

template <class R, class Left, class Right, class Result>
void pullback(const Product& p, const Call<double>& call, std::size_t operand,
              const double* upstream, double* adjoint) {
  for_each_batch(p, [&](Index from, Index left, Index right) {
    const Left a(call.operands[0] + left, p.rows, p.inner);
    const Right b(call.operands[1] + right, p.inner, p.columns);
    const Result g(upstream + from, p.rows, p.columns);
    if (operand == 0) {
      typename Mutable<Left>::type(adjoint + left, p.rows, p.inner).noalias() +=
          R::adjoint(Wrt<0>{}, a, b, g);
    } else {
      typename Mutable<Right>::type(adjoint + right, p.inner, p.columns).noalias() +=
          R::adjoint(Wrt<1>{}, a, b, g);
    }
  });
}

}  // namespace bilinear

struct Bilinear {
  template <class R>
  static constexpr Rule make() {
    Rule rule;
    rule.info = R::info;
    rule.shape = RuleShape::bilinear;
    rule.arity = 2;
    rule.differentiable = {true, true, false};
    rule.result_shape = bilinear::result_shape;
    rule.forward = [](const Rule&, const Call<double>& call) { forward<R>(call); };
    rule.forward_complex = [](const Rule&, const Call<Complex>& call) { forward<R>(call); };
    rule.pullback = [](const Rule&, const Call<double>& call, std::size_t operand,
                       const double* upstream,
                       double* adjoint) { pullback<R>(call, operand, upstream, adjoint); };
    rule.formula = [](std::span<const Formula> x, const Geometry&) { return R::value(x[0], x[1]); };
    rule.pullback_formula = [](std::size_t operand, std::span<const Formula> x, const Formula&,
                               const Formula& upstream, const Geometry&) {
      return operand == 0 ? R::adjoint(Wrt<0>{}, x[0], x[1], upstream)
                          : R::adjoint(Wrt<1>{}, x[0], x[1], upstream);
    };
    rule.examples = examples;
    return rule;
  }

  static std::vector<Example> examples() {
    return {{{{3, 4}, {4, 2}}},
            {{{3, 4}, {4}}},
            {{{4}, {4, 2}}},
            {{{4}, {4}}},
            {{{2, 3, 4}, {2, 4, 2}}},
            {{{2, 3, 4}, {4, 2}}},
            {{{2, 1, 3, 4}, {5, 4, 1}}}};
  }

 private:
  // Column and row vectors take Eigen's matrix·vector kernels; they need no packing.
  template <class R, class S>
  static void forward(const Call<S>& call) {
    using namespace bilinear;
    const Product p = product_of(call.geometry);
    if (p.columns == 1) {
      bilinear::forward<R, MatrixOf<S>, ColumnOf<S>, ColumnOf<S>>(p, call);
    } else if (p.rows == 1) {
      bilinear::forward<R, RowOf<S>, MatrixOf<S>, RowOf<S>>(p, call);
    } else {
      bilinear::forward<R, MatrixOf<S>, MatrixOf<S>, MatrixOf<S>>(p, call);
    }
  }
  template <class R>
  static void pullback(const Call<double>& call, std::size_t operand, const double* upstream,
                       double* adjoint) {
    using namespace bilinear;
    using Matrix = MatrixOf<double>;
    using Column = ColumnOf<double>;
    using Row = RowOf<double>;
    const Product p = product_of(call.geometry);
    if (p.columns == 1) {
      bilinear::pullback<R, Matrix, Column, Column>(p, call, operand, upstream, adjoint);
    } else if (p.rows == 1) {
      bilinear::pullback<R, Row, Matrix, Row>(p, call, operand, upstream, adjoint);
    } else {
      bilinear::pullback<R, Matrix, Matrix, Matrix>(p, call, operand, upstream, adjoint);
    }
  }
};

}  // namespace autograd

namespace autograd::num {

// The vocabulary of products on Eigen's maps: lazy expressions over maps, which are held by value.
template <class A, class B>
auto matmul(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  return a.derived() * b.derived();
}
template <class A>
auto transpose(const Eigen::MatrixBase<A>& a) {
  return a.derived().transpose();
}

}  // namespace autograd::num
