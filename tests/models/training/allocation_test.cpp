// After the first batch of each size, training in mini-batches allocates nothing on the heap:
// counted, not assumed.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "autograd/operations.h"
#include "models/logistic_regression.h"
#include "models/training/row_mean.h"
#include "tests/counted_allocations.h"
#include "tests/models/support.h"

namespace models {
namespace {

using autograd::Tensor;
using tests::Allocations;
using tests::allocations_of;

TEST_F(Allocations, AreNoneAfterTheFirstBatchOfEachSize) {
  const std::vector<double> x{1.0, 2.0, 3.0, 4.0, 5.0};
  const double w = 2.0;
  RowMean mean({autograd::view(x)}, {autograd::View({&w, 1}, autograd::Shape{})},
               [](std::span<const Tensor> rows, std::span<const Tensor> parameters) {
                 return sum(square(rows[0] * parameters[0]));
               });
  const std::array<std::size_t, 2> two{3, 1};
  const std::array<std::size_t, 1> one{4};
  EXPECT_GT(allocations_of([&] { mean.differentiate_batch(two); }), 0);
  EXPECT_EQ(allocations_of([&] { mean.differentiate_batch(two); }), 0);
  EXPECT_GT(allocations_of([&] { mean.differentiate_batch(one); }), 0);
  EXPECT_EQ(allocations_of([&] {
              mean.differentiate_batch(two);
              mean.differentiate_batch(one);
              mean.evaluate();
              mean.differentiate();
            }),
            0);
}

TEST_F(Allocations, AreNoneAfterTheFirstEpochOfMiniBatches) {
  const testing::Rows rows = testing::standardised("breast_cancer.csv", "diagnosis");
  LogisticRegressionOptions options;
  options.batch_size = 32;
  options.epochs = 10;
  options.l2 = 0.01;
  LogisticRegression model(options);
  long allocations = -1;
  model.fit(rows.features, rows.labels, [&](const EpochReport& report) {
    if (report.epoch == 1) tests::start_counting();
    if (report.epoch == 10) allocations = tests::stop_counting();
  });
  EXPECT_EQ(allocations, 0);
}

}  // namespace
}  // namespace models
