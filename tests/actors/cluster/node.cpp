// A node and its lease: whom it waits for, when it takes itself for the one that stood still, and
// what it does when it is cut off from shards.
#include "actors/cluster/node.hpp"
#include "actors/clock/actor_time.hpp"
#include "tests/actors/worker/worker_neighbours.hpp"
#include "tests/mock.hpp"
#include "tests/virtual_time.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>

using namespace adsp;

namespace {

constexpr double lease = 10;

/// Admits whoever comes, and then asks after nobody.
test::mock<registrar_actor> silent_registrar(caf::event_based_actor*) {
  return {[](const hello&, const node_actor&) { return admitted{lease}; }};
}

struct fixture {
  explicit fixture(std::vector<worker_plan> workers = {}) {
    auto setup = std::make_shared<node_setup>();
    setup->self.node = "a";
    setup->self.serves = workers.empty();
    setup->plan = plan;
    setup->workers = std::move(workers);
    setup->train = std::shared_ptr<const learning::dataset>{data, &data->train};
    setup->registrar = world.own(spawn_mock(world.system, silent_registrar));
    setup->log = [](const std::string&) {};
    setup->rights = std::make_shared<adsp::access>(world.system.node(), [](const std::string&) {});
    x = world.own(world.system.spawn(node, std::move(setup)));
    world.self->monitor(x);
    world.settle();
  }

  bool ended(const caf::error& why = ec::not_reached) {
    bool down = false;
    world.self->receive(
        [&](const caf::down_msg& message) {
          CHECK(message.reason == why);
          down = true;
        },
        caf::after(std::chrono::seconds{0}) >> [] {});
    return down;
  }

  /// No message is handled and no timer fires for so long.
  void stand_still(double seconds) {
    world.coordinator.clock().current_time += to_duration(seconds);
    world.advance(0);
  }

  const job plan = test::tiny_job(sync::policy_kind::tap, {1});
  const std::shared_ptr<const learning::train_and_test> data = test::tiny_data();
  test::virtual_time world;
  node_actor x;
};

/// Its worker trains, a step and a commit a second.
struct at_work : fixture {
  at_work() : fixture{workers_of_node(test::tiny_job(sync::policy_kind::tap, {1}), "w0")} {
    for (const auto& range : plan_shards(test::tiny_parameters, plan.ps.shard_size))
      shards.push_back(world.own(spawn_mock(
          world.system, test::mock_shard, static_cast<shard_id>(shards.size()), range.size, seen)));
    const auto boss = world.own(spawn_mock(world.system, test::mock_scheduler, seen));
    world.self->send(x, work{boss, shards, {}});
    world.advance(3.5);
    REQUIRE(seen->pushes.size() == 3 * shards.size());
  }

  void lose_shards() {
    for (const auto& shard : shards)
      caf::anon_send_exit(shard, caf::exit_reason::remote_link_unreachable);
    world.settle();
  }

  /// Time passes, and the scheduler is heard of.
  void wait_leases(double leases) {
    for (double left = leases; left > 0; left -= 0.25) {
      world.advance(lease / 4);
      world.self->send(x, alive_atom::value);
      world.settle();
    }
    for (bool more = true; more;)
      world.self->receive([](alive_atom) {},
                          caf::after(std::chrono::seconds{0}) >> [&] { more = false; });
  }

  std::vector<shard_actor> shards;
  std::shared_ptr<test::neighbours> seen = std::make_shared<test::neighbours>();
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a node that is not asked after for the lease ends its part") {
  world.advance(lease);
  CHECK_FALSE(ended());
  world.advance(lease / 2);
  CHECK(ended());
}

TEST_CASE_FIXTURE(fixture, "a node that is asked after goes on") {
  for (int i = 0; i < 10; ++i) {
    world.advance(lease / 2);
    CHECK(world.ask<alive_atom>(x, alive_atom::value));
  }
  CHECK_FALSE(ended());
}

TEST_CASE_FIXTURE(
    fixture, "a node that stood still itself, with all others or alone, waits for another lease") {
  stand_still(100 * lease);
  world.advance(lease);
  CHECK_FALSE(ended());
  world.advance(lease / 2);
  CHECK(ended());
}

TEST_CASE_FIXTURE(fixture, "shards are kept for six leases") {
  REQUIRE(world.ask<shard_actor>(x, host{0, copy_of(std::vector{1.0f}), {}}));
  world.advance(6 * lease);
  CHECK_FALSE(ended());
  world.advance(lease / 2);
  CHECK(ended());
}

TEST_CASE_FIXTURE(fixture, "a node ends its part when its work names actors that have ended") {
  world.self->send(x, work{scheduler_actor{}, std::vector<shard_actor>(2), {}});
  world.settle();
  CHECK(ended());
}

TEST_CASE_FIXTURE(at_work,
                  "a node that is cut off from shards takes its workers out of the job at "
                  "once, and begins anew when the scheduler has not said that it is over") {
  const auto reports = seen->reports.size();
  lose_shards();
  REQUIRE(seen->reports.size() == reports + 1); // the last
  CHECK(seen->reports.back().progress.steps == 3);
  wait_leases(1.25); // within which the scheduler knows whether they have died
  CHECK(seen->reports.size() == reports + 1);
  SUBCASE("it says nothing") {
    CHECK_FALSE(ended());
    wait_leases(0.25);
    CHECK(ended());
  }
  SUBCASE("it says that the job has failed") {
    CHECK_FALSE(ended());
    world.self->send(x, finish{false, "a shard is lost"});
    world.settle();
    CHECK(ended(ec::job_failed));
  }
}

TEST_CASE_FIXTURE(at_work, "shards that end after the workers end nothing") {
  CHECK(world.ask<report>(seen->joined, stop_atom::value));
  lose_shards();
  wait_leases(4);
  CHECK_FALSE(ended());
  world.self->send(x, finish{true, "done"});
  world.settle();
  CHECK(ended(caf::error{}));
}
