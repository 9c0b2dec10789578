#include "autograd/tape.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "autograd/readings/formula.h"
#include "autograd/rules/broadcasting.h"

namespace autograd {
namespace {

std::string at(SourceLine where) {
  const std::string place = to_string(where);
  return place.empty() ? "" : " (" + place + ")";
}

std::string sentence(const std::string& what, const std::string& reason, SourceLine where,
                     const std::string& advice) {
  return what + ": " + reason + at(where) + "." + (advice.empty() ? "" : " " + advice);
}

// " at [3, 2]"; "" for a scalar.
std::string at_position(const Shape& shape, Index flat) {
  return shape.rank() == 0 ? "" : " at " + position(shape, flat);
}

// FNV-1a over the bits.
std::uint64_t checksum(std::span<const double> values) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const double v : values) hash = (hash ^ std::bit_cast<std::uint64_t>(v)) * 0x100000001b3U;
  return hash;
}

// The first element that is not finite, or -1.
Index first_non_finite(std::span<const double> values) {
  const auto found =
      std::find_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); });
  return found == values.end() ? -1 : found - values.begin();
}

}  // namespace

Tape::Tape() {
  names_.emplace_back();
  // Stable enough for a first step of any size that is common; grows by itself beyond.
  shapes_.reserve(64);
}

// ---- leaves

Tensor Tape::variable(const Values& values, SourceLine where) {
  return leaf(values.shape(), values.elements(), true, where);
}
Tensor Tape::constant(const Values& values, SourceLine where) {
  return leaf(values.shape(), values.elements(), false, where);
}
Tensor Tape::variable(std::initializer_list<Row> rows, SourceLine where) {
  return variable(Values(rows), where);
}
Tensor Tape::constant(std::initializer_list<Row> rows, SourceLine where) {
  return constant(Values(rows), where);
}
Tensor Tape::variable(const View& view, SourceLine where) { return leaf_of(view, true, where); }
Tensor Tape::constant(const View& view, SourceLine where) { return leaf_of(view, false, where); }

// A leaf that is refused leaves nothing behind.
template <class Fill>
Tensor Tape::add_leaf(const Shape& shape, bool variable, SourceLine where, Fill fill) {
  const Marks start = marks();
  try {
    Node& node = new_node(where);
    node.shape = intern(shape);
    fill(node);
    if (variable) node.adjoint = take_adjoint(shape.size());
    return finished();
  } catch (...) {
    rewind(start);
    throw;
  }
}

Tensor Tape::leaf(const Shape& shape, std::span<const double> values, bool variable,
                  SourceLine where) {
  return add_leaf(shape, variable, where, [&](Node& node) {
    node.value = values_.allocate(values.size());
    std::copy(values.begin(), values.end(), node.value);
  });
}

Tensor Tape::leaf_of(const View& view, bool variable, SourceLine where) {
  return add_leaf(view.shape, variable, where, [&](Node& node) {
    // Never written through: assign() refuses what lies outside.
    node.value = const_cast<double*>(view.data);
    node.outside = true;
  });
}

void Tape::assign(const Tensor& leaf, std::span<const double> values, SourceLine where) {
  const Node& node = checked(leaf, "assign", where);
  const std::string what = "assign to " + describe(node);
  if (node.rule != nullptr) {
    throw ArgumentError(sentence(what, "it is the result of an operation, not a leaf", where, ""));
  }
  if (node.outside) {
    throw ArgumentError(sentence(what, "it is a view of memory outside the tape", where,
                                 "Change that memory instead."));
  }
  if (static_cast<Index>(values.size()) != shape_of(node).size()) {
    throw ShapeError(sentence(what,
                              std::to_string(values.size()) + " values for " +
                                  std::to_string(shape_of(node).size()) + " elements",
                              where, ""));
  }
  std::copy(values.begin(), values.end(), node.value);
  nodes_[leaf.index()].assigned_at = static_cast<std::uint32_t>(nodes_.size());
  was_assigned_ = true;
}

