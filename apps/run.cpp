// `adsp run`: spawns the topology, shows progress until the job ends, writes what was learnt.
#include "apps/commands.hpp"
#include "apps/config.hpp"
#include "apps/inputs.hpp"
#include "apps/model_file.hpp"
#include "apps/progress.hpp"
#include "apps/recorder.hpp"
#include "apps/run_directory.hpp"
#include "apps/signals.hpp"
#include "apps/summary.hpp"

#include "actors/cluster.hpp"
#include "messages/system_config.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <unistd.h>

namespace adsp::apps {

namespace {

using data_ptr = std::shared_ptr<const learning::train_and_test>;

/// How often the progress is drawn and a signal is looked for.
constexpr std::chrono::milliseconds poll_interval{100};

/// How long the scheduler may take to show its status.
constexpr std::chrono::seconds status_timeout{60};

/// Shows progress and passes an interrupt on until the scheduler says that training has ended.
void watch(caf::scoped_actor& self, const cluster& all, progress_printer& progress,
           const signal_guard& signals) {
  bool asked_to_stop = false;
  for (bool ended = false; !ended;) {
    if (signals.interrupted() && !std::exchange(asked_to_stop, true))
      self->send(all.scheduler, stop_atom::value);
    self->request(all.scheduler, status_timeout, status_atom::value)
        .receive(
            [&](const job_status& x) {
              progress.update(x);
              ended = x.ended;
            },
            [&](const caf::error& why) {
              throw std::runtime_error{"the scheduler does not answer: " + to_text(why)};
            });
    if (!ended)
      std::this_thread::sleep_for(poll_interval);
  }
  progress.finish();
}

/// Ends every actor of a job that cannot be waited for; an actor system does not end before them.
void abandon(caf::scoped_actor& self, const cluster& all) {
  const auto end = [&](const auto& x) { self->send_exit(x, caf::exit_reason::kill); };
  end(all.scheduler);
  end(all.evaluator);
  std::for_each(all.shards.begin(), all.shards.end(), end);
  std::for_each(all.workers.begin(), all.workers.end(), end);
}

/// How a job ended, and what could not be written of it meanwhile.
struct outcome {
  job_result result;
  std::string trouble;
};

/// Runs the job to its end; then all rows are on disk, or `trouble` says why not.
outcome train(const job& plan, const data_ptr& data, std::shared_ptr<run_directory> directory,
              bool quiet, const signal_guard& signals) {
  system_config config{drive::real_time};
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto writer = system.spawn(recorder, std::move(directory));
  const auto all = spawn_cluster(system, plan, data, writer);
  progress_printer progress{
      stderr,
      isatty(STDERR_FILENO) == 1,
      quiet,
      {plan.max_time, plan.max_steps, std::string{sync::to_string(plan.sync.policy)}}};
  outcome end;
  try {
    watch(self, all, progress, signals);
    self->request(all.scheduler, caf::infinite, result_atom::value)
        .receive([&](job_result& x) { end.result = std::move(x); },
                 [&](const caf::error& why) {
                   throw std::runtime_error{"the scheduler gives no result: " + to_text(why)};
                 });
  } catch (...) {
    abandon(self, all);
    self->send_exit(writer, caf::exit_reason::kill);
    throw;
  }
  self->request(writer, status_timeout, stop_atom::value)
      .receive([] {}, [&](const caf::error& why) { end.trouble = to_text(why); });
  return end;
}

saved_model model_of(const job& plan, const learning::train_and_test& data,
                     const job_result& result) {
  saved_model x;
  x.model = plan.model;
  x.data = plan.data;
  x.features = static_cast<std::uint64_t>(data.train.features.rows());
  x.classes = data.train.classes;
  x.steps = result.total.steps;
  x.loss = result.last.loss;
  x.accuracy = result.last.accuracy;
  for (const auto& block : result.parameters)
    x.parameters.insert(x.parameters.end(), block.values().begin(), block.values().end());
  return x;
}

std::string ending(const job_result& x) {
  switch (x.reason) {
  case end_reason::target_reached:
    return fmt::format("target reached after {:.1f} s", x.time_to_target);
  case end_reason::max_time:
    return fmt::format("ended at job.max_time after {:.1f} s", x.duration);
  case end_reason::max_steps:
    return fmt::format("ended at job.max_steps after {:.1f} s", x.duration);
  case end_reason::interrupted:
    return fmt::format("interrupted after {:.1f} s", x.duration);
  case end_reason::failed:
    break;
  }
  return fmt::format("failed after {:.1f} s", x.duration);
}

void print_result(const job& plan, const job_result& x, const run_directory& directory) {
  fmt::print("{}: {}\n", sync::to_string(plan.sync.policy), ending(x));
  if (x.evaluations > 0)
    fmt::print("loss {:.4f}, accuracy {:.2f} %, ", x.last.loss, 100 * x.last.accuracy);
  fmt::print("{} steps, {} commits, {:.1f} MB moved\n", x.total.steps, x.total.commits,
             static_cast<double>(x.total.bytes) / 1e6);
  fmt::print("{:<16} {:>9} {:>8} {:>10} {:>14} {:>8}\n", "worker", "steps", "commits", "computing",
             "communicating", "waiting");
  for (const auto& worker : x.workers) {
    const auto& p = worker.progress;
    const auto share = worker.lifetime > 0 ? 100 / worker.lifetime : 0;
    fmt::print("{:<16} {:>9} {:>8} {:>8.1f} % {:>12.1f} % {:>6.1f} %{}\n", worker.name, p.steps,
               p.commits, p.compute * share, p.communicate * share, p.wait * share,
               worker.left ? "  left" : "");
  }
  fmt::print("files in {}\n", directory.path().string());
}

} // namespace

int run_command(const run_arguments& x) try {
  const auto plan = job_from(x.config);
  if (!plan)
    return bad_input;
  const auto data = data_from(plan->data);
  if (!data)
    return bad_input;
  const signal_guard signals;
  auto directory = std::make_shared<run_directory>(run_directory::create(
      *plan, x.out ? std::optional<std::filesystem::path>{*x.out} : std::nullopt));
  directory->write_config(to_toml(*plan));
  auto done = train(*plan, data, directory, x.quiet, signals);
  // One file that cannot be written must not cost the others.
  const auto attempt = [&](auto write) {
    try {
      write();
    } catch (const std::exception& error) {
      done.trouble += (done.trouble.empty() ? "" : "; ") + std::string{error.what()};
    }
  };
  const auto& end = done.result;
  if (!end.parameters.empty())
    attempt([&] { save_model(directory->model_path(), model_of(*plan, *data, end)); });
  attempt([&] { directory->write_summary(summary_json(*plan, end, false)); });
  print_result(*plan, end, *directory);
  if (end.reason == end_reason::failed)
    print_error(end.text);
  if (!done.trouble.empty())
    print_error(done.trouble);
  if (end.reason == end_reason::failed || !done.trouble.empty())
    return failed;
  return end.reason == end_reason::interrupted ? interrupted : success;
} catch (const learning::data_error& error) {
  print_error(error.what());
  return bad_input;
} catch (const std::invalid_argument& error) {
  print_error(error.what());
  return bad_input;
} catch (const std::exception& error) {
  print_error(error.what());
  return failed;
}

} // namespace adsp::apps
