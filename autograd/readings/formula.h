// The formula reading: a rule instantiated on Formula prints what it computes, as text or LaTeX,
// with symbols or with numbers, and can be evaluated, so that what is printed can be checked.
//
// Rule for callers: a Formula is an immutable value (shared inside); copy it freely. It is for
// people: one that is nested more than Formula::max_depth deep or has more than Formula::max_size
// parts when it is written out throws ArgumentError where it is put together. Give a part of it a
// name (symbol) and go on from there, as a textbook does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/readings/vocabulary.h"
#include "autograd/shape.h"

namespace autograd {

enum class FormulaStyle {
  unicode,  // a · (1 − a), σ(z), Xᵀ
  ascii,    // a * (1 - a), sigmoid(z), X'
  latex,    // a \cdot (1 - a), \sigma(z), X^{\top}
};

// What a symbol of more than one element stands for.
struct FormulaTensor {
  Shape shape;
  std::vector<double> elements;     // row-major
  std::vector<std::string> labels;  // of the positions along the last axis; none: their numbers
};

class Formula {
 public:
  // A number; printed with the fewest digits that tell it apart from its neighbours.
  Formula(double value);
  // A name such as z, dw1 or X; with a value, it prints as a number where numbers are asked for.
  static Formula symbol(std::string name, std::optional<double> value = std::nullopt);
  static Formula symbol(std::string name, std::shared_ptr<const FormulaTensor> tensor);
  // A function by its name in the vocabulary: exp, sigmoid, sum, …
  static Formula call(std::string_view function, std::vector<Formula> arguments);
  // Extents, axes or row numbers inside a call; they print as one symbol: "[0, 2]".
  static Formula list(std::span<const Index> numbers);

  static constexpr std::size_t max_depth = 1000;
  static constexpr std::size_t max_size = 100'000;

  friend Formula operator-(const Formula& a);
  friend Formula operator+(const Formula& a, const Formula& b);
  friend Formula operator-(const Formula& a, const Formula& b);
  friend Formula operator*(const Formula& a, const Formula& b);
  friend Formula operator/(const Formula& a, const Formula& b);
  friend Formula operator<(const Formula& a, const Formula& b);
  friend Formula operator>(const Formula& a, const Formula& b);
  friend Formula operator<=(const Formula& a, const Formula& b);
  friend Formula operator>=(const Formula& a, const Formula& b);
  friend Formula operator==(const Formula& a, const Formula& b);
  friend Formula operator!=(const Formula& a, const Formula& b);

  // With symbols: "dz · x1".
  [[nodiscard]] std::string text(FormulaStyle style = FormulaStyle::unicode) const;
  // With the shapes of tensors behind their symbols: "Xᵀ[2×3] · dz[3×1]".
  [[nodiscard]] std::string text_with_shapes(FormulaStyle style = FormulaStyle::unicode) const;
  // With the symbols' values to `digits` significant digits: "(-0.475021) · 1". A symbol without a
  // value stays a symbol.
  [[nodiscard]] std::string numbers(FormulaStyle style = FormulaStyle::unicode,
                                    int digits = 6) const;
  // The value; NaN where a symbol has none or the formula is about whole tensors (sums, products).
  [[nodiscard]] double evaluate() const;
  // This formula with every part that reads the same as `part` replaced by `by`.
  [[nodiscard]] Formula substitute(const Formula& part, const Formula& by) const;
  // This formula with each part replaced by what `instead` gives for it, innermost parts first.
  [[nodiscard]] Formula rewrite(
      const std::function<std::optional<Formula>(const Formula& part)>& instead) const;
  // This formula with the sums and maxima that name no axes taken along `axes`; what is inside the
  // operands stays as it is.
  [[nodiscard]] Formula along(const Formula& axes, std::span<const Formula> operands) const;

  // True where both are built alike, symbol by symbol.
  [[nodiscard]] bool same_as(const Formula& other) const;
  // The number where this is one.
  [[nodiscard]] std::optional<double> number() const;

  // The number of parts when it is written out, numbers and symbols counted.
  [[nodiscard]] std::size_t size() const;
  // Equal for formulas that are the same; made once, when the formula is put together.
  [[nodiscard]] std::size_t hash() const;

