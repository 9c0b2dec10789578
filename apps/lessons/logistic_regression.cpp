// Lessons about logistic regression: the documented derivation, and why its last two steps are one.
#include <spdlog/fmt/fmt.h>

#include "apps/explanation_text.h"
#include "apps/lessons/lessons.h"
#include "autograd/operations.h"

namespace apps {
namespace {

using autograd::Formula;
using autograd::shown;
using autograd::Tape;
using autograd::Tensor;
using models::CrossEntropy;

// ---- dz = a − y

std::unique_ptr<Explanation> record_teaching_example() {
  return explain_example({}, CrossEntropy::textbook, {false, 0.1});
}

// dz with da written out, multiplied out, and as it is remembered.
std::vector<Row> derivation_of_dz(const autograd::Trace& trace) {
  const Formula a = Formula::symbol("a", trace.find("a")->value[0]);
  const Formula y = Formula::symbol("y", trace.find("y")->value[0]);
  std::vector<Row> rows;
  for (const Formula& dz :
       {(-y / a + (1.0 - y) / (1.0 - a)) * a * (1.0 - a), -y * (1.0 - a) + (1.0 - y) * a, a - y}) {
    rows.push_back({rows.empty() ? "dz" : "", "= " + dz.text(), "= ", dz.evaluate()});
  }
  return rows;
}

void write_logistic_regression(LessonText& text, const Explanation& example) {
  const auto all = sections(example, text.style());
  text.say(
      "A row x, its label y, weights w and a bias b. z is the log-odds of y = 1, a its "
      "probability, L how surprising y is to who believes a.");
  text.show(lines_of(all, "Forward"));
  text.say("Backwards by the textbook; beside dz what the fused rule of the next lesson gives.");
  std::vector<autograd::TraceLine> backward = lines_of(all, "Backward");
  for (autograd::TraceLine& line : backward) line.note = line.note.empty() ? "" : "(fused)";
  text.show(backward);
  text.say(
      "Why is a long formula times another one so short? Write da out, and a and 1 − a each "
      "cancel against a denominator. The slope of σ is just what the logarithm divides by.");
  text.table(derivation_of_dz(example.trace));
  text.say(
      "dz is the error. A weight's gradient is the error times its input, the bias's is the error "
      "itself. All parameters move at once, from the same gradient:");
  text.show(lines_of(all, "Update"));
  text.say("L was " + shown(example.loss.item()) + ", and is " +
           lines_of(all, "Forward with").back().value + " after this step.");
  text.try_this({"tapewise explain", "tapewise explain --label 0 --learning-rate 1"},
                "In exact arithmetic no step makes L 0. Why not, and what do w and b do instead?");
}

// ---- one rule for sigmoid and loss

std::unique_ptr<Explanation> record_saturated() {
  return explain_example({{40.0}, 0.0, {1.0}, 0.0}, CrossEntropy::textbook, {});
}

// The loss of a logit whose label is 0, and its slope.
struct LossOfLogit {
  double loss = 0.0;
  double dz = 0.0;
};

template <class Loss>
LossOfLogit on_the_tape(double logit, Loss loss_of) {
  Tape tape;
  const Tensor z = tape.variable(logit);
  const Tensor loss = loss_of(z);
  tape.backward(loss);
  return {loss.item(), z.adjoint_item()};
}

LossOfLogit fused(double logit) {
  return on_the_tape(logit,
                     [](const Tensor& z) { return binary_cross_entropy_with_logits(z, 0.0); });
}

// The smallest whole z whose sigmoid is 1.
int first_that_rounds_to_one() {
  Tape tape;
  int z = 0;
  while (sigmoid(tape.constant(double(z))).item() < 1.0) ++z;
  return z;
}

constexpr double clamp_margin = 1e-12;

LossOfLogit clamped(double logit) {
  return on_the_tape(logit, [](const Tensor& z) {
    const Tensor a = minimum(maximum(sigmoid(z), clamp_margin), 1.0 - clamp_margin);
    return binary_cross_entropy(a, 0.0);
  });
}

// The textbook's formula for dz, with the numbers of a and da as they were rounded.
LossOfLogit as_written(double logit) {
  const auto example = explain_example({{logit}, 0.0, {1.0}, 0.0}, CrossEntropy::textbook, {});
  const autograd::Trace& trace = example->trace;
  return {example->loss.item(), trace.parts[trace.find("z")->parts[0]].rule.evaluate()};
}

template <class Route>
double logit_after(int steps, double logit, Route route) {
  for (int step = 0; step < steps; ++step) logit -= route(logit).dz;
  return logit;
}

void write_fused_loss(LessonText& text, const Explanation& saturated) {
  const autograd::Trace& trace = saturated.trace;
  const double z = trace.find("z")->value[0];
  text.say(
      "The derivation of the last lesson is right. Its arithmetic is not: a row whose label is 0 "
      "and whose z is " +
      shown(z) +
      " is badly wrong, the very row to "
      "learn most from.");
  std::vector<Row> rows{
      {"z", "L textbook", "clamped", "fused", "dz as written", "clamped", "fused"}};
  for (const double at : {-2.0, 2.0, 10.0, 20.0, 30.0, z}) {
    rows.push_back({at, as_written(at).loss, clamped(at).loss, fused(at).loss, as_written(at).dz,
                    clamped(at).dz, fused(at).dz});
  }
  text.table(rows);
  text.say(fmt::format(
      "As written: the closer a is to 1, the fewer digits 1 − a has, as L at 30 shows; at z = {} "
      "a has rounded to 1. Then L and da are infinite, a(1 − a) is 0, and ∞ · 0 is NaN, which "
      "reaches every weight at the next step.",
      first_that_rounds_to_one()));
  text.show(lines_of(sections_of(trace, text.style()), "Backward"));
  text.say("(The tape computes the slope of σ from z, and keeps its digits: " +
           shown(trace.parts[trace.find("z")->parts[0]].slope_numbers[0]) +
           " instead of 0. ∞ times that is still of no use.)");
  text.say("Clamped: a is kept " + shown(clamp_margin) +
           " away from 0 and 1. Nothing is infinite any more, L looks like a number, and dz is 0: "
           "a constant has no slope. The row is silent, and no warning says so.");
  text.say(
      "Fused: sigmoid and loss are one rule of z. Its slope is written down, not multiplied "
      "together, and its loss is computed from z, so that 1 − a is never taken. "
      "Below it, steps of z := z − dz from there:");
  const autograd::Trace& other = *saturated.other_route;
  text.show({part_line(other, other.parts[other.find("z")->parts[0]], text.style())});
  std::vector<Row> steps{{"steps"}, {"z, clamped"}, {"z, fused"}};
  for (const int count : {0, 10, 20, 30, 40, 50}) {
    steps[0].emplace_back(double(count));
    steps[1].emplace_back(logit_after(count, z, clamped));
    steps[2].emplace_back(logit_after(count, z, fused));
  }
  text.table(steps);
  text.try_this({"tapewise explain --weights 40 --input 1 --bias 0 --label 0 --unfused",
                 "tapewise gradcheck \"binary_cross_entropy_with_logits(z, 0)\" --at z=40"},
                "Where does the clamped slope become 0: at which z, for this margin?");
}

}  // namespace

Chapter logistic_regression_lessons() {
  return {
      "Logistic regression",
      {{"logistic-regression", "The documented derivation, and why dz = a − y",
        record_teaching_example, write_logistic_regression},
       {"fused-loss", "Why sigmoid and loss are one rule", record_saturated, write_fused_loss}}};
}

}  // namespace apps
