// What `train` says of a fit, to a person and to a program.
//
// Rule for authors: inference that is withheld from one is withheld from the other, with the same
// reason. Estimates of classes that can be separated are in the JSON alone, under a warning.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "models/data/dataset.h"
#include "models/fit.h"

namespace apps {

// Something that must be known before a result is trusted.
struct Warning {
  std::string code;  // of the contract: "separation", "not_converged", "collinear", …
  std::string message;
  std::vector<std::string> columns;  // or features
};

// What is to be said of the columns before the fit: what is left out, filled, suspicious.
// A penalty, Firth's correction and a perceptron have no need of best coefficients without them.
std::vector<Warning> warnings_before(const models::Dataset& data, bool best_coefficients_matter);
// What is to be said of the fit.
std::vector<Warning> warnings_after(const models::Fit& fit, const models::FitOptions& options);
// All of them on stderr, of one code the first ten.
void log_warnings(const std::vector<Warning>& warnings);

// "Fit        logistic regression by gd, then newton …", several lines.
std::string fit_text(const models::Fit& fit, std::uint64_t seed, bool learning_rate_given);
// The table of coefficients and what belongs to it, or why it is not there; the statistics.
std::string coefficients_text(const models::Fit& fit);
// How the model does on the rows it was trained on.
std::string training_text(const models::Fit& fit, const models::Dataset& data);

// The object of `train --json`, described in apps/README.md.
nlohmann::ordered_json as_json(const models::Fit& fit, const models::Dataset& data,
                               std::size_t rows_in_file, double seconds,
                               const std::vector<Warning>& warnings);

}  // namespace apps
