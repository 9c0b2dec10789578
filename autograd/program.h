// Record once, replay: the part of a tape that a loss depends on, run again on other values of its
// inputs without recording and without allocating.
//
//   Program program(loss, {X, y, w, b});
//   program.bind(0, view(next_rows));         // other memory, the same shape
//   const double l = program.evaluate();      // the loss; fills program.adjoint(2), adjoint(3)
//
// Rule for callers: a recording knows what was computed, not why. Where your own code looked at a
// value and took a branch (an `if` on item(), a loop until something is small), the replay repeats
// the branch taken then, whatever the values are now; no program can see that. Write such choices
// with where(), maximum() and their like, and let require_same_recording() check in debug builds.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "autograd/arena.h"
#include "autograd/rules/rule.h"
#include "autograd/tape.h"

namespace autograd {

class Program {
 public:
  // Takes what `loss` depends on from its tape, which may then be cleared or destroyed. Inputs are
  // leaves of the tape that bind() can point elsewhere and, where they are variables, adjoint() can
  // be asked for. Every other leaf is copied, or stays a view of the memory it was a view of; where
  // it is a variable, nothing flows back to it.
  // Throws LossError where the loss is not one element, ArgumentError where an input is not a leaf,
  // StaleTensorError, TapeMismatchError.
  Program(const Tensor& loss, std::span<const Tensor> inputs);
  Program(const Tensor& loss, std::initializer_list<Tensor> inputs)
      : Program(loss, std::span<const Tensor>(inputs.begin(), inputs.size())) {}
  // The same program with memory of its own, for another thread. Inputs stay bound to what they
  // are.
  Program(const Program& other);
  Program& operator=(const Program&) = delete;
  ~Program() = default;

  // Reads an input from other memory from now on, which must outlive its use. Throws ShapeError,
  // naming the input, where the shape is not the one recorded.
  void bind(std::size_t input, const View& view);
  // The same for memory that holds an input of the shape recorded, which is not checked.
  void bind(std::size_t input, const double* elements);
  // Says that an input will be bound to one stretch of memory after the other: reading may begin
  // early.
  void stream(std::size_t input);

  // Computes the loss.
  double forward();
  // Computes the loss and fills the adjoints of the inputs.
  double evaluate();
  // Fills the adjoints alone: values that no pullback looks at, the loss itself among them, are not
  // computed.
  void differentiate();

  // ∂loss/∂input of the last evaluate() or differentiate(), row-major. Empty for an input that
  // needs no gradient or that the loss does not depend on.
  [[nodiscard]] std::span<const double> adjoint(std::size_t input) const;
  [[nodiscard]] const Shape& shape(std::size_t input) const;

  // Throws ArgumentError, naming the first operation that differs, where another recording of the
  // same computation is not this program: a decision was taken on a value. Constants that are
  // neither inputs nor views must have the same numbers, too. Given the inputs of that recording,
  // in the order of this program's, one taken for another is found as well.
  void require_same_recording(const Tensor& loss, std::span<const Tensor> inputs) const;
  void require_same_recording(const Tensor& loss, std::initializer_list<Tensor> inputs = {}) const {
    require_same_recording(loss, std::span<const Tensor>(inputs.begin(), inputs.size()));
  }

 private:
  static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);
  static constexpr std::size_t none_in_workspace = static_cast<std::size_t>(-1);
  // What a run is for; with the gradient, a value may bring its slope along.
  enum class Wanted : std::uint8_t { loss, loss_and_gradient, gradient };

  // A value of the program: of a leaf or of a step.
  struct Slot {
    std::uint32_t shape = 0;
    std::uint32_t tape_index = 0;
    const double* outside = nullptr;  // of a bound input or a view
    bool streamed = false;
    bool constant = false;  // a leaf without gradient
    std::size_t value = 0;  // where in the workspace, for all others
    std::size_t slope = none_in_workspace;
    std::size_t adjoint = Node::no_adjoint;
    std::string name;
  };
  // One operation, by numbers alone, so that it can be linked to any workspace.
  struct Step {
    const Rule* rule = nullptr;
    std::array<std::uint32_t, max_operands> operands{};
    std::uint32_t result = 0;
    std::vector<Index> attributes;
    bool for_gradient = false;  // its value is needed for the gradient alone
    SourceLine where;
  };
  // Where an input is read.
  struct Use {
    std::uint32_t step = 0;
    std::uint32_t operand = 0;
  };
  // A step linked to memory.
  struct Instruction {
    const Rule* rule = nullptr;
    Call<double> call;
    Index size = 0;       // of the result
    bool direct = false;  // without broadcasting: the innermost loop is all there is
    bool for_gradient = false;
    const double* upstream = nullptr;  // null where nothing flows back
    double* slope = nullptr;           // by the first operand, where evaluate() stores it
    std::array<double*, max_operands> adjoints{};
  };

  std::uint32_t add_leaf(const Tape& tape, std::size_t index, bool is_input);
  void add_step(const Tape& tape, std::size_t index, const std::vector<std::uint32_t>& slot_of);
  void lay_out();
  void share_adjoints();
  void find_needed_for_gradient();
  void link();
  [[nodiscard]] bool same_leaf(std::uint32_t slot, const Program& other,
                               std::uint32_t its_slot) const;
  [[nodiscard]] std::vector<Use> uses_of(std::uint32_t slot) const;
  [[nodiscard]] std::uint8_t streamed_operands(const Step& step) const;
  [[nodiscard]] bool needs_no_broadcasting(const Step& step) const;
  void run(const Instruction& instruction, Wanted wanted);
  void pull_back(const Instruction& instruction, Wanted wanted);
  void backward(Wanted wanted);
  [[nodiscard]] const double* value_of(const Slot& slot) const;

  std::vector<Shape> shapes_;
  std::vector<Slot> slots_;
  std::vector<Step> steps_;
  std::vector<std::uint32_t> inputs_;   // their slots
  std::vector<std::vector<Use>> uses_;  // of each input
  std::uint32_t loss_ = 0;
  std::vector<double> constants_;  // values of leaves that are neither inputs nor views
  std::size_t value_size_ = 0;
  std::size_t adjoint_size_ = 0;

  std::vector<Instruction> instructions_;
  Arena<double> memory_;
  Arena<double> scratch_;
  double* values_ = nullptr;
  double* adjoints_ = nullptr;
};

}  // namespace autograd
