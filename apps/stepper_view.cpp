#include "apps/stepper_view.h"

#include <algorithm>
#include <cmath>

#include "apps/command.h"
#include "apps/explanation_text.h"
#include "autograd/expression/expression.h"
#include "autograd/readings/formula_element.h"
#include "autograd/verify/adjoint_witness.h"
#include "models/data/number.h"

namespace apps {

using autograd::FormulaStyle;
using autograd::Index;
using autograd::Trace;
using autograd::TracedPart;
using autograd::TracedValue;
using autograd::TraceLine;

namespace {

std::vector<Event> events_of(const Trace& trace) {
  std::vector<Event> events;
  for (std::size_t k = 0; k < trace.values.size(); ++k) {
    if (!trace.values[k].is_leaf()) events.push_back({Event::Kind::forward, k});
  }
  if (!trace.parts.empty()) events.push_back({Event::Kind::seed, trace.loss});
  for (std::size_t k = 0; k < trace.parts.size(); ++k) events.push_back({Event::Kind::part, k});
  for (std::size_t k = 0; k < trace.updates.size(); ++k) {
    events.push_back({Event::Kind::update, k});
  }
  return events;
}

// The bytes of the first so many characters.
std::size_t bytes_of(const std::string& text, std::size_t characters) {
  std::size_t at = 0;
  while (at < text.size() && characters > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
    --characters;
  }
  return at;
}

std::string cut(const std::string& text, std::size_t columns, bool ascii) {
  if (width_of(text) <= columns) return text;
  const std::string mark = ascii ? "..." : "…";
  const std::size_t kept = columns - std::min(columns, width_of(mark));
  return text.substr(0, bytes_of(text, kept)) + mark;
}

// Broken at blanks, where there are any; what goes on is indented.
void wrap_onto(std::vector<std::string>& lines, std::string text, std::size_t columns,
               std::size_t indent) {
  while (width_of(text) > columns) {
    indent = std::min(indent, columns / 2);
    const std::size_t fits = bytes_of(text, std::max<std::size_t>(columns, 2));
    const std::size_t blank = text.rfind(' ', fits);
    const bool breaks = blank != std::string::npos && blank > indent;
    const std::size_t end = breaks ? blank : fits;
    lines.push_back(text.substr(0, end));
    text = std::string(indent, ' ') + text.substr(breaks ? end + 1 : end);
  }
  lines.push_back(std::move(text));
}

// "1.5 + 1.5 = 3"; "" where there is nothing to say beside the value.
std::string numbers_and_value(const TraceLine& line) {
  return line.numbers.empty() || line.numbers == line.value ? ""
                                                            : line.numbers + " = " + line.value;
}

// The new elements of a leaf: "w1=0.5", "w=[1, 2]", or one of them, "w[2]=1".
void add_edit(const Trace& trace, const std::string& assignment, autograd::Edits& edits) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) throw UsageError("a name, = and its value: w1=0.5");
  const std::string name(models::trimmed(assignment.substr(0, equals)));
  const Place place =
      name.find('[') == std::string::npos ? value_named(trace, name) : place_named(trace, name);
  const TracedValue& value = *place.value;
  if (place.of_adjoint || !value.is_leaf()) {
    throw UsageError(name + " is no leaf: only what was given can be changed");
  }
  std::vector<double>& elements = edits[value.node];
  elements = value.value;
  if (name != value.name || value.shape.size() == 1) {
    elements[static_cast<std::size_t>(place.element)] =
        parse_number_flag(name, assignment.substr(equals + 1));
    return;
  }
  const auto given = autograd::parse_assignments(assignment);
  if (given.size() != 1) throw UsageError("one value at a time");
  if (given[0].values.shape() != value.shape) {
    throw UsageError(name + " has shape " + to_string(value.shape) + ", not " +
                     to_string(given[0].values.shape()));
  }
  elements.assign(given[0].values.elements().begin(), given[0].values.elements().end());
}

}  // namespace

std::string sentence_of(const TraceLine& line, bool with_value) {
  std::string text = line.name;
  text += " " + line.sign + " ";
  if (line.symbols.empty()) return text + line.value;
  text += line.symbols;
  return with_value ? text + " = " + line.value : text;
}

