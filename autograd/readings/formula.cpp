#include "autograd/readings/formula.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <utility>

#include "autograd/errors.h"
#include "autograd/readings/formula_element.h"

namespace autograd {

struct Formula::Node {
  std::string name;  // an operator's or a function's name, or a symbol
  bool is_symbol = false;
  std::optional<double> value;  // of a number, or of a symbol that has one
  std::vector<Formula> children;
  std::vector<Index> list{};                      // the numbers a symbol such as [0, 2] stands for
  std::shared_ptr<const FormulaTensor> tensor{};  // of a symbol of several elements
  bool has_tensors = false;                       // a symbol of more than one element is in it
  std::size_t depth = 1;
  std::size_t size = 1;  // written out: a part that is used twice counts twice
  std::size_t hash = 0;

  [[nodiscard]] bool is_number() const { return name.empty() && !is_symbol && children.empty(); }
};

namespace {

// How tightly an operation holds its operands together.
enum Precedence { comparison = 1, sum = 2, product = 3, exponentiation = 4, atom = 5 };

struct Operator {
  std::string_view name;
  Precedence precedence;
  std::array<std::string_view, 3> symbol;  // unicode, ascii, latex
  double (*apply)(double, double);
};

const std::array<Operator, 12>& operators() {
  static const std::array<Operator, 12> all{{
      {"+", sum, {" + ", " + ", " + "}, [](double a, double b) { return a + b; }},
      {"-", sum, {" − ", " - ", " - "}, [](double a, double b) { return a - b; }},
      {"*", product, {" · ", " * ", R"( \cdot )"}, [](double a, double b) { return a * b; }},
      {"/", product, {"/", "/", "/"}, [](double a, double b) { return a / b; }},
      {"matmul",
       product,
       {" · ", " @ ", R"( \cdot )"},
       [](double, double) { return std::numeric_limits<double>::quiet_NaN(); }},
      {"pow", exponentiation, {"^", "^", "^"}, [](double a, double b) { return std::pow(a, b); }},
      {"<", comparison, {" < ", " < ", " < "}, [](double a, double b) { return double(a < b); }},
      {">", comparison, {" > ", " > ", " > "}, [](double a, double b) { return double(a > b); }},
      {"<=",
       comparison,
       {" ≤ ", " <= ", R"( \le )"},
       [](double a, double b) { return double(a <= b); }},
      {">=",
       comparison,
       {" ≥ ", " >= ", R"( \ge )"},
       [](double a, double b) { return double(a >= b); }},
      {"==", comparison, {" = ", " == ", " = "}, [](double a, double b) { return double(a == b); }},
      {"!=",
       comparison,
       {" ≠ ", " != ", R"( \ne )"},
       [](double a, double b) { return double(a != b); }},
  }};
  return all;
}

const Operator* find_operator(std::string_view name) {
  const auto& all = operators();
  const auto* found =
      std::find_if(all.begin(), all.end(), [&](const Operator& o) { return o.name == name; });
  return found == all.end() ? nullptr : found;
}

struct Function {
  std::string_view name;
  std::array<std::string_view, 3> symbol;  // unicode, ascii, latex
  double (*apply)(double);
};

const Function* find_function(std::string_view name) {
  static const std::array<Function, 12> all{{
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
  const auto* found =
      std::find_if(all.begin(), all.end(), [&](const Function& f) { return f.name == name; });
  return found == all.end() ? nullptr : found;
}

std::size_t index_of(FormulaStyle style) { return static_cast<std::size_t>(style); }

// Two products of tensors that look alike when one is inside the other.
enum class Product : std::uint8_t { of_numbers, of_matrices, of_elements };

// Whether a formula is of more than one element; as far as its symbols say so.
bool is_of_several(const Formula& formula) {
  if (!formula.has_tensors()) return false;
  try {
    return shape_of(formula).size() > 1;
  } catch (const ArgumentError&) {
    return false;
  }
}

Product product_of(const Operator& op, const Formula& a, const Formula& b) {
  if (op.name == "matmul") return Product::of_matrices;
  return op.name == "*" && is_of_several(a) && is_of_several(b) ? Product::of_elements
                                                                : Product::of_numbers;
}

// LaTeX's command for a Greek letter; "" for anything else.
std::string_view greek(std::string_view letter) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 33> commands{{
      {"α", R"(\alpha)"},   {"β", R"(\beta)"},  {"γ", R"(\gamma)"},   {"δ", R"(\delta)"},
      {"ε", R"(\epsilon)"}, {"ζ", R"(\zeta)"},  {"η", R"(\eta)"},     {"θ", R"(\theta)"},
      {"ι", R"(\iota)"},    {"κ", R"(\kappa)"}, {"λ", R"(\lambda)"},  {"μ", R"(\mu)"},
      {"ν", R"(\nu)"},      {"ξ", R"(\xi)"},    {"π", R"(\pi)"},      {"ρ", R"(\rho)"},
      {"σ", R"(\sigma)"},   {"τ", R"(\tau)"},   {"υ", R"(\upsilon)"}, {"φ", R"(\phi)"},
      {"χ", R"(\chi)"},     {"ψ", R"(\psi)"},   {"ω", R"(\omega)"},   {"Γ", R"(\Gamma)"},
      {"Δ", R"(\Delta)"},   {"Θ", R"(\Theta)"}, {"Λ", R"(\Lambda)"},  {"Ξ", R"(\Xi)"},
      {"Π", R"(\Pi)"},      {"Σ", R"(\Sigma)"}, {"Φ", R"(\Phi)"},     {"Ψ", R"(\Psi)"},
      {"Ω", R"(\Omega)"},
  }};
  const auto* const found =
      std::find_if(commands.begin(), commands.end(),
                   [&](const auto& command) { return command.first == letter; });
  return found == commands.end() ? std::string_view() : found->second;
}

// A printed part and how tightly it holds together.
struct Printed {
  std::string text;
  Precedence precedence = atom;
  // A product with a "/" among its factors that no bracket encloses: after another factor it would
  // read differently.
  bool divides = false;
  Product kind = Product::of_numbers;
};

// "sum", "max" and their like may name the axes they run along.
bool names_axes(const Formula::Node& node) {
  return node.children.size() >= 2 && !node.children[1].numbers_of_list().empty();
}

// The textbook's index for an axis.
std::string_view index_letter(Index axis, FormulaStyle style) {
  constexpr std::array<std::string_view, 8> subscript{"ᵢ", "ⱼ", "ₖ", "ₗ", "ₘ", "ₙ", "ₚ", "ₛ"};
  constexpr std::array<std::string_view, 8> plain{"i", "j", "k", "l", "m", "n", "p", "s"};
  static_assert(Shape::max_rank <= int{plain.size()});
  const auto a = static_cast<std::size_t>(axis);
  return style == FormulaStyle::unicode ? subscript[a] : plain[a];
}

// "ⱼ" or "_{ij}"; ASCII names axes by their numbers, inside the brackets.
std::string subscript_of(const Formula::Node& node, FormulaStyle style) {
  if (!names_axes(node) || style == FormulaStyle::ascii) return "";
  std::string letters;
  for (const Index axis : node.children[1].numbers_of_list()) letters += index_letter(axis, style);
  return style == FormulaStyle::latex ? "_{" + letters + "}" : letters;
}
std::string axes_in_words(const Formula::Node& node) {
  std::string words;
  for (const Index axis : node.children[1].numbers_of_list()) {
    words += (words.empty() ? "" : ", ") + std::to_string(axis);
  }
  return (words.find(',') == std::string::npos ? "axis " : "axes ") + words;
}

std::string in_brackets(const std::string& text, FormulaStyle style) {
  return style == FormulaStyle::latex ? R"(\left()" + text + R"(\right))" : "(" + text + ")";
}

std::string bracketed_below(Precedence least, const Printed& part, FormulaStyle style) {
  return part.precedence < least ? in_brackets(part.text, style) : part.text;
}

class Printer {
 public:
  // With digits, symbols that have a number are printed as it.
  Printer(FormulaStyle style, std::optional<int> digits, bool with_shapes = false)
      : style_(style), digits_(digits), with_shapes_(with_shapes) {}

  [[nodiscard]] Printed print(const Formula& formula) const {
    const Formula::Node& node = formula.node();
    if (node.is_number()) return number(*node.value, digits_.value_or(6));
    if (node.is_symbol) {
      if (digits_ && node.value) return number(*node.value, *digits_);
      return {node.tensor == nullptr ? symbol(node.name)
                                     : shaped(symbol(node.name), node.tensor->shape.extents())};
    }
    if (node.name == "view") return print_viewed(node);
    if (node.name == "-" && node.children.size() == 1) {
      // A sign counts as a sum: it is bracketed wherever it does not come first.
      return {minus() + bracketed_below(product, print(node.children[0]), style_), sum};
    }
    if (const Operator* op = find_operator(node.name); op != nullptr && node.children.size() == 2) {
      return infix(*op, print(node.children[0]), print(node.children[1]),
                   product_of(*op, node.children[0], node.children[1]));
    }
    return call(node);
  }

 private:
  [[nodiscard]] std::string minus() const { return style_ == FormulaStyle::unicode ? "−" : "-"; }

  [[nodiscard]] Printed number(double value, int digits) const {
    // A sign counts as a sum: "a · (−0.5)", "x^(−1)"; a power of ten as a product.
    const std::string text = format_number(value, style_, digits);
    if (text.starts_with("-") || text.starts_with("−")) return {text, sum};
    return {text, text.find(R"(\cdot)") == std::string::npos ? atom : product};
  }

  // In LaTeX, letters then digits are a subscript: w1 and w_1 are w_{1}, dw12 is dw_{12}.
  [[nodiscard]] std::string symbol(const std::string& name) const {
    if (style_ != FormulaStyle::latex) return name;
    const auto digits = name.find_last_not_of("0123456789") + 1;
    if (digits == 0 || digits == name.size()) return word(name);
    const auto stem = name.find_last_not_of('_', digits - 1) + 1;
    return word(name.substr(0, stem)) + "_{" + name.substr(digits) + "}";
  }
  static std::string word(const std::string& name) {
    const bool is_adjoint = name.starts_with("d") && name.size() > 1;
    const std::string_view command = greek(std::string_view(name).substr(is_adjoint ? 1 : 0));
    if (!command.empty()) return std::string(is_adjoint ? "d" : "").append(command);
    return name.size() > 2 || name.find('_') != std::string::npos ? upright(name) : name;
  }
  static std::string upright(const std::string& name) {
    std::string escaped;
    for (const char c : name) escaped += c == '_' ? std::string(R"(\_)") : std::string(1, c);
    return R"(\mathit{)" + escaped + "}";
  }

  [[nodiscard]] Printed infix(const Operator& op, const Printed& a, const Printed& b,
                              Product kind) const {
    if (style_ == FormulaStyle::latex && op.name == "/") {
      return {R"(\frac{)" + a.text + "}{" + b.text + "}", product};
    }
    if (style_ == FormulaStyle::latex && op.name == "pow") {
      return {bracketed_below(atom, a, style_) + "^{" + b.text + "}", exponentiation};
    }
    // Left-associative: the right operand of −, / and ^ must hold together more tightly, and so
    // must a right operand that starts a fraction. A leading sign may stand at the start of a sum;
    // elsewhere it is bracketed like any sum.
    const bool right_is_free = (op.name == "*" || op.name == "matmul") && !b.divides;
    const auto tighter = static_cast<Precedence>(std::min<int>(op.precedence + 1, atom));
    const Precedence right = right_is_free ? op.precedence : tighter;
    const Precedence left = op.name == "pow" ? atom : op.precedence;
    const bool divides =
        op.precedence == product && (op.name == "/" || (a.divides && a.precedence >= left));
    constexpr std::array<std::string_view, 3> element_by_element{" ⊙ ", " * ", R"( \odot )"};
    const std::string_view symbol = kind == Product::of_elements
                                        ? element_by_element[index_of(style_)]
                                        : op.symbol[index_of(style_)];
    return {factor(left, a, kind) + std::string(symbol) + factor(right, b, kind), op.precedence,
            divides, op.precedence == product ? kind_of(kind, a, b) : Product::of_numbers};
  }
  // A product of matrices inside one of elements, or the other way round, is bracketed: nobody
  // would know which comes first.
  [[nodiscard]] std::string factor(Precedence least, const Printed& part, Product kind) const {
    const bool mixes = part.precedence == product && part.kind != kind &&
                       part.kind != Product::of_numbers && kind != Product::of_numbers;
    return mixes ? in_brackets(part.text, style_) : bracketed_below(least, part, style_);
  }
  // Of a number and a product, that of the product.
  static Product kind_of(Product kind, const Printed& a, const Printed& b) {
    if (kind != Product::of_numbers) return kind;
    return a.precedence == product && a.kind != Product::of_numbers ? a.kind : b.kind;
  }

  // "w[3×1]"; in LaTeX the shape stands below.
  [[nodiscard]] std::string shaped(const std::string& symbol,
                                   std::span<const Index> extents) const {
    const bool is_number =
        std::all_of(extents.begin(), extents.end(), [](Index extent) { return extent == 1; });
    if (!with_shapes_ || is_number) return symbol;
    constexpr std::array<std::string_view, 3> times{"×", "x", R"( \times )"};
    std::string text;
    for (const Index extent : extents) {
      if (!text.empty()) text += times[index_of(style_)];
      text += std::to_string(extent);
    }
    if (style_ == FormulaStyle::latex) return R"(\underset{)" + text + "}{" + symbol + "}";
    return symbol + "[" + text + "]";
  }
  [[nodiscard]] Printed print_viewed(const Formula::Node& node) const {
    const Formula& child = node.children[0];
    if (child.tensor() == nullptr || !with_shapes_) return print(child);
    return {shaped(symbol(child.name()), node.children[1].numbers_of_list())};
  }

  // The symbol's shape is that of its transpose.
  [[nodiscard]] Printed transposed(const Formula::Node& node) const {
    constexpr std::array<std::string_view, 3> marks{"ᵀ", "'", R"(^{\top})"};
    const std::string mark(marks[index_of(style_)]);
    const Formula& child = node.children[0];
    const bool is_view = !child.is_symbol() && child.name() == "view";
    const Formula& x = is_view ? child.arguments()[0] : child;
    if (digits_ && x.node().value) return number(*x.node().value, *digits_);
    // Two superscripts do not stand beside each other.
    const Precedence holds = style_ == FormulaStyle::latex ? exponentiation : atom;
    if (x.tensor() == nullptr) return {bracketed_below(atom, print(child), style_) + mark, holds};
    const std::span<const Index> extents =
        is_view ? child.arguments()[1].numbers_of_list() : x.tensor()->shape.extents();
    std::vector<Index> turned(extents.begin(), extents.end());
    if (turned.size() > 1) std::swap(turned[turned.size() - 1], turned[turned.size() - 2]);
    return {shaped(symbol(x.name()) + mark, turned), holds};
  }

  // Of many terms, the first and the last.
  [[nodiscard]] Printed total(const Formula::Node& node) const {
    constexpr std::size_t shown = 6;
    const std::size_t count = node.children.size();
    Printed text = print(node.children[0]);
    for (std::size_t k = 1; k < count; ++k) {
      if (count > shown && k == shown / 2) {
        text.text += style_ == FormulaStyle::latex     ? R"( + \dots)"
                     : style_ == FormulaStyle::unicode ? " + …"
                                                       : " + ...";
        k = count - 1;
      }
      text = infix(*find_operator("+"), text, print(node.children[k]), Product::of_numbers);
    }
    return text;
  }

  [[nodiscard]] Printed call(const Formula::Node& node) const {
    const auto child = [&](std::size_t i) { return print(node.children[i]); };
    const bool latex = style_ == FormulaStyle::latex;
    if (node.name == "abs") {
      return {latex ? R"(\left|)" + child(0).text + R"(\right|)" : "|" + child(0).text + "|"};
    }
    if (node.name == "transpose") return transposed(node);
    if (node.name == "total") return total(node);
    if (node.name == "select" && node.children.size() == 3) {
      return select(child(0), child(1), child(2));
    }
    if (node.name == "first_maximum") return first_maximum(node);
    if (node.name == "part_of" || node.name == "slice") return part(node);
    const Function* function = find_function(node.name);
    if (latex && node.name == "sqrt") return {R"(\sqrt{)" + child(0).text + "}"};
    std::string name(function != nullptr ? function->symbol[index_of(style_)] : node.name);
    if (latex && function == nullptr) name = R"(\operatorname{)" + latex_words(name) + "}";
    const std::string subscript = takes_axes(node.name) ? subscript_of(node, style_) : "";
    return {name + subscript + in_brackets(arguments(node), style_)};
  }

  [[nodiscard]] std::string arguments(const Formula::Node& node) const {
    if (takes_axes(node.name) && names_axes(node)) {
      // What follows the axes are extents, which the context gives.
      return print(node.children[0]).text +
             (style_ == FormulaStyle::ascii ? ", " + axes_in_words(node) : "");
    }
    std::string text;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      text += (i == 0 ? "" : ", ") + print(node.children[i]).text;
    }
    return text;
  }
  static bool takes_axes(std::string_view name) {
    return name == "sum" || name == "max" || name == "repeat";
  }

  // "X[:, 1:3]", "x[0:6:2]": from a start to before a stop, in steps.
  [[nodiscard]] Printed part(const Formula::Node& node) const {
    const std::string x = bracketed_below(atom, print(node.children[0]), style_);
    std::string places;
    const auto add = [&](Index start, Index count, Index step) {
      places += (places.empty() ? "" : ", ") + std::to_string(start) + ":" +
                std::to_string(start + (count - 1) * step + 1);
      if (step != 1) places += ":" + std::to_string(step);
    };
    if (node.name == "slice") {
      const auto window = node.children[1].numbers_of_list();
      const std::size_t rank = window.size() / 3;
      for (std::size_t k = 0; k < rank; ++k) add(window[k], window[2 * rank + k], window[rank + k]);
      return {x + "[" + places + "]"};
    }
    const auto extents = node.children[3].numbers_of_list();
    const auto axis = static_cast<std::size_t>(*node.children[1].number());
    for (std::size_t k = 0; k < axis; ++k) places += places.empty() ? ":" : ", :";
    add(static_cast<Index>(*node.children[2].number()), extents[axis], 1);
    return {x + "[" + places + "]"};
  }

  // 1 where an element is the first of the largest ones and 0 elsewhere, as Iverson wrote it.
  [[nodiscard]] Printed first_maximum(const Formula::Node& node) const {
    const std::string x = print(node.children[0]).text;
    const std::string maximum = print(Formula::call("max", node.children)).text;
    if (style_ == FormulaStyle::latex) {
      return {R"(\mathbf{1}\left[)" + x + R"( \text{ is the first } )" + maximum + R"(\right])"};
    }
    return {"[" + x + " is the first " + maximum + "]"};
  }

  static std::string latex_words(const std::string& name) {
    std::string words = name;
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
  }

  [[nodiscard]] Printed select(const Printed& condition, const Printed& a, const Printed& b) const {
    if (style_ == FormulaStyle::latex) {
      return {R"(\begin{cases} )" + a.text + R"( & \text{if } )" + condition.text + R"( \\ )" +
              b.text + R"( & \text{otherwise} \end{cases})"};
    }
    return {"(" + a.text + " if " + condition.text + " else " + b.text + ")"};
  }

  FormulaStyle style_;
  std::optional<int> digits_;
  bool with_shapes_;
};

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
  const Function* function = find_function(node.name);
  return function == nullptr || function->apply == nullptr
             ? std::numeric_limits<double>::quiet_NaN()
             : function->apply(x);
}

}  // namespace

