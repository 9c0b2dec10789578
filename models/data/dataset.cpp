#include "models/data/dataset.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <utility>

#include "autograd/suggestion.h"
#include "models/data/errors.h"
#include "models/data/number.h"

namespace models {
namespace {

// Classes named in a message, at most.
constexpr std::size_t classes_shown = 5;

// More different numbers than this are not the names of classes.
constexpr std::size_t classes_at_most = 20;

constexpr std::string_view one_spelling =
    "Labels are compared as text: write each class in one way.";

constexpr std::string_view tokens_hint =
    "A cell such as NA, none or - stands for a missing value, unless it is in quotes: "
    "--missing-tokens lists what does.";

// --- Labels -----------------------------------------------------------------------------------

void refuse_missing_labels(const Table& table, const Column& column) {
  Problems problems(table.file);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!column.is_missing(row)) continue;
    problems.add(table.lines[row], column.field, column_prefix(column.name) + "missing label");
    problems.hint("Fill the labels in, or remove their rows from the file. " +
                  std::string(tokens_hint));
  }
  problems.throw_if_any();
}

std::string described(const std::vector<LevelCount>& classes) {
  std::vector<std::string> parts;
  parts.reserve(classes.size());
  for (const LevelCount& each : classes) {
    parts.push_back(in_quotes(each.name) + " (" + std::to_string(each.rows) +
                    (each.rows == 1 ? " row)" : " rows)"));
  }
  std::string out;
  for (std::size_t i = 0; i < std::min(parts.size(), classes_shown); ++i) {
    out += (i > 0 ? ", " : "") + parts[i];
  }
  const std::size_t more = parts.size() - std::min(parts.size(), classes_shown);
  return more == 0 ? out : out + " and " + std::to_string(more) + " more";
}

[[noreturn]] void throw_at_header(const Table& table, const Column& column, const std::string& text,
                                  std::string_view hint) {
  throw DataError(table.file, {table.header_line, column.field, column_prefix(column.name) + text},
                  hint);
}

// Two spellings of one number are next to each other in the order of numbers.
void refuse_two_spellings(const Table& table, const Column& column,
                          const std::vector<LevelCount>& classes) {
  for (std::size_t k = 0; k + 1 < classes.size(); ++k) {
    const ParsedNumber first = parse_number(classes[k].name, column.decimal);
    const ParsedNumber second = parse_number(classes[k + 1].name, column.decimal);
    const bool numbers =
        first.status == NumberStatus::number && second.status == NumberStatus::number;
    if (!numbers || first.value != second.value) continue;
    throw_at_header(table, column,
                    in_quotes(classes[k].name) + " and " + in_quotes(classes[k + 1].name) +
                        " are two spellings of one number",
                    one_spelling);
  }
}

void refuse_what_are_no_classes(const Table& table, const Column& column,
                                const std::vector<LevelCount>& classes) {
  if (classes.size() == 1) {
    throw_at_header(table, column, "the only class is " + described(classes),
                    "A classifier needs rows of at least two classes to tell apart.");
  }
  const bool many_numbers = column.kind == ColumnKind::numeric && classes.size() > classes_at_most;
  if (many_numbers || (classes.size() > 2 && 2 * classes.size() > table.rows())) {
    throw_at_header(table, column,
                    std::to_string(classes.size()) + " classes in " + std::to_string(table.rows()) +
                        " rows" + ": " + described(classes),
                    many_numbers ? "A column of many numbers is a quantity, not a class: is "
                                   "another column the target?"
                                 : "A classifier needs several rows of each class: is another "
                                   "column the target?");
  }
  refuse_two_spellings(table, column, classes);
}

// A numeric column with too many spellings to have kept them: never a target, but it must be said.
[[noreturn]] void throw_quantity(const Table& table, const Column& column) {
  const std::vector<LevelCount> classes = count_levels(column);
  refuse_what_are_no_classes(table, column, classes);
  throw_at_header(table, column, "one number has too many spellings", one_spelling);
}