Walk::Walk(const Explanation& explanation, bool ascii)
    : explanation_(&explanation), ascii_(ascii), events_(events_of(explanation.trace)) {
  for (std::size_t k = 0; k < trace().values.size(); ++k) {
    if (trace().values[k].is_leaf()) leaves_.push_back(k);
  }
  step_of_part_.resize(trace().parts.size());
  for (std::size_t k = 0; k < events_.size(); ++k) {
    if (events_[k].kind == Event::Kind::part) step_of_part_[events_[k].index] = k + 1;
  }
}

FormulaStyle Walk::style() const { return ascii_ ? FormulaStyle::ascii : FormulaStyle::unicode; }

void Walk::go_to(std::size_t step) {
  at_ = std::min(step, count());
  element_.reset();
}

std::size_t Walk::step_of(const std::string& name) const {
  const Place place = value_named(trace(), name.substr(0, name.find('[')));
  const TracedValue& value = *place.value;
  if (place.of_adjoint && !value.parts.empty()) return step_of_part_[value.parts.back()];
  for (std::size_t k = 0; k < events_.size(); ++k) {
    const Event& event = events_[k];
    const auto wanted = place.of_adjoint ? Event::Kind::seed : Event::Kind::forward;
    if (event.kind == wanted && &trace().values[event.index] == &value) return k + 1;
  }
  return 0;  // a leaf is there from the beginning
}

void Walk::edit(const std::string& assignment) {
  autograd::Edits edits = edits_;
  add_edit(trace(), assignment, edits);
  // From the recording it began with: edits hold all that was changed.
  std::unique_ptr<Explanation> edited = explanation_->with(edits);
  edits_ = std::move(edits);
  edited_ = std::move(edited);
  explanation_ = edited_.get();
  events_ = events_of(trace());
  at_ = std::min(at_, count());
}

const TracedValue* Walk::focus() const {
  const Event* const event = latest();
  if (event == nullptr) return nullptr;
  switch (event->kind) {
    case Event::Kind::part:
      return &trace().values[trace().parts[event->index].to];
    case Event::Kind::update:
      return &trace().values[trace().updates[event->index].value];
    default:
      return &trace().values[event->index];
  }
}

bool Walk::is_about_tensors() const {
  const Event* const event = latest();
  if (event == nullptr || event->kind == Event::Kind::seed) return false;
  const Trace& all = trace();
  const TraceLine line =
      event->kind == Event::Kind::forward ? forward_line(all.values[event->index], style())
      : event->kind == Event::Kind::part  ? part_line(all, all.parts[event->index], style())
                                          : update_line(all, all.updates[event->index], style());
  return line.numbers.empty();
}

std::vector<std::size_t> Walk::pending(const TracedValue& value) const {
  std::vector<std::size_t> parts;
  for (const std::size_t part : value.parts) {
    if (step_of_part_[part] > at_) parts.push_back(part);
  }
  return parts;
}

std::string Walk::verified() const {
  const TracedValue* const value = focus();
  if (value == nullptr) return "take a step first: nothing is in focus yet";
  if (value->adjoint.empty())
    return trace().loss_value().name + " does not depend on " + value->name;
  constexpr std::size_t most = 100;
  double largest = 0.0;
  double numeric = 0.0;
  const std::size_t count = std::min(value->adjoint.size(), most);
  for (std::size_t i = 0; i < count; ++i) {
    const auto slope = complex_step_adjoint(explanation_->tape, explanation_->loss, value->node,
                                            static_cast<Index>(i));
    if (!slope) return "an operation on the way has no complex reading";
    if (!std::isfinite(*slope) || !std::isfinite(value->adjoint[i])) {
      return value->adjoint_name + " is " + autograd::shown(value->adjoint[i], style()) +
             " on the tape and " + autograd::shown(*slope, style()) +
             " by the complex step: no numbers to compare";
    }
    if (i == 0) numeric = *slope;
    const double scale = std::max(std::abs(value->adjoint[i]), std::abs(*slope));
    const double error = std::abs(value->adjoint[i] - *slope) / (scale > 0.0 ? scale : 1.0);
    if (!(error <= largest)) largest = error;
  }
  std::string text(count < value->adjoint.size() ? "the first 100 elements of " : "");
  text += value->adjoint_name;
  if (count == 1) text += " = " + autograd::format_number(numeric, FormulaStyle::ascii, 12);
  text += " by the complex step: ";
  text += largest <= 1e-10 ? "agrees" : "DIFFERS";
  const std::size_t still = pending(*value).size();
  if (still > 0) text += "; " + counted(still, "part") + " of it still to come";
  return text;
}

// ---- the picture

