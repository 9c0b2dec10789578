#include "apps/explanation_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/command.h"
#include "autograd/errors.h"
#include "autograd/explain/renderers.h"
#include "autograd/quotation.h"
#include "autograd/readings/formula_element.h"
#include "autograd/suggestion.h"

namespace apps {
namespace {

using autograd::FormulaStyle;
using autograd::Index;
using autograd::Trace;
using autograd::TracedValue;
using autograd::TraceLine;
using autograd::TraceSection;

bool all_finite(const std::vector<double>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

// The first value or else adjoint, in the order in which they were computed, that is not finite.
std::string first_not_finite(const Trace& trace, FormulaStyle style) {
  for (const TracedValue& value : trace.values) {
    // What is beside the way to the loss does not matter.
    if (value.adjoint.empty() || all_finite(value.value)) continue;
    return value.name + " = " + shown(value.value, value.shape, style) + " (" +
           std::string(value.operation) + ")";
  }
  for (const autograd::TracedPart& part : trace.parts) {
    if (all_finite(part.after)) continue;
    const TracedValue& to = trace.values[part.to];
    return to.adjoint_name + " = " + shown(part.after, to.shape, style);
  }
  return "";
}

bool has_title(const TraceSection& section, std::string_view beginning) {
  return section.title.starts_with(beginning);
}

// Below dz, what the fused loss says of the same adjoint.
void add_fused_line(TraceSection& backward, const Trace& fused, FormulaStyle style) {
  const auto dz = std::find_if(backward.lines.begin(), backward.lines.end(),
                               [](const TraceLine& line) { return line.name == "dz"; });
  const TracedValue* const z = fused.find("z");
  if (dz == backward.lines.end() || z == nullptr || z->parts.empty()) return;
  TraceLine line = part_line(fused, fused.parts[z->parts[0]], style);
  line.name.clear();
  line.note = "(fused: loss of z in one rule)";
  backward.lines.insert(dz + 1, line);
}

autograd::Edits edits_of(const Trace& trace) {
  autograd::Edits edits;
  for (const autograd::TracedUpdate& update : trace.updates) {
    edits[trace.values[update.value].node] = update.after;
  }
  return edits;
}

void add_forward_after_update(std::vector<TraceSection>& all, const Explanation& explanation,
                              const Trace& trace, FormulaStyle style) {
  if (trace.updates.empty()) return;
  const auto after = explanation.with(edits_of(trace));
  for (TraceSection& section : sections_of(after->trace, style)) {
    if (section.title != "Forward") continue;
    section.title = "Forward with the updated parameters";
    all.push_back(std::move(section));
  }
  const std::vector<TracedValue>& values = after->trace.values;
  if (!std::all_of(values.begin(), values.end(),
                   [](const TracedValue& value) { return all_finite(value.value); })) {
    all.push_back({"The step has left the numbers: it takes a smaller --learning-rate.", {}});
  }
}

// The textbook's route, where it ends in what is no number; then the fused one, which need not.
std::vector<TraceSection> sections_of_two_routes(const Explanation& explanation,
                                                 FormulaStyle style) {
  const Trace& fused = *explanation.other_route;
  std::vector<TraceSection> all = sections_of(explanation.trace, style);
  for (TraceSection& section : all) {
    if (has_title(section, "Backward")) add_fused_line(section, fused, style);
  }
  // A title is text in every style.
  const std::string culprit = first_not_finite(
      explanation.trace, style == FormulaStyle::latex ? FormulaStyle::unicode : style);
  if (culprit.empty()) {
    add_forward_after_update(all, explanation, explanation.trace, style);
    return all;
  }
  std::erase_if(all, [](const TraceSection& section) { return has_title(section, "Update"); });
  all.push_back({"The textbook's route has left the numbers at " + culprit +
                     ": no step can be taken from here by it.",
                 {}});
  if (!first_not_finite(fused, style).empty()) {
    all.push_back({"The fused route leaves them too: there is no step to take.", {}});
    return all;
  }
  for (TraceSection& section : sections_of(fused, style)) {
    if (has_title(section, "Backward")) section.title = "Backward by the fused route";
    if (has_title(section, "Update")) section.title = "Update by the fused route, all at once";
    if (section.title.find("fused") != std::string::npos) all.push_back(std::move(section));
  }
  add_forward_after_update(all, explanation, fused, style);
  return all;
}

// Of a linear model with one output: the parts z is the sum of, the largest first, and what each
// weight receives.
std::string feature_table(const Trace& trace) {
  const TracedValue* const raw = trace.find("raw");
  const TracedValue* const x = trace.find("x");
  const TracedValue* const w = trace.find("w");
  const TracedValue* const z = trace.find("z");
  if (raw == nullptr || x == nullptr || w == nullptr || z == nullptr) return "";
  if (w->shape != x->shape || w->adjoint.empty()) return "";
  const std::size_t count = w->value.size();
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto part = [&](std::size_t k) { return w->value[k] * x->value[k]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(part(a)) > std::abs(part(b));
  });
  std::vector<std::vector<std::string>> rows{{"", "raw", "x", "w", "w·x", "dw"}};
  for (const std::size_t k : order) {
    rows.push_back({raw->symbol->tensor()->labels[k], autograd::shown(raw->value[k]),
                    autograd::shown(x->value[k]), autograd::shown(w->value[k]),
                    autograd::shown(part(k)), autograd::shown(w->adjoint[k])});
  }
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  }
  std::string text = "Feature by feature, the largest part of z first\n";
  for (const auto& row : rows) {
    text += "  " + padded(row[0], widths[0]);
    for (std::size_t c = 1; c < row.size(); ++c) {
      text += "  " + std::string(widths[c] - width_of(row[c]), ' ') + row[c];
    }
    text += "\n";
  }
  return text;
}

std::string text_of(const Explanation& explanation, FormulaStyle style) {
  std::string text;
  for (const std::string& note : explanation.notes) text += note + "\n";
  if (!text.empty()) text += "\n";
  const std::string table = feature_table(explanation.trace);
  if (!table.empty()) text += table + "\n";
  return text + autograd::as_text(sections(explanation, style));
}

// What --zoom and the stepper understand: a name, and behind it a place between square brackets.
struct ElementName {
  std::string name;
  std::string place;  // "" for a whole value
};

ElementName split(const std::string& text) {
  const auto open = text.find('[');
  if (open == std::string::npos || text.back() != ']') return {text, ""};
  return {text.substr(0, open), text.substr(open + 1, text.size() - open - 2)};
}

std::vector<std::string> names_in(const Trace& trace) {
  std::vector<std::string> names;
  for (const TracedValue& value : trace.values) {
    names.push_back(value.name);
    if (!value.adjoint.empty()) names.push_back(value.adjoint_name);
  }
  return names;
}

Index element_at(const TracedValue& value, const std::string& place, const std::string& text) {
  const autograd::FormulaTensor* const tensor = value.symbol->tensor();
  if (place.empty() && value.shape.size() == 1) return 0;
  for (Index element = 0; tensor != nullptr && element < value.shape.size(); ++element) {
    const std::string own = split(element_name("", *tensor, element)).place;
    const std::string number = split("v" + position(value.shape, element)).place;
    const auto same = [&](std::string one) {
      std::erase(one, ' ');
      std::string other = place;
      std::erase(other, ' ');
      return one == other;
    };
    if (same(own) || same(number)) return element;
  }
  throw UsageError(autograd::in_quotes(text) + ": " + value.name + " has shape " +
                   to_string(value.shape) + "; its elements are " +
                   (tensor == nullptr
                        ? value.name
                        : element_name(value.name, *tensor, 0) + " to " +
                              element_name(value.name, *tensor, value.shape.size() - 1)));
}

}  // namespace

