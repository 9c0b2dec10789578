#include "apps/stepper.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>

#include "apps/command.h"
#include "apps/explanation_text.h"
#include "apps/loss_plot.h"
#include "apps/screen.h"
#include "apps/stepper_view.h"
#include "autograd/errors.h"
#include "models/data/atomic_file.h"
#include "models/data/number.h"

namespace apps {
namespace {

using autograd::TracedValue;

const std::string keys =
    "n next  p back  g go  z zoom  e edit  v verify  q quiz  w write  ? help  x exit";

const std::vector<std::string> help_lines{
    "  n, right, Enter   the next event",
    "  p, left           one event back",
    "  g                 go to a step by its number, or to a value or adjoint: 5, z, dw1, end",
    "  z                 zoom: one element of a tensor, number by number; again: the whole",
    "  e                 edit what was given and replay: w1=0.7, w[2]=1, x=[1,2]",
    "  v                 verify the adjoint in focus against the complex step",
    "  q                 quiz: you type the number of the next event before it is shown",
    "  w                 write what happened: picture.dot, .json, .md, .tex or .txt",
    "  Home, End         the beginning, the end",
    "  x, Ctrl-C         exit",
    "",
    "  A line says what happened last (>); below, where its numbers come from.",
    "  dv is the derivative of the loss by v, the sum of a part for each use of v:",
    "  \"pending\" says which parts have not arrived yet.",
};

// The format that a file's name asks for; "" for none.
std::string format_of(const std::string& file) {
  const std::string extension = std::filesystem::path(file).extension();
  if (extension == ".dot") return "dot";
  if (extension == ".json") return "json";
  if (extension == ".md") return "markdown";
  if (extension == ".tex") return "latex";
  return extension == ".txt" ? "text" : "";
}

// What is too long for a line, with its end: somebody types there.
std::string end_of(const std::string& text, std::size_t columns) {
  std::size_t from = 0;
  for (std::size_t width = width_of(text); width + 1 > columns && from < text.size(); --width) {
    ++from;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U) ++from;
  }
  return text.substr(from);
}

// What is typed for a number that need not be finite.
std::optional<double> answer_in(const std::string& text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text == "inf" || text == "∞") return infinity;
  if (text == "-inf" || text == "-∞") return -infinity;
  if (text == "nan" || text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  const models::ParsedNumber parsed = models::parse_number(text);
  return parsed.status == models::NumberStatus::number ? std::optional(parsed.value) : std::nullopt;
}

// To three digits: what a person works out.
bool is_right(double answer, double number) {
  if (!std::isfinite(number)) {
    return answer == number || (std::isnan(answer) && std::isnan(number));
  }
  return std::abs(answer - number) <= 5e-3 * std::abs(number);
}

class Stepper {
 public:
  Stepper(const Explanation& explanation, bool ascii) : walk_(explanation, ascii) {}

  void run() {
    while (true) {
      show(says_.empty() ? keys : says_, false);
      const Key key = screen_.wait_for_key();
      if (key.kind == Key::Kind::resized) continue;
      says_.clear();
      if (key.kind == Key::Kind::interrupt || key.text == "x") return;
      react(key);
    }
  }

 private:
  void show(const std::string& bottom, bool with_cursor) {
    screen_.show(walk_.picture(screen_.rows(), screen_.columns(), bottom), with_cursor);
  }

  void react(const Key& key) {
    using Kind = Key::Kind;
    if (key.kind == Kind::right || key.kind == Kind::enter || key.text == "n" || key.text == " ") {
      next();
    } else if (key.kind == Kind::left || key.kind == Kind::erase || key.text == "p") {
      if (walk_.at() == 0) says_ = "this is the beginning";
      if (walk_.at() > 0) walk_.go_to(walk_.at() - 1);
    } else if (key.kind == Kind::home) {
      walk_.go_to(0);
    } else if (key.kind == Kind::end) {
      walk_.go_to(walk_.count());
    } else if (key.kind == Kind::text) {
      react_to_letter(key.text);
    }
  }

