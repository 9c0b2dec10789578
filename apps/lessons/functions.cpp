// Lessons about functions by themselves: softmax, tanh and sigmoid, learned shapes, hard forms.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "apps/lessons/lessons.h"
#include "autograd/operations.h"

namespace apps {
namespace {

using autograd::Index;
using autograd::shown;
using autograd::Tape;
using autograd::Tensor;

// Values and slopes of a function of one number at many places at once.
struct Curve {
  std::vector<double> x;
  std::vector<double> value;
  std::vector<double> slope;
};

template <class Function>
Curve curve_of(const std::vector<double>& at, Function function) {
  Tape tape;
  const Tensor x = tape.variable(autograd::Values(at, {Index(at.size())}));
  const Tensor y = function(x);
  tape.backward(sum(y));
  return {at,
          {y.values().begin(), y.values().end()},
          {x.adjoint_values().begin(), x.adjoint_values().end()}};
}

// −limit, …, 0, …, limit, in steps of 1/1000.
std::vector<double> scan(int limit) {
  std::vector<double> x;
  for (int k = -1000 * limit; k <= 1000 * limit; ++k) x.push_back(double(k) / 1000.0);
  return x;
}

struct Largest {
  double difference = 0.0;
  double at = 0.0;  // its distance from 0
};

Largest largest_difference(const std::vector<double>& x, const std::vector<double>& one,
                           const std::vector<double>& other) {
  Largest largest;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double difference = std::abs(one[k] - other[k]);
    if (difference > largest.difference) largest = {difference, std::abs(x[k])};
  }
  return largest;
}

// ---- softmax

std::unique_ptr<Explanation> record_softmax() {
  return explain_expression("s = softmax(z); L = cross_entropy_with_logits(z, t)",
                            "z=[1,2,3],t=[0,1,0]", "z", {});
}

std::vector<double> softmax_of(const std::vector<double>& logits) {
  return curve_of(logits, [](const Tensor& z) { return softmax(z); }).value;
}

// Logits that are too large for exp, as the formula is written and shifted.
std::vector<Row> softmax_of_large_logits() {
  const std::vector<double> z{1000.0, 1001.0, 1002.0};
  const Curve exponentials = curve_of(z, [](const Tensor& t) { return exp(t); });
  const Curve shares = curve_of(z, [](const Tensor& t) { return exp(t) / sum(exp(t)); });
  const std::vector<double> s = softmax_of(z);
  std::vector<Row> rows{{"z", "exp(z)", "exp(z)/sum", "z − max", "exp(z − max)", "softmax"}};
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double shifted = z[k] - z.back();
    rows.push_back(
        {z[k], exponentials.value[k], shares.value[k], shifted, std::exp(shifted), s[k]});
  }
  return rows;
}

void write_softmax(LessonText& text, const Explanation& recording) {
  text.say(
      "softmax turns logits into probabilities: exponentials, divided by their sum. Written like "
      "that it ends where exp does; with the largest logit taken away first it never overflows.");
  text.table(softmax_of_large_logits());
  text.say(
      "Nothing is lost by it: what is added to all logits is a factor of numerator and "
      "denominator. In exact arithmetic any shift will do; with the maximum nothing "
      "overflows, and the largest exponential is 1. So logits that are all moved alike give the "
      "same shares:");
  const std::vector<double> logits = recording.trace.find("z")->value;
  std::vector<Row> rows{{"all moved: " + shown(logits, {Index(logits.size())}), "softmax", "", ""}};
  for (const double shift : {0.0, 10.0, 1000.0, -1000.0}) {
    std::vector<double> moved = logits;
    for (double& z : moved) z += shift;
    const std::vector<double> s = softmax_of(moved);
    rows.push_back({shift, s[0], s[1], s[2]});
  }
  text.table(rows);
  const std::vector<double>& dz = recording.trace.find("z")->adjoint;
  text.say(
      "The adjoints know it, too. The loss of a row with labels t, 1 for its class and 0 for the "
      "others, has dz = s − t, which adds up to " +
      shown(rounded(dz[0] + dz[1] + dz[2])) +
      ": to move all logits alike is no way down. So no gradient flows through the shift.");
  const std::vector<double>& t = recording.trace.find("t")->value;
  const std::vector<double> s = softmax_of(logits);
  rows = {{"class", "s", "t", "s − t", "dz"}};
  for (std::size_t k = 0; k < dz.size(); ++k) {
    rows.push_back({double(k), s[k], t[k], s[k] - t[k], dz[k]});
  }
  text.table(rows);
  text.say("Of two logits, softmax is the sigmoid of their difference:");
  rows = {{"z1", "z2", "softmax, first", "σ(z1 − z2)"}};
  for (const auto& [z1, z2] : {std::pair{0.5, -0.5}, {3.0, 1.0}, {998.0, 1000.0}}) {
    rows.push_back({z1, z2, softmax_of({z1, z2})[0],
                    curve_of({z1 - z2}, [](const Tensor& z) { return sigmoid(z); }).value[0]});
  }
  text.table(rows);
  text.try_this({"tapewise explain \"softmax(z) @ [1,0,0]\" --at z=[1000,1001,1002]",
                 "tapewise gradcheck \"softmax(z) @ [1,0,0]\" --at z=[1,2,3]"},
                "Three logits have how many degrees of freedom? And the weights behind them?");
}

