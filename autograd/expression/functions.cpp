#include "autograd/expression/functions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "autograd/suggestion.h"

namespace autograd {
namespace {

using Call = const CallArguments&;
using Unary = Tensor (*)(const Operand&);
using Binary = Tensor (*)(const Operand&, const Operand&);

template <Unary function>
Tensor of_one(Call a) {
  return function(a[0]);
}
template <Binary function>
Tensor of_two(Call a) {
  return function(a[0], a[1]);
}

constexpr CallableFunction::Range one{1, 1};
constexpr CallableFunction::Range two{2, 2};
constexpr CallableFunction::Range maybe_one{0, 1};

template <Unary function>
constexpr CallableFunction unary(std::string_view usage) {
  return {usage, of_one<function>};
}
template <Binary function>
constexpr CallableFunction binary(std::string_view usage) {
  return {usage, of_two<function>, two};
}

Tensor record_add(Call a) { return a[0] + a[1]; }
Tensor record_subtract(Call a) { return a[0] - a[1]; }
Tensor record_multiply(Call a) { return a[0] * a[1]; }
Tensor record_divide(Call a) { return a[0] / a[1]; }
Tensor record_negate(Call a) { return -a[0]; }

Tensor record_leaky_relu(Call a) {
  return a.operands.size() == 1 ? leaky_relu(a[0]) : leaky_relu(a[0], a[1]);
}
Tensor record_elu(Call a) { return a.operands.size() == 1 ? elu(a[0]) : elu(a[0], a[1]); }
Tensor record_where(Call a) { return where(a[0], a[1], a[2]); }
Tensor record_maxout(Call a) { return maxout(a[0], a.whole_numbers[0]); }
Tensor record_max(Call a) { return max(a[0], a.whole_numbers[0]); }
Tensor record_min(Call a) { return min(a[0], a.whole_numbers[0]); }

Tensor record_sum(Call a) {
  return a.whole_numbers.empty() ? sum(a[0]) : sum(a[0], a.whole_numbers);
}
Tensor record_mean(Call a) {
  return a.whole_numbers.empty() ? mean(a[0]) : mean(a[0], a.whole_numbers);
}
Tensor record_softmax(Call a) {
  return a.whole_numbers.empty() ? softmax(a[0]) : softmax(a[0], a.whole_numbers[0]);
}
Tensor record_log_softmax(Call a) {
  return a.whole_numbers.empty() ? log_softmax(a[0]) : log_softmax(a[0], a.whole_numbers[0]);
}
Tensor record_log_sum_exp(Call a) {
  return a.whole_numbers.empty() ? log_sum_exp(a[0]) : log_sum_exp(a[0], a.whole_numbers[0]);
}
Tensor record_first_maximum(Call a) {
  return a.whole_numbers.empty() ? first_maximum(a[0]) : first_maximum(a[0], a.whole_numbers[0]);
}
Tensor record_exponent_shift(Call a) {
  return a.whole_numbers.empty() ? exponent_shift(a[0]) : exponent_shift(a[0], a.whole_numbers[0]);
}
Tensor record_sum_of_others(Call a) {
  return a.whole_numbers.empty() ? sum_of_others(a[0]) : sum_of_others(a[0], a.whole_numbers[0]);
}
Tensor record_cross_entropy_with_logits(Call a) {
  return a.whole_numbers.empty() ? cross_entropy_with_logits(a[0], a[1])
                                 : cross_entropy_with_logits(a[0], a[1], a.whole_numbers[0]);
}

Tensor record_permute(Call a) { return permute(a[0], a.whole_numbers); }
Tensor record_reshape(Call a) { return reshape(a[0], Shape(a.whole_numbers)); }
Tensor record_broadcast_to(Call a) { return broadcast_to(a[0], Shape(a.whole_numbers)); }
Tensor record_gather_rows(Call a) { return gather_rows(a[0], a.whole_numbers); }
Tensor record_scatter_rows(Call a) {
  const auto rows = a.whole_numbers.first(a.whole_numbers.size() - 1);
  return scatter_rows(a[0], rows, a.whole_numbers.back());
}

Tensor record_slice(Call a) {
  const auto n = a.whole_numbers;
  return n.size() == 3 ? slice(a[0], n[0], n[1], n[2]) : slice(a[0], n[0], n[1], n[2], n[3]);
}

Tensor record_place(Call a) {
  const std::size_t rank = a.whole_numbers.size() / 3;
  if (a.whole_numbers.size() != 3 * rank) {
    throw ArgumentError("place needs as many starts as extents, and as many steps");
  }
  return place(a[0], Shape(a.whole_numbers.first(rank)), a.whole_numbers.subspan(rank, rank),
               a.whole_numbers.last(rank));
}

Tensor record_concatenate(Call a) {
  std::vector<Tensor> tensors;
  for (const Operand& operand : a.operands) {
    tensors.push_back(operand.is_number() ? a.tape.constant(operand.number(), a.where)
                                          : operand.tensor());
  }
  return concatenate(tensors, a.whole_numbers[0], a.where);
}

constexpr CallableFunction::Range any_number{0, CallableFunction::any};
constexpr std::string_view larger_of_two = "The larger of two tensors is maximum(x, y).";
constexpr std::string_view smaller_of_two = "The smaller of two tensors is minimum(x, y).";

constexpr std::array functions{
    CallableFunction{"add(x, y)", record_add, two},
    CallableFunction{"subtract(x, y)", record_subtract, two},
    CallableFunction{"multiply(x, y)", record_multiply, two},
    CallableFunction{"divide(x, y)", record_divide, two},
    CallableFunction{"negate(x)", record_negate},
    binary<power>("power(x, p)"),
    binary<minimum>("minimum(x, y)"),
    binary<maximum>("maximum(x, y)"),
    binary<less>("less(x, y)"),
    binary<less_equal>("less_equal(x, y)"),
    binary<greater>("greater(x, y)"),
    binary<greater_equal>("greater_equal(x, y)"),
    binary<equal>("equal(x, y)"),
    binary<not_equal>("not_equal(x, y)"),
    CallableFunction{"where(condition, x, y)", record_where, {3, 3}},
    unary<exp>("exp(x)"),
    unary<log>("log(x)"),
    unary<log1p>("log1p(x)"),
    unary<expm1>("expm1(x)"),
    unary<sqrt>("sqrt(x)"),
    unary<square>("square(x)"),
    unary<abs>("abs(x)"),
    unary<sigmoid>("sigmoid(x)"),
    binary<generalized_logistic>("generalized_logistic(x, alpha)"),
    unary<tanh>("tanh(x)"),
    unary<relu>("relu(x)"),
    CallableFunction{"leaky_relu(x[, slope])", record_leaky_relu, {1, 2}},
    binary<prelu>("prelu(x, slope)"),
    CallableFunction{"elu(x[, alpha])", record_elu, {1, 2}},
    unary<hard_logistic>("hard_logistic(x)"),
    unary<hard_tanh>("hard_tanh(x)"),
    unary<softplus>("softplus(x)"),
    CallableFunction{"maxout(x, pieces)", record_maxout, one, one},
    CallableFunction{"softmax(x[, axis])", record_softmax, one, maybe_one},
    CallableFunction{"log_softmax(x[, axis])", record_log_softmax, one, maybe_one},
    CallableFunction{"log_sum_exp(x[, axis])", record_log_sum_exp, one, maybe_one},
    CallableFunction{"max(x, axis)", record_max, one, one, larger_of_two},
    CallableFunction{"min(x, axis)", record_min, one, one, smaller_of_two},
    CallableFunction{"sum(x[, axis…])", record_sum, one, any_number},
    CallableFunction{"mean(x[, axis…])", record_mean, one, any_number},
    binary<matmul>("matmul(a, b)"),
    unary<transpose>("transpose(x)"),
    CallableFunction{"permute(x, axis…)", record_permute, one, any_number},
    CallableFunction{"reshape(x, extent…)", record_reshape, one, any_number},
    CallableFunction{"broadcast_to(x, extent…)", record_broadcast_to, one, any_number},
    CallableFunction{
        "concatenate(x, y…, axis)", record_concatenate, {1, CallableFunction::any}, one},
    CallableFunction{"slice(x, axis, start, stop[, step])", record_slice, one, {3, 4}},
    CallableFunction{"place(x, extent…, start…, step…)", record_place, one, any_number},
    CallableFunction{"gather_rows(x, row…)", record_gather_rows, one, {1, CallableFunction::any}},
    CallableFunction{
        "scatter_rows(x, row…, count)", record_scatter_rows, one, {2, CallableFunction::any}},
    binary<binary_cross_entropy>("binary_cross_entropy(probability, label)"),
    binary<binary_cross_entropy_with_logits>("binary_cross_entropy_with_logits(logit, label)"),
    CallableFunction{"cross_entropy_with_logits(logits, labels[, axis])",
                     record_cross_entropy_with_logits, two, maybe_one},
    binary<squared_error>("squared_error(prediction, label)"),
    binary<guard_nan>("guard_nan(x, v)"),
    binary<gated_multiply>("gated_multiply(x, y)"),
    binary<gated_by_both>("gated_by_both(x, y)"),
    binary<gated_matmul>("gated_matmul(a, b)"),
    CallableFunction{"first_maximum(x[, axis])", record_first_maximum, one, maybe_one},
    CallableFunction{"exponent_shift(x[, axis])", record_exponent_shift, one, maybe_one},
    CallableFunction{"sum_of_others(x[, axis])", record_sum_of_others, one, maybe_one},
};

// What others call it, where the spelling is too far from ours to be guessed.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> known_elsewhere{{
    {"ln", "log"},
    {"pow", "power"},
    {"logistic", "sigmoid"},
    {"T", "transpose"},
    {"dot", "matmul"},
    {"cat", "concatenate"},
    {"concat", "concatenate"},
    {"bce", "binary_cross_entropy"},
}};

}  // namespace

std::size_t CallableFunction::operand_count(std::size_t arguments) const {
  return operands.at_most == any ? arguments - whole_numbers.at_most
                                 : std::min(arguments, operands.at_most);
}

const CallableFunction* find_function(std::string_view name) {
  const auto* const found =
      std::find_if(functions.begin(), functions.end(),
                   [&](const CallableFunction& function) { return function.name() == name; });
  return found == functions.end() ? nullptr : found;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  names.reserve(functions.size());
  for (const CallableFunction& function : functions) names.emplace_back(function.name());
  return names;
}

std::string function_meant(std::string_view name) {
  for (const auto& [theirs, ours] : known_elsewhere) {
    if (name == theirs) return did_you_mean(ours, std::array{std::string(ours)});
  }
  return did_you_mean(name, function_names());
}

}  // namespace autograd
