#include "models/data/checks.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "models/data/errors.h"
#include "models/data/number.h"
#include "models/data/standardisation.h"
#include "models/parallel.h"

namespace models {
namespace {

// --- Columns that know the target -------------------------------------------------------------

// The values of one feature in the rows of one class.
struct Range {
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
};

// Per feature the range of each class.
std::vector<std::vector<Range>> ranges_of(const Dataset& data) {
  const std::size_t columns = data.features.columns();
  std::vector<Range> by_class(data.classes.size() * columns);  // a row of features for each class
  for (std::size_t row = 0; row < data.rows(); ++row) {
    Range* const ranges = by_class.data() + static_cast<std::size_t>(data.labels[row]) * columns;
    const double* const values = data.features.values.data() + row * columns;
    for (std::size_t j = 0; j < columns; ++j) {
      ranges[j].smallest = std::min(ranges[j].smallest, values[j]);
      ranges[j].largest = std::max(ranges[j].largest, values[j]);
    }
  }
  std::vector<std::vector<Range>> ranges(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t k = 0; k < data.classes.size(); ++k) {
      ranges[j].push_back(by_class[k * columns + j]);
    }
  }
  return ranges;
}

std::string label_name(const Dataset& data, std::size_t label) {
  return printable(data.classes[label]);
}

// Rows whose value is not this one.
std::size_t rows_apart(const Dataset& data, std::size_t feature, double value) {
  std::size_t rows = 0;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    rows += data.features.values[row * data.features.columns() + feature] != value ? 1U : 0U;
  }
  return rows;
}

// A number whose values of one class are all below those of the other, but for one that both may
// have: there is no best coefficient (Albert and Anderson, "On the existence of maximum likelihood
// estimates in logistic regression models", Biometrika 71, 1984).
void check_number_of_two(const Dataset& data, std::size_t feature, const std::vector<Range>& ranges,
                         std::vector<Finding>& findings) {
  const std::size_t low = ranges[0].largest <= ranges[1].smallest ? 0 : 1;
  const Range& below = ranges[low];
  const Range& above = ranges[1 - low];
  if (!(below.largest <= above.smallest)) return;
  const std::string& name = data.features.names[feature];
  const auto find = [&](Suspicion suspicion, const std::string& text) {
    findings.push_back({suspicion, {name}, column_prefix(name) + text});
  };
  const std::string first = label_name(data, low);
  const std::string last = label_name(data, 1 - low);
  if (below.largest == above.smallest) {
    const std::string value = shortest(below.largest);
    if (rows_apart(data, feature, below.largest) < 2) return;
    const std::string lower =
        below.smallest < below.largest ? "all below " + value + " are " + first + ", " : "";
    const std::string upper =
        above.smallest < above.largest ? "all above " + value + " are " + last + ", " : "";
    find(Suspicion::one_sided,
         lower + upper + "so that there are no best coefficients without a penalty (--l2)");
  } else if (below.smallest == below.largest && above.smallest == above.largest) {
    find(Suspicion::target_in_disguise,
         "it is the target in other words: " + shortest(below.largest) + " is " + first + ", " +
             shortest(above.smallest) + " is " + last);
  } else {
    find(Suspicion::separating, "it separates the classes alone (AUC 1): up to " +
                                    shortest(below.largest) + " all are " + first + ", from " +
                                    shortest(above.smallest) + " on " + last);
  }
}

// The classes in the order of their values, where each begins above the end of the one before.
std::optional<std::vector<std::size_t>> classes_in_order(const std::vector<Range>& ranges) {
  std::vector<std::size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return ranges[a].smallest < ranges[b].smallest; });
  for (std::size_t k = 0; k + 1 < order.size(); ++k) {
    if (!(ranges[order[k]].largest < ranges[order[k + 1]].smallest)) return std::nullopt;
  }
  return order;
}

