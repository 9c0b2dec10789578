// The parts of `tapewise activations`: what it says of functions of one number and of rows, and
// their curves.
//
// Rule for authors: text in ASCII where the style is, and the same bytes every time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/activation_function.h"
#include "apps/canvas.h"

namespace apps {

using ActivationFunctions = std::vector<ActivationFunction>;

// A text, and whether all checks in it have passed.
struct CheckedText {
  std::string text;
  bool passed = true;
};

// The points of a curve, in ascending order.
struct CurveRange {
  double from = -4.0;
  double to = 4.0;
  std::size_t points = 161;

  [[nodiscard]] std::vector<double> x() const;
};

// Said where a check is vacuous.
inline constexpr const char* unseen_slopes =
    "VACUOUS: slopes so small that the witnesses cannot see them.\n";

// The cells of a column, one below the other.
using Cells = std::vector<std::string>;

Cells numbers_under(const std::string& title, std::span<const double> numbers,
                    autograd::FormulaStyle style);
// Blanks in front, so that all end in one column.
Cells right_aligned(Cells cells);
// Columns of as many cells each, two blanks between them.
std::string side_by_side(const std::vector<Cells>& columns);

// The braille style writes formulas in Unicode.
autograd::FormulaStyle formula_style(const PlotStyle& style);

// Value, slope and second derivative at the points, each with the verdict of its check, and on
// which side kinks lie. Throws BadInput where a value is not finite.
CheckedText activation_points(const ActivationFunctions& functions, std::span<const double> x,
                              const PlotStyle& style);

// Outputs and the matrix of slopes of one that takes rows, at a row, with the verdict of the check
// of each output. Throws UsageError where the row has not as many numbers as units need.
CheckedText activation_row(const ActivationFunction& function, std::span<const double> numbers,
                           const PlotStyle& style);

// The curve of one function and of its slope, or the curves of up to three, and which two of them
// are furthest apart, where. Throws BadInput where a value is not finite.
std::string activation_plot(const ActivationFunctions& functions, const CurveRange& range,
                            const PlotStyle& style);

// A line for each point: x, and of each function value, slope and second derivative.
std::string activation_csv(const ActivationFunctions& functions, const CurveRange& range);

}  // namespace apps
