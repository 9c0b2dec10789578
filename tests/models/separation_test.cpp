// Separation that is known: by construction, or by a row that makes it impossible.
#include "models/separation.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace models
