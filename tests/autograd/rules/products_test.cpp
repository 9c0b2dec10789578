// matmul of matrices, vectors and batches, against plain loops and by the exact adjoint test.
#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

struct Factors {
  Shape a;
  Shape b;
  Shape result;
};

const std::vector<Factors>& factors() {
  static const std::vector<Factors> all{
      {{3, 4}, {4, 2}, {3, 2}},
      {{1, 4}, {4, 5}, {1, 5}},
      {{5, 4}, {4, 1}, {5, 1}},
      {{1, 1}, {1, 1}, {1, 1}},
      {{3, 1}, {1, 2}, {3, 2}},
      {{17, 33}, {33, 9}, {17, 9}},
      {{130, 129}, {129, 257}, {130, 257}},
      {{2, 3, 300}, {300, 2}, {2, 3, 2}},
      {{3, 4}, {4}, {3}},
      {{4}, {4, 2}, {2}},
      {{4}, {4}, {}},
      {{1}, {1}, {}},
      {{2, 3, 4}, {2, 4, 2}, {2, 3, 2}},
      {{2, 3, 4}, {4, 2}, {2, 3, 2}},
      {{3, 4}, {5, 4, 2}, {5, 3, 2}},
      {{2, 1, 3, 4}, {5, 4, 2}, {2, 5, 3, 2}},
      {{2, 1, 3, 4}, {1, 5, 4, 1}, {2, 5, 3, 1}},
      {{2, 3, 4}, {4}, {2, 3}},
      {{4}, {2, 4, 3}, {2, 3}},
      {{2, 3, 1, 3, 4}, {3, 1, 4, 2}, {2, 3, 1, 3, 2}},
  };
  return all;
}

// Both as matrices with their batch axes in front: a vector is a row on the left and a column on
// the right.
Shape as_matrix(const Shape& shape, bool left) {
  if (shape.rank() > 1) return shape;
  return left ? Shape{1, shape[0]} : Shape{shape[0], 1};
}

// Calls visit(result, left, right) with the flat indices of every product of two elements.
template <class Visit>
void for_each_product(const Factors& f, Visit visit) {
  const Shape a = as_matrix(f.a, true);
  const Shape b = as_matrix(f.b, false);
  const Shape a_batch(a.extents().first(a.extents().size() - 2));
  const Shape b_batch(b.extents().first(b.extents().size() - 2));
  const Shape batch = *broadcast(a_batch, b_batch);
  const Index rows = a[a.rank() - 2];
  const Index inner = a[a.rank() - 1];
  const Index columns = b[b.rank() - 1];
  for (Index n = 0; n < batch.size(); ++n) {
    const Position position = position_of(batch, n);
    const auto left = static_cast<Index>(broadcast_flat(a_batch, position)) * rows * inner;
    const auto right = static_cast<Index>(broadcast_flat(b_batch, position)) * inner * columns;
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) {
        for (Index k = 0; k < inner; ++k) {
          visit(static_cast<std::size_t>((n * rows + i) * columns + j),
                static_cast<std::size_t>(left + i * inner + k),
                static_cast<std::size_t>(right + k * columns + j));
        }
      }
    }
  }
}

TEST(MatMul, IsLikeAPlainLoopInValueAndAdjoints) {
  Random random(30);
  for (const Factors& f : factors()) {
    SCOPED_TRACE(to_string(f.a) + " · " + to_string(f.b));
    Tape tape;
    const Tensor a = random_variable(tape, random, f.a);
    const Tensor b = random_variable(tape, random, f.b);
    const Tensor c = matmul(a, b);
    ASSERT_EQ(c.shape(), f.result);
    const std::vector<double> g = random_values(random, f.result.size());
    tape.backward(sum(c * tape.constant(Values(g, f.result))));
    std::vector<double> value(c.values().size());
    std::vector<double> da(a.values().size());
    std::vector<double> db(b.values().size());
    for_each_product(f, [&](std::size_t i, std::size_t j, std::size_t k) {
      value[i] += a.values()[j] * b.values()[k];
      da[j] += g[i] * b.values()[k];
      db[k] += g[i] * a.values()[j];
    });
    expect_near(c.values(), value, 1e-13);
    expect_near(a.adjoint_values(), da, 1e-13);
    expect_near(b.adjoint_values(), db, 1e-13);
  }
}

// Whole numbers, so that every sum is exact: ⟨g, A'·B⟩ = ⟨Ā, A'⟩ for any A', and so for B.
TEST(MatMul, PassesTheExactAdjointTestInEachOperand) {
  Random random(31);
  const auto whole = [&](Tape& tape, const Shape& shape) {
    std::vector<double> elements(static_cast<std::size_t>(shape.size()));
    for (double& e : elements) e = static_cast<double>(random_index(random, -9, 9));
    return tape.variable(Values(elements, shape));
  };
  for (const Factors& f : factors()) {
    SCOPED_TRACE(to_string(f.a) + " · " + to_string(f.b));
    Tape tape;
    const Tensor a = whole(tape, f.a);
    const Tensor b = whole(tape, f.b);
    const Tensor other_a = whole(tape, f.a);
    const Tensor other_b = whole(tape, f.b);
    const Tensor g = whole(tape, f.result);
    const Tensor loss = sum(g * matmul(a, b));
    tape.backward(loss);
    EXPECT_EQ(dot(a.adjoint_values(), other_a.values()),
              dot(g.values(), matmul(other_a, b).values()));
    EXPECT_EQ(dot(b.adjoint_values(), other_b.values()),
              dot(g.values(), matmul(a, other_b).values()));
  }
}

TEST(MatMul, OfAMatrixWithItselfReceivesBothAdjoints) {
  Tape tape;
  const Tensor a = tape.variable({{1.0, 2.0}, {3.0, 4.0}});
  tape.backward(sum(matmul(a, a)));
  // d/da_ij Σ (A·A) = Σ_k a_jk + Σ_k a_ki
  EXPECT_EQ(adjoint(a), (std::vector<double>{3 + 4, 7 + 4, 3 + 6, 7 + 6}));
}

}  // namespace
}  // namespace autograd::testing
