#include "apps/fit_report.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <utility>

#include "apps/command.h"
#include "apps/data_flags.h"
#include "models/data/checks.h"
#include "models/data/errors.h"
#include "models/data/input.h"
#include "models/data/number.h"
#include "models/evaluation/metrics.h"
#include "models/model_json.h"

namespace apps {
namespace {

const char* code_of(models::Suspicion suspicion) {
  switch (suspicion) {
    case models::Suspicion::collinear:
      return "collinear";
    case models::Suspicion::separating:
    case models::Suspicion::target_in_disguise:
      return "leak";
    case models::Suspicion::one_sided:
      return "one_sided";
    case models::Suspicion::two_spellings:
      return "two_spellings";
  }
  return "suspicion";
}

// Columns that are left out because they are constant, identifiers, or text.
const char* code_of_left_out(const std::string& reason) {
  return reason.starts_with("constant") ? "constant" : "left_out";
}

std::string separation_message(const models::Fit& fit, const std::vector<std::string>& columns) {
  const bool complete = fit.separation.kind == models::SeparationKind::complete;
  const std::string advice = fit.classifier.kind == models::ModelKind::logistic
                                 ? "--firth gives finite ones with little bias, --l2 0.01 others"
                                 : "--l2 0.01 gives finite ones";
  return fmt::format(
      "the classes can be separated {} by {}: the larger the coefficients, the better the fit, so "
      "there are no best ones. {}; or look whether {} known before the target is",
      complete ? "completely" : "but for rows on the boundary", models::listed(columns), advice,
      columns.size() == 1 ? "this column is" : "these columns are");
}

std::string what_to_try(const models::Fit& fit, const models::FitOptions& options) {
  const models::TrainingResult& t = fit.classifier.fit.training;
  if (t.stopped_early) return "It was stopped early on purpose, at the best validation loss.";
  // Batches may end above a first loss that is nearly the best, whatever the rate.
  if (t.loss > t.first_loss && options.learning_rate) {
    return fmt::format(
        "The loss rose from {:.6g} to {:.6g}: the learning rate is too large; leave "
        "--learning-rate out.",
        t.first_loss, t.loss);
  }
  if (!fit.classifier.is_linear()) {
    return "A smaller --learning-rate, --schedule cosine or more --epochs bring it nearer to a "
           "minimum; whether it predicts well is told by rows it has not seen.";
  }
  if (t.batch_size > 0) {
    return "Batches at a constant learning rate end near the best, the nearer the smaller "
           "--learning-rate is; without --batch-size training ends on it.";
  }
  const models::Solver solver = options.minimise.solver;
  if (solver != models::Solver::automatic && solver != models::Solver::newton) {
    return "--solver auto ends on the best in a few steps.";
  }
  if (t.epochs >= options.minimise.epochs) {
    return fmt::format("{} were too few: leave --epochs out.",
                       counted(static_cast<std::size_t>(options.minimise.epochs), "epoch"));
  }
  if (fit.distance && t.gradient_norm <= options.minimise.tolerance) {
    return "Leave --tolerance out.";
  }
  return "The coefficients have ceased to change for want of digits: are columns collinear, or of "
         "very different size?";
}

std::string gap_text(const models::Fit& fit) {
  const models::FitRecord& record = fit.classifier.fit;
  if (!record.optimality_gap) {
    return "nothing is known of how far the loss is from its minimum";
  }
  std::string text =
      fmt::format("the loss is at most {:.2g} above its minimum", *record.optimality_gap);
  if (fit.distance && *fit.distance > 1e-4) {
    text += fmt::format(", coefficients up to about {:.2g} standard errors from the best",
                        *fit.distance);
  }
  return text;
}

// "gd, then newton" as it is spoken.
std::string solver_text(std::string_view solver) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> words{
      {{"gd", "gradient descent"},
       {"sgd", "stochastic gradient descent"},
       {"momentum", "gradient descent with momentum"},
       {"nesterov", "Nesterov's gradient descent"},
       {"adam", "Adam"},
       {"lbfgs", "L-BFGS"},
       {"newton", "Newton steps"}}};
  const auto spoken = [&](std::string_view name) {
    const auto* const at = std::find_if(words.begin(), words.end(),
                                        [&](const auto& word) { return word.first == name; });
    return std::string(at == words.end() ? name : at->second);
  };
  constexpr std::string_view then = ", then ";
  const std::size_t comma = solver.find(then);
  if (comma == std::string_view::npos) return spoken(solver);
  return spoken(solver.substr(0, comma)) + std::string(then) +
         spoken(solver.substr(comma + then.size()));
}

std::string kind_text(const models::Classifier& c) {
  if (c.kind == models::ModelKind::logistic) {
    return c.fit.firth ? "logistic regression with Firth's correction" : "logistic regression";
  }
  if (c.kind == models::ModelKind::softmax) return "softmax regression";
  std::vector<std::string> units;
  for (const std::size_t layer : c.architecture.hidden) units.push_back(std::to_string(layer));
  return fmt::format("perceptron with {} hidden {} units, {}", fmt::join(units, " and "),
                     to_string(c.architecture.activation),
                     counted(c.parameters.size(), "parameter"));
}

std::string penalty_text(const models::Classifier& c) {
  const models::FitRecord& record = c.fit;
  const auto& [l1, l2] = record.penalty;
  if (record.penalty.none() || !c.is_linear()) return "";
  std::string mixture;
  if (l1 > 0.0 && l2 > 0.0) mixture = fmt::format(" with l1_ratio {:.6g}", l1 / (l1 + l2));
  return fmt::format(
      "           penalty l1 {:g}, l2 {:g} on standardised columns: scikit-learn's C {:.6g}{}, "
      "glmnet's lambda {:g} with alpha {:.6g}\n",
      l1, l2, 1.0 / (record.total_weight * (l1 + l2)), mixture, l1 + l2, l1 / (l1 + l2));
}

// Five digits that tell small and large ones apart.
std::string p_text(double p) {
  if (p < 1e-300) return "<1e-300";
  return p < 1e-4 ? fmt::format("{:.1e}", p) : fmt::format("{:.4f}", p);
}

std::string table_of(const models::Fit& fit, std::size_t cls) {
  std::size_t width = std::string_view("(intercept)").size();
  for (const auto& c : fit.coefficients)
    width = std::max(width, width_of(models::printable(c.name)));
  const bool with_inference = fit.withheld.empty();
  std::string text;
  if (with_inference) {
    text += fmt::format("  {:<{}}  {:>13}  {:>11}  {:>8}  {:>8}  {:>24}  {:>11}\n", "", width,
                        "estimate", "std. error", "z", "p", "95 % interval", "odds ratio");
  }
  for (const models::CoefficientEstimate& c : fit.coefficients) {
    if (c.cls != cls) continue;
    text += fmt::format("  {}  {:>13.7g}", padded(models::printable(c.name), width), c.estimate);
    if (c.inference) {
      const models::Inference& i = *c.inference;
      const std::string interval = fmt::format("{:.5g} to {:.5g}", i.ci_low, i.ci_high);
      text += fmt::format("  {:>11.5g}  {:>8.3f}  {:>8}  {:>24}  {:>11.5g}", i.std_error, i.z,
                          p_text(i.p), interval, i.odds_ratio);
    }
    text += "\n";
  }
  return text;
}

std::string statistics_text(const models::FitStatistics& s) {
  return fmt::format(
      "\nLog-likelihood {:.8g}, of the intercept alone {:.8g}\n"
      "  deviance {:.6g} on {:g} degrees of freedom, null deviance {:.6g}\n"
      "  AIC {:.6g}, BIC {:.6g}, McFadden R² {:.4f}\n"
      "  likelihood-ratio test: chi² {:.5g} on {:g}, p {}\n",
      s.log_likelihood, s.null_log_likelihood, s.deviance, s.df_residual, s.null_deviance, s.aic,
      s.bic, s.mcfadden_r2, s.lr_chi2, s.lr_df, p_text(s.lr_p));
}

std::string confusion_text(const std::vector<std::vector<double>>& confusion,
                           const models::Classifier& classifier) {
  const std::vector<std::size_t> order = class_order(classifier);
  std::size_t width = 0;
  std::vector<std::string> names;
  for (const std::size_t k : order) {
    names.push_back(models::printable(classifier.classes[k]));
    width = std::max(width, width_of(names.back()));
  }
  const std::size_t cell = std::max<std::size_t>(width, 8);
  std::string text = "  confusion (rows true, columns predicted)\n    " + std::string(width, ' ');
  for (const std::string& name : names) {
    text += "  " + std::string(cell - width_of(name), ' ') + name;
  }
  text += "\n";
  for (std::size_t i = 0; i < order.size(); ++i) {
    text += "    " + padded(names[i], width);
    for (const std::size_t k : order) {
      text += fmt::format("  {:>{}g}", confusion[order[i]][k], cell);
    }
    text += "\n";
  }
  return text;
}

std::string fit_text(const models::Fit& fit, std::uint64_t seed, bool learning_rate_given) {
  const models::Classifier& c = fit.classifier;
  const models::TrainingResult& t = c.fit.training;
  std::string text = fmt::format("Fit        {} by {}: {}", kind_text(c), solver_text(t.solver),
                                 counted(static_cast<std::size_t>(t.epochs), "epoch"));
  if (t.learning_rate > 0.0) {
    text += fmt::format(", learning rate {:.6g}{}", t.learning_rate,
                        learning_rate_given ? "" : " (automatic)");
  }
  text += "\n";
  if (t.batch_size > 0) {
    text += fmt::format("           batches of {}, shuffled with seed {}\n",
                        counted(t.batch_size, "row"), seed);
  }
  text += penalty_text(c);
  const char* verdict = c.fit.separated   ? "NO BEST FIT"
                        : t.interrupted   ? "NOT CONVERGED, interrupted"
                        : t.converged     ? "converged"
                        : t.stopped_early ? "stopped early"
                                          : "NOT CONVERGED";
  text +=
      fmt::format("           {}: largest entry of the gradient {:.3g}", verdict, t.gradient_norm);
  if (c.fit.optimality_gap) text += "; " + gap_text(fit);
  return text + "\n";
}

std::string coefficients_text(const models::Fit& fit) {
  const models::Classifier& c = fit.classifier;
  if (!c.is_linear()) return "";
  if (c.fit.separated) {
    return fmt::format(
        "\nCoefficients: not shown, since there are no best ones (see the warning)\n");
  }
  std::string text;
  for (std::size_t cls = 1; cls < c.classes.size(); ++cls) {
    const std::string against =
        c.classes.size() == 2 ? "" : " against " + models::printable(c.classes[0]);
    text +=
        fmt::format("\nCoefficients: change in the log-odds of {} = {}{} per unit of the file\n",
                    models::printable(c.target), models::printable(c.classes[cls]), against);
    text += table_of(fit, cls);
  }
  const std::vector<std::string> references = reference_levels(c.encoding);
  if (!references.empty()) {
    text += fmt::format("  (of a category: compared with {})\n",
                        models::listed(references, references.size()));
  }
  if (!fit.withheld.empty()) {
    text += fmt::format("  (no standard errors: {})\n", fit.withheld);
  }
  if (fit.statistics) text += statistics_text(*fit.statistics);
  return text;
}

std::string training_text(const models::Fit& fit, bool weighted) {
  if (!fit.training) return "";
  const models::Metrics& m = *fit.training;
  double correct = 0.0;
  double total = 0.0;
  for (std::size_t k = 0; k < m.confusion.size(); ++k) {
    correct += m.confusion[k][k];
    total = std::accumulate(m.confusion[k].begin(), m.confusion[k].end(), total);
  }
  std::string text = fmt::format(
      "\nOn the rows it was trained on (not an estimate for new ones):\n"
      "  training loss      {:.7g} (mean cross-entropy)\n"
      "  training accuracy  {:.4f} ({:g} of {:g} {})\n",
      m.log_loss, m.accuracy, correct, total, weighted ? "by weight" : "rows");
  if (m.auc) text += fmt::format("  training ROC AUC   {:.4f}\n", *m.auc);
  text += confusion_text(m.confusion, fit.classifier);
  if (fit.validation) {
    text += fmt::format(
        "\nOn {} kept aside, which chose the epoch (somewhat better than new ones):\n"
        "  validation loss      {:.7g}\n"
        "  validation accuracy  {:.4f}\n",
        counted(fit.kept_aside, "row"), fit.validation->log_loss, fit.validation->accuracy);
  }
  return text;
}

std::string name_of_f1(const models::Classifier& c) {
  return c.classes.size() == 2 ? "F1 of " + models::printable(c.positive_class()) : "F1 (mean)";
}

// "0.9737 ± 0.0123" of the model, then of the baseline.
std::string folded_line(const std::string& name, std::size_t width,
                        const std::optional<models::MeanAndSd>& model,
                        const std::optional<models::MeanAndSd>& baseline) {
  const auto text_of = [](const std::optional<models::MeanAndSd>& value) {
    if (!value) return std::string("-");
    const std::string mean = fmt::format("{:.4f}", value->mean);
    return value->sd ? mean + fmt::format(" ± {:.4f}", *value->sd) : mean;
  };
  return "  " + padded(name, width) + "  " + padded(text_of(model), 17) + "  " + text_of(baseline) +
         "\n";
}

std::string evaluation_text(const models::Evaluation& e, const models::Classifier& c,
                            bool learned_threshold) {
  const std::string how =
      e.folds > 1 ? fmt::format(
                        "{}-fold cross-validation, stratified, seed {}; mean ± standard "
                        "deviation of the folds",
                        e.folds, e.seed)
                  : fmt::format("{} kept aside, {:g} of each class, seed {}",
                                counted(e.rows, "row"), e.holdout, e.seed);
  const std::string f1 = name_of_f1(c);
  const std::size_t width = std::max<std::size_t>(11, width_of(f1));
  std::string text = "\nOn rows it has not seen (" + how + "):\n  " + padded("", width) +
                     "  model              always the most frequent class\n";
  const models::FoldedMetrics& m = e.model;
  const models::FoldedMetrics& b = e.baseline;
  text += folded_line("accuracy", width, m.accuracy, b.accuracy);
  text += folded_line("log-loss", width, m.log_loss, b.log_loss);
  text += folded_line("ROC AUC", width, m.auc, b.auc);
  text += folded_line(f1, width, m.f1, b.f1);
  text += folded_line("Brier score", width, m.brier, b.brier);
  text += confusion_text(m.confusion, c);
  if (learned_threshold) text += "  (each fold with the threshold that its own rows gave)\n";
  if (e.unknown_rows > 0) {
    text += fmt::format("  ({} with a category that no other fold has; taken for the reference)\n",
                        counted(e.unknown_rows, "row"));
  }
  return text;
}

bool was_given(const std::vector<std::string>& command, std::string_view flag) {
  return std::any_of(command.begin(), command.end(), [&](const std::string& word) {
    return word == flag || word.starts_with(std::string(flag) + "=");
  });
}

// --- For programs ------------------------------------------------------------------------------

using nlohmann::ordered_json;

ordered_json json_of_fit(const models::FitRecord& record) {
  const models::TrainingResult& t = record.training;
  return {{"solver", t.solver},
          {"epochs", t.epochs},
          {"converged", record.converged()},
          {"loss", t.loss},
          {"gradient_norm", t.gradient_norm},
          {"optimality_gap", models::or_null(record.optimality_gap)},
          {"learning_rate", t.learning_rate > 0.0 ? ordered_json(t.learning_rate) : ordered_json()},
          {"batch_size", t.batch_size > 0 ? ordered_json(t.batch_size) : ordered_json()},
          {"stopped_early", t.stopped_early},
          {"interrupted", t.interrupted},
          {"penalty", {{"l1", record.penalty.l1}, {"l2", record.penalty.l2}}},
          {"firth", record.firth}};
}

template <class Parts>
ordered_json member_or_null(const std::optional<Parts>& parts, double Parts::*member) {
  return parts ? ordered_json((*parts).*member) : ordered_json(nullptr);
}

ordered_json json_of(const models::CoefficientEstimate& c, const models::Classifier& classifier) {
  ordered_json json;
  if (classifier.classes.size() > 2) json["class"] = classifier.classes[c.cls];
  json["name"] = c.name;
  json["estimate"] = c.estimate;
  json["std_error"] = member_or_null(c.inference, &models::Inference::std_error);
  json["z"] = member_or_null(c.inference, &models::Inference::z);
  json["p"] = member_or_null(c.inference, &models::Inference::p);
  json["ci_low"] = member_or_null(c.inference, &models::Inference::ci_low);
  json["ci_high"] = member_or_null(c.inference, &models::Inference::ci_high);
  json["odds_ratio"] = member_or_null(c.inference, &models::Inference::odds_ratio);
  return json;
}

ordered_json json_of_statistics(const models::Fit& fit) {
  ordered_json json;
  json["log_likelihood"] = fit.log_likelihood;
  json["null_log_likelihood"] = fit.null_log_likelihood;
  json["deviance"] = -2.0 * fit.log_likelihood;
  json["null_deviance"] = -2.0 * fit.null_log_likelihood;
  json["aic"] = member_or_null(fit.statistics, &models::FitStatistics::aic);
  json["bic"] = member_or_null(fit.statistics, &models::FitStatistics::bic);
  json["mcfadden_r2"] = member_or_null(fit.statistics, &models::FitStatistics::mcfadden_r2);
  json["lr_chi2"] = member_or_null(fit.statistics, &models::FitStatistics::lr_chi2);
  json["lr_p"] = member_or_null(fit.statistics, &models::FitStatistics::lr_p);
  json["df_residual"] = member_or_null(fit.statistics, &models::FitStatistics::df_residual);
  return json;
}

}  // namespace

