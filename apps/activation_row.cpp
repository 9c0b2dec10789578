// tapewise activations softmax: outputs and the matrix of slopes at one row.
#include "apps/activations.h"
#include "apps/command.h"
#include "apps/command_line.h"
#include "autograd/derivatives.h"
#include "autograd/operations.h"

namespace apps {
namespace {

using autograd::format_number;
using autograd::GradientReport;
using autograd::Index;
using autograd::Tensor;

constexpr std::size_t most_numbers = 100;  // as many as a unit of maxout may have pieces

std::string numbered(const char* letter, Index index) {
  return std::string(letter) + std::to_string(index + 1);
}

void require_row_for(const ActivationFunction& function, std::size_t count) {
  if (count > most_numbers) {
    throw UsageError("--at: " + std::to_string(most_numbers) + " numbers at most make a row for " +
                     function.name + ", not " + std::to_string(count));
  }
  const std::size_t pieces = function.parameter ? static_cast<std::size_t>(*function.parameter) : 1;
  if (count % pieces == 0) return;
  const std::string wanted =
      "--at: " + function.name + " takes " + std::to_string(pieces) + " numbers for each unit, ";
  if (count == 1) throw UsageError(wanted + "and there is 1");
  throw UsageError(wanted + "which " + std::to_string(count) + " numbers do not make; maxout:" +
                   std::to_string(count) + " takes them for one unit");
}

// Output `index` alone, so that every row of slopes has a verdict of its own.
GradientReport checked_output(const ActivationFunction& function, const autograd::Values& row,
                              Index index) {
  try {
    return autograd::check_gradients(
        [&](std::span<const Tensor> inputs) {
          return slice(function.record(inputs[0]), 0, index, index + 1);
        },
        {{"x", row}});
  } catch (const autograd::NonFiniteError&) {
    throw BadInput(function.name + " has no finite " + numbered("y", index) + " at this row");
  }
}

// "max(x1, x2)" of each unit; "max(x1, ..., x9)" of many pieces.
Cells units_of(Index units, Index pieces) {
  constexpr Index all_named = 4;
  Cells cells{""};
  for (Index unit = 0; unit < units; ++unit) {
    const Index first = unit * pieces;
    std::string text = "max(" + numbered("x", first);
    if (pieces > all_named) text += ", ...";
    for (Index piece = pieces > all_named ? pieces - 1 : 1; piece < pieces; ++piece) {
      text += ", " + numbered("x", first + piece);
    }
    cells.push_back(text + ")");
  }
  return cells;
}

std::string listed_numbers(std::span<const double> numbers, autograd::FormulaStyle style) {
  std::string text;
  for (const double number : numbers) {
    text += (text.empty() ? "" : ", ") + format_number(number, style);
  }
  return text;
}

// What some verdicts mean.
std::string notes_about(const Cells& verdicts) {
  std::string notes;
  if (contains(verdicts, std::string(to_string(autograd::Verdict::kink)))) {
    notes += "KINK: where pieces are equal, the first of them takes the whole slope.\n";
  }
  if (contains(verdicts, std::string(to_string(autograd::Verdict::vacuous)))) {
    notes += unseen_slopes;
  }
  return notes;
}

}  // namespace

CheckedText activation_row(const ActivationFunction& function, std::span<const double> numbers,
                           const PlotStyle& plot_style) {
  require_row_for(function, numbers.size());
  const autograd::FormulaStyle style = formula_style(plot_style);
  const autograd::Values row(numbers, autograd::Shape{static_cast<Index>(numbers.size())});
  autograd::Tape tape;
  const Tensor x = tape.variable(row);
  const Tensor y = function.record(x);
  const autograd::DerivativeMatrix slopes = jacobian(y, x);

  Cells names{""};
  Cells verdicts{"check"};
  std::string failures;
  for (Index i = 0; i < slopes.rows; ++i) {
    const GradientReport report = checked_output(function, row, i);
    names.push_back(numbered("y", i));
    verdicts.emplace_back(to_string(report.verdict));
    if (is_refuted(report)) failures += "\n" + names.back() + ": " + report.failure + "\n";
  }
  std::vector<Cells> columns{names};
  if (slopes.rows < slopes.columns) {
    columns.push_back(units_of(slopes.rows, slopes.columns / slopes.rows));
  }
  columns.push_back(right_aligned(numbers_under("y", y.values(), style)));
  for (Index j = 0; j < slopes.columns; ++j) {
    std::vector<double> column;
    for (Index i = 0; i < slopes.rows; ++i) column.push_back(slopes(i, j));
    columns.push_back(right_aligned(numbers_under("by " + numbered("x", j), column, style)));
  }
  columns.push_back(verdicts);
  return {"x = (" + listed_numbers(numbers, style) + ")\n\n" + side_by_side(columns) +
              "check: the slopes by the tape against the complex step.\n" + notes_about(verdicts) +
              failures,
          failures.empty()};
}

}  // namespace apps
