#include "apps/data_flags.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "apps/command.h"
#include "apps/command_line.h"
#include "models/data/checks.h"
#include "models/data/csv.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"

namespace apps {
namespace {

models::Table read_and_say(const std::string& file, const models::CsvOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  models::Table table = models::read_csv(file, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  spdlog::debug("{}: {}, {} read in {:.3f} s", models::location(models::input_name(file)),
                counted(table.rows(), "row"), counted(table.columns.size(), "column"),
                seconds.count());
  return table;
}

models::MissingPolicy missing_policy(const std::string& name) {
  for (const auto policy : {models::MissingPolicy::drop, models::MissingPolicy::mean,
                            models::MissingPolicy::mean_and_flag}) {
    if (name == models::to_string(policy)) return policy;
  }
  return models::MissingPolicy::error;
}

std::string filled_with(const models::ColumnEncoding& column) {
  if (column.is_categorical()) {
    return "the most frequent category, " + models::in_quotes(column.levels[column.fill_level]);
  }
  return fmt::format("the mean, {:.6g}", column.fill_number);
}

void say_of_missing(const std::string& name, std::size_t missing,
                    const models::ColumnEncoding& column) {
  spdlog::info("column {}: {} {} {}{}", name, counted(missing, "missing cell"),
               missing == 1 ? "gets" : "get", filled_with(column),
               column.flagged ? ", and a feature of their own" : "");
}

void say_of(const models::ColumnSchema& schema, const models::ColumnEncoding& column,
            models::MissingPolicy policy) {
  const std::string name = models::printable(schema.name);
  if (column.is_categorical()) {
    std::vector<std::string> others = column.levels;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(column.reference));
    spdlog::info("column {}: categories {}, compared with {} (--reference)", name,
                 models::listed(others), models::printable(column.levels[column.reference]));
  }
  const bool is_filled = policy != models::MissingPolicy::drop && schema.missing > 0;
  if (is_filled) say_of_missing(name, schema.missing, column);
}

}  // namespace

void add_data_flags(CLI::App& command, DataFlags& flags) {
  const InGroup columns(command, columns_group);
  add_names(command, "--categorical", flags.columns.categorical,
            "Columns that are categories, numbers or not: a,b");
  add_names(command, "--numeric", flags.columns.numeric, "Columns that are numbers");
  add_names(command, "--drop", flags.columns.drop, "Columns to leave out");
  add_names(command, "--keep", flags.columns.keep,
            "Columns to use though they look like identifiers, dates or free text");
  add_names(command, "--reference", flags.references,
            "The level the other levels of a column are compared with [the first in sorted order]");
  add_weight_flag(command, flags.columns.weight);
  command
      .add_option("--missing", flags.missing,
                  "Missing cells: error; drop their rows; mean (of categories the most frequent); "
                  "mean+flag: and a feature that says so")
      ->check(CLI::IsMember({"error", "drop", "mean", "mean+flag"}))
      ->capture_default_str();
  command
      .add_option("--positive", flags.positive,
                  "The positive class [yes, true, 1 or positive, else the last in sorted order]")
      ->check(fault_of_empty);
  name_values(command, "COLUMNS", {"--categorical", "--numeric", "--drop", "--keep"});
  name_values(command, "COLUMN=LEVEL", {"--reference"});
  name_values(command, "CLASS", {"--positive"});
}

CLI::Option* add_target_flag(CLI::App& command, std::string& target) {
  const InGroup columns(command, columns_group);
  return command
      .add_option("--target", target,
                  "The column with the labels: its name, its position from 1, or last")
      ->type_name("COLUMN")
      ->check(fault_of_empty);
}

void add_names(CLI::App& command, const char* flag, std::vector<std::string>& names,
               const char* what) {
  command.add_option(flag, names, what)->allow_extra_args(false)->check(fault_of_empty);
}

void add_weight_flag(CLI::App& command, std::vector<std::string>& weight) {
  const InGroup columns(command, columns_group);
  command
      .add_option("--weight", weight,
                  "Column that says how often each row counts; it is no feature")
      ->type_name("COLUMN")
      ->expected(1)
      ->check(fault_of_empty);
}

models::DatasetOptions dataset_options(const DataFlags& flags) {
  return {flags.columns, {missing_policy(flags.missing), flags.references}, flags.positive};
}

models::Table read_table(const std::string& file, const CsvFlags& csv, const DataFlags& flags,
                         const std::string& target, bool digest) {
  models::CsvOptions options = csv_options(csv);
  options.columns = models::uses_of(flags.columns);
  options.digest = digest;
  const bool is_name = models::parse_number(target).status != models::NumberStatus::number &&
                       target != "last" && !target.empty();
  if (is_name) options.known_names = {target};
  return read_and_say(file, options);
}

models::CsvOptions csv_options(const CsvFlags& csv, const models::Classifier& model) {
  models::CsvOptions options = csv_options(csv);
  options.columns = models::uses_of(model.encoding);
  if (!options.missing_tokens) options.missing_tokens = model.encoding.missing_tokens;
  options.columns.emplace(model.target, models::ColumnUse::text);
  options.other_columns = models::ColumnUse::none;
  options.known_names = model.encoding.column_names();
  return options;
}

models::Table read_table(const std::string& file, const CsvFlags& csv,
                         const models::Classifier& model, const std::string& weight, bool digest) {
  models::CsvOptions options = csv_options(csv, model);
  options.digest = digest;
  if (!weight.empty()) options.columns.emplace(weight, models::ColumnUse::numbers);
  return read_and_say(file, options);
}

CLI::Option* add_unknown_flag(CLI::App& command, std::string& unknown) {
  const InGroup columns(command, columns_group);
  return command
      .add_option("--unknown", unknown,
                  "Categories no training row had: error, or ignore: they count as the reference")
      ->check(CLI::IsMember({"error", "ignore"}))
      ->capture_default_str();
}

models::UnknownPolicy unknown_policy(const std::string& unknown) {
  return unknown == "ignore" ? models::UnknownPolicy::ignore : models::UnknownPolicy::error;
}

void warn_of_unknown(const std::vector<models::LevelCount>& unknown) {
  for (const models::LevelCount& column : unknown) {
    spdlog::warn("column {}: {} with a category no training row has; taken for the reference",
                 models::printable(column.name), counted(column.rows, "row"));
  }
}

void say_what_was_filled(const std::vector<models::LevelCount>& filled,
                         const models::FeatureEncoding& encoding) {
  for (const models::LevelCount& missing : filled) {
    const auto column =
        std::find_if(encoding.columns.begin(), encoding.columns.end(),
                     [&](const models::ColumnEncoding& each) { return each.name == missing.name; });
    say_of_missing(models::printable(missing.name), missing.rows, *column);
  }
}

std::vector<std::string> rows_left_out(const models::Table& table) {
  constexpr std::size_t shown_at_most = 10;
  if (table.left_out.empty()) return {};
  const std::size_t all = table.left_out.size();
  std::vector<std::string> lines{counted(all, "faulty row") + " left out (--skip-bad-rows)" +
                                 (all > shown_at_most ? ", the first 10 of them:" : ":")};
  for (std::size_t i = 0; i < std::min(all, shown_at_most); ++i) {
    const models::Problem& problem = table.left_out[i];
    lines.push_back("  " + models::location(table.file, problem.line, problem.field) + ": " +
                    problem.text);
  }
  if (all > shown_at_most) lines.emplace_back("  `tapewise describe --json` lists them all");
  return lines;
}

bool warn_of_training_file(const models::DataRecord& trained_on, const models::Table& table) {
  if (trained_on.sha256.empty() || trained_on.sha256 != table.sha256) return false;
  spdlog::warn(
      "{} is the file the model was trained on: these figures are no estimate for new "
      "rows; `tapewise show` has one",
      models::location(models::input_name(table.file)));
  return true;
}

void warn_of_rows_left_out(const models::Table& table) {
  for (const std::string& line : rows_left_out(table)) spdlog::warn("{}", line);
}

std::string classes_text(const std::vector<models::LevelCount>& classes, const DataFlags& flags) {
  std::vector<std::string> parts;
  parts.reserve(classes.size());
  const bool two = classes.size() == 2;
  for (const models::LevelCount& each : classes) {
    parts.push_back(models::printable(each.name) +
                    (two && parts.size() == 1 ? " (positive): " : ": ") +
                    counted(each.rows, "row"));
  }
  if (!two) {
    return fmt::format("{}\n           reference: {}, the first in sorted order\n",
                       fmt::join(parts, "; "), models::printable(classes[0].name));
  }
  const std::vector<std::string> names{classes[0].name, classes[1].name};
  const std::string_view reason =
      flags.positive.empty() ? models::reason_of_positive(names) : "--positive";
  return fmt::format("{}; {}\n           positive: {}{}\n", parts[1], parts[0], reason,
                     flags.positive.empty() ? " (--positive names another)" : "");
}

std::vector<std::string> reference_levels(const models::FeatureEncoding& encoding) {
  std::vector<std::string> references;
  for (const models::ColumnEncoding& column : encoding.columns) {
    if (!column.is_categorical()) continue;
    references.push_back(column.name + "=" + column.levels[column.reference]);
  }
  return references;
}

void say_what_becomes_of_columns(const models::Dataset& data) {
  std::size_t at = 0;
  for (const models::ColumnSchema& schema : data.schema) {
    if (schema.role == models::Role::unusable) continue;
    say_of(schema, data.encoding.columns[at++], data.encoding.missing);
  }
}

}  // namespace apps
