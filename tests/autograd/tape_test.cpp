// The tape: the backward pass, reuse, long and doubling graphs, scopes, stale handles.
#include "autograd/tape.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>

#include "autograd/custom_operation.h"
#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

TEST(Backward, GivesTheSameAdjointsEachTime) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor loss = sum(x * x);
  for (int i = 0; i < 3; ++i) {
    tape.backward(loss);
    EXPECT_EQ(adjoint(x), (std::vector<double>{2.0, 4.0}));
  }
}

TEST(Backward, OfAnotherLossForgetsTheFirst) {
  Tape tape;
  const Tensor x = tape.variable(3.0);
  const Tensor y = tape.variable(5.0);
  const Tensor first = x * y;
  const Tensor second = x * x;
  tape.backward(first);
  EXPECT_EQ(y.adjoint_item(), 3.0);
  tape.backward(second);
  EXPECT_EQ(x.adjoint_item(), 6.0);
  EXPECT_EQ(y.adjoint_item(), 0.0);
}

TEST(Backward, AddsUpOverEveryPath) {
  Tape tape;
  const Tensor a = tape.variable(1.0);
  const Tensor b = a + a;
  const Tensor c = b + b;
  tape.backward(c);
  EXPECT_EQ(a.adjoint_item(), 4.0);
  EXPECT_EQ(b.adjoint_item(), 2.0);
}

TEST(Backward, OfADiamondVisitsTheTopOnce) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  const Tensor top = x * x;
  const Tensor left = 3.0 * top;
  const Tensor right = top * top;
  tape.backward(left + right);
  EXPECT_EQ(top.adjoint_item(), 3.0 + 2.0 * 4.0);
  EXPECT_EQ(x.adjoint_item(), 11.0 * 4.0);
}

TEST(Backward, StartsAnywhereOnTheTape) {
  Tape tape;
  const Tensor x = tape.variable(2.0);
  const Tensor y = x * x;
  const Tensor z = y * y;
  tape.backward(y);
  EXPECT_EQ(x.adjoint_item(), 4.0);
  EXPECT_EQ(z.adjoint_item(), 0.0);
  tape.backward(x);
  EXPECT_EQ(x.adjoint_item(), 1.0);
}

TEST(Backward, TakesATensorOfOneElementOfAnyRank) {
  Tape tape;
  const Tensor x = tape.variable({{3.0}});
  tape.backward(x * x);
  EXPECT_EQ(x.adjoint_item(), 6.0);
}

TEST(Backward, OfAGraphThatDoublesSixtyFourTimesTakesOneVisitForEachNode) {
  Tape tape;
  const Tensor start = tape.variable(1.0);
  Tensor x = start;
  for (int i = 0; i < 64; ++i) x = x + x;
  EXPECT_EQ(x.item(), std::ldexp(1.0, 64));
  tape.backward(x);
  EXPECT_EQ(start.adjoint_item(), std::ldexp(1.0, 64));
  EXPECT_EQ(tape.size(), 65U);
}

// Seconds for a chain x + 0 + 0 + … of `length` operations, forwards and backwards.
double seconds_for_chain(int length) {
  Tape tape;
  const Tensor start = tape.variable(1.0);
  const Tensor zero = tape.constant(0.0);
  const auto before = std::chrono::steady_clock::now();
  Tensor x = start;
  for (int i = 0; i < length; ++i) x = x + zero;
  tape.backward(x);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - before;
  EXPECT_EQ(x.item(), 1.0);
  EXPECT_EQ(start.adjoint_item(), 1.0);
  return taken.count();
}

