// The reader of model files on any input: a model that is written and read back the same, or a
// message. An input whose only fault is its checksum gets the right one.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/utf8.h"
#include "models/data/errors.h"
#include "models/data/sha256.h"
#include "models/model.h"
#include "tests/fuzz/property.h"

namespace models {
namespace {

using fuzz::require;
using fuzz::same_bits;

const std::string file = "fuzz.json";

struct Reading {
  std::optional<Model> model;
  std::string message;  // of the error, where there is no model
};

Reading read(std::string_view text) {
  try {
    return {parse_model(text, file), ""};
  } catch (const DataError& error) {
    return {std::nullopt, error.what()};
  }
}

void check_message(const std::string& message) {
  require(message.starts_with(file + ":"), "a message begins with the file");
  require(message.size() > file.size() + 2, "a message says something");
  require(autograd::is_utf8(message), "a message is UTF-8");
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

// A row at the centre of the training rows, where every model has something to say.
void check_prediction(const Classifier& classifier) {
  Features row;
  row.names = classifier.features;
  row.file = "fuzz.csv";
  row.lines = {2};
  row.values.assign(row.names.size(), 0.0);
  for (std::size_t k = 0; k < row.names.size(); ++k) row.fields.push_back(k + 1);
  std::vector<double> probabilities;
  try {
    probabilities = classifier.probabilities(row);
  } catch (const DataError&) {
    return;  // zero may be too far from the training rows
  }
  require(probabilities.size() == classifier.classes.size(), "a probability for each class");
  for (const double p : probabilities) require(p >= 0.0 && p <= 1.0, "a probability is in [0, 1]");
}

void check_model(const Model& model) {
  require(all_finite(model.classifier().parameters), "parameters are finite");
  require(all_finite(model.fit.covariance), "covariances are finite");
  const std::string written = to_json(model);
  const Reading again = read(written);
  require(again.model.has_value(), "what was written is read: " + again.message);
  require(to_json(*again.model) == written, "what was read is written as it was");
  const auto& was = model.classifier().parameters;
  const auto& is = again.model->classifier().parameters;
  require(std::equal(was.begin(), was.end(), is.begin(), is.end(), same_bits),
          "parameters keep their bits");
  check_prediction(model.classifier());
}

// With the checksum that its contents have.
std::string with_its_checksum(std::string_view text) {
  nlohmann::ordered_json root = nlohmann::ordered_json::parse(text);
  root.erase("checksum");
  root["checksum"] = sha256_of(root.dump());
  return root.dump();
}

void check(std::string_view text) {
  Reading found = read(text);
  if (!found.model) {
    check_message(found.message);
    if (!found.message.starts_with(file + ": the file was changed after it")) return;
    found = read(with_its_checksum(text));
    if (!found.model) return check_message(found.message);
  }
  check_model(*found.model);
}

}  // namespace
}  // namespace models

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  models::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
