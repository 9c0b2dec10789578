// tapewise show, run as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class Show : public ::testing::Test {
 protected:
  [[nodiscard]] Outcome train(const std::string& file, const std::string& target,
                              const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"train", data_file(file), "--target", target, "-o", "m.json"};
    words.insert(words.end(), more.begin(), more.end());
    return folder_.run(words);
  }

  Folder folder_;
};

TEST_F(Show, HasTheReportOfTrain) {
  for (const auto& [file, target, more] :
       std::vector<std::tuple<std::string, std::string, std::vector<std::string>>>{
           {"hours.csv", "pass", {"--threshold", "f1"}},
           {"iris.csv", "species", {"--l2", "0.01"}},
           {"spector.csv", "GRADE", {"--hidden", "3", "--validation", "0.3", "--cv", "none"}}}) {
    const std::string trained = train(file, target, more).out;
    const std::size_t end = trained.find("\nModel written to");
    ASSERT_NE(end, std::string::npos);
    const Outcome shown = folder_.run({"show", "m.json"});
    expect_quiet_success(shown);
    const std::size_t begin = trained.find("\nFit  ");
    ASSERT_NE(begin, std::string::npos);
    EXPECT_THAT(shown.out, HasSubstr(trained.substr(begin, end - begin)));
    EXPECT_THAT(shown.out, HasSubstr("Command    tapewise train "));
  }
}

TEST_F(Show, HasTheJsonOfTrain) {
  json trained = json::parse(train("iris.csv", "species", {"--json"}).out);
  trained["fit"].erase("seconds");  // the file keeps none
  const json shown = json::parse(folder_.run({"show", "m.json", "--json"}).out);
  for (const char* key : {"fit", "coefficients", "statistics", "training", "cross_validation"}) {
    ASSERT_TRUE(trained.contains(key)) << key;
    EXPECT_EQ(shown[key], trained[key]) << key;
  }
  EXPECT_EQ(shown["seed"], 0);
}

// Whatever the threshold is and wherever it is from.
TEST_F(Show, HasTheTrainingFiguresThatEvaluateHasOfTheSameRows) {
  const std::string cancer = data_file("breast_cancer.csv");
  for (const char* threshold : {"0.2", "youden"}) {
    const json trained = json::parse(train("breast_cancer.csv", "diagnosis",
                                           {"--l2", "0.01", "--threshold", threshold, "--json"})
                                         .out);
    const json evaluated = json::parse(folder_.run({"evaluate", "m.json", cancer, "--json"}).out);
    for (const char* key : {"accuracy", "f1", "confusion"}) {
      EXPECT_EQ(trained["training"][key], evaluated[key]) << threshold << ' ' << key;
    }
  }
}

// What such a file does not have is not made up.
TEST_F(Show, OfAModelFileOfVersionOneSaysWhatItKnows) {
  const std::string model = data_file("golden/hours_model_v1.json");
  const Outcome shown = folder_.run({"show", model});
  expect_quiet_success(shown);
  EXPECT_THAT(shown.out, HasSubstr("  hours             1.504645\n"));
  EXPECT_THAT(shown.out, Not(HasSubstr("training accuracy")));
  const json as_json = json::parse(folder_.run({"show", model, "--json"}).out);
  EXPECT_TRUE(as_json["training"].is_null());
  EXPECT_TRUE(as_json["cross_validation"].is_null());
}

}  // namespace
}  // namespace apps::testing
