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

/// What training left: a row that could not be written takes nothing from what was learnt.
struct trained {
  job_result result;
  std::string rows_trouble; ///< why rows are missing on disk; empty when none are
};

/// Runs the job to its end. Throws std::runtime_error when it has no result.
trained train(const job& plan, const data_ptr& data, std::shared_ptr<run_directory> directory,
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
  watch(self, all, progress, signals);
  trained done;
  std::string no_result;
  self->request(all.scheduler, caf::infinite, result_atom::value)
      .receive([&](job_result& x) { done.result = std::move(x); },
               [&](const caf::error& why) { no_result = "no result: " + to_text(why); });
  self->request(writer, status_timeout, stop_atom::value)
      .receive([] {}, [&](const caf::error& why) { done.rows_trouble = to_text(why); });
  if (!no_result.empty())
    throw std::runtime_error{no_result};
  return done;
}

saved_model model_of(const job& plan, const learning::train_and_test& data,
                     const job_result& result) {
  saved_model x;
  x.model = plan.model;
  x.data = plan.data;
  x.features = static_cast<std::uint64_t>(data.train.features.rows());
  x.classes = data.train.classes;
  x.steps = result.last.steps;
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
  fmt::print("loss {:.4f}, accuracy {:.2f} %, {} steps, {} commits, {:.1f} MB moved\n", x.last.loss,
             100 * x.last.accuracy, x.last.steps, x.last.commits,
             static_cast<double>(x.last.bytes) / 1e6);
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

/// Does one part of the ending; whether it went well, else the error is printed.
template <class Part>
bool try_to(Part part) try {
  part();
  return true;
} catch (const std::exception& error) {
  print_error(error.what());
  return false;
}

/// Writes and shows how the job ended; each part is tried whatever becomes of the others.
int conclude(const job& plan, const learning::train_and_test& data, const trained& done,
             run_directory& directory) {
  const auto& result = done.result;
  bool written = done.rows_trouble.empty();
  if (!written)
    print_error(done.rows_trouble);
  if (!result.parameters.empty())
    written &= try_to([&] { save_model(directory.model_path(), model_of(plan, data, result)); });
  written &= try_to([&] { directory.write_summary(summary_json(plan, result, false)); });
  print_result(plan, result, directory);
  if (result.reason == end_reason::failed)
    print_error(result.text);
  if (!written || result.reason == end_reason::failed)
    return failed;
  return result.reason == end_reason::interrupted ? interrupted : success;
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
  return conclude(*plan, *data, train(*plan, data, directory, x.quiet, signals), *directory);
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
