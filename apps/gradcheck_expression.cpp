// tapewise gradcheck "EXPRESSION": the gradient of an expression at a point.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/command.h"
#include "apps/command_line.h"
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

using Names = std::vector<std::string>;

std::string with_guess(const std::string& message, const std::string& wanted, const Names& names) {
  const std::string guess = autograd::did_you_mean(wanted, names);
  return message + (guess.empty() ? "" : "; " + guess);
}

// The point of --at, which has a value for every variable and for nothing else.
std::vector<NamedValue> point_of(const GradcheckFlags& flags, const Expression& expression) {
  if (expression.variables().empty()) {
    throw UsageError("the expression has no variables, and so no gradient to check");
  }
  if (flags.at.empty()) {
    throw UsageError("--at is required: the values of the variables, as in --at " +
                     autograd::printable(expression.variables().front()) + "=0.5");
  }
  std::vector<NamedValue> point = [&] {
    try {
      return autograd::parse_assignments(flags.at);
    } catch (const autograd::ExpressionError& error) {
      throw UsageError(std::string("--at: ") + error.what());
    }
  }();
  Names given;
  given.reserve(point.size());
  for (const NamedValue& value : point) given.push_back(value.name);
  expression.require_all_in(given);
  for (const std::string& name : given) {
    if (contains(expression.variables(), name)) continue;
    throw UsageError(with_guess("--at: the expression has no variable " + autograd::in_quotes(name),
                                name, expression.variables()));
  }
  return point;
}

// The variables whose slopes are checked, in the order of --wrt or else of --at.
Names checked_names(const GradcheckFlags& flags, const std::vector<NamedValue>& point) {
  Names all;
  all.reserve(point.size());
  for (const NamedValue& value : point) all.push_back(value.name);
  if (flags.wrt.empty()) return all;
  Names chosen;
  std::string_view rest = flags.wrt;
  while (true) {
    const auto comma = rest.find(',');
    const std::string name(models::trimmed(rest.substr(0, comma)));
    if (!contains(all, name)) {
      throw UsageError(
          with_guess("--wrt: there is no variable " + autograd::in_quotes(name), name, all));
    }
    if (contains(chosen, name)) {
      throw UsageError("--wrt: " + autograd::in_quotes(name) + " is named twice");
    }
    chosen.push_back(name);
    if (comma == std::string_view::npos) return chosen;
    rest.remove_prefix(comma + 1);
  }
}

// An expression as a function of some of its variables; the others are constants.
class ExpressionAtPoint {
 public:
  ExpressionAtPoint(Expression expression, const Names& checked, std::vector<NamedValue> point)
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
  std::vector<NamedValue> point = point_of(flags, expression);
  const Names checked = checked_names(flags, point);
  const ExpressionAtPoint function(expression, checked, std::move(point));
  const autograd::GradientReport report =
      check_gradients(function, function.inputs(), check_options(flags));
  print(flags.json ? as_json(report, flags.every_entry).dump(2) + "\n"
                   : as_text(report, flags.every_entry));
  return report.passed() ? exit_done : exit_check_failed;
}

}  // namespace

int check_expression(const GradcheckFlags& flags) {
  try {
    return check(flags);
  } catch (const autograd::ExpressionError& error) {
    throw UsageError(error.what());
  } catch (const autograd::ShapeError& error) {
    throw UsageError(error.what());
  } catch (const autograd::ArgumentError& error) {
    throw UsageError(error.what());
  } catch (const autograd::NonFiniteError& error) {
    throw BadInput(error.what());
  } catch (const std::bad_alloc&) {
    throw BadInput("the expression does not fit into memory");
  }
}

}  // namespace apps
