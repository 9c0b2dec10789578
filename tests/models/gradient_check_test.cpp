// The gradient of a trained model's loss, against witnesses and against its closed form.
#include "models/gradient_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/fit.h"
#include "tests/models/support.h"

namespace models {
namespace {

// The gradient by central differences of the textbook's loss.
std::vector<double> differences(const Classifier& c, const Dataset& data) {
  const testing::Rows rows{c.standardised(data.features), data.labels, c.features.size()};
  std::vector<double> at = c.parameters;
  std::vector<double> gradient;
  for (double& parameter : at) {
    const double middle = parameter;
    constexpr double h = 1e-5;
    parameter = middle + h;
    const double right = testing::textbook_loss(rows, at, c.fit.penalty.l2);
    parameter = middle - h;
    gradient.push_back((right - testing::textbook_loss(rows, at, c.fit.penalty.l2)) / (2.0 * h));
    parameter = middle;
  }
  return gradient;
}

TEST(ModelGradient, IsVerifiedAndEqualsTheClosedForm) {
  const Dataset data = testing::breast_cancer();
  for (const double l2 : {0.0, 0.1}) {
    const ModelGradientCheck check = check_gradient(testing::fit_by_descent(data, 50, l2), data);
    EXPECT_TRUE(check.passed()) << check.report.text(true);
    EXPECT_TRUE(check.closed_form->passed);
    EXPECT_LT(check.closed_form->difference, 1e-16);
    ASSERT_EQ(check.report.inputs.size(), 2U);
    EXPECT_EQ(check.report.inputs[0].name, "w");
    EXPECT_EQ(check.report.inputs[0].entries_checked, 30);
    EXPECT_EQ(check.report.inputs[1].name, "b");
  }
}

// There a and y agree in all but the last digits of a long double.
TEST(ModelGradient, OfConfidentRowsEqualsTheClosedForm) {
  Dataset data = testing::breast_cancer();
  Classifier model = testing::fit_by_descent(data, 1);
  std::fill(model.parameters.begin(), model.parameters.end(), 0.0);
  for (const double label : {0.0, 1.0}) {
    std::fill(data.labels.begin(), data.labels.end(), label);
    model.parameters.back() = label == 1.0 ? 40.0 : -40.0;
    const ModelGradientCheck check = check_gradient(model, data);
    EXPECT_TRUE(check.closed_form->passed)
        << check.closed_form->analytic << " " << check.closed_form->closed_form;
  }
}

TEST(ModelGradient, OfADataSetTakesLessThanASecond) {
  const Dataset data = testing::breast_cancer();
  const Classifier model = testing::fit_by_descent(data, 50);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(check_gradient(model, data).passed());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(ModelGradient, HasTheClosedFormThatDifferencesHave) {
  const Dataset data = testing::breast_cancer();
  const Classifier model = testing::fit_by_descent(data, 50, 0.3);
  const std::vector<double> numeric = differences(model, data);
  const ClosedFormComparison compared = *compare_with_closed_form(model, data, numeric);
  EXPECT_FALSE(compared.passed) << "differences are not that good";
  EXPECT_LT(compared.difference, 1e-8);
}

TEST(ModelGradient, ThatIsWrongDiffersFromTheClosedForm) {
  const Dataset data = testing::breast_cancer();
  Classifier model = testing::fit_by_descent(data, 50, 0.3);
  std::vector<double> right = differences(model, data);
  const auto difference = [&](const std::vector<double>& gradient) {
    return *compare_with_closed_form(model, data, gradient);
  };
  std::vector<double> wrong = right;
  wrong[7] += 1e-3;
  EXPECT_FALSE(difference(wrong).passed);
  EXPECT_EQ(difference(wrong).parameter, model.features[7]);
  EXPECT_NEAR(difference(wrong).difference, 1e-3, 1e-8);
  wrong = right;
  wrong.back() = std::nan("");
  EXPECT_FALSE(difference(wrong).passed);
  EXPECT_EQ(difference(wrong).parameter, "(intercept)");
  model.fit.penalty.l2 = 0.0;
  EXPECT_GT(difference(right).difference, 1e-3) << "the penalty is a part of the slope";
}

TEST(ModelGradient, OfSeveralClassesIsVerifiedToo) {
  const Dataset iris =
      make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/iris.csv"), "species");
  const Classifier softmax = testing::fit_by_descent(iris, 20);
  const ModelGradientCheck check = check_gradient(softmax, iris);
  EXPECT_TRUE(check.passed()) << check.report.text(true);
  ASSERT_TRUE(check.closed_form);
  EXPECT_LT(check.closed_form->difference, 1e-15);
  std::vector<double> wrong(10, 0.0);
  const auto comparison = compare_with_closed_form(softmax, iris, wrong);
  EXPECT_FALSE(comparison->passed) << "20 epochs are not at the minimum";
  EXPECT_THAT(comparison->parameter, ::testing::StartsWith("v")) << "versicolor or virginica";
}

TEST(ModelGradient, OfAPerceptronHasNoClosedForm) {
  const Dataset iris =
      make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/iris.csv"), "species");
  FitOptions options;
  options.kind = ModelKind::mlp;
  options.hidden = {3};
  options.minimise.epochs = 20;
  options.penalty.l2 = 0.125;
  const ModelGradientCheck check = check_gradient(fit(iris, options).classifier, iris);
  EXPECT_TRUE(check.passed()) << check.report.text(true);
  EXPECT_FALSE(check.closed_form);
  EXPECT_EQ(check.report.inputs.size(), 4U);
}

TEST(ModelGradient, OfRowsOfAnotherModelIsRefused) {
  const Dataset data = testing::breast_cancer();
  const Classifier model = testing::fit_by_descent(data, 1);
  Dataset other = data;
  other.features.names[0] = "another";
  EXPECT_THROW(check_gradient(model, other), std::invalid_argument);
  other = data;
  std::swap(other.classes[0], other.classes[1]);
  EXPECT_THROW(check_gradient(model, other), std::invalid_argument);
  EXPECT_THROW(compare_with_closed_form(model, data, std::vector<double>(30)),
               std::invalid_argument);
}

}  // namespace
}  // namespace models
