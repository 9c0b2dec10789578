// Everything that is learned is learned inside the fold: checked by doing by hand, with files of
// their own, what a fold should have done.
#include "models/evaluation/cross_validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/data/errors.h"
#include "tests/models/support.h"

namespace models {
namespace {

using ::testing::HasSubstr;

struct File {
  Table table;
  Dataset data;
};

File file_of(const std::string& name, const std::string& target, const DatasetOptions& how = {}) {
  File file{read_csv(std::string(TAPEWISE_TEST_DATA) + "/" + name), {}};
  file.data = make_dataset(file.table, target, how);
  return file;
}

FitOptions with_l2(double l2) {
  FitOptions options;
  options.penalty.l2 = l2;
  return options;
}

// What a model of the training rows, read from a file of their own, says of the others.
std::vector<double> by_hand(const File& file, const Split& part, const FitOptions& options,
                            const DatasetOptions& how = {}) {
  const Dataset training = make_dataset(file.table.with_rows(part.train), file.data.target, how);
  EXPECT_EQ(training.classes, file.data.classes);
  const Table tested = file.table.with_rows(part.test);
  const auto selected = select_features(tested, training.encoding, UnknownPolicy::ignore);
  return fit(training, options).classifier.log_probabilities(selected.features);
}

void expect_folds_by_hand(const File& file, const FitOptions& options,
                          const DatasetOptions& how = {}) {
  const CrossValidation cv = cross_validate({file.table, file.data}, options, {4, 0.0, 9, {}});
  const std::size_t classes = file.data.classes.size();
  const std::vector<Split> parts = stratified_folds(file.data, 4, 9);
  std::vector<Metrics> metrics;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const std::vector<double> log_p = by_hand(file, parts[k], options, how);
    std::vector<double> labels;
    for (std::size_t i = 0; i < parts[k].test.size(); ++i) {
      const std::size_t row = parts[k].test[i];
      EXPECT_EQ(cv.rows.fold[row], k + 1);
      labels.push_back(file.data.labels[row]);
      for (std::size_t j = 0; j < classes; ++j) {
        EXPECT_EQ(cv.rows.log_probabilities[row * classes + j], log_p[i * classes + j]);
      }
    }
    metrics.push_back(metrics_of(labels, log_p, classes));
  }
  EXPECT_EQ(cv.evaluation.folds, 4U);
  EXPECT_EQ(cv.evaluation.rows, file.data.rows());
  EXPECT_EQ(cv.evaluation.model.log_loss.mean, folded(metrics).log_loss.mean);
  EXPECT_EQ(cv.evaluation.model.confusion, folded(metrics).confusion);
}

TEST(CrossValidation, DoesWhatFilesOfTheFoldsWouldDo) {
  expect_folds_by_hand(file_of("breast_cancer.csv", "diagnosis"), with_l2(0.01));
  expect_folds_by_hand(file_of("iris.csv", "species"), with_l2(0.01));
}

TEST(CrossValidation, LearnsLevelsAndFilledCellsInTheFold) {
  DatasetOptions how;
  how.columns.drop = {"passenger", "name", "ticket", "cabin"};
  how.encoding.missing = MissingPolicy::mean_and_flag;
  expect_folds_by_hand(file_of("passengers.csv", "survived", how), with_l2(0.01), how);
}

TEST(CrossValidation, LeavesRowsOutThatHaveMissingCells) {
  DatasetOptions how;
  how.columns.drop = {"passenger", "name", "ticket", "cabin"};
  how.encoding.missing = MissingPolicy::drop;
  const File file = file_of("passengers.csv", "survived", how);
  ASSERT_GT(file.data.dropped_rows, 0U);
  const CrossValidation cv =
      cross_validate({file.table, file.data}, with_l2(0.01), {3, 0.0, 0, {}});
  const File complete{file.table.with_rows(complete_rows(file.table, file.data.schema)), file.data};
  const CrossValidation same = [&] {
    Dataset data = file.data;
    data.dropped_rows = 0;
    return cross_validate({complete.table, data}, with_l2(0.01), {3, 0.0, 0, {}});
  }();
  EXPECT_EQ(cv.rows.log_probabilities, same.rows.log_probabilities);
  EXPECT_EQ(cv.evaluation.rows, file.data.rows());
}

TEST(CrossValidation, BaselineIsTheSharesOfTheTrainingRows) {
  const File file = file_of("breast_cancer.csv", "diagnosis");
  const CrossValidation cv = cross_validate({file.table, file.data}, with_l2(1.0), {5, 0.0, 0, {}});
  const FoldedMetrics& baseline = cv.evaluation.baseline;
  EXPECT_NEAR(baseline.accuracy.mean, 357.0 / 569.0, 1e-4);
  EXPECT_EQ(baseline.auc->mean, 0.5);
  EXPECT_EQ(baseline.f1->mean, 0.0);
  const double p = 212.0 / 569.0;
  EXPECT_NEAR(baseline.log_loss.mean, -p * std::log(p) - (1 - p) * std::log(1 - p), 1e-4);
  EXPECT_NEAR(baseline.brier.mean, p * (1 - p), 1e-4);
}

TEST(CrossValidation, KeepsAShareAsideOnce) {
  const File file = file_of("breast_cancer.csv", "diagnosis");
  const CrossValidation cv =
      cross_validate({file.table, file.data}, with_l2(0.01), {5, 0.25, 3, {}});
  EXPECT_EQ(cv.evaluation.folds, 1U);
  EXPECT_EQ(cv.evaluation.rows, 142U);
  EXPECT_FALSE(cv.evaluation.model.accuracy.sd);
  EXPECT_EQ(std::count(cv.rows.fold.begin(), cv.rows.fold.end(), 1U), 142);
  const Split part = stratified_split(file.data, 0.25, 3);
  const std::vector<double> log_p = by_hand(file, part, with_l2(0.01));
  EXPECT_EQ(cv.rows.log_probabilities[2 * part.test[0] + 1], log_p[1]);
}

// The threshold of a fold does not know the fold's own rows.
TEST(CrossValidation, LearnsTheThresholdInTheFold) {
  const File file = file_of("breast_cancer.csv", "diagnosis");
  const FitOptions options = with_l2(0.05);
  const EvaluationPlan plan{3, 0.0, 5, parse_threshold("cost=1:20")};
  const CrossValidation cv = cross_validate({file.table, file.data}, options, plan);
  const std::vector<Split> parts = stratified_folds(file.data, 3, 5);
  for (const Split& part : parts) {
    const File inner{file.table.with_rows(part.train),
                     make_dataset(file.table.with_rows(part.train), "diagnosis")};
    EXPECT_EQ(cv.rows.thresholds[part.test[0]],
              cross_validate({inner.table, inner.data}, options, plan).threshold);
  }
  std::vector<double> p;
  for (std::size_t row = 0; row < file.data.rows(); ++row) {
    p.push_back(std::exp(cv.rows.log_probabilities[2 * row + 1]));
  }
  EXPECT_EQ(cv.threshold, best_threshold(plan.threshold, file.data.labels, p));
  EXPECT_LT(cv.threshold, 0.4) << "a missed one costs twenty false alarms";
}

TEST(CrossValidation, LeavesOutAColumnThatIsConstantInAFold) {
  std::string csv = "x,rare,kind,y\n";
  for (int row = 0; row < 20; ++row) {
    csv += std::to_string(row * 7 % 11) + "," + (row == 3 ? "1" : "0") + "," +
           (row == 4 ? "odd" : "usual") + "," + (row % 3 == 0 ? "a" : "b") + "\n";
  }
  File file{parse_csv(csv, "d.csv"), {}};
  file.data = make_dataset(file.table, "y");
  const CrossValidation cv = cross_validate({file.table, file.data}, with_l2(0.1), {4, 0.0, 0, {}});
  EXPECT_EQ(cv.evaluation.rows, 20U);
}

TEST(CrossValidation, CountsRowsWithACategoryOfTheirOwn) {
  std::string csv = "x,kind,y\n";
  for (int row = 0; row < 21; ++row) {
    csv += std::to_string(row * 7 % 11) + "," +
           (row == 4       ? "odd"
            : row % 2 == 0 ? "p"
                           : "q") +
           "," + (row % 3 == 0 ? "a" : "b") + "\n";
  }
  File file{parse_csv(csv, "d.csv"), {}};
  file.data = make_dataset(file.table, "y");
  const CrossValidation cv = cross_validate({file.table, file.data}, with_l2(0.1), {3, 0.0, 0, {}});
  EXPECT_EQ(cv.evaluation.unknown_rows, 1U);
}

TEST(CrossValidation, CountsRowsByTheirWeights) {
  std::string csv = "x,w,y\n";
  for (int row = 0; row < 24; ++row) {
    csv += std::to_string(row * 7 % 11) + "," + std::to_string(row % 4) + "," +
           (row * row % 5 < 2 ? "a" : "b") + "\n";
  }
  DatasetOptions how;
  how.columns.weight = {"w"};
  File file{parse_csv(csv, "d.csv"), {}};
  file.data = make_dataset(file.table, "y", how);
  const CrossValidation cv = cross_validate({file.table, file.data}, with_l2(0.1), {3, 0.0, 0, {}});
  double total = 0.0;
  for (const auto& row : cv.evaluation.model.confusion) total += row[0] + row[1];
  EXPECT_EQ(total, 36.0);
}

TEST(CrossValidation, SaysWhichClassHasTooFewRows) {
  File file{parse_csv("x,y\n1,a\n2,a\n3,b\n4,b\n5,b\n", "d.csv"), {}};
  file.data = make_dataset(file.table, "y");
  EXPECT_EQ(possible_folds(file.data, 5), 2U);
  const std::string message = testing::message_of<DataError>([&] {
    return cross_validate({file.table, file.data}, with_l2(0.1), {3, 0.0, 0, {}});
  });
  EXPECT_THAT(message, HasSubstr("the 3 folds"));
}

TEST(CrossValidation, TellsHowFarItIs) {
  const File file = file_of("hours.csv", "pass");
  std::vector<std::size_t> done;
  EvaluationPlan plan{3, 0.0, 0, parse_threshold("f1")};
  cross_validate({file.table, file.data}, with_l2(0.1), plan, [&](std::size_t at, std::size_t all) {
    EXPECT_EQ(all, 12U);
    done.push_back(at);
  });
  ASSERT_EQ(done.size(), 12U);
  EXPECT_EQ(done.back(), 11U);
}

}  // namespace
}  // namespace models