// ---- recording

Tensor Tape::record(const Rule& rule, std::span<const Operand> operands,
                    std::span<const Index> attributes) {
  std::array<const Operand*, max_operands> side_by_side{};
  const std::size_t count = std::min(operands.size(), max_operands);
  for (std::size_t k = 0; k < count; ++k) side_by_side[k] = &operands[k];
  return record(rule, Operands(side_by_side.data(), count), attributes);
}

Tensor Tape::record(const Rule& rule, Operands operands, std::span<const Index> attributes) {
  if (operands.size() != rule.arity) {
    throw ArgumentError(std::string(rule.info.name) + " takes " + std::to_string(rule.arity) +
                        " operands, not " + std::to_string(operands.size()) +
                        (operands.empty() ? "" : at(operands[0]->where())) + ".");
  }
  const Marks start = marks();
  try {
    return record_or_throw(rule, operands, attributes);
  } catch (...) {
    refuse(rule, operands[0]->where(), start);
  }
}

inline std::array<const double*, max_operands> Tape::operand_values(const Node& node) const {
  std::array<const double*, max_operands> values{};
  for (std::size_t k = 0; k < node.rule->arity; ++k) values[k] = nodes_[node.operands[k]].value;
  return values;
}

// Without broadcasting, the rule's innermost loop is all there is to do.
inline void Tape::compute(const Node& node, Index size) {
  if (node.has_slope) {
    node.rule->value_and_slope_block(node.value, node.value + size, operand_values(node).data(),
                                     size);
  } else if (node.direct) {
    node.rule->value_block(node.value, operand_values(node).data(), size);
  } else {
    compute_with_broadcasting(node);
  }
}

void Tape::compute_with_broadcasting(const Node& node) {
  node.rule->forward(*node.rule, call_of(node, scratch_));
}

inline bool Tape::holds(const Tensor& tensor) const {
  return tensor.tape() == this && tensor.index() < nodes_.size() &&
         nodes_[tensor.index()].generation == tensor.generation();
}

Tensor Tape::record_or_throw(const Rule& rule, Operands operands,
                             std::span<const Index> attributes) {
  // All is checked before there is a node; numbers become leaves, which come before it.
  std::array<std::uint32_t, max_operands> leaves{};
  for (std::size_t k = 0; k < rule.arity; ++k) {
    if (operands[k]->is_number()) {
      leaves[k] = number_leaf(*operands[k]);
    } else if (!holds(operands[k]->tensor())) {
      refuse_operand(rule, *operands[k]);
    }
  }
  Node& node = new_node(operands[0]->where());
  node.rule = &rule;
  bool needs_adjoint = false;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    const Operand& operand = *operands[k];
    const std::uint32_t index = operand.is_number() ? leaves[k] : operand.tensor().index();
    node.operands[k] = index;
    needs_adjoint = needs_adjoint || (rule.differentiable[k] && nodes_[index].requires_gradient());
  }
  node.first_attribute = static_cast<std::uint32_t>(attributes_.size());
  node.attribute_count = static_cast<std::uint32_t>(attributes.size());
  attributes_.insert(attributes_.end(), attributes.begin(), attributes.end());
  node.direct = needs_no_broadcasting(node);
  node.shape = shape_of_result(node);
  const Index size = shape_of(node).size();
  node.has_slope = node.direct && rule.value_and_slope_block != nullptr &&
                   nodes_[node.operands[0]].requires_gradient();
  node.value = values_.allocate(static_cast<std::size_t>(node.has_slope ? 2 * size : size));
  if (needs_adjoint) node.adjoint = take_adjoint(size);
  compute(node, size);
  if (detect_anomalies_) remember_views(node);
  return finished();
}

