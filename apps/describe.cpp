// tapewise describe: what a file was understood to be, and what train would make of it.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/command.h"
#include "apps/csv_flags.h"
#include "apps/data_flags.h"
#include "models/data/checks.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"

namespace apps {
namespace {

struct DescribeFlags {
  std::string file;
  std::shared_ptr<CsvFlags> csv;
  std::string target;
  DataFlags data;
  bool json = false;
};

// The labels, whether or not a classifier can be trained on them.
struct Labels {
  std::string column;
  std::vector<models::LevelCount> classes;
  std::size_t missing = 0;
};

struct Description {
  const models::Table& table;
  std::vector<models::ColumnSchema> columns;
  std::optional<Labels> labels;             // with --target
  std::optional<std::size_t> positive;      // index into the classes, where train takes them
  models::FeatureEncoding encoding;         // where the columns have one
  std::vector<models::Finding> suspicions;  // with --target, where train takes the data
  std::string error;                        // why train would not
};

// --- What is found ----------------------------------------------------------------------------

Labels labels_of(const models::Table& table, const std::string& target) {
  const models::Column& column = models::find_target(table, target);
  Labels labels{column.name, models::count_levels(column), 0};
  for (std::size_t row = 0; row < table.rows(); ++row) {
    labels.missing += column.is_missing(row) ? 1U : 0U;
  }
  return labels;
}

// Of two classes the positive one, as train takes it; nothing where it takes none.
std::optional<std::size_t> positive_among(const std::vector<models::LevelCount>& classes,
                                          const std::string& wanted) {
  if (classes.size() != 2) return std::nullopt;
  if (wanted.empty()) return models::positive_of(std::vector{classes[0].name, classes[1].name});
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].name == wanted) return i;
  }
  return std::nullopt;
}

Description described(const models::Table& table, const DescribeFlags& flags) {
  const models::DatasetOptions options = dataset_options(flags.data);
  Description d{table, {}, std::nullopt, std::nullopt, {}, {}, ""};
  if (!flags.target.empty()) d.labels = labels_of(table, flags.target);
  d.columns = models::infer_schema(table, d.labels ? d.labels->column : "", options.columns);
  try {
    d.encoding = models::fit_encoding(table, d.columns, options.encoding);
  } catch (const models::DataError& error) {
    if (!d.labels) d.error = error.what();
  }
  if (!d.labels) return d;
  d.positive = positive_among(d.labels->classes, options.positive);
  try {
    const models::Dataset data = models::make_dataset(table, flags.target, options);
    d.suspicions = models::suspicions_of(data);
  } catch (const models::DataError& error) {
    d.error = error.what();
  }
  return d;
}

// --- One column in words ----------------------------------------------------------------------

std::string counts_of(const std::vector<models::LevelCount>& levels, std::size_t most) {
  std::vector<std::string> parts;
  parts.reserve(levels.size());
  for (const models::LevelCount& level : levels) {
    parts.push_back(level.name + " " + std::to_string(level.rows));
  }
  return models::listed(parts, most);
}

std::string values_of(const models::Column& column, const models::ColumnSchema& schema) {
  constexpr std::size_t levels_shown = 4;
  if (!schema.levels.empty()) return counts_of(schema.levels, levels_shown);
  if (column.kind == models::ColumnKind::text) {
    return counted(column.levels.size(), "different text");
  }
  if (schema.missing == column.numbers.size()) return "";
  return models::shortest(schema.smallest) + " to " + models::shortest(schema.largest);
}

// What becomes of a column, and the flag that changes that.
struct Treatment {
  std::string what;
  std::string flag;
};

Treatment treatment_of_missing(const DataFlags& flags) {
  if (flags.missing == "error") return {"missing cells are an error", "--missing"};
  if (flags.missing == "drop") return {"rows with missing cells are left out", "--missing"};
  return {
      flags.missing == "mean" ? "missing cells are filled" : "missing cells are filled and flagged",
      "--missing"};
}

std::string reference_of(const models::ColumnSchema& column,
                         const models::FeatureEncoding& encoding) {
  for (const models::ColumnEncoding& used : encoding.columns) {
    if (used.name == column.name) return models::printable(used.levels[used.reference]);
  }
  return column.levels.empty() ? "" : models::printable(column.levels.front().name);
}

