// tapewise lesson, run as a program: what all lessons have in common, the numbers that matter
// beside plain loops over the C library, and the whole texts beside files.
//   TAPEWISE_WRITE_GOLDEN=1 apps_tests --gtest_filter='Lesson.*'    writes those files anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "autograd/utf8.h"
#include "tests/apps/program.h"

namespace apps::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t two_screens = 48;

std::string lesson_text(const std::string& name, bool ascii = false) {
  const Folder folder;
  std::vector<std::string> words{"lesson"};
  if (!name.empty()) words.push_back(name);
  if (ascii) words.emplace_back("--ascii");
  const Outcome outcome = folder.run(words);
  expect_quiet_success(outcome);
  return outcome.out;
}

// As the program lists them, so that a new one is tested the moment it is added.
std::vector<std::string> lesson_names() {
  std::vector<std::string> names;
  for (const std::string& line : lines_of(lesson_text(""))) {
    if (line.starts_with("  ")) names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

// The cells behind a label, of the first line that begins with it.
std::vector<std::string> cells(const std::string& text, const std::string& label) {
  for (const std::string& line : lines_of(text)) {
    const std::string row = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    if (!row.starts_with(label + " ")) continue;
    std::istringstream rest(row.substr(label.size()));
    return {std::istream_iterator<std::string>(rest), std::istream_iterator<std::string>()};
  }
  throw std::runtime_error("no line begins with " + label);
}

double number(const std::vector<std::string>& row, std::size_t column) {
  return column < row.size() ? std::strtod(row[column].c_str(), nullptr) : std::nan("");
}

double sigma_of(double x) { return 1.0 / (1.0 + std::exp(-x)); }

constexpr double six_digits = 6e-7;

// ---- what they have in common

TEST(Lesson, AreListedInTheOrderInWhichTheyTeach) {
  const std::vector<std::string> names = lesson_names();
  ASSERT_GE(names.size(), 19U);
  EXPECT_EQ(names.front(), "chain-rule");
  const std::string list = lesson_text("");
  EXPECT_THAT(list, ::testing::StartsWith("The backward pass\n  chain-rule "));
  EXPECT_THAT(list, HasSubstr("\n\nBegin with `tapewise lesson chain-rule`. "));
  for (std::size_t k = 0; k + 1 < names.size(); ++k) {
    EXPECT_THAT(lesson_text(names[k]),
                ::testing::EndsWith("\nNext: tapewise lesson " + names[k + 1] + "\n"));
  }
}

TEST(Lesson, FitsTwoScreensOfTwentyFourLinesByEightyColumns) {
  for (const std::string& name : lesson_names()) {
    for (const bool ascii : {false, true}) {
      const std::vector<std::string> lines = lines_of(lesson_text(name, ascii));
      EXPECT_LE(lines.size(), two_screens) << name << " in ASCII: " << ascii;
      for (const std::string& line : lines) {
        EXPECT_LE(autograd::width_of(line), 80U) << name << ": " << line;
        EXPECT_FALSE(line.ends_with(' ')) << name << ": " << line;
      }
    }
  }
}

TEST(Lesson, IsTheSameEachTimeAndNothingButAsciiWhereThatIsAsked) {
  for (const std::string& name : lesson_names()) {
    EXPECT_EQ(lesson_text(name), lesson_text(name)) << name;
    const std::string ascii = lesson_text(name, true);
    const auto beyond = std::find_if(ascii.begin(), ascii.end(), [](char c) { return c < 0; });
    EXPECT_EQ(beyond, ascii.end()) << name << ": " << std::string(beyond, ascii.end());
  }
}

TEST(Lesson, EndsWithCommandsThatRunAndAQuestion) {
  const Folder folder;
  std::filesystem::create_directory(folder / "tests");
  std::filesystem::create_directory_symlink(TAPEWISE_TEST_DATA, folder / "tests" / "data");
  for (const std::string& name : lesson_names()) {
    const std::string text = lesson_text(name);
    const std::size_t at = text.find("\nTry\n");
    ASSERT_NE(at, std::string::npos) << name;
    const std::vector<std::string> end = lines_of(text.substr(at + 5));
    std::size_t commands = 0;
    while (commands < end.size() && end[commands].starts_with("  tapewise ")) ++commands;
    EXPECT_TRUE(commands == 1 || commands == 2) << name;
    for (std::size_t k = 0; k < commands; ++k) {
      const Outcome outcome = folder.shell(end[k]);
      const bool is_check = end[k].starts_with("  tapewise gradcheck ");
      EXPECT_TRUE(outcome.exit_code == 0 || (is_check && outcome.exit_code == 1)) << end[k] << "\n"
                                                                                  << outcome.err;
    }
    EXPECT_NE(text.find("?\n", at), std::string::npos) << name;
  }
}

// The line of a source file is no matter of a lesson.
std::string without_source_lines(const std::string& text) {
  return std::regex_replace(text, std::regex("\\.cpp:[0-9]+"), ".cpp:LINE");
}

TEST(Lesson, IsTheTextThatWasReadLast) {
  for (const std::string& name : lesson_names()) {
    const std::filesystem::path file = data_file("golden/lesson_" + name + ".txt");
    const std::string text = without_source_lines(lesson_text(name));
    if (std::getenv("TAPEWISE_WRITE_GOLDEN") != nullptr) put(file, text);
    ASSERT_TRUE(std::filesystem::exists(file)) << file;
    EXPECT_EQ(text, get(file)) << name;
  }
}

TEST(Lesson, SaysWhatIsWrongWithItsUse) {
  const Folder folder;
  expect_wrong_use(folder.run({"lesson", "chain-rul"}),
                   "there is no lesson \"chain-rul\"; did you mean \"chain-rule\"?");
  expect_wrong_use(folder.run({"lesson", "eigenvalues"}),
                   "there is no lesson \"eigenvalues\"; `tapewise lesson` lists them");
  expect_wrong_use(folder.run({"lesson", "order", "kinks"}),
                   "lesson: \"kinks\" is one word too many; it takes NAME and flags");
  expect_wrong_use(folder.run({"lesson", "order", "--step"}),
                   "--step: standard input and output must be a terminal");
  expect_wrong_use(folder.run({"lesson", "--step"}), "--step: only together with NAME");
}

// ---- the numbers that matter

TEST(Lesson, MultipliesTheSlopesOfTheNeuron) {
  const std::string text = lesson_text("chain-rule");
  const double a = sigma_of(0.5 * 2.0 - 0.3);
  const double dw = 2.0 * (a - 1.0) * a * (1.0 - a) * 2.0;
  EXPECT_NEAR(std::stod(cells(text, "∂L/∂w").back()), dw, six_digits);
  EXPECT_NEAR(number(cells(text, "none: dw"), 1), dw, six_digits);
  const double nudged = sigma_of(0.6 * 2.0 - 0.3);
  EXPECT_NEAR(number(cells(text, "0.1"), 0), (nudged - 1.0) * (nudged - 1.0), six_digits);
}

// db and da of c = 4a: 4 is right; 1, 2, 6 and 8 are what the mistakes give, by hand.
TEST(Lesson, RunsTheWaysOfNotAddingUp) {
  const std::string text = lesson_text("accumulation");
  EXPECT_THAT(cells(text, "+=, the tape"), ElementsAre("2", "4"));
  EXPECT_THAT(cells(text, "= where c = b + b hands back"), ElementsAre("1", "2"));
  EXPECT_THAT(cells(text, "= where b = a + a hands back"), ElementsAre("2", "2"));
  EXPECT_THAT(cells(text, "= everywhere"), ElementsAre("1", "1"));
  EXPECT_THAT(cells(text, "recursion: add a part, follow it"), ElementsAre("2", "6"));
  EXPECT_THAT(cells(text, "recursion: add all parts, follow each"), ElementsAre("2", "8"));
  EXPECT_THAT(cells(text, "recursion: each path by itself"), ElementsAre("2", "4"));
  EXPECT_THAT(text, HasSubstr(std::to_string(1 << 30)));
}

// d = b + b², b = 3a: the slope at a = 1 is 3 + 18.
TEST(Lesson, RunsTheWrongOrders) {
  const std::string text = lesson_text("order");
  EXPECT_THAT(cells(text, "the tape, backwards"), ElementsAre("d", "c", "b", "a", "7", "7", "21"));
  EXPECT_THAT(cells(text, "breadth first from d"), ElementsAre("d", "b", "c", "a", "1", "7", "3"));
  EXPECT_THAT(cells(text, "depth first from d"), ElementsAre("d", "b", "a", "c", "1", "7", "3"));
  EXPECT_THAT(cells(text, "as it was computed"), ElementsAre("a", "b", "c", "d", "0", "1", "0"));
}

// c = 3a² at a = 2. Nothing zeroed: dc is 1, 2, 3, db 3, 3 + 6, 9 + 9, da 4·db more each time.
TEST(Lesson, RunsPassesThatDoNotZero) {
  const std::string text = lesson_text("zeroing");
  EXPECT_THAT(cells(text, "all adjoints zeroed: the tape"), ElementsAre("12", "12", "12"));
  EXPECT_THAT(cells(text, "leaves not zeroed"), ElementsAre("12", "24", "36"));
  EXPECT_THAT(cells(text, "nothing zeroed"), ElementsAre("12", "48", "120"));
}

// The numbers of the teaching example, to six decimals, worked out with mpmath to 30 digits.
TEST(Lesson, ReproducesTheTeachingExample) {
  const std::string text = squeezed(lesson_text("logistic-regression"));
  for (const char* const line :
       {"\nz = w1 · x1 + w2 · x2 + b = 0.5 · 1 + (-0.25) · 2 + 0.1 = 0.1\n",
        "\na = σ(z) = σ(0.1) = 0.524979\n", " = 0.644397\n", " = -1.904837\n",
        "\n= a − y = 0.524979 − 1 = -0.475021 (fused)\n",
        "\ndw2 = dz · x2 = (-0.475021) · 2 = -0.950042\n",
        "\n= (−y) · (1 − a) + (1 − y) · a = -0.475021\n", " = 0.547502\n", " = -0.154996\n",
        " = 0.147502\n", "\nL was 0.644397, and is 0.519057 after this step.\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Lesson, ShowsThatTheFusedLossAloneSurvivesASaturatedRow) {
  const std::string text = lesson_text("fused-loss");
  EXPECT_THAT(cells(text, "40"), ElementsAre("∞", "27.631043", "40", "NaN", "0", "1"));
  const std::vector<std::string> easy = cells(text, "2");
  for (const std::size_t route : {0U, 1U, 2U}) {
    EXPECT_NEAR(number(easy, route), std::log1p(std::exp(2.0)), six_digits);
    EXPECT_NEAR(number(easy, route + 3), sigma_of(2.0), six_digits);
  }
  double z = 40.0;
  for (int step = 0; step < 50; ++step) z -= sigma_of(z);
  EXPECT_NEAR(number(cells(text, "z, fused"), 5), z, six_digits);
  EXPECT_EQ(cells(text, "z, clamped"), std::vector<std::string>(6, "40"));
}

TEST(Lesson, MultipliesTheSlopesOfLayers) {
  const std::string text = lesson_text("vanishing-gradients");
  double through_sigmoid = 1.0;
  double through_tanh = 1.0;
  double s = 0.5;
  double t = 0.5;
  for (int layer = 0; layer < 10; ++layer) {
    s = sigma_of(s);
    t = std::tanh(t);
    through_sigmoid *= s * (1.0 - s);
    through_tanh *= 1.0 - t * t;
  }
  const std::vector<std::string> ten = cells(text, "10");
  EXPECT_NEAR(number(ten, 0), through_sigmoid, 1e-5 * through_sigmoid);
  EXPECT_NEAR(number(ten, 1), std::pow(0.25, 10), 1e-11);
  EXPECT_NEAR(number(ten, 2), through_tanh, six_digits);
  EXPECT_EQ(ten[3], "1");
}

TEST(Lesson, FindsNothingFlowingIntoADeadUnit) {
  const std::string text = lesson_text("dead-relu");
  EXPECT_THAT(cells(text, "relu, k = 2"), ElementsAre("1", "0", "0", "0", "0"));
  for (std::size_t k = 1; k < 5; ++k) {
    EXPECT_NE(number(cells(text, "leaky relu, k = 2"), k), 0.0);
  }
  const std::vector<std::string> before = cells(text, "at first");
  const std::vector<std::string> after = cells(text, "relu");
  EXPECT_LT(number(after, 0), number(before, 0));
  for (std::size_t k = 1; k < 5; ++k) EXPECT_EQ(after[k], before[k]);
}

TEST(Lesson, ShowsGradientsOfOneSignBehindOutputsThatAreNeverNegative) {
  const std::string text = lesson_text("bias-shift");
  const std::array<double, 4> u{-2.0, -0.5, 0.5, 2.0};
  const std::array<double, 4> v{0.3, -0.2, 0.1, -0.4};
  double z = 0.0;
  for (std::size_t k = 0; k < 4; ++k) z += v[k] * sigma_of(u[k]);
  const std::array<std::string, 4> labels{"-2", "-0.5", "0.5", "2"};
  for (std::size_t k = 0; k < 4; ++k) {
    const std::vector<std::string> row = cells(text, labels[k]);
    EXPECT_NEAR(number(row, 1), 2.0 * (z - 1.0) * sigma_of(u[k]), 2e-6);
    EXPECT_LT(number(row, 1), 0.0);
    EXPECT_LE(number(row, 3), 0.0);
    EXPECT_EQ(number(row, 5) < 0.0, u[k] > 0.0);
  }
  EXPECT_THAT(cells(text, "mean"), ElementsAre("0.5", "0.625", "0"));
}

// The convention of the catalogue, and the slopes beside it.
TEST(Lesson, KnowsWhichSideAKinkBelongsTo) {
  const std::string text = lesson_text("kinks");
  EXPECT_THAT(cells(text, "relu(x)"), ElementsAre("0", "0", "1", "0", "0.5", "KINK"));
  EXPECT_THAT(cells(text, "leaky_relu(x)"), ElementsAre("0", "0.01", "1", "0.01", "0.505", "KINK"));
  EXPECT_THAT(cells(text, "prelu(x, 0.25)"),
              ElementsAre("0", "0.25", "1", "0.25", "0.625", "KINK"));
  EXPECT_THAT(cells(text, "elu(x, 2)"), ElementsAre("0", "2", "1", "2", "1.5", "KINK"));
  EXPECT_EQ(cells(text, "elu(x, 1)").back(), "PASS");
  EXPECT_THAT(cells(text, "abs(x)"), ElementsAre("0", "-1", "1", "0", "0", "KINK"));
  EXPECT_THAT(cells(text, "hard_tanh(x)"), ElementsAre("1", "1", "0", "0", "0.5", "KINK"));
  EXPECT_THAT(cells(text, "hard_logistic(x)"),
              ElementsAre("-2", "0", "0.25", "0", "0.125", "KINK"));
}

TEST(Lesson, ShiftsTheLogitsOfSoftmax) {
  const std::string text = lesson_text("softmax");
  const double sum = 1.0 + std::exp(-1.0) + std::exp(-2.0);
  for (int k = 0; k < 3; ++k) {
    const std::vector<std::string> row = cells(text, std::to_string(1000 + k));
    EXPECT_THAT(std::vector(row.begin(), row.begin() + 2), ElementsAre("∞", "NaN"));
    EXPECT_NEAR(number(row, 4), std::exp(k - 2.0) / sum, six_digits);
  }
  EXPECT_EQ(cells(text, "-1000"), cells(text, "10"));
  const std::vector<std::string> two = cells(text, "998");
  EXPECT_NEAR(number(two, 1), sigma_of(-2.0), six_digits);
  EXPECT_EQ(two[1], two[2]);
}

TEST(Lesson, FindsThatTanhIsASigmoid) {
  const std::string text = lesson_text("tanh-and-sigmoid");
  const std::vector<std::string> row = cells(text, "-3");
  EXPECT_NEAR(number(row, 0), std::tanh(-3.0), six_digits);
  EXPECT_NEAR(number(row, 3), 1.0 - std::tanh(3.0) * std::tanh(3.0), six_digits);
  EXPECT_EQ(row[0], row[1]);
  EXPECT_EQ(row[2], row[3]);
  // 4e⁻⁴⁰, the leading term of tanh'(20).
  EXPECT_NEAR(number(cells(text, "slope at x = 20"), 1), 4.0 * std::exp(-40.0), 1e-22);
}

TEST(Lesson, LearnsTheShapeOfPreluByTheDocumentedUpdate) {
  const std::string text = lesson_text("learned-shapes");
  double a = 0.25;
  double change = 0.0;
  for (int step = 0; step < 5; ++step) {
    // E = ((2a − 1.2)² + (a − 0.6)²)/4
    change = 0.5 * change + 0.1 * 2.5 * (a - 0.6);
    a -= change;
  }
  EXPECT_NEAR(number(cells(text, "5"), 0), a, six_digits);
  EXPECT_THAT(squeezed(text), HasSubstr("maxout(1·x, 0·x) 0 0 1 2\nrelu(x) 0 0 1 2\n"));
  EXPECT_NEAR(number(cells(text, "40"), 1), -1.0, 1e-4);
}

// Where the tangents are clipped: σ(2) and tanh(1) are 0.1192 and 0.2384 below 1.
TEST(Lesson, FindsTheLargestDifferenceOfHardAndSoft) {
  const std::string text = lesson_text("hard-and-soft");
  EXPECT_THAT(cells(text, "hard-logistic and σ"), ElementsAre("0.1192", "2"));
  EXPECT_THAT(cells(text, "hard-tanh and tanh"), ElementsAre("0.2384", "1"));
  EXPECT_NEAR(1.0 - sigma_of(2.0), 0.1192, 5e-5);
  EXPECT_NEAR(1.0 - std::tanh(1.0), 0.2384, 5e-5);
}

// ---- wrong on purpose

TEST(Lesson, HasTheGradientCheckCatchWhatItCanSee) {
  const std::string assigning = lesson_text("wrong-assignment");
  EXPECT_THAT(squeezed(assigning), HasSubstr("\ndb += dc = 1 1 + 1 = 1\n"));
  EXPECT_THAT(cells(assigning, "b = a + a; c = b + b"), ElementsAre("1", "4", "FAIL"));
  EXPECT_THAT(squeezed(assigning), HasSubstr("does the pullback replace what the adjoint holds"));
  const std::string mixed = lesson_text("wrong-leaky-slope");
  EXPECT_THAT(cells(mixed, "-2"), ElementsAre("0.01", "0.001", "FAIL"));
  EXPECT_EQ(cells(mixed, "2").back(), "PASS");
  EXPECT_THAT(mixed, HasSubstr("ratio 10\n"));
}

TEST(Lesson, SaysWhatTheGradientCheckCannotSee) {
  const std::string zeroing = lesson_text("wrong-zeroing");
  EXPECT_THAT(cells(zeroing, "the first pass"), ElementsAre("-6", "-6", "PASS"));
  EXPECT_THAT(cells(zeroing, "a second pass"), ElementsAre("-12", "-6", "FAIL"));
  double w = 0.0;
  double sum = 0.0;
  for (int step = 0; step < 100; ++step) {
    sum += 2.0 * (w - 3.0);
    w -= 0.1 * sum;
  }
  EXPECT_NEAR(std::stod(cells(zeroing, "not zeroed").back()), w, 5e-5);
  const std::string kink = lesson_text("wrong-kink");
  EXPECT_THAT(cells(kink, "0"), ElementsAre("0", "KINK", "1", "CONVENTION"));
  EXPECT_THAT(kink, HasSubstr("The check of the rule: passed."));
}

struct Parameters {
  std::array<double, 2> w{0.5, -0.25};
  double b = 0.1;
};

constexpr std::array<std::array<double, 3>, 6> six_rows{{{0.5, -0.5, 0.0},
                                                         {1.0, 1.0, 0.0},
                                                         {-2.0, -0.5, 0.0},
                                                         {1.0, 1.0, 1.0},
                                                         {1.0, 2.0, 1.0},
                                                         {-1.0, -2.0, 0.0}}};

double loss_of(const Parameters& fit) {
  double loss = 0.0;
  for (const auto& [x1, x2, y] : six_rows) {
    const double a = sigma_of(fit.w[0] * x1 + fit.w[1] * x2 + fit.b);
    loss -= (y * std::log(a) + (1.0 - y) * std::log(1.0 - a)) / 6.0;
  }
  return loss;
}

Parameters fitted(int steps, bool misprinted) {
  Parameters fit;
  for (int step = 0; step < steps; ++step) {
    std::array<double, 3> d{};
    for (const auto& [x1, x2, y] : six_rows) {
      const double dz = (sigma_of(fit.w[0] * x1 + fit.w[1] * x2 + fit.b) - y) / 6.0;
      d = {d[0] + dz * x1, d[1] + dz * x2, d[2] + dz};
    }
    fit.b = (misprinted ? fit.w[0] : fit.b) - 0.5 * d[2];
    fit.w = {fit.w[0] - 0.5 * d[0], fit.w[1] - 0.5 * d[1]};
  }
  return fit;
}

TEST(Lesson, LetsTheLossFallWithAMisprintedUpdate) {
  const std::string text = lesson_text("wrong-bias-update");
  const std::vector<std::string> row = cells(text, "1000");
  EXPECT_NEAR(number(row, 0), loss_of(fitted(1000, false)), six_digits);
  EXPECT_NEAR(number(row, 1), loss_of(fitted(1000, true)), six_digits);
  EXPECT_NEAR(number(row, 3), fitted(1000, true).b, six_digits);
  for (int step = 0; step < 1000; step += 50) {
    EXPECT_LT(loss_of(fitted(step + 1, true)), loss_of(fitted(step, true))) << step;
  }
  EXPECT_THAT(squeezed(text), HasSubstr("in each of the first 1000 steps."));
  EXPECT_THAT(squeezed(text), HasSubstr("it says PASS"));
}

}  // namespace
}  // namespace apps::testing
