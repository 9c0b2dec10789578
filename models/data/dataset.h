// From a Table to what a classifier of two classes learns from (Dataset) or predicts (Features).
//
// Rule for callers: what views these vectors lives as long as the object; keep the object while a
// tape reads from it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/table.h"

namespace models {

// The values of some columns, a row per row of the file, and where each of them came from.
struct Features {
  std::vector<std::string> names;   // one per column, in the order of the columns of `values`
  std::vector<double> values;       // rows x columns, row-major; all finite
  std::string file;                 // for messages
  std::vector<std::size_t> lines;   // per row, its line in the file
  std::vector<std::size_t> fields;  // per column, its position in the line

  std::size_t rows() const noexcept { return lines.size(); }
  std::size_t columns() const noexcept { return names.size(); }

  // `data.csv:52:3: column gpa`: where a value came from, for a message about it.
  std::string where(std::size_t row, std::size_t column) const;
};

// Features and the label of each row.
struct Dataset {
  Features features;
  std::string target;                  // the name of the column the labels came from
  std::array<std::string, 2> classes;  // as they are written in the file, in sorted order
  std::size_t positive = 1;            // which of the classes is the positive one: 0 or 1
  std::vector<double> labels;          // one per row: 1 for the positive class, 0 for the other

  std::size_t rows() const noexcept { return labels.size(); }
  const std::string& positive_class() const { return classes[positive]; }
  const std::string& negative_class() const { return classes[1 - positive]; }
  // The number of rows of the positive class.
  std::size_t positive_rows() const;
};

// Takes `target` as the labels and all other columns, in the order of the file, as the features.
//
// Labels are compared as text: "yes" and "Yes" are two classes. Two spellings of one number, such
// as "1" and "1.0", are an error, not two classes. Classes are sorted as numbers if both are
// numbers, as text (by bytes) otherwise. The positive class is the one spelled yes, true, 1 or
// positive in upper or lower case, if just one of them is; otherwise the last one. The order of
// rows is without influence on it.
//
// Throws DataError: no column is named `target`; a label is missing; there is one class, or more
// than two; a feature is missing, not a number or out of range (with line and field, the first ten
// of them and the count); no column but the target; a name or a label is not UTF-8.
Dataset make_dataset(const Table& table, std::string_view target);

// The columns a model needs, and what else is in the file.
struct SelectedFeatures {
  Features features;                 // in the order of the model
  std::vector<std::string> ignored;  // columns the model does not know, in the order of the file
};

// Picks columns by their names. Throws ModelDataMismatch naming those the table does not have, and
// DataError for cells of the others that are missing or not numbers; what is in ignored columns
// does not matter.
SelectedFeatures select_features(const Table& table, std::span<const std::string> names);

// The rows of a file as a classifier that exists sees them: its features, and labels of its
// classes.
struct SelectedRows {
  Dataset data;
  std::vector<std::string> ignored;  // columns the model does not know, in the order of the file
};

// Throws what select_features throws, ModelDataMismatch for the target's column too and where a
// label is neither of the classes, and DataError where a label is missing. One of the classes may
// have no rows.
SelectedRows select_rows(const Table& table, std::span<const std::string> names,
                         const std::string& target, const std::array<std::string, 2>& classes,
                         std::size_t positive);

// Which of two classes is positive by the rule of make_dataset: 0 or 1.
std::size_t positive_of(const std::array<std::string, 2>& sorted_classes);

}  // namespace models
