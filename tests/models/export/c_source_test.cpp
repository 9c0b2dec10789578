// Models as C: compiled, run and held against what they predict.
#include "models/export/c_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "models/data/number.h"
#include "models/export/c_functions.h"
#include "models/export/c_text.h"
#include "tests/models/export/examples.h"

namespace models::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

#if defined(__FMA__) || defined(__aarch64__)
constexpr double allowed = 0.0;  // the same bits
#else
constexpr double allowed = 1e-15;
#endif

constexpr const char* strict = "-std=c99 -Wall -Wextra -Wpedantic -Werror";

// Compiles and runs; what the program prints.
std::string output_of(const TemporaryFolder& folder, const std::string& flags = strict) {
  const std::string at = folder.path().string();
  const std::string line = "cd '" + at + "' && cc " + flags +
                           " -o driver driver.c -lm >log 2>&1 && ./driver >out 2>>log";
  EXPECT_EQ(std::system(line.c_str()), 0) << get(folder / "log");
  return get(folder / "out");
}

// The members of a row as initialisers.
std::string initialiser(const Table& table, const FeatureEncoding& encoding, std::size_t row) {
  std::string text = "{";
  for (const ColumnEncoding& each : encoding.columns) {
    const Column& column = *table.find(each.name);
    text += text.size() > 1 ? ", " : "";
    if (column.is_missing(row)) {
      text += each.is_categorical() ? "NULL" : "NAN";
    } else if (each.is_categorical()) {
      text += c_string(column.cell(row));
    } else {
      text += c_number(column.numbers[row]);
    }
  }
  return text + "}";
}

// Prints, for each row, the class and the bits of the probabilities.
std::string driver_of(const std::vector<std::string>& models, const std::string& rows) {
  std::string text = "#include <math.h>\n#include <stdio.h>\n";
  for (const std::string& name : models) text += "#include \"" + name + ".c\"\n";
  text += "#define ROWS " + rows + "\nint main(void) {\n  size_t i;\n  int k;\n";
  for (const std::string& name : models) {
    text += with_prefix(R"(  {
    static const struct @row rows[] = {ROWS};
    for (i = 0; i < sizeof rows / sizeof *rows; ++i) {
      double p[@class_count];
      const int found = @predict(&rows[i], p);
      if (found != @predict(&rows[i], NULL)) return 1;
      printf("%d", found);
      for (k = 0; found >= 0 && k < @class_count; ++k) printf(" %a", p[k]);
      printf("\n");
    }
  }
)",
                        name + "_");
  }
  return text + "  return 0;\n}\n";
}

struct Comparison {
  std::size_t answers = 0;
  std::map<int, std::size_t> errors;
  double largest = 0.0;
};

// Reads what the driver printed of one model.
void compare(std::istream& printed, const Classifier& model, const Table& table,
             UnknownPolicy unknown, Comparison& all) {
  const std::vector<std::size_t> order = sorted_order(model.classes, model.encoding.decimal);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Expected expected = expected_of(model, table, row, unknown);
    int found = 0;
    printed >> found;
    const std::string where = to_string(model.architecture.activation) + ", row " +
                              std::to_string(row) + ", of " + std::to_string(model.classes.size()) +
                              " classes";
    if (expected.error != 0) {
      ASSERT_EQ(found, expected.error) << where;
      ++all.errors[found];
      continue;
    }
    ASSERT_GE(found, 0) << where;
    ++all.answers;
    EXPECT_EQ(order[static_cast<std::size_t>(found)], expected.label) << where;
    for (const std::size_t k : order) {
      std::string number;
      printed >> number;
      const double difference =
          std::abs(std::strtod(number.c_str(), nullptr) - expected.probabilities[k]);
      EXPECT_LE(difference, allowed) << where << ", class " << k;
      all.largest = std::max(all.largest, difference);
    }
  }
}

Comparison compared(const std::vector<Classifier>& models, const Table& table,
                    UnknownPolicy unknown) {
  const TemporaryFolder folder;
  std::vector<std::string> names;
  for (const Classifier& model : models) {
    names.push_back("m" + std::to_string(names.size()));
    put(folder / (names.back() + ".c"), c_source(model, {names.back(), unknown, "1.2.3"}));
  }
  std::string rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    rows += (row > 0 ? ", " : "") + initialiser(table, models[0].encoding, row);
  }
  put(folder / "driver.c", driver_of(names, rows));
  std::istringstream printed(output_of(folder));
  Comparison all;
  for (const Classifier& model : models) compare(printed, model, table, unknown, all);
  return all;
}

