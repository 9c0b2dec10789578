// Logits and probabilities of a network with given parameters.
//
// Rule for callers: features are row-major, [rows × features], on the scale of the parameters, and
// read in place. All functions throw std::invalid_argument where sizes do not fit or a feature is
// not finite, and LogOddsOverflow for a row whose logits are beyond the range of a double: never is
// a NaN taken for a class.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "autograd/errors.h"
#include "autograd/tensor.h"
#include "models/multilayer_perceptron.h"

namespace models {

// Rows that are looked at together, from the first on: their values stay in the cache. A row in
// another place of its block may have other last bits.
inline constexpr std::size_t prediction_block = 512;

// A row has no probability that can be computed: its log-odds are beyond the range of a double.
class LogOddsOverflow : public autograd::NonFiniteError {
 public:
  explicit LogOddsOverflow(std::size_t row);  // counted from 0
  [[nodiscard]] std::size_t row() const noexcept { return row_; }

 private:
  std::size_t row_;
};

// A network as it predicts: with products that keep their digits (accurate_product.h), unlike in
// training, so that what a model predicts hangs neither on the machine nor on the rows beside.
struct Network {
  const Architecture& architecture;
  std::span<const double> parameters;
  std::size_t classes = 2;
};

// The logits of all rows as constants of a tape: [rows] of one output, else [rows × outputs].
autograd::Tensor checked_logits(autograd::Tape& tape, const Network& network,
                                std::span<const double> features);

// P(class) for each row, [rows × classes]. Each keeps its digits however near another is to 1.
std::vector<double> class_probabilities(const Network& network, std::span<const double> features);
// ln P(class), right however sure the network is.
std::vector<double> class_log_probabilities(const Network& network,
                                            std::span<const double> features);

// Throws std::invalid_argument, naming row and column, for a feature that is not finite; `first`
// rows are before these.
void require_finite(std::span<const double> features, std::size_t columns, std::size_t first = 0);

}  // namespace models
