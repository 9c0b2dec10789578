#include "autograd/gradient.h"

#include <algorithm>
#include <optional>

#include "autograd/operations.h"

namespace autograd {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& reason, SourceLine where,
                         const std::string& advice) {
  throw LossError("gradient(" + what + "): " + reason + " (" + to_string(where) + "). " + advice);
}

// The tensor summed over whatever a tensor of `shape` was repeated along.
Tensor sum_to(const Tensor& tensor, const Shape& shape, SourceLine where) {
  const Shape wide = tensor.shape();
  if (wide == shape) return tensor;
  const int missing = wide.rank() - shape.rank();
  std::vector<Index> axes;
  for (int axis = 0; axis < wide.rank(); ++axis) {
    if (axis < missing || (shape[axis - missing] == 1 && wide[axis] != 1)) axes.push_back(axis);
  }
  const bool leading_alone = static_cast<int>(axes.size()) == missing;
  const Tensor narrow = axes.empty() ? tensor : sum(Operand(tensor, where), axes, !leading_alone);
  return narrow.shape() == shape ? narrow : reshape(Operand(narrow, where), shape);
}

// The shapes and attributes of a node, copied: those on the tape move when it grows.
class CopiedGeometry {
 public:
  CopiedGeometry(const Tape& tape, const Node& node) {
    const Geometry on_tape = tape.geometry_of(node);
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      shapes_[k] = on_tape.operand(k);
      geometry_.operands[k] = &shapes_[k];
    }
    shapes_[max_operands] = *on_tape.result;
    geometry_.result = &shapes_[max_operands];
    attributes_.assign(on_tape.attributes.begin(), on_tape.attributes.end());
    geometry_.attributes = attributes_;
  }
  CopiedGeometry(const CopiedGeometry&) = delete;
  CopiedGeometry& operator=(const CopiedGeometry&) = delete;
  ~CopiedGeometry() = default;
  [[nodiscard]] const Geometry& geometry() const { return geometry_; }

 private:
  std::array<Shape, max_operands + 1> shapes_;
  std::vector<Index> attributes_;
  Geometry geometry_;
};

// The backward pass from a loss to some variables.
class RecordedBackward {
 public:
  RecordedBackward(const Tensor& loss, std::span<const Tensor> variables, SourceLine where)
      : tape_(*loss.tape()),
        last_(loss.index()),
        leads_(last_ + std::size_t{1}),
        adjoints_(last_ + std::size_t{1}) {
    for (const Tensor& variable : variables) {
      if (variable.index() <= last_) leads_[variable.index()] = 1;
    }
    for (std::size_t index = 0; index <= last_; ++index) {
      const Node& node = tape_.node(index);
      for (std::size_t k = 0; k < node.operand_indices().size(); ++k) {
        if (goes_on(node, k)) leads_[index] = 1;
      }
    }
    if (leads_[last_] != 0) adjoints_[last_] = filled(loss, 1.0);
    for (std::size_t index = last_ + std::size_t{1}; index-- > 0;) {
      if (!adjoints_[index] || tape_.node(index).rule == nullptr) continue;
      tape_.require_unchanged_leaves(index, "gradient", where);
      pull_back(index);
    }
  }

  // A constant 0 where the loss does not depend on the variable.
  [[nodiscard]] Tensor of(const Tensor& variable) {
    if (variable.index() <= last_ && adjoints_[variable.index()]) {
      return *adjoints_[variable.index()];
    }
    return filled(variable, 0.0);
  }

 private:
  [[nodiscard]] static Tensor filled(const Tensor& like, double number) {
    return Recorded(number).tensor_like(like);
  }
  // Whether an operand leads to a variable.
  [[nodiscard]] bool goes_on(const Node& node, std::size_t k) const {
    return node.rule->differentiable[k] && leads_[node.operands[k]] != 0;
  }

  void pull_back(std::size_t index) {
    const Node node = tape_.node(index);  // a copy: the tape grows
    const CopiedGeometry copied(tape_, node);
    const Tensor result = tape_.tensor(index);
    std::array<Tensor, max_operands> operands;
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      operands[k] = tape_.tensor(node.operands[k]);
    }
    const Tensor upstream = *adjoints_[index];
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      if (!goes_on(node, k)) continue;
      const Tensor wide = node.rule->record_pullback(k, std::span(operands).first(node.rule->arity),
                                                     result, upstream, copied.geometry());
      const Tensor part = sum_to(wide, copied.geometry().operand(k), node.where);
      std::optional<Tensor>& adjoint = adjoints_[node.operands[k]];
      adjoint = adjoint ? Operand(*adjoint, node.where) + Operand(part, node.where) : part;
    }
  }

  Tape& tape_;
  std::uint32_t last_;
  std::vector<std::uint8_t> leads_;  // nodes through which the loss depends on a variable
  std::vector<std::optional<Tensor>> adjoints_;
};

}  // namespace

std::vector<Tensor> gradient(const Tensor& loss, std::span<const Tensor> variables,
                             SourceLine where) {
  if (loss.tape() == nullptr) {
    throw StaleTensorError("gradient: the loss was never recorded on a tape (" + to_string(where) +
                           ").");
  }
  Tape& tape = *loss.tape();
  const Node& last = tape.checked(loss, "gradient", where, "the loss");
  if (tape.shape_of(last).size() != 1) {
    refuse(tape.describe(last),
           "the loss must be one element, not " + to_string(tape.shape_of(last)), where,
           "Take its sum() or mean() first.");
  }
  if (!last.requires_gradient()) {
    refuse(tape.describe(last), "it depends on no variable", where,
           "Make what you differentiate by with tape.variable().");
  }
  for (const Tensor& variable : variables) {
    const Node& node = tape.checked(variable, "gradient", where, "a variable");
    if (!node.requires_gradient()) {
      refuse(tape.describe(last), tape.describe(node) + " requires no gradient", where,
             "Make it with tape.variable(), or of variables.");
    }
  }
  // What fails leaves nothing behind.
  Tape::Scope recorded = tape.scope();
  RecordedBackward backward(loss, variables, where);
  std::vector<Tensor> gradients;
  gradients.reserve(variables.size());
  for (const Tensor& variable : variables) gradients.push_back(backward.of(variable));
  recorded.keep();
  return gradients;
}

std::vector<Tensor> gradient(const Tensor& loss, std::initializer_list<Tensor> variables,
                             SourceLine where) {
  return gradient(loss, std::span<const Tensor>(variables.begin(), variables.size()), where);
}

}  // namespace autograd
