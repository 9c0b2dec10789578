#include "autograd/rules/panel_product.h"

#include <algorithm>
#include <array>
#include <utility>

namespace autograd::bilinear {
namespace {

constexpr Index panel_lanes = Pack::lanes;

// A factor whose element (i, k) is at data[i·down + k·along]: a matrix, or one that is transposed.
struct LeftFactor {
  const double* data;
  Index down;
  Index along;
};

// Of the inner axis, how much is worked on at a time: this many rows of a panel of four packs stay
// in the first-level cache beside the other factor.
constexpr Index inner_extent = 128;

// Sums held in registers: three quarters of them; the others hold a row of the panel.
constexpr std::size_t sums_held = panel_lanes == 8 ? 24 : 12;

template <std::size_t packs>
constexpr std::size_t rows_held = std::min<std::size_t>(sums_held / packs, 12);

// C[i] (+)= Σ a(i, k)·B[k] for `rows` rows of C and k < inner; `rest` lanes of the last pack are
// columns.
template <std::size_t packs, std::size_t rows>
void multiply_tile(const LeftFactor& a, const Panel& b, double* c, Index inner, Index rest,
                   bool adds) {
  const auto load = [rest](const double* row, std::size_t p) {
    const double* from = row + static_cast<Index>(p) * panel_lanes;
    return p + 1 < packs ? Pack::load(from) : Pack::load_first(from, rest);
  };
  std::array<std::array<Pack, packs>, rows> sums{};
  for (Index k = 0; k < inner; ++k) {
    std::array<Pack, packs> row;
    unrolled<packs>([&](auto p) { row[p] = load(b.data + k * b.columns, p); });
    unrolled<rows>([&](auto r) {
      const Pack factor(a.data[static_cast<Index>(r) * a.down + k * a.along]);
      unrolled<packs>([&](auto p) { sums[r][p] = num::fma(factor, row[p], sums[r][p]); });
    });
  }
  unrolled<rows>([&](auto r) {
    unrolled<packs>([&](auto p) {
      double* row = c + static_cast<Index>(r) * b.columns;
      Pack sum = sums[r][p];
      if (adds) sum = sum + load(row, p);
      row += static_cast<Index>(p) * panel_lanes;
      p + 1 < packs ? sum.store(row) : sum.store_first(row, rest);
    });
  });
}

using MultiplyTile = void (*)(const LeftFactor&, const Panel&, double*, Index, Index, bool);

template <std::size_t packs, std::size_t... row>
constexpr auto tiles_of(std::index_sequence<row...> /*rows*/) {
  return std::array<MultiplyTile, sizeof...(row)>{multiply_tile<packs, row + 1>...};
}

// C (+)= A·B with `rows` rows, in tiles of nearly equal heights: a tile of one row would wait for
// its own sums.
template <std::size_t packs>
void multiply(const LeftFactor& a, const Panel& b, double* c, Index rows, bool adds) {
  static constexpr auto tiles = tiles_of<packs>(std::make_index_sequence<rows_held<packs>>{});
  constexpr auto most = static_cast<Index>(tiles.size());
  const Index count = (rows + most - 1) / most;
  const Index rest = b.columns - static_cast<Index>(packs - 1) * panel_lanes;
  for (Index k = 0; k < b.rows; k += inner_extent) {
    const Index inner = std::min(inner_extent, b.rows - k);
    const Panel part{b.data + k * b.columns, inner, b.columns};
    for (Index tile = 0; tile < count; ++tile) {
      const Index from = tile * rows / count;
      const Index height = (tile + 1) * rows / count - from;
      tiles[static_cast<std::size_t>(height - 1)](
          {a.data + from * a.down + k * a.along, a.down, a.along}, part, c + from * b.columns,
          inner, rest, adds || k > 0);
    }
  }
}

void multiply_by_panel(const LeftFactor& a, const Panel& b, double* c, Index rows, bool adds) {
  constexpr std::array kernels{multiply<1>, multiply<2>, multiply<3>, multiply<4>};
  kernels[static_cast<std::size_t>((b.columns - 1) / panel_lanes)](a, b, c, rows, adds);
}

}  // namespace

void MatrixTimesPanel::assign_to(double* c) const {
  multiply_by_panel({a.data, a.columns, 1}, b, c, a.rows, false);
}

void TransposedTimesPanel::add_to(double* c) const {
  multiply_by_panel({a.data, 1, a.columns}, b, c, a.columns, true);
}

}  // namespace autograd::bilinear
