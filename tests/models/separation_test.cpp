// Separation that is known: by construction, or by a row that makes it impossible.
#include "models/separation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "autograd/random.h"

namespace models {
namespace {

using Columns = std::vector<std::size_t>;

// Rows of one column.
Separation of_column(const std::vector<double>& x, const std::vector<double>& labels,
                     std::size_t classes = 2, const std::vector<double>& weights = {}) {
  return find_separation({x, labels, classes, weights});
}

TEST(Separation, IsCompleteWhereOneColumnTellsTheClassesApart) {
  const Separation s = of_column({-2, -1, 1, 2}, {0, 0, 1, 1});
  EXPECT_EQ(s.kind, SeparationKind::complete);
  EXPECT_EQ(s.columns, Columns{0});
  EXPECT_GT(s.direction[0], 0.0);
}

TEST(Separation, IsQuasiCompleteWhereRowsMeetOnTheBoundary) {
  EXPECT_EQ(of_column({-2, 0, 0, 2}, {0, 0, 1, 1}).kind, SeparationKind::quasi_complete);
  // All rows of a category are of one class.
  EXPECT_EQ(of_column({0, 0, 0, 1, 1}, {0, 1, 0, 1, 1}).kind, SeparationKind::quasi_complete);
}

TEST(Separation, IsNotThereWhereTheClassesOverlap) {
  const Separation s = of_column({-2, 0.5, -0.5, 2}, {0, 0, 1, 1});
  EXPECT_EQ(s.kind, SeparationKind::none);
  EXPECT_TRUE(s.columns.empty());
  EXPECT_TRUE(s.direction.empty());
}

TEST(Separation, LooksAtRowsThatCountAlone) {
  const std::vector<double> x{-2, 1.5, -1, 1, 2};
  const std::vector<double> labels{0, 0, 0, 1, 1};
  EXPECT_EQ(of_column(x, labels).kind, SeparationKind::none);
  EXPECT_EQ(of_column(x, labels, 2, {1, 0, 1, 2, 1}).kind, SeparationKind::complete);
}

TEST(Separation, OfSeveralClassesMayBeThatOfOne) {
  // Class 0 is apart, 1 and 2 overlap.
  EXPECT_EQ(of_column({-3, -2, 1, 2, 1.5, 2.5}, {0, 0, 1, 1, 2, 2}, 3).kind,
            SeparationKind::quasi_complete);
  EXPECT_EQ(of_column({-3, -2, 0, 0.5, 2, 3}, {0, 0, 1, 1, 2, 2}, 3).kind,
            SeparationKind::complete);
  EXPECT_EQ(of_column({-3, 2, -1, 2.5, -2, 3}, {0, 0, 1, 1, 2, 2}, 3).kind, SeparationKind::none);
}

struct Made {
  std::vector<double> features;
  std::vector<double> labels;
  std::size_t columns = 0;
};

// Noise in all columns; the class is the side of column `by`, whose values keep away from 0.
Made separated(std::uint64_t seed, std::size_t rows, std::size_t columns, std::size_t by) {
  autograd::Random random(seed);
  Made made{{}, {}, columns};
  for (std::size_t row = 0; row < rows; ++row) {
    const double label = static_cast<double>(random.below(2));
    for (std::size_t j = 0; j < columns; ++j) {
      const double noise = random.uniform(-1.5, 1.5);
      made.features.push_back(j == by ? (label - 0.5) * random.uniform(0.5, 3.0) : noise);
    }
    made.labels.push_back(label);
  }
  return made;
}

TEST(Separation, NamesTheColumnThatDoesIt) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Made made = separated(seed, 200, 6, 4);
    const Separation s = find_separation({made.features, made.labels, 2, {}});
    EXPECT_EQ(s.kind, SeparationKind::complete);
    EXPECT_EQ(s.columns, Columns{4}) << seed;
  }
}

// A row and its mirror image about another row of the same class, both of the other class, enclose
// it: no direction can have all three on their sides.
TEST(Separation, IsUndoneByRowsThatEncloseAnother) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Made made = separated(seed, 60, 3, 1);
    ASSERT_EQ(find_separation({made.features, made.labels, 2, {}}).kind, SeparationKind::complete);
    // Every positive row gets a twin of the other class: the margins of both can only be 0, and so
    // are those of all negative rows unless a direction has them beyond all positive ones.
    const std::size_t rows = made.labels.size();
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t j = 0; j < 3; ++j) made.features.push_back(made.features[row * 3 + j]);
      made.labels.push_back(1.0 - made.labels[row]);
    }
    EXPECT_EQ(find_separation({made.features, made.labels, 2, {}}).kind, SeparationKind::none);
  }
}

TEST(Separation, IsNotFoundInCollinearColumnsThatOverlap) {
  std::vector<double> features;
  for (const double x : {-2.0, 0.5, -0.5, 2.0}) features.insert(features.end(), {x, 2.0 * x});
  const std::vector<double> labels{0, 0, 1, 1};
  EXPECT_EQ(find_separation({features, labels, 2, {}}).kind, SeparationKind::none);
}

TEST(Separation, OfManyRowsTakesFewOfThem) {
  const Made made = separated(3, 20000, 4, 2);
  EXPECT_EQ(find_separation({made.features, made.labels, 2, {}}).columns, Columns{2});
}

