// Whether every line of a trace is true: formulas are worked out on whole tensors by plain loops,
// and element by element, beside the numbers the tape held.
//
// Rule for callers: the answer is "" where all are; else it names what is not.
#pragma once

#include <algorithm>
#include <string>

#include "autograd/explain/trace.h"
#include "autograd/explain/trace_lines.h"
#include "autograd/readings/formula_element.h"
#include "tests/autograd/readings/whole_tensor.h"

namespace autograd::testing {

class LineChecker {
 public:
  explicit LineChecker(const Trace& trace) : trace_(trace) {
    for (const TracedValue& value : trace.values) {
      tensors_.set(value.name, array_of(value.shape, value.value));
      if (!value.adjoint.empty()) {
        tensors_.set(value.adjoint_name, array_of(value.shape, value.adjoint));
      }
    }
  }

  std::string failures() {
    for (const TracedValue& value : trace_.values) {
      check(value);
      check_shown_elements(value);
    }
    for (const TracedPart& part : trace_.parts) check(part);
    for (const TracedUpdate& update : trace_.updates) {
      const TracedValue& value = trace_.values[update.value];
      check_elements(value.name + " :=", update.rule, value.shape, update.after);
    }
    return failures_;
  }

 private:
  static Array array_of(const Shape& shape, const std::vector<double>& elements) {
    return {{shape.extents().begin(), shape.extents().end()}, elements};
  }

  void check(const TracedValue& value) {
    if (value.formula) check_line(value.name + " =", *value.formula, value.shape, value.value);
    std::vector<double> sum(value.adjoint.size(), 0.0);
    for (const std::size_t part : value.parts) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += trace_.parts[part].part[i];
    }
    const bool is_loss = &value == &trace_.loss_value();
    if (!is_loss && !all_near(sum, value.adjoint)) fail(value.name + ": parts do not add up");
    if (is_loss && !value.adjoint.empty() && value.adjoint[0] != 1.0) fail("the loss's adjoint");
    if (!value.parts.empty() && trace_.parts[value.parts.back()].after != value.adjoint) {
      fail(value.name + ": the last part does not leave the adjoint");
    }
  }

  // What people see of an element: no note says that the formula gives another value.
  void check_shown_elements(const TracedValue& value) {
    for (const bool of_adjoint : {false, true}) {
      if (of_adjoint && value.parts.size() > 100) continue;
      for (Index element = 0; element < std::min<Index>(value.shape.size(), 4); ++element) {
        for (const TraceLine& line : element_lines(trace_, value, of_adjoint, element)) {
          // Of digits lost near 0 and 1 there may be a word.
          const bool contradicts = line.note.find("(literally ") != std::string::npos &&
                                   line.note.find("; the rule") == std::string::npos;
          if (!contradicts) continue;
          fail("shown: " + line.name + " " + line.sign + " " + line.symbols + " " + line.note);
        }
      }
    }
  }

  void check(const TracedPart& part) {
    const TracedValue& to = trace_.values[part.to];
    const TracedValue& from = trace_.values[part.from];
    check_line(to.adjoint_name + " +=", part.rule, to.shape, part.part);
    std::vector<double> after = part.before;
    for (std::size_t i = 0; i < after.size(); ++i) after[i] += part.part[i];
    if (!all_near(after, part.after)) fail(to.adjoint_name + ": before + part is not after");
    if (part.slope) {
      check_line("slope for " + to.adjoint_name, *part.slope, from.shape, part.slope_numbers);
    }
  }

  void check_line(const std::string& what, const Formula& formula, const Shape& shape,
                  const std::vector<double>& expected) {
    const Array computed = tensors_.evaluate(formula);
    const Shape own = shape_of(formula);
    std::vector<double> elements;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Index element = element_in(own, shape, i);
      elements.push_back(computed.elements.at(static_cast<std::size_t>(element)));
    }
    if (!all_near(elements, expected)) fail(what + " " + formula.text());
    check_elements(what, formula, shape, expected);
  }

  void check_elements(const std::string& what, const Formula& formula, const Shape& shape,
                      const std::vector<double>& expected) {
    const Shape own = shape_of(formula);
    for (std::size_t i = 0; i < std::min<std::size_t>(expected.size(), 20); ++i) {
      const auto element = static_cast<Index>(i);
      const Formula one = element_of(
          formula, own.size() == shape.size() ? element : broadcast_element(own, shape, element));
      if (!near(one.evaluate(), expected[i], 1e-10)) {
        fail(what + " element " + std::to_string(i) + ": " + one.text());
        return;
      }
    }
  }

  // A formula may be of fewer elements, which are repeated.
  static Index element_in(const Shape& own, const Shape& shape, std::size_t i) {
    const auto element = static_cast<Index>(i);
    return own.size() == shape.size() ? element : broadcast_element(own, shape, element);
  }

  static bool all_near(const std::vector<double>& a, const std::vector<double>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return bool(near(x, y, 1e-10)); });
  }

  void fail(const std::string& what) { failures_ += what + "\n"; }

  const Trace& trace_;
  WholeTensors tensors_;
  std::string failures_;
};

inline std::string false_lines(const Trace& trace) { return LineChecker(trace).failures(); }

}  // namespace autograd::testing
