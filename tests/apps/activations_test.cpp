// tapewise activations, run as a program. Golden numbers are worked out to 30 digits with mpmath
// from the formulas of autograd/rules/activations.h, and rounded to the six the program shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "autograd/explain/rule_formula.h"
#include "autograd/operations/families.h"
#include "autograd/rules/catalogue.h"
#include "models/multilayer_perceptron.h"
#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::HasSubstr;

// With these words behind the command, in a locale.
std::string shown_in(const std::string& locale, const std::string& words) {
  const Folder folder;
  const Outcome outcome =
      folder.shell("LC_ALL=" + locale + "; export LC_ALL; tapewise activations " + words);
  expect_quiet_success(outcome);
  return outcome.out;
}

std::string shown(const std::string& words) { return shown_in("C.UTF-8", words); }

// The blocks of the overview begin with the name and a colon.
bool has_block_of(const std::string& text, const std::string& name) {
  return text.starts_with(name + ": ") || text.find("\n" + name + ": ") != std::string::npos;
}

// ---- without a name

TEST(ActivationTable, HasEveryActivationOfTrainingAndOfTheCatalogue) {
  const std::string table = shown("");
  for (const std::string& name : models::activation_names()) {
    EXPECT_TRUE(has_block_of(table, name)) << name;
  }
  for (const autograd::Rule* rule : autograd::operations::activation_rules()) {
    EXPECT_TRUE(has_block_of(table, std::string(rule->info.name))) << rule->info.name;
  }
  for (const std::string name : {"softmax", "log_softmax", "maxout"}) {
    EXPECT_TRUE(has_block_of(table, name)) << name;
  }
}

TEST(ActivationTable, HasFormulasAndSlopesAsTheRulesPrintThem) {
  const std::string table = shown("");
  const std::string ascii = shown("--ascii");
  for (const std::string name : {"sigmoid", "tanh", "relu", "hard_logistic", "hard_tanh",
                                 "softplus", "softmax", "log_softmax"}) {
    const autograd::Rule& rule = *autograd::find_rule(name);
    const autograd::Formula value = formula_of(rule, {"x"});
    const autograd::Formula slope = slope_formula_of(rule, 0, {"x"}, "y");
    EXPECT_THAT(table, HasSubstr("  y = " + value.text())) << name;
    EXPECT_THAT(table, HasSubstr(" = " + slope.text() + "\n")) << name;
    EXPECT_THAT(ascii, HasSubstr("  y = " + value.text(autograd::FormulaStyle::ascii))) << name;
  }
  EXPECT_THAT(table, HasSubstr("  y' = (1 if x > 0 else alpha · exp(x))\n"));
}

TEST(ActivationTable, SaysWhatPyTorchCallsThem) {
  const std::string table = shown("");
  EXPECT_THAT(table, HasSubstr("  Range (0, 1), Sigmoid in PyTorch\n"));
  EXPECT_THAT(table,
              HasSubstr("  Range (-∞, ∞) for a slope > 0, LeakyReLU in PyTorch, slope = 0.01\n"));
  EXPECT_THAT(table, HasSubstr("  Range [0, 1], not in PyTorch\n"));
  EXPECT_THAT(squeezed(table), HasSubstr("PyTorch's Hardsigmoid is"));
}

TEST(ActivationTable, FitsEightyColumns) {
  for (const std::string words : {"", "sigmoid", "hard_logistic", "maxout:3", "softmax",
                                  "hard_logistic sigmoid", "generalized_logistic:0.5 elu:2 relu"}) {
    for (const std::string& line : lines_of(shown(words + " --ascii"))) {
      EXPECT_LE(line.size(), 80U) << line;
    }
  }
}

TEST(ActivationTable, IsPlainAsciiWhereItIsAskedForAndWhereTheLocaleIs) {
  for (const std::string words : {"", "elu", "tanh hard_tanh", "softmax", "maxout"}) {
    const std::string text = shown_in("C", words);
    EXPECT_EQ(text, shown(words + " --ascii"));
    for (const char c : text) ASSERT_GE(c, 0) << words;
    EXPECT_NE(text, shown(words)) << words;
  }
}