// Called while an exception is handled: takes back what was recorded, and says which operation
// failed on what.
void Tape::refuse(const Rule& rule, SourceLine where, const Marks& start) {
  const bool has_node = nodes_.size() > start.nodes && nodes_.back().rule == &rule;
  const std::string what =
      has_node ? describe_operation(nodes_.back()) : std::string(rule.info.name);
  rewind(start);
  try {
    throw;
  } catch (const ShapeMismatch& mismatch) {
    throw ShapeError(sentence(what, mismatch.reason, where, mismatch.advice));
  } catch (const NoValue& no_value) {
    throw NonFiniteError(sentence(what, no_value.reason, where, ""));
  } catch (const ShapeError& error) {  // a result that no Shape can describe
    throw ShapeError(sentence(what, error.what(), where, ""));
  } catch (const std::bad_alloc&) {
    throw ArgumentError(sentence(what, "there is no memory for its result", where, ""));
  }
}

std::uint32_t Tape::number_leaf(const Operand& number) {
  const double value = number.number();
  return leaf(Shape{}, {&value, 1}, false, number.where()).index();
}

// Beside numbers the first operand's shape is the result's; nothing needs to be worked out.
std::uint32_t Tape::shape_of_result(const Node& node) {
  const std::uint32_t first = nodes_[node.operands[0]].shape;
  bool beside_numbers = is_plain_elementwise(*node.rule);
  for (std::size_t k = 1; beside_numbers && k < node.rule->arity; ++k) {
    const Node& operand = nodes_[node.operands[k]];
    beside_numbers = operand.shape == first || shape_of(operand).rank() == 0;
  }
  if (beside_numbers) return first;
  return intern(node.rule->result_shape(geometry_of(node)));
}

// What an operation saw of memory outside the tape, so that backward() can tell whether it changed.
void Tape::remember_views(const Node& node) {
  for (const std::uint32_t operand : node.operand_indices()) {
    if (nodes_[operand].outside) viewed_[operand] = checksum(values_of(nodes_[operand]));
  }
}

// True for an elementwise rule whose operands have one shape: there is nothing to broadcast. A rule
// that brings a forward or a pullback of its own is always called by them.
bool Tape::needs_no_broadcasting(const Node& node) const {
  if (!is_plain_elementwise(*node.rule)) return false;
  const std::uint32_t first = nodes_[node.operands[0]].shape;
  for (std::size_t k = 1; k < node.rule->arity; ++k) {
    if (nodes_[node.operands[k]].shape != first) return false;
  }
  return true;
}

// For an operand that this tape does not hold.
void Tape::refuse_operand(const Rule& rule, const Operand& operand) const {
  const Tensor& tensor = operand.tensor();
  if (tensor.tape() == nullptr) {
    throw StaleTensorError(sentence(std::string(rule.info.name),
                                    "an operand was never recorded on a tape", operand.where(),
                                    ""));
  }
  if (tensor.tape() != this) {
    const Tape& other = *tensor.tape();
    throw TapeMismatchError(sentence(
        std::string(rule.info.name),
        "operand " + other.describe(other.checked(tensor)) + " lives on another tape",
        operand.where(), "Copy its values over: tape.constant(Values(x.values(), x.shape()))."));
  }
  throw StaleTensorError(sentence(std::string(rule.info.name),
                                  "an operand was recorded before its tape was cleared or its "
                                  "scope ended",
                                  operand.where(), "Record it again."));
}

// Nodes are made where they stay: a copy would wait for what has just been written.
Node& Tape::new_node(SourceLine where) {
  if (nodes_.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw ArgumentError(
        "the tape is full: it holds 4 294 967 295 nodes. clear() it, or record in "
        "scopes.");
  }
  Node& node = nodes_.emplace_back();
  node.generation = generation_;
  node.where = where;
  return node;
}

Tensor Tape::finished() {
  if (detect_anomalies_) require_finite_value(nodes_.back());
  return tensor(nodes_.size() - 1);
}

