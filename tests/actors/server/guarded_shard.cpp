// The shard that other processes reach: whom it answers what.
#include "actors/server/shard.hpp"
#include "tests/transport/frames.hpp"
#include "tests/virtual_time.hpp"

#include <limits>

using namespace adsp;

namespace {

/// To the shard the test is another process: it believes to live elsewhere.
struct fixture {
  fixture() : peer{world.system.node()} {}

  test::virtual_time world;
  caf::node_id peer;
  std::vector<std::string> lines;
  std::shared_ptr<adsp::access> rights = std::make_shared<adsp::access>(
      frames::somebody{1, 1}.id(), [this](const std::string& line) { lines.push_back(line); });
  shard_actor x =
      world.own(world.system.spawn(shard, host{2, copy_of(std::vector{1.0f, 1.0f}), {}}, rights));

  push update(std::uint64_t sequence, std::vector<float> values = {1, 0}) {
    return {{7, sequence}, 2, true, copy_of(values)};
  }
  bool takes(const push& commit) { return world.ask<fresh>(x, commit).has_value(); }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "commits and pulls of who may, of nobody else") {
  CHECK_FALSE(takes(update(1)));
  CHECK(world.error == ec::not_permitted);
  CHECK_FALSE(world.ask<fresh>(x, pull{2}));
  CHECK(world.error == ec::not_permitted);
  rights->permit(7, peer, "");
  CHECK(takes(update(1)));
  const auto now = world.ask<fresh>(x, pull{2});
  REQUIRE(now);
  CHECK(*now == fresh{2, 1, copy_of(std::vector{0.0f, 1.0f}), 0});
  // What the job returns to is the scheduler's to choose.
  CHECK_FALSE(world.ask<fresh>(x, pull{2, true}));
  auto other = update(2);
  other.id.worker = 8;
  CHECK_FALSE(takes(other));
  rights->revoke(peer);
  CHECK_FALSE(takes(update(2)));
  CHECK(lines.empty()); // a worker whose node is lost may not know it yet
}

TEST_CASE_FIXTURE(fixture, "orders of who does not lead change nothing") {
  rights->permit(7, peer, "");
  world.self->send(x, server_rate{9, 0.25});
  world.self->send(x, restore{4});
  world.self->send(x, keep_atom::value);
  world.settle();
  CHECK(takes(update(1)));
  CHECK(*world.ask<fresh>(x, pull{2}) == fresh{2, 1, copy_of(std::vector{0.0f, 1.0f}), 0});
}

TEST_CASE_FIXTURE(fixture, "orders of who does not lead answer no commit that waits") {
  rights->permit(7, peer, "");
  const auto rounds = world.own(world.system.spawn(
      shard, host{2, copy_of(std::vector{1.0f, 1.0f}), {.kind = sync::rule_kind::nesterov}},
      rights));
  world.self->request(rounds, caf::infinite, update(1));
  world.self->send(rounds, restore{4});
  world.self->send(rounds, close_round{1});
  world.settle();
  CHECK(world.self->mailbox().empty());
  const auto now = world.ask<fresh>(rounds, pull{2, false, false, 2});
  REQUIRE(now); // nor does a pull
  CHECK(now->version == 0);
  CHECK(world.self->mailbox().empty());
}

TEST_CASE_FIXTURE(fixture, "nonsense is answered, and the last of it ends the peer's part") {
  rights->permit(7, peer, "");
  SUBCASE("numbers that are none") {
    const auto nan = std::numeric_limits<float>::quiet_NaN();
    for (int i = 0; i < adsp::access::max_strikes; ++i) {
      CHECK_FALSE(takes(update(1, {nan, 0})));
      CHECK(world.error == ec::not_finite);
    }
  }
  SUBCASE("orders") {
    for (int i = 0; i < adsp::access::max_strikes; ++i)
      world.self->send(x, keep_atom::value);
    world.settle();
  }
  SUBCASE("messages that no shard takes") {
    for (int i = 0; i < adsp::access::max_strikes; ++i)
      world.self->send(caf::actor_cast<caf::actor>(x), finish{true, "done"});
    world.settle();
  }
  CHECK(lines.size() == 1);
  CHECK_FALSE(takes(update(1)));
  CHECK(world.error == ec::not_permitted);
}