// ---- tanh and sigmoid

std::unique_ptr<Explanation> record_stretched_sigmoid() {
  return explain_expression("s = sigmoid(2*x); t = 2*s - 1", "x=0.5", "", {});
}

// A power of ten; of two doubles that are neighbours or the same, 1e-15.
double relative_error_below(double value, double right) {
  return decade_above(std::max(std::abs(value / right - 1.0), 1e-16));
}

void write_tanh_and_sigmoid(LessonText& text, const Explanation& stretched) {
  const auto stretch = [](const Tensor& x) { return 2.0 * sigmoid(2.0 * x) - 1.0; };
  const auto plain = [](const Tensor& x) { return tanh(x); };
  text.say("Stretch a sigmoid to twice its height, press it to half its width, move it down by 1:");
  text.show(lines_of(sections_of(stretched.trace, text.style()), "Forward"));
  text.show(lines_of(sections_of(stretched.trace, text.style()), "Backward"));
  const std::vector<double> places{-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0};
  const Curve one = curve_of(places, stretch);
  const Curve other = curve_of(places, plain);
  std::vector<Row> rows{{"x", "2σ(2x) − 1", "tanh(x)", "slope", "slope of tanh"}};
  for (std::size_t k = 0; k < places.size(); ++k) {
    rows.push_back({places[k], one.value[k], other.value[k], one.slope[k], other.slope[k]});
  }
  text.table(rows);
  const Curve all_of_one = curve_of(scan(10), stretch);
  const Curve all_of_other = curve_of(scan(10), plain);
  text.say(fmt::format(
      "It is tanh: of {} places from {} to {}, values differ by less than {}, slopes by less "
      "than {}, which is rounding. So a layer of tanh units can do what one of sigmoids can, with "
      "other weights. Learning differs: tanh is balanced around 0, and four times as steep there.",
      all_of_one.x.size(), shown(all_of_one.x.front()), shown(all_of_one.x.back()),
      shown(decade_above(
          largest_difference(all_of_one.x, all_of_one.value, all_of_other.value).difference)),
      shown(decade_above(
          largest_difference(all_of_one.x, all_of_one.slope, all_of_other.slope).difference))));
  text.say("Equal in mathematics is not equal in floating point:");
  constexpr double tiny = 1e-9;
  constexpr double far = 20.0;
  const double t = curve_of({far}, plain).value[0];
  text.table({{"", "by the identity", "by tanh"},
              {"error of the value at x = " + shown(tiny) + ", relative: below",
               relative_error_below(curve_of({tiny}, stretch).value[0], std::tanh(tiny)),
               relative_error_below(curve_of({tiny}, plain).value[0], std::tanh(tiny))},
              {"slope at x = " + shown(far), curve_of({far}, stretch).slope[0],
               curve_of({far}, plain).slope[0]},
              {"the same, by the formula 1 − t²", "", 1.0 - t * t}});
  text.say(
      "Near 0 the identity subtracts 1 from what is almost 1, and loses digits. Far out t rounds "
      "to 1, and 1 − t² to 0: the rule computes that slope from x instead.");
  text.try_this({"tapewise explain \"tanh(x)\" --at x=20",
                 "tapewise gradcheck \"tanh(x) - (2*sigmoid(2*x) - 1)\" --at x=0.5"},
                "The second check has a function that is 0 everywhere. What can it verify?");
}