std::uint32_t Tape::intern(const Shape& shape) {
  // Only to keep the table short: equal shapes under two numbers do no harm.
  constexpr std::size_t looked_at = 16;
  const std::size_t size = shapes_.size();
  for (std::size_t back = 1; back <= std::min(size, looked_at); ++back) {
    if (shapes_[size - back] == shape) return static_cast<std::uint32_t>(size - back);
  }
  shapes_.push_back(shape);
  return static_cast<std::uint32_t>(size);
}

std::uint32_t Tape::intern(std::string_view name) {
  if (name.empty()) return 0;
  const auto found = name_index_.find(name);
  if (found != name_index_.end()) return found->second;
  const auto index = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  name_index_.emplace(names_.back(), index);
  return index;
}

std::size_t Tape::take_adjoint(Index size) {
  constexpr std::size_t line = Arena<double>::alignment / sizeof(double);
  const auto count = static_cast<std::size_t>(size);
  if (count >= line) adjoint_size_ = (adjoint_size_ + line - 1) / line * line;
  const std::size_t start = adjoint_size_;
  adjoint_size_ += count;
  return start;
}

// ---- the backward pass

void Tape::backward(const Tensor& loss, SourceLine where) {
  const Node& last = checked(loss, "backward", where);
  if (shape_of(last).size() != 1) {
    throw LossError(sentence("backward(" + describe(last) + ")",
                             "the loss must be one element, not " + to_string(shape_of(last)),
                             where, "Take its sum() or mean() first."));
  }
  if (!last.requires_gradient()) {
    throw LossError(sentence("backward(" + describe(last) + ")", "it depends on no variable", where,
                             "Make what you differentiate by with tape.variable()."));
  }
  adjoint_reached_ = 0;  // should there be no memory
  last_loss_.reset();
  adjoint_memory_.clear();
  adjoints_ = adjoint_memory_.allocate(adjoint_size_);
  // What was recorded after the loss too: the loss does not depend on it.
  adjoint_reached_ = adjoint_size_;
  std::fill_n(adjoints_, adjoint_reached_, 0.0);
  reached_.assign(loss.index() + std::size_t{1}, 0);
  reached_[loss.index()] = 1;
  adjoints_[last.adjoint] = 1.0;
  const bool may_have_changed = was_assigned_ || detect_anomalies_;
  try {
    for (std::size_t index = loss.index() + std::size_t{1}; index-- > 0;) {
      if (reached_[index] == 0 || nodes_[index].rule == nullptr) continue;
      if (may_have_changed) require_unchanged_leaves(index, "backward", where);
      pull_back(nodes_[index]);
    }
  } catch (...) {
    adjoint_reached_ = 0;  // Half-filled adjoints are not to be read.
    throw;
  }
  last_loss_ = loss.index();
}

void Tape::backward(const Tensor& loss, BackwardWatcher& watcher, SourceLine where) {
  watcher_ = &watcher;
  try {
    backward(loss, where);
  } catch (...) {
    watcher_ = nullptr;
    throw;
  }
  watcher_ = nullptr;
}

// A leaf that changed after an operation had read it has values and slopes of two different points:
// their product would be the gradient of neither.
void Tape::require_unchanged_leaves(std::size_t index, std::string_view function,
                                    SourceLine where) const {
  if (!was_assigned_ && !detect_anomalies_) return;
  for (const std::uint32_t operand : nodes_[index].operand_indices()) {
    const Node& leaf = nodes_[operand];
    const bool assigned = leaf.assigned_at > index;
    const auto seen = viewed_.find(operand);
    const bool moved = detect_anomalies_ && leaf.outside && seen != viewed_.end() &&
                       seen->second != checksum(values_of(leaf));
    if (!assigned && !moved) continue;
    throw LossError(sentence(std::string(function),
                             describe(leaf) + " was changed after " +
                                 describe_operation(nodes_[index]) + at(nodes_[index].where) +
                                 " had read it",
                             where, "Record again what depends on it."));
  }
}

