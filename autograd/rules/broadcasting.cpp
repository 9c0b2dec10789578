#include "autograd/rules/broadcasting.h"

#include <algorithm>
#include <optional>

#include "autograd/rules/elementwise.h"
#include "autograd/rules/linear.h"
#include "autograd/rules/structure.h"

namespace autograd {
namespace {

// Elements handled at a time where an operand is repeated: small enough for the stack and the
// first-level cache, large enough that the loop's set-up does not count.
constexpr Index block_size = 256;

// Operands of an elementwise call, the result last.
using ElementwiseWalk = Walk<max_operands + 1>;

ElementwiseWalk walk_over(const Rule& rule, const Geometry& geometry) {
  const Shape& result = *geometry.result;
  std::array<std::array<Index, Shape::max_rank>, max_operands + 1> strides{};
  for (std::size_t k = 0; k < rule.arity; ++k) {
    strides[k] = broadcast_strides(geometry.operand(k), result);
  }
  strides[max_operands] = result.strides();
  ElementwiseWalk walk;
  for (int axis = 0; axis < result.rank(); ++axis) {
    std::array<Index, max_operands + 1> stride{};
    for (std::size_t t = 0; t <= max_operands; ++t) {
      stride[t] = strides[t][static_cast<std::size_t>(axis)];
    }
    walk.append(result[axis], stride);
  }
  return walk;
}

// Calls visit(offsets, length, steps) for every innermost run. Operands of the result's shape or of
// one element, the common case, are a single run.
template <class Visit>
void for_each_run(const Rule& rule, const Geometry& geometry, const Visit& visit) {
  std::array<Index, max_operands + 1> step{};
  step[max_operands] = 1;
  bool single = true;
  for (std::size_t k = 0; single && k < rule.arity; ++k) {
    step[k] = geometry.operand(k).size() == 1 ? 0 : 1;
    single = step[k] == 0 || geometry.operand(k) == *geometry.result;
  }
  if (single) {
    visit(std::array<Index, max_operands + 1>{}, geometry.result->size(), step);
  } else {
    walk_over(rule, geometry).for_each_run(visit);
  }
}

bool all_shapes_equal(const Rule& rule, const Geometry& geometry) {
  for (std::size_t k = 0; k < rule.arity; ++k) {
    if (geometry.operands[k] != geometry.result && geometry.operand(k) != *geometry.result) {
      return false;
    }
  }
  return true;
}

// With how many elements each operand begins anew: 1 for a number, 0 for what never does.
using Periods = std::array<Index, max_operands>;

// The elements of a row that is repeated for every row of the result; 0 for what is no such row.
Index row_of(const Shape& operand, const Shape& result) {
  int back = 1;
  while (back <= operand.rank() && operand[operand.rank() - back] == result[result.rank() - back]) {
    ++back;
  }
  for (; back <= operand.rank(); ++back) {
    if (operand[operand.rank() - back] != 1) return 0;
  }
  return operand.size();
}

// The periods over the whole result, where operands are of its shape, numbers, and rows of one
// length that a block holds several of; nothing where runs are to be looked for.
std::optional<Periods> periods_of(const Rule& rule, const Geometry& geometry) {
  Periods periods{};
  Index row = 0;
  for (std::size_t k = 0; k < rule.arity; ++k) {
    const Shape& operand = geometry.operand(k);
    if (operand.size() != 1 && operand == *geometry.result) continue;
    periods[k] = operand.size() == 1 ? 1 : row_of(operand, *geometry.result);
    if (periods[k] == 0 || periods[k] > block_size / 2) return std::nullopt;
    if (periods[k] == 1) continue;
    if (row != 0 && row != periods[k]) return std::nullopt;
    row = periods[k];
  }
  return periods;
}

// Reads elements of each operand as contiguous runs: what is repeated is spread out in a buffer
// once, so that a rule's loop has one form.
class ContiguousRuns {
 public:
  // The buffers are filled where they are read.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
  ContiguousRuns(const Rule& rule, const Call<double>& call,
                 const std::array<Index, max_operands + 1>& offsets, const Periods& periods,
                 Index length)
      : arity_(rule.arity), periods_(periods) {
    for (std::size_t k = 0; k < arity_; ++k) {
      if (periods[k] > 1) block_ = block_size / periods[k] * periods[k];
    }
    for (std::size_t k = 0; k < arity_; ++k) {
      start_[k] = call.operands[k] + offsets[k];
      if (periods[k] != 0 && length > 1) {
        spread(start_[k], periods[k], std::min(length, block_), buffer_[k].data());
        start_[k] = buffer_[k].data();
      }
    }
  }

