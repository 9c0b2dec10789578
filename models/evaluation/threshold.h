// From which probability on the second of two classes is predicted, and how that is chosen.
//
// Rule for callers: choose on predictions of rows that the model has not seen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace models {

struct ThresholdRule {
  enum class Kind : std::uint8_t {
    fixed,   // as given
    f1,      // the largest F1 of class 1
    youden,  // the largest TP/(TP + FN) − FP/(FP + TN) (Youden, "Index for rating diagnostic
             // tests", Cancer 3, 1950)
    cost,    // the smallest false_positive · FP + false_negative · FN
  };
  Kind kind = Kind::fixed;
  double value = 0.5;           // of fixed
  double false_positive = 1.0;  // of cost
  double false_negative = 1.0;

  [[nodiscard]] bool is_learned() const { return kind != Kind::fixed; }
};

// "0.3", "f1", "youden", "cost=1:5" (a false positive : a false negative). Throws
// std::invalid_argument, in a user's words, for anything else.
ThresholdRule parse_threshold(std::string_view text);
// The same text.
std::string to_string(const ThresholdRule& rule);

// The best threshold for rows of class 0 and 1 and their probability of class 1: half way between
// two neighbouring probabilities; of equally good ones that nearest to 1/2, of those the smallest.
// Throws std::invalid_argument where sizes do not fit; weights are as in metrics.h.
double best_threshold(const ThresholdRule& rule, std::span<const double> labels,
                      std::span<const double> p, std::span<const double> weights = {});

}  // namespace models
