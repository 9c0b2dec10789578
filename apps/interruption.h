// Ctrl-C while a model is trained: what there is by then is kept.
//
// Rule for callers: one at a time, alive only while somebody looks at it; before and after, Ctrl-C
// ends the program as it ends any other.
#pragma once

#include <csignal>

namespace apps {

// From its birth to its death the first SIGINT or SIGTERM is taken down and no more, and the second
// ends the program at once. A signal that whoever started the program had ignored, as nohup does,
// stays so.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  [[nodiscard]] bool requested() const;
  // What the program then ends with, as a shell shows it: 130 of SIGINT, 143 of SIGTERM; 0 of none.
  [[nodiscard]] int exit_code() const;

 private:
  struct sigaction before_[2] = {};
};

}  // namespace apps