std::vector<Warning> warnings_before(const models::Dataset& data, bool best_coefficients_matter) {
  std::vector<Warning> warnings;
  for (const models::ColumnSchema& schema : data.schema) {
    if (schema.role != models::Role::unusable || models::is_left_out_by_wish(schema)) continue;
    warnings.push_back(
        {code_of_left_out(schema.reason),
         fmt::format("column {} is left out: {}", models::printable(schema.name), schema.reason),
         {schema.name}});
  }
  if (data.dropped_rows > 0) {
    std::vector<std::string> columns;
    for (const models::ColumnSchema& schema : data.schema) {
      if (schema.missing > 0) columns.push_back(schema.name);
    }
    warnings.push_back({"missing",
                        fmt::format("{} with missing cells left out, {} used",
                                    counted(data.dropped_rows, "row"), counted(data.rows(), "row")),
                        columns});
  }
  for (const models::Finding& finding : models::suspicions_of(data)) {
    if (finding.suspicion == models::Suspicion::one_sided && !best_coefficients_matter) continue;
    warnings.push_back({code_of(finding.suspicion), finding.text, finding.names});
  }
  return warnings;
}

std::vector<Warning> warnings_after(const models::Fit& fit, const models::FitOptions& options) {
  const models::FitRecord& record = fit.classifier.fit;
  if (record.separated) {
    std::vector<std::string> columns;
    for (const std::size_t column : fit.separation.columns) {
      columns.push_back(fit.classifier.features[column]);
    }
    return {{"separation", separation_message(fit, columns), columns}};
  }
  if (record.training.converged) return {};
  if (record.training.interrupted) {
    return {{"interrupted",
             fmt::format("interrupted after {}, not converged: the largest entry of the gradient "
                         "is {:.3g}, the tolerance {:g}",
                         counted(static_cast<std::size_t>(record.training.epochs), "epoch"),
                         record.training.gradient_norm, options.minimise.tolerance),
             {}}};
  }
  return {{"not_converged",
           fmt::format("not converged after {}: the largest entry of the gradient is {:.3g}, the "
                       "tolerance {:g}; {}. {}",
                       counted(static_cast<std::size_t>(record.training.epochs), "epoch"),
                       record.training.gradient_norm, options.minimise.tolerance, gap_text(fit),
                       what_to_try(fit, options)),
           {}}};
}

