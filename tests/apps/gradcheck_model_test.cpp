// tapewise gradcheck --model MODEL DATA, run as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// A folder with model.json, trained on a data set of the repository.
class GradcheckModel : public ::testing::Test {
 protected:
  void train(const std::string& data, const std::string& target,
             const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"train", data, "--target", target, "-o", "model.json"};
    words.insert(words.end(), more.begin(), more.end());
    ASSERT_EQ(folder_.run(words).exit_code, 0);
  }

  [[nodiscard]] Outcome check(const std::string& data,
                              const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"gradcheck", "--model", "model.json", data};
    words.insert(words.end(), more.begin(), more.end());
    return folder_.run(words);
  }

  Folder folder_;
};

TEST_F(GradcheckModel, VerifiesEveryParameterAndTheClosedForm) {
  train(data_file("breast_cancer.csv"), "diagnosis", {"--l2", "0.01", "--epochs", "100"});
  const Outcome outcome = check(data_file("breast_cancer.csv"), {"--json", "-v"});
  expect_quiet_success(outcome);
  const json report = json::parse(outcome.out);
  EXPECT_EQ(report.at("verdict"), "PASS");
  EXPECT_EQ(report.at("inputs")[0].at("name"), "w");
  EXPECT_EQ(report.at("inputs")[0].at("entries").size(), 30U);
  EXPECT_EQ(report.at("inputs")[1].at("name"), "b");
  const json& form = report.at("closed_form");
  EXPECT_EQ(form.at("verdict"), "PASS");
  EXPECT_LT(form.at("difference"), 1e-16);
  EXPECT_GT(form.at("tolerance"), form.at("difference"));
  const json model = json::parse(folder_.get("model.json"));
  EXPECT_DOUBLE_EQ(report.at("value").get<double>(), model.at("training").at("loss").get<double>())
      << "the loss is the one of the training, with its penalty";
}

TEST_F(GradcheckModel, ShowsATableAndTheDifferenceFromTheClosedForm) {
  train(data_file("hours.csv"), "pass");
  const Outcome outcome = check(data_file("hours.csv"));
  expect_quiet_success(outcome);
  EXPECT_THAT(outcome.out, HasSubstr("PASS"));
  EXPECT_THAT(outcome.out, HasSubstr("\nclosed form Xᵀ(a − y)/m: largest difference "));
}

TEST_F(GradcheckModel, ReadsTheColumnsOfTheModelWhateverElseThereIs) {
  train(data_file("hours.csv"), "pass");
  folder_.put("more.csv", "pass,name,hours\n1,a,2.5\n0,b,1\n");
  const Outcome outcome = check("more.csv");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "info: columns the model does not use: name\n");
}

TEST_F(GradcheckModel, RefusesDataThatAreNotTheModels) {
  train(data_file("hours.csv"), "pass");
  folder_.put("unlabelled.csv", "hours\n1\n");
  expect_refused(check("unlabelled.csv"), 5,
                 "unlabelled.csv:1: a column the model was trained on is not in the file: pass");
  folder_.put("other.csv", "hours,pass\n1,maybe\n");
  expect_refused(check("other.csv"), 5,
                 "other.csv:2:2: column pass: \"maybe\" is neither of the classes of the model, "
                 "\"0\" and \"1\"");
  folder_.put("text.csv", "hours,pass\n1,0\n3.6l,1\n");
  expect_refused(check("text.csv"), 4,
                 "text.csv:3:1: column hours: \"3.6l\" is not a number\n"
                 "The column is to hold numbers; --missing-tokens lists what stands for a missing "
                 "value.");
  folder_.put("far.csv", "hours,pass\n1,0\n1.7e308,0\n");
  EXPECT_EQ(check("far.csv").exit_code, 4);
  EXPECT_EQ(check("none.csv").exit_code, 4);
}

TEST_F(GradcheckModel, TakesCategoriesNoTrainingRowHadForTheReferenceOnRequest) {
  folder_.put("d.csv", "port,h,y\nC,1,a\nS,2,b\nC,3,b\nS,1,a\nC,2,a\nS,3,b\n");
  train((folder_ / "d.csv").string(), "y");
  folder_.put("more.csv", "port,h,y\nC,1,a\nQ,2,b\n");
  expect_refused(check("more.csv"), 5,
                 "more.csv:3:1: column port: no training row has \"Q\"; they have C, S\n"
                 "--unknown ignore takes such cells for the reference level and counts them.");
  const Outcome outcome = check("more.csv", {"--unknown", "ignore"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err,
            "warning: column port: 1 row with a category no training row has; taken for the "
            "reference\n");
  expect_wrong_use(folder_.run({"gradcheck", "x*x", "--at", "x=1", "--delimiter", "tab"}),
                   "--delimiter: only together with --model");
}

TEST_F(GradcheckModel, WantsAModelAndItsData) {
  expect_wrong_use(folder_.run({"gradcheck", "--model", "model.json"}),
                   "--model: MODEL DATA is expected behind it");
  expect_wrong_use(folder_.run({"gradcheck", "--model", "a", "b", "--op", "exp"}),
                   "--model and --op: only one of them can be given");
}

}  // namespace
}  // namespace apps::testing