// ---- at points

TEST(Activations, ShowValueSlopeAndSecondDerivativeAtPoints) {
  EXPECT_THAT(squeezed(shown("sigmoid --at -2,0,2")),
              HasSubstr("\nx y y' y'' check\n"
                        "-2 0.119203 0.104994 0.0799625 PASS\n"
                        "0 0.5 0.25 0 PASS\n"
                        "2 0.880797 0.104994 -0.0799625 PASS\n"));
  EXPECT_THAT(squeezed(shown("tanh --at 1")), HasSubstr("\n1 0.761594 0.419974 -0.6397 PASS\n"));
  EXPECT_THAT(squeezed(shown("softplus --at 1")),
              HasSubstr("\n1 1.31326 0.731059 0.196612 PASS\n"));
}

TEST(Activations, TakeTheirParameterBehindAColon) {
  EXPECT_THAT(squeezed(shown("elu:2 --at -1")),
              HasSubstr("\n-1 -1.26424 0.735759 0.735759 PASS\n"));
  EXPECT_THAT(squeezed(shown("generalized_logistic:0.5 --at 1")),
              HasSubstr("\n1 0.85502 0.114975 -0.0685927 PASS\n"));
  EXPECT_THAT(squeezed(shown("leaky_relu:0.1 --at -2")), HasSubstr("\n-2 -0.2 0.1 0 PASS\n"));
  EXPECT_THAT(squeezed(shown("prelu:0.25 --at -2")), HasSubstr("\n-2 -0.5 0.25 0 PASS\n"));
  EXPECT_THAT(squeezed(shown("prelu --at -2")), HasSubstr("\n-2 -0.5 0.25 0 PASS\n"));
  EXPECT_THAT(squeezed(shown("leaky_relu --at -2")), HasSubstr("\n-2 -0.02 0.01 0 PASS\n"));
}

TEST(Activations, KeepTheSlopesDigitsInTheTails) {
  EXPECT_THAT(squeezed(shown("sigmoid --at 40")),
              HasSubstr("\n40 1 4.24835e-18 -4.24835e-18 PASS\n"));
}

TEST(Activations, MayBeSpelledWithHyphens) {
  EXPECT_EQ(shown("hard-tanh"), shown("hard_tanh"));
  EXPECT_EQ(shown("leaky-relu:0.1"), shown("leaky_relu:0.1"));
}

TEST(Activations, AreVerifiedFarBeyondTheUsualPoints) {
  std::string points;
  for (int k = -120; k <= 120; ++k) {
    points += (points.empty() ? "" : ",") + std::to_string(k / 2.0);
  }
  for (const autograd::Rule* rule : autograd::operations::activation_rules()) {
    const std::string name(rule->info.name);
    int verified = 0;
    for (const std::string& line : lines_of(shown(name + " --at=" + points))) {
      verified += line.ends_with(" PASS") || line.ends_with(" KINK") ? 1 : 0;
    }
    EXPECT_EQ(verified, 241) << name;
  }
}

TEST(Activations, SayThatASlopeIsTooSmallToBeChecked) {
  const std::string text = squeezed(shown("generalized_logistic:50 --at -14"));
  EXPECT_THAT(text, HasSubstr("e-301 VACUOUS\n"));
  EXPECT_THAT(text, HasSubstr("\nVACUOUS: slopes so small that"));
}

TEST(Activations, AreTheSameBytesEveryTime) {
  EXPECT_EQ(shown("sigmoid tanh"), shown("sigmoid tanh"));
  EXPECT_EQ(shown("elu"), shown("elu"));
}

// ---- kinks

