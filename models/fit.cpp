#include "models/fit.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "models/certificate.h"
#include "models/curvature_bound.h"
#include "models/data/class_weights.h"
#include "models/data/errors.h"
#include "models/data/number.h"
#include "models/data/splits.h"
#include "models/firth_loss.h"
#include "models/prediction.h"
#include "models/run_identity.h"
#include "models/training/mini_batches.h"
#include "models/training/training_run.h"
#include "models/whitening.h"

namespace models {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The learning rate of a perceptron, whose curvature nothing bounds: ten times what Kingma and Ba
// give for Adam ("Adam: a method for stochastic optimization", 2015), for networks as small as
// ours.
constexpr double rate_of_a_perceptron = 0.01;

ModelKind kind_for(const FitOptions& options, std::size_t classes) {
  const ModelKind kind =
      options.kind.value_or(classes == 2 ? ModelKind::logistic : ModelKind::softmax);
  if (kind == ModelKind::logistic && classes > 2) {
    throw std::invalid_argument("a logistic model has two classes and the target has " +
                                std::to_string(classes) +
                                "; softmax is its form for more, and what is taken without a word");
  }
  if (options.firth && kind != ModelKind::logistic) {
    throw std::invalid_argument("Firth's correction is that of logistic regression");
  }
  if (options.cross_entropy == CrossEntropy::textbook && classes > 2) {
    throw std::invalid_argument("the textbook form of the loss is that of two classes");
  }
  return kind;
}

// Outputs as classes where a penalty must treat all classes alike, and of a perceptron.
Architecture architecture_for(const FitOptions& options, ModelKind kind, std::size_t features,
                              std::size_t classes) {
  const bool alike = classes > 2 && (kind == ModelKind::mlp || !options.penalty.none());
  return {features, alike ? classes : classes - 1, options.hidden, options.activation};
}

// Row weights times class weights; empty where all are 1.
std::vector<double> weights_of(const Dataset& data, const std::string& class_weight) {
  std::vector<double> weights = data.weights;
  if (class_weight.empty()) return weights;
  const std::vector<double> factors = class_weights(class_weight, data);
  if (weights.empty()) weights.assign(data.rows(), 1.0);
  for (std::size_t row = 0; row < weights.size(); ++row) {
    weights[row] *= factors[static_cast<std::size_t>(data.labels[row])];
  }
  return weights;
}

// Rows a model is trained on or judged by, on the scale of its parameters.
struct ScaledRows {
  AlignedNumbers features;
  std::vector<double> labels;
  std::vector<double> counts;   // the rows' own weights; empty: 1 each
  std::vector<double> weights;  // with those of their classes; empty: 1 each
  std::size_t classes = 2;

