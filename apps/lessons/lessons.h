// The lessons, in the order in which they teach: each a recording and a text about it.
//
// Rule for authors: whatever is shown is computed while it is shown, by the tape, a rule's own
// formula, the gradient check or a loop over them. A lesson fits two screens of 80 × 24.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/explanation.h"
#include "apps/lessons/lesson_text.h"

namespace apps {

struct Lesson {
  std::string name;
  std::string title;
  std::unique_ptr<Explanation> (*recording)();  // what it is about, and --step goes through
  void (*write)(LessonText& text, const Explanation& recording);
};

// Lessons that belong together; a file each.
struct Chapter {
  std::string title;
  std::vector<Lesson> lessons;
};
Chapter backward_pass_lessons();
Chapter logistic_regression_lessons();
Chapter hidden_unit_lessons();
Chapter function_lessons();
Chapter lessons_wrong_on_purpose();

}  // namespace apps
