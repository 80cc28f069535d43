// A worker that comes and goes at its times, or is asked to go.
#include "sync/adsp_options.hpp"
#include "tests/actors/worker/worker_neighbours.hpp"

#include <algorithm>

using namespace adsp;
using fixture = test::worker_fixture;
using test::steps_of;
using test::tap;

TEST_CASE_FIXTURE(fixture, "a device joins and leaves at its times") {
  auto group = steps_of(1);
  group.join = 5;
  group.leave = 9;
  auto x = start(tap(), group);
  world.advance(4.9);
  CHECK(seen->joins.empty());
  world.advance(3);
  CHECK(seen->joins.size() == 1);
  CHECK(seen->pushes.size() == 4); // two steps, two shards
  const auto reports = seen->reports.size();
  world.advance(2);
  REQUIRE(seen->reports.size() == reports + 2); // after the third step, and at the end
  CHECK(seen->reports.back().progress.compute == doctest::Approx(4));
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}

TEST_CASE_FIXTURE(
    fixture, "a worker that is told to go commits what no shard has yet, and waits for nobody") {
  sync::options rare = tap();
  SUBCASE("between two commits of a timer, overlapped") {
    rare.policy = sync::policy_kind::adsp;
    rare.adsp->step = sync::server_step::commit;
    rare.adsp->overlap = true;
  }
  SUBCASE("between two commits of a timer") {
    rare.policy = sync::policy_kind::adsp;
    rare.adsp->step = sync::server_step::commit;
    rare.adsp->overlap = false;
  }
  SUBCASE("before the tau steps are done") {
    rare.policy = sync::policy_kind::fixed_adacomm;
    rare.local_steps = 100;
  }
  seen->instruction = {1, sync::unlimited, 100, 1};
  rare.check_period = 1000;
  auto device = steps_of(1);
  device.latency = 0.25;
  auto x = start(rare, device);
  world.self->monitor(x);
  world.advance(3.7); // in the fourth step
  CHECK(seen->pushes.empty());
  caf::anon_send(x, farewell_atom::value);
  world.advance(2);
  CHECK(seen->pushes.size() == 2);
  REQUIRE_FALSE(seen->reports.empty());
  CHECK(seen->reports.back().progress.steps == 4);
  CHECK(seen->reports.back().progress.commits == 1);
  bool ended = false;
  world.self->receive([&](const caf::down_msg& gone) { ended = !gone.reason; },
                      caf::after(std::chrono::seconds{0}) >> [] {});
  CHECK(ended);
}

TEST_CASE_FIXTURE(fixture, "a worker that is told to go does not wait for the end of a round") {
  sync::options rounds;
  rounds.policy = sync::policy_kind::adsp;
  seen->instruction.round_length = 1000;
  seen->instruction.until_round = 2.5;
  seen->instruction.held_at_most = 1500;
  seen->holds = true;
  auto device = steps_of(1);
  device.latency = 0.25;
  double told = 0;
  std::uint64_t steps_made = 0; // the one under way is finished
  SUBCASE("for a commit that waits for it") {
    told = 6.2;
    steps_made = 6;
  }
  SUBCASE("for a commit on its way") {
    told = 3.6;
    steps_made = 4;
  }
  auto x = start(rounds, device);
  world.advance(told);
  caf::anon_send(x, farewell_atom::value);
  world.advance(2.5);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
  const auto& last = seen->reports.back().progress;
  CHECK(last.commits == 2);
  CHECK(last.steps == steps_made);
  std::uint64_t steps = 0;
  for (std::uint64_t sequence : {1U, 2U}) {
    const auto sent = std::ranges::find(seen->pushes, sequence,
                                        [](const push& each) { return each.id.sequence; });
    REQUIRE(sent != seen->pushes.end());
    steps += sent->steps;
  }
  CHECK(steps == last.steps);
}

TEST_CASE_FIXTURE(fixture, "a worker that is told to go does not commit void steps") {
  recovers = true;
  auto device = steps_of(1);
  device.latency = 0.25;
  std::size_t pushes = 0;
  SUBCASE("since the job has returned to an earlier state") {
    auto x = start(tap(), device);
    world.advance(0.7); // in the first step
    seen->instruction.revision += 1;
    seen->instruction.generation = 1;
    caf::anon_send(x, seen->instruction);
    caf::anon_send(x, farewell_atom::value);
  }
  SUBCASE("since the shards refuse the update under way") {
    seen->refuse_updates = true;
    auto x = start(tap(), device);
    world.advance(1.6); // the update is on its way
    pushes = 2;
    caf::anon_send(x, farewell_atom::value);
  }
  world.advance(5);
  CHECK(seen->pushes.size() == pushes);
  CHECK(seen->reports.back().progress.commits == 0);
}

TEST_CASE_FIXTURE(fixture, "a worker that has nothing to commit goes at once") {
  sync::options barrier;
  barrier.policy = sync::policy_kind::bsp;
  std::size_t pushes = 0;
  SUBCASE("before training") {
    seen->instruction.permitted_commits = 0;
  }
  SUBCASE("at a barrier") {
    seen->instruction.permitted_commits = 1;
    pushes = 2;
  }
  auto x = start(barrier, steps_of(1));
  world.advance(5);
  CHECK(seen->pushes.size() == pushes);
  caf::anon_send(x, farewell_atom::value);
  world.advance(0.1);
  CHECK(seen->pushes.size() == pushes);
  CHECK_FALSE(world.ask<report>(x, report_atom::value));
}
