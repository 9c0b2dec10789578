// Models of all kinds over columns of all kinds, for the tests of what they are exported to.
//
// Rule for callers: parameters are drawn, not trained: what a model computes is to be compared, not
// how well it does.
#pragma once

#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "autograd/random.h"
#include "models/classifier.h"
#include "models/data/csv.h"
#include "models/data/errors.h"
#include "models/evaluation/metrics.h"
#include "tests/models/data/support.h"

namespace models::testing {

inline Table table_of(const std::string& text, std::map<std::string, ColumnUse> uses = {}) {
  const TemporaryFolder folder;
  put(folder / "d.csv", text);
  CsvOptions options;
  options.columns = std::move(uses);
  return read_csv((folder / "d.csv").string(), options);
}

inline std::string csv_row(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    line += &cell == cells.data() ? "" : ",";
    if (cell.find_first_of(",\"\n \\") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + "\n";
}

// Columns of numbers and categories, with missing cells and names that no program is prepared for.
inline const std::vector<std::string> odd_names{
    "int", "a b", "a-b", "größe", "日本", "*/ /* ?\?/ \\", "1st", "x@y", "grade", "NULL", "colour"};
inline const std::vector<std::string> colours{"red",          "bl\"ue", "back\\slash?\?/",
                                              "two\nlines @", "grün",   "%d"};
inline const std::vector<std::string> grades{"1", "2", "3.50", "-40"};

// Rows of them, and further ones that no training file has: `extremes`.
inline std::string odd_rows(std::size_t rows, bool extremes) {
  autograd::Random random(7);
  std::string text = csv_row(odd_names);
  const auto cells_of = [&](const std::string& first, bool gaps = false) {
    std::vector<std::string> cells{first};
    for (std::size_t k = 1; k < 8; ++k) {
      const bool missing = gaps && (k == 2 || k == 4) && random.uniform(0.0, 1.0) < 0.2;
      cells.push_back(missing ? "" : std::to_string(random.uniform(-3.0, 3.0)));
    }
    const auto pick = [&](const std::vector<std::string>& from) {
      return from[static_cast<std::size_t>(random.uniform(0.0, 1.0) *
                                           static_cast<double>(from.size()))];
    };
    cells.push_back(pick(grades));
    cells.push_back(gaps && random.uniform(0.0, 1.0) < 0.2 ? "" : pick({"yes", "no"}));
    cells.push_back(pick(colours));
    return cells;
  };
  for (std::size_t row = 0; row < rows; ++row) {
    text += csv_row(cells_of(std::to_string(random.uniform(-1.0, 1.0)), true));
  }
  if (!extremes) return text;
  for (const char* const number :
       {"1e300", "-1e300", "5e-324", "1e308", "1e9", "-1e5", "0", "-0"}) {
    text += csv_row(cells_of(number));
  }
  for (const char* const grade :
       {"1.0", "+2", "35e-1", "-4E1", "-4e+01", ".35e1", "2.", "0x1", "1,0", "1e", "1.0.0", "inf",
        "1e400", "200000000000000000000e-20", "0.0000000000000000000000000000001e31", "+-1", "- 40",
        "12", "00002"}) {
    std::vector<std::string> cells = cells_of("0.5");
    cells[8] = grade;
    text += csv_row(cells);
  }
  std::vector<std::string> cells = cells_of("0.5");
  cells[10] = "purple";
  text += csv_row(cells);
  cells[10] = "";
  text += csv_row(cells);
  cells = cells_of("");  // no training row lacks this one
  return text + csv_row(cells);
}

inline FeatureEncoding odd_encoding(MissingPolicy missing) {
  const Table table = table_of(odd_rows(60, false), {{"grade", ColumnUse::text}});
  SchemaOptions options;
  options.categorical = {"grade"};
  options.numeric = {"int", "a b", "a-b", "größe", "日本", "*/ /* ?\?/ \\", "1st", "x@y"};
  EncodingOptions of_encoding;
  of_encoding.missing = missing;
  of_encoding.references = {"colour=grün", "grade=2"};
  return fit_encoding(table, infer_schema(table, "", options), of_encoding);
}

// What a row of a table comes to.
struct Expected {
  int error = 0;  // as in C: −1 missing, −2 unknown, −3 too far
  std::size_t label = 0;
  std::vector<double> probabilities;
};
inline Expected expected_of(const Classifier& model, const Table& table, std::size_t row,
                            UnknownPolicy unknown) {
  const std::vector<std::size_t> rows{row};
  Features features;
  try {
    features = encode(table.with_rows(rows), model.encoding, unknown).features;
  } catch (const ModelDataMismatch&) {
    return {-2, 0, {}};
  } catch (const DataError&) {
    return {-1, 0, {}};
  }
  try {
    const std::vector<double> p = model.probabilities(features);
    return {0, predicted_class(p, model.threshold), p};
  } catch (const DataError&) {
    return {-3, 0, {}};
  }
}

// A model with parameters that are drawn; those of prelu are of both signs.
inline Classifier drawn_model(FeatureEncoding encoding, std::vector<std::string> classes,
                              std::size_t outputs, std::vector<std::size_t> hidden,
                              const std::string& activation, std::uint64_t seed,
                              double size = 1.0) {
  Classifier model;
  model.kind = !hidden.empty() ? ModelKind::mlp
               : outputs == 1  ? ModelKind::logistic
                               : ModelKind::softmax;
  model.target = "what @ it */ is";
  model.classes = std::move(classes);
  model.encoding = std::move(encoding);
  model.features = model.encoding.feature_names();
  model.architecture = {model.features.size(), outputs, std::move(hidden),
                        parse_activation(activation)};
  autograd::Random random(seed);
  for (std::size_t k = 0; k < model.features.size(); ++k) {
    model.standardisation.mean.push_back(random.uniform(-1.0, 1.0));
    model.standardisation.scale.push_back(random.uniform(0.3, 1.5));
  }
  for (const ParameterBlock& block : parameter_blocks(model.architecture)) {
    for (autograd::Index k = 0; k < block.shape.size(); ++k) {
      model.parameters.push_back(random.uniform(-size, size));
    }
  }
  return model;
}

// One of each kind and activation, with and without arguments, of two and of three classes.
inline std::vector<Classifier> models_of_all_kinds(const FeatureEncoding& encoding) {
  const std::vector<std::string> two{"it's \"odd\"", "@ ünd ?\?/\\"};
  const std::vector<std::string> three{"b", "", "a\n\"c\""};
  std::vector<Classifier> models;
  models.push_back(drawn_model(encoding, two, 1, {}, "tanh", 1));
  models.push_back(drawn_model(encoding, {two[1], two[0]}, 1, {}, "tanh", 2, 10.0));
  models.back().threshold = 0.3;
  models.push_back(drawn_model(encoding, three, 2, {}, "tanh", 3));
  models.push_back(drawn_model(encoding, {"10", "9", "1", "2"}, 4, {}, "tanh", 4, 10.0));
  models.push_back(drawn_model(encoding, two, 1, {}, "tanh", 5, 0.0));
  models.push_back(drawn_model(encoding, three, 2, {}, "tanh", 6, 0.0));
  std::vector<std::string> activations = activation_names();
  for (const char* const more : {"leaky_relu:0.2", "maxout:3", "elu:1.5",
                                 "generalized_logistic:0.5", "generalized_logistic:30"}) {
    activations.emplace_back(more);
  }
  for (std::size_t k = 0; k < activations.size(); ++k) {
    const bool is_binary = k % 2 == 0;
    models.push_back(drawn_model(encoding, is_binary ? two : three, is_binary ? 1 : 2, {5, 3},
                                 activations[k], 100 + k, 1.5));
  }
  return models;
}

}  // namespace models::testing
