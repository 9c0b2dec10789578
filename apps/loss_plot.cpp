#include "apps/loss_plot.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include "apps/command.h"
#include "models/data/text.h"

namespace apps {
namespace {

// Characters made of dots: 2 × 4 of them in braille, where a character is U+2800 and a bit for each
// dot (Unicode 15, chapter 21.1), or a single one.
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows, bool braille)
      : columns_(columns), rows_(rows), braille_(braille), cells_(columns * rows) {}

  [[nodiscard]] std::size_t dots_across() const { return columns_ * (braille_ ? 2 : 1); }
  [[nodiscard]] std::size_t dots_down() const { return rows_ * (braille_ ? 4 : 1); }

  // Counted from the upper left corner. In ASCII a dot is the mark, and the last one stays.
  void set(std::size_t x, std::size_t y, char mark) {
    constexpr std::uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (braille_) {
      std::uint8_t& cell = cells_[y / 4 * columns_ + x / 2];
      cell = static_cast<std::uint8_t>(cell | bits[y % 4][x % 2]);
    } else {
      cells_[y * columns_ + x] = static_cast<std::uint8_t>(mark);
    }
  }

  // Without the blanks at its end.
  [[nodiscard]] std::string row(std::size_t row) const {
    std::string text;
    std::size_t used = 0;
    for (std::size_t column = 0; column < columns_; ++column) {
      const std::uint8_t cell = cells_[row * columns_ + column];
      if (cell == 0) {
        text += ' ';
        continue;
      }
      text += braille_ ? braille(cell) : std::string(1, static_cast<char>(cell));
      used = text.size();
    }
    text.resize(used);
    return text;
  }

  // The bits of a character of braille in UTF-8.
  static std::string braille(std::uint8_t bits) {
    return {'\xe2', static_cast<char>(0xa0 | (bits >> 6U)),
            static_cast<char>(0x80 | (bits & 0x3fU))};
  }

 private:
  std::size_t columns_;
  std::size_t rows_;
  bool braille_;
  std::vector<std::uint8_t> cells_;
};

// From losses to heights, 0 at the lowest and 1 at the highest loss.
class Scale {
 public:
  explicit Scale(std::span<const models::EpochReport> epochs) {
    for (const models::EpochReport& each : epochs) {
      take(each.loss);
      if (each.validation_loss) take(*each.validation_loss);
    }
  }

  [[nodiscard]] bool logarithmic() const { return low_ > 0.0 && high_ >= 10.0 * low_; }
  [[nodiscard]] double height(double loss) const {
    if (!(high_ > low_)) return 0.5;
    return logarithmic() ? std::log(loss / low_) / std::log(high_ / low_)
                         : (loss - low_) / (high_ - low_);
  }
  [[nodiscard]] double loss(double height) const {
    return logarithmic() ? low_ * std::pow(high_ / low_, height) : low_ + height * (high_ - low_);
  }

 private:
  void take(double loss) {
    low_ = std::min(low_, loss);
    high_ = std::max(high_, loss);
  }

  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

struct Point {
  double x = 0.0;  // 0 at the first epoch, 1 at the last
  double y = 0.0;  // 0 at the bottom, 1 at the top
};

// Straight lines from point to point. Of a dotted one every other dot is there.
void draw(Canvas& canvas, const std::vector<Point>& points, char mark, bool dotted) {
  const auto across = static_cast<double>(canvas.dots_across() - 1);
  const auto down = static_cast<double>(canvas.dots_down() - 1);
  std::size_t dots = 0;
  std::optional<std::pair<std::size_t, std::size_t>> last;
  const auto put = [&](double x, double y) {
    const std::pair at(static_cast<std::size_t>(std::lround(x)),
                       static_cast<std::size_t>(std::lround(y)));
    if (last == at) return;
    last = at;
    if (!dotted || dots++ % 2 == 0) canvas.set(at.first, at.second, mark);
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

// A number where a label belongs, on every fifth row.
std::string axis_of_loss(const Scale& scale, std::size_t row, std::size_t rows, bool braille) {
  constexpr std::size_t every = 5;
  if (row % every != 0) return std::string(10, ' ') + (braille ? "│" : "|");
  const double height = 1.0 - static_cast<double>(row) / static_cast<double>(rows - 1);
  return fmt::format("{:>9.3g} ", scale.loss(height)) + (braille ? "┤" : "+");
}

std::string axis_of_epochs(long first, long last, std::size_t columns, bool braille) {
  std::string line = std::string(10, ' ') + (braille ? "└" : "+");
  for (std::size_t k = 0; k < columns; ++k) line += braille ? "─" : "-";
  const std::string left = std::to_string(first);
  const std::string right = last > first ? std::to_string(last) : "";
  const std::string middle = "epoch";
  std::string labels = padded(left, (columns - middle.size()) / 2) + middle;
  if (labels.size() + right.size() < columns) {
    labels += std::string(columns - labels.size() - right.size(), ' ');
  }
  return line + "\n" + std::string(11, ' ') + labels + right + "\n";
}

std::string title(bool logarithmic, bool validated, bool braille) {
  std::string text = logarithmic ? "Loss by epoch, on a scale of logarithms" : "Loss by epoch";
  if (!validated) return text + "\n";
  const auto dots = [](std::uint8_t bits) { return Canvas::braille(bits) + Canvas::braille(bits); };
  return text + ": " + (braille ? dots(0x12) : "*") + " training, " + (braille ? dots(0x02) : "o") +
         " validation\n";
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

std::string loss_plot(std::span<const models::EpochReport> epochs, const PlotStyle& style) {
  constexpr std::size_t labels = 12;  // columns for them, and one that stays free
  constexpr std::size_t narrowest = 20;
  if (epochs.empty()) return "";
  const Scale scale(epochs);
  const std::size_t columns = std::max(style.columns, narrowest + labels) - labels;
  Canvas canvas(columns, style.rows, style.braille);
  const long first = epochs.front().epoch;
  const long last = epochs.back().epoch;
  std::vector<Point> training;
  std::vector<Point> validation;
  for (const models::EpochReport& each : epochs) {
    const double x =
        last == first ? 0.0
                      : static_cast<double>(each.epoch - first) / static_cast<double>(last - first);
    training.push_back({x, scale.height(each.loss)});
    if (each.validation_loss) validation.push_back({x, scale.height(*each.validation_loss)});
  }
  draw(canvas, validation, 'o', style.braille);
  draw(canvas, training, '*', false);
  std::string text = title(scale.logarithmic(), !validation.empty(), style.braille);
  for (std::size_t row = 0; row < style.rows; ++row) {
    text += axis_of_loss(scale, row, style.rows, style.braille) + canvas.row(row) + "\n";
  }
  return text + axis_of_epochs(first, last, columns, style.braille);
}

}  // namespace apps
