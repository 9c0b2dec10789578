// Flags about columns, the same in every subcommand that reads data, and what is said on stderr of
// the columns that are not simply numbers.
//
// Rule for authors: a flag about data is written here, once, and its meaning in models/data.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "apps/csv_flags.h"
#include "models/classifier.h"
#include "models/data/dataset.h"
#include "models/model.h"

namespace apps {

// What somebody knows better of a training file than the rules of models/data/schema.h.
struct DataFlags {
  models::SchemaOptions columns;
  std::vector<std::string> references;
  std::string missing = "error";
  std::string positive;
};

// The group of these flags in the help.
constexpr const char* columns_group = "Columns";

// --target, which is not required unless the caller says so.
CLI::Option* add_target_flag(CLI::App& command, std::string& target);

// --categorical, --numeric, --drop, --keep, --reference, --weight, --missing, --positive.
void add_data_flags(CLI::App& command, DataFlags& flags);
models::DatasetOptions dataset_options(const DataFlags& flags);

// Reads a training file, whose columns are what the flags say, or a file for a model, whose columns
// are what they were in training and whose others, but for that of the weights, may hold anything.
// With `digest` the table has the SHA-256 of the file, which takes its time.
models::Table read_table(const std::string& file, const CsvFlags& csv, const DataFlags& flags,
                         const std::string& target, bool digest = false);
models::Table read_table(const std::string& file, const CsvFlags& csv,
                         const models::Classifier& model, const std::string& weight = "",
                         bool digest = false);

// How a file for a model is read, as above.
models::CsvOptions csv_options(const CsvFlags& csv, const models::Classifier& model);

// A flag of names of columns: a,b.
void add_names(CLI::App& command, const char* flag, std::vector<std::string>& names,
               const char* what);
// --weight COLUMN.
void add_weight_flag(CLI::App& command, std::vector<std::string>& weight);

// --unknown error|ignore, where a model meets new rows.
CLI::Option* add_unknown_flag(CLI::App& command, std::string& unknown);
models::UnknownPolicy unknown_policy(const std::string& unknown);
// Says which columns had categories that --unknown ignore let pass, and in how many rows.
void warn_of_unknown(const std::vector<models::LevelCount>& unknown);
// Says which columns had missing cells that the model filled, with what, and how many.
void say_what_was_filled(const std::vector<models::LevelCount>& filled,
                         const models::FeatureEncoding& encoding);

// Figures on the rows a model has learned from are no estimate for others. Whether it is that file,
// by its digest.
bool warn_of_training_file(const models::DataRecord& trained_on, const models::Table& table);

// What --skip-bad-rows left out: how many rows, and of the first ten where and why, a line each;
// nothing where none was.
std::vector<std::string> rows_left_out(const models::Table& table);
// The same in the log, for commands whose results are not a report.
void warn_of_rows_left_out(const models::Table& table);

// "malignant (positive): 212 rows; benign: 357 rows" and, on a line of its own, why that one is the
// positive class. Classes as a Dataset has them, the reference first.
std::string classes_text(const std::vector<models::LevelCount>& classes, const DataFlags& flags);

// "rank=1" for each column of categories.
std::vector<std::string> reference_levels(const models::FeatureEncoding& encoding);

// One line on stderr for each column of categories, or with missing cells that are filled.
void say_what_becomes_of_columns(const models::Dataset& data);

}  // namespace apps
