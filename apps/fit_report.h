// What `train` says of a fit, to a person and to a program.
//
// Rule for authors: inference that is withheld from one is withheld from the other, with the same
// reason. Estimates of classes that can be separated are in the JSON alone, under a warning.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/data_flags.h"
#include "models/data/dataset.h"
#include "models/fit.h"
#include "models/model.h"

namespace apps {

using models::Warning;

// What is to be said of the columns before the fit: what is left out, filled, suspicious.
// A penalty, Firth's correction and a perceptron have no need of best coefficients without them.
std::vector<Warning> warnings_before(const models::Dataset& data, bool best_coefficients_matter);
// What is to be said of the fit.
std::vector<Warning> warnings_after(const models::Fit& fit, const models::FitOptions& options);
// All of them on stderr, of one code the first ten.
void log_warnings(const std::vector<Warning>& warnings);

// "Data       wdbc.csv: 569 rows, …", several lines.
std::string data_text(const models::DataRecord& data, const std::string& target,
                      const std::vector<std::string>& classes, std::size_t features,
                      const DataFlags& flags);
// All that is known of a trained model: the fit, its coefficients or why they are not shown, how it
// does on the rows it was trained on and on others.
std::string report_text(const models::Model& model);
// From where on the positive class is predicted; "" for the usual 0.5.
std::string threshold_text(const models::Model& model);
// "  accuracy   0.9737" and so on, a line each.
std::string metrics_text(const models::Metrics& metrics, const models::Classifier& classifier);

// The object of `train --json`, described in apps/README.md.
nlohmann::ordered_json as_json(const models::Model& model);

}  // namespace apps
