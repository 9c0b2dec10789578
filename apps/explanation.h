// What `explain` and the lessons explain: a recording with its trace, made of an expression, of the
// documented example or of a row of data through a model.
//
// Rule for callers: it stays where it is; its tensors point to its tape.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "autograd/explain/replay.h"
#include "autograd/explain/trace.h"
#include "autograd/tape.h"
#include "models/classification_loss.h"
#include "models/classifier.h"
#include "models/data/dataset.h"

namespace apps {

struct Explanation {
  std::string title;
  std::vector<std::string> notes;  // what must be known beforehand
  autograd::Tape tape;
  autograd::Tensor loss;
  autograd::TraceOptions options;
  autograd::Trace trace;
  // The same loss by the other route, where there are two: the fused one beside the textbook's.
  std::optional<autograd::Trace> other_route;

  // The same with other values of some leaves.
  [[nodiscard]] std::unique_ptr<Explanation> with(const autograd::Edits& edits) const;
};

struct TraceFlags {
  bool every_operation = false;
  std::optional<double> learning_rate;
};

// Throws UsageError or BadInput with the expression and a caret where it is at fault.
std::unique_ptr<Explanation> explain_expression(const std::string& text, const std::string& at,
                                                const std::string& wrt, const TraceFlags& flags);

// One row through logistic regression, as it is documented.
struct Example {
  std::vector<double> weights{0.5, -0.25};
  double bias = 0.1;
  std::vector<double> input{1.0, 2.0};
  double label = 1.0;
};
std::unique_ptr<Explanation> explain_example(const Example& example, models::CrossEntropy form,
                                             const TraceFlags& flags);

// A row of data, counted from 0, through a model.
std::unique_ptr<Explanation> explain_row(const models::Classifier& model,
                                         const models::Dataset& data, std::size_t row,
                                         models::CrossEntropy form, const TraceFlags& flags);

}  // namespace apps
