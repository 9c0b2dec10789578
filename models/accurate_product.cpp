#include "models/accurate_product.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "autograd/readings/pack.h"

namespace models {
namespace {

using autograd::Index;
using autograd::Pack;

constexpr std::size_t lanes = Pack::lanes;

// What rounding took from the product p = a·b.
Pack lost_by_product(const Pack& a, const Pack& b, const Pack& p) {
#if defined(__FMA__) || defined(__aarch64__)
  return autograd::num::fma(a, b, -p);
#else
  Pack::Doubles out{};
  for (int lane = 0; lane < Pack::lanes; ++lane) out[lane] = std::fma(a[lane], b[lane], -p[lane]);
  return Pack(out);
#endif
}

// A sum and what rounding took from it so far.
struct Sum {
  Pack value;
  Pack lost;

  void add_product(const Pack& a, const Pack& b) {
    const Pack p = a * b;
    const Pack sum = value + p;
    const Pack added = sum - value;
    lost = lost + (((value - (sum - added)) + (p - added)) + lost_by_product(a, b, p));
    value = sum;
  }
};

// As many rows as a pack has lanes, input by input; zeros where there are fewer.
void transpose(const double* rows, std::size_t count, std::vector<double>& inputs) {
  const std::size_t in = inputs.size() / lanes;
  if (count < lanes) std::fill(inputs.begin(), inputs.end(), 0.0);
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t k = 0; k < in; ++k) inputs[k * lanes + row] = rows[row * in + k];
  }
}

}  // namespace

void accurate_affine(std::span<const double> rows, std::span<const double> weights,
                     std::span<const double> intercepts, std::span<double> z) {
  const std::size_t out = intercepts.size();
  const std::size_t in = weights.size() / out;
  const std::size_t all = z.size() / out;
  std::vector<double> inputs(in * lanes);
  for (std::size_t row = 0; row < all; row += lanes) {
    const std::size_t count = std::min(lanes, all - row);
    transpose(rows.data() + row * in, count, inputs);
    for (std::size_t j = 0; j < out; ++j) {
      Sum sum{Pack(intercepts[j]), Pack(0.0)};
      for (std::size_t k = 0; k < in; ++k) {
        sum.add_product(Pack::load(inputs.data() + k * lanes), Pack(weights[k * out + j]));
      }
      const Pack total = sum.value + sum.lost;
      for (std::size_t lane = 0; lane < count; ++lane) {
        z[(row + lane) * out + j] = total[static_cast<int>(lane)];
      }
    }
  }
}

}  // namespace models
