#include "autograd/rules/fused.h"

namespace autograd::fused {

Fibres along_axis(const Geometry& geometry) {
  const Shape& shape = geometry.operand(0);
  const auto axis = static_cast<int>(geometry.attributes[0]);
  Fibres fibres;
  for (int a = 0; a < axis; ++a) fibres.outer *= shape[a];
  fibres.length = shape[axis];
  for (int a = axis + 1; a < shape.rank(); ++a) fibres.inner *= shape[a];
  return fibres;
}

Shape reduced_shape(const Geometry& geometry) {
  const Shape& shape = geometry.operand(0);
  const auto axis = static_cast<int>(geometry.attributes[0]);
  const bool keep = geometry.attributes[1] != 0;
  if (keep) return shape.with_extent(axis, 1);
  return shape.without(axis);
}

void require_equal_shapes(std::size_t arity, const Geometry& geometry) {
  for (std::size_t k = 1; k < arity; ++k) {
    if (geometry.operand(k) != geometry.operand(0)) {
      throw ShapeMismatch{"shapes " + to_string(geometry.operand(0)) + " and " +
                              to_string(geometry.operand(k)) + " differ",
                          "Both must have one entry for every class of every row; one_hot() makes "
                          "such labels of class numbers."};
    }
  }
}

}  // namespace autograd::fused
