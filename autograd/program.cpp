#include "autograd/program.h"

#include <algorithm>
#include <cstring>

#include "autograd/rules/broadcasting.h"

namespace autograd {
namespace {

// Tensors of a cache line or more start one.
std::size_t take(std::size_t& size, Index count) {
  constexpr std::size_t line = Arena<double>::alignment / sizeof(double);
  const auto n = static_cast<std::size_t>(count);
  if (n >= line) size = (size + line - 1) / line * line;
  const std::size_t start = size;
  size += n;
  return start;
}

// The nodes that a loss depends on, itself among them.
std::vector<bool> needed_for(const Tape& tape, std::size_t loss) {
  std::vector<bool> needed(loss + 1, false);
  needed[loss] = true;
  for (std::size_t index = loss + 1; index-- > 0;) {
    if (!needed[index]) continue;
    for (const std::uint32_t operand : tape.node(index).operand_indices()) needed[operand] = true;
  }
  return needed;
}

// Which slot of one program stands for which of another, found out on the way.
class Pairs {
 public:
  Pairs(std::size_t ours, std::size_t theirs) : of_ours_(ours, none), of_theirs_(theirs, none) {}

  // Whether the two stand for each other; they do from now on, where neither had a partner.
  bool match(std::uint32_t ours, std::uint32_t theirs) {
    if (of_ours_[ours] == none && of_theirs_[theirs] == none) {
      of_ours_[ours] = theirs;
      of_theirs_[theirs] = ours;
    }
    return of_ours_[ours] == theirs && of_theirs_[theirs] == ours;
  }

 private:
  static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);
  std::vector<std::uint32_t> of_ours_;
  std::vector<std::uint32_t> of_theirs_;
};

}  // namespace

// ---- from the tape

Program::Program(const Tensor& loss, std::span<const Tensor> inputs) {
  if (loss.size() != 1) {
    throw LossError("a program's loss must be one element, not " + to_string(loss.shape()) +
                    ". Take its sum() or mean() first.");
  }
  const Tape& tape = *loss.tape();
  std::vector<bool> needed = needed_for(tape, loss.index());
  for (const Tensor& input : inputs) {
    const Node& node = tape.checked(input, "a program", {}, "an input");
    if (node.rule != nullptr) {
      throw ArgumentError("a program's input must be a leaf, not " + tape.describe(node) + ".");
    }
    if (input.index() >= needed.size()) needed.resize(input.index() + std::size_t{1}, false);
    needed[input.index()] = true;
  }
  std::vector<std::uint32_t> slot_of(needed.size(), none);
  for (std::size_t index = 0; index < needed.size(); ++index) {
    if (!needed[index]) continue;
    if (tape.node(index).rule == nullptr) {
      slot_of[index] = add_leaf(
          tape, index,
          std::any_of(inputs.begin(), inputs.end(), [&](auto& i) { return i.index() == index; }));
    } else {
      slot_of[index] = static_cast<std::uint32_t>(slots_.size());
      add_step(tape, index, slot_of);
    }
  }
  loss_ = slot_of[loss.index()];
  // Until it is bound elsewhere, an input on the tape has the value recorded, in the workspace.
  for (const Tensor& input : inputs) {
    inputs_.push_back(slot_of[input.index()]);
    uses_.push_back(uses_of(inputs_.back()));
  }
  find_needed_for_gradient();
  lay_out();
  link();
}

Program::Program(const Program& other)
    : shapes_(other.shapes_),
      slots_(other.slots_),
      steps_(other.steps_),
      inputs_(other.inputs_),
      uses_(other.uses_),
      loss_(other.loss_),
      constants_(other.constants_),
      value_size_(other.value_size_),
      adjoint_size_(other.adjoint_size_) {
  link();
}

std::uint32_t Program::add_leaf(const Tape& tape, std::size_t index, bool is_input) {
  const Node& node = tape.node(index);
  const auto values = tape.values_of(node);
  Slot slot;
  slot.shape = static_cast<std::uint32_t>(shapes_.size());
  slot.tape_index = static_cast<std::uint32_t>(index);
  slot.name = tape.name_of(node);
  slot.constant = !node.requires_gradient();
  slot.adjoint = is_input && !slot.constant ? 0 : Node::no_adjoint;
  if (node.outside) {
    slot.outside = node.value;
  } else {
    // Constants come first in the workspace, in this order.
    slot.value = take(value_size_, static_cast<Index>(values.size()));
    constants_.resize(value_size_);
    std::copy(values.begin(), values.end(),
              constants_.begin() + static_cast<std::ptrdiff_t>(slot.value));
  }
  shapes_.push_back(tape.shape_of(node));
  slots_.push_back(std::move(slot));
  return static_cast<std::uint32_t>(slots_.size() - 1);
}

