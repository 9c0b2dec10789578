#include "models/evaluation/cross_validation.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "models/data/errors.h"

namespace models {
namespace {

MeanAndSd spread_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  MeanAndSd result;
  for (const double value : values) result.mean += value / n;
  if (values.size() < 2) return result;
  double squares = 0.0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.sd = std::sqrt(squares / (n - 1.0));
  return result;
}

MeanAndSd spread_of(std::span<const Metrics> folds, double Metrics::*member) {
  std::vector<double> values;
  for (const Metrics& fold : folds) values.push_back(fold.*member);
  return spread_of(values);
}

std::optional<MeanAndSd> spread_of(std::span<const Metrics> folds,
                                   std::optional<double> Metrics::*member) {
  std::vector<double> values;
  for (const Metrics& fold : folds) {
    if (!(fold.*member)) return std::nullopt;
    values.push_back(*(fold.*member));
  }
  return spread_of(values);
}

// Whether all cells that are not missing are equal, so that nothing can be learned from them.
bool is_constant(const Column& column, std::span<const std::size_t> rows) {
  std::optional<std::size_t> first;
  for (const std::size_t row : rows) {
    if (column.is_missing(row)) continue;
    if (!first) first = row;
    const bool equal = column.kind == ColumnKind::numeric
                           ? column.numbers[row] == column.numbers[*first]
                           : column.codes[row] == column.codes[*first];
    if (!equal) return false;
  }
  return true;
}

std::vector<double> some_of(std::span<const double> all, std::span<const std::size_t> rows) {
  std::vector<double> some;
  if (all.empty()) return some;
  some.reserve(rows.size());
  for (const std::size_t row : rows) some.push_back(all[row]);
  return some;
}

// Learns from some rows and predicts others.
class Folds {
 public:
  Folds(const TrainingData& training, const FitOptions& options, const EvaluationPlan& plan,
        const FoldObserver& observer)
      : data_(training.data),
        options_(options),
        plan_(plan),
        observer_(observer),
        table_(training.table) {
    if (data_.dropped_rows == 0) return;
    complete_ = table_.with_rows(complete_rows(table_, data_.schema));
  }

  CrossValidation run() {
    const bool keeps_aside = plan_.holdout > 0.0;
    const std::vector<Split> parts =
        keeps_aside ? std::vector{stratified_split(data_, plan_.holdout, plan_.seed)}
                    : stratified_folds(data_, plan_.folds, plan_.seed);
    const bool learns = plan_.threshold.is_learned();
    fits_ =
        parts.size() * (1 + (learns ? plan_.folds : 0)) + (learns && keeps_aside ? plan_.folds : 0);
    const std::size_t classes = data_.classes.size();
    result_.rows.fold.assign(data_.rows(), 0);
    result_.rows.log_probabilities.assign(data_.rows() * classes, 0.0);
    result_.rows.thresholds.assign(data_.rows(), 0.5);
    std::vector<Metrics> model;
    std::vector<Metrics> baseline;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      test(parts[part], part + 1, model, baseline);
    }
    Evaluation& evaluation = result_.evaluation;
    evaluation.folds = parts.size();
    evaluation.holdout = plan_.holdout;
    evaluation.seed = plan_.seed;
    evaluation.model = folded(model);
    evaluation.baseline = folded(baseline);
    result_.threshold = plan_.threshold.value;
    if (learns) {
      result_.threshold = keeps_aside ? learned_threshold(all_rows())
                                      : threshold_by(result_.rows.log_probabilities, all_rows());
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] const Table& table() const { return complete_ ? *complete_ : table_; }

  [[nodiscard]] std::vector<std::size_t> all_rows() const {
    std::vector<std::size_t> rows(data_.rows());
    for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = row;
    return rows;
  }

  void test(const Split& part, std::size_t number, std::vector<Metrics>& model,
            std::vector<Metrics>& baseline) {
    const std::size_t classes = data_.classes.size();
    const double threshold =
        plan_.threshold.is_learned() ? learned_threshold(part.train) : plan_.threshold.value;
    const std::vector<double> log_p = predicted(part, number);
    const std::vector<double> labels = some_of(data_.labels, part.test);
    const std::vector<double> weights = some_of(data_.weights, part.test);
    model.push_back(metrics_of(labels, log_p, classes, weights, threshold));
    baseline.push_back(metrics_of(labels, shares_in(part), classes, weights));
    for (std::size_t i = 0; i < part.test.size(); ++i) {
      const std::size_t row = part.test[i];
      result_.rows.fold[row] = number;
      result_.rows.thresholds[row] = threshold;
      std::copy_n(
          log_p.begin() + static_cast<std::ptrdiff_t>(i * classes), classes,
          result_.rows.log_probabilities.begin() + static_cast<std::ptrdiff_t>(row * classes));
    }
    result_.evaluation.rows += part.test.size();
  }

  // The log of the share of each class in the training rows, for each row tested on.
  [[nodiscard]] std::vector<double> shares_in(const Split& part) const {
    std::vector<double> shares(data_.classes.size(), 0.0);
    double total = 0.0;
    for (const std::size_t row : part.train) {
      const double weight = data_.weights.empty() ? 1.0 : data_.weights[row];
      shares[static_cast<std::size_t>(data_.labels[row])] += weight;
      total += weight;
    }
    std::vector<double> log_p;
    for (std::size_t i = 0; i < part.test.size(); ++i) {
      for (const double share : shares) log_p.push_back(std::log(share / total));
    }
    return log_p;
  }

