#include "models/data/dataset.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "autograd/suggestion.h"
#include "autograd/utf8.h"
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

std::string column_prefix(const Column& column) {
  return "column " + printable(column.name) + ": ";
}

// --- Features ---------------------------------------------------------------------------------

// Level by level, what keeps a text column from being numbers.
std::vector<NumberStatus> statuses(const Column& column) {
  std::vector<NumberStatus> statuses;
  statuses.reserve(column.levels.size());
  for (const std::string& level : column.levels) statuses.push_back(parse_number(level).status);
  return statuses;
}

void report_missing(const Table& table, const Column& column, Problems& problems) {
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!column.is_missing(row)) continue;
    problems.add(table.lines[row], column.field,
                 column_prefix(column) + "missing value (the cell is empty)");
    problems.hint("Fill the empty cells in, or remove their rows or columns from the file.");
  }
}

// Cell by cell where a few among numbers are not; as one problem where the column is of text.
void report_not_numbers(const Table& table, const Column& column, Problems& problems) {
  const std::vector<NumberStatus> status = statuses(column);
  std::vector<std::size_t> bad;
  std::size_t present = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (column.is_missing(row)) continue;
    ++present;
    if (status[column.codes[row]] != NumberStatus::number) bad.push_back(row);
  }
  const auto text = [&](std::size_t row) {
    return column_prefix(column) + in_quotes(column.cell(row)) + " " +
           std::string(reproach(status[column.codes[row]]));
  };
  if (bad.size() == 1 || bad.size() * 10 <= present) {
    for (const std::size_t row : bad) problems.add(table.lines[row], column.field, text(row));
    return;
  }
  problems.add(table.lines[bad.front()], column.field,
               text(bad.front()) + ", like " + std::to_string(bad.size() - 1) + " more of its " +
                   std::to_string(present) + " cells");
  problems.hint("Features must be numbers: remove columns of text from the file.");
}

void copy_column(const Column& column, std::size_t at, Features& features) {
  const std::size_t stride = features.columns();
  for (std::size_t row = 0; row < features.rows(); ++row) {
    features.values[row * stride + at] = column.numbers[row];
  }
}

Features features_of(const Table& table, const std::vector<const Column*>& columns) {
  Problems problems(table.file);
  for (const Column* column : columns) {
    report_missing(table, *column, problems);
    if (column->kind == ColumnKind::text) report_not_numbers(table, *column, problems);
  }
  problems.throw_if_any();
  Features features;
  for (const Column* column : columns) {
    features.names.push_back(column->name);
    features.fields.push_back(column->field);
  }
  features.file = table.file;
  features.lines = table.lines;
  features.values.resize(table.rows() * columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) copy_column(*columns[i], i, features);
  return features;
}

// --- Labels -----------------------------------------------------------------------------------

struct ClassCount {
  std::string name;
  std::size_t rows = 0;
};

const Column& target_column(const Table& table, std::string_view target) {
  if (const Column* column = table.find(target)) return *column;
  const std::vector<std::string> names = table.names();
  std::string text = "no column is named " + in_quotes(target);
  const std::string guess = autograd::did_you_mean(target, names);
  text += guess.empty() ? "; the columns are " + listed(names) : "; " + guess;
  throw DataError(table.file, {table.header_line, 0, std::move(text)});
}

void refuse_missing_labels(const Table& table, const Column& column) {
  Problems problems(table.file);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!column.is_missing(row)) continue;
    problems.add(table.lines[row], column.field,
                 column_prefix(column) + "missing label (the cell is empty)");
    problems.hint("Fill the labels in, or remove their rows from the file.");
  }
  problems.throw_if_any();
}

// Numbers in their order, before everything else in the order of bytes, so that 2 comes before 10.
void sort_classes(std::vector<ClassCount>& classes) {
  const auto is_number = [](const ClassCount& each) {
    return parse_number(each.name).status == NumberStatus::number;
  };
  std::sort(classes.begin(), classes.end(),
            [](const ClassCount& a, const ClassCount& b) { return a.name < b.name; });
  if (!std::all_of(classes.begin(), classes.end(), is_number)) return;
  std::stable_sort(classes.begin(), classes.end(), [](const ClassCount& a, const ClassCount& b) {
    return parse_number(a.name).value < parse_number(b.name).value;
  });
}