std::string Walk::stage() const {
  const Event* const event = latest();
  if (event == nullptr) return "given";
  switch (event->kind) {
    case Event::Kind::forward:
      return "forward";
    case Event::Kind::update:
      return "update";
    default:
      return "backward";
  }
}

// The leaves, and what has happened.
std::string Walk::list_line(std::size_t line) const {
  if (line < leaves_.size()) {
    const TracedValue& leaf = trace().values[leaves_[line]];
    return leaf.name + " = " + shown(leaf.value, leaf.shape, style()) +
           (leaf.is_variable() ? "" : "   (constant)");
  }
  const Event& event = events_[line - leaves_.size()];
  switch (event.kind) {
    case Event::Kind::forward:
      return sentence_of(forward_line(trace().values[event.index], style()), true);
    case Event::Kind::seed:
      return trace().loss_value().adjoint_name + " = 1";
    case Event::Kind::update:
      return sentence_of(update_line(trace(), trace().updates[event.index], style()), true);
    case Event::Kind::part:
      break;
  }
  const TraceLine part = part_line(trace(), trace().parts[event.index], style());
  return sentence_of(part, true) + (part.sign == "+=" ? "   " + part.note : "");
}

std::string Walk::label(const char* name) const { return "  " + padded(name, 13); }

void Walk::add_forward_details(std::vector<std::string>& lines, const TracedValue& value) const {
  const TraceLine line = forward_line(value, style());
  lines.push_back(value.name + " is computed by " + std::string(value.operation));
  lines.push_back(label("formula") + line.name + " = " + line.symbols);
  const std::string numbers = numbers_and_value(line);
  lines.push_back(numbers.empty() ? label("value") + line.value : label("numbers") + numbers);
  if (!line.note.empty()) lines.push_back(label("note") + line.note);
  std::string users;
  for (const TracedValue& other : trace().values) {
    for (const std::size_t input : other.inputs) {
      if (&trace().values[input] != &value) continue;
      users += (users.empty() ? "" : ", ") + other.name;
    }
  }
  if (!users.empty()) lines.push_back(label("used by") + users);
}

std::string Walk::pending_text(const TracedValue& value) const {
  const std::vector<std::size_t> parts = pending(value);
  if (parts.empty()) {
    return value.parts.size() == 1
               ? "nothing: this is its only part"
               : "nothing: all " + std::to_string(value.parts.size()) + " parts have arrived";
  }
  constexpr std::size_t most = 3;
  std::string text = counted(parts.size(), "part") + " to come:";
  for (std::size_t k = 0; k < std::min(parts.size(), most); ++k) {
    const TracedPart& part = trace().parts[parts[k]];
    text += std::string(k == 0 ? " " : ", ") + part.rule.text(style()) + " from " +
            trace().values[part.from].name;
  }
  return text + (parts.size() > most ? ", ..." : "");
}

void Walk::add_part_details(std::vector<std::string>& lines, const TracedPart& part) const {
  const TracedValue& from = trace().values[part.from];
  const TracedValue& to = trace().values[part.to];
  const TraceLine line = part_line(trace(), part, style());
  const auto number = std::find(to.parts.begin(), to.parts.end(),
                                static_cast<std::size_t>(&part - trace().parts.data()));
  lines.push_back(to.adjoint_name + " receives part " +
                  std::to_string(number - to.parts.begin() + 1) + " of " +
                  std::to_string(to.parts.size()) + ", from " + from.name);
  lines.push_back(label("rule") + line.name + " += " + line.symbols);
  if (const std::string numbers = numbers_and_value(line); !numbers.empty()) {
    lines.push_back(label("numbers") + numbers);
  }
  lines.push_back(label("upstream") + from.adjoint_name + " = " +
                  shown(from.adjoint, from.shape, style()));
  if (part.slope) {
    const std::string formula = part.slope->text(style());
    const std::string numbers = shown(part.slope_numbers, from.shape, style());
    lines.push_back(label("local slope") + "∂" + from.name + "/∂" + to.name + " = " + formula +
                    (formula == numbers ? "" : " = " + numbers));
  }
  const std::string added = shown(part.part, to.shape, style());
  lines.push_back(label("adjoint") + shown(part.before, to.shape, style()) + " + " +
                  (added.starts_with("-") ? "(" + added + ")" : added) + " = " +
                  shown(part.after, to.shape, style()) + "   (before + part = after)");
  lines.push_back(label("pending") + pending_text(to));
  if (!line.note.empty() && line.sign == "=") lines.push_back(label("note") + line.note);
  if (!explanation_->other_route) return;
  const TracedValue* const fused = explanation_->other_route->find(to.name);
  if (fused == nullptr || fused->is_leaf() || fused->parts.empty()) return;
  const TraceLine other = part_line(*explanation_->other_route,
                                    explanation_->other_route->parts[fused->parts[0]], style());
  lines.push_back(label("fused") + sentence_of(other, true));
}

