#include "autograd/readings/formula.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "autograd/errors.h"
#include "autograd/readings/formula_node.h"

namespace autograd {
namespace {

const std::array<FormulaOperator, 12>& operators() {
  static const std::array<FormulaOperator, 12> all{{
      {"+", Precedence::sum, {" + ", " + ", " + "}, [](double a, double b) { return a + b; }},
      {"-", Precedence::sum, {" − ", " - ", " - "}, [](double a, double b) { return a - b; }},
      {"*",
       Precedence::product,
       {" · ", " * ", R"( \cdot )"},
       [](double a, double b) { return a * b; }},
      {"/", Precedence::product, {"/", "/", "/"}, [](double a, double b) { return a / b; }},
      {"matmul",
       Precedence::product,
       {" · ", " @ ", R"( \cdot )"},
       [](double, double) { return std::numeric_limits<double>::quiet_NaN(); }},
      {"pow",
       Precedence::exponentiation,
       {"^", "^", "^"},
       [](double a, double b) { return std::pow(a, b); }},
      {"<",
       Precedence::comparison,
       {" < ", " < ", " < "},
       [](double a, double b) { return double(a < b); }},
      {">",
       Precedence::comparison,
       {" > ", " > ", " > "},
       [](double a, double b) { return double(a > b); }},
      {"<=",
       Precedence::comparison,
       {" ≤ ", " <= ", R"( \le )"},
       [](double a, double b) { return double(a <= b); }},
      {">=",
       Precedence::comparison,
       {" ≥ ", " >= ", R"( \ge )"},
       [](double a, double b) { return double(a >= b); }},
      {"==",
       Precedence::comparison,
       {" = ", " == ", " = "},
       [](double a, double b) { return double(a == b); }},
      {"!=",
       Precedence::comparison,
       {" ≠ ", " != ", R"( \ne )"},
       [](double a, double b) { return double(a != b); }},
  }};
  return all;
}

}  // namespace

const FormulaOperator* find_formula_operator(std::string_view name) {
  const auto& all = operators();
  const auto* found = std::find_if(all.begin(), all.end(),
                                   [&](const FormulaOperator& o) { return o.name == name; });
  return found == all.end() ? nullptr : found;
}

const FormulaFunction* find_formula_function(std::string_view name) {
  static const std::array<FormulaFunction, 12> all{{
      {"exp", {"exp", "exp", R"(\exp)"}, num::exp},
      {"log", {"ln", "ln", R"(\ln)"}, num::log},
      {"log1p", {"log1p", "log1p", R"(\operatorname{log1p})"}, num::log1p},
      {"expm1", {"expm1", "expm1", R"(\operatorname{expm1})"}, num::expm1},
      {"sqrt", {"√", "sqrt", R"(\sqrt)"}, num::sqrt},
      {"tanh", {"tanh", "tanh", R"(\tanh)"}, num::tanh},
      {"sigmoid", {"σ", "sigmoid", R"(\sigma)"}, num::sigmoid},
      {"softplus", {"softplus", "softplus", R"(\operatorname{softplus})"}, num::softplus},
      {"sum", {"Σ", "sum", R"(\sum)"}, nullptr},
      {"max", {"max", "max", R"(\max)"}, nullptr},
      {"largest", {"max", "max", R"(\max)"}, nullptr},
      {"repeat", {"repeat", "repeat", R"(\operatorname{repeat})"}, nullptr},
  }};
  const auto* found = std::find_if(all.begin(), all.end(),
                                   [&](const FormulaFunction& f) { return f.name == name; });
  return found == all.end() ? nullptr : found;
}

namespace {

double evaluate_call(const Formula::Node& node) {
  if (node.children.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double x = node.children[0].evaluate();
  if (node.name == "-") return -x;
  if (node.name == "abs") return std::abs(x);
  if (node.name == "view") return x;
  if (node.name == "total" || node.name == "largest") {
    double result = x;
    for (std::size_t k = 1; k < node.children.size(); ++k) {
      const double next = node.children[k].evaluate();
      result = node.name == "total" ? result + next : std::max(result, next);
    }
    return result;
  }
  if (node.name == "select" && node.children.size() == 3) {
    return node.children[x != 0.0 ? 1 : 2].evaluate();
  }
  const FormulaFunction* function = find_formula_function(node.name);
  return function == nullptr || function->apply == nullptr
             ? std::numeric_limits<double>::quiet_NaN()
             : function->apply(x);
}

std::size_t mixed(std::size_t hash, std::size_t more) {
  return (hash ^ (more + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U))) * 0xff51afd7ed558ccdU;
}

// Counts a node's parts, which are counted already.
Formula::Node counted(Formula::Node node) {
  node.hash = mixed(std::hash<std::string>{}(node.name), node.is_symbol ? 1U : 0U);
  if (node.is_number()) node.hash = mixed(node.hash, std::hash<double>{}(*node.value));
  for (const Index number : node.list) node.hash = mixed(node.hash, std::hash<Index>{}(number));
  for (const Formula& child : node.children) {
    node.depth = std::max(node.depth, child.node().depth + 1);
    node.size += child.node().size;
    node.has_tensors = node.has_tensors || child.node().has_tensors;
    node.hash = mixed(node.hash, child.node().hash);
  }
  return node;
}

}  // namespace

Formula::Formula(double value)
    : node_(std::make_shared<const Node>(counted(Node{"", false, value, {}}))) {}

Formula Formula::symbol(std::string name, std::optional<double> value) {
  return Formula(std::make_shared<const Node>(counted(Node{std::move(name), true, value, {}})));
}

Formula Formula::symbol(std::string name, std::shared_ptr<const FormulaTensor> tensor) {
  Node node{std::move(name), true, std::nullopt, {}};
  if (tensor->elements.size() == 1) node.value = tensor->elements[0];
  node.has_tensors = tensor->shape.size() > 1;
  node.tensor = std::move(tensor);
  return Formula(std::make_shared<const Node>(counted(std::move(node))));
}

Formula Formula::call(std::string_view function, std::vector<Formula> arguments) {
  Node node = counted(Node{std::string(function), false, std::nullopt, std::move(arguments)});
  if (node.depth > max_depth || node.size > max_size) {
    throw ArgumentError("a formula is too large to be written down: " +
                        (node.depth > max_depth
                             ? "it is nested more than " + std::to_string(max_depth) + " deep"
                             : "it has more than " + std::to_string(max_size) + " parts") +
                        ". Give a part of it a name with Formula::symbol() and go on from there.");
  }
  return Formula(std::make_shared<const Node>(std::move(node)));
}

Formula Formula::list(std::span<const Index> numbers) {
  constexpr std::size_t shown = 12;
  std::string text;
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (numbers.size() > shown && k == shown / 2) {
      text += ", …";
      k = numbers.size() - shown / 2;
    }
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[k]);
  }
  Node node{"[" + text + "]", true, std::nullopt, {}};
  node.list.assign(numbers.begin(), numbers.end());
  return Formula(std::make_shared<const Node>(counted(std::move(node))));
}

