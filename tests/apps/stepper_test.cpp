// The stepper of explain, driven through a pseudo-terminal as a person would.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>

#include "tests/apps/terminal.h"
#include "tests/apps/tmux.h"

namespace apps::testing {
namespace {

const std::string sums = "explain 'b = a + a; c = b + b' --at a=1";
const std::string keys_of_stepper = "n next  p back";

TEST(StepperOnATerminal, StepsForwardsThroughBothPasses) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("given, step 0 of 7"));
  screen.type("n");
  ASSERT_TRUE(screen.shows("forward, step 1 of 7"));
  EXPECT_TRUE(screen.shows("> b = a + a = 2"));
  EXPECT_TRUE(screen.shows("used by      c, c"));
  screen.type("nn");
  ASSERT_TRUE(screen.shows("backward, step 3 of 7"));
  EXPECT_TRUE(screen.shows("> dc = 1"));
  screen.type("n");
  ASSERT_TRUE(screen.shows("step 4 of 7"));
  EXPECT_TRUE(screen.shows("adjoint      0 + 1 = 1"));
  EXPECT_TRUE(screen.shows("pending      1 part to come: dc from c"));
  screen.type("n");
  ASSERT_TRUE(screen.shows("step 5 of 7"));
  EXPECT_TRUE(screen.shows("adjoint      1 + 1 = 2"));
  EXPECT_TRUE(screen.shows("pending      nothing: all 2 parts have arrived"));
}

TEST(StepperOnATerminal, StepsBackThroughTheBackwardAndTheForwardPass) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.press("End");
  ASSERT_TRUE(screen.shows("step 7 of 7"));
  EXPECT_TRUE(screen.shows("adjoint      2 + 2 = 4"));
  screen.press("Left");
  ASSERT_TRUE(screen.shows("step 6 of 7"));
  EXPECT_TRUE(screen.shows("adjoint      0 + 2 = 2"));
  screen.type("ppppp");
  ASSERT_TRUE(screen.shows("forward, step 1 of 7"));
  screen.type("pp");
  EXPECT_TRUE(screen.shows("this is the beginning"));
  screen.press("Right");
  EXPECT_TRUE(screen.shows("forward, step 1 of 7"));
}

TEST(StepperOnATerminal, GoesToAStepAValueOrAnAdjoint) {
  const Folder folder;
  const Tmux screen(folder, "explain --unfused");
  ASSERT_TRUE(screen.shows("step 0 of"));
  screen.type("g");
  ASSERT_TRUE(screen.shows("go to (number, name, end):"));
  screen.type("dz");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("> dz = da · a · (1 − a) = -0.475021"));
  EXPECT_TRUE(screen.shows("fused        dz = a − y = -0.475021"));
  screen.type("g2");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("> a = σ(z) = 0.524979"));
  screen.type("gdq");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("there is no value or adjoint \"dq\""));
  screen.type("g99");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("there are 12 steps"));
  screen.type("gend");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("b := b − learning_rate · db = 0.147502"));
}

TEST(StepperOnATerminal, EditsAValueAndReplays) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.type("n");
  ASSERT_TRUE(screen.shows("> b = a + a = 2"));
  screen.type("e");
  ASSERT_TRUE(screen.shows("edit (w1=0.7):"));
  screen.type("a=1x");
  screen.press("BSpace");
  screen.type("0");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("a=10: replayed"));
  EXPECT_TRUE(screen.shows("> b = a + a = 20"));
  screen.type("eb=3");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("b is no leaf: only what was given can be changed"));
  screen.type("ea=much");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("a: \"much\" is not a number"));
  screen.type("ea=7");
  screen.press("Escape");
  EXPECT_TRUE(screen.shows(keys_of_stepper));
  EXPECT_TRUE(screen.shows("  a = 10"));
}

TEST(StepperOnATerminal, VerifiesTheAdjointInFocus) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.type("nnnnv");
  EXPECT_TRUE(screen.shows("db = 2 by the complex step: agrees; 1 part of it still to come"));
  screen.type("nv");
  EXPECT_TRUE(screen.shows("db = 2 by the complex step: agrees"));
}

TEST(StepperOnATerminal, SaysWhereAnAdjointIsWrong) {
  const Folder folder;
  const Tmux wrong(folder, "lesson wrong-assignment --step");
  ASSERT_TRUE(wrong.shows("step 0 of 7"));
  wrong.press("End");
  wrong.type("v");
  EXPECT_TRUE(wrong.shows("da = 4 by the complex step: DIFFERS"));
  const Tmux infinite(folder, "lesson fused-loss --step");
  ASSERT_TRUE(infinite.shows("step 0 of 8"));
  infinite.press("End");
  infinite.type("v");
  EXPECT_TRUE(
      infinite.shows("dw1 is ∞ on the tape and NaN by the complex step: no numbers to compare"));
}

