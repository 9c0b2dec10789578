// The trace for other programs: one event a line.
#include <cmath>
#include <nlohmann/json.hpp>

#include "autograd/errors.h"
#include "autograd/explain/renderers.h"

namespace autograd {
namespace {

using nlohmann::ordered_json;

// JSON has no numbers for these.
ordered_json number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0.0 ? "Infinity" : "-Infinity";
  return value;
}

ordered_json numbers(std::span<const double> values) {
  ordered_json all = ordered_json::array();
  for (const double value : values) all.push_back(number(value));
  return all;
}

ordered_json extents(const Shape& shape) {
  return std::vector<Index>(shape.extents().begin(), shape.extents().end());
}

ordered_json node_of(const Trace& trace, const TracedValue& value) {
  ordered_json node{{"node", value.node},
                    {"name", value.name},
                    {"kind", value.is_variable() ? "variable"
                             : value.is_leaf()   ? "constant"
                                                 : "result"},
                    {"operation", value.operation},
                    {"inputs", ordered_json::array()},
                    {"shape", extents(value.shape)},
                    {"value", numbers(value.value)},
                    {"adjoint", value.adjoint.empty() ? ordered_json() : numbers(value.adjoint)}};
  for (const std::size_t input : value.inputs) {
    node["inputs"].push_back(trace.values[input].node);
  }
  if (const std::string where = to_string(value.where); !where.empty()) node["where"] = where;
  return node;
}

ordered_json forward_event(const TracedValue& value) {
  return {{"node", value.node},
          {"name", value.name},
          {"operation", value.operation},
          {"formula", value.formula->text()},
          {"numbers", value.formula->numbers(FormulaStyle::unicode, 17)},
          {"shape", extents(value.shape)},
          {"value", numbers(value.value)}};
}

ordered_json backward_event(const Trace& trace, const TracedPart& part) {
  const TracedValue& from = trace.values[part.from];
  const TracedValue& to = trace.values[part.to];
  return {{"node", from.node},
          {"operand", to.node},
          {"ran", part.node},
          {"position", part.operand},
          {"name", to.adjoint_name},
          {"rule", part.rule.text()},
          {"numbers", part.rule.numbers(FormulaStyle::unicode, 17)},
          {"upstream", numbers(from.adjoint)},
          {"slope", part.slope ? ordered_json(part.slope->text()) : ordered_json()},
          {"slope_numbers", part.slope ? numbers(part.slope_numbers) : ordered_json()},
          {"contribution", numbers(part.part)},
          {"before", numbers(part.before)},
          {"after", numbers(part.after)}};
}

ordered_json update_event(const Trace& trace, const TracedUpdate& update) {
  const TracedValue& value = trace.values[update.value];
  return {{"node", value.node},
          {"name", value.name},
          {"rule", update.rule.text()},
          {"numbers", update.rule.numbers(FormulaStyle::unicode, 17)},
          {"before", numbers(value.value)},
          {"after", numbers(update.after)}};
}

// "key": [ … ], an element a line.
template <class Elements, class Write>
void append_list(std::string& text, const std::string& key, const Elements& elements, Write write) {
  text += ",\n\"" + key + "\": [";
  bool is_first = true;
  for (const auto& element : elements) {
    const ordered_json json = write(element);
    if (json.is_null()) continue;
    text += is_first ? "\n" : ",\n";
    text += json.dump();
    is_first = false;
  }
  text += is_first ? "]" : "\n]";
}

}  // namespace

std::string as_json(const Trace& trace) {
  std::string text = "{\"format\": \"tapewise-trace\", \"version\": 1";
  text += ", \"loss\": " + std::to_string(trace.loss_value().node);
  append_list(text, "nodes", trace.values,
              [&](const TracedValue& value) { return node_of(trace, value); });
  append_list(text, "forward", trace.values, [](const TracedValue& value) {
    return value.is_leaf() ? ordered_json() : forward_event(value);
  });
  append_list(text, "backward", trace.parts,
              [&](const TracedPart& part) { return backward_event(trace, part); });
  append_list(text, "update", trace.updates,
              [&](const TracedUpdate& update) { return update_event(trace, update); });
  return text + "\n}\n";
}

}  // namespace autograd
