// Anomaly detection: the first value or adjoint that is not finite is blamed on its operation.
#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

TEST(Anomaly, IsOffByDefault) {
  Tape tape;
  EXPECT_EQ(log(tape.variable(0.0)).item(), -infinity);
}

TEST(Anomaly, ForwardsNamesTheElementTheOperandItsValueAndTheLine) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor x = named(tape.variable({{1.0, 2.0}, {0.0, 4.0}}), "x");
  const std::string message = message_of<NonFiniteError>([&] { log(x); });
  const std::string line = the_line_above();
  EXPECT_EQ(message, "log(x: 2×2): the value at [1, 0] is -∞ (" + line + "). There x is 0.");
}

TEST(Anomaly, ForwardsFollowsBroadcastingBackToTheOperandsElement) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor x = named(tape.variable({{1.0}, {-0.5}}), "x");
  const Tensor y = tape.constant({1.0, 2.0, 0.0});
  const std::string message = message_of<NonFiniteError>([&] { x / y; });
  const std::string line = the_line_above();
  EXPECT_EQ(message, "divide(x: 2×1, [3]): the value at [0, 2] is ∞ (" + line +
                         "). There x is 1, operand 2 is 0.");
}

TEST(Anomaly, ForwardsOfWhatIsNotElementwiseNamesTheElement) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor x = named(tape.variable({{1e308, 1e308}, {1.0, 1.0}}), "x");
  const std::string message = message_of<NonFiniteError>([&] { sum(x, {1}); });
  const std::string line = the_line_above();
  EXPECT_EQ(message, "sum(x: 2×2): the value at [0] is ∞ (" + line + ").");
}

TEST(Anomaly, OfDataIsFoundWhereItComesIn) {
  Tape tape;
  tape.detect_anomalies(true);
  const std::vector<double> data{1.0, not_a_number};
  std::string message = message_of<NonFiniteError>([&] { tape.constant(Values(data, Shape{2})); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "[2]: the value at [1] is NaN (" + line + ").");
  const Tensor x = tape.variable(1.0);
  const std::size_t size = tape.size();
  message = message_of<NonFiniteError>([&] { x + infinity; });
  line = the_line_above();
  EXPECT_EQ(message, "scalar: the value is ∞ (" + line + ").");
  EXPECT_EQ(tape.size(), size);
}

TEST(Anomaly, BackwardsNamesTheAdjointItsOperandAndTheLineOfTheOperation) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor x = named(tape.variable({4.0, 0.0}), "x");
  const Tensor y = sqrt(x);
  const std::string line = the_line_above();
  const std::string message = message_of<NonFiniteError>([&] { tape.backward(sum(y)); });
  EXPECT_EQ(message, "backward of sqrt(x: [2]): dx[1] is ∞ (" + line + "). x is 0 there.");
}

TEST(Anomaly, BackwardsCountsOperandsWithoutAName) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor x = tape.variable(0.0);
  const Tensor y = sqrt(x * 2.0);
  const std::string line = the_line_above();
  const std::string message = message_of<NonFiniteError>([&] { tape.backward(y); });
  EXPECT_EQ(message, "backward of sqrt(scalar): the adjoint of operand 1 is ∞ (" + line +
                         "). The operand is 0 there.");
}

TEST(Anomaly, BlamesTheTextbookCrossEntropyByName) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor a = named(sigmoid(tape.variable(40.0)), "a");
  const std::string message = message_of<NonFiniteError>([&] { binary_cross_entropy(a, 0.0); });
  EXPECT_TRUE(message.starts_with("binary_cross_entropy(a: scalar, scalar): the value is ∞"))
      << message;
  EXPECT_TRUE(message.ends_with("There a is 1, operand 2 is 0.")) << message;
}

TEST(Anomaly, LeavesTheTapeAsItWasForwards) {
  Tape tape;
  tape.detect_anomalies(true);
  const Tensor x = tape.variable(0.0);
  const std::size_t size = tape.size();
  EXPECT_THROW(log(x), NonFiniteError);
  EXPECT_THROW(1.0 / x, NonFiniteError);
  EXPECT_EQ(tape.size(), size);
  EXPECT_EQ(exp(x).item(), 1.0);
}

}  // namespace
}  // namespace autograd::testing
