#include "autograd/verify/gradient_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

#include "autograd/derivatives.h"
#include "autograd/gradient.h"
#include "autograd/operations.h"
#include "autograd/random.h"
#include "autograd/verify/blame.h"
#include "autograd/verify/failure_text.h"
#include "autograd/verify/slope_witness.h"

namespace autograd {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
// Checks of no more entries than this ask every witness.
constexpr std::size_t small_check = 20;
// Of an input with more entries than this, the second order is checked at some: each costs some
// dozens of recordings.
constexpr Index second_order_limit = 100;

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (b[i] != 0.0) sum += a[i] * b[i];
  }
  return sum;
}

struct Judgement {
  Verdict verdict = Verdict::pass;
  double tolerance = 0.0;
};

bool lies_between(double x, double a, double b, double tolerance) {
  return x >= std::min(a, b) - tolerance && x <= std::max(a, b) + tolerance;
}

Judgement judge_smooth(double analytic, const SlopeWitness& seen, double rtol) {
  if (std::isnan(seen.value) && std::isinf(seen.error)) return {Verdict::vacuous, nan};
  const double size = std::max(std::abs(analytic), std::abs(seen.value));
  const double noise = 10.0 * seen.error;
  const double tolerance = noise + rtol * size;
  if (analytic == seen.value) return {Verdict::pass, tolerance};
  if (!(std::abs(analytic - seen.value) <= tolerance)) return {Verdict::fail, tolerance};
  return {size <= noise ? Verdict::vacuous : Verdict::pass, tolerance};
}

// A branch whose two sides have one slope is no kink. Of a kink between two, our rules take the
// slope on the ≤ side, or 0.
Judgement judge_kink(double analytic, const SlopeWitness& seen, double rtol) {
  const double size = std::max(std::abs(seen.left), std::abs(seen.right));
  const double tolerance = 10.0 * seen.error + rtol * size;
  if (seen.jumps || !lies_between(analytic, seen.left, seen.right, tolerance)) {
    return {Verdict::fail, tolerance};
  }
  if (std::abs(seen.left - seen.right) <= tolerance) return {Verdict::pass, tolerance};
  const bool documented = !seen.lower_side || std::abs(analytic) <= tolerance ||
                          std::abs(analytic - *seen.lower_side) <= tolerance;
  return {documented ? Verdict::kink : Verdict::convention, tolerance};
}

// At the edge of the domain the slope must be the limit from inside, or infinite where that is.
Judgement judge_edge(double analytic, const SlopeWitness& seen, double rtol) {
  if (std::isnan(seen.value)) return {Verdict::vacuous, nan};
  if (analytic == seen.value) return {Verdict::domain, 0.0};
  if (seen.unbounded) {
    const bool same_sign = std::isinf(analytic) && (analytic > 0.0) == (seen.value > 0.0);
    return {same_sign ? Verdict::domain : Verdict::fail, 0.0};
  }
  const double tolerance =
      10.0 * seen.error + rtol * std::max(std::abs(analytic), std::abs(seen.value));
  return {std::abs(analytic - seen.value) <= tolerance ? Verdict::domain : Verdict::fail,
          tolerance};
}

Judgement judge(double analytic, const SlopeWitness& seen, const CheckOptions& options) {
  switch (seen.place) {
    case SlopeWitness::Place::kink:
      return judge_kink(analytic, seen, options.rtol_differences);
    case SlopeWitness::Place::edge:
      return judge_edge(analytic, seen, options.rtol_differences);
    case SlopeWitness::Place::smooth:
      break;
  }
  return judge_smooth(analytic, seen,
                      seen.kind == WitnessKind::complex_step ? options.rtol_complex_step
                                                             : options.rtol_differences);
}