TEST(StepperOnATerminal, AsksBeforeItShows) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.type("q");
  ASSERT_TRUE(screen.shows("b = a + a ="));
  screen.type("2");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("right: 2"));
  screen.type("q5");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("not quite: it is 4"));
  EXPECT_TRUE(screen.shows("step 2 of 7"));
  screen.type("qno");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("a number, or inf, -inf, nan: dc ="));
  screen.type("1");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("right: 1"));
  EXPECT_TRUE(screen.shows("step 3 of 7"));
}

TEST(StepperOnATerminal, TakesOnlyTheRightAnswerWhereItIsNotFiniteOrTiny) {
  const Folder folder;
  const Tmux infinite(folder, "explain --weights 40 --input 1 --bias 0 --label 0 --unfused");
  ASSERT_TRUE(infinite.shows("step 0 of"));
  infinite.type("nnq3");
  infinite.press("Enter");
  EXPECT_TRUE(infinite.shows("not quite: it is ∞"));
  infinite.type("pqinf");
  infinite.press("Enter");
  EXPECT_TRUE(infinite.shows("right: ∞"));
  const Tmux tiny(folder, "explain 'sigmoid(z)' --at z=40");
  ASSERT_TRUE(tiny.shows("step 0 of 3"));
  tiny.type("nnq0");
  tiny.press("Enter");
  EXPECT_TRUE(tiny.shows("not quite: it is 4.24835e-18"));
}

TEST(StepperOnATerminal, AsksForOneElementOfAnUpdate) {
  const Folder folder;
  const Tmux screen(folder, "explain 'sum(w^2)' --at w=[1,2] --learning-rate 0.1");
  ASSERT_TRUE(screen.shows("step 0 of 4"));
  screen.type("nnnq");
  ASSERT_TRUE(screen.shows("w[0] := w[0] − learning_rate · dw[0] ="));
  screen.type("0.8");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("right: 0.8"));
}

TEST(StepperOnATerminal, RefusesEditsThatAreNotOneValue) {
  const Folder folder;
  const Tmux screen(folder, "explain 'sum(X @ w)' --at 'X=[[1,2],[3,4]],w=[1,2]'");
  ASSERT_TRUE(screen.shows("step 0 of"));
  screen.type("ew=[1,2],X=[[1,2],[3,4]]");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("one value at a time"));
  screen.type("ew[0]=[1,2]");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("is not a number"));
  screen.type("ew=[1,2,3]");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("w has shape [2], not [3]"));
  screen.type("ew=[3,4]");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("  w = [3, 4]"));
}

TEST(StepperOnATerminal, LivesInTheSmallestWindows) {
  const Folder folder;
  const Tmux screen(folder, "explain --unfused");
  ASSERT_TRUE(screen.shows("step 0 of 12"));
  screen.type("nnnnn");
  ASSERT_TRUE(screen.shows("step 5 of 12"));
  for (const auto& [columns, rows] : {std::pair<int, int>{15, 24}, {10, 10}, {2, 2}, {1, 1}}) {
    screen.resize(columns, rows);
    screen.type("np");
  }
  screen.resize(80, 24);
  ASSERT_TRUE(screen.shows("step 5 of 12"));
  screen.type("x");
  EXPECT_TRUE(screen.shows("exit code 0"));
}

TEST(StepperOnATerminal, ZoomsIntoAnElement) {
  const Folder folder;
  const Tmux screen(folder,
                    "explain 'sum((X @ w)^2)' --at 'X=[[1,2],[3,4]],w=[0.5,-0.25]' --wrt w");
  ASSERT_TRUE(screen.shows("step 0 of"));
  screen.type("gdw");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("> dw[2] ="));
  screen.type("z");
  ASSERT_TRUE(screen.shows("element of w (up to 1):"));
  screen.type("1");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("dw[1] = X[0, 1] · "));
  screen.type("z");
  ASSERT_TRUE(screen.shows("pending"));
  screen.type("zdw[1]");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("dw[1] = X[0, 1] · "));
  screen.type("z");
  ASSERT_TRUE(screen.shows("pending"));
  screen.type("z5");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("its elements are w[0] to w[1]"));
  screen.type("gL");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("L is computed by"));
  screen.type("z");
  EXPECT_TRUE(screen.shows("L = (X[0, 0] · w[0] + X[0, 1] · w[1])^2 + "));
}

TEST(StepperOnATerminal, SaysWhereThereIsNothingToZoomInto) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.type("z");
  ASSERT_TRUE(screen.shows("take a step first"));
  screen.type("nz");
  EXPECT_TRUE(screen.shows("b is one number made of numbers: there is nothing to zoom into"));
}

TEST(StepperOnATerminal, WritesThePicture) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.type("wsums.dot");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("sums.dot is written"));
  EXPECT_TRUE(folder.get("sums.dot").starts_with("digraph trace {"));
  screen.type("wsums.dot");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("sums.dot is there already; another name?"));
  screen.type("wsums.png");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("the name must end in .dot, .json, .md, .tex or .txt"));
  screen.type("wnowhere/sums.json");
  screen.press("Enter");
  EXPECT_TRUE(screen.shows("nowhere"));
}

