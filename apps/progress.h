// A line of progress on a terminal.
//
// Rule for callers: nothing else is written to stderr while one is drawn; wipe() comes first.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "models/training/training_result.h"

namespace apps {

// Redrawn ten times a second at most, and wiped at the end. Where stderr is no terminal, and with
// --quiet or --verbose, nothing is drawn. It has no colours, and no characters beyond ASCII.
class Progress {
 public:
  Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { wipe(); }

  // Whether anything is ever drawn.
  [[nodiscard]] bool visible() const { return visible_; }
  // Whether so much time has gone by since the last line that the next is due.
  [[nodiscard]] bool due() const;

  // epoch 120/2000 [#####-------]  loss 0.0741  gradient 2.1e-04  <12 s left
  //
  // Training ends with the last epoch or where the gradient is within the tolerance: the bar shows
  // the nearer of the two ends, of the gradient by its logarithm. The time is that of all epochs
  // that are left; nothing is said of solvers that never take them.
  void show(const models::EpochReport& report, long epochs, double tolerance);
  // fold 3/5 [######----]
  void show_step(std::string_view name, std::size_t step, std::size_t steps);
  void wipe();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] double share(const models::EpochReport& report, long epochs, double tolerance);
  [[nodiscard]] std::string time_left(const models::EpochReport& report, long epochs) const;
  void draw(const std::string& line);

  bool visible_;
  bool drawn_ = false;
  Clock::time_point begin_;  // of what is shown now
  Clock::time_point last_;   // that a line was drawn
  long first_epoch_ = -1;
  double first_gradient_ = 0.0;
  double smallest_gradient_ = 0.0;
};

}  // namespace apps
