#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/readings/formula.h"
#include "autograd/verify/failure_text.h"
#include "autograd/verify/gradient_check.h"

namespace autograd {
namespace {

// Tables of no more entries than this show each of them.
constexpr std::size_t few_entries = 20;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

using Cells = std::vector<std::string>;

std::string number(double value, int digits) {
  return std::isnan(value) ? "-" : format_number(value, FormulaStyle::ascii, digits);
}

// Columns as wide as their widest cell, two blanks between them.
std::string aligned(const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths;
  for (const Cells& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Cells& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// How far a witness is from the slope, relative to it.
std::string distance(double numeric, double analytic) {
  if (std::isnan(numeric)) return "-";
  const double off = std::abs(numeric - analytic);
  return number(off == 0.0 || analytic == 0.0 ? off : off / std::abs(analytic), 2);
}

std::string witness_cell(const EntryReport& entry) {
  if (entry.witness != WitnessKind::one_sided) return number(entry.numeric, 17);
  return number(entry.left, 6) + " | " + number(entry.right, 6);
}

Cells entry_row(const InputReport& input, const EntryReport& entry, bool all_witnesses) {
  Cells row{entry_name(input.name, input.shape, entry.entry), number(entry.value, 6),
            number(entry.analytic, 17), witness_cell(entry), number(entry.error, 2)};
  if (all_witnesses) {
    const bool complex = entry.witness == WitnessKind::complex_step;
    row.push_back(complex ? distance(entry.numeric, entry.analytic) : "-");
    row.push_back(distance(entry.differences, entry.analytic));
    row.push_back(distance(entry.central_difference, entry.analytic));
  }
  row.emplace_back(to_string(entry.verdict));
  return row;
}

std::string entry_table(const std::vector<InputReport>& inputs, bool all_witnesses) {
  Cells head{"entry", "value", "slope", "witness", "+-"};
  if (all_witnesses) {
    head.insert(head.end(), {"complex step off", "differences off", "central off"});
  }
  head.emplace_back("verdict");
  std::vector<Cells> rows{head};
  for (const InputReport& input : inputs) {
    for (const EntryReport& entry : input.entries) {
      rows.push_back(entry_row(input, entry, all_witnesses));
    }
  }
  return aligned(rows);
}

// The witnesses an input's entries were compared with.
std::string witnesses_of(const InputReport& input) {
  std::string text;
  const auto add = [&](WitnessKind kind, const char* name) {
    const bool used = std::any_of(input.entries.begin(), input.entries.end(),
                                  [kind](const EntryReport& e) { return e.witness == kind; });
    if (used) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  add(WitnessKind::complex_step, "complex step");
  add(WitnessKind::differences, "differences");
  add(WitnessKind::one_sided, "one-sided");
  return text.empty() ? "-" : text;
}

// The largest relative distance of slope and witness, away from kinks; "-" where there is none.
std::string worst_error(const InputReport& input) {
  double worst = nothing;
  for (const EntryReport& entry : input.entries) {
    if (entry.witness == WitnessKind::one_sided || entry.verdict == Verdict::vacuous) continue;
    const double size = std::max(std::abs(entry.analytic), std::abs(entry.numeric));
    const double distance = std::abs(entry.analytic - entry.numeric);
    const double error = distance == 0.0 ? 0.0 : distance / size;
    if (!(error <= worst)) worst = error;
  }
  return number(worst, 2);
}

// "2.00"
std::string with_two_decimals(double value) {
  std::string text = std::to_string(std::round(100.0 * value) / 100.0);
  text.resize(text.size() - 4);
  return text;
}

std::string coverage(const InputReport& input) {
  std::string text = std::to_string(input.entries_checked);
  if (input.entries_checked != input.shape.size()) {
    text += " of " + std::to_string(input.shape.size()) + " + " +
            std::to_string(input.projections) + " directions";
  }
  return text;
}

std::string input_table(const std::vector<InputReport>& inputs) {
  std::vector<Cells> rows{{"input", "shape", "entries", "witness", "worst error", "verdict"}};
  for (const InputReport& input : inputs) {
    rows.push_back({input.name, to_string(input.shape), coverage(input), witnesses_of(input),
                    worst_error(input),
                    std::string(to_string(input.verdict)) +
                        (input.verified_beside ? " (beside: here it is 0 within rounding)" : "")});
  }
  return aligned(rows);
}

std::size_t entries_in(const std::vector<InputReport>& inputs) {
  std::size_t count = 0;
  for (const InputReport& input : inputs) count += input.entries.size();
  return count;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "PASS";
    case Verdict::kink:
      return "KINK";
    case Verdict::convention:
      return "CONVENTION";
    case Verdict::domain:
      return "DOMAIN";
    case Verdict::vacuous:
      return "VACUOUS";
    case Verdict::fail:
      return "FAIL";
    case Verdict::nondeterministic:
      break;
  }
  return "NONDETERMINISTIC";
}

bool GradientReport::passed() const { return verdict <= Verdict::domain; }

std::string GradientReport::text(bool every_entry) const {
  std::string text = input_table(inputs);
  const std::size_t count = entries_in(inputs);
  if (count > 0 && (every_entry || count <= few_entries)) {
    text += "\n" + entry_table(inputs, count <= few_entries);
  }
  if (!second_order.empty()) {
    text += "\nsecond order\n" + input_table(second_order);
    if (every_entry) text += "\n" + entry_table(second_order, false);
  }
  const std::string rate =
      std::isnan(taylor_rate) ? "- (nothing above rounding)" : with_two_decimals(taylor_rate);
  text += "\nvalue " + number(value, 17) + ", Taylor rate " + rate + ", seed " +
          std::to_string(seed) + ": " + std::string(to_string(verdict)) + "\n";
  return text;
}

}  // namespace autograd