Subject subject_of(const TensorFunction& f, std::span<const CheckedInput> inputs,
                   std::uint64_t seed) {
  Subject subject{f, {}, {}, {0}, seed};
  for (const CheckedInput& input : inputs) {
    subject.names.push_back(input.name.empty() ? "input " + std::to_string(subject.names.size() + 1)
                                               : input.name);
    subject.shapes.push_back(input.values.shape());
    subject.starts.push_back(subject.starts.back() + input.values.elements().size());
  }
  return subject;
}

Point point_of(const Subject& subject, std::span<const CheckedInput> inputs) {
  if (inputs.empty()) {
    throw ArgumentError("check_gradients: there is no input to differentiate by");
  }
  Point point;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const auto elements = inputs[k].values.elements();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (std::isfinite(elements[i])) continue;
      throw ArgumentError("check_gradients: " +
                          entry_name(subject.names[k], subject.shapes[k], static_cast<Index>(i)) +
                          " is " + exact(elements[i]) +
                          ", which has no neighbours to compare with");
    }
    point.insert(point.end(), elements.begin(), elements.end());
  }
  return point;
}

// Throws what is to blame where the value is not finite.
void require_finite(const Recording& recording, const Subject& subject, const Point& point) {
  if (std::isfinite(recording.value())) return;
  static_cast<void>(Recording(subject, point, true));
  throw NonFiniteError("check_gradients: the value is " + exact(recording.value()) +
                       " at these inputs");
}

class GradientChecker {
 public:
  GradientChecker(Subject subject, Point point, const CheckOptions& options)
      : subject_(std::move(subject)),
        point_(std::move(point)),
        options_(options),
        base_(subject_, point_) {
    require_finite(base_, subject_, point_);
  }

  GradientReport run() {
    check_entries();
    if (report_.verdict == Verdict::nondeterministic) return std::move(report_);
    for (std::size_t k = 0; k < report_.inputs.size(); ++k) check_beside(k);
    check_directions();
    for (const InputReport& input : report_.inputs) worsen(report_.verdict, input.verdict);
    if (options_.order >= 2 && report_.passed()) check_second_order();
    if (report_.passed()) report_.failure.clear();
    return std::move(report_);
  }

 private:
  void check_entries() {
    if (!begin()) return;
    for (std::size_t k = 0; k < report_.inputs.size(); ++k) check_input(k);
  }

  // False where the function is not deterministic.
  bool begin() {
    report_.seed = options_.seed;
    report_.value = base_.value();
    begin_inputs();
    if (!is_deterministic()) return false;
    prober_.emplace(subject_, point_, base_, options_.seed);
    return true;
  }

  static void worsen(Verdict& verdict, Verdict other) { verdict = std::max(verdict, other); }

  void begin_inputs() {
    for (std::size_t k = 0; k < subject_.shapes.size(); ++k) {
      InputReport input;
      input.name = subject_.names[k];
      input.shape = subject_.shapes[k];
      report_.inputs.push_back(input);
    }
  }

  // ---- the readings

  // Fills the gradients of both readings. Everything is computed twice.
  bool is_deterministic() {
    Recording again(subject_, point_);
    if (const auto index = first_difference(base_, again)) {
      return refuse(*index, "has another value, or is another operation, the second time");
    }
    array_ = recorded_ = Point(point_.size());
    if (!base_.loss().requires_gradient()) return true;
    array_ = base_.gradient();
    static_cast<void>(again.gradient());
    if (const auto index = differing_adjoint(base_, again)) {
      return refuse(*index, "receives another adjoint the second time");
    }
    recorded_.clear();
    for (const Tensor& slope : autograd::gradient(again.loss(), again.inputs())) {
      recorded_.insert(recorded_.end(), slope.values().begin(), slope.values().end());
    }
    return true;
  }

