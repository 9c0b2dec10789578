// Whether the classes can be separated by linear logits: then the likelihood has no maximum, and
// coefficients grow as long as a fit goes on.
//
// Rule for callers: asked where a fit looks as if it had no end (see certificate.h); it solves
// linear programmes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/classification_loss.h"

namespace models {

enum class SeparationKind : std::uint8_t {
  none,            // there is a maximum
  quasi_complete,  // a direction puts no row on the wrong side, and some on the boundary
  complete,        // a direction puts every row on its side
};

struct Separation {
  SeparationKind kind = SeparationKind::none;
  std::vector<std::size_t> columns;  // the features that do it, ascending
  // The direction, as the parameters of linear logits are laid out: weights [features × (classes −
  // 1)], row-major, then the intercepts. Empty where there is none.
  std::vector<double> direction;
};

// A direction β with x̃ᵀ(β_k − β_l) ≥ 0 for each row x̃ = (x, 1) of class k and each other class l,
// and > 0 for one of them; β_0 = 0. It is complete where all can be > 0. Source: Albert and
// Anderson, "On the existence of maximum likelihood estimates in logistic regression models",
// Biometrika 71 (1984); the programme that maximises the sum of these margins in a box: Konis,
// "Linear programming algorithms for detecting separated data in binary logistic regression
// models", thesis, Oxford (2007). Columns that the others do without are left out one after the
// other, so that each of those told is needed.
//
// Margins are added to the programmes as they are violated. Rows of weight 0 do not count. Features
// are to be on one scale. A direction counts where its margins, worked out row by row, hold but for
// rounding. Throws std::invalid_argument where the rows are not sound.
Separation find_separation(const LabelledRows& rows);

}  // namespace models