// Hands a node's adjoint on to its operands.
void Tape::pull_back(const Node& node) {
  const double* upstream = adjoints_ + node.adjoint;
  if (node.direct) {
    const auto operands = operand_values(node);
    const Index size = shape_of(node).size();
    for_each_reached_operand(node, [&](std::size_t k, double* adjoint) {
      if (k == 0 && node.has_slope) {
        add_gated(adjoint, upstream, node.value + size, size);
      } else {
        node.rule->contribution_block[k](adjoint, upstream, operands.data(), node.value, size);
      }
    });
  } else {
    const Call<double> call = call_of(node, scratch_);
    for_each_reached_operand(node, [&](std::size_t k, double* adjoint) {
      node.rule->pullback(*node.rule, call, k, upstream, adjoint);
    });
  }
}

template <class Visit>
void Tape::for_each_reached_operand(const Node& node, Visit visit) {
  for (std::size_t k = 0; k < node.rule->arity; ++k) {
    const Node& operand = nodes_[node.operands[k]];
    if (!node.rule->differentiable[k] || !operand.requires_gradient()) continue;
    if (watcher_ != nullptr) watcher_->before(static_cast<std::size_t>(&node - nodes_.data()), k);
    visit(k, adjoints_ + operand.adjoint);
    if (watcher_ != nullptr) watcher_->after(static_cast<std::size_t>(&node - nodes_.data()), k);
    reached_[node.operands[k]] = 1;
    if (detect_anomalies_) require_finite_adjoint(node, k);
  }
}

// ---- rewinding

Tape::Marks Tape::marks() const {
  return {nodes_.size(), attributes_.size(), shapes_.size(), adjoint_size_, values_.mark()};
}

void Tape::rewind(const Marks& marks) {
  nodes_.resize(marks.nodes);
  if (last_loss_ && *last_loss_ >= marks.nodes) last_loss_.reset();
  attributes_.resize(marks.attributes);
  shapes_.erase(shapes_.begin() + static_cast<std::ptrdiff_t>(marks.shapes), shapes_.end());
  adjoint_size_ = marks.adjoints;
  // What was reached before stays readable; what is recorded next was not reached.
  adjoint_reached_ = std::min(adjoint_reached_, adjoint_size_);
  values_.rewind(marks.values);
  scratch_.clear();  // an operation that threw has not
  ++generation_;
}

void Tape::clear() { rewind({}); }

Tape::Scope::Scope(Tape& tape)
    : tape_(tape),
      start_(tape.marks()),
      last_(start_.nodes == 0 ? Tensor() : tape.tensor(start_.nodes - 1)) {}
Tape::Scope::~Scope() {
  if (keeps_) return;
  if (start_.nodes == 0) {
    tape_.clear();
  } else if (tape_.holds(last_)) {
    tape_.rewind(start_);
  }  // else clear() inside the scope has gone further back, and what came since is not ours
}

// ---- reading

const Node& Tape::checked(const Tensor& tensor) const {
  if (holds(tensor)) return nodes_[tensor.index()];
  if (tensor.tape() == nullptr) {
    throw StaleTensorError("a tensor was used that was never recorded on a tape");
  }
  if (tensor.tape() != this) throw TapeMismatchError("a tensor of another tape was used");
  throw StaleTensorError(
      "a tensor was used after its tape was cleared or its scope ended. Record it again.");
}

const Node& Tape::checked(const Tensor& tensor, std::string_view function, SourceLine where,
                          std::string_view what) const {
  if (holds(tensor)) return nodes_[tensor.index()];
  const std::string call(function);
  const std::string subject(what);
  if (tensor.tape() == nullptr) {
    throw StaleTensorError(sentence(call, subject + " was never recorded on a tape", where, ""));
  }
  if (tensor.tape() != this) {
    throw TapeMismatchError(sentence(call, subject + " lives on another tape", where, ""));
  }
  throw StaleTensorError(
      sentence(call, subject + " was recorded before its tape was cleared or its scope ended",
               where, "Record it again."));
}

