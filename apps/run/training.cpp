#include "apps/run/training.hpp"

#include "apps/config/config.hpp"
#include "apps/model/model_file.hpp"
#include "apps/run/follow.hpp"
#include "apps/run/recorder.hpp"
#include "apps/run/summary.hpp"

#include "actors/clock/system_config.hpp"
#include "actors/clock/virtual_run.hpp"
#include "actors/one_process.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace adsp::apps {

namespace {

/// Kills every actor of a job that will not end by itself; the actor system cannot end before them.
void abandon(const cluster& all, const recorder_actor& writer) {
  const auto end = [](const auto& x) {
    if (x)
      caf::anon_send_exit(x, caf::exit_reason::kill);
  };
  end(all.scheduler);
  end(all.evaluator);
  end(all.link);
  end(writer);
  std::for_each(all.shards.begin(), all.shards.end(), end);
  std::for_each(all.workers.begin(), all.workers.end(), end);
}

// -- real time ------------------------------------------------------------------------------------

outcome train_in_real_time(const job& plan, const data_ptr& data,
                           std::shared_ptr<run_directory> directory, progress_printer& progress,
                           const signal_guard& signals) {
  system_config config{drive::real_time};
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto writer = system.spawn(recorder, std::move(directory));
  const auto all = spawn_cluster(system, plan, data, writer, threads::many);
  outcome end;
  try {
    end.result = follow(self, all.scheduler, progress, signals);
  } catch (...) {
    abandon(all, writer);
    throw;
  }
  end.trouble = close_recorder(self, writer);
  return end;
}

// -- virtual time ---------------------------------------------------------------------------------

/// Runs all pending messages, then the next timeout, and so on.
class simulation {
public:
  simulation(caf::actor_system& system, const cluster& all, progress_printer& progress,
             const signal_guard& signals)
      : coordinator_{dynamic_cast<virtual_coordinator&>(system.scheduler())}, self_{system},
        all_{all}, progress_{progress}, signals_{signals} {}

  ~simulation() {
    coordinator_.clock().cancel_all();
    coordinator_.run();
  }

  /// Runs until `done()`. Throws std::runtime_error if nothing is left to run before that.
  template <class Done>
  void run_until(Done done) {
    if (!adsp::run_until(coordinator_, done, [this] { look_around(); }))
      throw std::runtime_error{"the simulation stands still: no actor has anything left to do"};
  }

private:
  /// After every timer: forwards an interrupt at once, and checks the wall clock from time to time.
  void look_around() {
    if (signals_.interrupted() && !std::exchange(asked_to_stop_, true)) {
      caf::anon_send(all_.scheduler, stop_atom::value);
      coordinator_.run();
    }
    if (--timers_to_look_ > 0)
      return;
    const auto time = std::chrono::steady_clock::now();
    // Reading the clock is expensive compared with fast timers, but not with slow ones.
    timers_ = time - last_look_ > poll_interval / 10 ? 1 : std::min(2 * timers_, most_timers);
    timers_to_look_ = timers_;
    last_look_ = time;
    if (time >= next_shown_)
      show(time);
  }

  /// Shows progress. The request does not affect the simulation.
  void show(std::chrono::steady_clock::time_point time) {
    next_shown_ = time + poll_interval;
    auto pending = self_->request(all_.scheduler, caf::infinite, status_atom::value);
    coordinator_.run();
    pending.receive([&](const job_status& x) { progress_.update(x); }, [](const caf::error&) {});
  }

