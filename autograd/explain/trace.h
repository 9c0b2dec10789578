// What happened on a tape, event by event: each operation of the forward pass, each part the
// backward pass handed on, in the order in which it ran, and the update of the parameters; formulas
// beside numbers. Formulas are the formula reading of the rules that ran, numbers are the tape's.
//
//   tape:  b = a + a; c = b + b           parts:  db += dc   0 + 1 = 1
//                                                 db += dc   1 + 1 = 2
//                                                 da += db   0 + 2 = 2, …
//
// Values have a line each, but for unnamed ones that are used once: these are written out where
// they are used, z = w1 · x1 + b, and what flows through them arrives as one part, dw1 += dz · x1.
// Where that would make a line longer than a person reads, an unnamed operation gets a line and a
// name made of its place on the tape, such as v17. Rule for callers: a Trace holds copies of all
// numbers and outlives its tape. The time taken is proportional to the recording.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/readings/formula.h"
#include "autograd/tape.h"

namespace autograd {

// A leaf, or the result of an operation with a line of its own.
struct TracedValue {
  std::size_t node = 0;        // its place on the tape
  std::string name;            // no two values have the same
  std::string adjoint_name;    // "dz"; not the name of a value
  std::string_view operation;  // "sigmoid"; "" for a leaf
  bool differentiable = false;
  SourceLine where;
  std::optional<Formula> formula;         // of a result, over other values
  std::optional<Formula> symbol;          // the value where it is used
  std::optional<Formula> adjoint_symbol;  // none where nothing flows back
  std::vector<std::size_t> inputs;        // of a result: values, one for each use
  Shape shape;
  std::vector<double> value;       // row-major, like all numbers here
  std::vector<double> adjoint;     // empty where nothing flows back
  std::vector<std::size_t> parts;  // that its adjoint is the sum of, in the order they arrived

  [[nodiscard]] bool is_leaf() const { return operation.empty(); }
  [[nodiscard]] bool is_variable() const { return is_leaf() && differentiable; }
};

// What one use of a value hands back to its adjoint.
struct TracedPart {
  std::size_t from = 0;     // the value whose adjoint flows, by its place in Trace::values
  std::size_t to = 0;       // the value that receives
  std::size_t node = 0;     // on the tape, whose rule ran
  std::size_t operand = 0;  // of that node, counted from 0
  Formula rule;             // "dz · x1"
  // ∂from/∂to along this use: formula and numbers, shaped like `from`; none where whole tensors do
  // not move element by element.
  std::optional<Formula> slope;
  std::vector<double> slope_numbers;
  std::vector<double> part;    // shaped like `to`, as the two below
  std::vector<double> before;  // the adjoint so far
  std::vector<double> after;
};

// parameter := parameter − learning_rate · adjoint.
struct TracedUpdate {
  std::size_t value = 0;  // by its place in Trace::values
  Formula rule;
  std::vector<double> after;
};

struct Trace {
  std::vector<TracedValue> values;    // in the order of the tape
  std::vector<TracedPart> parts;      // in the order in which the backward pass ran
  std::vector<TracedUpdate> updates;  // all at once
  std::size_t loss = 0;               // by its place among the values

  [[nodiscard]] const TracedValue& loss_value() const { return values[loss]; }
  // By its name or its adjoint's; null where there is none.
  [[nodiscard]] const TracedValue* find(std::string_view name) const;
};

struct TraceOptions {
  bool every_operation = false;         // a line for unnamed ones, too
  std::optional<double> learning_rate;  // with it, the variables are updated
  // What the positions along the last axis of a node are called, such as the columns of a file.
  struct Labels {
    std::size_t node = 0;
    std::vector<std::string> names;
  };
  std::vector<Labels> labels;
};

// A formula of more parts than this is not written out inside another one.
inline constexpr std::size_t longest_unnamed_formula = 40;

// Runs backward(loss) and writes down all that led to the loss, and what else has a name on the way
// to it. Where the loss depends on no variable, there is the forward pass alone. Throws LossError
// for a loss of several elements, StaleTensorError and TapeMismatchError.
Trace trace_of(Tape& tape, const Tensor& loss, const TraceOptions& options = {});

}  // namespace autograd