// Puts the positive class of two behind the negative one: the one asked for, or that of the rule
// where none is.
void put_positive_last(const Table& table, const Column& column, const std::string& wanted,
                       std::vector<std::string>& classes) {
  if (classes.size() > 2) {
    if (wanted.empty()) return;
    throw_at_header(
        table, column,
        "--positive names one of two classes, and there are " + std::to_string(classes.size()),
        "Leave it out: each class gets a probability.");
  }
  std::size_t positive = positive_of(classes);
  if (!wanted.empty()) {
    const auto at = std::find(classes.begin(), classes.end(), wanted);
    if (at == classes.end()) {
      throw_at_header(table, column,
                      "--positive: no class is " + in_quotes(wanted) + "; they are " +
                          in_quotes(classes[0]) + " and " + in_quotes(classes[1]),
                      {});
    }
    positive = static_cast<std::size_t>(at - classes.begin());
  }
  if (positive == 0) std::swap(classes[0], classes[1]);
}

void set_labels(const Table& table, const Column& column, const std::string& wanted,
                Dataset& dataset) {
  refuse_missing_labels(table, column);
  if (column.codes.empty()) throw_quantity(table, column);
  const std::vector<LevelCount> classes = count_levels(column);
  refuse_what_are_no_classes(table, column, classes);
  dataset.target = column.name;
  for (const LevelCount& each : classes) dataset.classes.push_back(each.name);
  put_positive_last(table, column, wanted, dataset.classes);
  std::vector<double> class_of(column.levels.size());
  for (std::size_t level = 0; level < column.levels.size(); ++level) {
    class_of[level] = static_cast<double>(
        std::find(dataset.classes.begin(), dataset.classes.end(), column.levels[level]) -
        dataset.classes.begin());
  }
  dataset.labels.reserve(column.codes.size());
  for (const std::uint32_t code : column.codes) dataset.labels.push_back(class_of[code]);
}

// --- Weights ----------------------------------------------------------------------------------

// That rows of every class count.
void require_weight_of_each_class(const Table& table, const Column& column,
                                  const Dataset& dataset) {
  std::vector<double> weights(dataset.classes.size(), 0.0);
  for (std::size_t row = 0; row < dataset.rows(); ++row) {
    weights[static_cast<std::size_t>(dataset.labels[row])] += dataset.weights[row];
  }
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (weights[k] > 0.0 && std::isfinite(weights[k])) continue;
    throw_at_header(table, column,
                    "the weights of class " + in_quotes(dataset.classes[k]) + " have the sum " +
                        shortest(weights[k]),
                    "Each class needs a row that counts.");
  }
}

std::vector<double> weights_in(const Table& table, const Column& column) {
  Problems problems(table.file);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double weight = column.kind == ColumnKind::numeric
                              ? column.numbers[row]
                              : std::numeric_limits<double>::quiet_NaN();
    if (weight >= 0.0) continue;
    problems.add(table.lines[row], column.field,
                 column_prefix(column.name) +
                     (column.is_missing(row) ? std::string("missing weight")
                                             : in_quotes(column.cell(row)) +
                                                   " is not a weight, a number of 0 or more"));
    problems.hint("--weight names the column that says how often each row counts.");
  }
  problems.throw_if_any();
  return column.numbers;
}

void set_weights(const Table& table, const std::vector<std::string>& names, Dataset& dataset) {
  if (names.empty()) return;
  const Column& column = *table.find(names.front());  // infer_schema has found it
  dataset.weights = weights_in(table, column);
  require_weight_of_each_class(table, column, dataset);
}

bool is_spelled_positive(std::string_view name) {
  const std::string folded = in_lower_case(name);
  return folded == "yes" || folded == "true" || folded == "1" || folded == "positive";
}

// --- Features ---------------------------------------------------------------------------------