std::size_t Formula::size() const { return node_->size; }
std::size_t Formula::hash() const { return node_->hash; }
bool Formula::is_symbol() const { return node_->is_symbol; }
const std::string& Formula::name() const { return node_->name; }
std::span<const Formula> Formula::arguments() const { return node_->children; }
std::span<const Index> Formula::numbers_of_list() const { return node_->list; }
bool Formula::has_tensors() const { return node_->has_tensors; }
const FormulaTensor* Formula::tensor() const { return node_->tensor.get(); }

std::optional<double> Formula::number() const {
  return node_->is_number() ? node_->value : std::nullopt;
}

namespace {

bool both_numbers(const Formula& a, const Formula& b) { return a.number() && b.number(); }

}  // namespace

bool is_one(const Formula& f) {
  if (f.number()) return *f.number() == 1.0;
  if (f.is_symbol() || f.name() != "view") return false;
  const auto extents = f.arguments()[1].numbers_of_list();
  return is_one(f.arguments()[0]) &&
         std::all_of(extents.begin(), extents.end(), [](Index extent) { return extent == 1; });
}

// What a person would leave out is left out: factors 1, terms 0, signs that cancel, and sums and
// products of two numbers are worked out.
Formula operator-(const Formula& a) {
  if (a.number()) return Formula(-*a.number());
  if (a.node().name == "-" && a.node().children.size() == 1) return a.node().children[0];
  return Formula::call("-", {a});
}
Formula operator+(const Formula& a, const Formula& b) {
  if (both_numbers(a, b)) return {*a.number() + *b.number()};
  if (a.number() == 0.0) return b;
  if (b.number() == 0.0) return a;
  if (b.node().name == "-" && b.node().children.size() == 1) return a - b.node().children[0];
  return Formula::call("+", {a, b});
}
Formula operator-(const Formula& a, const Formula& b) {
  if (both_numbers(a, b)) return {*a.number() - *b.number()};
  if (b.number() == 0.0) return a;
  if (a.number() == 0.0) return -b;
  return Formula::call("-", {a, b});
}
Formula operator*(const Formula& a, const Formula& b) {
  if (both_numbers(a, b)) return {*a.number() * *b.number()};
  if (a.number() == 1.0) return b;
  if (b.number() == 1.0) return a;
  if (is_one(a)) return b;
  if (is_one(b)) return a;
  if (a.number() == -1.0) return -b;
  if (b.number() == -1.0) return -a;
  return Formula::call("*", {a, b});
}
Formula operator/(const Formula& a, const Formula& b) {
  if (b.number() == 1.0) return a;
  return Formula::call("/", {a, b});
}
Formula operator<(const Formula& a, const Formula& b) { return Formula::call("<", {a, b}); }
Formula operator>(const Formula& a, const Formula& b) { return Formula::call(">", {a, b}); }
Formula operator<=(const Formula& a, const Formula& b) { return Formula::call("<=", {a, b}); }
Formula operator>=(const Formula& a, const Formula& b) { return Formula::call(">=", {a, b}); }
Formula operator==(const Formula& a, const Formula& b) { return Formula::call("==", {a, b}); }
Formula operator!=(const Formula& a, const Formula& b) {
  // (1 if x > 0 else 0) ≠ 0 is x > 0.
  if (b.number() == 0.0 && a.name() == "select" && a.arguments()[1].number() == 1.0 &&
      a.arguments()[2].number() == 0.0) {
    return a.arguments()[0];
  }
  return Formula::call("!=", {a, b});
}