// Of several classes: a number that tells all of them, or one of them from all others.
void check_number_of_several(const Dataset& data, std::size_t feature,
                             const std::vector<Range>& ranges, std::vector<Finding>& findings) {
  const std::string& name = data.features.names[feature];
  const auto find = [&](Suspicion suspicion, const std::string& text) {
    findings.push_back({suspicion, {name}, column_prefix(name) + text});
  };
  if (classes_in_order(ranges)) {
    const bool single = std::all_of(ranges.begin(), ranges.end(), [](const Range& range) {
      return range.smallest == range.largest;
    });
    find(single ? Suspicion::target_in_disguise : Suspicion::separating,
         single ? "it is the target in other words: each class has one value of its own"
                : "it separates the classes alone: their values do not overlap");
    return;
  }
  for (std::size_t k = 0; k < ranges.size(); ++k) {
    Range others;
    for (std::size_t l = 0; l < ranges.size(); ++l) {
      if (l == k) continue;
      others.smallest = std::min(others.smallest, ranges[l].smallest);
      others.largest = std::max(others.largest, ranges[l].largest);
    }
    const bool below = ranges[k].largest < others.smallest;
    if (!below && !(ranges[k].smallest > others.largest)) continue;
    find(Suspicion::one_sided, "all " + std::string(below ? "up to " : "from ") +
                                   shortest(below ? ranges[k].largest : ranges[k].smallest) +
                                   (below ? "" : " on") + " are " + label_name(data, k) +
                                   " and no others, so that there are no best " +
                                   "coefficients without a penalty (--l2)");
  }
}

void check_number(const Dataset& data, std::size_t feature, const std::vector<Range>& ranges,
                  std::vector<Finding>& findings) {
  return ranges.size() == 2 ? check_number_of_two(data, feature, ranges, findings)
                            : check_number_of_several(data, feature, ranges, findings);
}

// Rows of each label at each level of a column of categories whose features begin at `first`.
// Missing cells count where they were filled.
std::vector<std::vector<std::size_t>> label_counts(const Dataset& data,
                                                   const ColumnEncoding& column,
                                                   std::size_t first) {
  std::vector<std::vector<std::size_t>> counts(column.levels.size(),
                                               std::vector<std::size_t>(data.classes.size(), 0));
  const std::size_t columns = data.features.columns();
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const double* const values = data.features.values.data() + row * columns + first;
    const double* const end = values + column.levels.size() - 1;
    const auto feature = static_cast<std::size_t>(std::find(values, end, 1.0) - values);
    const bool is_reference = values + feature == end;
    const std::size_t level =
        is_reference ? column.reference : feature + (feature >= column.reference ? 1 : 0);
    ++counts[level][static_cast<std::size_t>(data.labels[row])];
  }
  return counts;
}

void check_categories(const Dataset& data, const ColumnEncoding& column, std::size_t first,
                      std::vector<Finding>& findings) {
  const auto counts = label_counts(data, column, first);
  const auto largest = [](const std::vector<std::size_t>& count) {
    return std::max_element(count.begin(), count.end());
  };
  const auto rows_of = [](const std::vector<std::size_t>& count) {
    return std::accumulate(count.begin(), count.end(), std::size_t{0});
  };
  const auto is_one_sided = [&](const std::vector<std::size_t>& count) {
    return *largest(count) == rows_of(count);
  };
  const std::string prefix = column_prefix(column.name);
  if (std::all_of(counts.begin(), counts.end(), is_one_sided)) {
    const bool one_to_one = column.levels.size() == data.classes.size();
    findings.push_back({one_to_one ? Suspicion::target_in_disguise : Suspicion::separating,
                        {column.name},
                        prefix +
                            (one_to_one ? "it is the target in other words"
                                        : "it separates the classes alone (AUC 1)") +
                            ": all rows of a category have the same label"});
    return;
  }
  for (std::size_t level = 0; level < counts.size(); ++level) {
    const std::vector<std::size_t>& count = counts[level];
    if (!is_one_sided(count) || rows_of(count) < 2) continue;
    const auto label = static_cast<std::size_t>(largest(count) - count.begin());
    findings.push_back({Suspicion::one_sided,
                        {column.name},
                        prefix + "all " + std::to_string(rows_of(count)) + " rows with " +
                            in_quotes(column.levels[level]) + " are " + label_name(data, label) +
                            ", so that there are no best coefficients without a penalty (--l2)"});
  }
}

