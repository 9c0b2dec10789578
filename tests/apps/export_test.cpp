// tapewise export, run as a program. What models of all kinds are exported to is tested in
// tests/models/export/.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "models/data/number.h"
#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A folder with the model iris.json.
class Export : public ::testing::Test {
 protected:
  void SetUp() override {
    const Outcome trained = folder_.run(
        {"train", data_file("iris.csv"), "--target", "species", "--cv", "none", "-o", "iris.json"});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
  }
  Folder folder_;
};

TEST_F(Export, WritesCThatAnswersAsPredictDoes) {
  expect_quiet_success(folder_.run({"export", "iris.json", "--to", "c", "-o", "iris.c"}));
  folder_.put("main.c", R"(#include <stdio.h>
#include "iris.c"
int main(void) {
  struct iris_row row;
  while (getchar() != '\n') continue;
  while (scanf("%lf,%lf,%lf,%lf,%*s", &row.sepal_length, &row.sepal_width, &row.petal_length,
               &row.petal_width) == 4) {
    double p[iris_class_count];
    const int found = iris_predict(&row, p);
    if (found < 0) return 1;
    printf("%s,%.17g,%.17g,%.17g\n", iris_classes[found], p[iris_class_setosa],
           p[iris_class_versicolor], p[iris_class_virginica]);
  }
  return 0;
}
)");
  const Outcome run = folder_.shell(
      "cc -std=c99 -Wall -Wextra -Wpedantic -Werror -o iris main.c -lm && ./iris < '" +
      data_file("iris.csv") + "'");
  expect_quiet_success(run);
  const Outcome predicted = folder_.run({"predict", "iris.json", data_file("iris.csv")});
  const std::vector<std::string> expected = lines_of(predicted.out);
  const std::vector<std::string> found = lines_of(run.out);
  ASSERT_EQ(expected[0], "species,probability_setosa,probability_versicolor,probability_virginica");
  ASSERT_EQ(found.size() + 1, expected.size());
  for (std::size_t row = 0; row < found.size(); ++row) {
    const std::vector<std::string> left = models::between_commas(found[row]);
    const std::vector<std::string> right = models::between_commas(expected[row + 1]);
    EXPECT_EQ(left[0], right[0]);
    for (std::size_t k = 1; k < 4; ++k) {
      EXPECT_NEAR(models::parse_number(left[k]).value, models::parse_number(right[k]).value, 1e-15);
    }
  }
}

TEST_F(Export, WritesToStandardOutputUnlessAFileIsNamed) {
  for (const char* const format : {"c", "onnx"}) {
    const Outcome printed = folder_.run({"export", "iris.json", "--to", format, "--name", "m"});
    EXPECT_EQ(printed.exit_code, 0);
    EXPECT_EQ(printed.err, "");
    EXPECT_GT(printed.out.size(), 500U);
    const Outcome written =
        folder_.run({"export", "iris.json", "--to", format, "--name", "m", "-o", "written"});
    expect_quiet_success(written);
    EXPECT_EQ(written.out, "");
    EXPECT_EQ(folder_.get("written"), printed.out);
  }
}

TEST_F(Export, NamesWhatItDeclaresAfterTheFile) {
  EXPECT_THAT(folder_.run({"export", "iris.json", "--to", "c"}).out,
              HasSubstr("int iris_predict(const struct iris_row *row, "));
  EXPECT_EQ(folder_.run({"export", "iris.json", "--to", "c", "-o", "2-flowers.c"}).exit_code, 0);
  EXPECT_THAT(folder_.get("2-flowers.c"), HasSubstr("int model_2_flowers_predict("));
  EXPECT_THAT(folder_.run({"export", "iris.json", "--to", "c", "--name", "plant"}).out,
              HasSubstr("int plant_predict("));
}

TEST_F(Export, TakesUnknownCategoriesForTheReferenceWhereItIsTold) {
  folder_.put("d.csv", "colour,y\nred,a\nblue,b\nred,b\nblue,a\nred,a\nblue,b\n");
  ASSERT_EQ(
      folder_.run({"train", "d.csv", "--target", "y", "--cv", "none", "-o", "m.json"}).exit_code,
      0);
  EXPECT_THAT(folder_.run({"export", "m.json", "--to", "c"}).out,
              HasSubstr("if (level < 0) return m_unknown;"));
  EXPECT_THAT(folder_.run({"export", "m.json", "--to", "c", "--unknown", "ignore"}).out,
              ::testing::Not(HasSubstr("return m_unknown;")));
}

TEST_F(Export, DoesNotWriteBytesToATerminal) {
  // The side of a pseudo-terminal that anyone may open.
  const Outcome outcome = folder_.run({"export", "iris.json", "--to", "onnx"}, "/dev/ptmx");
  expect_wrong_use(outcome,
                   "ONNX is binary, and standard output is a terminal: -o FILE writes a file");
}

TEST_F(Export, DoesNotReplaceTheModelItReads) {
  const std::string before = folder_.get("iris.json");
  const Outcome outcome = folder_.run({"export", "iris.json", "--to", "c", "-o", "./iris.json"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("./iris.json"));
  EXPECT_EQ(folder_.get("iris.json"), before);
}

TEST_F(Export, LeavesTheOldFileWhereTheModelCannotBeRead) {
  folder_.put("old.c", "old");
  folder_.put("broken.json", "{");
  const Outcome outcome = folder_.run({"export", "broken.json", "--to", "c", "-o", "old.c"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.err, StartsWith("error: broken.json"));
  EXPECT_EQ(folder_.get("old.c"), "old");
  EXPECT_EQ(folder_.run({"export", "none.json", "--to", "c"}).exit_code, 4);
}

TEST_F(Export, SaysWhatItCanExportTo) {
  const Outcome outcome = folder_.run({"export", "iris.json", "--to", "java"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("one of c, onnx is expected"));
  EXPECT_EQ(folder_.run({"export", "iris.json"}).exit_code, 2);
  EXPECT_EQ(folder_.run({"export", "iris.json", "--to", "c", "--name", ""}).exit_code, 2);
}

}  // namespace
}  // namespace apps::testing
