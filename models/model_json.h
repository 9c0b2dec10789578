// Pieces of JSON that the model file and the output of commands have in common.
//
// Rule for callers: `order` is that of the classes in matrices; theirs is sorted (sorted_order).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "models/model.h"

namespace models {

// The number, or null.
template <class Number>
nlohmann::ordered_json or_null(const std::optional<Number>& number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

// The classes of a model in sorted order, as all that is told of them is.
std::vector<std::size_t> class_order(const Classifier& classifier);

// {accuracy, log_loss, auc, f1, brier, confusion}.
nlohmann::ordered_json json_of(const Metrics& metrics, std::span<const std::size_t> order);
// null where they are not known
nlohmann::ordered_json json_of(const std::optional<Metrics>& metrics,
                               std::span<const std::size_t> order);
// The same with {mean, sd} for each number.
nlohmann::ordered_json json_of(const FoldedMetrics& metrics, std::span<const std::size_t> order);
// {folds, share (of rows kept aside), seed, rows, …}: of the model over its folds.
nlohmann::ordered_json json_of(const Evaluation& evaluation, std::span<const std::size_t> order);
// {file, sha256, read_as, rows, rows_used, features, target}.
nlohmann::ordered_json json_of(const DataRecord& data, const Classifier& classifier);
// {file, rows, accuracy, …}, or null.
nlohmann::ordered_json json_of(const std::optional<TestRecord>& test,
                               std::span<const std::size_t> order);
// [{code, message, columns}].
nlohmann::ordered_json json_of(std::span<const Warning> warnings);

}  // namespace models
