// tapewise train: from a CSV to a model.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "apps/command.h"
#include "apps/csv_flags.h"
#include "apps/data_flags.h"
#include "autograd/errors.h"
#include "models/classifier.h"
#include "models/data/atomic_file.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"

namespace apps {
namespace {

struct TrainFlags {
  std::string file;
  std::shared_ptr<CsvFlags> csv;
  std::string target;
  DataFlags data;
  std::string model;
  std::string learning_rate;
  long epochs = 10000;
  std::string tolerance = "1e-8";
  std::string l2 = "0";
  std::string loss = "fused";
  long batch_size = 0;
  std::uint64_t seed = 0;
};

models::LogisticRegressionOptions options_of(const TrainFlags& flags) {
  models::LogisticRegressionOptions options;
  if (!flags.learning_rate.empty()) {
    options.learning_rate = parse_number_flag("--learning-rate", flags.learning_rate);
    if (!(*options.learning_rate > 0.0)) {
      throw UsageError("--learning-rate: must be greater than 0, not " + flags.learning_rate);
    }
  }
  options.epochs = flags.epochs;
  options.tolerance = parse_number_flag("--tolerance", flags.tolerance);
  options.l2 = parse_number_flag("--l2", flags.l2);
  if (options.tolerance < 0.0) throw UsageError("--tolerance: must be 0 or more");
  if (options.l2 < 0.0) throw UsageError("--l2: must be 0 or more");
  options.cross_entropy =
      flags.loss == "textbook" ? models::CrossEntropy::textbook : models::CrossEntropy::fused;
  options.batch_size = flags.batch_size;
  options.seed = flags.seed;
  return options;
}

// A line of progress, redrawn some ten times a second where stderr is a terminal, wiped at the end.
class Progress {
 public:
  explicit Progress(long epochs) : epochs_(epochs), visible_(progress_is_visible()) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
  }

  void operator()(const models::EpochReport& report) {
    if (!visible_) return;
    const auto now = std::chrono::steady_clock::now();
    if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    fmt::print(stderr, "\r\x1b[Kepoch {} of {}  loss {:.6g}  gradient {:.2e}", report.epoch,
               epochs_, report.loss, report.gradient_norm);
    std::fflush(stderr);
  }

