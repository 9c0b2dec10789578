// An expression on the command line and the values of its variables: --at and --wrt.
#pragma once

#include <new>
#include <string>
#include <vector>

#include "apps/command.h"
#include "autograd/errors.h"
#include "autograd/expression/expression.h"

namespace apps {

// The point of --at, which has a value for every variable and for nothing else. Throws UsageError.
std::vector<autograd::NamedValue> point_of(const autograd::Expression& expression,
                                           const std::string& at);

// The variables of --wrt, which are separated by commas, or else all of the point. Throws
// UsageError.
std::vector<std::string> names_of_wrt(const std::string& wrt,
                                      const std::vector<autograd::NamedValue>& point);

// Runs what parses and records an expression; what is wrong with it is wrong use, and what has no
// value bad input.
template <class Function>
auto with_expression_errors(Function function) {
  try {
    return function();
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
