// Linear rules: how the elements of the result are made of the operand's, and the operation that is
// the adjoint (sum ↔ broadcast, slice ↔ place, permute ↔ permute, reshape ↔ reshape,
// gather_rows ↔ scatter_rows). The JVP is the operation itself.
//
//   // y = Σ x over some axes      x̄ = ḡ broadcast back
//   struct Sum : Linear<1> {
//     static Shape result_shape(const Geometry&);
//     static Transfer transfer(std::size_t operand, const Geometry&);
//     template <class V> static V value(const V& x, const Geometry&);
//     template <class V> static V adjoint(Wrt<0>, const V& upstream, const Geometry&);
//   };
//
// A Transfer says which elements flow where: result[i] += operand[j]/divisor over pairs (i, j).
// Forwards it is read as written and backwards with the sides exchanged, so that neither the array
// reading of the adjoint nor the recorded one can disagree with the value: what gradient() records
// is a Flow, made from the same Transfer. adjoint() says how the adjoint prints.
#pragma once

#include <utility>

#include "autograd/readings/pack.h"
#include "autograd/rules/broadcasting.h"
#include "autograd/rules/rule.h"

namespace autograd {

struct Transfer {
  // Tensor 0 is the result's side, tensor 1 the operand's.
  Walk<2> walk;
  std::array<Index, 2> offset{};
  double divisor = 1.0;
  // No element of the result is reached twice: they are moved, not added up.
  bool moves = true;
  // Where given, row r on the operand's side is row rows[r], `row_length` elements each, instead of
  // walk; `rows_of_result` exchanges the sides.
  std::span<const Index> rows{};
  Index row_length = 0;
  bool rows_of_result = false;
};

namespace linear {

// Σ from[0 … n) in four packs side by side.
double sum_of_packs(const double* from, Index n);

// Σ from[i·step], pairwise: the error grows with the logarithm of n, not with n. Long runs of
// doubles are added up in packs.
template <class S>
S sum_of(const S* from, Index step, Index n) {
  constexpr Index base = 256;
  if (n > base) {
    const Index half = n / 2 / base * base + (n / 2 < base ? base : 0);
    return sum_of(from, step, half) + sum_of(from + half * step, step, n - half);
  }
  if constexpr (std::is_same_v<S, double>) {
    if (step == 1 && n >= Index{2} * Pack::lanes) return sum_of_packs(from, n);
  }
  S total(0.0);
  for (Index i = 0; i < n; ++i) total += from[i * step];
  return total;
}

// What flows from one run to another: onto what is there, or in its place.
enum class Into : std::uint8_t { add, replace };

template <class S>
void move_run(S* __restrict__ to, Index to_step, const S* __restrict__ from, Index from_step,
              Index n, double divisor, Into into) {
  const S by(divisor);
  if (into == Into::replace) {
    for (Index i = 0; i < n; ++i) to[i * to_step] = from[i * from_step];
  } else if (to_step == 0) {
    *to += sum_of(from, from_step, n) / by;
  } else if (from_step == 0) {
    const S part = *from / by;
    for (Index i = 0; i < n; ++i) to[i * to_step] += part;
  } else if (divisor == 1.0 && to_step == 1 && from_step == 1) {
    for (Index i = 0; i < n; ++i) to[i] += from[i];
  } else if (divisor == 1.0) {
    for (Index i = 0; i < n; ++i) to[i * to_step] += from[i * from_step];
  } else {
    for (Index i = 0; i < n; ++i) to[i * to_step] += from[i * from_step] / by;
  }
}

// What flows into side `into` (0: the result, 1: the operand) from the other side.
template <class S>
void flow(const Transfer& t, std::size_t into, S* to, const S* from, Into how = Into::add) {
  const std::size_t out_of = 1 - into;
  if (!t.rows.empty()) {
    const bool selected_is_target = t.rows_of_result == (into == 0);
    for (std::size_t r = 0; r < t.rows.size(); ++r) {
      const Index selected = t.rows[r] * t.row_length;
      const Index counted = static_cast<Index>(r) * t.row_length;
      move_run(to + (selected_is_target ? selected : counted), 1,
               from + (selected_is_target ? counted : selected), 1, t.row_length, t.divisor, how);
    }
    return;
  }
  t.walk.for_each_run([&](const auto& offsets, Index length, const auto& step) {
    move_run(to + t.offset[into] + offsets[into], step[into],
             from + t.offset[out_of] + offsets[out_of], step[out_of], length, t.divisor, how);
  });
}

// Adds to an adjoint (shape of the operand) what flows back to it. Where an element receives more
// than one part, they are summed up before they are added: an adjoint is a sum over the operations
// that use it, and the recorded reading has the same one.
void pull_back(const Transfer& t, const Geometry& geometry, std::size_t operand,
               const double* upstream, double* adjoint, Scratch<double>& scratch);

// The shapes and attributes of a call of one rule, as the attributes of a node of another.
std::vector<Index> pack(const Geometry& geometry, std::size_t arity);
class Unpacked {
 public:
  explicit Unpacked(std::span<const Index> packed);
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  ~Unpacked() = default;
  [[nodiscard]] const Geometry& geometry() const { return geometry_; }