// The classes of a column that has its spellings, sorted.
std::vector<ClassCount> count_classes(const Column& column) {
  std::vector<ClassCount> classes;
  for (const std::string& level : column.levels) classes.push_back({level, 0});
  for (const std::uint32_t code : column.codes) ++classes[code].rows;
  sort_classes(classes);
  return classes;
}

std::string described(const std::vector<ClassCount>& classes) {
  std::vector<std::string> parts;
  parts.reserve(classes.size());
  for (const ClassCount& each : classes) {
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
  throw DataError(table.file, {table.header_line, column.field, column_prefix(column) + text},
                  hint);
}

void refuse_all_but_two(const Table& table, const Column& column,
                        const std::vector<ClassCount>& classes) {
  if (classes.size() == 1) {
    throw_at_header(table, column, "the only class is " + described(classes),
                    "A classifier needs rows of two classes to tell apart.");
  }
  if (classes.size() > 2) {
    const bool quantity = column.kind == ColumnKind::numeric && classes.size() > classes_at_most;
    throw_at_header(
        table, column,
        std::to_string(classes.size()) + " classes where two are needed: " + described(classes),
        quantity ? "A column of many numbers is a quantity, not a class: is another "
                   "column the target?"
                 : "Keep the rows of two of them, or name another target.");
  }
  const ParsedNumber first = parse_number(classes[0].name);
  const ParsedNumber second = parse_number(classes[1].name);
  const bool numbers =
      first.status == NumberStatus::number && second.status == NumberStatus::number;
  if (!numbers || first.value != second.value) return;
  throw_at_header(table, column,
                  in_quotes(classes[0].name) + " and " + in_quotes(classes[1].name) +
                      " are two spellings of one number",
                  one_spelling);
}

// A numeric column with too many spellings to have kept them: never a target, but it must be said.
[[noreturn]] void throw_quantity(const Table& table, const Column& column) {
  std::vector<double> values = column.numbers;
  std::sort(values.begin(), values.end());
  std::vector<ClassCount> classes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i == 0 || values[i] != values[i - 1]) classes.push_back({shortest(values[i]), 0});
    ++classes.back().rows;
  }
  refuse_all_but_two(table, column, classes);
  throw_at_header(table, column, "one number has too many spellings", one_spelling);
}

void set_labels(const Table& table, const Column& column, Dataset& dataset) {
  refuse_missing_labels(table, column);
  if (column.codes.empty()) throw_quantity(table, column);
  const std::vector<ClassCount> classes = count_classes(column);
  refuse_all_but_two(table, column, classes);
  dataset.target = column.name;
  dataset.classes = {classes[0].name, classes[1].name};
  dataset.positive = positive_of(dataset.classes);
  const auto positive = static_cast<std::uint32_t>(
      std::find(column.levels.begin(), column.levels.end(), dataset.positive_class()) -
      column.levels.begin());
  dataset.labels.reserve(column.codes.size());
  for (const std::uint32_t code : column.codes) {
    dataset.labels.push_back(code == positive ? 1.0 : 0.0);
  }
}

bool is_spelled_positive(std::string_view name) {
  std::string folded(name);
  for (char& character : folded) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return folded == "yes" || folded == "true" || folded == "1" || folded == "positive";
}

// A model file is UTF-8, and so must be what it takes from this one.
void refuse_other_encodings(const Table& table, const Column& labels) {
  Problems problems(table.file);
  for (const Column& column : table.columns) {
    if (autograd::is_utf8(column.name)) continue;
    problems.add(table.header_line, column.field,
                 "the name " + in_quotes(column.name) + " is not UTF-8");
  }
  for (std::size_t row = 0; row < labels.codes.size(); ++row) {
    const std::uint32_t code = labels.codes[row];
    if (code == Column::missing || autograd::is_utf8(labels.levels[code])) continue;
    problems.add(
        table.lines[row], labels.field,
        column_prefix(labels) + "the label " + in_quotes(labels.levels[code]) + " is not UTF-8");
  }
  problems.hint("Save the file as CSV UTF-8.");
  problems.throw_if_any();
}

// --- Prediction -------------------------------------------------------------------------------

