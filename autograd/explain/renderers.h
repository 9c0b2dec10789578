// A trace written down: for a terminal, a page, a picture or another program.
//
// Rule for callers: the same trace gives the same bytes.
#pragma once

#include <string>

#include "autograd/explain/trace.h"
#include "autograd/explain/trace_lines.h"

namespace autograd {

// Columns that are aligned: "  dw1 = dz · x1  = (-0.475021) · 1  = -0.475021".
std::string as_text(const std::vector<TraceSection>& sections);

// A heading and a table for each section.
std::string as_markdown(const std::vector<TraceSection>& sections);

// A document with an align* for each section, whose lines are in FormulaStyle::latex.
std::string as_latex(const std::vector<TraceSection>& sections);

// A graph for Graphviz: values with their formula, number and adjoint, an arrow for each use.
std::string as_dot(const Trace& trace);

// The format "tapewise-trace", version 1, which trace.schema.json describes: nodes, forward events,
// backward events and updates, with all digits.
std::string as_json(const Trace& trace);

}  // namespace autograd