  [[nodiscard]] LabelledRows view() const { return {features, labels, classes, weights}; }
  [[nodiscard]] double total_weight() const {
    return weights.empty() ? static_cast<double>(labels.size())
                           : std::accumulate(weights.begin(), weights.end(), 0.0);
  }
};

ScaledRows some_rows(const ScaledRows& all, std::span<const std::size_t> rows) {
  const std::size_t columns = all.features.size() / all.labels.size();
  ScaledRows some;
  some.classes = all.classes;
  for (const std::size_t row : rows) {
    const auto* begin = all.features.data() + row * columns;
    some.features.insert(some.features.end(), begin, begin + columns);
    some.labels.push_back(all.labels[row]);
    if (!all.counts.empty()) some.counts.push_back(all.counts[row]);
    if (!all.weights.empty()) some.weights.push_back(all.weights[row]);
  }
  return some;
}

// The largest curvature that the loss, or that of a batch of at least so many rows, can have.
double largest_curvature(const LabelledRows& rows, double l2, std::size_t batch_rows) {
  const double bound = batch_rows == 0
                           ? curvature_bound(rows.features, rows.columns())
                           : batch_curvature_bound(rows.features, rows.columns(), batch_rows);
  // a(1 − a) ≤ 1/4 becomes diag(a) − aaᵀ ≤ 1/2 of several classes (Böhning, "Multinomial logistic
  // regression algorithm", Annals of the Institute of Statistical Mathematics 44, 1992).
  const double of_classes = rows.classes == 2 ? 1.0 : 2.0;
  double of_weights = 1.0;
  if (!rows.weights.empty()) {
    const double total = std::accumulate(rows.weights.begin(), rows.weights.end(), 0.0);
    of_weights = *std::max_element(rows.weights.begin(), rows.weights.end()) *
                 static_cast<double>(rows.rows()) / total;
  }
  return of_classes * of_weights * bound + l2;
}

MinimiseOptions minimise_options(const FitOptions& options, const LabelledRows& rows, bool linear) {
  MinimiseOptions result = options.minimise;
  result.convex = linear;
  if (options.learning_rate) {
    result.learning_rate.rate = *options.learning_rate;
  } else if (!linear) {
    result.learning_rate.rate = rate_of_a_perceptron;
  } else if (result.solver != Solver::newton && result.solver != Solver::lbfgs) {
    const std::size_t batch = std::min(static_cast<std::size_t>(result.batch_size), rows.rows());
    const std::size_t smallest =
        batch == 0 ? 0 : MiniBatches(rows.rows(), batch, result.seed).smallest();
    result.learning_rate.rate = 1.0 / largest_curvature(rows, options.penalty.l2, smallest);
  }
  return result;
}

// Parameters against class 0, from those of all classes: W_k − W_0, b_k − b_0.
std::vector<double> against_reference(std::span<const double> parameters, std::size_t classes) {
  std::vector<double> result;
  for (std::size_t row = 0; row < parameters.size(); row += classes) {
    for (std::size_t k = 1; k < classes; ++k) {
      result.push_back(parameters[row + k] - parameters[row]);
    }
  }
  return result;
}

// A scale may be so small that a weight divided by it overflows.
void require_finite_coefficients(const Classifier& classifier, const Features& features) {
  Problems problems(features.file);
  for (std::size_t cls = 1; cls < classifier.classes.size(); ++cls) {
    const Coefficients coefficients = classifier.coefficients(cls);
    for (std::size_t j = 0; j < features.columns(); ++j) {
      if (std::isfinite(coefficients.weights[j])) continue;
      problems.add(features.lines.front(), features.fields[j],
                   "column " + printable(features.names[j]) +
                       ": its values differ so little that its coefficient is beyond the range of "
                       "a double");
      problems.hint("Write the column in smaller units.");
    }
    problems.throw_if_any();
    if (!std::isfinite(coefficients.intercept)) {
      throw DataError(features.file, {0, 0,
                                      "the intercept in the units of the file is beyond the range "
                                      "of a double"});
    }
  }
}

// The rows that are trained on and those kept aside.
struct Rows {
  ScaledRows training;
  std::optional<ScaledRows> validation;
};

// Which rows are what: those of weight 0 are neither.
Split parts_of(const Dataset& data, const FitOptions& options) {
  Split parts;
  if (options.validation_share > 0.0) {
    parts = stratified_split(data, options.validation_share, options.minimise.seed);
  } else {
    parts.train.resize(data.rows());
    std::iota(parts.train.begin(), parts.train.end(), 0);
  }
  if (data.weights.empty()) return parts;
  const auto counts_for_nothing = [&](std::size_t row) { return data.weights[row] == 0.0; };
  std::erase_if(parts.train, counts_for_nothing);
  std::erase_if(parts.test, counts_for_nothing);
  return parts;
}

// The weights of the rows that are trained on, 0 for all others; empty where all count once.
std::vector<double> training_counts(const Dataset& data, const Split& parts) {
  if (parts.train.size() == data.rows()) return data.weights;
  std::vector<double> counts(data.rows(), 0.0);
  for (const std::size_t row : parts.train) {
    counts[row] = data.weights.empty() ? 1.0 : data.weights[row];
  }
  return counts;
}

Rows rows_of(const Dataset& data, const FitOptions& options, const Split& parts,
             const Standardisation& standardisation) {
  ScaledRows all{standardisation.apply(data.features.values), data.labels, data.weights,
                 weights_of(data, options.class_weight), data.classes.size()};
  if (parts.train.size() == data.rows()) return {std::move(all), {}};
  Rows rows{some_rows(all, parts.train), {}};
  if (!parts.test.empty()) rows.validation = some_rows(all, parts.test);
  return rows;
}

// The loss of the rows kept aside, without the penalty.
Validation validation_by(ClassificationLoss& loss, long patience) {
  return {[&loss](std::span<const double> parameters) {
            std::copy(parameters.begin(), parameters.end(), loss.parameters().begin());
            return loss.evaluate();
          },
          patience};
}

TrainingResult train(RowObjective& objective, const Rows& rows, const FitOptions& options,
                     const Architecture& architecture, const EpochObserver& observer) {
  MinimiseOptions how =
      minimise_options(options, rows.training.view(), architecture.hidden.empty());
  // A batch of more rows than there are, as a fold may have fewer, is one of all.
  how.batch_size = std::min(how.batch_size, static_cast<long>(rows.training.labels.size()));
  // With the Fisher information in place of a Hessian the gradient falls by a factor in each step,
  // and coefficients are to have the digits that Newton's last step gives them.
  if (options.firth) how.tolerance *= 1e-4;
  if (!rows.validation) {
    return minimise(objective, rows.training.labels.size(), how, observer);
  }
  ClassificationLoss aside(rows.validation->view(), architecture,
                           {{}, options.cross_entropy, options.threads});
  const Validation validation = validation_by(aside, options.patience);
  return minimise(objective, rows.training.labels.size(), how, observer, &validation);
}

TrainingResult train_with_firth(ClassificationLoss& loss, const Rows& rows,
                                const FitOptions& options, const Architecture& architecture,
                                const Dataset& data, const EpochObserver& observer) {
  FirthLoss firth(loss, rows.training.total_weight());
  try {
    TrainingResult result = train(firth, rows, options, architecture, observer);
    result.converged = result.gradient_norm <= options.minimise.tolerance;
    return result;
  } catch (const autograd::NonFiniteError&) {
    throw DataError(data.features.file,
                    {0, 0,
                     "Firth's correction needs columns that do not follow from each other: their "
                     "Fisher information is singular"},
                    "Leave a collinear column out (--drop), or take --l2.");
  }
}

// ---- what the coefficients are worth

// Whether every weight is a whole number, so that rows can be counted by them.
bool counts_rows(std::span<const double> weights) {
  return std::all_of(weights.begin(), weights.end(),
                     [](double weight) { return weight == std::floor(weight); });
}

// A tolerance on the gradient says little where classes are rare or columns nearly collinear:
// Newton steps go on until the coefficients are so many standard errors from the best at most.
constexpr double polished_distance = 1e-8;
// And this is the most that counts as converged.
constexpr double largest_distance = 1e-4;

std::string reason_to_withhold(const Fit& fit, const FitOptions& options, const Rows& rows) {
  const FitRecord& record = fit.classifier.fit;
  if (!options.penalty.none()) {
    return "the coefficients are penalised; errors that leave the penalty's bias out would mislead";
  }
  if (record.separated) return "the classes can be separated: there are no best coefficients";
  if (record.training.interrupted) return "training was interrupted";
  if (!record.training.converged) return "the fit has not converged";
  if (fit.distance && *fit.distance > largest_distance) {
    return "the tolerance leaves the coefficients too far from the best";
  }
  if (rows.validation) return "rows were kept aside, so that the fit is not that of all";
  if (!options.class_weight.empty()) {
    return "class weights change what is estimated; errors would be those of other data";
  }
  if (!counts_rows(rows.training.weights)) {
    return "weights that are not whole numbers do not say how many rows there are";
  }
  return "";
}

// The coordinates in which a linear fit ends: those of the features, or whitened ones where the
// features are so nearly collinear that the Hessian has lost digits.
class Coordinates {
 public:
  Coordinates(ClassificationLoss& loss, const ScaledRows& rows, const Architecture& architecture,
              const FitOptions& options)
      : original_(loss), rows_(rows) {
    if (!options.penalty.none() || options.firth || is_well_conditioned(loss)) return;
    whitening_ = whitened(rows.features, architecture.features);
    if (!whitening_) return;
    whitened_ = std::make_unique<ClassificationLoss>(
        view(), architecture,
        ClassificationLoss::Options{{}, options.cross_entropy, options.threads});
    const MatrixXd R = whitening_->to_weights.inverse();
    map_weights(R, original_.parameters(), whitened_->parameters());
  }

