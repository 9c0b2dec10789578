// The loss over the epochs, drawn in characters.
//
// Rule for callers: braille takes a terminal in UTF-8; ASCII goes everywhere.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "models/training/training_result.h"

namespace apps {

struct PlotStyle {
  std::size_t columns = 80;  // of the whole, with the labels
  std::size_t rows = 16;     // of the curve alone
  bool braille = false;      // eight dots to a character, or else one * or o
};

// True where the environment says that terminals are in UTF-8.
bool is_utf8_locale();

// A title, the curve of the training loss and, where there is one, of the validation loss, the
// loss's numbers on the left and the epochs below. By the logarithm of the loss where it falls
// tenfold or more. Nothing without epochs.
std::string loss_plot(std::span<const models::EpochReport> epochs, const PlotStyle& style);

}  // namespace apps
