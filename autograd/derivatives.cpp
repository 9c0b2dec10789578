#include "autograd/derivatives.h"

#include <algorithm>
#include <limits>

#include "autograd/gradient.h"
#include "autograd/operations.h"
#include "autograd/tape.h"

namespace autograd {
namespace {

std::string at_line(SourceLine where) { return " (" + to_string(where) + ")."; }

Tape& tape_of(const Tensor& tensor, const char* what, SourceLine where) {
  if (tensor.tape() == nullptr) {
    throw StaleTensorError(std::string(what) + ": the tensor was never recorded on a tape" +
                           at_line(where));
  }
  return *tensor.tape();
}

void require_size(std::span<const double> numbers, const Tensor& tensor, const char* what,
                  SourceLine where) {
  if (static_cast<Index>(numbers.size()) != tensor.size()) {
    throw ShapeError(std::string(what) + ": " + std::to_string(numbers.size()) + " numbers for " +
                     tensor.tape()->describe(tensor.tape()->checked(tensor)) + at_line(where));
  }
}

// The nodes through which an output depends on inputs, in the order of the tape, and room for one
// number per element of each. Nothing may be recorded while it lives.
class Path {
 public:
  Path(const Tensor& output, std::span<const Tensor> inputs, const char* function, SourceLine where)
      : tape_(*output.tape()),
        output_(output.index()),
        place_(output.index() + std::size_t{1}, nowhere) {
    std::vector<std::uint8_t> moves(place_.size());
    static_cast<void>(tape_.checked(output, function, where, "the output"));
    for (const Tensor& input : inputs) {
      static_cast<void>(tape_.checked(input, function, where, "an input"));
      if (input.index() <= output_) moves[input.index()] = 1;
    }
    for (std::size_t index = 0; index <= output_; ++index) {
      for_each_operand(index, [&](std::size_t, std::uint32_t operand) {
        if (moves[operand] != 0) moves[index] = 1;
      });
    }
    std::vector<std::uint8_t> wanted(place_.size());
    wanted[output_] = 1;
    for (std::size_t index = output_ + std::size_t{1}; index-- > 0;) {
      if (wanted[index] == 0 || moves[index] == 0) continue;
      tape_.require_unchanged_leaves(index, function, where);
      nodes_.push_back(static_cast<std::uint32_t>(index));
      place_[index] = size_;
      size_ += tape_.values_of(tape_.node(index)).size();
      for_each_operand(index, [&](std::size_t, std::uint32_t operand) { wanted[operand] = 1; });
    }
    std::reverse(nodes_.begin(), nodes_.end());
    numbers_.resize(size_);
  }

  // The tangent of the output.
  std::vector<double> forward(std::span<const Tensor> inputs,
                              std::span<const std::span<const double>> tangents) {
    std::fill(numbers_.begin(), numbers_.end(), 0.0);
    // Tangents of inputs that lie on the path, added when their turn comes.
    std::vector<std::pair<std::uint32_t, std::size_t>> turns;
    for (std::size_t i = 0; i < inputs.size(); ++i) turns.emplace_back(inputs[i].index(), i);
    std::sort(turns.begin(), turns.end());
    auto turn = turns.begin();
    for (const std::uint32_t index : nodes_) {
      push_forward(index);
      while (turn != turns.end() && turn->first < index) ++turn;
      for (; turn != turns.end() && turn->first == index; ++turn) {
        const auto tangent = tangents[turn->second];
        double* own = at(index);
        for (std::size_t j = 0; j < tangent.size(); ++j) own[j] += tangent[j];
      }
    }
    return numbers_of(output_);
  }

  // The adjoints of the inputs, one after the other.
  std::vector<double> backward(std::span<const Tensor> inputs, std::span<const double> weights) {
    std::fill(numbers_.begin(), numbers_.end(), 0.0);
    if (place_[output_] != nowhere) std::copy(weights.begin(), weights.end(), at(output_));
    for (std::size_t place = nodes_.size(); place-- > 0;) {
      const std::uint32_t index = nodes_[place];
      const Node& node = tape_.node(index);
      const Call<double> call = call_of(node);
      for_each_operand(index, [&](std::size_t k, std::uint32_t operand) {
        if (place_[operand] == nowhere) return;
        node.rule->pullback(*node.rule, call, k, at(index), at(operand));
      });
    }
    std::vector<double> adjoints;
    for (const Tensor& input : inputs) {
      const std::vector<double> own = input.index() <= output_
                                          ? numbers_of(input.index())
                                          : std::vector<double>(input.values().size());
      adjoints.insert(adjoints.end(), own.begin(), own.end());
    }
    return adjoints;
  }

