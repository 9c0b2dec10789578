#include "models/classifier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/data/errors.h"
#include "tests/models/support.h"

namespace models {
namespace {

Dataset dataset(std::string_view csv) { return make_dataset(parse_csv(csv, "data.csv"), "y"); }

// z = x − 1/8: nothing standardised, so that everything can be counted by hand.
Classifier by_hand(const Dataset& data) {
  Classifier classifier;
  classifier.target = data.target;
  classifier.classes = data.classes;
  classifier.positive = data.positive;
  classifier.features = data.features.names;
  classifier.standardisation = {{0.125}, {1.0}};
  classifier.weights = {1.0};
  return classifier;
}

// Rows whose class `bad` or `good` stands beside z = −2, −1, 0, 1, 2.
Dataset five_rows(const std::string& negative, const std::string& positive) {
  return dataset("x,y\n-1.875," + negative + "\n-0.875," + positive + "\n0.125," + negative +
                 "\n1.125," + positive + "\n2.125," + positive + "\n");
}

TEST(Accuracy, CountsWhatCanBeCountedByHand) {
  const Dataset data = five_rows("bad", "good");
  ASSERT_EQ(data.positive_class(), "good");
  const Accuracy a = accuracy(by_hand(data), data);
  EXPECT_EQ(a.rows, 5U);
  EXPECT_EQ(a.correct, 3U);  // not good at −1; bad at 0, where ½ counts as positive
  EXPECT_EQ(a.confusion[0][0], 1U);
  EXPECT_EQ(a.confusion[0][1], 1U);
  EXPECT_EQ(a.confusion[1][0], 1U);
  EXPECT_EQ(a.confusion[1][1], 2U);
  // ln(1 + e⁻²), ln(1 + e), ln 2, ln(1 + e⁻¹), ln(1 + e⁻²), with mpmath to 30 digits.
  EXPECT_NEAR(a.log_loss,
              (2 * 0.126928011042972496 + 1.313261687518222834 + 0.693147180559945309 +
               0.313261687518222834) /
                  5.0,
              1e-15);
}

TEST(Accuracy, CountsAlikeWhenThePositiveClassIsTheFirst) {
  const Dataset data = five_rows("zero", "yes");
  ASSERT_EQ(data.positive, 0U);
  ASSERT_EQ(data.positive_class(), "yes");
  const Accuracy a = accuracy(by_hand(data), data);
  EXPECT_EQ(a.correct, 3U);
  EXPECT_EQ(a.confusion[0][0], 2U);  // yes taken for yes
  EXPECT_EQ(a.confusion[0][1], 1U);
  EXPECT_EQ(a.confusion[1][0], 1U);
  EXPECT_EQ(a.confusion[1][1], 1U);
}

TEST(Accuracy, RefusesRowsOfOtherClasses) {
  const Classifier classifier = by_hand(five_rows("bad", "good"));
  EXPECT_EQ(testing::message_of<std::invalid_argument>(
                [&] { return accuracy(classifier, five_rows("poor", "rich")); }),
            "the rows are labelled poor and rich, the classifier knows bad and good");
  Classifier turned = classifier;
  turned.positive = 0;
  EXPECT_EQ(testing::message_of<std::invalid_argument>(
                [&] { return accuracy(turned, five_rows("bad", "good")); }),
            "the rows count good as positive, the classifier bad");
}

TEST(Accuracy, IsFiniteHoweverSureTheModelIs) {
  Dataset data = dataset("x,y\n1,a\n2,b\n");
  data.features.values = {1000.125, 1000.125};
  EXPECT_EQ(accuracy(by_hand(data), data).log_loss, 500.0);
}

TEST(Classifier, StandardisesWhatItPredicts) {
  Classifier classifier;
  classifier.standardisation = {{10.0, 0.0}, {2.0, 0.5}};
  classifier.weights = {1.0, -1.0};
  classifier.intercept = 0.5;
  // z = (12 − 10)/2 − 1/0.5 + 0.5 = −0.5
  const std::vector<double> a = classifier.probabilities(std::vector<double>{12.0, 1.0});
  ASSERT_EQ(a.size(), 1U);
  EXPECT_NEAR(a[0], 0.377540668798145435, 1e-15);  // σ(−½), mpmath
}

// R: glm(pass ~ hours, binomial)
TEST(Classifier, ReportsTheCoefficientsOfRInTheUnitsOfTheFile) {
  const Dataset data =
      make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/hours.csv"), "pass");
  const Classifier classifier = train(data, {});
  EXPECT_NEAR(classifier.coefficients().intercept, -4.07771, 5e-6);
  EXPECT_NEAR(classifier.coefficients().weights[0], 1.50465, 5e-6);
  EXPECT_EQ(classifier.rows, 20U);
  EXPECT_EQ(classifier.target, "pass");
  EXPECT_EQ(classifier.features, std::vector<std::string>{"hours"});
}

TEST(Classifier, TurnsItsCoefficientsAroundWithThePositiveClass) {
  const Dataset last = dataset("x,y\n1,a\n2,b\n3,a\n4,b\n");
  const Dataset first = dataset("x,y\n1,zero\n2,yes\n3,zero\n4,yes\n");
  const Dataset turned = dataset("x,y\n1,yes\n2,zero\n3,yes\n4,zero\n");
  const Coefficients of_last = train(last, {}).coefficients();
  const Coefficients of_first = train(first, {}).coefficients();
  const Coefficients of_turned = train(turned, {}).coefficients();
  EXPECT_GT(of_last.weights[0], 0.1);
  EXPECT_EQ(of_first.weights[0], of_last.weights[0]) << "yes is positive, as b was";
  EXPECT_NEAR(of_turned.weights[0], -of_last.weights[0], 1e-6);
  EXPECT_NEAR(of_turned.intercept, -of_last.intercept, 1e-6);
}

TEST(Classifier, RefusesAConstantColumn) {
  DatasetOptions options;
  options.columns.keep = {"x"};
  const Dataset data = make_dataset(parse_csv("x,y\n7,a\n7,b\n", "data.csv"), "y", options);
  EXPECT_EQ(testing::message_of<DataError>([&] { return train(data, {}); }),
            "data.csv:2:1: column x: constant: every value is 7\n"
            "A constant tells nothing about the target: --drop leaves its column out.");
}

TEST(Classifier, RefusesAColumnWhoseCoefficientIsBeyondTheRangeOfADouble) {
  // The scale is 3e-308, and the best weight is not 0: 3e307 times it is too much.
  LogisticRegressionOptions options;
  options.learning_rate = 100.0;
  options.epochs = 1;
  const Dataset data = dataset("w,x,y\n1,0,a\n2,6e-308,b\n3,0,a\n4,6e-308,b\n");
  EXPECT_EQ(testing::message_of<DataError>([&] { return train(data, options); }),
            "data.csv:2:2: column x: its values differ so little that its coefficient is beyond "
            "the range of a double\nWrite the column in smaller units.");
}

TEST(Classifier, NamesTheValueThatIsTooFarFromTheTrainingRows) {
  Classifier classifier = by_hand(five_rows("bad", "good"));
  classifier.standardisation = {{-1e308}, {1.0}};
  const Dataset data = dataset("z,x,y\n0,1,bad\n0,1e308,good\n");
  Features rows = data.features;
  rows.values = {1.0, 1e308};
  rows.names = {"x"};
  rows.fields = {2};
  EXPECT_EQ(
      testing::message_of<DataError>([&] { return classifier.class_probabilities(rows); }),
      "data.csv:3:2: column x: 1e+308 is too far from the mean of the training rows, -1e+308, "
      "to compute with\nIs the value right, and in the units of the training file?");
}

TEST(Classifier, NamesTheRowThatHasNoProbability) {
  Classifier classifier;
  classifier.standardisation = {{0.0, 0.0}, {1.0, 1.0}};
  classifier.weights = {10.0, -10.0};
  const Dataset data = dataset("w,x,y\n1,1,bad\n1e308,1e308,good\n");
  EXPECT_EQ(
      testing::message_of<DataError>([&] { return classifier.class_probabilities(data.features); }),
      "data.csv:3: the values of this row are so far from those of the training rows that no "
      "probability can be computed\nIs the value right, and in the units of the training "
      "file?");
}

}  // namespace
}  // namespace models
