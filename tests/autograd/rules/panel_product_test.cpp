// Products with a few columns: every number of columns up to four packs and beyond, and of rows and
// of terms around what the kernels work on at a time.
#include "autograd/rules/panel_product.h"

#include <gtest/gtest.h>

#include "autograd/operations.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

using bilinear::Matrix;
using bilinear::Panel;

// A matrix and a panel whose memory ends with the last element, so that a sanitizer sees what reads
// beyond.
struct PanelFactors {
  PanelFactors(Index m, Index k, Index n, std::uint64_t seed) : rows(m), inner(k), columns(n) {
    Random random(seed);
    a = random_values(random, m * k);
    b = random_values(random, k * n);
  }
  [[nodiscard]] double left(Index i, Index k) const {
    return a[static_cast<std::size_t>(i * inner + k)];
  }
  [[nodiscard]] double right(Index k, Index j) const {
    return b[static_cast<std::size_t>(k * columns + j)];
  }
  Index rows;
  Index inner;
  Index columns;
  std::vector<double> a, b;
};

void expect_element(double element, const PanelFactors& f, double start, Index i, Index j) {
  double sum = start;
  double scale = std::abs(start);
  for (Index k = 0; k < f.inner; ++k) {
    sum += f.left(i, k) * f.right(k, j);
    scale += std::abs(f.left(i, k) * f.right(k, j));
  }
  EXPECT_NEAR(element, sum, 1e-14 * scale) << i << ", " << j;
}

template <class Check>
void for_each_panel(Check check) {
  for (const Index m : {2, 3, 11, 12, 13, 25}) {
    for (const Index k : {1, 2, 127, 128, 300}) {
      for (Index n = 2; n <= Index{4} * Pack::lanes; n += n < Pack::lanes + 2 ? 1 : 5) {
        SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(k) + " x " + std::to_string(n));
        check(PanelFactors(m, k, n, static_cast<std::uint64_t>(1000 * m + 10 * k + n)));
      }
    }
  }
}

TEST(PanelProduct, IsThatOfALoop) {
  for_each_panel([](const PanelFactors& f) {
    std::vector<double> c(static_cast<std::size_t>(f.rows * f.columns), not_a_number);
    num::matmul(Matrix{f.a.data(), f.rows, f.inner}, Panel{f.b.data(), f.inner, f.columns})
        .assign_to(c.data());
    for (Index i = 0; i < f.rows; ++i) {
      for (Index j = 0; j < f.columns; ++j) {
        expect_element(c[static_cast<std::size_t>(i * f.columns + j)], f, 0.0, i, j);
      }
    }
  });
}

TEST(PanelProduct, OfATransposedMatrixIsAddedToWhatIsThere) {
  for_each_panel([](const PanelFactors& f) {
    std::vector<double> transposed(f.a.size());
    for (Index i = 0; i < f.rows; ++i) {
      for (Index k = 0; k < f.inner; ++k) {
        transposed[static_cast<std::size_t>(k * f.rows + i)] = f.left(i, k);
      }
    }
    std::vector<double> c(static_cast<std::size_t>(f.rows * f.columns), 0.75);
    num::matmul(num::transpose(Matrix{transposed.data(), f.inner, f.rows}),
                Panel{f.b.data(), f.inner, f.columns})
        .add_to(c.data());
    for (Index i = 0; i < f.rows; ++i) {
      for (Index j = 0; j < f.columns; ++j) {
        expect_element(c[static_cast<std::size_t>(i * f.columns + j)], f, 0.75, i, j);
      }
    }
  });
}

TEST(PanelProduct, ANumberOfAnotherRowOrColumnIsNeverSeen) {
  for (Index n = 2; n <= Index{2} * Pack::lanes; ++n) {
    PanelFactors f(5, 3, n, static_cast<std::uint64_t>(n));
    f.a[3] = infinity;                                    // row 1
    f.b[static_cast<std::size_t>(n) - 1] = not_a_number;  // the last column
    std::vector<double> c(static_cast<std::size_t>(5 * n));
    num::matmul(Matrix{f.a.data(), 5, 3}, Panel{f.b.data(), 3, n}).assign_to(c.data());
    for (Index i = 0; i < 5; ++i) {
      for (Index j = 0; j < n; ++j) {
        EXPECT_EQ(std::isfinite(c[static_cast<std::size_t>(i * n + j)]), i != 1 && j != n - 1);
      }
    }
  }
}

// What is not finite in one factor and 0 in the other's adjoint contributes nothing, by whatever
// kernel.
TEST(PanelProduct, AdjointsGateZerosLikeEveryProduct) {
  for (const Index columns : {1, 3, 16, 40}) {
    Tape tape;
    const Tensor a = tape.variable(Values(std::vector<double>{infinity, 1.0, 2.0, 3.0}, {2, 2}));
    const std::vector<double> ones(static_cast<std::size_t>(2 * columns), 1.0);
    const Tensor b = tape.variable(Values(ones, {2, columns}));
    std::vector<double> weights(static_cast<std::size_t>(2 * columns), 1.0);
    std::fill_n(weights.begin(), columns, 0.0);  // the row with the infinity
    tape.backward(sum(matmul(a, b) * tape.constant(Values(weights, {2, columns}))));
    for (const double adjoint : b.adjoint_values()) EXPECT_TRUE(std::isfinite(adjoint)) << columns;
    EXPECT_EQ(b.adjoint_values()[0], 2.0);
  }
}

}  // namespace
}  // namespace autograd::testing
