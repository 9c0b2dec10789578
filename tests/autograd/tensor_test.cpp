// How values come in and go out: numbers, lists, spans, Eigen, and views of outside memory.
#include "autograd/tensor.h"

#include <gtest/gtest.h>

#include "tests/autograd/support.h"

namespace autograd::testing {
namespace {

TEST(Leaves, OfNumbersAndNestedLists) {
  Tape tape;
  EXPECT_EQ(tape.variable(2.5).shape(), Shape{});
  EXPECT_EQ(tape.variable({1.0, 2.0, 3.0}).shape(), Shape{3});
  EXPECT_EQ(tape.constant({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}).shape(), (Shape{2, 3}));
  EXPECT_EQ(tape.variable({1, 2.5}).shape(), Shape{2}) << "whole numbers and others";
  EXPECT_EQ(tape.variable({7.0}).shape(), Shape{1});
  EXPECT_EQ(tape.variable({{1.0}, {2.0}}).shape(), (Shape{2, 1})) << "a column";
  EXPECT_EQ(tape.variable({{7.0}}).shape(), (Shape{1, 1}));
  const Tensor cube = tape.variable(
      Values({{{1.0, 2.0}, {3.0, 4.0}}, {{5.0, 6.0}, {7.0, 8.0}}, {{9, 10}, {11, 12}}}));
  EXPECT_EQ(cube.shape(), (Shape{3, 2, 2}));
  EXPECT_EQ(cube.values()[6], 7.0);
}

TEST(Leaves, OfASpanWithAShape) {
  Tape tape;
  const std::vector<double> six{1, 2, 3, 4, 5, 6};
  const Tensor x = tape.constant(Values(six, Shape{3, 2}));
  EXPECT_EQ(x.matrix()(2, 1), 6.0);
  EXPECT_NE(x.values().data(), six.data()) << "copied";
}

TEST(Leaves, RaggedListsAreErrors) {
  EXPECT_EQ(message_of<ShapeError>([] {
              Values({{1.0, 2.0}, {3.0}});
            }),
            "rows of 2 and 1 numbers do not make a matrix");
  EXPECT_EQ(message_of<ShapeError>([] {
              Values({{{1.0, 2.0}, {3.0, 4.0}}, {{5.0, 6.0}}});
            }),
            "blocks of shapes 2×2 and 1×2 do not make a tensor");
  EXPECT_THROW(Values(std::initializer_list<double>{}), ShapeError);
  EXPECT_THROW(Values(std::initializer_list<std::initializer_list<double>>{{}, {}}), ShapeError);
}

TEST(Leaves, ThatDoNotFillTheirShapeAreErrors) {
  const std::vector<double> three{1, 2, 3};
  EXPECT_EQ(message_of<ShapeError>([&] {
              Values(three, Shape{2, 2});
            }),
            "3 values do not fill the shape 2×2");
  EXPECT_THROW(view(three, Shape{4}), ShapeError);
  EXPECT_THROW(view(std::span<const double>()), ShapeError);
}

TEST(Eigen, ColumnMajorMatricesComeInRowByRow) {
  Eigen::MatrixXd m(2, 3);
  m << 1, 2, 3, 4, 5, 6;
  Tape tape;
  const Tensor x = tape.variable(m);
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(values(x), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(x.matrix(), m);
}

TEST(Eigen, AColumnIsOneAxisARowIsTwo) {
  Tape tape;
  const Eigen::VectorXd column = Eigen::VectorXd::LinSpaced(4, 0.0, 3.0);
  const Eigen::RowVectorXd row = column.transpose();
  EXPECT_EQ(tape.variable(column).shape(), Shape{4});
  EXPECT_EQ(tape.variable(row).shape(), (Shape{1, 4}));
  EXPECT_EQ(tape.constant(Eigen::Vector3d(1, 2, 3)).shape(), Shape{3});
  EXPECT_EQ(values(tape.constant(row)), (std::vector<double>{0, 1, 2, 3}));
}

TEST(Eigen, ExpressionsArraysMapsBlocksAndFixedSizesComeIn) {
  Eigen::MatrixXd m(2, 3);
  m << 1, 2, 3, 4, 5, 6;
  Tape tape;
  EXPECT_EQ(values(tape.variable(2.0 * m.transpose())), (std::vector<double>{2, 8, 4, 10, 6, 12}));
  EXPECT_EQ(values(tape.variable(m.array().square())), (std::vector<double>{1, 4, 9, 16, 25, 36}));
  EXPECT_EQ(values(tape.variable(m.block(0, 1, 2, 2))), (std::vector<double>{2, 3, 5, 6}));
  EXPECT_EQ(tape.variable(m.col(1)).shape(), Shape{2});
  const Eigen::Map<const Eigen::MatrixXd> map(m.data(), 3, 2);
  EXPECT_EQ(values(tape.variable(map)), (std::vector<double>{1, 5, 4, 3, 2, 6}));
  EXPECT_EQ(tape.variable(Eigen::Matrix2d::Identity()).shape(), (Shape{2, 2}));
}

TEST(Eigen, AnEmptyMatrixIsAnError) {
  Tape tape;
  EXPECT_THROW(tape.variable(Eigen::MatrixXd(0, 3)), ShapeError);
  EXPECT_THROW(tape.variable(Eigen::VectorXd()), ShapeError);
}

TEST(Eigen, ValuesAndAdjointsComeBackAsMaps) {
  Tape tape;
  const Tensor x = tape.variable({{1.0, 2.0}, {3.0, 4.0}});
  const Tensor loss = sum(x * x);
  tape.backward(loss);
  EXPECT_EQ(x.adjoint_matrix(), 2.0 * x.matrix());
  EXPECT_EQ(x.adjoint_vector().sum(), 20.0);
  EXPECT_EQ(x.vector().size(), 4);
  EXPECT_EQ(loss.matrix().rows(), 1);
  const Tensor v = tape.variable({1.0, 2.0, 3.0});
  EXPECT_EQ(v.matrix().rows(), 3);
  EXPECT_EQ(v.matrix().cols(), 1);
}

TEST(Tensor, SaysWhatDoesNotFit) {
  Tape tape;
  const Tensor x = tape.variable(Values(std::vector<double>(8, 1.0), Shape{2, 2, 2}));
  EXPECT_EQ(message_of<ShapeError>([&] { static_cast<void>(x.matrix()); }),
            "a tensor of shape 2×2×2 is not a matrix. Use values() for more than two axes.");
  EXPECT_EQ(message_of<ShapeError>([&] { static_cast<void>(x.item()); }),
            "a tensor of shape 2×2×2 has more than one element. Use values(), vector() or "
            "matrix().");
}

// ---- views

TEST(View, ReadsOutsideMemoryInPlaceAndSeesItsChangesAtTheNextRecording) {
  std::vector<double> outside{1.0, 2.0, 3.0};
  Tape tape;
  const Tensor x = tape.constant(view(std::span<const double>(outside)));
  EXPECT_EQ(x.values().data(), outside.data());
  const Tensor before = x * 2.0;
  outside[1] = 50.0;
  EXPECT_EQ(x.values()[1], 50.0);
  EXPECT_EQ(before.values()[1], 4.0);
  EXPECT_EQ((x * 2.0).values()[1], 100.0);
}

TEST(View, OfEigenVectorsRowMajorMatricesAndMapsIsNoCopy) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  RowMajor m(2, 3);
  m << 1, 2, 3, 4, 5, 6;
  const Eigen::VectorXd v = Eigen::VectorXd::Ones(4);
  Tape tape;
  EXPECT_EQ(tape.constant(view(m)).values().data(), m.data());
  EXPECT_EQ(tape.constant(view(m)).shape(), (Shape{2, 3}));
  EXPECT_EQ(tape.constant(view(v)).values().data(), v.data());
  EXPECT_EQ(tape.constant(view(v)).shape(), Shape{4});
  EXPECT_EQ(tape.constant(view(Eigen::Map<const RowMajor>(m.data(), 3, 2))).shape(), (Shape{3, 2}));
  static_assert(!std::is_constructible_v<View, const Eigen::MatrixXd&>,
                "a column-major matrix has to be copied");
}

TEST(View, OfWeightsIsAVariableLikeAnyOther) {
  std::vector<double> weights{1.0, 2.0};
  Tape tape;
  const Tensor w = tape.variable(view(std::span<const double>(weights)));
  for (int step = 0; step < 3; ++step) {
    const Tape::Scope scope = tape.scope();
    tape.backward(sum(w * w));
    for (std::size_t i = 0; i < 2; ++i) weights[i] -= 0.25 * w.adjoint_values()[i];
  }
  EXPECT_EQ(weights, (std::vector<double>{0.125, 0.25}));
}

TEST(View, OfPartOfADataSetHasTheShapeGiven) {
  const std::vector<double> data{1, 2, 3, 4, 5, 6, 7, 8};
  Tape tape;
  const Tensor rows = tape.constant(view(std::span(data).subspan(2, 4), Shape{2, 2}));
  EXPECT_EQ(values(matmul(rows, tape.constant({1.0, 1.0}))), (std::vector<double>{7.0, 11.0}));
}

}  // namespace
}  // namespace autograd::testing
