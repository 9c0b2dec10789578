#include "models/classifier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/data/errors.h"
#include "models/fit.h"
#include "tests/models/support.h"

namespace models {
namespace {

Dataset dataset(std::string_view csv) { return make_dataset(parse_csv(csv, "data.csv"), "y"); }

// z = x − 1/8: nothing standardised, so that everything can be counted by hand.
Classifier by_hand(const Dataset& data) {
  Classifier classifier;
  classifier.target = data.target;
  classifier.classes = data.classes;
  classifier.features = data.features.names;
  classifier.standardisation = {{0.125}, {1.0}};
  classifier.architecture = {1, 1, {}, {}};
  classifier.parameters = {1.0, 0.0};
  return classifier;
}

// Rows whose class `bad` or `good` stands beside z = −2, −1, 0, 1, 2.
Dataset five_rows(const std::string& negative, const std::string& positive) {
  return dataset("x,y\n-1.875," + negative + "\n-0.875," + positive + "\n0.125," + negative +
                 "\n1.125," + positive + "\n2.125," + positive + "\n");
}

TEST(Classifier, GivesBothClassesTheProbabilitiesOfTheirLogit) {
  const Dataset data = five_rows("bad", "good");
  const std::vector<double> p = by_hand(data).probabilities(data.features);
  ASSERT_EQ(p.size(), 10U);
  EXPECT_NEAR(p[0], 0.880797077977882444, 1e-15);  // σ(2), mpmath
  EXPECT_NEAR(p[1], 0.119202922022117556, 1e-15);
  EXPECT_EQ(p[4], 0.5);
  EXPECT_EQ(p[5], 0.5);
  const std::vector<double> log_p = by_hand(data).log_probabilities(data.features);
  EXPECT_NEAR(log_p[0], -0.126928011042972496, 1e-15);
  EXPECT_NEAR(log_p[1], -2.126928011042972496, 1e-15);
}

TEST(Classifier, HasFiniteLogProbabilitiesHoweverSureItIs) {
  Dataset data = dataset("x,y\n1,a\n2,b\n");
  data.features.values = {1000.125, -999.875};
  const std::vector<double> log_p = by_hand(data).log_probabilities(data.features);
  EXPECT_EQ(log_p, (std::vector<double>{-1000.0, 0.0, 0.0, -1000.0}));
}

TEST(Classifier, StandardisesWhatItPredicts) {
  Dataset data = dataset("x,x2,y\n12,1,a\n11,2,b\n");
  Classifier classifier = by_hand(data);
  classifier.standardisation = {{10.0, 0.0}, {2.0, 0.5}};
  classifier.architecture = {2, 1, {}, {}};
  classifier.parameters = {1.0, -1.0, 0.5};
  // z = (12 − 10)/2 − 1/0.5 + 0.5 = −0.5
  EXPECT_NEAR(classifier.probabilities(data.features)[1], 0.377540668798145435, 1e-15);  // σ(−½)
}

TEST(Classifier, OfSeveralClassesHasTheProbabilitiesOfSoftmax) {
  const Dataset data = dataset("x,y\n1.125,a\n2.125,b\n0.125,c\n1.125,a\n2.125,b\n0.125,c\n");
  Classifier classifier = by_hand(data);
  classifier.architecture = {1, 2, {}, {}};
  classifier.parameters = {1.0, 2.0, 0.0, -1.0};  // logits 0, x − 1/8 and 2(x − 1/8) − 1
  const std::vector<double> p = classifier.probabilities(data.features);
  const double sum = 1.0 + std::exp(1.0) + std::exp(1.0);
  EXPECT_NEAR(p[0], 1.0 / sum, 1e-15);
  EXPECT_NEAR(p[1], std::exp(1.0) / sum, 1e-15);
  EXPECT_NEAR(p[2], std::exp(1.0) / sum, 1e-15);
  EXPECT_NEAR(classifier.log_probabilities(data.features)[0], -std::log(sum), 1e-15);
  EXPECT_EQ(classifier.coefficients(2).weights, std::vector<double>{2.0});
  EXPECT_EQ(classifier.coefficients(2).intercept, -1.25);
}

// R: glm(pass ~ hours, binomial)
TEST(Classifier, ReportsTheCoefficientsOfRInTheUnitsOfTheFile) {
  const Dataset data =
      make_dataset(read_csv(std::string(TAPEWISE_TEST_DATA) + "/hours.csv"), "pass");
  const Classifier classifier = fit(data, {}).classifier;
  EXPECT_NEAR(classifier.coefficients().intercept, -4.07771, 5e-6);
  EXPECT_NEAR(classifier.coefficients().weights[0], 1.50465, 5e-6);
  EXPECT_EQ(classifier.fit.rows, 20U);
  EXPECT_EQ(classifier.target, "pass");
  EXPECT_EQ(classifier.features, std::vector<std::string>{"hours"});
}

TEST(Classifier, TurnsItsCoefficientsAroundWithThePositiveClass) {
  const Dataset last = dataset("x,y\n1,a\n2,b\n3,a\n4,b\n");
  const Dataset first = dataset("x,y\n1,zero\n2,yes\n3,zero\n4,yes\n");
  const Dataset turned = dataset("x,y\n1,yes\n2,zero\n3,yes\n4,zero\n");
  const Coefficients of_last = fit(last, {}).classifier.coefficients();
  const Coefficients of_first = fit(first, {}).classifier.coefficients();
  const Coefficients of_turned = fit(turned, {}).classifier.coefficients();
  EXPECT_GT(of_last.weights[0], 0.1);
  EXPECT_EQ(of_first.weights[0], of_last.weights[0]) << "yes is positive, as b was";
  EXPECT_NEAR(of_turned.weights[0], -of_last.weights[0], 1e-6);
  EXPECT_NEAR(of_turned.intercept, -of_last.intercept, 1e-6);
}

TEST(Classifier, RefusesAConstantColumn) {
  DatasetOptions options;
  options.columns.keep = {"x"};
  const Dataset data = make_dataset(parse_csv("x,y\n7,a\n7,b\n", "data.csv"), "y", options);
  EXPECT_EQ(testing::message_of<DataError>([&] { return fit(data, {}); }),
            "data.csv:2:1: column x: constant: every value is 7\n"
            "A constant tells nothing about the target: --drop leaves its column out.");
}

TEST(Classifier, RefusesAColumnWhoseCoefficientIsBeyondTheRangeOfADouble) {
  // The scale is 3e-308, and the best weight is not 0: 3e307 times it is too much.
  FitOptions options;
  options.minimise.solver = Solver::gd;
  options.learning_rate = 100.0;
  options.minimise.epochs = 1;
  const Dataset data = dataset("w,x,y\n1,0,a\n2,6e-308,b\n3,0,a\n4,6e-308,b\n");
  EXPECT_EQ(testing::message_of<DataError>([&] { return fit(data, options); }),
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
      testing::message_of<DataError>([&] { return classifier.probabilities(rows); }),
      "data.csv:3:2: column x: 1e+308 is too far from the mean of the training rows, -1e+308, "
      "to compute with\nIs the value right, and in the units of the training file?");
}

TEST(Classifier, NamesTheRowThatHasNoProbability) {
  const Dataset data = dataset("w,x,y\n1,1,bad\n1e308,1e308,good\n");
  Classifier classifier = by_hand(data);
  classifier.standardisation = {{0.0, 0.0}, {1.0, 1.0}};
  classifier.architecture = {2, 1, {}, {}};
  classifier.parameters = {10.0, -10.0, 0.0};
  EXPECT_EQ(testing::message_of<DataError>([&] { return classifier.probabilities(data.features); }),
            "data.csv:3: the values of this row are so far from those of the training rows that no "
            "probability can be computed\nIs the value right, and in the units of the training "
            "file?");
}

}  // namespace
}  // namespace models
