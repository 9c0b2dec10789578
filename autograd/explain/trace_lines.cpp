#include "autograd/explain/trace_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "autograd/errors.h"
#include "autograd/readings/formula_element.h"

namespace autograd {
namespace {

bool is_close(double a, double b) {
  return a == b || std::isnan(b) || std::abs(a - b) <= 1e-6 * std::abs(b);
}

// Why a value is not what the formula's own arithmetic gives: rounding of a saturated a in a(1 −
// a), or 0 · ∞; "" where it is.
std::string literally(const Formula& element, double value, FormulaStyle style) {
  const double literal = element.evaluate();
  if (is_close(literal, value) || shown(literal, style) == shown(value, style)) return "";
  const std::string note = "literally " + shown(literal, style);
  if (!std::isfinite(value)) return "(" + note + ")";
  return "(" + note +
         (std::isnan(literal)                     ? "; the rule leaves out terms of weight 0)"
          : literal == 0.0 || std::isinf(literal) ? "; the rule keeps its digits)"
                                                  : ")");
}

double rounded_to(double value, int digits) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, value);
  return std::strtod(buffer.data(), nullptr);
}

// With as many digits as it takes for the numbers, as they are shown, to give the value: 1 − 1 is
// not 1.1e-07. `element` is the one element of the formula, number by number.
std::string enough_numbers(const Formula& formula, const Formula& element, double value,
                           FormulaStyle style) {
  constexpr int usual = 6;
  if (!std::isfinite(value) || value == 0.0) return formula.numbers(style, usual);
  for (const int digits : {usual, 9, 12, 17}) {
    const Formula shown_numbers =
        element.rewrite([&](const Formula& part) -> std::optional<Formula> {
          if (!part.is_symbol()) return std::nullopt;
          return Formula::symbol(part.name(), rounded_to(part.evaluate(), digits));
        });
    if (std::abs(shown_numbers.evaluate() - value) <= 1e-3 * std::abs(value)) {
      return formula.numbers(style, digits);
    }
  }
  return formula.numbers(style, usual);
}

// A name as the style writes it: w_{1}.
std::string symbol_text(const std::string& name, FormulaStyle style) {
  return Formula::symbol(name).text(style);
}

std::string name_with_shape(const std::string& name, const Shape& shape, FormulaStyle style) {
  if (shape.size() == 1) return symbol_text(name, style);
  return Formula::symbol(name, std::make_shared<const FormulaTensor>(FormulaTensor{shape, {}, {}}))
      .text_with_shapes(style);
}

// Formula and numbers beside the value.
TraceLine line_of(std::string name, std::string sign, const Formula& formula,
                  std::span<const double> value, const Shape& shape, FormulaStyle style) {
  TraceLine line{std::move(name),
                 std::move(sign),
                 formula.text_with_shapes(style),
                 "",
                 shown(value, shape, style),
                 ""};
  // Of one symbol there is nothing to work out.
  if (formula.has_tensors() || formula.is_symbol()) return line;
  if (value.size() == 1) {
    const Formula element = element_of(formula, 0);
    line.numbers = enough_numbers(formula, element, value[0], style);
    line.note = literally(element, value[0], style);
  } else {
    line.numbers = formula.numbers(style);
  }
  if (line.numbers == line.value) line.numbers.clear();
  return line;
}

void append_note(TraceLine& line, const std::string& note) {
  if (!line.note.empty()) line.note += " ";
  line.note += note;
}

// "0 + 1 = 1".
std::string accumulation(double before, double part, double after, FormulaStyle style) {
  const Formula sum = Formula::call("+", {Formula::symbol("", before), Formula::symbol("", part)});
  return sum.numbers(style) + " = " + shown(after, style);
}

// Where lines are about tensors, numbers do not stand in them.
TraceSection given(const Trace& trace, FormulaStyle style) {
  TraceSection section{"Given", {}};
  const bool has_tensors =
      std::any_of(trace.values.begin(), trace.values.end(),
                  [](const TracedValue& value) { return value.shape.size() > 1; });
  for (const TracedValue& value : trace.values) {
    if (!value.is_leaf() || !has_tensors) continue;
    section.lines.push_back({name_with_shape(value.name, value.shape, style), "=", "", "",
                             shown(value.value, value.shape, style), ""});
  }
  return section;
}

TraceSection forward(const Trace& trace, FormulaStyle style) {
  TraceSection section{"Forward", {}};
  for (const TracedValue& value : trace.values) {
    if (!value.is_leaf()) section.lines.push_back(forward_line(value, style));
  }
  return section;
}

TraceSection backward(const Trace& trace, FormulaStyle style) {
  const std::string& loss = trace.loss_value().name;
  // Any letter that is no value.
  std::string v("v");
  for (const char* const other : {"u", "t", "s", "r", "q"}) {
    if (trace.find(v) == nullptr) break;
    v = other;
  }
  TraceSection section{"Backward (d" + v + " is the derivative of " + loss + " by " + v + ")", {}};
  for (const TracedPart& part : trace.parts) {
    if (!trace.values[part.to].is_leaf()) section.lines.push_back(part_line(trace, part, style));
  }
  for (const TracedValue& value : trace.values) {
    if (!value.is_leaf()) continue;
    for (const std::size_t part : value.parts) {
      section.lines.push_back(part_line(trace, trace.parts[part], style));
    }
  }
  return section;
}

