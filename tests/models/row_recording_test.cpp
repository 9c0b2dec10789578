// One row through a classifier, recorded: what it comes to is the classifier's own, and every line
// of its trace is true.
#include "models/row_recording.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/fit.h"
#include "tests/autograd/explain/true_lines.h"
#include "tests/models/support.h"

namespace models {
namespace {

Dataset iris() {
  return make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/iris.csv"), "species");
}

Classifier perceptron(const Dataset& data, const std::string& activation) {
  FitOptions options;
  options.kind = ModelKind::mlp;
  options.hidden = {3, 2};
  options.activation = parse_activation(activation);
  options.minimise.epochs = 5;
  return fit(data, options).classifier;
}

// The recording's trace; its lines are true, its loss and shares are the classifier's.
autograd::Trace expect_true(const Classifier& classifier, const Dataset& data, std::size_t row,
                            CrossEntropy form = CrossEntropy::fused) {
  autograd::Tape tape;
  RowRecording recording = record_row(tape, classifier, data, row, form);
  recording.trace.learning_rate = 0.1;
  autograd::Trace trace = trace_of(tape, recording.loss, recording.trace);
  EXPECT_EQ(autograd::testing::false_lines(trace), "") << row;
  const std::size_t classes = classifier.classes.size();
  const auto label = static_cast<std::size_t>(data.labels[row]);
  const std::vector<double> all = classifier.probabilities(data.features);
  EXPECT_NEAR(trace.loss_value().value[0], -std::log(all[row * classes + label]), 1e-10);
  const std::vector<double>& a = trace.find("a")->value;
  for (std::size_t k = 0; k < a.size(); ++k) {
    EXPECT_NEAR(a[k], all[row * classes + (a.size() == 1 ? 1 : k)], 1e-12);
  }
  return trace;
}

TEST(RowRecording, OfLogisticRegressionIsTheDocumentedDerivation) {
  const Dataset data = testing::breast_cancer();
  const Classifier classifier = testing::fit_by_descent(data, 20, 0.01);
  for (const std::size_t row : {0U, 19U, 100U}) {
    const autograd::Trace fused = expect_true(classifier, data, row);
    const double dz = fused.find("a")->value[0] - data.labels[row];
    EXPECT_NEAR(fused.find("dz")->adjoint[0], dz, 1e-15);
    EXPECT_EQ(fused.find("db")->adjoint, fused.find("dz")->adjoint);
    for (std::size_t k = 0; k < classifier.features.size(); ++k) {
      EXPECT_NEAR(fused.find("dw")->adjoint[k], dz * fused.find("x")->value[k], 1e-14);
    }
    const autograd::Trace textbook = expect_true(classifier, data, row, CrossEntropy::textbook);
    EXPECT_NEAR(textbook.find("dz")->adjoint[0], dz, 1e-10);
    EXPECT_EQ(textbook.find("da")->adjoint.size(), 1U);
  }
}

TEST(RowRecording, OfSeveralClassesHasSharesMinusOneHot) {
  const Dataset data = iris();
  const Classifier classifier = testing::fit_by_descent(data, 20, 0.01);
  for (const std::size_t row : {0U, 60U, 149U}) {
    const autograd::Trace trace = expect_true(classifier, data, row);
    const std::vector<double>& dz = trace.find("dz")->adjoint;
    for (std::size_t k = 0; k < dz.size(); ++k) {
      const double expected =
          trace.find("a")->value[k + 1] - (data.labels[row] == double(k + 1) ? 1.0 : 0.0);
      EXPECT_NEAR(dz[k], expected, 1e-14) << row << ", " << k;
    }
  }
}

TEST(RowRecording, OfPerceptronsWithEveryActivationIsTrue) {
  const Dataset two = testing::breast_cancer();
  const Dataset three = iris();
  for (const std::string& name : activation_names()) {
    SCOPED_TRACE(name);
    expect_true(perceptron(two, name), two, 19);
    expect_true(perceptron(three, name), three, 60);
  }
}

TEST(RowRecording, RefusesWhatThereIsNot) {
  const Dataset data = iris();
  const Classifier classifier = testing::fit_by_descent(data, 1);
  autograd::Tape tape;
  EXPECT_THROW(static_cast<void>(record_row(tape, classifier, data, data.rows())),
               std::invalid_argument);
  EXPECT_THROW(static_cast<void>(record_row(tape, classifier, data, 0, CrossEntropy::textbook)),
               std::invalid_argument);
  EXPECT_THROW(static_cast<void>(record_row(tape, classifier, testing::breast_cancer(), 0)),
               std::invalid_argument);
}

}  // namespace
}  // namespace models
