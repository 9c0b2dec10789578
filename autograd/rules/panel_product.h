// Products whose right factor has a few columns, as a layer of a perceptron has: kernels of our
// own. Eigen's copy both factors into an order of their own first, which costs as much as a product
// with 16 columns (tests/benchmarks/: the perceptron); these keep a tile of the result in registers
// and read the factors where they are.
//
// Rule for authors: num::matmul and num::transpose of these types make a product that is computed
// by assign_to() or add_to(); nothing is copied and nothing owned.
#pragma once

#include "autograd/readings/pack.h"
#include "autograd/rules/matrix_vector.h"
#include "autograd/shape.h"

namespace autograd::bilinear {

// Columns that the kernels take: up to four packs. Their last pack is read and written in part,
// which pays where the machine has an instruction for it.
inline bool is_panel(Index columns) {
  return Pack::has_partial_access && columns > 1 && columns <= Index{4} * Pack::lanes;
}

// A row-major matrix of few columns.
struct Panel {
  const double* data = nullptr;
  Index rows = 0;
  Index columns = 0;
};

// C = A·B
struct MatrixTimesPanel {
  Matrix a;
  Panel b;
  void assign_to(double* c) const;
};

// C += Aᵀ·B
struct TransposedTimesPanel {
  Matrix a;
  Panel b;
  void add_to(double* c) const;
};

}  // namespace autograd::bilinear

namespace autograd::num {

inline bilinear::MatrixTimesPanel matmul(const bilinear::Matrix& a, const bilinear::Panel& b) {
  return {a, b};
}
inline bilinear::TransposedTimesPanel matmul(const bilinear::TransposedMatrix& a,
                                             const bilinear::Panel& b) {
  return {a.matrix, b};
}

}  // namespace autograd::num
