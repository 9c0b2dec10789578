#include "autograd/suggestion.h"

#include <algorithm>
#include <vector>

#include "autograd/quotation.h"

namespace autograd {
namespace {

// Names longer than this are compared for equality only: nobody types them, and the distance of two
// long texts is slow.
constexpr std::size_t longest_compared = 200;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& character : out) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return out;
}

std::size_t cutoff(std::size_t left, std::size_t right) { return (std::max(left, right) + 1) / 3; }

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  // Row i of the table holds the distances of left[0, i) to every right[0, j).
  std::vector<std::size_t> two_above;
  std::vector<std::size_t> above;
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    two_above = above;
    above = row;
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t changed = left[i - 1] == right[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + changed});
      const bool swapped =
          i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return row[right.size()];
}

std::optional<std::string> suggestion(std::string_view wanted, std::span<const std::string> names) {
  const std::string folded = lower_case(wanted);
  for (const std::string& name : names) {
    if (lower_case(name) == folded) return name;
  }
  const std::string* nearest = nullptr;
  std::size_t smallest = 0;
  for (const std::string& name : names) {
    if (std::max(name.size(), wanted.size()) > longest_compared) continue;
    const std::size_t distance = edit_distance(folded, lower_case(name));
    if (distance > cutoff(name.size(), wanted.size())) continue;
    if (nearest == nullptr || distance < smallest) {
      nearest = &name;
      smallest = distance;
    }
  }
  return nearest == nullptr ? std::nullopt : std::optional(*nearest);
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string> names) {
  const std::optional<std::string> name = suggestion(wanted, names);
  return name ? "did you mean " + in_quotes(*name) + "?" : std::string();
}

}  // namespace autograd