  [[nodiscard]] ClassificationLoss& loss() { return whitened_ ? *whitened_ : original_; }
  [[nodiscard]] LabelledRows view() const {
    LabelledRows view = rows_.view();
    if (whitening_) view.features = whitening_->features;
    return view;
  }

  // Gives the loss of the features the parameters.
  void carry_back() {
    if (whitened_) {
      map_weights(whitening_->to_weights, whitened_->parameters(), original_.parameters());
    }
  }
  // The covariance of the parameters on the scale of the features.
  [[nodiscard]] MatrixXd carried_back(MatrixXd covariance) const {
    if (!whitening_) return covariance;
    const Index p = whitening_->to_weights.rows();
    const Index outputs = covariance.rows() / (p + 1);
    MatrixXd T = MatrixXd::Identity(covariance.rows(), covariance.rows());
    for (Index j = 0; j < p; ++j) {
      for (Index i = 0; i < p; ++i) {
        for (Index k = 0; k < outputs; ++k) {
          T(j * outputs + k, i * outputs + k) = whitening_->to_weights(j, i);
        }
      }
    }
    return T * covariance * T.transpose();
  }

 private:
  static bool is_well_conditioned(ClassificationLoss& loss) {
    constexpr double smallest_ratio = 1e-7;
    const auto n = static_cast<Index>(loss.parameters().size());
    const VectorXd values =
        Eigen::SelfAdjointEigenSolver<MatrixXd>(
            Eigen::Map<const MatrixXd>(loss.hessian().data(), n, n), Eigen::EigenvaluesOnly)
            .eigenvalues();
    return values[0] > smallest_ratio * values[n - 1];
  }