// Each 1 of the first column is of class 1, each of the second of class 0; the third overlaps.
TEST(Separation, NamesEachColumnThatHasAPart) {
  const std::vector<double> features{1, 0, -1, 0, 1, 1, 0, 0, -1, 0, 0, 0.5, 0, 0, -0.5, 0, 0, 1};
  const Separation s = find_separation({features, std::vector<double>{1, 0, 0, 0, 1, 1}, 2, {}});
  EXPECT_EQ(s.kind, SeparationKind::quasi_complete);
  EXPECT_EQ(s.columns, (Columns{0, 1}));
}

TEST(Separation, TakesARowBetweenTheClassesForOneOfBoth) {
  EXPECT_EQ(of_column({-2, -1, 1, 2}, {0, 0, 1, 1}).kind, SeparationKind::complete);
  EXPECT_EQ(of_column({-2, -1, 1, 2, -1.5}, {0, 0, 1, 1, 0.5}).kind, SeparationKind::none);
  EXPECT_EQ(of_column({-2, -1, 1, 2, 0}, {0, 0, 1, 1, 0.5}).kind, SeparationKind::quasi_complete);
}

TEST(Separation, OfAClassWithoutRowsIsThatOfItsIntercept) {
  const Separation s = of_column({-1, 1, -0.5, 0.5}, {0, 0, 1, 1}, 3);
  EXPECT_EQ(s.kind, SeparationKind::quasi_complete);
  EXPECT_TRUE(s.columns.empty());
  EXPECT_LT(s.direction[3], s.direction[2]);
}

TEST(Separation, IsTheSameWhereAColumnIsThereTwice) {
  std::vector<double> features;
  for (const double x : {-2.0, -1.0, 1.0, 2.0}) features.insert(features.end(), {x, x});
  const Separation s = find_separation({features, std::vector<double>{0, 0, 1, 1}, 2, {}});
  EXPECT_EQ(s.kind, SeparationKind::complete);
  EXPECT_EQ(s.columns.size(), 1U);
}

// The class of the largest x̃ᵀβ_k, for a planted β with β_0 = 0; rows near a boundary are not taken.
Made planted(std::uint64_t seed, std::size_t rows, std::size_t columns, std::size_t classes) {
  autograd::Random random(seed);
  std::vector<double> beta((columns + 1) * classes, 0.0);
  for (std::size_t i = columns + 1; i < beta.size(); ++i) beta[i] = random.uniform(-1.0, 1.0);
  Made made{{}, {}, columns};
  while (made.labels.size() < rows) {
    std::vector<double> x(columns);
    for (double& value : x) value = random.uniform(-2.0, 2.0);
    std::vector<std::pair<double, std::size_t>> logits;
    for (std::size_t k = 0; k < classes; ++k) {
      double z = beta[k * (columns + 1) + columns];
      for (std::size_t j = 0; j < columns; ++j) z += beta[k * (columns + 1) + j] * x[j];
      logits.emplace_back(z, k);
    }
    std::sort(logits.rbegin(), logits.rend());
    if (logits[0].first - logits[1].first < 0.05) continue;
    made.features.insert(made.features.end(), x.begin(), x.end());
    made.labels.push_back(static_cast<double>(logits[0].second));
  }
  return made;
}

// The smallest x̃ᵀ(β_k − β_l) of all rows.
double smallest_margin(const Made& made, std::size_t classes, const std::vector<double>& beta) {
  double smallest = std::numeric_limits<double>::infinity();
  const auto logit = [&](std::size_t row, std::size_t k) {
    if (k == 0) return 0.0;
    double z = beta[made.columns * (classes - 1) + k - 1];
    for (std::size_t j = 0; j < made.columns; ++j) {
      z += made.features[row * made.columns + j] * beta[j * (classes - 1) + k - 1];
    }
    return z;
  };
  for (std::size_t row = 0; row < made.labels.size(); ++row) {
    const auto own = static_cast<std::size_t>(made.labels[row]);
    for (std::size_t k = 0; k < classes; ++k) {
      if (k != own) smallest = std::min(smallest, logit(row, own) - logit(row, k));
    }
  }
  return smallest;
}

TEST(Separation, OfAPlantedDirectionIsFoundAndItsDirectionSeparates) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (const std::size_t classes : {2U, 3U, 4U}) {
      const Made made = planted(seed, 100, 4, classes);
      const Separation s = find_separation({made.features, made.labels, classes, {}});
      EXPECT_EQ(s.kind, SeparationKind::complete) << seed;
      ASSERT_EQ(s.direction.size(), 5 * (classes - 1));
      EXPECT_GT(smallest_margin(made, classes, s.direction), 0.0) << seed;
    }
  }
}

// One more row at the middle of the corners of a small cube of class 1, itself of class 0: a margin
// of 0 or more for all demands 0 for the corners, so for the whole space.
TEST(Separation, IsUndoneByOneRowDeepInside) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Made made = planted(seed, 100, 3, 2);
    for (const double edge : {1e-1, 1e-3, 1e-5}) {
      Made cube = made;
      for (unsigned corner = 0; corner < 8; ++corner) {
        for (unsigned j = 0; j < 3; ++j) {
          cube.features.push_back((corner >> j & 1U) != 0 ? edge : -edge);
        }
        cube.labels.push_back(1.0);
      }
      cube.features.insert(cube.features.end(), {0.0, 0.0, 0.0});
      cube.labels.push_back(0.0);
      EXPECT_EQ(find_separation({cube.features, cube.labels, 2, {}}).kind, SeparationKind::none)
          << seed << " " << edge;
    }
  }
}

}  // namespace
}  // namespace models
