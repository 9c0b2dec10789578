#include "models/data/text.h"

namespace models {
namespace {

bool is_blank(char character) { return character == ' ' || character == '\t'; }

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> between_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    parts.emplace_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(comma + 1);
  }
  parts.emplace_back(trimmed(text));
  return parts;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& character : lower) character = in_lower_case(character);
  return lower;
}

}  // namespace models
