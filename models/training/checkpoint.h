// The file in which the state of training is kept, so that a run that was killed goes on as if it
// had not been. Its format is described in models/README.md.
//
// Rule for callers: one Checkpoint for one call of minimise(), with the identity of what is
// minimised.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/training/state.h"

namespace models {

struct CheckpointOptions {
  std::string file;    // that the state is written to, again and again; "": none
  std::string resume;  // that training goes on from; "": it begins
  // Epochs between two states that are written, >= 1. Nothing: as often as costs little, once a
  // second or, where writing takes so long, in 20 times as long as the last one took.
  std::optional<long> every;
  std::string program_version;  // another may compute in another order
};

// What the parameters depend on, each by a name for messages and a value to be compared: digests of
// the data, the options as text.
struct RunIdentity {
  std::string data_file;  // for messages
  std::vector<std::pair<std::string, std::string>> data;
  std::vector<std::pair<std::string, std::string>> options;
  long epochs = 0;  // at most; may be more than when the state was kept
};

// Throws what can be said of the files before there are data: DataError for one that is no whole
// checkpoint or of another version, WriteError where none can be written.
void require_usable(const CheckpointOptions& options);

class Checkpoint final : public StateStore {
 public:
  // Throws what require_usable() throws; ModelDataMismatch where the state to go on from is of
  // other data, std::invalid_argument of other options: both name what differs.
  Checkpoint(CheckpointOptions options, RunIdentity run);

  // Throws WriteError, and what was there before is there still.
  void keep(long epoch, bool last, const StateVisit& members) override;
  // Throws DataError for what no run leaves behind.
  bool restore(const StateVisit& members) override;

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool is_due(long epoch) const;

  CheckpointOptions options_;
  RunIdentity run_;
  std::string state_;  // to go on from, JSON; "": none
  long kept_ = -1;     // the epoch of the last state that was written
  Clock::time_point next_;
};

// A state as a JSON object, whose numbers keep every bit.
std::string state_as_json(const StateVisit& members);
// Throws DataError, in the name of the file, where the text is no such object, a member is missing
// or out of its bounds.
void restore_state(const std::string& json, const std::string& file, const StateVisit& members);

}  // namespace models
