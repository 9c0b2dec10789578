#include "models/evaluation/threshold.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

double number_in(std::string_view text) {
  const ParsedNumber parsed = parse_number(text);
  return parsed.status == NumberStatus::number ? parsed.value
                                               : std::numeric_limits<double>::quiet_NaN();
}

[[noreturn]] void refuse(std::string_view text) {
  throw std::invalid_argument(in_quotes(text) +
                              " is none of a probability between 0 and 1, f1, youden and cost=1:5, "
                              "what a false positive and a false negative cost");
}

// The weight of rows by what they are and what they are predicted to be.
struct Counts {
  double true_positive = 0.0;
  double false_positive = 0.0;
  double positive = 0.0;
  double negative = 0.0;
};

// The larger, the better.
double worth(const ThresholdRule& rule, const Counts& c) {
  const double false_negative = c.positive - c.true_positive;
  switch (rule.kind) {
    case ThresholdRule::Kind::f1: {
      const double counted = 2.0 * c.true_positive + c.false_positive + false_negative;
      return counted > 0.0 ? 2.0 * c.true_positive / counted : 0.0;
    }
    case ThresholdRule::Kind::youden:
      return (c.positive > 0.0 ? c.true_positive / c.positive : 0.0) -
             (c.negative > 0.0 ? c.false_positive / c.negative : 0.0);
    case ThresholdRule::Kind::cost:
      return -(rule.false_positive * c.false_positive + rule.false_negative * false_negative);
    case ThresholdRule::Kind::fixed:
      break;
  }
  return 0.0;
}

// A number above `low` and not above `high`, in the middle where there is one.
double between(double low, double high) {
  const double middle = low + (high - low) / 2.0;
  return middle > low ? middle : high;
}

}  // namespace

ThresholdRule parse_threshold(std::string_view text) {
  ThresholdRule rule;
  if (text == "f1") {
    rule.kind = ThresholdRule::Kind::f1;
  } else if (text == "youden") {
    rule.kind = ThresholdRule::Kind::youden;
  } else if (text.starts_with("cost=")) {
    const std::string_view costs = text.substr(5);
    const std::size_t colon = costs.find(':');
    if (colon == std::string_view::npos) refuse(text);
    rule.kind = ThresholdRule::Kind::cost;
    rule.false_positive = number_in(costs.substr(0, colon));
    rule.false_negative = number_in(costs.substr(colon + 1));
    if (!(rule.false_positive > 0.0 && rule.false_negative > 0.0)) refuse(text);
  } else {
    rule.value = number_in(text);
    if (!(rule.value > 0.0 && rule.value < 1.0)) refuse(text);
  }
  return rule;
}

std::string to_string(const ThresholdRule& rule) {
  switch (rule.kind) {
    case ThresholdRule::Kind::f1:
      return "f1";
    case ThresholdRule::Kind::youden:
      return "youden";
    case ThresholdRule::Kind::cost:
      return "cost=" + shortest(rule.false_positive) + ":" + shortest(rule.false_negative);
    case ThresholdRule::Kind::fixed:
      break;
  }
  return shortest(rule.value);
}

double best_threshold(const ThresholdRule& rule, std::span<const double> labels,
                      std::span<const double> p, std::span<const double> weights) {
  if (!rule.is_learned()) return rule.value;
  if (labels.empty() || p.size() != labels.size() ||
      (!weights.empty() && weights.size() != labels.size())) {
    throw std::invalid_argument("labels, probabilities and weights do not belong together");
  }
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
  const auto weight = [&](std::size_t row) { return weights.empty() ? 1.0 : weights[row]; };
  Counts counts;
  for (const std::size_t row : order) {
    (labels[row] == 1.0 ? counts.positive : counts.negative) += weight(row);
  }
  double best = 0.5;
  double most = -std::numeric_limits<double>::infinity();
  const auto offer = [&](double threshold) {
    const double value = worth(rule, counts);
    const auto from_half = [](double t) { return std::abs(t - 0.5); };
    if (value < most || (value == most && from_half(threshold) > from_half(best))) return;
    most = value;
    best = threshold;
  };
  if (p[order[0]] < 1.0) offer(between(p[order[0]], 1.0));  // no row is taken for class 1
  for (std::size_t at = 0; at < order.size();) {
    const double score = p[order[at]];
    for (; at < order.size() && p[order[at]] == score; ++at) {
      (labels[order[at]] == 1.0 ? counts.true_positive : counts.false_positive) +=
          weight(order[at]);
    }
    offer(between(at < order.size() ? p[order[at]] : 0.0, score));
  }
  return best;
}

}  // namespace models
