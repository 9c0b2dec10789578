// A classifier as an ONNX model, for the runtimes of others.
//
// Rule for callers: runtimes have their own exp and their own order of sums, so that probabilities
// agree with those of predict in about twelve digits, not in the last.
#pragma once

#include <string>
#include <string_view>

#include "models/classifier.h"

namespace models {

struct OnnxOptions {
  std::string name = "model";  // of the graph
  UnknownPolicy unknown = UnknownPolicy::error;
  std::string_view program_version;
};

// The bytes of a ModelProto (operators of ai.onnx 13 and ai.onnx.ml 2).
//
// Inputs: one for each column, under its name and of shape [rows, 1]: double, NaN where it is
// missing, or string, "" where it is missing. Levels go by their spelling in the training file.
// Outputs: `label` [rows], string, as in the training file; `probabilities` [rows, classes],
// double, in sorted order as predict writes them. An output has a _ behind its name where a column
// has it.
//
// ONNX has no errors: a row without an answer (a cell is missing that is not to be; a category that
// no training row had, unless those count as the reference) has probabilities NaN and the label "".
//
// Throws std::invalid_argument where the parameters are not those of the architecture.
std::string onnx_model(const Classifier& classifier, const OnnxOptions& options);

}  // namespace models
