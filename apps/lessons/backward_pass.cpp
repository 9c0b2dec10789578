// Lessons about the backward pass: what it multiplies, adds up, in which order, and forgets.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "apps/lessons/lessons.h"
#include "autograd/operations.h"

namespace apps {
namespace {

using autograd::shown;
using autograd::Trace;
using autograd::TracedPart;
using autograd::TracedValue;

// By the place of a value in the trace.
using Adjoints = std::vector<double>;

std::size_t place_in(const Trace& trace, std::string_view name) {
  return std::size_t(trace.find(name) - trace.values.data());
}

// What a use of a value hands back, if the adjoints are these.
double handed_back(const TracedPart& part, const Adjoints& adjoint) {
  return adjoint[part.from] * part.slope_numbers[0];
}

Adjoints one_at_the_loss(const Trace& trace) {
  Adjoints adjoint(trace.values.size(), 0.0);
  adjoint[trace.loss] = 1.0;
  return adjoint;
}

// ---- the chain rule

std::unique_ptr<Explanation> record_neuron() {
  return explain_expression("z = w*x + b; a = sigmoid(z); L = square(a - y)",
                            "w=0.5,x=2,b=-0.3,y=1", "w,b", {});
}

// The slope along one use, as a row: "∂a/∂z  a · (1 − a)  0.668188 · …  0.221713".
Row slope_row(const Trace& trace, std::string_view from, std::string_view to) {
  const auto part = std::find_if(trace.parts.begin(), trace.parts.end(), [&](const TracedPart& p) {
    return trace.values[p.from].name == from && trace.values[p.to].name == to;
  });
  return {fmt::format("∂{}/∂{}", from, to), "= " + part->slope->text(),
          "= " + part->slope->numbers(), "= ", part->slope_numbers[0]};
}

void write_chain_rule(LessonText& text, const Explanation& neuron) {
  const Trace& trace = neuron.trace;
  const double dw = trace.find("w")->adjoint[0];
  const double loss = neuron.loss.item();
  text.say(
      "A neuron weighs its input, adds a bias, bends the sum; a loss says how far the result is "
      "from the y that was wanted. Each line is computed from those above it.");
  text.show(lines_of(sections_of(trace, text.style()), "Forward"));
  text.say(
      "How fast does L change with w? No line says so, but each line has a simple slope of its "
      "own. The chain rule multiplies them along the way from w to L.");
  text.table({slope_row(trace, "L", "a"),
              slope_row(trace, "a", "z"),
              slope_row(trace, "z", "w"),
              {"∂L/∂w", "= their product", "", "= ", dw}});
  text.say(
      "The backward pass takes this product from the loss on, and writes dv for ∂L/∂v, the "
      "adjoint of v. What two ways share is computed once: dz serves both w and b.");
  text.show(lines_of(sections_of(trace, text.style()), "Backward"));
  text.say("Nothing of this need be believed. Nudge w and compute L again:");
  std::vector<Row> rows{{"nudge of w", "L", "change of L / nudge"}};
  for (const double nudge : {0.1, 0.01, 0.001}) {
    const TracedValue& w = *trace.find("w");
    const double nudged = neuron.with({{w.node, {w.value[0] + nudge}}})->loss.item();
    rows.push_back({nudge, nudged, (nudged - loss) / nudge});
  }
  rows.push_back({"none: dw", loss, dw});
  text.table(rows);
  text.try_this({"tapewise explain \"z = w*x + b; square(sigmoid(z) - 1)\" --at w=0.5,x=2,b=-0.3",
                 "tapewise gradcheck \"square(sigmoid(w*x + b) - 1)\" --at w=0.5,x=2,b=-0.3"},
                "Which factor is 0 where x is 0? What can such a row teach w, and what b?");
}

// ---- adding up

std::unique_ptr<Explanation> record_doublings() {
  return explain_expression("b = a + a; c = b + b", "a=1", "", {});
}

// The backward pass, in which the operations behind some values assign instead of adding up.
Adjoints assigned(const Trace& trace, const std::set<std::string>& assigning) {
  Adjoints adjoint = one_at_the_loss(trace);
  for (const TracedPart& part : trace.parts) {
    if (assigning.contains(trace.values[part.from].name)) adjoint[part.to] = 0.0;
    adjoint[part.to] += handed_back(part, adjoint);
  }
  return adjoint;
}

// Each use is followed as soon as its part has been added.
// NOLINTNEXTLINE(misc-no-recursion): it is what is shown to be wrong
void follow_at_once(const Trace& trace, std::size_t from, Adjoints& adjoint) {
  for (const TracedPart& part : trace.parts) {
    if (part.from != from) continue;
    adjoint[part.to] += handed_back(part, adjoint);
    follow_at_once(trace, part.to, adjoint);
  }
}

// All parts of a value are added, and then each of its uses is followed.
// NOLINTNEXTLINE(misc-no-recursion): it is what is shown to be wrong
void add_then_follow(const Trace& trace, std::size_t from, Adjoints& adjoint) {
  for (const TracedPart& part : trace.parts) {
    if (part.from == from) adjoint[part.to] += handed_back(part, adjoint);
  }
  for (const TracedPart& part : trace.parts) {
    if (part.from == from) add_then_follow(trace, part.to, adjoint);
  }
}

// The share of each path by itself: right, but there are many.
// NOLINTNEXTLINE(misc-no-recursion): it is what is shown to be slow
void follow_paths(const Trace& trace, std::size_t from, double share, Adjoints& adjoint) {
  adjoint[from] += share;
  for (const TracedPart& part : trace.parts) {
    if (part.from == from) follow_paths(trace, part.to, share * part.slope_numbers[0], adjoint);
  }
}

// y = 2ⁿ·a by n additions of a value to itself.
Trace trace_of_doublings(int count) {
  autograd::Tape tape;
  autograd::Tensor y = tape.variable(1.0);
  for (int k = 0; k < count; ++k) y = autograd::named(y + y, fmt::format("y{}", k + 1));
  return trace_of(tape, y);
}

void write_accumulation(LessonText& text, const Explanation& doublings) {
  const Trace& trace = doublings.trace;
  text.say(
      "Here a is used twice, and so is b. Each use hands back a part, and a part must be added to "
      "what is there already, as the tape does (right: what the adjoint was and is):");
  text.show(lines_of(sections_of(trace, text.style()), "Forward"));
  text.show(lines_of(sections_of(trace, text.style()), "Backward"));
  text.say("Other ways, run on the same graph. Since c = 4a, the slope is 4 and nothing else.");
  const std::size_t a = place_in(trace, "a");
  const std::size_t b = place_in(trace, "b");
  std::vector<Row> rows{{"", "db", "da"}};
  const auto add = [&](const std::string& way, const Adjoints& adjoint) {
    rows.push_back({way, adjoint[b], adjoint[a]});
  };
  add("+=, the tape", assigned(trace, {}));
  add("= where c = b + b hands back", assigned(trace, {"c"}));
  add("= where b = a + a hands back", assigned(trace, {"b"}));
  add("= everywhere", assigned(trace, {"b", "c"}));
  Adjoints at_once = one_at_the_loss(trace);
  follow_at_once(trace, trace.loss, at_once);
  add("recursion: add a part, follow it", at_once);
  Adjoints then_follow = one_at_the_loss(trace);
  add_then_follow(trace, trace.loss, then_follow);
  add("recursion: add all parts, follow each", then_follow);
  Adjoints by_paths(trace.values.size(), 0.0);
  follow_paths(trace, trace.loss, 1.0, by_paths);
  add("recursion: each path by itself", by_paths);
  text.table(rows);
  text.say(
      "A sum over uses is the chain rule of several variables: if v goes two ways, dv is the sum "
      "of both. Assigning keeps the last way alone. Recursion over uses comes to b twice, and the "
      "second time hands on once more what it handed on before.");
  constexpr int many = 30;
  const Trace thirty = trace_of_doublings(many);
  text.say(
      fmt::format("The last line is right and useless: of {} such additions there are {:.0f} "
                  "paths, and {} parts. Each value must be handled once, when its adjoint is "
                  "complete. When that is, the next lesson asks.",
                  many, thirty.values[0].adjoint[0], thirty.parts.size()));
  text.try_this({"tapewise explain \"b = a + a; c = b + b\" --at a=1",
                 "tapewise gradcheck \"b = a + a; c = b + b\" --at a=1"},
                "Which of these mistakes would a test with c = 3·a notice?");
}

// ---- the order

std::unique_ptr<Explanation> record_two_ways() {
  return explain_expression("b = 3*a; c = b*b; d = b + c", "a=1", "", {});
}

// Values are handled in this order: each hands on what has arrived by then.
struct InOrder {
  Adjoints when_handled;
  Adjoints in_the_end;
};
InOrder handled(const Trace& trace, const std::vector<std::string>& order) {
  InOrder pass{one_at_the_loss(trace), one_at_the_loss(trace)};
  for (const std::string& name : order) {
    const std::size_t from = place_in(trace, name);
    pass.when_handled[from] = pass.in_the_end[from];
    for (const TracedPart& part : trace.parts) {
      if (part.from == from) pass.in_the_end[part.to] += handed_back(part, pass.in_the_end);
    }
  }
  return pass;
}

void write_order(LessonText& text, const Explanation& two_ways) {
  const Trace& trace = two_ways.trace;
  text.say(
      "b reaches d at once and by way of c. So db has parts from d and from c, and until both "
      "have arrived b has nothing to hand on to a.");
  text.show(lines_of(sections_of(trace, text.style()), "Forward"));
  text.show(lines_of(sections_of(trace, text.style()), "Backward"));
  text.say("The same parts in other orders. Each value is handled once, every part is added:");
  const std::size_t a = place_in(trace, "a");
  const std::size_t b = place_in(trace, "b");
  std::vector<Row> rows{{"order", "", "db when handled", "db in the end", "da"}};
  const std::vector<std::pair<std::string, std::vector<std::string>>> orders{
      {"the tape, backwards", {"d", "c", "b", "a"}},
      {"breadth first from d", {"d", "b", "c", "a"}},
      {"depth first from d", {"d", "b", "a", "c"}},
      {"as it was computed", {"a", "b", "c", "d"}}};
  for (const auto& [what, order] : orders) {
    const InOrder pass = handled(trace, order);
    rows.push_back({what, fmt::format("{}", fmt::join(order, " ")), pass.when_handled[b],
                    pass.in_the_end[b], pass.in_the_end[a]});
  }
  text.table(rows);
  text.say(fmt::format(
      "Look at the second line: db ends as {}, which is right, and da as {}, which is not. What "
      "came late was added, and never handed on. Only an order in which all uses of a value come "
      "before the value is right: a topological order of the graph, backwards.",
      shown(handled(trace, orders[1].second).in_the_end[b]),
      shown(handled(trace, orders[1].second).in_the_end[a])));
  text.say(
      "The tape has such an order for nothing. An operation can only use what was there before "
      "it, so operands stand before results, and the way back is one loop from the loss to the "
      "start: no sorting, no recursion, no value visited twice.");
  text.try_this({"tapewise explain \"b = 3*a; c = b*b; d = b + c\" --at a=1",
                 "tapewise explain \"b = 3*a; c = b*b; d = b + c\" --at a=1 --zoom da"},
                "Would breadth first be right for d = c + b? What does that say of a test that "
                "passes?");
}

// ---- zeroing

std::unique_ptr<Explanation> record_square() {
  return explain_expression("b = a*a; c = 3*b", "a=2", "", {});
}

// Three passes that begin with what the one before has left, in some of the values.
std::vector<double> passes_without_zeroing(const Trace& trace, bool leaves_alone) {
  std::vector<double> seen;
  Adjoints adjoint(trace.values.size(), 0.0);
  for (int pass = 0; pass < 3; ++pass) {
    for (std::size_t k = 0; leaves_alone && k < adjoint.size(); ++k) {
      if (!trace.values[k].is_leaf()) adjoint[k] = 0.0;
    }
    adjoint[trace.loss] += 1.0;
    for (const TracedPart& part : trace.parts) adjoint[part.to] += handed_back(part, adjoint);
    seen.push_back(adjoint[place_in(trace, "a")]);
  }
  return seen;
}

void write_zeroing(LessonText& text, const Explanation& square) {
  const Trace& trace = square.trace;
  text.say(
      "Parts are added to what is there. So what is there before the first part comes must be 0, "
      "in every pass. One pass:");
  text.show(lines_of(sections_of(trace, text.style()), "Forward"));
  text.show(lines_of(sections_of(trace, text.style()), "Backward"));
  const auto copy = square.with({});
  const autograd::Tensor a = copy->tape.tensor(trace.find("a")->node);
  Row tape{"all adjoints zeroed: the tape"};
  for (int pass = 0; pass < 3; ++pass) {
    copy->tape.backward(copy->loss);
    tape.emplace_back(a.adjoint_item());
  }
  const std::vector<double> leaves = passes_without_zeroing(trace, true);
  const std::vector<double> nothing = passes_without_zeroing(trace, false);
  text.say("da after three passes over one and the same recording, in three engines:");
  text.table({{"", "first", "second", "third"},
              tape,
              {"leaves not zeroed", leaves[0], leaves[1], leaves[2]},
              {"nothing zeroed", nothing[0], nothing[1], nothing[2]}});
  text.say(
      "The second engine is PyTorch's by design: .grad of a parameter adds up over passes, so that "
      "a batch too large for the memory can be taken in pieces, and zero_grad() ends the sum. "
      "Forget it and each step follows the sum of all gradients so far. The third is a mistake in "
      "any case: the loss's own adjoint becomes 2, then 3, and what b had kept is handed on to a "
      "again, so it grows faster than the number of passes.");
  text.say(
      "Here the same call twice gives the same adjoints; backward() starts afresh, and there is "
      "nothing to zero by hand. Who wants a sum over batches writes it as a sum.");
  text.try_this({"tapewise explain \"b = a*a; c = 3*b\" --at a=2", "tapewise lesson wrong-zeroing"},
                "The first pass is right in all three engines. Which test would find the mistake?");
}

}  // namespace

Chapter backward_pass_lessons() {
  return {
      "The backward pass",
      {{"chain-rule", "The chain rule on one neuron", record_neuron, write_chain_rule},
       {"accumulation", "Why +=: a value that is used twice", record_doublings, write_accumulation},
       {"order", "Why the tape goes back in its order", record_two_ways, write_order},
       {"zeroing", "What a pass must forget of the one before", record_square, write_zeroing}}};
}

}  // namespace apps
