#include "autograd/rules/bilinear.h"

namespace autograd::bilinear {
namespace {

// The axes before the last two.
Shape batch_shape(const Shape& shape) {
  const auto extents = shape.extents();
  return Shape(extents.first(extents.size() < 2 ? 0 : extents.size() - 2));
}

// Rows and columns of one operand; a vector is a row on the left and a column on the right.
struct Extents {
  Index rows;
  Index columns;
};
Extents extents_of(const Shape& shape, bool left) {
  const int rank = shape.rank();
  if (rank >= 2) return {shape[rank - 2], shape[rank - 1]};
  return left ? Extents{1, shape[0]} : Extents{shape[0], 1};
}

}  // namespace

Shape result_shape(const Geometry& geometry) {
  const Shape& a = geometry.operand(0);
  const Shape& b = geometry.operand(1);
  if (a.rank() == 0 || b.rank() == 0) {
    throw ShapeMismatch{"a scalar is not a matrix", "Use * to multiply by a scalar."};
  }
  const Extents left = extents_of(a, true);
  const Extents right = extents_of(b, false);
  if (left.columns != right.rows) {
    throw ShapeMismatch{"inner dimensions " + std::to_string(left.columns) + " and " +
                            std::to_string(right.rows) + " differ",
                        left.columns + 1 == right.rows || left.columns == right.rows + 1
                            ? "Is there a bias column too many or too few?"
                        : left.rows == right.rows ? "Should the left operand be transposed?"
                                                  : ""};
  }
  const bool has_batches = a.rank() > 2 || b.rank() > 2;
  const auto batches =
      has_batches ? broadcast(batch_shape(a), batch_shape(b)) : std::optional<Shape>(Shape{});
  if (!batches) {
    throw ShapeMismatch{"batches " + to_string(batch_shape(a)) + " and " +
                            to_string(batch_shape(b)) + " do not broadcast",
                        ""};
  }
  std::array<Index, Shape::max_rank> extents{};
  auto end = std::copy(batches->extents().begin(), batches->extents().end(), extents.begin());
  if (a.rank() > 1) *end++ = left.rows;
  if (b.rank() > 1) *end++ = right.columns;
  return Shape(
      std::span<const Index>(extents.data(), static_cast<std::size_t>(end - extents.begin())));
}

Product product_of(const Geometry& geometry) {
  const Shape& a = geometry.operand(0);
  const Shape& b = geometry.operand(1);
  Product p;
  p.rows = extents_of(a, true).rows;
  p.inner = extents_of(a, true).columns;
  p.columns = extents_of(b, false).columns;
  if (a.rank() <= 2 && b.rank() <= 2) return p;
  const Shape left = batch_shape(a);
  const Shape right = batch_shape(b);
  const Shape batches = *broadcast(left, right);
  const auto left_strides = broadcast_strides(left, batches);
  const auto right_strides = broadcast_strides(right, batches);
  const auto strides = batches.strides();
  for (int axis = 0; axis < batches.rank(); ++axis) {
    const auto k = static_cast<std::size_t>(axis);
    p.batches.append(batches[axis], {strides[k], left_strides[k], right_strides[k]});
  }
  return p;
}

RecordedMatrices matrices(std::span<const Tensor> operands, const Tensor& result,
                          const Tensor& upstream, const Geometry& geometry) {
  const SourceLine where = line_of(result);
  const Shape& a = geometry.operand(0);
  const Shape& b = geometry.operand(1);
  const Extents left = extents_of(a, true);
  const Extents right = extents_of(b, false);
  const auto as_matrix = [](const Shape& batches, Index rows, Index columns) {
    std::array<Index, Shape::max_rank + 2> extents{};
    auto* end = std::copy(batches.extents().begin(), batches.extents().end(), extents.data());
    *end++ = rows;
    *end++ = columns;
    return Shape(std::span<const Index>(extents.data(), end));
  };
  const Shape batches = *broadcast(batch_shape(a), batch_shape(b));
  return {
      {reshaped(operands[0], as_matrix(batch_shape(a), left.rows, left.columns), where), where},
      {reshaped(operands[1], as_matrix(batch_shape(b), right.rows, right.columns), where), where},
      {reshaped(upstream, as_matrix(batches, left.rows, right.columns), where), where}};
}

Tensor without_added_axis(const Recorded& part, std::size_t operand, const Geometry& geometry) {
  const Tensor& tensor = part.operand().tensor();
  if (operand == 0 || geometry.operand(1).rank() > 1) return tensor;
  const Shape shape = tensor.shape();
  return reshaped(tensor, shape.without(shape.rank() - 1), part.operand().where());
}

Formula as_matrix(const Formula& x, const Geometry& geometry, Side side) {
  const bool row = geometry.operand(0).rank() == 1;
  const bool column = geometry.operand(1).rank() == 1;
  const Shape& shape = side == Side::left    ? geometry.operand(0)
                       : side == Side::right ? geometry.operand(1)
                                             : *geometry.result;
  std::vector<Index> extents(shape.extents().begin(), shape.extents().end());
  if (row && side == Side::left) extents.insert(extents.begin(), 1);
  if (column && side != Side::left) extents.push_back(1);
  if (row && side == Side::result) extents.insert(extents.end() - 1, 1);
  return extents.size() == static_cast<std::size_t>(shape.rank()) ? x : num::view(x, extents);
}

std::vector<Index> shared_batches(const Geometry& geometry, std::size_t operand) {
  if (geometry.operand(0).rank() <= 2 && geometry.operand(1).rank() <= 2) return {};
  const Shape own = batch_shape(geometry.operand(operand));
  const Shape batches =
      *broadcast(batch_shape(geometry.operand(0)), batch_shape(geometry.operand(1)));
  std::vector<Index> axes;
  const int missing = batches.rank() - own.rank();
  for (int axis = 0; axis < batches.rank(); ++axis) {
    if (axis < missing || (own[axis - missing] == 1 && batches[axis] != 1)) axes.push_back(axis);
  }
  return axes;
}

}  // namespace autograd::bilinear
