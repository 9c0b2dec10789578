#include "autograd/tensor.h"

#include "autograd/tape.h"

namespace autograd {
namespace {

MatrixMap as_matrix(std::span<const double> elements, const Shape& shape) {
  if (shape.rank() > 2) {
    throw ShapeError("a tensor of shape " + to_string(shape) +
                     " is not a matrix. Use values() for more than two axes.");
  }
  const Index rows = shape.rank() == 0 ? 1 : shape[0];
  return {elements.data(), rows, shape.size() / rows};
}

VectorMap as_vector(std::span<const double> elements) {
  return {elements.data(), static_cast<Index>(elements.size())};
}

double as_item(std::span<const double> elements, const Shape& shape) {
  if (shape.size() != 1) {
    throw ShapeError("a tensor of shape " + to_string(shape) +
                     " has more than one element. Use values(), vector() or matrix().");
  }
  return elements[0];
}

void require_size(std::size_t elements, const Shape& shape) {
  if (static_cast<Index>(elements) != shape.size()) {
    throw ShapeError(std::to_string(elements) + " values do not fill the shape " +
                     to_string(shape));
  }
}

}  // namespace

const Tape& Tensor::checked() const {
  if (tape_ == nullptr) {
    throw StaleTensorError("a tensor was used that was never recorded on a tape");
  }
  return *tape_;
}

Shape Tensor::shape() const { return checked().shape_of(tape_->checked(*this)); }

bool Tensor::requires_gradient() const { return checked().checked(*this).requires_gradient(); }

std::span<const double> Tensor::values() const {
  return checked().values_of(tape_->checked(*this));
}
MatrixMap Tensor::matrix() const { return as_matrix(values(), shape()); }
VectorMap Tensor::vector() const { return as_vector(values()); }
double Tensor::item() const { return as_item(values(), shape()); }

std::span<const double> Tensor::adjoint_values() const {
  const Node& node = checked().checked(*this);
  if (!node.requires_gradient()) {
    throw LossError("adjoint of " + tape_->describe(node) +
                    ": it requires no gradient. Make it with tape.variable(), or of variables.");
  }
  const auto adjoint = tape_->adjoint_of(node);
  if (adjoint.empty()) {
    throw LossError("adjoint of " + tape_->describe(node) +
                    ": no backward() has reached it since it was recorded.");
  }
  return adjoint;
}
MatrixMap Tensor::adjoint_matrix() const { return as_matrix(adjoint_values(), shape()); }
VectorMap Tensor::adjoint_vector() const { return as_vector(adjoint_values()); }
double Tensor::adjoint_item() const { return as_item(adjoint_values(), shape()); }

std::string_view Tensor::name() const { return checked().name_of(tape_->checked(*this)); }

Tensor named(const Tensor& tensor, std::string_view name) {
  Tape* tape = tensor.tape();
  if (tape == nullptr) throw StaleTensorError("named: the tensor was never recorded on a tape");
  auto& node = const_cast<Node&>(tape->checked(tensor));
  node.name = tape->intern(name);
  return tensor;
}

View::View(std::span<const double> elements, const Shape& extents)
    : data(elements.data()), shape(extents) {
  require_size(elements.size(), shape);
}

Values::Values(std::span<const double> elements, const Shape& shape)
    : shape_(shape), owned_(elements.begin(), elements.end()) {
  require_size(elements.size(), shape);
}

Values::Values(std::initializer_list<std::initializer_list<double>> rows) {
  const std::size_t columns = rows.size() == 0 ? 0 : rows.begin()->size();
  for (const auto& row : rows) {
    if (row.size() != columns) {
      throw ShapeError("rows of " + std::to_string(columns) + " and " + std::to_string(row.size()) +
                       " numbers do not make a matrix");
    }
    owned_.insert(owned_.end(), row.begin(), row.end());
  }
  shape_ = Shape{static_cast<Index>(rows.size()), static_cast<Index>(columns)};
}

Values::Values(std::initializer_list<std::initializer_list<std::initializer_list<double>>> blocks) {
  Shape block_shape;
  for (const auto& rows : blocks) {
    const Values block(rows);
    if (!owned_.empty() && block.shape() != block_shape) {
      throw ShapeError("blocks of shapes " + to_string(block_shape) + " and " +
                       to_string(block.shape()) + " do not make a tensor");
    }
    block_shape = block.shape();
    owned_.insert(owned_.end(), block.owned_.begin(), block.owned_.end());
  }
  if (blocks.size() == 0) throw ShapeError("a tensor needs at least one element");
  shape_ = Shape{static_cast<Index>(blocks.size()), block_shape[0], block_shape[1]};
}

}  // namespace autograd
