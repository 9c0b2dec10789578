#include "apps/expression_point.h"

#include <algorithm>

#include "apps/command.h"
#include "apps/command_line.h"
#include "autograd/quotation.h"
#include "autograd/suggestion.h"
#include "models/data/number.h"

namespace apps {

using autograd::Expression;
using autograd::NamedValue;

namespace {

using Names = std::vector<std::string>;

std::string with_guess(const std::string& message, const std::string& wanted, const Names& names) {
  const std::string guess = autograd::did_you_mean(wanted, names);
  return message + (guess.empty() ? "" : "; " + guess);
}

}  // namespace

std::vector<NamedValue> point_of(const Expression& expression, const std::string& at) {
  if (at.empty() && expression.variables().empty()) return {};
  if (at.empty()) {
    throw UsageError("--at is required: the values of the variables, as in --at " +
                     autograd::printable(expression.variables().front()) + "=0.5");
  }
  std::vector<NamedValue> point = [&] {
    try {
      return autograd::parse_assignments(at);
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

std::vector<std::string> names_of_wrt(const std::string& wrt,
                                      const std::vector<NamedValue>& point) {
  Names all;
  all.reserve(point.size());
  for (const NamedValue& value : point) all.push_back(value.name);
  if (wrt.empty()) return all;
  Names chosen;
  std::string_view rest = wrt;
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

}  // namespace apps
