// tapewise explain: one row through logistic regression, forwards and backwards, on the real tape.
#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <memory>

#include "apps/command.h"
#include "apps/command_line.h"
#include "autograd/explain/derivation.h"
#include "autograd/operations.h"

namespace apps {
namespace {

using autograd::DerivationLine;
using autograd::Formula;
using autograd::Tape;
using autograd::Tensor;

struct ExplainFlags {
  std::string weights = "0.5,-0.25";
  std::string bias = "0.1";
  std::string input = "1,2";
  std::string label = "1";
  std::string learning_rate = "0.1";
};

// The example: parameters and one row.
struct Example {
  std::vector<double> weights;
  double bias = 0.0;
  std::vector<double> input;
  double label = 0.0;
};

// The row's forward pass on a tape, with the names of the documented derivation.
struct Recording {
  Tape tape;
  std::vector<Tensor> parameters;
  Tensor z, a, loss, fused;

  explicit Recording(const Example& example) {
    std::vector<Tensor> w;
    std::vector<Tensor> x;
    for (std::size_t k = 0; k < example.weights.size(); ++k) {
      const std::string number = std::to_string(k + 1);
      w.push_back(named(tape.variable(example.weights[k]), "w" + number));
      x.push_back(named(tape.constant(example.input[k]), "x" + number));
    }
    const Tensor b = named(tape.variable(example.bias), "b");
    const Tensor y = named(tape.constant(example.label), "y");
    Tensor sum = w[0] * x[0];
    for (std::size_t k = 1; k < w.size(); ++k) sum = sum + w[k] * x[k];
    z = named(sum + b, "z");
    a = named(sigmoid(z), "a");
    loss = named(binary_cross_entropy(a, y), "L");
    fused = named(binary_cross_entropy_with_logits(z, y), "L_fused");
    parameters = std::move(w);
    parameters.push_back(b);
  }
};

// Six decimals without trailing zeros; six digits where that would hide the number.
std::string shown(double value) {
  if (!std::isfinite(value) || (value != 0.0 && std::abs(value) < 1e-4) || std::abs(value) >= 1e6) {
    return autograd::format_number(value);
  }
  std::string text = fmt::format("{:.6f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

struct DerivationRow {
  std::string name, sign, symbols, numbers, value, note;
};

// Why a value is not what the formula's own arithmetic gives: rounding of a saturated a in a(1 −
// a), or 0 · ∞; "" where it is.
std::string note_of(const DerivationLine& line) {
  const double literal = line.formula.evaluate();
  if (literal == line.value || std::isnan(line.value) ||
      std::abs(literal - line.value) <= 1e-6 * std::abs(line.value)) {
    return "";
  }
  const std::string note = "literally " + shown(literal);
  if (!std::isfinite(line.value)) return "(" + note + ")";
  return "(" + note +
         (std::isnan(literal) ? "; the rule leaves out terms of weight 0)"
                              : "; the rule keeps its digits)");
}

DerivationRow row_of(const DerivationLine& line, std::string note = "") {
  const std::string why = note_of(line);
  note += std::string(note.empty() || why.empty() ? "" : " ") + why;
  return {line.name,      "=", line.formula.text(), line.formula.numbers(), shown(line.value),
          std::move(note)};
}

// "dz  = da · a · (1 − a)  = -1.90484 · …  = -0.475021", the columns aligned over all rows.
std::string aligned(const std::vector<DerivationRow>& rows) {
  std::size_t name = 0;
  std::size_t symbols = 0;
  std::size_t numbers = 0;
  // A line much longer than the others does not move them apart.
  constexpr std::size_t widest = 80;
  const auto widen = [](std::size_t& column, const std::string& text) {
    if (const std::size_t width = width_of(text); width <= widest) column = std::max(column, width);
  };
  for (const DerivationRow& row : rows) {
    widen(name, row.name);
    widen(symbols, row.symbols);
    widen(numbers, row.numbers);
  }
  std::string text;
  for (const DerivationRow& row : rows) {
    text += "  " + padded(row.name, name) + " " + row.sign + " " + padded(row.symbols, symbols) +
            "  = " + padded(row.numbers, numbers) + "  = " + row.value +
            (row.note.empty() ? "" : "   " + row.note) + "\n";
  }
  return text;
}

// The adjoints of one row by both routes.
struct Backward {
  std::vector<DerivationLine> textbook;  // through da
  std::vector<DerivationLine> fused;     // from the loss of z in one rule
};

// What the tape holds afterwards is the textbook's.
Backward backward_of(Recording& recording) {
  Backward backward;
  recording.tape.backward(recording.fused);
  backward.fused = backward_lines(recording.tape, recording.fused);
  recording.tape.backward(recording.loss);
  backward.textbook = backward_lines(recording.tape, recording.loss);
  return backward;
}

// The first line whose value is no finite number; null where there is none.
const DerivationLine* first_not_finite(const std::vector<DerivationLine>& lines) {
  for (const DerivationLine& line : lines) {
    if (!std::isfinite(line.value)) return &line;
  }
  return nullptr;
}

// The textbook's route through da; below dz, what the fused loss says of the same adjoint.
std::vector<DerivationRow> backward_rows(const Backward& backward) {
  std::vector<DerivationRow> rows;
  for (const DerivationLine& line : backward.textbook) {
    rows.push_back(row_of(line));
    if (line.name != "dz") continue;
    for (const DerivationLine& other : backward.fused) {
      if (other.name == "dz") rows.push_back(row_of(other, "(fused: loss of z in one rule)"));
    }
    rows.back().name = "";
  }
  return rows;
}

std::vector<DerivationRow> rows_of(const std::vector<DerivationLine>& lines) {
  std::vector<DerivationRow> rows;
  rows.reserve(lines.size());
  for (const DerivationLine& line : lines) rows.push_back(row_of(line));
  return rows;
}

// parameter := parameter − learning_rate · adjoint, all at once.
std::vector<DerivationRow> update_rows(const Recording& recording, double learning_rate,
                                       std::vector<double>& updated) {
  const Formula rate = Formula::symbol("learning_rate", learning_rate);
  std::vector<DerivationRow> rows;
  for (const Tensor& parameter : recording.parameters) {
    const std::string name(parameter.name());
    const Formula formula = Formula::symbol(name, parameter.item()) -
                            rate * Formula::symbol("d" + name, parameter.adjoint_item());
    updated.push_back(formula.evaluate());
    rows.push_back({name, ":=", formula.text(), formula.numbers(), shown(updated.back()), ""});
  }
  return rows;
}

Example example_of(const ExplainFlags& flags) {
  Example example;
  example.weights = parse_numbers("--weights", flags.weights);
  example.bias = parse_number_flag("--bias", flags.bias);
  example.input = parse_numbers("--input", flags.input);
  example.label = parse_number_flag("--label", flags.label);
  if (example.weights.size() != example.input.size()) {
    throw UsageError("--weights has " + std::to_string(example.weights.size()) +
                     " numbers and --input " + std::to_string(example.input.size()) +
                     "; each input needs its weight");
  }
  if (example.label != 0.0 && example.label != 1.0) {
    throw UsageError("--label: must be 0 or 1, not " + flags.label);
  }
  return example;
}

// Said where an adjoint of the textbook's route is not finite.
std::string left_the_numbers(const DerivationLine& line) {
  return "The textbook's route has left the numbers at " + line.name + " = " + shown(line.value) +
         (line.operation.empty() ? "" : " (" + std::string(line.operation) + ")") +
         ": no step can be taken from here by it.\n";
}

int explain(const ExplainFlags& flags) {
  Example example = example_of(flags);
  const double learning_rate = parse_number_flag("--learning-rate", flags.learning_rate);
  if (!(learning_rate > 0.0)) {
    throw UsageError("--learning-rate: must be greater than 0, not " + flags.learning_rate);
  }
  Recording recording(example);
  const std::vector<DerivationLine> forward = forward_lines(recording.tape, recording.loss);
  const Backward backward = backward_of(recording);
  std::string text = "Forward\n" + aligned(rows_of(forward)) +
                     "\nBackward (dv is the derivative of L by v)\n" +
                     aligned(backward_rows(backward));
  std::string route;
  if (const DerivationLine* adjoint = first_not_finite(backward.textbook)) {
    const DerivationLine* value = first_not_finite(forward);
    text += "\n" + left_the_numbers(value != nullptr ? *value : *adjoint);
    if (first_not_finite(backward.fused) != nullptr) {
      print(text + "The fused route leaves them too: there is no step to take.\n");
      return exit_done;
    }
    recording.tape.backward(recording.fused);
    text += "\nBackward by the fused route\n" + aligned(rows_of(backward.fused));
    route = " by the fused route";
  }
  std::vector<double> updated;
  text += "\nUpdate" + route + ", all at once\n" +
          aligned(update_rows(recording, learning_rate, updated));

  example.bias = updated.back();
  updated.pop_back();
  example.weights = updated;
  Recording after(example);
  text += "\nForward with the updated parameters\n" +
          aligned(rows_of(forward_lines(after.tape, after.loss)));
  print(text);
  return exit_done;
}

}  // namespace

void add_explain(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* command = app.add_subcommand(
      "explain", "One row through logistic regression, step by step: forward, backward, update");
  set_examples(
      *command,
      {"tapewise explain --weights 0.5,-0.25 --bias 0.1 --input 1,2 --label 1",
       "tapewise explain --weights -0.5 --bias 0 --input 3 --label 0 --learning-rate 0.5"});
  command->add_option("--weights", flags->weights, "w1,w2,…")->capture_default_str();
  command->add_option("--bias", flags->bias, "b")->capture_default_str();
  command->add_option("--input", flags->input, "x1,x2,…")->capture_default_str();
  command->add_option("--label", flags->label, "y: 0 or 1")->capture_default_str();
  command->add_option("--learning-rate", flags->learning_rate, "Step of the update")
      ->capture_default_str();
  name_values(*command, "NUMBERS", {"--weights", "--input"});
  name_values(*command, "NUMBER", {"--bias", "--label", "--learning-rate"});
  command->callback([flags, &chosen] { chosen = [flags] { return explain(*flags); }; });
}

}  // namespace apps
