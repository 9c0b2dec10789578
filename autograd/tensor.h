// Tensor: a handle to a value on a tape; and what operations and leaves are made from.
//
// Rule for callers: a Tensor is {tape, index, generation}, cheap to copy, and valid until its tape
// is cleared, its scope ends or the tape is destroyed. Using it after clear() or the end of its
// scope throws StaleTensorError; the tape itself must outlive it. Maps and spans point into the
// tape: values stay where they are as long as the tensor is valid, adjoints until the next
// backward().
#pragma once

#include <Eigen/Core>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "autograd/errors.h"
#include "autograd/shape.h"

namespace autograd {

class Tape;

using MatrixMap =
    Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
using VectorMap = Eigen::Map<const Eigen::VectorXd>;

class Tensor {
 public:
  // A handle to nothing; every use throws StaleTensorError.
  Tensor() = default;

  [[nodiscard]] Shape shape() const;
  [[nodiscard]] int rank() const { return shape().rank(); }
  [[nodiscard]] Index size() const { return shape().size(); }
  // Whether backward() can reach it: a variable, or made of one by differentiable operations.
  [[nodiscard]] bool requires_gradient() const;

  // The elements in row-major order.
  [[nodiscard]] std::span<const double> values() const;
  // As a matrix: a scalar is 1×1, a vector of n elements n×1. Throws ShapeError above two axes.
  [[nodiscard]] MatrixMap matrix() const;
  // All elements as one column.
  [[nodiscard]] VectorMap vector() const;
  // The only element. Throws ShapeError where there are more.
  [[nodiscard]] double item() const;

  // ∂loss/∂this of the last backward(), shaped like the value. Throws LossError where there was no
  // backward() since the tensor was recorded, or it requires no gradient. Zero where the loss does
  // not depend on it.
  [[nodiscard]] std::span<const double> adjoint_values() const;
  [[nodiscard]] MatrixMap adjoint_matrix() const;
  [[nodiscard]] VectorMap adjoint_vector() const;
  [[nodiscard]] double adjoint_item() const;

  // Its name in messages and formulas; "" without one.
  [[nodiscard]] std::string_view name() const;

  [[nodiscard]] Tape* tape() const { return tape_; }
  // Its place on the tape; operands come before results.
  [[nodiscard]] std::uint32_t index() const { return index_; }
  [[nodiscard]] std::uint32_t generation() const { return generation_; }

 private:
  friend class Tape;
  Tensor(Tape* tape, std::uint32_t index, std::uint32_t generation)
      : tape_(tape), index_(index), generation_(generation) {}
  [[nodiscard]] const Tape& checked() const;

  Tape* tape_ = nullptr;
  std::uint32_t index_ = 0;
  std::uint32_t generation_ = 0;
};

// Names a tensor in messages and formulas ("w", "X"); the same tensor comes back.
Tensor named(const Tensor& tensor, std::string_view name);

// An operand of an operation: a tensor, or a number that becomes a constant of the same tape. It
// remembers the line of the user's program that made it.
class Operand {
 public:
  Operand(const Tensor& tensor, SourceLine where = SourceLine::here())
      : tensor_(tensor), where_(where) {}
  Operand(double number, SourceLine where = SourceLine::here())
      : number_(number), is_number_(true), where_(where) {}

  [[nodiscard]] bool is_number() const { return is_number_; }
  [[nodiscard]] const Tensor& tensor() const { return tensor_; }
  [[nodiscard]] double number() const { return number_; }
  [[nodiscard]] SourceLine where() const { return where_; }

 private:
  Tensor tensor_;
  double number_ = 0.0;
  bool is_number_ = false;
  SourceLine where_;
};

// A contiguous Eigen vector, or a contiguous row-major matrix; a column-major one would have to be
// copied.
template <class Derived>
concept ReadInPlace = bool(Derived::IsVectorAtCompileTime) || bool(Derived::IsRowMajor);

// Memory outside the tape, row-major, read in place without a copy. It must outlive its use on the
// tape. Changing it changes the leaf, while values computed from it earlier stay as they are:
// change it between steps, not between a recording and its backward(), whose adjoints would be of
// neither point (anomaly detection finds that).
struct View {
  const double* data = nullptr;
  Shape shape;

  explicit View(std::span<const double> elements)
      : data(elements.data()), shape{static_cast<Index>(elements.size())} {}
  // Throws ShapeError where the number of elements is not the shape's.
  View(std::span<const double> elements, const Shape& extents);
  template <ReadInPlace Derived>
  explicit View(const Eigen::PlainObjectBase<Derived>& values)
      : data(values.derived().data()), shape(shape_of(values.derived())) {}
  template <ReadInPlace Derived>
  explicit View(const Eigen::Map<Derived>& values) : data(values.data()), shape(shape_of(values)) {}

  // A column vector has one axis, everything else two.
  template <class Derived>
  static Shape shape_of(const Derived& values) {
    if constexpr (Derived::ColsAtCompileTime == 1) {
      return Shape{values.rows()};
    } else {
      return Shape{values.rows(), values.cols()};
    }
  }
};

// What can be handed over as a temporary, because it does not own what it points to.
template <class T>
concept PointsElsewhere = std::ranges::borrowed_range<T> || std::derived_from<T, Eigen::MapBase<T>>;

// Reads outside memory in place: tape.constant(view(rows)), tape.variable(view(weights)). A
// temporary that owns its elements is refused: they would be gone before the tape reads them.
template <class T, class... Rest>
requires std::is_lvalue_reference_v<T> || PointsElsewhere<std::remove_cvref_t<T>> View
view(T&& elements, const Rest&... shape) {
  return View(elements, shape...);
}

// Values for a leaf that the tape copies: a number, nested lists, a span with a shape, any Eigen
// expression (a column vector becomes one axis, everything else two).
class Values {
 public:
  Values(double number) : owned_{number} {}
  Values(std::initializer_list<double> list)
      : shape_{static_cast<Index>(list.size())}, owned_(list) {}
  // Throws ShapeError where rows differ in length.
  Values(std::initializer_list<std::initializer_list<double>> rows);
  Values(std::initializer_list<std::initializer_list<std::initializer_list<double>>> blocks);
  Values(std::span<const double> elements, const Shape& shape);
  template <class Derived>
  Values(const Eigen::DenseBase<Derived>& values) : shape_(View::shape_of(values.derived())) {
    owned_.resize(static_cast<std::size_t>(values.size()));
    Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
        owned_.data(), values.rows(), values.cols()) = values.derived().matrix();
  }

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] std::span<const double> elements() const { return owned_; }

 private:
  Shape shape_;
  std::vector<double> owned_;
};

}  // namespace autograd