  bool refuse(std::size_t index, const std::string& what) {
    const Node& node = base_.tape().node(index);
    const std::string where = to_string(node.where);
    report_.failure = "NONDETERMINISTIC: from the same inputs, " +
                      base_.tape().describe_operation(node) +
                      (where.empty() ? "" : " (" + where + ")") + " " + what +
                      ". Draw random numbers before the check, not inside the function.";
    report_.verdict = Verdict::nondeterministic;
    for (InputReport& input : report_.inputs) input.verdict = Verdict::nondeterministic;
    return false;
  }

  // ---- entries

  // All of them, or as many as the options say, in ascending order.
  std::vector<Index> entries_of(std::size_t k, Index all_up_to) {
    const Index size = subject_.shapes[k].size();
    std::vector<Index> entries;
    if (size <= all_up_to) {
      for (Index i = 0; i < size; ++i) entries.push_back(i);
      return entries;
    }
    Random random(options_.seed + k);
    std::set<Index> drawn;
    while (static_cast<Index>(drawn.size()) < std::min(options_.sampled_entries, size)) {
      drawn.insert(static_cast<Index>(random.below(static_cast<std::uint64_t>(size))));
    }
    entries.assign(drawn.begin(), drawn.end());
    return entries;
  }

  void check_input(std::size_t k) {
    InputReport& input = report_.inputs[k];
    for (const Index i : entries_of(k, options_.all_entries_up_to)) {
      input.entries.push_back(checked_entry(subject_.starts[k] + static_cast<std::size_t>(i), i));
    }
    input.entries_checked = static_cast<Index>(input.entries.size());
    bool all_vacuous = true;
    for (const EntryReport& entry : input.entries) {
      const bool vacuous = entry.verdict == Verdict::vacuous;
      if (!vacuous) worsen(input.verdict, entry.verdict);
      all_vacuous = all_vacuous && vacuous;
    }
    if (all_vacuous) worsen(input.verdict, Verdict::vacuous);
    if (input.verdict == Verdict::fail) {
      explain_failure(k);
    } else if (!carries_gradient(k)) {
      worsen(input.verdict, Verdict::vacuous);
    }
  }

  // At a minimum every slope is 0 within the noise, as any multiple of it would be: the gradient is
  // then verified a little beside the point.
  void check_beside(std::size_t k) {
    InputReport& input = report_.inputs[k];
    if (input.verdict != Verdict::vacuous) return;
    const bool carries = carries_gradient(k);
    if (carries && beside() != nullptr) {
      const InputReport& there = beside()->report_.inputs[k];
      if (there.verdict != Verdict::vacuous) {
        input.verdict = there.verdict;
        input.verified_beside = true;
        if (there.verdict == Verdict::fail && report_.failure.empty()) {
          report_.failure =
              "Beside the point, where its slopes are not noise, " + beside()->report_.failure;
        }
        return;
      }
    }
    explain_vacuous(input, carries);
  }

  // The check of a point 1/128 beside this one; null where the function has no value there.
  GradientChecker* beside() {
    if (looked_beside_) return beside_.get();
    looked_beside_ = true;
    Random random(options_.seed);
    const Line line = Line::along_random_direction(point_, random);
    try {
      beside_ = std::make_unique<GradientChecker>(subject_, line.at(point_, 0x1p-7), options_);
      beside_->check_entries();
    } catch (const NonFiniteError&) {
      beside_.reset();
    }
    return beside_.get();
  }

  EntryReport checked_entry(std::size_t flat, Index entry) {
    const Line line = Line::along_entry(point_, flat);
    SlopeWitness seen = prober_->slope(line);
    EntryReport result;
    result.entry = entry;
    result.value = point_[flat];
    compare(result, array_[flat], "backward()", line, seen);
    compare(result, recorded_[flat], "gradient()", line, seen);
    fill(result, seen);
    if (point_.size() <= small_check) ask_differences(result, line, seen);
    return result;
  }

  static void fill(EntryReport& result, const SlopeWitness& seen) {
    result.witness = seen.kind;
    result.numeric = seen.value;
    result.error = seen.error;
    result.left = seen.left;
    result.right = seen.right;
    result.differences = result.differences_error = result.central_difference = nan;
  }

