// Products of a matrix and a column in the array reading: kernels of our own, since a data set is
// read from memory by them. Eigen's read eight rows at a time, in strides that the processor's
// prefetching does not follow; these go through the matrix in the order of memory and ask for what
// comes 16 KiB later (tests/benchmarks/: the epochs over 500 000 rows).
//
// Rule for authors: num::matmul and num::transpose of these types make a product that is computed
// by assign_to() or add_to(); nothing is copied and nothing owned.
#pragma once

#include "autograd/shape.h"

namespace autograd::bilinear {

// A row-major matrix and a column in memory that outlives them.
struct Matrix {
  const double* data = nullptr;
  Index rows = 0;
  Index columns = 0;
  bool streamed = false;  // comes from memory, and so does what follows it
};
struct TransposedMatrix {
  Matrix matrix;
};
struct Column {
  const double* data = nullptr;
  Index size = 0;
};
struct TransposedColumn {
  Column column;
};

// y = A·x: every row is summed up in the same order, wherever it stands.
struct MatrixTimesColumn {
  Matrix a;
  Column x;
  void assign_to(double* y) const;
};

// y += Aᵀ·x
struct TransposedTimesColumn {
  Matrix a;
  Column x;
  void add_to(double* y) const;
};

// y += u·vᵀ
struct OuterProduct {
  Column u;
  Column v;
  void add_to(double* y) const;
};

}  // namespace autograd::bilinear

namespace autograd::num {

inline bilinear::TransposedMatrix transpose(const bilinear::Matrix& a) { return {a}; }
inline bilinear::TransposedColumn transpose(const bilinear::Column& x) { return {x}; }
inline bilinear::MatrixTimesColumn matmul(const bilinear::Matrix& a, const bilinear::Column& x) {
  return {a, x};
}
inline bilinear::TransposedTimesColumn matmul(const bilinear::TransposedMatrix& a,
                                              const bilinear::Column& x) {
  return {a.matrix, x};
}
inline bilinear::OuterProduct matmul(const bilinear::Column& u,
                                     const bilinear::TransposedColumn& v) {
  return {u, v.column};
}

}  // namespace autograd::num
