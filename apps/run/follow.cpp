#include "apps/run/follow.hpp"

#include <caf/scoped_actor.hpp>

#include <stdexcept>
#include <thread>
#include <utility>

namespace adsp::apps {

job_result follow(caf::scoped_actor& self, const scheduler_actor& scheduler,
                  progress_printer& progress, const signal_guard& signals,
                  const std::function<void()>& ending) {
  bool asked_to_stop = false;
  for (bool ended = false; !ended;) {
    if (signals.interrupted() && !std::exchange(asked_to_stop, true))
      self->send(scheduler, stop_atom::value);
    self->request(scheduler, status_timeout, status_atom::value)
        .receive(
            [&](const job_status& status) {
              progress.update(status);
              ended = status.ended;
            },
            [&](const caf::error& why) {
              throw std::runtime_error{"the scheduler does not answer: " + to_text(why)};
            });
    if (!ended)
      std::this_thread::sleep_for(poll_interval);
  }
  if (ending)
    ending();
  job_result result;
  self->request(scheduler, caf::infinite, result_atom::value)
      .receive([&](job_result& x) { result = std::move(x); },
               [&](const caf::error& why) {
                 throw std::runtime_error{"the scheduler gives no result: " + to_text(why)};
               });
  return result;
}

std::string close_recorder(caf::scoped_actor& self, const recorder_actor& writer) {
  std::string trouble;
  self->request(writer, status_timeout, stop_atom::value)
      .receive([] {}, [&](const caf::error& why) { trouble = to_text(why); });
  return trouble;
}

} // namespace adsp::apps
