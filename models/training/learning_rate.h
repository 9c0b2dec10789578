// The learning rate over the epochs: warm-up, then a schedule.
//
// Rule for callers: the rate belongs to an epoch; all updates of an epoch share it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace models {

enum class Schedule : std::uint8_t {
  constant,
  step,    // times step_factor after every step_every epochs
  cosine,  // half a wave, from the full rate to 0 after the last epoch
};

// "constant", "step", "cosine": the name of the flag.
std::string_view to_string(Schedule schedule);
std::optional<Schedule> schedule_named(std::string_view name);

struct LearningRate {
  double rate = 0.1;  // > 0
  Schedule schedule = Schedule::constant;
  long warm_up = 0;          // epochs before the schedule, in which the rate grows linearly, >= 0
  long step_every = 10;      // step: epochs between two reductions, >= 1
  double step_factor = 0.1;  // step: what a reduction multiplies the rate by, > 0 and <= 1

  // The rate of an epoch, counted from 0, of `epochs` in all:
  //   warm-up   rate · (epoch + 1) / (warm_up + 1)
  // and with t = epoch − warm_up, the epochs since,
  //   constant  rate
  //   step      rate · step_factor^⌊t / step_every⌋
  //   cosine    rate · (1 + cos(π · t / (epochs − warm_up))) / 2
  // The last is of Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts",
  // ICLR 2017, without a restart.
  [[nodiscard]] double of_epoch(long epoch, long epochs) const;
};

// Throws std::invalid_argument for what is outside its range.
void require_in_range(const LearningRate& learning_rate);

}  // namespace models