  // Elements that can be read at a time.
  [[nodiscard]] Index block() const { return block_; }
  // The operands from element `from` on, the first one of a block.
  const double* const* at(Index from) {
    for (std::size_t k = 0; k < arity_; ++k) {
      current_[k] = start_[k] + (periods_[k] == 0 ? from : 0);
    }
    return current_.data();
  }

 private:
  static void spread(const double* row, Index period, Index count, double* to) {
    if (period == 1) {
      std::fill_n(to, count, *row);
    } else {
      for (Index i = 0; i < count; i += period) std::copy_n(row, period, to + i);
    }
  }

  std::size_t arity_;
  Index block_ = block_size;
  Periods periods_;
  std::array<const double*, max_operands> start_;
  std::array<const double*, max_operands> current_;
  std::array<std::array<double, block_size>, max_operands> buffer_;  // filled where needed
};

// Calls visit(first element of the result, operands, count) for all elements, some at a time.
template <class Visit>
void for_each_block(const Rule& rule, const Call<double>& call, const Visit& visit) {
  const auto visit_run = [&](const auto& offsets, const Periods& periods, Index length) {
    ContiguousRuns runs(rule, call, offsets, periods, length);
    for (Index from = 0; from < length; from += runs.block()) {
      visit(offsets[max_operands] + from, runs.at(from), std::min(runs.block(), length - from));
    }
  };
  if (const auto periods = periods_of(rule, call.geometry)) {
    visit_run(std::array<Index, max_operands + 1>{}, *periods, call.geometry.result->size());
    return;
  }
  walk_over(rule, call.geometry)
      .for_each_run([&](const auto& offsets, Index length, const auto& step) {
        Periods periods{};
        for (std::size_t k = 0; k < rule.arity; ++k) periods[k] = step[k] == 0 ? 1 : 0;
        visit_run(offsets, periods, length);
      });
}

}  // namespace

void require_equal_shapes(const Geometry& geometry) {
  const Shape& prediction = geometry.operand(0);
  const Shape& label = geometry.operand(1);
  if (prediction != label && label.rank() != 0) {
    throw ShapeMismatch{"shapes " + to_string(prediction) + " and " + to_string(label) + " differ",
                        "A loss takes one label for each prediction; reshape() one of them."};
  }
}

Shape elementwise_shape(std::size_t arity, const Geometry& geometry) {
  Shape result = geometry.operand(0);
  for (std::size_t k = 1; k < arity; ++k) {
    if (geometry.operand(k) == result) continue;
    const auto wider = broadcast(result, geometry.operand(k));
    if (!wider) {
      throw ShapeMismatch{
          "shapes " + to_string(result) + " and " + to_string(geometry.operand(k)) +
              " do not broadcast",
          "From the last axis backwards, extents must be equal or 1; reshape() or transpose() "
          "one of them."};
    }
    result = *wider;
  }
  return result;
}

void elementwise_forward(const Rule& rule, const Call<double>& call) {
  if (all_shapes_equal(rule, call.geometry)) {
    rule.value_block(call.result, call.operands.data(), call.geometry.result->size());
    return;
  }
  for_each_block(rule, call, [&](Index at, const double* const* operands, Index count) {
    rule.value_block(call.result + at, operands, count);
  });
}

void elementwise_pullback(const Rule& rule, const Call<double>& call, std::size_t operand,
                          const double* upstream, double* adjoint) {
  const auto contribute = rule.contribution_block[operand];
  const Shape& result = *call.geometry.result;
  if (all_shapes_equal(rule, call.geometry)) {
    contribute(adjoint, upstream, call.operands.data(), call.result, result.size());
    return;
  }
  // Adds what every element of the result sends back.
  const auto contribute_to = [&](double* parts) {
    for_each_block(rule, call, [&](Index at, const double* const* operands, Index count) {
      contribute(parts + at, upstream + at, operands, call.result + at, count);
    });
  };
  const Shape& own = call.geometry.operand(operand);
  if (own == result && rule.slope_is_one[operand]) {
    linear::move_run(adjoint, 1, upstream, 1, result.size(), 1.0, linear::Into::add);
    return;
  }
  if (own == result) {
    contribute_to(adjoint);
    return;
  }
  // A repeated operand receives the sum over its copies.
  const auto mark = call.scratch->mark();
  const double* parts = upstream;
  if (!rule.slope_is_one[operand]) {
    double* computed = call.scratch->allocate(static_cast<std::size_t>(result.size()));
    std::fill_n(computed, result.size(), 0.0);
    contribute_to(computed);
    parts = computed;
  }
  if (own.size() == 1) {
    *adjoint += linear::sum_of(parts, 1, result.size());
  } else {
    linear::pull_back(rules::structure::repeated(own, result, false), call.geometry, operand, parts,
                      adjoint, *call.scratch);
  }
  call.scratch->rewind(mark);
}

void add_gated(double* adjoint, const double* upstream, const double* slope, Index n) {
  if (n == 1) {
    *adjoint += num::gated(*upstream, *slope);
    return;
  }
  elementwise::for_each_pack<2>(
      {upstream, slope}, adjoint, n, true,
      [](const auto& x, const Pack& to) { return to + num::gated(x[0], x[1]); });
}

void elementwise_forward_complex(const Rule& rule, const Call<Complex>& call) {
  for_each_run(rule, call.geometry, [&](const auto& offsets, Index length, const auto& step) {
    std::array<Complex, max_operands> operands;
    for (Index i = 0; i < length; ++i) {
      for (std::size_t k = 0; k < rule.arity; ++k) {
        operands[k] = call.operands[k][offsets[k] + i * step[k]];
      }
      call.result[offsets[max_operands] + i] = rule.complex_element(operands.data());
    }
  });
}

void elementwise_forward_dual(const Rule& rule, const TangentCall& call) {
  for_each_run(
      rule, call.values.geometry, [&](const auto& offsets, Index length, const auto& step) {
        std::array<Dual, max_operands> operands;
        for (Index i = 0; i < length; ++i) {
          for (std::size_t k = 0; k < rule.arity; ++k) {
            const Index at = offsets[k] + i * step[k];
            const double* tangent = call.tangents[k];
            operands[k] = {call.values.operands[k][at], tangent == nullptr ? 0.0 : tangent[at]};
          }
          call.result[offsets[max_operands] + i] = rule.dual_element(operands.data()).tangent;
        }
      });
}

// A rule that chooses does so at every element: where the first one shows no choice, none does.
std::uint64_t elementwise_branches(const Rule& rule, const Call<double>& call) {
  std::array<Branches, max_operands> first;
  for (std::size_t k = 0; k < rule.arity; ++k) first[k] = call.operands[k][0];
  if (rule.branches_element(first.data()).taken == 0) return 0;
  std::uint64_t taken = 0;
  for_each_run(rule, call.geometry, [&](const auto& offsets, Index length, const auto& step) {
    std::array<Branches, max_operands> operands;
    for (Index i = 0; i < length; ++i) {
      for (std::size_t k = 0; k < rule.arity; ++k) {
        operands[k] = call.operands[k][offsets[k] + i * step[k]];
      }
      taken = Branches::joined(taken, rule.branches_element(operands.data()).taken);
    }
  });
  return taken;
}

}  // namespace autograd