TEST(ActivationKinks, BelongToTheSideThatTheRuleSays) {
  const auto kinks_of = [](const std::string& words) {
    std::string kinks;
    std::string text = shown(words + " --ascii");
    for (char& c : text) c = c == '\n' ? ' ' : c;
    for (std::size_t at = text.find(" has "); at != std::string::npos;
         at = text.find(" has ", at + 1)) {
      kinks += text.substr(at + 1, text.find(". The ", at) - at - 1) + "; " +
               text.substr(text.find("side ", at) + 5, 5) + "\n";
    }
    return kinks;
  };
  EXPECT_EQ(kinks_of("relu"), "has a kink at 0: slope 0 below and 1 above; below\n");
  EXPECT_EQ(kinks_of("leaky_relu"), "has a kink at 0: slope 0.01 below and 1 above; below\n");
  EXPECT_EQ(kinks_of("prelu"), "has a kink at 0: slope 0.25 below and 1 above; below\n");
  EXPECT_EQ(kinks_of("elu:2"), "has a kink at 0: slope 2 below and 1 above; below\n");
  EXPECT_EQ(kinks_of("elu"), "has no kink at 0, but y'' jumps from 1 to 0; below\n");
  EXPECT_EQ(kinks_of("hard_tanh"),
            "has a kink at -1: slope 0 below and 1 above; below\n"
            "has a kink at 1: slope 1 below and 0 above; above\n");
  EXPECT_EQ(kinks_of("hard_logistic"),
            "has a kink at -2: slope 0 below and 0.25 above; below\n"
            "has a kink at 2: slope 0.25 below and 0 above; above\n");
  for (const std::string smooth : {"sigmoid", "tanh", "softplus", "leaky_relu:1"}) {
    EXPECT_EQ(kinks_of(smooth), "") << smooth;
  }
}

TEST(ActivationKinks, AreVerdictsInTheTable) {
  EXPECT_THAT(squeezed(shown("relu --at 0,1")), HasSubstr("\n0 0 0 0 KINK\n1 1 1 0 PASS\n"));
  EXPECT_THAT(squeezed(shown("hard_tanh --at -1")), HasSubstr("\n-1 -1 0 0 KINK\n"));
}

// ---- beside each other

TEST(ActivationComparison, HasValuesAndSlopesInOneTable) {
  EXPECT_THAT(squeezed(shown("sigmoid tanh --at 0,2")),
              HasSubstr("sigmoid tanh\n"
                        "x y y' y y' check\n"
                        "0 0.5 0.25 0 1 PASS\n"
                        "2 0.880797 0.104994 0.964028 0.0706508 PASS\n"));
}

TEST(ActivationComparison, FindsTheLargestDifferenceOfTwo) {
  EXPECT_THAT(shown("hard_logistic sigmoid"),
              HasSubstr("\nLargest differences between -4 and 4\n"
                        "  hard_logistic and sigmoid: 0.119203, at x = ±2\n"));
  EXPECT_THAT(shown("hard_tanh tanh --ascii"),
              HasSubstr("\n  hard_tanh and tanh: 0.238406, at x = +-1\n"));
  // Where their slopes are the same, by findroot.
  EXPECT_THAT(shown("sigmoid tanh"), HasSubstr("\n  sigmoid and tanh: 1.08998, at x = -1.66289\n"));
  EXPECT_THAT(shown("relu softplus"), HasSubstr("\n  relu and softplus: 0.693147, at x = 0\n"));
}

TEST(ActivationComparison, LooksOnTheDrawnIntervalAlone) {
  EXPECT_THAT(shown("hard_tanh tanh --from 0 --to 4"), HasSubstr(": 0.238406, at x = 1\n"));
  EXPECT_THAT(shown("relu leaky_relu:0.5 --from -2"),
              HasSubstr("between -2 and 4\n  relu and leaky_relu:0.5: 1, at x = -2\n"));
}

TEST(ActivationComparison, KnowsWhatIsTheSame) {
  EXPECT_THAT(shown("generalized_logistic:1 sigmoid"),
              HasSubstr("generalized_logistic:1 and sigmoid: the same but for rounding\n"));
}

TEST(ActivationComparison, OfThreeHasEachTwo) {
  const std::string text = shown("sigmoid hard_logistic tanh");
  EXPECT_THAT(text, HasSubstr("\n  sigmoid and hard_logistic: 0.119203, at x = ±2\n"));
  EXPECT_THAT(text, HasSubstr("\n  sigmoid and tanh: "));
  EXPECT_THAT(text, HasSubstr("\n  hard_logistic and tanh: "));
}