TEST(StepperOnATerminal, HelpsAndSaysWhatDoesNothing) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.type("?");
  ASSERT_TRUE(screen.shows("any key goes back"));
  EXPECT_TRUE(screen.shows("verify the adjoint in focus against the complex step"));
  screen.type("n");
  ASSERT_TRUE(screen.shows("step 0 of 7"));
  screen.type("k");
  EXPECT_TRUE(screen.shows("\"k\" does nothing; ? shows what does"));
}

// The first row is the title, the last the keys, and nothing is in between that is too wide.
void expect_whole(const Tmux& screen, std::size_t rows) {
  const std::vector<std::string> lines = screen.rows();
  ASSERT_EQ(lines.size(), rows);
  EXPECT_NE(lines.front().find("step"), std::string::npos) << lines.front();
  EXPECT_NE(lines.back().find("n next"), std::string::npos) << lines.back();
}

TEST(StepperOnATerminal, FillsTheWindowWhateverItsSize) {
  const Folder folder;
  const Tmux screen(folder, "explain --unfused");
  ASSERT_TRUE(screen.shows("step 0 of 12"));
  expect_whole(screen, 24);
  screen.type("gdz");
  screen.press("Enter");
  ASSERT_TRUE(screen.shows("> dz = "));
  for (const auto& [columns, rows] :
       {std::pair<int, int>{120, 40}, {80, 24}, {60, 16}, {100, 10}, {80, 24}}) {
    screen.resize(columns, rows);
    const auto row_count = static_cast<std::size_t>(rows);
    for (int wait = 0; wait < 500 && (screen.rows().size() != row_count ||
                                      screen.rows().back().find("n next") == std::string::npos ||
                                      screen.rows().front().find("step") == std::string::npos);
         ++wait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    expect_whole(screen, row_count);
  }
}

TEST(StepperOnATerminal, HasAllItsKeysInEightyColumns) {
  const Folder folder;
  const Tmux screen(folder, sums);
  ASSERT_TRUE(screen.shows("? help  x exit"));
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
}

TEST(StepperOnATerminal, HasNothingButAsciiWhereThatIsAskedOrAllThereIs) {
  const Folder folder;
  TmuxOptions plain;
  plain.environment = "LC_ALL=C";
  const Tmux asked(folder, "explain --unfused --ascii");
  const Tmux locale(folder, "explain --unfused", plain);
  for (const Tmux* screen : {&asked, &locale}) {
    ASSERT_TRUE(screen->shows("step 0 of 12"));
    EXPECT_TRUE(is_ascii(screen->screen())) << screen->screen();
    for (const char* name : {"a", "dz", "dw1", "end"}) {
      screen->type(std::string("g") + name);
      screen->press("Enter");
      ASSERT_TRUE(screen->shows(keys_of_stepper));
      EXPECT_TRUE(is_ascii(screen->screen())) << screen->screen();
    }
  }
}

TEST(StepperOnATerminal, LeavesWithExitCodeZero) {
  const Folder folder;
  for (const char* key : {"x", "C-c", "C-d"}) {
    const Tmux screen(folder, sums);
    ASSERT_TRUE(screen.shows("step 0 of 7"));
    screen.press(key);
    EXPECT_TRUE(screen.shows("exit code 0")) << key;
  }
}

TEST(StepperOnATerminal, HasNoColour) {
  const Folder folder;
  Terminal terminal(folder, {"explain", "b = a + a; c = b + b", "--at", "a=1"});
  ASSERT_TRUE(terminal.says("step 0 of 7"));
  terminal.type("nnnnx");
  EXPECT_EQ(terminal.ends_with(), 0);
  // Foregrounds and backgrounds; 39 and 49 are the terminal's own.
  EXPECT_FALSE(std::regex_search(terminal.screen(), std::regex("\x1b\\[[0-9;]*[349][0-8][;m]")))
      << "a colour";
}

TEST(StepperOnATerminal, GivesTheTextWhereNothingCanBeDrawnOrAFormatIsAsked) {
  const Folder folder;
  TerminalOptions dumb;
  dumb.environment = {{"TERM", "dumb"}};
  Terminal plain(folder, {"explain"}, dumb);
  EXPECT_EQ(plain.ends_with(), 0);
  EXPECT_NE(plain.screen().find("Backward"), std::string::npos);
  TerminalOptions unknown;
  unknown.environment = {{"TERM", "no-such-terminal"}};
  Terminal strange(folder, {"explain"}, unknown);
  EXPECT_EQ(strange.ends_with(), 0);
  EXPECT_NE(strange.screen().find("warning: nothing can be drawn on a terminal of type "
                                  "no-such-terminal; here is all of it at once"),
            std::string::npos);
  EXPECT_NE(strange.screen().find("Backward"), std::string::npos);
  Terminal asked(folder, {"explain", "--format", "text"});
  EXPECT_EQ(asked.ends_with(), 0);
  EXPECT_NE(asked.screen().find("Backward"), std::string::npos);
}

}  // namespace
}  // namespace apps::testing
