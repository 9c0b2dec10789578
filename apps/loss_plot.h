// The loss over the epochs, drawn in characters.
//
// Rule for callers: see canvas.h about braille.
#pragma once

#include <span>
#include <string>

#include "apps/canvas.h"
#include "models/training/training_result.h"

namespace apps {

// A title, the curve of the training loss and, where there is one, of the validation loss, the
// loss's numbers on the left and the epochs below. By the logarithm of the loss where it falls
// tenfold or more. Nothing without epochs.
std::string loss_plot(std::span<const models::EpochReport> epochs, const PlotStyle& style);

}  // namespace apps
