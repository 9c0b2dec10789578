// The tape: an append-only list of nodes (a Wengert list), each made by one operation.
//
// Index order is topological order, so the backward pass is one loop from the loss to the start: no
// recursion, no sort, no node visited twice. Recording an operation computes its value. Values and
// adjoints live in memory that the tape keeps between steps: after the first step, a training step
// of the same shapes allocates nothing on the heap.
//
// Rule for callers: one tape per thread; a tape neither moves nor is copied, since tensors point
// to it. There is nothing to zero by hand: backward() starts afresh each time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "autograd/arena.h"
#include "autograd/errors.h"
#include "autograd/rules/rule.h"
#include "autograd/shape.h"
#include "autograd/tensor.h"

namespace autograd {

// What the tape knows of one value. Read through Tape::node(); of use to readings of a recording.
struct Node {
  static constexpr std::size_t no_adjoint = static_cast<std::size_t>(-1);

  const Rule* rule = nullptr;        // null for a leaf
  double* value = nullptr;           // row-major; on the tape, or outside it where `outside`
  std::size_t adjoint = no_adjoint;  // where among the adjoints
  std::array<std::uint32_t, max_operands> operands{};
  std::uint32_t shape = 0;  // index of an interned shape
  std::uint32_t name = 0;   // index of an interned name; 0 is ""
  std::uint32_t generation = 0;
  std::uint32_t first_attribute = 0;
  std::uint32_t attribute_count = 0;
  bool outside = false;
  bool direct = false;     // an elementwise operation without broadcasting
  bool has_slope = false;  // by the first operand, as many numbers as the value and behind it
  std::uint32_t assigned_at = 0;  // of a leaf: the tape's size when assign() last changed it
  SourceLine where;

  [[nodiscard]] bool requires_gradient() const { return adjoint != no_adjoint; }
  [[nodiscard]] std::span<const std::uint32_t> operand_indices() const {
    return {operands.data(), rule == nullptr ? 0 : rule->arity};
  }
};

// Told of each part that a backward pass hands to an operand of a node, right before and right
// after it is added to what the operand's adjoint holds so far: Tape::adjoint_of().
class BackwardWatcher {
 public:
  BackwardWatcher() = default;
  BackwardWatcher(const BackwardWatcher&) = delete;
  BackwardWatcher& operator=(const BackwardWatcher&) = delete;
  virtual ~BackwardWatcher() = default;
  virtual void before(std::size_t node, std::size_t operand) = 0;
  virtual void after(std::size_t node, std::size_t operand) = 0;
};

class Tape {
 public:
  Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape() = default;

  // Leaves. A variable takes part in gradients; a constant costs no backward work.
  Tensor variable(const Values& values, SourceLine where = SourceLine::here());
  Tensor variable(const View& view, SourceLine where = SourceLine::here());
  Tensor constant(const Values& values, SourceLine where = SourceLine::here());
  Tensor constant(const View& view, SourceLine where = SourceLine::here());
  // Rows, said once more so that braces find them: tape.variable({{1, 2}, {3, 4}}).
  using Row = std::initializer_list<double>;
  Tensor variable(std::initializer_list<Row> rows, SourceLine where = SourceLine::here());
  Tensor constant(std::initializer_list<Row> rows, SourceLine where = SourceLine::here());

  // Records an operation and computes its value. Operations are functions of operations.h; this is
  // what they are made of. Attributes are the rule's whole-number parameters.
  // Throws StaleTensorError, TapeMismatchError, ShapeError; NonFiniteError with anomaly detection.
  Tensor record(const Rule& rule, std::span<const Operand> operands,
                std::span<const Index> attributes = {});
  // The same where operands do not lie side by side.
  using Operands = std::span<const Operand* const>;
  Tensor record(const Rule& rule, Operands operands, std::span<const Index> attributes = {});

  // Fills ∂loss/∂v for every v the loss depends on. The same call twice gives the same adjoints.
  // Throws LossError where the loss is not one element or depends on no variable; NonFiniteError
  // with anomaly detection.
  void backward(const Tensor& loss, SourceLine where = SourceLine::here());
  // The same pass, watched.
  void backward(const Tensor& loss, BackwardWatcher& watcher,
                SourceLine where = SourceLine::here());

  // Overwrites a leaf's values (not a view's). What was computed from them stays as it was, and
  // backward() through it throws LossError: its slopes would be of two different points.
  void assign(const Tensor& leaf, std::span<const double> values,
              SourceLine where = SourceLine::here());

  // Forgets all nodes and keeps the memory. Every tensor of this tape becomes stale.
  void clear();

  // Where a recording has got to.
  struct Marks {
    std::size_t nodes = 0;
    std::size_t attributes = 0;
    std::size_t shapes = 0;
    std::size_t adjoints = 0;
    Arena<double>::Mark values;
  };

  // Rewinds the tape on destruction to where it was: what a training step records disappears, the
  // parameters recorded before it stay.
  class Scope {
   public:
    explicit Scope(Tape& tape);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    // What was recorded stays after all.
    void keep() { keeps_ = true; }