 private:
  static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

  double* at(std::size_t index) { return numbers_.data() + place_[index]; }

  // Zeros for a node that is not on the path.
  [[nodiscard]] std::vector<double> numbers_of(std::size_t index) const {
    const std::size_t size = tape_.values_of(tape_.node(index)).size();
    if (place_[index] == nowhere) return std::vector<double>(size);
    const auto first = numbers_.begin() + static_cast<std::ptrdiff_t>(place_[index]);
    return {first, first + static_cast<std::ptrdiff_t>(size)};
  }

  // Calls visit(k, index) for each operand that a node depends on differentiably.
  template <class Visit>
  void for_each_operand(std::size_t index, Visit visit) const {
    const Node& node = tape_.node(index);
    for (std::size_t k = 0; k < node.operand_indices().size(); ++k) {
      if (node.rule->differentiable[k]) visit(k, node.operands[k]);
    }
  }

  Call<double> call_of(const Node& node) {
    Call<double> call{tape_.geometry_of(node), {}, node.value, &scratch_};
    for (std::size_t k = 0; k < node.operand_indices().size(); ++k) {
      call.operands[k] = tape_.node(node.operands[k]).value;
    }
    return call;
  }

  void push_forward(std::uint32_t index) {
    const Node& node = tape_.node(index);
    TangentCall call{call_of(node), {}, at(index), &dual_scratch_};
    bool moves = false;
    for_each_operand(index, [&](std::size_t k, std::uint32_t operand) {
      if (place_[operand] == nowhere) return;
      call.tangents[k] = at(operand);
      moves = true;
    });
    if (moves) node.rule->forward_dual(*node.rule, call);
  }

  const Tape& tape_;
  std::uint32_t output_;
  std::vector<std::uint32_t> nodes_;
  std::vector<std::size_t> place_;  // of each node among the numbers
  std::size_t size_ = 0;
  std::vector<double> numbers_;
  Scratch<double> scratch_;
  Scratch<Dual> dual_scratch_;
};

// Calls take(i, direction) for each unit vector of n elements.
template <class Take>
void for_each_unit_vector(Index n, Take take) {
  std::vector<double> direction(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    direction[static_cast<std::size_t>(i)] = 1.0;
    take(i, direction);
    direction[static_cast<std::size_t>(i)] = 0.0;
  }
}

// The parts of numbers that belong to several tensors, one after the other.
std::vector<std::span<const double>> split(std::span<const double> numbers,
                                           std::span<const Tensor> tensors) {
  std::vector<std::span<const double>> parts;
  for (const Tensor& tensor : tensors) {
    const auto size = static_cast<std::size_t>(tensor.size());
    parts.push_back(numbers.first(size));
    numbers = numbers.subspan(size);
  }
  return parts;
}

Index total_size(std::span<const Tensor> tensors) {
  Index total = 0;
  for (const Tensor& tensor : tensors) total += tensor.size();
  return total;
}

DerivativeMatrix by_columns(Path& path, const Tensor& output, std::span<const Tensor> inputs) {
  DerivativeMatrix matrix{output.size(), total_size(inputs), {}};
  matrix.elements.resize(static_cast<std::size_t>(matrix.rows * matrix.columns));
  for_each_unit_vector(matrix.columns, [&](Index column, std::span<const double> direction) {
    const std::vector<double> entries = path.forward(inputs, split(direction, inputs));
    for (Index row = 0; row < matrix.rows; ++row) {
      matrix.elements[static_cast<std::size_t>(row * matrix.columns + column)] =
          entries[static_cast<std::size_t>(row)];
    }
  });
  return matrix;
}

DerivativeMatrix by_rows(Path& path, const Tensor& output, std::span<const Tensor> inputs) {
  DerivativeMatrix matrix{output.size(), total_size(inputs), {}};
  for_each_unit_vector(matrix.rows, [&](Index, std::span<const double> weights) {
    const std::vector<double> row = path.backward(inputs, weights);
    matrix.elements.insert(matrix.elements.end(), row.begin(), row.end());
  });
  return matrix;
}

// The gradient by all variables as one vector.
Tensor flat_gradient(const Tensor& loss, std::span<const Tensor> variables, SourceLine where) {
  if (variables.empty()) {
    throw ArgumentError("the gradient of " + loss.tape()->describe(loss.tape()->checked(loss)) +
                        " by no variables" + at_line(where));
  }
  std::vector<Tensor> slopes = gradient(loss, variables, where);
  for (Tensor& slope : slopes) slope = reshape(Operand(slope, where), {slope.size()});
  return slopes.size() == 1 ? slopes[0] : concatenate(slopes, 0, where);
}

}  // namespace

std::vector<double> jvp(const Tensor& output, std::span<const Tensor> inputs,
                        std::span<const std::span<const double>> tangents, SourceLine where) {
  tape_of(output, "jvp", where);
  if (inputs.size() != tangents.size()) {
    throw ArgumentError("jvp: " + std::to_string(tangents.size()) + " tangents for " +
                        std::to_string(inputs.size()) + " inputs" + at_line(where));
  }
  Path path(output, inputs, "jvp", where);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    require_size(tangents[i], inputs[i], "jvp", where);
  }
  return path.forward(inputs, tangents);
}

