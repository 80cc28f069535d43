// The worker actor between mock neighbours: joining, training, exchanges and the end.
#include "tests/actors/worker/worker_neighbours.hpp"

using namespace adsp;
using fixture = test::worker_fixture;
using test::steps_of;
using test::tap;

TEST_CASE_FIXTURE(fixture, "a worker joins, pulls, trains and commits numbered updates") {
  start(tap(), steps_of(1));
  world.advance(3.5);
  REQUIRE(seen->joins.size() == 1);
  CHECK(seen->joins[0] == join{"w", test::tiny_parameters});
  CHECK(seen->pulls.size() == 2);
  REQUIRE(seen->pushes.size() == 6); // three steps, two shards
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(seen->pushes[i].id == commit_id{4, 1 + i / 2});
    CHECK(seen->pushes[i].pull);
    CHECK(seen->pushes[i].base == (i < 2 ? 0 : 1)); // the versions that the shards have handed out
  }
  REQUIRE(seen->reports.size() == 3);
  CHECK(seen->reports.back().worker == 4);
  CHECK(seen->reports.back().progress.steps == 3);
  CHECK(seen->reports.back().progress.commits == 3);
  CHECK(seen->reports.back().progress.compute == doctest::Approx(3));
}

TEST_CASE_FIXTURE(fixture, "a worker is told why it is refused, when nodes have been waited for") {
  seen->late_welcome.emplace();
  auto x = start(tap(), steps_of(1));
  world.self->monitor(x);
  world.advance(10.5); // longer than the scheduler waits for a permission
  caf::anon_send(boss, check_atom::value);
  world.advance(1);
  caf::error why;
  world.self->receive([&](const caf::down_msg& down) { why = down.reason; },
                      caf::after(std::chrono::seconds{0}) >> [] {});
  CHECK(why == ec::not_permitted);
}

TEST_CASE_FIXTURE(fixture, "a worker does not train before it is permitted to") {
  seen->instruction.permitted_commits = 0;
  auto x = start(tap(), steps_of(1));
  world.advance(10);
  CHECK(seen->pushes.empty());
  caf::anon_send(x, sync::instruction{2, sync::unlimited, 1, 1});
  world.advance(1.5);
  CHECK(seen->pushes.size() == 2);
  const auto last = world.ask<report>(x, report_atom::value);
  REQUIRE(last);
  CHECK(last->progress.wait == 0); // the time before the start is nobody's fault
}

TEST_CASE_FIXTURE(fixture, "an unanswered commit is sent again under the same number") {
  seen->silent_pushes = 1;
  start(tap(), steps_of(1));
  world.advance(1.5);
  CHECK(seen->pushes.size() == 2);
  CHECK(seen->reports.empty());
  world.advance(10); // the shard's timeout
  REQUIRE(seen->pushes.size() >= 3);
  CHECK(seen->pushes[2] == seen->pushes[0]);
  CHECK(seen->reports.size() >= 1);
  CHECK(seen->reports[0].progress.commits == 1);
}

TEST_CASE_FIXTURE(fixture, "a worker gives up when a shard stays silent") {
  seen->silent_pushes = 1000;
  auto x = start(tap(), steps_of(1));
  world.advance(60);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture, "a worker whose update is refused says why it ends") {
  seen->refuse_updates = true;
  auto x = start(tap(), steps_of(1));
  world.self->monitor(x);
  world.advance(2);
  world.self->receive([&](const caf::down_msg& down) { CHECK(down.reason == ec::not_finite); });
}

TEST_CASE_FIXTURE(fixture, "a worker ends when a shard answers for another one") {
  shard_size = test::tiny_parameters / 2; // both blocks are of one length
  seen->answer_as = 0;
  auto x = start(tap(), steps_of(1));
  world.self->monitor(x);
  world.advance(2);
  CHECK(seen->pushes.empty());
  caf::error why;
  world.self->receive([&](const caf::down_msg& down) { why = down.reason; },
                      caf::after(std::chrono::seconds{0}) >> [] {});
  CHECK(why == ec::wrong_shard);
}

