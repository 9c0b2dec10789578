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

namespace apps {

// What somebody knows better of a training file than the rules of models/data/schema.h.
struct DataFlags {
  models::SchemaOptions columns;
  std::vector<std::string> references;
  std::string missing = "error";
  std::string positive;
};

// --categorical, --numeric, --drop, --keep, --reference, --missing, --positive.
void add_data_flags(CLI::App& command, DataFlags& flags);
models::DatasetOptions dataset_options(const DataFlags& flags);

// Reads a training file, whose columns are what the flags say, or a file for a model, whose columns
// are what they were in training and whose others may hold anything. Lists the rows that
// --skip-bad-rows left out, each with what is wrong with it, in the log.
models::Table read_table(const std::string& file, const CsvFlags& csv, const DataFlags& flags);
models::Table read_table(const std::string& file, const CsvFlags& csv,
                         const models::Classifier& model);

// --unknown error|ignore, where a model meets new rows.
void add_unknown_flag(CLI::App& command, std::string& unknown);
models::UnknownPolicy unknown_policy(const std::string& unknown);
// Says which columns had categories that --unknown ignore let pass, and in how many rows.
void warn_of_unknown(const std::vector<models::LevelCount>& unknown);

// "rank=1" for each column of categories.
std::vector<std::string> reference_levels(const models::FeatureEncoding& encoding);

// One line on stderr for each column that is left out (a warning), of categories, or has missing
// cells; and for rows that are left out.
void say_what_becomes_of_columns(const models::Dataset& data);

// A warning for each finding of models/data/checks.h: the first ten and the number of all.
void warn_of_suspicions(const models::Dataset& data);

}  // namespace apps