// Where cells are missing: `age 5, cabin 12`.
std::string missing_counts(const std::vector<ColumnSchema>& schema) {
  std::vector<std::string> counts;
  for (const ColumnSchema& column : schema) {
    if (column.role == Role::unusable || column.missing == 0) continue;
    counts.push_back(column.name + " " + std::to_string(column.missing));
  }
  return listed(counts);
}

void require_a_usable_column(const Table& table, const std::vector<ColumnSchema>& schema) {
  std::vector<std::string> reasons;
  for (const ColumnSchema& column : schema) {
    if (column.role != Role::unusable) return;
    reasons.push_back(column.name + " (" + column.reason + ")");
  }
  throw DataError(table.file,
                  {table.header_line, 0, "no column is left to learn from: " + listed(reasons)},
                  "--keep uses a column all the same, but for a constant one.");
}

void set_features(const Table& table, const EncodingOptions& options, Dataset& dataset) {
  require_a_usable_column(table, dataset.schema);
  dataset.encoding = fit_encoding(table, dataset.schema, options);
  if (!table.dialect.has_header) {
    dataset.encoding.fields = table.columns.size();
    dataset.encoding.target_field = table.find(dataset.target)->field;
  }
  const std::string hint = "Missing cells, of " + std::to_string(table.rows()) +
                           " rows: " + missing_counts(dataset.schema) +
                           ". --missing drop, mean or mean+flag says what to do with them. " +
                           std::string(tokens_hint);
  dataset.features = encode(table, dataset.encoding, UnknownPolicy::error, hint).features;
}

// The rows without missing cells among the columns that are used. Roles are those of all rows.
Dataset without_missing(const Table& table, const Column& labels, const DatasetOptions& options) {
  refuse_missing_labels(table, labels);
  Dataset dataset;
  dataset.schema = infer_schema(table, labels.name, options.columns);
  const std::vector<std::size_t> rows = complete_rows(table, dataset.schema);
  dataset.dropped_rows = table.rows() - rows.size();
  if (rows.empty()) {
    throw DataError(table.file,
                    {0, 0, "every row has a missing cell: " + missing_counts(dataset.schema)},
                    "--missing mean fills them; --drop leaves columns out.");
  }
  const Table complete = table.with_rows(rows);
  try {
    set_labels(complete, *complete.find(labels.name), options.positive, dataset);
    set_weights(complete, options.columns.weight, dataset);
    set_features(complete, options.encoding, dataset);
  } catch (const DataError& error) {
    if (dataset.dropped_rows == 0) throw;
    throw DataError(std::string(error.what()) + "\nThis is said of the " +
                    std::to_string(rows.size()) +
                    " rows without missing cells, which --missing drop keeps of " +
                    std::to_string(table.rows()) + ".");
  }
  return dataset;
}

// --- Prediction -------------------------------------------------------------------------------

// The index of the class of a row.
double label_of(const Table& table, const Column& column, std::size_t row,
                const std::vector<std::string>& classes) {
  const std::string label = column.cell(row);
  const auto at = std::find(classes.begin(), classes.end(), label);
  if (at != classes.end()) return static_cast<double>(at - classes.begin());
  std::vector<std::string> sorted;
  for (const std::size_t k : sorted_order(classes, column.decimal)) sorted.push_back(classes[k]);
  const std::string all =
      classes.size() == 2 ? in_quotes(sorted[0]) + " and " + in_quotes(sorted[1]) : listed(sorted);
  throw ModelDataMismatch(location(table.file, table.lines[row], column.field) + ": " +
                              column_prefix(column.name) + in_quotes(label) + " is " +
                              (classes.size() == 2 ? "neither" : "none") +
                              " of the classes of the model, " + all,
                          {column.name});
}

// A model knows nothing of a column of weights: it is none that it was trained on.
void require_weight(const Table& table, const std::string& weight) {
  if (weight.empty() || table.find(weight) != nullptr) return;
  const std::string guess = autograd::did_you_mean(weight, table.names());
  throw DataError(
      table.file,
      Problem{table.header_line, 0,
              "--weight: no column is named " + in_quotes(weight) +
                  (guess.empty() ? "; the columns are " + listed(table.names()) : "; " + guess)});
}

}  // namespace