std::vector<std::string> Walk::details() const {
  std::vector<std::string> lines;
  const Event* const event = latest();
  if (event == nullptr) {
    lines = explanation_->notes;
    lines.push_back(counted(leaves_.size(), "value") + " given, " + counted(count(), "event") +
                    " to come. n: next");
    return lines;
  }
  if (element_) {
    const TracedValue& value = *focus();
    const bool of_adjoint = event->kind == Event::Kind::part;
    for (const TraceLine& line : element_lines(trace(), value, of_adjoint, *element_, style())) {
      lines.push_back("  " + sentence_of(line, false));
      lines.push_back("      = " + line.numbers + " = " + line.value);
      if (!line.note.empty()) lines.push_back("      " + line.note);
    }
    return lines;
  }
  switch (event->kind) {
    case Event::Kind::forward:
      add_forward_details(lines, trace().values[event->index]);
      break;
    case Event::Kind::seed:
      lines.emplace_back("The backward pass begins: the derivative of " +
                         trace().loss_value().name + " by itself is 1.");
      lines.emplace_back("Each dv is the derivative of " + trace().loss_value().name +
                         " by v; it is the sum of one part for each use of v.");
      break;
    case Event::Kind::part:
      add_part_details(lines, trace().parts[event->index]);
      break;
    case Event::Kind::update: {
      const TraceLine line = update_line(trace(), trace().updates[event->index], style());
      lines.push_back(line.name + " takes a step against its derivative");
      lines.push_back(label("rule") + line.name + " := " + line.symbols);
      if (!line.numbers.empty()) lines.push_back(label("numbers") + line.numbers);
      lines.push_back(label("value") + line.value);
      break;
    }
  }
  return lines;
}

std::vector<ScreenLine> Walk::picture(std::size_t rows, std::size_t columns,
                                      const std::string& bottom) const {
  const auto text = [&](const std::string& line) {
    return cut(ascii_ ? ascii_only(line) : line, columns, ascii_);
  };
  std::string rule;
  for (std::size_t k = 0; k < columns; ++k) rule += ascii_ ? "-" : "─";
  std::vector<std::string> details_wrapped;
  for (const std::string& line : details()) {
    wrap_onto(details_wrapped, ascii_ ? ascii_only(line) : line, columns,
              line.starts_with(" ") ? 15 : 2);
  }
  // Title, two rules and the bottom line; the list keeps two lines at least.
  const std::size_t room = rows > 4 ? rows - 4 : 0;
  const std::size_t details_rows =
      std::min(std::max<std::size_t>(details_wrapped.size(), 9), room > 2 ? room - 2 : 0);
  const std::size_t list_rows = room - details_rows;

  const std::string step =
      stage() + ", step " + std::to_string(at_) + " of " + std::to_string(count());
  const std::size_t title_columns = columns - std::min(columns, width_of(step) + 2);
  std::vector<ScreenLine> lines;
  lines.push_back({padded(cut(ascii_ ? ascii_only(explanation_->title) : explanation_->title,
                              title_columns, ascii_),
                          title_columns) +
                       "  " + step,
                   true});
  lines.push_back({rule, false, true});
  const std::size_t happened = leaves_.size() + at_;
  const std::size_t first = happened > list_rows ? happened - list_rows : 0;
  for (std::size_t k = first; k < happened; ++k) {
    const bool is_latest = k + 1 == happened && at_ > 0;
    lines.push_back({text((is_latest ? "> " : "  ") + list_line(k)), is_latest});
  }
  lines.resize(2 + list_rows);
  lines.push_back({rule, false, true});
  for (std::size_t k = 0; k < details_rows; ++k) {
    const bool is_cut = k + 1 == details_rows && details_wrapped.size() > details_rows;
    lines.push_back(
        {k < details_wrapped.size()
             ? is_cut ? text("  … (a larger window shows the rest)") : details_wrapped[k]
             : ""});
  }
  lines.push_back({text(bottom), true});
  return lines;
}

}  // namespace apps