  // Keeps the reading that is worst off; the first of equals.
  void compare(EntryReport& result, double analytic, std::string_view reading, const Line& line,
               SlopeWitness& seen) {
    Judgement judgement = judge(analytic, seen, options_);
    if (judgement.verdict == Verdict::fail && seen.kind == WitnessKind::complex_step) {
      SlopeWitness widened = seen;
      widened.error = prober_->widened_error(line, seen);
      const Judgement second = judge(analytic, widened, options_);
      if (second.verdict != Verdict::fail) {
        seen = widened;
        judgement = second;
      }
    }
    const bool first = result.reading.empty();
    if (!first && judgement.verdict <= result.verdict) return;
    result.analytic = analytic;
    result.reading = reading;
    result.verdict = judgement.verdict;
    result.tolerance = judgement.tolerance;
  }

  void ask_differences(EntryReport& result, const Line& line, const SlopeWitness& seen) {
    result.central_difference = prober_->central_difference(line);
    if (seen.place != SlopeWitness::Place::smooth) return;
    const Difference difference = prober_->differences(line);
    result.differences = difference.value;
    result.differences_error = difference.error;
    if (result.verdict != Verdict::pass) return;
    SlopeWitness differences;
    differences.kind = WitnessKind::differences;
    differences.value = difference.value;
    differences.error = difference.error;
    const Judgement judgement = judge(result.analytic, differences, options_);
    if (judgement.verdict != Verdict::fail) return;
    result.verdict = Verdict::fail;
    result.witness = WitnessKind::differences;
    result.numeric = difference.value;
    result.error = difference.error;
    result.tolerance = judgement.tolerance;
  }

  // Whether any way from the input to the value is differentiable.
  [[nodiscard]] bool carries_gradient(std::size_t k) const {
    const std::size_t last = base_.loss().index();
    std::vector<std::uint8_t> reached(std::max(last, k) + 1);
    reached[last] = 1;
    for (std::size_t index = last + 1; index-- > 0;) {
      const Node& node = base_.tape().node(index);
      const auto operands = node.operand_indices();
      for (std::size_t j = 0; reached[index] != 0 && j < operands.size(); ++j) {
        if (node.rule->differentiable[j]) reached[operands[j]] = 1;
      }
    }
    return reached[k] != 0;
  }

  // ---- directions

  // Along which all inputs move: for entries that were not looked at, and for jvp().
  void check_directions() {
    const int count = every_entry_was_checked() ? 1 : std::max(1, options_.projections);
    Random random(options_.seed);
    for (int i = 0; i < count; ++i) {
      const Line line = Line::along_random_direction(point_, random);
      if (i == 0) report_.taylor_rate = prober_->taylor_rate(line, dot(array_, line.direction));
      check_direction(line, i);
    }
    for (InputReport& input : report_.inputs) {
      if (input.entries_checked != input.shape.size()) input.projections = count;
    }
  }

  [[nodiscard]] bool every_entry_was_checked() const {
    return std::all_of(report_.inputs.begin(), report_.inputs.end(), [](const InputReport& input) {
      return input.entries_checked == input.shape.size();
    });
  }

  void check_direction(const Line& line, int number) {
    SlopeWitness seen = prober_->slope(line);
    EntryReport result = checked_direction(line, number, seen);
    if (result.verdict == Verdict::pass) ask_differences(result, line, seen);
    if (result.verdict == Verdict::fail && seen.place != SlopeWitness::Place::smooth) {
      SlopeWitness agreement = agreement_along(line);
      result = checked_direction(line, number, agreement);
    }
    if (result.verdict == Verdict::fail) {
      fail_direction(*this, line, result);
    } else if (seen.place != SlopeWitness::Place::smooth && !every_entry_was_checked()) {
      check_direction_beside(line, number);
    }
  }

