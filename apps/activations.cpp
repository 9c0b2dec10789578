// tapewise activations: what they are, what they are for, and what they do at points and between.
#include "apps/activations.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "apps/command.h"
#include "apps/command_line.h"
#include "models/data/number.h"

namespace apps {
namespace {

constexpr double furthest_x = 1e9;
constexpr std::size_t most_points = 1'000'000;
constexpr std::size_t most_curves = 3;  // that can be told apart in one drawing

struct ActivationFlags {
  std::vector<std::string> names;
  std::string at;
  std::string from;
  std::string to;
  std::size_t points = CurveRange().points;
  bool csv = false;
  bool ascii = false;
};

// "∞" where the formulas around it have Greek letters.
std::string range_text(const ActivationFacts& facts, const PlotStyle& style) {
  std::string text(facts.range);
  for (std::size_t at = text.find("inf"); style.braille && at != std::string::npos;
       at = text.find("inf")) {
    text.replace(at, 3, "∞");
  }
  return text;
}

// Both formulas, on one line if they fit.
std::string formulas_of(const ActivationFunction& function, const PlotStyle& style) {
  const std::string value = "  y = " + function.formula(formula_style(style));
  const std::string slope =
      (function.takes_rows() ? "dx = " : "y' = ") + function.slope_formula(formula_style(style));
  constexpr std::size_t second_column = 40;
  const bool fits = width_of(value) + 2 <= second_column && width_of(slope) <= 80 - second_column;
  return fits ? padded(value, second_column) + slope + "\n" : value + "\n  " + slope + "\n";
}

std::string block_of(const ActivationFunction& function, const PlotStyle& style) {
  const ActivationFacts& facts = *function.facts;
  const std::string torch(function.rule->info.torch_name);
  std::string text = function.name + ": " + std::string(function.rule->info.summary) + "\n" +
                     formulas_of(function, style) + "  Range " + range_text(facts, style) +
                     (torch.empty() ? ", not in PyTorch" : ", " + torch + " in PyTorch");
  if (!facts.parameter.empty()) {
    text.append(", ").append(facts.parameter).append(" = ");
    text += models::shortest(*function.parameter);
  }
  return text + "\n  For: " + wrapped(std::string(facts.use), 7) +
         "  But: " + wrapped(std::string(facts.weakness), 7);
}

std::string overview(const PlotStyle& style) {
  std::string text;
  for (const std::string& name : names_of_activations()) {
    text += block_of(activation_function(name), style) + "\n";
  }
  return text +
         wrapped(
             "y' is the slope. Of those that take a row, dx is what they make of dy, the "
             "adjoint of y. A parameter other than the one shown stands behind a colon, as in "
             "elu:0.5.",
             0);
}

ActivationFunctions functions_of(const ActivationFlags& flags) {
  ActivationFunctions functions;
  for (const std::string& text : flags.names) {
    functions.push_back(activation_function(text));
    const ActivationFunction& last = functions.back();
    const auto same = [&last](const ActivationFunction& other) {
      return other.rule == last.rule && other.parameter == last.parameter;
    };
    if (std::any_of(functions.begin(), functions.end() - 1, same)) {
      throw UsageError("NAME: " + last.name + " is named twice");
    }
    if (last.takes_rows() && flags.names.size() > 1) {
      throw UsageError("NAME: " + last.name + " takes rows; show it alone");
    }
  }
  if (!flags.csv && functions.size() > most_curves) {
    throw UsageError("NAME: " + std::to_string(most_curves) +
                     " activations at most can be told apart in one drawing, not " +
                     std::to_string(functions.size()));
  }
  return functions;
}

double end_of_curve(std::string_view flag, const std::string& text, double usual) {
  if (text.empty()) return usual;
  const double x = parse_number_flag(flag, text);
  if (std::abs(x) <= furthest_x) return x;
  throw UsageError(std::string(flag) + ": must be between -1e9 and 1e9, not " + text);
}

CurveRange range_of(const ActivationFlags& flags) {
  CurveRange range;
  range.from = end_of_curve("--from", flags.from, range.from);
  range.to = end_of_curve("--to", flags.to, range.to);
  range.points = flags.points;
  if (!(range.from < range.to)) {
    throw UsageError("--from and --to: " + models::shortest(range.from) + " is not below " +
                     models::shortest(range.to));
  }
  return range;
}

PlotStyle style_of(const ActivationFlags& flags) {
  PlotStyle style;
  style.columns = terminal_width(STDOUT_FILENO);
  style.rows = 17;
  style.braille = !flags.ascii && is_utf8_locale();
  return style;
}

// Where nobody says where: all kinks are among these.
std::vector<double> usual_points(const ActivationFunction& function) {
  if (!function.takes_rows()) return {-2.0, -1.0, 0.0, 1.0, 2.0};
  std::vector<double> row{1.0, 2.0};
  const double count = function.parameter.value_or(3.0);
  while (static_cast<double>(row.size()) < count) {
    row.push_back(static_cast<double>(row.size() + 1));
  }
  return row;
}

void require_flags_for_rows(const ActivationFunction& function, const ActivationFlags& flags) {
  for (const auto& [flag, given] : {std::pair("--csv", flags.csv),
                                    {"--from", !flags.from.empty()},
                                    {"--to", !flags.to.empty()}}) {
    if (!given) continue;
    throw UsageError(std::string(flag) + ": " + function.name +
                     " takes rows and has no curve; --at gives it a row");
  }
}

int activations(const ActivationFlags& flags) {
  const PlotStyle style = style_of(flags);
  if (flags.names.empty()) {
    print(overview(style));
    return exit_done;
  }
  const ActivationFunctions functions = functions_of(flags);
  const ActivationFunction& first = functions.front();
  const std::vector<double> x =
      flags.at.empty() ? usual_points(first) : parse_numbers("--at", flags.at);
  if (first.takes_rows()) {
    require_flags_for_rows(first, flags);
    const CheckedText row = activation_row(first, x, style);
    print(block_of(first, style) + "\n" + row.text);
    return row.passed ? exit_done : exit_check_failed;
  }
  const CurveRange range = range_of(flags);
  if (flags.csv) {
    print(activation_csv(functions, range));
    return exit_done;
  }
  const CheckedText points = activation_points(functions, x, style);
  const std::string plot = activation_plot(functions, range, style);
  print((functions.size() == 1 ? block_of(first, style) + "\n" : "") + points.text + "\n" + plot);
  return points.passed ? exit_done : exit_check_failed;
}

std::string fault_of_points(const std::string& text) {
  std::string fault = fault_of_count(text);
  if (!fault.empty()) return fault;
  const long count = std::stol(text);
  if (count >= 2 && count <= static_cast<long>(most_points)) return "";
  return "must be between 2 and " + std::to_string(most_points) + ", not " + text;
}

}  // namespace

Cells numbers_under(const std::string& title, std::span<const double> numbers,
                    autograd::FormulaStyle style) {
  Cells cells{title};
  for (const double number : numbers) cells.push_back(autograd::format_number(number + 0.0, style));
  return cells;
}

Cells right_aligned(Cells cells) {
  std::size_t width = 0;
  for (const std::string& cell : cells) width = std::max(width, width_of(cell));
  for (std::string& cell : cells) cell.insert(0, width - width_of(cell), ' ');
  return cells;
}

std::string side_by_side(const std::vector<Cells>& columns) {
  std::string text;
  for (std::size_t row = 0; row < columns.front().size(); ++row) {
    std::string line;
    for (const Cells& column : columns) {
      std::size_t width = 0;
      for (const std::string& cell : column) width = std::max(width, width_of(cell));
      line += padded(column[row], width) + "  ";
    }
    text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

autograd::FormulaStyle formula_style(const PlotStyle& style) {
  return style.braille ? autograd::FormulaStyle::unicode : autograd::FormulaStyle::ascii;
}

void add_activations(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<ActivationFlags>();
  CLI::App* command = app.add_subcommand(
      "activations", "Activation functions: formulas, what they are for, values, slopes, curves");
  set_examples(*command,
               {"tapewise activations", "tapewise activations leaky_relu:0.1 --at -2,0,2",
                "tapewise activations hard_tanh tanh", "tapewise activations softmax --at 1,2,3"});
  CLI::Option* names =
      command->add_option("NAME", flags->names, "Activations, one or several beside each other")
          ->check(offers(names_of_activations()));
  CLI::Option* at =
      command->add_option("--at", flags->at, "Points, or for softmax, log_softmax, maxout the row")
          ->needs(names)
          ->type_name("NUMBERS");
  command->add_option("--from", flags->from, "Where curves begin [-4]")->needs(names);
  command->add_option("--to", flags->to, "Where they end [4]")->needs(names);
  CLI::Option* csv = command->add_flag("--csv", flags->csv, "Write the curves as CSV, no drawing")
                         ->needs(names)
                         ->excludes(at);
  command->add_option("--points", flags->points, "Lines of that CSV")
      ->needs(csv)
      ->check(fault_of_points)
      ->capture_default_str();
  command->add_flag("--ascii", flags->ascii, "No braille and no Greek letters")->excludes(csv);
  name_values(*command, "NUMBER", {"--from", "--to", "--points"});
  for (const char* flag : {"--at", "--from", "--to"}) {
    command->get_option(flag)->check(fault_of_empty);
  }
  command->callback([flags, &chosen] { chosen = [flags] { return activations(*flags); }; });
}

}  // namespace apps