  virtual_coordinator& coordinator_;
  caf::scoped_actor self_;
  const cluster& all_;
  progress_printer& progress_;
  const signal_guard& signals_;
  static constexpr int most_timers = 256;
  int timers_ = 1; ///< between two checks of the wall clock
  int timers_to_look_ = 1;
  std::chrono::steady_clock::time_point last_look_{};
  std::chrono::steady_clock::time_point next_shown_{};
  bool asked_to_stop_ = false;
};

/// Like `spawn_cluster`; if that throws, first ends the recorder, which would keep the system from
/// ending.
cluster spawn_in_virtual_time(caf::actor_system& system, const job& plan, const data_ptr& data,
                              const recorder_actor& writer) try {
  return spawn_cluster(system, plan, data, writer, threads::one);
} catch (...) {
  caf::anon_send_exit(writer, caf::exit_reason::kill);
  dynamic_cast<virtual_coordinator&>(system.scheduler()).run();
  throw;
}

outcome train_in_virtual_time(const job& plan, const data_ptr& data,
                              std::shared_ptr<run_directory> directory, progress_printer& progress,
                              const signal_guard& signals) {
  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  auto writer = system.spawn(recorder, std::move(directory));
  const auto all = spawn_in_virtual_time(system, plan, data, writer);
  std::optional<outcome> end;
  std::string failure;
  bool written = false;
  system.spawn<caf::hidden>(
      [&](caf::event_based_actor* self, const scheduler_actor& boss) {
        self->request(boss, caf::infinite, result_atom::value)
            .then(
                [&, self](job_result& result) {
                  end.emplace(outcome{std::move(result), {}});
                  self->request(writer, caf::infinite, stop_atom::value)
                      .then([&] { written = true; },
                            [&](const caf::error& why) {
                              end->trouble = to_text(why);
                              written = true;
                            });
                },
                [&](const caf::error& why) { failure = to_text(why); });
      },
      all.scheduler);
  simulation world{system, all, progress, signals};
  try {
    world.run_until([&] { return written || !failure.empty(); });
    if (!end)
      throw std::runtime_error{"the scheduler gives no result: " + failure};
  } catch (...) {
    abandon(all, writer);
    throw;
  }
  return std::move(*end);
}

saved_model model_of(const job& plan, const learning::train_and_test& data,
                     const job_result& result) {
  saved_model x;
  x.model = plan.model;
  x.data = plan.data;
  x.prepared = data.prepared;
  x.input = learning::input_of(data.train);
  x.classes = data.train.classes;
  x.steps = result.total.steps;
  x.loss = result.last.loss;
  x.accuracy = result.last.accuracy;
  for (const auto& block : result.parameters)
    x.parameters.insert(x.parameters.end(), block.values().begin(), block.values().end());
  x.tensors = make_model(x, "the trained model")->tensors();
  return x;
}

} // namespace

outcome train(const job& plan, const data_ptr& data,
              const std::shared_ptr<run_directory>& directory, time_kind how,
              progress_printer& progress, const signal_guard& signals) {
  directory->write_config(to_toml(plan));
  const auto run = how == time_kind::real ? train_in_real_time : train_in_virtual_time;
  auto end = run(plan, data, directory, progress, signals);
  progress.finish();
  write_outcome(plan, *data, *directory, how, end);
  return end;
}

void write_outcome(const job& plan, const learning::train_and_test& data, run_directory& directory,
                   time_kind how, outcome& end) {
  // A file that cannot be written must not prevent the others.
  const auto attempt = [&](auto write) {
    try {
      write();
    } catch (const std::exception& error) {
      end.trouble += (end.trouble.empty() ? "" : "; ") + std::string{error.what()};
    }
  };
  const auto& result = end.result;
  if (!result.parameters.empty())
    attempt([&] { save_model(directory.model_path(), model_of(plan, data, result)); });
  attempt(
      [&] { directory.write_summary(summary_json(plan, result, how == time_kind::virtual_time)); });
}

std::string ending(const job& plan, const job_result& result) {
  const bool aimed = plan.evaluation.target_loss > 0 || plan.evaluation.target_accuracy > 0;
  const auto* missed = aimed ? ", target not reached" : "";
  switch (result.reason) {
  case end_reason::target_reached:
    return fmt::format("target reached after {:.1f} s", result.time_to_target);
  case end_reason::max_time:
    return fmt::format("ended at job.max_time after {:.1f} s{}", result.duration, missed);
  case end_reason::max_steps:
    return fmt::format("ended at job.max_steps after {:.1f} s{}", result.duration, missed);
  case end_reason::interrupted:
    return fmt::format("interrupted after {:.1f} s", result.duration);
  case end_reason::failed:
    break;
  }
  return fmt::format("failed after {:.1f} s", result.duration);
}

} // namespace adsp::apps
