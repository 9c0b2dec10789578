// The curves of activations: drawn, compared, as CSV.
#include <algorithm>
#include <array>
#include <cmath>

#include "apps/activations.h"
#include "apps/command.h"
#include "models/data/number.h"

namespace apps {
namespace {

using autograd::format_number;

constexpr Stroke strokes[3] = {{'*', 1, 0}, {'o', 1, 1}, {'+', 4, 3}};
constexpr std::size_t intervals = 4;      // between the numbers on the left
constexpr double largest = 1e300;         // that is drawn or written
constexpr double smallest_span = 1e-300;  // of what is no straight line

// From the smallest to the largest value, and on to round numbers.
class RoundScale {
 public:
  explicit RoundScale(const std::vector<std::vector<double>>& curves) {
    double low = curves.front().front();
    double high = low;
    for (const std::vector<double>& curve : curves) {
      const auto [least, most] = std::minmax_element(curve.begin(), curve.end());
      low = std::min(low, *least);
      high = std::max(high, *most);
    }
    choose(low, high);
  }

  [[nodiscard]] double height(double value) const {
    return std::clamp((value - bottom_) / (step_ * intervals), 0.0, 1.0);
  }
  [[nodiscard]] double value(double height) const { return bottom_ + height * step_ * intervals; }

 private:
  // The smallest round step in which the intervals cover both.
  void choose(double low, double high) {
    if (high - low < smallest_span) {
      bottom_ = low - 2.0;
      return;
    }
    const double power = std::pow(10.0, std::floor(std::log10((high - low) / intervals)));
    for (const double round :
         {1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0}) {
      step_ = round * power;
      bottom_ = std::floor(low / step_) * step_;
      if (bottom_ + intervals * step_ >= high) return;
    }
  }

  double bottom_ = 0.0;
  double step_ = 1.0;
};

// At all points. Throws BadInput where one is not finite, or too large to go on with.
ActivationValues finite_values(const ActivationFunction& function, const std::vector<double>& x) {
  ActivationValues values = values_at(function, x);
  for (const auto* column : {&values.value, &values.slope, &values.second}) {
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (std::abs((*column)[k]) <= largest) continue;
      throw BadInput(function.name + ": value or derivative at x = " + models::shortest(x[k]) +
                     " is beyond " + models::shortest(largest));
    }
  }
  return values;
}

double value_at(const ActivationFunction& function, double x) {
  return values_at(function, std::array{x}).value[0];
}

// How far two functions are apart.
class Distance {
 public:
  Distance(const ActivationFunction& one, const ActivationFunction& other)
      : one_(one), other_(other) {}

  [[nodiscard]] double at(double x) const {
    return std::abs(value_at(one_, x) - value_at(other_, x));
  }

  // Where it is largest, of the points of a fine grid, kinks and what lies between them.
  [[nodiscard]] double furthest(const CurveRange& range) const {
    const std::vector<double> x = points(range);
    const std::vector<double> a = values_at(one_, x).value;
    const std::vector<double> b = values_at(other_, x).value;
    std::size_t best = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (std::abs(a[k] - b[k]) > std::abs(a[best] - b[best])) best = k;
    }
    const double between = peak(x[best == 0 ? 0 : best - 1], x[std::min(best + 1, x.size() - 1)]);
    // What is not clearly further is rounding: a point of the grid is the rounder number.
    return at(between) > at(x[best]) * (1.0 + 1e-12) ? between : x[best];
  }

 private:
  [[nodiscard]] std::vector<double> points(CurveRange range) const {
    range.points = 2001;
    std::vector<double> x = range.x();
    for (const ActivationFunction* function : {&one_, &other_}) {
      for (const double kink : function->rule->info.kinks) {
        if (range.from < kink && kink < range.to) x.push_back(kink);
      }
    }
    std::sort(x.begin(), x.end());
    return x;
  }

  // By ternary search.
  [[nodiscard]] double peak(double low, double high) const {
    for (int step = 0; step < 60; ++step) {
      const double left = low + (high - low) / 3.0;
      const double right = high - (high - low) / 3.0;
      (at(left) < at(right) ? low : high) = at(left) < at(right) ? left : right;
    }
    return (low + high) / 2.0;
  }

  const ActivationFunction& one_;
  const ActivationFunction& other_;
};