std::vector<double> jvp(const Tensor& output, const Tensor& input, std::span<const double> tangent,
                        SourceLine where) {
  return jvp(output, {&input, 1}, {&tangent, 1}, where);
}

std::vector<double> vjp(const Tensor& output, std::span<const Tensor> inputs,
                        std::span<const double> weights, SourceLine where) {
  tape_of(output, "vjp", where);
  Path path(output, inputs, "vjp", where);
  require_size(weights, output, "vjp", where);
  return path.backward(inputs, weights);
}

std::vector<double> vjp(const Tensor& output, const Tensor& input, std::span<const double> weights,
                        SourceLine where) {
  return vjp(output, {&input, 1}, weights, where);
}

DerivativeMatrix jacobian(const Tensor& output, std::span<const Tensor> inputs, SourceLine where) {
  tape_of(output, "jacobian", where);
  Path path(output, inputs, "jacobian", where);
  return output.size() < total_size(inputs) ? by_rows(path, output, inputs)
                                            : by_columns(path, output, inputs);
}

DerivativeMatrix jacobian(const Tensor& output, const Tensor& input, SourceLine where) {
  return jacobian(output, {&input, 1}, where);
}

std::vector<double> hessian_vector_product(const Tensor& loss, std::span<const Tensor> variables,
                                           std::span<const double> v, SecondOrder order,
                                           SourceLine where) {
  const Tape::Scope scope = tape_of(loss, "hessian_vector_product", where).scope();
  const Tensor slope = flat_gradient(loss, variables, where);
  if (static_cast<Index>(v.size()) != slope.size()) {
    const std::string of = variables.size() == 1
                               ? loss.tape()->describe(loss.tape()->checked(variables[0]))
                               : std::to_string(variables.size()) + " variables of " +
                                     std::to_string(slope.size()) + " elements in all";
    throw ShapeError("hessian_vector_product: " + std::to_string(v.size()) + " numbers for " + of +
                     at_line(where));
  }
  Path path(slope, variables, "hessian_vector_product", where);
  return order == SecondOrder::forward_over_reverse ? path.forward(variables, split(v, variables))
                                                    : path.backward(variables, v);
}

std::vector<double> hessian_vector_product(const Tensor& loss, const Tensor& x,
                                           std::span<const double> v, SecondOrder order,
                                           SourceLine where) {
  return hessian_vector_product(loss, {&x, 1}, v, order, where);
}

DerivativeMatrix hessian(const Tensor& loss, std::span<const Tensor> variables, SourceLine where) {
  const Tape::Scope scope = tape_of(loss, "hessian", where).scope();
  const Tensor slope = flat_gradient(loss, variables, where);
  Path path(slope, variables, "hessian", where);
  return by_columns(path, slope, variables);
}

DerivativeMatrix hessian(const Tensor& loss, const Tensor& x, SourceLine where) {
  return hessian(loss, {&x, 1}, where);
}

}  // namespace autograd
