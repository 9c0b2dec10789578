// `train` as one trusts it: published fits, what is withheld and why, and the JSON that scripts
// rely on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class Fit : public ::testing::Test {
 protected:
  [[nodiscard]] Outcome train(const std::string& file, const std::string& target,
                              const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"train", file, "--target", target};
    words.insert(words.end(), more.begin(), more.end());
    return folder_.run(words);
  }
  [[nodiscard]] json fitted(const std::string& file, const std::string& target,
                            std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const Outcome outcome = train(file, target, more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
  // The codes of all warnings.
  static std::vector<std::string> codes(const json& root) {
    std::vector<std::string> found;
    for (const json& warning : root["warnings"]) found.push_back(warning["code"]);
    return found;
  }

  Folder folder_;
};

void expect_near(const json& value, double expected, const std::string& what) {
  ASSERT_TRUE(value.is_number()) << what;
  EXPECT_NEAR(value.get<double>(), expected, 1e-6 * std::abs(expected)) << what;
}

// Spector and Mazzeo's 32 students: Greene, "Econometric analysis", 5th edition (2003), table 21.1,
// to the digits of statsmodels 0.13.
TEST_F(Fit, OfSpectorAndMazzeoIsThePublishedOneByEverySolver) {
  const std::vector<std::vector<std::string>> ways{
      {}, {"--solver", "newton"}, {"--solver", "lbfgs"}, {"--solver", "gd", "--epochs", "100000"}};
  for (const auto& way : ways) {
    const json root = fitted(data_file("spector.csv"), "GRADE", way);
    const std::string solver = root["fit"]["solver"];
    const std::vector<std::tuple<std::string, double, double>> expected{
        {"(intercept)", -13.0213483201, 4.93132462871},
        {"GPA", 2.82611297201, 1.26294114526},
        {"TUCE", 0.0951576702557, 0.141554207662},
        {"PSI", 2.37868772835, 1.06456430165}};
    ASSERT_EQ(root["coefficients"].size(), 4U);
    for (std::size_t k = 0; k < 4; ++k) {
      const json& c = root["coefficients"][k];
      EXPECT_EQ(c["name"], std::get<0>(expected[k]));
      expect_near(c["estimate"], std::get<1>(expected[k]), solver);
      expect_near(c["std_error"], std::get<2>(expected[k]), solver);
      expect_near(c["z"], std::get<1>(expected[k]) / std::get<2>(expected[k]), solver);
      EXPECT_FALSE(c.contains("class"));
    }
    expect_near(root["statistics"]["log_likelihood"], -12.8896334653335, solver);
    EXPECT_EQ(root["statistics"]["df_residual"], 28.0);
    EXPECT_TRUE(root["fit"]["converged"]);
    EXPECT_LT(root["fit"]["optimality_gap"].get<double>(), 1e-12) << solver;
  }
}

// statsmodels 0.13, MNLogit; the same data as in its documentation.
TEST_F(Fit, OfTheElectionStudyIsThePublishedOneByEverySolver) {
  for (const std::string solver : {"auto", "newton", "lbfgs"}) {
    const json root = fitted(data_file("anes96.csv"), "PID", {"--solver", solver});
    expect_near(root["statistics"]["log_likelihood"], -1461.922747312, solver);
    EXPECT_EQ(root["model"], "softmax");
    EXPECT_EQ(root["coefficients"].size(), 36U);
    const json& first = root["coefficients"][0];
    EXPECT_EQ(first["class"], "1");
    EXPECT_EQ(first["name"], "(intercept)");
    expect_near(first["estimate"], -0.373401677148, solver);
  }
}

TEST_F(Fit, HasTheFieldsThatScriptsRelyOn) {
  folder_.put("d.csv",
              "gre,rank,married,y\n1,1,yes,no\n2,2,no,no\n3,1,yes,yes\n4,2,no,no\n5,2,yes,yes\n"
              "6,1,no,yes\n7,2,no,no\n2,2,yes,yes\n4,1,yes,no\n,1,no,yes\n");
  const json root =
      fitted("d.csv", "y", {"--categorical", "rank", "--missing", "drop", "--l2", "0.5"});
  EXPECT_EQ(root["data"]["file"], "d.csv");
  EXPECT_EQ(root["data"]["rows"], 10);
  EXPECT_EQ(root["data"]["rows_used"], 9);
  EXPECT_EQ(root["data"]["features"][0], (json{{"name", "gre"}, {"role", "numeric"}}));
  EXPECT_EQ(
      root["data"]["features"][1],
      (json{
          {"name", "rank"}, {"role", "categorical"}, {"levels", {"1", "2"}}, {"reference", "1"}}));
  EXPECT_EQ(root["data"]["features"][2]["role"], "boolean");
  EXPECT_EQ(root["data"]["target"], (json{{"name", "y"},
                                          {"classes", {"no", "yes"}},
                                          {"positive", "yes"},
                                          {"counts", {{"no", 5}, {"yes", 4}}}}));
  EXPECT_EQ(root["model"], "logistic");
  EXPECT_EQ(root["fit"]["penalty"], (json{{"l1", 0.0}, {"l2", 0.5}}));
  for (const char* field : {"solver", "epochs", "converged", "loss", "gradient_norm",
                            "optimality_gap", "penalty", "seconds"}) {
    EXPECT_TRUE(root["fit"].contains(field)) << field;
  }
  std::vector<std::string> names;
  for (const json& c : root["coefficients"]) names.push_back(c["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"(intercept)", "gre", "rank=2", "married=yes"}));
  for (const char* field : {"std_error", "z", "p", "ci_low", "ci_high", "odds_ratio"}) {
    EXPECT_TRUE(root["coefficients"][1][field].is_null()) << field << " of a penalised fit";
  }
  for (const char* field : {"log_likelihood", "null_log_likelihood", "deviance", "null_deviance"}) {
    EXPECT_TRUE(root["statistics"][field].is_number()) << field;
  }
  for (const char* field : {"aic", "bic", "mcfadden_r2", "lr_chi2", "lr_p", "df_residual"}) {
    EXPECT_TRUE(root["statistics"][field].is_null()) << field;
  }
  for (const char* field : {"accuracy", "log_loss", "auc"}) {
    EXPECT_TRUE(root["training"][field].is_number()) << field;
  }
  EXPECT_EQ(root["training"]["confusion"].size(), 2U);
  EXPECT_EQ(codes(root), std::vector<std::string>{"missing"});
  EXPECT_EQ(root["warnings"][0]["columns"], json{"gre"});
}

TEST_F(Fit, OfSeparatedClassesSaysSoAndShowsNoCoefficients) {
  folder_.put("d.csv", "x,u,y\n1,5,a\n2,3,a\n2.5,4,a\n3,3.5,b\n4,4.5,b\n5,2,b\n");
  const Outcome outcome = train("d.csv", "y");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("the classes can be separated completely by x: "));
  EXPECT_THAT(outcome.err, HasSubstr("--firth"));
  EXPECT_THAT(outcome.out, HasSubstr("NO BEST FIT"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("odds ratio")));
  EXPECT_EQ(train("d.csv", "y", {"--strict"}).exit_code, 3);
  const json root = fitted("d.csv", "y");
  EXPECT_THAT(codes(root), Contains("separation"));
  EXPECT_FALSE(root["fit"]["converged"]);
  EXPECT_TRUE(root["fit"]["optimality_gap"].is_null());
  EXPECT_TRUE(root["coefficients"][1]["std_error"].is_null());

  const json firth = fitted("d.csv", "y", {"--firth"});
  EXPECT_TRUE(firth["fit"]["converged"]);
  EXPECT_TRUE(firth["coefficients"][1]["std_error"].is_number());
  EXPECT_THAT(codes(firth), Not(Contains("separation")));
  EXPECT_TRUE(fitted("d.csv", "y", {"--l2", "0.01"})["fit"]["converged"]);
}

TEST_F(Fit, ThatHasNotConvergedSaysHowFarItIs) {
  const Outcome outcome =
      train(data_file("spector.csv"), "GRADE", {"--solver", "gd", "--epochs", "50", "--strict"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("above its minimum. --solver auto ends on"));
  EXPECT_THAT(outcome.out, HasSubstr("NOT CONVERGED"));
  EXPECT_THAT(outcome.out, HasSubstr("(no standard errors: the fit has not converged)"));
  const json root = fitted(data_file("spector.csv"), "GRADE", {"--solver", "gd", "--epochs", "50"});
  EXPECT_EQ(codes(root), std::vector<std::string>{"not_converged"});
  const double gap = root["fit"]["optimality_gap"];
  const double minimum = fitted(data_file("spector.csv"), "GRADE")["fit"]["loss"];
  EXPECT_GE(gap, root["fit"]["loss"].get<double>() - minimum);
  EXPECT_LT(gap, 0.1);
}

// The slope of a level of one class alone is all but gone where a fit by lbfgs ends, and rounding
// must not make a minimum of it.
TEST_F(Fit, OfALevelOfOneClassIsNeverCertified) {
  std::string text = "level,x,y\n";
  for (int i = 0; i < 60; ++i) {
    const std::string level = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c";
    const bool positive = level == "c" || (i * 7) % 5 < 2;
    text += level + "," + std::to_string((i * 13) % 11) + "," + (positive ? "1" : "0") + "\n";
  }
  folder_.put("level.csv", text);
  for (const auto& how : std::vector<std::vector<std::string>>{
           {}, {"--solver", "lbfgs"}, {"--tolerance", "1e-12"}, {"--solver", "gd"}}) {
    const json root = fitted("level.csv", "y", how);
    EXPECT_THAT(codes(root), Contains("separation"));
    EXPECT_FALSE(root["fit"]["converged"]);
    EXPECT_TRUE(root["fit"]["optimality_gap"].is_null());
  }
}

// 4/5 of 5e8 rows and 1/5 of as many: the odds ratio is 4 whatever the counts are.
TEST_F(Fit, OfRareRowsIsNotTakenForConvergedByItsSmallLoss) {
  folder_.put("rare.csv", "x,n,y\n1,12,1\n1,500000000,0\n0,3,1\n0,500000000,0\n");
  const json root = fitted("rare.csv", "y", {"--weight", "n"});
  expect_near(root["coefficients"][1]["estimate"], std::log(12.0 / 3.0), "x");
  expect_near(root["coefficients"][1]["std_error"], std::sqrt(1.0 / 12.0 + 1.0 / 3.0), "x");
}

// c is a but for 1e-8 of noise: the difference of both decides, and the Hessian cannot see it.
TEST_F(Fit, OfNearlyCollinearColumnsEndsOnTheBestAllTheSame) {
  std::string near = "a,c,y\n";
  std::string apart = "a,d,y\n";
  for (int i = 0; i < 80; ++i) {
    const int a = (i * 37) % 101;
    const int noise = (i * 53) % 29;
    const std::string label = (noise + (i * 17) % 23 > 25) ? "1" : "0";
    near += std::to_string(a) + "," + std::to_string(a) + ".0000" + (noise < 10 ? "0" : "") +
            std::to_string(noise) + "," + label + "\n";
    apart += std::to_string(a) + "," + std::to_string(noise) + "," + label + "\n";
  }
  folder_.put("near.csv", near);
  folder_.put("apart.csv", apart);
  const json root = fitted("near.csv", "y");
  const json same = fitted("apart.csv", "y");
  EXPECT_TRUE(root["fit"]["converged"]);
  expect_near(root["statistics"]["log_likelihood"], same["statistics"]["log_likelihood"], "both");
}

TEST_F(Fit, WithOnlyAToleranceThatIsLargeHasNoErrors) {
  const json root = fitted(data_file("spector.csv"), "GRADE", {"--tolerance", "0.05"});
  EXPECT_TRUE(root["coefficients"][0]["std_error"].is_null());
  EXPECT_THAT(root["withheld"].get<std::string>(), HasSubstr("the tolerance leaves"));
}

TEST_F(Fit, LooksAtNoRowOfWeightZero) {
  folder_.put("with.csv", "x,n,y\n1,1,a\n2,1,b\n3,1,a\n4,1,b\n1e300,0,b\n");
  folder_.put("without.csv", "x,n,y\n1,1,a\n2,1,b\n3,1,a\n4,1,b\n");
  const json with = fitted("with.csv", "y", {"--weight", "n", "--l2", "0.1"});
  const json without = fitted("without.csv", "y", {"--weight", "n", "--l2", "0.1"});
  EXPECT_EQ(with["coefficients"], without["coefficients"]);
}

TEST_F(Fit, HasTheSameBitsForAnyNumberOfThreads) {
  for (const std::vector<std::string>& how : std::vector<std::vector<std::string>>{
           {}, {"--l2", "0.1", "--l1", "0.01"}, {"--hidden", "4", "--epochs", "30"}}) {
    std::vector<std::string> models;
    for (const char* threads : {"1", "3"}) {
      ASSERT_EQ(setenv("OMP_NUM_THREADS", threads, 1), 0);
      std::vector<std::string> more = how;
      more.insert(more.end(), {"-o", "m.json"});
      EXPECT_EQ(train(data_file("anes96.csv"), "PID", more).exit_code, 0);
      models.push_back(folder_.get("m.json"));
    }
    unsetenv("OMP_NUM_THREADS");
    EXPECT_EQ(models[0], models[1]);
  }
}

TEST_F(Fit, CountsRowsByTheirWeights) {
  folder_.put("w.csv", "x,n,y\n1,3,a\n2,1,b\n3,2,a\n4,3,b\n5,1,a\n6,2,b\n");
  folder_.put("r.csv", "x,y\n1,a\n1,a\n1,a\n2,b\n3,a\n3,a\n4,b\n4,b\n4,b\n5,a\n6,b\n6,b\n");
  const json weighted = fitted("w.csv", "y", {"--weight", "n"});
  const json repeated = fitted("r.csv", "y");
  for (std::size_t k = 0; k < 2; ++k) {
    for (const char* field : {"estimate", "std_error", "p"}) {
      expect_near(weighted["coefficients"][k][field], repeated["coefficients"][k][field], field);
    }
  }
  expect_near(weighted["statistics"]["bic"], repeated["statistics"]["bic"], "bic");
  EXPECT_EQ(weighted["training"]["confusion"], repeated["training"]["confusion"]);
  // As rows of the rarer class count more, it is predicted more often.
  const json balanced = fitted("r.csv", "y", {"--class-weight", "a=1,b=5"});
  EXPECT_GT(balanced["coefficients"][0]["estimate"], repeated["coefficients"][0]["estimate"]);
  EXPECT_TRUE(balanced["coefficients"][0]["std_error"].is_null());
}

TEST_F(Fit, OfAPerceptronIsKeptAndPredicts) {
  const Outcome outcome = train(data_file("iris.csv"), "species",
                                {"--hidden", "8,4", "--activation", "leaky_relu:0.1", "--epochs",
                                 "400", "--seed", "3", "-o", "m.json"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("perceptron with 8 and 4 hidden leaky_relu:0.1 units"));
  const Outcome predicted = folder_.run({"predict", "m.json", data_file("iris.csv")});
  EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_THAT(predicted.out, HasSubstr("species,probability_setosa,probability_versicolor,"
                                       "probability_virginica\nsetosa,"));
  const Outcome checked = folder_.run({"gradcheck", "--model", "m.json", data_file("iris.csv")});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
}

TEST_F(Fit, StopsEarlyAtTheBestOfTheRowsKeptAside) {
  const json root = fitted(data_file("iris.csv"), "species",
                           {"--hidden", "16", "--validation", "0.3", "--patience", "20",
                            "--learning-rate", "0.05", "--epochs", "5000"});
  EXPECT_TRUE(root["fit"]["stopped_early"]);
  EXPECT_LT(root["fit"]["epochs"], 5000);
}

TEST_F(Fit, SaysWhichOptionsDoNotGoTogether) {
  const auto wrong = [&](const std::vector<std::string>& more, const std::string& message) {
    const Outcome outcome = train(data_file("iris.csv"), "species", more);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr(message));
  };
  wrong({"--model", "logistic"}, "a logistic model has two classes and the target has 3");
  wrong({"--firth"}, "Firth's correction is that of logistic regression");
  wrong({"--activation", "tanh"}, "--activation: only with --model mlp");
  wrong({"--hidden", "0"}, "--hidden: 0 is not a number of units");
  wrong({"--hidden", "8", "--activation", "tanhh"}, "did you mean \"tanh\"?");
  wrong({"--model", "softmax", "--hidden", "8"}, "hidden layers are those of the model mlp");
  wrong({"--l1", "0.1", "--solver", "lbfgs"}, "cannot minimise an L1 penalty");
  wrong({"--hidden", "8", "--solver", "newton"}, "newton needs a Hessian");
  wrong({"--class-weight", "setosa=2,rose=1"}, "no class is \"rose\"");
  wrong({"--validation", "1.5"}, "--validation: a share less than 1 is expected, not 1.5");
  wrong({"--solver", "annealing"}, "--solver: one of auto, gd, sgd, momentum, ");
  wrong({"--firth", "--batch-size", "5"}, "Firth's correction looks at all rows at once");
  wrong({"--loss", "textbook"}, "the textbook form of the loss is that of two classes");
  wrong({"--hidden", "8", "--l1", "0.1", "--solver", "adam"}, "on all rows gd and nesterov can");
  wrong({"--momentum", "0.5"}, "--momentum: only with --solver momentum or nesterov");
  wrong({"--solver", "newton", "--schedule", "cosine"},
        "--schedule: only with solvers with a learning");
  wrong({"--step-every", "5"}, "--step-every: only with --schedule step");
  wrong({"--patience", "5"}, "--patience: only with --validation");
  wrong({"--firth", "--l2", "1"}, "Firth's correction takes the place of a penalty");
}

TEST_F(Fit, WritesOneObjectAndNothingElseToStandardOutput) {
  const Outcome outcome = train(data_file("spector.csv"), "GRADE", {"--json", "-o", "m.json"});
  EXPECT_TRUE(json::accept(outcome.out));
  EXPECT_THAT(outcome.out, EndsWith("}\n"));
  EXPECT_TRUE(folder_.has("m.json"));
}

}  // namespace
}  // namespace apps::testing