Treatment treatment_of(const models::ColumnSchema& column, const models::FeatureEncoding& encoding,
                       const DataFlags& flags) {
  using models::Role;
  if (column.role == Role::unusable) {
    if (models::is_left_out_by_wish(column)) return {"left out", column.reason};
    const bool is_constant =
        column.reason.starts_with("constant") || column.reason.starts_with("empty");
    return {"left out: " + column.reason, is_constant ? "" : "--keep"};
  }
  if (column.missing > 0) return treatment_of_missing(flags);
  if (column.role == Role::categorical) {
    return {"a feature per category, compared with " + reference_of(column, encoding),
            "--reference"};
  }
  if (column.role == Role::boolean) return {"a feature of 0 and 1", "--drop"};
  return {"a number, standardised", "--categorical"};
}

// --- For people -------------------------------------------------------------------------------

using SummaryRow = std::array<std::string, 5>;

std::string table_text(const std::vector<SummaryRow>& rows) {
  std::array<std::size_t, 5> widths{};
  for (const SummaryRow& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const SummaryRow& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widths[i] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string columns_text(const Description& d, const DataFlags& flags) {
  std::vector<SummaryRow> rows{
      {"Column", "Role", "Values", "Missing", "What train does (and what changes that)"}};
  std::size_t at = 0;
  for (const models::Column& column : d.table.columns) {
    const std::string name = models::printable(column.name);
    if (d.labels && column.name == d.labels->column) {
      rows.push_back({name, "target", counts_of(d.labels->classes, 3),
                      std::to_string(d.labels->missing), "the labels (--target)"});
      continue;
    }
    const models::ColumnSchema& schema = d.columns[at++];
    const Treatment treatment = treatment_of(schema, d.encoding, flags);
    rows.push_back({name, std::string(models::to_string(schema.role)), values_of(column, schema),
                    std::to_string(schema.missing),
                    treatment.what + (treatment.flag.empty() ? "" : " (" + treatment.flag + ")")});
  }
  return table_text(rows);
}

std::string labels_text(const Description& d, const DataFlags& flags) {
  if (!d.labels) return "Target     none; --target COLUMN names it (or its position, or last)\n";
  std::string text = "Target     " + models::printable(d.labels->column) + ": ";
  if (d.positive) {
    std::vector<models::LevelCount> classes = d.labels->classes;
    if (*d.positive == 0) std::swap(classes[0], classes[1]);
    return text + classes_text(classes, flags);
  }
  return text + std::to_string(d.labels->classes.size()) +
         (d.labels->classes.size() == 1 ? " class: " : " classes: ") +
         counts_of(d.labels->classes, 5) + "\n";
}

std::string description_text(const Description& d, const DataFlags& flags) {
  std::string text =
      fmt::format("Data       {}: {}, {}\n           {}\n", models::location(d.table.file),
                  counted(d.table.rows(), "row"), counted(d.table.columns.size(), "column"),
                  models::described(d.table.dialect));
  for (const std::string& line : rows_left_out(d.table)) text += "           " + line + "\n";
  text += labels_text(d, flags) + "\n" + columns_text(d, flags);
  if (!d.suspicions.empty()) text += "\nWarnings\n";
  for (const models::Finding& finding : d.suspicions) text += "  " + finding.text + "\n";
  if (!d.error.empty()) text += "\nNot to be trained on like this:\n" + d.error + "\n";
  return text;
}

// --- For programs -----------------------------------------------------------------------------

using nlohmann::ordered_json;

ordered_json json_of(const std::vector<models::LevelCount>& levels) {
  ordered_json list = ordered_json::array();
  for (const models::LevelCount& level : levels) {
    list.push_back({{"name", level.name}, {"rows", level.rows}});
  }
  return list;
}

ordered_json json_of(const models::ColumnSchema& column, const models::Column& cells,
                     const models::FeatureEncoding& encoding, const DataFlags& flags) {
  const Treatment treatment = treatment_of(column, encoding, flags);
  ordered_json json{{"name", column.name},
                    {"position", cells.field},
                    {"role", models::to_string(column.role)},
                    {"reason", column.reason},
                    {"missing", column.missing}};
  if (!column.levels.empty()) json["levels"] = json_of(column.levels);
  if (cells.kind == models::ColumnKind::numeric && column.missing < cells.numbers.size()) {
    json["smallest"] = column.smallest;
    json["largest"] = column.largest;
  }
  json["treatment"] = treatment.what;
  json["changed_by"] = treatment.flag;
  return json;
}

ordered_json json_of(const models::Dialect& dialect) {
  const auto mark = [](char character) {
    return character == models::nothing ? ordered_json(nullptr)
                                        : ordered_json(std::string(1, character));
  };
  const models::Dialect::Given& given = dialect.given;
  ordered_json by_flag = ordered_json::array();
  for (const auto& [name, is_given] :
       {std::pair("delimiter", given.delimiter), std::pair("header", given.has_header),
        std::pair("decimal", given.decimal), std::pair("quote", given.quote),
        std::pair("comment", given.comment), std::pair("encoding", given.encoding)}) {
    if (is_given) by_flag.push_back(name);
  }
  return {{"delimiter", models::delimiter_name(dialect.delimiter)},
          {"header", dialect.has_header},
          {"decimal", mark(dialect.decimal)},
          {"quote", mark(dialect.quote)},
          {"comment", mark(dialect.comment)},
          {"encoding", models::encoding_name(dialect.encoding)},
          {"given", by_flag}};
}

ordered_json json_of(const std::vector<models::Problem>& left_out) {
  ordered_json list = ordered_json::array();
  for (const models::Problem& problem : left_out) {
    list.push_back({{"line", problem.line}, {"field", problem.field}, {"text", problem.text}});
  }
  return list;
}

ordered_json description_json(const Description& d, const DataFlags& flags) {
  ordered_json root{{"file", d.table.file},
                    {"rows", d.table.rows()},
                    {"dialect", json_of(d.table.dialect)},
                    {"left_out", json_of(d.table.left_out)}};
  root["target"] = nullptr;
  if (d.labels) {
    root["target"] = {{"name", d.labels->column},
                      {"missing", d.labels->missing},
                      {"classes", json_of(d.labels->classes)},
                      {"positive", nullptr}};
    if (d.positive) root["target"]["positive"] = d.labels->classes[*d.positive].name;
  }
  root["columns"] = ordered_json::array();
  for (const models::ColumnSchema& column : d.columns) {
    root["columns"].push_back(json_of(column, d.table.columns[column.index], d.encoding, flags));
  }
  root["warnings"] = ordered_json::array();
  for (const models::Finding& finding : d.suspicions) {
    root["warnings"].push_back({{"columns", finding.names}, {"text", finding.text}});
  }
  root["error"] = d.error;
  return root;
}

int describe_file(const DescribeFlags& flags) {
  const models::Table table = read_table(flags.file, *flags.csv, flags.data, flags.target);
  const Description description = described(table, flags);
  if (flags.json) {
    // What is not UTF-8 is named by the error; here it is replaced.
    print(description_json(description, flags.data)
              .dump(2, ' ', false, ordered_json::error_handler_t::replace) +
          "\n");
  } else {
    print(description_text(description, flags.data));
  }
  return exit_done;
}

int describe(const DescribeFlags& flags) {
  csv_options(*flags.csv);
  if (flags.target.empty() && !flags.data.positive.empty()) {
    throw UsageError("--positive: there are no classes without --target");
  }
  return models::within_memory(models::input_name(flags.file),
                               [&] { return describe_file(flags); });
}

}  // namespace

void add_describe(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<DescribeFlags>();
  CLI::App* command =
      app.add_subcommand("describe", "What a CSV was understood to be, column by column");
  set_examples(*command, {"tapewise describe passengers.csv --target survived",
                          "tapewise describe iris.csv --target species --json",
                          "tapewise describe - --delimiter comma < hours.csv"});
  command->add_option("FILE", flags->file, "CSV; - is standard input")->required();
  add_target_flag(*command, flags->target);
  add_data_flags(*command, flags->data);
  flags->csv = add_csv_flags(*command);
  add_log_flags(*command);
  command->add_flag("--json", flags->json, "For programs");
  command->callback([flags, &chosen] { chosen = [flags] { return describe(*flags); }; });
}

}  // namespace apps