// --- Categories that may be one ---------------------------------------------------------------

// What two spellings of one thing share: a number its value, a text its letters in lower case.
std::string essence_of(const std::string& level, char decimal) {
  const ParsedNumber parsed = parse_number(level, decimal);
  if (parsed.status == NumberStatus::number) return shortest(parsed.value + 0.0);
  return in_lower_case(level);
}

void check_spellings(const ColumnEncoding& column, char decimal, std::vector<Finding>& findings) {
  std::unordered_map<std::string, std::string> level_of;
  for (const std::string& level : column.levels) {
    const auto [at, is_new] = level_of.emplace(essence_of(level, decimal), level);
    if (is_new) continue;
    findings.push_back({Suspicion::two_spellings,
                        {column.name},
                        column_prefix(column.name) + in_quotes(at->second) + " and " +
                            in_quotes(level) +
                            " are two categories, though they may be spellings of one"});
  }
}

// --- Features that can be computed from others ------------------------------------------------

using Matrix = Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The triangle R of a QR decomposition of the standardised features, a block of rows after the
// other, so that the features need not be there twice.
Matrix triangle_of(const Features& features, const Standardisation& standardisation) {
  const std::size_t columns = features.columns();
  const auto p = static_cast<Eigen::Index>(columns);
  const std::size_t block = std::max<std::size_t>(4 * columns, 256);
  Matrix stacked = Matrix::Zero(p + static_cast<Eigen::Index>(block), p);
  for (std::size_t begin = 0; begin < features.rows(); begin += block) {
    const std::size_t rows = std::min(block, features.rows() - begin);
    const AlignedNumbers values =
        standardisation.apply(std::span(features.values).subspan(begin * columns, rows * columns));
    const auto count = static_cast<Eigen::Index>(rows);
    stacked.middleRows(p, count) = Eigen::Map<const RowMajor>(values.data(), count, p);
    Eigen::Ref<Matrix> top = stacked.topRows(p + count);
    const Eigen::HouseholderQR<Eigen::Ref<Matrix>> in_place(top);
    stacked.topRows(p).triangularView<Eigen::StrictlyLower>().setZero();
  }
  return stacked.topRows(p);
}

// Whether the standardised features are so clearly independent that no QR decomposition is needed:
// no pivot of a Cholesky decomposition of their correlations, which loses half the digits, is near
// to 0. A pivot is the share of a feature's variance that the features before it leave unexplained.
bool are_clearly_independent(const Features& features, const Standardisation& standardisation) {
  const auto p = static_cast<Eigen::Index>(features.columns());
  const std::size_t columns = features.columns();
  // So few sums that they are soon added up, in their order.
  const std::size_t share = std::max<std::size_t>((features.rows() + 7) / 8, 4096);
  std::vector<Matrix> sums((features.rows() + share - 1) / share, Matrix::Zero(p, p));
  for_each_block(features.rows(), share, [&](std::size_t first, std::size_t count) {
    constexpr std::size_t block = 256;
    AlignedNumbers values(block * columns);
    for (std::size_t begin = first; begin < first + count; begin += block) {
      const std::size_t rows = std::min(block, first + count - begin);
      const std::span<double> scaled = std::span(values).first(rows * columns);
      standardisation.apply(std::span(features.values).subspan(begin * columns, rows * columns),
                            scaled);
      const Eigen::Map<const RowMajor> X(scaled.data(), static_cast<Eigen::Index>(rows), p);
      sums[first / share].selfadjointView<Eigen::Lower>().rankUpdate(X.transpose());
    }
  });
  Matrix gram = Matrix::Zero(p, p);
  for (const Matrix& sum : sums) gram += sum;
  gram /= static_cast<double>(features.rows());
  const Eigen::LLT<Eigen::Ref<Matrix>> cholesky(gram);
  if (cholesky.info() != Eigen::Success) return false;
  constexpr double smallest_pivot = 1e-6;
  return gram.diagonal().array().square().minCoeff() > smallest_pivot;
}

