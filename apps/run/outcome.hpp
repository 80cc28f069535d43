// What the user is told when a job has ended.
#pragma once

#include "apps/cli/commands.hpp"
#include "apps/run/run_directory.hpp"
#include "apps/run/training.hpp"

namespace adsp::apps {

/// Prints the result and what went wrong; returns the exit code.
exit_code show_outcome(const job& plan, const outcome& found, const run_directory& directory);

} // namespace adsp::apps
