// How formulas print: precedence, brackets, the signs of each style.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "autograd/errors.h"
#include "autograd/readings/formula_element.h"
#include "autograd/readings/formula_node.h"

namespace autograd {
namespace {

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

Product product_of(const FormulaOperator& op, const Formula& a, const Formula& b) {
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
  Precedence precedence = Precedence::atom;
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
  using enum Precedence;

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
    if (const FormulaOperator* op = find_formula_operator(node.name);
        op != nullptr && node.children.size() == 2) {
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

  [[nodiscard]] Printed infix(const FormulaOperator& op, const Printed& a, const Printed& b,
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
    const auto tighter = static_cast<Precedence>(
        std::min(static_cast<int>(op.precedence) + 1, static_cast<int>(atom)));
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
      text = infix(*find_formula_operator("+"), text, print(node.children[k]), Product::of_numbers);
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
    const FormulaFunction* function = find_formula_function(node.name);
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

std::string Formula::text(FormulaStyle style) const {
  return Printer(style, std::nullopt).print(*this).text;
}

std::string Formula::text_with_shapes(FormulaStyle style) const {
  return Printer(style, std::nullopt, true).print(*this).text;
}

std::string Formula::numbers(FormulaStyle style, int digits) const {
  return Printer(style, digits).print(*this).text;
}

}  // namespace autograd