  // Chosen on what folds of these rows predict of each other.
  double learned_threshold(std::span<const std::size_t> rows) {
    const std::size_t classes = data_.classes.size();
    std::vector<double> log_p(rows.size() * classes);
    for (const Split& inner : stratified_folds_within(data_, rows, plan_.folds, plan_.seed)) {
      Split part;
      for (const std::size_t i : inner.train) part.train.push_back(rows[i]);
      for (const std::size_t i : inner.test) part.test.push_back(rows[i]);
      const std::vector<double> of_part = predicted(part, 0);
      for (std::size_t i = 0; i < inner.test.size(); ++i) {
        std::copy_n(of_part.begin() + static_cast<std::ptrdiff_t>(i * classes), classes,
                    log_p.begin() + static_cast<std::ptrdiff_t>(inner.test[i] * classes));
      }
    }
    return threshold_by(log_p, rows);
  }

  [[nodiscard]] double threshold_by(std::span<const double> log_p,
                                    std::span<const std::size_t> rows) const {
    std::vector<double> p;
    for (std::size_t i = 0; i < rows.size(); ++i) p.push_back(std::exp(log_p[2 * i + 1]));
    return best_threshold(plan_.threshold, some_of(data_.labels, rows), p,
                          some_of(data_.weights, rows));
  }

  // ln P of the rows to test on, by a model of the others. A number of 0 is a fold within a fold.
  std::vector<double> predicted(const Split& part, std::size_t number) {
    if (observer_) observer_(done_++, fits_);
    try {
      const FeatureEncoding encoding = learned_encoding(part.train);
      Classifier classifier;
      {
        const Dataset training = rows_of(part.train, encoding);
        classifier = fit_classifier(training, options_);
      }
      if (number > 0 && !classifier.fit.training.converged) ++result_.evaluation.unconverged;
      std::size_t unknown = 0;
      const Dataset tested = rows_of(part.test, encoding, &unknown);
      if (number > 0) result_.evaluation.unknown_rows += unknown;
      return classifier.log_probabilities(tested.features);
    } catch (const DataError& error) {
      throw DataError(std::string(error.what()) + "\nThis is said of the " +
                      std::to_string(part.train.size()) + " rows that a model of " +
                      (plan_.holdout > 0.0 ? "the rows not kept aside" : "all folds but one") +
                      " is fitted to; --cv none leaves the estimate for new rows out.");
    }
  }

  [[nodiscard]] FeatureEncoding learned_encoding(std::span<const std::size_t> rows) const {
    std::vector<ColumnSchema> schema = data_.schema;
    for (ColumnSchema& column : schema) {
      if (column.role == Role::unusable) continue;
      if (is_constant(table().columns[column.index], rows)) column.role = Role::unusable;
    }
    FeatureEncoding encoding =
        fit_encoding(table().with_rows(rows), schema, {data_.encoding.missing, {}});
    encoding.fields = data_.encoding.fields;
    encoding.target_field = data_.encoding.target_field;
    for (ColumnEncoding& column : encoding.columns) {
      const auto whole = std::find_if(data_.encoding.columns.begin(), data_.encoding.columns.end(),
                                      [&](const auto& each) { return each.name == column.name; });
      if (!column.is_categorical()) continue;
      const auto at =
          std::find(column.levels.begin(), column.levels.end(), whole->levels[whole->reference]);
      if (at == column.levels.end()) continue;
      column.reference = static_cast<std::size_t>(at - column.levels.begin());
    }
    return encoding;
  }

  // Some rows, encoded; and how many have a category that the encoding does not know.
  [[nodiscard]] Dataset rows_of(std::span<const std::size_t> rows, const FeatureEncoding& encoding,
                                std::size_t* unknown = nullptr) const {
    Encoded encoded = encode(table().with_rows(rows), encoding, UnknownPolicy::ignore);
    if (unknown != nullptr) {
      for (const LevelCount& column : encoded.unknown) *unknown += column.rows;
    }
    Dataset some;
    some.features = std::move(encoded.features);
    some.target = data_.target;
    some.classes = data_.classes;
    some.labels = some_of(data_.labels, rows);
    some.weights = some_of(data_.weights, rows);
    some.encoding = encoding;
    return some;
  }

  const Dataset& data_;
  const FitOptions& options_;
  const EvaluationPlan& plan_;
  const FoldObserver& observer_;
  const Table& table_;
  std::optional<Table> complete_;  // without rows that have missing cells, where those are dropped
  std::size_t done_ = 0;
  std::size_t fits_ = 0;
  CrossValidation result_;
};

}  // namespace

FoldedMetrics folded(std::span<const Metrics> folds) {
  FoldedMetrics result;
  result.accuracy = spread_of(folds, &Metrics::accuracy);
  result.log_loss = spread_of(folds, &Metrics::log_loss);
  result.brier = spread_of(folds, &Metrics::brier);
  result.auc = spread_of(folds, &Metrics::auc);
  result.f1 = spread_of(folds, &Metrics::f1);
  result.confusion = folds.front().confusion;
  for (const Metrics& fold : folds.subspan(1)) {
    for (std::size_t i = 0; i < fold.confusion.size(); ++i) {
      for (std::size_t k = 0; k < fold.confusion.size(); ++k) {
        result.confusion[i][k] += fold.confusion[i][k];
      }
    }
  }
  return result;
}

CrossValidation cross_validate(const TrainingData& training, const FitOptions& options,
                               const EvaluationPlan& plan, const FoldObserver& observer) {
  return Folds(training, options, plan, observer).run();
}

std::size_t possible_folds(const Dataset& data, std::size_t wanted) {
  const std::vector<std::size_t> rows = data.rows_of_classes();
  const std::size_t least = *std::min_element(rows.begin(), rows.end());
  return least < 2 ? 0 : std::min(wanted, least);
}

}  // namespace models