 private:
  long epochs_;
  bool visible_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

// What the file was understood to be, before the features were made of it.
std::string file_report(const models::Table& table) {
  std::string text = "           " + models::described(table.dialect) + "\n";
  for (const std::string& line : rows_left_out(table)) text += "           " + line + "\n";
  return text;
}

std::string data_report(const TrainFlags& flags, const std::string& file,
                        const models::Dataset& data) {
  std::array<std::size_t, 2> rows{data.rows() - data.positive_rows(), data.positive_rows()};
  if (data.positive == 0) std::swap(rows[0], rows[1]);
  return fmt::format("Data       {}: {}, {}, target {}\n{}Classes    {}",
                     models::location(models::input_name(flags.file)), counted(data.rows(), "row"),
                     counted(data.features.columns(), "feature"), models::printable(data.target),
                     file, classes_text(data.classes, rows, data.positive, flags.data));
}

std::string fit_report(const models::Classifier& c, const TrainFlags& flags) {
  const models::TrainingResult& t = c.training;
  std::string text = fmt::format(
      "Fit        logistic regression by gradient descent: {} epochs, learning rate {:.6g}{}\n",
      t.epochs, t.learning_rate, flags.learning_rate.empty() ? " (automatic)" : "");
  if (t.batch_size > 0) {
    text += fmt::format("           batches of {}, shuffled with seed {}\n",
                        counted(t.batch_size, "row"), flags.seed);
  }
  return text + fmt::format("           {}: largest entry of the gradient {:.3g}\n",
                            t.converged ? "converged" : "NOT CONVERGED", t.gradient_norm);
}

std::string coefficient_report(const models::Classifier& c) {
  const models::Coefficients coefficients = c.coefficients();
  std::size_t width = std::string_view("(intercept)").size();
  std::vector<std::string> names;
  for (const std::string& feature : c.features) {
    names.push_back(models::printable(feature));
    width = std::max(width, width_of(names.back()));
  }
  std::string text =
      fmt::format("\nCoefficients: change in the log-odds of {} = {} per unit of the file\n",
                  models::printable(c.target), models::printable(c.positive_class()));
  text += fmt::format("  {:<{}}  {:>14.7g}\n", "(intercept)", width, coefficients.intercept);
  for (std::size_t k = 0; k < c.features.size(); ++k) {
    text += fmt::format("  {}  {:>14.7g}\n", padded(names[k], width), coefficients.weights[k]);
  }
  const std::vector<std::string> references = reference_levels(c.encoding);
  if (!references.empty()) {
    text += fmt::format("  (of a category: compared with {})\n",
                        models::listed(references, references.size()));
  }
  return text;
}

std::string training_report(const models::Accuracy& a) {
  return fmt::format(
      "\nOn the rows it was trained on (not an estimate for new ones):\n"
      "  training loss      {:.7g} (mean cross-entropy)\n"
      "  training accuracy  {:.4f} ({} of {} rows)\n",
      a.log_loss, static_cast<double>(a.correct) / static_cast<double>(a.rows), a.correct, a.rows);
}

void warn_if_not_converged(const models::TrainingResult& t, const TrainFlags& flags) {
  if (t.converged) return;
  std::string advice =
      "If the classes can be separated there are no best ones; --l2 0.01 then gives some. "
      "Otherwise raise --epochs.";
  if (t.batch_size > 0) {
    advice =
        "Batches at a constant learning rate end near them, the nearer the smaller "
        "--learning-rate is; without --batch-size training can end on them. If the classes can be "
        "separated there are none; --l2 0.01 then gives some.";
  }
  // Batches may end above a first loss that is nearly the best, whatever the rate.
  if (t.loss > t.first_loss && !flags.learning_rate.empty()) {
    advice = fmt::format(
        "The loss rose from {:.6g} to {:.6g}: the learning rate is too large; leave "
        "--learning-rate out.",
        t.first_loss, t.loss);
  }
  spdlog::warn(
      "not converged after {} epochs: the largest entry of the gradient is {:.3g}, the tolerance "
      "{}. The coefficients are not the best there are. {}",
      t.epochs, t.gradient_norm, flags.tolerance, advice);
}

models::Classifier fit(const models::Dataset& data, const TrainFlags& flags) {
  const models::LogisticRegressionOptions options = options_of(flags);
  Progress progress(options.epochs);
  try {
    return models::train(data, options, std::ref(progress));
  } catch (const autograd::NonFiniteError& error) {
    throw UsageError(std::string("training left the numbers: ") + error.what() +
                     " Try a smaller --learning-rate, or leave it out, and --loss fused.");
  }
}

void require_rows_for_a_batch(const models::Dataset& data, const TrainFlags& flags) {
  if (static_cast<std::size_t>(flags.batch_size) <= data.rows()) return;
  throw UsageError(fmt::format("--batch-size: {} is more than the {} of {}", flags.batch_size,
                               counted(data.rows(), "row"), models::input_name(flags.file)));
}

int train_on_file(const TrainFlags& flags) {
  std::string file;
  const models::Dataset data = [&] {  // The table goes before training, which needs the memory.
    const models::Table table = read_table(flags.file, *flags.csv, flags.data, flags.target);
    file = file_report(table);
    return models::make_dataset(table, flags.target, dataset_options(flags.data));
  }();
  require_rows_for_a_batch(data, flags);
  say_what_becomes_of_columns(data);
  warn_of_suspicions(data);
  print(data_report(flags, file, data));
  const models::Classifier classifier = fit(data, flags);
  print(fit_report(classifier, flags) + coefficient_report(classifier) +
        training_report(models::accuracy(classifier, data)));
  warn_if_not_converged(classifier.training, flags);
  if (flags.model.empty()) {
    print("\nThe model was not kept: -o MODEL.json writes it.\n");
  } else {
    models::write_file(flags.model, models::to_json(classifier, flags.seed, TAPEWISE_VERSION));
    print(fmt::format("\nModel written to {}\n", models::location(flags.model)));
  }
  return exit_done;
}

int train(const TrainFlags& flags) {
  options_of(flags);  // Wrong use is said before a large file is read.
  csv_options(*flags.csv);
  require_other_than_inputs(flags.model, {flags.file});
  return models::within_memory(models::input_name(flags.file),
                               [&] { return train_on_file(flags); });
}

}  // namespace

void add_train(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* command = app.add_subcommand("train", "Train a classifier on a CSV with two classes");
  command->footer("Example: tapewise train data.csv --target diagnosis -o model.json");
  command->add_option("FILE", flags->file, "CSV with a column of labels; - is standard input")
      ->required();
  command
      ->add_option("--target", flags->target,
                   "The column with the two labels: its name, its position from 1, or last")
      ->required()
      ->check(fault_of_empty);
  add_data_flags(*command, flags->data);
  command->add_option("-o,--output", flags->model, "Write the model to this file")
      ->check(fault_of_empty);
  command
      ->add_option("--learning-rate", flags->learning_rate,
                   "Step of gradient descent [automatic: 1/curvature of the data, or of a batch]")
      ->check(fault_of_empty);
  command->add_option("--epochs", flags->epochs, "Passes over all rows at most")
      ->check(fault_of_count)
      ->capture_default_str();
  command
      ->add_option("--tolerance", flags->tolerance, "Stop when no entry of the gradient is larger")
      ->capture_default_str();
  command
      ->add_option("--l2", flags->l2, "Penalty l2/2 times the sum of squared standardised weights")
      ->capture_default_str();
  command->add_option("--loss", flags->loss, "fused, or textbook to see where that fails")
      ->check(CLI::IsMember({"fused", "textbook"}))
      ->capture_default_str();
  command
      ->add_option("--batch-size", flags->batch_size,
                   "Rows of an update, in an order shuffled anew each epoch; 0: all rows at once")
      ->check(fault_of_count)
      ->capture_default_str();
  command
      ->add_option("--seed", flags->seed,
                   "Seed of the order of rows (of no effect without batches); kept in the model")
      ->check(fault_of_count)
      ->capture_default_str();
  flags->csv = add_csv_flags(*command);
  command->callback([flags, &chosen] { chosen = [flags] { return train(*flags); }; });
}

}  // namespace apps