void check_collinear(const Features& features, const Standardisation& standardisation,
                     std::vector<Finding>& findings) {
  const std::size_t columns = features.columns();
  if (columns < 2) return;
  if (features.rows() <= columns) {
    findings.push_back({Suspicion::collinear, features.names,
                        std::to_string(columns) + " features and only " +
                            std::to_string(features.rows()) +
                            " rows: the coefficients are not determined"});
    return;
  }
  if (columns > collinear_features_at_most) {
    findings.push_back({Suspicion::collinear,
                        {},
                        std::to_string(columns) + " features, more than " +
                            std::to_string(collinear_features_at_most) +
                            ": not checked for collinear ones"});
    return;
  }
  if (are_clearly_independent(features, standardisation)) return;
  Eigen::ColPivHouseholderQR<Matrix> qr(triangle_of(features, standardisation));
  qr.setThreshold(1e-8);
  const Eigen::Index rank = qr.rank();
  if (rank == qr.cols()) return;
  const auto original = [&](Eigen::Index pivot) {
    return features.names[static_cast<std::size_t>(qr.colsPermutation().indices()[pivot])];
  };
  const Matrix r = qr.matrixR();
  const Matrix shares = r.topLeftCorner(rank, rank)
                            .triangularView<Eigen::Upper>()
                            .solve(r.topRightCorner(rank, r.cols() - rank));
  for (Eigen::Index dependent = rank; dependent < r.cols(); ++dependent) {
    Finding finding{Suspicion::collinear, {original(dependent)}, ""};
    for (Eigen::Index i = 0; i < rank; ++i) {
      if (std::abs(shares(i, dependent - rank)) > 1e-6) finding.names.push_back(original(i));
    }
    const std::vector<std::string> others(finding.names.begin() + 1, finding.names.end());
    finding.text = "feature " + printable(finding.names.front()) +
                   " is collinear: it follows from " + listed(others) +
                   ", and their coefficients are not determined";
    findings.push_back(std::move(finding));
  }
}

// The rows whose weight is not 0.
Dataset rows_that_count(const Dataset& all) {
  Dataset some = all;
  some.features.values.clear();
  some.features.lines.clear();
  some.labels.clear();
  some.weights.clear();
  const std::size_t columns = all.features.columns();
  for (std::size_t row = 0; row < all.rows(); ++row) {
    if (all.weights[row] == 0.0) continue;
    const auto first = all.features.values.begin() + static_cast<std::ptrdiff_t>(row * columns);
    some.features.values.insert(some.features.values.end(), first,
                                first + static_cast<std::ptrdiff_t>(columns));
    some.features.lines.push_back(all.features.lines[row]);
    some.labels.push_back(all.labels[row]);
    some.weights.push_back(all.weights[row]);
  }
  return some;
}

std::vector<Finding> findings_of(const Dataset& data) {
  const Standardisation standardisation = fit_standardisation(data.features, data.weights);
  std::vector<Finding> findings;
  const auto ranges = ranges_of(data);
  std::size_t first = 0;
  for (const ColumnEncoding& column : data.encoding.columns) {
    if (column.is_categorical()) {
      check_categories(data, column, first, findings);
      check_spellings(column, data.encoding.decimal, findings);
    } else {
      check_number(data, first, ranges[first], findings);
    }
    first += column.features();
    if (column.flagged) check_number(data, first - 1, ranges[first - 1], findings);
  }
  check_collinear(data.features, standardisation, findings);
  return findings;
}

}  // namespace

std::vector<Finding> suspicions_of(const Dataset& data) {
  const bool has_zeros =
      std::find(data.weights.begin(), data.weights.end(), 0.0) != data.weights.end();
  return has_zeros ? findings_of(rows_that_count(data)) : findings_of(data);
}

}  // namespace models
