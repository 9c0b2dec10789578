// tapewise predict: labels and probabilities for the rows of a CSV, part by part, in memory that
// does not grow with the file.
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/csv_flags.h"
#include "apps/data_flags.h"
#include "autograd/suggestion.h"
#include "models/data/atomic_file.h"
#include "models/data/csv.h"
#include "models/data/dataset.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"
#include "models/evaluation/metrics.h"
#include "models/model.h"
#include "models/parallel.h"

namespace apps {
namespace {

struct PredictFlags {
  std::string model;
  std::string file;
  std::shared_ptr<CsvFlags> csv;
  std::string output;
  std::vector<std::string> keep;
  std::string unknown = "error";
};

// The file or standard output.
class Output {
 public:
  explicit Output(const std::string& path) {
    if (!path.empty() && path != "-") file_.emplace(path);
  }
  void write(std::string_view text) {
    if (file_) {
      file_->write(text);
    } else {
      print(text);
    }
  }
  void commit() {
    if (file_) file_->commit();
  }
  [[nodiscard]] bool is_file() const { return file_.has_value(); }

 private:
  std::optional<models::AtomicFile> file_;
};

// What was counted over all parts, column by column.
void add_counts(std::vector<models::LevelCount>& all, const std::vector<models::LevelCount>& some) {
  for (const models::LevelCount& each : some) {
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const auto& known) { return known.name == each.name; });
    if (at == all.end()) {
      all.push_back(each);
    } else {
      at->rows += each.rows;
    }
  }
}

[[noreturn]] void refuse_to_keep(const models::Table& table, const std::string& name) {
  const std::string guess = autograd::did_you_mean(name, table.names());
  throw models::DataError(
      table.file,
      {table.header_line, 0,
       "--keep: no column is named " + models::in_quotes(name) +
           (guess.empty() ? "; the columns are " + models::listed(table.names()) : "; " + guess)});
}

class Predictor {
 public:
  Predictor(const PredictFlags& flags, const models::Classifier& model)
      : flags_(flags),
        model_(model),
        order_(models::sorted_order(model.classes, model.encoding.decimal)),
        output_(flags.output) {
    for (const std::string& name : model.classes) labels_.push_back(csv_field(name));
  }

  int run() {
    models::CsvOptions options = csv_options(*flags_.csv, model_);
    options.written = flags_.keep;
    models::CsvStream stream(flags_.file, options);
    models::require_columns(stream.header(), model_.encoding.column_names());
    names_ = header(stream.header());
    columns_ = stream.header().columns.size();
    say_what_is_ignored(stream.header());
    try {
      while (const std::optional<models::Table> part = stream.next()) predict(*part);
    } catch (const models::DataError& error) {
      throw models::DataError(error.what() + what_was_printed());
    } catch (const models::ModelDataMismatch& error) {
      throw models::ModelDataMismatch(error.what() + what_was_printed(), error.columns());
    }
    output_.commit();
    tell();
    return exit_done;
  }

 private:
  // The names of the output's columns: those kept, the label, a probability for each class in
  // sorted order.
  std::string header(const models::Table& table) {
    std::vector<std::string> names;
    for (const std::string& text : flags_.keep) {
      for (const std::string& name : table.names_in(text)) {
        const models::Column* const column = table.find(name);
        if (column == nullptr) refuse_to_keep(table, name);
        kept_.push_back(column->field - 1);
        names.push_back(name);
      }
    }
    const bool has_label = std::find(names.begin(), names.end(), model_.target) != names.end();
    names.push_back((has_label ? "predicted_" : "") + model_.target);
    for (const std::size_t k : order_) names.push_back("probability_" + model_.classes[k]);
    std::string line;
    std::set<std::string> different;
    for (const std::string& name : names) {
      if (!different.insert(name).second) {
        throw UsageError("--keep: two columns of the output would have the name " +
                         models::in_quotes(name));
      }
      line += (line.empty() ? "" : ",") + csv_field(name);
    }
    return line + "\n";
  }

  void predict(const models::Table& part) {
    left_out_.insert(left_out_.end(), part.left_out.begin(), part.left_out.end());
    if (file_.file.empty()) {
      file_.file = part.file;
      file_.dialect = part.dialect;
    }
    const models::SelectedFeatures selected =
        models::select_features(part, model_.encoding, unknown_policy(flags_.unknown));
    add_counts(unknown_, selected.unknown);
    add_counts(filled_, selected.filled);
    const std::size_t rows = part.rows();
    const std::vector<double> p = model_.probabilities(selected.features);
    constexpr std::size_t block = 4096;
    std::vector<std::string> texts((rows + block - 1) / block);
    models::for_each_block(rows, block, [&](std::size_t first, std::size_t count) {
      texts[first / block] = lines_of(part, p, first, count);
    });
    if (rows_ == 0) output_.write(names_);
    for (const std::string& text : texts) output_.write(text);
    rows_ += rows;
  }