  // to = A·from for the weights of each output, the intercepts as they are.
  static void map_weights(const MatrixXd& A, std::span<const double> from, std::span<double> to) {
    const Index p = A.rows();
    const Index outputs = static_cast<Index>(from.size()) / (p + 1);
    using Weights = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<Weights>(to.data(), p, outputs).noalias() =
        A * Eigen::Map<const Weights>(from.data(), p, outputs);
    std::copy(from.end() - outputs, from.end(), to.end() - outputs);
  }

  ClassificationLoss& original_;
  const ScaledRows& rows_;
  std::optional<Whitening> whitening_;
  std::unique_ptr<ClassificationLoss> whitened_;
};

// Returns what is known at the end.
Certificate polished(Coordinates& coordinates, const FitOptions& options, double total_weight,
                     TrainingResult& training) {
  ClassificationLoss& loss = coordinates.loss();
  MinimiseOptions how = options.minimise;
  how.solver = Solver::newton;
  how.batch_size = 0;
  Certificate certificate = certify(loss, coordinates.view());
  for (int attempt = 0; attempt < 4; ++attempt) {
    // Each step doubles the digits, unless there is no minimum to come to.
    how.epochs = std::min(20L, options.minimise.epochs - training.epochs);
    if (!certificate.decrement || how.epochs <= 0 ||
        std::sqrt(total_weight) * *certificate.decrement <= polished_distance) {
      break;
    }
    how.tolerance = std::min(how.tolerance, gradient_norm(loss)) * 1e-3;
    const TrainingResult steps = minimise(loss, 0, how);
    if (steps.epochs == 0) break;
    training.epochs += steps.epochs;
    training.interrupted = steps.interrupted;
    if (!training.solver.ends_with("newton")) training.solver += ", then newton";
    certificate = certify(loss, coordinates.view());
    if (training.interrupted) break;
  }
  return certificate;
}

// Ends a linear fit: its last digits, and how far it is from the best. Whether the Hessian can be
// inverted with some digits left.
bool finish(Fit& fit, Coordinates& coordinates, const FitOptions& options) {
  FitRecord& record = fit.classifier.fit;
  TrainingResult& training = record.training;
  const Solver solver = options.minimise.solver;
  const bool by_newton =
      (solver == Solver::automatic && options.minimise.batch_size == 0) || solver == Solver::newton;
  // A larger tolerance than the usual one is somebody's wish to stop early.
  const bool stops_early = options.minimise.tolerance > 1e-8;
  const bool has_digits_left = by_newton && training.converged && options.penalty.l1 == 0.0 &&
                               !options.firth && !stops_early;
  const Certificate certificate =
      has_digits_left ? polished(coordinates, options, record.total_weight, training)
                      : certify(coordinates.loss(), coordinates.view());
  const bool invertible = certificate.decrement.has_value();
  if (options.firth) return invertible;  // the bound is of a loss without the correction
  if (certificate.decrement) {
    fit.distance = std::sqrt(record.total_weight) * *certificate.decrement;
    if (*fit.distance > largest_distance && !stops_early) training.converged = false;
  }
  record.optimality_gap = certificate.gap;
  return invertible;
}

// (n·H)⁻¹, the covariance of the parameters on the standardised scale.
MatrixXd covariance_of(Coordinates& coordinates, double total_weight) {
  ClassificationLoss& loss = coordinates.loss();
  const auto n = static_cast<Index>(loss.parameters().size());
  const MatrixXd hessian = Eigen::Map<const MatrixXd>(loss.hessian().data(), n, n);
  return coordinates.carried_back(hessian.llt().solve(MatrixXd::Identity(n, n)) / total_weight);
}

// The covariance of the coefficients in the units of the file, from that of the parameters. They
// are linear in the parameters: w_j / s_j, and b − Σ w_j m_j / s_j.
MatrixXd in_units_of_the_file(const Classifier& c, const MatrixXd& covariance) {
  const auto p = static_cast<Index>(c.architecture.features);
  const auto outputs = static_cast<Index>(c.architecture.outputs);
  std::vector<Eigen::Triplet<double>> entries;
  for (Index k = 0; k < outputs; ++k) {
    const Index intercept = k * (p + 1);
    entries.emplace_back(intercept, p * outputs + k, 1.0);
    for (Index j = 0; j < p; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double scale = c.standardisation.scale[at];
      entries.emplace_back(intercept, j * outputs + k, -c.standardisation.mean[at] / scale);
      entries.emplace_back(intercept + 1 + j, j * outputs + k, 1.0 / scale);
    }
  }
  Eigen::SparseMatrix<double> map(covariance.rows(), covariance.cols());
  map.setFromTriplets(entries.begin(), entries.end());
  return map * covariance * map.transpose();
}

std::vector<double> lower_triangle(const MatrixXd& matrix) {
  std::vector<double> entries;
  for (Index i = 0; i < matrix.rows(); ++i) {
    for (Index j = 0; j <= i; ++j) entries.push_back(matrix(i, j));
  }
  return entries;
}

// ln P of each class for each row.
std::vector<double> log_probabilities_of(const Classifier& c, const ScaledRows& rows) {
  return class_log_probabilities({c.architecture, c.parameters, c.classes.size()}, rows.features);
}

void add_likelihood(Fit& fit, const ScaledRows& rows, std::span<const double> log_probabilities) {
  std::vector<double> weight_of_class(rows.classes, 0.0);
  for (std::size_t row = 0; row < rows.labels.size(); ++row) {
    const double weight = rows.counts.empty() ? 1.0 : rows.counts[row];
    const auto label = static_cast<std::size_t>(rows.labels[row]);
    weight_of_class[label] += weight;
    fit.log_likelihood += weight * log_probabilities[row * rows.classes + label];
  }
  fit.null_log_likelihood = null_log_likelihood(weight_of_class);
}

// How the classifier does on all that it was given, by its threshold.
void add_metrics(Fit& fit, const Rows& rows, std::span<const double> log_probabilities) {
  const ScaledRows& t = rows.training;
  const double threshold = fit.classifier.threshold;
  fit.training = metrics_of(t.labels, log_probabilities, t.classes, t.counts, threshold);
  if (!rows.validation) return;
  const ScaledRows& v = *rows.validation;
  fit.kept_aside = v.labels.size();
  fit.validation =
      metrics_of(v.labels, log_probabilities_of(fit.classifier, v), v.classes, v.counts, threshold);
}

void add_inference(Fit& fit, std::optional<Coordinates>& coordinates, bool invertible,
                   const FitOptions& options, const Rows& rows) {
  fit.withheld = reason_to_withhold(fit, options, rows);
  if (fit.withheld.empty() && !coordinates) {
    fit.withheld = "there are too many coefficients for a Hessian";
  }
  if (fit.withheld.empty() && !invertible) {
    fit.withheld = "columns are collinear: many coefficients are equally good";
  }
  if (fit.withheld.empty()) {
    const MatrixXd covariance = covariance_of(*coordinates, rows.training.total_weight());
    fit.covariance = lower_triangle(in_units_of_the_file(fit.classifier, covariance));
  }
  fit.coefficients = coefficient_estimates(fit.classifier, fit.covariance);
  if (!fit.covariance.empty() && !options.firth) {
    const std::size_t outputs = fit.classifier.architecture.outputs;
    fit.statistics =
        fit_statistics(fit.log_likelihood, fit.null_log_likelihood, rows.training.total_weight(),
                       fit.classifier.parameters.size(), outputs);
  }
}

// Whether some row is so sure of its class, or of not being in another, as rows become in a fit
// that has no end.
bool has_sure_rows(std::span<const double> log_probabilities, std::size_t classes) {
  constexpr double sure = 8.0;
  for (std::size_t row = 0; row < log_probabilities.size(); row += classes) {
    const auto p = log_probabilities.subspan(row, classes);
    const auto [least, most] = std::minmax_element(p.begin(), p.end());
    if (*most - *least > sure) return true;
  }
  return false;
}

// Asks whether the classes can be separated, where no bound says that they cannot. Where there is
// no Hessian to tell, it is asked of a fit that looks as if they could.
void find_out_separation(Fit& fit, const ClassificationLoss& loss, const FitOptions& options,
                         const Rows& rows, std::span<const double> log_probabilities) {
  FitRecord& record = fit.classifier.fit;
  if (record.optimality_gap || options.firth || !options.penalty.none()) return;
  if (record.training.interrupted) return;
  if (!loss.has_hessian() && !has_sure_rows(log_probabilities, rows.training.classes)) return;
  fit.separation = find_separation(rows.training.view());
  record.separated = fit.separation.kind != SeparationKind::none;
}

Classifier describe(const Dataset& data, const FitOptions& options,
                    std::span<const double> counts) {
  Classifier c;
  c.kind = kind_for(options, data.classes.size());
  c.target = data.target;
  c.classes = data.classes;
  c.encoding = data.encoding;
  c.features = data.features.names;
  c.standardisation = fit_standardisation(data.features, counts);
  c.architecture = architecture_for(options, c.kind, c.features.size(), c.classes.size());
  c.fit.penalty = options.penalty;
  c.fit.firth = options.firth;
  return c;
}

// A fit as it is under way, with all that its result is judged by. It stays where it is: its parts
// know each other.
struct Course {
  Fit result;
  Rows rows;
  std::optional<ClassificationLoss> loss;
  std::optional<Coordinates> coordinates;
  bool invertible = false;
};

std::unique_ptr<Course> run(const Dataset& data, const FitOptions& options,
                            const EpochObserver& observer) {
  require_consistent(options);
  auto course = std::make_unique<Course>();
  Classifier& c = course->result.classifier;
  const Split parts = parts_of(data, options);
  c = describe(data, options, training_counts(data, parts));
  course->rows = rows_of(data, options, parts, c.standardisation);
  const Rows& rows = course->rows;
  c.fit.rows = rows.training.labels.size();
  c.fit.total_weight = rows.training.total_weight();

  ClassificationLoss& loss = course->loss.emplace(
      rows.training.view(), c.architecture,
      ClassificationLoss::Options{options.penalty, options.cross_entropy, options.threads});
  const std::vector<double> start = initial_parameters(c.architecture, options.minimise.seed);
  std::copy(start.begin(), start.end(), loss.parameters().begin());
  FitOptions kept = options;
  std::optional<Checkpoint> checkpoint;
  if (!options.checkpoint.file.empty() || !options.checkpoint.resume.empty()) {
    kept.minimise.store = &checkpoint.emplace(options.checkpoint, identity_of(data, options));
  }
  if (options.firth) {
    c.fit.training = train_with_firth(loss, rows, kept, c.architecture, data, observer);
  } else {
    c.fit.training = train(loss, rows, kept, c.architecture, observer);
  }
  // Whoever interrupts it is in a hurry, and does not get its last digits.
  if (c.is_linear() && loss.has_hessian() && !c.fit.training.interrupted) {
    Coordinates& coordinates =
        course->coordinates.emplace(loss, rows.training, c.architecture, options);
    course->invertible = finish(course->result, coordinates, options);
    coordinates.carry_back();
    c.fit.training.loss = options.firth ? c.fit.training.loss : loss.evaluate();
    c.fit.training.gradient_norm =
        options.firth ? c.fit.training.gradient_norm : gradient_norm(loss);
  }
  if (c.fit.training.interrupted) c.fit.training.converged = false;
  c.parameters.assign(loss.parameters().begin(), loss.parameters().end());
  if (c.is_linear() && c.architecture.outputs == c.classes.size()) {
    c.parameters = against_reference(c.parameters, c.classes.size());
    c.architecture.outputs = c.classes.size() - 1;
  }
  if (c.is_linear()) require_finite_coefficients(c, data.features);
  return course;
}

}  // namespace

