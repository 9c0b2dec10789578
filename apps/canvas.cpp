#include "apps/canvas.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "apps/command.h"
#include "models/data/text.h"

namespace apps {
namespace {

constexpr std::size_t label_columns = 10;  // of a number and a blank; then comes the axis

// A character of braille is U+2800 and a bit for each dot (Unicode 15, chapter 21.1). In UTF-8.
std::string braille_character(std::uint8_t bits) {
  return {'\xe2', static_cast<char>(0xa0 | (bits >> 6U)), static_cast<char>(0x80 | (bits & 0x3fU))};
}

std::string axis_on_the_left(const Canvas& canvas, const Frame& frame, std::size_t row) {
  const bool braille = canvas.is_braille();
  if (row % frame.rows_to_a_label != 0) {
    return std::string(label_columns, ' ') + (braille ? "│" : "|");
  }
  const double height = 1.0 - static_cast<double>(row) / static_cast<double>(canvas.rows() - 1);
  return fmt::format("{:>9.3g} ", frame.number_at(height)) + (braille ? "┤" : "+");
}

std::string axis_below(const Canvas& canvas, const Frame& frame) {
  const bool braille = canvas.is_braille();
  const std::size_t columns = canvas.columns();
  std::string line = std::string(label_columns, ' ') + (braille ? "└" : "+");
  for (std::size_t k = 0; k < columns; ++k) line += braille ? "─" : "-";
  std::string labels = padded(frame.left, (columns - frame.middle.size()) / 2) + frame.middle;
  if (labels.size() + frame.right.size() < columns) {
    labels += std::string(columns - labels.size() - frame.right.size(), ' ');
  }
  return line + "\n" + std::string(label_columns + 1, ' ') + labels + frame.right + "\n";
}

}  // namespace

bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string locale = models::in_lower_case(value);
    return locale.ends_with("utf-8") || locale.ends_with("utf8");
  }
  return false;
}

Canvas::Canvas(std::size_t columns, std::size_t rows, bool braille)
    : columns_(columns), rows_(rows), braille_(braille), cells_(columns * rows) {}

Canvas Canvas::within(const PlotStyle& style) {
  constexpr std::size_t beside = label_columns + 2;  // the axis, and a column that stays free
  constexpr std::size_t narrowest = 20;
  return {std::max(style.columns, narrowest + beside) - beside, style.rows, style.braille};
}

void Canvas::draw(const std::vector<CurvePoint>& points, const Stroke& stroke) {
  const auto across = static_cast<double>(dots_across() - 1);
  const auto down = static_cast<double>(dots_down() - 1);
  std::size_t dots = 0;
  std::optional<std::pair<std::size_t, std::size_t>> last;
  const auto put = [&](double x, double y) {
    const std::pair at(static_cast<std::size_t>(std::lround(x)),
                       static_cast<std::size_t>(std::lround(y)));
    if (last == at) return;
    last = at;
    if (!braille_ || dots++ % (stroke.dots + stroke.gap) < stroke.dots) {
      set(at.first, at.second, stroke.mark);
    }
  };
  for (std::size_t k = 0; k < points.size(); ++k) {
    const double x = points[k].x * across;
    const double y = (1.0 - points[k].y) * down;
    if (k > 0) {
      const double from_x = points[k - 1].x * across;
      const double from_y = (1.0 - points[k - 1].y) * down;
      const double steps = std::ceil(std::max(std::abs(x - from_x), std::abs(y - from_y)));
      for (double step = 1.0; step < steps; ++step) {
        put(from_x + (x - from_x) * step / steps, from_y + (y - from_y) * step / steps);
      }
    }
    put(x, y);
  }
}

// Counted from the upper left corner.
void Canvas::set(std::size_t x, std::size_t y, char mark) {
  constexpr std::uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
  if (braille_) {
    std::uint8_t& cell = cells_[y / 4 * columns_ + x / 2];
    cell = static_cast<std::uint8_t>(cell | bits[y % 4][x % 2]);
  } else {
    cells_[y * columns_ + x] = static_cast<std::uint8_t>(mark);
  }
}

std::string Canvas::row(std::size_t row) const {
  std::string text;
  std::size_t used = 0;
  for (std::size_t column = 0; column < columns_; ++column) {
    const std::uint8_t cell = cells_[row * columns_ + column];
    if (cell == 0) {
      text += ' ';
      continue;
    }
    text += braille_ ? braille_character(cell) : std::string(1, static_cast<char>(cell));
    used = text.size();
  }
  text.resize(used);
  return text;
}

std::string sample_of(const Stroke& stroke, std::size_t characters, bool braille) {
  if (!braille) return {stroke.mark};
  Canvas canvas(characters, 1, true);
  constexpr double second_dot_from_the_top = 2.0 / 3.0;
  canvas.draw({{0.0, second_dot_from_the_top}, {1.0, second_dot_from_the_top}}, stroke);
  return canvas.row(0);
}

std::string framed(const Canvas& canvas, const Frame& frame) {
  std::string text;
  for (std::size_t row = 0; row < canvas.rows(); ++row) {
    text += axis_on_the_left(canvas, frame, row) + canvas.row(row) + "\n";
  }
  return text + axis_below(canvas, frame);
}

}  // namespace apps