// ---- rows

TEST(ActivationRow, OfSoftmaxHasTheMatrixOfSlopes) {
  const std::string softmax = squeezed(shown("softmax --at 1,2,3"));
  EXPECT_THAT(softmax, HasSubstr("\nx = (1, 2, 3)\n\n"
                                 "y by x1 by x2 by x3 check\n"
                                 "y1 0.0900306 0.0819251 -0.022033 -0.059892 PASS\n"
                                 "y2 0.244728 -0.022033 0.184836 -0.162803 PASS\n"
                                 "y3 0.665241 -0.059892 -0.162803 0.222695 PASS\n"));
  EXPECT_THAT(squeezed(shown("log-softmax --at 1,2,3")),
              HasSubstr("\ny3 -0.407606 -0.0900306 -0.244728 0.334759 PASS\n"));
  EXPECT_EQ(shown("softmax"), shown("softmax --at 1,2,3"));
}

TEST(ActivationRow, OfMaxoutNamesThePiecesOfEachUnit) {
  EXPECT_THAT(squeezed(shown("maxout --at 1,3,5,2")),
              HasSubstr("\ny1 max(x1, x2) 3 0 1 0 0 PASS\ny2 max(x3, x4) 5 0 0 1 0 PASS\n"));
  EXPECT_THAT(squeezed(shown("maxout:4 --at 1,3,5,2")),
              HasSubstr("\ny1 max(x1, x2, x3, x4) 5 0 0 1 0 PASS\n"));
  EXPECT_THAT(squeezed(shown("maxout:6")), HasSubstr("\ny1 max(x1, ..., x6) 6 0 0 0 0 0 1 PASS\n"));
  EXPECT_THAT(shown("maxout:4"), HasSubstr("  y = max(x, units of 4)\n"));
}

TEST(ActivationRow, OfMaxoutSaysWhoTakesTheSlopeOfATie) {
  const std::string text = squeezed(shown("maxout --at 1,1"));
  EXPECT_THAT(text, HasSubstr("\ny1 max(x1, x2) 1 1 0 KINK\n"));
  EXPECT_THAT(text, HasSubstr("the first of them takes the whole slope.\n"));
}

// ---- the drawing

// Of a drawing, by rows from the top: the dots that are set, and the labels on the left.
struct Drawing {
  std::vector<std::vector<bool>> dots;
  std::vector<std::string> labels;
};

