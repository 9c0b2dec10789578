// One row of data through a trained classifier on a tape, under the names of the documented
// derivation: from the columns of the file to the loss, for people to step through.
#pragma once

#include <cstddef>

#include "autograd/explain/trace.h"
#include "models/classification_loss.h"
#include "models/classifier.h"
#include "models/data/dataset.h"

namespace models {

struct RowRecording {
  autograd::Tensor loss;
  autograd::TraceOptions trace;  // with the names of features and classes as labels
};

// Records raw, mean and scale [features]; x = (raw − mean)/scale; the parameters under the names of
// parameter_blocks(), as variables; the logits z, of two classes one; a = σ(z), or the shares a =
// softmax of several; y, of several classes one-hot; and L, the cross-entropy of this row without
// the penalty. The textbook's form goes through a and is of two classes. Throws
// std::invalid_argument where there is no such row, counted from 0, the data have other classes or
// features than the classifier, or the textbook's form is asked for of several classes.
RowRecording record_row(autograd::Tape& tape, const Classifier& classifier, const Dataset& data,
                        std::size_t row, CrossEntropy form = CrossEntropy::fused);

}  // namespace models