TEST(Backward, OfAChainOfAMillionOperationsTakesLinearTimeAndNoStack) {
  const double short_chain = seconds_for_chain(100'000);
  const double long_chain = seconds_for_chain(1'000'000);
  EXPECT_LT(long_chain, 40.0 * std::max(short_chain, 1e-3));
}

// ---- constants

// x·y, counting how often each operand's adjoint is asked for.
std::array<int, 2> asked_for{};

template <std::size_t operand>
void count_and_contribute(double* result, const double* upstream, const double* const* operands,
                          const double* value, Index n) {
  ++asked_for[operand];
  find_rule("multiply")->contribution_block[operand](result, upstream, operands, value, n);
}

const Rule& counting_multiply() {
  static const Rule rule = [] {
    Rule counted = *find_rule("multiply");
    counted.contribution_block[0] = count_and_contribute<0>;
    counted.contribution_block[1] = count_and_contribute<1>;
    return counted;
  }();
  return rule;
}

TEST(Constants, CostNoBackwardWork) {
  asked_for = {};
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor c = tape.constant({3.0, 4.0});
  const Tensor of_constants = apply(counting_multiply(), {c, c});
  const Tensor y = apply(counting_multiply(), {x, of_constants});
  tape.backward(sum(y));
  EXPECT_EQ(asked_for[0], 1);
  EXPECT_EQ(asked_for[1], 0);
  EXPECT_FALSE(of_constants.requires_gradient());
  EXPECT_EQ(tape.node(c.index()).adjoint, Node::no_adjoint);
  EXPECT_EQ(adjoint(x), (std::vector<double>{9.0, 16.0}));
}

TEST(Constants, AVariableTheLossDoesNotDependOnCostsNoBackwardWork) {
  asked_for = {};
  Tape tape;
  const Tensor x = tape.variable(2.0);
  const Tensor unused = tape.variable(3.0);
  const Tensor beside = apply(counting_multiply(), {unused, unused});
  tape.backward(x * x);
  EXPECT_EQ(asked_for[0] + asked_for[1], 0);
  EXPECT_EQ(unused.adjoint_item(), 0.0);
  EXPECT_EQ(beside.adjoint_item(), 0.0);
}

// ---- scopes and stale handles

TEST(Scope, ForgetsWhatWasRecordedInItAndKeepsTheParameters) {
  Tape tape;
  const Tensor w = tape.variable({1.0, 2.0});
  const std::size_t size = tape.size();
  Tensor inside;
  for (int step = 0; step < 3; ++step) {
    const Tape::Scope scope = tape.scope();
    inside = sum(w * w);
    tape.backward(inside);
  }
  EXPECT_EQ(tape.size(), size);
  EXPECT_EQ(adjoint(w), (std::vector<double>{2.0, 4.0})) << "adjoints stay readable";
  EXPECT_EQ(values(w), (std::vector<double>{1.0, 2.0}));
  EXPECT_THROW(static_cast<void>(inside.item()), StaleTensorError);
}

TEST(Scope, AdjointsOfParametersAreThoseOfTheLastBackward) {
  Tape tape;
  const Tensor w = tape.variable(3.0);
  {
    const Tape::Scope scope = tape.scope();
    tape.backward(w * w);
  }
  EXPECT_EQ(w.adjoint_item(), 6.0);
  {
    const Tape::Scope scope = tape.scope();
    const Tensor y = exp(w * 0.0);
    EXPECT_EQ(w.adjoint_item(), 6.0) << "recording does not disturb them";
    EXPECT_THROW(static_cast<void>(y.adjoint_item()), LossError);
  }
}

TEST(Scope, Nests) {
  Tape tape;
  const Tensor w = tape.variable(2.0);
  const Tape::Scope outer = tape.scope();
  const Tensor a = w * w;
  Tensor b;
  {
    const Tape::Scope inner = tape.scope();
    b = a * a;
    EXPECT_EQ(b.item(), 16.0);
  }
  EXPECT_EQ(a.item(), 4.0);
  EXPECT_THROW(static_cast<void>(b.item()), StaleTensorError);
  const Tensor c = a + 1.0;
  EXPECT_EQ(c.item(), 5.0);
}

TEST(Scope, MayBeginOnAnEmptyTape) {
  Tape tape;
  {
    const Tape::Scope scope = tape.scope();
    EXPECT_EQ(square(tape.variable(3.0)).item(), 9.0);
  }
  EXPECT_EQ(tape.size(), 0U);
}

TEST(Scope, ThatEndsAfterTheTapeWasClearedAndUsedAgainLeavesItAlone) {
  Tape tape;
  tape.variable({1.0, 2.0});
  tape.variable({{1.0, 2.0}, {3.0, 4.0}});
  std::optional<Tensor> kept;
  {
    const Tape::Scope scope = tape.scope();
    tape.clear();
    kept = tape.variable(7.0);
    for (int i = 0; i < 5; ++i) kept = *kept + 0.0;
  }
  EXPECT_EQ(kept->item(), 7.0);
  EXPECT_EQ(square(*kept).item(), 49.0);
}

TEST(Scope, EndsWhenAnErrorPassesThroughIt) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  const std::size_t size = tape.size();
  EXPECT_THROW(
      {
        const Tape::Scope scope = tape.scope();
        x + tape.constant({1.0, 2.0, 3.0});
      },
      ShapeError);
  EXPECT_EQ(tape.size(), size);
}

TEST(StaleTensor, AfterClearIsAnErrorAndTheTapeServesOn) {
  Tape tape;
  const Tensor old = tape.variable(1.0);
  tape.clear();
  EXPECT_EQ(tape.size(), 0U);
  EXPECT_THROW(static_cast<void>(old.item()), StaleTensorError);
  const Tensor fresh = tape.variable(2.0);
  EXPECT_EQ(fresh.index(), old.index()) << "the index is used again";
  EXPECT_THROW(static_cast<void>(old.item()), StaleTensorError) << "and the old handle still stale";
  EXPECT_EQ(fresh.item(), 2.0);
}

