// A recording with other values of its leaves.
#include "autograd/explain/replay.h"

#include <gtest/gtest.h>

#include "autograd/operations.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

struct Recorded {
  Tape tape;
  Tensor X = named(tape.constant({{1.0, 2.0}, {3.0, 4.0}}), "X");
  Tensor w = named(tape.variable({0.5, -0.25}), "w");
  Tensor loss = named(sum(tanh(matmul(X, w))), "L");
};

TEST(Replayed, WithoutEditsIsTheSameToTheLastBit) {
  Recorded recorded;
  Tape other;
  const Tensor loss = replayed(recorded.tape, recorded.loss.index(), {}, other);
  EXPECT_EQ(loss.item(), recorded.loss.item());
  EXPECT_EQ(loss.name(), "L");
  recorded.tape.backward(recorded.loss);
  other.backward(loss);
  EXPECT_EQ(copy(other.tensor(recorded.w.index()).adjoint_values()), adjoint(recorded.w));
  EXPECT_EQ(other.tensor(recorded.w.index()).name(), "w");
}

TEST(Replayed, WithEditsIsWhatIsRecordedWithThem) {
  Recorded recorded;
  Tape other;
  const Tensor loss =
      replayed(recorded.tape, recorded.loss.index(), {{recorded.w.index(), {1.0, 2.0}}}, other);
  Tape anew;
  const Tensor X = anew.constant({{1.0, 2.0}, {3.0, 4.0}});
  EXPECT_EQ(loss.item(), sum(tanh(matmul(X, anew.variable({1.0, 2.0})))).item());
}

TEST(Replayed, RefusesWhatIsNoLeafOrHasAnotherSize) {
  Recorded recorded;
  const auto message = [&](const Edits& edits) {
    Tape other;
    return message_of<ArgumentError>(
        [&] { return replayed(recorded.tape, recorded.loss.index(), edits, other); });
  };
  EXPECT_EQ(message({{recorded.loss.index(), {1.0}}}),
            "replayed: node " + std::to_string(recorded.loss.index()) +
                " is no leaf; only the values of leaves can be chosen");
  EXPECT_EQ(message({{recorded.w.index(), {1.0}}}), "replayed: w: [2] cannot take 1 numbers");
}

}  // namespace
}  // namespace autograd::testing
