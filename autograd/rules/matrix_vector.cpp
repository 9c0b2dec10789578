#include "autograd/rules/matrix_vector.h"

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>
#include <utility>

#include "autograd/readings/pack.h"

namespace autograd::bilinear {
namespace {

constexpr Index lanes = Pack::lanes;
// Elements between what is read from memory and what is asked for: 16 KiB.
constexpr Index ahead = 2048;
// Elements beyond which a matrix is not in a core's own cache: 1 MiB.
constexpr Index cached = Index{1} << 17;

// The first `count` lanes are kept.
Pack::Mask first_lanes(Index count) {
  Pack::Mask mask{};
  for (Index lane = 0; lane < count; ++lane) mask.bits[lane] = -1;
  return mask;
}

// A row is packs and a rest shorter than a pack. Reading the rest as a whole pack touches what
// follows in memory, which the mask takes away; there must be something that follows.
struct Row {
  Index whole;
  Index rest;
  Pack::Mask mask;
  explicit Row(Index columns)
      : whole(columns / lanes * lanes), rest(columns - whole), mask(first_lanes(rest)) {}
  [[nodiscard]] Pack rest_of(const double* row, bool something_follows) const {
    return something_follows ? num::select(mask, Pack::load(row + whole), Pack(0.0))
                             : Pack::load_first(row + whole, rest);
  }
};

// A row is chunks of four packs, then up to three packs, then the rest.
constexpr Index chunk = 4 * lanes;

// Rows that share what is loaded of the column: as many as the machine has registers for.
constexpr std::size_t rows_sharing = lanes == 8 ? 4 : 2;

// What multiply_rows reads beside the rows.
struct Factor {
  const double* x = nullptr;
  Index chunks = 0;  // elements in whole chunks
  Pack rest;
};

// Σ row[c]·x[c] for a number of rows, each as one pack whose lanes are still to be summed. `packs`
// follow the chunks.
template <std::size_t rows, std::size_t packs, bool with_rest, bool streamed>
[[gnu::always_inline]] inline std::array<Pack, rows> dot(const double* row, Index columns,
                                                         const Factor& by, const Row& shape,
                                                         bool something_follows) {
  std::array<std::array<Pack, 4>, rows> sums{};
  const auto add = [&](auto p, Index at) {
    const Pack x = Pack::load(by.x + at);
    unrolled<rows>([&](auto r) {
      const double* from = row + static_cast<Index>(r) * columns + at;
      if constexpr (streamed) __builtin_prefetch(from + ahead);
      sums[r][p] = num::fma(Pack::load(from), x, sums[r][p]);
    });
  };
  for (Index c = 0; c < by.chunks; c += chunk) {
    unrolled<4>([&](auto p) { add(p, c + static_cast<Index>(p) * lanes); });
  }
  unrolled<packs>([&](auto p) { add(p, by.chunks + static_cast<Index>(p) * lanes); });
  std::array<Pack, rows> totals;
  unrolled<rows>([&](auto r) {
    if constexpr (with_rest) {
      const double* from = row + static_cast<Index>(r) * columns;
      sums[r][3] = num::fma(shape.rest_of(from, something_follows), by.rest, sums[r][3]);
    }
    totals[r] = (sums[r][0] + sums[r][1]) + (sums[r][2] + sums[r][3]);
  });
  return totals;
}

template <std::size_t at_once, std::size_t packs, bool with_rest, bool streamed>
void multiply_rows(const Matrix& a, const double* x, double* y, const Row& shape, Index safe_rows) {
  const Factor by{x, shape.whole / chunk * chunk, Pack::load_first(x + shape.whole, shape.rest)};
  std::array<Pack, lanes> sums{};
  Index r = 0;
  for (; r + lanes <= safe_rows; r += lanes) {
    for (std::size_t k = 0; k < sums.size(); k += at_once) {
      const double* row = a.data + (r + static_cast<Index>(k)) * a.columns;
      const auto some = dot<at_once, packs, with_rest, streamed>(row, a.columns, by, shape, true);
      for (std::size_t i = 0; i < at_once; ++i) sums[k + i] = some[i];
    }
    sums_of(sums).store(y + r);
  }
  for (; r < a.rows; r += lanes) {
    const Index count = std::min(lanes, a.rows - r);
    for (Index k = 0; k < count; ++k) {
      const double* row = a.data + (r + k) * a.columns;
      sums[static_cast<std::size_t>(k)] =
          dot<1, packs, with_rest, false>(row, a.columns, by, shape, r + k < safe_rows)[0];
    }
    const Pack totals = sums_of(sums);
    totals.store_first(y + r, count);
  }
}

// Adds Σ x[r]·(columns of row r) for `packs` packs of columns from `a` on; the last one is masked
// where it is the rest of the row.
template <std::size_t packs, bool with_rest>
void add_columns(const double* a, Index rows, Index stride, const double* x, double* y,
                 const Row& shape, Index safe_rows) {
  std::array<std::array<Pack, packs>, 2> sums{};
  const auto add = [&](std::array<Pack, packs>& sum, Index r, bool something_follows) {
    const double* row = a + r * stride;
    const Pack factor(x[r]);
    for (std::size_t p = 0; p < packs; ++p) {
      const double* from = row + static_cast<Index>(p) * lanes;
      const bool is_rest = with_rest && p == packs - 1;
      const Pack element = !is_rest            ? Pack::load(from)
                           : something_follows ? num::select(shape.mask, Pack::load(from), 0.0)
                                               : Pack::load_first(from, shape.rest);
      sum[p] = num::fma(element, factor, sum[p]);
    }
  };
  // Two sums, so that one need not wait for the other.
  Index r = 0;
  for (; r + 2 <= safe_rows; r += 2) {
    add(sums[0], r, true);
    add(sums[1], r + 1, true);
  }
  for (; r < rows; ++r) add(sums[0], r, r < safe_rows);
  for (std::size_t p = 0; p < packs; ++p) {
    const Pack sum = sums[0][p] + sums[1][p];
    double* to = y + static_cast<Index>(p) * lanes;
    const Index count = with_rest && p == packs - 1 ? shape.rest : lanes;
    if (count == lanes) {
      (Pack::load(to) + sum).store(to);
    } else {
      (Pack::load_first(to, count) + sum).store_first(to, count);
    }
  }
}

// ---- rows of 1, 2, 4, … elements, of which several fill a pack: `columns` packs hold `lanes` rows

template <std::size_t columns>
using NarrowRows = std::array<Pack, columns>;

// Where fewer than `lanes` rows are left, zeros follow them.
template <std::size_t columns>
NarrowRows<columns> load_rows(const double* from, Index rows) {
  NarrowRows<columns> packs;
  const Index elements = rows * static_cast<Index>(columns);
  for (std::size_t p = 0; p < columns; ++p) {
    const Index at = static_cast<Index>(p) * lanes;
    packs[p] = rows == lanes
                   ? Pack::load(from + at)
                   : Pack::load_first(from + at, std::clamp(elements - at, Index{0}, lanes));
  }
  return packs;
}

template <std::size_t columns>
void multiply_narrow(const Matrix& a, const double* x, double* y) {
  constexpr auto all_lanes = std::make_index_sequence<static_cast<std::size_t>(lanes)>{};
  std::array<double, static_cast<std::size_t>(lanes)> repeated{};
  for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] = x[i % columns];
  const Pack factor = Pack::load(repeated.data());
  for (Index r = 0; r < a.rows; r += lanes) {
    const Index rows = std::min(lanes, a.rows - r);
    NarrowRows<columns> sums = load_rows<columns>(a.data + r * a.columns, rows);
    for (Pack& sum : sums) sum = sum * factor;
    for (std::size_t left = columns / 2; left > 0; left /= 2) {
      for (std::size_t i = 0; i < left; ++i) {
        sums[i] = neighbours_in_order(sums[2 * i], sums[2 * i + 1], all_lanes);
      }
    }
    if (rows == lanes) {
      sums[0].store(y + r);
    } else {
      sums[0].store_first(y + r, rows);
    }
  }
}

// Lane l is the factor of the row that element l of pack `p` belongs to.
template <std::size_t columns, std::size_t p, std::size_t... lane>
Pack factors_of(const Pack& x, std::index_sequence<lane...> /*lanes*/) {
  return Pack(__builtin_shufflevector(x.doubles(), x.doubles(),
                                      ((p * sizeof...(lane) + lane) / columns)...));
}

template <std::size_t columns>
void add_narrow(const Matrix& a, const double* x, double* y) {
  constexpr auto all_lanes = std::make_index_sequence<static_cast<std::size_t>(lanes)>{};
  NarrowRows<columns> sums{};
  for (Index r = 0; r < a.rows; r += lanes) {
    const Index rows = std::min(lanes, a.rows - r);
    const NarrowRows<columns> packs = load_rows<columns>(a.data + r * a.columns, rows);
    const Pack by = load_rows<1>(x + r, rows)[0];
    [&]<std::size_t... p>(std::index_sequence<p...>) {
      ((sums[p] = num::fma(packs[p], factors_of<columns, p>(by, all_lanes), sums[p])), ...);
    }
    (std::make_index_sequence<columns>{});
  }
  for (std::size_t left = columns / 2; left > 0; left /= 2) {
    for (std::size_t i = 0; i < left; ++i) sums[i] = sums[i] + sums[i + left];
  }
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = 0.0;
    for (std::size_t l = c; l < static_cast<std::size_t>(lanes); l += columns) {
      sum += sums[0][static_cast<int>(l)];
    }
    y[c] += sum;
  }
}