TEST(StaleTensor, AfterItsScopeIsAnErrorEvenWhereItsPlaceIsTakenAgain) {
  Tape tape;
  const Tensor w = tape.variable(1.0);
  Tensor old;
  {
    const Tape::Scope scope = tape.scope();
    old = w + 1.0;
  }
  const Tensor fresh = w + 1.0;
  EXPECT_EQ(fresh.index(), old.index());
  EXPECT_THROW(static_cast<void>(old.item()), StaleTensorError);
  EXPECT_THROW(static_cast<void>(old.shape()), StaleTensorError);
  EXPECT_THROW(static_cast<void>(old.adjoint_values()), StaleTensorError);
  EXPECT_THROW(old + 1.0, StaleTensorError);
  EXPECT_THROW(tape.backward(old), StaleTensorError);
  EXPECT_THROW(named(old, "old"), StaleTensorError);
}

TEST(StaleTensor, ADefaultTensorIsOnNoTapeAndIsNotTheNumberZero) {
  Tape tape;
  const Tensor x = tape.variable(1.0);
  const Tensor nothing;
  EXPECT_THROW(static_cast<void>(nothing.shape()), StaleTensorError);
  EXPECT_THROW(static_cast<void>(nothing.name()), StaleTensorError);
  EXPECT_THROW(named(nothing, "n"), StaleTensorError);
  EXPECT_THROW(x + nothing, StaleTensorError);
  EXPECT_THROW(nothing * x, StaleTensorError);
  EXPECT_THROW(exp(nothing), StaleTensorError);
  EXPECT_THROW(softmax(nothing), StaleTensorError);
  EXPECT_THROW(transpose(nothing), StaleTensorError);
  EXPECT_THROW(tape.backward(nothing), StaleTensorError);
}

TEST(TwoTapes, CannotBeMixedInAnOperationNorInBackwardOrAssign) {
  Tape one;
  Tape other;
  const Tensor x = one.variable(1.0);
  const Tensor y = other.variable(2.0);
  EXPECT_THROW(x + y, TapeMismatchError);
  EXPECT_THROW(one.backward(y * y), TapeMismatchError);
  const std::array<double, 1> value{3.0};
  EXPECT_THROW(one.assign(y, value), TapeMismatchError);
  EXPECT_EQ(y.item(), 2.0);
}

TEST(Failure, OfAnOperationLeavesTheTapeAsItWas) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor y = x * 2.0;
  const std::size_t size = tape.size();
  EXPECT_THROW(matmul(x, tape.constant(1.0)), ShapeError);
  EXPECT_EQ(tape.size(), size + 1) << "the constant was recorded by its own call";
  EXPECT_THROW(softmax(5.0 * x, 3), ShapeError);
  tape.backward(sum(y));
  EXPECT_EQ(adjoint(x), (std::vector<double>{2.0, 2.0}));
}

// ---- assign and names

TEST(Assign, ChangesALeafAndNothingComputedFromItEarlier) {
  Tape tape;
  const Tensor x = tape.variable({1.0, 2.0});
  const Tensor y = x * 10.0;
  const std::array<double, 2> fresh{3.0, 4.0};
  tape.assign(x, fresh);
  EXPECT_EQ(values(x), (std::vector<double>{3.0, 4.0}));
  EXPECT_EQ(values(y), (std::vector<double>{10.0, 20.0}));
  EXPECT_EQ(values(x * 10.0), (std::vector<double>{30.0, 40.0}));
}

TEST(Names, AreKeptByTheTensorNotByTheHandle) {
  Tape tape;
  const Tensor w = named(tape.variable(1.0), "w");
  EXPECT_EQ(w.name(), "w");
  EXPECT_EQ(tape.tensor(w.index()).name(), "w");
  named(w, "weight");
  EXPECT_EQ(w.name(), "weight");
  named(w, "");
  EXPECT_EQ(w.name(), "");
  EXPECT_EQ((w + 1.0).name(), "");
}

TEST(Names, StayReadableWhenMoreNamesAreGiven) {
  Tape tape;
  const Tensor w = named(tape.variable(1.0), "w");
  const std::string_view name = w.name();
  for (std::size_t i = 1; i < 300; ++i) named(tape.variable(1.0), std::string(i, 'v'));
  EXPECT_EQ(name, "w");
}

TEST(Nodes, TellWhatWasRecorded) {
  Tape tape;
  const Tensor x = named(tape.variable({1.0, 2.0}), "x");
  const Tensor y = x * 2.0;
  const Node& node = tape.node(y.index());
  EXPECT_EQ(node.rule->info.name, "multiply");
  EXPECT_EQ(node.operand_indices().size(), 2U);
  EXPECT_EQ(node.operand_indices()[0], x.index());
  EXPECT_EQ(tape.describe(tape.node(x.index())), "x: [2]");
  EXPECT_EQ(tape.describe(node), "multiply(x: [2], scalar)");
  EXPECT_TRUE(tape.node(x.index()).operand_indices().empty());
  EXPECT_TRUE(tape.adjoint_of(node).empty());
}

}  // namespace
}  // namespace autograd::testing
