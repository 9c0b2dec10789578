#include "autograd/verify/failure_text.h"

#include <algorithm>
#include <cmath>

#include "autograd/readings/formula.h"
#include "autograd/verify/guess.h"

namespace autograd {
namespace {

std::string rough(double number) { return format_number(number, FormulaStyle::ascii, 3); }

std::string_view words(WitnessKind witness) {
  switch (witness) {
    case WitnessKind::complex_step:
      return "complex step";
    case WitnessKind::differences:
      return "differences";
    case WitnessKind::one_sided:
      break;
  }
  return "one-sided slopes";
}

}  // namespace

std::string exact(double number) { return format_number(number, FormulaStyle::ascii, 17); }

std::string entry_name(const std::string& input, const Shape& shape, Index entry) {
  return input + position(shape, entry);
}

std::string entry_and_value(const InputReport& input, const EntryReport& entry) {
  return entry_name(input.name, input.shape, entry.entry) + " = " + exact(entry.value);
}

const EntryReport& first_failure(const InputReport& input) {
  const auto failed =
      std::find_if(input.entries.begin(), input.entries.end(),
                   [](const EntryReport& entry) { return entry.verdict == Verdict::fail; });
  return failed == input.entries.end() ? input.entries.front() : *failed;
}

std::string failure_text(const std::string& what, const EntryReport& entry) {
  std::string text = "FAIL: " + what + "\n  analytic " + exact(entry.analytic) + " by " +
                     std::string(entry.reading) + "\n";
  if (entry.witness == WitnessKind::one_sided) {
    return text + "  one-sided slopes " + exact(entry.left) + " on the left, " +
           exact(entry.right) + " on the right";
  }
  const double distance = std::abs(entry.analytic - entry.numeric);
  text += "  numeric  " + exact(entry.numeric) + " +- " + rough(entry.error) + " by " +
          std::string(words(entry.witness)) + "\n  off by " + rough(distance) + " absolute, " +
          rough(distance / std::abs(entry.numeric)) + " relative; ratio " +
          format_number(entry.analytic / entry.numeric, FormulaStyle::ascii, 10);
  return text;
}

std::string guess_text(const InputReport& input, std::span<const Shape> shapes) {
  std::vector<ComparedSlope> slopes;
  for (const EntryReport& entry : input.entries) {
    slopes.push_back({entry.analytic, entry.numeric, entry.verdict == Verdict::fail});
    // At a kink the witness is a range; nothing can be read from a ratio.
    if (entry.witness == WitnessKind::one_sided) slopes.back().failed = false;
  }
  const std::string guess = guess_mistake(slopes, input.shape, possible_counts(shapes));
  return guess.empty() ? "" : "\n  " + guess;
}

}  // namespace autograd
