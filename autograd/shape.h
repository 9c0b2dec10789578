// Shapes of tensors: row-major, at most 8 axes, every extent at least 1; and NumPy's broadcasting.
//
// Rule for callers: a Shape is a small value; copy it freely. Extents count elements, not bytes.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace autograd {

using Index = std::ptrdiff_t;

class Shape {
 public:
  static constexpr int max_rank = 8;

  // The shape of a scalar: no axes, one element.
  constexpr Shape() = default;

  // Throws ShapeError for more than max_rank axes, an extent below 1, or more elements than fit.
  Shape(std::initializer_list<Index> extents);
  explicit Shape(std::span<const Index> extents);

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] Index operator[](int axis) const {
    return extents_[static_cast<std::size_t>(axis)];
  }
  // Number of elements; 1 for a scalar.
  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] std::span<const Index> extents() const {
    return {extents_.data(), static_cast<std::size_t>(rank_)};
  }
  // Row-major strides in elements, one per axis.
  [[nodiscard]] std::array<Index, max_rank> strides() const;

  // This shape with one extent replaced.
  [[nodiscard]] Shape with_extent(int axis, Index extent) const;
  // This shape without one axis.
  [[nodiscard]] Shape without(int axis) const;

  friend bool operator==(const Shape& a, const Shape& b) {
    bool equal = a.rank_ == b.rank_;
    for (int axis = 0; equal && axis < a.rank_; ++axis) equal = a[axis] == b[axis];
    return equal;
  }

 private:
  std::array<Index, max_rank> extents_{};
  Index size_ = 1;
  int rank_ = 0;
};

// "150×4"; "[5]" for a vector; "scalar" without axes.
std::string to_string(const Shape& shape);

// "[3, 2]": the place of an element, which is counted in memory order; "" in a scalar.
std::string position(const Shape& shape, Index element);

// The shape two shapes broadcast to (NumPy's rules), or nothing where they do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

// An axis counted from the end when negative, or nothing where the shape has no such axis.
std::optional<int> resolve_axis(Index axis, int rank);

// The element of `shape` that broadcasting reads for an element of `wide`.
Index broadcast_element(const Shape& shape, const Shape& wide, Index element);

// Strides with which a tensor of shape `from` is read as one of shape `to` it broadcasts to: its
// own row-major strides, and 0 along every axis that is repeated.
std::array<Index, Shape::max_rank> broadcast_strides(const Shape& from, const Shape& to);

}  // namespace autograd