  // At a kink the slopes from either side leave room for a mistake in an entry that nobody looks
  // at. 2⁻⁴⁰ along the direction no entry is at its kink any more.
  void check_direction_beside(const Line& line, int number) {
    try {
      GradientChecker there(subject_, line.at(point_, 0x1p-40), options_);
      if (!there.begin()) return;
      SlopeWitness seen = there.prober_->slope(line);
      if (seen.place != SlopeWitness::Place::smooth) return;
      const EntryReport result = there.checked_direction(line, number, seen);
      if (result.verdict == Verdict::fail) fail_direction(there, line, result);
    } catch (const NonFiniteError&) {  // no value there
    }
  }

  // `at` is the check of the point where the direction failed.
  void fail_direction(GradientChecker& at, const Line& line, const EntryReport& result) {
    for (InputReport& input : report_.inputs) {
      if (input.entries_checked != input.shape.size()) input.verdict = Verdict::fail;
    }
    report_.verdict = Verdict::fail;
    if (!report_.failure.empty()) return;
    report_.failure =
        failure_text("The slope along random direction " + std::to_string(result.entry + 1) +
                         " (seed " + std::to_string(options_.seed) + ")",
                     result) +
        "\n" + blame(at.base_, subject_, *at.prober_, line, result);
  }

  EntryReport checked_direction(const Line& line, int number, SlopeWitness& seen) {
    EntryReport result;
    result.entry = number;
    compare(result, dot(array_, line.direction), "backward()", line, seen);
    compare(result, dot(recorded_, line.direction), "gradient()", line, seen);
    compare(result, jvp_along(line), "jvp()", line, seen);
    fill(result, seen);
    return result;
  }

  // A direction may meet several kinks at once, and at each the slope takes a side of its own:
  // their sum need not lie between the slopes on the two sides of the line. What is left to ask is
  // whether the readings agree; each entry is judged by itself.
  [[nodiscard]] SlopeWitness agreement_along(const Line& line) const {
    SlopeWitness agreement;
    agreement.value = dot(array_, line.direction);
    for (std::size_t i = 0; i < array_.size(); ++i) {
      agreement.error +=
          std::numeric_limits<double>::epsilon() * std::abs(array_[i] * line.direction[i]);
    }
    return agreement;
  }

  double jvp_along(const Line& line) {
    std::vector<std::span<const double>> tangents;
    for (std::size_t k = 0; k < subject_.shapes.size(); ++k) {
      tangents.push_back(subject_.part(line.direction, k));
    }
    return jvp(base_.loss(), base_.inputs(), tangents)[0];
  }

  // ---- what is said

  void explain_failure(std::size_t k) {
    if (!report_.failure.empty()) return;
    const InputReport& input = report_.inputs[k];
    const EntryReport& worst = first_failure(input);
    std::vector<Shape> shapes;
    for (std::size_t index = 0; index <= base_.loss().index(); ++index) {
      if (base_.needs(index)) shapes.push_back(base_.tape().shape_of(base_.tape().node(index)));
    }
    const Line line =
        Line::along_entry(point_, subject_.starts[k] + static_cast<std::size_t>(worst.entry));
    report_.failure = failure_text(entry_and_value(input, worst), worst) +
                      guess_text(input, shapes) + "\n" +
                      blame(base_, subject_, *prober_, line, worst);
  }

  void explain_vacuous(const InputReport& input, bool carries_gradient) {
    if (!report_.failure.empty()) return;
    const bool has_value_beside =
        std::any_of(input.entries.begin(), input.entries.end(),
                    [](const EntryReport& entry) { return std::isfinite(entry.numeric); });
    report_.failure =
        "VACUOUS: " + input.name + ": " +
        (carries_gradient && !has_value_beside
             ? "nothing was measured: a little to either side, the function has no finite value or "
               "slope. If it is not meant to move, make it a constant."
         : carries_gradient
             ? "every slope is 0 within the noise of its parts, as any multiple of it would be, so "
               "that nothing was verified. Check at another point."
             : "the value does not depend on it by any operation that carries a gradient. Leave it "
               "out, or use it.");
  }

