// An activation with its parameter as a function: its formulas, its value and derivatives on the
// tape, and whether they are right.
//
// Rule for callers: functions of one number take a vector element by element; those that take rows
// (softmax, log_softmax, maxout) take it as one row.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/activation_facts.h"
#include "autograd/rules/rule.h"
#include "autograd/tensor.h"
#include "autograd/verify/gradient_check.h"

namespace apps {

struct ActivationFunction {
  const ActivationFacts* facts = nullptr;
  const autograd::Rule* rule = nullptr;
  std::string name;                 // as messages and columns show it: "leaky_relu:0.1"
  std::optional<double> parameter;  // what stands behind the colon, or its default

  [[nodiscard]] bool takes_rows() const;
  [[nodiscard]] autograd::Tensor record(const autograd::Tensor& x) const;

  // "y · (1 − y)"; of a function that takes rows what dy, the adjoint of y, becomes.
  [[nodiscard]] std::string formula(autograd::FormulaStyle style) const;
  [[nodiscard]] std::string slope_formula(autograd::FormulaStyle style) const;
};

// "leaky_relu:0.1", with hyphens for underscores if one likes. Throws UsageError, with a
// suggestion, for what is no activation.
ActivationFunction activation_function(const std::string& text);

// As many of each as there are points.
struct ActivationValues {
  std::vector<double> value, slope, second;
};
// Of a function of one number, by the tape: the second derivative is that of the recorded gradient.
ActivationValues values_at(const ActivationFunction& function, std::span<const double> points);

// Slope and second derivative at one point against the witnesses of autograd/verify/. Throws
// BadInput where the value is not finite.
autograd::GradientReport checked_at(const ActivationFunction& function, double x);

// True where a check says no; one that is vacuous has seen nothing.
bool is_refuted(const autograd::GradientReport& report);

}  // namespace apps
