#include "models/data/class_weights.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "autograd/suggestion.h"
#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

std::vector<double> balanced(const Dataset& data) {
  std::vector<double> sums(data.classes.size(), 0.0);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    sums[static_cast<std::size_t>(data.labels[row])] +=
        data.weights.empty() ? 1.0 : data.weights[row];
  }
  const double total = std::accumulate(sums.begin(), sums.end(), 0.0);
  for (double& sum : sums) sum = total / (static_cast<double>(sums.size()) * sum);
  return sums;
}

std::size_t class_named(std::string_view name, const Dataset& data) {
  const auto at = std::find(data.classes.begin(), data.classes.end(), name);
  if (at != data.classes.end()) return static_cast<std::size_t>(at - data.classes.begin());
  const std::string guess = autograd::did_you_mean(name, data.classes);
  throw std::invalid_argument("--class-weight: no class is " + in_quotes(name) + "; " +
                              (guess.empty() ? "they are " + listed(data.classes) : guess));
}

}  // namespace

std::vector<double> class_weights(std::string_view text, const Dataset& data) {
  if (text == "balanced") return balanced(data);
  std::vector<double> factors(data.classes.size(), 0.0);
  while (!text.empty()) {
    // The name of a class may have commas and equal signs; a factor has neither.
    const std::size_t equals = text.find('=');
    std::size_t mark = equals;
    while (mark != std::string_view::npos) {
      const std::size_t comma = text.find(',', mark);
      const std::string_view number = text.substr(mark + 1, comma - mark - 1);
      const ParsedNumber factor = parse_number(number, '.');
      if (factor.status != NumberStatus::number) {
        mark = text.find('=', mark + 1);
        continue;
      }
      const std::size_t k = class_named(text.substr(0, mark), data);
      if (!(factor.value > 0.0)) {
        throw std::invalid_argument("--class-weight: " + std::string(number) + " of class " +
                                    in_quotes(data.classes[k]) + " is not greater than 0");
      }
      if (factors[k] != 0.0) {
        throw std::invalid_argument("--class-weight: class " + in_quotes(data.classes[k]) +
                                    " is named twice");
      }
      factors[k] = factor.value;
      text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
      break;
    }
    if (mark == std::string_view::npos) {
      throw std::invalid_argument("--class-weight: " + in_quotes(text) +
                                  " is neither balanced nor a list such as yes=3,no=1");
    }
  }
  std::replace(factors.begin(), factors.end(), 0.0, 1.0);
  return factors;
}

}  // namespace models
