// A trace as lines for people: name, formula, the same in numbers, value; section by section.
#pragma once

#include <string>
#include <vector>

#include "autograd/explain/trace.h"

namespace autograd {

// "dw1 = dz · x1 = (-0.475021) · 1 = -0.475021"; for one part of several, "db += dc = 1" and behind
// it what the adjoint was and is: "0 + 1 = 1".
struct TraceLine {
  std::string name;     // with the shape of a tensor: "dw[2]"
  std::string sign;     // "=", "+=", ":="
  std::string symbols;  // "" for a leaf
  std::string numbers;  // "" where the formula is about whole tensors
  std::string value;
  std::string note;
};

struct TraceSection {
  std::string title;
  std::vector<TraceLine> lines;
};

// "Given" (the leaves that are tensors), "Forward", "Backward" and "Update", those there are. The
// backward pass is in the order in which it ran, but that the parts of the leaves come last, one
// leaf after the other.
std::vector<TraceSection> sections_of(const Trace& trace,
                                      FormulaStyle style = FormulaStyle::unicode);

// Lines by themselves.
TraceLine forward_line(const TracedValue& value, FormulaStyle style = FormulaStyle::unicode);
TraceLine part_line(const Trace& trace, const TracedPart& part,
                    FormulaStyle style = FormulaStyle::unicode);
TraceLine update_line(const Trace& trace, const TracedUpdate& update,
                      FormulaStyle style = FormulaStyle::unicode);

// One element of a value or of an adjoint: what it is made of, number by number; a line for each
// part of an adjoint, and the update of a parameter. Throws ArgumentError where it has no such
// element.
std::vector<TraceLine> element_lines(const Trace& trace, const TracedValue& value, bool of_adjoint,
                                     Index element, FormulaStyle style = FormulaStyle::unicode);

// Six decimals without trailing zeros; six digits where that would hide the number.
std::string shown(double value, FormulaStyle style = FormulaStyle::unicode);
// "[0.5, -0.25]", "[[1, 2], [3, 4]]"; of many elements the first and the last.
std::string shown(std::span<const double> values, const Shape& shape,
                  FormulaStyle style = FormulaStyle::unicode);

}  // namespace autograd