TraceSection update(const Trace& trace, FormulaStyle style) {
  TraceSection section{"Update, all at once", {}};
  for (const TracedUpdate& update : trace.updates) {
    section.lines.push_back(update_line(trace, update, style));
  }
  return section;
}

std::size_t at(Index element) { return static_cast<std::size_t>(element); }

}  // namespace

std::string shown(double value, FormulaStyle style) {
  if (!std::isfinite(value) || (value != 0.0 && std::abs(value) < 1e-4) || std::abs(value) >= 1e6) {
    return format_number(value, style);
  }
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.6f", value);
  std::string text(buffer.data());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string shown(std::span<const double> values, const Shape& shape, FormulaStyle style) {
  if (values.size() == 1) return shown(values[0], style);
  constexpr Index most = 4;
  const Index count = shape[0];
  const Index stride = Index(values.size()) / count;
  const Shape inner(shape.extents().subspan(1));
  std::string text("[");
  for (Index k = 0; k < count; ++k) {
    if (k > 0) text += ", ";
    if (count > most + 2 && k == most) {
      text += style == FormulaStyle::unicode ? "…, "
              : style == FormulaStyle::latex ? R"(\dots, )"
                                             : "..., ";
      k = count - 1;
    }
    text += shape.rank() == 1 ? shown(values[at(k)], style)
                              : shown(values.subspan(at(k * stride), at(stride)), inner, style);
  }
  return text + "]";
}

TraceLine forward_line(const TracedValue& value, FormulaStyle style) {
  return line_of(name_with_shape(value.name, value.shape, style), "=", *value.formula, value.value,
                 value.shape, style);
}

TraceLine part_line(const Trace& trace, const TracedPart& part, FormulaStyle style) {
  const TracedValue& to = trace.values[part.to];
  const bool is_only = to.parts.size() == 1;
  TraceLine line = line_of(name_with_shape(to.adjoint_name, to.shape, style),
                           is_only ? "=" : "+=", part.rule, part.part, to.shape, style);
  if (!is_only) {
    append_note(line, to.shape.size() == 1
                          ? accumulation(part.before[0], part.part[0], part.after[0], style)
                          : "so far " + shown(part.after, to.shape, style));
  }
  return line;
}

TraceLine update_line(const Trace& trace, const TracedUpdate& update, FormulaStyle style) {
  const TracedValue& value = trace.values[update.value];
  return line_of(name_with_shape(value.name, value.shape, style), ":=", update.rule, update.after,
                 value.shape, style);
}

std::vector<TraceSection> sections_of(const Trace& trace, FormulaStyle style) {
  std::vector<TraceSection> sections{given(trace, style), forward(trace, style),
                                     backward(trace, style), update(trace, style)};
  std::erase_if(sections, [](const TraceSection& section) { return section.lines.empty(); });
  return sections;
}

std::vector<TraceLine> element_lines(const Trace& trace, const TracedValue& value, bool of_adjoint,
                                     Index element, FormulaStyle style) {
  if (element < 0 || element >= value.shape.size()) {
    throw ArgumentError(value.name + " has no element " + std::to_string(element));
  }
  // A formula may be of fewer elements, each of which stands for several.
  const auto element_in = [&](const Formula& formula) {
    const Shape shape = shape_of(formula);
    return element_of(formula, shape.size() == value.shape.size()
                                   ? element
                                   : broadcast_element(shape, value.shape, element));
  };
  const auto name_in = [&](const Formula& symbol) { return element_in(symbol).text(style); };
  const auto line = [&](const std::string& name, const std::string& sign, const Formula& formula,
                        double number) {
    return line_of(name, sign, element_in(formula), {&number, 1}, {}, style);
  };
  std::vector<TraceLine> lines;
  const std::string name = name_in(*value.symbol);
  if (!of_adjoint) {
    if (value.formula) lines.push_back(line(name, "=", *value.formula, value.value[at(element)]));
    for (const TracedUpdate& update : trace.updates) {
      if (&trace.values[update.value] != &value) continue;
      lines.push_back(line(name, ":=", update.rule, update.after[at(element)]));
    }
    return lines;
  }
  if (!value.adjoint_symbol) return lines;
  for (const std::size_t k : value.parts) {
    const TracedPart& part = trace.parts[k];
    const bool is_only = value.parts.size() == 1;
    lines.push_back(line(name_in(*value.adjoint_symbol), is_only ? "=" : "+=", part.rule,
                         part.part[at(element)]));
    if (is_only) continue;
    append_note(lines.back(), accumulation(part.before[at(element)], part.part[at(element)],
                                           part.after[at(element)], style));
  }
  return lines;
}

}  // namespace autograd
