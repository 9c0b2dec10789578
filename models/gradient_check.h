// Is the gradient of a trained model's loss right, on rows of data? Asked of the witnesses of
// autograd/verify, and of the closed form that logistic and softmax regression have.
//
// Rule for callers: rows are labelled by the classes of the model (select_rows).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "autograd/verify/gradient_check.h"
#include "models/classifier.h"
#include "models/data/dataset.h"

namespace models {

// The parameter whose slope is furthest from the closed form dw = Xᵀ(a − y)/m + l2 · w + l1 ·
// sign(w), db = Σ(a − y)/m, worked out in extended precision without the engine. Of parameters that
// are further off than rounding explains, where there are any. The penalty of more than two classes
// is of weights that the model no longer has (see ClassificationLoss), and left out.
struct ClosedFormComparison {
  std::string parameter;  // "(intercept)" or the feature's name, behind its class of several
  double analytic = 0.0;
  double closed_form = 0.0;
  double difference = 0.0;  // its absolute value
  double tolerance = 0.0;   // what rounding may explain
  bool passed = false;      // all parameters
};

// Compares any gradient, in the order of the classifier's parameters; nothing of a perceptron,
// which has no closed form. Throws std::invalid_argument where the rows have other classes or
// features than the classifier or the gradient another size, and what Classifier::standardised
// throws.
std::optional<ClosedFormComparison> compare_with_closed_form(const Classifier& classifier,
                                                             const Dataset& data,
                                                             std::span<const double> gradient);

struct ModelGradientCheck {
  autograd::GradientReport report;  // inputs by the names of parameter_blocks()
  std::optional<ClosedFormComparison> closed_form;

  [[nodiscard]] bool passed() const {
    return report.passed() && (!closed_form || closed_form->passed);
  }
};

// Checks the mean cross-entropy on the rows plus the penalty of the training, but for that of more
// than two classes, at the model's parameters, which are on the standardised scale.
//
// Throws as above, and autograd::NonFiniteError where the loss is not finite.
ModelGradientCheck check_gradient(const Classifier& classifier, const Dataset& data,
                                  const autograd::CheckOptions& options = {});

}  // namespace models
