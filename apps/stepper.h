// The stepper: through a trace event by event, forwards and backwards, on a terminal.
//
// Rule for callers: only where can_step() says that somebody sits there.
#pragma once

#include "apps/explanation.h"

namespace apps {

// True where both standard input and standard output are a terminal that a picture can be drawn on.
bool can_step();

// Steps through the explanation until the user leaves; returns the exit code.
int step_through(const Explanation& explanation, bool ascii);

}  // namespace apps
