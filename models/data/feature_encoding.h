// How columns of a file become the features of a model: numbers as they are, categories as a
// feature per level but one, missing cells filled or refused. It is part of the model: what was
// done to the training file is done to every file that is predicted.
//
// Rule for callers: fit_encoding() looks at training rows and nothing else; encode() looks at the
// encoding, and takes nothing from the rows it encodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/features.h"
#include "models/data/schema.h"
#include "models/data/table.h"

namespace models {

// What becomes of a row with a missing cell among the columns that are used.
enum class MissingPolicy : std::uint8_t {
  error,          // it is a fault
  drop,           // it is not trained on; where it is to be predicted it is a fault
  mean,           // the cell gets the mean of the training rows, or their most frequent level
  mean_and_flag,  // and a feature says that it was missing, where training rows had such cells
};

// "error", "drop", "mean", "mean+flag".
std::string_view to_string(MissingPolicy policy);

// One column of the file.
struct ColumnEncoding {
  std::string name;
  std::vector<std::string> levels;  // of categories: sorted, two or more; of numbers: empty
  std::size_t reference = 0;        // the level without a feature
  double fill_number = 0.0;         // the mean; used where missing cells are filled
  std::size_t fill_level = 0;       // the most frequent level, the first of them in sorted order
  bool flagged = false;             // whether a feature says that the cell was missing

  bool is_categorical() const noexcept { return !levels.empty(); }
  // The number of its features.
  std::size_t features() const noexcept {
    return (is_categorical() ? levels.size() - 1 : 1) + (flagged ? 1 : 0);
  }
};

// All columns that are used. Of each column come, in this order: a number under the column's name,
// or a 0 or 1 for each level but the reference, `rank=2`; then a 0 or 1 for `age is missing`.
struct FeatureEncoding {
  std::vector<ColumnEncoding> columns;
  MissingPolicy missing = MissingPolicy::error;
  // Of a training file without header, where the names of columns are their positions; else 0.
  std::size_t fields = 0;        // in a row
  std::size_t target_field = 0;  // the position of the labels
  char decimal = '.';  // the decimal mark of the training file, by which levels are read as numbers
  // What stood for a missing value in the training file, for the reader of other files; not known
  // of models that were written without it.
  std::optional<std::vector<std::string>> missing_tokens = {};

  std::vector<std::string> column_names() const;
  std::vector<std::string> feature_names() const;
};

// What the reader of a file has to know of its columns: those that are not used may hold anything.
std::map<std::string, ColumnUse> uses_of(const FeatureEncoding& encoding);

// Columns of numbers under their own names, none of them ever missing.
FeatureEncoding encoding_of_numbers(std::span<const std::string> names);

struct EncodingOptions {
  MissingPolicy missing = MissingPolicy::error;
  std::vector<std::string> references;  // "rank=1": the level without a feature, for one column
};

// The rows that have a value in every column that the schema does not call unusable.
std::vector<std::size_t> complete_rows(const Table& table, std::span<const ColumnSchema> schema);

// Learns levels, means and most frequent levels from the rows of the table. A boolean column of
// numbers stays one number, 0 or 1.
//
// Throws DataError: a column of categories has less than two levels; a reference names no column of
// categories, or none of its levels, or a column has two; two features would have the same name; a
// level is not UTF-8.
FeatureEncoding fit_encoding(const Table& table, std::span<const ColumnSchema> schema,
                             const EncodingOptions& options = {});

// Throws ModelDataMismatch naming the columns a model needs and the table does not have.
void require_columns(const Table& table, std::span<const std::string> names);

// What becomes of a category that no training row had.
enum class UnknownPolicy : std::uint8_t {
  error,
  ignore,  // it counts as the reference level, and is counted
};

struct Encoded {
  Features features;
  std::vector<LevelCount> unknown;  // per column that had any: its name, and the number of rows
  std::vector<LevelCount> filled;   // the same of cells that were missing
};

// The features of all rows. A category is found by its spelling, a number also by its value: 1.0 is
// the level 1, unless 1.00 is a level too.
//
// Throws ModelDataMismatch naming the columns the table does not have, or, with line and field,
// categories that no training row had, and where neither file has a header and they differ in the
// number of fields; DataError for cells that are missing where the encoding does
// not fill them, with this hint, and for cells that are not numbers where numbers are needed (the
// first ten of them and the count).
Encoded encode(const Table& table, const FeatureEncoding& encoding,
               UnknownPolicy unknown = UnknownPolicy::error,
               std::string_view hint_for_missing =
                   "Fill them in; a model trained with --missing mean fills such cells itself.");

}  // namespace models
