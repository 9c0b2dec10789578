#include "models/prediction.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "autograd/operations.h"
#include "models/accurate_product.h"
#include "models/aligned_numbers.h"
#include "models/parallel.h"

namespace models {
namespace {

using autograd::Index;
using autograd::Shape;
using autograd::Tape;
using autograd::Tensor;

// The number of rows; that their values are finite is checked block by block.
std::size_t rows_in(const Network& network, std::span<const double> features) {
  const std::size_t columns = network.architecture.features;
  if (columns == 0 || features.empty() || features.size() % columns != 0) {
    throw std::invalid_argument(std::to_string(features.size()) + " values are not rows of " +
                                std::to_string(columns) + " features");
  }
  return features.size() / columns;
}

std::vector<Tensor> parameters_of(Tape& tape, const Network& network) {
  std::vector<Tensor> parameters;
  std::span<const double> rest = network.parameters;
  for (const ParameterBlock& block : parameter_blocks(network.architecture)) {
    const auto size = static_cast<std::size_t>(block.shape.size());
    if (rest.size() < size) break;
    parameters.push_back(tape.constant(autograd::view(rest.first(size), block.shape)));
    rest = rest.subspan(size);
  }
  return parameters;
}

// Logits of all classes [rows × classes].
Tensor all_logits(const Tensor& z, std::size_t classes) {
  const Index rows = z.shape()[0];
  if (z.shape().size() == rows * static_cast<Index>(classes)) return z;
  const Tensor zero = broadcast_to(z.tape()->constant(0.0), Shape{rows, 1});
  return autograd::concatenate({zero, reshape(z, Shape{rows, static_cast<Index>(classes) - 1})}, 1);
}

// [rows] and [rows] side by side.
Tensor beside(const Tensor& left, const Tensor& right) {
  const Shape column{left.shape()[0], 1};
  return autograd::concatenate({reshape(left, column), reshape(right, column)}, 1);
}

// A function of the logits, [rows × classes], in blocks of rows.
template <class Record>
std::vector<double> of_each_row(const Network& network, std::span<const double> features,
                                const Record& record) {
  const std::size_t columns = network.architecture.features;
  const std::size_t rows = rows_in(network, features);
  std::vector<double> result(rows * network.classes);
  for_each_block(rows, prediction_block, [&](std::size_t first, std::size_t count) {
    Tape tape;
    const auto block = features.subspan(first * columns, count * columns);
    require_finite(block, columns, first);
    try {
      const Tensor z = checked_logits(tape, network, block);
      const auto values = record(z).values();
      std::copy(values.begin(), values.end(),
                result.begin() + static_cast<std::ptrdiff_t>(first * network.classes));
    } catch (const LogOddsOverflow& error) {
      throw LogOddsOverflow(first + error.row());
    }
  });
  return result;
}

}  // namespace

LogOddsOverflow::LogOddsOverflow(std::size_t row)
    : NonFiniteError("the log-odds of row " + std::to_string(row + 1) +
                     " are beyond the range of a double"),
      row_(row) {}

void require_finite(std::span<const double> features, std::size_t columns, std::size_t first) {
  const auto bad = std::find_if_not(features.begin(), features.end(),
                                    [](double value) { return std::isfinite(value); });
  if (bad == features.end()) return;
  const auto at = static_cast<std::size_t>(bad - features.begin());
  throw std::invalid_argument("features must be finite: row " +
                              std::to_string(first + at / columns + 1) + ", column " +
                              std::to_string(at % columns + 1) + " is " + std::to_string(*bad));
}

// A sum that overflows may be ∞, −∞ or NaN whatever its sign should be: it depends on the order.
Tensor checked_logits(Tape& tape, const Network& network, std::span<const double> features) {
  const std::size_t rows = rows_in(network, features);
  require_finite(features, network.architecture.features);
  const Shape shape{static_cast<Index>(rows), static_cast<Index>(network.architecture.features)};
  const auto affine = [&tape](const Tensor& x, const Tensor& W, const Tensor& b) {
    const Index x_rows = x.shape()[0];
    AlignedNumbers z(static_cast<std::size_t>(x_rows * b.size()));
    accurate_affine(x.values(), W.values(), b.values(), z);
    const Shape of_z = b.shape().rank() == 0 ? Shape{x_rows} : Shape{x_rows, b.size()};
    return tape.constant(autograd::Values(z, of_z));
  };
  const Tensor z = logits(network.architecture, tape.constant(autograd::view(features, shape)),
                          parameters_of(tape, network), affine);
  const auto values = z.values();
  const auto bad =
      std::find_if_not(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  if (bad != values.end()) {
    throw LogOddsOverflow(static_cast<std::size_t>(bad - values.begin()) / (values.size() / rows));
  }
  return z;
}

std::vector<double> class_probabilities(const Network& network, std::span<const double> features) {
  return of_each_row(network, features, [&](const Tensor& z) {
    return z.shape().rank() == 1 ? beside(sigmoid(-z), sigmoid(z))
                                 : softmax(all_logits(z, network.classes));
  });
}

std::vector<double> class_log_probabilities(const Network& network,
                                            std::span<const double> features) {
  return of_each_row(network, features, [&](const Tensor& z) {
    return z.shape().rank() == 1 ? beside(-softplus(z), -softplus(-z))
                                 : log_softmax(all_logits(z, network.classes));
  });
}

}  // namespace models
