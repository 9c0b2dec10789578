// Metrics against what can be counted by hand.
#include "models/evaluation/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "autograd/random.h"

namespace models {
namespace {

std::vector<double> logarithms(std::vector<double> p) {
  for (double& each : p) each = std::log(each);
  return p;
}

TEST(Metrics, OfTwoClassesAreWhatIsCountedByHand) {
  const std::vector<double> labels{0, 1, 1, 0};
  const Metrics m = metrics_of(labels, logarithms({0.8, 0.2, 0.5, 0.5, 0.75, 0.25, 0.25, 0.75}), 2);
  EXPECT_EQ(m.accuracy, 0.5);  // 1/2 counts as class 1
  EXPECT_NEAR(m.log_loss, -(std::log(0.8) + std::log(0.5) + 2.0 * std::log(0.25)) / 4.0, 1e-15);
  EXPECT_NEAR(m.brier, (0.04 + 0.25 + 0.5625 + 0.5625) / 4.0, 1e-15);
  EXPECT_EQ(m.confusion, (std::vector<std::vector<double>>{{1, 1}, {1, 1}}));
  EXPECT_EQ(*m.f1, 0.5);
  EXPECT_EQ(*m.auc, 0.5);  // of four pairs two are in order
}

TEST(Metrics, OfSeveralClassesAreWhatIsCountedByHand) {
  const std::vector<double> labels{2, 0};
  const Metrics m = metrics_of(labels, logarithms({0.2, 0.3, 0.5, 0.1, 0.6, 0.3}), 3);
  EXPECT_EQ(m.accuracy, 0.5);
  EXPECT_NEAR(m.brier, (0.04 + 0.09 + 0.25 + 0.81 + 0.36 + 0.09) / 2.0, 1e-15);
  EXPECT_EQ(m.confusion, (std::vector<std::vector<double>>{{0, 1, 0}, {0, 0, 0}, {0, 0, 1}}));
  EXPECT_FALSE(m.auc) << "no row is of class 1";
  EXPECT_DOUBLE_EQ(*m.f1, 1.0 / 3.0);
}

TEST(Metrics, OfSeveralClassesAreMeansOfEachAgainstTheOthers) {
  const std::vector<double> labels{0, 1, 2, 2};
  const Metrics m = metrics_of(
      labels, logarithms({0.5, 0.3, 0.2, 0.4, 0.1, 0.5, 0.3, 0.1, 0.6, 0.6, 0.2, 0.2}), 3);
  // Class 0: two of three pairs; class 1: one pair of three lost, two equal; class 2: 5/8 of four.
  EXPECT_DOUBLE_EQ(*m.auc, (2.0 / 3.0 + 0.5 / 3.0 + 2.5 / 4.0) / 3.0);
  // Predicted 0, 2, 2, 0.
  EXPECT_DOUBLE_EQ(*m.f1, (2.0 / 3.0 + 0.0 + 2.0 / 4.0) / 3.0);
}

TEST(Metrics, PredictTheSecondOfTwoClassesFromTheThresholdOn) {
  const std::vector<double> labels{0, 1, 1};
  const auto p = logarithms({0.8, 0.2, 0.7, 0.3, 0.4, 0.6});
  EXPECT_EQ(metrics_of(labels, p, 2, {}, 0.25).confusion,
            (std::vector<std::vector<double>>{{1, 0}, {0, 2}}));
  EXPECT_EQ(metrics_of(labels, p, 2, {}, 0.7).accuracy, 1.0 / 3.0);
  EXPECT_EQ(predicted_class(std::vector<double>{0.7, 0.3}, 0.3), 1U);
}

TEST(Metrics, CountARowOfWeightTwoTwice) {
  const std::vector<double> labels{0, 1, 1};
  const auto p = logarithms({0.6, 0.4, 0.7, 0.3, 0.2, 0.8});
  const std::vector<double> weights{2, 0, 1};
  const Metrics m = metrics_of(labels, p, 2, weights);
  const Metrics repeated =
      metrics_of(std::vector<double>{0, 0, 1}, logarithms({0.6, 0.4, 0.6, 0.4, 0.2, 0.8}), 2);
  EXPECT_NEAR(m.log_loss, repeated.log_loss, 1e-15);
  EXPECT_EQ(m.accuracy, repeated.accuracy);
  EXPECT_EQ(m.confusion, repeated.confusion);
  EXPECT_EQ(m.auc, repeated.auc);
}

TEST(Metrics, OfASureModelAreFinite) {
  const Metrics m =
      metrics_of(std::vector<double>{1, 0}, std::vector<double>{0.0, -800.0, -900.0, 0.0}, 2);
  EXPECT_EQ(m.log_loss, 850.0);
  EXPECT_EQ(*m.auc, 0.0);
}

TEST(RocAuc, IsTheShareOfPairsInOrder) {
  autograd::Random random(1);
  std::vector<double> labels;
  std::vector<double> scores;
  std::vector<double> weights;
  for (int i = 0; i < 200; ++i) {
    labels.push_back(static_cast<double>(random.below(2)));
    scores.push_back(static_cast<double>(random.below(20)));  // with ties
    weights.push_back(static_cast<double>(random.below(3)));
  }
  double wins = 0.0;
  double pairs = 0.0;
  for (std::size_t i = 0; i < 200; ++i) {
    for (std::size_t j = 0; j < 200; ++j) {
      if (labels[i] != 1.0 || labels[j] != 0.0) continue;
      const double weight = weights[i] * weights[j];
      pairs += weight;
      wins += weight * (scores[i] > scores[j] ? 1.0 : scores[i] == scores[j] ? 0.5 : 0.0);
    }
  }
  EXPECT_NEAR(*roc_auc(labels, scores, weights), wins / pairs, 1e-14);
}

TEST(RocAuc, IsNothingWithoutRowsOfBothClasses) {
  EXPECT_FALSE(roc_auc(std::vector<double>{1, 1}, std::vector<double>{0.1, 0.2}));
  EXPECT_FALSE(
      roc_auc(std::vector<double>{1, 0}, std::vector<double>{0.1, 0.2}, std::vector<double>{1, 0}));
}

TEST(Metrics, RefuseWhatDoesNotBelongTogether) {
  EXPECT_THROW(metrics_of(std::vector<double>{1}, std::vector<double>{-0.5}, 2),
               std::invalid_argument);
  EXPECT_THROW(metrics_of(std::vector<double>{2}, std::vector<double>{-0.5, -1.0}, 2),
               std::invalid_argument);
  EXPECT_THROW(roc_auc(std::vector<double>{1, 0}, std::vector<double>{0.5, NAN}),
               std::invalid_argument);
}

}  // namespace
}  // namespace models