// ---- learned shapes

std::unique_ptr<Explanation> record_prelu() {
  return explain_expression("h = prelu(x, a); E = mean(square(h - y))",
                            "x=[-2,-1,1,2],y=[-1.2,-0.6,1,2],a=0.25", "a", {});
}

// y = |x|, and two pieces of which the second is 0 at first.
std::unique_ptr<Explanation> record_maxout() {
  return explain_expression("h = maxout(x @ w, 2); E = mean(square(h - y))",
                            "x=[[-2],[-1],[1],[2]],y=[[2],[1],[1],[2]],w=[[1,0]]", "w",
                            {false, 0.1});
}

// How a moves by the documented update, a row for some steps; the last a comes back, too.
struct PreluDescent {
  std::vector<Row> rows{{"step", "a", "E", "∂E/∂a", "Δa"}};
  double last = 0.0;
};
PreluDescent descent_of_prelu(const Explanation& prelu, double momentum, double rate) {
  PreluDescent descent;
  double change = 0.0;
  auto now = prelu.with({});
  for (int step = 0; step <= 30; ++step) {
    const autograd::TracedValue& a = *now->trace.find("a");
    change = momentum * change + rate * a.adjoint[0];
    if (step <= 5 || step == 10) {
      descent.rows.push_back({double(step), a.value[0], now->loss.item(), a.adjoint[0], change});
    }
    descent.last = a.value[0];
    now = now->with({{a.node, {a.value[0] - change}}});
  }
  return descent;
}

// Below each x the largest of its two pieces, and relu of it.
std::vector<Row> maxout_beside_relu(const Explanation& maxout) {
  const std::vector<double>& x = maxout.trace.find("x")->value;
  const Curve rectified = curve_of(x, [](const Tensor& z) { return relu(z); });
  std::vector<Row> rows{{"x"}, {"maxout(1·x, 0·x)"}, {"relu(x)"}};
  for (std::size_t k = 0; k < x.size(); ++k) {
    rows[0].emplace_back(x[k]);
    rows[1].emplace_back(maxout.trace.find("h")->value[k]);
    rows[2].emplace_back(rectified.value[k]);
  }
  return rows;
}

std::vector<Row> descent_of_maxout(const Explanation& maxout) {
  std::vector<Row> rows{{"step", "first piece", "second piece", "E"}};
  auto now = maxout.with({});
  for (int step = 0; step <= 40; ++step) {
    const autograd::TracedValue& w = *now->trace.find("w");
    if (step == 0 || step == 1 || step == 5 || step == 40) {
      rows.push_back({double(step), w.value[0], w.value[1], now->loss.item()});
    }
    now = now->with({{w.node, now->trace.updates[0].after}});
  }
  return rows;
}

void write_learned_shapes(LessonText& text, const Explanation& prelu) {
  constexpr double momentum = 0.5;
  constexpr double rate = 0.1;
  text.say(fmt::format(
      "prelu is x where x > 0, else a·x, and learns a. These data were made with a = {}. Its "
      "documented update has momentum μ = {} and rate ε = {}: Δa := μ·Δa + ε·∂E/∂a, a := a − Δa.",
      shown(prelu.trace.find("y")->value[0] / prelu.trace.find("x")->value[0]), shown(momentum),
      shown(rate)));
  const PreluDescent descent = descent_of_prelu(prelu, momentum, rate);
  text.table(descent.rows);
  text.say(
      "Only x <= 0 has a say in it: ∂E/∂a is the sum of dh · x over these. "
      "a overshoots, as momentum does, and ends at " +
      shown(rounded(descent.last)) +
      ". There is no weight decay on a: it would pull towards relu.");
  text.say("maxout takes the largest of several linear pieces. If the second is 0, it is relu:");
  const std::unique_ptr<Explanation> maxout = record_maxout();
  text.table(maxout_beside_relu(*maxout));
  text.say(
      "But both pieces learn, each from the inputs where it wins. Shown y = |x|, it becomes the "
      "absolute value, which no relu alone can be:");
  text.table(descent_of_maxout(*maxout));
  text.try_this({"tapewise explain \"mean(square(prelu(x, a) - y))\" --at x=[-2,1],y=[-1,1],a=0.2",
                 "tapewise explain \"maxout(x*w, 2) @ [1]\" --at x=-2,w=[1,0]"},
                "What can prelu learn from inputs that are all positive?");
}

