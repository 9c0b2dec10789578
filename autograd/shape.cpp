#include "autograd/shape.h"

#include <algorithm>
#include <limits>

#include "autograd/errors.h"

namespace autograd {
namespace {

std::string join(std::span<const Index> extents) {
  std::string text;
  for (const Index extent : extents) {
    if (!text.empty()) text += "×";
    text += std::to_string(extent);
  }
  return text;
}

}  // namespace

Shape::Shape(std::initializer_list<Index> extents)
    : Shape(std::span<const Index>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const Index> extents) {
  if (extents.size() > static_cast<std::size_t>(max_rank)) {
    throw ShapeError("shape " + join(extents) + " has " + std::to_string(extents.size()) +
                     " axes; a tensor has at most " + std::to_string(max_rank));
  }
  constexpr Index most = std::numeric_limits<Index>::max() / static_cast<Index>(sizeof(double));
  for (const Index extent : extents) {
    if (extent < 1) {
      throw ShapeError("shape " + join(extents) + ": every extent must be at least 1");
    }
    if (__builtin_mul_overflow(size_, extent, &size_) || size_ > most) {
      throw ShapeError("shape " + join(extents) + " has more elements than memory can address");
    }
  }
  std::copy(extents.begin(), extents.end(), extents_.begin());
  rank_ = static_cast<int>(extents.size());
}

std::array<Index, Shape::max_rank> Shape::strides() const {
  std::array<Index, max_rank> strides{};
  Index step = 1;
  for (int axis = rank_ - 1; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = step;
    step *= (*this)[axis];
  }
  return strides;
}

Shape Shape::with_extent(int axis, Index extent) const {
  std::array<Index, max_rank> extents = extents_;
  extents[static_cast<std::size_t>(axis)] = extent;
  return Shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(rank_)));
}

Shape Shape::without(int axis) const {
  std::array<Index, max_rank> extents = extents_;
  std::copy(extents.begin() + axis + 1, extents.end(), extents.begin() + axis);
  return Shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(rank_ - 1)));
}

std::string to_string(const Shape& shape) {
  if (shape.rank() == 0) return "scalar";
  return shape.rank() == 1 ? "[" + join(shape.extents()) + "]" : join(shape.extents());
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::array<Index, Shape::max_rank> extents{};
  for (int back = 1; back <= rank; ++back) {
    const Index from_a = back <= a.rank() ? a[a.rank() - back] : 1;
    const Index from_b = back <= b.rank() ? b[b.rank() - back] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1) return std::nullopt;
    extents[static_cast<std::size_t>(rank - back)] = std::max(from_a, from_b);
  }
  return Shape(std::span<const Index>(extents.data(), static_cast<std::size_t>(rank)));
}

std::optional<int> resolve_axis(Index axis, int rank) {
  if (axis < -rank || axis >= rank) return std::nullopt;
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

std::array<Index, Shape::max_rank> broadcast_strides(const Shape& from, const Shape& to) {
  const std::array<Index, Shape::max_rank> own = from.strides();
  std::array<Index, Shape::max_rank> strides{};
  const int missing = to.rank() - from.rank();
  for (int axis = missing; axis < to.rank(); ++axis) {
    const int own_axis = axis - missing;
    if (from[own_axis] != 1) {
      strides[static_cast<std::size_t>(axis)] = own[static_cast<std::size_t>(own_axis)];
    }
  }
  return strides;
}

Index broadcast_element(const Shape& shape, const Shape& wide, Index element) {
  const auto wide_strides = wide.strides();
  const auto strides = broadcast_strides(shape, wide);
  Index own = 0;
  for (int axis = 0; axis < wide.rank(); ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    own += element / wide_strides[a] % wide[axis] * strides[a];
  }
  return own;
}

std::string position(const Shape& shape, Index element) {
  if (shape.rank() == 0) return "";
  const auto strides = shape.strides();
  std::string text;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const Index stride = strides[static_cast<std::size_t>(axis)];
    text += (axis == 0 ? "[" : ", ") + std::to_string(element / stride % shape[axis]);
  }
  return text + "]";
}

}  // namespace autograd
