// An explanation written down at once.
#pragma once

#include <string>
#include <vector>

#include "apps/explanation.h"
#include "autograd/explain/trace_lines.h"

namespace apps {

// The names of the formats there are, and what of an explanation each of them shows. The text of
// other styles than ASCII is in Unicode.
std::string rendered(const Explanation& explanation, const std::string& format,
                     autograd::FormulaStyle style);

// All sections: of the trace, and where parameters were updated the forward pass after that; where
// the textbook's route has left the numbers, those of the fused one.
std::vector<autograd::TraceSection> sections(const Explanation& explanation,
                                             autograd::FormulaStyle style);

// An element of a value or an adjoint by its name: "z", "dw[2]", "X[0, 1]", "dw[radius]".
struct Place {
  const autograd::TracedValue* value = nullptr;
  bool of_adjoint = false;
  autograd::Index element = 0;
};
// The value or adjoint of a name; its element is the first. Throws UsageError, with a suggestion,
// where there is none such.
Place value_named(const autograd::Trace& trace, const std::string& name);
// The element as well. Throws as above.
Place place_named(const autograd::Trace& trace, const std::string& text);

// The text with nothing but ASCII: what has no counterpart there, as in the names of columns, is a
// question mark.
std::string ascii_only(std::string text);

// What one element is made of, number by number. Throws as above.
std::string zoom_text(const autograd::Trace& trace, const std::string& name,
                      autograd::FormulaStyle style);

}  // namespace apps
