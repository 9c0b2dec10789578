// Names the operation behind a wrong gradient.
//
// Rule for callers: the recording has had its backward().
#pragma once

#include <string>

#include "autograd/verify/slope_witness.h"

namespace autograd {

// "The rule swish (my_loss.cpp:31) is wrong: …", where a rule fails at the values it had; else what
// it suggests that every rule is right by itself. `entry` is what is wrong, along `line`.
std::string blame(const Recording& recording, const Subject& subject, Prober& prober,
                  const Line& line, const EntryReport& entry);

}  // namespace autograd