// The dots of U+2800 + bits, by row and column (Unicode 15, chapter 21.1).
constexpr std::array<std::array<unsigned, 2>, 4> braille_bits{
    {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};

void read_braille(const std::string& text, Drawing& drawing) {
  std::array<std::vector<bool>, 4> rows;
  for (std::size_t at = 0; at < text.size();) {
    const bool blank = text[at] == ' ';
    unsigned bits = 0;
    if (!blank) {
      EXPECT_EQ(text[at], '\xe2');
      bits = (static_cast<unsigned>(text[at + 1]) & 0x03U) << 6U |
             (static_cast<unsigned>(text[at + 2]) & 0x3fU);
    }
    for (std::size_t row = 0; row < 4; ++row) {
      for (const unsigned bit : braille_bits[row]) rows[row].push_back((bits & bit) != 0);
    }
    at += blank ? 1 : 3;
  }
  drawing.dots.insert(drawing.dots.end(), rows.begin(), rows.end());
}

// `mark` is that of a curve in ASCII, or 0 for braille.
Drawing drawing_in(const std::string& text, char mark) {
  Drawing drawing;
  for (const std::string& line : lines_of(text)) {
    for (const std::string axis : {"┤", "│", "+", "|"}) {
      if (line.size() < 10 + axis.size() || line.compare(10, axis.size(), axis) != 0) continue;
      if (line.compare(10, 2, "+-") == 0) continue;  // the axis below
      drawing.labels.push_back(squeezed(line.substr(0, 10)));
      const std::string inside = line.substr(10 + axis.size());
      if (mark == 0) {
        read_braille(inside, drawing);
      } else {
        drawing.dots.emplace_back();
        for (const char c : inside) drawing.dots.back().push_back(c == mark);
      }
    }
  }
  return drawing;
}

bool is_set(const Drawing& drawing, std::size_t row, std::size_t column) {
  return column < drawing.dots.at(row).size() && drawing.dots[row][column];
}

// Each column has a dot where the curve is, between -4 and 4 and the heights `low` and `high`.
void expect_curve(const Drawing& drawing, std::size_t columns, double low, double high,
                  const std::function<double(double)>& f) {
  ASSERT_FALSE(drawing.dots.empty());
  for (std::size_t column = 0; column < columns; ++column) {
    const double x = -4.0 + 8.0 * static_cast<double>(column) / static_cast<double>(columns - 1);
    const double height = (f(x) - low) / (high - low);
    const auto row = static_cast<std::size_t>(
        std::lround((1.0 - height) * static_cast<double>(drawing.dots.size() - 1)));
    EXPECT_TRUE(is_set(drawing, row, column)) << "column " << column << ", x = " << x;
  }
}

double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

TEST(ActivationDrawing, HasADotInEveryColumnWhereTheCurveIs) {
  const std::string ascii = shown("sigmoid --ascii");
  const Drawing marks = drawing_in(ascii, '*');
  EXPECT_EQ(marks.dots.size(), 17U);
  expect_curve(marks, 68, 0.0, 1.0, logistic);

  const Drawing dots = drawing_in(shown("sigmoid"), 0);
  EXPECT_EQ(dots.dots.size(), 4U * 17U);
  expect_curve(dots, 2 * 68, 0.0, 1.0, logistic);

  expect_curve(drawing_in(shown("hard_tanh tanh --ascii"), '*'), 68, -1.0, 1.0,
               [](double x) { return std::min(std::max(x, -1.0), 1.0); });
}

TEST(ActivationDrawing, HasTheSlopeInMarksOfItsOwnBehindTheCurve) {
  const std::string text = shown("sigmoid --ascii");
  EXPECT_THAT(text, HasSubstr("\n* y, o y'\n"));
  const Drawing slope = drawing_in(text, 'o');
  const Drawing curve = drawing_in(text, '*');
  for (std::size_t column = 0; column < 68; ++column) {
    const double x = -4.0 + 8.0 * static_cast<double>(column) / 67.0;
    const auto row =
        static_cast<std::size_t>(std::lround((1.0 - logistic(x) * logistic(-x)) * 16.0));
    EXPECT_TRUE(is_set(slope, row, column) || is_set(curve, row, column)) << x;
  }
}

TEST(ActivationDrawing, HasRoundNumbersOnTheLeftInBothKinds) {
  for (const auto& [text, mark] :
       {std::pair(shown("sigmoid"), '\0'), {shown("sigmoid --ascii"), '*'}}) {
    std::vector<std::string> labels;
    for (const std::string& label : drawing_in(text, mark).labels) {
      if (!label.empty()) labels.push_back(label.substr(0, label.find(' ')));
    }
    EXPECT_THAT(labels, ::testing::ElementsAre("1", "0.75", "0.5", "0.25", "0"));
  }
}

TEST(ActivationDrawing, HasANameForEachCurve) {
  EXPECT_THAT(shown("sigmoid tanh relu --ascii"), HasSubstr("\n* sigmoid, o tanh, + relu\n"));
  EXPECT_THAT(shown("sigmoid tanh"), HasSubstr("\n⠒⠒⠒⠒ sigmoid, ⠂⠂⠂⠂ tanh\n"));
}

TEST(ActivationDrawing, BeginsAndEndsWhereItIsAsked) {
  const std::vector<std::string> lines = lines_of(shown("tanh --from -1.5 --to 3 --ascii"));
  EXPECT_EQ(squeezed(lines.back()), "-1.5 x 3");
}

TEST(ActivationDrawing, OfAStraightLineIsOneInTheMiddle) {
  const Drawing drawing = drawing_in(shown("relu --from -3 --to -1 --ascii"), '*');
  for (std::size_t column = 0; column < 68; ++column) {
    EXPECT_TRUE(is_set(drawing, 8, column)) << column;
  }
  // Values that differ by no more than the smallest numbers there are.
  EXPECT_FALSE(drawing_in(shown("sigmoid --from -746 --to -744"), 0).dots.empty());
}

// ---- CSV

std::vector<double> numbers_in(const std::string& line) {
  std::vector<double> numbers;
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at < end) {
    double number = 0.0;
    const auto [stop, error] = std::from_chars(at, end, number);
    EXPECT_EQ(error, std::errc()) << line;
    numbers.push_back(number);
    at = stop + 1;
  }
  return numbers;
}

