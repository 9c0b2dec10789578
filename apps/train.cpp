// tapewise train: from a CSV to a model.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/command.h"
#include "apps/csv_flags.h"
#include "apps/data_flags.h"
#include "apps/fit_report.h"
#include "autograd/errors.h"
#include "models/data/atomic_file.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"
#include "models/fit.h"

namespace apps {
namespace {

struct TrainFlags {
  std::string file;
  std::shared_ptr<CsvFlags> csv;
  std::string target;
  DataFlags data;
  std::string output;
  std::string model;
  std::string hidden;
  std::string activation;
  std::string solver = "auto";
  std::string learning_rate;
  std::string schedule = "constant";
  long warm_up = 0;
  long step_every = 10;
  std::string step_factor = "0.1";
  std::string momentum = "0.9";
  std::optional<long> epochs;
  std::string tolerance;
  std::string l1 = "0";
  std::string l2 = "0";
  bool firth = false;
  std::string class_weight;
  std::string validation = "0";
  long patience = 10;
  std::string loss = "fused";
  long batch_size = 0;
  std::uint64_t seed = 0;
  bool strict = false;
  bool json = false;
  std::set<std::string> given;  // the flags of the command line
};

double at_least_0(std::string_view flag, const std::string& text) {
  const double value = parse_number_flag(flag, text);
  if (value < 0.0) throw UsageError(fmt::format("{}: must be 0 or more, not {}", flag, text));
  return value;
}

double more_than_0(std::string_view flag, const std::string& text) {
  const double value = parse_number_flag(flag, text);
  if (!(value > 0.0))
    throw UsageError(fmt::format("{}: must be greater than 0, not {}", flag, text));
  return value;
}

std::vector<std::size_t> hidden_layers(const std::string& text) {
  std::vector<std::size_t> layers;
  if (text.empty()) return layers;
  for (const double units : parse_numbers("--hidden", text)) {
    if (!(units >= 1.0 && units <= 10000.0) || units != std::floor(units)) {
      throw UsageError("--hidden: " + models::shortest(units) +
                       " is not a number of units, 1 to 10000, such as in 16,8");
    }
    layers.push_back(static_cast<std::size_t>(units));
  }
  return layers;
}

models::LearningRate learning_rate_of(const TrainFlags& flags) {
  models::LearningRate rate;
  rate.schedule = *models::schedule_named(flags.schedule);
  rate.warm_up = flags.warm_up;
  rate.step_every = flags.step_every;
  rate.step_factor = more_than_0("--step-factor", flags.step_factor);
  return rate;
}

// A perceptron's loss has no minimum that is worth the last digits.
constexpr long epochs_of_linear = 10000;
constexpr long epochs_of_mlp = 2000;
constexpr double tolerance_of_linear = 1e-8;
constexpr double tolerance_of_mlp = 1e-4;

models::MinimiseOptions minimise_options(const TrainFlags& flags, bool mlp) {
  models::MinimiseOptions options;
  options.solver = *models::solver_named(flags.solver);
  options.learning_rate = learning_rate_of(flags);
  options.momentum = at_least_0("--momentum", flags.momentum);
  options.epochs = flags.epochs.value_or(mlp ? epochs_of_mlp : epochs_of_linear);
  options.tolerance = flags.tolerance.empty() ? (mlp ? tolerance_of_mlp : tolerance_of_linear)
                                              : at_least_0("--tolerance", flags.tolerance);
  options.batch_size = flags.batch_size;
  options.seed = flags.seed;
  return options;
}

// A flag that nothing looks at is a misunderstanding, not a wish.
void require_used(const TrainFlags& flags) {
  const auto require = [&](const char* flag, bool used, const char* by) {
    if (flags.given.contains(flag) && !used) throw UsageError(std::string(flag) + ": is of " + by);
  };
  const bool by_rate = flags.solver != "newton" && flags.solver != "lbfgs";
  require("--momentum", flags.solver == "momentum" || flags.solver == "nesterov",
          "--solver momentum and nesterov");
  for (const char* flag : {"--learning-rate", "--schedule", "--warm-up"}) {
    require(flag, by_rate, "solvers with a learning rate, all but newton and lbfgs");
  }
  for (const char* flag : {"--step-every", "--step-factor"}) {
    require(flag, flags.schedule == "step", "--schedule step");
  }
  require("--patience", flags.given.contains("--validation"), "--validation");
}

models::FitOptions options_of(const TrainFlags& flags) {
  models::FitOptions options;
  if (!flags.model.empty()) options.kind = models::model_kind_named(flags.model);
  options.hidden = hidden_layers(flags.hidden);
  if (!options.hidden.empty() && !options.kind) options.kind = models::ModelKind::mlp;
  if (options.kind == models::ModelKind::mlp && options.hidden.empty()) options.hidden = {16};
  if (!flags.learning_rate.empty()) {
    options.learning_rate = more_than_0("--learning-rate", flags.learning_rate);
  }
  options.penalty = {at_least_0("--l1", flags.l1), at_least_0("--l2", flags.l2)};
  options.firth = flags.firth;
  options.class_weight = flags.class_weight;
  options.cross_entropy =
      flags.loss == "textbook" ? models::CrossEntropy::textbook : models::CrossEntropy::fused;
  options.validation_share = at_least_0("--validation", flags.validation);
  options.patience = flags.patience;
  try {
    if (!flags.activation.empty()) {
      if (options.kind != models::ModelKind::mlp) {
        throw UsageError("--activation: is of --model mlp");
      }
      options.activation = models::parse_activation(flags.activation);
    }
    options.minimise = minimise_options(flags, options.kind == models::ModelKind::mlp);
    models::require_consistent(options);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
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
  const std::vector<std::size_t> rows = data.rows_of_classes();
  std::vector<models::LevelCount> classes;
  for (std::size_t k = 0; k < rows.size(); ++k) classes.push_back({data.classes[k], rows[k]});
  return fmt::format("Data       {}: {}, {}, target {}\n{}Classes    {}",
                     models::location(models::input_name(flags.file)), counted(data.rows(), "row"),
                     counted(data.features.columns(), "feature"), models::printable(data.target),
                     file, classes_text(classes, flags.data));
}

models::Fit fitted(const models::Dataset& data, const models::FitOptions& options) {
  Progress progress(options.minimise.epochs);
  try {
    return models::fit(data, options, std::ref(progress));
  } catch (const autograd::NonFiniteError& error) {
    throw UsageError(std::string("training left the numbers: ") + error.what() +
                     " Try a smaller --learning-rate, or leave it out, and --loss fused.");
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

void require_rows_for_a_batch(const models::Dataset& data, const TrainFlags& flags) {
  if (static_cast<std::size_t>(flags.batch_size) <= data.rows()) return;
  throw UsageError(fmt::format("--batch-size: {} is more than the {} of {}", flags.batch_size,
                               counted(data.rows(), "row"), models::input_name(flags.file)));
}

// The model file, before anything says that it was written.
void write_model(const models::Classifier& classifier, const TrainFlags& flags) {
  if (flags.output.empty()) return;
  models::write_file(flags.output, models::to_json(classifier, flags.seed, TAPEWISE_VERSION));
}

// A file as it was read: what was understood, the rows, and how many the file has.
struct TrainingFile {
  std::string report;
  std::size_t rows = 0;
  models::Dataset data;
};

TrainingFile read_training_file(const TrainFlags& flags) {
  const models::Table table = read_table(flags.file, *flags.csv, flags.data, flags.target);
  return {file_report(table), table.rows(),
          models::make_dataset(table, flags.target, dataset_options(flags.data))};
}

int train_on_file(const TrainFlags& flags) {
  const auto start = std::chrono::steady_clock::now();
  // The table goes before training, which needs the memory.
  const TrainingFile file = read_training_file(flags);
  require_rows_for_a_batch(file.data, flags);
  say_what_becomes_of_columns(file.data);
  const models::FitOptions options = options_of(flags);
  const bool plain = options.penalty.none() && !options.firth && options.hidden.empty();
  std::vector<Warning> warnings = warnings_before(file.data, plain);
  log_warnings(warnings);
  if (!flags.json) print(data_report(flags, file.report, file.data));
  const models::Fit result = fitted(file.data, options);
  const std::vector<Warning> after = warnings_after(result, options);
  log_warnings(after);
  warnings.insert(warnings.end(), after.begin(), after.end());
  write_model(result.classifier, flags);
  if (flags.json) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    print(as_json(result, file.data, file.rows, seconds.count(), warnings)
              .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
          "\n");
  } else {
    print(fit_text(result, flags.seed, !flags.learning_rate.empty()) + coefficients_text(result) +
          training_text(result, file.data));
    print(flags.output.empty()
              ? "\nThe model was not kept: -o MODEL.json writes it.\n"
              : fmt::format("\nModel written to {}\n", models::location(flags.output)));
  }
  const bool failed = flags.strict && !result.classifier.fit.converged();
  return failed ? exit_not_converged : exit_done;
}

int train(const TrainFlags& flags) {
  require_used(flags);
  options_of(flags);  // Wrong use is said before a large file is read.
  csv_options(*flags.csv);
  require_other_than_inputs(flags.output, {flags.file});
  return models::within_memory(models::input_name(flags.file),
                               [&] { return train_on_file(flags); });
}

// What the model is and what it is fitted to.
void add_model_flags(CLI::App& command, TrainFlags& flags) {
  command
      .add_option("--model", flags.model,
                  "logistic (two classes), softmax, or mlp: a perceptron [logistic or softmax]")
      ->check(CLI::IsMember({"logistic", "softmax", "mlp"}));
  command.add_option("--hidden", flags.hidden, "Units of the hidden layers of mlp: 16,8 [16]")
      ->check(fault_of_empty);
  command
      .add_option("--activation", flags.activation,
                  "Of the hidden layers: " +
                      fmt::format("{}", fmt::join(models::activation_names(), ", ")) +
                      "; with a number behind a colon, leaky_relu:0.1 [tanh]")
      ->check(fault_of_empty);
  command.add_option("--l1", flags.l1, "Penalty l1 times the sum of |standardised weights|")
      ->capture_default_str();
  command
      .add_option("--l2", flags.l2, "Penalty l2/2 times the sum of squared standardised weights")
      ->capture_default_str();
  command.add_flag("--firth", flags.firth,
                   "Firth's correction: less bias, finite coefficients where classes separate");
  command
      .add_option("--class-weight", flags.class_weight,
                  "balanced, or a factor for the rows of a class: yes=3,no=1")
      ->check(fault_of_empty);
  command.add_option("--loss", flags.loss, "fused, or textbook to see where that fails")
      ->check(CLI::IsMember({"fused", "textbook"}))
      ->capture_default_str();
}

// How it is fitted.
void add_solver_flags(CLI::App& command, TrainFlags& flags) {
  command
      .add_option("--solver", flags.solver,
                  "auto (gradient descent, then Newton steps; adam for mlp), gd, sgd, momentum, "
                  "nesterov, adam, lbfgs, newton")
      ->check(
          CLI::IsMember({"auto", "gd", "sgd", "momentum", "nesterov", "adam", "lbfgs", "newton"}))
      ->capture_default_str();
  command
      .add_option("--learning-rate", flags.learning_rate,
                  "Step of gradient descent [automatic: 1/curvature of the data, or of a batch]")
      ->check(fault_of_empty);
  command.add_option("--schedule", flags.schedule, "Of the learning rate: constant, step, cosine")
      ->check(CLI::IsMember({"constant", "step", "cosine"}))
      ->capture_default_str();
  command.add_option("--warm-up", flags.warm_up, "Epochs in which the learning rate grows from 0")
      ->check(fault_of_count)
      ->capture_default_str();
  command.add_option("--step-every", flags.step_every, "Schedule step: epochs between two steps")
      ->check(fault_of_count)
      ->capture_default_str();
  command.add_option("--step-factor", flags.step_factor, "Schedule step: factor of each step")
      ->capture_default_str();
  command.add_option("--momentum", flags.momentum, "Of the solvers momentum and nesterov")
      ->capture_default_str();
  command.add_option("--epochs", flags.epochs, "Passes over all rows, or Newton steps, at most")
      ->check(fault_of_count)
      ->capture_default_str();
  command
      .add_option("--tolerance", flags.tolerance,
                  "Stop when no entry of the gradient is larger [1e-8; of mlp 1e-4]")
      ->check(fault_of_empty);
  command
      .add_option("--batch-size", flags.batch_size,
                  "Rows of an update, in an order shuffled anew each epoch; 0: all rows at once")
      ->check(fault_of_count)
      ->capture_default_str();
  command
      .add_option("--validation", flags.validation,
                  "Share of the rows kept aside: training stops when their loss no longer falls")
      ->capture_default_str();
  command.add_option("--patience", flags.patience, "Epochs to wait for a new best validation loss")
      ->check(fault_of_count)
      ->capture_default_str();
  command
      .add_option("--seed", flags.seed,
                  "Seed of all that is random: the order of rows in batches, the rows kept aside, "
                  "the start of mlp; kept in the model")
      ->check(fault_of_count)
      ->capture_default_str();
}

}  // namespace

void add_train(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* command = app.add_subcommand("train", "Train a classifier on a CSV");
  command->footer("Example: tapewise train data.csv --target diagnosis -o model.json");
  command->add_option("FILE", flags->file, "CSV with a column of labels; - is standard input")
      ->required();
  command
      ->add_option("--target", flags->target,
                   "The column with the labels: its name, its position from 1, or last")
      ->required()
      ->check(fault_of_empty);
  add_data_flags(*command, flags->data);
  command->add_option("-o,--output", flags->output, "Write the model to this file")
      ->check(fault_of_empty);
  add_model_flags(*command, *flags);
  add_solver_flags(*command, *flags);
  command->add_flag("--strict", flags->strict, "Exit code 3 if the fit has not converged");
  command->add_flag("--json", flags->json, "For programs");
  flags->csv = add_csv_flags(*command);
  command->callback([flags, command, &chosen] {
    for (const CLI::Option* option : command->get_options()) {
      if (option->count() > 0) flags->given.insert(option->get_name());
    }
    chosen = [flags] { return train(*flags); };
  });
}

}  // namespace apps
