// Lessons about mistakes: each is made for real, and put before the gradient check.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "apps/lessons/lessons.h"
#include "autograd/custom_operation.h"
#include "autograd/rules/activations.h"
#include "autograd/rules/arithmetic.h"
#include "autograd/verify/gradient_check.h"
#include "autograd/verify/mutation.h"

namespace apps {
namespace {

using autograd::CheckedInput;
using autograd::Elementwise;
using autograd::GradientReport;
using autograd::Mutant;
using autograd::MutatedReading;
using autograd::Mutation;
using autograd::RuleInfo;
using autograd::shown;
using autograd::Tensor;

// A function of one input, checked at a point.
template <class Function>
GradientReport checked(const std::string& name, double at, Function function) {
  return autograd::check_gradients([&](std::span<const Tensor> x) { return function(x[0]); },
                                   {{name, at}});
}

Row verdict_row(const std::string& what, const GradientReport& report) {
  const autograd::EntryReport& entry = report.inputs[0].entries[0];
  return {what, entry.analytic, entry.numeric, std::string(to_string(report.verdict))};
}

// ---- = for +=

// x + y, whose second operand's adjoint is assigned. A node of a tape points to its rule.
const Mutant& assigning_addition() {
  static const Mutant rule = mutant_of(autograd::rule_of<autograd::rules::Add>,
                                       MutatedReading::array, 1, Mutation::overwritten);
  return rule;
}

Tensor doubled_twice(const Tensor& a) {
  const Tensor b = named(apply(assigning_addition(), {a, a}), "b");
  return named(apply(assigning_addition(), {b, b}), "c");
}

std::unique_ptr<Explanation> record_assignment() {
  auto explanation = std::make_unique<Explanation>();
  explanation->title = "b = a + a; c = b + b, with = for +=";
  explanation->loss = doubled_twice(named(explanation->tape.variable(1.0), "a"));
  explanation->trace = trace_of(explanation->tape, explanation->loss);
  return explanation;
}

void write_wrong_assignment(LessonText& text, const Explanation& wrong) {
  text.say(
      "The mistake: adjoint(y) = part, where it should be adjoint(y) += part. A "
      "character is missing, here in the second operand of x + y. The tape runs with that rule. "
      "Read the "
      "right column, what the adjoint was and is:");
  text.show(lines_of(sections_of(wrong.trace, text.style()), "Backward"));
  text.say("da is " + shown(wrong.trace.find("a")->adjoint[0]) +
           ", and c = 4a. The gradient check, of the function, says:");
  text.quote(checked("a", 1.0, doubled_twice).failure);
  text.say("And of the rule by itself:");
  text.quote(check_rule(assigning_addition()).failure);
  const auto once = [](const Tensor& a) { return apply(assigning_addition(), {a, 3.0 * a}); };
  const auto apart = [](const Tensor& a) { return apply(assigning_addition(), {a, 3.0}); };
  text.say("Where does it hide? Wherever y itself has no other use:");
  text.table({{"", "slope", "witness", "verdict"},
              verdict_row("a + 3", checked("a", 1.0, apart)),
              verdict_row("a + 3·a", checked("a", 1.0, once)),
              verdict_row("b = a + a; c = b + b", checked("a", 1.0, doubled_twice))});
  text.say(
      "So a test of a rule must pull back onto an adjoint that holds something already, which "
      "check_rule() does for every rule.");
  text.try_this(
      {"tapewise lesson accumulation", "tapewise gradcheck --op add"},
      "With = in the first operand instead, a + a is right. Why? And which sum is wrong?");
}

// ---- no zeroing

std::unique_ptr<Explanation> record_parabola() {
  return explain_expression("L = square(w - 3)", "w=0", "", {false, 0.1});
}

// w after each number of steps, with the gradient or the sum of all gradients so far.
Row descent(const std::string& name, const Explanation& parabola, bool zeroes,
            const std::vector<int>& steps) {
  Row row{name};
  auto now = parabola.with({});
  double adjoint = 0.0;
  for (int step = 0; step <= steps.back(); ++step) {
    const autograd::TracedValue& w = *now->trace.find("w");
    if (std::find(steps.begin(), steps.end(), step) != steps.end()) {
      row.emplace_back(rounded(w.value[0]));
    }
    adjoint = zeroes ? w.adjoint[0] : adjoint + w.adjoint[0];
    now = now->with({{w.node, {w.value[0] - *now->options.learning_rate * adjoint}}});
  }
  return row;
}

// The square as an engine hands back its slope that has not zeroed a first pass.
const Mutant& square_counted_twice() {
  static const Mutant rule = [] {
    Mutant twice = mutant_of(autograd::rule_of<autograd::rules::Square>, MutatedReading::array, 0,
                             Mutation::scaled);
    twice.factor = 2.0;
    return twice;
  }();
  return rule;
}

void write_wrong_zeroing(LessonText& text, const Explanation& parabola) {
  const std::string loss = parabola.trace.loss_value().formula->text(text.style());
  text.say(fmt::format(
      "The mistake: nothing is zeroed between two passes, so that the adjoint of w is the sum of "
      "all gradients so far. A right step for L = {}:",
      loss));
  text.show(lines_of(sections_of(parabola.trace, text.style()), "Backward"));
  text.show(lines_of(sections_of(parabola.trace, text.style()), "Update"));
  text.say("And w after many steps, with the gradient, and with that sum:");
  const std::vector<int> steps{0, 1, 2, 5, 10, 15, 20, 50, 100};
  Row header{"steps"};
  for (const int step : steps) header.emplace_back(double(step));
  text.table({header, descent("zeroed", parabola, true, steps),
              descent("not zeroed", parabola, false, steps)});
  text.say(
      "It does not blow up, which would be noticed. It swings around the minimum for ever: a sum "
      "of all gradients is momentum that nothing slows down. The loss falls at first, then rises, "
      "falls again, and looks like a learning rate that is too large.");
  text.say(
      "The gradient check calls backward() on a fresh tape, where nothing is left over. What a "
      "second pass would hand out is the slope twice; a rule that does so stands for it:");
  const auto square_of = [](const Tensor& w) { return square(w - 3.0); };
  const auto second_pass = [](const Tensor& w) { return apply(square_counted_twice(), {w - 3.0}); };
  text.table({{"", "slope", "witness", "verdict"},
              verdict_row("the first pass", checked("w", 0.0, square_of)),
              verdict_row("a second pass", checked("w", 0.0, second_pass))});
  text.quote(checked("w", 0.0, second_pass).failure);
  text.say(
      "So a check that looks once passes an engine that is wrong from the second step on. The "
      "test to write is another one: the same backward() twice gives the same adjoints.");
  text.try_this({"tapewise lesson zeroing", "tapewise gradcheck \"square(w - 3)\" --at w=0"},
                "Does a smaller learning rate stop the swinging, or only slow it down?");
}

// ---- a slope that is not the value's

// As one document has it: g(z) = max(0.001z, z) beside g'(z) = 0.01.
struct MixedLeakyRelu : Elementwise<1> {
  static constexpr RuleInfo info{
      "mixed_leaky_relu", "max(0.001z, z), slope 0.01", "", {}, autograd::rules::kink_at_zero};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& z) {
    return autograd::num::select(z > 0.0, z, 0.001 * z);
  }
  template <class V>
  static V slope(const V& z, const V& /*a*/) {
    return autograd::num::select(z > 0.0, V(1.0), V(0.01));
  }
};

std::unique_ptr<Explanation> record_mixed_slope() {
  auto explanation = std::make_unique<Explanation>();
  explanation->title = "max(0.001z, z) with slope 0.01";
  const Tensor z = named(explanation->tape.variable(-2.0), "z");
  explanation->loss = named(autograd::apply<MixedLeakyRelu>(z), "a");
  explanation->trace = trace_of(explanation->tape, explanation->loss);
  return explanation;
}

Tensor mixed(const Tensor& z) { return autograd::apply<MixedLeakyRelu>(z); }

void write_wrong_leaky_slope(LessonText& text, const Explanation& wrong) {
  text.say(
      "The mistake stands in print: leaky relu as max(0.001z, z), and a few lines on its slope as "
      "0.01. Each is a leaky relu; together they are none. As a rule it reads:");
  text.show({"a  = " + autograd::formula_of<MixedLeakyRelu>({"z"}).text(),
             "a' = " + autograd::slope_formula_of<MixedLeakyRelu>(0, {"z"}, "a").text()});
  text.say("On the tape:");
  std::vector<autograd::TraceLine> tape =
      lines_of(sections_of(wrong.trace, text.style()), "Forward");
  tape.push_back(lines_of(sections_of(wrong.trace, text.style()), "Backward").front());
  text.show(tape);
  text.say(
      "Training with it works, nearly: the sign is right, and the direction of descent is "
      "off only for units that are off. The check does not ask whether it works:");
  std::vector<Row> rows{{"z", "slope", "witness", "verdict"}};
  for (const double z : {2.0, 0.5, -0.5, -2.0}) {
    rows.push_back(verdict_row(shown(z), checked("z", z, mixed)));
  }
  text.table(rows);
  text.quote(checked("z", -2.0, mixed).failure);
  text.say(
      "At every z > 0 it passes. A check is about the points it looked at: one of relu-like "
      "functions at positive inputs verifies the easy half. That of a rule looks on both sides, "
      "in the tails and at the kink:");
  text.quote(check_rule(autograd::rule_of<MixedLeakyRelu>).failure);
  text.try_this({"tapewise gradcheck --op leaky_relu",
                 "tapewise gradcheck \"leaky_relu(z, 0.001)\" --at z=-2"},
                "The witness is a complex step of the value. Why can it not be wrong in the same "
                "way as the slope?");
}

// ---- b := w1 − lr·db

std::unique_ptr<Explanation> record_six_rows() {
  return explain_expression(
      "z = X @ w + b; L = mean(binary_cross_entropy_with_logits(z, y))",
      "X=[[0.5,-0.5],[1,1],[-2,-0.5],[1,1],[1,2],[-1,-2]],y=[0,0,0,1,1,0],w=[0.5,-0.25],b=0.1",
      "w,b", {false, 0.5});
}

// Six rows after an update, which may have the misprint.
std::unique_ptr<Explanation> stepped(const Explanation& now, bool misprinted) {
  const autograd::TracedValue& w = *now.trace.find("w");
  const autograd::TracedValue& b = *now.trace.find("b");
  const double rate = *now.options.learning_rate;
  const double from = misprinted ? w.value[0] : b.value[0];
  return now.with({{w.node, {w.value[0] - rate * w.adjoint[0], w.value[1] - rate * w.adjoint[1]}},
                   {b.node, {from - rate * b.adjoint[0]}}});
}

// A thousand steps either way, some of which have a row.
struct TwoDescents {
  std::vector<Row> rows{{"step", "L, right", "L, misprinted", "b, right", "b, misprinted"}};
  std::unique_ptr<Explanation> right;
  std::unique_ptr<Explanation> misprinted;
  int falls = 0;  // how many steps with the misprint made the loss fall, until one did not
};
TwoDescents two_descents(const Explanation& start) {
  TwoDescents both;
  both.right = start.with({});
  both.misprinted = start.with({});
  constexpr int last = 1000;
  for (int step = 0;; ++step) {
    const double loss = both.misprinted->loss.item();
    if (step <= 3 || step == 10 || step == 30 || step == 100 || step == last) {
      both.rows.push_back({double(step), both.right->loss.item(), loss,
                           both.right->trace.find("b")->value[0],
                           both.misprinted->trace.find("b")->value[0]});
    }
    if (step == last) return both;
    both.right = stepped(*both.right, false);
    both.misprinted = stepped(*both.misprinted, true);
    if (both.falls == step && both.misprinted->loss.item() < loss) ++both.falls;
  }
}

// The gradient check of that loss where w and b are now.
GradientReport check_of_six_rows(const Explanation& now) {
  const auto values = [&](std::string_view name) {
    const autograd::TracedValue& value = *now.trace.find(name);
    return autograd::Values(value.value, value.shape);
  };
  const auto loss = [&](std::span<const Tensor> wb) {
    autograd::Tape& tape = *wb[0].tape();
    const Tensor z = matmul(tape.constant(values("X")), wb[0]) + wb[1];
    return mean(binary_cross_entropy_with_logits(z, tape.constant(values("y"))));
  };
  return autograd::check_gradients(loss, {{"w", values("w")}, {"b", values("b")}});
}

void write_wrong_bias_update(LessonText& text, const Explanation& six_rows) {
  text.say(
      "The mistake stands in print, too: the last line of the update is "
      "b := w1 − learning_rate · db. Six rows of logistic regression, with both:");
  const TwoDescents both = two_descents(six_rows);
  const Explanation& wrong = *both.misprinted;
  text.table(both.rows);
  text.say(fmt::format(
      "With the misprint the loss falls, too: in each of the first {} steps. Whoever watches it "
      "sees "
      "a model that learns. w is updated rightly, and b is thrown back to w1 every time; the other "
      "weights make the best of it. It ends at {} times the loss of the right one.",
      both.falls, shown(rounded(wrong.loss.item() / both.right->loss.item()))));
  text.say("What would have shown it? The gradient where it ends, which should go to 0:");
  std::vector<Row> rows{{"", "dw1", "dw2", "db"}};
  for (const Explanation* at : {both.right.get(), both.misprinted.get()}) {
    const std::vector<double>& dw = at->trace.find("w")->adjoint;
    rows.push_back({at == &wrong ? "misprinted" : "right", rounded(dw[0]), rounded(dw[1]),
                    rounded(at->trace.find("b")->adjoint[0])});
  }
  text.table(rows);
  text.say(
      "And the gradient check? Where the misprint ends it says " +
      std::string(to_string(check_of_six_rows(wrong).verdict)) +
      ", and is right: every slope is. It sees the gradient, not what is done with it. An update "
      "is checked by its fixed point, by one step worked out by hand, or by a solver that does not "
      "share it. A falling loss proves nothing.");
  text.try_this({"tapewise explain", "tapewise train tests/data/hours.csv --target pass --cv none"},
                "`train` prints the largest entry of the gradient where it ends. What would it "
                "print of a fit with this misprint?");
}

// ---- relu'(0) = 1

// As a summary has it: slope 0 if z < 0, else 1.
struct ReluOnAtZero : Elementwise<1> {
  static constexpr RuleInfo info{
      "relu_on_at_zero", "relu, slope 1 at 0", "", {}, autograd::rules::kink_at_zero};
  static constexpr bool piecewise = true;
  template <class V>
  static V value(const V& z) {
    return autograd::num::select(z > 0.0, z, V(0.0));
  }
  template <class V>
  static V slope(const V& z, const V& /*a*/) {
    return autograd::num::select(z >= 0.0, V(1.0), V(0.0));
  }
};

Tensor relu_on_at_zero(const Tensor& z) { return autograd::apply<ReluOnAtZero>(z); }

std::unique_ptr<Explanation> record_relu_on_at_zero() {
  auto explanation = std::make_unique<Explanation>();
  explanation->title = "relu with slope 1 at 0, of a weight that starts at 0";
  autograd::Tape& tape = explanation->tape;
  const Tensor w = named(tape.variable(0.0), "w");
  const Tensor z = named(w * named(tape.constant(2.0), "x"), "z");
  const Tensor a = named(relu_on_at_zero(z), "a");
  explanation->loss = named(square(a - 1.0), "L");
  explanation->trace = trace_of(tape, explanation->loss);
  return explanation;
}

void write_wrong_kink(LessonText& text, const Explanation& on_at_zero) {
  text.say(
      "A text defines relu'(0) = 0, and its own summary says 0 if z < 0, else 1. Is that a "
      "mistake? Off the kink both are the same rule:");
  text.show(
      {"a' = " + autograd::slope_formula_of(autograd::rule_of<autograd::rules::Relu>, 0, {"z"}, "a")
                     .text(),
       "a' = " + autograd::slope_formula_of<ReluOnAtZero>(0, {"z"}, "a").text()});
  std::vector<Row> rows{{"z", "relu", "verdict", "on at 0", "verdict"}};
  for (const double z : {-1.0, 0.0, 1.0}) {
    const GradientReport ours = checked("z", z, [](const Tensor& x) { return relu(x); });
    const GradientReport other = checked("z", z, relu_on_at_zero);
    rows.push_back({z, ours.inputs[0].entries[0].analytic, std::string(to_string(ours.verdict)),
                    other.inputs[0].entries[0].analytic, std::string(to_string(other.verdict))});
  }
  text.table(rows);
  text.say("The check of the rule: " +
           std::string(check_rule(autograd::rule_of<ReluOnAtZero>).passed ? "passed" : "failed") +
           ". Both slopes lie between those of the sides, 0 and 1, and no mathematics prefers one. "
           "CONVENTION is a pass with a remark: right, but not the side that rectifiers have here "
           "and in PyTorch. Two programs that differ in it give different networks.");
  text.say("They do where z is exactly 0, as it is of a weight that starts at 0:");
  text.show(lines_of(sections_of(on_at_zero.trace, text.style()), "Forward"));
  text.show(lines_of(sections_of(on_at_zero.trace, text.style()), "Backward"));
  const auto ours = explain_expression("a = relu(w*x); L = square(a - 1)", "w=0,x=2", "w", {});
  text.say("With relu'(0) = 0, dw is " + shown(ours->trace.find("w")->adjoint[0] + 0.0) +
           ": this unit, whose weight starts at 0, never learns. With 1 it is " +
           shown(on_at_zero.trace.find("w")->adjoint[0]) +
           ", and it does. In a network neither is a way to start: where the weights behind a unit "
           "are 0, nothing comes back to it, and units that start alike stay alike.");
  text.try_this({"tapewise gradcheck \"relu(z)\" --at z=0 -v",
                 "tapewise explain \"a = relu(w*x); L = square(a - 1)\" --at w=0,x=2 --wrt w"},
                "What if the slope at 0 were 2? Which verdict would that get, and why?");
}

}  // namespace

Chapter lessons_wrong_on_purpose() {
  return {"Wrong on purpose",
          {{"wrong-assignment", "= for +=", record_assignment, write_wrong_assignment},
           {"wrong-zeroing", "Nothing zeroed: the loss falls, and rises, and falls",
            record_parabola, write_wrong_zeroing},
           {"wrong-leaky-slope", "A slope that is not the value's", record_mixed_slope,
            write_wrong_leaky_slope},
           {"wrong-bias-update", "A falling loss proves nothing", record_six_rows,
            write_wrong_bias_update},
           {"wrong-kink", "relu'(0) = 1: a mistake?", record_relu_on_at_zero, write_wrong_kink}}};
}

}  // namespace apps
