#include "autograd/rules/linear.h"

namespace autograd::linear {

// The number of operands; of the result and of each operand the rank and the extents; attributes.
std::vector<Index> pack(const Geometry& geometry, std::size_t arity) {
  std::vector<Index> packed{static_cast<Index>(arity)};
  const auto add = [&packed](const Shape& shape) {
    packed.push_back(shape.rank());
    packed.insert(packed.end(), shape.extents().begin(), shape.extents().end());
  };
  add(*geometry.result);
  for (std::size_t k = 0; k < arity; ++k) add(geometry.operand(k));
  packed.insert(packed.end(), geometry.attributes.begin(), geometry.attributes.end());
  return packed;
}

Unpacked::Unpacked(std::span<const Index> packed) {
  const auto shapes = static_cast<std::size_t>(packed[0]) + 1;
  packed = packed.subspan(1);
  for (std::size_t s = 0; s < shapes; ++s) {
    const auto rank = static_cast<std::size_t>(packed[0]);
    shapes_[s] = Shape(packed.subspan(1, rank));
    packed = packed.subspan(1 + rank);
  }
  geometry_.result = shapes_.data();
  for (std::size_t k = 0; k + 1 < shapes; ++k) geometry_.operands[k] = &shapes_[k + 1];
  geometry_.attributes = packed;
}

}  // namespace autograd::linear
