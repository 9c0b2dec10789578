#include "apps/checkpoint_flags.h"

#include "apps/command.h"
#include "apps/command_line.h"

namespace apps {

void add_checkpoint_flags(CLI::App& command, CheckpointFlags& flags) {
  command
      .add_option("--checkpoint", flags.file,
                  "Keep the state of training in this file, from which --resume goes on")
      ->check(fault_of_empty);
  command
      .add_option("--every", flags.every,
                  "Epochs between two states that are written [about one a second]")
      ->check(fault_of_count);
  command
      .add_option("--resume", flags.resume,
                  "Go on from this file of --checkpoint, as if training had never stopped: the "
                  "same data and flags are needed")
      ->check(fault_of_empty);
  name_values(command, "FILE", {"--checkpoint", "--resume"});
}

models::CheckpointOptions checkpoint_options(const CheckpointFlags& flags) {
  if (flags.every && *flags.every == 0) {
    throw UsageError("--every: a number of epochs, 1 or more, is expected, not 0");
  }
  return {flags.file.empty() ? flags.resume : flags.file, flags.resume, flags.every,
          TAPEWISE_VERSION};
}

}  // namespace apps