 private:
  std::array<Shape, max_operands + 1> shapes_;  // the result's first
  Geometry geometry_;
};

// "adjoint_of_sum", "part_of_concatenate".
template <class R, std::size_t into>
struct FlowName {
  static constexpr std::string_view prefix = into == 1 ? "adjoint_of_" : "part_of_";
  static constexpr auto text = [] {
    std::array<char, prefix.size() + R::info.name.size()> joined{};
    std::copy(R::info.name.begin(), R::info.name.end(),
              std::copy(prefix.begin(), prefix.end(), joined.begin()));
    return joined;
  }();
};

// What flows between the result of R and one of its operands, as a rule of its own: into the
// operand (into = 1) it is the adjoint of R, into the result (into = 0) R with its other operands
// 0. Each is the other's adjoint. Its attributes are R's call, packed.
template <class R, std::size_t operand, std::size_t into>
struct Flow {
  static constexpr RuleInfo info{{FlowName<R, into>::text.data(), FlowName<R, into>::text.size()},
                                 R::info.summary};

  template <class Self>
  static constexpr Rule make() {
    Rule rule;
    rule.info = info;
    rule.shape = RuleShape::linear;
    rule.arity = 1;
    rule.differentiable[0] = true;
    rule.result_shape = result_shape;
    rule.forward = [](const Rule&, const Call<double>& call) { forward(call); };
    rule.forward_complex = [](const Rule&, const Call<Complex>& call) { forward(call); };
    rule.pullback = [](const Rule&, const Call<double>& call, std::size_t, const double* upstream,
                       double* adjoint) {
      const Unpacked unpacked(call.geometry.attributes);
      flow(R::transfer(operand, unpacked.geometry()), 1 - into, adjoint, upstream);
    };
    rule.forward_dual = [](const Rule&, const TangentCall& call) {
      Call<double> tangents = call.values;
      tangents.operands = call.tangents;
      tangents.result = call.result;
      forward(tangents);
    };
    rule.record_pullback = [](std::size_t, std::span<const Tensor>, const Tensor& result,
                              const Tensor& upstream, const Geometry& g) {
      return record_back(upstream, line_of(result), g);
    };
    rule.formula = [](std::span<const Formula> x, const Geometry& g) {
      return print(x[0], Unpacked(g.attributes).geometry(), into == 1);
    };
    rule.pullback_formula = [](std::size_t, std::span<const Formula>, const Formula&,
                               const Formula& upstream, const Geometry& g) {
      return print(upstream, Unpacked(g.attributes).geometry(), into == 0);
    };
    rule.pullback_reads = [](std::size_t) { return std::uint8_t{0}; };
    rule.examples = examples;
    return rule;
  }