// ---- hard forms

std::unique_ptr<Explanation> record_hard_and_soft() {
  return explain_expression("h = hard_logistic(x); s = sigmoid(x); d = h - s", "x=1", "", {});
}

void write_hard_and_soft(LessonText& text, const Explanation& recording) {
  const auto hard_l = [](const Tensor& x) { return hard_logistic(x); };
  const auto soft_l = [](const Tensor& x) { return sigmoid(x); };
  const auto hard_t = [](const Tensor& x) { return hard_tanh(x); };
  const auto soft_t = [](const Tensor& x) { return tanh(x); };
  text.say(
      "hard-logistic and hard-tanh are the tangents of σ and tanh at 0, clipped where they leave "
      "the range. No exponential is needed. At x = " +
      shown(recording.trace.find("x")->value[0]) + ":");
  text.show(without_numbers(lines_of(sections_of(recording.trace, text.style()), "Forward")));
  text.show(without_numbers(lines_of(sections_of(recording.trace, text.style()), "Backward")));
  const std::vector<double> places{0.0, 0.1, 0.5, 1.0, 2.0, 4.0};
  const Curve h = curve_of(places, hard_l);
  const Curve s = curve_of(places, soft_l);
  const Curve ht = curve_of(places, hard_t);
  const Curve st = curve_of(places, soft_t);
  std::vector<Row> rows{{"x", "hard-log.", "σ", "slope", "slope of σ", "hard-tanh", "tanh"}};
  for (std::size_t k = 0; k < places.size(); ++k) {
    rows.push_back(
        {places[k], h.value[k], s.value[k], h.slope[k], s.slope[k], ht.value[k], st.value[k]});
  }
  text.table(rows);
  const std::vector<double> x = scan(6);
  const auto pytorch = [](const Tensor& z) { return minimum(maximum(z / 6.0 + 0.5, 0.0), 1.0); };
  const Curve soft = curve_of(x, soft_l);
  const auto far = [&](const std::string& name, const Curve& one, const Curve& other) {
    const Largest largest = largest_difference(x, one.value, other.value);
    return Row{name, rounded(largest.difference), largest.at};
  };
  text.say(fmt::format("Furthest apart, of {} places between {} and {}:", x.size(),
                       shown(x.front()), shown(x.back())));
  text.table({{"", "difference", "at ±x"},
              far("hard-logistic and σ", curve_of(x, hard_l), soft),
              far("hard-tanh and tanh", curve_of(x, hard_t), curve_of(x, soft_t)),
              far("clip(x/6 + ½), PyTorch's Hardsigmoid, and σ", curve_of(x, pytorch), soft)});
  text.say(
      "Both are furthest off just where they are clipped: σ and tanh never catch up with their "
      "tangent before. The second line is twice the first at half the place, since "
      "hard-tanh(x) = 2·hard-logistic(2x) − 1, as tanh is of σ. The third is another function "
      "under a similar name: not the tangent, and at its worst nearer to σ.");
  text.say(
      "The slope is what differs most: behind the clip it is exactly 0, where σ still has a "
      "little. A unit that far out learns nothing, as a dead relu does, on either side.");
  text.try_this({"tapewise gradcheck \"hard_logistic(x)\" --at x=2",
                 "tapewise explain \"hard_logistic(x) - sigmoid(x)\" --at x=1.9"},
                "By how much do tangent and σ differ at 0.1 and at 0.2? What power of x is that?");
}

}  // namespace

Chapter function_lessons() {
  return {
      "Functions",
      {{"softmax", "softmax and its shift", record_softmax, write_softmax},
       {"tanh-and-sigmoid", "tanh is a sigmoid", record_stretched_sigmoid, write_tanh_and_sigmoid},
       {"learned-shapes", "prelu and maxout learn their shape", record_prelu, write_learned_shapes},
       {"hard-and-soft", "Straight lines for curves", record_hard_and_soft, write_hard_and_soft}}};
}

}  // namespace apps
