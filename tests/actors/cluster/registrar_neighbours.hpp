// Mock neighbours of the registrar: nodes that are other processes to it, and the scheduler. All
// live in one actor system; a node's process is an id that its actor is made with.
#pragma once

#include "actors/cluster/registrar.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/mock.hpp"
#include "tests/transport/frames.hpp"
#include "tests/virtual_time.hpp"

#include <caf/make_actor.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace adsp::test {

/// What a mock node says and what it has been told.
struct node_account {
  hello greeting;
  bool silent = false;        ///< it does not answer whether it is alive
  bool gives_nothing = false; ///< no shard where it is to host one
  bool deaf = false;          ///< it does not answer that the job is over
  std::optional<double> lease;
  caf::error refused;
  std::vector<host> hosted;
  std::vector<shard_actor> shards; ///< hosted; end with the node
  std::vector<caf::node_id> revoked;
  std::optional<std::vector<std::string>> addresses; ///< with the work
  scheduler_actor scheduler;
  std::optional<finish> end;
};

inline mock<shard_actor> idle_shard(caf::event_based_actor*) {
  return {[](keep_atom) { FAIL("not from the registrar"); }};
}

/// From the test: `check` has it say hello, `leave` ask to leave, `cut_off` end in peace.
class mock_node : public caf::event_based_actor {
public:
  mock_node(caf::actor_config& x, registrar_actor to, std::shared_ptr<node_account> account)
      : caf::event_based_actor{x}, to_{std::move(to)}, seen_{std::move(account)} {}

  void on_exit() override {
    for (const auto& x : seen_->shards)
      send_exit(x, caf::exit_reason::kill);
  }

  caf::behavior make_behavior() override {
    return mock<node_actor>{
        [this](alive_atom) -> caf::result<alive_atom> {
          if (seen_->silent)
            return make_response_promise<alive_atom>();
          return alive_atom::value;
        },
        [this](check_atom) { say_hello(); },
        [this](cut_off_atom) { quit(); },
        [this](const host& x) -> caf::result<shard_actor> {
          seen_->hosted.push_back(x);
          if (seen_->gives_nothing)
            return shard_actor{};
          seen_->shards.push_back(spawn_mock(system(), idle_shard));
          return seen_->shards.back();
        },
        [this](revoke_atom, const caf::node_id& x) { seen_->revoked.push_back(x); },
        [this](const work& given) {
          seen_->scheduler = given.scheduler;
          seen_->addresses = given.addresses;
        },
        [this](const finish& x) -> caf::result<void> {
          seen_->end = x;
          if (seen_->deaf)
            return make_response_promise<void>();
          return caf::unit;
        },
        [this](leave_atom) { send(to_, leave_atom::value, handle()); },
    }
        .start(this);
  }

private:
  node_actor handle() { return caf::actor_cast<node_actor>(this); }

  void say_hello() {
    seen_->refused = caf::none;
    request(to_, caf::infinite, seen_->greeting, handle())
        .then([this](const admitted& answer) { seen_->lease = answer.lease; },
              [this](const caf::error& why) { seen_->refused = why; });
  }

  registrar_actor to_;
  std::shared_ptr<node_account> seen_;
};

/// What the mock scheduler was told.
struct scheduler_account {
  std::vector<caf::node_id> lost;
  std::vector<std::string> stopped; ///< why
};

inline mock<scheduler_actor> mock_scheduler(caf::event_based_actor*,
                                            const std::shared_ptr<scheduler_account>& seen) {
  return {
      [=](lost_atom, const caf::node_id& x) { seen->lost.push_back(x); },
      [=](stop_atom, const std::string& why) { seen->stopped.push_back(why); },
  };
}

/// A node in the test's hands.
struct visitor {
  caf::node_id id;
  transport::peers::number connection = 0;
  std::shared_ptr<node_account> account = std::make_shared<node_account>();
  node_actor handle;

  node_account* operator->() const { return account.get(); }
};

/// A registrar of a job of two shards over `ps_nodes` nodes. Nodes p* may have shards, both* may have
/// shards and workers, w* and a* workers.
struct registrar_fixture {
  static constexpr double lease = 10;