void Program::add_step(const Tape& tape, std::size_t index,
                       const std::vector<std::uint32_t>& slot_of) {
  const Node& node = tape.node(index);
  const auto attributes = tape.geometry_of(node).attributes;
  Step step;
  step.rule = node.rule;
  for (std::size_t k = 0; k < node.rule->arity; ++k) step.operands[k] = slot_of[node.operands[k]];
  step.result = static_cast<std::uint32_t>(slots_.size());
  step.attributes.assign(attributes.begin(), attributes.end());
  step.where = node.where;
  steps_.push_back(std::move(step));

  Slot slot;
  slot.shape = static_cast<std::uint32_t>(shapes_.size());
  slot.tape_index = static_cast<std::uint32_t>(index);
  slot.name = tape.name_of(node);
  const auto operands = node.operand_indices();
  const bool leads_to_input = std::any_of(operands.begin(), operands.end(), [&](auto operand) {
    return slots_[slot_of[operand]].adjoint != Node::no_adjoint;
  });
  slot.adjoint = node.requires_gradient() && leads_to_input ? 0 : Node::no_adjoint;
  shapes_.push_back(tape.shape_of(node));
  slots_.push_back(std::move(slot));
}

// Marks the steps whose values some pullback looks at, directly or through others.
void Program::find_needed_for_gradient() {
  std::vector<bool> needed(slots_.size(), false);
  std::vector<bool> reached(slots_.size(), false);
  reached[loss_] = true;
  for (std::size_t s = steps_.size(); s-- > 0;) {
    const Step& step = steps_[s];
    for (std::size_t k = 0; reached[step.result] && k < step.rule->arity; ++k) {
      const std::uint32_t operand = step.operands[k];
      if (!step.rule->differentiable[k] || slots_[operand].adjoint == Node::no_adjoint) continue;
      reached[operand] = true;
      const unsigned reads = step.rule->pullback_reads(k);
      for (std::size_t j = 0; j < step.rule->arity; ++j) {
        if ((reads >> j & 1U) != 0U) needed[step.operands[j]] = true;
      }
      if ((reads >> max_operands & 1U) != 0U) needed[step.result] = true;
    }
  }
  for (std::size_t s = steps_.size(); s-- > 0;) {
    steps_[s].for_gradient = needed[steps_[s].result];
    for (std::size_t k = 0; steps_[s].for_gradient && k < steps_[s].rule->arity; ++k) {
      needed[steps_[s].operands[k]] = true;
    }
  }
  // What nothing flows back to has no adjoint.
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!reached[slot]) slots_[slot].adjoint = Node::no_adjoint;
  }
}

void Program::lay_out() {
  for (const Step& step : steps_) {
    Slot& result = slots_[step.result];
    const Index size = shapes_[result.shape].size();
    result.value = take(value_size_, size);
    if (step.rule->value_and_slope_block != nullptr && needs_no_broadcasting(step) &&
        slots_[step.operands[0]].adjoint != Node::no_adjoint) {
      result.slope = take(value_size_, size);
    }
  }
  for (Slot& slot : slots_) {
    if (slot.adjoint != Node::no_adjoint) {
      slot.adjoint = take(adjoint_size_, shapes_[slot.shape].size());
    }
  }
  share_adjoints();
}

// What a result hands on as it is, to an operand that is used nowhere else, is not copied: both
// have one adjoint. From the loss backwards, so that a chain of sums shares one.
void Program::share_adjoints() {
  std::vector<std::size_t> uses(slots_.size(), 0);
  for (const Step& step : steps_) {
    for (std::size_t k = 0; k < step.rule->arity; ++k) ++uses[step.operands[k]];
  }
  for (std::size_t s = steps_.size(); s-- > 0;) {
    const Step& step = steps_[s];
    const Slot& result = slots_[step.result];
    for (std::size_t k = 0; k < step.rule->arity; ++k) {
      Slot& operand = slots_[step.operands[k]];
      if (step.rule->slope_is_one[k] && is_plain_elementwise(*step.rule) &&
          uses[step.operands[k]] == 1 && operand.adjoint != Node::no_adjoint &&
          result.adjoint != Node::no_adjoint && shapes_[operand.shape] == shapes_[result.shape]) {
        operand.adjoint = result.adjoint;
      }
    }
  }
}

