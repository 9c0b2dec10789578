// After the first training step a step allocates nothing on the heap: counted, not assumed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "tests/allocation_count.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

using tests::allocations_of;

class Allocations : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!tests::counts_allocations()) {
      GTEST_SKIP() << "the sanitizer's malloc (or a C library other than glibc) is in the place "
                      "where allocations would be counted";
    }
  }

  // Runs `step` once, and then says how often the second to the tenth allocate.
  static long after_the_first(const std::function<void()>& step) {
    step();
    return allocations_of([&] {
      for (int i = 0; i < 9; ++i) step();
    });
  }
};

TEST_F(Allocations, AreCountedWhicheverWayTheyAreMade) {
  void* volatile kept = nullptr;
  EXPECT_EQ(allocations_of([&] {
              kept = std::malloc(10);
              std::free(kept);
            }),
            1);
  EXPECT_EQ(allocations_of([&] {
              kept = ::operator new(10);
              ::operator delete(kept);
            }),
            1);
  EXPECT_EQ(allocations_of([&] {
              kept = ::operator new (64, std::align_val_t{64});
              ::operator delete (kept, std::align_val_t{64});
            }),
            1);
  EXPECT_EQ(allocations_of([&] {
              Eigen::VectorXd vector(100);
              kept = vector.data();
            }),
            1);
  EXPECT_EQ(allocations_of([] {}), 0);
}

constexpr Index rows = 569;
constexpr Index columns = 30;

// A data set of the size of the breast-cancer one.
struct DataSet {
  std::vector<double> features;
  std::vector<double> labels;

  DataSet() {
    Random random(60);
    features = random_values(random, rows * columns);
    for (Index r = 0; r < rows; ++r) labels.push_back(r % 3 == 0 ? 1.0 : 0.0);
  }
};

void descend(std::vector<double>& weights, const Tensor& w) {
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= 0.1 * w.adjoint_values()[i];
}

Tensor viewed(Tape& tape, const std::vector<double>& elements, const Shape& shape,
              std::string_view name) {
  return named(tape.variable(view(std::span<const double>(elements), shape)), name);
}

TEST_F(Allocations, AreNoneInAStepOfLogisticRegression) {
  const DataSet data;
  std::vector<double> weights(static_cast<std::size_t>(columns));
  std::vector<double> bias(1);
  Tape tape;
  const Tensor X = tape.constant(view(std::span(data.features), Shape{rows, columns}));
  const Tensor y = tape.constant(view(std::span(data.labels)));
  const Tensor w = viewed(tape, weights, Shape{columns}, "w");
  const Tensor b = viewed(tape, bias, Shape{}, "b");
  double loss_value = 0.0;
  const long count = after_the_first([&] {
    const Tape::Scope scope = tape.scope();
    const Tensor z = named(matmul(X, w) + b, "z");
    const Tensor a = named(sigmoid(z), "a");
    const Tensor loss = mean(binary_cross_entropy_with_logits(z, y)) + 0.01 * sum(square(w));
    tape.backward(loss);
    descend(weights, w);
    descend(bias, b);
    loss_value = loss.item() + 0.0 * mean(a).item();
  });
  EXPECT_EQ(count, 0);
  EXPECT_LT(loss_value, std::log(2.0)) << "it trains";
}

TEST_F(Allocations, AreNoneInAStepOfAPerceptron) {
  const DataSet data;
  Random random(61);
  std::vector<double> first = random_values(random, columns * 16);
  std::vector<double> second = random_values(random, 16);
  std::vector<double> offset(16);
  Tape tape;
  const Tensor X = tape.constant(view(std::span(data.features), Shape{rows, columns}));
  const Tensor y = tape.constant(view(std::span(data.labels), Shape{rows, 1}));
  const Tensor W1 = viewed(tape, first, Shape{columns, 16}, "W1");
  const Tensor W2 = viewed(tape, second, Shape{16, 1}, "W2");
  const Tensor b1 = viewed(tape, offset, Shape{16}, "b1");
  const long count = after_the_first([&] {
    const Tape::Scope scope = tape.scope();
    const Tensor hidden = named(tanh(matmul(X, W1) + b1), "hidden");
    const Tensor z = named(matmul(hidden, W2), "z");
    tape.backward(mean(binary_cross_entropy_with_logits(z, y)));
    descend(first, W1);
    descend(second, W2);
    descend(offset, b1);
  });
  EXPECT_EQ(count, 0);
}

