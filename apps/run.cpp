// `adsp run` and `adsp simulate`: one job from its config to its files, with progress.
#include "apps/commands.hpp"
#include "apps/inputs.hpp"
#include "apps/progress.hpp"
#include "apps/run_directory.hpp"
#include "apps/signals.hpp"
#include "apps/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <unistd.h>

namespace adsp::apps {

namespace {

void print_result(const job& plan, const job_result& x, const run_directory& directory) {
  fmt::print("{}: {}\n", sync::to_string(plan.sync.policy), ending(plan, x));
  if (x.evaluations > 0)
    fmt::print("loss {:.4g}, accuracy {:.2f} %, ", x.last.loss, 100 * x.last.accuracy);
  fmt::print("{} steps, {} commits, {:.1f} MB moved\n", x.total.steps, x.total.commits,
             static_cast<double>(x.total.bytes) / 1e6);
  fmt::print("{:<16} {:>9} {:>8} {:>10} {:>14} {:>8}\n", "worker", "steps", "commits", "computing",
             "communicating", "waiting");
  constexpr std::size_t most = 40; // what a person reads; summary.json has all
  for (const auto& worker : std::span{x.workers}.first(std::min(most, x.workers.size()))) {
    const auto& p = worker.progress;
    const auto share = worker.lifetime > 0 ? 100 / worker.lifetime : 0;
    fmt::print("{:<16} {:>9} {:>8} {:>8.1f} % {:>12.1f} % {:>6.1f} %{}\n", worker.name, p.steps,
               p.commits, p.compute * share, p.communicate * share, p.wait * share,
               worker.left ? "  left" : "");
  }
  if (x.workers.size() > most)
    fmt::print("and {} more\n", x.workers.size() - most);
  if (x.rollbacks > 0)
    fmt::print("returned {} times to an earlier state because the loss had diverged\n",
               x.rollbacks);
  fmt::print("files in {}\n", directory.path().string());
}

int run_job(const run_arguments& x, time_kind how) try {
  const auto plan = job_from(x.config);
  if (!plan)
    return bad_input;
  if (how == time_kind::virtual_time && !can_be_simulated(*plan))
    return bad_input;
  const auto data = data_from(plan->data);
  if (!data)
    return bad_input;
  const signal_guard signals;
  auto directory = std::make_shared<run_directory>(run_directory::create(
      *plan, x.out ? std::optional<std::filesystem::path>{*x.out} : std::nullopt));
  progress_printer progress{
      stderr,
      isatty(STDERR_FILENO) == 1,
      x.quiet,
      {plan->max_time, plan->max_steps, std::string{sync::to_string(plan->sync.policy)}}};
  const auto done = train(*plan, data, directory, how, progress, signals);
  const auto& end = done.result;
  print_result(*plan, end, *directory);
  if (end.reason == end_reason::failed)
    print_error(end.text);
  if (!done.trouble.empty())
    print_error(done.trouble);
  if (end.reason == end_reason::failed || !done.trouble.empty())
    return failed;
  return end.reason == end_reason::interrupted ? interrupted : success;
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
