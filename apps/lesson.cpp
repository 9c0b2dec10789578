// tapewise lesson: short texts about backpropagation, in which every number is computed.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <memory>

#include "apps/command.h"
#include "apps/command_line.h"
#include "apps/lessons/lessons.h"
#include "apps/stepper.h"
#include "autograd/quotation.h"
#include "autograd/suggestion.h"

namespace apps {
namespace {

using autograd::FormulaStyle;

struct LessonFlags {
  std::string name;  // "" for the list
  bool ascii = false;
  bool step = false;
};

std::vector<Chapter> chapters() {
  return {backward_pass_lessons(), logistic_regression_lessons(), hidden_unit_lessons(),
          function_lessons(), lessons_wrong_on_purpose()};
}

std::vector<Lesson> all_lessons() {
  std::vector<Lesson> all;
  for (const Chapter& chapter : chapters()) {
    all.insert(all.end(), chapter.lessons.begin(), chapter.lessons.end());
  }
  return all;
}

std::vector<std::string> lesson_names() {
  std::vector<std::string> names;
  for (const Lesson& lesson : all_lessons()) names.push_back(lesson.name);
  return names;
}

std::string list_of_lessons(FormulaStyle style) {
  LessonText text(style);
  std::size_t widest = 0;
  for (const std::string& name : lesson_names()) widest = std::max(widest, name.size());
  for (const Chapter& chapter : chapters()) {
    text.say(chapter.title);
    for (const Lesson& lesson : chapter.lessons) {
      text.add_line("  " + padded(lesson.name, widest) + "  " + lesson.title);
    }
  }
  text.say("Begin with `tapewise lesson " + lesson_names().front() +
           "`. On a terminal, --step goes through a lesson's recording.");
  return text.str();
}

// The place of a lesson among all. Throws UsageError where there is none of that name.
std::size_t place_of(const std::string& name) {
  const std::vector<std::string> names = lesson_names();
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return std::size_t(at - names.begin());
  const std::string guess = autograd::did_you_mean(name, names);
  throw UsageError("there is no lesson " + autograd::in_quotes(name) + "; " +
                   (guess.empty() ? "`tapewise lesson` lists them" : guess));
}

std::string text_of_lesson(std::size_t place, const Explanation& recording, FormulaStyle style) {
  const std::vector<Lesson> all = all_lessons();
  LessonText text(style);
  text.say(fmt::format("{} of {}. {}", place + 1, all.size(), all[place].title));
  all[place].write(text, recording);
  if (place + 1 < all.size()) text.say("Next: tapewise lesson " + all[place + 1].name);
  return text.str();
}

int lesson(const LessonFlags& flags) {
  const FormulaStyle style = flags.ascii ? FormulaStyle::ascii : FormulaStyle::unicode;
  if (flags.name.empty()) {
    print(list_of_lessons(style));
    return exit_done;
  }
  const std::size_t place = place_of(flags.name);
  if (flags.step && !can_step()) {
    throw UsageError("--step: standard input and output must be a terminal");
  }
  const std::unique_ptr<Explanation> recording = all_lessons()[place].recording();
  if (flags.step) return step_through(*recording, flags.ascii);
  print(text_of_lesson(place, *recording, style));
  return exit_done;
}

}  // namespace

void add_lesson(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<LessonFlags>();
  CLI::App* command = app.add_subcommand(
      "lesson", "Backpropagation in short lessons, and its mistakes, each on the real tape");
  set_examples(*command, {"tapewise lesson", "tapewise lesson chain-rule",
                          "tapewise lesson wrong-assignment --ascii"});
  CLI::Option* const name =
      command->add_option("NAME", flags->name, "Which lesson; without it they are listed")
          ->check(offers(lesson_names()))
          ->check(fault_of_empty);
  command->add_flag("--step", flags->step, "Step through the recording the lesson is about")
      ->needs(name);
  command->add_flag("--ascii", flags->ascii, "Nothing but ASCII");
  command->callback([flags, &chosen] { chosen = [flags] { return lesson(*flags); }; });
}

}  // namespace apps
