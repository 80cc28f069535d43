// `adsp run` and `adsp simulate`: one job from its config to its files, with progress.
#include "apps/cli/commands.hpp"
#include "apps/cli/signals.hpp"
#include "apps/config/inputs.hpp"
#include "apps/run/outcome.hpp"
#include "apps/run/progress.hpp"
#include "apps/run/run_directory.hpp"
#include "apps/run/training.hpp"
#include "sync/policies.hpp"

#include <unistd.h>

namespace adsp::apps {

namespace {

int run_job(const run_arguments& arguments, time_kind how) try {
  const auto plan = job_from(arguments.config, arguments.quiet);
  if (!plan)
    return bad_input;
  if (how == time_kind::virtual_time && !can_be_simulated(*plan))
    return bad_input;
  const auto data = data_from(*plan);
  if (!data)
    return bad_input;
  const signal_guard signals;
  auto directory = std::make_shared<run_directory>(run_directory::create(
      *plan, arguments.out ? std::optional<std::filesystem::path>{*arguments.out} : std::nullopt));
  progress_printer progress{
      stderr,
      isatty(STDERR_FILENO) == 1,
      arguments.quiet,
      {plan->max_time, plan->max_steps, std::string{sync::to_string(plan->sync.policy)}}};
  const auto done = train(*plan, data, directory, how, progress, signals);
  return show_outcome(*plan, done, *directory);
} catch (...) {
  return exit_code_of_failure();
}

} // namespace

int run_command(const run_arguments& x) {
  return run_job(x, time_kind::real);
}

int simulate_command(const run_arguments& x) {
  return run_job(x, time_kind::virtual_time);
}

} // namespace adsp::apps
