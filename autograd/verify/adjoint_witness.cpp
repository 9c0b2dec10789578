#include "autograd/verify/adjoint_witness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "autograd/errors.h"

namespace autograd {
namespace {

// The values that move with an element, in complex arithmetic; all others are the tape's.
class ComplexValues {
 public:
  explicit ComplexValues(const Tape& tape, std::size_t count) : tape_(tape), values_(count) {}

  std::vector<Complex>& of(std::size_t index) {
    std::vector<Complex>& values = values_[index];
    if (values.empty()) {
      const auto real = tape_.values_of(tape_.node(index));
      values.assign(real.begin(), real.end());
    }
    return values;
  }

  // Real parts stay the tape's, so that every branch is the one that was taken.
  void compute(std::size_t index) {
    const Node& node = tape_.node(index);
    std::vector<Complex>& result = of(index);
    Call<Complex> call{tape_.geometry_of(node), {}, result.data(), &scratch_};
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      call.operands[k] = of(node.operands[k]).data();
    }
    node.rule->forward_complex(*node.rule, call);
    const auto real = tape_.values_of(node);
    for (std::size_t i = 0; i < real.size(); ++i) {
      result[i] = Complex(real[i], result[i].imaginary());
    }
  }

 private:
  const Tape& tape_;
  std::vector<std::vector<Complex>> values_;
  Scratch<Complex> scratch_;
};

}  // namespace

std::optional<double> complex_step_adjoint(const Tape& tape, const Tensor& loss, std::size_t node,
                                           Index element) {
  static_cast<void>(tape.checked(loss));
  const std::size_t last = loss.index();
  if (node > last || element < 0 || element >= tape.shape_of(tape.node(node)).size()) {
    throw ArgumentError("complex_step_adjoint: the loss is not made of such an element");
  }
  ComplexValues values(tape, last + 1);
  std::vector<std::uint8_t> moves(last + 1, 0);
  moves[node] = 1;
  Complex& moved = values.of(node)[static_cast<std::size_t>(element)];
  // So small that its square is lost beside the element.
  const double size = std::abs(moved.real());
  const double step = std::ldexp(1.0, size > 0.0 ? std::max(std::ilogb(size) - 130, -1000) : -130);
  moved = Complex(moved.real(), step);
  for (std::size_t index = node + 1; index <= last; ++index) {
    const Node& each = tape.node(index);
    const auto operands = each.operand_indices();
    const bool follows = std::any_of(operands.begin(), operands.end(),
                                     [&](std::uint32_t operand) { return moves[operand] != 0; });
    if (!follows) continue;
    if (each.rule->forward_complex == nullptr) return std::nullopt;
    values.compute(index);
    moves[index] = 1;
  }
  return values.of(last)[0].imaginary() / step;
}

}  // namespace autograd