  // ---- second order

  // Hessian times a random vector, by both orders, against differences of slopes by the complex
  // step: neither sees a slope of a rule.
  void check_second_order() {
    if (!base_.loss().requires_gradient()) return;
    Random random(options_.seed);
    Line line = Line::along_random_direction(point_, random);
    // An entry with an infinite slope, as √ has at 0, would drown those of all others.
    for (std::size_t i = 0; i < array_.size(); ++i) {
      if (!std::isfinite(array_[i])) line.direction[i] = 0.0;
    }
    const auto product = [&](SecondOrder order) {
      return hessian_vector_product(base_.loss(), base_.inputs(), line.direction, order);
    };
    forward_ = product(SecondOrder::forward_over_reverse);
    reverse_ = product(SecondOrder::reverse_over_reverse);
    for (std::size_t k = 0; k < subject_.shapes.size(); ++k) {
      InputReport input;
      input.name = subject_.names[k];
      input.shape = subject_.shapes[k];
      for (const Index i :
           entries_of(k, std::min(options_.all_entries_up_to, second_order_limit))) {
        const std::size_t flat = subject_.starts[k] + static_cast<std::size_t>(i);
        input.entries.push_back(second_order_entry(flat, i, line.direction));
        const EntryReport& entry = input.entries.back();
        // A second slope that is nothing but noise is 0, as those of linear functions are.
        if (entry.verdict != Verdict::vacuous) worsen(input.verdict, entry.verdict);
      }
      input.entries_checked = static_cast<Index>(input.entries.size());
      worsen(report_.verdict, input.verdict);
      report_.second_order.push_back(input);
      if (input.verdict == Verdict::fail) explain_second_order(input);
    }
  }

  EntryReport second_order_entry(std::size_t flat, Index entry, const Point& direction) {
    const Line line = Line::along_entry(point_, flat);
    const Difference difference = prober_->second_differences(line, direction);
    SlopeWitness seen;
    seen.kind = WitnessKind::differences;
    seen.value = difference.value;
    seen.error = difference.error;
    EntryReport result;
    result.entry = entry;
    result.value = point_[flat];
    compare(result, forward_[flat], "forward over reverse", line, seen);
    compare(result, reverse_[flat], "reverse over reverse", line, seen);
    fill(result, seen);
    return result;
  }

  void explain_second_order(const InputReport& input) {
    if (!report_.failure.empty()) return;
    const EntryReport& worst = first_failure(input);
    report_.failure =
        "Second order: the Hessian times a random vector (seed " + std::to_string(options_.seed) +
        ")\n" + failure_text(entry_and_value(input, worst), worst) +
        "\nThe gradient is right here, and its own gradient is not: is a slope right at this point "
        "alone, or recorded with a number where a tensor belongs?";
  }

  Subject subject_;
  Point point_;
  CheckOptions options_;
  Recording base_;
  Point array_;
  Point recorded_;
  std::vector<double> forward_;  // Hessian times vector, by both orders
  std::vector<double> reverse_;
  std::optional<Prober> prober_;
  bool looked_beside_ = false;
  std::unique_ptr<GradientChecker> beside_;
  GradientReport report_;
};

}  // namespace

GradientReport check_gradients(const TensorFunction& f, std::span<const CheckedInput> inputs,
                               const CheckOptions& options) {
  Subject subject = subject_of(f, inputs, options.seed);
  Point point = point_of(subject, inputs);
  return GradientChecker(std::move(subject), std::move(point), options).run();
}

GradientReport check_gradients(const TensorFunction& f, std::initializer_list<CheckedInput> inputs,
                               const CheckOptions& options) {
  return check_gradients(f, std::span(inputs.begin(), inputs.size()), options);
}

}  // namespace autograd
