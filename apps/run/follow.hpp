// Follows a job in real time from outside the actors: shows progress, forwards an interrupt, and
// receives the result.
#pragma once

#include "apps/cli/signals.hpp"
#include "apps/run/progress.hpp"
#include "messages/protocol.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace adsp::apps {

/// Interval of drawing the progress and checking for signals.
inline constexpr std::chrono::milliseconds poll_interval{100};

/// Timeout for the status of an actor of this process.
inline constexpr std::chrono::seconds status_timeout{60};

/// Waits until the job has ended and returns its result; calls `ending` when it begins to end.
/// Throws std::runtime_error if the scheduler does not answer.
job_result follow(caf::scoped_actor& self, const scheduler_actor& scheduler,
                  progress_printer& progress, const signal_guard& signals,
                  const std::function<void()>& ending = {});

/// Waits until every row is on disk. Returns what went wrong, or an empty text.
std::string close_recorder(caf::scoped_actor& self, const recorder_actor& writer);

} // namespace adsp::apps
