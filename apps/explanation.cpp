#include "apps/explanation.h"

#include <map>
#include <utility>

#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/expression_point.h"
#include "autograd/errors.h"
#include "autograd/expression/expression.h"
#include "autograd/operations.h"
#include "autograd/quotation.h"
#include "models/data/number.h"
#include "models/row_recording.h"

namespace apps {
namespace {

using autograd::Tape;
using autograd::Tensor;
using models::CrossEntropy;

void trace(Explanation& explanation) {
  explanation.trace = trace_of(explanation.tape, explanation.loss, explanation.options);
}

std::string name_and_number(std::string_view name, std::size_t k) {
  return std::string(name).append(std::to_string(k + 1));
}

}  // namespace

std::unique_ptr<Explanation> Explanation::with(const autograd::Edits& edits) const {
  auto changed = std::make_unique<Explanation>();
  changed->title = title;
  changed->notes = notes;
  changed->options = options;
  changed->loss = replayed(tape, loss.index(), edits, changed->tape);
  apps::trace(*changed);
  return changed;
}

std::unique_ptr<Explanation> explain_expression(const std::string& text, const std::string& at,
                                                const std::string& wrt, const TraceFlags& flags) {
  return with_expression_errors([&] {
    auto explanation = std::make_unique<Explanation>();
    explanation->title = models::trimmed(text);
    explanation->options.every_operation = flags.every_operation;
    explanation->options.learning_rate = flags.learning_rate;
    const auto expression = autograd::Expression::parse(explanation->title);
    const std::vector<autograd::NamedValue> point = point_of(expression, at);
    const std::vector<std::string> chosen = names_of_wrt(wrt, point);
    Tape& tape = explanation->tape;
    std::map<std::string, Tensor> variables;
    for (const autograd::NamedValue& value : point) {
      variables.emplace(value.name, contains(chosen, value.name) ? tape.variable(value.values)
                                                                 : tape.constant(value.values));
    }
    explanation->loss = expression.record(tape, variables);
    if (explanation->loss.size() != 1) {
      throw UsageError("the expression has " + std::to_string(explanation->loss.size()) +
                       " elements (" + to_string(explanation->loss.shape()) +
                       "), and backpropagation starts from one number. Take its sum(…) or mean(…)");
    }
    trace(*explanation);
    if (explanation->trace.loss_value().is_leaf()) {
      throw UsageError("nothing happens in " + autograd::in_quotes(explanation->title) +
                       ": there is no operation to explain");
    }
    return explanation;
  });
}

std::unique_ptr<Explanation> explain_example(const Example& example, CrossEntropy form,
                                             const TraceFlags& flags) {
  auto explanation = std::make_unique<Explanation>();
  explanation->title = "One row through logistic regression";
  explanation->options.every_operation = flags.every_operation;
  explanation->options.learning_rate = flags.learning_rate;
  Tape& tape = explanation->tape;
  std::vector<Tensor> w;
  std::vector<Tensor> x;
  for (std::size_t k = 0; k < example.weights.size(); ++k) {
    w.push_back(named(tape.variable(example.weights[k]), name_and_number("w", k)));
    x.push_back(named(tape.constant(example.input[k]), name_and_number("x", k)));
  }
  const Tensor b = named(tape.variable(example.bias), "b");
  const Tensor y = named(tape.constant(example.label), "y");
  Tensor sum = w[0] * x[0];
  for (std::size_t k = 1; k < w.size(); ++k) sum = sum + w[k] * x[k];
  const Tensor z = named(sum + b, "z");
  const Tensor a = named(sigmoid(z), "a");
  if (form == CrossEntropy::fused) {
    explanation->loss = named(binary_cross_entropy_with_logits(z, y), "L");
    trace(*explanation);
    return explanation;
  }
  explanation->loss = named(binary_cross_entropy(a, y), "L");
  trace(*explanation);
  const Tensor fused = named(binary_cross_entropy_with_logits(z, y), "L_fused");
  explanation->other_route = trace_of(tape, fused, explanation->options);
  return explanation;
}

std::unique_ptr<Explanation> explain_row(const models::Classifier& model,
                                         const models::Dataset& data, std::size_t row,
                                         CrossEntropy form, const TraceFlags& flags) {
  auto explanation = std::make_unique<Explanation>();
  models::RowRecording recording = record_row(explanation->tape, model, data, row, form);
  explanation->loss = recording.loss;
  explanation->options = std::move(recording.trace);
  explanation->options.every_operation = flags.every_operation;
  explanation->options.learning_rate = flags.learning_rate;
  trace(*explanation);
  return explanation;
}

}  // namespace apps