  explicit registrar_fixture(std::uint32_t ps_nodes = 1) {
    auto setup = std::make_shared<registrar_setup>();
    setup->plan = tiny_job(sync::policy_kind::tap, {1});
    setup->plan.cluster.ps_nodes = ps_nodes;
    setup->plan.cluster.lease = lease;
    setup->settings = settings;
    setup->fingerprint = fingerprint;
    setup->initial = std::vector<float>{0, 1, 2, 3, 4, 5};
    setup->begin = [this](const auto& shards, const auto& ps_nodes) {
      ++begun;
      CHECK(shards.size() == 2);
      CHECK(std::ranges::all_of(shards, [](const auto& x) { return bool{x}; }));
      ps_nodes_of_job = ps_nodes.size();
      return world.own(spawn_mock(world.system, mock_scheduler, of_scheduler));
    };
    setup->plan.cluster.allow = {
        {"both*", {"ps", "worker"}}, {"p*", {"ps"}}, {"w*", {"worker"}}, {"a*", {"worker"}}};
    setup->log = [this](const std::string& line) { lines.push_back(line); };
    setup->rights = rights;
    head = world.own(world.system.spawn(registrar, std::move(setup)));
    world.settle();
  }
  ~registrar_fixture() { rights->when_dropped(nullptr); }

  /// A node that has said nothing yet, in a process of its own, at the end of a connection without
  /// TLS.
  visitor arrive(hello greeting) {
    visitor v;
    v.id = frames::somebody{++processes, 3}.id();
    v.connection = connect(v.id, "");
    greeting.settings = settings;
    greeting.fingerprint = fingerprint;
    v->greeting = std::move(greeting);
    caf::actor_config config;
    caf::scoped_execution_unit context{&world.system};
    config.host = &context;
    v.handle = caf::actor_cast<node_actor>(caf::make_actor<mock_node>(
        world.system.next_actor_id(), v.id, &world.system, config, head, v.account));
    caf::actor_cast<mock_node*>(v.handle)->launch(&context, false, false);
    world.own(v.handle);
    return v;
  }
  visitor worker(const std::string& name) {
    hello x;
    x.node = name;
    x.workers = {name};
    return arrive(std::move(x));
  }
  visitor ps(const std::string& name) {
    hello x;
    x.node = name;
    x.serves = true;
    x.address = name + ":7000";
    return arrive(std::move(x));
  }

  /// A connection of that process by a certificate of this name.
  transport::peers::number connect(const caf::node_id& process, const std::string& certificate) {
    const auto options = std::make_shared<transport::transport_options>();
    const auto number = all->arrive(std::make_shared<transport::connection_closer>(options, -1),
                                    transport::side::accepting, {});
    REQUIRE_FALSE(all->claim(number, process, {certificate}));
    return number;
  }

  /// It says hello; whether it is admitted.
  bool join(const visitor& v) {
    v->lease.reset();
    caf::anon_send(v.handle, check_atom::value);
    world.settle();
    return v->lease.has_value();
  }
  visitor joined(visitor v) {
    REQUIRE(join(v));
    return v;
  }

  /// Its connection ends.
  void lose(const visitor& v) {
    caf::anon_send_exit(v.handle, caf::exit_reason::remote_link_unreachable);
    world.settle();
  }

  /// It ends after a good-bye.
  void part(const visitor& v) {
    caf::anon_send(v.handle, cut_off_atom::value);
    world.settle();
  }

  /// What it says that the cluster waits for.
  std::string waiting_for() {
    std::string text;
    auto pending = world.self->request(head, caf::infinite, status_atom::value);
    world.settle();
    pending.receive([&](std::string& found, const scheduler_actor&) { text = std::move(found); },
                    [](const caf::error& why) { FAIL(to_text(why)); });
    return text;
  }

  bool logged(const std::string& line) const {
    return std::ranges::find(lines, line) != lines.end();
  }

  const std::vector<setting> settings = {{"job.name", "tiny"}, {"sync.policy", "tap"}};
  static constexpr std::uint64_t fingerprint = 0x0123456789abcdef;
  std::vector<std::string> lines;
  int begun = 0; ///< times the job was
  std::size_t ps_nodes_of_job = 0;
  std::uint32_t processes = 0;
  std::shared_ptr<scheduler_account> of_scheduler = std::make_shared<scheduler_account>();
  virtual_time world;
  std::shared_ptr<transport::peers> all = std::make_shared<transport::peers>();
  std::shared_ptr<access> rights = std::make_shared<access>(
      world.system.node(), [this](const std::string& line) { lines.push_back(line); }, all);
  registrar_actor head;
};

} // namespace adsp::test