TEST(CSource, OfEveryKindAndActivationPredictsTheSameBitsFromRowsOfAllKinds) {
  const FeatureEncoding encoding = odd_encoding(MissingPolicy::mean_and_flag);
  const Table table = table_of(odd_rows(40, true), uses_of(encoding));
  const std::vector<Classifier> models = models_of_all_kinds(encoding);
  const Comparison found = compared(models, table, UnknownPolicy::ignore);
  EXPECT_GT(found.answers, models.size() * 60);
  EXPECT_EQ(found.errors.count(-1), 0U) << "missing cells are filled";
  EXPECT_EQ(found.errors.count(-2), 0U) << "unknown categories are ignored";
}

TEST(CSource, RefusesWhatPredictRefuses) {
  const FeatureEncoding encoding = odd_encoding(MissingPolicy::error);
  const Table table = table_of(odd_rows(100, true), uses_of(encoding));
  const Comparison found =
      compared({drawn_model(encoding, {"a", "b"}, 1, {}, "tanh", 1, 30.0),
                drawn_model(encoding, {"a", "b", "c"}, 2, {4}, "relu", 2, 30.0)},
               table, UnknownPolicy::error);
  EXPECT_GT(found.answers, 40U);
  EXPECT_GT(found.errors.at(-1), 10U);
  EXPECT_GT(found.errors.at(-2), 5U);
  EXPECT_GT(found.errors.at(-3), 0U);
}

// One number through one unit: the functions alone, over the whole range of a double.
TEST(CSource, ComputesItsFunctionsToTheLastBit) {
  autograd::Random random(3);
  std::string text = "x\n0\n-0\n5e-324\n-5e-324\n1e300\n-1e300\n37\n-37\n745.2\n-745.2\n";
  for (int k = 0; k < 400; ++k) {
    const double size = std::exp2(random.uniform(-60.0, 10.0));
    text += shortest(k % 2 == 0 ? size : -size) + "\n";
  }
  const Table table = table_of(text);
  const FeatureEncoding encoding = encoding_of_numbers(std::vector<std::string>{"x"});
  std::vector<Classifier> models{drawn_model(encoding, {"a", "b"}, 1, {}, "tanh", 1),
                                 drawn_model(encoding, {"a", "b", "c"}, 2, {}, "tanh", 1)};
  for (const std::string& activation : activation_names()) {
    models.push_back(drawn_model(encoding, {"a", "b"}, 1, {1}, activation, 1));
  }
  for (Classifier& model : models) model.standardisation = {{0.0}, {1.0}};
  models[0].parameters = {1.0, 0.0};
  const Comparison found = compared(models, table, UnknownPolicy::error);
  EXPECT_EQ(found.answers, models.size() * table.rows());
}

TEST(CSource, HasTheNamesOfTheClassesByteForByte) {
  const Classifier model = drawn_model(encoding_of_numbers(std::vector<std::string>{"x"}),
                                       {"b\"\\?\?/1", "a\t\x7Fü9", "", "c@d%s"}, 4, {}, "tanh", 1);
  const TemporaryFolder folder;
  put(folder / "m.c", c_source(model, {"m", UnknownPolicy::error, "1"}));
  put(folder / "driver.c",
      "#include <stdio.h>\n#define M_DECLARATIONS_ONLY\n#include \"m.c\"\n"
      "#undef M_DECLARATIONS_ONLY\n#include \"m.c\"\n"
      "int main(void) {\n  int k;\n  for (k = 0; k < m_class_count; ++k) "
      "printf(\"%s|\", m_classes[k]);\n  return 0;\n}\n");
  EXPECT_EQ(output_of(folder), "|a\t\x7Fü9|b\"\\?\?/1|c@d%s|");
}

TEST(CSource, IsCPlusPlusTooAndKeepsItsBitsWhereProductsMayBeFused) {
  const FeatureEncoding encoding = odd_encoding(MissingPolicy::mean);
  const TemporaryFolder folder;
  const Classifier model = drawn_model(encoding, {"a", "b"}, 1, {4}, "softplus", 1);
  put(folder / "m.c", c_source(model, {"m", UnknownPolicy::ignore, "1"}));
  const Table table = table_of(odd_rows(30, false), uses_of(encoding));
  std::string rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    rows += (row > 0 ? ", " : "") + initialiser(table, encoding, row);
  }
  put(folder / "driver.c", driver_of({"m"}, rows));
  const std::string plain = output_of(folder);
  EXPECT_EQ(output_of(folder, "-x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -O2"), plain);
  EXPECT_EQ(output_of(folder, "-std=gnu99 -march=native -O2"), plain);
}

