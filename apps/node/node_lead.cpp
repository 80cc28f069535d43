// The node with the role scheduler: admits the others, leads the job, keeps its files.
#include "apps/config/config.hpp"
#include "apps/config/inputs.hpp"
#include "apps/config/node_settings.hpp"
#include "apps/node/node.hpp"
#include "apps/run/follow.hpp"
#include "apps/run/outcome.hpp"
#include "apps/run/recorder.hpp"
#include "apps/run/training.hpp"

#include "actors/cluster/registrar.hpp"
#include "actors/one_process.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "sync/policies.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

namespace adsp::apps {

namespace {

using clock = std::chrono::steady_clock;

/// The actors of the scheduler's node, ended with it.
struct leader_actors {
  explicit leader_actors(caf::actor_system& system) : self{system} {}
  ~leader_actors() {
    const auto end = [](const auto& actor) {
      if (actor)
        caf::anon_send_exit(actor, caf::exit_reason::kill);
    };
    end(node);
    end(registrar);
    end(scheduler);
    end(writer);
  }

  caf::scoped_actor self;
  recorder_actor writer;
  registrar_actor registrar;
  node_actor node; ///< of the roles ps and worker, if this node has them too
  scheduler_actor scheduler;
};

std::shared_ptr<registrar_setup> make_registrar(caf::actor_system& system, const node_plan& own,
                                                std::vector<float> initial,
                                                const neighbourhood& around,
                                                const recorder_actor& writer) {
  const auto parameters = initial.size();
  const auto rights = around.rights;
  auto setup = std::make_shared<registrar_setup>();
  setup->plan = own.plan;
  setup->settings = shared_settings(own.plan);
  setup->fingerprint = fingerprint_of(setup->settings);
  setup->initial = std::move(initial);
  setup->begin = [&system, &own, parameters, rights, writer](const auto& shards,
                                                             const auto& ps_nodes) {
    return system.spawn(scheduler,
                        std::make_shared<scheduler_setup>(scheduler_setup{
                            .plan = own.plan,
                            .parameters = parameters,
                            .shards = shards,
                            .evaluator = spawn_evaluator(system, own.plan, own.data, shards),
                            .recorder = writer,
                            .link = {},
                            .start_with = own.plan.cluster.start_with,
                            .open = true,
                            .ps_nodes = ps_nodes,
                            .rights = rights,
                            .log = log_line}));
  };
  setup->log = log_line;
  setup->rights = rights;
  return setup;
}

/// Says what the cluster waits for, each thing once, until there is nothing more.
class waiting_room {
public:
  waiting_room(leader_actors& all, const node_plan& own, const signal_guard& signals)
      : all_{all}, node_{own}, signals_{signals}, until_{clock::now() + limit(own.plan)} {}

  /// Waits until training has begun. Throws std::runtime_error after cluster.wait; false:
  /// interrupted.
  bool wait() {
    while (!signals_.interrupted()) {
      const auto text = missing();
      if (text.empty())
        return true;
      if (text != std::exchange(said_, text))
        log_progress(node_.quiet, "waiting for " + text);
      if (clock::now() > until_)
        throw std::runtime_error{
            fmt::format("waited {:.0f} s (cluster.wait) for {}", node_.plan.cluster.wait, text)};
      std::this_thread::sleep_for(poll_interval);
    }
    return false;
  }

private:
  static clock::duration limit(const job& plan) {
    return std::chrono::duration_cast<clock::duration>(
        std::chrono::duration<double>(std::min(plan.cluster.wait, 1e9)));
  }

