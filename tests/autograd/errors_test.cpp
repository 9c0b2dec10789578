// What a user reads after a mistake, word for word.
#include "autograd/errors.h"

#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

class Messages : public ::testing::Test {
 protected:
  Tensor constant(const char* name, const Shape& shape) {
    const std::vector<double> ones(static_cast<std::size_t>(shape.size()), 1.0);
    return named(tape.constant(Values(ones, shape)), name);
  }

  Tape tape;
  Tensor X = constant("X", {150, 4});
  Tensor w = named(tape.variable({1.0, 2.0, 3.0, 4.0}), "w");
};

TEST(SourceLine, IsTheFilesNameWithoutFoldersAndTheLine) {
  EXPECT_EQ(to_string(SourceLine{"/a/b/train.cpp", 31}), "train.cpp:31");
  EXPECT_EQ(to_string(SourceLine{"train.cpp", 7}), "train.cpp:7");
  EXPECT_EQ(to_string(SourceLine{}), "");
}

TEST_F(Messages, OfMatmulNameOperandsShapesAndLineAndGuessTheMistake) {
  const Tensor longer = constant("w", {5, 1});
  std::string message = message_of<ShapeError>([&] { matmul(X, longer); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "matmul(X: 150×4, w: 5×1): inner dimensions 4 and 5 differ (" + line +
                         "). Is there a bias column too many or too few?");
  const Tensor Y = constant("Y", {150, 2});
  message = message_of<ShapeError>([&] { matmul(X, Y); });
  line = the_line_above();
  EXPECT_EQ(message, "matmul(X: 150×4, Y: 150×2): inner dimensions 4 and 150 differ (" + line +
                         "). Should the left operand be transposed?");
  message = message_of<ShapeError>([&] { matmul(X, 2.0); });
  line = the_line_above();
  EXPECT_EQ(message, "matmul(X: 150×4, scalar): a scalar is not a matrix (" + line +
                         "). Use * to multiply by a scalar.");
  const Tensor A = constant("A", {2, 3, 4});
  const Tensor B = constant("B", {3, 4, 5});
  message = message_of<ShapeError>([&] { matmul(A, B); });
  line = the_line_above();
  EXPECT_EQ(message,
            "matmul(A: 2×3×4, B: 3×4×5): batches [2] and [3] do not broadcast (" + line + ").");
}

TEST_F(Messages, OfBroadcastingNameBothShapes) {
  const Tensor v = constant("v", {3});
  std::string message = message_of<ShapeError>([&] { w + v; });
  std::string line = the_line_above();
  EXPECT_EQ(message, "add(w: [4], v: [3]): shapes [4] and [3] do not broadcast (" + line +
                         "). From the last axis backwards, extents must be equal or 1; reshape() "
                         "or transpose() one of them.");
  message = message_of<ShapeError>([&] { broadcast_to(w, {4, 3}); });
  line = the_line_above();
  EXPECT_EQ(message, "broadcast_to(w: [4]): shape [4] does not broadcast to 4×3 (" + line +
                         "). From the last axis backwards, extents must be equal or 1.");
}

TEST_F(Messages, OfAnAxisThatIsNotThere) {
  std::string message = message_of<ShapeError>([&] { sum(X, {2}); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "sum of X: 150×4: there is no axis 2 (" + line + ").");
  message = message_of<ShapeError>([&] { softmax(w, -2); });
  line = the_line_above();
  EXPECT_EQ(message, "softmax of w: [4]: there is no axis -2 (" + line + ").");
  EXPECT_THROW(max(tape.constant(1.0), 0), ShapeError);
  EXPECT_THROW(softmax(1.0), ShapeError);
}

TEST_F(Messages, OfASliceOutsideItsAxis) {
  const std::string message = message_of<ShapeError>([&] { slice(X, 1, 2, 5); });
  const std::string line = the_line_above();
  EXPECT_EQ(message,
            "slice of X: 150×4: elements 2 to 5 in steps of 1 are not a part of axis 1 with "
            "extent 4 (" +
                line + ").");
  EXPECT_THROW(slice(X, 1, 2, 2), ShapeError);
  EXPECT_THROW(slice(X, 1, -5, 2), ShapeError);
  EXPECT_THROW(slice(X, 1, 0, 4, 0), ShapeError);
  EXPECT_THROW(slice(X, 1, 3, 0, -1), ShapeError);
}

TEST_F(Messages, OfStructureThatDoesNotFit) {
  std::string message = message_of<ShapeError>([&] { reshape(w, {3, 2}); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "reshape(w: [4]): shape 3×2 has 6 elements, not 4 (" + line + ").");
  message = message_of<ShapeError>([&] { permute(X, {0, 0}); });
  line = the_line_above();
  EXPECT_EQ(message,
            "permute(X: 150×4): the order does not name each of the 2 axes once (" + line + ").");
  message = message_of<ShapeError>([&] { gather_rows(w, {0, 4}); });
  line = the_line_above();
  EXPECT_EQ(message, "gather_rows(w: [4]): row 4 is not one of the rows 0 to 3 (" + line + ").");
  message = message_of<ShapeError>([&] { concatenate({X, w}, 0); });
  line = the_line_above();
  EXPECT_EQ(message,
            "concatenate(X: 150×4, w: [4]): shapes 150×4 and [4] must agree but for axis 0 (" +
                line + ").");
  EXPECT_THROW(concatenate({}, 0), ArgumentError);
  EXPECT_THROW(gather_rows(w, {-1}), ShapeError);
  EXPECT_THROW(gather_rows(w, std::initializer_list<Index>{}), ShapeError);
  EXPECT_THROW(gather_rows(tape.constant(1.0), {0}), ShapeError);
  EXPECT_THROW(maxout(w, 3), ShapeError);
  EXPECT_THROW(maxout(w, 0), ShapeError);
}

TEST_F(Messages, OfPlaceAndScatterOutsideTheResult) {
  const std::array<Index, 1> start{2};
  const std::array<Index, 1> step{1};
  EXPECT_THROW(place(w, Shape{5}, start, step), ShapeError);
  EXPECT_THROW(place(w, Shape{2, 5}, start, step), ShapeError);
  EXPECT_THROW(scatter_rows(w, std::vector<Index>{0, 1, 2, 3}, 3), ShapeError);
  EXPECT_THROW(scatter_rows(w, std::vector<Index>{0, 1}, 3), ShapeError);
  EXPECT_THROW(scatter_rows(w, std::vector<Index>{0, 1, 2, 3}, 0), ShapeError);
}

TEST_F(Messages, OfALabelThatIsNoClass) {
  const std::vector<Index> labels{0, 3};
  const std::string message = message_of<ArgumentError>([&] { one_hot(tape, labels, 3); });
  const std::string line = the_line_above();
  EXPECT_EQ(message, "one_hot: label 3 of row 1 is not one of the classes 0 to 2 (" + line + ").");
  EXPECT_THROW(one_hot(tape, std::vector<Index>{-1}, 3), ArgumentError);
  EXPECT_THROW(one_hot(tape, {}, 3), ShapeError);
}

TEST_F(Messages, OfCrossEntropyWithLabelsOfAnotherShape) {
  const Tensor y = constant("y", {150});
  const std::string message = message_of<ShapeError>([&] { cross_entropy_with_logits(X, y); });
  const std::string line = the_line_above();
  EXPECT_EQ(message,
            "cross_entropy_with_logits(X: 150×4, y: [150]): shapes 150×4 and [150] differ (" +
                line +
                "). Both must have one entry for every class of every row; one_hot() "
                "makes such labels of class numbers.");
}

TEST_F(Messages, OfBackwardOfWhatIsNotALoss) {
  const Tensor z = named(w * 2.0, "z");
  std::string message = message_of<LossError>([&] { tape.backward(z); });
  std::string line = the_line_above();
  EXPECT_EQ(message, "backward(z: [4]): the loss must be one element, not [4] (" + line +
                         "). Take its sum() or mean() first.");
  message = message_of<LossError>([&] { tape.backward(sum(X)); });
  line = the_line_above();
  EXPECT_EQ(message, "backward(sum(X: 150×4)): it depends on no variable (" + line +
                         "). Make what you differentiate by with tape.variable().");
}

TEST_F(Messages, OfAdjointsThatAreNotThere) {
  EXPECT_EQ(message_of<LossError>([&] { static_cast<void>(X.adjoint_values()); }),
            "adjoint of X: 150×4: it requires no gradient. Make it with tape.variable(), or of "
            "variables.");
  EXPECT_EQ(message_of<LossError>([&] { static_cast<void>(w.adjoint_values()); }),
            "adjoint of w: [4]: no backward() has reached it since it was recorded.");
}

TEST_F(Messages, OfAssignmentToWhatIsNotAFreeLeaf) {
  const std::vector<double> outside(4);
  const std::vector<double> three(3);
  const Tensor y = named(w * 2.0, "y");
  const Tensor v = named(tape.constant(view(std::span<const double>(outside))), "v");
  std::string message = message_of<ArgumentError>([&] { tape.assign(y, outside); });
  std::string line = the_line_above();
  EXPECT_EQ(message,
            "assign to y: [4]: it is the result of an operation, not a leaf (" + line + ").");
  message = message_of<ArgumentError>([&] { tape.assign(v, outside); });
  line = the_line_above();
  EXPECT_EQ(message, "assign to v: [4]: it is a view of memory outside the tape (" + line +
                         "). Change that memory instead.");
  message = message_of<ShapeError>([&] { tape.assign(w, three); });
  line = the_line_above();
  EXPECT_EQ(message, "assign to w: [4]: 3 values for 4 elements (" + line + ").");
}

TEST_F(Messages, OfStaleTensors) {
  const Tensor old = w;
  tape.clear();
  const Tensor x = tape.variable(1.0);
  std::string message = message_of<StaleTensorError>([&] { x - old; });
  std::string line = the_line_above();
  EXPECT_EQ(message,
            "subtract: an operand was recorded before its tape was cleared or its scope ended (" +
                line + "). Record it again.");
  message = message_of<StaleTensorError>([&] { tape.backward(old); });
  line = the_line_above();
  EXPECT_EQ(message,
            "backward: the tensor was recorded before its tape was cleared or its scope ended (" +
                line + "). Record it again.");
  EXPECT_EQ(message_of<StaleTensorError>([&] { static_cast<void>(old.item()); }),
            "a tensor was used after its tape was cleared or its scope ended. Record it again.");
  message = message_of<StaleTensorError>([&] { x + Tensor(); });
  line = the_line_above();
  EXPECT_EQ(message, "add: an operand was never recorded on a tape (" + line + ").");
}

TEST_F(Messages, OfTensorsOfTwoTapes) {
  Tape other;
  const Tensor b = named(other.variable(1.0), "b");
  const std::string message = message_of<TapeMismatchError>([&] { w + b; });
  const std::string line = the_line_above();
  EXPECT_EQ(message, "add: operand b: scalar lives on another tape (" + line +
                         "). Copy its values over: tape.constant(Values(x.values(), x.shape())).");
}

TEST_F(Messages, OfAResultWithMoreElementsThanMemoryCanAddress) {
  constexpr Index large = Index{1} << 20;
  const std::vector<double> ones(large, 1.0);
  const auto along = [&](const char* name, const Shape& shape) {
    return named(tape.constant(view(std::span<const double>(ones), shape)), name);
  };
  const Tensor a = along("a", {large, 1, 1});
  const Tensor b = along("b", {large, 1});
  const Tensor c = along("c", {large});
  const std::string message = message_of<ShapeError>([&] { where(a, b, c); });
  const std::string line = the_line_above();
  EXPECT_EQ(message,
            "where(a: 1048576×1×1, b: 1048576×1, c: [1048576]): shape 1048576×1048576×1048576 has "
            "more elements than memory can address (" +
                line + ").");
}

TEST_F(Messages, OfOperandsThatAreAllNumbers) {
  EXPECT_THROW(exp(Operand(1.0)), StaleTensorError);
  EXPECT_THROW(sum(2.0), StaleTensorError);
}

TEST_F(Messages, OfARuleCalledWithTheWrongNumberOfOperands) {
  EXPECT_EQ(message_of<ArgumentError>([&] { apply(*find_rule("add"), {w}); }),
            "add takes 2 operands, not 1.");
}

TEST_F(Messages, OfAFusedRuleAppliedWithoutItsAxis) {
  const std::string message = message_of<ShapeError>([&] { apply(*find_rule("softmax"), {w}); });
  EXPECT_TRUE(message.starts_with("softmax(w: [4]): it works along an axis and none was given ("))
      << message;
  EXPECT_THROW(apply(*find_rule("max"), {w}, std::array<Index, 2>{1, 0}), ShapeError);
}

TEST(Errors, AreAllOfOneFamily) {
  Tape tape;
  EXPECT_THROW(tape.variable({1.0, 2.0}) + tape.variable({1.0, 2.0, 3.0}), Error);
  EXPECT_THROW(static_cast<void>(Tensor().item()), Error);
}

TEST(StaleTensor, OnATapeThatIsEmptyIsAnErrorLikeAnyOther) {
  Tape tape;
  const Tensor old = named(tape.variable(1.0), "old");
  tape.clear();
  EXPECT_THROW(old + old, StaleTensorError);
  Tape other;
  const Tensor theirs = other.variable(1.0);
  const std::array<Operand, 2> operands{theirs, theirs};
  EXPECT_THROW(tape.record(*find_rule("add"), operands), TapeMismatchError);
  EXPECT_EQ(tape.size(), 0U);
}

}  // namespace
}  // namespace autograd::testing
