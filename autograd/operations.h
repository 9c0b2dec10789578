// Every operation as a function of tensors. This header and tensor.h and tape.h are the engine's
// face; rules and readings stay behind it.
//
// Operands are tensors of one tape, or numbers, which become constants of that tape. Elementwise
// operations broadcast as NumPy does. Axes may be counted from the end with negative numbers.
// All throw StaleTensorError, TapeMismatchError, and ShapeError where shapes do not fit; messages
// name the operation, its operands and the line of the call. The headers in autograd/rules/ have
// each function's formula, slope and behaviour at kinks.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>

#include "autograd/tape.h"
#include "autograd/tensor.h"

namespace autograd {

// ---- arithmetic

Tensor operator+(const Operand& x, const Operand& y);
Tensor operator-(const Operand& x, const Operand& y);
Tensor operator*(const Operand& x, const Operand& y);
Tensor operator/(const Operand& x, const Operand& y);
Tensor operator-(const Operand& x);
// x to the power p; for a negative x only whole p have a value.
Tensor power(const Operand& x, const Operand& p);
// The smaller or the larger one; the first of equals takes the whole adjoint.
Tensor minimum(const Operand& x, const Operand& y);
Tensor maximum(const Operand& x, const Operand& y);

// ---- comparisons: 1 where they hold, else 0; no gradient

Tensor less(const Operand& x, const Operand& y);
Tensor less_equal(const Operand& x, const Operand& y);
Tensor greater(const Operand& x, const Operand& y);
Tensor greater_equal(const Operand& x, const Operand& y);
Tensor equal(const Operand& x, const Operand& y);
Tensor not_equal(const Operand& x, const Operand& y);
// x where the condition is not 0, else y; what is not taken contributes no gradient.
Tensor where(const Operand& condition, const Operand& x, const Operand& y);

// ---- elementary functions

Tensor exp(const Operand& x);
Tensor log(const Operand& x);
Tensor log1p(const Operand& x);
Tensor expm1(const Operand& x);
Tensor sqrt(const Operand& x);
Tensor square(const Operand& x);
Tensor abs(const Operand& x);

// ---- activations

Tensor sigmoid(const Operand& x);
// sigmoid(x)^alpha, alpha > 0.
Tensor generalized_logistic(const Operand& x, const Operand& alpha);
Tensor tanh(const Operand& x);
Tensor relu(const Operand& x);
Tensor leaky_relu(const Operand& x, const Operand& slope = 0.01);
// A leaky relu whose slope is learned: one element, or one for each feature (last axis).
Tensor prelu(const Operand& x, const Operand& slope);
Tensor elu(const Operand& x, const Operand& alpha = 1.0);
// x/4 + 1/2 clipped to [0, 1]. PyTorch's Hardsigmoid, x/6 + 1/2, is another function.
Tensor hard_logistic(const Operand& x);
Tensor hard_tanh(const Operand& x);
Tensor softplus(const Operand& x);
// The largest of each `pieces` neighbours on the last axis: [m × units·pieces] to [m × units].
Tensor maxout(const Operand& x, Index pieces);

// ---- along an axis

Tensor softmax(const Operand& x, Index axis = -1);
Tensor log_softmax(const Operand& x, Index axis = -1);
Tensor log_sum_exp(const Operand& x, Index axis = -1, bool keep_axis = false);
// Ties: the lowest index takes the whole adjoint.
Tensor max(const Operand& x, Index axis, bool keep_axis = false);
Tensor min(const Operand& x, Index axis, bool keep_axis = false);

// ---- sums

// Of all elements: a scalar.
Tensor sum(const Operand& x);
Tensor mean(const Operand& x);
Tensor sum(const Operand& x, std::span<const Index> axes, bool keep_axes = false);
Tensor sum(const Operand& x, std::initializer_list<Index> axes, bool keep_axes = false);
Tensor mean(const Operand& x, std::span<const Index> axes, bool keep_axes = false);
Tensor mean(const Operand& x, std::initializer_list<Index> axes, bool keep_axes = false);

// ---- products

// NumPy's matmul: matrices in the last two axes, batches before them broadcast, vectors allowed.
Tensor matmul(const Operand& a, const Operand& b);

// ---- shapes

// The axes in reverse order.
Tensor transpose(const Operand& x);
// The axes in the order given, each named once.
Tensor permute(const Operand& x, std::span<const Index> order);
Tensor permute(const Operand& x, std::initializer_list<Index> order);
Tensor reshape(const Operand& x, const Shape& shape);
Tensor broadcast_to(const Operand& x, const Shape& shape);
// One after the other along an axis; extents must agree along the others.
Tensor concatenate(std::span<const Tensor> tensors, Index axis,
                   SourceLine where = SourceLine::here());
Tensor concatenate(std::initializer_list<Tensor> tensors, Index axis,
                   SourceLine where = SourceLine::here());
// Elements start, start + step, … before `stop` along one axis. Negative bounds count from the end.
Tensor slice(const Operand& x, Index axis, Index start, Index stop, Index step = 1);
// x in a tensor of zeros of the given shape, its first element at `starts`, its neighbours `steps`
// apart: the adjoint of a slice.
Tensor place(const Operand& x, const Shape& shape, std::span<const Index> starts,
             std::span<const Index> steps);
// The rows (entries of the first axis) named, in that order, repeats allowed.
Tensor gather_rows(const Operand& x, std::span<const Index> rows);
Tensor gather_rows(const Operand& x, std::initializer_list<Index> rows);
// Row r of x added to row rows[r] of `count` rows of zeros: the adjoint of gather_rows.
Tensor scatter_rows(const Operand& x, std::span<const Index> rows, Index count);

// ---- losses, one element for each example; take their mean() or sum()

// -(y ln a + (1 - y) ln(1 - a)): the textbook form, for teaching. It is infinite where a sigmoid
// has rounded to the wrong label; train with the form on logits.
Tensor binary_cross_entropy(const Operand& probability, const Operand& label);
Tensor binary_cross_entropy_with_logits(const Operand& logit, const Operand& label);
// Over the classes along `axis`; labels are probabilities of the same shape (see one_hot).
Tensor cross_entropy_with_logits(const Operand& logits, const Operand& labels, Index axis = -1);
Tensor squared_error(const Operand& prediction, const Operand& label);

// A constant [labels × classes] with 1 at each label and 0 elsewhere. Throws ArgumentError for a
// label outside 0 … classes − 1.
Tensor one_hot(Tape& tape, std::span<const Index> labels, Index classes,
               SourceLine where = SourceLine::here());

// ---- what keeps NaN and 0·∞ in order; gradients that are recorded (gradient.h) are made of them

// v, but NaN where x is NaN. No gradient reaches x.
Tensor guard_nan(const Operand& x, const Operand& v);
// x·y, but 0 where x is 0, whatever y is; and the same for either.
Tensor gated_multiply(const Operand& x, const Operand& y);
Tensor gated_by_both(const Operand& x, const Operand& y);
// matmul in which 0·∞ is 0.
Tensor gated_matmul(const Operand& a, const Operand& b);
// 1 at the lowest index that holds the maximum along an axis, 0 elsewhere; no gradient.
Tensor first_maximum(const Operand& x, Index axis = -1);
// The maximum along an axis, 0 where it is infinite; no gradient.
Tensor exponent_shift(const Operand& x, Index axis = -1, bool keep_axis = false);
// For every element the sum of all others along an axis, with all digits.
Tensor sum_of_others(const Operand& x, Index axis = -1);

// ---- any rule

// Records a rule on its operands; the way a user's own operation is called (see
// custom_operation.h).
Tensor apply(const Rule& rule, std::initializer_list<Operand> operands,
             std::span<const Index> attributes = {});

}  // namespace autograd