  void react_to_letter(const std::string& letter) {
    if (letter == "g")
      ask("go to (number, name, end): ", [&](const std::string& to) { go_to(to); });
    if (letter == "z") zoom();
    if (letter == "e") ask("edit (w1=0.7): ", [&](const std::string& text) { edit(text); });
    if (letter == "v") says_ = walk_.verified();
    if (letter == "q") quiz();
    if (letter == "w")
      ask("write to (picture.dot, .json, .md, .tex, .txt): ",
          [&](const std::string& file) { write(file); });
    if (letter == "?") help();
    if (std::string("gzevqw?").find(letter) == std::string::npos) {
      says_ = "\"" + letter + "\" does nothing; ? shows what does";
    }
  }

  void next() {
    if (walk_.next() == nullptr) says_ = "this is the end; p goes back, x leaves";
    walk_.go_to(walk_.at() + 1);
  }

  // What is typed on the bottom line; nothing where it was given up.
  std::optional<std::string> typed(const std::string& prompt) {
    std::string text;
    while (true) {
      show(end_of(prompt + text, screen_.columns()), true);
      const Key key = screen_.wait_for_key();
      switch (key.kind) {
        case Key::Kind::text:
          text += key.text;
          break;
        case Key::Kind::erase:
          while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) {
            text.pop_back();
          }
          if (!text.empty()) text.pop_back();
          break;
        case Key::Kind::enter:
          return text;
        case Key::Kind::escape:
        case Key::Kind::interrupt:
          return std::nullopt;
        default:
          break;
      }
    }
  }

  void ask(const std::string& prompt, const std::function<void(const std::string&)>& answer) {
    const std::optional<std::string> text = typed(prompt);
    if (!text || text->empty()) return;
    try {
      answer(*text);
    } catch (const UsageError& error) {
      says_ = error.what();
    } catch (const autograd::Error& error) {
      says_ = error.what();
    } catch (const models::WriteError& error) {
      says_ = error.what();
    }
    std::replace(says_.begin(), says_.end(), '\n', ' ');
  }

