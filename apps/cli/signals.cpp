#include "apps/cli/signals.hpp"

#include "apps/cli/commands.hpp"

#include <csignal>
#include <unistd.h>

namespace adsp::apps {

namespace {

volatile std::sig_atomic_t signals_seen = 0;

void note_signal(int) {
  if (signals_seen > 0)
    _exit(exit_code::interrupted);
  signals_seen = 1;
}

void handle(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

} // namespace

signal_guard::signal_guard() {
  signals_seen = 0;
  handle(note_signal);
}

signal_guard::~signal_guard() {
  handle(SIG_DFL);
}

bool signal_guard::interrupted() const {
  return signals_seen > 0;
}

} // namespace adsp::apps