// Calls visit with the number of columns as a constant, where so narrow rows have kernels of their
// own; false for all others.
template <class Visit>
bool visit_narrow(Index columns, Visit visit) {
  return [&]<std::size_t... power>(std::index_sequence<power...>) {
    return ((columns == Index{1} << power
                 ? (visit(std::integral_constant<std::size_t, std::size_t{1} << power>{}), true)
                 : false) ||
            ...);
  }
  (std::make_index_sequence<std::bit_width(static_cast<unsigned>(lanes) / 2)>{});
}

// Rows behind which a whole pack can be read where their rest begins.
Index rows_with_something_behind(const Matrix& a, const Row& shape) {
  if (shape.rest == 0) return a.rows;
  const Index beyond = a.rows * a.columns - shape.whole - lanes;
  return beyond < 0 ? 0 : std::min(a.rows, beyond / a.columns + 1);
}

}  // namespace

void MatrixTimesColumn::assign_to(double* y) const {
  if (visit_narrow(a.columns, [&](auto columns) { multiply_narrow<columns>(a, x.data, y); }))
    return;
  const Row shape(a.columns);
  using Multiply = void (*)(const Matrix&, const double*, double*, const Row&, Index);
  constexpr auto with_packs = []<std::size_t at_once, std::size_t... packs>(
      std::index_sequence<at_once>, std::index_sequence<packs...>) {
    return std::array<std::array<Multiply, 4>, sizeof...(packs)>{
        {{multiply_rows<at_once, packs, false, false>, multiply_rows<1, packs, false, true>,
          multiply_rows<at_once, packs, true, false>, multiply_rows<1, packs, true, true>}...}};
  };
  // Short rows have nothing to share, and from memory rows are read one after the other.
  static constexpr auto short_rows =
      with_packs(std::index_sequence<1>{}, std::make_index_sequence<4>{});
  static constexpr auto long_rows =
      with_packs(std::index_sequence<rows_sharing>{}, std::make_index_sequence<4>{});
  const auto packs = static_cast<std::size_t>(shape.whole % chunk / lanes);
  const bool streamed = a.streamed || a.rows * a.columns > cached;
  const auto& kernels = shape.whole < chunk ? short_rows : long_rows;
  kernels[packs][(shape.rest != 0 ? 2U : 0U) + (streamed ? 1U : 0U)](
      a, x.data, y, shape, rows_with_something_behind(a, shape));
}