  [[nodiscard]] std::string lines_of(const models::Table& part, std::span<const double> p,
                                     std::size_t first, std::size_t count) const {
    const std::size_t classes = model_.classes.size();
    std::string text;
    text.reserve(count * (20 * classes + 10));
    for (std::size_t row = first; row < first + count; ++row) {
      const std::span<const double> of_row = p.subspan(row * classes, classes);
      for (const std::size_t column : kept_) {
        text.append(part.columns[column].written[row]).append(",");
      }
      text += labels_[models::predicted_class(of_row, model_.threshold)];
      for (const std::size_t k : order_) text.append(",").append(models::shortest(of_row[k]));
      text += '\n';
    }
    return text;
  }

  [[nodiscard]] std::string what_was_printed() const {
    if (output_.is_file() || rows_ == 0) return "";
    return "\nThe predictions of the " + counted(rows_, "row") + " before were printed.";
  }

  void say_what_is_ignored(const models::Table& table) const {
    std::vector<std::string> ignored = table.names();
    std::erase(ignored, model_.target);
    for (const std::string& name : model_.encoding.column_names()) std::erase(ignored, name);
    for (const std::size_t column : kept_) std::erase(ignored, table.columns[column].name);
    if (ignored.empty()) return;
    spdlog::info("columns the model does not use: {}", models::listed(ignored));
  }

  void tell() {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    spdlog::debug("{}: {}, {} read and predicted in {:.3f} s",
                  models::location(models::input_name(flags_.file)), counted(rows_, "row"),
                  counted(columns_, "column"), seconds.count());
    file_.left_out = std::move(left_out_);
    warn_of_rows_left_out(file_);
    warn_of_unknown(unknown_);
    say_what_was_filled(filled_, model_.encoding);
    // Success is silent in scripts; standard output may be where the predictions went.
    if (output_.is_file() && progress_is_visible()) {
      spdlog::info("{} predictions written to {}", rows_, models::location(flags_.output));
    }
  }

  const PredictFlags& flags_;
  const models::Classifier& model_;
  std::vector<std::size_t> order_;   // of the classes in the output
  std::vector<std::string> labels_;  // as the output has them
  std::vector<std::size_t> kept_;    // indices of columns
  Output output_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::size_t columns_ = 0;  // of the file
  std::string names_;        // the first line of the output
  std::size_t rows_ = 0;
  models::Table file_;  // without its rows, for what is said of it
  std::vector<models::Problem> left_out_;
  std::vector<models::LevelCount> unknown_;
  std::vector<models::LevelCount> filled_;
};

int predict(const PredictFlags& flags) {
  csv_options(*flags.csv);  // Wrong use is said before a large file is read.
  require_other_than_inputs("--output", flags.output, {flags.model, flags.file});
  const models::Classifier model = models::read_classifier(flags.model);
  return models::within_memory(models::input_name(flags.file),
                               [&] { return Predictor(flags, model).run(); });
}

}  // namespace

void add_predict(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<PredictFlags>();
  CLI::App* command = app.add_subcommand("predict", "Labels and probabilities for new rows");
  set_examples(*command, {"tapewise predict hours.json hours.csv -o predictions.csv",
                          "tapewise predict hours.json - < hours.csv | head -n 3"});
  command->add_option("MODEL", flags->model, "Model file that train wrote")->required();
  command->add_option("FILE", flags->file, "CSV with the model's columns; - is standard input")
      ->required();
  command->add_option("-o,--output", flags->output, "Write to this file [-: standard output]")
      ->type_name("FILE")
      ->check(fault_of_empty);
  add_names(*command, "--keep", flags->keep,
            "Columns of FILE to copy, as they are written, in front of the predictions: a,b");
  name_values(*command, "COLUMNS", {"--keep"});
  flags->csv = add_csv_flags(*command);
  add_log_flags(*command);
  add_unknown_flag(*command, flags->unknown);
  command->callback([flags, &chosen] { chosen = [flags] { return predict(*flags); }; });
}

}  // namespace apps