void require_consistent(const FitOptions& options) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
  };
  const bool mlp = options.kind == ModelKind::mlp;
  require(mlp || options.hidden.empty(), "hidden layers are those of the model mlp");
  require(!mlp || !options.hidden.empty(), "a perceptron needs hidden layers, such as 16,8");
  require(!options.firth || options.penalty.none(),
          "Firth's correction takes the place of a penalty; leave one of them out");
  require(!options.firth || options.minimise.batch_size == 0,
          "Firth's correction looks at all rows at once; leave batches out");
  require(!options.firth || !mlp, "Firth's correction is that of logistic regression");
  require(!options.firth || options.class_weight.empty(),
          "Firth's correction is that of the likelihood; leave class weights out");
  require(options.validation_share >= 0.0 && options.validation_share < 1.0,
          "the share of rows for validation must be at least 0 and less than 1");
  require(options.patience >= 1, "the patience of early stopping must be at least 1 epoch");
  require(options.cross_entropy == CrossEntropy::fused || !options.kind ||
              options.kind == ModelKind::logistic,
          "the textbook form of the loss is that of two classes");
  MinimiseOptions how = options.minimise;
  how.convex = !mlp;
  require_possible(how, {!mlp, options.penalty.l1 > 0.0});
}

Classifier fit_classifier(const Dataset& data, const FitOptions& options,
                          const EpochObserver& observer) {
  FitOptions without_checkpoint = options;
  without_checkpoint.checkpoint = {};
  return std::move(run(data, without_checkpoint, observer)->result.classifier);
}

