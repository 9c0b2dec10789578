// --history and --plot of train, and that watching changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/data/csv.h"
#include "models/fit.h"
#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> train_on(const std::string& file, const std::string& target,
                                  std::vector<std::string> more) {
  std::vector<std::string> words{"train", data_file(file), "--target", target, "--cv", "none"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// ---- --history

std::vector<models::EpochReport> reports_of(const models::FitOptions& options) {
  const models::Dataset data =
      models::make_dataset(models::read_csv(data_file("breast_cancer.csv")), "diagnosis");
  std::vector<models::EpochReport> reports;
  models::fit(data, options, [&](const models::EpochReport& report) { reports.push_back(report); });
  return reports;
}

void expect_history(const std::filesystem::path& path,
                    const std::vector<models::EpochReport>& reports) {
  const models::Table table = models::read_csv(path.string());
  const bool validated = reports.front().validation_loss.has_value();
  ASSERT_EQ(table.rows(), reports.size());
  ASSERT_EQ(table.columns.size(), validated ? 5U : 4U);
  for (std::size_t k = 0; k < reports.size(); ++k) {
    EXPECT_EQ(table.find("epoch")->numbers[k], static_cast<double>(reports[k].epoch));
    EXPECT_EQ(table.find("solver")->cell(k), reports[k].solver);
    EXPECT_EQ(table.find("loss")->numbers[k], reports[k].loss);
    EXPECT_EQ(table.find("gradient_norm")->numbers[k], reports[k].gradient_norm);
    if (validated) {
      EXPECT_EQ(table.find("validation_loss")->numbers[k], *reports[k].validation_loss);
    }
  }
}

TEST(History, HasTheNumbersOfEachEpochToTheLastDigit) {
  const Folder folder;
  expect_quiet_success(folder.run(
      train_on("breast_cancer.csv", "diagnosis", {"--l2", "0.01", "--history", "h.csv"})));
  models::FitOptions options;
  options.penalty.l2 = 0.01;
  expect_history(folder / "h.csv", reports_of(options));
}

TEST(History, HasTheLossOfRowsKeptAside) {
  const Folder folder;
  const Outcome outcome =
      folder.run(train_on("breast_cancer.csv", "diagnosis",
                          {"--solver", "adam", "--learning-rate", "0.1", "--validation", "0.25",
                           "--patience", "3", "--epochs", "60", "--history", "h.csv"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  models::FitOptions options;
  options.minimise.solver = models::Solver::adam;
  options.minimise.epochs = 60;
  options.learning_rate = 0.1;
  options.validation_share = 0.25;
  options.patience = 3;
  expect_history(folder / "h.csv", reports_of(options));
}

TEST(History, ReplacesNothingThatIsRead) {
  const Folder folder;
  folder.put("d.csv", "x,y\n1,a\n2,b\n");
  expect_wrong_use(folder.run({"train", "d.csv", "--target", "y", "--history", "./d.csv"}),
                   "--history: \"./d.csv\" is a file that is read; it would be lost");
  expect_wrong_use(folder.run({"train", "d.csv", "--target", "y", "--history", ""}),
                   "--history: a value is expected, not \"\"");
  expect_wrong_use(
      folder.run({"train", "d.csv", "--target", "y", "-o", "m.json", "--history", "./m.json"}),
      "--history: \"./m.json\" is the file of --output, too");
  EXPECT_EQ(folder.get("d.csv"), "x,y\n1,a\n2,b\n");
}

TEST(History, ThatCannotBeWrittenCostsNoModel) {
  const Folder folder;
  const Outcome outcome =
      folder.run(train_on("hours.csv", "pass", {"-o", "m.json", "--history", "/dev/full"}));
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.err, "error: /dev/full: cannot be written: No space left on device\n");
  EXPECT_TRUE(folder.has("m.json"));
}

// ---- --plot

// hours.csv by gradient descent: see tests/data/README.md.
TEST(Plot, IsDrawnInAsciiWhereTheLocaleIsNotOfUtf8) {
  const Folder folder;
  const Outcome outcome =
      folder.shell("export LC_ALL=C; tapewise train '" + data_file("hours.csv") +
                   "' --target pass --solver gd --learning-rate 0.1 --epochs 40 --cv none --plot "
                   "2>log | tail -n 19");
  EXPECT_EQ(outcome.out, R"(Loss by epoch
    0.693 +**
          |  **
          |   ***
          |      ***
          |        ***
    0.621 +           ***
          |             ****
          |                 ***
          |                    ****
          |                        *****
     0.55 +                            ******
          |                                  *****
          |                                       ******
          |                                             ********
          |                                                     *********
    0.478 +                                                              ******
          +--------------------------------------------------------------------
           0                              epoch                              40
)");
}

TEST(Plot, IsDrawnInBrailleWhereItIs) {
  const Folder folder;
  const Outcome outcome =
      folder.shell("export LC_ALL=C.UTF-8; tapewise train '" + data_file("hours.csv") +
                   "' --target pass --solver gd --learning-rate 0.1 --epochs 40 --cv none --plot "
                   "2>log | tail -n 19");
  EXPECT_EQ(outcome.out, R"(Loss by epoch
    0.693 ┤⠑⢄
          │  ⠑⢄⡀
          │    ⠑⢄⡀
          │      ⠈⠢⡀
          │        ⠈⠱⢄
    0.621 ┤           ⠉⠢⣀
          │              ⠉⠢⣀
          │                 ⠙⠢⢄⡀
          │                    ⠈⠒⠤⣀
          │                        ⠉⠲⠤⣀
     0.55 ┤                            ⠉⠒⠤⣄⡀
          │                                ⠈⠉⠒⠤⢄⡀
          │                                     ⠈⠉⠒⠢⠤⣄⡀
          │                                           ⠈⠉⠒⠒⠤⢄⣀⡀
          │                                                  ⠈⠉⠑⠒⠢⠤⢄⣀⣀
    0.478 ┤                                                           ⠉⠉⠓⠒⠲⠤⠤⣄⣀
          └────────────────────────────────────────────────────────────────────
           0                              epoch                              40
)");
}

TEST(Plot, HasACurveForTheRowsKeptAside) {
  const Folder folder;
  const Outcome outcome =
      folder.shell("export LC_ALL=C; tapewise train '" + data_file("breast_cancer.csv") +
                   "' --target diagnosis --solver gd --learning-rate 0.02 --epochs 40 --cv none "
                   "--validation 0.25 --plot 2>log | tail -n 19");
  EXPECT_EQ(outcome.out, R"(Loss by epoch: * training, o validation
    0.693 +*
          | **
          |   *
          |   **
          |     **
    0.549 +       **
          |         ***
          |           o**
          |             o****
          |                 o****
    0.404 +                     o*****
          |                         oo******
          |                               oo********
          |                                      ooo***********
          |                                               ooooo**************
     0.26 +                                                           ooooooo**
          +--------------------------------------------------------------------
           0                              epoch                              40
)");
}

TEST(Plot, OfASingleEpochIsADot) {
  const Folder folder;
  const Outcome outcome =
      folder.shell("export LC_ALL=C; tapewise train '" + data_file("hours.csv") +
                   "' --target pass --solver gd --epochs 0 --cv none --plot 2>log | tail -n 19");
  const std::vector<std::string> lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 19U);
  EXPECT_EQ(lines[0], "Loss by epoch");
  EXPECT_EQ(lines[1], "    0.693 +");
  EXPECT_EQ(lines[9], "          |*");
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '*'), 1);
}

TEST(Plot, IsNotForPrograms) {
  const Folder folder;
  expect_wrong_use(
      folder.run({"train", "d.csv", "--target", "y", "--plot", "--json"}),
      "--plot and --json: a curve is for people, an object for programs; leave one out");
}

// ---- and that nothing depends on who watches

TEST(Watching, ChangesNoBitOfTheModel) {
  for (const std::string solver : {"auto", "gd", "adam", "lbfgs"}) {
    const Folder folder;
    const std::vector<std::string> usual =
        train_on("breast_cancer.csv", "diagnosis",
                 {"--solver", solver, "--l2", solver == "adam" ? "0" : "0.01", "--epochs", "50",
                  "-o", "m.json"});
    ASSERT_EQ(folder.run(usual).exit_code, 0);
    auto model = nlohmann::json::parse(folder.get("m.json"));
    std::vector<std::string> watched = usual;
    watched.insert(watched.end(), {"--history", "h.csv", "--plot", "-v"});
    ASSERT_EQ(folder.run(watched).exit_code, 0);
    auto other = nlohmann::json::parse(folder.get("m.json"));
    ASSERT_TRUE(folder.has("h.csv"));
    for (const char* field : {"command", "checksum"}) {
      model.erase(field);
      other.erase(field);
    }
    EXPECT_TRUE(model == other) << solver;
  }
}

}  // namespace
}  // namespace apps::testing
