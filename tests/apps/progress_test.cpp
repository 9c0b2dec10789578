// How train behaves while it runs: the line of progress on a terminal, Ctrl-C, --quiet, --verbose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "models/model.h"
#include "tests/apps/terminal.h"

namespace apps::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string wipe = "\r\x1b[K";

// Without an end of its own.
std::vector<std::string> endless(std::vector<std::string> more = {}) {
  std::vector<std::string> words{"train",       data_file("breast_cancer.csv"),
                                 "--target",    "diagnosis",
                                 "--solver",    "gd",
                                 "--tolerance", "0",
                                 "--epochs",    "1000000000",
                                 "--cv",        "none",
                                 "-o",          "m.json"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// The lines that were drawn and wiped again.
std::vector<std::string> lines_drawn(const std::string& screen) {
  std::vector<std::string> lines;
  std::size_t begin = screen.find(wipe);
  while (begin != std::string::npos) {
    begin += wipe.size();
    const std::size_t end = screen.find(wipe, begin);
    if (end == std::string::npos) break;
    // Of Ctrl-C the terminal says a line of its own.
    const std::string line = screen.substr(begin, end - begin);
    if (line.find('\n') == std::string::npos && !line.empty()) lines.push_back(line);
    begin = end;
  }
  return lines;
}

std::string without(std::string text, const std::string& part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
    text.erase(at, part.size());
  }
  return text;
}

// ---- the line of progress

TEST(Progress, ShowsEpochLossAndGradientOnATerminal) {
  const Folder folder;
  Terminal terminal(folder, endless());
  ASSERT_TRUE(terminal.says("  gradient "));
  ASSERT_TRUE(terminal.says(" left"));
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), 130);
  const std::vector<std::string> lines = lines_drawn(terminal.screen());
  ASSERT_GE(lines.size(), 2U);
  const std::regex shape(R"(epoch \d+/1000000000( \[[#-]{10,30}\])?  loss 0\.\d+  )"
                         R"(gradient \d\.\de-\d\d(  <\d+ (s|min|h|d) left)?)");
  for (const std::string& line : lines) {
    EXPECT_TRUE(std::regex_match(line, shape)) << line;
    EXPECT_LE(line.size(), 79U) << line;
  }
}

TEST(Progress, IsWipedBeforeTheReport) {
  const Folder folder;
  Terminal terminal(folder, endless());
  ASSERT_TRUE(terminal.says("  gradient "));
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), 130);
  const std::string after = terminal.screen().substr(terminal.screen().rfind(wipe) + wipe.size());
  EXPECT_THAT(after, Not(HasSubstr("epoch ")));
  EXPECT_THAT(after, HasSubstr("Fit        logistic regression"));
}

TEST(Progress, FitsANarrowTerminal) {
  for (const int columns : {40, 20, 5}) {
    const Folder folder;
    Terminal terminal(folder, endless(), {static_cast<unsigned short>(columns), {}});
    ASSERT_TRUE(terminal.says(wipe + "epoc")) << columns;
    terminal.press_control_c();
    EXPECT_EQ(terminal.ends_with(), 130);
    const std::vector<std::string> lines = lines_drawn(terminal.screen());
    ASSERT_FALSE(lines.empty());
    for (const std::string& line : lines)
      EXPECT_LT(line.size(), static_cast<std::size_t>(columns)) << line;
  }
}

TEST(Progress, UsesTheRoomOfAWideTerminalForABar) {
  const Folder folder;
  Terminal terminal(folder, endless(), {120, {}});
  EXPECT_TRUE(terminal.says("1000000000 [---"));
}

TEST(Progress, HasNoColours) {
  for (const char* no_color : {"1", ""}) {
    const Folder folder;
    Terminal terminal(folder, endless(), {80, {{"NO_COLOR", no_color}}});
    ASSERT_TRUE(terminal.says("  gradient "));
    terminal.press_control_c();
    EXPECT_EQ(terminal.ends_with(), 130);
    for (const std::string& line : lines_drawn(terminal.screen())) {
      EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    }
    // The word "warning" has one, unless NO_COLOR is set to something.
    const bool coloured = without(terminal.screen(), "\x1b[K").find('\x1b') != std::string::npos;
    EXPECT_EQ(coloured, *no_color == '\0');
  }
}

TEST(Progress, IsNotDrawnWhereItCannotBeOrIsNotWanted) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{}, "dumb"}, {{"--quiet"}, "xterm"}, {{"-v"}, "xterm"}};
  for (const auto& [flags, kind] : cases) {
    const Folder folder;
    Terminal terminal(folder, endless(flags), {80, {{"TERM", kind}, {"NO_COLOR", "1"}}});
    ASSERT_TRUE(terminal.says("Classes "));
    terminal.listen(std::chrono::milliseconds(400));
    terminal.press_control_c();
    EXPECT_EQ(terminal.ends_with(), 130);
    EXPECT_THAT(terminal.screen(), Not(HasSubstr("\x1b"))) << kind;
  }
}

