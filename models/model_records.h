// The records of a model file beside the classifier: data, metrics, evaluation, warnings.
#pragma once

#include <nlohmann/json.hpp>

#include "models/model.h"
#include "models/model_reader.h"

namespace models {

void add_records(nlohmann::ordered_json& root, const Model& model);
// Fills what add_records wrote; the classifier is there. Throws DataError.
void read_records(const ModelReader& reader, Model& model);

}  // namespace models