double Formula::evaluate() const {
  if (node_->is_number() || node_->is_symbol) {
    return node_->value.value_or(std::numeric_limits<double>::quiet_NaN());
  }
  if (const FormulaOperator* op = find_formula_operator(node_->name);
      op != nullptr && node_->children.size() == 2) {
    return op->apply(node_->children[0].evaluate(), node_->children[1].evaluate());
  }
  return evaluate_call(*node_);
}

bool Formula::same_as(const Formula& other) const {
  if (node_ == other.node_) return true;
  const auto& a = *node_;
  const auto& b = *other.node_;
  if (a.hash != b.hash || a.name != b.name || a.is_symbol != b.is_symbol || a.list != b.list) {
    return false;
  }
  if (a.is_number()) return b.is_number() && a.value == b.value;
  return std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    [](const Formula& x, const Formula& y) { return x.same_as(y); });
}

Formula Formula::substitute(const Formula& part, const Formula& by) const {
  if (same_as(part)) return by;
  if (node_->children.empty()) return *this;
  std::vector<Formula> children;
  children.reserve(node_->children.size());
  for (const Formula& child : node_->children) children.push_back(child.substitute(part, by));
  return call(node_->name, std::move(children));
}

Formula Formula::rewrite(
    const std::function<std::optional<Formula>(const Formula& part)>& instead) const {
  std::vector<Formula> children;
  children.reserve(node_->children.size());
  bool changed = false;
  for (const Formula& child : node_->children) {
    children.push_back(child.rewrite(instead));
    changed = changed || children.back().node_ != child.node_;
  }
  const Formula rewritten = changed ? call(node_->name, std::move(children)) : *this;
  return instead(rewritten).value_or(rewritten);
}

Formula Formula::along(const Formula& axes, std::span<const Formula> operands) const {
  const bool is_operand = std::any_of(operands.begin(), operands.end(),
                                      [&](const Formula& x) { return x.node_ == node_; });
  if (is_operand || node_->children.empty()) return *this;
  std::vector<Formula> children;
  children.reserve(node_->children.size() + 1);
  for (const Formula& child : node_->children) children.push_back(child.along(axes, operands));
  const bool reduces =
      node_->name == "sum" || node_->name == "max" || node_->name == "first_maximum";
  if (reduces && children.size() == 1) children.push_back(axes);
  return call(node_->name, std::move(children));
}

}  // namespace autograd