bool Program::needs_no_broadcasting(const Step& step) const {
  bool equal = is_plain_elementwise(*step.rule);
  for (std::size_t k = 0; equal && k < step.rule->arity; ++k) {
    equal = shapes_[slots_[step.operands[k]].shape] == shapes_[slots_[step.result].shape];
  }
  return equal;
}

// ---- linked to memory

const double* Program::value_of(const Slot& slot) const {
  return slot.outside != nullptr ? slot.outside : values_ + slot.value;
}

void Program::link() {
  values_ = memory_.allocate(std::max<std::size_t>(value_size_, 1));
  adjoints_ = memory_.allocate(std::max<std::size_t>(adjoint_size_, 1));
  std::copy(constants_.begin(), constants_.end(), values_);
  std::fill_n(adjoints_, adjoint_size_, 0.0);
  instructions_.reserve(steps_.size());
  for (const Step& step : steps_) {
    const Slot& result = slots_[step.result];
    Instruction i;
    i.rule = step.rule;
    i.size = shapes_[result.shape].size();
    i.for_gradient = step.for_gradient;
    i.call.geometry.result = &shapes_[result.shape];
    i.call.geometry.attributes = step.attributes;
    i.call.result = values_ + result.value;
    i.call.scratch = &scratch_;
    i.call.streamed = streamed_operands(step);
    i.direct = needs_no_broadcasting(step);
    if (result.slope != none_in_workspace) i.slope = values_ + result.slope;
    if (result.adjoint != Node::no_adjoint) i.upstream = adjoints_ + result.adjoint;
    for (std::size_t k = 0; k < step.rule->arity; ++k) {
      const Slot& operand = slots_[step.operands[k]];
      i.call.geometry.operands[k] = &shapes_[operand.shape];
      i.call.operands[k] = value_of(operand);
      if (step.rule->differentiable[k] && operand.adjoint != Node::no_adjoint &&
          operand.adjoint != result.adjoint) {
        i.adjoints[k] = adjoints_ + operand.adjoint;
      }
    }
    instructions_.push_back(i);
  }
}

void Program::bind(std::size_t input, const View& view) {
  const Slot& slot = slots_.at(inputs_.at(input));
  if (view.shape != shapes_[slot.shape]) {
    throw ShapeError("input " + (slot.name.empty() ? std::to_string(input) : slot.name) +
                     " was recorded with shape " + to_string(shapes_[slot.shape]) +
                     " and cannot be replayed with " + to_string(view.shape) +
                     ". Record a program for that shape.");
  }
  bind(input, view.data);
}

void Program::bind(std::size_t input, const double* elements) {
  slots_[inputs_[input]].outside = elements;
  for (const Use& use : uses_[input]) instructions_[use.step].call.operands[use.operand] = elements;
}

void Program::stream(std::size_t input) {
  slots_.at(inputs_.at(input)).streamed = true;
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    instructions_[s].call.streamed = streamed_operands(steps_[s]);
  }
}

std::vector<Program::Use> Program::uses_of(std::uint32_t slot) const {
  std::vector<Use> uses;
  for (std::uint32_t s = 0; s < steps_.size(); ++s) {
    for (std::uint32_t k = 0; k < steps_[s].rule->arity; ++k) {
      if (steps_[s].operands[k] == slot) uses.push_back({s, k});
    }
  }
  return uses;
}

std::uint8_t Program::streamed_operands(const Step& step) const {
  unsigned bits = 0;
  for (std::size_t k = 0; k < step.rule->arity; ++k) {
    if (slots_[step.operands[k]].streamed) bits |= 1U << k;
  }
  return static_cast<std::uint8_t>(bits);
}

// ---- running

void Program::run(const Instruction& i, Wanted wanted) {
  if (i.slope != nullptr && wanted == Wanted::loss_and_gradient) {
    i.rule->value_and_slope_block(i.call.result, i.slope, i.call.operands.data(), i.size);
  } else if (i.direct) {
    i.rule->value_block(i.call.result, i.call.operands.data(), i.size);
  } else {
    i.rule->forward(*i.rule, i.call);
  }
}

double Program::forward() {
  for (const Instruction& instruction : instructions_) run(instruction, Wanted::loss);
  return *value_of(slots_[loss_]);
}