TEST(CSource, SaysWhatItsColumnsAre) {
  const FeatureEncoding encoding = odd_encoding(MissingPolicy::mean);
  const Classifier model = drawn_model(encoding, {"no", "yes"}, 1, {}, "tanh", 1);
  const std::string text = c_source(model, {"1 model!", UnknownPolicy::error, "1.2.3"});
  EXPECT_THAT(text, HasSubstr("Written by tapewise 1.2.3."));
  EXPECT_THAT(text, HasSubstr("struct model_1_model_row {\n  double int_; /* \"int\"; missing: "));
  EXPECT_THAT(text, HasSubstr("  double a_b; /* \"a b\""));
  EXPECT_THAT(text, HasSubstr("  double a_b_2; /* \"a-b\""));
  EXPECT_THAT(text, HasSubstr("  double gr_e; /* \"größe\""));
  EXPECT_THAT(text, HasSubstr("  double column; /* \"日本\""));
  EXPECT_THAT(text, HasSubstr("  double column_2; /* \"* / / * ?\?/ \\\\\""));
  EXPECT_THAT(text, HasSubstr("  double column_1st; /* \"1st\""));
  EXPECT_THAT(text, HasSubstr("  double x_y; /* \"x@y\""));
  EXPECT_THAT(text, HasSubstr("  const char *NULL_; /* \"NULL\": \"no\" (the reference), \"yes\""));
  EXPECT_THAT(text, HasSubstr("\"yes\" is predicted where its probability is at least 0.5."));
  EXPECT_THAT(text, HasSubstr("  model_1_model_class_no = 0, /* \"no\" */"));
}

TEST(CSource, BringsAlongNoFunctionItDoesNotCall) {
  const FeatureEncoding encoding = encoding_of_numbers(std::vector<std::string>{"x"});
  const auto source = [&](const std::string& activation) {
    return c_source(drawn_model(encoding, {"a", "b"}, 1, {2}, activation, 1),
                    {"m", UnknownPolicy::error, "1"});
  };
  EXPECT_THAT(source("relu"), Not(HasSubstr("m_expm1")));
  EXPECT_THAT(source("relu"), Not(HasSubstr("m_level")));
  EXPECT_THAT(source("elu"), HasSubstr("m_expm1"));
  EXPECT_THROW(c_functions({"erf"}), std::invalid_argument);
}

TEST(CSource, RefusesParametersThatAreNotThoseOfTheArchitecture) {
  Classifier model = drawn_model(encoding_of_numbers(std::vector<std::string>{"x"}), {"a", "b"}, 1,
                                 {2}, "tanh", 1);
  model.parameters.push_back(1.0);
  EXPECT_THROW(c_source(model, {}), std::invalid_argument);
  model.parameters.resize(3);
  EXPECT_THROW(c_source(model, {}), std::invalid_argument);
}

TEST(CText, MakesIdentifiersThatAreNeitherKeywordsNorUsedTwice) {
  CNames names;
  EXPECT_EQ(names.unique("class", "column"), "class_");
  EXPECT_EQ(names.unique("class_", "column"), "class_2");
  EXPECT_EQ(names.unique("M_PI", "column"), "M_PI_");
  EXPECT_EQ(names.unique("AGE", "column"), "AGE");
  EXPECT_EQ(names.unique("age", "column"), "age");
  EXPECT_EQ(names.unique("age", "column"), "age_2");
  EXPECT_EQ(names.unique("age 2", "column"), "age_2_2");
  EXPECT_EQ(names.unique("__x", "column"), "x");
  EXPECT_EQ(names.unique("ä", "column"), "column");
  EXPECT_EQ(names.unique("", "column"), "column_2");
}

TEST(CText, WritesNumbersThatAreDoubles) {
  EXPECT_EQ(c_number(1.0), "1.0");
  EXPECT_EQ(c_number(-0.0), "-0.0");
  EXPECT_EQ(c_number(1e300), "1e+300");
  EXPECT_EQ(c_number(0.1), "0.1");
}

}  // namespace
}  // namespace models::testing