  void go_to(const std::string& to) {
    if (to == "end") return walk_.go_to(walk_.count());
    const bool is_number = to.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number) return walk_.go_to(walk_.step_of(to));
    if (to.size() > 9 || std::stoul(to) > walk_.count()) {
      says_ = "there are " + std::to_string(walk_.count()) + " steps";
      return;
    }
    walk_.go_to(std::stoul(to));
  }

  void zoom() {
    const TracedValue* const value = walk_.focus();
    if (value == nullptr) {
      says_ = "take a step first: nothing is in focus yet";
    } else if (walk_.is_zoomed()) {
      walk_.zoom(std::nullopt);
    } else if (!walk_.is_about_tensors() && value->shape.size() == 1) {
      says_ = value->name + " is one number made of numbers: there is nothing to zoom into";
    } else if (value->shape.size() == 1) {
      walk_.zoom(0);
    } else {
      const std::string last = position(value->shape, value->shape.size() - 1);
      ask("element of " + value->name + " (up to " + last.substr(1, last.size() - 2) + "): ",
          [&](const std::string& element) {
            const bool is_whole_name = element.find('[') != std::string::npos;
            const Place place = place_named(
                walk_.trace(), is_whole_name ? element : value->name + "[" + element + "]");
            if (place.value != value) throw UsageError(value->name + " is in focus");
            walk_.zoom(place.element);
          });
    }
  }

  void edit(const std::string& assignment) {
    walk_.edit(assignment);
    says_ = assignment + ": replayed";
  }

  void write(const std::string& file) {
    const std::string format = format_of(file);
    if (format.empty()) throw UsageError("the name must end in .dot, .json, .md, .tex or .txt");
    if (std::filesystem::exists(file)) throw UsageError(file + " is there already; another name?");
    models::AtomicFile out(file);
    out.write(rendered(walk_.explanation(), format, walk_.style()));
    out.commit();
    says_ = file + " is written";
  }

  // The line of the next event, without its number, and the number.
  struct Question {
    std::string text;
    double answer = 0.0;
  };
  [[nodiscard]] std::optional<Question> question() const {
    const Event* const event = walk_.next();
    if (event == nullptr) return std::nullopt;
    const autograd::Trace& trace = walk_.trace();
    switch (event->kind) {
      case Event::Kind::forward: {
        const TracedValue& value = trace.values[event->index];
        return value.shape.size() == 1
                   ? Question{sentence_of(forward_line(value, walk_.style()), false),
                              value.value[0]}
                   : question_of_element(value, false, 0, value.value[0]);
      }
      case Event::Kind::seed:
        return Question{trace.loss_value().adjoint_name, 1.0};
      case Event::Kind::part: {
        const autograd::TracedPart& part = trace.parts[event->index];
        const TracedValue& to = trace.values[part.to];
        return question_of(part, to);
      }
      case Event::Kind::update:
        break;
    }
    const autograd::TracedUpdate& update = trace.updates[event->index];
    const TracedValue& value = trace.values[update.value];
    if (value.shape.size() == 1) {
      return Question{sentence_of(update_line(trace, update, walk_.style()), false),
                      update.after[0]};
    }
    return question_of_element(value, false, 0, update.after[0]);
  }
  [[nodiscard]] Question question_of(const autograd::TracedPart& part,
                                     const TracedValue& to) const {
    const autograd::Trace& trace = walk_.trace();
    if (to.shape.size() == 1) {
      return {sentence_of(part_line(trace, part, walk_.style()), false), part.part[0]};
    }
    const auto number = static_cast<std::size_t>(&part - trace.parts.data());
    const auto at = std::find(to.parts.begin(), to.parts.end(), number) - to.parts.begin();
    return question_of_element(to, true, static_cast<std::size_t>(at), part.part[0]);
  }
  // Of a tensor, the first element is asked for.
  [[nodiscard]] Question question_of_element(const TracedValue& value, bool of_adjoint,
                                             std::size_t line, double answer) const {
    const auto lines = element_lines(walk_.trace(), value, of_adjoint, 0, walk_.style());
    return {sentence_of(lines.at(line), false), answer};
  }

  void quiz() {
    const std::optional<Question> asked = question();
    if (!asked) {
      says_ = "this is the end: nothing is left to ask";
      return;
    }
    std::optional<double> number;
    std::string prompt = asked->text + " = ";
    while (!number) {
      const std::optional<std::string> text = typed(prompt);
      if (!text || text->empty()) return;
      number = answer_in(*text);
      prompt = "a number, or inf, -inf, nan: " + asked->text + " = ";
    }
    const bool right = is_right(*number, asked->answer);
    walk_.go_to(walk_.at() + 1);
    says_ = right ? "right: " : "not quite: it is ";
    says_ += autograd::shown(asked->answer, walk_.style());
  }

  void help() {
    std::vector<ScreenLine> lines{{"Keys", true}};
    for (const std::string& line : help_lines) lines.push_back({line});
    lines.resize(std::max<std::size_t>(lines.size(), screen_.rows() - 1));
    lines.push_back({"any key goes back", true});
    screen_.show(lines, false);
    while (screen_.wait_for_key().kind == Key::Kind::resized) screen_.show(lines, false);
  }

  Screen screen_;
  Walk walk_;
  std::string says_;
};

}  // namespace

bool can_step() {
  const char* const name = std::getenv("TERM");
  const bool may_draw = name != nullptr && *name != '\0' && std::string_view(name) != "dumb";
  return may_draw && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
}

int step_through(const Explanation& explanation, bool ascii) {
  ascii = ascii || !is_utf8_locale();
  try {
    Stepper(explanation, ascii).run();
  } catch (const ScreenError& error) {
    spdlog::warn("{}; here is all of it at once", error.what());
    print(rendered(explanation, "text",
                   ascii ? autograd::FormulaStyle::ascii : autograd::FormulaStyle::unicode));
  }
  return exit_done;
}

}  // namespace apps
