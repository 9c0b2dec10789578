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
#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "autograd/rules/broadcasting.h"
#include "autograd/rules/gated.h"
#include "autograd/rules/matrix_vector.h"
#include "autograd/rules/panel_product.h"
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
// The batch axes of the result that one matrix of the operand serves.
std::vector<Index> shared_batches(const Geometry& geometry, std::size_t operand);

// What a product sees a vector as.
enum class Side : std::uint8_t { left, right, result };
// A formula of an operand, or of what is shaped like the result, as the matrix it is in the
// product: a vector on the left is a row, on the right a column.
Formula as_matrix(const Formula& x, const Geometry& geometry, Side side);

// The operands and the upstream adjoint as recorded matrices: vectors get the axis they lack.
struct RecordedMatrices {
  Recorded a;
  Recorded b;
  Recorded upstream;
};
RecordedMatrices matrices(std::span<const Tensor> operands, const Tensor& result,
                          const Tensor& upstream, const Geometry& geometry);
// What an operand's adjoint receives, for every batch of the result. A column that stands for a
// vector loses its last axis again; a row's is summed away where batches are.
Tensor without_added_axis(const Recorded& part, std::size_t operand, const Geometry& geometry);

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
void for_each_batch(const Product& p, const Visit& visit) {
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

// With a column on the right: what the rule makes of a Matrix and a Column.
template <class R>
void forward_column(const Product& p, const Call<double>& call) {
  for_each_batch(p, [&](Index to, Index left, Index right) {
    R::value(Matrix{call.operands[0] + left, p.rows, p.inner, (call.streamed & 1U) != 0},
             Column{call.operands[1] + right, p.inner})
        .assign_to(call.result + to);
  });
}

template <class R>
void pullback_column(const Product& p, const Call<double>& call, std::size_t operand,
                     const double* upstream, double* adjoint) {
  for_each_batch(p, [&](Index from, Index left, Index right) {
    const Matrix a{call.operands[0] + left, p.rows, p.inner};
    const Column b{call.operands[1] + right, p.inner};
    const Column g{upstream + from, p.rows};
    if (operand == 0) {
      R::adjoint(Wrt<0>{}, a, b, g).add_to(adjoint + left);
    } else {
      R::adjoint(Wrt<1>{}, a, b, g).add_to(adjoint + right);
    }
  });
}

// With a few columns on the right.
template <class R>
void forward_panel(const Product& p, const Call<double>& call) {
  for_each_batch(p, [&](Index to, Index left, Index right) {
    R::value(Matrix{call.operands[0] + left, p.rows, p.inner},
             Panel{call.operands[1] + right, p.inner, p.columns})
        .assign_to(call.result + to);
  });
}

// What the right operand receives.
template <class R>
void pullback_panel(const Product& p, const Call<double>& call, const double* upstream,
                    double* adjoint) {
  for_each_batch(p, [&](Index from, Index left, Index right) {
    const Panel b{call.operands[1] + right, p.inner, p.columns};
    const Panel g{upstream + from, p.rows, p.columns};
    R::adjoint(Wrt<1>{}, Matrix{call.operands[0] + left, p.rows, p.inner}, b, g)
        .add_to(adjoint + right);
  });
}

// Eigen packs a product's factors into temporaries: on the stack up to a limit, on the heap beyond.
// A training step allocates nothing, so large matrices are multiplied part by part, none with more
// than this many rows or columns.
inline constexpr Index part_extent = 128;
static_assert(part_extent * part_extent * Index{sizeof(double)} <= EIGEN_STACK_ALLOCATION_LIMIT);

// Where a part of a product begins along rows, inner axis and columns, and how far it extends.
struct Part {
  std::array<Index, 3> start;
  std::array<Index, 3> extent;

  // A part of a row-major matrix with `stride` columns, along two of the three axes.
  template <class T>
  auto of(T* data, std::size_t down, std::size_t across, Index stride) const {
    using Plain =
        Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Block = std::conditional_t<std::is_const_v<T>, const Plain, Plain>;
    return Eigen::Map<Block, 0, Eigen::OuterStride<>>(data + start[down] * stride + start[across],
                                                      extent[down], extent[across],
                                                      Eigen::OuterStride<>(stride));
  }
  // The factors and the result, from the first element of each.
  template <class T>
  auto left(T* data, const Product& p) const {
    return of(data, 0, 1, p.inner);
  }
  template <class T>
  auto right(T* data, const Product& p) const {
    return of(data, 1, 2, p.columns);
  }
  template <class T>
  auto result(T* data, const Product& p) const {
    return of(data, 0, 2, p.columns);
  }
};

template <class Visit>
void for_each_part(const Product& p, Visit visit) {
  const auto rest = [](Index total, Index from) { return std::min(part_extent, total - from); };
  for (Index i = 0; i < p.rows; i += part_extent) {
    for (Index j = 0; j < p.columns; j += part_extent) {
      for (Index k = 0; k < p.inner; k += part_extent) {
        visit(Part{{i, k, j}, {rest(p.rows, i), rest(p.inner, k), rest(p.columns, j)}});
      }
    }
  }
}

template <class R, class S>
void forward_in_parts(const Product& p, const Call<S>& call) {
  for_each_batch(p, [&](Index to, Index left, Index right) {
    auto* result = const_cast<Scalar<S>*>(raw(call.result + to));
    for_each_part(p, [&](const Part& part) {
      auto target = part.result(result, p);
      const auto a = part.left(raw(call.operands[0] + left), p);
      const auto b = part.right(raw(call.operands[1] + right), p);
      if (part.start[1] == 0) {
        target.noalias() = R::value(a, b);
      } else {
        target.noalias() += R::value(a, b);
      }
    });
  });
}

template <class R>
void pullback_in_parts(const Product& p, const Call<double>& call, std::size_t operand,
                       const double* upstream, double* adjoint) {
  for_each_batch(p, [&](Index from, Index left, Index right) {
    for_each_part(p, [&](const Part& part) {
      const auto a = part.left(call.operands[0] + left, p);
      const auto b = part.right(call.operands[1] + right, p);
      const auto g = part.result(upstream + from, p);
      if (operand == 0) {
        part.left(adjoint + left, p).noalias() += R::adjoint(Wrt<0>{}, a, b, g);
      } else {
        part.right(adjoint + right, p).noalias() += R::adjoint(Wrt<1>{}, a, b, g);
      }
    });
  });
}

using GatedMatrix = Eigen::Matrix<Gated, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
inline GatedMatrix gated_copy(const double* data, Index rows, Index columns) {
  GatedMatrix matrix(rows, columns);
  std::copy_n(data, rows * columns, matrix.data());
  return matrix;
}
inline bool has_nan(const double* data, Index size) {
  // Of all, not until the first: it vectorises, and there is hardly ever one.
  bool any = false;
  for (Index i = 0; i < size; ++i) any |= std::isnan(data[i]);
  return any;
}
inline bool all_finite(const double* data, Index size) {
  bool all = true;
  for (Index i = 0; i < size; ++i) all &= std::isfinite(data[i]);
  return all;
}

// The pullback once more in gated numbers, for adjoints that came out as NaN: a zero upstream
// adjoint times an infinite operand is 0, as everywhere. Rare, so simple: it copies and allocates.
template <class R>
void pullback_gated(const Product& p, const Call<double>& call, std::size_t operand,
                    const double* upstream, double* adjoint) {
  for_each_batch(p, [&](Index from, Index left, Index right) {
    const GatedMatrix a = gated_copy(call.operands[0] + left, p.rows, p.inner);
    const GatedMatrix b = gated_copy(call.operands[1] + right, p.inner, p.columns);
    const GatedMatrix g = gated_copy(upstream + from, p.rows, p.columns);
    const GatedMatrix part = operand == 0 ? GatedMatrix(R::adjoint(Wrt<0>{}, a, b, g))
                                          : GatedMatrix(R::adjoint(Wrt<1>{}, a, b, g));
    double* to = adjoint + (operand == 0 ? left : right);
    for (Index i = 0; i < part.size(); ++i) to[i] += part.data()[i].v;
  });
}

// What the left operand of one product with a column receives is a single product for each element,
// and nothing is to be gated where its factors are finite: it can be added where it belongs.
inline bool is_one_product_each(const Product& p, const Call<double>& call,
                                const double* upstream) {
  return p.columns == 1 && p.batches.rank == 0 && all_finite(upstream, p.rows) &&
         all_finite(call.operands[1], p.inner);
}

// The product once more in gated numbers.
template <class R>
void forward_gated(const Product& p, const Call<double>& call) {
  for_each_batch(p, [&](Index to, Index left, Index right) {
    const GatedMatrix a = gated_copy(call.operands[0] + left, p.rows, p.inner);
    const GatedMatrix b = gated_copy(call.operands[1] + right, p.inner, p.columns);
    const GatedMatrix product = R::value(a, b);
    for (Index i = 0; i < product.size(); ++i) call.result[to + i] = product.data()[i].v;
  });
}

}  // namespace bilinear