TEST(Progress, TellsOfTheFoldsOfCrossValidation) {
  const Folder folder;
  Terminal terminal(folder, {"train", data_file("breast_cancer.csv"), "--target", "diagnosis",
                             "--l2", "0.01", "--cv", "200"});
  EXPECT_TRUE(terminal.says(wipe + "cross-validation: fit "));
  EXPECT_TRUE(terminal.says("/200 [#"));
}

// ---- Ctrl-C

TEST(ControlC, EndsTrainingAfterTheEpochAndKeepsTheModel) {
  const Folder folder;
  Terminal terminal(folder, endless({"--history", "h.csv"}));
  ASSERT_TRUE(terminal.says("  gradient "));
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), 130);
  EXPECT_THAT(terminal.screen(),
              HasSubstr("ending after this epoch; Ctrl-C again ends at once and keeps nothing\n"));
  EXPECT_THAT(terminal.screen(), HasSubstr("NOT CONVERGED, interrupted: largest entry"));
  EXPECT_THAT(terminal.screen(), HasSubstr("interrupted after "));
  EXPECT_THAT(terminal.screen(), HasSubstr("Model written to m.json\n"));
  EXPECT_EQ(folder.size(), 2);
  const models::Model model = models::read_model((folder / "m.json").string());
  EXPECT_FALSE(model.classifier().fit.converged());
  EXPECT_EQ(model.warnings.back().code, "interrupted");
  EXPECT_EQ(lines_of(folder.get("h.csv")).size(),
            static_cast<std::size_t>(model.classifier().fit.training.epochs) + 2);
  EXPECT_EQ(folder.run({"predict", "m.json", data_file("breast_cancer.csv")}).exit_code, 0);
}

TEST(ControlC, IsToldToPrograms) {
  const Folder folder;
  Terminal terminal(folder, "exec \"$TAPEWISE\" train '" + data_file("breast_cancer.csv") +
                                "' --target diagnosis --model mlp --tolerance 0 "
                                "--epochs 1000000000 --cv none --json -v >out.json");
  ASSERT_TRUE(terminal.says("epoch 10:"));
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), 130);
  const auto root = nlohmann::json::parse(folder.get("out.json"));
  EXPECT_TRUE(root["fit"]["interrupted"]);
  EXPECT_FALSE(root["fit"]["converged"]);
  EXPECT_EQ(root["warnings"].back()["code"], "interrupted");
}

TEST(ControlC, IsNotTheOnlyWayToAsk) {
  const Folder folder;
  Terminal terminal(folder, endless());
  ASSERT_TRUE(terminal.says("  gradient "));
  terminal.send(SIGTERM);
  EXPECT_EQ(terminal.ends_with(), 143);
  EXPECT_NO_THROW(models::read_model((folder / "m.json").string()));
}

// An epoch of this takes seconds.
TEST(ControlC, EndsTheProgramAtOnceTheSecondTime) {
  const Folder folder;
  Terminal terminal(folder,
                    {"train", data_file("breast_cancer.csv"), "--target", "diagnosis", "--hidden",
                     "500,500", "--batch-size", "1", "--cv", "none", "-o", "m.json"});
  ASSERT_TRUE(terminal.says("Classes "));
  terminal.listen(std::chrono::milliseconds(200));
  terminal.press_control_c();
  ASSERT_TRUE(terminal.says("Ctrl-C again ends at once"));
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), -SIGINT);
  EXPECT_EQ(folder.size(), 0);
}

TEST(ControlC, WhileAFileIsReadEndsTheProgramAsAnyOther) {
  const Folder folder;
  Terminal terminal(folder, {"train", "-", "--target", "y", "-o", "m.json"});
  terminal.type("x,y\n");
  // More than a terminal holds: the program is reading.
  for (int row = 0; row < 5000; ++row) terminal.type("1.25,yes\n");
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), -SIGINT) << "128 + 2 of a shell";
  EXPECT_EQ(folder.size(), 0);
}

TEST(ControlC, WhileFoldsAreFittedKeepsTheModelWithoutAnEstimate) {
  const Folder folder;
  Terminal terminal(folder, {"train", data_file("breast_cancer.csv"), "--target", "diagnosis",
                             "--l2", "0.01", "--cv", "200", "-v", "-o", "m.json"});
  ASSERT_TRUE(terminal.says("cross-validation: fit 2 of 200"));
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), 130);
  const models::Model model = models::read_model((folder / "m.json").string());
  EXPECT_TRUE(model.classifier().fit.converged());
  EXPECT_FALSE(model.evaluation);
  EXPECT_EQ(model.warnings.back().message,
            "interrupted: nothing is known of how it predicts new rows");
}