TEST(ActivationCsv, HasValueSlopeAndSecondDerivativeOfEach) {
  const std::vector<std::string> lines = lines_of(shown("tanh elu:2 --csv"));
  ASSERT_EQ(lines.size(), 162U);
  EXPECT_EQ(lines[0], "x,tanh,tanh_slope,tanh_second,elu:2,elu:2_slope,elu:2_second");
  for (std::size_t k = 1; k < lines.size(); ++k) {
    const std::vector<double> row = numbers_in(lines[k]);
    ASSERT_EQ(row.size(), 7U);
    const double x = row[0];
    EXPECT_DOUBLE_EQ(x, (static_cast<double>(k) - 81.0) / 20.0);
    const double t = std::tanh(x);
    EXPECT_DOUBLE_EQ(row[1], t);
    EXPECT_NEAR(row[2], 1.0 - t * t, 1e-15);
    EXPECT_NEAR(row[3], -2.0 * t * (1.0 - t * t), 1e-15);
    EXPECT_DOUBLE_EQ(row[4], x > 0.0 ? x : 2.0 * std::expm1(x));
    EXPECT_DOUBLE_EQ(row[5], x > 0.0 ? 1.0 : 2.0 * std::exp(x));
    EXPECT_DOUBLE_EQ(row[6], x > 0.0 ? 0.0 : 2.0 * std::exp(x));
  }
}

TEST(ActivationCsv, HasAsManyLinesAsAskedForBetweenTheEnds) {
  EXPECT_EQ(shown("relu --csv --from -1 --to 1 --points 3"),
            "x,relu,relu_slope,relu_second\n-1,0,0,0\n0,0,0,0\n1,1,1,0\n");
  EXPECT_EQ(shown("hard-logistic --csv --points 2"),
            "x,hard_logistic,hard_logistic_slope,hard_logistic_second\n-4,0,0,0\n4,1,0,0\n");
}

TEST(ActivationCsv, HasMoreCurvesThanADrawing) {
  const std::string text = shown("relu tanh sigmoid elu softplus --csv --points 2");
  EXPECT_EQ(numbers_in(lines_of(text).at(1)).size(), 16U);
}

// ---- what cannot be shown

TEST(ActivationFaults, AreValuesBeyondTheNumbers) {
  const Folder folder;
  expect_refused(folder.run({"activations", "prelu:1e308", "--at", "-2"}), 4,
                 "prelu:1e+308 has no finite value at x = -2");
  expect_refused(folder.run({"activations", "elu:1.7e308", "--at", "1"}), 4,
                 "elu:1.7e+308: value or derivative at x = -4 is beyond 1e+300");
  expect_refused(folder.run({"activations", "log_softmax", "--at", "1e308,-1e308"}), 4,
                 "log_softmax has no finite y2 at this row");
  expect_refused(folder.run({"activations", "prelu:1e308", "--csv"}), 4,
                 "prelu:1e+308: value or derivative at x = -4 is beyond 1e+300");
}

TEST(ActivationFaults, AreOutputsThatCannotBeWritten) {
  const Folder folder;
  for (const std::string flag : {"--ascii", "--csv"}) {
    expect_refused(folder.run({"activations", "tanh", flag}, "/dev/full"), 4,
                   "standard output cannot be written: No space left on device");
  }
}

}  // namespace
}  // namespace apps::testing