TEST_F(Allocations, AreNoneInAWideLayer) {
  Random random(62);
  const std::vector<double> inputs = random_values(random, rows * 200);
  std::vector<double> weights = random_values(random, 200 * 150);
  Tape tape;
  const Tensor X = tape.constant(view(std::span(inputs), Shape{rows, 200}));
  const Tensor W = viewed(tape, weights, Shape{200, 150}, "W");
  EXPECT_EQ(after_the_first([&] {
              const Tape::Scope scope = tape.scope();
              tape.backward(mean(square(matmul(X, W))));
            }),
            0);
}

TEST_F(Allocations, AreNoneInProductsWithVectorsAndBatches) {
  Random random(64);
  Tape tape;
  const Tensor A = random_variable(tape, random, Shape{300, 200});
  const Tensor left = random_variable(tape, random, Shape{300});
  const Tensor right = random_variable(tape, random, Shape{200});
  const Tensor batches = random_variable(tape, random, Shape{3, 200, 150});
  EXPECT_EQ(after_the_first([&] {
              const Tape::Scope scope = tape.scope();
              tape.backward(sum(matmul(matmul(left, A), right)) + sum(matmul(A, batches)) +
                            sum(matmul(right, batches)));
            }),
            0);
}

TEST_F(Allocations, AreNoneInAChainOfScalars) {
  Tape tape;
  const Tensor x = named(tape.variable(0.5), "x");
  EXPECT_EQ(after_the_first([&] {
              const Tape::Scope scope = tape.scope();
              Tensor y = x;
              for (int i = 0; i < 10000; ++i) y = tanh(y * 1.1 + 0.1);
              tape.backward(named(y, "y"));
            }),
            0);
}

TEST_F(Allocations, AreNoneInReductionsShapesAndRulesAlongAnAxis) {
  Random random(63);
  Tape tape;
  const Tensor x = named(random_variable(tape, random, Shape{20, 6, 4}), "x");
  const Tensor labels = tape.constant(Values(random_values(random, 480), Shape{20, 6, 4}));
  EXPECT_EQ(after_the_first([&] {
              const Tape::Scope scope = tape.scope();
              const Tensor both = concatenate({x, labels, 2.0 * x}, 1);
              const Tensor part = slice(transpose(both), 1, 2, 14, 3);
              const Tensor rowwise = gather_rows(reshape(part, {8, 40}), {7, 0, 3, 3});
              const Tensor soft = log_softmax(max(x, 1), 0) + softmax(min(x, 1), -1);
              const Tensor unit = maxout(permute(x, {2, 0, 1}), 3);
              const Tensor entropy = cross_entropy_with_logits(x, labels, 1);
              const Tensor total = sum(rowwise) + mean(soft, {0}) * 3.0 + sum(unit, {0, 1, 2}) +
                                   sum(log_sum_exp(entropy, 0));
              tape.backward(named(sum(total), "total"));
            }),
            0);
}

TEST_F(Allocations, AreNoneWhenTheTapeIsClearedInsteadOfRewound) {
  std::vector<double> weights{1.0, 2.0, 3.0};
  Tape tape;
  EXPECT_EQ(after_the_first([&] {
              tape.clear();
              const Tensor w = viewed(tape, weights, Shape{3}, "w");
              tape.backward(sum(exp(w) * w));
            }),
            0);
}

}  // namespace
}  // namespace autograd::testing
