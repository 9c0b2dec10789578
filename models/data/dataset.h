// From a Table to what a classifier learns from (Dataset) or predicts (Features).
//
// Rule for callers: what views these vectors lives as long as the object; keep the object while a
// tape reads from it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/feature_encoding.h"
#include "models/data/features.h"
#include "models/data/schema.h"
#include "models/data/table.h"

namespace models {

// Features and the label of each row. Class 0 is the reference: of two classes the negative one, of
// more the first in sorted order, as the others are then.
struct Dataset {
  Features features;
  std::string target;                // the name of the column the labels came from
  std::vector<std::string> classes;  // as they are written in the file
  std::vector<double> labels;        // one per row: the index of its class
  std::vector<double> weights;       // one per row, >= 0; empty: every row counts once
  FeatureEncoding encoding;          // how the features were made of columns
  std::vector<ColumnSchema> schema;  // of a training file: its columns, unusable ones as well
  std::size_t dropped_rows = 0;      // of a training file: rows with missing cells, left out

  std::size_t rows() const noexcept { return labels.size(); }
  // Of two classes.
  const std::string& positive_class() const { return classes[1]; }
  const std::string& negative_class() const { return classes[0]; }
  // The number of rows of each class.
  std::vector<std::size_t> rows_of_classes() const;
};

// What is known of a training file better than its rules would find it.
struct DatasetOptions {
  SchemaOptions columns;
  EncodingOptions encoding;
  std::string positive;  // the positive class of two; "": by the rule
};

// The column of that name; where no column has it, `last` is the last one and a whole number is a
// position counted from 1. Throws DataError where there is none, with a suggestion.
const Column& find_target(const Table& table, std::string_view target);

// Takes the column that find_target gives as the labels, the one of the weights, if there is one,
// as weights, and the usable ones of all others, in the order of the file, as the features.
//
// Labels are compared as text: "yes" and "Yes" are two classes. Two spellings of one number, such
// as "1" and "1.0", are an error, not two classes. Classes are sorted as numbers if all are
// numbers, as text (by bytes) otherwise. Of two, the positive class is the one spelled yes, true, 1
// or positive in upper or lower case, if just one of them is; otherwise the last one. The order of
// rows is without influence on it.
//
// Throws DataError: there is no such target; a label is missing; there is one class, or so many
// that the column is none of classes (more than 20 numbers, or less than two rows a class); a
// positive class is asked for that is not one of two; a weight is missing, negative or not a
// number, or the rows of a class have none; no column is left to learn from; a cell is
// missing where the options do not say what to do (with line and field, the first ten of them, the
// count and the number of each column), or in a numeric column not a number or out of range; a name
// or a label is not UTF-8; and what infer_schema and fit_encoding throw.
Dataset make_dataset(const Table& table, std::string_view target,
                     const DatasetOptions& options = {});

// The features of a model, and what else is in the file.
struct SelectedFeatures {
  Features features;                 // in the order of the model
  std::vector<std::string> ignored;  // columns the model does not know, in the order of the file
  std::vector<LevelCount> unknown;   // columns with categories no training row had: rows of each
  std::vector<LevelCount> filled;    // columns with missing cells that were filled: how many
};

// Encodes a table as the training file was. Throws what encode() throws; what is in ignored columns
// does not matter.
SelectedFeatures select_features(const Table& table, const FeatureEncoding& encoding,
                                 UnknownPolicy unknown = UnknownPolicy::error);

// The rows of a file as a classifier that exists sees them: its features, and labels of its
// classes.
struct SelectedRows {
  Dataset data;
  std::vector<std::string> ignored;  // columns the model does not know, in the order of the file
  std::vector<LevelCount> unknown;   // columns with categories no training row had: rows of each
  std::vector<LevelCount> filled;    // columns with missing cells that were filled: how many
};

// Throws what select_features throws, ModelDataMismatch for the target's column too and where a
// label is none of the classes, and DataError where a label or a weight is missing. Classes may
// have no rows. `weight` is the name of the column of weights, "" where there is none.
SelectedRows select_rows(const Table& table, const FeatureEncoding& encoding,
                         const std::string& target, const std::vector<std::string>& classes,
                         UnknownPolicy unknown = UnknownPolicy::error,
                         const std::string& weight = "");

// Which of two classes is positive by the rule of make_dataset: 0 or 1.
std::size_t positive_of(std::span<const std::string> sorted_classes);
// And what the rule goes by, as the end of a sentence: "by its name", "the last in sorted order".
std::string_view reason_of_positive(std::span<const std::string> classes);

}  // namespace models
