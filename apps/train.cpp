// tapewise train: from a CSV to a model.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/checkpoint_flags.h"
#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/csv_flags.h"
#include "apps/data_flags.h"
#include "apps/fit_report.h"
#include "apps/interruption.h"
#include "apps/progress.h"
#include "apps/training_watch.h"
#include "autograd/errors.h"
#include "models/data/atomic_file.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"
#include "models/evaluation/cross_validation.h"
#include "models/evaluation/threshold.h"
#include "models/fit.h"
#include "models/model.h"

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
  std::string folds;
  std::string holdout;
  std::string test;
  std::string threshold = "0.5";
  std::string out_of_fold;
  long batch_size = 0;
  std::uint64_t seed = 0;
  WatchFlags watch;
  CheckpointFlags checkpoint;
  bool strict = false;
  bool json = false;
  std::set<std::string> given;       // the flags of the command line
  std::vector<std::string> command;  // of its words, those that the model depends on
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
    if (flags.given.contains(flag) && !used)
      throw UsageError(std::string(flag) + ": only with " + by);
  };
  const bool by_rate = flags.solver != "newton" && flags.solver != "lbfgs";
  require("--momentum", flags.solver == "momentum" || flags.solver == "nesterov",
          "--solver momentum or nesterov");
  for (const char* flag : {"--learning-rate", "--schedule", "--warm-up"}) {
    require(flag, by_rate, "solvers with a learning rate, all but newton and lbfgs");
  }
  for (const char* flag : {"--step-every", "--step-factor"}) {
    require(flag, flags.schedule == "step", "--schedule step");
  }
  require("--patience", flags.given.contains("--validation"), "--validation");
  const bool keeps = flags.given.contains("--checkpoint") || flags.given.contains("--resume");
  require("--every", keeps, "--checkpoint and --resume");
  const bool estimates = flags.folds != "none" || flags.given.contains("--holdout");
  require("--out-of-fold", estimates, "--cv or --holdout");
  if (flags.json && flags.watch.plot) {
    throw UsageError(
        "--plot and --json: a curve is for people, an object for programs; leave one out");
  }
  if (flags.given.contains("--cv") && flags.given.contains("--holdout")) {
    throw UsageError("--cv and --holdout: one estimate for new rows is enough; leave one out");
  }
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
  if (options.validation_share >= 1.0) {
    throw UsageError("--validation: a share less than 1 is expected, not " + flags.validation);
  }
  options.patience = flags.patience;
  options.checkpoint = checkpoint_options(flags.checkpoint);
  try {
    if (!flags.activation.empty()) {
      if (options.kind != models::ModelKind::mlp) {
        throw UsageError("--activation: only with --model mlp");
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

// Wrong options may show only when they meet the data.
template <class Call>
auto with_options_in_mind(const Call& call) {
  try {
    return call();
  } catch (const autograd::NonFiniteError& error) {
    throw UsageError(std::string("training left the numbers: ") + error.what() +
                     " Try a smaller --learning-rate, or leave it out, and --loss fused.");
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

// --- How it does on rows it has not seen ------------------------------------------------------

constexpr std::size_t usual_folds = 5;

// Nothing where no estimate is asked for. Folds of 0: as many as the classes have rows for.
std::optional<models::EvaluationPlan> evaluation_plan(const TrainFlags& flags) {
  models::EvaluationPlan plan;
  plan.folds = 0;
  plan.seed = flags.seed;
  try {
    plan.threshold = models::parse_threshold(flags.threshold);
  } catch (const std::invalid_argument& error) {
    throw UsageError(std::string("--threshold: ") + error.what());
  }
  if (!flags.holdout.empty()) {
    plan.holdout = parse_number_flag("--holdout", flags.holdout);
    if (!(plan.holdout > 0.0 && plan.holdout < 1.0)) {
      throw UsageError("--holdout: a share between 0 and 1 is expected, not " + flags.holdout);
    }
    plan.folds = usual_folds;
    return plan;
  }
  if (flags.folds == "none") {
    if (!plan.threshold.is_learned()) return std::nullopt;
    throw UsageError("--threshold: " + flags.threshold +
                     " is chosen on what folds predict; leave --cv none out");
  }
  if (flags.folds.empty()) return plan;
  const std::string fault = fault_of_count(flags.folds);
  plan.folds = fault.empty() ? std::stoul(flags.folds) : 0;
  if (plan.folds < 2) {
    throw UsageError("--cv: none or a number of folds, 2 or more, is expected, not " +
                     models::in_quotes(flags.folds));
  }
  return plan;
}

// By default five folds, or as many as the classes have rows for.
bool settle_folds(models::EvaluationPlan& plan, const models::Dataset& data,
                  const TrainFlags& flags, std::vector<models::Warning>& warnings) {
  if (plan.folds > 0) return true;
  plan.folds = models::possible_folds(data, usual_folds);
  if (plan.folds > 0) return true;
  const std::string reason = "a class has a single row";
  if (plan.threshold.is_learned()) {
    throw models::DataError(data.features.file,
                            {0, 0, reason + ", and --threshold is chosen on what folds predict"},
                            "Give a number, such as --threshold 0.3, or add rows of that class.");
  }
  if (!flags.out_of_fold.empty()) {
    throw models::DataError(data.features.file,
                            {0, 0, reason + ", and --out-of-fold has what folds predict"},
                            "Leave it out, or add rows of that class.");
  }
  warnings.push_back(
      {"few_rows", reason + ": nothing is known of how well new rows are predicted", {}});
  log_warnings({warnings.back()});
  return false;
}

// Line, fold, label, prediction and probabilities of each row that a fold tested on.
std::string out_of_fold_csv(const models::CrossValidation& cv, const models::Dataset& data) {
  const std::size_t classes = data.classes.size();
  const std::vector<std::size_t> order = models::sorted_order(data.classes, data.encoding.decimal);
  std::string text =
      "line,fold," + csv_field(data.target) + "," + csv_field("predicted_" + data.target);
  for (const std::size_t k : order)
    text.append(",").append(csv_field("probability_" + data.classes[k]));
  text += "\n";
  std::vector<double> p(classes);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    if (cv.rows.fold[row] == 0) continue;
    for (std::size_t k = 0; k < classes; ++k) {
      p[k] = std::exp(cv.rows.log_probabilities[row * classes + k]);
    }
    const std::size_t predicted = models::predicted_class(p, cv.rows.thresholds[row]);
    text += fmt::format("{},{},{},{}", data.features.lines[row], cv.rows.fold[row],
                        csv_field(data.classes[static_cast<std::size_t>(data.labels[row])]),
                        csv_field(data.classes[predicted]));
    for (const std::size_t k : order) text.append(",").append(models::shortest(p[k]));
    text += "\n";
  }
  return text;
}

void evaluate(models::Model& model, const models::EvaluationPlan& plan, const TrainFlags& flags,
              const models::TrainingData& training, const models::FitOptions& options) {
  Progress progress;
  const auto observer = [&](std::size_t done, std::size_t all) {
    spdlog::debug("cross-validation: fit {} of {}", done + 1, all);
    progress.show_step("cross-validation: fit", done + 1, all);
  };
  const models::CrossValidation cv = with_options_in_mind(
      [&] { return models::cross_validate(training, options, plan, observer); });
  progress.wipe();
  if (options.minimise.interrupted()) {
    model.warnings.push_back(
        {"interrupted", "interrupted: nothing is known of how it predicts new rows", {}});
    log_warnings({model.warnings.back()});
    return;
  }
  model.evaluation = cv.evaluation;
  models::set_threshold(model.fit, training.data, options, cv.threshold);
  if (!flags.out_of_fold.empty()) {
    models::write_file(flags.out_of_fold, out_of_fold_csv(cv, training.data));
  }
  // Where that of all rows has not, it has been said.
  if (cv.evaluation.unconverged == 0 || !model.fit.classifier.fit.training.converged) return;
  model.warnings.push_back(
      {"fold_not_converged",
       fmt::format("{} on folds have not converged: the estimate for new rows is of models that "
                   "are not the best",
                   counted(cv.evaluation.unconverged, "fit")),
       {}});
  log_warnings({model.warnings.back()});
}

// The rows of --test, as a model of the data will see them.
models::SelectedRows test_rows(const TrainFlags& flags, const models::Dataset& data,
                               const models::DataRecord& record) {
  const std::string weight = flags.data.columns.weight.empty() ? "" : flags.data.columns.weight[0];
  models::Classifier to_be;
  to_be.target = data.target;
  to_be.classes = data.classes;
  to_be.encoding = data.encoding;
  const models::Table table = read_table(flags.test, *flags.csv, to_be, weight, true);
  warn_of_rows_left_out(table);
  warn_of_training_file(record, table);
  models::SelectedRows rows = models::select_rows(table, data.encoding, data.target, data.classes,
                                                  models::UnknownPolicy::ignore, weight);
  warn_of_unknown(rows.unknown);
  return rows;
}

models::TestRecord tested(const std::string& file, const models::Dataset& rows,
                          const models::Classifier& classifier) {
  return {models::input_name(file), rows.rows(),
          models::metrics_of(rows.labels, classifier.log_probabilities(rows.features),
                             classifier.classes.size(), rows.weights, classifier.threshold)};
}

void require_two_classes(const models::Dataset& data, const TrainFlags& flags) {
  if (data.classes.size() == 2 || !flags.given.contains("--threshold")) return;
  throw UsageError(
      "--threshold: there are more than two classes; the most probable one is predicted");
}

void require_rows_for_a_batch(const models::Dataset& data, const TrainFlags& flags) {
  if (static_cast<std::size_t>(flags.batch_size) <= data.rows()) return;
  throw UsageError(fmt::format("--batch-size: {} is more than the {} of {}", flags.batch_size,
                               counted(data.rows(), "row"), models::input_name(flags.file)));
}

// A file as it was read. The table is there as long as folds need it.
struct TrainingFile {
  std::optional<models::Table> table;
  models::DataRecord record;
  models::Dataset data;
};

models::DataRecord record_of(const models::Table& table, const models::Dataset& data) {
  models::DataRecord record;
  record.file = models::input_name(table.file);
  record.sha256 = table.sha256;
  record.read_as = {models::described(table.dialect)};
  for (const std::string& line : rows_left_out(table)) record.read_as.push_back(line);
  record.rows = table.rows();
  record.rows_of_classes = data.rows_of_classes();
  record.weighted = !data.weights.empty();
  for (const models::ColumnSchema& column : data.schema) {
    if (column.role != models::Role::unusable) {
      record.features.push_back({column.name, column.role});
    }
  }
  return record;
}

TrainingFile read_training_file(const TrainFlags& flags, bool keep_table) {
  TrainingFile file;
  models::Table table = read_table(flags.file, *flags.csv, flags.data, flags.target, true);
  file.data = models::make_dataset(table, flags.target, dataset_options(flags.data));
  file.record = record_of(table, file.data);
  if (keep_table) file.table = std::move(table);
  return file;
}

void print_model(const models::Model& model, const TrainFlags& flags,
                 std::chrono::duration<double> seconds) {
  if (flags.json) {
    nlohmann::ordered_json json = as_json(model);
    json["fit"]["seconds"] = seconds.count();
    print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return;
  }
  print(report_text(model));
  print(flags.output.empty()
            ? "\nThe model was not kept: -o MODEL.json writes it.\n"
            : fmt::format("\nModel written to {}\n", models::location(flags.output)));
}

int train_on_file(const TrainFlags& flags) {
  const auto start = std::chrono::steady_clock::now();
  std::optional<models::EvaluationPlan> plan = evaluation_plan(flags);
  // Without folds the table goes before training, which needs the memory.
  const TrainingFile file = read_training_file(flags, plan.has_value());
  const models::Dataset& data = file.data;
  require_rows_for_a_batch(data, flags);
  require_two_classes(data, flags);
  say_what_becomes_of_columns(data);
  models::FitOptions options = options_of(flags);
  const bool plain = options.penalty.none() && !options.firth && options.hidden.empty();
  models::Model model;
  model.data = file.record;
  model.seed = flags.seed;
  model.command = flags.command;
  model.program_version = TAPEWISE_VERSION;
  model.threshold = models::parse_threshold(flags.threshold);
  model.warnings = warnings_before(data, plain);
  log_warnings(model.warnings);
  if (!flags.json) {
    print(data_text(file.record, data.target, data.classes, data.features.columns(), flags.data));
  }
  const auto test =
      flags.test.empty() ? std::nullopt : std::optional(test_rows(flags, data, file.record));
  if (plan && !settle_folds(*plan, data, flags, model.warnings)) plan.reset();
  const Interruption interruption;
  options.minimise.interrupted = [&] { return interruption.requested(); };
  TrainingWatch watch(flags.watch, options.minimise);
  model.fit = with_options_in_mind([&] { return models::fit(data, options, watch.observer()); });
  watch.finish();
  models::set_threshold(model.fit, data, options, model.threshold.value);
  const std::vector<Warning> after = warnings_after(model.fit, options);
  log_warnings(after);
  model.warnings.insert(model.warnings.end(), after.begin(), after.end());
  if (plan && !interruption.requested()) {
    evaluate(model, *plan, flags, {*file.table, data}, options);
  }
  if (!model.evaluation && interruption.requested() && model.threshold.is_learned()) {
    model.warnings.push_back({"no_threshold",
                              "interrupted: the threshold is 0.5, since none was chosen by " +
                                  to_string(model.threshold),
                              {}});
    log_warnings({model.warnings.back()});
    model.threshold = {};
  }
  if (test && !interruption.requested()) {
    model.test = tested(flags.test, test->data, model.classifier());
  }
  // Before anything says that it was written.
  if (!flags.output.empty()) models::write_file(flags.output, models::to_json(model));
  watch.write_history();
  print_model(model, flags, std::chrono::steady_clock::now() - start);
  print(watch.plot());
  if (interruption.requested()) return interruption.exit_code();
  const bool failed = flags.strict && !model.classifier().fit.converged();
  return failed ? exit_not_converged : exit_done;
}

int train(const TrainFlags& flags) {
  require_used(flags);
  const models::FitOptions options = options_of(flags);  // Said before a large file is read.
  evaluation_plan(flags);
  csv_options(*flags.csv);
  const std::string& resumed = flags.checkpoint.resume;
  const std::vector<OutputFile> outputs{
      {"--output", flags.output},
      {"--out-of-fold", flags.out_of_fold},
      {"--history", flags.watch.history},
      {flags.checkpoint.file.empty() ? "--resume" : "--checkpoint", options.checkpoint.file}};
  for (const auto& [flag, path] : outputs) {
    if (path == "-") {
      throw UsageError(std::string(flag).append(
          ": standard output has the report; ./- is a file of the name -"));
    }
    require_other_than_inputs(flag, path, {flags.file, flags.test});
    if (path != options.checkpoint.file) require_other_than_inputs(flag, path, {resumed});
  }
  require_different(outputs);
  for (const std::string& path : {flags.output, flags.out_of_fold, flags.watch.history}) {
    if (!path.empty()) models::require_writable(path);
  }
  if (flags.file == "-" && flags.test == "-") {
    throw UsageError("--test: standard input has the rows to train on");
  }
  models::require_usable(options.checkpoint);
  return models::within_memory(models::input_name(flags.file),
                               [&] { return train_on_file(flags); });
}

// What the model is and what it is fitted to.
void add_model_flags(CLI::App& command, TrainFlags& flags) {
  const InGroup group(command, "The model");
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
      ->check(fault_of_empty)
      ->check(offers(models::activation_names()));
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
      ->check(fault_of_empty)
      ->check(offers({"balanced"}));
  command.add_option("--loss", flags.loss, "fused, or textbook to see where that fails")
      ->check(CLI::IsMember({"fused", "textbook"}))
      ->capture_default_str();
  name_values(command, "NUMBER", {"--l1", "--l2"});
  name_values(command, "UNITS", {"--hidden"});
  name_values(command, "NAME", {"--activation"});
  name_values(command, "WEIGHTS", {"--class-weight"});
}

// How good it is on rows it has not seen.
void add_evaluation_flags(CLI::App& command, TrainFlags& flags) {
  const InGroup group(command, "How good it is");
  command
      .add_option("--cv", flags.folds,
                  "Folds of the cross-validation that says how good the model is on new rows; none "
                  "leaves it out [5]")
      ->check(fault_of_empty)
      ->check(offers({"none"}));
  command
      .add_option("--holdout", flags.holdout,
                  "Instead of folds: the share of the rows kept aside to be predicted by a model "
                  "of the others; the model that is kept is fitted to all")
      ->check(fault_of_empty);
  command.add_option("--test", flags.test, "CSV that the model is tried on")->check(fault_of_empty);
  command
      .add_option("--threshold", flags.threshold,
                  "Probability from which the positive class is predicted; f1, youden or cost=1:5 "
                  "(of a false positive : a false negative) choose it on what folds predict")
      ->check(fault_of_empty)
      ->check(offers({"f1", "youden"}))
      ->capture_default_str();
  command
      .add_option("--out-of-fold", flags.out_of_fold,
                  "Write what folds predict of rows they have not seen to this CSV")
      ->check(fault_of_empty);
  name_values(command, "FOLDS", {"--cv"});
  name_values(command, "SHARE", {"--holdout"});
  name_values(command, "FILE", {"--test", "--out-of-fold"});
  name_values(command, "PROBABILITY", {"--threshold"});
}

// How it is fitted.
void add_solver_flags(CLI::App& command, TrainFlags& flags) {
  const InGroup group(command, "Training");
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
  name_values(command, "NUMBER", {"--learning-rate", "--step-factor", "--momentum", "--tolerance"});
  name_values(command, "SHARE", {"--validation"});
}

}  // namespace

void add_train(CLI::App& app, Command& chosen, const std::vector<std::string>& words) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* command = app.add_subcommand("train", "Train a classifier on a CSV");
  set_examples(*command,
               {"tapewise train hours.csv --target pass -o hours.json",
                "tapewise train breast_cancer.csv --target diagnosis --l2 0.01 --cv none",
                "tapewise train passengers.csv --target survived --missing mean --drop ticket",
                "tapewise train iris.csv --target species --cv 10 --json > report.json"});
  command->add_option("FILE", flags->file, "CSV with a column of labels; - is standard input")
      ->required();
  add_target_flag(*command, flags->target)->required();
  add_data_flags(*command, flags->data);
  command->add_option("-o,--output", flags->output, "Write the model to this file")
      ->check(fault_of_empty);
  name_values(*command, "FILE", {"--output"});
  add_model_flags(*command, *flags);
  add_evaluation_flags(*command, *flags);
  add_solver_flags(*command, *flags);
  add_watch_flags(*command, flags->watch);
  add_checkpoint_flags(*command, flags->checkpoint);
  add_log_flags(*command);
  command->add_flag("--strict", flags->strict, "Exit code 3 if the fit has not converged");
  command->add_flag("--json", flags->json, "For programs");
  flags->csv = add_csv_flags(*command);
  command->callback([flags, command, words, &chosen] {
    // The same model is the same file, wherever it goes and whoever watches.
    flags->command =
        words_without(*command, words,
                      {"--output", "--out-of-fold", "--checkpoint", "--every", "--resume",
                       "--history", "--json", "--quiet", "--verbose", "--plot"});
    for (const CLI::Option* option : command->get_options()) {
      if (option->count() > 0) flags->given.insert(option->get_name());
    }
    chosen = [flags] { return train(*flags); };
  });
}

}  // namespace apps