void TransposedTimesColumn::add_to(double* y) const {
  if (visit_narrow(a.columns, [&](auto columns) { add_narrow<columns>(a, x.data, y); })) return;
  const Row shape(a.columns);
  const Index safe_rows = rows_with_something_behind(a, shape);
  Index c = 0;
  for (; c + 2 * chunk <= shape.whole; c += 2 * chunk) {
    add_columns<8, false>(a.data + c, a.rows, a.columns, x.data, y + c, shape, a.rows);
  }
  for (; c + chunk <= shape.whole; c += chunk) {
    add_columns<4, false>(a.data + c, a.rows, a.columns, x.data, y + c, shape, a.rows);
  }
  const Index packs = (shape.whole - c) / lanes + (shape.rest != 0 ? 1 : 0);
  if (packs == 0) return;
  using Add = void (*)(const double*, Index, Index, const double*, double*, const Row&, Index);
  constexpr std::array<std::array<Add, 4>, 2> kernels{
      {{add_columns<1, false>, add_columns<2, false>, add_columns<3, false>, add_columns<4, false>},
       {add_columns<1, true>, add_columns<2, true>, add_columns<3, true>, add_columns<4, true>}}};
  kernels[shape.rest != 0 ? 1 : 0][static_cast<std::size_t>(packs - 1)](
      a.data + c, a.rows, a.columns, x.data, y + c, shape, safe_rows);
}

void OuterProduct::add_to(double* y) const {
  for (Index r = 0; r < u.size; ++r) {
    double* row = y + r * v.size;
    for (Index c = 0; c < v.size; ++c) row[c] += u.data[r] * v.data[c];
  }
}

}  // namespace autograd::bilinear
