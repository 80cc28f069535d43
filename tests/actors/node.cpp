// A node and its lease: whom it waits for, and when it takes itself for the one that stood still.
#include "actors/node.hpp"
#include "actors/actor_time.hpp"
#include "tests/virtual_time.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>

using namespace adsp;

namespace {

constexpr double lease = 10;

/// Admits whoever comes, and then asks after nobody.
registrar_actor::behavior_type silent_registrar(registrar_actor::pointer, int) {
  return {
      [](const hello&) { return challenge{"bytes"}; },
      [](const proof&, const node_actor&) { return lease; },
      [](gone_atom, const caf::node_id&) { FAIL("nobody is gone"); },
      [](check_atom) {},
      [](status_atom) -> caf::result<std::string, scheduler_actor> {
        return {std::string{}, scheduler_actor{}};
      },
      [](leave_atom, const node_actor&) { FAIL("nobody leaves"); },
      [](stop_atom) {},
      [](const finish&) { return alive_atom::value; },
  };
}

struct fixture {
  fixture() {
    auto setup = std::make_shared<node_setup>();
    setup->self.node = "a";
    setup->self.serves = true;
    setup->registrar = world.own(world.system.spawn(silent_registrar, 0));
    setup->sign = [](const std::string&, const std::string&) { return std::string{}; };
    setup->bindings = [](const caf::node_id&) { return std::vector<std::string>{}; };
    setup->log = [](const std::string&) {};
    setup->rights = std::make_shared<adsp::access>(world.system.node(), [](const std::string&) {});
    x = world.own(world.system.spawn(node, std::move(setup)));
    world.self->monitor(x);
    world.settle();
  }

  bool ended() {
    bool down = false;
    world.self->receive(
        [&](const caf::down_msg& message) {
          CHECK(message.reason == ec::not_reached);
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

  test::virtual_time world;
  node_actor x;
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
  REQUIRE(world.ask<shard_actor>(x, host{0, copy_of(std::vector{1.0f}), 1, 0}));
  world.advance(6 * lease);
  CHECK_FALSE(ended());
  world.advance(lease / 2);
  CHECK(ended());
}

TEST_CASE_FIXTURE(fixture, "work with actors that are not there is none") {
  world.self->send(x, scheduler_actor{}, std::vector<shard_actor>(2), std::vector<std::string>{});
  world.settle();
  CHECK(ended());
}
