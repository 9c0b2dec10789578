#include "models/evaluation/threshold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "autograd/random.h"
#include "models/evaluation/metrics.h"

namespace models {
namespace {

TEST(Threshold, IsReadAndWrittenInOneWay) {
  for (const char* text : {"0.3", "f1", "youden", "cost=1:5", "cost=0.5:2"}) {
    EXPECT_EQ(to_string(parse_threshold(text)), text);
  }
  for (const char* text : {"", "0", "1", "1.5", "-0.1", "nan", "F1", "cost", "cost=", "cost=1",
                           "cost=0:1", "cost=1:-1", "cost=1:2:3"}) {
    EXPECT_THROW(parse_threshold(text), std::invalid_argument) << text;
  }
}

TEST(Threshold, IsHalfWayBetweenNeighbours) {
  const std::vector<double> labels{0, 0, 1, 1};
  const std::vector<double> p{0.1, 0.2, 0.7, 0.8};
  for (const char* rule : {"f1", "youden", "cost=1:1"}) {
    EXPECT_DOUBLE_EQ(best_threshold(parse_threshold(rule), labels, p), 0.45) << rule;
  }
  EXPECT_EQ(best_threshold(parse_threshold("0.3"), labels, p), 0.3);
}

TEST(Threshold, TakesAllOrNoneWhereThatIsBest) {
  const std::vector<double> labels{1, 0, 0, 1};
  const std::vector<double> p{0.2, 0.3, 0.6, 0.5};
  EXPECT_EQ(best_threshold(parse_threshold("cost=1:1000"), labels, p), 0.1);
  EXPECT_EQ(best_threshold(parse_threshold("cost=1000:1"), labels, p), 0.8);
}

// No threshold between, below or above the probabilities does better.
TEST(Threshold, IsTheBestOfAll) {
  autograd::Random random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> labels;
    std::vector<double> p;
    std::vector<double> weights;
    for (int row = 0; row < 20; ++row) {
      labels.push_back(row < 2 ? row : std::floor(random.uniform(0.0, 2.0)));
      p.push_back(std::floor(random.uniform(1.0, 10.0)) / 10.0);
      weights.push_back(std::floor(random.uniform(0.0, 3.0)) + (row < 2 ? 1.0 : 0.0));
    }
    std::vector<double> log_p;
    for (const double each : p) log_p.insert(log_p.end(), {std::log(1.0 - each), std::log(each)});
    for (const char* text : {"f1", "youden", "cost=1:3"}) {
      const auto worth = [&](double threshold) {
        const auto c = metrics_of(labels, log_p, 2, weights, threshold).confusion;
        const double wrong = c[0][1] + c[1][0];
        if (std::string_view(text) == "f1") return 2.0 * c[1][1] / (2.0 * c[1][1] + wrong);
        if (std::string_view(text) == "youden") {
          return c[1][1] / (c[1][0] + c[1][1]) - c[0][1] / (c[0][0] + c[0][1]);
        }
        return -(c[0][1] + 3.0 * c[1][0]);
      };
      const double best = best_threshold(parse_threshold(text), labels, p, weights);
      for (const double other : {0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95}) {
        EXPECT_GE(worth(best) + 1e-15, worth(other)) << text << " " << best << " " << other;
      }
    }
  }
}

TEST(Threshold, IsBetweenNumbersThatAreNextToEachOther) {
  const double low = 0.5;
  const double high = std::nextafter(low, 1.0);
  const double best = best_threshold(parse_threshold("f1"), std::vector<double>{0, 1},
                                     std::vector<double>{low, high});
  EXPECT_GT(best, low);
  EXPECT_LE(best, high);
}

}  // namespace
}  // namespace models
