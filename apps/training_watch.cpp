#include "apps/training_watch.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "apps/command.h"
#include "apps/loss_plot.h"
#include "models/data/atomic_file.h"
#include "models/data/number.h"

namespace apps {
namespace {

// 0 to 10, then every tenth to 100, every hundredth to 1000, and so on.
bool is_worth_a_line(long epoch) {
  long step = 1;
  while (epoch >= 10 * step) step *= 10;
  return epoch % step == 0;
}

void log_epoch(const models::EpochReport& report) {
  spdlog::debug(
      "epoch {}: loss {:.7g}, gradient {:.3g}{}", report.epoch, report.loss, report.gradient_norm,
      report.validation_loss ? fmt::format(", validation loss {:.7g}", *report.validation_loss)
                             : "");
}

}  // namespace

void add_watch_flags(CLI::App& command, WatchFlags& flags) {
  command.add_flag("--plot", flags.plot, "Draw the loss over the epochs");
  command
      .add_option("--history", flags.history,
                  "Write the loss and the gradient of each epoch to this CSV")
      ->type_name("FILE")
      ->check(fault_of_empty);
}

models::EpochObserver TrainingWatch::observer() {
  const bool verbose = spdlog::should_log(spdlog::level::debug);
  if (!keeps() && !verbose && !progress_.visible()) return {};
  return [this](const models::EpochReport& report) { take(report); };
}

void TrainingWatch::take(const models::EpochReport& report) {
  if (keeps()) epochs_.push_back(report);
  progress_.show(report, options_.epochs, options_.tolerance);
  if (!spdlog::should_log(spdlog::level::debug)) return;
  if (solver_ != report.solver) {
    solver_ = report.solver;
    spdlog::debug("{} from epoch {} on", solver_, report.epoch);
  }
  if (is_worth_a_line(report.epoch)) log_epoch(report);
}

void TrainingWatch::write_history() const {
  if (!flags_.history.empty()) models::write_file(flags_.history, history_csv(epochs_));
}

std::string TrainingWatch::plot() const {
  if (!flags_.plot) return "";
  PlotStyle style;
  style.columns = terminal_width(STDOUT_FILENO);
  style.braille = is_utf8_locale();
  return "\n" + loss_plot(epochs_, style);
}

std::string history_csv(const std::vector<models::EpochReport>& epochs) {
  const bool validated = !epochs.empty() && epochs.front().validation_loss.has_value();
  std::string text = "epoch,solver,loss,gradient_norm";
  text += validated ? ",validation_loss\n" : "\n";
  for (const models::EpochReport& each : epochs) {
    text += fmt::format("{},{},{},{}", each.epoch, each.solver, models::shortest(each.loss),
                        models::shortest(each.gradient_norm));
    if (each.validation_loss) text.append(",").append(models::shortest(*each.validation_loss));
    text += "\n";
  }
  return text;
}

}  // namespace apps