std::vector<std::size_t> Dataset::rows_of_classes() const {
  std::vector<std::size_t> counts(classes.size(), 0);
  for (const double label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

const Column& find_target(const Table& table, std::string_view target) {
  if (const Column* column = table.find(target)) return *column;
  if (target == "last") return table.columns.back();
  std::size_t position = 0;
  const auto [end, error] = std::from_chars(target.begin(), target.end(), position);
  const bool is_position = error == std::errc{} && end == target.end();
  const std::vector<std::string> names = table.names();
  if (is_position && position >= 1 && position <= names.size()) return table.columns[position - 1];
  std::string text = "no column is named " + in_quotes(target);
  if (is_position) text += ", and there are " + std::to_string(names.size());
  const std::string guess = autograd::did_you_mean(target, names);
  text += guess.empty() ? "; the columns are " + listed(names) : "; " + guess;
  throw DataError(table.file, {table.header_line, 0, std::move(text)});
}

Dataset make_dataset(const Table& table, std::string_view target, const DatasetOptions& options) {
  const Column& labels = find_target(table, target);
  if (table.columns.size() == 1) {
    throw_at_header(table, labels, "the only column is the target",
                    "There is nothing to learn it from: add columns of features.");
  }
  if (options.encoding.missing == MissingPolicy::drop)
    return without_missing(table, labels, options);
  Dataset dataset;
  set_labels(table, labels, options.positive, dataset);
  dataset.schema = infer_schema(table, labels.name, options.columns);
  set_weights(table, options.columns.weight, dataset);
  set_features(table, options.encoding, dataset);
  return dataset;
}

SelectedFeatures select_features(const Table& table, const FeatureEncoding& encoding,
                                 UnknownPolicy unknown) {
  Encoded encoded = encode(table, encoding, unknown);
  SelectedFeatures selected{
      std::move(encoded.features), {}, std::move(encoded.unknown), std::move(encoded.filled)};
  const std::vector<std::string> names = encoding.column_names();
  const std::unordered_set<std::string_view> used(names.begin(), names.end());
  for (const Column& column : table.columns) {
    if (!used.contains(column.name)) selected.ignored.push_back(column.name);
  }
  return selected;
}

SelectedRows select_rows(const Table& table, const FeatureEncoding& encoding,
                         const std::string& target, const std::vector<std::string>& classes,
                         UnknownPolicy unknown, const std::string& weight) {
  std::vector<std::string> needed{target};
  for (const ColumnEncoding& column : encoding.columns) needed.push_back(column.name);
  require_columns(table, needed);
  require_weight(table, weight);
  const Column& column = *table.find(target);
  SelectedFeatures selected = select_features(table, encoding, unknown);
  refuse_missing_labels(table, column);
  SelectedRows rows;
  rows.data.features = std::move(selected.features);
  rows.data.target = target;
  rows.data.classes = classes;
  rows.data.encoding = encoding;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    rows.data.labels.push_back(label_of(table, column, row, classes));
  }
  if (!weight.empty()) rows.data.weights = weights_in(table, *table.find(weight));
  std::erase(selected.ignored, target);
  std::erase(selected.ignored, weight);
  rows.ignored = std::move(selected.ignored);
  rows.unknown = std::move(selected.unknown);
  rows.filled = std::move(selected.filled);
  return rows;
}

std::size_t positive_of(std::span<const std::string> sorted_classes) {
  const bool first = is_spelled_positive(sorted_classes[0]);
  const bool second = is_spelled_positive(sorted_classes[1]);
  return first && !second ? 0 : 1;
}

std::string_view reason_of_positive(std::span<const std::string> classes) {
  return is_spelled_positive(classes[0]) != is_spelled_positive(classes[1])
             ? "by its name"
             : "the last in sorted order";
}

}  // namespace models