TEST_CASE_FIXTURE(fixture, "links delay the exchange and their time is booked as communication") {
  auto group = steps_of(1);
  group.latency = 0.25;
  auto x = start(tap(), group);
  world.advance(0.6); // the first pull: a quarter second each way
  CHECK(seen->pulls.size() == 2);
  world.advance(1.0);
  CHECK(seen->pushes.empty()); // on the way
  world.advance(0.2);
  CHECK(seen->pushes.size() == 2);
  CHECK(seen->reports.empty());
  world.advance(0.25);
  CHECK(seen->reports.size() == 1);
  CHECK(seen->reports[0].progress.communicate == doctest::Approx(1.0));
  CHECK(seen->reports[0].progress.compute == doctest::Approx(1));
}

TEST_CASE_FIXTURE(fixture, "under a barrier a worker waits for the release, then pulls") {
  sync::options bsp;
  bsp.policy = sync::policy_kind::bsp;
  seen->instruction.permitted_commits = 1;
  auto x = start(bsp, steps_of(1));
  world.advance(5);
  CHECK(seen->pushes.size() == 2);
  CHECK_FALSE(seen->pushes[0].pull);
  CHECK(seen->pulls.size() == 2); // the first ones
  caf::anon_send(x, sync::instruction{2, 2, 1, 1});
  world.advance(0.5);
  CHECK(seen->pulls.size() == 4);
  const auto now = world.ask<report>(x, report_atom::value);
  REQUIRE(now);
  CHECK(now->progress.wait == doctest::Approx(4));
  CHECK(now->progress.compute == doctest::Approx(1.5)); // the step under way counts
}

TEST_CASE_FIXTURE(fixture, "a stopped worker answers with its counts and is gone") {
  auto x = start(tap(), steps_of(1));
  world.advance(2.5);
  const auto last = world.ask<report>(x, stop_atom::value);
  REQUIRE(last);
  CHECK(last->progress.steps == 2);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture, "a worker ends with its scheduler") {
  auto x = start(tap(), steps_of(1));
  world.advance(1.5);
  caf::anon_send_exit(boss, caf::exit_reason::kill);
  world.advance(1);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(fixture,
                  "an overlapped commit does not stop the steps, and the next waits for it") {
  sync::options knobs;
  knobs.check_period = 10;
  auto group = steps_of(0.5);
  group.latency = 2; // an exchange takes longer than the timer
  seen->instruction = {1, sync::unlimited, 1, 10};
  auto x = start(knobs, group);
  world.advance(4);  // the first pull
  world.advance(20); // 4 s a commit, begun at the step's end after the one before
  const auto now = world.ask<report>(x, report_atom::value);
  REQUIRE(now);
  CHECK(now->progress.steps == 40);
  CHECK(now->progress.commits == 4);
  CHECK(now->progress.communicate == doctest::Approx(4));
  CHECK(now->progress.wait == 0);
}

TEST_CASE_FIXTURE(fixture, "under a barrier a worker asks for the parameters of its round") {
  seen->instruction = {1, 0, 1, 1, 0, 7};
  sync::options barrier;
  barrier.policy = sync::policy_kind::bsp;
  auto x = start(barrier, steps_of(1));
  world.advance(1);
  REQUIRE(seen->pulls.size() == 2);
  CHECK(seen->pulls[1].round == 7);
  seen->instruction = {2, 1, 1, 1, 0, 7};
  caf::anon_send(x, seen->instruction);
  world.advance(1.5);
  caf::anon_send(x, sync::instruction{3, 2, 1, 1, 0, 8});
  world.advance(0.1);
  REQUIRE(seen->pulls.size() == 4);
  CHECK(seen->pulls[3].round == 8);
}
