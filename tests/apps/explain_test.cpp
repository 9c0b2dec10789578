// tapewise explain, run as a program. The numbers are those of the teaching example, worked out to
// 30 digits with mpmath and rounded to the six decimals the program shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> teaching_example{
    "explain", "--weights", "0.5,-0.25", "--bias",          "0.1", "--input",
    "1,2",     "--label",   "1",         "--learning-rate", "0.1", "--unfused"};

TEST(Explain, ShowsTheDocumentedDerivationLineByLine) {
  const Folder folder;
  const Outcome outcome = folder.run(teaching_example);
  expect_quiet_success(outcome);
  EXPECT_EQ(squeezed(outcome.out),
            "Forward\n"
            "z = w1 · x1 + w2 · x2 + b = 0.5 · 1 + (-0.25) · 2 + 0.1 = 0.1\n"
            "a = σ(z) = σ(0.1) = 0.524979\n"
            "L = −(y · ln(a) + (1 − y) · ln(1 − a)) = "
            "−(1 · ln(0.524979) + (1 − 1) · ln(1 − 0.524979)) = 0.644397\n"
            "\n"
            "Backward (dv is the derivative of L by v)\n"
            "da = −y/a + (1 − y)/(1 − a) = −1/0.524979 + (1 − 1)/(1 − 0.524979) = -1.904837\n"
            "dz = da · a · (1 − a) = (-1.90484) · 0.524979 · (1 − 0.524979) = -0.475021\n"
            "= a − y = 0.524979 − 1 = -0.475021 (fused: loss of z in one rule)\n"
            "dw1 = dz · x1 = (-0.475021) · 1 = -0.475021\n"
            "dw2 = dz · x2 = (-0.475021) · 2 = -0.950042\n"
            "db = dz = -0.475021\n"
            "\n"
            "Update, all at once\n"
            "w1 := w1 − learning_rate · dw1 = 0.5 − 0.1 · (-0.475021) = 0.547502\n"
            "w2 := w2 − learning_rate · dw2 = -0.25 − 0.1 · (-0.950042) = -0.154996\n"
            "b := b − learning_rate · db = 0.1 − 0.1 · (-0.475021) = 0.147502\n"
            "\n"
            "Forward with the updated parameters\n"
            "z = w1 · x1 + w2 · x2 + b = 0.547502 · 1 + (-0.154996) · 2 + 0.147502 = 0.385012\n"
            "a = σ(z) = σ(0.385012) = 0.595081\n"
            "L = −(y · ln(a) + (1 − y) · ln(1 − a)) = "
            "−(1 · ln(0.595081) + (1 − 1) · ln(1 − 0.595081)) = 0.519057\n");
}

TEST(Explain, ShowsTheTeachingExampleWithoutAnyFlags) {
  const Folder folder;
  EXPECT_EQ(folder.run({"explain", "--unfused"}).out, folder.run(teaching_example).out);
}

TEST(Explain, TakesTheFusedRouteUnlessItIsAskedNotTo) {
  const Folder folder;
  const Outcome outcome = folder.run({"explain"});
  expect_quiet_success(outcome);
  EXPECT_THAT(squeezed(outcome.out), HasSubstr("\nBackward (dv is the derivative of L by v)\n"
                                               "dz = a − y = 0.524979 − 1 = -0.475021\n"
                                               "dw1 = dz · x1 = (-0.475021) · 1 = -0.475021\n"
                                               "dw2 = dz · x2 = (-0.475021) · 2 = -0.950042\n"
                                               "db = dz = -0.475021\n"));
}

TEST(Explain, AlignsItsColumns) {
  const Folder folder;
  const std::vector<std::string> lines = lines_of(folder.run(teaching_example).out);
  ASSERT_GT(lines.size(), 12U);
  // The first "=" of the six lines of the backward pass stands in one column.
  for (std::size_t k = 7; k < 12; ++k)
    EXPECT_EQ(lines[k].find('='), lines[6].find('=')) << lines[k];
}

