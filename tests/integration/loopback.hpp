// A cluster of several actor systems in this process that reach each other over loopback TCP alone,
// as the processes of `adsp node` do.
#pragma once

#include "actors/clock/system_config.hpp"
#include "actors/cluster/node.hpp"
#include "actors/cluster/registrar.hpp"
#include "actors/one_process.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/integration/recording.hpp"
#include "tests/integration/shared_settings.hpp"
#include "tests/mock.hpp"
#include "tests/slowness.hpp"
#include "transport/gateway.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace adsp::test {

/// No test waits longer for anything; nothing is expected to take that long.
inline constexpr std::chrono::seconds patience{40 * sanitizers::slowness};

/// Whether `reached()` comes true in time; the time is that in which it could look.
template <class Predicate>
bool comes_true(Predicate reached) {
  constexpr std::chrono::milliseconds pause{1};
  for (std::chrono::milliseconds left = patience; !reached(); left -= pause) {
    if (left.count() <= 0)
      return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

/// Lines that nodes log.
class log_book {
public:
  void add(const std::string& line) {
    const std::lock_guard lock{mutex_};
    lines_.push_back(line);
  }

  bool holds(const std::string& part) const {
    const std::lock_guard lock{mutex_};
    return std::ranges::any_of(
        lines_, [&](const auto& line) { return line.find(part) != std::string::npos; });
  }

  /// Waits until it holds the part.
  bool comes(const std::string& part) const {
    return comes_true([&] { return holds(part); });
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct networked_config : system_config {
  networked_config() : system_config{drive::real_time} { transport::configure(*this); }
};

/// What a node of any kind is made of.
struct process {
  /// Without TLS, or with the certificate of `trust`.
  explicit process(transport::transport_options trust = {}) : trust_of_process{std::move(trust)} {}

  transport::transport_options trust_of_process;
  networked_config config;
  caf::actor_system system{config};
  std::shared_ptr<log_book> log = std::make_shared<log_book>();
  std::shared_ptr<transport::peers> peers = std::make_shared<transport::peers>();
  std::shared_ptr<access> rights = std::make_shared<access>(
      system.node(), [log = log](const std::string& line) { log->add(line); }, peers);
  transport::gateway gateway{system, options(), peers, rights};
  caf::scoped_actor self{system};

  transport::transport_options options() const {
    auto x = trust_of_process;
    x.log = [log = log](const std::string& line) { log->add(line); };
    return x;
  }

  /// The registrar of the scheduler's node at `port`.
  registrar_actor meet(std::uint16_t port) {
    auto found = gateway.connect<registrar_actor>({"127.0.0.1", port});
    REQUIRE(found);
    return *found;
  }
};

/// The scheduler's node.
struct head_process : process {
  head_process(const job& x, data_ptr data, transport::transport_options trust = {})
      : process{std::move(trust)} {
    writer = spawn_mock(system, recorder, seen);
    const auto model =
        learning::make_model(x.model, learning::input_of(data->train), data->train.classes);
    auto setup = std::make_shared<registrar_setup>();
    setup->plan = x;
    setup->settings = settings_of(x);
    setup->fingerprint = fingerprint_of(setup->settings);
    setup->initial = initial_parameters(x, *model);
    setup->begin = [this, x, data, parameters = setup->initial.size()](const auto& shards,
                                                                       const auto& ps_nodes) {
      return system.spawn(scheduler, std::make_shared<scheduler_setup>(scheduler_setup{
                                         .plan = x,
                                         .parameters = parameters,
                                         .shards = shards,
                                         .evaluator = spawn_evaluator(system, x, data, shards),
                                         .recorder = writer,
                                         .link = {},
                                         .start_with = x.cluster.start_with,
                                         .open = true,
                                         .ps_nodes = ps_nodes,
                                         .rights = rights}));
    };
    setup->plan.cluster.allow = {{"p*", {"ps"}}, {"w*", {"worker"}}, {"somebody", {"worker"}}};
    setup->log = [log = log](const std::string& line) { log->add(line); };
    setup->rights = rights;
    head = system.spawn(registrar, setup);
    const auto bound = gateway.publish(head, {"127.0.0.1", 0});
    REQUIRE(bound);
    port = *bound;
  }

  ~head_process() {
    caf::anon_send_exit(head, caf::exit_reason::kill);
    caf::anon_send_exit(writer, caf::exit_reason::kill);
    if (boss)
      caf::anon_send_exit(boss, caf::exit_reason::kill);
  }

  /// The scheduler, once every shard is there.
  const scheduler_actor& begun() {
    REQUIRE(comes_true([&] {
      if (!boss)
        self->request(head, patience, status_atom::value)
            .receive([&](const std::string&, const scheduler_actor& x) { boss = x; },
                     [](const caf::error& why) { FAIL(to_text(why)); });
      return bool{boss};
    }));
    return boss;
  }

  job_status status() {
    job_status now;
    self->request(begun(), patience, status_atom::value)
        .receive([&](const job_status& x) { now = x; },
                 [](const caf::error& why) { FAIL(to_text(why)); });
    return now;
  }

  /// Looks until `reached(status)`.
  template <class Predicate>
  void until(Predicate reached) {
    REQUIRE(comes_true([&] { return reached(status()); }));
  }

  job_result result() {
    job_result end;
    self->request(begun(), patience, result_atom::value)
        .receive([&](job_result& x) { end = std::move(x); },
                 [](const caf::error& why) { FAIL(to_text(why)); });
    return end;
  }

  void tell_finish() {
    self->request(head, patience, finish{true, "done"})
        .receive([] {}, [](const caf::error& why) { FAIL(to_text(why)); });
  }

  std::shared_ptr<recording> seen = std::make_shared<recording>();
  recorder_actor writer;
  registrar_actor head;
  scheduler_actor boss;
  std::uint16_t port = 0;
};

inline mock<port_marker_actor> port_marker(caf::event_based_actor*) {
  return {[](alive_atom) { return alive_atom::value; }};
}

/// Another node.
struct member_process : process {
  member_process(const job& x, std::string name, bool serves, bool works, const data_ptr& data = {},
                 transport::transport_options trust = {})
      : process{std::move(trust)} {
    setup.plan = x;
    setup.self.node = std::move(name);
    setup.self.serves = serves;
    setup.self.settings = settings_of(x);
    setup.self.fingerprint = fingerprint_of(setup.self.settings);
    if (works) {
      setup.workers = workers_of_node(x, setup.self.node);
      for (const auto& worker : setup.workers)
        setup.self.workers.push_back(worker.name);
      setup.train = {data, &data->train};
    }
    setup.log = [log = log](const std::string& line) { log->add(line); };
    setup.rights = rights;
    setup.begun = [trained = trained] { *trained = true; };
    if (serves) {
      entrance = spawn_mock(system, port_marker);
      const auto bound = gateway.publish(entrance, {"127.0.0.1", 0});
      REQUIRE(bound);
      setup.self.address = "127.0.0.1:" + std::to_string(*bound);
    }
  }

  ~member_process() {
    rights->when_dropped(nullptr);
    if (entrance)
      caf::anon_send_exit(entrance, caf::exit_reason::kill);
    if (part)
      caf::anon_send_exit(part, caf::exit_reason::kill);
  }

  /// Takes part in the job of the scheduler's node at `port`.
  void join(std::uint16_t port) {
    auto copy = std::make_shared<node_setup>(setup);
    copy->registrar = meet(port);
    copy->gateway = gateway.actor();
    part = system.spawn(node, copy);
    rights->when_dropped([from = part, to = copy->registrar](const caf::node_id& whom) {
      caf::send_as(from, to, dropped_atom::value, whom);
    });
    self->monitor(part);
  }

  /// Waits until it has logged this.
  void until(const std::string& part_of_line) const { REQUIRE(log->comes(part_of_line)); }

  /// Waits until a worker here has made a step.
  void until_trained() const {
    REQUIRE(comes_true([&] { return trained->load(); }));
  }

  /// Why its part has ended.
  caf::error end() {
    caf::error why;
    bool ended = false;
    self->receive(
        [&](const caf::down_msg& x) {
          why = x.reason;
          ended = true;
        },
        caf::after(patience) >> [] {});
    CHECK(ended);
    part = node_actor{};
    return why;
  }

  node_setup setup;
  std::shared_ptr<std::atomic<bool>> trained = std::make_shared<std::atomic<bool>>(false);
  port_marker_actor entrance;
  node_actor part;
};

inline job three_workers(sync::policy_kind policy) {
  auto x = test::tiny_job(policy, {0, 0, 0});
  x.cluster.ps_nodes = 2;
  return x;
}

/// A head, two nodes with the shards, one node a worker.
struct whole_cluster {
  explicit whole_cluster(const job& x, std::size_t workers = 3) : head{x, tiny_data()} {
    for (const auto* name : {"p0", "p1"})
      members.push_back(std::make_unique<member_process>(x, name, true, false));
    for (std::size_t i = 0; i < workers; ++i)
      members.push_back(
          std::make_unique<member_process>(x, "w" + std::to_string(i), false, true, tiny_data()));
    for (auto& each : members)
      each->join(head.port);
  }

  head_process head;
  std::vector<std::unique_ptr<member_process>> members;
};

} // namespace adsp::test
