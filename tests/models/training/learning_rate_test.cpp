// Learning rates over the epochs, at values worked out by hand.
#include "models/training/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/models/data/support.h"

namespace models {
namespace {

using testing::message_of;

std::vector<double> rates(const LearningRate& rate, long epochs) {
  std::vector<double> all;
  for (long epoch = 0; epoch < epochs; ++epoch) all.push_back(rate.of_epoch(epoch, epochs));
  return all;
}

TEST(LearningRate, IsConstantToTheBit) {
  EXPECT_EQ(rates({0.3}, 3), (std::vector<double>{0.3, 0.3, 0.3}));
}

TEST(LearningRate, FallsBySteps) {
  EXPECT_EQ(rates({8.0, Schedule::step, 0, 2, 0.5}, 6),
            (std::vector<double>{8.0, 8.0, 4.0, 4.0, 2.0, 2.0}));
}

TEST(LearningRate, FallsAlongHalfAWave) {
  const std::vector<double> wave = rates({2.0, Schedule::cosine}, 4);
  ASSERT_EQ(wave.size(), 4U);
  EXPECT_EQ(wave[0], 2.0);
  EXPECT_NEAR(wave[1], 1.0 + std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(wave[2], 1.0, 1e-15);
  EXPECT_NEAR(wave[3], 1.0 - std::sqrt(0.5), 1e-15);
}

TEST(LearningRate, WarmsUpLinearlyBeforeAnySchedule) {
  EXPECT_EQ(rates({4.0, Schedule::constant, 3}, 5), (std::vector<double>{1.0, 2.0, 3.0, 4.0, 4.0}));
  EXPECT_EQ(rates({4.0, Schedule::step, 1, 1, 0.5}, 4), (std::vector<double>{2.0, 4.0, 2.0, 1.0}));
  const std::vector<double> wave = rates({4.0, Schedule::cosine, 1}, 3);
  EXPECT_EQ(wave[0], 2.0);
  EXPECT_EQ(wave[1], 4.0);
  EXPECT_NEAR(wave[2], 2.0, 1e-15);
}

TEST(LearningRate, RefusesWhatIsOutsideItsRange) {
  const auto message = [](const LearningRate& rate) {
    return message_of<std::invalid_argument>([&] { require_in_range(rate); });
  };
  EXPECT_EQ(message({-1.0}), "the learning rate must be a positive number, not -1.000000");
  EXPECT_EQ(message({HUGE_VAL}), "the learning rate must be a positive number, not inf");
  EXPECT_EQ(message({0.1, Schedule::step, -1}), "the epochs of warm-up must be 0 or more, not -1");
  EXPECT_EQ(message({0.1, Schedule::step, 0, 0}),
            "the epochs between two reductions of the learning rate must be 1 or more, not 0");
  EXPECT_EQ(
      message({0.1, Schedule::step, 0, 1, 1.5}),
      "a step of the learning rate must multiply it by more than 0 and at most 1, not 1.500000");
}

TEST(Schedule, HasTheNameOfItsFlag) {
  for (const Schedule schedule : {Schedule::constant, Schedule::step, Schedule::cosine}) {
    EXPECT_EQ(schedule_named(to_string(schedule)), schedule);
  }
  EXPECT_EQ(to_string(Schedule::cosine), "cosine");
  EXPECT_EQ(schedule_named("linear"), std::nullopt);
}

}  // namespace
}  // namespace models