TEST(Explain, HasALineForEachOfThreeWeights) {
  const Folder folder;
  const std::string text = squeezed(folder
                                        .run({"explain", "--weights=-1,2,0.5", "--input", "3,-2,4",
                                              "--bias", "0", "--label", "0"})
                                        .out);
  // z = −3 − 4 + 2 = −5
  EXPECT_THAT(text, HasSubstr("z = w1 · x1 + w2 · x2 + w3 · x3 + b = "));
  EXPECT_THAT(text, HasSubstr(" + 0.5 · 4 + 0 = -5\n"));
  EXPECT_THAT(text, HasSubstr("\na = σ(z) = σ(-5) = 0.006693\n"));  // σ(−5) = 0.00669285…
  EXPECT_THAT(text, HasSubstr("\ndw3 = dz · x3 = "));
  EXPECT_THAT(text, HasSubstr(" = 0.026771\n"));  // 4·σ(−5) = 0.02677140…
}

TEST(Explain, ShowsHowTheTextbookBlowsUpWhereTheFusedFormDoesNot) {
  const Folder folder;
  const Outcome outcome = folder.run(
      {"explain", "--weights", "40", "--input", "1", "--bias", "0", "--label", "0", "--unfused"});
  EXPECT_EQ(outcome.exit_code, 0);
  const std::string text = squeezed(outcome.out);
  EXPECT_THAT(text, HasSubstr("\nz = w1 · x1 + b = 40 · 1 + 0 = 40\na = σ(z) = σ(40) = 1\n"));
  EXPECT_THAT(text, HasSubstr("ln(1 − 1)) = ∞\n"));
  EXPECT_THAT(text, HasSubstr("\n= a − y = 1 − 0 = 1 (fused: loss of z in one rule)\n"));
}

TEST(Explain, TakesTheStepOfTheFusedRouteWhereTheTextbooksHasNone) {
  const Folder folder;
  const Outcome outcome = folder.run(
      {"explain", "--weights", "0", "--input", "1", "--bias", "40", "--label", "0", "--unfused"});
  EXPECT_EQ(outcome.exit_code, 0);
  const std::string text = squeezed(outcome.out);
  EXPECT_THAT(text, HasSubstr("\ndz = da · a · (1 − a) = ∞ · 1 · (1 − 1) = ∞ (literally NaN)\n"));
  EXPECT_THAT(text, HasSubstr("\nThe textbook's route has left the numbers at L = ∞ "
                              "(binary_cross_entropy): no step can be taken from here by it.\n"));
  EXPECT_THAT(text, HasSubstr("\nBackward by the fused route\ndz = a − y = 1 − 0 = 1\n"
                              "dw1 = dz · x1 = 1 · 1 = 1\ndb = dz = 1\n"));
  EXPECT_THAT(text, HasSubstr("\nUpdate by the fused route, all at once\n"
                              "w1 := w1 − learning_rate · dw1 = 0 − 0.1 · 1 = -0.1\n"
                              "b := b − learning_rate · db = 40 − 0.1 · 1 = 39.9\n"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("keeps")));
}

TEST(Explain, SaysWhereTheRuleKeepsDigitsThatTheFormulaLoses) {
  const Folder folder;
  const std::string text = squeezed(folder
                                        .run({"explain", "--weights", "40", "--input", "1",
                                              "--bias", "0", "--label", "1", "--unfused"})
                                        .out);
  EXPECT_THAT(text, HasSubstr(" = -4.24835e-18 (literally 0; the rule keeps its digits)\n"));
  EXPECT_THAT(text, HasSubstr(" = -1 (literally NaN; the rule leaves out terms of weight 0)\n"));
  EXPECT_THAT(text, HasSubstr("\nUpdate, all at once\n"));
}

