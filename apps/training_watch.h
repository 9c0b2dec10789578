// Who is told how training goes: the line of progress, --verbose, --plot and --history.
//
// Rule for callers: observer() is empty where nobody wants to know, and then no loss is computed
// for them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "apps/progress.h"
#include "models/training/minimise.h"

namespace apps {

struct WatchFlags {
  bool plot = false;
  std::string history;  // a file
};

// --plot and --history.
void add_watch_flags(CLI::App& command, WatchFlags& flags);

class TrainingWatch {
 public:
  // Both must outlive it.
  TrainingWatch(const WatchFlags& flags, const models::MinimiseOptions& options)
      : flags_(flags), options_(options) {}

  // Keeps and shows what it is told; refers to this.
  [[nodiscard]] models::EpochObserver observer();
  // Training is over: wipes the line.
  void finish() { progress_.wipe(); }
  // Writes the history where one is wanted. Throws models::WriteError.
  void write_history() const;
  // What --plot draws; "" without it.
  [[nodiscard]] std::string plot() const;

 private:
  [[nodiscard]] bool keeps() const { return flags_.plot || !flags_.history.empty(); }
  void take(const models::EpochReport& report);

  const WatchFlags& flags_;
  const models::MinimiseOptions& options_;
  Progress progress_;
  std::vector<models::EpochReport> epochs_;
  std::string solver_;  // of the last epoch that --verbose told of
};

// One line for each epoch: epoch, solver, loss, gradient_norm, and validation_loss where rows were
// kept aside; numbers with all their digits.
std::string history_csv(const std::vector<models::EpochReport>& epochs);

}  // namespace apps