TEST(ControlC, ClaimsNoThresholdThatWasNotChosen) {
  const Folder folder;
  Terminal terminal(folder, {"train", data_file("breast_cancer.csv"), "--target", "diagnosis",
                             "--threshold", "f1", "--solver", "gd", "--tolerance", "0", "--epochs",
                             "1000000000", "-v", "-o", "m.json"});
  ASSERT_TRUE(terminal.says("epoch 10:"));
  terminal.press_control_c();
  EXPECT_EQ(terminal.ends_with(), 130);
  const models::Model model = models::read_model((folder / "m.json").string());
  EXPECT_FALSE(model.threshold.is_learned());
  EXPECT_EQ(model.classifier().threshold, 0.5);
  EXPECT_EQ(model.warnings.back().message,
            "interrupted: the threshold is 0.5, since none was chosen by f1");
}

TEST(ControlC, IsIgnoredWhereTheShellIgnoresIt) {
  const Folder folder;
  Terminal terminal(folder, "trap '' INT; exec \"$TAPEWISE\" train '" +
                                data_file("breast_cancer.csv") +
                                "' --target diagnosis --solver gd --tolerance 0 "
                                "--epochs 1000000000 --cv none -v");
  ASSERT_TRUE(terminal.says("epoch 10:"));
  terminal.press_control_c();
  EXPECT_TRUE(terminal.says("epoch 1000:"));
  terminal.send(SIGTERM);
  EXPECT_EQ(terminal.ends_with(), 143);
}

// ---- --quiet and --verbose

TEST(Quiet, LeavesWarningsAndTheResult) {
  const Folder folder;
  folder.put("d.csv", "id,x,c,y\na1,1,a,no\na2,2,b,no\na3,3,a,yes\na4,1.5,b,yes\na5,2.5,a,no\n");
  const std::vector<std::string> train{"train", "d.csv", "--target", "y", "-o", "m.json"};
  const Outcome usual = folder.run(train);
  ASSERT_THAT(usual.err, HasSubstr("info: "));
  for (const char* flag : {"-q", "--quiet"}) {
    std::vector<std::string> words = train;
    words.emplace_back(flag);
    const Outcome quiet = folder.run(words);
    EXPECT_EQ(quiet.exit_code, 0);
    EXPECT_EQ(quiet.out, usual.out);
    std::string warnings;
    for (const std::string& line : lines_of(usual.err)) {
      if (!line.starts_with("info: ")) warnings += line + "\n";
    }
    EXPECT_NE(warnings, "");
    EXPECT_EQ(quiet.err, warnings);
  }
}

TEST(Quiet, IsAFlagOfAllThatTakesLong) {
  const Folder folder;
  const std::string hours = data_file("hours.csv");
  const std::vector<std::vector<std::string>> commands{
      {"train", hours, "--target", "pass", "-o", "m.json"},
      {"describe", hours},
      {"predict", "m.json", hours},
      {"evaluate", "m.json", hours}};
  for (std::vector<std::string> words : commands) {
    const Outcome usual = folder.run(words);
    words.emplace_back("--quiet");
    const Outcome quiet = folder.run(words);
    EXPECT_EQ(quiet.exit_code, 0);
    EXPECT_EQ(quiet.out, usual.out);
    EXPECT_THAT(quiet.err, Not(HasSubstr("info: ")));
    words.back() = "--verbose";
    const Outcome verbose = folder.run(words);
    EXPECT_EQ(verbose.exit_code, 0);
    EXPECT_EQ(verbose.out, usual.out);
    EXPECT_THAT(verbose.err, HasSubstr("debug: " + hours + ": 20 rows, 2 columns read "));
    words.emplace_back("-q");
    expect_wrong_use(folder.run(words), "--quiet and --verbose: only one of them can be given");
  }
}

TEST(Verbose, TellsOfSolversAndOfEpochsTheLaterTheFewer) {
  const Folder folder;
  const std::string hours = data_file("hours.csv");
  const Outcome gd = folder.run({"train", hours, "--target", "pass", "--solver", "gd", "--epochs",
                                 "250", "--tolerance", "0", "--cv", "none", "-v"});
  std::vector<std::string> epochs;
  for (const std::string& line : lines_of(gd.err)) {
    if (line.starts_with("debug: epoch "))
      epochs.push_back(line.substr(13, line.find(':', 13) - 13));
  }
  EXPECT_EQ(epochs, (std::vector<std::string>{"0",  "1",  "2",  "3",  "4",  "5",   "6",
                                              "7",  "8",  "9",  "10", "20", "30",  "40",
                                              "50", "60", "70", "80", "90", "100", "200"}));
  EXPECT_THAT(gd.err, HasSubstr("debug: epoch 0: loss 0.6931472, gradient "));
  const Outcome both = folder.run({"train", hours, "--target", "pass", "--cv", "2", "-v"});
  EXPECT_THAT(both.err, HasSubstr("debug: gd from epoch 0 on\n"));
  EXPECT_THAT(both.err, HasSubstr("debug: newton from epoch 6 on\n"));
  EXPECT_THAT(both.err, HasSubstr("debug: cross-validation: fit 2 of 2\n"));
}

}  // namespace
}  // namespace apps::testing