TEST(Explain, OfManyWeightsGivesThemLinesOfTheirOwn) {
  const Folder folder;
  for (const std::size_t count : {400U, 40'000U}) {
    std::string numbers = "1";
    for (std::size_t k = 1; k < count; ++k) numbers += ",1";
    const Outcome outcome = folder.run({"explain", "--weights", numbers, "--input", numbers});
    EXPECT_EQ(outcome.exit_code, 0);
    const std::string last = "\nw" + std::to_string(count) + " := ";
    const std::string text = squeezed(outcome.out);
    EXPECT_NE(text.find(last), std::string::npos) << count;
    EXPECT_NE(text.find("\nz = v"), std::string::npos) << count;
  }
}

TEST(Explain, DoesNotClaimToKnowBetterWhereTheValueItselfIsNotANumber) {
  const Folder folder;
  const Outcome outcome = folder.run({"explain", "--weights", "1e308", "--input", "1e308"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const std::string& line : lines_of(outcome.out)) {
    EXPECT_FALSE(line.find("= NaN ") != line.npos && line.find("literally") != line.npos) << line;
  }
}

TEST(Explain, SaysWhatIsWrongWithItsInput) {
  const Folder folder;
  expect_wrong_use(folder.run({"explain", "--weights", "1,2,3"}),
                   "--weights has 3 numbers and --input 2; each input needs its weight");
  expect_wrong_use(folder.run({"explain", "--weights", "0.5,x"}),
                   "--weights: \"x\" is not a number");
  expect_wrong_use(folder.run({"explain", "--weights", "0.5,"}), "--weights: \"\" is not a number");
  expect_wrong_use(folder.run({"explain", "--input", "1,inf"}),
                   "--input: \"inf\" is not a finite number");
  expect_wrong_use(folder.run({"explain", "--bias", "1,2"}),
                   "--bias: one number is expected, not 2");
  expect_wrong_use(folder.run({"explain", "--label", "2"}), "--label: must be 0 or 1, not 2");
  expect_wrong_use(folder.run({"explain", "--learning-rate", "0"}),
                   "--learning-rate: must be greater than 0, not 0");
  expect_wrong_use(folder.run({"explain", "7"}),
                   "nothing happens in \"7\": there is no operation to explain");
  expect_wrong_use(folder.run({"explain", "w*x", "--at", "w=[1,2],x=[3,4]"}),
                   "the expression has 2 elements ([2]), and backpropagation starts from one "
                   "number. Take its sum(…) or mean(…)");
  expect_wrong_use(folder.run({"explain", "w*x", "--at", "w=1,x=2", "--zoom", "dv"}),
                   "there is no value or adjoint \"dv\"; did you mean \"dw\"?");
  expect_wrong_use(folder.run({"explain", "sum(w)", "--at", "w=[1,2]", "--zoom", "dw[2]"}),
                   "\"dw[2]\": w has shape [2]; its elements are w[0] to w[1]");
}

TEST(Explain, OfAnExpressionShowsItsOwnNames) {
  const Folder folder;
  const Outcome outcome = folder.run({"explain", "b = a + a; c = b + b", "--at", "a=1"});
  expect_quiet_success(outcome);
  EXPECT_EQ(outcome.out, get(data_file("golden/explain_sums.txt")));
}

TEST(Explain, OfTheDocumentedDerivationIsTheGoldenFile) {
  const Folder folder;
  EXPECT_EQ(folder.run({"explain"}).out, get(data_file("golden/explain_fused.txt")));
  EXPECT_EQ(folder.run({"explain", "--unfused"}).out, get(data_file("golden/explain_unfused.txt")));
}

// The numbers of one row worked out by hand from the model file's own.
TEST(Explain, OfARowThroughAModelIsThatModelsPrediction) {
  const Folder folder;
  ASSERT_EQ(
      folder.run({"train", data_file("hours.csv"), "--target", "pass", "-o", "m.json"}).exit_code,
      0);
  const Outcome outcome =
      folder.run({"explain", "--model", "m.json", data_file("hours.csv"), "--row", "3"});
  expect_quiet_success(outcome);
  // z = -4.077713 + 1.504645 · 1 of the third row (1 hour), a = σ(z), and pass is 0: dz = a.
  EXPECT_THAT(outcome.out, HasSubstr("pass is 0; the model gives 0 0.929"));
  EXPECT_THAT(squeezed(outcome.out),
              HasSubstr("\nz = x · w + b = (-1.21681) · 2.21033 + 0.116486 = -2.573068\n"));
  EXPECT_THAT(squeezed(outcome.out), HasSubstr("\ndz = a − y = 0.070892 − 0 = 0.070892\n"));
  EXPECT_THAT(squeezed(outcome.out), HasSubstr("\nhours 1 "));
}

TEST(Explain, OfSeveralClassesAndOfAPerceptronNamesClassesAndFeatures) {
  const Folder folder;
  ASSERT_EQ(folder
                .run({"train", data_file("iris.csv"), "--target", "species", "--l2", "0.01", "--cv",
                      "none", "-o", "m.json"})
                .exit_code,
            0);
  const Outcome zoomed = folder.run({"explain", "--model", "m.json", data_file("iris.csv"), "--row",
                                     "80", "--zoom", "dz[virginica]"});
  expect_quiet_success(zoomed);
  EXPECT_THAT(zoomed.out, HasSubstr("dz[virginica] = "));
  ASSERT_EQ(folder
                .run({"train", data_file("iris.csv"), "--target", "species", "--hidden", "3",
                      "--epochs", "20", "--cv", "none", "-o", "p.json"})
                .exit_code,
            0);
  const Outcome perceptron =
      folder.run({"explain", "--model", "p.json", data_file("iris.csv"), "--row", "80"});
  EXPECT_EQ(perceptron.exit_code, 0);
  EXPECT_THAT(perceptron.out, HasSubstr("tanh(x[1×4] · W1[4×3] + b1[3])"));
}

TEST(Explain, SaysWhichRowsThereAre) {
  const Folder folder;
  ASSERT_EQ(
      folder.run({"train", data_file("hours.csv"), "--target", "pass", "-o", "m.json"}).exit_code,
      0);
  for (const char* row : {"0", "21"}) {
    expect_wrong_use(
        folder.run({"explain", "--model", "m.json", data_file("hours.csv"), "--row", row}),
        "--row: " + data_file("hours.csv") + " has 20 rows, counted from 1; there is no row " +
            row);
  }
}

TEST(Explain, ZoomsIntoWhatIsMadeOfMaximaAndOfSumsOfSums) {
  const Folder folder;
  const auto zoomed = [&](const std::string& expression, const std::string& at,
                          const std::string& element) {
    const Outcome outcome = folder.run({"explain", expression, "--at", at, "--zoom", element});
    expect_quiet_success(outcome);
    return outcome.out;
  };
  EXPECT_THAT(zoomed("log_sum_exp(u,0)", "u=[0.8,-0.3,-1.8]", "L"),
              HasSubstr("L = max(u[0], u[1], u[2]) + ln(exp(u[0] − max("));
  EXPECT_THAT(zoomed("softmax(u)@[1,0,0]", "u=[1,2,3]", "du[0]"), HasSubstr(" = 0.081925"));
  EXPECT_THAT(zoomed("sum(B@relu(w))", "B=[[[1,2],[3,4]],[[5,6],[7,8]]],w=[10,20]", "dw[1]"),
              HasSubstr("(B[0, 0, 1] + B[0, 1, 1] + (B[1, 0, 1] + B[1, 1, 1])) · "));
  std::string many = "u=[0.01";
  for (int k = 1; k < 3000; ++k) many += "," + std::to_string(0.001 * k);
  EXPECT_THAT(zoomed("sum(u*exp(u)/sum(exp(u)))", many + "]", "du[5]"), HasSubstr("+ … +"));
}

TEST(Explain, ShowsAsManyDigitsAsItsArithmeticTakes) {
  const Folder folder;
  EXPECT_THAT(squeezed(folder
                           .run({"explain", "--weights", "16", "--input", "1", "--bias", "0",
                                 "--label", "0", "--unfused"})
                           .out),
              HasSubstr("ln(1 − 0.999999887)) = 16\n"));
}

TEST(Explain, SaysWhereAStepWasTooLarge) {
  const Folder folder;
  EXPECT_THAT(folder.run({"explain", "--learning-rate", "1e308"}).out,
              HasSubstr("\nThe step has left the numbers: it takes a smaller --learning-rate.\n"));
}

TEST(Explain, InAsciiHasNoOtherLettersInNamesOfColumnsEither) {
  const Folder folder;
  folder.put("d.csv", "Größe,y\n1,ja\n2,nein\n3,ja\n4,nein\n5,nein\n1.5,ja\n");
  ASSERT_EQ(
      folder.run({"train", "d.csv", "--target", "y", "--l2", "0.1", "--cv", "none", "-o", "m.json"})
          .exit_code,
      0);
  const Outcome outcome = folder.run({"explain", "--model", "m.json", "d.csv", "--ascii"});
  for (const char c : outcome.out) ASSERT_LT(static_cast<unsigned char>(c), 0x80U);
  EXPECT_THAT(outcome.out, HasSubstr("Gr"));
}

// ---- formats

const std::vector<std::vector<std::string>>& explained() {
  static const std::vector<std::vector<std::string>> all{
      {"explain"},
      {"explain", "--unfused", "--weights", "40", "--input", "1", "--label", "0"},
      {"explain", "b = a + a; c = b + b", "--at", "a=1"},
      {"explain", "h_1 = tanh(X @ W); mean(softmax(h_1) * sum(X))", "--at",
       "X=[[1,2],[3,-4]],W=[[0.5,1e-7],[0.25,3]]", "--learning-rate", "0.1"},
      {"explain", "sum(transpose(a-b)^2)", "--at", "a=[[1,2]],b=[[0,3]]"},
      {"explain", "θ_1 = x^2; θ_1 * α", "--at", "x=0.5,α=2"},
      {"explain", "where(x < 2, abs(x), max(y, 0)) / sqrt(x)", "--at", "x=0.5,y=[1,2,2]"},
  };
  return all;
}

Outcome in_format(const Folder& folder, std::vector<std::string> words, const char* format) {
  words.insert(words.end(), {"--format", format});
  return folder.run(words);
}

TEST(ExplainFormats, JsonIsWhatItsSchemaSays) {
  const Folder folder;
  for (const auto& words : explained()) {
    const Outcome outcome = in_format(folder, words, "json");
    expect_quiet_success(outcome);
    folder.put("trace.json", outcome.out);
    const Outcome checked = folder.shell("python3 -m jsonschema -i trace.json '" TAPEWISE_TEST_DATA
                                         "/../../autograd/explain/trace.schema.json'");
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  }
  folder.put("trace.json", R"({"format": "tapewise-trace", "version": 1})");
  EXPECT_NE(folder
                .shell("python3 -m jsonschema -i trace.json '" TAPEWISE_TEST_DATA
                       "/../../autograd/explain/trace.schema.json'")
                .exit_code,
            0)
      << "the schema takes anything";
}

TEST(ExplainFormats, LatexCompiles) {
  const Folder folder;
  for (const auto& words : explained()) {
    const Outcome outcome = in_format(folder, words, "latex");
    expect_quiet_success(outcome);
    folder.put("explained.tex", outcome.out);
    const Outcome compiled =
        folder.shell("pdflatex -interaction=nonstopmode -halt-on-error explained");
    EXPECT_EQ(compiled.exit_code, 0) << outcome.out << compiled.out;
    EXPECT_TRUE(folder.has("explained.pdf"));
  }
}

TEST(ExplainFormats, DotIsAGraph) {
  const Folder folder;
  for (const auto& words : explained()) {
    const Outcome outcome = in_format(folder, words, "dot");
    expect_quiet_success(outcome);
    folder.put("explained.dot", outcome.out);
    const Outcome drawn = folder.shell("dot -Tplain explained.dot");
    EXPECT_EQ(drawn.exit_code, 0) << drawn.err;
  }
}

TEST(ExplainFormats, AsciiHasNothingElse) {
  const Folder folder;
  for (auto words : explained()) {
    words.emplace_back("--ascii");
    for (const char c : folder.run(words).out) ASSERT_LT(static_cast<unsigned char>(c), 0x80U);
  }
}

TEST(Explain, FailsWhereItsOutputCannotBeWritten) {
  const Folder folder;
  expect_refused(folder.run({"explain"}, "/dev/full"), 4,
                 "standard output cannot be written: No space left on device");
}

}  // namespace
}  // namespace apps::testing
