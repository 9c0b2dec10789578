// Lessons about activations inside a network: what they do to gradients on the way back.
#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "apps/lessons/lessons.h"
#include "autograd/operations.h"
#include "autograd/verify/gradient_check.h"

namespace apps {
namespace {

using autograd::Operand;
using autograd::shown;
using autograd::Tape;
using autograd::Tensor;
using autograd::TracedValue;

using Activation = Tensor (*)(const Operand&);

double mean_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / double(numbers.size());
}

// ---- vanishing gradients

std::unique_ptr<Explanation> record_ten_sigmoids() {
  std::string text = "h1 = sigmoid(x)";
  for (int k = 2; k <= 10; ++k) text += fmt::format("; h{} = sigmoid(h{})", k, k - 1);
  return explain_expression(text, "x=0.5", "", {});
}

// ∂h/∂x of an activation applied to x so many times.
double slope_through(Activation activation, int layers, double at) {
  Tape tape;
  const Tensor x = tape.variable(at);
  Tensor h = x;
  for (int layer = 0; layer < layers; ++layer) h = activation(h);
  tape.backward(h);
  return x.adjoint_item();
}

void write_vanishing_gradients(LessonText& text, const Explanation& sigmoids) {
  const double x = sigmoids.trace.find("x")->value[0];
  text.say(
      "On the way back each layer multiplies the adjoint by the slope of its sigmoid, "
      "h(1 − h), which is largest where h is one half.");
  text.show(without_numbers(lines_of(sections_of(sigmoids.trace, text.style()), "Backward")));
  text.say(fmt::format(
      "At most {} each, so at most {}^{} = {} in all. (Weights between the layers multiply it as "
      "well; here they are 1.) What is left of a slope of 1 behind so many layers, from x = {}:",
      shown(slope_through(autograd::sigmoid, 1, 0.0)), shown(0.25), 10, shown(std::pow(0.25, 10)),
      shown(x)));
  std::vector<Row> rows{{"layers", "sigmoid", "0.25^layers", "tanh", "relu"}};
  for (const int layers : {1, 2, 5, 10, 20}) {
    rows.push_back({double(layers), slope_through(autograd::sigmoid, layers, x),
                    std::pow(0.25, layers), slope_through(autograd::tanh, layers, x),
                    slope_through(autograd::relu, layers, x)});
  }
  text.table(rows);
  text.say(
      "tanh has slope 1 at 0 and loses little near it, and much far from it. relu has slope 1 "
      "wherever it is on: it loses nothing, or (the next lesson) everything. This is about hidden "
      "layers. At the output of a classifier the sigmoid stays: there its slope cancels against "
      "the loss.");
  text.try_this({"tapewise explain \"a = sigmoid(x); b = sigmoid(a); sigmoid(b)\" --at x=0.5",
                 "tapewise explain \"a = tanh(x); b = tanh(a); tanh(b)\" --at x=0.5"},
                "A weight in front of each sigmoid multiplies the slope, too. Which weight would "
                "keep it at 1, and at which h alone?");
}

// ---- dead units

std::unique_ptr<Explanation> hidden_layer_of(const std::string& activation) {
  return explain_expression(
      "Z = X @ W + b; H = " + activation + "(Z); L = mean(square(H @ v - y))",
      "X=[[1,0],[0,1],[-1,0.5],[0.5,-1]],W=[[1,-1,0.5],[0.5,1,-0.5]],b=[0,0,-3],v=[1,1,1],"
      "y=[1,2,0,1]",
      "W,b,v", {false, 0.1});
}

std::unique_ptr<Explanation> record_relu_layer() { return hidden_layer_of("relu"); }

// The share of rows in which a unit is off, and the gradients of the weights around it.
Row row_of_unit(const autograd::Trace& trace, std::size_t unit, const std::string& name) {
  const TracedValue& z = *trace.find("Z");
  const TracedValue& w = *trace.find("W");
  const auto units = std::size_t(z.shape[1]);
  std::vector<double> off;
  for (std::size_t k = unit; k < z.value.size(); k += units) {
    off.push_back(z.value[k] <= 0.0 ? 1.0 : 0.0);
  }
  return {name,
          mean_of(off),
          w.adjoint[unit],
          w.adjoint[units + unit],
          trace.find("b")->adjoint[unit],
          trace.find("v")->adjoint[unit]};
}

std::unique_ptr<Explanation> after_descent(const Explanation& start, int steps) {
  std::unique_ptr<Explanation> now = start.with({});
  for (int step = 0; step < steps; ++step) {
    autograd::Edits edits;
    for (const autograd::TracedUpdate& update : now->trace.updates) {
      edits[now->trace.values[update.value].node] = update.after;
    }
    now = now->with(edits);
  }
  return now;
}

void write_dead_relu(LessonText& text, const Explanation& layer) {
  text.say("Four rows through three hidden relu units and a linear output:");
  text.show({layer.title});
  text.say(
      "A unit is off in the rows where its z <= 0. There its value is 0, and so is its slope.");
  std::vector<Row> rows{{"unit", "share off", "dW[0, k]", "dW[1, k]", "db[k]", "dv[k]"}};
  const auto leaky = hidden_layer_of("leaky_relu");
  for (std::size_t k = 0; k < 3; ++k) {
    rows.push_back(row_of_unit(layer.trace, k, fmt::format("relu, k = {}", k)));
  }
  for (std::size_t k = 0; k < 3; ++k) {
    rows.push_back(row_of_unit(leaky->trace, k, fmt::format("leaky relu, k = {}", k)));
  }
  text.table(rows);
  text.say(
      "The last relu unit is off in every row. Its weights and its bias get nothing, since its "
      "slope is 0; the weight v behind it gets nothing either, since it is multiplied by a value "
      "of 0. No weight changes, so it is off in the next step as well: it is dead. "
      "(Behind a layer whose outputs change it may wake up; these inputs are data.)");
  constexpr int steps = 200;
  const auto after = after_descent(layer, steps);
  const auto leaky_after = after_descent(*leaky, steps);
  text.say(fmt::format("{} steps of gradient descent later:", steps));
  std::vector<Row> later{{"", "L", "W[0, 2]", "W[1, 2]", "b[2]", "v[2]"}};
  const auto add = [&](const std::string& name, const Explanation& at) {
    later.push_back({name, at.loss.item(), at.trace.find("W")->value[2],
                     at.trace.find("W")->value[5], at.trace.find("b")->value[2],
                     at.trace.find("v")->value[2]});
  };
  add("at first", layer);
  add("relu", *after);
  add("leaky relu", *leaky_after);
  text.table(later);
  text.say(
      "The loss falls all the same: the living units learn. A large step that throws a bias far "
      "below 0 is how a unit usually dies, and nothing in the loss tells of it. Look at the share "
      "of rows in which each unit is off; leaky relu leaves a way back, if a slow one.");
  text.try_this({"tapewise explain \"h = relu(w*x + b); L = square(h - 1)\" --at w=1,x=1,b=-3",
                 "tapewise explain \"h = elu(w*x + b); L = square(h - 1)\" --at w=1,x=1,b=-3"},
                "A unit that is off in 0.9 of the rows is not dead. What does it learn from?");
}

// ---- outputs that are never negative

std::unique_ptr<Explanation> next_unit_behind(const std::string& activation) {
  return explain_expression("h = " + activation + "(u); z = h @ v; L = square(z - y)",
                            "u=[-2,-0.5,0.5,2],v=[0.3,-0.2,0.1,-0.4],y=1", "v", {});
}

std::unique_ptr<Explanation> record_sigmoid_outputs() { return next_unit_behind("sigmoid"); }

void write_bias_shift(LessonText& text, const Explanation& sigmoid) {
  const auto relu = next_unit_behind("relu");
  const auto tanh = next_unit_behind("tanh");
  const std::vector<const Explanation*> all{&sigmoid, relu.get(), tanh.get()};
  text.say(
      "Four hidden units whose inputs u are balanced around 0, and the next unit, z = h·v. The "
      "gradient of its weights is dv = dz · h.");
  text.show(lines_of(sections_of(sigmoid.trace, text.style()), "Backward"));
  std::vector<Row> rows{{"u", "h sigmoid", "dv", "h relu", "dv", "h tanh", "dv"}};
  const std::vector<double>& u = sigmoid.trace.find("u")->value;
  for (std::size_t k = 0; k < u.size(); ++k) {
    Row row{u[k]};
    for (const Explanation* at : all) {
      row.emplace_back(at->trace.find("h")->value[k]);
      row.emplace_back(at->trace.find("v")->adjoint[k]);
    }
    rows.push_back(row);
  }
  Row means{"mean"};
  for (const Explanation* at : all) {
    means.emplace_back(mean_of(at->trace.find("h")->value));
    means.emplace_back("");
  }
  rows.push_back(means);
  text.table(rows);
  text.say(
      "In each network there is one dz, and for sigmoid and relu no h below 0: all of dv has the "
      "sign of dz. From this row the next "
      "unit's weights can all rise or all fall, and nothing else. If one should rise and another "
      "fall, it takes a zigzag over many rows. The outputs of tanh have both signs, and so has "
      "dv.");
  text.say(
      "And the outputs of sigmoid and relu have a mean above 0 where their inputs had none: every "
      "weight of the next unit shifts its z, and when the weights change, so does the shift. Its "
      "bias has to follow. tanh keeps the mean of balanced inputs at 0.");
  text.say(
      "Over a batch the rows' gradients are added, with a dz of either sign, so the sum may have "
      "both. What is true of each row is a tendency of the batch, not a law.");
  text.try_this({"tapewise explain \"h = sigmoid([-2,2]); square(h @ v - 1)\" --at v=[0.3,-0.2]",
                 "tapewise explain \"h = tanh([-2,2]); square(h @ v - 1)\" --at v=[0.3,-0.2]"},
                "Inputs of a model are often standardised to mean 0. What does that do to the "
                "weights of the first layer?");
}

// ---- kinks

std::unique_ptr<Explanation> record_two_kinks() {
  return explain_expression("a = relu(x); b = hard_tanh(y); c = a + b", "x=0,y=1", "", {});
}

struct KinkOf {
  std::string name;
  double at = 0.0;
  std::function<Tensor(const Tensor&)> function;
};

// What the gradient check sees at a point: slopes from either side, and the verdict on ours.
Row row_of_kink(const KinkOf& kink) {
  const autograd::GradientReport report = autograd::check_gradients(
      [&](std::span<const Tensor> x) { return kink.function(x[0]); }, {{"x", kink.at}});
  const autograd::EntryReport& entry = report.inputs[0].entries[0];
  const auto side = [](double slope) { return std::isnan(slope) ? Cell("") : Cell(slope); };
  return {kink.name,
          kink.at,
          side(entry.left),
          side(entry.right),
          entry.analytic,
          rounded(entry.central_difference),
          std::string(to_string(entry.verdict))};
}

void write_kinks(LessonText& text, const Explanation& two_kinks) {
  text.say(
      "At a kink there is no derivative: the slope from the left is one number and from the right "
      "another. A program must hand back something all the same.");
  text.show(lines_of(sections_of(two_kinks.trace, text.style()), "Forward"));
  text.show(lines_of(sections_of(two_kinks.trace, text.style()), "Backward"));
  text.say(
      "The rule is one sentence: the kink belongs to the <= side for one-sided rectifiers, and to "
      "the flat side for the hard functions; abs, which has neither, gets 0. What the gradient "
      "check says of it:");
  const std::vector<KinkOf> kinks{
      {"relu(x)", 0.0, [](const Tensor& x) { return relu(x); }},
      {"leaky_relu(x)", 0.0, [](const Tensor& x) { return leaky_relu(x); }},
      {"prelu(x, 0.25)", 0.0, [](const Tensor& x) { return prelu(x, 0.25); }},
      {"elu(x, 2)", 0.0, [](const Tensor& x) { return elu(x, 2.0); }},
      {"elu(x, 1)", 0.0, [](const Tensor& x) { return elu(x); }},
      {"abs(x)", 0.0, [](const Tensor& x) { return abs(x); }},
      {"hard_tanh(x)", 1.0, [](const Tensor& x) { return hard_tanh(x); }},
      {"hard_logistic(x)", -2.0, [](const Tensor& x) { return hard_logistic(x); }},
      {"maximum(x, 0)", 0.0, [](const Tensor& x) { return maximum(x, 0.0); }},
      {"maximum(0, x)", 0.0, [](const Tensor& x) { return maximum(0.0, x); }}};
  std::vector<Row> rows{{"", "x", "left", "right", "ours", "central", "verdict"}};
  for (const KinkOf& kink : kinks) rows.push_back(row_of_kink(kink));
  text.table(rows);
  text.say(
      "KINK is a pass: the slope lies between those of the two sides, and no mathematics asks for "
      "more. elu with 1 has no kink, its sides agree, and there "
      "the check insists. A central difference straddles the kink and gives the mean of the sides, "
      "which is neither; a check that trusts it calls a right relu wrong.");
  text.say(
      "maximum(x, 0) is relu everywhere but in its kink: at a tie the first of equals takes the "
      "whole adjoint, so the order of the operands decides. Half for each would be a third answer. "
      "This is why relu is a rule of its own.");
  text.try_this({"tapewise gradcheck \"relu(x)\" --at x=0 -v",
                 "tapewise gradcheck \"maximum(x, 0)\" --at x=0 -v"},
                "How likely is z = 0 exactly, of weights that are random? And of weights that all "
                "start at 0?");
}

}  // namespace

Chapter hidden_unit_lessons() {
  return {
      "Hidden units",
      {{"vanishing-gradients", "Ten sigmoids in a row", record_ten_sigmoids,
        write_vanishing_gradients},
       {"dead-relu", "Units that are always off", record_relu_layer, write_dead_relu},
       {"bias-shift", "Outputs that are never negative", record_sigmoid_outputs, write_bias_shift},
       {"kinks", "Which side a kink belongs to", record_two_kinks, write_kinks}}};
}

}  // namespace apps