std::string format_number(double value, FormulaStyle style, int digits) {
  if (std::isnan(value)) return "NaN";
  std::string text;
  if (std::isinf(value)) {
    constexpr std::array<std::string_view, 3> infinity{"∞", "inf", R"(\infty)"};
    text = infinity[index_of(style)];
  } else {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, std::abs(value));
    text = buffer.data();
    if (const auto e = text.find('e'); style == FormulaStyle::latex && e != std::string::npos) {
      const int exponent = std::stoi(text.substr(e + 1));
      text = text.substr(0, e) + R"( \cdot 10^{)" + std::to_string(exponent) + "}";
    }
  }
  return std::signbit(value) && value != 0.0 ? "-" + text : text;
}

namespace {

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

// 1, also as the one element of a tensor.
bool is_one(const Formula& f) {
  if (f.number()) return *f.number() == 1.0;
  if (f.is_symbol() || f.name() != "view") return false;
  const auto extents = f.arguments()[1].numbers_of_list();
  return is_one(f.arguments()[0]) &&
         std::all_of(extents.begin(), extents.end(), [](Index extent) { return extent == 1; });
}

}  // namespace

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

std::string Formula::text(FormulaStyle style) const {
  return Printer(style, std::nullopt).print(*this).text;
}

std::string Formula::text_with_shapes(FormulaStyle style) const {
  return Printer(style, std::nullopt, true).print(*this).text;
}