double Program::evaluate() {
  for (const Instruction& instruction : instructions_) run(instruction, Wanted::loss_and_gradient);
  backward(Wanted::loss_and_gradient);
  return *value_of(slots_[loss_]);
}

void Program::differentiate() {
  for (const Instruction& instruction : instructions_) {
    if (instruction.for_gradient) run(instruction, Wanted::gradient);
  }
  backward(Wanted::gradient);
}

void Program::backward(Wanted wanted) {
  std::fill_n(adjoints_, adjoint_size_, 0.0);
  if (slots_[loss_].adjoint == Node::no_adjoint) return;
  adjoints_[slots_[loss_].adjoint] = 1.0;
  for (std::size_t s = instructions_.size(); s-- > 0;) {
    if (instructions_[s].upstream != nullptr) pull_back(instructions_[s], wanted);
  }
}

void Program::pull_back(const Instruction& i, Wanted wanted) {
  for (std::size_t k = 0; k < i.rule->arity; ++k) {
    if (i.adjoints[k] == nullptr) continue;
    if (k == 0 && i.slope != nullptr && wanted == Wanted::loss_and_gradient) {
      add_gated(i.adjoints[k], i.upstream, i.slope, i.size);
    } else if (i.direct) {
      i.rule->contribution_block[k](i.adjoints[k], i.upstream, i.call.operands.data(),
                                    i.call.result, i.size);
    } else {
      i.rule->pullback(*i.rule, i.call, k, i.upstream, i.adjoints[k]);
    }
  }
}

std::span<const double> Program::adjoint(std::size_t input) const {
  const Slot& slot = slots_.at(inputs_.at(input));
  if (slot.adjoint == Node::no_adjoint) return {};
  return {adjoints_ + slot.adjoint, static_cast<std::size_t>(shapes_[slot.shape].size())};
}

const Shape& Program::shape(std::size_t input) const {
  return shapes_[slots_.at(inputs_.at(input)).shape];
}

// ---- the check for decisions taken on values

void Program::require_same_recording(const Tensor& loss, std::span<const Tensor> inputs) const {
  if (!inputs.empty() && inputs.size() != inputs_.size()) {
    throw ArgumentError("require_same_recording: " + std::to_string(inputs.size()) +
                        " inputs for a program of " + std::to_string(inputs_.size()) + ".");
  }
  const Program other(loss, inputs);
  Pairs pairs(slots_.size(), other.slots_.size());
  for (std::size_t input = 0; input < inputs.size(); ++input) {
    pairs.match(inputs_[input], other.inputs_[input]);
  }
  const auto same_step = [&](const Step& ours, const Step& theirs) {
    if (ours.rule != theirs.rule || ours.attributes != theirs.attributes) return false;
    for (std::size_t k = 0; k < ours.rule->arity; ++k) {
      if (!pairs.match(ours.operands[k], theirs.operands[k])) return false;
      if (!same_leaf(ours.operands[k], other, theirs.operands[k])) return false;
    }
    return pairs.match(ours.result, theirs.result);
  };
  for (std::size_t s = 0; s < other.steps_.size(); ++s) {
    const Step& theirs = other.steps_[s];
    if (s < steps_.size() && same_step(steps_[s], theirs)) continue;
    const Tape& tape = *loss.tape();
    const Node& node = tape.node(other.slots_[theirs.result].tape_index);
    throw ArgumentError("the program does not repeat this recording: " +
                        tape.describe_operation(node) + " (" + to_string(theirs.where) +
                        ") was not recorded there. A decision was taken on a value; use where().");
  }
  if (steps_.size() > other.steps_.size()) {
    throw ArgumentError(
        "the program does not repeat this recording, which ends earlier: a decision was taken on a "
        "value; use where().");
  }
}

// Shapes are the same and, of constants that are neither inputs nor views, the numbers.
bool Program::same_leaf(std::uint32_t slot, const Program& other, std::uint32_t its_slot) const {
  const Slot& a = slots_[slot];
  const Slot& b = other.slots_[its_slot];
  if (shapes_[a.shape] != other.shapes_[b.shape]) return false;
  const bool is_input = std::find(inputs_.begin(), inputs_.end(), slot) != inputs_.end();
  if (is_input || !a.constant || a.outside != nullptr || b.outside != nullptr) return true;
  const auto size = static_cast<std::size_t>(shapes_[a.shape].size()) * sizeof(double);
  return std::memcmp(values_ + a.value, other.values_ + b.value, size) == 0;
}

}  // namespace autograd
