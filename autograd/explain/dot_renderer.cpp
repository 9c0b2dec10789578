// Graphviz: a box for each value, an arrow for each use of it.
#include "autograd/explain/renderers.h"

namespace autograd {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '{' || c == '}' || c == '|' || c == '<' || c == '>')
      out += '\\';
    out += c;
  }
  return out;
}

std::string box(const TracedValue& value) {
  std::string text = value.name;
  if (value.shape.size() > 1) text += ": " + to_string(value.shape);
  if (value.formula) text += " = " + value.formula->text();
  std::string label("{");
  label += escaped(text) + "|" + escaped(shown(value.value, value.shape));
  if (!value.adjoint.empty()) {
    label += "|" + escaped(value.adjoint_name + " = " + shown(value.adjoint, value.shape));
  }
  return label + "}";
}

}  // namespace

std::string as_dot(const Trace& trace) {
  std::string text =
      "digraph trace {\n  rankdir=LR;\n  node [shape=record, fontname=\"monospace\"];\n";
  for (const TracedValue& value : trace.values) {
    text += "  n" + std::to_string(value.node) + " [label=\"" + box(value) + "\"";
    text += value.is_variable() ? ", style=bold];\n"
            : value.is_leaf()   ? ", style=dashed];\n"
                                : "];\n";
  }
  for (const TracedValue& value : trace.values) {
    for (const std::size_t input : value.inputs) {
      text += "  n" + std::to_string(trace.values[input].node) + " -> n" +
              std::to_string(value.node) + ";\n";
    }
  }
  return text + "}\n";
}

}  // namespace autograd
