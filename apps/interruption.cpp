#include "apps/interruption.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string_view>

#include "apps/command.h"

namespace apps {
namespace {

constexpr std::array signals{SIGINT, SIGTERM};

std::atomic<int> caught{0};
std::atomic<bool> somebody_watches{false};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may use no other");

constexpr std::string_view advice =
    "\r\x1b[Kending after this epoch; Ctrl-C again ends at once and keeps nothing\n";

// Nothing here but what POSIX lets a handler do.
void take_down(int signal) {
  const int error = errno;
  caught = signal;
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (const int each : signals) ::sigaction(each, &usual, nullptr);
  if (somebody_watches) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, advice.data(), advice.size());
  }
  errno = error;
}

}  // namespace

Interruption::Interruption() {
  caught = 0;
  somebody_watches = progress_is_visible();
  struct sigaction action {};
  action.sa_handler = take_down;
  action.sa_flags = SA_RESTART;  // A result that is being written is written.
  for (std::size_t k = 0; k < signals.size(); ++k) {
    ::sigaction(signals[k], nullptr, &before_[k]);
    if (before_[k].sa_handler != SIG_IGN) ::sigaction(signals[k], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (std::size_t k = 0; k < signals.size(); ++k) {
    ::sigaction(signals[k], &before_[k], nullptr);
  }
}

bool Interruption::requested() const { return caught != 0; }

int Interruption::exit_code() const { return caught == 0 ? 0 : 128 + caught; }

}  // namespace apps