Tensor Tape::tensor(std::size_t index) {
  return {this, static_cast<std::uint32_t>(index), nodes_[index].generation};
}

Geometry Tape::geometry_of(const Node& node) const {
  Geometry geometry;
  for (std::size_t k = 0; k < node.operand_indices().size(); ++k) {
    geometry.operands[k] = &shapes_[nodes_[node.operands[k]].shape];
  }
  geometry.result = &shapes_[node.shape];
  geometry.attributes = {attributes_.data() + node.first_attribute, node.attribute_count};
  return geometry;
}

Call<double> Tape::call_of(const Node& node, Scratch<double>& scratch) const {
  return {geometry_of(node), operand_values(node), node.value, &scratch};
}

std::span<const double> Tape::values_of(const Node& node) const {
  return {node.value, static_cast<std::size_t>(shape_of(node).size())};
}

std::span<const double> Tape::adjoint_of(const Node& node) const {
  const auto size = static_cast<std::size_t>(shape_of(node).size());
  if (!node.requires_gradient() || node.adjoint + size > adjoint_reached_) return {};
  return {adjoints_ + node.adjoint, size};
}

std::string Tape::describe(const Node& node) const {
  if (node.rule != nullptr && node.name == 0) return describe_operation(node);
  const std::string name(name_of(node));
  return (name.empty() ? "" : name + ": ") + to_string(shape_of(node));
}

std::string Tape::describe_operation(const Node& node) const {
  if (node.rule == nullptr) return describe(node);
  std::string text(node.rule->info.name);
  text += "(";
  for (std::size_t k = 0; k < node.rule->arity; ++k) {
    const Node& operand = nodes_[node.operands[k]];
    const std::string name(name_of(operand));
    text += (k == 0 ? "" : ", ") + (name.empty() ? "" : name + ": ") + to_string(shape_of(operand));
  }
  return text + ")";
}

// ---- anomaly detection

void Tape::require_finite_value(const Node& node) const {
  const Index flat = first_non_finite(values_of(node));
  if (flat < 0) return;
  const Shape& shape = shape_of(node);
  std::string reason =
      "the value" + at_position(shape, flat) + " is " + format_number(node.value[flat]);
  std::string advice;
  if (node.rule != nullptr && node.rule->shape == RuleShape::elementwise) {
    advice = "There ";
    for (std::size_t k = 0; k < node.rule->arity; ++k) {
      const Node& operand = nodes_[node.operands[k]];
      const std::string name(name_of(operand));
      const Index element = broadcast_element(shape_of(operand), shape, flat);
      advice += (k == 0 ? "" : ", ") + (name.empty() ? "operand " + std::to_string(k + 1) : name) +
                " is " + format_number(operand.value[element], FormulaStyle::unicode, 17);
    }
    advice += ".";
  }
  throw NonFiniteError(sentence(describe_operation(node), reason, node.where, advice));
}

void Tape::require_finite_adjoint(const Node& node, std::size_t operand) const {
  const Node& target = nodes_[node.operands[operand]];
  const auto adjoints = adjoint_of(target);
  const Index flat = first_non_finite(adjoints);
  if (flat < 0) return;
  const std::string name(name_of(target));
  const std::string whose =
      name.empty() ? "the adjoint of operand " + std::to_string(operand + 1) : "d" + name;
  const Shape& shape = shape_of(target);
  throw NonFiniteError(sentence("backward of " + describe_operation(node),
                                whose + position(shape, flat) + " is " +
                                    format_number(adjoints[static_cast<std::size_t>(flat)]),
                                node.where,
                                (name.empty() ? "The operand" : name) + " is " +
                                    format_number(target.value[flat], FormulaStyle::unicode, 17) +
                                    " there."));
}

}  // namespace autograd
