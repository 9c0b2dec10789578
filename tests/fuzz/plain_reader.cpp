#include "tests/fuzz/plain_reader.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace fuzz {
namespace {

constexpr std::uint32_t byte_order_mark = 0xFEFF;

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// Of windows-1252: what its bytes from 80 to 9F are that are not the characters of these numbers.
std::uint32_t character_of(std::uint32_t byte) {
  static const std::map<std::uint32_t, std::uint32_t> others{
      {0x80, U'€'}, {0x82, U'‚'}, {0x83, U'ƒ'}, {0x84, U'„'}, {0x85, U'…'}, {0x86, U'†'},
      {0x87, U'‡'}, {0x88, U'ˆ'}, {0x89, U'‰'}, {0x8A, U'Š'}, {0x8B, U'‹'}, {0x8C, U'Œ'},
      {0x8E, U'Ž'}, {0x91, U'‘'}, {0x92, U'’'}, {0x93, U'“'}, {0x94, U'”'}, {0x95, U'•'},
      {0x96, U'–'}, {0x97, U'—'}, {0x98, U'˜'}, {0x99, U'™'}, {0x9A, U'š'}, {0x9B, U'›'},
      {0x9C, U'œ'}, {0x9E, U'ž'}, {0x9F, U'Ÿ'}};
  const auto at = others.find(byte);
  return at == others.end() ? byte : at->second;
}

// The characters of Latin-1, or the units of UTF-16; half a unit at the end is no character.
std::vector<std::uint32_t> units_of(std::string_view bytes, models::Encoding encoding) {
  std::vector<std::uint32_t> units;
  if (encoding == models::Encoding::latin1) {
    for (std::size_t i = 0; i < bytes.size(); ++i) units.push_back(character_of(byte_at(bytes, i)));
    return units;
  }
  const std::size_t low = encoding == models::Encoding::utf16_le ? 0 : 1;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    units.push_back(byte_at(bytes, i + low) + 256 * byte_at(bytes, i + 1 - low));
  }
  return units;
}

// RFC 3629, section 3: a first byte that says how many follow, six bits in each of those.
void append(std::string& text, std::uint32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
    return;
  }
  const std::uint32_t following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  text += static_cast<char>((0xFF00U >> (following + 1)) | (point >> (6 * following)));
  for (std::uint32_t i = following; i-- > 0;) {
    text += static_cast<char>(0x80U | ((point >> (6 * i)) & 0x3FU));
  }
}

class PlainReader {
 public:
  PlainReader(std::string_view text, const models::Dialect& dialect)
      : text_(text), dialect_(dialect) {}

  std::vector<PlainRow> read() {
    for (; at_ < text_.size(); ++at_) {
      if (begins_row() && is_comment()) {
        while (at_ < text_.size() && !is_break(text_[at_])) ++at_;
        take_break();
      } else {
        take(text_[at_]);
      }
    }
    cell_.at_fault = cell_.at_fault || inside_;
    if (!begins_row()) end_row();
    return std::move(rows_);
  }

 private:
  void take(char character) {
    const bool blanks = dialect_.delimiter == models::runs_of_blanks;
    cell_.at_fault = cell_.at_fault || character == '\0';
    if (inside_) {
      take_quoted(character);
    } else if (is_break(character)) {
      end_row();
      take_break();
    } else if (is_quote(character) && only_blanks()) {
      cell_.text.clear();
      cell_.quoted = true;
      inside_ = true;
    } else if (blanks && is_blank(character)) {
      if (cell_.quoted || !cell_.text.empty()) end_cell();
    } else if (!blanks && character == dialect_.delimiter) {
      end_cell();
    } else if (!cell_.quoted) {
      cell_.at_fault = cell_.at_fault || is_quote(character);
      cell_.text += character;
    } else {
      cell_.at_fault = cell_.at_fault || !is_blank(character);
    }
  }

  void take_quoted(char character) {
    const bool quote = character == dialect_.quote;
    if (quote && next() != dialect_.quote) {
      inside_ = false;
      return;
    }
    if (quote) ++at_;
    cell_.text += character;
    if (character == '\n' || (character == '\r' && next() != '\n')) ++line_;
  }

  void take_break() {
    if (at_ < text_.size() && text_[at_] == '\r' && next() == '\n') ++at_;
    row_.line = ++line_;
  }

  void end_cell() {
    std::string& text = cell_.text;
    if (!cell_.quoted) {
      while (!text.empty() && is_blank(text.back())) text.pop_back();
      text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    }
    row_.cells.push_back(std::exchange(cell_, {}));
  }

  void end_row() {
    const bool blanks = dialect_.delimiter == models::runs_of_blanks;
    const bool blanks_end_it = blanks && only_blanks() && !row_.cells.empty();
    if (!blanks_end_it) end_cell();
    rows_.push_back(std::exchange(row_, {}));
  }

  static bool is_break(char character) { return character == '\n' || character == '\r'; }
  static bool is_blank(char character) { return character == ' ' || character == '\t'; }
  bool is_quote(char character) const {
    return dialect_.quote != models::nothing && character == dialect_.quote;
  }
  bool only_blanks() const {
    return !cell_.quoted && cell_.text.find_first_not_of(" \t") == std::string::npos;
  }
  bool begins_row() const {
    return row_.cells.empty() && cell_.text.empty() && !cell_.quoted && !inside_;
  }
  bool is_comment() const {
    const std::size_t first = text_.find_first_not_of(" \t", at_);
    return dialect_.comment != models::nothing && first != std::string_view::npos &&
           text_[first] == dialect_.comment;
  }
  char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  std::string_view text_;
  const models::Dialect& dialect_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool inside_ = false;  // quotes
  PlainCell cell_;
  PlainRow row_;
  std::vector<PlainRow> rows_;
};

}  // namespace

std::string plain_text(std::string_view bytes, models::Encoding encoding) {
  if (encoding == models::Encoding::utf8) {
    return std::string(bytes.substr(bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0));
  }
  const std::vector<std::uint32_t> units = units_of(bytes, encoding);
  std::string text;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (i == 0 && units[i] == byte_order_mark) continue;
    const bool pair =
        units[i] / 0x400 == 0x36 && i + 1 < units.size() && units[i + 1] / 0x400 == 0x37;
    append(text, pair ? 0x10000 + units[i] % 0x400 * 0x400 + units[i + 1] % 0x400 : units[i]);
    if (pair) ++i;
  }
  return text;
}

std::vector<PlainRow> plain_rows(std::string_view text, const models::Dialect& dialect) {
  return PlainReader(text, dialect).read();
}

bool is_blank(const PlainRow& row) {
  return row.cells.size() == 1 && !row.cells.front().quoted && row.cells.front().text.empty();
}

}  // namespace fuzz