  std::string missing() {
    std::string text;
    all_.self->request(all_.registrar, status_timeout, status_atom::value)
        .receive(
            [&](std::string& waits_for, const scheduler_actor& scheduler) {
              text = std::move(waits_for);
              all_.scheduler = scheduler;
            },
            [](const caf::error& why) { throw std::runtime_error{to_text(why)}; });
    if (!all_.scheduler)
      return text;
    const auto wanted = node_.plan.cluster.start_with > 0 ? node_.plan.cluster.start_with
                                                          : node_.plan.starting_count();
    all_.self->request(all_.scheduler, status_timeout, status_atom::value)
        .receive(
            [&](const job_status& status) {
              const bool begun = status.seconds > 0 || status.ended || status.workers >= wanted;
              text =
                  begun ? "" : fmt::format("workers: {} of {} are there", status.workers, wanted);
            },
            [](const caf::error& why) { throw std::runtime_error{to_text(why)}; });
    return text;
  }

  leader_actors& all_;
  const node_plan& node_;
  const signal_guard& signals_;
  clock::time_point until_;
  std::string said_;
};

/// Removes what it has put into a run directory when no job has begun that would fill it, and the
/// directory, if it was not there before.
class unused_directory {
public:
  unused_directory(std::filesystem::path path, bool was_there)
      : path_{std::move(path)}, was_there_{was_there} {}
  unused_directory(const unused_directory&) = delete;
  unused_directory& operator=(const unused_directory&) = delete;
  ~unused_directory() {
    std::error_code ignored;
    if (path_.empty())
      return;
    if (!was_there_) {
      std::filesystem::remove_all(path_, ignored);
      return;
    }
    std::error_code at_end; // it was empty: all in it is this run's
    for (std::filesystem::directory_iterator each{path_, at_end}, end; !at_end && each != end;
         each.increment(at_end))
      std::filesystem::remove_all(each->path(), ignored);
  }
  void keep() { path_.clear(); }

private:
  std::filesystem::path path_;
  bool was_there_;
};

void tell_nodes(leader_actors& all, bool success, const std::string& text) {
  all.self->request(all.registrar, status_timeout, finish{success, text})
      .receive([] {}, [](const caf::error&) {});
}

} // namespace

int lead(caf::actor_system& system, neighbourhood& around, const node_plan& own,
         const node_arguments& how, const signal_guard& signals) {
  const auto model = learning::make_model(own.plan.model, learning::input_of(own.data->train),
                                          own.data->train.classes);
  auto initial = initial_parameters(own.plan, *model);
  check_placement(own.plan, initial.size());
  const bool was_there = how.out && std::filesystem::exists(*how.out);
  auto directory = std::make_shared<run_directory>(run_directory::create(
      own.plan, how.out ? std::optional<std::filesystem::path>{*how.out} : std::nullopt));
  unused_directory unused{directory->path(), was_there};
  directory->write_config(to_toml(own.plan));
  leader_actors all{system};
  all.writer = system.spawn(recorder, directory);
  all.registrar =
      system.spawn(registrar, make_registrar(system, own, std::move(initial), around, all.writer));
  open_port(around.gateway, all.registrar, own);
  log_settings(own);
  if (own.serves || own.works) {
    auto setup = make_node_setup(own, around);
    setup->registrar = all.registrar;
    all.node = system.spawn(node, std::move(setup));
  }
  try {
    if (!waiting_room{all, own, signals}.wait() && !all.scheduler) {
      tell_nodes(all, true, "interrupted");
      return interrupted;
    }
  } catch (const std::exception& error) {
    tell_nodes(all, false, error.what());
    throw;
  }
  unused.keep();
  progress_printer progress{
      stderr,
      isatty(STDERR_FILENO) == 1,
      own.quiet,
      {own.plan.max_time, own.plan.max_steps, std::string{sync::to_string(own.plan.sync.policy)}}};
  outcome end;
  end.result = follow(all.self, all.scheduler, progress, signals,
                      [&] { all.self->send(all.registrar, stop_atom::value); });
  end.trouble = close_recorder(all.self, all.writer);
  progress.finish();
  write_outcome(own.plan, *own.data, *directory, time_kind::real, end);
  tell_nodes(all, end.result.reason != end_reason::failed, end.result.text);
  return show_outcome(own.plan, end, *directory);
}

} // namespace adsp::apps