   private:
    bool keeps_ = false;
    Tape& tape_;
    Marks start_;
    Tensor last_;  // recorded before the scope; a handle to nothing where it began empty
  };
  [[nodiscard]] Scope scope() { return Scope(*this); }

  // With anomaly detection the first value or adjoint that is not finite throws NonFiniteError and
  // is blamed on its operation, operands and source line. Off by default: it reads every value.
  void detect_anomalies(bool on) { detect_anomalies_ = on; }

  // Reading a recording.
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const Node& node(std::size_t index) const { return nodes_[index]; }
  [[nodiscard]] const Shape& shape_of(const Node& node) const { return shapes_[node.shape]; }
  [[nodiscard]] std::string_view name_of(const Node& node) const { return names_[node.name]; }
  [[nodiscard]] Geometry geometry_of(const Node& node) const;
  [[nodiscard]] std::span<const double> values_of(const Node& node) const;
  // The node whose backward() left the adjoints that can be read; nothing where there was none, or
  // where it is no longer there.
  [[nodiscard]] std::optional<std::size_t> last_loss() const { return last_loss_; }
  // Empty where the last backward() did not reach as far as this node.
  [[nodiscard]] std::span<const double> adjoint_of(const Node& node) const;
  [[nodiscard]] Tensor tensor(std::size_t index);
  // A node's operation as its rule is called, with the values of its operands and its own.
  [[nodiscard]] Call<double> call_of(const Node& node, Scratch<double>& scratch) const;
  // "matmul(X: 150×4, w: 5×1)": an operation with its operands' names and shapes; a leaf as
  // describe.
  [[nodiscard]] std::string describe_operation(const Node& node) const;
  // "z: 150×1" where it has a name or is a leaf, else its operation.
  [[nodiscard]] std::string describe(const Node& node) const;

  // The node behind a tensor; throws StaleTensorError where it is no longer there, and
  // TapeMismatchError where it is on another tape.
  [[nodiscard]] const Node& checked(const Tensor& tensor) const;
  // The same for a function that was called at `where` with a tensor: "gradient", "the variable".
  [[nodiscard]] const Node& checked(const Tensor& tensor, std::string_view function,
                                    SourceLine where, std::string_view what = "the tensor") const;
  // Throws LossError where a leaf was assigned, or with anomaly detection a view changed, after the
  // node had read it: its slopes would be of another point than its value.
  void require_unchanged_leaves(std::size_t index, std::string_view function,
                                SourceLine where) const;

 private:
  friend Tensor named(const Tensor& tensor, std::string_view name);

  Tensor leaf(const Shape& shape, std::span<const double> values, bool variable, SourceLine where);
  Tensor leaf_of(const View& view, bool variable, SourceLine where);
  [[nodiscard]] bool holds(const Tensor& tensor) const;
  template <class Fill>
  Tensor add_leaf(const Shape& shape, bool variable, SourceLine where, Fill fill);
  Tensor record_or_throw(const Rule& rule, Operands operands, std::span<const Index> attributes);
  [[noreturn]] void refuse(const Rule& rule, SourceLine where, const Marks& start);
  std::uint32_t number_leaf(const Operand& number);
  std::uint32_t shape_of_result(const Node& node);
  Node& new_node(SourceLine where);
  Tensor finished();
  [[noreturn]] void refuse_operand(const Rule& rule, const Operand& operand) const;
  std::uint32_t intern(const Shape& shape);
  std::uint32_t intern(std::string_view name);
  std::size_t take_adjoint(Index size);
  [[nodiscard]] bool needs_no_broadcasting(const Node& node) const;
  [[nodiscard]] std::array<const double*, max_operands> operand_values(const Node& node) const;
  void compute(const Node& node, Index size);
  [[gnu::noinline]] void compute_with_broadcasting(const Node& node);
  void remember_views(const Node& node);
  void pull_back(const Node& node);
  template <class Visit>
  void for_each_reached_operand(const Node& node, Visit visit);
  void require_finite_value(const Node& node) const;
  void require_finite_adjoint(const Node& node, std::size_t operand) const;
  [[nodiscard]] Marks marks() const;
  void rewind(const Marks& marks);

  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>{}(name);
    }
  };

  std::vector<Node> nodes_;
  std::vector<Index> attributes_;
  Arena<double> values_;
  Arena<double> scratch_;
  Arena<double> adjoint_memory_;
  double* adjoints_ = nullptr;
  std::size_t adjoint_size_ = 0;       // elements recorded nodes ask for
  std::size_t adjoint_reached_ = 0;    // elements the last backward() filled
  std::vector<std::uint8_t> reached_;  // nodes the loss of the last backward() depends on
  std::optional<std::size_t> last_loss_;
  std::uint32_t generation_ = 1;
  bool detect_anomalies_ = false;
  BackwardWatcher* watcher_ = nullptr;  // during a backward pass that is watched
  bool was_assigned_ = false;           // some leaf, since the tape was last empty
  // With anomaly detection: the checksum of a view when it was last read.
  std::unordered_map<std::uint32_t, std::uint64_t> viewed_;

  std::vector<Shape> shapes_;
  std::deque<std::string> names_;  // a name handed out stays where it is
  std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>> name_index_;
};

}  // namespace autograd