void log_warnings(const std::vector<Warning>& warnings) {
  constexpr std::size_t shown_at_most = 10;
  std::map<std::string, std::size_t> seen;
  for (const Warning& warning : warnings) {
    if (++seen[warning.code] <= shown_at_most) spdlog::warn("{}", warning.message);
  }
  for (const auto& [code, count] : seen) {
    if (count <= shown_at_most) continue;
    spdlog::warn("{} warnings of this kind ({}) in all, the first {} are shown", count, code,
                 shown_at_most);
  }
}

std::string data_text(const models::DataRecord& data, const std::string& target,
                      const std::vector<std::string>& classes, std::size_t features,
                      const DataFlags& flags) {
  std::vector<models::LevelCount> counts;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    counts.push_back({classes[k], data.rows_of_classes[k]});
  }
  std::string read_as;
  for (const std::string& line : data.read_as) read_as += "           " + line + "\n";
  return fmt::format("Data       {}: {}, {}, target {}\n{}Classes    {}",
                     models::location(data.file), counted(data.rows_used(), "row"),
                     counted(features, "feature"), models::printable(target), read_as,
                     classes_text(counts, flags));
}

std::string threshold_text(const models::Model& model) {
  const models::Classifier& c = model.classifier();
  if (c.classes.size() != 2 || (c.threshold == 0.5 && !model.threshold.is_learned())) return "";
  return fmt::format("Threshold  {} is predicted from a probability of {:.7g} on{}\n",
                     models::printable(c.positive_class()), c.threshold,
                     model.threshold.is_learned() ? " (" + to_string(model.threshold) +
                                                        ", on what folds predict of rows "
                                                        "they have not seen)"
                                                  : "");
}

