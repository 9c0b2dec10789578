#include "models/data/errors.h"

#include <algorithm>
#include <tuple>

#include "models/data/utf8.h"

namespace models {
namespace {

constexpr std::size_t longest_quotation = 60;

bool comes_before(const Problem& left, const Problem& right) {
  return std::tie(left.line, left.field) < std::tie(right.line, right.field);
}

std::string message(std::string_view file, const std::vector<Problem>& shown, std::size_t count,
                    std::string_view hint) {
  std::string text;
  for (const Problem& problem : shown) {
    if (!text.empty()) text += '\n';
    text += location(file, problem.line, problem.field) + ": " + problem.text;
  }
  if (count > shown.size()) {
    text.append("\n").append(std::to_string(count)).append(" problems in all, the first ");
    text.append(std::to_string(shown.size())).append(" are shown");
  }
  if (!hint.empty()) text.append("\n").append(hint);
  return text;
}

// Cuts before the lead byte of the character that does not fit; 10xxxxxx are continuation bytes.
std::string_view cut(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

// Bytes above 7F are characters of UTF-8 text, and escaped like control characters in any other.
void append_escaped(std::string& out, char character, bool utf8) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(character);
  if (character == '\n') {
    out += "\\n";
  } else if (character == '\r') {
    out += "\\r";
  } else if (character == '\t') {
    out += "\\t";
  } else if (byte < 0x20 || byte == 0x7F || (byte > 0x7F && !utf8)) {
    out += "\\x";
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  } else {
    out += character;
  }
}

}  // namespace

DataError::DataError(std::string_view file, const Problem& problem, std::string_view hint)
    : DataError(file, std::vector<Problem>{problem}, 1, hint) {}

DataError::DataError(std::string_view file, const std::vector<Problem>& shown, std::size_t count,
                     std::string_view hint)
    : std::runtime_error(message(file, shown, count, hint)) {}

DataError does_not_fit_into_memory(std::string_view file) {
  return {file, {0, 0, "does not fit into memory"}};
}

void Problems::add(std::size_t line, std::size_t field, std::string text) {
  ++count_;
  Problem problem{line, field, std::move(text)};
  if (first_.size() == shown_at_most) {
    if (!comes_before(problem, first_.back())) return;
    first_.pop_back();
  }
  first_.insert(std::upper_bound(first_.begin(), first_.end(), problem, comes_before),
                std::move(problem));
}

void Problems::hint(std::string_view text) {
  if (hint_.empty()) hint_ = text;
}

void Problems::throw_if_any() const {
  if (!empty()) throw DataError(file_, first_, count_, hint_);
}

std::string location(std::string_view file, std::size_t line, std::size_t field) {
  std::string text = file.empty() ? "\"\"" : "";
  for (const char character : file) append_escaped(text, character, true);
  if (line > 0) text.append(":").append(std::to_string(line));
  if (line > 0 && field > 0) text.append(":").append(std::to_string(field));
  return text;
}

std::string printable(std::string_view text) {
  const std::string_view kept = cut(text, longest_quotation);
  const bool utf8 = is_utf8(kept);
  std::string out;
  for (const char character : kept) append_escaped(out, character, utf8);
  if (kept.size() < text.size()) out += "...";
  return out;
}

std::string in_quotes(std::string_view text) {
  const std::string_view kept = cut(text, longest_quotation);
  const bool utf8 = is_utf8(kept);
  std::string out = "\"";
  for (const char character : kept) {
    if (character == '"' || character == '\\') out += '\\';
    append_escaped(out, character, utf8);
  }
  if (kept.size() < text.size()) out += "...";
  return out + '"';
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    if (i > 0) out += ", ";
    out += printable(names[i]);
  }
  if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}

}  // namespace models
