// A model as it is kept and shipped: the classifier, what its fit is worth, how it does on rows it
// has not seen, and where it comes from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/data/schema.h"
#include "models/evaluation/cross_validation.h"
#include "models/evaluation/metrics.h"
#include "models/evaluation/threshold.h"
#include "models/fit.h"

namespace models {

// Something that must be known before a result is trusted.
struct Warning {
  std::string code;  // "separation", "not_converged", "collinear", …
  std::string message;
  std::vector<std::string> columns;  // or features
};

// The file a model was trained on.
struct DataRecord {
  std::string file;    // as it was named by the user
  std::string sha256;  // of its bytes, in hexadecimal digits; "" where it is not known
  std::vector<std::string> read_as;          // how it was read, in words
  std::size_t rows = 0;                      // in the file
  std::vector<std::size_t> rows_of_classes;  // used, in the order of Classifier::classes
  bool weighted = false;                     // rows have weights
  // The columns that features come from, in the order of the file.
  struct Feature {
    std::string name;
    Role role = Role::numeric;
  };
  std::vector<Feature> features;

  [[nodiscard]] std::size_t rows_used() const;
};

// How the classifier does on a file of its own.
struct TestRecord {
  std::string file;
  std::size_t rows = 0;
  Metrics metrics;
};

struct Model {
  Fit fit;
  DataRecord data;
  std::optional<Evaluation> evaluation;
  std::optional<TestRecord> test;
  std::vector<Warning> warnings;
  ThresholdRule threshold;  // what Classifier::threshold was chosen by
  std::uint64_t seed = 0;
  std::vector<std::string> command;  // the words of the command line
  std::string program_version;

  [[nodiscard]] const Classifier& classifier() const { return fit.classifier; }
};

// The model file: JSON, described in models/README.md. Throws std::invalid_argument where a name is
// not UTF-8; those of a Dataset are.
std::string to_json(const Model& model);
// Reads what to_json wrote, and what earlier versions did: of those, what the file does not have is
// as if it had never been found out. Throws DataError, naming the file and what is wrong, for
// anything else.
Model read_model(const std::string& path);
// The same of a text, `file` being what messages call it.
Model parse_model(std::string_view text, const std::string& file);
// What predicting takes.
Classifier read_classifier(const std::string& path);

}  // namespace models
