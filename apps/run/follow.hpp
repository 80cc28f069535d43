// Follows a job in real time from outside the actors: shows progress, passes an interrupt on, and
// takes the result.
#pragma once

#include "apps/cli/signals.hpp"
#include "apps/run/progress.hpp"
#include "messages/protocol.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace adsp::apps {

/// How often the progress is drawn and a signal is looked for.
inline constexpr std::chrono::milliseconds poll_interval{100};

/// How long an actor of this process may take to show its status.
inline constexpr std::chrono::seconds status_timeout{60};

/// The result, once the job has ended; `ending` is called when it begins to end. Throws
/// std::runtime_error when the scheduler does not answer.
job_result follow(caf::scoped_actor& self, const scheduler_actor& scheduler,
                  progress_printer& progress, const signal_guard& signals,
                  const std::function<void()>& ending = {});

/// Waits until every row is on disk; why not, or nothing.
std::string close_recorder(caf::scoped_actor& self, const recorder_actor& writer);

} // namespace adsp::apps
