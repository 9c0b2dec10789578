// tapewise activations NAME: value, slope and second derivative at points, and at kinks.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "apps/activations.h"
#include "apps/command.h"

namespace apps {
namespace {

using autograd::format_number;
using autograd::FormulaStyle;

// Columns of numbers below a heading.
Cells under_heading(const std::string& heading, const std::vector<Cells>& columns) {
  Cells block(columns.front().size());
  for (const Cells& column : columns) {
    const Cells aligned = right_aligned(column);
    for (std::size_t row = 0; row < block.size(); ++row) {
      block[row] += (block[row].empty() ? "" : "  ") + aligned[row];
    }
  }
  block.insert(block.begin(), padded(heading, width_of(block.front())));
  return right_aligned(block);
}

// The worst verdict of all functions at a point; what is wrong is added to `failures`.
autograd::Verdict verdict_at(const ActivationFunctions& functions, double x,
                             std::string& failures) {
  autograd::Verdict worst = autograd::Verdict::pass;
  for (const ActivationFunction& function : functions) {
    const autograd::GradientReport report = checked_at(function, x);
    worst = std::max(worst, report.verdict);
    if (is_refuted(report)) {
      failures +=
          "\n" + function.name + " at x = " + format_number(x) + ": " + report.failure + "\n";
    }
  }
  return worst;
}

// On which side a kink lies; "" where neither slope nor second derivative jumps.
std::string kink_text(const ActivationFunction& function, double kink, FormulaStyle style) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::array<double, 3> beside{std::nextafter(kink, -infinity), kink,
                                     std::nextafter(kink, infinity)};
  const ActivationValues values = values_at(function, beside);
  const std::vector<double>& slope = values.slope;
  const std::vector<double>& second = values.second;
  const auto number = [style](double value) { return format_number(value, style); };
  const auto side = [](const std::vector<double>& jump) {
    return std::string(jump[1] == jump[0] ? "below" : "above");
  };
  std::string text = function.name;
  if (slope[0] != slope[2]) {
    text += " has a kink at " + number(kink) + ": slope " + number(slope[0]) + " below and " +
            number(slope[2]) + " above. The kink belongs to the side " + side(slope) + ".";
  } else if (second[0] != second[2]) {
    text += " has no kink at " + number(kink) + ", but y'' jumps from " + number(second[0]) +
            " to " + number(second[2]) + ". The point belongs to the side " + side(second) + ".";
  } else {
    return "";
  }
  return wrapped(text, 0);
}

// Below the table.
constexpr const char* how_it_is_checked =
    "check: of the tape's slopes, y' against the complex step and y'' against differences of it; "
    "at "
    "a kink, y' against the slopes on both sides.";

}  // namespace

CheckedText activation_points(const ActivationFunctions& functions, std::span<const double> x,
                              const PlotStyle& plot_style) {
  const FormulaStyle style = formula_style(plot_style);
  const bool alone = functions.size() == 1;
  std::string failures;
  Cells verdicts{"check"};
  autograd::Verdict worst = autograd::Verdict::pass;
  for (const double each : x) {
    const autograd::Verdict verdict = verdict_at(functions, each, failures);
    verdicts.emplace_back(to_string(verdict));
    worst = std::max(worst, verdict);
  }

  std::vector<Cells> columns{right_aligned(numbers_under("x", x, style))};
  if (!alone) columns.front().insert(columns.front().begin(), "");
  std::string kinks;
  for (const ActivationFunction& function : functions) {
    const ActivationValues values = values_at(function, x);
    std::vector<Cells> numbers{numbers_under("y", values.value, style),
                               numbers_under("y'", values.slope, style)};
    if (alone) {
      numbers.push_back(numbers_under("y''", values.second, style));
      for (Cells& column : numbers) columns.push_back(right_aligned(column));
    } else {
      columns.push_back(under_heading(function.name, numbers));
    }
    for (const double kink : function.rule->info.kinks) kinks += kink_text(function, kink, style);
  }
  if (!alone) verdicts.insert(verdicts.begin(), "");
  columns.push_back(verdicts);
  return {side_by_side(columns) + wrapped(how_it_is_checked, 0) +
              (worst == autograd::Verdict::vacuous ? unseen_slopes : "") +
              (kinks.empty() ? "" : "\n" + kinks) + failures,
          failures.empty()};
}

}  // namespace apps
