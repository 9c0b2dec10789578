#include "apps/activation_function.h"

#include <algorithm>
#include <stdexcept>

#include "apps/command.h"
#include "autograd/derivatives.h"
#include "autograd/explain/rule_formula.h"
#include "autograd/operations.h"
#include "autograd/rules/catalogue.h"
#include "autograd/suggestion.h"
#include "models/data/errors.h"
#include "models/data/number.h"
#include "models/multilayer_perceptron.h"

namespace apps {
namespace {

using autograd::Formula;
using autograd::FormulaStyle;
using autograd::Tensor;

constexpr double usual_prelu_slope = 0.25;  // what training starts with

UsageError no_such_activation(std::string_view name) {
  const std::vector<std::string> names = names_of_activations();
  const std::string guess = autograd::did_you_mean(name, names);
  return UsageError("there is no activation " + models::in_quotes(name) + "; " +
                    (guess.empty() ? "they are " + models::listed(names, names.size()) : guess));
}

// In training the slope of a prelu is learned, so that train takes no number for it.
double prelu_slope(std::string_view text) {
  const models::ParsedNumber number = models::parse_number(text);
  if (number.status == models::NumberStatus::number) return number.value;
  throw UsageError("prelu: its slope " + models::in_quotes(text) + " " +
                   std::string(models::reproach(number.status)));
}

// What stands behind the colon, or the default of train; nothing where there is no parameter.
std::optional<double> parameter_of(const ActivationFacts& facts,
                                   const std::optional<std::string>& text) {
  if (facts.parameter.empty()) {
    if (!text) return std::nullopt;
    throw UsageError(std::string(facts.name) + " has no number behind a colon, such as " +
                     models::in_quotes(*text));
  }
  if (facts.name == "prelu") return text ? prelu_slope(*text) : usual_prelu_slope;
  try {
    return models::parse_activation(std::string(facts.name) + (text ? ":" + *text : ""))
        .arguments.at(0);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

// The numbers, 0 without a sign.
std::vector<double> without_minus_zero(std::vector<double> numbers) {
  for (double& number : numbers) number += 0.0;
  return numbers;
}

// The rule shows its formula for units of two pieces.
std::string formula_text(const ActivationFunction& function, const Formula& formula,
                         FormulaStyle style) {
  if (function.rule->info.name != "maxout") return formula.text(style);
  const auto units_of = [](double pieces) {
    return Formula::symbol("units of " + models::shortest(pieces));
  };
  return formula.substitute(units_of(2.0), units_of(*function.parameter)).text(style);
}

std::vector<std::string> operand_names(const ActivationFunction& function) {
  std::vector<std::string> names{"x"};
  if (function.rule->arity == 2) names.emplace_back(function.facts->parameter);
  return names;
}

}  // namespace

bool ActivationFunction::takes_rows() const {
  return rule->shape != autograd::RuleShape::elementwise;
}

Tensor ActivationFunction::record(const Tensor& x) const {
  if (rule->info.name == "softmax") return softmax(x);
  if (rule->info.name == "log_softmax") return log_softmax(x);
  if (rule->info.name == "maxout") return maxout(x, static_cast<autograd::Index>(*parameter));
  return parameter ? apply(*rule, {x, *parameter}) : apply(*rule, {x});
}

std::string ActivationFunction::formula(FormulaStyle style) const {
  return formula_text(*this, formula_of(*rule, operand_names(*this)), style);
}

std::string ActivationFunction::slope_formula(FormulaStyle style) const {
  return formula_text(*this, slope_formula_of(*rule, 0, operand_names(*this), "y"), style);
}

ActivationFunction activation_function(const std::string& text) {
  const std::size_t colon = text.find(':');
  std::string name = text.substr(0, colon);
  std::replace(name.begin(), name.end(), '-', '_');
  ActivationFunction function;
  function.facts = find_activation_facts(name);
  if (function.facts == nullptr) throw no_such_activation(name);
  function.rule = autograd::find_rule(name);
  std::optional<std::string> given;
  if (colon != std::string::npos) given = text.substr(colon + 1);
  function.parameter = parameter_of(*function.facts, given);
  function.name = given ? name + ":" + models::shortest(*function.parameter) : name;
  return function;
}

ActivationValues values_at(const ActivationFunction& function, std::span<const double> points) {
  autograd::Tape tape;
  const Tensor x = tape.variable(
      autograd::Values(points, autograd::Shape{static_cast<autograd::Index>(points.size())}));
  const Tensor y = function.record(x);
  const std::vector<double> ones(points.size(), 1.0);
  return {without_minus_zero({y.values().begin(), y.values().end()}),
          without_minus_zero(vjp(y, x, ones)),
          without_minus_zero(hessian_vector_product(sum(y), x, ones))};
}

autograd::GradientReport checked_at(const ActivationFunction& function, double x) {
  autograd::CheckOptions options;
  options.order = 2;
  try {
    return autograd::check_gradients(
        [&function](std::span<const Tensor> inputs) { return function.record(inputs[0]); },
        {{"x", x}}, options);
  } catch (const autograd::NonFiniteError&) {
    throw BadInput(function.name + " has no finite value at x = " + models::shortest(x));
  }
}

bool is_refuted(const autograd::GradientReport& report) {
  return !report.passed() && report.verdict != autograd::Verdict::vacuous;
}

}  // namespace apps