 private:
  static const Shape& side(const Geometry& g, std::size_t which) {
    return which == 0 ? *g.result : g.operand(operand);
  }
  static Shape result_shape(const Geometry& g) {
    const Unpacked unpacked(g.attributes);
    const Shape& from = side(unpacked.geometry(), 1 - into);
    if (g.operand(0) != from) {
      throw ShapeMismatch{"it takes the shape " + to_string(from), ""};
    }
    return side(unpacked.geometry(), into);
  }
  template <class S>
  static void forward(const Call<S>& call) {
    const Unpacked unpacked(call.geometry.attributes);
    std::fill_n(call.result, call.geometry.result->size(), S(0.0));
    flow(R::transfer(operand, unpacked.geometry()), into, call.result, call.operands[0]);
  }
  // The other direction; for a rule of one operand that is the rule itself.
  static Tensor record_back(const Tensor& upstream, SourceLine where, const Geometry& g) {
    if constexpr (into == 1 && R::arity == 1) {
      const Unpacked unpacked(g.attributes);
      return record_on(rule_of<R>, upstream, unpacked.geometry().attributes, where);
    } else {
      return record_on(rule_of<Flow<R, operand, 1 - into>>, upstream, g.attributes, where);
    }
  }
  static Formula print(const Formula& x, const Geometry& g, bool adjoint) {
    if (adjoint) return R::adjoint(Wrt<operand>{}, x, g);
    if constexpr (R::arity == 1) {
      return R::value(x, g);
    } else {
      return operand == 0 ? R::value(x, Formula(0.0), g) : R::value(Formula(0.0), x, g);
    }
  }
  static std::vector<Example> examples() {
    std::vector<Example> flows;
    for (const Example& example : R::examples()) {
      Geometry g;
      for (std::size_t k = 0; k < R::arity; ++k) g.operands[k] = &example.operands[k];
      g.attributes = example.attributes;
      const Shape result = R::result_shape(g);
      g.result = &result;
      flows.push_back({{side(g, 1 - into)}, pack(g, R::arity)});
    }
    return flows;
  }
};

}  // namespace linear

template <std::size_t operand_count>
struct Linear {
  static constexpr std::size_t arity = operand_count;

  template <class R>
  static constexpr Rule make() {
    Rule rule;
    rule.info = R::info;
    rule.shape = RuleShape::linear;
    rule.arity = arity;
    for (std::size_t k = 0; k < arity; ++k) rule.differentiable[k] = true;
    rule.result_shape = R::result_shape;
    rule.forward = [](const Rule&, const Call<double>& call) { forward<R>(call); };
    rule.forward_complex = [](const Rule&, const Call<Complex>& call) { forward<R>(call); };
    rule.pullback = [](const Rule&, const Call<double>& call, std::size_t operand,
                       const double* upstream, double* adjoint) {
      linear::pull_back(R::transfer(operand, call.geometry), call.geometry, operand, upstream,
                        adjoint, *call.scratch);
    };
    // The JVP is the operation itself.
    rule.forward_dual = [](const Rule&, const TangentCall& call) {
      std::fill_n(call.result, call.values.geometry.result->size(), 0.0);
      for (std::size_t k = 0; k < arity; ++k) {
        if (call.tangents[k] == nullptr) continue;
        linear::flow(R::transfer(k, call.values.geometry), 0, call.result, call.tangents[k]);
      }
    };
    rule.record_pullback = [](std::size_t operand, std::span<const Tensor>, const Tensor& result,
                              const Tensor& upstream, const Geometry& g) {
      const Rule* adjoint = &rule_of<linear::Flow<R, 0, 1>>;
      if constexpr (arity == 2) {
        if (operand == 1) adjoint = &rule_of<linear::Flow<R, 1, 1>>;
      }
      return record_on(*adjoint, upstream, linear::pack(g, arity), line_of(result));
    };
    rule.formula = [](std::span<const Formula> x, const Geometry& g) {
      if constexpr (arity == 1) {
        return R::value(x[0], g);
      } else {
        return R::value(x[0], x[1], g);
      }
    };
    rule.pullback_formula = [](std::size_t operand, std::span<const Formula>, const Formula&,
                               const Formula& upstream, const Geometry& g) {
      if constexpr (arity == 2) {
        if (operand == 1) return R::adjoint(Wrt<1>{}, upstream, g);
      }
      return R::adjoint(Wrt<0>{}, upstream, g);
    };
    rule.pullback_reads = [](std::size_t) { return std::uint8_t{0}; };
    rule.examples = R::examples;
    return rule;
  }

 private:
  template <class R, class S>
  static void forward(const Call<S>& call) {
    std::fill_n(call.result, call.geometry.result->size(), S(0.0));
    for (std::size_t k = 0; k < arity; ++k) {
      const Transfer transfer = R::transfer(k, call.geometry);
      linear::flow(transfer, 0, call.result, call.operands[k],
                   transfer.moves ? linear::Into::replace : linear::Into::add);
    }
  }
};

}  // namespace autograd
