#include "models/evaluation/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/parallel.h"

namespace models {
namespace {

void require_sizes(std::size_t rows, std::size_t numbers, std::size_t per_row,
                   std::size_t weights) {
  if (rows > 0 && numbers == rows * per_row && (weights == 0 || weights == rows)) return;
  throw std::invalid_argument(std::to_string(rows) + " labels, " + std::to_string(numbers) +
                              " predictions and " + std::to_string(weights) +
                              " weights do not belong together");
}

std::size_t class_of(double label, std::size_t classes) {
  if (label >= 0.0 && label < static_cast<double>(classes) && label == std::floor(label)) {
    return static_cast<std::size_t>(label);
  }
  throw std::invalid_argument("a label is none of the " + std::to_string(classes) + " classes");
}

double brier_of(std::span<const double> log_p, std::size_t label) {
  if (log_p.size() == 2) {
    const double wrong = std::exp(log_p[1 - label]);
    return wrong * wrong;
  }
  double sum = 0.0;
  for (std::size_t k = 0; k < log_p.size(); ++k) {
    // 1 − P, as the others' sum, would gain nothing: its square is what is added.
    const double difference = k == label ? -std::expm1(log_p[k]) : std::exp(log_p[k]);
    sum += difference * difference;
  }
  return sum;
}

// Of class 1 of two; of several the mean over those that are there or predicted.
std::optional<double> f1_of(const std::vector<std::vector<double>>& confusion) {
  const std::size_t classes = confusion.size();
  double sum = 0.0;
  double counted = 0.0;
  for (std::size_t k = classes == 2 ? 1 : 0; k < classes; ++k) {
    double true_or_predicted = 0.0;
    for (std::size_t i = 0; i < classes; ++i) {
      true_or_predicted += confusion[k][i] + confusion[i][k];
    }
    if (!(true_or_predicted > 0.0)) continue;
    sum += 2.0 * confusion[k][k] / true_or_predicted;
    counted += 1.0;
  }
  if (counted == 0.0) return std::nullopt;
  return sum / counted;
}

// What tells class k from the others. Of two classes the logit, as the difference of the
// logarithms, tells apart what rounds to the same probability.
std::optional<double> auc_of(std::span<const double> labels, std::span<const double> log_p,
                             std::size_t classes, std::span<const double> weights) {
  std::vector<double> is_class(labels.size());
  std::vector<double> scores(labels.size());
  double sum = 0.0;
  for (std::size_t k = classes == 2 ? 1 : 0; k < classes; ++k) {
    for (std::size_t row = 0; row < labels.size(); ++row) {
      is_class[row] = labels[row] == static_cast<double>(k) ? 1.0 : 0.0;
      scores[row] = log_p[row * classes + k] - (classes == 2 ? log_p[2 * row] : 0.0);
    }
    const std::optional<double> auc = roc_auc(is_class, scores, weights);
    if (!auc) return std::nullopt;
    sum += *auc;
  }
  return sum / static_cast<double>(classes == 2 ? 1 : classes);
}

// What counts for the order of rows.
struct Scored {
  double score = 0.0;
  double weight = 0.0;
};

}  // namespace

std::size_t predicted_class(std::span<const double> p, double threshold) {
  if (p.size() == 2) return (threshold == 0.5 ? p[1] >= p[0] : p[1] >= threshold) ? 1 : 0;
  return static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
}

Metrics metrics_of(std::span<const double> labels, std::span<const double> log_probabilities,
                   std::size_t classes, std::span<const double> weights, double threshold) {
  require_sizes(labels.size(), log_probabilities.size(), classes, weights.size());
  Metrics result;
  result.confusion.assign(classes, std::vector<double>(classes, 0.0));
  double total = 0.0;
  double correct = 0.0;
  std::vector<double> p(classes);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const double weight = weights.empty() ? 1.0 : weights[row];
    if (weight == 0.0) continue;
    const std::span<const double> log_p = log_probabilities.subspan(row * classes, classes);
    const std::size_t label = class_of(labels[row], classes);
    std::transform(log_p.begin(), log_p.end(), p.begin(), [](double x) { return std::exp(x); });
    const std::size_t predicted = predicted_class(threshold == 0.5 ? log_p : p, threshold);
    total += weight;
    correct += predicted == label ? weight : 0.0;
    result.log_loss -= weight * log_p[label];
    result.brier += weight * brier_of(log_p, label);
    result.confusion[label][predicted] += weight;
  }
  result.accuracy = correct / total;
  result.log_loss /= total;
  result.brier /= total;
  result.f1 = f1_of(result.confusion);
  result.auc = auc_of(labels, log_probabilities, classes, weights);
  return result;
}

std::optional<double> roc_auc(std::span<const double> labels, std::span<const double> scores,
                              std::span<const double> weights) {
  require_sizes(labels.size(), scores.size(), 1, weights.size());
  std::array<std::vector<Scored>, 2> of_class;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (std::isnan(scores[row])) throw std::invalid_argument("a score is not a number");
    const double weight = weights.empty() ? 1.0 : weights[row];
    if (weight != 0.0) of_class[class_of(labels[row], 2)].push_back({scores[row], weight});
  }
  const auto lower = [](const Scored& a, const Scored& b) { return a.score < b.score; };
  for_each_block(2, 1, [&](std::size_t k, std::size_t /*count*/) {
    std::sort(of_class[k].begin(), of_class[k].end(), lower);
  });
  double below = 0.0;  // the weight of class 0 with a lower score
  double positive = 0.0;
  double wins = 0.0;
  auto negative = of_class[0].begin();
  for (auto row = of_class[1].begin(); row != of_class[1].end();) {
    const double score = row->score;
    double group = 0.0;
    for (; row != of_class[1].end() && row->score == score; ++row) group += row->weight;
    for (; negative != of_class[0].end() && negative->score < score; ++negative) {
      below += negative->weight;
    }
    double equal = 0.0;
    for (; negative != of_class[0].end() && negative->score == score; ++negative) {
      equal += negative->weight;
    }
    wins += group * (below + equal / 2.0);
    below += equal;
    positive += group;
  }
  for (; negative != of_class[0].end(); ++negative) below += negative->weight;
  if (!(positive > 0.0) || !(below > 0.0)) return std::nullopt;
  return wins / (positive * below);
}

}  // namespace models