  // What it is built of, for other readers than the printer: the function or operator ("+", "exp")
  // or the symbol's name, "" for a number; the arguments; the numbers of a list.
  [[nodiscard]] bool is_symbol() const;
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] std::span<const Formula> arguments() const;
  [[nodiscard]] std::span<const Index> numbers_of_list() const;
  // Whether a symbol of more than one element is in it.
  [[nodiscard]] bool has_tensors() const;
  // Of a symbol of several elements; null for all others.
  [[nodiscard]] const FormulaTensor* tensor() const;

  struct Node;
  [[nodiscard]] const Node& node() const { return *node_; }

 private:
  explicit Formula(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  std::shared_ptr<const Node> node_;
};

template <>
inline constexpr bool prints_formula<Formula> = true;

// "1.5", "-0.25", "4.24835e-18": a number as formulas print it; its minus can be pasted elsewhere.
std::string format_number(double value, FormulaStyle style = FormulaStyle::unicode, int digits = 6);

}  // namespace autograd

namespace autograd::num {

Formula exp(const Formula& x);
Formula log(const Formula& x);
Formula log1p(const Formula& x);
Formula expm1(const Formula& x);
Formula sqrt(const Formula& x);
Formula tanh(const Formula& x);
Formula pow(const Formula& x, const Formula& p);
Formula abs(const Formula& x);
Formula sigmoid(const Formula& x);
Formula softplus(const Formula& x);
Formula select(const Formula& condition, const Formula& a, const Formula& b);
// What keeps NaN and 0·∞ in order is not part of what is taught.
inline Formula guard_nan(const Formula& /*x*/, const Formula& v) { return v; }
inline Formula product_error(const Formula& /*a*/, const Formula& /*b*/) { return {0.0}; }
inline Formula gated(const Formula& y, const Formula& v) { return y * v; }
inline Formula gated_by_both(const Formula& y, const Formula& v) { return y * v; }

// Along an axis and over whole tensors.
Formula sum(const Formula& x);
Formula sum_of_others(const Formula& x);
Formula max(const Formula& x);
inline Formula exponent_shift(const Formula& x) { return max(x); }
Formula first_maximum(const Formula& x);
Formula matmul(const Formula& a, const Formula& b);
Formula transpose(const Formula& x);

// What moves elements. Axes print as the subscript a textbook gives them, i for axis 0, j for
// axis 1, k, l, m, n: Σⱼ(X). Between two operands broadcasting is silent, as it is in NumPy and in
// textbooks; an operation that does nothing but repeat or sum says so.
Formula sum_along(const Formula& x, std::span<const Index> axes);
// The sum over the axes along which `from` is repeated to make `to`; nothing where there are none.
Formula sum_over_repeats(const Formula& x, const Shape& from, const Shape& to);
// x repeated along axes of the result.
Formula repeat(const Formula& x, std::span<const Index> axes, const Shape& to);
// x of shape `from` repeated to `to`, from the last axis backwards.
Formula broadcast_to(const Formula& x, const Shape& from, const Shape& to);
Formula reshape(const Formula& x, const Shape& shape);
// x with other extents for as many elements, or one number for all of them, which goes without
// saying: it prints as x. A product sees a vector as a row or a column.
Formula view(const Formula& x, std::span<const Index> extents);
// Terms and their sum, and a maximum of several numbers; of one, it is that.
Formula total(std::vector<Formula> terms);
Formula largest(std::vector<Formula> numbers);
Formula permute(const Formula& x, std::span<const Index> order);
Formula permute_back(const Formula& x, std::span<const Index> order);
Formula concatenate(const Formula& x, const Formula& z, Index axis);
// The part of x of the given shape that starts at `start` along `axis`.
Formula part_of(const Formula& x, Index axis, Index start, const Shape& shape);
Formula slice(const Formula& x, std::span<const Index> window);
// With the window's starts and steps, and extents of its own.
Formula slice(const Formula& x, std::span<const Index> window, const Shape& shape);
Formula place(const Formula& x, std::span<const Index> window, const Shape& shape);
Formula gather_rows(const Formula& x, std::span<const Index> rows);
Formula scatter_rows(const Formula& x, std::span<const Index> rows, Index count);

}  // namespace autograd::num
