#include "models/training/learning_rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "models/training/require.h"

namespace models {
namespace {

constexpr std::array<std::string_view, 3> schedule_names{"constant", "step", "cosine"};

}  // namespace

std::string_view to_string(Schedule schedule) {
  return schedule_names[static_cast<std::size_t>(schedule)];
}

std::optional<Schedule> schedule_named(std::string_view name) {
  const auto* const found = std::find(schedule_names.begin(), schedule_names.end(), name);
  if (found == schedule_names.end()) return std::nullopt;
  return static_cast<Schedule>(found - schedule_names.begin());
}

double LearningRate::of_epoch(long epoch, long epochs) const {
  if (epoch < warm_up) {
    return rate * static_cast<double>(epoch + 1) / static_cast<double>(warm_up + 1);
  }
  const long since = epoch - warm_up;
  switch (schedule) {
    case Schedule::constant:
      break;
    case Schedule::step: {
      const long reductions = since / step_every;
      return rate * std::pow(step_factor, static_cast<double>(reductions));
    }
    case Schedule::cosine:
      return rate *
             (1.0 + std::cos(std::numbers::pi * static_cast<double>(since) /
                             static_cast<double>(epochs - warm_up))) /
             2.0;
  }
  return rate;
}

void require_in_range(const LearningRate& learning_rate) {
  require(learning_rate.rate > 0.0 && std::isfinite(learning_rate.rate),
          "the learning rate must be a positive number", learning_rate.rate);
  require(learning_rate.warm_up >= 0, "the epochs of warm-up must be 0 or more",
          learning_rate.warm_up);
  require(learning_rate.step_every >= 1,
          "the epochs between two reductions of the learning rate must be 1 or more",
          learning_rate.step_every);
  require(learning_rate.step_factor > 0.0 && learning_rate.step_factor <= 1.0,
          "a step of the learning rate must multiply it by more than 0 and at most 1",
          learning_rate.step_factor);
}

}  // namespace models