void refuse_missing_columns(const Table& table, const std::vector<std::string>& missing) {
  if (missing.empty()) return;
  const std::vector<std::string> names = table.names();
  std::string text = location(table.file, table.header_line);
  text += missing.size() == 1 ? ": a column the model was trained on is not in the file: "
                              : ": columns the model was trained on are not in the file: ";
  const std::size_t shown = std::min(missing.size(), Problems::shown_at_most);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::string guess = autograd::did_you_mean(missing[i], names);
    text += (i > 0 ? ", " : "") + printable(missing[i]);
    if (!guess.empty()) text += " (" + guess + ")";
  }
  if (shown < missing.size()) text += " and " + std::to_string(missing.size() - shown) + " more";
  throw ModelDataMismatch(text, missing);
}

// 1 for the positive class, 0 for the other.
double label_of(const Table& table, const Column& column, std::size_t row,
                const std::array<std::string, 2>& classes, std::size_t positive) {
  const std::string label = column.cell(row);
  if (label == classes[positive]) return 1.0;
  if (label == classes[1 - positive]) return 0.0;
  throw ModelDataMismatch(location(table.file, table.lines[row], column.field) + ": " +
                              column_prefix(column) + in_quotes(label) +
                              " is neither of the classes of the model, " + in_quotes(classes[0]) +
                              " and " + in_quotes(classes[1]),
                          {column.name});
}

}  // namespace

std::string Features::where(std::size_t row, std::size_t column) const {
  return location(file, lines[row], fields[column]) + ": column " + printable(names[column]);
}

std::size_t Dataset::positive_rows() const {
  return static_cast<std::size_t>(std::count(labels.begin(), labels.end(), 1.0));
}

Dataset make_dataset(const Table& table, std::string_view target) {
  const Column& labels = target_column(table, target);
  refuse_other_encodings(table, labels);
  std::vector<const Column*> columns;
  for (const Column& column : table.columns) {
    if (&column != &labels) columns.push_back(&column);
  }
  if (columns.empty()) {
    throw_at_header(table, labels, "the only column is the target",
                    "There is nothing to learn it from: add columns of features.");
  }
  Dataset dataset;
  set_labels(table, labels, dataset);
  dataset.features = features_of(table, columns);
  return dataset;
}

SelectedFeatures select_features(const Table& table, std::span<const std::string> names) {
  std::unordered_map<std::string_view, const Column*> column_of;
  for (const Column& column : table.columns) column_of.emplace(column.name, &column);
  std::vector<const Column*> columns;
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const auto at = column_of.find(name);
    if (at == column_of.end()) {
      missing.push_back(name);
    } else {
      columns.push_back(at->second);
    }
  }
  refuse_missing_columns(table, missing);
  SelectedFeatures selected;
  const std::unordered_set<const Column*> used(columns.begin(), columns.end());
  for (const Column& column : table.columns) {
    if (!used.contains(&column)) selected.ignored.push_back(column.name);
  }
  selected.features = features_of(table, columns);
  return selected;
}

SelectedRows select_rows(const Table& table, std::span<const std::string> names,
                         const std::string& target, const std::array<std::string, 2>& classes,
                         std::size_t positive) {
  const Column* const column = table.find(target);
  if (column == nullptr) {
    std::vector<std::string> missing{target};
    std::copy_if(names.begin(), names.end(), std::back_inserter(missing),
                 [&](const std::string& name) { return table.find(name) == nullptr; });
    refuse_missing_columns(table, missing);
  }
  SelectedFeatures selected = select_features(table, names);
  refuse_missing_labels(table, *column);
  SelectedRows rows;
  rows.data = {std::move(selected.features), target, classes, positive, {}};
  for (std::size_t row = 0; row < table.rows(); ++row) {
    rows.data.labels.push_back(label_of(table, *column, row, classes, positive));
  }
  std::erase(selected.ignored, target);
  rows.ignored = std::move(selected.ignored);
  return rows;
}

std::size_t positive_of(const std::array<std::string, 2>& sorted_classes) {
  const bool first = is_spelled_positive(sorted_classes[0]);
  const bool second = is_spelled_positive(sorted_classes[1]);
  return first && !second ? 0 : 1;
}

}  // namespace models
