#include "models/data/standardisation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/data/csv.h"
#include "models/data/errors.h"
#include "tests/models/data/support.h"

namespace models {
namespace {

using testing::message_of;

Features features(std::size_t columns, std::vector<double> values) {
  Features made;
  made.file = "data.csv";
  for (std::size_t j = 0; j < columns; ++j) {
    made.names.push_back(std::string(1, static_cast<char>('a' + j)));
    made.fields.push_back(j + 1);
  }
  for (std::size_t i = 0; i < values.size() / columns; ++i) made.lines.push_back(i + 2);
  made.values = std::move(values);
  return made;
}

TEST(Standardisation, HasTheMeanAndThePopulationDeviationOfEachColumn) {
  const Standardisation fitted = fit_standardisation(features(2, {1, -5, 2, 5, 3, -5, 6, 5}));
  EXPECT_DOUBLE_EQ(fitted.mean[0], 3.0);
  EXPECT_DOUBLE_EQ(fitted.scale[0], std::sqrt(3.5));
  EXPECT_DOUBLE_EQ(fitted.mean[1], 0.0);
  EXPECT_DOUBLE_EQ(fitted.scale[1], 5.0);
}

// Mean 2.7875 and variance 2.157968750 by exact arithmetic on the 20 decimals.
TEST(Standardisation, OfTheHoursTableIsRightToTheLastDigit) {
  const Table table = read_csv(std::string(TAPEWISE_TEST_DATA) + "/hours.csv");
  const Standardisation fitted = fit_standardisation(make_dataset(table, "pass").features);
  EXPECT_DOUBLE_EQ(fitted.mean[0], 2.7875);
  EXPECT_DOUBLE_EQ(fitted.scale[0], std::sqrt(2.15796875));
}

TEST(Standardisation, BringsColumnsToMeanZeroAndDeviationOne) {
  const Features made = features(2, {1, 1e6, 2, 3e6, 4, -5e6, 8, 7e6});
  const AlignedNumbers z = fit_standardisation(made).apply(made.values);
  const Standardisation again = fit_standardisation(features(2, {z.begin(), z.end()}));
  for (std::size_t j = 0; j < 2; ++j) {
    EXPECT_NEAR(again.mean[j], 0.0, 1e-15);
    EXPECT_NEAR(again.scale[j], 1.0, 1e-15);
  }
}

TEST(Standardisation, MayBeAppliedInPlace) {
  std::vector<double> values{1, 2, 3};
  Standardisation{{1.0}, {2.0}}.apply(values, values);
  EXPECT_EQ(values, (std::vector<double>{0.0, 0.5, 1.0}));
}

TEST(Standardisation, IsNotSpoiledByAHugeOffset) {
  for (const double offset : {1e9, 1e15, -4e15}) {
    std::vector<double> values;
    for (int i = 0; i < 999; ++i) values.push_back(offset + i % 3);
    const Standardisation fitted = fit_standardisation(features(1, values));
    EXPECT_NEAR(fitted.mean[0], offset + 1.0, std::abs(offset) * 1e-16) << offset;
    EXPECT_NEAR(fitted.scale[0], std::sqrt(2.0 / 3.0), 1e-12) << offset;
  }
}

TEST(Standardisation, TellsNeighbouringDoublesApart) {
  const double next = std::nextafter(1.0, 2.0);
  const Standardisation fitted = fit_standardisation(features(1, {1.0, next, 1.0, next}));
  EXPECT_DOUBLE_EQ(fitted.scale[0], (next - 1.0) / 2.0);
}

TEST(Standardisation, WorksAtBothEndsOfTheRangeOfADouble) {
  const double largest = std::numeric_limits<double>::max();
  const Standardisation large = fit_standardisation(features(1, {largest, largest, largest, 0}));
  EXPECT_DOUBLE_EQ(large.mean[0], 0.75 * largest);
  EXPECT_DOUBLE_EQ(large.scale[0], std::sqrt(3.0) / 4.0 * largest);
  const Standardisation small = fit_standardisation(features(1, {1e-300, 3e-300}));
  EXPECT_DOUBLE_EQ(small.mean[0], 2e-300);
  EXPECT_DOUBLE_EQ(small.scale[0], 1e-300);
}

TEST(Standardisation, NamesColumnsWhoseScaleIsBelowTheNormalNumbers) {
  for (const double tiny : {5e-324, 1e-323, 1e-310}) {
    EXPECT_EQ(message_of<DataError>([&] {
                fit_standardisation(features(2, {0, 1, tiny, 2}));
              }),
              "data.csv:2:1: column a: the values differ by less than a double can be divided by\n"
              "Write the column in smaller units.");
  }
}

TEST(Standardisation, NamesConstantColumns) {
  EXPECT_EQ(message_of<DataError>([] {
              fit_standardisation(features(3, {5, 1, 0, 5, 2, 0}));
            }),
            "data.csv:2:1: column a: constant: every value is 5\n"
            "data.csv:2:3: column c: constant: every value is 0\n"
            "A constant tells nothing about the target: --drop leaves its column out.");
}

TEST(Standardisation, NamesColumnsWhoseValuesAreTooFarApart) {
  EXPECT_EQ(message_of<DataError>([] {
              fit_standardisation(features(1, {1e308, -1e308}));
            }),
            "data.csv:2:1: column a: the values from -1e+308 to 1e+308 are too far apart for a "
            "double\nWrite the column in larger units.");
}

TEST(Standardisation, RefusesValuesThatAreNotItsOwnNumberOfColumns) {
  const Standardisation two{{0.0, 0.0}, {1.0, 1.0}};
  std::vector<double> three(3);
  std::vector<double> four(4);
  EXPECT_THROW((void)two.apply(three), std::invalid_argument);
  EXPECT_THROW(two.apply(four, three), std::invalid_argument);
  EXPECT_THROW((void)(Standardisation{{0.0}, {}}.apply(four)), std::invalid_argument);
  EXPECT_THROW(fit_standardisation(features(1, {})), std::invalid_argument);
}

TEST(Coefficients, InUnitsOfTheFileGiveTheSameScores) {
  const Features made = features(2, {1, 1e6, 2, 3e6, 4, -5e6, 8, 7e6});
  const Standardisation fitted = fit_standardisation(made);
  const AlignedNumbers z = fitted.apply(made.values);
  const std::vector<double> weights{0.5, -2.0};
  const Coefficients file = coefficients_in_units_of_the_file(weights, 0.25, fitted);
  for (std::size_t i = 0; i < made.rows(); ++i) {
    const double standardised = 0.25 + 0.5 * z[2 * i] - 2.0 * z[2 * i + 1];
    const double raw = file.intercept + file.weights[0] * made.values[2 * i] +
                       file.weights[1] * made.values[2 * i + 1];
    EXPECT_NEAR(raw, standardised, 1e-14);
  }
}

TEST(Coefficients, AreRefusedForAnotherNumberOfFeatures) {
  EXPECT_THROW(coefficients_in_units_of_the_file(std::vector<double>{1.0}, 0.0, {{}, {}}),
               std::invalid_argument);
}

}  // namespace
}  // namespace models
