#include "apps/progress.h"

#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "apps/command.h"

namespace apps {
namespace {

constexpr std::chrono::milliseconds between_lines{100};
constexpr std::size_t shortest_bar = 10;
constexpr std::size_t longest_bar = 30;

std::string bar(double share, std::size_t length) {
  const auto done = static_cast<std::size_t>(share * static_cast<double>(length));
  return "[" + std::string(done, '#') + std::string(length - done, '-') + "]";
}

// The first word, then a bar if there is room for it, then as many of the others as there is room
// for. The last column stays free: some terminals begin a new line there.
std::string fitted_line(const std::string& first, double share,
                        const std::vector<std::string>& others, std::size_t columns) {
  const std::size_t room = std::max<std::size_t>(columns, 1) - 1;
  std::string tail;
  for (const std::string& each : others) {
    if (each.empty()) continue;
    if (first.size() + tail.size() + each.size() + 2 > room) break;
    tail += "  " + each;
  }
  std::string line = first;
  const std::size_t taken = first.size() + tail.size() + 3;  // with a blank and two brackets
  if (taken + shortest_bar <= room) line += " " + bar(share, std::min(room - taken, longest_bar));
  return (line + tail).substr(0, room);
}

// Rounded up, in the unit that leaves one or two digits.
std::string duration_text(double seconds) {
  constexpr double minute = 60.0;
  constexpr double hour = 60.0 * minute;
  constexpr double day = 24.0 * hour;
  if (seconds < 1.5 * minute) return fmt::format("{:.0f} s", std::ceil(seconds));
  if (seconds < 1.5 * hour) return fmt::format("{:.0f} min", std::ceil(seconds / minute));
  if (seconds < 2.0 * day) return fmt::format("{:.0f} h", std::ceil(seconds / hour));
  if (seconds < 100.0 * day) return fmt::format("{:.0f} d", std::ceil(seconds / day));
  return "";
}

}  // namespace

Progress::Progress() : visible_(progress_is_visible()), begin_(Clock::now()), last_(begin_) {}

bool Progress::due() const { return visible_ && Clock::now() - last_ >= between_lines; }

void Progress::show(const models::EpochReport& report, long epochs, double tolerance) {
  if (!visible_) return;
  const double done = share(report, epochs, tolerance);
  if (!due()) return;
  draw(
      fitted_line(fmt::format("epoch {}/{}", report.epoch, epochs), done,
                  {fmt::format("loss {:.6g}", report.loss),
                   fmt::format("gradient {:.1e}", report.gradient_norm), time_left(report, epochs)},
                  terminal_width(STDERR_FILENO)));
}

void Progress::show_step(std::string_view name, std::size_t step, std::size_t steps) {
  if (!due()) return;
  draw(fitted_line(fmt::format("{} {}/{}", name, step, steps),
                   static_cast<double>(step - 1) / static_cast<double>(steps), {},
                   terminal_width(STDERR_FILENO)));
}

double Progress::share(const models::EpochReport& report, long epochs, double tolerance) {
  const double gradient = report.gradient_norm;
  if (first_epoch_ < 0 || report.epoch < first_epoch_) {
    first_epoch_ = report.epoch;
    begin_ = Clock::now();
    first_gradient_ = smallest_gradient_ = gradient;
  }
  smallest_gradient_ = std::min(smallest_gradient_, gradient);
  const double of_epochs =
      static_cast<double>(report.epoch) / static_cast<double>(std::max(epochs, 1L));
  double of_gradient = 0.0;
  if (tolerance > 0.0 && smallest_gradient_ > 0.0 && first_gradient_ > tolerance) {
    of_gradient =
        std::log(first_gradient_ / smallest_gradient_) / std::log(first_gradient_ / tolerance);
  }
  return std::clamp(std::max(of_epochs, of_gradient), 0.0, 1.0);
}

std::string Progress::time_left(const models::EpochReport& report, long epochs) const {
  constexpr long enough_epochs = 10;
  constexpr double enough_seconds = 1.0;
  const long done = report.epoch - first_epoch_;
  const std::chrono::duration<double> seconds = Clock::now() - begin_;
  const bool takes_them_all = report.solver != "newton" && report.solver != "lbfgs";
  if (!takes_them_all || done < enough_epochs || seconds.count() < enough_seconds) return "";
  const double left =
      seconds.count() / static_cast<double>(done) * static_cast<double>(epochs - report.epoch);
  const std::string text = duration_text(left);
  return text.empty() ? "" : "<" + text + " left";
}

void Progress::draw(const std::string& line) {
  last_ = Clock::now();
  drawn_ = true;
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
  std::fflush(stderr);
}

void Progress::wipe() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace apps