std::string Formula::numbers(FormulaStyle style, int digits) const {
  return Printer(style, digits).print(*this).text;
}

double Formula::evaluate() const {
  if (node_->is_number() || node_->is_symbol) {
    return node_->value.value_or(std::numeric_limits<double>::quiet_NaN());
  }
  if (const Operator* op = find_operator(node_->name);
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

namespace num {

Formula exp(const Formula& x) { return Formula::call("exp", {x}); }
Formula log(const Formula& x) { return Formula::call("log", {x}); }
Formula log1p(const Formula& x) { return Formula::call("log1p", {x}); }
Formula expm1(const Formula& x) { return Formula::call("expm1", {x}); }
Formula sqrt(const Formula& x) { return Formula::call("sqrt", {x}); }
Formula tanh(const Formula& x) { return Formula::call("tanh", {x}); }
Formula pow(const Formula& x, const Formula& p) {
  return is_one(p) ? x : Formula::call("pow", {x, p});
}
Formula abs(const Formula& x) { return Formula::call("abs", {x}); }
Formula sigmoid(const Formula& x) { return Formula::call("sigmoid", {x}); }
Formula softplus(const Formula& x) { return Formula::call("softplus", {x}); }
Formula select(const Formula& condition, const Formula& a, const Formula& b) {
  return Formula::call("select", {condition, a, b});
}
Formula sum(const Formula& x) { return Formula::call("sum", {x}); }
Formula sum_of_others(const Formula& x) { return sum(x) - x; }
Formula max(const Formula& x) { return Formula::call("max", {x}); }
Formula first_maximum(const Formula& x) { return Formula::call("first_maximum", {x}); }
Formula matmul(const Formula& a, const Formula& b) {
  if (is_one(a)) return b;
  return is_one(b) ? a : Formula::call("matmul", {a, b});
}
Formula transpose(const Formula& x) { return Formula::call("transpose", {x}); }

namespace {

Formula list(std::span<const Index> numbers) { return Formula::list(numbers); }

// The axes of `to` along which `from` is repeated.
std::vector<Index> repeated_axes(const Shape& from, const Shape& to) {
  std::vector<Index> axes;
  const int missing = to.rank() - from.rank();
  for (int axis = 0; axis < to.rank(); ++axis) {
    if (axis < missing || (from[axis - missing] == 1 && to[axis] != 1)) axes.push_back(axis);
  }
  return axes;
}

bool turns_a_matrix(std::span<const Index> order) {
  return order.size() == 2 && order[0] == 1 && order[1] == 0;
}

}  // namespace

Formula sum_along(const Formula& x, std::span<const Index> axes) {
  return axes.empty() ? x : Formula::call("sum", {x, list(axes)});
}
Formula sum_over_repeats(const Formula& x, const Shape& from, const Shape& to) {
  return sum_along(x, repeated_axes(from, to));
}
Formula repeat(const Formula& x, std::span<const Index> axes, const Shape& to) {
  return axes.empty() ? x : Formula::call("repeat", {x, list(axes), list(to.extents())});
}
Formula broadcast_to(const Formula& x, const Shape& from, const Shape& to) {
  return repeat(x, repeated_axes(from, to), to);
}
Formula reshape(const Formula& x, const Shape& shape) {
  return Formula::call("reshape", {x, list(shape.extents())});
}
Formula view(const Formula& x, std::span<const Index> extents) {
  return Formula::call("view", {x, list(extents)});
}
Formula total(std::vector<Formula> terms) {
  return terms.size() == 1 ? terms[0] : Formula::call("total", std::move(terms));
}
Formula largest(std::vector<Formula> numbers) {
  return numbers.size() == 1 ? numbers[0] : Formula::call("largest", std::move(numbers));
}
Formula permute(const Formula& x, std::span<const Index> order) {
  return turns_a_matrix(order) ? transpose(x) : Formula::call("permute", {x, list(order)});
}
Formula permute_back(const Formula& x, std::span<const Index> order) {
  return turns_a_matrix(order) ? transpose(x) : Formula::call("permute_back", {x, list(order)});
}
Formula concatenate(const Formula& x, const Formula& z, Index axis) {
  return Formula::call("concatenate", {x, z, static_cast<double>(axis)});
}
Formula part_of(const Formula& x, Index axis, Index start, const Shape& shape) {
  return Formula::call(
      "part_of", {x, static_cast<double>(axis), static_cast<double>(start), list(shape.extents())});
}
Formula slice(const Formula& x, std::span<const Index> window) {
  return Formula::call("slice", {x, list(window.subspan(1))});
}
Formula slice(const Formula& x, std::span<const Index> window, const Shape& shape) {
  std::vector<Index> own(window.begin() + 1, window.begin() + 1 + 2 * window[0]);
  own.insert(own.end(), shape.extents().begin(), shape.extents().end());
  return Formula::call("slice", {x, list(own)});
}
Formula place(const Formula& x, std::span<const Index> window, const Shape& shape) {
  return Formula::call("place", {x, list(window.subspan(1)), list(shape.extents())});
}
Formula gather_rows(const Formula& x, std::span<const Index> rows) {
  return Formula::call("gather_rows", {x, list(rows)});
}
Formula scatter_rows(const Formula& x, std::span<const Index> rows, Index count) {
  return Formula::call("scatter_rows", {x, list(rows), static_cast<double>(count)});
}

}  // namespace num
}  // namespace autograd
