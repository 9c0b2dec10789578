// Curves drawn in characters: dots on a canvas, a frame around it, and a legend for it.
//
// Rule for callers: braille takes a terminal in UTF-8; ASCII goes everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace apps {

struct PlotStyle {
  std::size_t columns = 80;  // of the whole, with the labels
  std::size_t rows = 16;     // of the curve alone
  bool braille = false;      // eight dots to a character, or else one mark such as * or o
};

// True where the environment says that terminals are in UTF-8.
bool is_utf8_locale();

// What a line looks like: its mark in ASCII; in braille so many dots, then so many left out.
struct Stroke {
  char mark = '*';
  std::size_t dots = 1;
  std::size_t gap = 0;
};

struct CurvePoint {
  double x = 0.0;  // 0 at the left, 1 at the right
  double y = 0.0;  // 0 at the bottom, 1 at the top
};

// Characters made of dots: 2 × 4 of them in braille, or a single one.
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows, bool braille);

  // As wide as a style leaves room for beside the labels of framed().
  static Canvas within(const PlotStyle& style);

  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] bool is_braille() const { return braille_; }
  [[nodiscard]] std::size_t dots_across() const { return columns_ * (braille_ ? 2 : 1); }
  [[nodiscard]] std::size_t dots_down() const { return rows_ * (braille_ ? 4 : 1); }

  // Straight lines from point to point. In ASCII what is drawn last stays on top.
  void draw(const std::vector<CurvePoint>& points, const Stroke& stroke);

  // A line of text, without the blanks at its end.
  [[nodiscard]] std::string row(std::size_t row) const;

 private:
  void set(std::size_t x, std::size_t y, char mark);

  std::size_t columns_;
  std::size_t rows_;
  bool braille_;
  std::vector<std::uint8_t> cells_;
};

// A piece of a line, for a legend: so many characters of braille, or the mark.
std::string sample_of(const Stroke& stroke, std::size_t characters, bool braille);

// What stands around a canvas.
struct Frame {
  std::size_t rows_to_a_label = 5;
  std::function<double(double height)> number_at;  // 0 at the bottom, 1 at the top
  std::string left, middle, right;                 // below the canvas
};

// The canvas with numbers on its left and words below.
std::string framed(const Canvas& canvas, const Frame& frame);

}  // namespace apps
