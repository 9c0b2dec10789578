// tapewise gradcheck "EXPRESSION": the gradient of an expression at a point.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/expression_point.h"
#include "apps/gradcheck.h"
#include "autograd/expression/expression.h"
#include "autograd/quotation.h"
#include "autograd/suggestion.h"
#include "models/data/number.h"

namespace apps {
namespace {

using autograd::CheckedInput;
using autograd::Expression;
using autograd::NamedValue;
using autograd::Tensor;

// An expression as a function of some of its variables; the others are constants.
class ExpressionAtPoint {
 public:
  ExpressionAtPoint(Expression expression, const std::vector<std::string>& checked,
                    std::vector<NamedValue> point)
      : expression_(std::move(expression)), constants_(std::move(point)) {
    for (const std::string& name : checked) {
      const auto at = std::find_if(constants_.begin(), constants_.end(),
                                   [&](const NamedValue& value) { return value.name == name; });
      inputs_.push_back({at->name, at->values});
      constants_.erase(at);
    }
  }

  [[nodiscard]] const std::vector<CheckedInput>& inputs() const { return inputs_; }

  Tensor operator()(std::span<const Tensor> inputs) const {
    std::map<std::string, Tensor> variables;
    for (std::size_t k = 0; k < inputs.size(); ++k) variables.emplace(inputs_[k].name, inputs[k]);
    autograd::Tape& tape = *inputs[0].tape();
    for (const NamedValue& constant : constants_) {
      variables.emplace(constant.name, tape.constant(constant.values));
    }
    return expression_.record(tape, variables);
  }

 private:
  Expression expression_;
  std::vector<NamedValue> constants_;
  std::vector<CheckedInput> inputs_;
};

int check(const GradcheckFlags& flags) {
  const Expression expression = Expression::parse(models::trimmed(flags.expression));
  if (expression.variables().empty()) {
    throw UsageError("the expression has no variables, and so no gradient to check");
  }
  std::vector<NamedValue> point = point_of(expression, flags.at);
  const std::vector<std::string> checked = names_of_wrt(flags.wrt, point);
  const ExpressionAtPoint function(expression, checked, std::move(point));
  const autograd::GradientReport report =
      check_gradients(function, function.inputs(), check_options(flags));
  print(flags.json ? as_json(report, flags.every_entry).dump(2) + "\n"
                   : as_text(report, flags.every_entry));
  return report.passed() ? exit_done : exit_check_failed;
}

}  // namespace

int check_expression(const GradcheckFlags& flags) {
  return with_expression_errors([&] { return check(flags); });
}

}  // namespace apps
