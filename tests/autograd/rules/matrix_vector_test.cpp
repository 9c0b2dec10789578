// Products with a column: every number of rows and columns around the width of a pack.
#include "autograd/rules/matrix_vector.h"

#include <gtest/gtest.h>

#include "autograd/readings/pack.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

// A matrix whose memory ends with its last element, so that a sanitizer sees what reads beyond.
struct Product {
  Product(Index m, Index n, std::uint64_t seed) : rows(m), columns(n) {
    Random random(seed);
    a = random_values(random, m * n);
    x = random_values(random, n);
    g = random_values(random, m);
  }
  [[nodiscard]] bilinear::Matrix matrix(bool streamed = false) const {
    return {a.data(), rows, columns, streamed};
  }
  [[nodiscard]] std::vector<double> times_x(bool streamed = false) const {
    std::vector<double> y(static_cast<std::size_t>(rows), not_a_number);
    num::matmul(matrix(streamed), bilinear::Column{x.data(), columns}).assign_to(y.data());
    return y;
  }
  [[nodiscard]] std::vector<double> transposed_times_g() const {
    std::vector<double> y(static_cast<std::size_t>(columns), 1.0);
    num::matmul(num::transpose(matrix()), bilinear::Column{g.data(), rows}).add_to(y.data());
    return y;
  }
  Index rows;
  Index columns;
  std::vector<double> a, x, g;
};

template <class Check>
void for_each_size(Check check) {
  for (const Index m : {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 24, 31}) {
    for (Index n = 1; n <= 11 * Pack::lanes + 1; ++n) {
      SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(n));
      check(Product(m, n, static_cast<std::uint64_t>(100 * m + n)));
    }
  }
}

TEST(MatrixVector, ProductsAreThoseOfALoop) {
  for_each_size([](const Product& p) {
    const auto y = p.times_x();
    for (Index r = 0; r < p.rows; ++r) {
      double sum = 0.0;
      double scale = 0.0;
      for (Index c = 0; c < p.columns; ++c) {
        const double part =
            p.a[static_cast<std::size_t>(r * p.columns + c)] * p.x[static_cast<std::size_t>(c)];
        sum += part;
        scale += std::abs(part);
      }
      EXPECT_NEAR(y[static_cast<std::size_t>(r)], sum, 1e-15 * scale * 10) << r;
    }
    const auto back = p.transposed_times_g();
    for (Index c = 0; c < p.columns; ++c) {
      double sum = 1.0;
      double scale = 1.0;
      for (Index r = 0; r < p.rows; ++r) {
        const double part =
            p.a[static_cast<std::size_t>(r * p.columns + c)] * p.g[static_cast<std::size_t>(r)];
        sum += part;
        scale += std::abs(part);
      }
      EXPECT_NEAR(back[static_cast<std::size_t>(c)], sum, 1e-15 * scale * 10) << c;
    }
  });
}

// Blocks of rows are cut differently for a training run and for one row to predict.
TEST(MatrixVector, ARowHasTheSameBitsWhereverItStandsAndHoweverItIsRead) {
  for_each_size([](const Product& p) {
    const auto y = p.times_x();
    EXPECT_EQ(p.times_x(true), y);
    for (Index r = 0; r < p.rows; ++r) {
      const auto first = p.a.begin() + r * p.columns;
      Product alone(1, p.columns, 0);
      alone.a.assign(first, first + p.columns);
      alone.x = p.x;
      EXPECT_EQ(alone.times_x()[0], y[static_cast<std::size_t>(r)]) << r;
    }
  });
}

// The end of a row is read with what follows it.
TEST(MatrixVector, ANumberOfAnotherRowIsNeverSeen) {
  for_each_size([](Product p) {
    for (const double bad : {not_a_number, infinity}) {
      for (Index r = 0; r < p.rows; ++r) {
        Product spoilt = p;
        for (Index c = 0; c < p.columns; ++c) {
          spoilt.a[static_cast<std::size_t>(r * p.columns + c)] = bad;
        }
        const auto y = spoilt.times_x();
        const auto clean = p.times_x();
        for (Index other = 0; other < p.rows; ++other) {
          const auto at = static_cast<std::size_t>(other);
          EXPECT_EQ(std::isfinite(y[at]), other != r);
          if (other != r) {
            EXPECT_EQ(y[at], clean[at]);
          }
        }
      }
      // A column likewise, in the product with the transpose.
      for (Index c = 0; c < p.columns; c += 3) {
        Product spoilt = p;
        for (Index r = 0; r < p.rows; ++r) {
          spoilt.a[static_cast<std::size_t>(r * p.columns + c)] = bad;
        }
        const auto y = spoilt.transposed_times_g();
        for (Index other = 0; other < p.columns; ++other) {
          EXPECT_EQ(std::isfinite(y[static_cast<std::size_t>(other)]), other != c);
        }
      }
    }
  });
}

TEST(MatrixVector, TheOuterProductIsAdded) {
  const std::vector<double> u{1.0, 2.0};
  const std::vector<double> v{3.0, 4.0, 5.0};
  std::vector<double> y(6, 1.0);
  num::matmul(bilinear::Column{u.data(), 2}, num::transpose(bilinear::Column{v.data(), 3}))
      .add_to(y.data());
  EXPECT_EQ(y, (std::vector<double>{4.0, 5.0, 6.0, 7.0, 9.0, 11.0}));
}

TEST(Packs, AreSummedUpLaneByLane) {
  std::array<Pack, Pack::lanes> packs;
  for (int i = 0; i < Pack::lanes; ++i) {
    std::array<double, Pack::lanes> numbers{};
    for (int lane = 0; lane < Pack::lanes; ++lane) {
      numbers[static_cast<std::size_t>(lane)] = std::ldexp(1.0, lane) + 1000.0 * i;
    }
    packs[static_cast<std::size_t>(i)] = Pack::load(numbers.data());
  }
  const Pack sums = sums_of(packs);
  for (int i = 0; i < Pack::lanes; ++i) {
    EXPECT_EQ(sums[i], std::ldexp(1.0, Pack::lanes) - 1.0 + 1000.0 * i * Pack::lanes);
  }
}

}  // namespace
}  // namespace autograd::testing
