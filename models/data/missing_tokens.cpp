#include "models/data/missing_tokens.h"

#include <algorithm>

#include "models/data/text.h"

namespace models {
namespace {

bool is_lower_case_of(std::string_view token, std::string_view text) {
  return std::equal(token.begin(), token.end(), text.begin(), text.end(),
                    [](char left, char right) { return left == in_lower_case(right); });
}

}  // namespace

const std::vector<std::string>& MissingTokens::usual() {
  static const std::vector<std::string> tokens{"NA", "N/A", "NaN", "null", "none", "?", "-", "."};
  return tokens;
}

MissingTokens::MissingTokens(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    const std::string& kept = tokens_.emplace_back(in_lower_case(trimmed(token)));
    has_numbers_ = has_numbers_ || kept.find_first_of("0123456789") != std::string::npos;
    longest_ = std::max(longest_, kept.size());
  }
}

bool MissingTokens::contains(std::string_view cell) const {
  const std::string_view text = trimmed(cell);
  if (text.empty()) return true;
  if (text.size() > longest_) return false;
  return std::any_of(tokens_.begin(), tokens_.end(),
                     [text](const std::string& token) { return is_lower_case_of(token, text); });
}

}  // namespace models