Fit fit(const Dataset& data, const FitOptions& options, const EpochObserver& observer) {
  const std::unique_ptr<Course> course = run(data, options, observer);
  Fit& result = course->result;
  const Rows& rows = course->rows;
  const std::vector<double> log_probabilities =
      log_probabilities_of(result.classifier, rows.training);
  add_likelihood(result, rows.training, log_probabilities);
  add_metrics(result, rows, log_probabilities);
  if (result.classifier.is_linear()) {
    find_out_separation(result, *course->loss, options, rows, log_probabilities);
    add_inference(result, course->coordinates, course->invertible, options, rows);
  } else {
    result.withheld = "a perceptron's weights have no meaning one by one";
  }
  return std::move(result);
}

void set_threshold(Fit& fit, const Dataset& data, const FitOptions& options, double threshold) {
  if (threshold == fit.classifier.threshold) return;
  fit.classifier.threshold = threshold;
  const Rows rows = rows_of(data, options, parts_of(data, options), fit.classifier.standardisation);
  add_metrics(fit, rows, log_probabilities_of(fit.classifier, rows.training));
}

std::vector<CoefficientEstimate> coefficient_estimates(const Classifier& classifier,
                                                       std::span<const double> covariance) {
  std::vector<CoefficientEstimate> estimates;
  for (std::size_t cls = 1; cls < classifier.classes.size(); ++cls) {
    const Coefficients coefficients = classifier.coefficients(cls);
    estimates.push_back({cls, "(intercept)", coefficients.intercept, {}});
    for (std::size_t j = 0; j < classifier.features.size(); ++j) {
      estimates.push_back({cls, classifier.features[j], coefficients.weights[j], {}});
    }
  }
  if (covariance.empty()) return estimates;
  std::size_t variance = 0;  // of the first; the next is as many entries on as its row has
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    estimates[i].inference = wald(estimates[i].estimate, std::sqrt(covariance[variance]));
    variance += i + 2;
  }
  return estimates;
}

}  // namespace models
