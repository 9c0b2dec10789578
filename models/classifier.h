// A classifier as it is kept and shipped: logits of the features, with everything it takes to read
// a file as the training file was read.
//
// Rule for callers: parameters are on the standardised scale; coefficients() are in the units of
// the file. Class 0 is the reference, whose logit is 0; of two classes it is the negative one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/aligned_numbers.h"
#include "models/classification_loss.h"
#include "models/data/dataset.h"
#include "models/data/standardisation.h"
#include "models/multilayer_perceptron.h"
#include "models/training/training_result.h"

namespace models {

// Logistic is softmax of two classes; both are linear in the features.
enum class ModelKind : std::uint8_t { logistic, softmax, mlp };

// "logistic", "softmax", "mlp".
std::string_view to_string(ModelKind kind);
std::optional<ModelKind> model_kind_named(std::string_view name);

// What a classifier was fitted to and how well the fit is known to be one.
struct FitRecord {
  TrainingResult training;
  std::optional<double> optimality_gap;  // how far the loss is from its minimum at most, if known
  Penalty penalty;
  bool firth = false;      // with Firth's correction
  bool separated = false;  // the classes can be separated: there is no minimum
  std::size_t rows = 0;    // that it was trained on
  double total_weight = 0.0;

  // The coefficients are those of the minimum.
  [[nodiscard]] bool converged() const { return training.converged && !separated; }
};

struct Classifier {
  ModelKind kind = ModelKind::logistic;
  std::string target;
  std::vector<std::string> classes;   // as written in the training file, the reference first
  FeatureEncoding encoding;           // from the columns of a file to the features
  std::vector<std::string> features;  // in the order of the weights
  Standardisation standardisation;
  Architecture architecture;
  std::vector<double> parameters;  // on the standardised scale, see parameter_blocks()
  // Of two classes: class 1 is predicted from this probability on, see predicted_class().
  double threshold = 0.5;
  FitRecord fit;

  [[nodiscard]] const std::string& positive_class() const { return classes[1]; }
  [[nodiscard]] const std::string& negative_class() const { return classes[0]; }
  [[nodiscard]] bool is_linear() const { return architecture.hidden.empty(); }
  // Of linear logits: those of the class, 1 … classes − 1, in the units of the file.
  [[nodiscard]] Coefficients coefficients(std::size_t cls = 1) const;
  // The features on the scale of the weights. Throws DataError, naming line and column, for a value
  // that overflows on the way.
  [[nodiscard]] AlignedNumbers standardised(const Features& data) const;
  // P(class) for each row of features in the units of their file, [rows × classes], row-major.
  // Throws DataError, naming line and column, for a value that is so far from the training rows
  // that no probability can be computed.
  [[nodiscard]] std::vector<double> probabilities(const Features& data) const;
  // ln P(class), right however sure the model is. Throws as probabilities() does.
  [[nodiscard]] std::vector<double> log_probabilities(const Features& data) const;
};

}  // namespace models
