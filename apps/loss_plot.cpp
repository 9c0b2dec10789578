#include "apps/loss_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace apps {
namespace {

constexpr Stroke training_stroke{'*', 1, 0};
constexpr Stroke validation_stroke{'o', 1, 1};

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

std::string title(bool logarithmic, bool validated, bool braille) {
  std::string text = logarithmic ? "Loss by epoch, on a scale of logarithms" : "Loss by epoch";
  if (!validated) return text + "\n";
  return text + ": " + sample_of(training_stroke, 2, braille) + " training, " +
         sample_of(validation_stroke, 2, braille) + " validation\n";
}

}  // namespace

std::string loss_plot(std::span<const models::EpochReport> epochs, const PlotStyle& style) {
  if (epochs.empty()) return "";
  const Scale scale(epochs);
  const long first = epochs.front().epoch;
  const long last = epochs.back().epoch;
  std::vector<CurvePoint> training;
  std::vector<CurvePoint> validation;
  for (const models::EpochReport& each : epochs) {
    const double x =
        last == first ? 0.0
                      : static_cast<double>(each.epoch - first) / static_cast<double>(last - first);
    training.push_back({x, scale.height(each.loss)});
    if (each.validation_loss) validation.push_back({x, scale.height(*each.validation_loss)});
  }
  Canvas canvas = Canvas::within(style);
  canvas.draw(validation, validation_stroke);
  canvas.draw(training, training_stroke);
  Frame frame;
  frame.number_at = [&scale](double height) { return scale.loss(height); };
  frame.left = std::to_string(first);
  frame.middle = "epoch";
  if (last > first) frame.right = std::to_string(last);
  return title(scale.logarithmic(), !validation.empty(), style.braille) + framed(canvas, frame);
}

}  // namespace apps
