// What the stepper shows: the state of a walk through a trace, and the lines of its picture. It
// knows no terminal.
//
// Rule for callers: the explanation must outlive the walk.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "apps/explanation.h"
#include "apps/screen.h"
#include "autograd/explain/trace_lines.h"

namespace apps {

// One thing that happens: a value is computed, the loss's adjoint is set to 1, a part arrives at an
// adjoint, a parameter is updated.
struct Event {
  enum class Kind : std::uint8_t { forward, seed, part, update };
  Kind kind = Kind::forward;
  std::size_t index = 0;  // among the trace's values, parts or updates
};

class Walk {
 public:
  Walk(const Explanation& explanation, bool ascii);

  [[nodiscard]] const autograd::Trace& trace() const { return explanation_->trace; }
  [[nodiscard]] const Explanation& explanation() const { return *explanation_; }
  [[nodiscard]] autograd::FormulaStyle style() const;
  [[nodiscard]] bool ascii() const { return ascii_; }

  // How many events have happened: 0 … count().
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t count() const { return events_.size(); }
  [[nodiscard]] const Event* latest() const { return at_ == 0 ? nullptr : &events_[at_ - 1]; }
  [[nodiscard]] const Event* next() const { return at_ == count() ? nullptr : &events_[at_]; }
  void go_to(std::size_t step);
  // The number of events up to which a value is computed, or an adjoint has all its parts. Throws
  // UsageError where there is no such name.
  [[nodiscard]] std::size_t step_of(const std::string& name) const;
  // Other values of leaves: "w1=0.5", "w[2]=1". The walk stays where it is. Throws UsageError.
  void edit(const std::string& assignment);

  // The value in focus: whose value or adjoint the latest event was about.
  [[nodiscard]] const autograd::TracedValue* focus() const;
  // Whether the latest event is of whole tensors, so that there are elements to zoom into.
  [[nodiscard]] bool is_about_tensors() const;
  // The parts of its adjoint that have not arrived yet.
  [[nodiscard]] std::vector<std::size_t> pending(const autograd::TracedValue& value) const;
  // The adjoint in focus beside the complex step, in a sentence.
  [[nodiscard]] std::string verified() const;

  void zoom(std::optional<autograd::Index> element) { element_ = element; }
  [[nodiscard]] bool is_zoomed() const { return element_.has_value(); }

  // A screen of that size; `bottom` is its last line: keys, a prompt or an answer.
  [[nodiscard]] std::vector<ScreenLine> picture(std::size_t rows, std::size_t columns,
                                                const std::string& bottom) const;

 private:
  [[nodiscard]] std::string stage() const;
  [[nodiscard]] std::string list_line(std::size_t line) const;
  [[nodiscard]] std::vector<std::string> details() const;
  void add_forward_details(std::vector<std::string>& lines, const autograd::TracedValue& v) const;
  void add_part_details(std::vector<std::string>& lines, const autograd::TracedPart& part) const;
  [[nodiscard]] std::string pending_text(const autograd::TracedValue& value) const;
  [[nodiscard]] std::string label(const char* name) const;

  const Explanation* explanation_;
  std::unique_ptr<Explanation> edited_;
  autograd::Edits edits_;
  bool ascii_;
  std::vector<Event> events_;
  std::vector<std::size_t> step_of_part_;  // when each part has arrived
  std::vector<std::size_t> leaves_;
  std::size_t at_ = 0;
  std::optional<autograd::Index> element_;
};

// A line in words, for the list and the quiz: "dz = da · a · (1 − a) = -0.475021".
std::string sentence_of(const autograd::TraceLine& line, bool with_value);

}  // namespace apps