struct Bilinear {
  // The rule itself, where its value and adjoints are num::matmul of operands and their transposes,
  // nothing more: products with a column or a few then take kernels of ours. Not so for a rule
  // derived from it.
  using BareProduct = void;
  // 0·∞ is 0 in the value, too: what adjoints and tangents are made of.
  static constexpr bool gates = false;

  template <class R>
  static constexpr Rule make() {
    Rule rule;
    rule.info = R::info;
    rule.shape = RuleShape::bilinear;
    rule.arity = 2;
    rule.differentiable = {true, true, false};
    rule.result_shape = bilinear::result_shape;
    rule.forward = [](const Rule&, const Call<double>& call) {
      if constexpr (R::gates) {
        forward_gating<R>(call);
      } else {
        forward<R>(call);
      }
    };
    rule.forward_complex = [](const Rule&, const Call<Complex>& call) { forward<R>(call); };
    rule.pullback = [](const Rule&, const Call<double>& call, std::size_t operand,
                       const double* upstream,
                       double* adjoint) { pullback<R>(call, operand, upstream, adjoint); };
    rule.forward_dual = [](const Rule&, const TangentCall& call) { forward_dual<R>(call); };
    rule.record_pullback = [](std::size_t operand, std::span<const Tensor> x, const Tensor& result,
                              const Tensor& upstream, const Geometry& g) {
      return record_pullback<R>(operand, x, result, upstream, g);
    };
    rule.formula = [](std::span<const Formula> x, const Geometry& g) {
      return R::value(bilinear::as_matrix(x[0], g, bilinear::Side::left),
                      bilinear::as_matrix(x[1], g, bilinear::Side::right));
    };
    rule.pullback_formula = [](std::size_t operand, std::span<const Formula> x, const Formula&,
                               const Formula& upstream, const Geometry& g) {
      // Of two vectors: dz · x, without a transpose that means nothing there.
      if (g.operand(0).rank() == 1 && g.operand(1).rank() == 1) return upstream * x[1 - operand];
      const Formula a = bilinear::as_matrix(x[0], g, bilinear::Side::left);
      const Formula b = bilinear::as_matrix(x[1], g, bilinear::Side::right);
      const Formula dc = bilinear::as_matrix(upstream, g, bilinear::Side::result);
      const Formula part =
          operand == 0 ? R::adjoint(Wrt<0>{}, a, b, dc) : R::adjoint(Wrt<1>{}, a, b, dc);
      return num::sum_along(part, bilinear::shared_batches(g, operand));
    };
    // Linear in each operand: the adjoint of one looks at the other.
    rule.pullback_reads = [](std::size_t operand) { return std::uint8_t(operand == 0 ? 2 : 1); };
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
  template <class R>
  static constexpr bool is_bare = std::is_same_v<typename R::BareProduct, R>;

  // Columns and panels have kernels of ours (matrix_vector.h, panel_product.h), rows Eigen's for
  // vectors, which need no packing.
  template <class R, class S>
  static void forward(const Call<S>& call) {
    using namespace bilinear;
    const Product p = product_of(call.geometry);
    if constexpr (is_bare<R> && std::is_same_v<S, double>) {
      if (p.columns == 1) return forward_column<R>(p, call);
      if (p.rows > 1 && is_panel(p.columns)) return forward_panel<R>(p, call);
    }
    if (p.columns == 1) {
      bilinear::forward<R, MatrixOf<S>, ColumnOf<S>, ColumnOf<S>>(p, call);
    } else if (p.rows == 1) {
      bilinear::forward<R, RowOf<S>, MatrixOf<S>, RowOf<S>>(p, call);
    } else {
      forward_in_parts<R>(p, call);
    }
  }
  template <class R>
  static void forward_gating(const Call<double>& call) {
    forward<R>(call);
    if (bilinear::has_nan(call.result, call.geometry.result->size())) {
      bilinear::forward_gated<R>(bilinear::product_of(call.geometry), call);
    }
  }
  // Linear in each operand: A'·B + A·B'. A zero tangent times an infinite operand is 0.
  template <class R>
  static void forward_dual(const TangentCall& call) {
    const auto size = call.values.geometry.result->size();
    std::fill_n(call.result, size, 0.0);
    for (std::size_t k = 0; k < 2; ++k) {
      if (call.tangents[k] == nullptr) continue;
      Scratch<double>& scratch = *call.values.scratch;
      const auto mark = scratch.mark();
      Call<double> part = call.values;
      part.operands[k] = call.tangents[k];
      part.result = scratch.allocate(static_cast<std::size_t>(size));
      forward_gating<R>(part);
      for (Index i = 0; i < size; ++i) call.result[i] += part.result[i];
      scratch.rewind(mark);
    }
  }
  template <class R>
  static Tensor record_pullback(std::size_t operand, std::span<const Tensor> x,
                                const Tensor& result, const Tensor& upstream, const Geometry& g) {
    const auto [a, b, c] = bilinear::matrices(x, result, upstream, g);
    const Recorded part =
        operand == 0 ? R::adjoint(Wrt<0>{}, a, b, c) : R::adjoint(Wrt<1>{}, a, b, c);
    return bilinear::without_added_axis(part, operand, g);
  }
  // The part is computed by itself: the adjoint may hold others.
  template <class R>
  static void pullback(const Call<double>& call, std::size_t operand, const double* upstream,
                       double* adjoint) {
    const bilinear::Product p = bilinear::product_of(call.geometry);
    if constexpr (is_bare<R>) {
      if (operand == 0 && bilinear::is_one_product_each(p, call, upstream)) {
        return bilinear::pullback_column<R>(p, call, operand, upstream, adjoint);
      }
    }
    const Index size = call.geometry.operand(operand).size();
    const auto mark = call.scratch->mark();
    double* part = call.scratch->allocate(static_cast<std::size_t>(size));
    std::fill_n(part, size, 0.0);
    pullback_by_shape<R>(p, call, operand, upstream, part);
    if (bilinear::has_nan(part, size)) {
      std::fill_n(part, size, 0.0);
      bilinear::pullback_gated<R>(p, call, operand, upstream, part);
    }
    for (Index i = 0; i < size; ++i) adjoint[i] += part[i];
    call.scratch->rewind(mark);
  }
  template <class R>
  static void pullback_by_shape(const bilinear::Product& p, const Call<double>& call,
                                std::size_t operand, const double* upstream, double* adjoint) {
    using namespace bilinear;
    using Row = RowOf<double>;
    using Column = ColumnOf<double>;
    if constexpr (is_bare<R>) {
      if (p.columns == 1) return pullback_column<R>(p, call, operand, upstream, adjoint);
      if (p.rows > 1 && operand == 1 && is_panel(p.columns)) {
        return pullback_panel<R>(p, call, upstream, adjoint);
      }
    }
    if (p.columns == 1) {
      bilinear::pullback<R, MatrixOf<double>, Column, Column>(p, call, operand, upstream, adjoint);
    } else if (p.rows == 1) {
      bilinear::pullback<R, Row, MatrixOf<double>, Row>(p, call, operand, upstream, adjoint);
    } else {
      pullback_in_parts<R>(p, call, operand, upstream, adjoint);
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
