#include "autograd/expression/expression.h"

#include <algorithm>
#include <optional>
#include <span>

#include "autograd/expression/excerpt.h"
#include "autograd/expression/parser.h"
#include "autograd/expression/steps.h"
#include "autograd/quotation.h"
#include "autograd/suggestion.h"

namespace autograd {
namespace {

// Records steps one after the other.
class Recorder {
 public:
  Recorder(const ExpressionSteps& parsed, Tape& tape,
           const std::map<std::string, Tensor>& variables)
      : parsed_(parsed), tape_(tape), variables_(variables) {
    results_.reserve(parsed.steps.size());
  }

  Tensor record() {
    for (const ExpressionStep& step : parsed_.steps) results_.push_back(result_of(step));
    const Operand& result = results_[parsed_.result];
    return result.is_number() ? constant(result) : result.tensor();
  }

 private:
  Tensor constant(const Operand& number) { return tape_.constant(number.number(), number.where()); }

  Operand result_of(const ExpressionStep& step) {
    const SourceLine where{"expression", step.character};
    if (step.is_number() && step.name.empty()) return {step.number, where};
    const Tensor result = tensor_of(step, where);
    return {step.name.empty() ? result : named(result, step.name), where};
  }

  Tensor tensor_of(const ExpressionStep& step, SourceLine where) {
    if (step.is_variable) return variables_.find(step.name)->second;
    if (step.is_list) return tape_.constant(parsed_.lists[step.first], where);
    if (step.function == nullptr) return tape_.constant(step.number, where);
    try {
      return called(step, where);
    } catch (const ShapeError& error) {
      throw ShapeError(with_excerpt(error.what(), parsed_.text, step.at));
    } catch (const NonFiniteError& error) {
      throw NonFiniteError(with_excerpt(error.what(), parsed_.text, step.at));
    } catch (const ArgumentError& error) {
      throw ArgumentError(with_excerpt(error.what(), parsed_.text, step.at));
    }
  }

  Tensor called(const ExpressionStep& step, SourceLine where) {
    const auto places = std::span(parsed_.arguments).subspan(step.first, step.count);
    const std::size_t count = step.function->operand_count(step.count);
    std::vector<Operand> operands;
    for (const std::size_t place : places.first(count)) {
      const Operand& result = results_[place];
      operands.push_back(result.is_number() ? Operand(result.number(), where)
                                            : Operand(result.tensor(), where));
    }
    std::vector<Index> whole_numbers;
    for (const std::size_t place : places.subspan(count)) {
      whole_numbers.push_back(static_cast<Index>(parsed_.steps[place].number));
    }
    // An operation finds its tape by a tensor.
    if (std::all_of(operands.begin(), operands.end(),
                    [](const Operand& operand) { return operand.is_number(); })) {
      operands[0] = {constant(operands[0]), where};
    }
    return step.function->record({tape_, operands, whole_numbers, where});
  }

  const ExpressionSteps& parsed_;
  Tape& tape_;
  const std::map<std::string, Tensor>& variables_;
  std::vector<Operand> results_;
};

}  // namespace

ExpressionError::ExpressionError(const std::string& message, std::string_view text, std::size_t at)
    : Error(with_excerpt(message, text, at)), position_(character_at(text, at)) {}

Expression Expression::parse(std::string_view text) {
  return Expression(std::make_shared<const ExpressionSteps>(parse_expression(text)));
}

const std::vector<std::string>& Expression::variables() const { return steps_->variables; }

void Expression::require_all_in(const std::vector<std::string>& names) const {
  for (const ExpressionStep& step : steps_->steps) {
    if (!step.is_variable || std::find(names.begin(), names.end(), step.name) != names.end()) {
      continue;
    }
    const std::string guess = did_you_mean(step.name, names);
    throw ExpressionError(
        in_quotes(step.name) + " has no value" + (guess.empty() ? "" : "; " + guess), steps_->text,
        step.at);
  }
}

Tensor Expression::record(Tape& tape, const std::map<std::string, Tensor>& variables) const {
  std::vector<std::string> names;
  names.reserve(variables.size());
  for (const auto& [name, tensor] : variables) names.push_back(name);
  require_all_in(names);
  return Recorder(*steps_, tape, variables).record();
}

}  // namespace autograd
