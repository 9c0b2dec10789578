#include "autograd/expression/excerpt.h"

#include <algorithm>
#include <vector>

#include "autograd/utf8.h"

namespace autograd {
namespace {

constexpr std::size_t shown_before = 50;
constexpr std::size_t shown_in_all = 76;

// The characters of a line, each as wide as one column: what cannot be shown is replaced.
std::vector<std::string> characters_of(std::string_view line) {
  std::vector<std::string> characters;
  for (const char c : line) {
    if (begins_character(c) || characters.empty()) characters.emplace_back();
    characters.back() += c;
  }
  for (std::string& character : characters) {
    const auto byte = static_cast<unsigned char>(character.front());
    if (character == "\t") {
      character = " ";
    } else if (byte < 0x20 || byte == 0x7F || !is_utf8(character)) {
      character = "\uFFFD";
    }
  }
  return characters;
}

}  // namespace

std::size_t character_at(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(std::count_if(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), begins_character));
}

std::string with_excerpt(const std::string& message, std::string_view text, std::size_t at) {
  const std::size_t before = text.substr(0, at).rfind('\n');
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  const std::vector<std::string> characters = characters_of(line);
  const std::size_t caret = std::min(character_at(line, at - begin) - 1, characters.size());
  const std::size_t first = caret > shown_before ? caret - shown_before : 0;
  const std::size_t last = std::min(characters.size(), first + shown_in_all);
  std::string excerpt = first > 0 ? "…" : "";
  for (std::size_t k = first; k < last; ++k) excerpt += characters[k];
  if (last < characters.size()) excerpt += "…";
  const std::string blanks(caret - first + (first > 0 ? 1 : 0), ' ');
  return message + "\n  " + excerpt + "\n  " + blanks + "^";
}

}  // namespace autograd
