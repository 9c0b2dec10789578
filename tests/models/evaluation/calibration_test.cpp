#include "models/evaluation/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace models {
namespace {

std::vector<double> logs(std::vector<double> p) {
  for (double& each : p) each = std::log(each);
  return p;
}

TEST(Calibration, OfTwoClassesIsThatOfTheSecond) {
  const std::vector<double> labels{0, 1, 1, 1};
  const auto p = logs({0.75, 0.25, 0.75, 0.25, 0.0625, 0.9375, 0.0, 1.0});
  const Calibration c = calibration_of(labels, p, 2, {}, 4);
  ASSERT_EQ(c.bins.size(), 4U);
  EXPECT_EQ(c.bins[1].from, 0.25);
  EXPECT_EQ(c.bins[1].rows, 2.0);
  EXPECT_EQ(c.bins[1].mean_probability, 0.25);
  EXPECT_EQ(c.bins[1].share, 0.5);
  // Wilson's interval of 1 in 2: R, prop.test(1, 2, correct = FALSE).
  EXPECT_NEAR(c.bins[1].share_low, 0.09453121, 1e-8);
  EXPECT_NEAR(c.bins[1].share_high, 0.9054688, 1e-7);
  EXPECT_EQ(c.bins[3].rows, 2.0) << "a probability of 1 is in the last";
  EXPECT_EQ(c.bins[0].rows, 0.0);
  EXPECT_NEAR(c.expected_error, 0.5 * 0.25 + 0.5 * 0.03125, 1e-15);
}

TEST(Calibration, OfSeveralClassesIsThatOfThePredictedOne) {
  const std::vector<double> labels{2, 0};
  const auto p = logs({0.125, 0.25, 0.625, 0.125, 0.25, 0.625});
  const Calibration c = calibration_of(labels, p, 3, std::vector<double>{3, 1}, 2);
  EXPECT_EQ(c.bins[1].rows, 4.0);
  EXPECT_EQ(c.bins[1].share, 0.75);
  EXPECT_NEAR(c.expected_error, 0.125, 1e-15);
  EXPECT_THROW(calibration_of(labels, p, 2), std::invalid_argument);
}

}  // namespace
}  // namespace models
