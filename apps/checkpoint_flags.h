// --checkpoint, --every and --resume: a run of training that may be killed.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "models/training/checkpoint.h"

namespace apps {

struct CheckpointFlags {
  std::string file;
  std::optional<long> every;
  std::string resume;
};

void add_checkpoint_flags(CLI::App& command, CheckpointFlags& flags);

// What is resumed is kept in the same file, unless another is named. Throws UsageError for 0 epochs
// between two checkpoints.
models::CheckpointOptions checkpoint_options(const CheckpointFlags& flags);

}  // namespace apps