std::string ascii_only(std::string text) {
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"∂", "d"},
                                 {"→", "->"},
                                 {"←", "<-"},
                                 {"×", "x"},
                                 {"…", "..."},
                                 {"−", "-"},
                                 {"·", "*"}}) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
      text.replace(at, from.size(), to);
    }
  }
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80U) {
      out += c;
    } else if ((byte & 0xC0U) != 0x80U) {
      out += '?';
    }
  }
  return out;
}

Place value_named(const Trace& trace, const std::string& name) {
  const TracedValue* const value = trace.find(name);
  const bool of_adjoint = value != nullptr && value->name != name;
  if (value == nullptr || (of_adjoint && value->adjoint.empty())) {
    const std::string guess = autograd::did_you_mean(name, names_in(trace));
    throw UsageError("there is no value or adjoint " + autograd::in_quotes(name) +
                     (guess.empty() ? "" : "; " + guess));
  }
  return {value, of_adjoint, 0};
}

Place place_named(const Trace& trace, const std::string& text) {
  const auto [name, place] = split(text);
  Place found = value_named(trace, name);
  found.element = element_at(*found.value, place, text);
  return found;
}

std::string zoom_text(const Trace& trace, const std::string& name, FormulaStyle style) {
  const Place place = place_named(trace, name);
  const auto in_style = [&](const std::string& text) {
    return style == FormulaStyle::ascii ? ascii_only(text) : text;
  };
  const std::vector<TraceLine> lines = [&] {
    try {
      return element_lines(trace, *place.value, place.of_adjoint, place.element, style);
    } catch (const autograd::ArgumentError&) {
      throw UsageError("--zoom: " + autograd::in_quotes(name) +
                       " is made of too many numbers to be written out");
    }
  }();
  if (lines.empty()) {
    return in_style(name) + " = " +
           shown(place.of_adjoint ? place.value->adjoint[std::size_t(place.element)]
                                  : place.value->value[std::size_t(place.element)],
                 style) +
           (place.of_adjoint ? "\n" : ", given\n");
  }
  return in_style(autograd::as_text({{name, lines}}));
}

std::vector<TraceSection> sections(const Explanation& explanation, FormulaStyle style) {
  if (explanation.other_route) return sections_of_two_routes(explanation, style);
  std::vector<TraceSection> all = sections_of(explanation.trace, style);
  add_forward_after_update(all, explanation, explanation.trace, style);
  return all;
}

std::string rendered(const Explanation& explanation, const std::string& format,
                     FormulaStyle style) {
  const auto in_style = [&](const std::string& text) {
    return style == FormulaStyle::ascii ? ascii_only(text) : text;
  };
  if (format == "markdown") return in_style(autograd::as_markdown(sections(explanation, style)));
  if (format == "latex") return autograd::as_latex(sections(explanation, FormulaStyle::latex));
  if (format == "dot") return autograd::as_dot(explanation.trace);
  if (format == "json") return autograd::as_json(explanation.trace);
  return in_style(text_of(explanation, style));
}

}  // namespace apps