std::string metrics_text(const models::Metrics& m, const models::Classifier& c) {
  const std::string f1 = name_of_f1(c);
  const std::size_t width = std::max<std::size_t>(11, width_of(f1));
  const auto line = [&](const std::string& name, const std::optional<double>& value) {
    return "  " + padded(name, width) + "  " + (value ? fmt::format("{:.4f}", *value) : "-") + "\n";
  };
  return line("accuracy", m.accuracy) + line("log-loss", m.log_loss) + line("ROC AUC", m.auc) +
         line(f1, m.f1) + line("Brier score", m.brier) + confusion_text(m.confusion, c);
}

std::string report_text(const models::Model& model) {
  std::string text = fit_text(model.fit, model.seed, was_given(model.command, "--learning-rate")) +
                     threshold_text(model) + coefficients_text(model.fit) +
                     training_text(model.fit, model.data.weighted);
  if (model.evaluation) {
    text += evaluation_text(*model.evaluation, model.classifier(), model.threshold.is_learned());
  }
  if (model.test) {
    text += fmt::format("\nOn {} of {}:\n", counted(model.test->rows, "row"),
                        models::location(model.test->file)) +
            metrics_text(model.test->metrics, model.classifier());
  }
  return text;
}

nlohmann::ordered_json as_json(const models::Model& model) {
  const models::Fit& fit = model.fit;
  const std::vector<std::size_t> order = models::class_order(model.classifier());
  ordered_json root;
  root["data"] = models::json_of(model.data, model.classifier());
  root["model"] = to_string(fit.classifier.kind);
  root["fit"] = json_of_fit(fit.classifier.fit);
  root["coefficients"] = ordered_json::array();
  for (const models::CoefficientEstimate& each : fit.coefficients) {
    root["coefficients"].push_back(json_of(each, fit.classifier));
  }
  root["withheld"] = fit.withheld.empty() ? ordered_json(nullptr) : ordered_json(fit.withheld);
  root["statistics"] = json_of_statistics(fit);
  root["training"] = models::json_of(fit.training, order);
  root["validation"] = models::json_of(fit.validation, order);
  if (fit.validation) root["validation"]["rows"] = fit.kept_aside;
  root["cross_validation"] = nullptr;
  root["holdout"] = nullptr;
  root["baseline"] = nullptr;
  if (model.evaluation) {
    root[model.evaluation->folds > 1 ? "cross_validation" : "holdout"] =
        models::json_of(*model.evaluation, order);
    root["baseline"] = models::json_of(model.evaluation->baseline, order);
  }
  root["test"] = models::json_of(model.test, order);
  root["threshold"] = order.size() == 2 ? ordered_json(fit.classifier.threshold) : ordered_json();
  root["warnings"] = models::json_of(model.warnings);
  return root;
}

}  // namespace apps