// "hard_tanh and tanh: 0.238406, at x = ±1".
std::string distance_text(const ActivationFunction& one, const ActivationFunction& other,
                          const CurveRange& range, const PlotStyle& style) {
  const auto number = [&style](double value) { return format_number(value, formula_style(style)); };
  const Distance distance(one, other);
  const double x = distance.furthest(range);
  const double apart = distance.at(x);
  const std::string both = one.name + " and " + other.name;
  if (apart <= 4e-16 * std::abs(value_at(one, x))) return both + ": the same but for rounding";
  const bool on_both_sides = x != 0.0 && -x >= range.from && -x <= range.to &&
                             std::abs(distance.at(-x) - apart) <= 1e-12 * apart;
  return both + ": " + number(apart) + ", at x = " +
         (on_both_sides ? (style.braille ? "±" : "+-") + number(std::abs(x)) : number(x));
}

// Of each two of them.
std::string distances_text(const ActivationFunctions& functions, const CurveRange& range,
                           const PlotStyle& style) {
  if (functions.size() < 2) return "";
  std::string text = "\nLargest differences between " + format_number(range.from) + " and " +
                     format_number(range.to) + "\n";
  for (std::size_t i = 0; i < functions.size(); ++i) {
    for (std::size_t j = i + 1; j < functions.size(); ++j) {
      text += "  " + distance_text(functions[i], functions[j], range, style) + "\n";
    }
  }
  return text;
}

// "* y, o y'".
std::string legend_of(const std::vector<std::string>& names, const PlotStyle& style) {
  std::string text;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (k > 0) text += ", ";
    text.append(sample_of(strokes[k], 4, style.braille)).append(" ").append(names[k]);
  }
  return text + "\n";
}

}  // namespace

std::vector<double> CurveRange::x() const {
  std::vector<double> all;
  const auto last = static_cast<double>(points - 1);
  for (std::size_t k = 0; k < points; ++k) {
    const auto at = static_cast<double>(k);
    all.push_back((from * (last - at) + to * at) / last);
  }
  return all;
}

std::string activation_plot(const ActivationFunctions& functions, const CurveRange& range,
                            const PlotStyle& style) {
  Canvas canvas = Canvas::within(style);
  const std::vector<double> x = CurveRange{range.from, range.to, canvas.dots_across()}.x();
  std::vector<std::vector<double>> curves;
  std::vector<std::string> names;
  for (const ActivationFunction& function : functions) {
    ActivationValues values = finite_values(function, x);
    curves.push_back(std::move(values.value));
    names.push_back(functions.size() == 1 ? "y" : function.name);
    if (functions.size() > 1) continue;
    curves.push_back(std::move(values.slope));
    names.emplace_back("y'");
  }
  const RoundScale scale(curves);
  for (std::size_t k = curves.size(); k-- > 0;) {  // the first stays on top
    std::vector<CurvePoint> points;
    for (std::size_t i = 0; i < x.size(); ++i) {
      points.push_back(
          {static_cast<double>(i) / static_cast<double>(x.size() - 1), scale.height(curves[k][i])});
    }
    canvas.draw(points, strokes[k]);
  }
  Frame frame;
  frame.rows_to_a_label = (style.rows - 1) / intervals;
  frame.number_at = [&scale](double height) { return scale.value(height); };
  frame.left = format_number(range.from);
  frame.middle = "x";
  frame.right = format_number(range.to);
  return legend_of(names, style) + framed(canvas, frame) + distances_text(functions, range, style);
}

std::string activation_csv(const ActivationFunctions& functions, const CurveRange& range) {
  const std::vector<double> x = range.x();
  std::vector<ActivationValues> curves;
  std::string text = "x";
  for (const ActivationFunction& function : functions) {
    curves.push_back(finite_values(function, x));
    text += "," + function.name + "," + function.name + "_slope," + function.name + "_second";
  }
  text += "\n";
  for (std::size_t k = 0; k < x.size(); ++k) {
    text += models::shortest(x[k] + 0.0);
    for (const ActivationValues& curve : curves) {
      for (const auto* column : {&curve.value, &curve.slope, &curve.second}) {
        text += "," + models::shortest((*column)[k]);
      }
    }
    text += "\n";
  }
  return text;
}

}  // namespace apps
