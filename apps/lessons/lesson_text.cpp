#include "apps/lessons/lesson_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "autograd/explain/renderers.h"
#include "autograd/utf8.h"

namespace apps {
namespace {

using autograd::FormulaStyle;
using autograd::padded;
using autograd::TraceLine;
using autograd::width_of;

// What lessons write beyond ASCII, and what they write instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> ascii_forms{{
    {"·", "*"},
    {"−", "-"},
    {"σ", "sigmoid"},
    {"Σ", "sum"},
    {"∞", "inf"},
    {"≤", "<="},
    {"≥", ">="},
    {"±", "+-"},
    {"²", "^2"},
    {"½", "1/2"},
    {"∂", "d"},
    {"Δ", "D"},
    {"μ", "mu"},
    {"ε", "epsilon"},
    {"ᵀ", "'"},
    {"ᵢ", "_i"},
    {"ⱼ", "_j"},
    {"→", "->"},
}};

// Lines are not broken beside them.
bool is_operator(std::string_view word) {
  constexpr std::array<std::string_view, 8> operators{"=", ":=", "+", "−", "-", "·", "*", "<="};
  return std::find(operators.begin(), operators.end(), word) != operators.end();
}

// The words of a paragraph; a formula such as a · (1 − a) is one.
std::vector<std::string> words_in(const std::string& text) {
  std::vector<std::string> words;
  bool goes_on = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    if (!words.empty() && (goes_on || is_operator(word))) {
      words.back() += " " + word;
    } else {
      words.push_back(word);
    }
    goes_on = is_operator(word);
  }
  return words;
}

std::size_t width_of_page(const std::string& text) {
  std::size_t widest = 0;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    widest = std::max(widest, width_of(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
  }
  return widest;
}

// The line of most columns in one becomes two: symbols, and below them the numbers.
bool split_widest(std::vector<TraceLine>& lines) {
  const auto width = [](const TraceLine& line) {
    return line.numbers.empty() || line.symbols.empty()
               ? 0
               : width_of(line.symbols) + width_of(line.numbers);
  };
  const auto widest =
      std::max_element(lines.begin(), lines.end(),
                       [&](const TraceLine& a, const TraceLine& b) { return width(a) < width(b); });
  if (widest == lines.end() || width(*widest) == 0) return false;
  TraceLine below{"", "=", "", "", widest->numbers + "  = " + widest->value, ""};
  *widest = {widest->name, widest->sign, "", "", widest->symbols, ""};
  lines.insert(widest + 1, std::move(below));
  return true;
}

// The characters before the decimal point, or before the exponent where there is none.
std::size_t whole_width(const Cell& cell) {
  return width_of(cell.text.substr(0, cell.text.find_first_of(".e")));
}

// The texts of a column, all of one width.
std::vector<std::string> aligned(const std::vector<Row>& rows, std::size_t column) {
  std::size_t whole = 0;
  for (const Row& row : rows) {
    if (row[column].is_number) whole = std::max(whole, whole_width(row[column]));
  }
  std::vector<std::string> texts;
  std::size_t widest = 0;
  for (const Row& row : rows) {
    const Cell& cell = row[column];
    const std::size_t blanks = cell.is_number ? whole - whole_width(cell) : 0;
    texts.push_back(std::string(blanks, ' ') + cell.text);
    widest = std::max(widest, width_of(texts.back()));
  }
  for (std::string& text : texts) text = padded(text, widest);
  return texts;
}

}  // namespace

std::string LessonText::in_style(std::string_view unicode) const {
  std::string text(unicode);
  if (style_ != FormulaStyle::ascii) return text;
  for (const auto& [from, to] : ascii_forms) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

void LessonText::begin_block() {
  if (!text_.empty()) text_ += '\n';
}

void LessonText::add_line(std::string_view line) {
  const std::string text = in_style(line);
  text_.append(text, 0, text.find_last_not_of(' ') + 1);
  text_ += '\n';
}

void LessonText::add_wrapped(std::string_view text, const std::string& margin) {
  std::string line;
  for (const std::string& word : words_in(in_style(text))) {
    if (!line.empty() && width_of(line) + 1 + width_of(word) > columns) {
      add_line(line);
      line.clear();
    }
    line += (line.empty() ? margin : " ") + word;
  }
  add_line(line);
}

void LessonText::say(std::string_view paragraph) {
  begin_block();
  add_wrapped(paragraph, "");
}

void LessonText::quote(std::string_view message) {
  begin_block();
  for (std::size_t begin = 0; begin < message.size();) {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    add_wrapped(message.substr(begin, end - begin), begin == 0 ? "  " : "    ");
    begin = end + 1;
  }
}

void LessonText::show(const std::vector<std::string>& lines) {
  begin_block();
  for (const std::string& line : lines) add_line("  " + line);
}

void LessonText::show(std::vector<TraceLine> lines) {
  std::size_t widest = 0;
  for (const TraceLine& line : lines) {
    if (!line.note.empty()) widest = std::max(widest, width_of(line.value));
  }
  for (TraceLine& line : lines) {
    if (line.note.empty()) continue;
    line.value = padded(line.value, widest) + "   " + std::exchange(line.note, "");
  }
  std::string text = autograd::as_text({{"", lines}});
  while (width_of_page(text) > columns && split_widest(lines)) {
    text = autograd::as_text({{"", lines}});
  }
  begin_block();
  text_ += in_style(text.substr(1));
}

void LessonText::table(const std::vector<Row>& rows) {
  std::vector<Row> styled = rows;
  for (Row& row : styled) {
    for (Cell& cell : row) cell.text = in_style(cell.text);
  }
  std::vector<std::string> lines(rows.size());
  for (std::size_t column = 0; column < rows[0].size(); ++column) {
    const std::vector<std::string> texts = aligned(styled, column);
    for (std::size_t k = 0; k < lines.size(); ++k) lines[k] += (column == 0 ? "" : "  ") + texts[k];
  }
  show(lines);
}

void LessonText::try_this(const std::vector<std::string>& commands, std::string_view question) {
  begin_block();
  add_line("Try");
  for (const std::string& command : commands) add_line("  " + command);
  say(question);
}

std::vector<TraceLine> without_numbers(std::vector<TraceLine> lines) {
  for (TraceLine& line : lines) line.numbers.clear();
  return lines;
}

double rounded(double number) { return std::round(number * 1e4) / 1e4 + 0.0; }

std::vector<TraceLine> lines_of(const std::vector<autograd::TraceSection>& sections,
                                std::string_view title) {
  for (const autograd::TraceSection& section : sections) {
    if (section.title.starts_with(title)) return section.lines;
  }
  return {};
}

double decade_above(double size) {
  return size == 0.0 ? 0.0 : std::pow(10.0, std::floor(std::log10(size)) + 1.0);
}

}  // namespace apps
