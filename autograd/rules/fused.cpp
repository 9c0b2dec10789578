#include "autograd/rules/fused.h"

namespace autograd::fused {

namespace {

int axis_of(const Geometry& geometry) {
  if (geometry.attributes.empty()) {
    throw ShapeMismatch{"it works along an axis and none was given",
                        "Give the axis (from 0) and whether it is kept as attributes {axis, 0}."};
  }
  const Index axis = geometry.attributes[0];
  if (axis < 0 || axis >= geometry.operand(0).rank()) {
    throw ShapeMismatch{"there is no axis " + std::to_string(axis), ""};
  }
  return static_cast<int>(axis);
}

}  // namespace

Fibres along_axis(const Geometry& geometry) {
  const Shape& shape = geometry.operand(0);
  const int axis = axis_of(geometry);
  Fibres fibres;
  for (int a = 0; a < axis; ++a) fibres.outer *= shape[a];
  fibres.length = shape[axis];
  for (int a = axis + 1; a < shape.rank(); ++a) fibres.inner *= shape[a];
  return fibres;
}

Shape reduced_shape(const Geometry& geometry) {
  const Shape& shape = geometry.operand(0);
  const int axis = axis_of(geometry);
  const bool keep = geometry.attributes.size() > 1 && geometry.attributes[1] != 0;
  if (keep) return shape.with_extent(axis, 1);
  return shape.without(axis);
}

FibreShape shape_along(const Fibres& fibres, const Shape& shape) {
  Index outer = 1;
  for (int axis = 0; axis < shape.rank(); outer *= shape[axis], ++axis) {
    if (outer == fibres.outer && shape[axis] == fibres.length) return {shape, axis};
  }
  return {{fibres.outer, fibres.length, fibres.inner}, 1};
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
