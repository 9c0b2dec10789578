// Text, Markdown and LaTeX: lines in columns.
#include <algorithm>

#include "autograd/explain/renderers.h"
#include "autograd/utf8.h"

namespace autograd {
namespace {

// A line much longer than the others does not move them apart.
constexpr std::size_t widest_column = 80;

class Columns {
 public:
  explicit Columns(const std::vector<TraceLine>& lines) {
    for (const TraceLine& line : lines) {
      widen(name_, line.name);
      widen(sign_, line.sign);
      widen(symbols_, line.symbols);
      widen(numbers_, line.numbers);
      widen(value_, line.value);
    }
  }

  [[nodiscard]] std::string row(const TraceLine& line) const {
    std::string text("  ");
    text += padded(line.name, name_) + " " + padded(line.sign, sign_) + " ";
    if (!line.symbols.empty()) text += padded(line.symbols, symbols_) + "  = ";
    if (!line.numbers.empty()) text += padded(line.numbers, numbers_) + "  = ";
    text += line.note.empty() ? line.value : padded(line.value, value_) + "   " + line.note;
    return text + "\n";
  }

 private:
  static void widen(std::size_t& column, const std::string& text) {
    if (const std::size_t width = width_of(text); width <= widest_column) {
      column = std::max(column, width);
    }
  }
  std::size_t name_ = 0;
  std::size_t sign_ = 0;
  std::size_t symbols_ = 0;
  std::size_t numbers_ = 0;
  std::size_t value_ = 0;
};

// A bar would end the cell.
std::string cell(const std::string& text) {
  if (text.empty()) return "";
  std::string inside;
  for (const char c : text) {
    if (c == '|') inside += '\\';
    inside += c;
  }
  std::string quoted("`");
  return quoted + inside + "`";
}

// A title may quote numbers and names of operations.
std::string latex_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("_%&#$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  constexpr std::string_view infinity = "∞";
  for (auto at = out.find(infinity); at != std::string::npos; at = out.find(infinity)) {
    out.replace(at, infinity.size(), R"($\infty$)");
  }
  return out;
}

std::string equation(const TraceLine& line) {
  const std::string sign = line.sign == ":="   ? R"(\mathrel{:}=)"
                           : line.sign == "+=" ? R"(\mathrel{+}=)"
                                               : "=";
  std::string text = "  " + line.name + " &" + sign + " ";
  if (!line.symbols.empty()) text += line.symbols + " ";
  if (!line.numbers.empty()) text += "&&= " + line.numbers + " ";
  if (!line.symbols.empty()) text += line.numbers.empty() ? "&& &&= " : "&&= ";
  return text + line.value;
}

}  // namespace

std::string as_text(const std::vector<TraceSection>& sections) {
  std::string text;
  for (const TraceSection& section : sections) {
    if (!text.empty()) text += "\n";
    text += section.title + "\n";
    const Columns columns(section.lines);
    for (const TraceLine& line : section.lines) text += columns.row(line);
  }
  return text;
}

std::string as_markdown(const std::vector<TraceSection>& sections) {
  std::string text;
  for (const TraceSection& section : sections) {
    if (!text.empty()) text += "\n";
    text += "### " + section.title +
            "\n\n| | | formula | numbers | value | |\n|---|---|---|---|---|---|\n";
    for (const TraceLine& line : section.lines) {
      text += "| " + cell(line.name) + " | " + cell(line.sign) + " | " + cell(line.symbols) +
              " | " + cell(line.numbers) + " | " + cell(line.value) + " | " + line.note + " |\n";
    }
  }
  return text;
}

std::string as_latex(const std::vector<TraceSection>& sections) {
  std::string text =
      "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage{amsmath}\n"
      "\\usepackage[landscape,margin=15mm]{geometry}\n\\begin{document}\n";
  for (const TraceSection& section : sections) {
    text += "\n\\section*{" + latex_text(section.title) + "}\n";
    if (section.lines.empty()) continue;
    text += "\\begin{align*}\n";
    for (std::size_t k = 0; k < section.lines.size(); ++k) {
      text += equation(section.lines[k]) + (k + 1 < section.lines.size() ? " \\\\\n" : "\n");
    }
    text += "\\end{align*}\n";
  }
  return text + "\n\\end{document}\n";
}

}  // namespace autograd
