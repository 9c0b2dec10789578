// The mean over all rows and over batches, on a loss whose gradient is known: ½(x·w − y)², with the
// gradient (x·w − y)·x. Data are small whole numbers, so that every sum is exact.
#include "models/training/row_mean.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "autograd/errors.h"
#include "autograd/operations.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using autograd::Shape;
using autograd::Tensor;
using testing::message_of;
using Batch = std::vector<std::size_t>;
using Gradient = std::vector<double>;

class SquaredErrors {
 public:
  std::vector<double> X{1, 2, 3, 4, -5, 6, 7, -8, 9, 10};  // 5 × 2
  std::vector<double> y{1, -1, 2, 0, 3};
  std::vector<double> w{1, 2};
  int recorded = 0;
  RowMean mean{{autograd::view(std::span<const double>(X), Shape{5, 2}), autograd::view(y)},
               {autograd::view(w)},
               [this](std::span<const Tensor> rows, std::span<const Tensor> parameters) {
                 ++recorded;
                 return sum(square(matmul(rows[0], parameters[0]) - rows[1])) / 2.0;
               }};

  // The gradient of the mean over these rows, by hand.
  [[nodiscard]] Gradient by_hand(const Batch& rows) const {
    Gradient sum{0.0, 0.0};
    for (const std::size_t i : rows) {
      const double error = X[2 * i] * w[0] + X[2 * i + 1] * w[1] - y[i];
      sum[0] += error * X[2 * i];
      sum[1] += error * X[2 * i + 1];
    }
    const auto m = static_cast<double>(rows.size());
    return {sum[0] / m, sum[1] / m};
  }
  [[nodiscard]] Gradient gradient() const {
    return {mean.gradient().begin(), mean.gradient().end()};
  }
};

void expect_equal(const Gradient& seen, const Gradient& expected) {
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t k = 0; k < seen.size(); ++k) EXPECT_DOUBLE_EQ(seen[k], expected[k]);
}

TEST(RowMean, OfABatchIsThatOfItsRowsAlone) {
  SquaredErrors errors;
  for (const Batch& batch : std::vector<Batch>{
           {0}, {4}, {1, 3}, {3, 1}, {2, 0}, {4, 0, 2}, {0, 1, 2, 3, 4}, {2, 2}, {3}}) {
    errors.mean.differentiate_batch(batch);
    expect_equal(errors.gradient(), errors.by_hand(batch));
  }
}

TEST(RowMean, LooksAtAllRowsAgainAfterABatch) {
  SquaredErrors errors;
  errors.mean.differentiate_batch(Batch{1, 4});
  const Gradient of_all = errors.by_hand({0, 1, 2, 3, 4});
  // x·w: 5, 11, 7, −9, 29; minus y: 4, 12, 5, −9, 26; the squares are 942.
  EXPECT_DOUBLE_EQ(errors.mean.evaluate(), 942.0 / 2.0 / 5.0);
  expect_equal(errors.gradient(), of_all);
  errors.mean.differentiate_batch(Batch{1, 4});
  errors.mean.differentiate();
  expect_equal(errors.gradient(), of_all);
}

TEST(RowMean, OfABatchSeesParametersAndTablesAsTheyAreNow) {
  SquaredErrors errors;
  const Batch batch{3, 0};
  errors.mean.differentiate_batch(batch);
  const Gradient before = errors.gradient();
  errors.w = {-3, 4};
  errors.X[6] = 11;
  errors.mean.differentiate_batch(batch);
  expect_equal(errors.gradient(), errors.by_hand(batch));
  EXPECT_NE(errors.gradient(), before);
}

TEST(RowMean, RecordsOnceForEachSizeOfABatch) {
  SquaredErrors errors;
  const int of_all = errors.recorded;
  errors.mean.differentiate_batch(Batch{0, 1});
  errors.mean.differentiate_batch(Batch{2});
  const int of_both = errors.recorded;
  EXPECT_EQ(of_both, of_all + 2);
  for (std::size_t row = 0; row < 4; ++row) {
    errors.mean.differentiate_batch(Batch{row});
    errors.mean.differentiate_batch(Batch{row, row + 1});
    errors.mean.evaluate();
  }
  EXPECT_EQ(errors.recorded, of_both);
}

TEST(RowMean, RefusesABatchWithoutRowsOrWithOneThereIsNot) {
  SquaredErrors errors;
  const auto fault = [&](const Batch& batch) {
    return message_of<std::invalid_argument>([&] { errors.mean.differentiate_batch(batch); });
  };
  EXPECT_EQ(fault({}), "a batch needs at least one row");
  EXPECT_EQ(fault({0, 5, 1}), "a batch cannot have row 6 of 5");
}

TEST(RowMean, RefusesTablesOfDifferentLength) {
  const std::vector<double> five(5);
  const std::vector<double> four(4);
  const auto record = [](std::span<const Tensor> rows, std::span<const Tensor>) {
    return sum(rows[0]);
  };
  EXPECT_THROW(RowMean({autograd::view(five), autograd::view(four)}, {}, record),
               autograd::ShapeError);
  EXPECT_THROW(RowMean({}, {}, record), autograd::ShapeError);
}

TEST(RowMean, BlamesAnOperationOfAnyRowAndNoneWhereAllIsFinite) {
  SquaredErrors errors;
  EXPECT_NO_THROW(errors.mean.blame());
  errors.X[6] = 1e200;
  const std::string message = message_of<autograd::NonFiniteError>([&] { errors.mean.blame(); });
  EXPECT_TRUE(message.starts_with("square(")) << message;
  EXPECT_NE(message.find("the value at [3] is ∞"), std::string::npos) << message;
}

}  // namespace
}  // namespace models
